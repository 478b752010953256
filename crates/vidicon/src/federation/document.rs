//! What is served to programs that ask for ActivityPub, on the addresses where people get pages.

use super::{local, store};
use crate::app::App;
use crate::error::Result;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

pub const CONTENT_TYPE: &str = "application/activity+json; charset=utf-8";

/// Answers with the document when one is asked for and there is one; lets all else pass.
pub async fn negotiate(State(app): State<App>, request: Request, next: Next) -> Response {
    let asked = matches!(*request.method(), Method::GET | Method::HEAD)
        && app.config.federation.enabled
        && wants_document(request.headers());
    if asked {
        let path = request.uri().path().to_owned();
        match find(&app, &path).await {
            Ok(Some(found)) => return found,
            Ok(None) => {}
            Err(error) => return error.into_response(),
        }
    }
    let mut response = next.run(request).await;
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// Whether ActivityPub is asked for before, or without, a page.
pub fn wants_document(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kinds = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    for kind in kinds {
        match kind {
            "application/activity+json" | "application/ld+json" => return true,
            "text/html" | "application/xhtml+xml" => return false,
            _ => {}
        }
    }
    false
}

/// A document as an answer.
pub fn answer(document: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE)),
        (header::VARY, HeaderValue::from_static("Accept")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (StatusCode::OK, headers, document.to_string()).into_response()
}

/// To the server where a thing lives.
fn elsewhere(url: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, url.to_owned())]).into_response()
}

async fn find(app: &App, path: &str) -> Result<Option<Response>> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match segments.as_slice() {
        [folder @ ("accounts" | "a" | "video-channels" | "c"), name] => actor(app, folder, name).await,
        _ => Ok(None),
    }
}

async fn actor(app: &App, folder: &str, name: &str) -> Result<Option<Response>> {
    if let Some((name, host)) = name.split_once('@') {
        let found = store::actor_by_name(&app.db, name, host).await?;
        let found = found.filter(|actor| !actor.is_local() && actor.deleted_at.is_none());
        return Ok(found.and_then(|actor| actor.url).map(|url| elsewhere(&url)));
    }
    match local::own_actor(app, folder, name).await? {
        Some(actor) => Ok(Some(answer(&local::document(app, &actor).await?.to_json()))),
        None => Ok(None),
    }
}
