//! The SQL of files.

use super::{FileId, FileRow};
use crate::video::{Privacy, VideoId};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;
use uuid::Uuid;

/// What decides at a glance whether everybody may load a video's files.
#[derive(Deserialize)]
pub struct Standing {
    pub privacy: Privacy,
    pub blocked: bool,
    pub min_age: i64,
    #[serde(deserialize_with = "base::db::json")]
    pub hidden_in: Option<Vec<String>>,
}

pub async fn standing(on: impl Executor, uuid: Uuid) -> Result<Option<Standing>> {
    sql!("SELECT privacy, blocked, min_age, hidden_in FROM video WHERE uuid = $1")
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

/// A rendition in AV1 that is whole.
#[derive(Clone, Debug, Deserialize)]
pub struct Av1File {
    pub filename: String,
    pub playlist_filename: String,
    pub resolution: i64,
    pub width: i64,
    pub height: i64,
    pub size_bytes: i64,
    pub codecs: String,
}

pub async fn av1_files(on: impl Executor, video_id: VideoId) -> Result<Vec<Av1File>> {
    sql!(
        "SELECT filename, playlist_filename, resolution, width, height, size_bytes, codecs
         FROM av1_file WHERE video_id = $1
         ORDER BY resolution DESC, id LIMIT 100"
    )
    .bind(video_id)
    .all(on)
    .await
}

/// Takes what was made for those who asked, and gives their names.
pub async fn take_extracts(on: impl Executor, video_id: VideoId) -> Result<Vec<String>> {
    let names: Vec<(String,)> = sql!("DELETE FROM extract WHERE video_id = $1 RETURNING filename")
        .bind(video_id)
        .all(on)
        .await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

pub async fn delete_av1_file(on: impl Executor, filename: &str) -> Result<u64> {
    sql!("DELETE FROM av1_file WHERE filename = $1")
        .bind(filename)
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

pub async fn source_key(on: impl Executor, id: VideoId) -> Result<Option<String>> {
    let found: Option<(Option<String>,)> = sql!("SELECT key FROM video_source WHERE video_id = $1")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.and_then(|(key,)| key))
}

/// Keys and file names that these videos have.
pub async fn named(on: &base::Db, uuids: &[Uuid]) -> Result<Vec<String>> {
    let queries = [
        "SELECT s.key FROM video_source s JOIN video v ON v.id = s.video_id
         WHERE s.key IS NOT NULL",
        "SELECT f.filename FROM video_file f JOIN video v ON v.id = f.video_id WHERE TRUE",
        "SELECT f.playlist_filename FROM video_file f JOIN video v ON v.id = f.video_id
         WHERE f.playlist_filename IS NOT NULL",
        "SELECT e.filename FROM extract e JOIN video v ON v.id = e.video_id WHERE TRUE",
        "SELECT a.filename FROM av1_file a JOIN video v ON v.id = a.video_id WHERE TRUE",
        "SELECT a.playlist_filename FROM av1_file a JOIN video v ON v.id = a.video_id WHERE TRUE",
        "SELECT p.master_filename FROM streaming_playlist p JOIN video v ON v.id = p.video_id
         WHERE TRUE",
        "SELECT p.sha256_filename FROM streaming_playlist p JOIN video v ON v.id = p.video_id
         WHERE p.sha256_filename IS NOT NULL",
    ];
    let mut all = Vec::new();
    for query in queries {
        let found: Vec<(String,)> = Query::new(query)
            .within(" AND v.uuid IN (", uuids.iter().copied())
            .all(on)
            .await?;
        all.extend(found.into_iter().map(|(name,)| name));
    }
    let boards: Vec<Board> =
        Query::new("SELECT v.storyboard FROM video v WHERE v.storyboard IS NOT NULL")
            .within(" AND v.uuid IN (", uuids.iter().copied())
            .all(on)
            .await?;
    let names = boards.into_iter().filter_map(|board| {
        let name = board.storyboard.get("filename")?.as_str()?;
        Some(name.to_owned())
    });
    all.extend(names);
    Ok(all)
}

#[derive(Deserialize)]
struct Board {
    #[serde(deserialize_with = "base::db::json")]
    storyboard: serde_json::Value,
}

/// Those of these videos that are being made, or whose files are copies of another server's.
pub async fn busy(on: impl Executor, uuids: &[Uuid]) -> Result<Vec<Uuid>> {
    let found: Vec<(Uuid,)> =
        Query::new(
            "SELECT v.uuid FROM video v
             WHERE (EXISTS (SELECT 1 FROM transcode t WHERE t.video_id = v.id)
                    OR EXISTS (SELECT 1 FROM mirror m WHERE m.video_id = v.id AND m.actor_id IS NULL))",
        )
            .within(" AND v.uuid IN (", uuids.iter().copied())
            .all(on)
            .await?;
    Ok(found.into_iter().map(|(uuid,)| uuid).collect())
}

/// A file of another server.
#[derive(Deserialize)]
pub struct RemoteFile {
    pub url: String,
    pub failed_at: Option<Millis>,
}

pub async fn remote_file(on: impl Executor, filename: &str) -> Result<Option<RemoteFile>> {
    sql!("SELECT url, failed_at FROM remote_file WHERE filename = $1")
        .bind(filename)
        .optional(on)
        .await
}

pub async fn note_remote_file(
    on: impl Executor,
    filename: &str,
    fetched_at: Option<Millis>,
    failed_at: Option<Millis>,
) -> Result<u64> {
    sql!("UPDATE remote_file SET fetched_at = $2, failed_at = $3 WHERE filename = $1")
        .bind(filename)
        .bind(fetched_at)
        .bind(failed_at)
        .execute(on)
        .await
}

/// Captions, or pictures: those fetched before then, and all beyond the newest `most`. A few at a time.
pub async fn old_remote_files(
    on: impl Executor,
    captions: bool,
    before: Millis,
    most: i64,
) -> Result<Vec<String>> {
    let names: Vec<(String,)> = sql!(
        "SELECT filename FROM remote_file
         WHERE CASE WHEN filename LIKE '%.vtt' THEN 1 ELSE 0 END = $1
           AND (fetched_at < $2
             OR fetched_at <= (SELECT fetched_at FROM remote_file
                               WHERE fetched_at IS NOT NULL
                                 AND CASE WHEN filename LIKE '%.vtt' THEN 1 ELSE 0 END = $1
                               ORDER BY fetched_at DESC LIMIT 1 OFFSET $3))
         ORDER BY fetched_at, filename LIMIT 1000"
    )
    .bind(i64::from(captions))
    .bind(before)
    .bind(most)
    .all(on)
    .await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// What the torrent of a file is made of.
#[derive(Debug, Deserialize)]
pub struct Torrent {
    pub info_hash: String,
    pub size_bytes: i64,
    pub piece_bytes: i64,
    /// 20 bytes for each.
    pub pieces: Vec<u8>,
}

pub async fn torrent(on: impl Executor, file_id: FileId) -> Result<Option<Torrent>> {
    sql!(
        "SELECT t.info_hash, t.size_bytes, t.piece_bytes, t.pieces
         FROM torrent t JOIN video_file f ON f.id = t.file_id AND f.size_bytes = t.size_bytes
         WHERE t.file_id = $1"
    )
    .bind(file_id)
    .optional(on)
    .await
}

pub async fn keep_torrent(on: impl Executor, file_id: FileId, torrent: &Torrent) -> Result<u64> {
    sql!(
        "INSERT INTO torrent (file_id, info_hash, size_bytes, piece_bytes, pieces)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (file_id) DO UPDATE SET info_hash = excluded.info_hash,
             size_bytes = excluded.size_bytes, piece_bytes = excluded.piece_bytes,
             pieces = excluded.pieces"
    )
    .bind(file_id)
    .bind(&torrent.info_hash)
    .bind(torrent.size_bytes)
    .bind(torrent.piece_bytes)
    .bind(torrent.pieces.clone())
    .execute(on)
    .await
}
