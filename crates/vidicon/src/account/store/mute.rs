//! The SQL of mutes. Those of the whole site have no `by_account_id`, which reads as 0 here.

use super::super::mute::{By, Filter, MutedAccount, MutedServer};
use super::super::{AccountId, like};
use crate::listing::Paging;
use base::Tx;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;

fn owner(by: By) -> i64 {
    by.map_or(0, |id| id.0)
}

/// Mutes; true when it was not muted by hand before. A mute that came from a shared list is one's
/// own from now on.
pub async fn add_account(tx: &mut Tx, by: By, id: AccountId, now: Millis) -> Result<bool> {
    let added = sql!(
        "INSERT INTO mute_account (by_account_id, account_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING"
    )
    .bind(by)
    .bind(id)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    let taken_over = sql!(
        "UPDATE mute_account SET subscription_id = NULL
         WHERE coalesce(by_account_id, 0) = $1 AND account_id = $2 AND subscription_id IS NOT NULL"
    )
    .bind(owner(by))
    .bind(id)
    .execute(tx)
    .await?;
    Ok(added + taken_over > 0)
}

pub async fn delete_account(on: impl Executor, by: By, id: AccountId) -> Result<u64> {
    sql!("DELETE FROM mute_account WHERE coalesce(by_account_id, 0) = $1 AND account_id = $2")
        .bind(owner(by))
        .bind(id)
        .execute(on)
        .await
}

/// As [`add_account`].
pub async fn add_server(tx: &mut Tx, by: By, host: &str, now: Millis) -> Result<bool> {
    let added = sql!(
        "INSERT INTO mute_server (by_account_id, host, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING"
    )
    .bind(by)
    .bind(host)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    let taken_over = sql!(
        "UPDATE mute_server SET subscription_id = NULL
         WHERE coalesce(by_account_id, 0) = $1 AND host = $2 AND subscription_id IS NOT NULL"
    )
    .bind(owner(by))
    .bind(host)
    .execute(tx)
    .await?;
    Ok(added + taken_over > 0)
}

pub async fn delete_server(on: impl Executor, by: By, host: &str) -> Result<u64> {
    sql!("DELETE FROM mute_server WHERE coalesce(by_account_id, 0) = $1 AND host = $2")
        .bind(owner(by))
        .bind(host)
        .execute(on)
        .await
}

pub async fn log(on: impl Executor, act: &str, target: &str, now: Millis) -> Result<u64> {
    sql!("INSERT INTO block_log (act, target, at) VALUES ($1, $2, $3)")
        .bind(act)
        .bind(target)
        .bind(now)
        .execute(on)
        .await
}

/// For the log that names nobody.
pub async fn log_act(on: impl Executor, act: &str, subject: &str, now: Millis) -> Result<u64> {
    sql!("INSERT INTO moderation_log (act, subject, at) VALUES ($1, $2, $3)")
        .bind(act)
        .bind(subject)
        .bind(now)
        .execute(on)
        .await
}

/// What is lifted by hand no shared list mutes again.
pub async fn overrule(on: impl Executor, target: &str) -> Result<u64> {
    sql!("UPDATE block_entry SET overruled = TRUE WHERE target = $1")
        .bind(target)
        .execute(on)
        .await
}

const ACCOUNTS: &str = " FROM mute_account m JOIN account a ON a.id = m.account_id
    JOIN actor ac ON ac.id = a.actor_id
    LEFT JOIN block_subscription s ON s.id = m.subscription_id";
const SERVERS: &str =
    " FROM mute_server m LEFT JOIN block_subscription s ON s.id = m.subscription_id";
const LIST: &str = ", s.id AS list_id, s.name AS list_name, s.url AS list_url";

