//! The collections of our actors: who follows them, whom they follow, what they have published.

use super::store::{self, ActorRow};
use super::{document, local};
use crate::app::App;
use crate::error::{Error, Result};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use fediverse::collection::{self, PAGE_SIZE};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Pages count from 1; without one the head is meant.
pub fn page_number(query: &HashMap<String, String>) -> Result<Option<i64>> {
    let Some(text) = query.get("page") else { return Ok(None) };
    let number = text.parse().ok().filter(|number| (1..=1_000_000).contains(number));
    number.map(Some).ok_or_else(|| Error::bad_request("page is not a number from 1"))
}

/// A head, or one page whose items come from `items(start, count)`.
pub fn show(id: &str, page: Option<i64>, total: i64, items: Vec<Value>) -> Response {
    document::answer(&match page {
        None => collection::collection(id, total),
        Some(page) => collection::page(id, page, total, items),
    })
}

pub async fn account_followers(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    follows(&app, "accounts", &name, true, &query).await
}

pub async fn account_following(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    follows(&app, "accounts", &name, false, &query).await
}

pub async fn channel_followers(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    follows(&app, "video-channels", &name, true, &query).await
}

pub async fn channel_following(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    follows(&app, "video-channels", &name, false, &query).await
}

pub async fn own(app: &App, folder: &str, name: &str) -> Result<ActorRow> {
    if !app.config.federation.enabled {
        return Err(Error::not_found("Federation is switched off here."));
    }
    let found = local::own_actor(app, folder, name).await?;
    found.ok_or_else(|| Error::not_found("There is no such actor here."))
}

async fn follows(
    app: &App,
    folder: &str,
    name: &str,
    followers: bool,
    query: &HashMap<String, String>,
) -> Result<Response> {
    let actor = own(app, folder, name).await?;
    let page = page_number(query)?;
    let total = if followers { actor.follower_count } else { actor.following_count };
    let mut items = Vec::new();
    if let Some(page) = page {
        let start = (page - 1) * PAGE_SIZE;
        for (url, kind, name) in store::follow_urls(&app.db, actor.id, followers, start, PAGE_SIZE).await? {
            items.push(json!(url.unwrap_or_else(|| local::own_url(app, &kind, &name))));
        }
    }
    let part = if followers { "followers" } else { "following" };
    let id = format!("{}/{part}", local::actor_url(app, &actor));
    Ok(show(&id, page, total, items))
}
