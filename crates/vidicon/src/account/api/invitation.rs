//! The REST routes of invitations.

use crate::access::Me;
use crate::account::invitation::{self, Invitation, InvitationId, NewInvitation};
use crate::app::App;
use crate::check::{self, Body, Check, Query, iso};
use crate::error::{Error, Result, no_content};
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

type List = Result<Json<Listed<Value>>>;

pub async fn mine(State(app): State<App>, me: Me, Query(query): Query) -> List {
    let paging = Paging::read(&query)?;
    let (total, found) = invitation::list(&app, Some(me.id), paging).await?;
    Ok(Listed::new(
        total,
        found.iter().map(|it| view(&app, it)).collect(),
    ))
}

pub async fn all(State(app): State<App>, Query(query): Query) -> List {
    let paging = Paging::read(&query)?;
    let (total, found) = invitation::list(&app, None, paging).await?;
    Ok(Listed::new(
        total,
        found.iter().map(|it| view(&app, it)).collect(),
    ))
}

pub async fn create(State(app): State<App>, me: Me, Body(body): Body) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let note = check.text("note", 1..=500).value();
    let max_uses = check.int("maxUses", 1..=1000).or(1);
    let expires_at = check.date("expiresAt").value();
    if expires_at.is_some_and(|at| at <= app.clock.now()) {
        check.fail("expiresAt", "Should be in the future");
    }
    check.finish()?;
    let new = NewInvitation {
        note,
        max_uses,
        expires_at,
    };
    let made = invitation::add(&app, &me, &new).await?;
    Ok(Json(json!({ "invitation": view(&app, &made) })))
}

pub async fn delete(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let id: InvitationId = check::id("id", &id)?;
    invitation::remove(&app, &me, id).await?;
    Ok(no_content())
}

/// What somebody may know who was given a code.
pub async fn look_up(State(app): State<App>, Path(code): Path<String>) -> Result<Json<Value>> {
    let found = invitation::usable(&app, &code).await?;
    let found = found.ok_or_else(|| Error::not_found("Invitation not found"))?;
    Ok(Json(json!({
        "inviter": found.inviter_username, "expiresAt": found.expires_at.map(iso),
    })))
}

fn view(app: &App, it: &Invitation) -> Value {
    let guests: Vec<&str> = it
        .guests
        .as_deref()
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    json!({
        "id": it.id, "code": it.code, "url": app.url(&format!("/signup?invitation={}", it.code)),
        "inviter": it.inviter_username, "note": it.note, "maxUses": it.max_uses, "uses": it.uses,
        "guests": guests, "expiresAt": it.expires_at.map(iso), "createdAt": iso(it.created_at),
    })
}
