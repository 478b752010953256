//! The SQL of answers that may be told again.

use super::Answer;
use crate::account::UserId;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;

/// Whether the place was free.
pub async fn take_place(
    on: impl Executor,
    user: UserId,
    key: &str,
    request: &str,
    now: Millis,
) -> Result<bool> {
    let taken = sql!(
        "INSERT INTO idempotent_answer (user_id, key, request, created_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, key) DO NOTHING"
    )
    .bind(user)
    .bind(key)
    .bind(request)
    .bind(now)
    .execute(on)
    .await?;
    Ok(taken > 0)
}

pub async fn find(on: impl Executor, user: UserId, key: &str) -> Result<Option<Answer>> {
    sql!(
        "SELECT request, status, headers, body FROM idempotent_answer
         WHERE user_id = $1 AND key = $2"
    )
    .bind(user)
    .bind(key)
    .optional(on)
    .await
}

pub async fn set_begun(on: impl Executor, user: UserId, key: &str, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE idempotent_answer SET created_at = $3
         WHERE user_id = $1 AND key = $2 AND status IS NULL"
    )
    .bind(user)
    .bind(key)
    .bind(now)
    .execute(on)
    .await
}

pub async fn set_answer(
    on: impl Executor,
    user: UserId,
    key: &str,
    status: i64,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<u64> {
    sql!(
        "UPDATE idempotent_answer SET status = $3, headers = $4, body = $5
         WHERE user_id = $1 AND key = $2"
    )
    .bind(user)
    .bind(key)
    .bind(status)
    .bind(serde_json::json!(headers))
    .bind(body.to_vec())
    .execute(on)
    .await
}

pub async fn forget(on: impl Executor, user: UserId, key: &str) -> Result<u64> {
    sql!("DELETE FROM idempotent_answer WHERE user_id = $1 AND key = $2")
        .bind(user)
        .bind(key)
        .execute(on)
        .await
}

/// Forgets an answer of before `told_before`, or the place of one that did not come since
/// `begun_before`.
pub async fn forget_older(
    on: impl Executor,
    user: UserId,
    key: &str,
    told_before: Millis,
    begun_before: Millis,
) -> Result<u64> {
    sql!(
        "DELETE FROM idempotent_answer WHERE user_id = $1 AND key = $2
           AND (created_at < $3 OR (status IS NULL AND created_at < $4))"
    )
    .bind(user)
    .bind(key)
    .bind(told_before)
    .bind(begun_before)
    .execute(on)
    .await
}

pub async fn forget_all_older(on: impl Executor, before: Millis) -> Result<u64> {
    sql!("DELETE FROM idempotent_answer WHERE created_at < $1")
        .bind(before)
        .execute(on)
        .await
}
