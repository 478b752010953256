//! The SQL of the tokens that people make for their programs.

use super::super::personal_token::{PersonalToken, PersonalTokenId};
use super::super::{User, UserId};
use super::USER;
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;

pub async fn add(
    on: impl Executor,
    user: UserId,
    name: &str,
    hash: &str,
    scopes: &str,
    expires_at: Option<Millis>,
    now: Millis,
) -> Result<PersonalTokenId> {
    let (id,) = sql!(
        "INSERT INTO personal_token (user_id, name, token_hash, scopes, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"
    )
    .bind(user)
    .bind(name)
    .bind(hash)
    .bind(scopes)
    .bind(expires_at)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn list(on: impl Executor, user: UserId, paging: Paging) -> Result<Vec<PersonalToken>> {
    Query::new(
        "SELECT id, name, scopes, expires_at, last_used_at, last_ip, created_at
         FROM personal_token",
    )
    .when(Some(user), " WHERE user_id = ?")
    .push(" ORDER BY created_at DESC, id DESC")
    .page(paging.start, paging.count)
    .all(on)
    .await
}

pub async fn count(on: impl Executor, user: UserId) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM personal_token WHERE user_id = $1")
        .bind(user)
        .one(on)
        .await?;
    Ok(count)
}

pub async fn delete(on: impl Executor, user: UserId, id: PersonalTokenId) -> Result<u64> {
    sql!("DELETE FROM personal_token WHERE user_id = $1 AND id = $2")
        .bind(user)
        .bind(id)
        .execute(on)
        .await
}

#[derive(Deserialize)]
pub struct Used {
    pub token_id: PersonalTokenId,
    pub scopes: String,
    pub last_used_at: Option<Millis>,
}

/// Not of users who are blocked.
pub async fn user_of(on: impl Executor, hash: &str, now: Millis) -> Result<Option<(Used, User)>> {
    let found = Query::new("SELECT t.id AS token_id, t.scopes, t.last_used_at, ")
        .push(USER)
        .push(
            " FROM personal_token t JOIN users u ON u.id = t.user_id
              JOIN account a ON a.user_id = u.id WHERE NOT u.blocked",
        )
        .when(Some(hash), " AND t.token_hash = ?")
        .when(Some(now), " AND (t.expires_at IS NULL OR t.expires_at > ?)")
        .pairs(on)
        .await?;
    Ok(found.into_iter().next())
}

pub async fn touch(
    on: impl Executor,
    id: PersonalTokenId,
    ip: Option<&str>,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE personal_token SET last_used_at = $2, last_ip = $3 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(ip)
        .execute(on)
        .await
}
