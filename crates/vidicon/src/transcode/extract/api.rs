//! The REST routes of files that are made for one who asks.

use super::{Extract, ExtractId, Kind, State as Stand, Wanted, ask, key, store};
use crate::app::App;
use crate::check::{self, Body, Check, Query};
use crate::error::{Error, Result};
use crate::video::files::{check_access, download};
use crate::video::{self, Video, VideoRef, VideoState};
use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use base::clock::HOUR;
use base::storage::Class;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// A file that is made of a video, and how far it is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtractView {
    id: i64,
    /// `gif`, `loop`, `podcast` or `mp4`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// `waiting`, `done` or `failed`.
    state: &'static str,
    /// Percent.
    progress: i64,
    /// Why it failed.
    error: Option<String>,
    /// Bytes; 0 until it is done.
    size: i64,
    /// Where it is loaded from when it is done; it goes when nobody has asked for it for a week.
    download_url: Option<String>,
}

impl ExtractView {
    fn of(app: &App, extract: Extract) -> Self {
        let is_done = extract.state == Stand::Done;
        let url = || app.url(&format!("/download/videos/extracts/{}", extract.filename));
        ExtractView {
            id: extract.id.0,
            kind: extract.kind.name(),
            state: match extract.state {
                Stand::Waiting => "waiting",
                Stand::Done => "done",
                Stand::Failed => "failed",
            },
            progress: extract.progress,
            size: extract.size_bytes,
            download_url: is_done.then(url),
            error: extract.error,
        }
    }
}

fn token(query: &Map<String, Value>) -> Option<&str> {
    query.get("videoFileToken").and_then(Value::as_str)
}

/// `POST /videos/{id}/extracts`: for everybody who may load the video's files.
pub async fn create(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query,
    request: Request,
) -> Result<Json<ExtractView>> {
    let (parts, body) = request.into_parts();
    let video = video::find(&app, VideoRef::read(&id)?).await?;
    check_access(&app, &parts, video.uuid, token(&query)).await?;
    let Body(body) = Body::from_request(Request::from_parts(parts, body), &app).await?;
    if !video.is_local || video.is_live || video.state != VideoState::Published {
        return Err(Error::bad_request(
            "Files are made only of published videos of this site.",
        ));
    }
    may_download(&video)?;
    let made = ask(&app, &video, read(&video, &body)?).await?;
    Ok(Json(ExtractView::of(&app, made)))
}

fn may_download(video: &Video) -> Result<()> {
    if video.download_enabled {
        Ok(())
    } else {
        Err(Error::forbidden("Downloading this video is not allowed."))
    }
}

fn read(video: &Video, body: &Map<String, Value>) -> Result<Wanted> {
    let mut check = Check::body(body);
    let kind = check.one_of("type", &Kind::NAMES);
    let kind = check.required("type", kind);
    let kind = kind.as_deref().and_then(Kind::of).unwrap_or(Kind::Mp4);
    let mut wanted = Wanted::whole(kind);
    if let Some(longest) = kind.longest_ms() {
        let (start, end) = (time(body, "start"), time(body, "end"));
        match passage(video, start.unwrap_or(0), end.unwrap_or(0)) {
            Some((from, to)) if to - from <= longest && start.is_some() => {
                (wanted.start_ms, wanted.end_ms) = (from, to);
            }
            _ => check.fail(
                "end",
                "Should be a passage of the video that is not too long",
            ),
        }
    }
    match body.get("resolution") {
        None | Some(Value::Null) => {}
        Some(value) => match value.as_i64().filter(|side| (1..=8192).contains(side)) {
            // Other kinds have a size of their own.
            Some(side) if matches!(kind, Kind::Mp4 | Kind::Loop) => wanted.resolution = side,
            Some(_) => {}
            None => check.fail("resolution", "Should be a resolution of this video"),
        },
    }
    check.finish()?;
    Ok(wanted)
}

/// Seconds as milliseconds; nothing where it is no time.
#[expect(clippy::cast_possible_truncation, reason = "no time is so late")]
fn time(body: &Map<String, Value>, name: &str) -> Option<i64> {
    match body.get(name) {
        None | Some(Value::Null) => Some(0),
        Some(value) => {
            let at = value.as_f64().filter(|at| (0.0..1e8).contains(at))?;
            Some((at * 1000.0).round() as i64)
        }
    }
}

/// From when to when, within the video.
fn passage(video: &Video, start_ms: i64, end_ms: i64) -> Option<(i64, i64)> {
    let all_ms = video.duration_s.max(1) * 1000;
    let end_ms = end_ms.min(all_ms);
    (end_ms - start_ms >= 100).then_some((start_ms, end_ms))
}

/// `GET /videos/{id}/extracts/{extractId}`
pub async fn show(
    State(app): State<App>,
    Path((id, extract)): Path<(String, String)>,
    Query(query): Query,
    request: Request,
) -> Result<Json<ExtractView>> {
    let (parts, _) = request.into_parts();
    let video = video::find(&app, VideoRef::read(&id)?).await?;
    check_access(&app, &parts, video.uuid, token(&query)).await?;
    let extract: ExtractId = check::id("extractId", &extract)?;
    let found = store::find(&app.db, extract).await?;
    let found = found.filter(|extract| extract.video_id == video.id);
    let found = found.ok_or_else(|| Error::not_found("There is no such file."))?;
    Ok(Json(ExtractView::of(&app, found)))
}

/// `GET /download/videos/podcast/{uuid}.m4a`: the address that feeds name. It stays the same when the file has gone and
/// is made again.
pub async fn episode(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let (parts, _) = request.into_parts();
    let none = || Error::not_found("There is no such file.");
    let id = name.strip_suffix(".m4a").ok_or_else(none)?;
    let video = video::find(&app, VideoRef::read(id)?).await?;
    check_access(&app, &parts, video.uuid, token(&query)).await?;
    may_download(&video)?;
    let wanted = Wanted::whole(Kind::Podcast);
    let known = store::alike(&app.db, video.id, wanted).await?;
    match known.as_ref().map(|extract| extract.state) {
        Some(Stand::Done) => {}
        Some(Stand::Failed) => return Err(none()),
        _ if !video.is_local || video.is_live || video.state != VideoState::Published => {
            return Err(none());
        }
        _ => {
            ask(&app, &video, wanted).await?;
            let said = "This file is being made. Try again in a while.";
            let soon = Error::new(StatusCode::SERVICE_UNAVAILABLE, said);
            return Err(soon.header("retry-after", "30"));
        }
    }
    let extract = known.ok_or_else(none)?;
    give(&app, &video, &extract, &parts).await
}

/// `GET /download/videos/extracts/{file}`
pub async fn load(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let (parts, _) = request.into_parts();
    let found = store::by_name(&app.db, &name).await?;
    let extract = found.ok_or_else(|| Error::not_found("There is no such file."))?;
    let video = video::find(&app, VideoRef::Number(extract.video_id)).await?;
    check_access(&app, &parts, video.uuid, token(&query)).await?;
    may_download(&video)?;
    give(&app, &video, &extract, &parts).await
}

async fn give(app: &App, video: &Video, extract: &Extract, request: &Parts) -> Result<Response> {
    let now = app.clock.now();
    store::set_used(&app.db, extract.id, now, now - HOUR).await?;
    let saved_as = format!("{}.{}", download::plain_name(video), extract.kind.ending());
    let key = key(video, extract);
    download::give(app, video, (Class::Rendition, &key), saved_as, request).await
}
