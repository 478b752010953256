//! The SQL of tags that videos get by themselves.

use super::super::VideoId;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;

/// A list of watched words, as far as texts are looked at.
#[derive(Clone, Debug, Deserialize)]
pub struct Words {
    pub name: String,
    pub words: Vec<String>,
}

pub async fn lists_of_site(on: impl Executor) -> Result<Vec<Words>> {
    sql!(
        "SELECT name, words FROM watched_words
         WHERE account_id IS NULL ORDER BY id LIMIT 1000"
    )
    .all(on)
    .await
}

/// The tags for which the site holds videos back.
pub async fn blocking(on: impl Executor) -> Result<Vec<String>> {
    let tags: Vec<(String,)> = sql!("SELECT tag FROM block_tag ORDER BY tag LIMIT 1000")
        .all(on)
        .await?;
    Ok(tags.into_iter().map(|(tag,)| tag).collect())
}

pub async fn set(tx: &mut Tx, id: VideoId, tags: &[String]) -> Result<()> {
    sql!("DELETE FROM video_auto_tag WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    for tag in tags {
        sql!("INSERT INTO video_auto_tag (video_id, tag) VALUES ($1, $2)")
            .bind(id)
            .bind(tag)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

pub async fn of(on: impl Executor, ids: &[VideoId]) -> Result<Vec<(VideoId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new("SELECT video_id, tag FROM video_auto_tag WHERE TRUE")
        .within(" AND video_id IN (", ids.iter().copied())
        .push(" ORDER BY video_id, tag")
        .all(on)
        .await
}

pub async fn is_blocked(on: impl Executor, id: VideoId) -> Result<bool> {
    let found: Option<(bool,)> = sql!("SELECT blocked FROM video WHERE id = $1")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.is_some_and(|(blocked,)| blocked))
}
