//! The REST routes below `/api/v1/users/me/subscriptions`.

use super::{Handle, SORTS};
use crate::access::{Me, Viewer};
use crate::app::App;
use crate::channel::{Channel, view};
use crate::check::{Body, Check, Query, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::video::api::answer_list;
use crate::video::list::Scope;
use crate::wire::{self, Site};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Listed<'a> {
    total: i64,
    data: Vec<view::Channel<'a>>,
}

pub async fn list(State(app): State<App>, me: Me, Query(input): Query) -> Result<Response> {
    let paging = Paging::read(&input)?;
    let sort = Sort::read(&input, SORTS, "-createdAt")?;
    let mut check = Check::query(&input);
    let search = check.text("search", 1..=500).value();
    check.finish()?;
    let (total, channels) = super::list(&app, me.actor_id, search.as_deref(), paging, sort).await?;
    let site = Site::of(&app);
    let data = channels.iter().map(|it| view::channel(site, it)).collect();
    wire::json(&Listed { total, data })
}

pub async fn videos(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Query(input): Query,
) -> Result<Response> {
    answer_list(&app, &viewer, &input, Scope::Followed(me.actor_id)).await
}

const MESSAGE: &str = "Should have a valid URI to follow (username@domain)";

pub async fn add(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let uri = check.text_or("uri", 1..=500, MESSAGE);
    let uri = check.required("uri", uri).unwrap_or_default();
    let handle = Handle::parse(&app, &uri);
    if handle.is_none() {
        check.fail("uri", MESSAGE);
    }
    check.finish()?;
    if let Some(handle) = handle {
        super::subscribe(&app, &me, &handle).await?;
    }
    Ok(no_content())
}

/// For each of the asked handles whether the user follows it.
pub async fn exist(State(app): State<App>, me: Me, Query(input): Query) -> Result<Response> {
    let mut check = Check::query(&input);
    let uris = check.texts("uris", 1..=500, 1..=500);
    let uris = check.required("uris", uris).unwrap_or_default();
    let handles: Option<Vec<Handle>> = uris.iter().map(|uri| Handle::parse(&app, uri)).collect();
    if handles.is_none() {
        check.fail("uris", "Should have a valid array of URIs");
    }
    check.finish()?;
    let handles = handles.unwrap_or_default();
    let known = super::known(&app, me.actor_id, &handles).await?;
    let answer: Map<String, Value> = uris
        .into_iter()
        .zip(&handles)
        .map(|(uri, handle)| (uri, known.contains(handle).into()))
        .collect();
    wire::json(&answer)
}

async fn subscription(app: &App, me: &Me, uri: &str) -> Result<Channel> {
    let handle = Handle::parse(app, uri).ok_or_else(|| wrong_param("uri", uri))?;
    let found = super::find(app, me, &handle).await?;
    found.ok_or_else(|| Error::not_found(format!("Subscription {uri} not found.")))
}

pub async fn show(State(app): State<App>, me: Me, Path(uri): Path<String>) -> Result<Response> {
    let channel = subscription(&app, &me, &uri).await?;
    wire::json(&view::channel(Site::of(&app), &channel))
}

pub async fn remove(State(app): State<App>, me: Me, Path(uri): Path<String>) -> Result<Response> {
    let channel = subscription(&app, &me, &uri).await?;
    super::unsubscribe(&app, &me, &channel).await?;
    Ok(no_content())
}
