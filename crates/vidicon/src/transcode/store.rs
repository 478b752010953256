//! The SQL of transcoding.

pub mod av1;
pub mod extract;
pub mod lifecycle;
pub mod original;
pub mod title;

use super::{NewRendition, Rendition, Run, Stored};
use crate::video::VideoId;
use crate::video::files::FileId;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::{Tx, sql};
use media::hls::Track;
use serde::Deserialize;
use serde_json::{Value, json};

pub async fn find(on: impl Executor, video_id: VideoId) -> Result<Option<Run>> {
    sql!("SELECT folder, plan, chunks_done, failure FROM transcode WHERE video_id = $1")
        .bind(video_id)
        .optional(on)
        .await
}

pub async fn add(on: impl Executor, video_id: VideoId, run: &Run, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO transcode (video_id, folder, plan, chunks_done, created_at)
         VALUES ($1, $2, $3, 0, $4)"
    )
    .bind(video_id)
    .bind(&run.folder)
    .bind(json!(run.plan))
    .bind(now)
    .execute(on)
    .await
}

pub async fn set_chunks_done(on: impl Executor, video_id: VideoId, done: i64) -> Result<u64> {
    sql!("UPDATE transcode SET chunks_done = $2 WHERE video_id = $1")
        .bind(video_id)
        .bind(done)
        .execute(on)
        .await
}

pub async fn set_failure(
    on: impl Executor,
    video_id: VideoId,
    failure: Option<&str>,
) -> Result<u64> {
    sql!("UPDATE transcode SET failure = $2 WHERE video_id = $1")
        .bind(video_id)
        .bind(failure)
        .execute(on)
        .await
}

/// Forgets the parts of the renditions that are not whole.
pub async fn forget_parts(on: impl Executor, video_id: VideoId) -> Result<u64> {
    sql!(
        "DELETE FROM transcode_part
         WHERE file_id IN (SELECT id FROM video_file WHERE video_id = $1 AND NOT complete)"
    )
    .bind(video_id)
    .execute(on)
    .await
}

/// Forgets the plan and the parts: all is done.
pub async fn delete(tx: &mut Tx, video_id: VideoId) -> Result<()> {
    sql!(
        "DELETE FROM transcode_part
         WHERE file_id IN (SELECT id FROM video_file WHERE video_id = $1)"
    )
    .bind(video_id)
    .execute(&mut *tx)
    .await?;
    sql!("DELETE FROM transcode WHERE video_id = $1")
        .bind(video_id)
        .execute(tx)
        .await
        .map(drop)
}

/// What is in use: work folders by their names, videos whose renditions grow by their UUIDs, and
/// unfinished jobs by their keys, such as `transcode:12`.
pub async fn in_use(on: impl Executor) -> Result<Vec<(String,)>> {
    sql!(
        "SELECT folder FROM transcode
         UNION ALL SELECT v.uuid FROM transcode t JOIN video v ON v.id = t.video_id
         UNION ALL SELECT dedup_key FROM job
                   WHERE kind IN ('transcode', 'web_videos', 'storyboard', 'av1', 'extract')
                     AND state IN ('ready', 'running') AND dedup_key IS NOT NULL"
    )
    .all(on)
    .await
}

pub async fn add_rendition(
    on: impl Executor,
    video_id: VideoId,
    new: &NewRendition,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO video_file (video_id, kind, filename, playlist_filename, resolution, width,
                                 height, fps, has_audio, has_video, copied, complete, created_at)
         VALUES ($1, 'hls', $2, $3, $4, $5, $6, $7, $8, $9, $10, FALSE, $11)"
    )
    .bind(video_id)
    .bind(&new.filename)
    .bind(&new.playlist_filename)
    .bind(new.resolution)
    .bind(new.width)
    .bind(new.height)
    .bind(new.fps)
    .bind(!new.has_video)
    .bind(new.has_video)
    .bind(new.copied)
    .bind(now)
    .execute(on)
    .await
}

/// A whole file, complete from the beginning.
pub async fn add_web(
    on: impl Executor,
    video_id: VideoId,
    (new, stored): (&NewRendition, &Stored),
    has_audio: bool,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO video_file (video_id, kind, filename, resolution, width, height, fps, has_audio,
                                 has_video, copied, complete, size_bytes, peak_bps, average_bps,
                                 metadata, created_at)
         VALUES ($1, 'web', $2, $3, $4, $5, $6, $7, TRUE, $8, TRUE, $9, $10, $11, $12, $13)"
    )
    .bind(video_id)
    .bind(&new.filename)
    .bind(new.resolution)
    .bind(new.width)
    .bind(new.height)
    .bind(new.fps)
    .bind(has_audio)
    .bind(new.copied)
    .bind(stored.size_bytes)
    .bind(stored.peak_bps)
    .bind(stored.average_bps)
    .bind(stored.metadata.clone())
    .bind(now)
    .execute(on)
    .await
}

/// The sizes of which there is a whole file.
pub async fn web_resolutions(on: impl Executor, video_id: VideoId) -> Result<Vec<i64>> {
    let found: Vec<(i64,)> = sql!(
        "SELECT resolution FROM video_file WHERE video_id = $1 AND kind = 'web'
         ORDER BY resolution, id LIMIT 1000"
    )
    .bind(video_id)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(resolution,)| resolution).collect())
}

