//! Makes what was asked for.

use super::{Extract, ExtractId, Kind, key, store};
use crate::app::App;
use crate::transcode::make::{disk_error, media_error, storage_error};
use crate::transcode::work_root;
use crate::video::files::{self, FileRow};
use crate::video::{self, Video, VideoRef};
use base::job::{JobError, Running, fence, set_progress};
use base::storage::Class;
use media::extract::{About, Making, Passage};
use media::{Ffmpeg, MediaError, Source};
use serde::Deserialize;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

type Outcome<T> = Result<T, JobError>;

const REPORT_EVERY: Duration = Duration::from_secs(1);
/// A GIF is never larger, so nothing larger is decoded for it.
const GIF_SIDE: i64 = 480;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    extract_id: ExtractId,
}

pub async fn make(app: &App, running: &Running) -> Outcome<()> {
    let Payload { extract_id } = running.job.payload()?;
    let Some(extract) = store::find(&app.db, extract_id).await? else {
        return Ok(());
    };
    let video = match video::find(app, VideoRef::Number(extract.video_id)).await {
        Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => return Ok(()),
        found => found?,
    };
    let folder = work_root(app).join(format!("extract-{}", extract.id));
    std::fs::create_dir_all(&folder).map_err(disk_error)?;
    let percent = AtomicI64::new(0);
    let done = tokio::select! {
        made = put(app, running, (&video, &extract), &folder, &percent) => made,
        stopped = report(app, running, &extract, &percent) => stopped,
    };
    let _ = std::fs::remove_dir_all(&folder);
    let is_last = running.job.attempt >= running.job.max_attempts;
    match &done {
        Err(JobError::Fail(why)) => drop(store::set_failed(&app.db, extract.id, why).await?),
        Err(JobError::Retry(why)) if is_last => {
            store::set_failed(&app.db, extract.id, why).await?;
        }
        _ => {}
    }
    done
}

async fn report(
    app: &App,
    running: &Running,
    extract: &Extract,
    percent: &AtomicI64,
) -> Outcome<()> {
    loop {
        tokio::time::sleep(REPORT_EVERY).await;
        let now = percent.load(Ordering::Relaxed);
        store::set_progress(&app.db, extract.id, now).await?;
        set_progress(&app.db, &running.job, now).await?;
    }
}

async fn put(
    app: &App,
    running: &Running,
    (video, extract): (&Video, &Extract),
    folder: &Path,
    percent: &AtomicI64,
) -> Outcome<()> {
    let out = folder.join("out");
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let passage = Passage {
        start_ms: extract.start_ms,
        end_ms: extract.end_ms,
    };
    #[expect(clippy::cast_possible_truncation, reason = "it is at most 99")]
    let note = |share: f64| percent.store((share * 99.0) as i64, Ordering::Relaxed);
    let (picture, sound) = sources(app, video, extract).await?;
    let picture = || picture.clone().ok_or_else(|| none("picture"));
    let made = match extract.kind {
        Kind::Gif => {
            let source = picture()?;
            making(app, ffmpeg, (&source, &out), running)
                .gif(passage, note)
                .await
        }
        Kind::Loop => {
            let source = picture()?;
            making(app, ffmpeg, (&source, &out), running)
                .repeating(passage, note)
                .await
        }
        Kind::Mp4 => {
            media::progressive(ffmpeg, &picture()?, sound.as_ref(), &out, &running.stop).await
        }
        Kind::Podcast => {
            let sound = sound.ok_or_else(|| none("sound"))?;
            podcast(app, ffmpeg, video, (&sound, &out), running).await
        }
    };
    made.map_err(failed)?;
    let size_bytes = std::fs::metadata(&out).map_err(disk_error)?.len();
    let stored_as = key(video, extract);
    let stored = app.storage.put_file(Class::Rendition, &stored_as, &out);
    stored.await.map_err(storage_error)?;
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    let size_bytes = i64::try_from(size_bytes).unwrap_or(i64::MAX);
    store::set_done(&mut tx, extract.id, size_bytes).await?;
    tx.commit().await?;
    Ok(())
}

fn none(what: &str) -> JobError {
    JobError::Fail(format!("This video has no {what}."))
}

/// What ffmpeg cannot do with this passage, it cannot do the next time either.
fn failed(error: MediaError) -> JobError {
    match error {
        error @ (MediaError::Failed { .. } | MediaError::Unreadable(_)) => {
            JobError::Fail(error.to_string())
        }
        error => media_error(error),
    }
}

/// The rendition to make it of, and the sound.
async fn sources(
    app: &App,
    video: &Video,
    extract: &Extract,
) -> Outcome<(Option<Source>, Option<Source>)> {
    let mut tx = app.db.begin().await?;
    let rows = files::rows(&mut tx, video).await?;
    tx.commit().await?;
    let whole: Vec<&FileRow> = rows.iter().filter(|row| row.complete).collect();
    let picture = picture_of(extract, &whole);
    let has_own_sound = picture.is_some_and(|row| row.has_audio);
    let apart = whole.iter().find(|row| !row.has_video).copied();
    let sound = match extract.kind {
        Kind::Gif | Kind::Loop => None,
        Kind::Mp4 if has_own_sound => None,
        Kind::Mp4 => apart,
        Kind::Podcast => apart.or_else(|| whole.iter().find(|row| row.has_audio).copied()),
    };
    let source = async |row: Option<&FileRow>| -> Outcome<Option<Source>> {
        match row {
            Some(row) => Ok(Some(files::rendition_source(app, video, row).await?)),
            None => Ok(None),
        }
    };
    Ok((source(picture).await?, source(sound).await?))
}

/// `whole` has the largest first.
fn picture_of<'a>(extract: &Extract, whole: &[&'a FileRow]) -> Option<&'a FileRow> {
    let mut pictures = whole.iter().filter(|row| row.has_video).copied();
    match (extract.kind, extract.resolution) {
        (Kind::Podcast, _) => None,
        (Kind::Gif, _) => pictures
            .clone()
            .rfind(|row| row.resolution >= GIF_SIDE)
            .or_else(|| pictures.next()),
        (_, 0) => pictures.next(),
        (_, wanted) => pictures.find(|row| row.resolution == wanted),
    }
}

async fn podcast(
    app: &App,
    ffmpeg: &Ffmpeg,
    video: &Video,
    (sound, out): (&Source, &Path),
    running: &Running,
) -> media::Result<()> {
    let cover = out.with_extension("jpg");
    let has_cover = match &video.preview {
        Some(key) => {
            let fetched = app.storage.fetch_to(Class::Thumbnail, key, &cover).await;
            fetched.is_ok()
        }
        None => false,
    };
    let about = About {
        title: &video.name,
        artist: &video.channel_display_name,
        cover: has_cover.then_some(cover.as_path()),
    };
    making(app, ffmpeg, (sound, out), running)
        .sound(&about)
        .await
}

fn making<'a>(
    app: &App,
    ffmpeg: &'a Ffmpeg,
    (source, out): (&'a Source, &'a Path),
    running: &'a Running,
) -> Making<'a> {
    Making {
        ffmpeg,
        source,
        out,
        priority: app.config.transcoding.priority,
        cancel: &running.stop,
    }
}
