//! The SQL of what hangs on a video: chapters, storyboard, passwords, captions, source, blocks.

use super::super::VideoId;
use super::super::chapters::Chapter;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub async fn chapters(on: impl Executor, id: VideoId) -> Result<Vec<Chapter>> {
    sql!("SELECT timecode_s, title FROM chapter WHERE video_id = $1 ORDER BY timecode_s")
        .bind(id)
        .all(on)
        .await
}

/// Videos of this site whose film is here, in order, after one of them.
pub async fn films_after(on: impl Executor, after: i64, count: i64) -> Result<Vec<VideoId>> {
    let rows: Vec<(VideoId,)> = sql!(
        "SELECT v.id FROM video v
         WHERE v.id > $1 AND v.is_local AND NOT v.is_live
               AND EXISTS (SELECT 1 FROM video_file f WHERE f.video_id = v.id AND f.complete)
         ORDER BY v.id LIMIT $2"
    )
    .bind(after)
    .bind(count)
    .all(on)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The picture with all small pictures for the seek bar; kept as JSON in the video's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Storyboard {
    pub filename: String,
    pub total_width: i64,
    pub total_height: i64,
    pub sprite_width: i64,
    pub sprite_height: i64,
    /// Seconds from one small picture to the next.
    pub sprite_duration: i64,
}

#[derive(Deserialize)]
struct StoryboardColumn {
    storyboard: Option<String>,
}

