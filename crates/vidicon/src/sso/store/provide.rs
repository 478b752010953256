//! The SQL of being an identity provider.

use crate::account::UserId;
use crate::sso::provide::NewCode;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::{Db, Id, sql};
use serde::Deserialize;
use serde_json::json;

/// Marks ids of programs.
#[derive(Debug)]
pub enum Program {}
pub type AppId = Id<Program>;

/// A program whose people log in here.
#[derive(Clone, Debug, Deserialize)]
pub struct App {
    pub id: AppId,
    pub client_id: String,
    pub secret_hash: Option<String>,
    pub name: String,
    pub redirect_uris: Vec<String>,
    pub created_at: Millis,
}

pub async fn add_app(
    on: impl Executor,
    client_id: &str,
    secret_hash: Option<String>,
    name: &str,
    redirect_uris: &[String],
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO oauth_app (client_id, secret_hash, name, redirect_uris, created_at)
         VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(client_id)
    .bind(secret_hash)
    .bind(name)
    .bind(json!(redirect_uris))
    .bind(now)
    .execute(on)
    .await
}

pub async fn app(on: impl Executor, client_id: &str) -> Result<Option<App>> {
    sql!(
        "SELECT id, client_id, secret_hash, name, redirect_uris, created_at FROM oauth_app
         WHERE client_id = $1"
    )
    .bind(client_id)
    .optional(on)
    .await
}

pub async fn apps(on: impl Executor) -> Result<Vec<App>> {
    sql!(
        "SELECT id, client_id, secret_hash, name, redirect_uris, created_at FROM oauth_app
         ORDER BY name, id LIMIT 500"
    )
    .all(on)
    .await
}

pub async fn delete_app(on: impl Executor, client_id: &str) -> Result<u64> {
    sql!("DELETE FROM oauth_app WHERE client_id = $1")
        .bind(client_id)
        .execute(on)
        .await
}

