//! The SQL that keeps what captions say.

use base::db::{Executor, Result};
use base::{Db, Tx, sql};

/// Drops what was known of a caption and marks it as taken in; its id and its video's.
pub async fn start(tx: &mut Tx, filename: &str) -> Result<Option<(i64, i64)>> {
    drop_passages(tx, filename).await?;
    sql!("UPDATE caption SET indexed = TRUE WHERE filename = $1 RETURNING id, video_id")
        .bind(filename)
        .optional(tx)
        .await
}

pub async fn add(
    on: impl Executor,
    caption_id: i64,
    video_id: i64,
    lines: &str,
    folded: &str,
) -> Result<u64> {
    sql!(
        "INSERT INTO caption_passage (caption_id, video_id, lines, folded) VALUES ($1, $2, $3, $4)"
    )
    .bind(caption_id)
    .bind(video_id)
    .bind(lines)
    .bind(folded)
    .execute(on)
    .await
}

pub async fn forget(tx: &mut Tx, filename: &str) -> Result<()> {
    drop_passages(tx, filename).await?;
    sql!("UPDATE caption SET indexed = FALSE WHERE filename = $1")
        .bind(filename)
        .execute(tx)
        .await
        .map(drop)
}

async fn drop_passages(tx: &mut Tx, filename: &str) -> Result<u64> {
    sql!(
        "DELETE FROM caption_passage
         WHERE caption_id IN (SELECT id FROM caption WHERE filename = $1)"
    )
    .bind(filename)
    .execute(tx)
    .await
}

/// The files that lie here and are not taken in.
pub async fn missing(db: &Db, limit: i64) -> Result<Vec<String>> {
    let names: Vec<(String,)> = sql!(
        "SELECT c.filename FROM caption c
         WHERE NOT c.indexed
           AND (c.url IS NULL OR EXISTS (SELECT 1 FROM remote_file r
                                         WHERE r.filename = c.filename AND r.fetched_at IS NOT NULL))
         ORDER BY c.id LIMIT $1"
    )
    .bind(limit)
    .slow()
    .all(db)
    .await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}