pub async fn accounts(
    on: impl Executor,
    by: By,
    filter: &Filter,
    paging: Paging,
    descending: bool,
) -> Result<Vec<MutedAccount>> {
    let query = Query::new("SELECT m.account_id, m.created_at")
        .push(LIST)
        .push(ACCOUNTS);
    of_accounts(query, by, filter)
        .push(newest(descending))
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count_accounts(on: impl Executor, by: By, filter: &Filter) -> Result<i64> {
    let query = Query::new("SELECT count(*)").push(ACCOUNTS);
    let (count,) = of_accounts(query, by, filter).one(on).await?;
    Ok(count)
}

fn of_accounts(query: Query, by: By, filter: &Filter) -> Query {
    query
        .when(
            Some(owner(by)),
            " WHERE coalesce(m.by_account_id, 0) = ? AND ac.deleted_at IS NULL",
        )
        .when(
            filter.search.as_deref().map(like),
            r" AND (lower(ac.name) LIKE ? ESCAPE '\' OR lower(ac.host) LIKE ? ESCAPE '\')",
        )
        .when(
            filter.list_name.as_deref().map(str::to_owned),
            " AND s.name = ?",
        )
}

pub async fn servers(
    on: impl Executor,
    by: By,
    filter: &Filter,
    paging: Paging,
    descending: bool,
) -> Result<Vec<MutedServer>> {
    let query = Query::new("SELECT m.host, m.created_at")
        .push(LIST)
        .push(SERVERS);
    of_servers(query, by, filter)
        .push(newest(descending))
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count_servers(on: impl Executor, by: By, filter: &Filter) -> Result<i64> {
    let query = Query::new("SELECT count(*)").push(SERVERS);
    let (count,) = of_servers(query, by, filter).one(on).await?;
    Ok(count)
}

fn of_servers(query: Query, by: By, filter: &Filter) -> Query {
    query
        .when(Some(owner(by)), " WHERE coalesce(m.by_account_id, 0) = ?")
        .when(
            filter.search.as_deref().map(like),
            r" AND lower(m.host) LIKE ? ESCAPE '\'",
        )
        .when(
            filter.list_name.as_deref().map(str::to_owned),
            " AND s.name = ?",
        )
}

/// A mute of an account or, with an empty name, of a server.
#[derive(Deserialize)]
pub struct Muted {
    pub name: String,
    pub host: String,
    pub by_user: bool,
    pub list_name: Option<String>,
}

/// The mutes by the site and by this person of accounts with these names, on any server.
pub async fn of_names(on: impl Executor, by: By, names: Vec<String>) -> Result<Vec<Muted>> {
    Query::new(
        "SELECT ac.name, ac.host, (m.by_account_id IS NOT NULL) AS by_user, s.name AS list_name",
    )
    .push(ACCOUNTS)
    .when(
        Some(owner(by)),
        " WHERE (m.by_account_id IS NULL OR m.by_account_id = ?)",
    )
    .within(" AND ac.name IN (", names)
    .all(on)
    .await
}

pub async fn of_hosts(on: impl Executor, by: By, hosts: &[String]) -> Result<Vec<Muted>> {
    Query::new(
        "SELECT '' AS name, m.host, (m.by_account_id IS NOT NULL) AS by_user, s.name AS list_name",
    )
    .push(SERVERS)
    .when(
        Some(owner(by)),
        " WHERE (m.by_account_id IS NULL OR m.by_account_id = ?)",
    )
    .within(" AND m.host IN (", hosts.iter().cloned())
    .all(on)
    .await
}

/// The actor that stands for the site.
#[derive(Deserialize)]
pub struct SiteActor {
    pub id: i64,
    pub name: String,
    pub follower_count: i64,
    pub following_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
}

pub async fn site_actor(on: impl Executor) -> Result<Option<SiteActor>> {
    sql!(
        "SELECT id, name, follower_count, following_count, created_at, updated_at
         FROM actor WHERE kind = 'server' AND host = '' ORDER BY id LIMIT 1"
    )
    .optional(on)
    .await
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
