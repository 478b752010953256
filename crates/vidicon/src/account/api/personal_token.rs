//! The REST routes of one's own access tokens.

use crate::access::Me;
use crate::account::personal_token::{self, DOMAINS, PersonalToken, PersonalTokenId, is_scope};
use crate::app::App;
use crate::check::{self, Body, Check, Query, iso};
use crate::error::{Result, no_content};
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

pub async fn list(
    State(app): State<App>,
    me: Me,
    Query(query): Query,
) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let (total, found) = personal_token::list(&app, me.id, paging).await?;
    Ok(Listed::new(total, found.iter().map(view).collect()))
}

pub async fn create(State(app): State<App>, me: Me, Body(body): Body) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let name = check.trimmed("name", 1..=100, "Should have a name of 1 to 100 characters");
    let name = check.required("name", name).unwrap_or_default();
    let scopes = check.texts("scopes", 1..=2 * DOMAINS.len(), 1..=50);
    let scopes = check.required("scopes", scopes).unwrap_or_default();
    if !scopes.iter().all(|scope| is_scope(scope)) {
        check.fail("scopes", "Should have known scopes, such as videos:read");
    }
    let expires_at = check.date("expiresAt").value();
    if expires_at.is_some_and(|at| at <= app.clock.now()) {
        check.fail("expiresAt", "Should be in the future");
    }
    check.finish()?;
    let (id, text) = personal_token::add(&app, &me, &name, &scopes, expires_at).await?;
    Ok(Json(
        json!({ "accessToken": { "id": id, "token": text, "scopes": scopes } }),
    ))
}

pub async fn delete(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let id: PersonalTokenId = check::id("id", &id)?;
    personal_token::remove(&app, me.id, id).await?;
    Ok(no_content())
}

fn view(it: &PersonalToken) -> Value {
    let scopes: Vec<&str> = it.scopes.split_ascii_whitespace().collect();
    json!({
        "id": it.id, "name": it.name, "scopes": scopes, "expiresAt": it.expires_at.map(iso),
        "lastUsedAt": it.last_used_at.map(iso), "lastUsedIP": it.last_ip,
        "createdAt": iso(it.created_at),
    })
}
