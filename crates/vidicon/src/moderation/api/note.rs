//! The REST routes of moderators' notes.

use super::super::note;
use crate::access::Me;
use crate::account::{self, AccountId, view as account_view};
use crate::app::App;
use crate::check::{self, Body, Check, Query, iso};
use crate::error::{Result, created, no_content};
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

pub async fn list(
    State(app): State<App>,
    Path(handle): Path<String>,
    Query(query): Query,
) -> Result<Json<Listed<Value>>> {
    let about = account::profile(&app, &handle).await?;
    let paging = Paging::read(&query)?;
    let (total, found) = note::list(&app, about.account_id, paging).await?;
    let mut authors: Vec<AccountId> = found.iter().filter_map(|it| it.author_account_id).collect();
    authors.sort_unstable();
    authors.dedup();
    let accounts = account_view::summaries_by_id(&app, &authors).await?;
    let one = |it: &note::Note| {
        json!({
            "id": it.id, "note": it.note, "createdAt": iso(it.created_at),
            "account": it.author_account_id.and_then(|id| accounts.get(&id)),
        })
    };
    Ok(Listed::new(total, found.iter().map(one).collect()))
}

pub async fn write(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>> {
    let about = account::profile(&app, &handle).await?;
    let mut check = Check::body(&body);
    let text = check.text("note", 2..=3000);
    let text = check.required("note", text).unwrap_or_default();
    check.finish()?;
    let id = note::write(&app, &me, about.account_id, &text).await?;
    Ok(created("moderatorNote", json!({ "id": id })))
}

pub async fn remove(
    State(app): State<App>,
    Path((handle, id)): Path<(String, String)>,
) -> Result<Response> {
    let about = account::profile(&app, &handle).await?;
    let id: base::Id<()> = check::id("noteId", &id)?;
    note::remove(&app, about.account_id, id.0).await?;
    Ok(no_content())
}