pub async fn renditions(on: impl Executor, video_id: VideoId) -> Result<Vec<Rendition>> {
    sql!(
        "SELECT id, filename, playlist_filename, resolution, width, height, has_video, copied,
                complete
         FROM video_file WHERE video_id = $1 AND kind = 'hls'
         ORDER BY copied DESC, resolution DESC, id LIMIT 1000"
    )
    .bind(video_id)
    .all(on)
    .await
}

#[derive(Deserialize)]
struct Part {
    file_id: FileId,
    track: Track,
}

/// The parts of all renditions, each rendition's in order.
pub async fn parts(on: impl Executor, video_id: VideoId) -> Result<Vec<(FileId, Track)>> {
    let parts: Vec<Part> = sql!(
        "SELECT p.file_id, p.track FROM transcode_part p JOIN video_file f ON f.id = p.file_id
         WHERE f.video_id = $1 ORDER BY p.file_id, p.chunk LIMIT 1000000"
    )
    .bind(video_id)
    .all(on)
    .await?;
    let pairs = parts.into_iter().map(|part| (part.file_id, part.track));
    Ok(pairs.collect())
}

pub async fn add_part(
    on: impl Executor,
    file_id: FileId,
    chunk: i64,
    track: &Track,
) -> Result<u64> {
    sql!(
        "INSERT INTO transcode_part (file_id, chunk, track) VALUES ($1, $2, $3)
         ON CONFLICT (file_id, chunk) DO UPDATE SET track = excluded.track"
    )
    .bind(file_id)
    .bind(chunk)
    .bind(json!(track))
    .execute(on)
    .await
}

pub async fn set_complete(on: impl Executor, id: FileId, stored: &Stored) -> Result<u64> {
    sql!(
        "UPDATE video_file SET complete = TRUE, size_bytes = $2, codecs = $3, peak_bps = $4,
                               average_bps = $5, metadata = $6
         WHERE id = $1"
    )
    .bind(id)
    .bind(stored.size_bytes)
    .bind(&stored.codecs)
    .bind(stored.peak_bps)
    .bind(stored.average_bps)
    .bind(stored.metadata.clone())
    .execute(on)
    .await
}

/// The real size of a picture that was made elsewhere.
pub async fn set_size(on: impl Executor, id: FileId, (width, height): (i64, i64)) -> Result<u64> {
    sql!("UPDATE video_file SET width = $2, height = $3 WHERE id = $1")
        .bind(id)
        .bind(width)
        .bind(height)
        .execute(on)
        .await
}

pub async fn master(on: impl Executor, video_id: VideoId) -> Result<Option<String>> {
    let found: Option<(String,)> =
        sql!("SELECT master_filename FROM streaming_playlist WHERE video_id = $1")
            .bind(video_id)
            .optional(on)
            .await?;
    Ok(found.map(|(name,)| name))
}

/// The master playlist exists from now on; it keeps its name.
pub async fn add_master(
    on: impl Executor,
    video_id: VideoId,
    filename: &str,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO streaming_playlist (video_id, master_filename, created_at, updated_at)
         VALUES ($1, $2, $3, $3) ON CONFLICT (video_id) DO NOTHING"
    )
    .bind(video_id)
    .bind(filename)
    .bind(now)
    .execute(on)
    .await
}

pub async fn set_hashes(
    on: impl Executor,
    video_id: VideoId,
    filename: &str,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE streaming_playlist SET sha256_filename = $2, updated_at = $3 WHERE video_id = $1")
        .bind(video_id)
        .bind(filename)
        .bind(now)
        .execute(on)
        .await
}

pub async fn source(on: impl Executor, video_id: VideoId) -> Result<Option<String>> {
    let found: Option<(Option<String>,)> = sql!("SELECT key FROM video_source WHERE video_id = $1")
        .bind(video_id)
        .optional(on)
        .await?;
    Ok(found.and_then(|(key,)| key))
}

pub async fn exists(on: impl Executor, video_id: VideoId) -> Result<bool> {
    let found: Option<(i64,)> = sql!("SELECT video_id FROM transcode WHERE video_id = $1")
        .bind(video_id)
        .optional(on)
        .await?;
    Ok(found.is_some())
}

/// Gives the name of the storyboard that was there before.
pub async fn set_storyboard(
    tx: &mut Tx,
    video_id: VideoId,
    board: &Value,
) -> Result<Option<Value>> {
    #[derive(Deserialize)]
    struct Old {
        #[serde(deserialize_with = "base::db::json")]
        storyboard: Option<Value>,
    }
    let old: Option<Old> = sql!("SELECT storyboard FROM video WHERE id = $1")
        .bind(video_id)
        .optional(&mut *tx)
        .await?;
    sql!("UPDATE video SET storyboard = $2 WHERE id = $1")
        .bind(video_id)
        .bind(board.clone())
        .execute(tx)
        .await?;
    Ok(old.and_then(|old| old.storyboard))
}

/// Videos that wait for a job which has failed for good.
pub async fn stranded(on: impl Executor) -> Result<Vec<(VideoId,)>> {
    sql!(
        "SELECT v.id FROM video v
         WHERE v.state = 2 AND v.is_local
           AND NOT EXISTS (SELECT 1 FROM job j WHERE j.kind = 'transcode'
                           AND j.dedup_key = 'transcode:' || v.id
                           AND j.state IN ('ready', 'running'))
           AND NOT EXISTS (SELECT 1 FROM runner_job r WHERE r.video_id = v.id
                           AND r.state IN (1, 2, 5, 9))
         ORDER BY v.id LIMIT 1000"
    )
    .all(on)
    .await
}
