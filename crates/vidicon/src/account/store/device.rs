//! The SQL of known devices.

use super::super::UserId;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;

/// False when it is known already.
pub async fn add(on: impl Executor, user: UserId, hash: &str, now: Millis) -> Result<bool> {
    let added = sql!(
        "INSERT INTO known_device (user_id, device_hash, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING"
    )
    .bind(user)
    .bind(hash)
    .bind(now)
    .execute(on)
    .await?;
    Ok(added > 0)
}

pub async fn count(on: impl Executor, user: UserId) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM known_device WHERE user_id = $1")
        .bind(user)
        .one(on)
        .await?;
    Ok(count)
}
