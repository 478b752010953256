//! Whole files with picture and sound, one for each size, for players and programs that read no
//! playlists. They are put together of the renditions; nothing is encoded.

use super::job::video_of;
use super::make::media_error;
use super::{NewRendition, Rendition, Stored, WEB_JOB, store, whole, work_root};
use crate::app::App;
use crate::video::files::key;
use crate::video::{self, Video, VideoId};
use base::Tx;
use base::clock::Millis;
use base::job::{JobError, NewJob, Running, fence};
use base::storage::Class;
use media::{ProbeLimits, Source};
use serde_json::json;
use std::path::{Path, PathBuf};

type Outcome<T> = Result<T, JobError>;

pub async fn enqueue(tx: &mut Tx, id: VideoId, now: Millis) -> base::db::Result<()> {
    NewJob::new(WEB_JOB, json!({ "videoId": id }))
        .priority(-5)
        .max_attempts(3)
        .once(format!("web_videos:{id}"))
        .enqueue(tx, now)
        .await
        .map(drop)
}

/// Makes those that are missing, the largest first.
pub async fn web_videos(app: &App, running: &Running) -> Outcome<()> {
    let Some(video) = video_of(app, running).await? else {
        return Ok(());
    };
    let renditions = store::renditions(&app.db, video.id).await?;
    if renditions.iter().any(|file| !file.complete) {
        // They are being made anew; that ends with another job like this one.
        return Ok(());
    }
    let known = store::web_resolutions(&app.db, video.id).await?;
    let sound = renditions.iter().find(|file| !file.has_video);
    let folder = work_root(app).join(format!("web_videos-{}", video.id));
    std::fs::create_dir_all(&folder).map_err(disk_error)?;
    let mut done = Vec::new();
    for file in renditions.iter().filter(|file| file.has_video) {
        if known.contains(&file.resolution) || done.contains(&file.resolution) {
            continue;
        }
        done.push(file.resolution);
        let made = make(app, running, &video, (file, sound), &folder).await;
        if made.is_err() {
            let _ = std::fs::remove_dir_all(&folder);
            return made;
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

fn disk_error(error: std::io::Error) -> JobError {
    JobError::Retry(error.to_string())
}

fn storage_error(error: base::storage::StorageError) -> JobError {
    JobError::Retry(error.to_string())
}

async fn make(
    app: &App,
    running: &Running,
    video: &Video,
    (file, sound): (&Rendition, Option<&Rendition>),
    folder: &Path,
) -> Outcome<()> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let picture = local(app, video, &file.filename, folder.join("picture.mp4")).await?;
    let heard = match sound {
        Some(sound) => Some(local(app, video, &sound.filename, folder.join("sound.mp4")).await?),
        None => None,
    };
    let out = folder.join("whole.mp4");
    media::progressive(ffmpeg, &picture, heard.as_ref(), &out, &running.stop)
        .await
        .map_err(media_error)?;
    let (new, stored) = put(app, running, video, file, &out).await?;
    keep(app, running, video, (&new, &stored), sound.is_some()).await
}

/// Puts such a file where it stays. It counts when its row is there.
pub async fn put(
    app: &App,
    running: &Running,
    video: &Video,
    file: &Rendition,
    out: &Path,
) -> Outcome<(NewRendition, Stored)> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let limits = ProbeLimits::default();
    let probe = media::probe(ffmpeg, &Source::file(out), &limits, &running.stop).await;
    let probe = probe.map_err(media_error)?;
    let size_bytes = std::fs::metadata(out).map_err(disk_error)?.len();
    let filename = format!("{}-{}.mp4", base::random::uuid(), file.resolution);
    let key = key(video.uuid, &filename);
    let put = app.storage.put_file(Class::Rendition, &key, out).await;
    put.map_err(storage_error)?;
    let fps = probe
        .video
        .as_ref()
        .and_then(|picture| picture.avg_frame_rate);
    let new = NewRendition {
        filename,
        playlist_filename: String::new(),
        resolution: file.resolution,
        width: file.width,
        height: file.height,
        fps: fps.map_or(0, |rate| rate.nearest_frame(1_000_000)),
        has_video: true,
        copied: file.copied,
    };
    let bits = probe.bit_rate.unwrap_or(0);
    let stored = Stored {
        size_bytes: whole(size_bytes),
        codecs: String::new(),
        peak_bps: whole(bits),
        average_bps: whole(bits),
        metadata: Some(probe.raw),
    };
    Ok((new, stored))
}

async fn keep(
    app: &App,
    running: &Running,
    video: &Video,
    (new, stored): (&NewRendition, &Stored),
    has_audio: bool,
) -> Outcome<()> {
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    if video::find_in(&mut tx, video.id).await?.is_none() {
        return Ok(());
    }
    store::add_web(&mut tx, video.id, (new, stored), has_audio, app.clock.now()).await?;
    video::weigh(&mut tx, video.id).await?;
    tx.commit().await?;
    Ok(())
}

/// A rendition as a file: where it lies, or a copy.
async fn local(app: &App, video: &Video, filename: &str, copy: PathBuf) -> Outcome<Source> {
    let key = key(video.uuid, filename);
    let local = app.storage.local_path(Class::Rendition, &key);
    if let Some(path) = local.map_err(storage_error)? {
        return Ok(Source::file(path));
    }
    let fetched = app.storage.fetch_to(Class::Rendition, &key, &copy).await;
    fetched.map_err(storage_error)?;
    Ok(Source::file(copy))
}
