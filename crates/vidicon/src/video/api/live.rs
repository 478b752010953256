//! The REST routes of live broadcasts, as a site answers that has none.

use super::super::input::Fields;
use super::super::picture::TYPES;
use super::super::{Privacy, VideoRef, find};
use crate::access::Me;
use crate::app::App;
use crate::check::Check;
use crate::check::form::{FileField, Form, wrong_file};
use crate::error::{Error, Result};
use axum::extract::{Path, Request, State};
use axum::response::Response;

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

/// A live broadcast, its sessions, or the one that a video is the replay of.
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    find(&app, VideoRef::read(&id)?).await?;
    Err(Error::not_found("Live video not found"))
}

/// `GET /api/v1/videos/{id}/live-session`.
pub async fn replayed(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    find(&app, VideoRef::read(&id)?).await?;
    Err(Error::not_found("No live replay found"))
}
