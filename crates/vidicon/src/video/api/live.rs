//! The REST routes of live broadcasts, as a site answers that has none.

use super::super::input::Fields;
use super::super::live::{self, Live};
use super::super::picture::TYPES;
use super::super::visibility::seen;
use super::super::{Privacy, VideoRef, find};
use crate::access::{Me, Viewer};
use crate::app::App;
use crate::check::form::{FileField, Form, wrong_file};
use crate::check::{Check, iso};
use crate::error::{Error, Result};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

const PICTURES: [&str; 2] = ["thumbnailfile", "previewfile"];

/// `POST /api/v1/videos/live`.
pub async fn create(State(app): State<App>, _: Me, request: Request) -> Result<Response> {
    let mut form = Form::read(&app, request, &PICTURES.map(FileField::picture)).await?;
    for name in PICTURES {
        if form
            .take(name)
            .is_some_and(|file| !TYPES.contains(&file.kind.as_str()))
        {
            return Err(wrong_file(name, "This is no picture of a known type."));
        }
    }
    look(&form)?;
    let fields = Fields::of_new(&form.fields, app.instance.labels())?;
    fields.passwords(fields.privacy.clone().or(Privacy::Private))?;
    Err(Error::forbidden("Live is not enabled on this instance").code("live_not_enabled"))
}

fn look(form: &Form) -> Result<()> {
    let mut check = Check::body(&form.fields);
    for name in ["saveReplay", "permanentLive"] {
        check.lenient_bool(name);
    }
    let latency = check.number_of("latencyMode", &[1, 2, 3]);
    check.not_null("latencyMode", latency);
    check.nested("replaySettings", |inner| {
        let privacy = inner.number_of("privacy", &[1, 2, 3, 4]);
        inner.not_null("privacy", privacy);
    });
    check.finish()
}

/// What is known of a live broadcast. Those of other servers are all there are.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    save_replay: bool,
    permanent_live: bool,
    /// 1 usual, 2 high, 3 small.
    latency_mode: i64,
    schedules: Vec<Schedule>,
}

/// A time at which a broadcast is to begin.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    start_at: String,
}

pub fn schedules(live: &Live) -> Vec<Schedule> {
    let starts = live.starts.iter().map(|at| iso(*at));
    starts.map(|start_at| Schedule { start_at }).collect()
}

/// `GET /api/v1/videos/live/{id}`.
pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Shown>> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    let live = live::of(&app.db, video.id).await?;
    let live = live.ok_or_else(|| Error::not_found("Live video not found"))?;
    Ok(Json(Shown {
        save_replay: live.save_replay,
        permanent_live: live.permanent,
        latency_mode: live.latency_mode,
        schedules: schedules(&live),
    }))
}

/// A broadcast to change, or its sessions: only this site's own would have them.
pub async fn change(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    find(&app, VideoRef::read(&id)?).await?;
    Err(Error::not_found("Live video not found"))
}

/// `GET /api/v1/videos/{id}/live-session`.
pub async fn replayed(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    find(&app, VideoRef::read(&id)?).await?;
    Err(Error::not_found("No live replay found"))
}
