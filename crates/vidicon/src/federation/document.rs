//! What is served to programs that ask for ActivityPub, on the addresses where people get pages.

use super::{door, local, playlist_out, store, video_out};
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
    let looks =
        matches!(*request.method(), Method::GET | Method::HEAD) && app.config.federation.enabled;
    let asked = looks && wants_document(request.headers());
    let path = request.uri().path().to_owned();
    if asked || (looks && is_for_programs(&path)) {
        let target = request
            .uri()
            .path_and_query()
            .map_or(path.as_str(), |target| target.as_str());
        if let Err(error) = door::check_fetch(&app, target, request.headers()).await {
            return error.into_response();
        }
    }
    if asked {
        let query = request.uri().query().unwrap_or_default().to_owned();
        match find(&app, &path, &query).await {
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

/// Below actors, videos and playlists there is nothing but for programs.
fn is_for_programs(path: &str) -> bool {
    let mut segments = path.trim_matches('/').split('/');
    let deep = match segments.next() {
        Some("accounts" | "video-channels" | "video-playlists" | "redundancy") => 2,
        Some("videos") if segments.next() == Some("watch") => 2,
        _ => return false,
    };
    segments.count() >= deep
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

async fn find(app: &App, path: &str, query: &str) -> Result<Option<Response>> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match segments.as_slice() {
        [folder @ ("accounts" | "account" | "a"), name]
        | [
            folder @ ("accounts" | "account" | "a"),
            name,
            "video-channels",
        ]
        | [folder @ ("video-channels" | "c"), name]
        | [folder @ ("video-channels" | "c"), name, "videos"] => {
            actor(app, folder, name).await?.ok_or_else(nobody).map(Some)
        }
        ["videos", "watch", "playlist", name] | ["w", "p", name] | ["video-playlists", name] => {
            playlist(app, name, query).await.map(Some)
        }
        ["videos", "watch", name] | ["w", name] => watched(app, name).await.map(Some),
        [handle] if handle.starts_with('@') => {
            let name = handle.trim_start_matches('@');
            match actor(app, "accounts", name).await? {
                Some(found) => Ok(Some(found)),
                None => {
                    let channel = actor(app, "video-channels", name).await?;
                    channel.ok_or_else(nobody).map(Some)
                }
            }
        }
        _ => Ok(None),
    }
}

fn nobody() -> Error {
    Error::not_found("There is no actor of this name.")
}

async fn actor(app: &App, folder: &str, name: &str) -> Result<Option<Response>> {
    let here = app.host();
    let (name, host) = match name.split_once('@') {
        Some((name, host)) if host == here => (name, ""),
        Some((name, host)) => (name, host),
        None => (name, ""),
    };
    if !host.is_empty() {
        let found = store::actor_by_name(&app.db, name, host).await?;
        let found = found.filter(|actor| !actor.is_local() && actor.deleted_at.is_none());
        return Ok(found.and_then(|actor| actor.url).map(|url| elsewhere(&url)));
    }
    match local::own_actor(app, folder, name).await? {
        Some(actor) => Ok(Some(answer(&local::document(app, &actor).await?.to_json()))),
        None => Ok(None),
    }
}

/// A playlist of ours, or the way to one of another server.
async fn playlist(app: &App, name: &str, query: &str) -> Result<Response> {
    if let Some(VideoRef::Uuid(uuid)) = VideoRef::parse(name)
        && let Some(known) = store::playlist_by_uuid(&app.db, uuid).await?
        && let (false, 1, Some(url)) = (known.is_local, known.privacy, &known.url)
    {
        return Ok(elsewhere(url));
    }
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let query = pairs.into_owned().collect();
    playlist_out::answer(app, name, &query).await
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
    if elsewhere || video_out::is_federated(app, &video) {
        Ok(video)
    } else {
        Err(nothing())
    }
}
