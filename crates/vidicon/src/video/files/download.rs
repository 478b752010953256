//! Downloads: files with a name to save them under, and picture and sound put together while they
//! are sent.

use super::api::token;
use super::send::{Asked, Caching, Manner, attachment, content_type, stored};
use super::{FileId, FileRow, check_access, key, store};
use crate::account::Right;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::video::{Quality, Video, VideoRef, find, manage, watching};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base::storage::Class;
use bytes::Bytes;
use futures::stream;
use media::{Download, Source};
use serde_json::{Map, Value};
use std::time::Duration;
use uuid::Uuid;

/// How long the signed address of a download is good for.
const SIGNED_LIFE: Duration = Duration::from_secs(24 * 3600);

/// `/download/web-videos/{file}` and `/download/streaming-playlists/hls/videos/{file}`: by the
/// file's own name, or named after its video: `<uuid>-<resolution>[-fragmented].mp4`.
pub async fn download_file(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let (request, _) = request.into_parts();
    let not_found = || Error::not_found("Video file not found");
    let (named, resolution) = named_after(&name).ok_or_else(not_found)?;
    let own = store::by_name(&app.db, &name).await?;
    let uuid = own.as_ref().map_or(named, |(uuid,)| *uuid);
    let video = find(&app, VideoRef::Uuid(uuid)).await?;
    check_access(&app, &request, uuid, token(&query)).await?;
    let is_hls = name.ends_with("-fragmented.mp4");
    let kind = if is_hls { "hls" } else { "web" };
    let is_meant = |row: &FileRow| match own {
        Some(_) => row.filename == name,
        None => row.kind == kind && row.resolution == resolution,
    };
    let rows = store::rows(&app.db, video.id).await?;
    let file = rows.into_iter().find(|row| row.complete && is_meant(row));
    let file = file.ok_or_else(not_found)?;
    let suffix = if is_hls { "-hls" } else { "" };
    let saved_as = format!("{}-{resolution}p{suffix}.mp4", plain_name(&video));
    let key = key(uuid, &file.filename);
    give(&app, &video, (Class::Rendition, &key), saved_as, &request).await
}

/// Sends a file of a video and counts that it was saved.
pub async fn give(
    app: &App,
    video: &Video,
    blob: (Class, &str),
    saved_as: String,
    request: &Parts,
) -> Result<Response> {
    let response = send(app, blob, saved_as, request).await?;
    count(app, video, request, response.status()).await?;
    Ok(response)
}

/// Counts what is sent from its beginning; not a look at the head alone, and not what was there already.
async fn count(app: &App, video: &Video, request: &Parts, status: StatusCode) -> Result<()> {
    let begun = status.is_success() || status == StatusCode::TEMPORARY_REDIRECT;
    if begun && request.method != Method::HEAD && is_beginning(&request.headers) {
        watching::saved(app, video).await?;
    }
    Ok(())
}

/// The UUID and the resolution in the name of a file.
pub fn named_after(name: &str) -> Option<(Uuid, i64)> {
    let (uuid, rest) = name.split_at_checked(36)?;
    let resolution = rest.strip_prefix('-')?.split(['-', '.']).next()?;
    Some((Uuid::try_parse(uuid).ok()?, resolution.parse().ok()?))
}

/// `/download/original-video-files/{file}`: its owner's and moderators', or who has a token; that of
/// an archive everybody's who may watch it.
pub async fn original(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let (request, _) = request.into_parts();
    let not_found = || Error::not_found("There is no such file.");
    // `<video uuid>_<file>`: the key with its slash spelt as an underscore.
    let (uuid, file) = name.split_once('_').ok_or_else(not_found)?;
    let uuid = Uuid::try_parse(uuid).map_err(|_| not_found())?;
    let source = store::original(&app.db, uuid, &key(uuid, file)).await?;
    let source = source.ok_or_else(not_found)?;
    let opened =
        token(&query).is_some_and(|token| crate::video::token::opens(&app, token, source.uuid));
    let video = find(&app, VideoRef::Uuid(source.uuid)).await?;
    if !opened {
        check_original(&app, &request, &video).await?;
    }
    let key = source.key.ok_or_else(not_found)?;
    let saved_as = source.input_filename;
    give(&app, &video, (Class::Original, &key), saved_as, &request).await
}

