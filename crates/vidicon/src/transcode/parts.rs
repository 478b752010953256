//! Parts of the picture that workers on other machines encode: offered as jobs while a worker is there,
//! verified before they count, and taken back when nobody does them.

use super::make::{media_error, overtaken};
use super::store;
use crate::app::App;
use crate::runner::part::Missing;
use crate::runner::{self, NewRunnerJob, PART_ANSWER, RunnerJob, State, part};
use crate::video::Video;
use base::clock::{Millis, SECOND};
use base::job::{JobError, Running, checkpoint, fence};
use media::{MediaError, Picture, Plan, Work};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How long the job rests before it looks for parts again; one that comes in wakes it.
pub const REST: Millis = 2 * SECOND;
/// A part that is more like its source than this, made small, shows the same. Strong grain at the
/// lowest bit rates stays above; pure noise does not.
const ALIKE: f64 = 0.5;
/// What is less alike has to have this share of the likeness that our own encoding has: of noise
/// little is left by anybody, of other pictures more than another picture has.
const OF_OUR_OWN: f64 = 0.75;

type Outcome<T> = Result<T, JobError>;

/// A picture whose parts others may make.
pub struct Shared<'a> {
    pub app: &'a App,
    pub running: &'a Running,
    pub video: &'a Video,
    /// As it was decided, and with what was chosen for this title since.
    pub plan: &'a Plan,
    pub offered: &'a Plan,
    pub work: &'a Work<'a>,
    /// The kind of job that hands out these parts and takes them up.
    pub answered_by: &'static str,
    /// Of each size a file that is ours: what is brought begins like it.
    pub known: BTreeMap<u32, PathBuf>,
}

impl Shared<'_> {
    /// The jobs of its parts that are not at a good end.
    async fn jobs(&self) -> Outcome<Vec<RunnerJob>> {
        let mut jobs = runner::of_video(&self.app.db, self.video.id, &[part::KIND]).await?;
        jobs.retain(|job| job.answered_by == self.answered_by);
        Ok(jobs)
    }
}

/// Whose turn a part is.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    Ours,
    Workers,
}

/// The encoder that a plan's parts are made by.
fn encoder(plan: &Plan) -> &'static str {
    plan.encoding.codec.encoder()
}

/// Would workers take parts of this plan?
pub async fn are_wanted(app: &App, plan: &Plan) -> Outcome<bool> {
    let is_picture = matches!(plan.picture, Picture::Stream { .. });
    if !is_picture || plan.chunks.len() < 2 {
        return Ok(false);
    }
    Ok(part::has_worker(app, encoder(plan)).await?)
}

/// Decides who makes this part, and offers those behind it while a worker is there. The first part is
/// always ours: it is short, and viewers and all other parts wait for it.
pub async fn turn(shared: &Shared<'_>, index: usize) -> Outcome<Turn> {
    if index == 0 || shared.work.finished_chunk(index).is_some() {
        return Ok(Turn::Ours);
    }
    let app = shared.app;
    let has_workers = are_wanted(app, shared.plan).await?;
    let known = shared.jobs().await?;
    if !has_workers && known.is_empty() {
        return Ok(Turn::Ours);
    }
    if known.iter().any(|job| job.state == State::Processing) {
        runner::put_back_stalled(app).await?;
    }
    if has_workers && offer(shared, index, &known).await? {
        app.workers.wake();
    }
    let known = shared.jobs().await?;
    let Some(job) = known.iter().find(|job| index_of(job) == Some(index)) else {
        return Ok(Turn::Ours);
    };
    match job.state {
        State::Completing => take(shared, index, job).await,
        State::Processing => Ok(Turn::Workers),
        State::Pending if has_workers && is_fresh(app, &known) => Ok(Turn::Workers),
        State::Pending => Ok(if part::withdraw(app, job).await? {
            Turn::Ours
        } else {
            Turn::Workers
        }),
        _ => Ok(Turn::Ours),
    }
}

/// Has anything happened to the parts of this video lately?
fn is_fresh(app: &App, known: &[RunnerJob]) -> bool {
    let patience = i64::try_from(app.config.transcoding.worker_patience_s).unwrap_or(30) * SECOND;
    let last = known.iter().map(|job| job.updated_at).max().unwrap_or(0);
    app.clock.now() - last < patience
}

fn index_of(job: &RunnerJob) -> Option<usize> {
    let index = job.private_payload.get("part").and_then(Value::as_u64)?;
    usize::try_from(index).ok()
}

