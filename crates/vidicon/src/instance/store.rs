//! The SQL of the site's settings.

use super::audit::Entry;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Row {
    #[serde(deserialize_with = "base::db::json")]
    value: Value,
}

pub async fn setting(on: impl Executor, name: &str) -> Result<Option<Value>> {
    let row: Option<Row> = sql!("SELECT value FROM setting WHERE name = $1")
        .bind(name)
        .optional(on)
        .await?;
    Ok(row.map(|row| row.value))
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(deserialize_with = "base::db::json")]
    value: Value,
}

/// All settings whose names fit the pattern.
pub async fn settings_like(on: impl Executor, pattern: &str) -> Result<Vec<(String, Value)>> {
    let rows: Vec<Named> =
        sql!("SELECT name, value FROM setting WHERE name LIKE $1 ORDER BY name LIMIT 100")
            .bind(pattern)
            .all(on)
            .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}

pub async fn save_setting(on: impl Executor, name: &str, value: Value, now: Millis) -> Result<()> {
    sql!(
        "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at"
    )
    .bind(name)
    .bind(value)
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

/// Keeps the value that is there already.
pub async fn add_setting(on: impl Executor, name: &str, value: Value, now: Millis) -> Result<()> {
    sql!(
        "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO NOTHING"
    )
    .bind(name)
    .bind(value)
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

pub async fn user_count(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM users").one(on).await?;
    Ok(count)
}

pub async fn add_audit(on: impl Executor, user_id: Option<i64>, entry: &Entry) -> Result<u64> {
    sql!(
        "INSERT INTO audit (at, user_id, username, domain, action, data)
         VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(entry.at)
    .bind(user_id)
    .bind(&entry.username)
    .bind(&entry.domain)
    .bind(&entry.action)
    .bind(entry.data.clone())
    .execute(on)
    .await
}

pub async fn audit(on: impl Executor, from: Millis, until: Millis) -> Result<Vec<Entry>> {
    sql!(
        "SELECT at, username, domain, action, data FROM audit
         WHERE at >= $1 AND at <= $2
         ORDER BY at DESC, id DESC LIMIT 5000"
    )
    .bind(from)
    .bind(until)
    .all(on)
    .await
}

pub async fn prune_audit(on: impl Executor, before: Millis) -> Result<u64> {
    sql!("DELETE FROM audit WHERE at < $1")
        .bind(before)
        .execute(on)
        .await
}
