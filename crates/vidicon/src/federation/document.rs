//! What is served to programs that ask for ActivityPub, on the addresses where people get pages.

use super::{local, store, video_out};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{Privacy, Video, VideoRef};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fediverse::context::Context;
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
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// Whether ActivityPub is asked for before, or without, a page.
pub fn wants_document(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kinds = accept
        .split(',')
        .map(|kind| kind.split(';').next().unwrap_or_default().trim());
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
        (
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        ),
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
        [folder @ ("accounts" | "a" | "video-channels" | "c"), name] => {
            actor(app, folder, name).await
        }
        ["videos", "watch", name] | ["w", name] => watched(app, name).await.map(Some),
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

/// A video of ours, or the way to one of another server. What is not public is not there.
async fn watched(app: &App, name: &str) -> Result<Response> {
    let video = federated(app, name).await?;
    match &video.url {
        Some(url) if !video.is_local => Ok(elsewhere(url)),
        _ => {
            let document = video_out::document(app, &video).await?.to_json();
            Ok(answer(&Context::Video.on(document)))
        }
    }
}

/// The video of a path, if others may know of it.
pub async fn federated(app: &App, name: &str) -> Result<Video> {
    let nothing = || Error::not_found("There is no such video here.");
    let by = VideoRef::parse(name)
        .filter(|by| matches!(by, VideoRef::Uuid(_)))
        .ok_or_else(nothing)?;
    let video = crate::video::find(app, by).await?;
    let elsewhere = !video.is_local && video.privacy == Privacy::Public && !video.blocked;
    if elsewhere || video_out::is_federated(&video) {
        Ok(video)
    } else {
        Err(nothing())
    }
}
