//! The SQL of AV1 renditions.

use crate::video::VideoId;
use crate::video::files::Av1File;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

pub async fn add(on: impl Executor, video_id: VideoId, file: &Av1File, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO av1_file (video_id, filename, playlist_filename, resolution, width, height,
                               size_bytes, codecs, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(video_id)
    .bind(&file.filename)
    .bind(&file.playlist_filename)
    .bind(file.resolution)
    .bind(file.width)
    .bind(file.height)
    .bind(file.size_bytes)
    .bind(&file.codecs)
    .bind(now)
    .execute(on)
    .await
}

pub async fn resolutions(on: impl Executor, video_id: VideoId) -> Result<Vec<i64>> {
    let found: Vec<(i64,)> = sql!(
        "SELECT resolution FROM av1_file WHERE video_id = $1 ORDER BY resolution DESC, id LIMIT 100"
    )
    .bind(video_id)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(resolution,)| resolution).collect())
}

/// What the sound of a video adds to a line of its master playlist.
#[derive(Clone, Debug, Deserialize)]
pub struct Sound {
    pub codecs: Option<String>,
    pub peak_bps: i64,
    pub average_bps: i64,
}

pub async fn sound(on: impl Executor, video_id: VideoId) -> Result<Option<Sound>> {
    sql!(
        "SELECT codecs, peak_bps, average_bps FROM video_file
         WHERE video_id = $1 AND kind = 'hls' AND NOT has_video AND complete
         ORDER BY id LIMIT 1"
    )
    .bind(video_id)
    .optional(on)
    .await
}

/// The names of the master playlist and of the list of hashes.
pub async fn playlists(
    on: impl Executor,
    video_id: VideoId,
) -> Result<Option<(String, Option<String>)>> {
    sql!("SELECT master_filename, sha256_filename FROM streaming_playlist WHERE video_id = $1")
        .bind(video_id)
        .optional(on)
        .await
}
