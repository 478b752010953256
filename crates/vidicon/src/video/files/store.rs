//! The SQL of files.

use super::{FileId, FileRow};
use crate::video::{Privacy, VideoId};
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;
use uuid::Uuid;

/// What decides at a glance whether everybody may load a video's files.
#[derive(Deserialize)]
pub struct Standing {
    pub privacy: Privacy,
    pub blocked: bool,
}

pub async fn standing(on: impl Executor, uuid: Uuid) -> Result<Option<Standing>> {
    sql!("SELECT privacy, blocked FROM video WHERE uuid = $1")
        .bind(uuid)
        .optional(on)
        .await
}

const FILE: &str = "f.id, f.video_id, f.filename, f.playlist_filename, f.kind, f.resolution,
    f.has_video, f.has_audio, f.complete";

pub async fn rows(on: impl Executor, video_id: VideoId) -> Result<Vec<FileRow>> {
    Query::new("SELECT ")
        .push(FILE)
        .push(" FROM video_file f")
        .when(Some(video_id), " WHERE f.video_id = ?")
        .push(" ORDER BY f.resolution DESC, f.id LIMIT 1000")
        .all(on)
        .await
}

/// The file with this name, and its video.
pub async fn by_name(on: impl Executor, filename: &str) -> Result<Option<(Uuid,)>> {
    sql!("SELECT v.uuid FROM video_file f JOIN video v ON v.id = f.video_id WHERE f.filename = $1")
        .bind(filename)
        .optional(on)
        .await
}

#[derive(Deserialize)]
pub struct Master {
    pub master_filename: String,
    pub sha256_filename: Option<String>,
}

pub async fn master(on: impl Executor, video_id: VideoId) -> Result<Option<Master>> {
    sql!("SELECT master_filename, sha256_filename FROM streaming_playlist WHERE video_id = $1")
        .bind(video_id)
        .optional(on)
        .await
}

pub async fn delete_all(tx: &mut Tx, video_id: VideoId) -> Result<()> {
    for query in [
        sql!("DELETE FROM video_file WHERE video_id = $1"),
        sql!("DELETE FROM transcode WHERE video_id = $1"),
    ] {
        query.bind(video_id).execute(&mut *tx).await?;
    }
    Ok(())
}

pub async fn delete_file(on: impl Executor, id: FileId) -> Result<u64> {
    sql!("DELETE FROM video_file WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn delete_playlist(on: impl Executor, video_id: VideoId) -> Result<u64> {
    sql!("DELETE FROM streaming_playlist WHERE video_id = $1")
        .bind(video_id)
        .execute(on)
        .await
}

#[derive(Deserialize)]
pub struct Source {
    pub key: Option<String>,
    pub input_filename: String,
    pub uuid: Uuid,
}

/// The original whose key ends in this name.
pub async fn original(on: impl Executor, video: Uuid, key: &str) -> Result<Option<Source>> {
    sql!(
        "SELECT s.key, s.input_filename, v.uuid
         FROM video_source s JOIN video v ON v.id = s.video_id WHERE v.uuid = $1 AND s.key = $2"
    )
    .bind(video)
    .bind(key)
    .optional(on)
    .await
}