async fn check_original(app: &App, request: &Parts, video: &Video) -> Result<()> {
    if gives_original(video) {
        return check_access(app, request, video.uuid, None).await.map(drop);
    }
    let viewer = crate::access::viewer(app, request).await?;
    let user = viewer.user();
    let user = user.ok_or_else(|| Error::forbidden("Cannot get this file without a login."))?;
    manage(app, user, video, Right::UpdateAnyVideo).await
}

/// May viewers have the uploaded file, too?
fn gives_original(video: &Video) -> bool {
    video.is_local && video.download_enabled && video.quality == Some(Quality::Archive)
}

/// Key and size of the uploaded file, where viewers may have it and it was kept.
pub async fn given_original(app: &App, video: &Video) -> Result<Option<(String, i64)>> {
    if !gives_original(video) {
        return Ok(None);
    }
    let source = crate::video::store::extra::source(&app.db, video.id).await?;
    Ok(source.and_then(|source| Some((source.key?, source.size_bytes))))
}

/// A file under a name to save it by, from here or from its bucket.
pub async fn send(
    app: &App,
    (class, key): (Class, &str),
    saved_as: String,
    asked: impl Into<Asked<'_>>,
) -> Result<Response> {
    let asked = asked.into();
    let signed = app
        .storage
        .address((class, key), false, SIGNED_LIFE, Some(&saved_as))
        .await;
    if let Some(url) = signed.map_err(Error::internal)? {
        // Whoever asks for an address is taken to use it.
        if let Ok(info) = app.storage.head(class, key).await {
            let bytes = i64::try_from(info.size_bytes).unwrap_or(i64::MAX);
            app.traffic.give(bytes);
        }
        return Ok(Redirect::temporary(&url).into_response());
    }
    let manner = Manner {
        content_type: content_type(key),
        caching: Caching::Private,
        attachment: Some(saved_as),
    };
    stored(app, (class, key), asked, &manner).await
}

/// Not the rest of what was begun before.
fn is_beginning(headers: &HeaderMap) -> bool {
    let range = headers.get(header::RANGE);
    let range = range.and_then(|range| range.to_str().ok());
    range.is_none_or(|range| range.starts_with("bytes=0-"))
}

