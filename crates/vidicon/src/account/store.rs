//! The SQL of accounts and users; that of their sessions, pictures and mutes stands beside it.

pub mod code;
pub mod device;
pub mod group;
pub mod invitation;
pub mod mute;
pub mod name;
pub mod passkey;
pub mod personal_token;
pub mod picture;
pub mod registration;
pub mod session;
pub mod trouble;

use super::{AccountId, ActorId, NewUser, Profile, User, UserFilter, UserId};
use crate::listing::{Paging, Sort};
use base::Tx;
use base::clock::Millis;
use base::db::{Dialect, Executor, Query, Result};
use base::sql;
use serde::Deserialize;
use serde_json::Value;

/// The columns of [`User`], from users `u`, account `a` and nothing else.
pub(super) const USER: &str =
    "u.id, u.username, u.email, u.email_verified, u.pending_email, u.role,
    u.quota_bytes, u.quota_daily_bytes, u.admin_flags, u.blocked, u.blocked_reason, u.settings,
    u.notification_settings, (u.otp_secret IS NOT NULL) AS two_factor, u.last_login_at,
    u.created_at, a.id AS account_id, a.actor_id, a.display_name, a.description";

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
    let found = Query::new("SELECT u.password_hash, u.otp_secret, ")
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
}

pub async fn administrators(on: impl Executor) -> Result<Vec<(String, String)>> {
    sql!("SELECT email, settings FROM users WHERE role = 0 AND NOT blocked ORDER BY id LIMIT 50")
        .all(on)
        .await
}

pub async fn user_count(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM users").one(on).await?;
    Ok(count)
}

pub async fn note_login(on: impl Executor, id: UserId, now: Millis) -> Result<u64> {
    sql!("UPDATE users SET last_login_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(on)
        .await
}

const USERS: &str = " FROM users u JOIN account a ON a.user_id = u.id";

pub async fn user(on: impl Executor, id: UserId) -> Result<Option<User>> {
    Query::new("SELECT ")
        .push(USER)
        .push(USERS)
        .when(Some(id), " WHERE u.id = ?")
        .optional(on)
        .await
}

/// As [`user`], and nobody else can change the user until the transaction ends.
pub async fn user_to_change(tx: &mut Tx, id: UserId) -> Result<Option<User>> {
    // SQLite has one writer, which this transaction is already.
    let lock = tx.dialect() == Dialect::Postgres;
    Query::new("SELECT ")
        .push(USER)
        .push(USERS)
        .when(Some(id), " WHERE u.id = ?")
        .push_if(lock, " FOR UPDATE OF u")
        .optional(tx)
        .await
}

pub async fn user_by_email(on: impl Executor, email: &str) -> Result<Option<User>> {
    Query::new("SELECT ")
        .push(USER)
        .push(USERS)
        .when(Some(email), " WHERE u.email = ?")
        .optional(on)
        .await
}

pub async fn credentials(on: impl Executor, id: UserId) -> Result<Option<Credentials>> {
    sql!("SELECT password_hash, otp_secret FROM users WHERE id = $1")
        .bind(id)
        .optional(on)
        .await
}

pub async fn users(
    on: impl Executor,
    filter: &UserFilter,
    paging: Paging,
    sort: Sort,
) -> Result<Vec<User>> {
    let query = Query::new("SELECT ")
        .push(USER)
        .push(USERS)
        .push(" WHERE TRUE");
    filtered(query, filter)
        .push(order_of_users(sort))
        .page(paging.start, paging.count)
        .slow()
        .all(on)
        .await
}

pub async fn count_users(on: impl Executor, filter: &UserFilter) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM users u WHERE TRUE");
    let (count,) = filtered(query, filter).one(on).await?;
    Ok(count)
}

fn filtered(query: Query, filter: &UserFilter) -> Query {
    query
        .when(filter.blocked, " AND u.blocked = ?")
        .when(filter.role.map(i64::from), " AND u.role = ?")
        .when(
            filter.search.as_deref().map(super::like),
            r" AND (u.username LIKE ? ESCAPE '\' OR u.email LIKE ? ESCAPE '\')",
        )
}

fn order_of_users(sort: Sort) -> &'static str {
    match (sort.column, sort.descending) {
        ("id", true) => " ORDER BY u.id DESC",
        ("id", false) => " ORDER BY u.id",
        ("username", true) => " ORDER BY u.username DESC, u.id",
        ("username", false) => " ORDER BY u.username, u.id",
        ("role", true) => " ORDER BY u.role DESC, u.id",
        ("role", false) => " ORDER BY u.role, u.id",
        ("lastLoginDate", true) => " ORDER BY coalesce(u.last_login_at, 0) DESC, u.id",
        ("lastLoginDate", false) => " ORDER BY coalesce(u.last_login_at, 0), u.id",
        ("videoQuotaUsed", true) => {
            " ORDER BY (SELECT coalesce(sum(v.quota_bytes), 0) FROM video v
                        WHERE v.account_id = a.id) DESC, u.id"
        }
        ("videoQuotaUsed", false) => {
            " ORDER BY (SELECT coalesce(sum(v.quota_bytes), 0) FROM video v
                        WHERE v.account_id = a.id), u.id"
        }
        (_, true) => " ORDER BY u.created_at DESC, u.id",
        (_, false) => " ORDER BY u.created_at, u.id",
    }
}

