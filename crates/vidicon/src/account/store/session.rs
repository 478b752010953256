//! The SQL of sessions.

use super::super::session::{Kept, Origin, SessionId, Tokens, token_hash};
use super::super::{User, UserId};
use super::USER;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct SessionRow {
    #[serde(rename = "session_id")]
    pub id: SessionId,
    pub last_active_at: Millis,
}

pub async fn add_session(
    on: impl Executor,
    user_id: UserId,
    tokens: &Tokens,
    origin: &Origin,
    now: Millis,
) -> Result<()> {
    sql!(
        "INSERT INTO session (user_id, access_hash, refresh_hash, access_expires_at,
                              refresh_expires_at, login_device, login_ip, last_device, last_ip,
                              last_active_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $7, $8, $8)"
    )
    .bind(user_id)
    .bind(token_hash(&tokens.access))
    .bind(token_hash(&tokens.refresh))
    .bind(tokens.access_expires_at)
    .bind(tokens.refresh_expires_at)
    .bind(origin.device.clone())
    .bind(origin.ip.clone())
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

pub async fn renew_session(
    on: impl Executor,
    old_refresh_hash: &str,
    tokens: &Tokens,
    origin: &Origin,
    now: Millis,
) -> Result<bool> {
    let changed = sql!(
        "UPDATE session SET access_hash = $2, refresh_hash = $3, access_expires_at = $4,
                refresh_expires_at = $5, last_device = $6, last_ip = $7, last_active_at = $8
         WHERE refresh_hash = $1 AND refresh_expires_at > $8
           AND EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND NOT u.blocked)"
    )
    .bind(old_refresh_hash)
    .bind(token_hash(&tokens.access))
    .bind(token_hash(&tokens.refresh))
    .bind(tokens.access_expires_at)
    .bind(tokens.refresh_expires_at)
    .bind(origin.device.clone())
    .bind(origin.ip.clone())
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

pub async fn session_user(
    on: impl Executor,
    access_hash: &str,
    now: Millis,
) -> Result<Option<(SessionRow, User)>> {
    let found = Query::new("SELECT s.id AS session_id, s.last_active_at, ")
        .push(USER)
        .push(
            " FROM session s JOIN users u ON u.id = s.user_id JOIN account a ON a.user_id = u.id
              WHERE NOT u.blocked",
        )
        .when(Some(access_hash), " AND s.access_hash = ?")
        .when(Some(now), " AND s.access_expires_at > ?")
        .pairs(on)
        .await?;
    Ok(found.into_iter().next())
}

pub async fn touch_session(
    on: impl Executor,
    id: SessionId,
    origin: &Origin,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE session SET last_active_at = $2, last_device = $3, last_ip = $4 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(origin.device.clone())
        .bind(origin.ip.clone())
        .execute(on)
        .await
}

pub async fn delete_session(on: impl Executor, id: SessionId) -> Result<u64> {
    sql!("DELETE FROM session WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn delete_sessions_of(on: impl Executor, user_id: UserId) -> Result<u64> {
    sql!("DELETE FROM session WHERE user_id = $1")
        .bind(user_id)
        .execute(on)
        .await
}

/// Ends all sessions of a user but this one.
pub async fn delete_others(on: impl Executor, user_id: UserId, but: SessionId) -> Result<u64> {
    sql!("DELETE FROM session WHERE user_id = $1 AND id <> $2")
        .bind(user_id)
        .bind(but)
        .execute(on)
        .await
}

pub async fn delete_of(on: impl Executor, user_id: UserId, id: SessionId) -> Result<u64> {
    sql!("DELETE FROM session WHERE user_id = $1 AND id = $2")
        .bind(user_id)
        .bind(id)
        .execute(on)
        .await
}

/// The sessions of a user that can still be used or renewed, the newest first.
pub async fn list(
    on: impl Executor,
    user_id: UserId,
    now: Millis,
    start: i64,
    count: i64,
) -> Result<Vec<Kept>> {
    sql!(
        "SELECT id, login_device, login_ip, last_device, last_ip, last_active_at, created_at
         FROM session
         WHERE user_id = $1 AND refresh_expires_at > $2
         ORDER BY last_active_at DESC, id DESC
         LIMIT $3 OFFSET $4"
    )
    .bind(user_id)
    .bind(now)
    .bind(count)
    .bind(start)
    .all(on)
    .await
}

pub async fn count(on: impl Executor, user_id: UserId, now: Millis) -> Result<i64> {
    let (count,) =
        sql!("SELECT count(*) FROM session WHERE user_id = $1 AND refresh_expires_at > $2")
            .bind(user_id)
            .bind(now)
            .one(on)
            .await?;
    Ok(count)
}

pub async fn delete_expired(on: impl Executor, now: Millis) -> Result<u64> {
    sql!("DELETE FROM session WHERE refresh_expires_at < $1 AND access_expires_at < $1")
        .bind(now)
        .execute(on)
        .await
}
