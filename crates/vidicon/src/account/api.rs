//! Log-in for programs: the OAuth password and refresh grants as PeerTube's clients use them.

use super::session::{self, Origin, Tokens};
use super::{User, password, store};
use crate::app::App;
use crate::check::Body;
use crate::error::{Error, Result};
use crate::instance;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub async fn oauth_client(State(app): State<App>) -> Result<Json<Value>> {
    let (id, secret) = instance::oauth_client(&app.db, &app.clock).await?;
    Ok(Json(json!({ "client_id": id, "client_secret": secret })))
}

pub async fn token(
    State(app): State<App>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let detail = "Invalid request: content must be application/x-www-form-urlencoded";
        return Err(Error::bad_request(detail).code("invalid_request"));
    }
    let (id, secret) = instance::oauth_client(&app.db, &app.clock).await?;
    if field(&body, "client_id") != id || field(&body, "client_secret") != secret {
        return Err(Error::bad_request("Invalid client: client is invalid").code("invalid_client"));
    }
    let tokens = match field(&body, "grant_type") {
        "" => {
            return Err(
                Error::bad_request("Missing parameter: `grant_type`").code("invalid_request")
            );
        }
        "password" => by_password(&app, &body, &origin).await?,
        "refresh_token" => by_refresh(&app, &body, &origin).await?,
        _ => {
            let detail = "Unsupported grant type: `grant_type` is invalid";
            return Err(Error::bad_request(detail).code("unsupported_grant_type"));
        }
    };
    Ok(answer(&app, &tokens))
}

async fn by_password(app: &App, body: &Map<String, Value>, origin: &Origin) -> Result<Tokens> {
    let (name, given) = (field(body, "username"), field(body, "password"));
    if name.is_empty() || given.is_empty() {
        return Err(
            Error::bad_request("Missing parameter: `username` or `password`")
                .code("invalid_request"),
        );
    }
    let user = check(app, name, given).await?;
    session::start(app, user.id, origin).await
}

/// Finds the user whose name (or mail address) and password these are.
pub async fn check(app: &App, name: &str, given: &str) -> Result<User> {
    let wrong =
        || Error::bad_request("Invalid grant: user credentials are invalid").code("invalid_grant");
    let Some((credentials, user)) = store::user_by_login(&app.db, name).await? else {
        password::pretend(given).await?;
        return Err(wrong());
    };
    let hash = credentials.password_hash.as_deref().unwrap_or_default();
    if !password::fits(given, hash).await? {
        return Err(wrong());
    }
    if user.blocked {
        return Err(Error::bad_request("User is blocked.").code("access_denied"));
    }
    Ok(user)
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

fn answer(app: &App, tokens: &Tokens) -> Response {
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
