//! The SQL of channels.

use super::ChannelId;
use crate::account::{AccountId, ActorId};
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;

pub async fn add(
    on: impl Executor,
    actor_id: ActorId,
    account_id: AccountId,
    display_name: &str,
    now: Millis,
) -> Result<ChannelId> {
    let (id,) = sql!(
        "INSERT INTO channel (actor_id, account_id, display_name, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $4) RETURNING id"
    )
    .bind(actor_id)
    .bind(account_id)
    .bind(display_name)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

/// The account of a local channel.
pub async fn owner(on: impl Executor, id: ChannelId) -> Result<Option<AccountId>> {
    let found: Option<(AccountId,)> = sql!(
        "SELECT c.account_id FROM channel c JOIN actor ca ON ca.id = c.actor_id
         WHERE c.id = $1 AND ca.host = '' AND ca.deleted_at IS NULL"
    )
    .bind(id)
    .optional(on)
    .await?;
    Ok(found.map(|(id,)| id))
}

pub async fn is_editor(on: impl Executor, id: ChannelId, account_id: AccountId) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT id FROM channel_collaborator
         WHERE channel_id = $1 AND account_id = $2 AND state = 'accepted'"
    )
    .bind(id)
    .bind(account_id)
    .optional(on)
    .await?;
    Ok(found.is_some())
}
