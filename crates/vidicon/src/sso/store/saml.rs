//! The SQL of answers of SAML providers: those used, and those that wait for their browser.

use super::super::Identity;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

/// An answer that holds, until its browser comes for it.
#[derive(Deserialize)]
pub struct Kept {
    pub provider: String,
    pub request_id: String,
    pub who: Identity,
}

/// Notes that an assertion was used; false when it was before.
pub async fn note_assertion(on: impl Executor, hash: &str, expires_at: Millis) -> Result<bool> {
    let added = sql!(
        "INSERT INTO saml_assertion (assertion_hash, expires_at) VALUES ($1, $2)
         ON CONFLICT DO NOTHING"
    )
    .bind(hash)
    .bind(expires_at)
    .execute(on)
    .await?;
    Ok(added == 1)
}

pub async fn keep(
    on: impl Executor,
    ticket_hash: &str,
    kept: &Kept,
    expires_at: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO saml_answer (ticket_hash, provider, request_id, who, expires_at)
         VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(ticket_hash)
    .bind(&kept.provider)
    .bind(&kept.request_id)
    .bind(serde_json::json!(kept.who))
    .bind(expires_at)
    .execute(on)
    .await
}

pub async fn take(on: impl Executor, ticket_hash: &str, now: Millis) -> Result<Option<Kept>> {
    sql!(
        "DELETE FROM saml_answer WHERE ticket_hash = $1 AND expires_at > $2
         RETURNING provider, request_id, who"
    )
    .bind(ticket_hash)
    .bind(now)
    .optional(on)
    .await
}

pub async fn tidy(on: &base::Db, now: Millis) -> Result<()> {
    sql!("DELETE FROM saml_answer WHERE expires_at < $1")
        .bind(now)
        .execute(on)
        .await?;
    sql!("DELETE FROM saml_assertion WHERE expires_at < $1")
        .bind(now)
        .execute(on)
        .await
        .map(drop)
}
