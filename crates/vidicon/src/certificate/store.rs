//! The SQL of certificates and challenges.

use super::Certificate;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

pub async fn certificate(on: impl Executor, name: &str) -> Result<Option<Certificate>> {
    sql!(
        "SELECT chain_pem, key_pem, not_before, not_after, updated_at FROM certificate
         WHERE name = $1"
    )
    .bind(name)
    .optional(on)
    .await
}

pub async fn save_certificate(on: impl Executor, name: &str, new: &Certificate) -> Result<u64> {
    sql!(
        "INSERT INTO certificate (name, chain_pem, key_pem, not_before, not_after, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) DO UPDATE SET chain_pem = excluded.chain_pem,
             key_pem = excluded.key_pem, not_before = excluded.not_before,
             not_after = excluded.not_after, updated_at = excluded.updated_at"
    )
    .bind(name)
    .bind(&new.chain_pem)
    .bind(&new.key_pem)
    .bind(new.not_before)
    .bind(new.not_after)
    .bind(new.updated_at)
    .execute(on)
    .await
}

/// A proof that a certificate authority asks for.
#[derive(Clone, Debug, Deserialize)]
pub struct Challenge {
    pub token: String,
    pub name: String,
    pub key_authorization: String,
    pub digest: Vec<u8>,
}

pub async fn add_challenge(on: impl Executor, new: &Challenge, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO certificate_challenge (token, name, key_authorization, digest, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    )
    .bind(&new.token)
    .bind(&new.name)
    .bind(&new.key_authorization)
    .bind(new.digest.clone())
    .bind(now)
    .execute(on)
    .await
}

pub async fn challenge_by_token(on: impl Executor, token: &str) -> Result<Option<Challenge>> {
    sql!(
        "SELECT token, name, key_authorization, digest FROM certificate_challenge WHERE token = $1"
    )
    .bind(token)
    .optional(on)
    .await
}

pub async fn challenge_by_name(on: impl Executor, name: &str) -> Result<Option<Challenge>> {
    sql!(
        "SELECT token, name, key_authorization, digest FROM certificate_challenge
         WHERE name = $1 ORDER BY created_at DESC, token LIMIT 1"
    )
    .bind(name)
    .optional(on)
    .await
}

pub async fn forget_challenges(on: impl Executor) -> Result<u64> {
    sql!("DELETE FROM certificate_challenge").execute(on).await
}
