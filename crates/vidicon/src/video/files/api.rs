//! The addresses below `/static` and what the API tells of files. The short and the `private`
//! address of a file are the same to us: who may have it follows from the video.

use super::send::{Caching, Manner, blob, blob_from, content_type, stored};
use super::{ahead, check_access, growing, key, playlist, store};
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use base::storage::{Blob, Class, Storage};
use serde_json::{Map, Value};
use std::time::Duration;
use uuid::Uuid;

/// `/static/streaming-playlists/hls/{uuid}/{file}`, and below `private/`.
pub async fn hls(
    State(app): State<App>,
    Path((video, file)): Path<(String, String)>,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let (request, _) = request.into_parts();
    let uuid = Uuid::try_parse(&video).map_err(|_| Error::not_found("Video not found"))?;
    let token = token(&query);
    let is_open = check_access(&app, &request, uuid, token).await?;
    let key = key(uuid, &file);
    if file.ends_with(".mp4") {
        return rendition(&app, &key, &request, is_open).await;
    }
    let again = query.get("reinjectVideoFileToken").and_then(Value::as_str);
    let again = token.filter(|_| matches!(again, Some("true" | "1")));
    if app.storage.is_in_bucket(Class::Rendition) {
        return from_bucket(&app, (uuid, &file), again, is_open).await;
    }
    match again {
        Some(token) => tokenized(&app, &key, token).await,
        None => {
            let manner = Manner {
                content_type: content_type(&file),
                caching: if is_open {
                    Caching::Revalidate
                } else {
                    Caching::Private
                },
                attachment: None,
            };
            stored(&app, (Class::Playlist, &key), &request.headers, &manner).await
        }
    }
}

/// A playlist whose rendition viewers load from the bucket, without a detour for each segment.
async fn from_bucket(
    app: &App,
    (uuid, file): (Uuid, &str),
    token: Option<&str>,
    is_open: bool,
) -> Result<Response> {
    let place = (Class::Playlist, &*key(uuid, file));
    let not_found = || Error::not_found("There is no such file.");
    let bytes = app
        .storage
        .get(place.0, place.1, playlist::LARGEST_BYTES)
        .await
        .map_err(|error| {
            if error.is_not_found() {
                not_found()
            } else {
                Error::internal(error)
            }
        })?;
    let text = String::from_utf8_lossy(&bytes);
    let named = playlist::rendition_of(&text).filter(|_| text.ends_with("#EXT-X-ENDLIST\n"));
    let address = match named {
        Some(name) => address(app, &key(uuid, name), is_open).await?,
        None => None,
    };
    let text = match (named.zip(address), token) {
        (Some((name, address)), _) => playlist::with_address(&text, name, &address),
        (None, Some(token)) => playlist::with_token(&text, token),
        (None, None) => text.into_owned(),
    };
    let kept = if is_open {
        "no-cache"
    } else {
        "private, no-store"
    };
    let headers = [
        (header::CONTENT_TYPE, content_type(file)),
        (header::CACHE_CONTROL, kept),
    ];
    Ok((headers, text).into_response())
}

/// How long a signed address of a rendition holds: a long film with a pause in it.
const SIGNED_LIFE: Duration = Duration::from_secs(12 * 3600);

/// Where a viewer gets a whole rendition from, when that is not here.
async fn address(app: &App, key: &str, is_open: bool) -> Result<Option<String>> {
    let place = (Class::Rendition, key);
    let found = app.storage.address(place, is_open, SIGNED_LIFE, None).await;
    found.map_err(Error::internal)
}

/// `/static/web-videos/{file}`, and below `private/`.
pub async fn web_video(
    State(app): State<App>,
    Path(file): Path<String>,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let (request, _) = request.into_parts();
    let found = store::by_name(&app.db, &file).await?;
    let (uuid,) = found.ok_or_else(|| Error::not_found("There is no such file."))?;
    let is_open = check_access(&app, &request, uuid, token(&query)).await?;
    rendition(&app, &key(uuid, &file), &request, is_open).await
}

/// A rendition from where it is complete, or from where it grows.
async fn rendition(app: &App, key: &str, asked: &Parts, is_open: bool) -> Result<Response> {
    let whole = if is_open {
        Caching::Forever
    } else {
        Caching::Private
    };
    let growing = growing(app);
    let manner = |caching| Manner {
        content_type: content_type(key),
        caching,
        attachment: None,
    };
    if app.storage.is_in_bucket(Class::Rendition) {
        if let Some(early) = grown(app, &growing, key, asked, &manner(Caching::Never)).await? {
            return Ok(early);
        }
        if let Some(url) = address(app, key, is_open).await? {
            let kept = [(header::CACHE_CONTROL, "private, max-age=3600")];
            return Ok((kept, Redirect::temporary(&url)).into_response());
        }
    }
    let place = (Class::Rendition, key);
    if let Some(found) = blob(&app.storage, place, asked, &manner(whole)).await? {
        return Ok(found);
    }
    let found = blob(&growing, place, asked, &manner(Caching::Never)).await?;
    // It may have been moved between the two looks.
    match found {
        Some(found) => Ok(found),
        None => stored(app, place, asked, &manner(whole)).await,
    }
}

/// What grows here, some of which may lie in the bucket already.
async fn grown(
    app: &App,
    growing: &Storage,
    key: &str,
    asked: &Parts,
    manner: &Manner,
) -> Result<Option<Response>> {
    let place = (Class::Rendition, key);
    let path = growing.local_path(Class::Rendition, key).ok().flatten();
    let ahead = match path {
        Some(path) if path.exists() => ahead::find(&path).await?,
        _ => return Ok(None),
    };
    match ahead {
        Some(ahead) => {
            let bytes = |blob: Blob| {
                let range = blob.range.clone();
                blob.with_stream(ahead::read(app, key, &ahead, range))
            };
            blob_from(growing, place, asked, manner, bytes).await
        }
        None => blob(growing, place, asked, manner).await,
    }
}

async fn tokenized(app: &App, key: &str, token: &str) -> Result<Response> {
    let bytes = app
        .storage
        .get(Class::Playlist, key, playlist::LARGEST_BYTES)
        .await;
    let bytes = bytes.map_err(|_| Error::not_found("There is no such file."))?;
    let text = playlist::with_token(&String::from_utf8_lossy(&bytes), token);
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.apple.mpegurl"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, text).into_response())
}

/// The token in an address. Only what a token can look like gets any further.
pub fn token(query: &Map<String, Value>) -> Option<&str> {
    let token = query.get("videoFileToken").and_then(Value::as_str)?;
    let is_plain = token
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_plain.then_some(token)
}
