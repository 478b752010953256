//! The files that a runner needs for its job. It asks by POST, since its tokens are in the body.

use super::api::held;
use super::{RunnerJob, State, TASK_FOLDER};
use crate::app::App;
use crate::check::{Body, wrong_param};
use crate::error::{Error, Result};
use crate::video::files::download::{self, together};
use crate::video::files::send::{Caching, Manner, blob, content_type, stored};
use crate::video::files::{Whole, source_of, whole};
use crate::video::{Video, VideoRef, find};
use axum::extract::{Path, State as Handles};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base::storage::{Class, Storage};

/// The job of these tokens and its video.
async fn of_job(app: &App, (uuid, video): (&str, &str), body: &Body) -> Result<(RunnerJob, Video)> {
    let job = held(app, uuid, &body.0, &[State::Processing]).await?;
    let video = find(app, VideoRef::read(video)?).await?;
    if job.video_id != Some(video.id) {
        return Err(Error::forbidden("Job is not associated to this video"));
    }
    Ok((job, video))
}

fn manner(key: &str) -> Manner {
    Manner {
        content_type: content_type(key),
        caching: Caching::Private,
        attachment: None,
    }
}

/// `…/max-quality`: the original, or else the best that was made of it; both have picture and sound.
pub async fn input(
    Handles(app): Handles<App>,
    Path((job, video)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let (_, video) = of_job(&app, (&job, &video), &body).await?;
    if let Some(key) = source_of(&app, video.id).await? {
        return stored(&app, (Class::Original, &key), &headers, &manner(&key)).await;
    }
    match whole(&app, &video).await? {
        None => Err(Error::not_found("The original was not kept.")),
        Some(Whole::Blob(class, key)) => stored(&app, (class, &key), &headers, &manner(&key)).await,
        Some(Whole::Apart(picture, sound)) => {
            let made = together(&app, &picture, &sound).await?;
            let mut response = download::sent(made).into_response();
            let kind = HeaderValue::from_static(content_type("x.mp4"));
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            Ok(response)
        }
    }
}

/// `…/max-quality/audio`: the original again; a runner takes the sound out of it.
pub async fn input_sound(
    app: Handles<App>,
    path: Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    input(app, path, headers, body).await
}

/// `…/previews/max-quality`: the picture that is shown with a sound.
pub async fn cover(
    Handles(app): Handles<App>,
    Path((job, video)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let (_, video) = of_job(&app, (&job, &video), &body).await?;
    let key = video.preview.clone();
    let key = key.ok_or_else(|| Error::not_found("This video has no preview."))?;
    stored(&app, (Class::Thumbnail, &key), &headers, &manner(&key)).await
}

/// `…/studio/task-files/{filename}`: an intro, an outro or a watermark.
pub async fn task_file(
    Handles(app): Handles<App>,
    Path((job, video, name)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let (job, _) = of_job(&app, (&job, &video), &body).await?;
    if !is_task_name(&name) {
        return Err(wrong_param("filename", &name));
    }
    let ours = format!("/task-files/{name}");
    if !job.payload.to_string().contains(&format!("{ours}\"")) {
        return Err(Error::bad_request(
            "File is not associated to this edition task",
        ));
    }
    let folder = Storage::in_folder(app.config.server.data_dir.join(TASK_FOLDER));
    let place = (Class::Upload, name.as_str());
    let found = blob(&folder, place, &headers, &manner(&name)).await?;
    found.ok_or_else(|| Error::not_found("There is no such file."))
}

/// Small letters, digits and hyphens with one ending.
fn is_task_name(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    name.split_once('.')
        .is_some_and(|(stem, ending)| plain(stem) && plain(ending))
}
