//! The SQL of archives.

pub mod content;

use super::{Export, ExportId, Import, ImportId, State};
use crate::account::UserId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde_json::Value;

const EXPORT: &str = "SELECT id, user_id, with_files, state, key, size_bytes, progress, error,
    created_at FROM user_export WHERE TRUE";
const IMPORT: &str = "SELECT id, user_id, state, key, filename, progress, report, error, created_at
    FROM user_import WHERE TRUE";

pub async fn add_export(
    on: impl Executor,
    user: UserId,
    with_files: bool,
    key: &str,
    now: Millis,
) -> Result<ExportId> {
    let (id,) = sql!(
        "INSERT INTO user_export (user_id, with_files, key, created_at) VALUES ($1, $2, $3, $4)
         RETURNING id"
    )
    .bind(user)
    .bind(with_files)
    .bind(key)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

/// Is there an archive that did not fail?
pub async fn has_export(on: impl Executor, user: UserId) -> Result<bool> {
    let found: Option<(i64,)> =
        sql!("SELECT id FROM user_export WHERE user_id = $1 AND state <> 4 ORDER BY id LIMIT 1")
            .bind(user)
            .optional(on)
            .await?;
    Ok(found.is_some())
}

pub async fn exports(on: impl Executor, user: UserId) -> Result<Vec<Export>> {
    Query::new(EXPORT)
        .when(Some(user), " AND user_id = ?")
        .push(" ORDER BY created_at DESC, id DESC LIMIT 100")
        .all(on)
        .await
}

pub async fn export(on: impl Executor, id: ExportId) -> Result<Option<Export>> {
    Query::new(EXPORT)
        .when(Some(id), " AND id = ?")
        .optional(on)
        .await
}

/// Those that are not being made.
pub async fn old_exports(on: impl Executor) -> Result<Vec<Export>> {
    Query::new(EXPORT)
        .push(" AND state IN (3, 4) ORDER BY created_at, id LIMIT 1000")
        .all(on)
        .await
}

pub async fn set_export(
    on: impl Executor,
    id: ExportId,
    state: State,
    size_bytes: Option<i64>,
    error: Option<&str>,
) -> Result<u64> {
    sql!("UPDATE user_export SET state = $2, size_bytes = $3, error = $4 WHERE id = $1")
        .bind(id)
        .bind(state.number())
        .bind(size_bytes)
        .bind(error)
        .execute(on)
        .await
}

pub async fn export_progress(on: impl Executor, id: ExportId, percent: i64) -> Result<u64> {
    sql!("UPDATE user_export SET progress = $2 WHERE id = $1")
        .bind(id)
        .bind(percent)
        .execute(on)
        .await
}

/// False while it is being made.
pub async fn delete_export(on: impl Executor, id: ExportId) -> Result<bool> {
    let deleted = sql!("DELETE FROM user_export WHERE id = $1 AND state <> 2")
        .bind(id)
        .execute(on)
        .await?;
    Ok(deleted > 0)
}

/// The keys of all archives that somebody still needs.
pub async fn keys(on: impl Executor) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql!(
        "SELECT key FROM user_export
         UNION ALL SELECT key FROM user_import WHERE state IN (1, 2) ORDER BY key"
    )
    .all(on)
    .await?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

pub async fn add_import(
    on: impl Executor,
    user: UserId,
    key: &str,
    filename: &str,
    now: Millis,
) -> Result<ImportId> {
    let (id,) = sql!(
        "INSERT INTO user_import (user_id, key, filename, created_at) VALUES ($1, $2, $3, $4)
         RETURNING id"
    )
    .bind(user)
    .bind(key)
    .bind(filename)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn latest_import(on: impl Executor, user: UserId) -> Result<Option<Import>> {
    Query::new(IMPORT)
        .when(Some(user), " AND user_id = ?")
        .push(" ORDER BY created_at DESC, id DESC LIMIT 1")
        .optional(on)
        .await
}

pub async fn import(on: impl Executor, id: ImportId) -> Result<Option<Import>> {
    Query::new(IMPORT)
        .when(Some(id), " AND id = ?")
        .optional(on)
        .await
}

pub async fn set_import(
    on: impl Executor,
    id: ImportId,
    state: State,
    report: Option<Value>,
    error: Option<&str>,
) -> Result<u64> {
    sql!("UPDATE user_import SET state = $2, report = $3, error = $4 WHERE id = $1")
        .bind(id)
        .bind(state.number())
        .bind(report)
        .bind(error)
        .execute(on)
        .await
}

pub async fn import_progress(on: impl Executor, id: ImportId, percent: i64) -> Result<u64> {
    sql!("UPDATE user_import SET progress = $2 WHERE id = $1")
        .bind(id)
        .bind(percent)
        .execute(on)
        .await
}
