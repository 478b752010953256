//! Servers as their administrator sees them: how they are reached, what waits and what they did not take.

use super::queues::SentId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Db, Tx, sql};
use serde::Deserialize;

/// A server on the administrator's page.
#[derive(Clone, Debug, Deserialize)]
pub struct PeerState {
    pub host: String,
    pub software: Option<String>,
    pub version: Option<String>,
    pub last_received_at: Option<Millis>,
    pub last_success_at: Option<Millis>,
    pub failing_since: Option<Millis>,
    pub failures: i64,
    pub last_error: Option<String>,
    pub last_error_at: Option<Millis>,
    pub retry_at: Option<Millis>,
    pub waiting: i64,
    /// What it did not take and may be sent again.
    pub missed: i64,
}

/// Failing servers first.
pub async fn peers(on: &Db, start: i64, count: i64) -> Result<(i64, Vec<PeerState>)> {
    let (total,) = sql!("SELECT count(*) FROM peer").one(on).await?;
    let rows = Query::new(
        "SELECT p.host, p.software, p.version, p.last_received_at, p.last_success_at,
                p.failing_since, p.failures, p.last_error, p.last_error_at, p.retry_at,
                (SELECT count(*) FROM delivery d WHERE d.host = p.host) AS waiting,
                (SELECT count(*) FROM undelivered u WHERE u.host = p.host) AS missed
         FROM peer p ORDER BY p.failures DESC, p.host",
    )
    .page(start, count)
    .slow()
    .all(on)
    .await?;
    Ok((total, rows))
}

/// One server as [`peers`] shows it.
pub async fn peer(on: impl Executor, host: &str) -> Result<Option<PeerState>> {
    sql!(
        "SELECT p.host, p.software, p.version, p.last_received_at, p.last_success_at,
                p.failing_since, p.failures, p.last_error, p.last_error_at, p.retry_at,
                (SELECT count(*) FROM delivery d WHERE d.host = p.host) AS waiting,
                (SELECT count(*) FROM undelivered u WHERE u.host = p.host) AS missed
         FROM peer p WHERE p.host = $1"
    )
    .bind(host)
    .optional(on)
    .await
}

/// An activity that waits for a server, or that it did not take.
#[derive(Clone, Debug, Deserialize)]
pub struct Sending {
    pub id: i64,
    pub kind: String,
    pub inbox_url: String,
    /// Nothing while it waits.
    pub error: Option<String>,
    pub created_at: Millis,
}

/// What waits for a server, the next first.
pub async fn waiting(
    on: impl Executor,
    host: &str,
    start: i64,
    count: i64,
) -> Result<Vec<Sending>> {
    sql!(
        "SELECT d.id, s.kind, d.inbox_url, CAST(NULL AS TEXT) AS error, d.created_at
         FROM delivery d JOIN sent_activity s ON s.id = d.sent_activity_id
         WHERE d.host = $1 ORDER BY d.id LIMIT $2 OFFSET $3"
    )
    .bind(host)
    .bind(count)
    .bind(start)
    .all(on)
    .await
}

/// What a server did not take, the newest first, with how much there is.
pub async fn undelivered(
    on: &Db,
    host: &str,
    start: i64,
    count: i64,
) -> Result<(i64, Vec<Sending>)> {
    let (total,) = sql!("SELECT count(*) FROM undelivered WHERE host = $1")
        .bind(host)
        .one(on)
        .await?;
    let rows = sql!(
        "SELECT u.id, s.kind, u.inbox_url, u.error, u.created_at
         FROM undelivered u JOIN sent_activity s ON s.id = u.sent_activity_id
         WHERE u.host = $1 ORDER BY u.id DESC LIMIT $2 OFFSET $3"
    )
    .bind(host)
    .bind(count)
    .bind(start)
    .all(on)
    .await?;
    Ok((total, rows))
}

/// Takes a delivery out of its queue and keeps why.
pub async fn set_aside(tx: &mut Tx, delivery: i64, error: &str, now: Millis) -> Result<()> {
    sql!(
        "INSERT INTO undelivered (sent_activity_id, host, inbox_url, error, created_at)
         SELECT sent_activity_id, host, inbox_url, $2, $3 FROM delivery WHERE id = $1"
    )
    .bind(delivery)
    .bind(error.chars().take(500).collect::<String>())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sql!("DELETE FROM delivery WHERE id = $1")
        .bind(delivery)
        .execute(tx)
        .await
        .map(drop)
}

/// As [`set_aside`], for all that waits for a server.
pub async fn set_all_aside(tx: &mut Tx, host: &str, error: &str, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO undelivered (sent_activity_id, host, inbox_url, error, created_at)
         SELECT sent_activity_id, host, inbox_url, $2, $3 FROM delivery WHERE host = $1 ORDER BY id"
    )
    .bind(host)
    .bind(error.chars().take(500).collect::<String>())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sql!("DELETE FROM delivery WHERE host = $1")
        .bind(host)
        .execute(tx)
        .await
}

/// Puts what a server did not take back into its queue: one activity, or with nothing all of them.
pub async fn queue_again(tx: &mut Tx, host: &str, one: Option<i64>, now: Millis) -> Result<u64> {
    let back: Vec<(i64, SentId, String)> = Query::new("DELETE FROM undelivered WHERE TRUE")
        .when(Some(host), " AND host = ?")
        .when(one, " AND id = ?")
        .push(" RETURNING id, sent_activity_id, inbox_url")
        .all(&mut *tx)
        .await?;
    let mut back = back;
    back.sort_by_key(|(id, _, _)| *id);
    let mut count = 0;
    for (_, sent, inbox) in back {
        super::queues::add_delivery(tx, sent, host, &inbox, now).await?;
        count += 1;
    }
    Ok(count)
}
