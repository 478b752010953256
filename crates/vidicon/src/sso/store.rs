//! The SQL of log-ins from elsewhere; that of being a provider, and of SAML, stands beside it.

pub mod provide;
pub mod saml;

use super::attempt::Attempt;
use super::{Identity, LinkId, Linked};
use crate::account::UserId;
use base::Db;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

pub async fn link(on: impl Executor, provider: &str, subject: &str) -> Result<Option<Linked>> {
    sql!(
        "SELECT id, user_id, provider, shown_name, managed, created_at, last_used_at
         FROM login_link WHERE provider = $1 AND subject = $2"
    )
    .bind(provider)
    .bind(subject)
    .optional(on)
    .await
}

pub async fn links_of(on: impl Executor, user_id: UserId) -> Result<Vec<Linked>> {
    sql!(
        "SELECT id, user_id, provider, shown_name, managed, created_at, last_used_at
         FROM login_link WHERE user_id = $1 ORDER BY created_at, id LIMIT 100"
    )
    .bind(user_id)
    .all(on)
    .await
}

pub async fn add_link(
    on: impl Executor,
    user_id: UserId,
    provider: &str,
    who: &Identity,
    managed: bool,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO login_link (user_id, provider, subject, shown_name, managed, created_at,
                                 last_used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)"
    )
    .bind(user_id)
    .bind(provider)
    .bind(&who.subject)
    .bind(&who.name)
    .bind(managed)
    .bind(now)
    .execute(on)
    .await
}

pub async fn touch(on: impl Executor, id: LinkId, name: &str, now: Millis) -> Result<u64> {
    sql!("UPDATE login_link SET shown_name = $2, last_used_at = $3 WHERE id = $1")
        .bind(id)
        .bind(name)
        .bind(now)
        .execute(on)
        .await
}

pub async fn unlink(on: impl Executor, user_id: UserId, provider: &str) -> Result<u64> {
    sql!("DELETE FROM login_link WHERE user_id = $1 AND provider = $2")
        .bind(user_id)
        .bind(provider)
        .execute(on)
        .await
}

pub async fn add_attempt(
    on: impl Executor,
    state_hash: &str,
    new: &Attempt,
    expires_at: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO login_attempt (state_hash, provider, browser_hash, nonce, verifier, next_path,
                                    link_user_id, for_program, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(state_hash)
    .bind(&new.provider)
    .bind(&new.browser_hash)
    .bind(&new.nonce)
    .bind(&new.verifier)
    .bind(&new.next_path)
    .bind(new.link_user_id)
    .bind(new.for_program)
    .bind(expires_at)
    .execute(on)
    .await
}

/// Takes an attempt out: nobody can come back with it twice.
pub async fn take_attempt(
    on: impl Executor,
    state_hash: &str,
    now: Millis,
) -> Result<Option<Attempt>> {
    sql!(
        "DELETE FROM login_attempt WHERE state_hash = $1 AND expires_at > $2
         RETURNING provider, browser_hash, nonce, verifier, next_path, link_user_id, for_program"
    )
    .bind(state_hash)
    .bind(now)
    .optional(on)
    .await
}

pub async fn add_handover(
    on: impl Executor,
    token_hash: &str,
    user_id: UserId,
    expires_at: Millis,
) -> Result<u64> {
    sql!("INSERT INTO login_handover (token_hash, user_id, expires_at) VALUES ($1, $2, $3)")
        .bind(token_hash)
        .bind(user_id)
        .bind(expires_at)
        .execute(on)
        .await
}

#[derive(Deserialize)]
pub struct Handover {
    pub user_id: UserId,
    pub username: String,
}

pub async fn take_handover(
    on: impl Executor,
    token_hash: &str,
    now: Millis,
) -> Result<Option<Handover>> {
    sql!(
        "DELETE FROM login_handover WHERE token_hash = $1 AND expires_at > $2
         RETURNING user_id, (SELECT u.username FROM users u WHERE u.id = user_id) AS username"
    )
    .bind(token_hash)
    .bind(now)
    .optional(on)
    .await
}

pub async fn tidy(db: &Db, now: Millis) -> Result<()> {
    saml::tidy(db, now).await?;
    sql!("DELETE FROM login_attempt WHERE expires_at < $1")
        .bind(now)
        .execute(db)
        .await?;
    sql!("DELETE FROM login_handover WHERE expires_at < $1")
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}
