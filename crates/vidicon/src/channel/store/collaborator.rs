//! The SQL of collaborators.

use super::super::ChannelId;
use crate::account::AccountId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;

/// Somebody who helps with a channel, or was asked to.
#[derive(Clone, Debug, Deserialize)]
pub struct Collaborator {
    pub id: i64,
    pub account_id: AccountId,
    /// `pending`, `accepted` or `rejected`.
    pub state: String,
    pub created_at: Millis,
    pub updated_at: Millis,
}

const COLLABORATOR: &str =
    "SELECT id, account_id, state, created_at, updated_at FROM channel_collaborator";

pub async fn of_channel(on: impl Executor, id: ChannelId) -> Result<Vec<Collaborator>> {
    Query::new(COLLABORATOR)
        .when(Some(id), " WHERE channel_id = ?")
        .push(" AND state <> 'rejected' ORDER BY created_at DESC, id")
        .all(on)
        .await
}

pub async fn find(
    on: impl Executor,
    id: ChannelId,
    collaborator: i64,
) -> Result<Option<Collaborator>> {
    Query::new(COLLABORATOR)
        .when(Some(id), " WHERE channel_id = ?")
        .when(Some(collaborator), " AND id = ?")
        .optional(on)
        .await
}

/// Asks an account to help. Nothing when it was asked already and has not refused.
pub async fn invite(
    on: impl Executor,
    id: ChannelId,
    account_id: AccountId,
    now: Millis,
) -> Result<Option<Collaborator>> {
    sql!(
        "INSERT INTO channel_collaborator (channel_id, account_id, created_at, updated_at)
         VALUES ($1, $2, $3, $3)
         ON CONFLICT (channel_id, account_id) DO UPDATE SET state = 'pending', updated_at = $3
         WHERE channel_collaborator.state = 'rejected'
         RETURNING id, account_id, state, created_at, updated_at"
    )
    .bind(id)
    .bind(account_id)
    .bind(now)
    .optional(on)
    .await
}

/// Tells whether the invitation was still open.
pub async fn answer(
    on: impl Executor,
    collaborator: i64,
    state: &str,
    now: Millis,
) -> Result<bool> {
    let changed = sql!(
        "UPDATE channel_collaborator SET state = $2, updated_at = $3
         WHERE id = $1 AND state = 'pending'"
    )
    .bind(collaborator)
    .bind(state)
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

pub async fn remove(on: impl Executor, collaborator: i64) -> Result<u64> {
    sql!("DELETE FROM channel_collaborator WHERE id = $1")
        .bind(collaborator)
        .execute(on)
        .await
}

/// An invitation that nobody has answered yet.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Open {
    pub id: i64,
    pub channel_id: ChannelId,
}

/// The open invitations of an account, the newest first.
pub async fn open_of(on: impl Executor, account_id: AccountId) -> Result<Vec<Open>> {
    sql!(
        "SELECT id, channel_id FROM channel_collaborator
         WHERE account_id = $1 AND state = 'pending' ORDER BY created_at DESC, id LIMIT 100"
    )
    .bind(account_id)
    .all(on)
    .await
}
