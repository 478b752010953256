//! The storyboard above the time line: many small pictures of the video in one.

use super::job::video_of;
use super::make::media_error;
use super::remote::find_video;
use super::{Rendition, STORYBOARD_JOB, store, whole, work_root};
use crate::app::App;
use crate::error::{Error, Result};
use crate::runner::{self, Answer, NewRunnerJob, RunnerJob, STORYBOARD, STORYBOARD_ANSWER, State};
use crate::video::files::{OldFile, drop_later, key};
use crate::video::{Storyboard, Video, VideoId, files};
use base::job::{JobError, NewJob, Running, fence};
use base::storage::Class;
use media::{MediaError, Priority, Source, Sprites};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// How long a runner's job waits behind those that make videos playable.
const PRIORITY: i64 = 200;

#[derive(Deserialize)]
struct Payload {
    /// Runners have failed to make it.
    #[serde(default)]
    here: bool,
}

/// Has it made, or made again.
pub async fn ask_storyboard(app: &App, id: VideoId) -> Result<()> {
    NewJob::new(STORYBOARD_JOB, json!({ "videoId": id }))
        .priority(-10)
        .max_attempts(3)
        .once(format!("storyboard:{id}"))
        .enqueue(&app.db, app.clock.now())
        .await?;
    app.workers.wake();
    Ok(())
}

/// Is the file of a storyboard there?
pub async fn has_storyboard(app: &App, video: &Video, board: &Storyboard) -> Result<bool> {
    let key = key(video.uuid, &board.filename);
    match app.storage.head(Class::Storyboard, &key).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(Error::internal(error)),
    }
}

/// Makes it of the smallest rendition, which is quick to decode, and looks for flashes in the same.
pub async fn storyboard(app: &App, running: &Running) -> Result<(), JobError> {
    let Some(video) = video_of(app, running).await? else {
        return Ok(());
    };
    let renditions = store::renditions(&app.db, video.id).await?;
    let smallest = renditions
        .iter()
        .filter(|file| file.has_video && file.complete)
        .min_by_key(|file| (file.resolution, file.copied));
    let Some(smallest) = smallest else {
        return Ok(());
    };
    let folder = work_root(app).join(format!("storyboard-{}", video.id));
    std::fs::create_dir_all(&folder).map_err(|error| JobError::Retry(error.to_string()))?;
    let source = source(app, &video, &smallest.filename, &folder).await?;
    flashes(app, running, &video, &source).await?;
    let wanted = app.instance.settings().storyboards;
    let far = wanted.remote_runners.enabled && !running.job.payload::<Payload>()?.here;
    if wanted.enabled && far {
        hand_out(app, running, &video, smallest).await?;
    } else if wanted.enabled {
        board(app, running, &video, (smallest, &source), &folder).await?;
    }
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

/// Writes down where the picture flashes so that it may cause seizures.
async fn flashes(
    app: &App,
    running: &Running,
    video: &Video,
    source: &Source,
) -> Result<(), JobError> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let found = media::flashes(ffmpeg, source, priority(app), &running.stop).await;
    let spans: Vec<(i64, i64)> = found
        .map_err(media_error)?
        .iter()
        .map(|span| (whole(span.start_ms), whole(span.end_ms)))
        .collect();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    store::title::set_flashes(&mut tx, video.id, &spans).await?;
    tx.commit().await?;
    Ok(())
}

fn sprites_of(video: &Video, smallest: &Rendition) -> Sprites {
    let side = |side: Option<i64>| u32::try_from(side.unwrap_or(2)).unwrap_or(2);
    let size = (side(smallest.width), side(smallest.height));
    media::sprites(video.duration_s.max(1) * 1_000_000, size)
}

fn named(video: &Video, sprites: &Sprites) -> Storyboard {
    Storyboard {
        filename: format!("{}-{}.jpg", video.uuid, short_random()),
        total_width: i64::from(sprites.width) * i64::from(sprites.columns),
        total_height: i64::from(sprites.height) * i64::from(sprites.rows),
        sprite_width: sprites.width.into(),
        sprite_height: sprites.height.into(),
        sprite_duration: sprites.every_s.into(),
    }
}

async fn board(
    app: &App,
    running: &Running,
    video: &Video,
    (smallest, source): (&Rendition, &Source),
    folder: &Path,
) -> Result<(), JobError> {
    let sprites = sprites_of(video, smallest);
    let out = folder.join("board.jpg");
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let only_keyframes = !smallest.copied;
    media::storyboard(
        ffmpeg,
        source,
        &sprites,
        only_keyframes,
        &out,
        priority(app),
        &running.stop,
    )
    .await
    .map_err(media_error)?;
    let board = named(video, &sprites);
    put(app, video, &board, &out).await?;
    keep(app, running, video, &json!(board), None).await
}

async fn put(app: &App, video: &Video, board: &Storyboard, file: &Path) -> Result<(), JobError> {
    let key = key(video.uuid, &board.filename);
    let stored = app.storage.put_file(Class::Storyboard, &key, file).await;
    stored.map_err(|error| JobError::Retry(error.to_string()))
}

