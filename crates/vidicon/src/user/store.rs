//! SQL that counts over all that belongs to a user.

use super::Doings;
use crate::account::{AccountId, ActorId};
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct UsedRow {
    pub account_id: AccountId,
    pub total_bytes: i64,
    pub daily_bytes: i64,
}

/// Of each video the largest single file counts; live ones do not.
pub async fn used(
    on: impl Executor,
    accounts: &[AccountId],
    since: Millis,
) -> Result<Vec<UsedRow>> {
    Query::new(
        "SELECT account_id, CAST(sum(quota_bytes) AS BIGINT) AS total_bytes,
                CAST(sum(CASE WHEN created_at >= ",
    )
    .when(
        Some(since),
        "? THEN quota_bytes ELSE 0 END) AS BIGINT) AS daily_bytes FROM video WHERE is_local",
    )
    .within(" AND account_id IN (", accounts.iter().copied())
    .push(" GROUP BY account_id")
    .all(on)
    .await
}

pub async fn doings(on: impl Executor, account_id: AccountId) -> Result<Doings> {
    sql!(
        "SELECT (SELECT count(*) FROM video WHERE account_id = $1) AS videos,
                (SELECT count(*) FROM comment WHERE account_id = $1 AND deleted_at IS NULL)
                    AS comments,
                (SELECT count(*) FROM abuse WHERE flagged_account_id = $1) AS abuses,
                (SELECT count(*) FROM abuse WHERE flagged_account_id = $1 AND state = 3)
                    AS abuses_accepted,
                (SELECT count(*) FROM abuse WHERE reporter_account_id = $1) AS abuses_created"
    )
    .bind(account_id)
    .slow()
    .one(on)
    .await
}

#[derive(Deserialize)]
pub struct WatchLater {
    pub id: i64,
    pub display_name: String,
    pub kind: i64,
}

pub async fn watch_later(on: impl Executor, account_id: AccountId) -> Result<Vec<WatchLater>> {
    sql!(
        "SELECT id, display_name, kind FROM playlist WHERE account_id = $1 AND kind = 2
         ORDER BY id LIMIT 1"
    )
    .bind(account_id)
    .all(on)
    .await
}

pub async fn actors_of_channels(
    on: impl Executor,
    account_id: AccountId,
) -> Result<Vec<(ActorId,)>> {
    sql!("SELECT actor_id FROM channel WHERE account_id = $1")
        .bind(account_id)
        .all(on)
        .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct ChannelRow {
    pub id: i64,
    pub account_id: AccountId,
    pub actor_id: ActorId,
    pub name: String,
    pub display_name: String,
    pub description: Option<String>,
    pub support: Option<String>,
    pub follower_count: i64,
    pub following_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// The channels of these accounts, each account's oldest first.
pub async fn channels(on: impl Executor, accounts: &[AccountId]) -> Result<Vec<ChannelRow>> {
    Query::new(
        "SELECT c.id, c.account_id, c.actor_id, ac.name, c.display_name, c.description, c.support,
                ac.follower_count, ac.following_count, c.created_at, c.updated_at
         FROM channel c JOIN actor ac ON ac.id = c.actor_id
         WHERE ac.deleted_at IS NULL",
    )
    .within(" AND c.account_id IN (", accounts.iter().copied())
    .push(" ORDER BY c.created_at, c.id")
    .all(on)
    .await
}

pub async fn videos(on: impl Executor, account_id: AccountId) -> Result<Vec<(VideoId,)>> {
    sql!("SELECT id FROM video WHERE account_id = $1 ORDER BY id LIMIT 100")
        .bind(account_id)
        .all(on)
        .await
}

pub async fn delete_channels(on: impl Executor, account_id: AccountId) -> Result<u64> {
    sql!("DELETE FROM channel WHERE account_id = $1")
        .bind(account_id)
        .execute(on)
        .await
}

pub async fn actor_of_account(on: impl Executor, id: AccountId) -> Result<Option<(ActorId,)>> {
    sql!("SELECT actor_id FROM account WHERE id = $1")
        .bind(id)
        .optional(on)
        .await
}
