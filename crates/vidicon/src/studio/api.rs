//! `POST /videos/{id}/studio/edit`.

use super::{Segment, Task, folder, order};
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::check::form::{FileField, Form, FormFile};
use crate::check::{Check, whole};
use crate::error::{Error, Result, no_content};
use crate::video::upload::{check_state, kinds};
use crate::video::{self, VideoRef, quota};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use media::Source;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

const MOST_TASKS: usize = 10;
/// The field of each task's file.
pub const FILES: [&str; MOST_TASKS] = [
    "tasks[0][options][file]",
    "tasks[1][options][file]",
    "tasks[2][options][file]",
    "tasks[3][options][file]",
    "tasks[4][options][file]",
    "tasks[5][options][file]",
    "tasks[6][options][file]",
    "tasks[7][options][file]",
    "tasks[8][options][file]",
    "tasks[9][options][file]",
];
const PICTURES: [(&str, &str); 4] = [
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/webp", "webp"),
];
const LARGEST_PICTURE: u64 = 4 * 1024 * 1024;

pub async fn edit(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let fields = FILES.map(|name| FileField {
        name,
        max_bytes: None,
    });
    let form = Form::read(&app, request, &fields).await?;
    take(&app, &me, &id, form).await?;
    Ok(no_content())
}

/// Has the video edited as the form says.
pub async fn take(app: &App, me: &Me, id: &str, mut form: Form) -> Result<()> {
    if !app.instance.settings().video_studio.enabled {
        return Err(Error::bad_request(
            "Video studio is disabled on this instance",
        ));
    }
    let by = VideoRef::read(id)?;
    let asked = read(app, &form).await?;
    let video = video::find(app, by).await?;
    if !video.is_local {
        return Err(Error::bad_request("Cannot edit a remote video"));
    }
    check_state(&video)?;
    video::manage(app, me, &video, Right::UpdateAnyVideo).await?;
    let added: u64 = form.files.iter().map(|file| file.size_bytes).sum();
    quota::room_left(app, me, i64::try_from(added).unwrap_or(i64::MAX)).await?;
    if video::files::whole(app, &video).await?.is_none() {
        return Err(Error::bad_request(
            "The original of this video was not kept.",
        ));
    }
    std::fs::create_dir_all(folder(app))?;
    let mut tasks = Vec::new();
    for (task, field) in asked {
        if let (Some(name), Some(file)) = (task.file(), form.take(field)) {
            std::fs::rename(file.file.path(), folder(app).join(name))?;
        }
        tasks.push(task);
    }
    order(app, &video, tasks).await
}

/// The tasks, each with the field of its file.
async fn read(app: &App, form: &Form) -> Result<Vec<(Task, &'static str)>> {
    let mut check = Check::body(&form.fields);
    let list = match form.fields.get("tasks") {
        Some(Value::Array(list)) if (1..=MOST_TASKS).contains(&list.len()) => list.as_slice(),
        _ => {
            check.fail("tasks", "Should have a valid array of tasks");
            &[]
        }
    };
    let mut tasks = Vec::new();
    for (task, field) in list.iter().zip(FILES) {
        let file = form.files.iter().find(|file| file.field == field);
        match task_of(app, task, file).await? {
            Some(task) => tasks.push((task, field)),
            None => check.fail("tasks", "Should have a valid array of tasks"),
        }
    }
    check.finish()?;
    Ok(tasks)
}

async fn task_of(app: &App, task: &Value, file: Option<&FormFile>) -> Result<Option<Task>> {
    let nothing = Map::new();
    let options = task.get("options").and_then(Value::as_object);
    let options = options.unwrap_or(&nothing);
    let name = task.get("name").and_then(Value::as_str).unwrap_or_default();
    Ok(match name {
        "cut" => cut(options),
        "remove-segments" => segments(options),
        "add-intro" | "add-outro" => match file {
            Some(file) => clip(app, file).await?.map(|stored| {
                if name == "add-intro" {
                    Task::AddIntro { file: stored }
                } else {
                    Task::AddOutro { file: stored }
                }
            }),
            None => None,
        },
        "add-watermark" => file
            .and_then(picture)
            .map(|file| Task::AddWatermark { file }),
        _ => None,
    })
}

/// A time in whole seconds; the outer None is a wrong one.
fn time(options: &Map<String, Value>, name: &str) -> Option<Option<i64>> {
    match options.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => whole(value).filter(|time| *time >= 0).map(Some),
    }
}

fn cut(options: &Map<String, Value>) -> Option<Task> {
    let (start, end) = (time(options, "start")?, time(options, "end")?);
    let fits = match (start, end) {
        (None, None) => false,
        (Some(start), Some(end)) => start < end,
        (_, Some(end)) => end > 0,
        (Some(_), None) => true,
    };
    fits.then_some(Task::Cut { start, end })
}

fn segments(options: &Map<String, Value>) -> Option<Task> {
    let list = options.get("segments")?.as_array()?;
    let mut segments = Vec::new();
    for segment in list {
        let segment = segment.as_object()?;
        let (start, end) = (time(segment, "start")??, time(segment, "end")??);
        if start >= end {
            return None;
        }
        segments.push(Segment { start, end });
    }
    (!segments.is_empty()).then_some(Task::RemoveSegments { segments })
}

/// The name under which an intro or outro is kept; nothing when it is no video.
async fn clip(app: &App, file: &FormFile) -> Result<Option<String>> {
    let Ok(ending) = kinds::ending(app, &file.kind, &file.filename) else {
        return Ok(None);
    };
    let ffmpeg = app.ffmpeg().await.map_err(Error::internal)?;
    let (source, limits) = (
        Source::file(file.file.path()),
        media::ProbeLimits::default(),
    );
    let probe = media::probe(ffmpeg, &source, &limits, &CancellationToken::new()).await;
    let has_picture = probe.is_ok_and(|probe| probe.video.is_some());
    Ok(has_picture.then(|| format!("{}{ending}", base::random::uuid())))
}

fn picture(file: &FormFile) -> Option<String> {
    let (_, ending) = PICTURES.iter().find(|(kind, _)| *kind == file.kind)?;
    (file.size_bytes <= LARGEST_PICTURE).then(|| format!("{}.{ending}", base::random::uuid()))
}
