//! The SQL of shared block lists.

use super::super::block_list::{Logged, Subscription, SubscriptionId};
use crate::account::like;
use crate::listing::Paging;
use base::Tx;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

pub async fn log(on: impl Executor, from: Millis, count: i64) -> Result<Vec<Logged>> {
    sql!("SELECT act, target, at FROM block_log WHERE at >= $1 ORDER BY at, id LIMIT $2")
        .bind(from)
        .bind(count)
        .slow()
        .all(on)
        .await
}

const COLUMNS: &str = "SELECT s.id, s.url, s.name, s.last_sync_at, s.error, s.created_at,
    s.updated_at,
    (SELECT count(*) FROM mute_account m WHERE m.subscription_id = s.id) AS accounts,
    (SELECT count(*) FROM mute_server m WHERE m.subscription_id = s.id) AS servers
    FROM block_subscription s WHERE TRUE";

pub async fn list(
    on: impl Executor,
    search: Option<&str>,
    paging: Paging,
    descending: bool,
) -> Result<Vec<Subscription>> {
    searched(Query::new(COLUMNS), search)
        .push(if descending {
            " ORDER BY s.created_at DESC, s.id DESC"
        } else {
            " ORDER BY s.created_at, s.id"
        })
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count(on: impl Executor, search: Option<&str>) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM block_subscription s WHERE TRUE");
    let (count,) = searched(query, search).one(on).await?;
    Ok(count)
}

fn searched(query: Query, search: Option<&str>) -> Query {
    query.when(
        search.map(like),
        r" AND (lower(s.name) LIKE ? ESCAPE '\' OR lower(s.url) LIKE ? ESCAPE '\')",
    )
}

/// All of them; nobody follows very many.
pub async fn all(on: impl Executor) -> Result<Vec<Subscription>> {
    Query::new(COLUMNS)
        .push(" ORDER BY s.id LIMIT 1000")
        .all(on)
        .await
}

pub async fn find(on: impl Executor, id: SubscriptionId) -> Result<Option<Subscription>> {
    Query::new(COLUMNS)
        .when(Some(id), " AND s.id = ?")
        .optional(on)
        .await
}

pub async fn add(on: impl Executor, url: &str, name: &str, now: Millis) -> Result<SubscriptionId> {
    let (id,) = sql!(
        "INSERT INTO block_subscription (url, name, created_at, updated_at)
         VALUES ($1, $2, $3, $3) RETURNING id"
    )
    .bind(url)
    .bind(name)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn delete(on: impl Executor, id: SubscriptionId) -> Result<u64> {
    sql!("DELETE FROM block_subscription WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn add_entry(tx: &mut Tx, id: SubscriptionId, target: &str) -> Result<()> {
    sql!("INSERT INTO block_entry (subscription_id, target) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(target)
        .execute(tx)
        .await
        .map(drop)
}

/// Takes a target off a list, and with it the mute that came from there.
pub async fn delete_entry(tx: &mut Tx, id: SubscriptionId, target: &str) -> Result<()> {
    sql!("DELETE FROM block_entry WHERE subscription_id = $1 AND target = $2")
        .bind(id)
        .bind(target)
        .execute(&mut *tx)
        .await?;
    sql!("DELETE FROM mute_server WHERE subscription_id = $1 AND host = $2")
        .bind(id)
        .bind(target)
        .execute(&mut *tx)
        .await?;
    sql!(
        "DELETE FROM mute_account WHERE subscription_id = $1 AND account_id IN
             (SELECT a.id FROM account a JOIN actor ac ON ac.id = a.actor_id
              WHERE ac.name || '@' || ac.host = $2)"
    )
    .bind(id)
    .bind(target)
    .execute(tx)
    .await
    .map(drop)
}

/// Mutes what is on the list and known here; what is muted already stays as it is.
pub async fn apply(tx: &mut Tx, id: SubscriptionId, now: Millis) -> Result<()> {
    sql!(
        "INSERT INTO mute_server (host, created_at, subscription_id)
         SELECT e.target, CAST($2 AS BIGINT), e.subscription_id FROM block_entry e
         WHERE e.subscription_id = $1 AND NOT e.overruled AND e.target NOT LIKE '%@%'
         ON CONFLICT DO NOTHING"
    )
    .bind(id)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sql!(
        "INSERT INTO mute_account (account_id, created_at, subscription_id)
         SELECT a.id, CAST($2 AS BIGINT), e.subscription_id FROM block_entry e
         JOIN actor ac ON ac.name || '@' || ac.host = e.target
         JOIN account a ON a.actor_id = ac.id
         WHERE e.subscription_id = $1 AND NOT e.overruled AND e.target LIKE '%@%'
         ON CONFLICT DO NOTHING"
    )
    .bind(id)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

pub async fn note_sync(tx: &mut Tx, id: SubscriptionId, name: &str, now: Millis) -> Result<()> {
    sql!(
        "UPDATE block_subscription SET name = $2, last_sync_at = $3, updated_at = $3 WHERE id = $1"
    )
    .bind(id)
    .bind(name)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

pub async fn note_error(on: impl Executor, id: SubscriptionId, error: Option<&str>) -> Result<()> {
    sql!("UPDATE block_subscription SET error = $2 WHERE id = $1")
        .bind(id)
        .bind(error)
        .execute(on)
        .await
        .map(drop)
}
