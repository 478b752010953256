//! The SQL of tags that comments get by themselves, and of what they lead to.

use super::super::CommentId;
use crate::account::AccountId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};

pub async fn add(tx: &mut Tx, id: CommentId, account: i64, tags: &[String]) -> Result<()> {
    for tag in tags {
        sql!(
            "INSERT INTO comment_tag (comment_id, account_id, tag) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING"
        )
        .bind(id)
        .bind(account)
        .bind(tag)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

pub async fn drop_all(on: impl Executor, id: CommentId) -> Result<u64> {
    sql!("DELETE FROM comment_tag WHERE comment_id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// The tags of these comments by the lists of one account, or of the site (0).
pub async fn of(
    on: impl Executor,
    account: i64,
    ids: &[CommentId],
) -> Result<Vec<(CommentId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new("SELECT comment_id, tag FROM comment_tag WHERE TRUE")
        .when(Some(account), " AND account_id = ?")
        .within(" AND comment_id IN (", ids.iter().copied())
        .push(" ORDER BY comment_id, tag")
        .all(on)
        .await
}

/// The tags for which an account holds comments back.
pub async fn review(on: impl Executor, account: AccountId) -> Result<Vec<String>> {
    let tags: Vec<(String,)> =
        sql!("SELECT tag FROM review_tag WHERE account_id = $1 ORDER BY tag LIMIT 1000")
            .bind(account)
            .all(on)
            .await?;
    Ok(tags.into_iter().map(|(tag,)| tag).collect())
}

pub async fn set_review(tx: &mut Tx, account: AccountId, tags: &[String]) -> Result<()> {
    sql!("DELETE FROM review_tag WHERE account_id = $1")
        .bind(account)
        .execute(&mut *tx)
        .await?;
    for tag in tags {
        sql!("INSERT INTO review_tag (account_id, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(account)
            .bind(tag)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// The tags for which new videos are blocked until somebody has looked at them.
pub async fn block(on: impl Executor) -> Result<Vec<String>> {
    let tags: Vec<(String,)> = sql!("SELECT tag FROM block_tag ORDER BY tag LIMIT 1000")
        .all(on)
        .await?;
    Ok(tags.into_iter().map(|(tag,)| tag).collect())
}

pub async fn set_block(tx: &mut Tx, tags: &[String], now: Millis) -> Result<()> {
    sql!("DELETE FROM block_tag").execute(&mut *tx).await?;
    for tag in tags {
        sql!("INSERT INTO block_tag (tag, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(tag)
            .bind(now)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
