//! Cutting a video on the server: ranges, intro, outro, watermark. The result takes the place of the
//! original, and everything is made anew of it.

pub mod api;
pub mod job;
pub mod page;
mod store;

use crate::app::App;
use crate::error::{Error, Result};
use crate::runner::{self, NewRunnerJob, STUDIO_ANSWER};
use crate::video::{self, Video, VideoId, VideoState};
use base::clock::DAY;
use base::job::NewJob;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;

pub const STUDIO_JOB: &str = "studio";
pub const RUNNER_JOB: &str = "video-studio-transcoding";
/// How large a watermark is, and how far from the edges, as parts of the video.
const MARK_SIZE: f64 = 0.15;
const MARK_MARGIN: f64 = 0.05;

/// One step. Files lie in [`folder`] by these names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name", content = "options")]
pub enum Task {
    Cut {
        start: Option<i64>,
        end: Option<i64>,
    },
    RemoveSegments {
        segments: Vec<Segment>,
    },
    AddIntro {
        file: String,
    },
    AddOutro {
        file: String,
    },
    AddWatermark {
        file: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub start: i64,
    pub end: i64,
}

impl Task {
    fn file(&self) -> Option<&str> {
        match self {
            Task::AddIntro { file } | Task::AddOutro { file } | Task::AddWatermark { file } => {
                Some(file)
            }
            Task::Cut { .. } | Task::RemoveSegments { .. } => None,
        }
    }
}

/// What the job is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub video_id: VideoId,
    pub tasks: Vec<Task>,
}

/// Where intros, outros and watermarks wait. Runners get them from here, too.
pub fn folder(app: &App) -> PathBuf {
    app.config
        .server
        .data_dir
        .join("studio")
        .join(base::storage::Class::Upload.folder())
}

/// Has the video edited: it is hidden from lists until that is done.
pub async fn order(app: &App, video: &Video, tasks: Vec<Task>) -> Result<()> {
    let now = app.clock.now();
    // Runners read the original; where there is none, the largest rendition is put together here. They know no way
    // to take out several stretches.
    let is_known = |task: &Task| !matches!(task, Task::RemoveSegments { .. });
    let on_runner = app.instance.settings().video_studio.remote_runners.enabled
        && tasks.iter().all(is_known)
        && video::files::source_of(app, video.id).await?.is_some();
    let mut tx = app.db.begin().await?;
    let known = video::find_in(&mut tx, video.id).await?;
    let known = known.ok_or_else(|| Error::not_found("Video not found"))?;
    video::upload::check_state(&known)?;
    video::set_state(&mut tx, video.id, VideoState::ToEdit).await?;
    let order = Order {
        video_id: video.id,
        tasks,
    };
    if on_runner {
        runner::add(&mut tx, &for_runner(app, video, &order), now).await?;
    } else {
        NewJob::new(STUDIO_JOB, json!(order))
            .max_attempts(3)
            .once(format!("studio:{}", video.id))
            .enqueue(&mut tx, now)
            .await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

fn for_runner(app: &App, video: &Video, order: &Order) -> NewRunnerJob {
    let uuid = base::random::uuid();
    let url = |file: &str| runner::file_url(app, uuid, video.uuid, file);
    let tasks: Vec<Value> = order
        .tasks
        .iter()
        .map(|task| {
            let mut shown = json!(task);
            if let Some(file) = task.file()
                && let Some(options) = shown.get_mut("options").and_then(Value::as_object_mut)
            {
                options.insert(
                    "file".into(),
                    url(&format!("studio/task-files/{file}")).into(),
                );
                if matches!(task, Task::AddWatermark { .. }) {
                    options.insert("watermarkSizeRatio".into(), MARK_SIZE.into());
                    options.insert("horitonzalMarginRatio".into(), MARK_MARGIN.into());
                    options.insert("verticalMarginRatio".into(), MARK_MARGIN.into());
                }
            }
            shown
        })
        .collect();
    NewRunnerJob {
        uuid,
        kind: RUNNER_JOB,
        payload: json!({
            "input": { "videoFileUrl": url("max-quality"), "separatedAudioFileUrl": [] },
            "tasks": tasks,
        }),
        private_payload: json!({ "videoUUID": video.uuid, "originalTasks": order.tasks }),
        answered_by: STUDIO_ANSWER,
        video_id: video.id,
        priority: 150,
        needs: None,
    }
}

/// Removes files that no order waits for any more.
pub fn tidy(app: &App) -> Result<()> {
    let Ok(files) = std::fs::read_dir(folder(app)) else {
        return Ok(());
    };
    for file in files.flatten() {
        let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
        if i128::try_from(age.as_millis()).unwrap_or(0) > i128::from(3 * DAY) {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}
