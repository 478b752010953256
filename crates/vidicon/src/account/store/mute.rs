//! The SQL of mutes. Those of the whole site have no `by_account_id`, which reads as 0 here.

use super::super::AccountId;
use super::super::mute::{By, MutedAccount, MutedServer};
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

fn owner(by: By) -> i64 {
    by.map_or(0, |id| id.0)
}

pub async fn add_account(on: impl Executor, by: By, id: AccountId, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO mute_account (by_account_id, account_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING"
    )
    .bind(by)
    .bind(id)
    .bind(now)
    .execute(on)
    .await
}

pub async fn delete_account(on: impl Executor, by: By, id: AccountId) -> Result<u64> {
    sql!("DELETE FROM mute_account WHERE coalesce(by_account_id, 0) = $1 AND account_id = $2")
        .bind(owner(by))
        .bind(id)
        .execute(on)
        .await
}

pub async fn add_server(on: impl Executor, by: By, host: &str, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO mute_server (by_account_id, host, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING"
    )
    .bind(by)
    .bind(host)
    .bind(now)
    .execute(on)
    .await
}

pub async fn delete_server(on: impl Executor, by: By, host: &str) -> Result<u64> {
    sql!("DELETE FROM mute_server WHERE coalesce(by_account_id, 0) = $1 AND host = $2")
        .bind(owner(by))
        .bind(host)
        .execute(on)
        .await
}

const ACCOUNTS: &str = " FROM mute_account m JOIN account a ON a.id = m.account_id
    JOIN actor ac ON ac.id = a.actor_id";

pub async fn accounts(
    on: impl Executor,
    by: By,
    search: Option<&str>,
    paging: Paging,
    descending: bool,
) -> Result<Vec<MutedAccount>> {
    let query = Query::new("SELECT m.account_id, m.created_at").push(ACCOUNTS);
    of_accounts(query, by, search)
        .push(newest(descending))
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count_accounts(on: impl Executor, by: By, search: Option<&str>) -> Result<i64> {
    let query = Query::new("SELECT count(*)").push(ACCOUNTS);
    let (count,) = of_accounts(query, by, search).one(on).await?;
    Ok(count)
}

fn of_accounts(query: Query, by: By, search: Option<&str>) -> Query {
    query
        .when(
            Some(owner(by)),
            " WHERE coalesce(m.by_account_id, 0) = ? AND ac.deleted_at IS NULL",
        )
        .when(
            search,
            r" AND (lower(ac.name) LIKE ? ESCAPE '\' OR lower(ac.host) LIKE ? ESCAPE '\')",
        )
}

pub async fn servers(
    on: impl Executor,
    by: By,
    search: Option<&str>,
    paging: Paging,
    descending: bool,
) -> Result<Vec<MutedServer>> {
    of_servers(
        Query::new("SELECT m.host, m.created_at FROM mute_server m"),
        by,
        search,
    )
    .push(newest(descending))
    .page(paging.start, paging.count)
    .all(on)
    .await
}

pub async fn count_servers(on: impl Executor, by: By, search: Option<&str>) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM mute_server m");
    let (count,) = of_servers(query, by, search).one(on).await?;
    Ok(count)
}

fn of_servers(query: Query, by: By, search: Option<&str>) -> Query {
    query
        .when(Some(owner(by)), " WHERE coalesce(m.by_account_id, 0) = ?")
        .when(search, r" AND lower(m.host) LIKE ? ESCAPE '\'")
}

fn newest(descending: bool) -> &'static str {
    if descending {
        " ORDER BY m.created_at DESC, m.id DESC"
    } else {
        " ORDER BY m.created_at, m.id"
    }
}

pub async fn has_account(on: impl Executor, by: By, id: AccountId) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT id FROM mute_account WHERE coalesce(by_account_id, 0) = $1 AND account_id = $2"
    )
    .bind(owner(by))
    .bind(id)
    .optional(on)
    .await?;
    Ok(found.is_some())
}

pub async fn has_server(on: impl Executor, by: By, host: &str) -> Result<bool> {
    let found: Option<(i64,)> =
        sql!("SELECT id FROM mute_server WHERE coalesce(by_account_id, 0) = $1 AND host = $2")
            .bind(owner(by))
            .bind(host)
            .optional(on)
            .await?;
    Ok(found.is_some())
}
