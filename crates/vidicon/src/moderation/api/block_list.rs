//! The REST routes of shared block lists.

use super::super::block_list::{self, Subscription};
use crate::app::App;
use crate::check::{self, Body, Check, Query, iso};
use crate::error::{Result, no_content};
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

pub async fn public_log(State(app): State<App>, Query(query): Query) -> Result<Json<Value>> {
    let mut check = Check::query(&query);
    let from = check.date("startDate");
    let from = check.required("startDate", from);
    check.finish()?;
    let from = from.unwrap_or_default();
    Ok(Json(block_list::public_log(&app, from).await?))
}

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt"], "-createdAt")?;
    let search = query.get("search").and_then(Value::as_str);
    let search = search.filter(|text| !text.is_empty());
    let (total, found) = block_list::list(&app, search, paging, sort).await?;
    Ok(Listed::new(total, found.iter().map(view).collect()))
}

pub async fn subscribe(State(app): State<App>, Body(body): Body) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let url = check.text("url", 3..=2000);
    let url = check.required("url", url).unwrap_or_default();
    let is_web = url::Url::parse(&url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    if !is_web {
        check.fail("url", "Should have a valid url");
    }
    check.finish()?;
    Ok(Json(view(&block_list::subscribe(&app, &url).await?)))
}

pub async fn unsubscribe(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    block_list::unsubscribe(&app, check::id("id", &id)?).await?;
    Ok(no_content())
}

fn view(it: &Subscription) -> Value {
    json!({
        "id": it.id, "name": it.name, "url": it.url, "mutedAccountsCount": it.accounts,
        "mutedServersCount": it.servers, "lastSyncAt": it.last_sync_at.map(iso),
        "error": it.error, "createdAt": iso(it.created_at), "updatedAt": iso(it.updated_at),
    })
}
