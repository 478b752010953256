//! The SQL of reactions.

use crate::account::AccountId;
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

/// How many have chosen each emoji, without accounts and servers that one of these mutes.
pub async fn counts(
    on: impl Executor,
    video: VideoId,
    muters: &[i64],
) -> Result<Vec<(String, i64)>> {
    Query::new("SELECT r.emoji, count(*) FROM video_reaction r")
        .when(Some(video), " WHERE r.video_id = ?")
        .within(
            " AND NOT EXISTS (SELECT 1 FROM mute_account m WHERE m.account_id = r.account_id
                              AND coalesce(m.by_account_id, 0) IN (",
            muters.iter().copied(),
        )
        .within(
            ") AND NOT EXISTS (SELECT 1 FROM account ma JOIN actor mn ON mn.id = ma.actor_id
                               JOIN mute_server m ON m.host = mn.host
                               WHERE ma.id = r.account_id AND coalesce(m.by_account_id, 0) IN (",
            muters.iter().copied(),
        )
        .push(") GROUP BY r.emoji ORDER BY r.emoji LIMIT 100")
        .all(on)
        .await
}

pub async fn of_account(
    on: impl Executor,
    video: VideoId,
    account: AccountId,
) -> Result<Vec<String>> {
    let found: Vec<(String,)> = sql!(
        "SELECT emoji FROM video_reaction WHERE account_id = $1 AND video_id = $2
         ORDER BY emoji LIMIT 100"
    )
    .bind(account)
    .bind(video)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(emoji,)| emoji).collect())
}

pub async fn add(
    on: impl Executor,
    video: VideoId,
    account: AccountId,
    emoji: &str,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO video_reaction (video_id, emoji, account_id, created_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    )
    .bind(video)
    .bind(emoji)
    .bind(account)
    .bind(now)
    .execute(on)
    .await
}

pub async fn remove(
    on: impl Executor,
    video: VideoId,
    account: AccountId,
    emoji: &str,
) -> Result<u64> {
    sql!("DELETE FROM video_reaction WHERE video_id = $1 AND emoji = $2 AND account_id = $3")
        .bind(video)
        .bind(emoji)
        .bind(account)
        .execute(on)
        .await
}
