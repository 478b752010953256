//! The SQL of files that were made for one who asked.

use crate::transcode::extract::{Extract, ExtractId, State, Wanted};
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;
use uuid::Uuid;

pub async fn alike(
    on: impl Executor,
    video_id: VideoId,
    wanted: Wanted,
) -> Result<Option<Extract>> {
    sql!(
        "SELECT id, video_id, kind, start_ms, end_ms, resolution, filename, state, progress, error,
                size_bytes
         FROM extract
         WHERE video_id = $1 AND kind = $2 AND start_ms = $3 AND end_ms = $4 AND resolution = $5"
    )
    .bind(video_id)
    .bind(wanted.kind.name())
    .bind(wanted.start_ms)
    .bind(wanted.end_ms)
    .bind(wanted.resolution)
    .optional(on)
    .await
}

pub async fn find(on: impl Executor, id: ExtractId) -> Result<Option<Extract>> {
    sql!(
        "SELECT id, video_id, kind, start_ms, end_ms, resolution, filename, state, progress, error,
                size_bytes
         FROM extract WHERE id = $1"
    )
    .bind(id)
    .optional(on)
    .await
}

/// One that is done.
pub async fn by_name(on: impl Executor, filename: &str) -> Result<Option<Extract>> {
    sql!(
        "SELECT id, video_id, kind, start_ms, end_ms, resolution, filename, state, progress, error,
                size_bytes
         FROM extract WHERE filename = $1 AND state = 'done'"
    )
    .bind(filename)
    .optional(on)
    .await
}

pub async fn waiting(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM extract WHERE state = 'waiting'")
        .one(on)
        .await?;
    Ok(count)
}

pub async fn add(
    on: impl Executor,
    video_id: VideoId,
    (wanted, filename): (Wanted, &str),
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO extract (video_id, kind, start_ms, end_ms, resolution, filename, state,
                              used_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7)"
    )
    .bind(video_id)
    .bind(wanted.kind.name())
    .bind(wanted.start_ms)
    .bind(wanted.end_ms)
    .bind(wanted.resolution)
    .bind(filename)
    .bind(now)
    .execute(on)
    .await
}

/// Does nothing when it was used since `before`: not every piece that is loaded is written down.
pub async fn set_used(
    on: impl Executor,
    id: ExtractId,
    now: Millis,
    before: Millis,
) -> Result<u64> {
    sql!("UPDATE extract SET used_at = $2 WHERE id = $1 AND used_at < $3")
        .bind(id)
        .bind(now)
        .bind(before)
        .execute(on)
        .await
}

pub async fn set_progress(on: impl Executor, id: ExtractId, percent: i64) -> Result<u64> {
    sql!("UPDATE extract SET progress = $2 WHERE id = $1")
        .bind(id)
        .bind(percent)
        .execute(on)
        .await
}

pub async fn set_done(on: impl Executor, id: ExtractId, size_bytes: i64) -> Result<u64> {
    sql!("UPDATE extract SET state = 'done', progress = 100, size_bytes = $2 WHERE id = $1")
        .bind(id)
        .bind(size_bytes)
        .execute(on)
        .await
}

pub async fn set_failed(on: impl Executor, id: ExtractId, error: &str) -> Result<u64> {
    sql!("UPDATE extract SET state = 'failed', error = $2 WHERE id = $1")
        .bind(id)
        .bind(error)
        .execute(on)
        .await
}

pub async fn delete(on: impl Executor, id: ExtractId) -> Result<u64> {
    sql!("DELETE FROM extract WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// Some that nobody has asked for since then.
pub async fn unused(on: impl Executor, before: Millis) -> Result<Vec<(ExtractId, Uuid, String)>> {
    sql!(
        "SELECT e.id, v.uuid, e.filename FROM extract e JOIN video v ON v.id = e.video_id
         WHERE e.used_at < $1 ORDER BY e.used_at, e.id LIMIT 100"
    )
    .bind(before)
    .all(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct SoundRow {
    pub video_id: VideoId,
    pub state: State,
    pub size_bytes: i64,
    pub used_at: Millis,
}

/// The whole sounds of these videos.
pub async fn sounds(on: impl Executor, ids: &[VideoId]) -> Result<Vec<SoundRow>> {
    Query::new(
        "SELECT video_id, state, size_bytes, used_at FROM extract
         WHERE kind = 'podcast' AND start_ms = 0 AND end_ms = 0 AND resolution = 0",
    )
    .within(" AND video_id IN (", ids.iter().copied())
    .push(" ORDER BY video_id, id LIMIT 1000")
    .all(on)
    .await
}

/// They are used.
pub async fn keep_sounds(on: impl Executor, ids: &[VideoId], now: Millis) -> Result<u64> {
    Query::new("UPDATE extract SET used_at =")
        .when(Some(now), " ?")
        .within(
            " WHERE kind = 'podcast' AND video_id IN (",
            ids.iter().copied(),
        )
        .execute(on)
        .await
}

/// Has anybody lately asked for sounds of the channel of this video?
pub async fn is_podcast(on: impl Executor, id: VideoId) -> Result<bool> {
    let found: Option<(ExtractId,)> = sql!(
        "SELECT e.id FROM extract e JOIN video v ON v.id = e.video_id
         WHERE e.kind = 'podcast' AND e.video_id <> $1
           AND v.channel_id = (SELECT channel_id FROM video WHERE id = $1)
         ORDER BY e.id LIMIT 1"
    )
    .bind(id)
    .optional(on)
    .await?;
    Ok(found.is_some())
}