/// Writes down everything of a user that can change.
pub async fn save_user(on: impl Executor, user: &User, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE users SET email = $2, email_verified = $3, pending_email = $4, role = $5,
                quota_bytes = $6, quota_daily_bytes = $7, admin_flags = $8, blocked = $9,
                blocked_reason = $10, settings = $11, notification_settings = $12, updated_at = $13
         WHERE id = $1"
    )
    .bind(user.id)
    .bind(&user.email)
    .bind(user.email_verified)
    .bind(user.pending_email.clone())
    .bind(user.role)
    .bind(user.quota_bytes)
    .bind(user.quota_daily_bytes)
    .bind(user.admin_flags)
    .bind(user.blocked)
    .bind(user.blocked_reason.clone())
    .bind(Value::Object(user.settings.clone()))
    .bind(Value::Object(user.notification_settings.clone()))
    .bind(now)
    .execute(on)
    .await
}

pub async fn save_account(on: impl Executor, user: &User, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE account SET display_name = $2, description = $3, updated_at = $4
         WHERE id = $1"
    )
    .bind(user.account_id)
    .bind(&user.display_name)
    .bind(user.description.clone())
    .bind(now)
    .execute(on)
    .await
}

pub async fn set_password(on: impl Executor, id: UserId, hash: &str) -> Result<u64> {
    sql!("UPDATE users SET password_hash = $2 WHERE id = $1")
        .bind(id)
        .bind(hash)
        .execute(on)
        .await
}

pub async fn set_second_factor(on: impl Executor, id: UserId, secret: Option<&str>) -> Result<u64> {
    sql!("UPDATE users SET otp_secret = $2, otp_last_step = NULL WHERE id = $1")
        .bind(id)
        .bind(secret)
        .execute(on)
        .await
}

/// Notes that the code of this time step was used; false when it or a later one was before.
pub async fn spend_step(on: impl Executor, id: UserId, step: i64) -> Result<bool> {
    let changed = sql!(
        "UPDATE users SET otp_last_step = $2
         WHERE id = $1 AND (otp_last_step IS NULL OR otp_last_step < $2)"
    )
    .bind(id)
    .bind(step)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

pub async fn feed_token(on: impl Executor, id: UserId) -> Result<String> {
    let (token,) = sql!("SELECT feed_token FROM users WHERE id = $1")
        .bind(id)
        .one(on)
        .await?;
    Ok(token)
}

pub async fn set_feed_token(on: impl Executor, id: UserId, token: &str) -> Result<u64> {
    sql!("UPDATE users SET feed_token = $2 WHERE id = $1")
        .bind(id)
        .bind(token)
        .execute(on)
        .await
}

/// Names of users that begin like this, in their own order.
pub async fn usernames(on: impl Executor, start: &str, count: i64) -> Result<Vec<(String,)>> {
    sql!(
        r"SELECT username FROM users WHERE username LIKE $1 ESCAPE '\'
          ORDER BY username, id LIMIT $2"
    )
    .bind(start)
    .bind(count)
    .all(on)
    .await
}

pub async fn delete_user(on: impl Executor, id: UserId) -> Result<u64> {
    sql!("DELETE FROM users WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// Marks an actor as gone. Its row keeps the name from being taken again.
pub async fn bury_actor(on: impl Executor, id: ActorId, now: Millis) -> Result<u64> {
    sql!("UPDATE actor SET deleted_at = $2, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL")
        .bind(id)
        .bind(now)
        .execute(on)
        .await
}

const PROFILE: &str = "SELECT a.id AS account_id, a.actor_id, a.user_id, a.display_name,
    a.description, a.created_at, a.updated_at, ac.name, ac.host, ac.url, ac.follower_count,
    ac.following_count
    FROM account a JOIN actor ac ON ac.id = a.actor_id
    WHERE ac.deleted_at IS NULL";

pub async fn profile(on: impl Executor, name: &str, host: &str) -> Result<Option<Profile>> {
    Query::new(PROFILE)
        .when(Some(name), " AND ac.name = ?")
        .when(Some(host), " AND ac.host = ?")
        .optional(on)
        .await
}

pub async fn profiles_of(on: impl Executor, ids: &[AccountId]) -> Result<Vec<Profile>> {
    Query::new(PROFILE)
        .within(" AND a.id IN (", ids.iter().copied())
        .all(on)
        .await
}

pub async fn profiles(on: impl Executor, paging: Paging, descending: bool) -> Result<Vec<Profile>> {
    Query::new(PROFILE)
        .push(if descending {
            " ORDER BY a.created_at DESC, a.id"
        } else {
            " ORDER BY a.created_at, a.id"
        })
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count_profiles(on: impl Executor) -> Result<i64> {
    let (count,) = sql!(
        "SELECT count(*) FROM account a JOIN actor ac ON ac.id = a.actor_id
         WHERE ac.deleted_at IS NULL"
    )
    .one(on)
    .await?;
    Ok(count)
}

pub async fn is_user_known(on: impl Executor, username: &str, email: &str) -> Result<bool> {
    let found: Option<(i64,)> =
        sql!("SELECT id FROM users WHERE username = $1 OR email = $2 LIMIT 1")
            .bind(username)
            .bind(email)
            .optional(on)
            .await?;
    Ok(found.is_some())
}

pub async fn is_name_taken(on: impl Executor, name: &str) -> Result<bool> {
    let found: Option<(i64,)> = sql!("SELECT id FROM actor WHERE name = $1 AND host = ''")
        .bind(name)
        .optional(on)
        .await?;
    Ok(found.is_some())
}
