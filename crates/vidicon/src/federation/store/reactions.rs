//! The SQL of what other servers were told of reactions.

use crate::account::AccountId;
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::{Tx, sql};

/// The address of a reaction that others were told of.
pub async fn federated_reaction(
    on: impl Executor,
    account: AccountId,
    video: VideoId,
    emoji: &str,
) -> Result<Option<String>> {
    let found: Option<(String,)> = sql!(
        "SELECT url FROM federated_reaction
         WHERE account_id = $1 AND video_id = $2 AND emoji = $3"
    )
    .bind(account)
    .bind(video)
    .bind(emoji)
    .optional(on)
    .await?;
    Ok(found.map(|(url,)| url))
}

/// Notes that others were told of a reaction, or (without an address) that it was taken back.
pub async fn note_federated_reaction(
    tx: &mut Tx,
    account: AccountId,
    video: VideoId,
    emoji: &str,
    url: Option<&str>,
    now: Millis,
) -> Result<u64> {
    let Some(url) = url else {
        return sql!(
            "DELETE FROM federated_reaction
             WHERE account_id = $1 AND video_id = $2 AND emoji = $3"
        )
        .bind(account)
        .bind(video)
        .bind(emoji)
        .execute(tx)
        .await;
    };
    sql!(
        "INSERT INTO federated_reaction (account_id, video_id, emoji, url, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    )
    .bind(account)
    .bind(video)
    .bind(emoji)
    .bind(url)
    .bind(now)
    .execute(tx)
    .await
}
