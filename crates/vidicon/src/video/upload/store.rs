//! The SQL of uploads and of what becomes of them.

pub mod twin;

use super::{Prepared, Purpose, Upload, UploadState};
use crate::account::UserId;
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde_json::Value;

const UPLOAD: &str =
    "id, user_id, purpose, video_id, metadata, size_bytes, state, answer, updated_at";

pub async fn add(on: impl Executor, upload: &Upload, fingerprint: &str) -> Result<u64> {
    sql!(
        "INSERT INTO upload (id, user_id, purpose, video_id, metadata, size_bytes, state, answer,
                             fingerprint, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)"
    )
    .bind(&upload.id)
    .bind(upload.user_id)
    .bind(upload.purpose.as_str())
    .bind(upload.video_id)
    .bind(serde_json::json!(upload.metadata))
    .bind(upload.size_bytes)
    .bind(upload.state.as_str())
    .bind(upload.answer.clone())
    .bind(fingerprint)
    .bind(upload.updated_at)
    .execute(on)
    .await
}

pub async fn find(on: impl Executor, id: &str) -> Result<Option<Upload>> {
    Query::new("SELECT ")
        .push(UPLOAD)
        .push(" FROM upload")
        .when(Some(id), " WHERE id = ?")
        .optional(on)
        .await
}

/// An upload of the same file that this user has not finished.
pub async fn find_same(
    on: impl Executor,
    user_id: UserId,
    fingerprint: &str,
) -> Result<Option<Upload>> {
    Query::new("SELECT ")
        .push(UPLOAD)
        .push(" FROM upload WHERE state = 'open'")
        .when(Some(user_id), " AND user_id = ?")
        .when(Some(fingerprint), " AND fingerprint = ?")
        .push(" ORDER BY created_at DESC, id LIMIT 1")
        .optional(on)
        .await
}

pub async fn set_metadata(
    on: impl Executor,
    id: &str,
    metadata: Value,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE upload SET metadata = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(metadata)
        .bind(now)
        .execute(on)
        .await
}

pub async fn note_received(on: impl Executor, id: &str, bytes: i64, now: Millis) -> Result<u64> {
    sql!("UPDATE upload SET received_bytes = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(bytes)
        .bind(now)
        .execute(on)
        .await
}

/// Notes under which names the parts of the finished upload will lie.
pub async fn begin_finish(
    on: impl Executor,
    id: &str,
    prepared: &Prepared,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE upload SET state = 'finishing', answer = $2, updated_at = $3
         WHERE id = $1 AND state <> 'done'"
    )
    .bind(id)
    .bind(serde_json::json!(prepared))
    .bind(now)
    .execute(on)
    .await
}

/// Keeps the answer, so that a client that lost it can ask again.
pub async fn set_done(on: impl Executor, id: &str, answer: &Value, now: Millis) -> Result<u64> {
    sql!("UPDATE upload SET state = 'done', answer = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(answer.clone())
        .bind(now)
        .execute(on)
        .await
}

pub async fn delete(on: impl Executor, id: &str) -> Result<u64> {
    sql!("DELETE FROM upload WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// Uploads that nobody has touched since, in any state.
pub async fn idle(on: impl Executor, before: Millis) -> Result<Vec<Upload>> {
    Query::new("SELECT ")
        .push(UPLOAD)
        .push(" FROM upload")
        .when(Some(before), " WHERE updated_at < ?")
        .push(" ORDER BY updated_at, id LIMIT 1000")
        .all(on)
        .await
}

pub async fn exists(on: impl Executor, id: &str) -> Result<bool> {
    let found: Option<(String,)> = sql!("SELECT id FROM upload WHERE id = $1")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.is_some())
}

impl Purpose {
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Video => "video",
            Purpose::Replace => "replace",
            Purpose::Import => "import",
        }
    }
}

impl UploadState {
    pub fn as_str(self) -> &'static str {
        match self {
            UploadState::Open => "open",
            UploadState::Finishing => "finishing",
            UploadState::Done => "done",
        }
    }
}

/// The file as it was uploaded, with what is known of it.
pub struct NewSource<'a> {
    pub input_filename: &'a str,
    pub key: &'a str,
    pub size_bytes: i64,
    pub resolution: Option<i64>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub fps: Option<i64>,
    pub metadata: &'a Value,
}

pub async fn set_source(
    on: impl Executor,
    id: VideoId,
    source: &NewSource<'_>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO video_source (video_id, input_filename, key, size_bytes, resolution, width,
                                   height, fps, metadata, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (video_id) DO UPDATE
         SET input_filename = excluded.input_filename, key = excluded.key,
             size_bytes = excluded.size_bytes, resolution = excluded.resolution,
             width = excluded.width, height = excluded.height, fps = excluded.fps,
             metadata = excluded.metadata, created_at = excluded.created_at,
             archived_at = NULL, dropped_at = NULL, fingerprint = NULL"
    )
    .bind(id)
    .bind(source.input_filename)
    .bind(source.key)
    .bind(source.size_bytes)
    .bind(source.resolution)
    .bind(source.width)
    .bind(source.height)
    .bind(source.fps)
    .bind(source.metadata.clone())
    .bind(now)
    .execute(on)
    .await
}

pub async fn source_key(on: impl Executor, id: VideoId) -> Result<Option<String>> {
    let found: Option<(Option<String>,)> = sql!("SELECT key FROM video_source WHERE video_id = $1")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.and_then(|(key,)| key))
}

pub async fn set_pictures(
    on: impl Executor,
    id: VideoId,
    (thumbnail, preview): (&str, &str),
    from: &str,
) -> Result<u64> {
    sql!("UPDATE video SET thumbnail = $2, preview = $3, thumbnail_from = $4 WHERE id = $1")
        .bind(id)
        .bind(thumbnail)
        .bind(preview)
        .bind(from)
        .execute(on)
        .await
}

/// A replaced file: length and shape of the video change with it.
pub async fn set_replaced(
    on: impl Executor,
    id: VideoId,
    duration_s: i64,
    aspect_ratio: Option<f64>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE video SET duration_s = $2, aspect_ratio = $3, input_file_updated_at = $4,
                          updated_at = $4
         WHERE id = $1"
    )
    .bind(id)
    .bind(duration_s)
    .bind(aspect_ratio)
    .bind(now)
    .execute(on)
    .await
}

/// How long and how wide a video is whose first file has come.
pub async fn set_shape(
    on: impl Executor,
    id: VideoId,
    duration_s: i64,
    aspect_ratio: Option<f64>,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE video SET duration_s = $2, aspect_ratio = $3, updated_at = $4 WHERE id = $1")
        .bind(id)
        .bind(duration_s)
        .bind(aspect_ratio)
        .bind(now)
        .execute(on)
        .await
}
