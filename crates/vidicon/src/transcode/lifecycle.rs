//! What becomes of videos that nobody watches: their originals go to a colder place, their large renditions go until
//! somebody watches again. A video can be watched at any time.

use super::store::{self, lifecycle as rules};
use super::{enqueue, job};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::files::{self, FileId, FileRow, OldFile};
use crate::video::{self, VideoId, VideoRef};
use base::Tx;
use base::clock::{DAY, HOUR, Millis};
use base::job::{JobError, Running};
use serde::Deserialize;
use uuid::Uuid;

/// Once a day.
pub const LIFECYCLE_JOB: &str = "lifecycle";
/// So many videos are looked at in one query.
const AT_ONCE: i64 = 100;
/// Whoever watches while a video is made again goes on with the file that is being replaced.
const OUTLIVES_BY: Millis = 12 * HOUR;

/// A video whose original has not been needed for long.
#[derive(Clone, Debug, Deserialize)]
pub struct Idle {
    pub id: VideoId,
    pub uuid: Uuid,
    pub name: String,
    pub key: String,
    pub size_bytes: i64,
}

/// A file of a video that nobody watches.
#[derive(Clone, Debug, Deserialize)]
pub struct Large {
    pub id: VideoId,
    pub uuid: Uuid,
    pub name: String,
    pub file_id: FileId,
    pub filename: String,
    pub playlist_filename: Option<String>,
    pub kind: String,
    pub resolution: i64,
    pub size_bytes: i64,
}

/// What a rule does, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub video: String,
    pub what: What,
    pub bytes: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    ArchiveOriginal,
    DropRenditions,
}

/// Carries the rules out, or only tells what they would do.
pub async fn carry_out(app: &App, dry_run: bool) -> Result<Vec<Step>> {
    let settings = app.instance.settings();
    let rules = settings.lifecycle;
    let now = app.clock.now();
    let mut steps = Vec::new();
    // First what is made of originals goes, then they go themselves: no original comes back for this.
    if rules.drop_renditions_days > 0 && settings.transcoding.enabled {
        let since = now - rules.drop_renditions_days * DAY;
        drop_renditions(app, since, rules.keep_height, dry_run, &mut steps).await?;
    }
    if rules.archive_originals_days > 0 && app.storage.has_archive() {
        let since = now - rules.archive_originals_days * DAY;
        archive_originals(app, since, dry_run, &mut steps).await?;
    }
    Ok(steps)
}

pub async fn run(app: &App) -> Result<(), JobError> {
    super::extract::collect(app).await?;
    let steps = carry_out(app, false).await?;
    if !steps.is_empty() {
        let bytes: i64 = steps.iter().map(|step| step.bytes).sum();
        tracing::info!(steps = steps.len(), bytes, "put aside what nobody watches");
    }
    Ok(())
}

async fn archive_originals(
    app: &App,
    since: Millis,
    dry_run: bool,
    steps: &mut Vec<Step>,
) -> Result<()> {
    let mut last = VideoId::new(0);
    loop {
        let found = rules::idle_originals(&app.db, since, last, AT_ONCE).await?;
        let Some(end) = found.last() else {
            return Ok(());
        };
        last = end.id;
        for idle in found {
            if !dry_run {
                app.storage
                    .archive(&idle.key)
                    .await
                    .map_err(Error::internal)?;
                rules::set_archived(&app.db, idle.id, &idle.key, app.clock.now()).await?;
            }
            steps.push(Step {
                video: format!("{} {}", idle.uuid, idle.name),
                what: What::ArchiveOriginal,
                bytes: idle.size_bytes,
            });
        }
    }
}

async fn drop_renditions(
    app: &App,
    since: Millis,
    keep_height: i64,
    dry_run: bool,
    steps: &mut Vec<Step>,
) -> Result<()> {
    let mut last = VideoId::new(0);
    loop {
        let found = rules::idle_renditions(&app.db, since, keep_height, last, AT_ONCE).await?;
        let Some(end) = found.last() else {
            return Ok(());
        };
        last = end.id;
        for files in found.chunk_by(|a, b| a.id == b.id) {
            let large = too_large(files, keep_height);
            let Some(first) = large.first() else {
                continue;
            };
            steps.push(Step {
                video: format!("{} {}", first.uuid, first.name),
                what: What::DropRenditions,
                bytes: large.iter().map(|file| file.size_bytes).sum(),
            });
            if !dry_run {
                drop_of(app, first.id, &large).await?;
            }
        }
    }
}

