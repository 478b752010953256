//! The SQL of moderation.

pub mod abuse;
pub mod block_list;

use super::log::Entry;
use super::note::Note;
use crate::account::AccountId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::job::JobId;
use base::sql;

pub async fn add_log(
    on: impl Executor,
    act: &str,
    subject: &str,
    reasons: &str,
    now: Millis,
) -> Result<u64> {
    sql!("INSERT INTO moderation_log (act, subject, reasons, at) VALUES ($1, $2, $3, $4)")
        .bind(act)
        .bind(subject)
        .bind(reasons)
        .bind(now)
        .execute(on)
        .await
}

/// As [`add_log`], once however often the job runs.
pub async fn add_log_of_job(
    on: impl Executor,
    act: &str,
    subject: &str,
    job_id: JobId,
    at: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO moderation_log (act, subject, job_id, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING"
    )
    .bind(act)
    .bind(subject)
    .bind(job_id)
    .bind(at)
    .execute(on)
    .await
}

pub async fn log(on: impl Executor, start: i64, count: i64) -> Result<Vec<Entry>> {
    Query::new("SELECT id, act, subject, reasons, at FROM moderation_log ORDER BY at DESC, id DESC")
        .page(start, count)
        .all(on)
        .await
}

pub async fn count_log(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM moderation_log").one(on).await?;
    Ok(count)
}

pub async fn add_note(
    on: impl Executor,
    account_id: AccountId,
    author: AccountId,
    note: &str,
    now: Millis,
) -> Result<i64> {
    let (id,) = sql!(
        "INSERT INTO moderator_note (account_id, author_account_id, note, created_at)
         VALUES ($1, $2, $3, $4) RETURNING id"
    )
    .bind(account_id)
    .bind(author)
    .bind(note)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn notes(
    on: impl Executor,
    account_id: AccountId,
    start: i64,
    count: i64,
) -> Result<Vec<Note>> {
    Query::new("SELECT id, author_account_id, note, created_at FROM moderator_note")
        .when(Some(account_id), " WHERE account_id = ?")
        .push(" ORDER BY created_at DESC, id DESC")
        .page(start, count)
        .all(on)
        .await
}

pub async fn count_notes(on: impl Executor, account_id: AccountId) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM moderator_note WHERE account_id = $1")
        .bind(account_id)
        .one(on)
        .await?;
    Ok(count)
}

pub async fn delete_note(on: impl Executor, account_id: AccountId, id: i64) -> Result<u64> {
    sql!("DELETE FROM moderator_note WHERE account_id = $1 AND id = $2")
        .bind(account_id)
        .bind(id)
        .execute(on)
        .await
}
