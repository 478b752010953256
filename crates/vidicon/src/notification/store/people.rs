//! The SQL of who is told.

use super::super::Recipient;
use crate::account::{AccountId, ActorId, UserId};
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;

const RECIPIENT: &str = "SELECT u.id AS user_id, a.id AS account_id, u.username, u.email,
    u.email_verified, u.settings, u.notification_settings,
    EXISTS (SELECT 1 FROM push_subscription p WHERE p.user_id = u.id) AS has_push
    FROM users u JOIN account a ON a.user_id = u.id WHERE NOT u.blocked";

pub async fn one(on: impl Executor, user: UserId) -> Result<Option<Recipient>> {
    Query::new(RECIPIENT)
        .when(Some(user), " AND u.id = ?")
        .optional(on)
        .await
}

pub async fn by_account(on: impl Executor, account: AccountId) -> Result<Option<Recipient>> {
    Query::new(RECIPIENT)
        .when(Some(account), " AND a.id = ?")
        .optional(on)
        .await
}

/// Those of these names, in small letters.
pub async fn by_names(on: impl Executor, names: &[String]) -> Result<Vec<Recipient>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(RECIPIENT)
        .within(" AND u.username IN (", names.iter().cloned())
        .push(" ORDER BY u.id LIMIT 100")
        .all(on)
        .await
}

pub async fn by_accounts(on: impl Executor, ids: &[AccountId]) -> Result<Vec<Recipient>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(RECIPIENT)
        .within(" AND a.id IN (", ids.iter().copied())
        .push(" ORDER BY u.id LIMIT 100")
        .all(on)
        .await
}

/// Those with one of these roles.
pub async fn with_roles(on: impl Executor, roles: &[i64]) -> Result<Vec<Recipient>> {
    Query::new(RECIPIENT)
        .within(" AND u.role IN (", roles.iter().copied())
        .push(" ORDER BY u.id LIMIT 1000")
        .all(on)
        .await
}

/// A recipient and the follow that makes them one.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ByFollow {
    pub follow_id: i64,
}

/// People of this site who follow one of these actors, each once, from a place in the list on.
pub async fn followers(
    on: impl Executor,
    actors: [ActorId; 2],
    after: i64,
    limit: i64,
) -> Result<Vec<(Recipient, ByFollow)>> {
    sql!(
        "SELECT u.id AS user_id, a.id AS account_id, u.username, u.email, u.email_verified,
                u.settings, u.notification_settings, f.id AS follow_id,
                EXISTS (SELECT 1 FROM push_subscription p WHERE p.user_id = u.id) AS has_push
         FROM follow f JOIN account a ON a.actor_id = f.follower_actor_id
         JOIN users u ON u.id = a.user_id
         WHERE f.actor_id IN ($1, $2) AND f.state = 'accepted' AND NOT u.blocked AND f.id > $3
           AND NOT EXISTS (SELECT 1 FROM follow e
                           WHERE e.follower_actor_id = f.follower_actor_id
                             AND e.actor_id IN ($1, $2) AND e.state = 'accepted' AND e.id < f.id)
         ORDER BY f.id LIMIT $4"
    )
    .bind(actors.first().copied())
    .bind(actors.last().copied())
    .bind(after)
    .bind(limit)
    .pairs(on)
    .await
}

/// Is the account, or its server, muted by one of these (0 is the site)?
pub async fn is_muted(on: impl Executor, account: AccountId, by: &[i64]) -> Result<bool> {
    let found: Option<(i64,)> = Query::new("SELECT m.id FROM mute_account m WHERE TRUE")
        .when(Some(account), " AND m.account_id = ?")
        .within(" AND coalesce(m.by_account_id, 0) IN (", by.iter().copied())
        .push(
            " UNION ALL SELECT m.id FROM account a JOIN actor n ON n.id = a.actor_id
              JOIN mute_server m ON m.host = n.host",
        )
        .when(Some(account), " WHERE a.id = ?")
        .within(" AND coalesce(m.by_account_id, 0) IN (", by.iter().copied())
        .push(" LIMIT 1")
        .optional(on)
        .await?;
    Ok(found.is_some())
}

/// Whom a follow is about.
#[derive(Clone, Debug, Deserialize)]
pub struct Follow {
    pub follower_account_id: Option<AccountId>,
    pub target_kind: String,
    /// The account that is followed, or that owns the channel that is.
    pub owner_account_id: Option<AccountId>,
}

pub async fn follow(on: impl Executor, id: i64) -> Result<Option<Follow>> {
    sql!(
        "SELECT coalesce(fa.id, fc.account_id) AS follower_account_id, t.kind AS target_kind,
                coalesce(ta.id, tc.account_id) AS owner_account_id
         FROM follow f JOIN actor t ON t.id = f.actor_id
         LEFT JOIN account fa ON fa.actor_id = f.follower_actor_id
         LEFT JOIN channel fc ON fc.actor_id = f.follower_actor_id
         LEFT JOIN account ta ON ta.actor_id = f.actor_id
         LEFT JOIN channel tc ON tc.actor_id = f.actor_id
         WHERE f.id = $1"
    )
    .bind(id)
    .optional(on)
    .await
}

pub async fn follow_between(
    on: impl Executor,
    follower: ActorId,
    target: ActorId,
) -> Result<Option<i64>> {
    let found: Option<(i64,)> =
        sql!("SELECT id FROM follow WHERE follower_actor_id = $1 AND actor_id = $2")
            .bind(follower)
            .bind(target)
            .optional(on)
            .await?;
    Ok(found.map(|(id,)| id))
}

pub async fn abuse_reporter(on: impl Executor, id: i64) -> Result<Option<AccountId>> {
    let found: Option<(Option<AccountId>,)> =
        sql!("SELECT reporter_account_id FROM abuse WHERE id = $1")
            .bind(id)
            .optional(on)
            .await?;
    Ok(found.and_then(|(id,)| id))
}

/// Who wrote a message on a report, and whether as a moderator.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Writer {
    pub account_id: Option<AccountId>,
    pub by_moderator: bool,
}

pub async fn message_writer(on: impl Executor, id: i64) -> Result<Option<Writer>> {
    sql!("SELECT account_id, by_moderator FROM abuse_message WHERE id = $1")
        .bind(id)
        .optional(on)
        .await
}

/// Who is asked to help with a channel, and who owns it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Collaboration {
    pub account_id: AccountId,
    pub owner_account_id: AccountId,
}

pub async fn collaboration(on: impl Executor, id: i64) -> Result<Option<Collaboration>> {
    sql!(
        "SELECT k.account_id, c.account_id AS owner_account_id
         FROM channel_collaborator k JOIN channel c ON c.id = k.channel_id WHERE k.id = $1"
    )
    .bind(id)
    .optional(on)
    .await
}
