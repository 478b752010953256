//! The jobs of the studio: editing here, and taking over what a runner has edited.

use super::store;
use super::{MARK_MARGIN, MARK_SIZE, Order, Task, folder};
use crate::app::App;
use crate::runner::{self, Answer, RunnerJob, State};
use crate::video::{self, Video, VideoId, VideoRef, VideoState};
use base::job::{JobError, Running, fence, set_progress};
use base::storage::Class;
use media::edit::{Edit, Inserted};
use media::{MediaError, ProbeLimits, Source};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const REPORT_EVERY: Duration = Duration::from_secs(2);

type Outcome<T> = Result<T, JobError>;

fn media_error(error: MediaError) -> JobError {
    match error {
        MediaError::Canceled => JobError::Cancelled,
        error
        @ (MediaError::Unreadable(_) | MediaError::Failed { .. } | MediaError::Missing(_)) => {
            JobError::Fail(error.to_string())
        }
        error => JobError::Retry(error.to_string()),
    }
}

async fn find(app: &App, id: VideoId) -> Outcome<Option<Video>> {
    match video::find(app, VideoRef::Number(id)).await {
        Ok(video) if video.state == VideoState::ToEdit => Ok(Some(video)),
        Ok(_) => Ok(None),
        Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub async fn edit(app: &App, running: &Running) -> Outcome<()> {
    let order: Order = running.job.payload()?;
    let Some(video) = find(app, order.video_id).await? else {
        return Ok(());
    };
    let work = app
        .config
        .server
        .data_dir
        .join("work")
        .join(format!("studio-{}", video.id));
    let done = make(app, running, &video, &order, &work).await;
    let _ = std::fs::remove_dir_all(&work);
    let is_last = running.job.attempt >= running.job.max_attempts;
    match &done {
        Ok(()) => {}
        // A stop of the server is taken up at the next start; a cancelled job is tidied up later.
        Err(_) if running.stop.is_cancelled() => return done,
        Err(JobError::Fail(_)) => give_up(app, video.id).await?,
        Err(JobError::Retry(_)) if is_last => give_up(app, video.id).await?,
        Err(_) => return done,
    }
    forget_files(app, &order.tasks);
    done
}

/// Shows videos again whose job was cancelled or has died.
pub async fn tidy(app: &App) -> Outcome<()> {
    for (id,) in store::stranded(&app.db).await? {
        give_up(app, id).await?;
    }
    super::tidy(app)?;
    Ok(())
}

/// The video stays as it was.
async fn give_up(app: &App, id: VideoId) -> Outcome<()> {
    let mut tx = app.db.begin().await?;
    let now = video::find_in(&mut tx, id).await?;
    if now.is_some_and(|video| video.state == VideoState::ToEdit) {
        video::publish(&mut tx, id, app.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn forget_files(app: &App, tasks: &[Task]) {
    for file in tasks.iter().filter_map(Task::file) {
        let _ = std::fs::remove_file(folder(app).join(file));
    }
}

async fn make(
    app: &App,
    running: &Running,
    video: &Video,
    order: &Order,
    work: &Path,
) -> Outcome<()> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    std::fs::create_dir_all(work).map_err(|error| JobError::Retry(error.to_string()))?;
    let source = source(app, video, work).await?;
    let limits = ProbeLimits::default();
    let probe = media::probe(ffmpeg, &source, &limits, &running.stop).await;
    let probe = probe.map_err(media_error)?;
    #[expect(clippy::cast_precision_loss, reason = "no video is so long")]
    let mut length_s = probe.duration_us.unwrap_or(0).max(0) as f64 / 1e6;
    let mut edits = Vec::new();
    for task in &order.tasks {
        let edit = edit_of(app, running, task, length_s).await?;
        length_s = media::edit::expected_s(length_s, std::slice::from_ref(&edit));
        edits.push(edit);
    }
    let out = work.join("edited.mp4");
    let percent = AtomicI64::new(0);
    #[expect(clippy::cast_possible_truncation, reason = "it is at most 99")]
    let note = |share: f64| percent.store((share * 99.0) as i64, Ordering::Relaxed);
    let made = media::edit::edit(ffmpeg, &source, &probe, &edits, &out, &running.stop, note);
    tokio::select! {
        made = made => made.map_err(media_error)?,
        stopped = report(app, running, &percent) => return stopped,
    }
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    tx.commit().await?;
    video::upload::put_edited(app, video, &out, &named(video)).await?;
    Ok(())
}

async fn report(app: &App, running: &Running, percent: &AtomicI64) -> Outcome<()> {
    loop {
        tokio::time::sleep(REPORT_EVERY).await;
        set_progress(&app.db, &running.job, percent.load(Ordering::Relaxed)).await?;
    }
}

fn named(video: &Video) -> String {
    format!("{}.mp4", video.name)
}

/// The original as a file, or its address where it lies in a bucket.
async fn source(app: &App, video: &Video, work: &Path) -> Outcome<Source> {
    let gone = || JobError::Fail("The original file is not there any more.".to_owned());
    let failed = |error: base::storage::StorageError| JobError::Retry(error.to_string());
    let Some(key) = video::files::source_of(app, video.id).await? else {
        return crate::transcode::original::best(app, video, &work.join("source.mp4")).await;
    };
    let local = app.storage.local_path(Class::Original, &key);
    if let Some(path) = local.map_err(failed)? {
        return if path.exists() {
            Ok(Source::file(path))
        } else {
            Err(gone())
        };
    }
    let copy = work.join("source");
    let fetched = app.storage.fetch_to(Class::Original, &key, &copy).await;
    fetched.map_err(failed)?;
    Ok(Source::file(copy))
}

/// `length_s` is how long the video is before this step.
async fn edit_of(app: &App, running: &Running, task: &Task, length_s: f64) -> Outcome<Edit> {
    #[expect(clippy::cast_precision_loss, reason = "no video is so long")]
    let seconds = |time: i64| time as f64;
    Ok(match task {
        Task::Cut { start, end } => {
            Edit::Keep(vec![(seconds(start.unwrap_or(0)), end.map(seconds))])
        }
        Task::RemoveSegments { segments } => {
            let mut segments: Vec<(f64, f64)> = segments
                .iter()
                .map(|segment| (seconds(segment.start), seconds(segment.end)))
                .collect();
            segments.sort_by(|a, b| a.0.total_cmp(&b.0));
            Edit::Keep(between(&segments, length_s))
        }
        Task::AddIntro { file } => Edit::Before(inserted(app, running, file).await?),
        Task::AddOutro { file } => Edit::After(inserted(app, running, file).await?),
        Task::AddWatermark { file } => Edit::Mark {
            picture: folder(app).join(file),
            size_ratio: MARK_SIZE,
            horizontal_ratio: MARK_MARGIN,
            vertical_ratio: MARK_MARGIN,
        },
    })
}

/// What is left when these stretches go.
fn between(segments: &[(f64, f64)], length_s: f64) -> Vec<(f64, Option<f64>)> {
    let (mut kept, mut at) = (Vec::new(), 0.0);
    for (start, end) in segments {
        if *start > at {
            kept.push((at, Some(*start)));
        }
        at = end.max(at);
    }
    if at < length_s {
        kept.push((at, None));
    }
    kept
}

async fn inserted(app: &App, running: &Running, file: &str) -> Outcome<Inserted> {
    let path: PathBuf = folder(app).join(file);
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let (source, limits) = (Source::file(&path), ProbeLimits::default());
    let probe = media::probe(ffmpeg, &source, &limits, &running.stop).await;
    let probe = probe.map_err(media_error)?;
    #[expect(clippy::cast_precision_loss, reason = "no video is so long")]
    let duration_s = probe.duration_us.unwrap_or(0).max(0) as f64 / 1e6;
    Ok(Inserted {
        file: path,
        has_audio: !probe.audio.is_empty(),
        duration_s,
    })
}

/// What a runner has edited takes the original's place.
pub async fn take(app: &App, running: &Running) -> Outcome<()> {
    let answer: Answer = running.job.payload()?;
    let Some(job) = runner::find(&app.db, answer.job_uuid).await? else {
        return Ok(());
    };
    let tasks = job.private_payload.get("originalTasks").cloned();
    let tasks: Vec<Task> = serde_json::from_value(tasks.unwrap_or_default()).unwrap_or_default();
    let video = match answer.video_id {
        Some(id) => find(app, id).await?,
        None => None,
    };
    match video {
        Some(video) if answer.failure.is_some() => give_up(app, video.id).await?,
        Some(video) if job.state == State::Completing => {
            put_away(app, running, &video, (&job, &tasks)).await?;
        }
        _ => {}
    }
    let _ = std::fs::remove_dir_all(runner::result_folder(app, job.uuid));
    forget_files(app, &tasks);
    Ok(())
}

async fn put_away(
    app: &App,
    running: &Running,
    video: &Video,
    (job, tasks): (&RunnerJob, &[Task]),
) -> Outcome<()> {
    let from = runner::result_folder(app, job.uuid).join("video.mp4");
    let refused = match fault(app, running, video, (tasks, &from)).await? {
        Some(why) => Some(why),
        None => match video::upload::put_edited(app, video, &from, &named(video)).await {
            Ok(()) => None,
            Err(error) if error.status().is_server_error() => return Err(error.into()),
            Err(error) => Some(error.detail().to_owned()),
        },
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    match &refused {
        None => runner::complete(&mut tx, job.uuid, now).await?,
        Some(why) => runner::give_up(&mut tx, job, why, now).await?,
    }
    tx.commit().await?;
    if refused.is_some() {
        give_up(app, video.id).await?;
    }
    Ok(())
}

/// Why a file cannot be what these tasks make of the video.
async fn fault(
    app: &App,
    running: &Running,
    video: &Video,
    (tasks, file): (&[Task], &Path),
) -> Outcome<Option<String>> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let (source, limits) = (Source::file(file), ProbeLimits::default());
    let wrong = |why: &str| Some(format!("What the runner brought is wrong: {why}."));
    let probe = match media::probe(ffmpeg, &source, &limits, &running.stop).await {
        Err(error) if error.is_permanent() => return Ok(wrong(&error.to_string())),
        probe => probe.map_err(media_error)?,
    };
    if probe.video.is_none() {
        return Ok(wrong("it has no picture"));
    }
    #[expect(clippy::cast_precision_loss, reason = "no video is so long")]
    let (mut expected, length_s) = (
        video.duration_s as f64,
        probe.duration_us.unwrap_or(0).max(0) as f64 / 1e6,
    );
    for task in tasks {
        let edit = edit_of(app, running, task, expected).await?;
        expected = media::edit::expected_s(expected, std::slice::from_ref(&edit));
    }
    if !runner::is_about(expected, length_s) {
        return Ok(wrong("it has another length than the edited video"));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn what_is_left_between_the_segments() {
        let kept = between(&[(0.0, 2.0), (1.0, 3.0), (5.0, 6.0)], 10.0);
        assert_eq!(kept, [(3.0, Some(5.0)), (6.0, None)]);
        assert_eq!(between(&[(2.0, 20.0)], 10.0), [(0.0, Some(2.0))]);
        assert!(between(&[(0.0, 20.0)], 10.0).is_empty());
    }
}