/// Has a runner make it.
async fn hand_out(
    app: &App,
    running: &Running,
    video: &Video,
    smallest: &Rendition,
) -> Result<(), JobError> {
    let (uuid, sprites) = (base::random::uuid(), sprites_of(video, smallest));
    let new = NewRunnerJob {
        uuid,
        kind: STORYBOARD,
        payload: json!({
            "input": { "videoFileUrl": runner::file_url(app, uuid, video.uuid, "max-quality") },
            "sprites": {
                "size": { "width": sprites.width, "height": sprites.height },
                "count": { "width": sprites.columns, "height": sprites.rows },
                "duration": sprites.every_s,
            },
            "output": {},
        }),
        private_payload: json!({ "videoUUID": video.uuid, "board": named(video, &sprites) }),
        answered_by: STORYBOARD_ANSWER,
        video_id: video.id,
        priority: PRIORITY,
        needs: None,
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    if crate::video::find_in(&mut tx, video.id).await?.is_none() {
        return Ok(());
    }
    runner::forget(&mut tx, video.id, &[STORYBOARD]).await?;
    runner::add(&mut tx, &new, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// What a runner brought becomes the storyboard. What is wrong, or was given up, is made here.
pub async fn take_storyboard(app: &App, running: &Running) -> Result<(), JobError> {
    let answer: Answer = running.job.payload()?;
    let Some(video) = find_video(app, answer.video_id).await? else {
        return Ok(());
    };
    let Some(job) = runner::find(&app.db, answer.job_uuid).await? else {
        return Ok(());
    };
    let failure = match (answer.failure, job.state) {
        (Some(why), _) => Some(why),
        (None, State::Completing) => put_away(app, running, &video, &job).await?,
        _ => return Ok(()),
    };
    let _ = std::fs::remove_dir_all(runner::result_folder(app, job.uuid));
    let Some(why) = failure else {
        return Ok(());
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    if job.state == State::Completing {
        runner::give_up(&mut tx, &job, &why, now).await?;
    }
    NewJob::new(STORYBOARD_JOB, json!({ "videoId": video.id, "here": true }))
        .priority(-10)
        .max_attempts(3)
        .once(format!("storyboard:{}", video.id))
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Draws the picture anew, so nothing of the runner's file is served. Gives the reason when that cannot be done.
async fn put_away(
    app: &App,
    running: &Running,
    video: &Video,
    job: &RunnerJob,
) -> Result<Option<String>, JobError> {
    let wrong = |why: &str| Some(format!("What the runner brought is wrong: {why}."));
    let board = job.private_payload.get("board").cloned();
    let board: Storyboard = serde_json::from_value(board.unwrap_or_default())
        .map_err(|error| JobError::Fail(error.to_string()))?;
    let folder = runner::result_folder(app, job.uuid);
    let side = |side: i64| u32::try_from(side).unwrap_or(2);
    let size = (side(board.total_width), side(board.total_height));
    let wanted = media::Wanted {
        max_width: size.0,
        max_height: size.1,
        out: folder.join("board.jpg"),
    };
    let (ffmpeg, from) = (
        app.ffmpeg().await.map_err(media_error)?,
        folder.join("storyboard.jpg"),
    );
    let drawn =
        media::pictures_of_file(ffmpeg, &from, std::slice::from_ref(&wanted), &running.stop);
    match drawn.await {
        Err(error @ (MediaError::Failed { .. } | MediaError::Unreadable(_))) => {
            return Ok(wrong(&error.to_string()));
        }
        Err(error) if error.is_permanent() => return Ok(wrong(&error.to_string())),
        drawn => {
            if drawn.map_err(media_error)?.first() != Some(&size) {
                return Ok(wrong("it has another size than was asked for"));
            }
        }
    }
    put(app, video, &board, &wanted.out).await?;
    keep(app, running, video, &json!(board), Some(job)).await?;
    Ok(None)
}

/// Nobody waits for it, so it yields to all else, unless the machine is there for such work.
fn priority(app: &App) -> Priority {
    match app.config.transcoding.priority {
        Priority::Normal => Priority::Normal,
        Priority::Nice | Priority::Idle => Priority::Idle,
    }
}

fn short_random() -> String {
    hex::encode(base::random::bytes::<4>())
}

async fn source(
    app: &App,
    video: &Video,
    filename: &str,
    folder: &Path,
) -> Result<Source, JobError> {
    let failed = |error: base::storage::StorageError| JobError::Retry(error.to_string());
    let key = key(video.uuid, filename);
    let local = app.storage.local_path(Class::Rendition, &key);
    if let Some(path) = local.map_err(failed)? {
        return Ok(Source::file(path));
    }
    let copy = folder.join("source.mp4");
    let fetched = app.storage.fetch_to(Class::Rendition, &key, &copy).await;
    fetched.map_err(failed)?;
    Ok(Source::file(copy))
}

async fn keep(
    app: &App,
    running: &Running,
    video: &Video,
    board: &Value,
    job: Option<&RunnerJob>,
) -> Result<(), JobError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    let old = store::set_storyboard(&mut tx, video.id, board).await?;
    let old = old.as_ref().and_then(|old| old.get("filename")?.as_str());
    let old: Vec<OldFile> = old
        .map(|name| OldFile::storyboard(files::key(video.uuid, name)))
        .into_iter()
        .collect();
    drop_later(&mut tx, &old, now).await?;
    if let Some(job) = job {
        runner::complete(&mut tx, job.uuid, now).await?;
    }
    crate::video::tell_changed(&mut tx, video.id, now).await?;
    tx.commit().await?;
    Ok(())
}
