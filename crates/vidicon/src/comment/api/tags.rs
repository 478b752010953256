//! The REST routes of automatic tags: which there are, and what they lead to.

use super::super::tag;
use crate::access::Me;
use crate::account::{self, AccountId, User};
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Error, Result, no_content};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// The account of a path, which must be the asker's own.
pub async fn own(app: &App, me: &User, name: &str) -> Result<Option<AccountId>> {
    let account = account::profile(app, name).await?;
    if account.account_id != me.account_id {
        return Err(Error::forbidden(
            "Cannot manage the lists of another account.",
        ));
    }
    Ok(Some(account.account_id))
}

pub async fn mine(State(app): State<App>, me: Me, Path(name): Path<String>) -> Result<Json<Value>> {
    let account = own(&app, &me, &name).await?;
    available(&app, account).await
}

pub async fn of_site(State(app): State<App>) -> Result<Json<Value>> {
    available(&app, None).await
}

async fn available(app: &App, account: Option<AccountId>) -> Result<Json<Value>> {
    let mut available = vec![json!({ "name": tag::EXTERNAL_LINK, "type": "core" })];
    for name in tag::list_names(app, account).await? {
        available.push(json!({ "name": name, "type": "watched-words-list" }));
    }
    Ok(Json(json!({ "available": available })))
}

pub async fn review(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
) -> Result<Json<Value>> {
    own(&app, &me, &name).await?;
    Ok(Json(
        json!({ "review": tag::review(&app, me.account_id).await? }),
    ))
}

pub async fn set_review(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    own(&app, &me, &name).await?;
    let tags = tags(&body, "review")?;
    tag::set_review(&app, me.account_id, &tags).await?;
    Ok(no_content())
}

pub async fn block(State(app): State<App>) -> Result<Json<Value>> {
    Ok(Json(json!({ "autoBlock": tag::block(&app).await? })))
}

pub async fn set_block(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let tags = tags(&body, "autoBlock")?;
    tag::set_block(&app, &tags).await?;
    Ok(no_content())
}

fn tags(body: &Map<String, Value>, name: &str) -> Result<Vec<String>> {
    let mut check = Check::body(body);
    let tags = check.texts(name, 0..=1_000, 0..=1_000);
    let tags = check.required(name, tags).unwrap_or_default();
    check.finish()?;
    Ok(tags)
}
