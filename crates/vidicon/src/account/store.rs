//! The SQL of accounts, users and sessions.

use super::session::{Origin, SessionId, Tokens, token_hash};
use super::{AccountId, ActorId, NewUser, User, UserId};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;
use serde_json::Value;

/// The columns of [`User`], from users `u`, account `a` and nothing else.
const USER: &str = "u.id, u.username, u.email, u.email_verified, u.pending_email, u.role,
    u.quota_bytes, u.quota_daily_bytes, u.admin_flags, u.blocked, u.blocked_reason, u.settings,
    u.notification_settings, (u.otp_secret IS NOT NULL) AS two_factor, u.last_login_at,
    u.created_at, a.id AS account_id, a.actor_id, a.display_name, a.description";

#[derive(Deserialize)]
pub struct SessionRow {
    #[serde(rename = "session_id")]
    pub id: SessionId,
    pub last_active_at: Millis,
}

pub async fn add_session(
    on: impl Executor,
    user_id: UserId,
    tokens: &Tokens,
    origin: &Origin,
    now: Millis,
) -> Result<()> {
    sql!(
        "INSERT INTO session (user_id, access_hash, refresh_hash, access_expires_at,
                              refresh_expires_at, login_device, login_ip, last_device, last_ip,
                              last_active_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $7, $8, $8)"
    )
    .bind(user_id)
    .bind(token_hash(&tokens.access))
    .bind(token_hash(&tokens.refresh))
    .bind(tokens.access_expires_at)
    .bind(tokens.refresh_expires_at)
    .bind(origin.device.clone())
    .bind(origin.ip.clone())
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

pub async fn renew_session(
    on: impl Executor,
    old_refresh_hash: &str,
    tokens: &Tokens,
    origin: &Origin,
    now: Millis,
) -> Result<bool> {
    let changed = sql!(
        "UPDATE session SET access_hash = $2, refresh_hash = $3, access_expires_at = $4,
                refresh_expires_at = $5, last_device = $6, last_ip = $7, last_active_at = $8
         WHERE refresh_hash = $1 AND refresh_expires_at > $8
           AND EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND NOT u.blocked)"
    )
    .bind(old_refresh_hash)
    .bind(token_hash(&tokens.access))
    .bind(token_hash(&tokens.refresh))
    .bind(tokens.access_expires_at)
    .bind(tokens.refresh_expires_at)
    .bind(origin.device.clone())
    .bind(origin.ip.clone())
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

pub async fn session_user(
    on: impl Executor,
    access_hash: &str,
    now: Millis,
) -> Result<Option<(SessionRow, User)>> {
    let found = Query::new("SELECT s.id AS session_id, s.last_active_at, ")
        .push(USER)
        .push(
            " FROM session s JOIN users u ON u.id = s.user_id JOIN account a ON a.user_id = u.id
              WHERE NOT u.blocked",
        )
        .when(Some(access_hash), " AND s.access_hash = ?")
        .when(Some(now), " AND s.access_expires_at > ?")
        .pairs(on)
        .await?;
    Ok(found.into_iter().next())
}

pub async fn touch_session(
    on: impl Executor,
    id: SessionId,
    origin: &Origin,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE session SET last_active_at = $2, last_device = $3, last_ip = $4 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(origin.device.clone())
        .bind(origin.ip.clone())
        .execute(on)
        .await
}

pub async fn delete_session(on: impl Executor, id: SessionId) -> Result<u64> {
    sql!("DELETE FROM session WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn delete_sessions_of(on: impl Executor, user_id: UserId) -> Result<u64> {
    sql!("DELETE FROM session WHERE user_id = $1")
        .bind(user_id)
        .execute(on)
        .await
}

pub async fn note_login(on: impl Executor, id: UserId, now: Millis) -> Result<u64> {
    sql!("UPDATE users SET last_login_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(on)
        .await
}

/// Takes the name; a name that was ever used here stays taken until it is released.
pub async fn add_actor(on: impl Executor, kind: &str, name: &str, now: Millis) -> Result<ActorId> {
    let (id,) = sql!(
        "INSERT INTO actor (kind, name, created_at, updated_at) VALUES ($1, $2, $3, $3)
         RETURNING id"
    )
    .bind(kind)
    .bind(name)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn add_user(
    on: impl Executor,
    user: &NewUser,
    password_hash: Option<String>,
    settings: Value,
    notification_settings: Value,
    now: Millis,
) -> Result<UserId> {
    let (id,) = sql!(
        "INSERT INTO users (username, email, email_verified, password_hash, role, quota_bytes,
                            quota_daily_bytes, admin_flags, settings, notification_settings,
                            feed_token, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) RETURNING id"
    )
    .bind(&user.username)
    .bind(&user.email)
    .bind(user.email_verified)
    .bind(password_hash)
    .bind(user.role)
    .bind(user.quota_bytes)
    .bind(user.quota_daily_bytes)
    .bind(user.admin_flags)
    .bind(settings)
    .bind(notification_settings)
    .bind(base::random::uuid())
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn add_account(
    on: impl Executor,
    actor_id: ActorId,
    user_id: UserId,
    display_name: &str,
    now: Millis,
) -> Result<AccountId> {
    let (id,) = sql!(
        "INSERT INTO account (actor_id, user_id, display_name, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $4) RETURNING id"
    )
    .bind(actor_id)
    .bind(user_id)
    .bind(display_name)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

/// A user by name (any case) or mail address, with the hash of the password.
pub async fn user_by_login(on: impl Executor, login: &str) -> Result<Option<(Credentials, User)>> {
    let found = Query::new("SELECT u.password_hash, u.otp_secret, u.otp_last_step, ")
        .push(USER)
        .push(" FROM users u JOIN account a ON a.user_id = u.id WHERE TRUE")
        .when(
            Some(login.to_lowercase()),
            " AND (u.username = ? OR u.email = ?)",
        )
        .push(" LIMIT 1")
        .pairs(on)
        .await?;
    Ok(found.into_iter().next())
}

/// What a log-in is checked against.
#[derive(Deserialize)]
pub struct Credentials {
    pub password_hash: Option<String>,
    pub otp_secret: Option<String>,
    pub otp_last_step: Option<i64>,
}

pub async fn user_count(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM users").one(on).await?;
    Ok(count)
}