pub async fn storyboard(on: impl Executor, id: VideoId) -> Result<Option<Storyboard>> {
    let row: Option<StoryboardColumn> = sql!("SELECT storyboard FROM video WHERE id = $1")
        .bind(id)
        .optional(on)
        .await?;
    let text = row.and_then(|row| row.storyboard);
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

pub async fn set_storyboard(on: impl Executor, id: VideoId, board: &Storyboard) -> Result<u64> {
    sql!("UPDATE video SET storyboard = $2 WHERE id = $1")
        .bind(id)
        .bind(serde_json::json!(board))
        .execute(on)
        .await
}

#[derive(Deserialize)]
pub struct Source {
    pub input_filename: String,
    pub key: Option<String>,
    pub size_bytes: i64,
    pub resolution: Option<i64>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub fps: Option<i64>,
    #[serde(deserialize_with = "base::db::json")]
    pub metadata: Value,
    pub created_at: Millis,
}

pub async fn source(on: impl Executor, id: VideoId) -> Result<Option<Source>> {
    sql!(
        "SELECT input_filename, key, size_bytes, resolution, width, height, fps, metadata,
                created_at
         FROM video_source WHERE video_id = $1"
    )
    .bind(id)
    .optional(on)
    .await
}

pub async fn forget_source(on: impl Executor, id: VideoId) -> Result<u64> {
    sql!("UPDATE video_source SET key = NULL WHERE video_id = $1")
        .bind(id)
        .execute(on)
        .await
}

#[derive(Deserialize)]
pub struct Password {
    pub id: i64,
    pub password: String,
    pub created_at: Millis,
}

pub async fn passwords(
    on: impl Executor,
    id: VideoId,
    newest_first: bool,
) -> Result<Vec<Password>> {
    Query::new("SELECT id, password, created_at FROM video_password")
        .when(Some(id), " WHERE video_id = ?")
        .push(if newest_first {
            " ORDER BY created_at DESC, id"
        } else {
            " ORDER BY created_at, id"
        })
        .all(on)
        .await
}

pub async fn replace_passwords(
    tx: &mut Tx,
    id: VideoId,
    passwords: &[String],
    now: Millis,
) -> Result<()> {
    sql!("DELETE FROM video_password WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    for password in passwords {
        super::add_password(&mut *tx, id, password, now).await?;
    }
    Ok(())
}

pub async fn delete_password(on: impl Executor, id: VideoId, password_id: i64) -> Result<u64> {
    sql!("DELETE FROM video_password WHERE video_id = $1 AND id = $2")
        .bind(id)
        .bind(password_id)
        .execute(on)
        .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Caption {
    pub video_id: i64,
    pub language: String,
    pub filename: String,
    pub automatically_generated: bool,
    pub url: Option<String>,
    pub updated_at: Millis,
}

const CAPTION: &str =
    "SELECT video_id, language, filename, automatically_generated, url, updated_at FROM caption";

pub async fn captions(on: impl Executor, id: VideoId) -> Result<Vec<Caption>> {
    Query::new(CAPTION)
        .when(Some(id), " WHERE video_id = ?")
        .push(" ORDER BY language")
        .all(on)
        .await
}

pub async fn caption_by_file(on: impl Executor, filename: &str) -> Result<Option<Caption>> {
    Query::new(CAPTION)
        .when(Some(filename), " WHERE filename = ?")
        .optional(on)
        .await
}

/// Replaces the caption of a language.
/// Tells whether there was none.
pub async fn set_missing_language(
    on: impl Executor,
    id: VideoId,
    language: &str,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE video SET language = $2, updated_at = $3 WHERE id = $1 AND language IS NULL")
        .bind(id)
        .bind(language)
        .bind(now)
        .execute(on)
        .await
}

pub async fn set_caption(
    tx: &mut Tx,
    id: VideoId,
    language: &str,
    filename: &str,
    generated: bool,
    now: Millis,
) -> Result<()> {
    delete_caption(&mut *tx, id, language).await?;
    sql!(
        "INSERT INTO caption (video_id, language, filename, automatically_generated, updated_at)
         VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(id)
    .bind(language)
    .bind(filename)
    .bind(generated)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

pub async fn delete_caption(on: impl Executor, id: VideoId, language: &str) -> Result<u64> {
    sql!("DELETE FROM caption WHERE video_id = $1 AND language = $2")
        .bind(id)
        .bind(language)
        .execute(on)
        .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Block {
    pub id: i64,
    pub video_id: i64,
    /// 1 by hand, 2 by itself.
    pub kind: i64,
    pub reason: Option<String>,
    pub internal_note: Option<String>,
    pub unfederated: bool,
    pub created_at: Millis,
    pub updated_at: Millis,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(deserialize_with = "base::db::json")]
    metadata: Value,
}

/// What the prober found in a file of a video; nothing when the video has no such file.
pub async fn file_metadata(on: impl Executor, id: VideoId, file: i64) -> Result<Option<Value>> {
    let found: Option<Metadata> =
        sql!("SELECT metadata FROM video_file WHERE video_id = $1 AND id = $2")
            .bind(id)
            .bind(file)
            .optional(on)
            .await?;
    Ok(found.map(|found| found.metadata))
}

/// Blocks a video, or changes the block that is there.
pub async fn block(
    tx: &mut Tx,
    id: VideoId,
    kind: i64,
    reason: Option<&str>,
    note: Option<&str>,
    unfederated: bool,
    now: Millis,
) -> Result<()> {
    sql!(
        "INSERT INTO video_block (video_id, kind, reason, internal_note, unfederated, created_at,
                                  updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (video_id) DO UPDATE SET kind = excluded.kind, reason = excluded.reason,
             internal_note = excluded.internal_note,
             unfederated = video_block.unfederated OR excluded.unfederated,
             updated_at = excluded.updated_at"
    )
    .bind(id)
    .bind(kind)
    .bind(reason)
    .bind(note)
    .bind(unfederated)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sql!("UPDATE video SET blocked = TRUE WHERE id = $1")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

pub async fn change_block(
    on: impl Executor,
    id: VideoId,
    reason: Option<&str>,
    note: Option<&str>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE video_block SET reason = $2, internal_note = $3, updated_at = $4
         WHERE video_id = $1"
    )
    .bind(id)
    .bind(reason)
    .bind(note)
    .bind(now)
    .execute(on)
    .await
}

pub async fn unblock(tx: &mut Tx, id: VideoId) -> Result<Option<Block>> {
    let block = find_block(&mut *tx, id).await?;
    sql!("DELETE FROM video_block WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sql!("UPDATE video SET blocked = FALSE WHERE id = $1")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(block)
}

const BLOCK: &str = "SELECT b.id, b.video_id, b.kind, b.reason, b.internal_note, b.unfederated,
    b.created_at, b.updated_at";

pub async fn find_block(on: impl Executor, id: VideoId) -> Result<Option<Block>> {
    Query::new(BLOCK)
        .when(Some(id), " FROM video_block b WHERE b.video_id = ?")
        .optional(on)
        .await
}

/// Blocks with how many there are.
pub async fn blocks(
    on: &base::Db,
    kind: Option<i64>,
    search: Option<&str>,
    order: &'static str,
    start: i64,
    count: i64,
) -> Result<(i64, Vec<Block>)> {
    let pattern = search.map(|text| format!("%{}%", crate::fold::fold(text)));
    let matching = |query: Query| {
        query
            .push(" FROM video_block b JOIN video v ON v.id = b.video_id WHERE TRUE")
            .when(kind, " AND b.kind = ?")
            .when(pattern.clone(), " AND v.folded LIKE ?")
    };
    let (total,) = matching(Query::new("SELECT count(*)")).one(on).await?;
    let rows = matching(Query::new(BLOCK))
        .push(order)
        .page(start, count)
        .all(on)
        .await?;
    Ok((total, rows))
}

/// The tags of the newest listed videos with how many have them, and so with categories: at most
/// two thousand videos are looked at.
pub async fn popular_tags(on: impl Executor, at_least: i64) -> Result<Vec<(String, i64)>> {
    sql!(
        "SELECT t.tag, count(*) FROM (SELECT id FROM video WHERE listed > 0 AND listed <= 1
                                      ORDER BY published_at DESC, id LIMIT 2000) newest
         JOIN video_tag t ON t.video_id = newest.id
         GROUP BY t.tag HAVING count(*) >= $1 ORDER BY count(*) DESC, t.tag LIMIT 20"
    )
    .bind(at_least)
    .all(on)
    .await
}

pub async fn popular_categories(on: impl Executor, at_least: i64) -> Result<Vec<(i64, i64)>> {
    sql!(
        "SELECT newest.category, count(*)
         FROM (SELECT id, category FROM video WHERE listed > 0 AND listed <= 1
               ORDER BY published_at DESC, id LIMIT 2000) newest
         WHERE newest.category IS NOT NULL
         GROUP BY newest.category HAVING count(*) >= $1 ORDER BY count(*) DESC, 1 LIMIT 20"
    )
    .bind(at_least)
    .all(on)
    .await
}

pub async fn popular_channels(on: impl Executor, at_least: i64) -> Result<Vec<(i64, i64)>> {
    sql!(
        "SELECT newest.channel_id, count(*)
         FROM (SELECT id, channel_id FROM video WHERE listed > 0 AND listed <= 1
               ORDER BY published_at DESC, id LIMIT 2000) newest
         GROUP BY newest.channel_id HAVING count(*) >= $1 ORDER BY count(*) DESC, 1 LIMIT 20"
    )
    .bind(at_least)
    .all(on)
    .await
}
