//! The SQL of passkeys and their challenges.

use super::super::UserId;
use super::super::passkey::{NewKey, Passkey, PasskeyId};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

/// Forgets old challenges on the way.
pub async fn add_challenge(
    on: &base::Db,
    challenge: &str,
    user: Option<UserId>,
    expires_at: Millis,
    now: Millis,
) -> Result<()> {
    sql!("DELETE FROM passkey_challenge WHERE expires_at < $1")
        .bind(now)
        .execute(on)
        .await?;
    sql!("INSERT INTO passkey_challenge (challenge, user_id, expires_at) VALUES ($1, $2, $3)")
        .bind(challenge)
        .bind(user)
        .bind(expires_at)
        .execute(on)
        .await
        .map(drop)
}

pub async fn spend_challenge(
    on: impl Executor,
    challenge: &str,
    user: Option<UserId>,
    now: Millis,
) -> Result<bool> {
    let spent = sql!(
        "DELETE FROM passkey_challenge
         WHERE challenge = $1 AND coalesce(user_id, 0) = $2 AND expires_at > $3"
    )
    .bind(challenge)
    .bind(user.map_or(0, |id| id.0))
    .bind(now)
    .execute(on)
    .await?;
    Ok(spent > 0)
}

const COLUMNS: &str = "SELECT id, user_id, name, credential_id, algorithm, public_key, sign_count,
    last_used_at, created_at FROM passkey";

pub async fn of_user(on: impl Executor, user: UserId) -> Result<Vec<Passkey>> {
    Query::new(COLUMNS)
        .when(Some(user), " WHERE user_id = ?")
        .push(" ORDER BY created_at, id LIMIT 100")
        .all(on)
        .await
}

pub async fn by_credential(on: impl Executor, id: &str) -> Result<Option<Passkey>> {
    Query::new(COLUMNS)
        .when(Some(id.to_owned()), " WHERE credential_id = ?")
        .optional(on)
        .await
}

pub async fn add(
    on: impl Executor,
    user: UserId,
    name: &str,
    key: &NewKey,
    now: Millis,
) -> Result<PasskeyId> {
    let (id,) = sql!(
        "INSERT INTO passkey (user_id, name, credential_id, algorithm, public_key, sign_count,
                              created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id"
    )
    .bind(user)
    .bind(name)
    .bind(&key.credential_id)
    .bind(key.algorithm)
    .bind(&key.public_key)
    .bind(key.sign_count)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

/// False when the key has signed more often than this before: then somebody copied it. Keys that
/// do not count always say 0.
pub async fn note_use(on: impl Executor, id: PasskeyId, count: i64, now: Millis) -> Result<bool> {
    let changed = sql!(
        "UPDATE passkey SET sign_count = $2, last_used_at = $3
         WHERE id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))"
    )
    .bind(id)
    .bind(count)
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

pub async fn delete(on: impl Executor, user: UserId, id: PasskeyId) -> Result<u64> {
    sql!("DELETE FROM passkey WHERE user_id = $1 AND id = $2")
        .bind(user)
        .bind(id)
        .execute(on)
        .await
}
