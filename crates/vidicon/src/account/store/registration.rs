//! The SQL of requests to join.

use super::super::UserId;
use super::super::registration::{NewRegistration, Registration, RegistrationId};
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

const COLUMNS: &str = "SELECT id, username, email, email_verified, password_hash, display_name,
    channel_name, channel_display_name, reason, state, response, user_id, created_at, updated_at
    FROM registration";

pub async fn add(on: impl Executor, new: &NewRegistration, now: Millis) -> Result<RegistrationId> {
    let (id,) = sql!(
        "INSERT INTO registration (username, email, email_verified, password_hash, display_name,
                                   channel_name, channel_display_name, reason, created_at,
                                   updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id"
    )
    .bind(&new.username)
    .bind(&new.email)
    .bind(new.email_verified)
    .bind(&new.password_hash)
    .bind(new.display_name.clone())
    .bind(new.channel_name.clone())
    .bind(new.channel_display_name.clone())
    .bind(&new.reason)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn find(on: impl Executor, id: RegistrationId) -> Result<Option<Registration>> {
    Query::new(COLUMNS)
        .when(Some(id), " WHERE id = ?")
        .optional(on)
        .await
}

pub async fn pending_by_email(on: impl Executor, email: &str) -> Result<Option<Registration>> {
    Query::new(COLUMNS)
        .when(Some(email), " WHERE state = 1 AND email = ?")
        .optional(on)
        .await
}

pub async fn newest_by_login(on: impl Executor, login: &str) -> Result<Option<Registration>> {
    Query::new(COLUMNS)
        .when(Some(login), " WHERE (username = ? OR email = ?)")
        .push(" ORDER BY id DESC LIMIT 1")
        .optional(on)
        .await
}

pub async fn list(
    on: impl Executor,
    search: Option<&str>,
    paging: Paging,
    sort: Sort,
) -> Result<Vec<Registration>> {
    let order = match (sort.column, sort.descending) {
        ("state", true) => " ORDER BY state DESC, id",
        ("state", false) => " ORDER BY state, id",
        (_, true) => " ORDER BY created_at DESC, id",
        (_, false) => " ORDER BY created_at, id",
    };
    filtered(Query::new(COLUMNS), search)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count(on: impl Executor, search: Option<&str>) -> Result<i64> {
    let (count,) = filtered(Query::new("SELECT count(*) FROM registration"), search)
        .one(on)
        .await?;
    Ok(count)
}

pub async fn pending_count(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM registration WHERE state = 1")
        .one(on)
        .await?;
    Ok(count)
}

fn filtered(query: Query, search: Option<&str>) -> Query {
    query.when(
        search,
        r" WHERE (lower(username) LIKE ? ESCAPE '\' OR lower(email) LIKE ? ESCAPE '\'
                  OR lower(channel_name) LIKE ? ESCAPE '\')",
    )
}

pub async fn decide(
    on: impl Executor,
    id: RegistrationId,
    state: i64,
    response: &str,
    user_id: Option<UserId>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE registration
         SET state = $2, response = $3, user_id = $4, decided_at = $5, updated_at = $5
         WHERE id = $1 AND state = 1"
    )
    .bind(id)
    .bind(state)
    .bind(response)
    .bind(user_id)
    .bind(now)
    .execute(on)
    .await
}

pub async fn prove_email(on: impl Executor, id: RegistrationId, now: Millis) -> Result<u64> {
    sql!("UPDATE registration SET email_verified = TRUE, updated_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(on)
        .await
}

pub async fn delete(on: impl Executor, id: RegistrationId) -> Result<u64> {
    sql!("DELETE FROM registration WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}
