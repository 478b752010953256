//! The storyboard above the time line: many small pictures of the video in one.

use super::job::video_of;
use super::make::media_error;
use super::{Rendition, store, whole, work_root};
use crate::app::App;
use crate::video::files::{OldFile, drop_later, key};
use crate::video::{Storyboard, Video, files};
use base::job::{JobError, Running, fence};
use base::storage::Class;
use media::{Priority, Source};
use serde_json::{Value, json};
use std::path::Path;

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
    if app.instance.settings().storyboards.enabled {
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

async fn board(
    app: &App,
    running: &Running,
    video: &Video,
    (smallest, source): (&Rendition, &Source),
    folder: &Path,
) -> Result<(), JobError> {
    let side = |side: Option<i64>| u32::try_from(side.unwrap_or(2)).unwrap_or(2);
    let size = (side(smallest.width), side(smallest.height));
    let sprites = media::sprites(video.duration_s.max(1) * 1_000_000, size);
    let filename = format!("{}-{}.jpg", video.uuid, short_random());
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
    let stored = app
        .storage
        .put_file(Class::Storyboard, &key(video.uuid, &filename), &out)
        .await;
    stored.map_err(|error| JobError::Retry(error.to_string()))?;
    let board = Storyboard {
        filename,
        total_width: i64::from(sprites.width) * i64::from(sprites.columns),
        total_height: i64::from(sprites.height) * i64::from(sprites.rows),
        sprite_width: sprites.width.into(),
        sprite_height: sprites.height.into(),
        sprite_duration: sprites.every_s.into(),
    };
    keep(app, running, video, &json!(board)).await
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

async fn keep(app: &App, running: &Running, video: &Video, board: &Value) -> Result<(), JobError> {
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
    crate::video::tell_changed(&mut tx, video.id, now).await?;
    tx.commit().await?;
    Ok(())
}
