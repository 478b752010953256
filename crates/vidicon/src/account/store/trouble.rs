//! The SQL of failed log-ins.

use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Trouble {
    pub failures: i64,
    pub ends_at: Millis,
}

pub async fn find(on: impl Executor, name: &str, now: Millis) -> Result<Option<Trouble>> {
    sql!("SELECT failures, ends_at FROM login_trouble WHERE name = $1 AND ends_at > $2")
        .bind(name)
        .bind(now)
        .optional(on)
        .await
}

/// Counts one more failure; a window that is over begins again.
pub async fn add(on: impl Executor, name: &str, now: Millis, ends_at: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO login_trouble (name, failures, ends_at) VALUES ($1, 1, $3)
         ON CONFLICT (name) DO UPDATE SET
             failures = CASE WHEN login_trouble.ends_at <= $2 THEN 1
                             ELSE login_trouble.failures + 1 END,
             ends_at = CASE WHEN login_trouble.ends_at <= $2 THEN $3
                            ELSE login_trouble.ends_at END"
    )
    .bind(name)
    .bind(now)
    .bind(ends_at)
    .execute(on)
    .await
}

/// Adds many at once, or takes some back. Tells what there is now.
pub async fn add_many(
    on: impl Executor,
    name: &str,
    more: i64,
    now: Millis,
    ends_at: Millis,
) -> Result<Trouble> {
    sql!(
        "INSERT INTO login_trouble (name, failures, ends_at) VALUES ($1, $2, $4)
         ON CONFLICT (name) DO UPDATE SET
             failures = CASE WHEN login_trouble.ends_at <= $3 THEN $2
                             ELSE login_trouble.failures + $2 END,
             ends_at = CASE WHEN login_trouble.ends_at <= $3 THEN $4
                            ELSE login_trouble.ends_at END
         RETURNING failures, ends_at"
    )
    .bind(name)
    .bind(more)
    .bind(now)
    .bind(ends_at)
    .one(on)
    .await
}

pub async fn delete(on: impl Executor, name: &str) -> Result<u64> {
    sql!("DELETE FROM login_trouble WHERE name = $1")
        .bind(name)
        .execute(on)
        .await
}

pub async fn delete_old(on: impl Executor, now: Millis) -> Result<u64> {
    sql!("DELETE FROM login_trouble WHERE ends_at <= $1")
        .bind(now)
        .execute(on)
        .await
}
