//! Programs on other machines that transcode for this site, by PeerTube's runner protocol: they
//! join with a registration token, ask for jobs, and bring back files.
//!
//! What a job is about is known to the slice that added it: when its files are here, or when it has
//! failed for good, a job of ours of the kind `answered_by` is told.

pub mod admin;
pub mod api;
mod files;
pub mod part;
mod store;
pub mod view;

pub use files::{cover, input, input_sound, task_file};

use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::video::VideoId;
use base::clock::{DAY, MINUTE, Millis, SECOND};
use base::db::Executor;
use base::job::NewJob;
use base::{Id, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use uuid::Uuid;

/// A job that failed so often is given up.
const MOST_FAILURES: i64 = 5;
/// A runner that says nothing for so long has lost its job.
const PATIENCE: Millis = 2 * MINUTE;
/// Where a runner finds the files that a video's editing needs.
const TASK_FOLDER: &str = "studio";

/// The language that a runner has heard, beside its transcript.
pub const LANGUAGE_FILE: &str = "language";

/// Marks ids of runners, of their tokens and of their jobs.
#[derive(Debug)]
pub enum RunnerKind {}
pub type RunnerId = Id<RunnerKind>;
#[derive(Debug)]
pub enum TokenKind {}
pub type TokenId = Id<TokenKind>;

#[derive(Clone, Debug, Deserialize)]
pub struct Runner {
    pub id: RunnerId,
    pub name: String,
    pub description: Option<String>,
    pub version: Option<String>,
    pub ip: Option<String>,
    pub last_contact: Millis,
    /// What a worker of ours can encode, between blanks; none for other programs.
    pub encoders: Option<String>,
    /// From 0, when nothing is taken from it any more, to 100.
    pub trust: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Processing,
    Completed,
    Errored,
    WaitingForParent,
    Cancelled,
    ParentErrored,
    ParentCancelled,
    /// Its files are here and are being put away.
    Completing,
}

impl State {
    pub const ALL: [State; 9] = [
        State::Pending,
        State::Processing,
        State::Completed,
        State::Errored,
        State::WaitingForParent,
        State::Cancelled,
        State::ParentErrored,
        State::ParentCancelled,
        State::Completing,
    ];

    pub fn number(self) -> i64 {
        match self {
            State::Pending => 1,
            State::Processing => 2,
            State::Completed => 3,
            State::Errored => 4,
            State::WaitingForParent => 5,
            State::Cancelled => 6,
            State::ParentErrored => 7,
            State::ParentCancelled => 8,
            State::Completing => 9,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            State::Pending => "Pending",
            State::Processing => "Processing",
            State::Completed => "Completed",
            State::Errored => "Errored",
            State::WaitingForParent => "Waiting for parent job to finish",
            State::Cancelled => "Cancelled",
            State::ParentErrored => "Parent job failed",
            State::ParentCancelled => "Parent job cancelled",
            State::Completing => "Completing",
        }
    }

    pub fn of(number: i64) -> Option<Self> {
        State::ALL
            .into_iter()
            .find(|state| state.number() == number)
    }

    /// Nothing will come of it any more.
    pub fn has_failed(self) -> bool {
        matches!(
            self,
            State::Errored | State::Cancelled | State::ParentErrored | State::ParentCancelled
        )
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let number = i64::deserialize(from)?;
        State::of(number).ok_or_else(|| serde::de::Error::custom("no state of a runner's job"))
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct RunnerJob {
    pub uuid: Uuid,
    pub kind: String,
    #[serde(deserialize_with = "base::db::json")]
    pub payload: Value,
    #[serde(deserialize_with = "base::db::json")]
    pub private_payload: Value,
    pub answered_by: String,
    pub video_id: Option<VideoId>,
    pub state: State,
    pub progress: Option<i64>,
    pub priority: i64,
    pub failures: i64,
    pub error: Option<String>,
    pub job_token: Option<String>,
    pub started_at: Option<Millis>,
    pub finished_at: Option<Millis>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub runner_id: Option<RunnerId>,
    pub runner_name: Option<String>,
    pub runner_description: Option<String>,
    pub parent_uuid: Option<Uuid>,
    pub parent_kind: Option<String>,
    pub parent_state: Option<State>,
}

/// Runners, those that joined last first, with the number of all.
pub async fn list(on: &base::Db, paging: Paging) -> Result<(i64, Vec<Runner>)> {
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    let total = store::count_runners(on).await?;
    Ok((total, store::runners(on, paging, sort).await?))
}

/// Makes a token that runners join with.
pub async fn make_token(app: &App) -> Result<()> {
    let token = format!("ptrrt-{}", base::random::uuid());
    store::add_token(&app.db, &token, app.clock.now()).await?;
    Ok(())
}

pub async fn newest_token(on: impl Executor) -> Result<Option<String>> {
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    let newest = Paging { start: 0, count: 1 };
    let found = store::tokens(on, newest, sort).await?;
    Ok(found.into_iter().next().map(|token| token.token))
}

/// Is this the token of a runner?
pub async fn is_known(on: impl Executor, token: &str) -> Result<bool> {
    Ok(store::runner_by_token(on, token).await?.is_some())
}

/// When the newest of the jobs that wait was added or given back; 0 when none waits.
pub async fn newest_pending(on: impl Executor) -> Result<Millis> {
    Ok(store::newest_pending(on).await?)
}

/// A job to be handed out. `payload` may name addresses below [`file_url`].
#[derive(Clone, Debug)]
pub struct NewRunnerJob {
    pub uuid: Uuid,
    pub kind: &'static str,
    pub payload: Value,
    pub private_payload: Value,
    pub answered_by: &'static str,
    pub video_id: VideoId,
    pub priority: i64,
    /// The encoder that it is for.
    pub needs: Option<&'static str>,
}

pub async fn add(tx: &mut Tx, new: &NewRunnerJob, now: Millis) -> Result<()> {
    store::add(tx, new, now).await?;
    Ok(())
}

/// Where the runner that has this job gets a file of a video from.
pub fn file_url(app: &App, job: Uuid, video: Uuid, file: &str) -> String {
    app.url(&format!(
        "/api/v1/runners/jobs/{job}/files/videos/{video}/{file}"
    ))
}

/// What our own job is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub job_uuid: Uuid,
    pub video_id: Option<VideoId>,
    /// Why nothing will come of the job. None: its files are here.
    pub failure: Option<String>,
}

/// The files of a job, until they are put away.
pub fn result_folder(app: &App, uuid: Uuid) -> PathBuf {
    app.config
        .server
        .data_dir
        .join("runner")
        .join(uuid.to_string())
}

pub async fn find(on: impl Executor, uuid: Uuid) -> Result<Option<RunnerJob>> {
    Ok(store::find(on, uuid).await?)
}

/// The jobs of a video that are not at a good end, the first ones first.
pub async fn of_video(on: impl Executor, id: VideoId, kinds: &[&str]) -> Result<Vec<RunnerJob>> {
    Ok(store::of_video(on, id, kinds).await?)
}

/// Forgets the jobs of a video: it is made anew.
pub async fn forget(tx: &mut Tx, id: VideoId, kinds: &[&str]) -> Result<()> {
    store::forget(tx, id, kinds).await?;
    Ok(())
}

/// The files are where they belong.
pub async fn complete(tx: &mut Tx, uuid: Uuid, now: Millis) -> Result<()> {
    store::set_state(&mut *tx, uuid, State::Completed, None, now).await?;
    Ok(())
}

/// Ends a job for good, with the reason, and the others that would make renditions of its video.
pub async fn give_up(tx: &mut Tx, job: &RunnerJob, why: &str, now: Millis) -> Result<()> {
    store::set_state(&mut *tx, job.uuid, State::Errored, Some(why), now).await?;
    give_up_others(tx, job, State::ParentErrored, now).await?;
    tell(tx, job, Some(why), now).await
}

async fn give_up_others(tx: &mut Tx, job: &RunnerJob, state: State, now: Millis) -> Result<()> {
    if let Some(video) = job.video_id {
        let is_rendition = RENDITIONS.contains(&job.kind.as_str());
        let alone = [job.kind.as_str()];
        let kinds = if is_rendition {
            &RENDITIONS[..]
        } else {
            &alone[..]
        };
        store::end_others(&mut *tx, video, kinds, state, now).await?;
    }
    Ok(())
}

/// Lets the slice that added the job know what has become of it.
async fn tell(tx: &mut Tx, job: &RunnerJob, failure: Option<&str>, now: Millis) -> Result<()> {
    let payload = json!(Answer {
        job_uuid: job.uuid,
        video_id: job.video_id,
        failure: failure.map(str::to_owned),
    });
    if job.kind == part::KIND {
        // Its own job waits for it and looks at everything itself.
        if let Some(video) = job.video_id {
            base::job::hasten(&mut *tx, &format!("{}:{video}", job.answered_by), now).await?;
        }
        return Ok(());
    }
    // The table of kinds is made of texts that live as long as the program.
    let Some(kind) = ANSWERS.into_iter().find(|kind| *kind == job.answered_by) else {
        return Err(Error::internal("nobody answers this runner's job"));
    };
    NewJob::new(kind, payload)
        .once(format!("{kind}:{}", job.uuid))
        .enqueue(&mut *tx, now)
        .await?;
    Ok(())
}

/// May a result of this length be of something that is so long? Containers count their ends in different ways.
pub fn is_about(expected_s: f64, length_s: f64) -> bool {
    (length_s - expected_s).abs() <= (expected_s * 0.02).max(1.5)
}

/// The types of jobs that make a video playable. One that fails for good ends the others of its video.
pub const HLS: &str = "vod-hls-transcoding";
pub const WEB_VIDEO: &str = "vod-web-video-transcoding";
pub const AUDIO_MERGE: &str = "vod-audio-merge-transcoding";
pub const RENDITIONS: [&str; 3] = [HLS, WEB_VIDEO, AUDIO_MERGE];
pub const STORYBOARD: &str = "generate-video-storyboard";
pub const TRANSCRIPTION: &str = "video-transcription";

/// Kinds of our jobs that take up what runners bring.
pub const RENDITION_ANSWER: &str = "runner_rendition";
pub const STUDIO_ANSWER: &str = "runner_studio";
pub const STORYBOARD_ANSWER: &str = "runner_storyboard";
pub const TRANSCRIPT_ANSWER: &str = "runner_transcript";
/// The job that makes a video: it hands out parts and takes them up.
pub const PART_ANSWER: &str = "transcode";
const ANSWERS: [&str; 4] = [
    RENDITION_ANSWER,
    STUDIO_ANSWER,
    STORYBOARD_ANSWER,
    TRANSCRIPT_ANSWER,
];

/// One more failure. Tried again, or given up after the last.
async fn fail(app: &App, job: &RunnerJob, message: &str) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if job.failures + 1 < MOST_FAILURES {
        store::put_back(&mut tx, job.uuid, job.failures + 1, Some(message), now).await?;
    } else {
        store::count_failure(&mut tx, job.uuid, job.failures + 1).await?;
        give_up(&mut tx, job, message, now).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Puts jobs back whose runner has not been heard of, so that others can take them.
pub async fn put_back_stalled(app: &App) -> Result<()> {
    let now = app.clock.now();
    let patience = i64::try_from(app.config.transcoding.worker_patience_s).unwrap_or(30) * SECOND;
    for job in store::stalled(&app.db, (now - PATIENCE, now - patience)).await? {
        store::put_back(&app.db, job.uuid, job.failures, None, now).await?;
    }
    Ok(())
}

/// How long jobs that have ended can be looked at.
const KEPT: Millis = 7 * DAY;

/// Forgets jobs that ended long ago, and files of jobs that are gone.
pub async fn tidy(app: &App) -> Result<()> {
    put_back_stalled(app).await?;
    store::prune(&app.db, app.clock.now() - KEPT).await?;
    part::tidy(app).await?;
    let Ok(folders) = std::fs::read_dir(app.config.server.data_dir.join("runner")) else {
        return Ok(());
    };
    for folder in folders.flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        let job = match Uuid::try_parse(&name) {
            Ok(uuid) => store::find(&app.db, uuid).await?,
            Err(_) => None,
        };
        let is_needed =
            job.is_some_and(|job| matches!(job.state, State::Processing | State::Completing));
        if !is_needed {
            std::fs::remove_dir_all(folder.path())?;
        }
    }
    Ok(())
}
