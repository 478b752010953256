//! The REST routes of passkeys.

use super::answer;
use crate::access::{self, Me};
use crate::account::passkey::{self, Credential, PasskeyId};
use crate::account::session::{self, Origin};
use crate::app::App;
use crate::check::{self, Body, Check, iso};
use crate::error::{Error, Result, created, no_content};
use crate::listing::Listed;
use crate::page::cookie;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

pub async fn list(State(app): State<App>, me: Me) -> Result<Json<Listed<Value>>> {
    let found = passkey::list(&app, me.id).await?;
    let one = |key: &passkey::Passkey| {
        json!({
            "id": key.id, "name": key.name, "lastUsedAt": key.last_used_at.map(iso),
            "createdAt": iso(key.created_at),
        })
    };
    let total = i64::try_from(found.len()).unwrap_or(0);
    Ok(Listed::new(total, found.iter().map(one).collect()))
}

pub async fn creation_options(State(app): State<App>, me: Me) -> Result<Json<Value>> {
    let options = passkey::creation_options(&app, &me).await?;
    Ok(Json(json!({ "publicKey": options })))
}

pub async fn create(State(app): State<App>, me: Me, Body(body): Body) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let name = check.trimmed("name", 1..=100, "Should have a name of 1 to 100 characters");
    let name = check.required("name", name).unwrap_or_default();
    let credential = read(&mut check, &body);
    check.finish()?;
    let credential = credential.ok_or_else(|| Error::bad_request("Invalid value"))?;
    let id = passkey::add(&app, &me, &name, &credential).await?;
    Ok(created("passkey", json!({ "id": id })))
}

pub async fn delete(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let id: PasskeyId = check::id("id", &id)?;
    passkey::remove(&app, me.id, id).await?;
    Ok(no_content())
}

pub async fn request_options(State(app): State<App>) -> Result<Json<Value>> {
    let options = passkey::request_options(&app).await?;
    Ok(Json(json!({ "publicKey": options })))
}

/// Logs a program in, as `POST /users/token` does.
pub async fn log_in(State(app): State<App>, origin: Origin, Body(body): Body) -> Result<Response> {
    let user = passkey::recognize(&app, &credential(&body)?).await?;
    let tokens = session::start(&app, user.id, &origin).await?;
    Ok(answer(&app, &tokens))
}

/// Logs a browser in: the answer sets its cookie.
pub async fn log_in_browser(
    State(app): State<App>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    if !access::same_origin(&app, &headers) {
        return Err(Error::forbidden(
            "This came from another site, so it was not done.",
        ));
    }
    let user = passkey::recognize(&app, &credential(&body)?).await?;
    let tokens = session::start_in_browser(&app, user.id, &origin).await?;
    let mut response = no_content();
    cookie::set_session(&app, response.headers_mut(), &tokens, true);
    Ok(response)
}

fn credential(body: &Map<String, Value>) -> Result<Credential> {
    let mut check = Check::body(body);
    let credential = read(&mut check, body);
    check.finish()?;
    credential.ok_or_else(|| Error::bad_request("Invalid value"))
}

fn read(check: &mut Check<'_>, body: &Map<String, Value>) -> Option<Credential> {
    let given = body.get("credential").cloned().unwrap_or_default();
    let read = serde_json::from_value(given).ok();
    if read.is_none() {
        check.fail(
            "credential",
            "Should have a credential as browsers write it",
        );
    }
    read
}
