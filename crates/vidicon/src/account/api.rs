//! The REST routes of accounts, and log-in for programs: the OAuth password and refresh grants as
//! PeerTube's clients use them.

pub mod group;
pub mod invitation;
pub mod mute;
pub mod name;
pub mod passkey;
pub mod personal_token;
pub mod sessions;
pub mod two_factor;

use super::login::{self, Attempt};
use super::session::{self, Origin, Tokens};
use super::{User, view};
use crate::access::{Me, Viewer};
use crate::account::Right;
use crate::app::App;
use crate::check::{Body, Query};
use crate::error::{Error, Result};
use crate::instance;
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub async fn oauth_client(State(app): State<App>) -> Result<Json<Value>> {
    let (id, secret) = instance::oauth_client(&app.db, &app.clock).await?;
    Ok(Json(json!({ "client_id": id, "client_secret": secret })))
}

/// Is it a form of a program that has this site's id and secret?
pub async fn check_client(app: &App, headers: &HeaderMap, body: &Map<String, Value>) -> Result<()> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let detail = "Invalid request: content must be application/x-www-form-urlencoded";
        return Err(Error::bad_request(detail).code("invalid_request"));
    }
    let (id, secret) = instance::oauth_client(&app.db, &app.clock).await?;
    if field(body, "client_id") != id || field(body, "client_secret") != secret {
        return Err(Error::bad_request("Invalid client: client is invalid").code("invalid_client"));
    }
    Ok(())
}

pub async fn token(
    State(app): State<App>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    check_client(&app, &headers, &body).await?;
    let tokens = match field(&body, "grant_type") {
        "" => {
            return Err(
                Error::bad_request("Missing parameter: `grant_type`").code("invalid_request")
            );
        }
        "password" => by_password(&app, &body, &headers, &origin).await?,
        "refresh_token" => by_refresh(&app, &body, &origin).await?,
        _ => {
            let detail = "Unsupported grant type: `grant_type` is invalid";
            return Err(Error::bad_request(detail).code("unsupported_grant_type"));
        }
    };
    Ok(answer(&app, &tokens))
}

async fn by_password(
    app: &App,
    body: &Map<String, Value>,
    headers: &HeaderMap,
    origin: &Origin,
) -> Result<Tokens> {
    let (name, given) = (field(body, "username"), field(body, "password"));
    if name.is_empty() || given.is_empty() {
        return Err(
            Error::bad_request("Missing parameter: `username` or `password`")
                .code("invalid_request"),
        );
    }
    let otp = headers
        .get("x-peertube-otp")
        .and_then(|value| value.to_str().ok());
    login::log_in(
        app,
        Attempt {
            name,
            password: given,
            otp,
        },
        origin,
    )
    .await
}

async fn by_refresh(app: &App, body: &Map<String, Value>, origin: &Origin) -> Result<Tokens> {
    let given = field(body, "refresh_token");
    if given.is_empty() {
        return Err(
            Error::bad_request("Missing parameter: `refresh_token`").code("invalid_request")
        );
    }
    let invalid =
        || Error::bad_request("Invalid grant: refresh token is invalid").code("invalid_grant");
    session::refresh(app, given, origin)
        .await?
        .ok_or_else(invalid)
}

fn field<'b>(body: &'b Map<String, Value>, name: &str) -> &'b str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The answer that gives a program its tokens.
pub fn answer(app: &App, tokens: &Tokens) -> Response {
    let left = |until: i64| (until - app.clock.now() - 1) / 1000;
    let body = json!({
        "token_type": "Bearer",
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_in": left(tokens.access_expires_at),
        "refresh_token_expires_in": left(tokens.refresh_expires_at),
    });
    let unkept = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    (unkept, Json(body)).into_response()
}

/// Ends the session that the request came with.
pub async fn revoke(State(app): State<App>, viewer: Viewer) -> Result<Json<Value>> {
    if let Some(signed_in) = viewer.signed_in {
        session::end(&app, signed_in.session_id).await?;
    }
    Ok(Json(json!({ "success": true })))
}

pub async fn feed_token(State(app): State<App>, me: Me) -> Result<Json<Value>> {
    Ok(Json(
        json!({ "feedToken": super::feed_token(&app, me.id).await? }),
    ))
}

pub async fn renew_feed_token(State(app): State<App>, me: Me) -> Result<Json<Value>> {
    Ok(Json(
        json!({ "feedToken": super::renew_feed_token(&app, me.id).await? }),
    ))
}

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt"], "-createdAt")?;
    let (total, profiles) = super::profiles(&app, paging, sort).await?;
    Ok(Listed::new(total, view::accounts(&app, &profiles).await?))
}

pub async fn show(State(app): State<App>, Path(handle): Path<String>) -> Result<Json<Value>> {
    let profile = super::profile(&app, &handle).await?;
    Ok(Json(view::account(&app, &profile).await?))
}

/// May this user act on the other one? Everybody on themselves; administrators on all,
/// moderators on plain users.
pub fn may_manage(me: &User, other: &User) -> Result<()> {
    let allowed = me.id == other.id || (me.has(Right::ManageUsers) && me.role.outranks(other.role));
    if allowed {
        Ok(())
    } else {
        Err(Error::forbidden("You are not allowed to manage this user."))
    }
}
