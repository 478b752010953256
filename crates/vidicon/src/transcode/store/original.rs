//! The SQL of originals that come and go.

use crate::video::VideoId;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Original {
    pub key: Option<String>,
    pub size_bytes: i64,
    /// The short side of its picture; nothing for a sound.
    pub resolution: Option<i64>,
    /// Of all whole renditions.
    pub largest: i64,
}

pub async fn find(on: impl Executor, video_id: VideoId) -> Result<Option<Original>> {
    sql!(
        "SELECT s.key, s.size_bytes, s.resolution,
                coalesce((SELECT max(f.resolution) FROM video_file f
                          WHERE f.video_id = s.video_id AND f.complete AND f.has_video), 0) AS largest
         FROM video_source s WHERE s.video_id = $1"
    )
    .bind(video_id)
    .optional(on)
    .await
}

pub async fn set_key(
    on: impl Executor,
    video_id: VideoId,
    key: Option<&str>,
    size_bytes: i64,
) -> Result<u64> {
    sql!(
        "UPDATE video_source SET key = $2, size_bytes = $3, archived_at = NULL WHERE video_id = $1"
    )
    .bind(video_id)
    .bind(key)
    .bind(size_bytes)
    .execute(on)
    .await
}