pub async fn add_code(
    on: impl Executor,
    code_hash: &str,
    new: &NewCode<'_>,
    now: Millis,
    expires_at: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO oauth_code (code_hash, app_id, user_id, redirect_uri, scope, nonce, challenge,
                                 authenticated_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(code_hash)
    .bind(new.client.id)
    .bind(new.user.id)
    .bind(new.redirect_uri)
    .bind(new.scope)
    .bind(new.nonce)
    .bind(new.challenge)
    .bind(now)
    .bind(expires_at)
    .execute(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct Code {
    pub app_id: AppId,
    pub user_id: UserId,
    pub redirect_uri: String,
    pub scope: String,
    pub nonce: Option<String>,
    pub challenge: Option<String>,
    pub authenticated_at: Millis,
    pub expires_at: Millis,
    pub grant_id: Option<i64>,
}

pub async fn code(on: impl Executor, code_hash: &str) -> Result<Option<Code>> {
    sql!(
        "SELECT app_id, user_id, redirect_uri, scope, nonce, challenge, authenticated_at,
                expires_at, grant_id
         FROM oauth_code WHERE code_hash = $1"
    )
    .bind(code_hash)
    .optional(on)
    .await
}

/// Notes what came of a code; false when it was used before.
pub async fn spend_code(on: impl Executor, code_hash: &str, grant_id: i64) -> Result<bool> {
    let spent =
        sql!("UPDATE oauth_code SET grant_id = $2 WHERE code_hash = $1 AND grant_id IS NULL")
            .bind(code_hash)
            .bind(grant_id)
            .execute(on)
            .await?;
    Ok(spent > 0)
}

/// The hashes and lives of a pair of tokens.
pub struct Pair {
    pub access_hash: String,
    pub refresh_hash: String,
    pub access_expires_at: Millis,
    pub refresh_expires_at: Millis,
}

pub async fn add_grant(
    on: impl Executor,
    app_id: AppId,
    user_id: UserId,
    scope: &str,
    pair: &Pair,
    now: Millis,
) -> Result<i64> {
    let (id,) = sql!(
        "INSERT INTO oauth_grant (app_id, user_id, scope, access_hash, refresh_hash,
                                  access_expires_at, refresh_expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"
    )
    .bind(app_id)
    .bind(user_id)
    .bind(scope)
    .bind(&pair.access_hash)
    .bind(&pair.refresh_hash)
    .bind(pair.access_expires_at)
    .bind(pair.refresh_expires_at)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

#[derive(Debug, Deserialize)]
pub struct Grant {
    pub user_id: UserId,
    pub scope: String,
}

pub async fn grant_by_access(
    on: impl Executor,
    access_hash: &str,
    now: Millis,
) -> Result<Option<Grant>> {
    sql!(
        "SELECT g.user_id, g.scope FROM oauth_grant g JOIN users u ON u.id = g.user_id
         WHERE g.access_hash = $1 AND g.access_expires_at > $2 AND NOT u.blocked"
    )
    .bind(access_hash)
    .bind(now)
    .optional(on)
    .await
}

/// Replaces the pair of a grant; nothing when the old token is void.
pub async fn renew_grant(
    on: impl Executor,
    app_id: AppId,
    old_refresh_hash: &str,
    pair: &Pair,
    now: Millis,
) -> Result<Option<Grant>> {
    sql!(
        "UPDATE oauth_grant SET access_hash = $3, refresh_hash = $4, access_expires_at = $5,
                refresh_expires_at = $6
         WHERE app_id = $1 AND refresh_hash = $2 AND refresh_expires_at > $7
           AND EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND NOT u.blocked)
         RETURNING user_id, scope"
    )
    .bind(app_id)
    .bind(old_refresh_hash)
    .bind(&pair.access_hash)
    .bind(&pair.refresh_hash)
    .bind(pair.access_expires_at)
    .bind(pair.refresh_expires_at)
    .bind(now)
    .optional(on)
    .await
}

pub async fn delete_grant(on: impl Executor, id: i64) -> Result<u64> {
    sql!("DELETE FROM oauth_grant WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn delete_grant_by_token(
    on: impl Executor,
    app_id: AppId,
    token_hash: &str,
) -> Result<u64> {
    sql!(
        "DELETE FROM oauth_grant
         WHERE app_id = $1 AND (access_hash = $2 OR refresh_hash = $2)"
    )
    .bind(app_id)
    .bind(token_hash)
    .execute(on)
    .await
}

pub async fn delete_grants(on: impl Executor, app_id: AppId, user_id: UserId) -> Result<u64> {
    sql!("DELETE FROM oauth_grant WHERE app_id = $1 AND user_id = $2")
        .bind(app_id)
        .bind(user_id)
        .execute(on)
        .await
}

pub async fn consent(
    on: impl Executor,
    app_id: AppId,
    user_id: UserId,
) -> Result<Option<(String,)>> {
    sql!("SELECT scope FROM oauth_consent WHERE app_id = $1 AND user_id = $2")
        .bind(app_id)
        .bind(user_id)
        .optional(on)
        .await
}

pub async fn keep_consent(
    on: impl Executor,
    app_id: AppId,
    user_id: UserId,
    scope: &str,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO oauth_consent (app_id, user_id, scope, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (app_id, user_id) DO UPDATE SET scope = excluded.scope"
    )
    .bind(app_id)
    .bind(user_id)
    .bind(scope)
    .bind(now)
    .execute(on)
    .await
}

pub async fn delete_consent(on: impl Executor, app_id: AppId, user_id: UserId) -> Result<u64> {
    sql!("DELETE FROM oauth_consent WHERE app_id = $1 AND user_id = $2")
        .bind(app_id)
        .bind(user_id)
        .execute(on)
        .await
}

#[derive(Debug, Deserialize)]
pub struct Consent {
    pub client_id: String,
    pub name: String,
    pub scope: String,
    pub created_at: Millis,
}

pub async fn consents(on: impl Executor, user_id: UserId) -> Result<Vec<Consent>> {
    sql!(
        "SELECT a.client_id, a.name, c.scope, c.created_at
         FROM oauth_consent c JOIN oauth_app a ON a.id = c.app_id
         WHERE c.user_id = $1 ORDER BY a.name, a.id LIMIT 200"
    )
    .bind(user_id)
    .all(on)
    .await
}

pub async fn tidy(db: &Db, now: Millis) -> Result<()> {
    sql!("DELETE FROM oauth_code WHERE expires_at < $1")
        .bind(now - base::clock::DAY)
        .execute(db)
        .await?;
    sql!("DELETE FROM oauth_grant WHERE refresh_expires_at < $1 AND access_expires_at < $1")
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}
