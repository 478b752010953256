//! The SQL of what becomes of videos that nobody watches.

use crate::transcode::lifecycle::{Idle, Large};
use crate::video::VideoId;
use base::Tx;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;

/// Originals of videos that were neither made nor watched since then and whose original is not archived yet.
pub async fn idle_originals(
    on: impl Executor,
    since: Millis,
    after: VideoId,
    count: i64,
) -> Result<Vec<Idle>> {
    sql!(
        "SELECT v.id, v.uuid, v.name, s.key, s.size_bytes
         FROM video v JOIN video_source s ON s.video_id = v.id
         WHERE v.id > $2 AND v.is_local AND v.state = 1 AND v.published_at < $1
           AND s.created_at < $1 AND s.key IS NOT NULL AND s.archived_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM video_view_hour h WHERE h.video_id = v.id AND h.hour_at >= $1)
           AND NOT EXISTS (SELECT 1 FROM transcode t WHERE t.video_id = v.id)
         ORDER BY v.id LIMIT $3"
    )
    .bind(since)
    .bind(after)
    .bind(count)
    .slow()
    .all(on)
    .await
}

/// Whole files above a height of such videos, those of one video one after the other. Only of videos whose original
/// is kept: what goes must be possible to make again.
pub async fn idle_renditions(
    on: impl Executor,
    since: Millis,
    keep_height: i64,
    after: VideoId,
    count: i64,
) -> Result<Vec<Large>> {
    sql!(
        "SELECT v.id, v.uuid, v.name, f.id AS file_id, f.filename, f.playlist_filename, f.kind,
                f.resolution, f.size_bytes
         FROM video v JOIN video_source s ON s.video_id = v.id
         JOIN video_file f ON f.video_id = v.id
         WHERE v.id IN (SELECT o.id FROM video o JOIN video_source k ON k.video_id = o.id
                        WHERE o.id > $3 AND o.is_local AND o.state = 1 AND o.published_at < $1
                          AND k.key IS NOT NULL AND k.dropped_at IS NULL AND k.created_at < $1
                          AND NOT EXISTS (SELECT 1 FROM video_view_hour h
                                          WHERE h.video_id = o.id AND h.hour_at >= $1)
                          AND NOT EXISTS (SELECT 1 FROM transcode t WHERE t.video_id = o.id)
                          AND EXISTS (SELECT 1 FROM video_file l WHERE l.video_id = o.id
                                      AND l.complete AND l.has_video AND l.resolution > $2)
                        ORDER BY o.id LIMIT $4)
           AND f.complete AND f.has_video
         ORDER BY v.id, f.resolution, f.id"
    )
    .bind(since)
    .bind(keep_height)
    .bind(after)
    .bind(count)
    .slow()
    .all(on)
    .await
}

pub async fn set_archived(on: impl Executor, id: VideoId, key: &str, now: Millis) -> Result<u64> {
    sql!("UPDATE video_source SET archived_at = $3 WHERE video_id = $1 AND key = $2")
        .bind(id)
        .bind(key)
        .bind(now)
        .execute(on)
        .await
}

pub async fn set_dropped(on: impl Executor, id: VideoId, at: Option<Millis>) -> Result<u64> {
    sql!("UPDATE video_source SET dropped_at = $2 WHERE video_id = $1")
        .bind(id)
        .bind(at)
        .execute(on)
        .await
}

pub async fn is_dropped(tx: &mut Tx, id: VideoId) -> Result<bool> {
    let found: Option<(Option<Millis>,)> =
        sql!("SELECT dropped_at FROM video_source WHERE video_id = $1")
            .bind(id)
            .optional(tx)
            .await?;
    Ok(found.is_some_and(|(at,)| at.is_some()))
}
