//! The SQL of the site's settings.

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
