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