/// Adds a job for each part that has none. Tells whether there were any.
async fn offer(shared: &Shared<'_>, from: usize, known: &[RunnerJob]) -> Outcome<bool> {
    let (app, video, plan) = (shared.app, shared.video, shared.offered);
    let is_missing = |index: &usize| {
        shared.work.finished_chunk(*index).is_none()
            && !known.iter().any(|job| index_of(job) == Some(*index))
    };
    let missing: Vec<usize> = (from..plan.chunks.len()).filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &shared.running.job).await?;
    // While a video is made anew, all else of it waits.
    if store::exists(&mut tx, video.id).await? != (shared.answered_by == PART_ANSWER) {
        return Err(overtaken(app));
    }
    for index in missing {
        let Some(chunk) = plan.chunks.get(index) else {
            continue;
        };
        let alone = Plan {
            frames: chunk.frames,
            chunks: vec![chunk.clone()],
            copy: None,
            ..plan.clone()
        };
        let new = NewRunnerJob {
            uuid: base::random::uuid(),
            kind: part::KIND,
            payload: json!({ "plan": alone }),
            private_payload: json!({ "videoUUID": video.uuid, "part": index }),
            answered_by: shared.answered_by,
            video_id: video.id,
            priority: 100 + i64::try_from(index).unwrap_or(0),
            needs: Some(encoder(plan)),
        };
        runner::add(&mut tx, &new, now).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Verifies what a worker brought. What is right becomes a part like our own; what is wrong is made anew.
async fn take(shared: &Shared<'_>, index: usize, job: &RunnerJob) -> Outcome<Turn> {
    let app = shared.app;
    let folder = runner::result_folder(app, job.uuid);
    std::fs::create_dir_all(&folder).map_err(|error| JobError::Retry(error.to_string()))?;
    let verified = verify(shared, index, job, &folder).await;
    let _ = std::fs::remove_dir_all(&folder);
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &shared.running.job).await?;
    let turn = match verified {
        Ok(was_compared) => {
            part::accept(&mut tx, job, was_compared, now).await?;
            checkpoint(&mut tx, &shared.running.job).await?;
            Turn::Ours
        }
        Err(JobError::Fail(why)) => {
            tracing::warn!(video.id = %shared.video.id, part = index, why, "a worker's part is refused");
            part::refuse(&mut tx, job, &why, now).await?;
            Turn::Workers
        }
        Err(other) => return Err(other),
    };
    tx.commit().await?;
    part::drop_results(app, job.uuid).await;
    Ok(turn)
}

/// Reads every box of it, and now and then compares a segment with the source: always for a worker
/// that is not believed yet, seldom for one that has proved itself. Tells whether it was compared.
async fn verify(
    shared: &Shared<'_>,
    index: usize,
    job: &RunnerJob,
    folder: &std::path::Path,
) -> Outcome<bool> {
    let app = shared.app;
    part::fetch_results(app, job, folder)
        .await
        .map_err(|missing| match missing {
            Missing::TooLarge => JobError::Fail("It is more than such a part can have.".to_owned()),
            Missing::Storage(error) if error.is_not_found() => {
                JobError::Fail("Not all of its files were brought.".to_owned())
            }
            Missing::Storage(error) => JobError::Retry(error.to_string()),
        })?;
    let trust = part::trust(&app.db, job).await?;
    let one_of: u8 = match trust {
        80.. => 8,
        60..80 => 2,
        _ => 1,
    };
    let [dice, rung, segment] = base::random::bytes::<3>();
    let is_compared = dice % one_of == 0;
    if is_compared {
        let rungs = &shared.plan.rungs;
        let rung = rungs.get(usize::from(rung) % rungs.len().max(1));
        let resolution = rung.map_or(0, |rung| rung.resolution);
        let chunk = shared.plan.chunks.get(index);
        let segments = chunk.map_or(1, |chunk| shared.plan.segments_of(chunk));
        let sample = (resolution, u64::from(segment) % segments.max(1));
        if !is_alike(shared, index, folder, sample).await? {
            return Err(JobError::Fail(
                "It shows something else than the source.".to_owned(),
            ));
        }
    }
    let known = |resolution: u32| shared.known.get(&resolution).cloned().unwrap_or_default();
    let taken = shared.work.take_chunk(index, folder, known).await;
    taken.map_err(brought)?;
    Ok(is_compared)
}

async fn is_alike(
    shared: &Shared<'_>,
    index: usize,
    folder: &std::path::Path,
    sample: (u32, u64),
) -> Outcome<bool> {
    let likeness = shared.work.likeness(index, folder, sample).await;
    let likeness = likeness.map_err(brought)?;
    if likeness >= ALIKE {
        return Ok(true);
    }
    let own = shared.work.own_likeness(index, folder, sample).await;
    Ok(likeness >= own.map_err(media_error)? * OF_OUR_OWN)
}

/// A file is at fault in these ways, whoever reads it.
fn brought(error: MediaError) -> JobError {
    match error {
        MediaError::Failed { .. } | MediaError::Broken { .. } | MediaError::Unreadable(_) => {
            JobError::Fail(error.to_string())
        }
        error => media_error(error),
    }
}
