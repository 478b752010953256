//! The SQL of one-time codes.

use super::super::UserId;
use super::super::code::{Code, Purpose};
use super::super::registration::RegistrationId;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;

pub async fn add(on: impl Executor, hash: &str, code: &Code, expires_at: Millis) -> Result<()> {
    sql!(
        "INSERT INTO one_time_code (code_hash, purpose, user_id, registration_id, value, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(hash)
    .bind(code.purpose.as_str())
    .bind(code.user_id)
    .bind(code.registration_id)
    .bind(code.value.clone())
    .bind(expires_at)
    .execute(on)
    .await
    .map(drop)
}

/// What a valid code was given for. It stays until it is used.
pub async fn find(
    on: impl Executor,
    hash: &str,
    purpose: Purpose,
    now: Millis,
) -> Result<Option<Code>> {
    sql!(
        "SELECT purpose, user_id, registration_id, value FROM one_time_code
         WHERE code_hash = $1 AND purpose = $2 AND expires_at > $3"
    )
    .bind(hash)
    .bind(purpose.as_str())
    .bind(now)
    .optional(on)
    .await
}

/// Voids all codes of a user for this purpose.
pub async fn delete_of_user(on: impl Executor, id: UserId, purpose: Purpose) -> Result<u64> {
    sql!("DELETE FROM one_time_code WHERE user_id = $1 AND purpose = $2")
        .bind(id)
        .bind(purpose.as_str())
        .execute(on)
        .await
}

pub async fn delete_of_registration(on: impl Executor, id: RegistrationId) -> Result<u64> {
    sql!("DELETE FROM one_time_code WHERE registration_id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn delete_expired(on: impl Executor, now: Millis) -> Result<u64> {
    sql!("DELETE FROM one_time_code WHERE expires_at < $1")
        .bind(now)
        .execute(on)
        .await
}