/// `/download/videos/generate/{id}`: the chosen picture and sound in one file.
pub async fn generate(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let (request, _) = request.into_parts();
    let id = id.trim_end_matches(".mp4").trim_end_matches(".m4a");
    let video = find(&app, VideoRef::read(id)?).await?;
    check_access(&app, &request, video.uuid, token(&query)).await?;
    let (picture, sound) = choose(&app, &video, &chosen(&query)?).await?;
    let ending = if picture.is_some() { "mp4" } else { "m4a" };
    let ffmpeg = app.ffmpeg().await.map_err(Error::internal)?;
    let made = media::download(ffmpeg, picture.as_ref(), sound.as_ref()).await;
    let made = made.map_err(Error::internal)?;
    count(&app, &video, &request, StatusCode::OK).await?;
    let mut response = sent(made).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(content_type(ending_name(ending)));
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    let saved_as = attachment(&format!("{}.{ending}", plain_name(&video)));
    if let Ok(value) = saved_as.parse() {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

fn ending_name(ending: &str) -> &'static str {
    if ending == "mp4" { "x.mp4" } else { "x.m4a" }
}

/// What is put together, sent as it comes.
pub fn sent(made: Download) -> Body {
    Body::from_stream(stream::try_unfold(made, next))
}

async fn next(mut made: Download) -> media::Result<Option<(Bytes, Download)>> {
    let bytes = made.next().await?;
    Ok(bytes.map(|bytes| (Bytes::from(bytes), made)))
}

/// The one or two files that are asked for.
fn chosen(query: &Map<String, Value>) -> Result<Vec<FileId>> {
    let mut check = crate::check::Check::query(query);
    let ids = check.ints("videoFileIds");
    let ids = check.required("videoFileIds", ids);
    check.finish()?;
    let ids = ids.unwrap_or_default();
    if ids.is_empty() || ids.len() > 2 {
        return Err(Error::bad_request(
            "Choose one file, or a picture and a sound.",
        ));
    }
    Ok(ids.into_iter().map(FileId::new).collect())
}

async fn choose(
    app: &App,
    video: &Video,
    ids: &[FileId],
) -> Result<(Option<Source>, Option<Source>)> {
    let rows = store::rows(&app.db, video.id).await?;
    let (mut picture, mut sound) = (None, None);
    for id in ids {
        let row = rows.iter().find(|row| row.id == *id && row.complete);
        let row = row.ok_or_else(|| Error::not_found("Video file not found"))?;
        let place = if row.has_video {
            &mut picture
        } else {
            &mut sound
        };
        if place.is_some() {
            return Err(Error::bad_request("Choose only one picture and one sound."));
        }
        *place = Some(rendition_source(app, video, row).await?);
    }
    Ok((picture, sound))
}

/// A rendition as ffmpeg reads it.
pub async fn rendition_source(app: &App, video: &Video, row: &FileRow) -> Result<Source> {
    let key = key(video.uuid, &row.filename);
    let local = app.storage.local_path(Class::Rendition, &key);
    if let Some(path) = local.map_err(Error::internal)? {
        return Ok(Source::file(path));
    }
    let signed = app
        .storage
        .presign_get(Class::Rendition, &key, SIGNED_LIFE, None)
        .await;
    let url = signed.map_err(Error::internal)?;
    url.map(Source::Url)
        .ok_or_else(|| Error::not_found("Video file not found"))
}

/// One file that shows all of a video.
pub enum Whole {
    Blob(Class, String),
    /// Picture and sound that lie apart.
    Apart(Source, Source),
}

/// The original, or else the largest picture with its sound; nothing while there is neither.
pub async fn whole(app: &App, video: &Video) -> Result<Option<Whole>> {
    if let Some(key) = store::source_key(&app.db, video.id).await?
        && app.storage.head(Class::Original, &key).await.is_ok()
    {
        return Ok(Some(Whole::Blob(Class::Original, key)));
    }
    let rows = store::rows(&app.db, video.id).await?;
    let mut ready = rows.iter().filter(|row| row.complete);
    let picture = ready.clone().find(|row| row.has_video);
    let sound = ready.find(|row| !row.has_video);
    let (picture, sound) = match (picture, sound) {
        (Some(picture), Some(sound)) if !picture.has_audio => (picture, sound),
        (Some(row), _) | (None, Some(row)) => {
            let key = key(video.uuid, &row.filename);
            return Ok(Some(Whole::Blob(Class::Rendition, key)));
        }
        (None, None) => return Ok(None),
    };
    let picture = rendition_source(app, video, picture).await?;
    let sound = rendition_source(app, video, sound).await?;
    Ok(Some(Whole::Apart(picture, sound)))
}

/// Picture and sound put together while they are read.
pub async fn together(app: &App, picture: &Source, sound: &Source) -> Result<Download> {
    let ffmpeg = app.ffmpeg().await.map_err(Error::internal)?;
    let made = media::download(ffmpeg, Some(picture), Some(sound)).await;
    made.map_err(Error::internal)
}

/// The video's name as part of a file's name.
pub fn plain_name(video: &Video) -> String {
    let plain = |c: char| {
        if matches!(c, '/' | '\\') || c.is_control() {
            '_'
        } else {
            c
        }
    };
    video.name.chars().map(plain).collect()
}