/// Those above the height, but for the smallest that can be streamed.
fn too_large(files: &[Large], keep_height: i64) -> Vec<&Large> {
    let smallest = files
        .iter()
        .filter(|file| file.kind == "hls")
        .min_by_key(|file| file.resolution);
    let Some(smallest) = smallest.map(|file| file.file_id) else {
        return Vec::new();
    };
    let large = files.iter();
    large
        .filter(|file| file.resolution > keep_height && file.file_id != smallest)
        .collect()
}

async fn drop_of(app: &App, id: VideoId, large: &[&Large]) -> Result<()> {
    let video = video::find(app, VideoRef::Number(id)).await?;
    for file in large.iter().filter(|file| file.kind == "hls") {
        files::forget_in_master(app, &video, &row(file)).await?;
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let mut old = Vec::new();
    for file in large {
        old.push(OldFile::rendition(video.uuid, &file.filename));
        let playlist = file.playlist_filename.as_deref();
        old.extend(playlist.map(|name| OldFile::playlist(video.uuid, name)));
        if file.kind == "hls" {
            old.extend(files::take_av1(&mut tx, &video, Some(file.resolution)).await?);
        }
        files::delete_row(&mut tx, file.file_id).await?;
    }
    files::drop_later(&mut tx, &old, now + OUTLIVES_BY).await?;
    rules::set_dropped(&mut tx, id, Some(now)).await?;
    video::weigh(&mut tx, id).await?;
    video::tell_changed(&mut tx, id, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

fn row(file: &Large) -> FileRow {
    FileRow {
        id: file.file_id,
        video_id: file.id,
        filename: file.filename.clone(),
        playlist_filename: file.playlist_filename.clone(),
        kind: file.kind.clone(),
        resolution: file.resolution,
        has_video: true,
        has_audio: false,
        complete: true,
    }
}

/// Somebody has watched a video: what was dropped of it is made again.
pub async fn restore_watched(app: &App, running: &Running) -> Result<(), JobError> {
    let Some(video) = job::video_of(app, running).await? else {
        return Ok(());
    };
    let mut tx = app.db.begin().await?;
    if rules::is_dropped(&mut tx, video.id).await? && !store::exists(&mut tx, video.id).await? {
        enqueue(&mut tx, video.id, app.clock.now()).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Makes room for what is made again, in the transaction in which that begins. The files that are left stay for a
/// while for those who are watching them.
pub async fn replace(tx: &mut Tx, video: &video::Video, now: Millis) -> Result<()> {
    let old = files::take_down(tx, video).await?;
    files::drop_later(tx, &old, now + OUTLIVES_BY).await?;
    rules::set_dropped(&mut *tx, video.id, None).await?;
    video::weigh(tx, video.id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: i64, kind: &str, resolution: i64) -> Large {
        Large {
            id: VideoId::new(1),
            uuid: Uuid::nil(),
            name: String::new(),
            file_id: FileId::new(id),
            filename: String::new(),
            playlist_filename: None,
            kind: kind.to_owned(),
            resolution,
            size_bytes: 1,
        }
    }

    #[test]
    fn something_to_watch_always_stays() {
        let ids = |files: &[Large]| -> Vec<i64> {
            too_large(files, 480)
                .iter()
                .map(|it| it.file_id.0)
                .collect()
        };
        let ladder = [
            file(1, "hls", 240),
            file(2, "hls", 720),
            file(3, "web", 720),
        ];
        assert_eq!(ids(&ladder), [2, 3]);
        assert_eq!(ids(&[file(1, "hls", 720), file(2, "hls", 1080)]), [2]);
        assert_eq!(ids(&[file(1, "web", 1080)]), Vec::<i64>::new());
        assert_eq!(ids(&[file(1, "hls", 240)]), Vec::<i64>::new());
    }
}
