//! What came in and waits to be worked off; what goes out and waits for its server.

use crate::account::ActorId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Db, Id, Tx, sql};
use serde::Deserialize;

/// Marks ids of activities that came in.
#[derive(Debug)]
pub enum Received {}
pub type ReceivedId = Id<Received>;
/// Marks ids of activities that go out.
#[derive(Debug)]
pub enum Sent {}
pub type SentId = Id<Sent>;

#[derive(Deserialize)]
pub struct ReceivedRow {
    pub signer_actor_id: ActorId,
    pub kind: String,
    pub body: String,
    pub worked_at: Option<Millis>,
}

/// Keeps an activity, unless one with this id has been here before.
pub async fn add_received(
    tx: &mut Tx,
    url: Option<&str>,
    signer: ActorId,
    kind: &str,
    body: &str,
    now: Millis,
) -> Result<Option<ReceivedId>> {
    let added: Option<(ReceivedId,)> = sql!(
        "INSERT INTO received_activity (url, signer_actor_id, kind, body, received_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id"
    )
    .bind(url.map(str::to_owned))
    .bind(signer)
    .bind(kind)
    .bind(body)
    .bind(now)
    .optional(tx)
    .await?;
    Ok(added.map(|(id,)| id))
}

pub async fn received(on: impl Executor, id: ReceivedId) -> Result<Option<ReceivedRow>> {
    sql!("SELECT signer_actor_id, kind, body, worked_at FROM received_activity WHERE id = $1")
        .bind(id)
        .optional(on)
        .await
}

/// Worked off, with the reason if nothing was done. The body is not needed any more.
pub async fn close_received(
    on: impl Executor,
    id: ReceivedId,
    refusal: Option<&str>,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE received_activity SET worked_at = $2, refusal = $3, body = '' WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(refusal.map(str::to_owned))
        .execute(on)
        .await
}

/// These may come again.
pub async fn forget_received(on: impl Executor, urls: &[String]) -> Result<u64> {
    Query::new("DELETE FROM received_activity WHERE worked_at IS NOT NULL")
        .within(" AND url IN (", urls.iter())
        .execute(on)
        .await
}

/// As [`forget_received`], for the one that is being worked off: its id may come again.
pub async fn forget_after(on: impl Executor, url: &str) -> Result<u64> {
    sql!("UPDATE received_activity SET url = NULL WHERE url = $1")
        .bind(url)
        .execute(on)
        .await
}

/// Forgets what was received and sent before `before` and is done with.
pub async fn prune(db: &Db, before: Millis) -> Result<()> {
    sql!("DELETE FROM received_activity WHERE received_at < $1 AND worked_at IS NOT NULL")
        .bind(before)
        .execute(db)
        .await?;
    sql!(
        "DELETE FROM sent_activity WHERE created_at < $1
         AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.sent_activity_id = sent_activity.id)"
    )
    .bind(before)
    .execute(db)
    .await
    .map(drop)
}

pub async fn add_sent(
    tx: &mut Tx,
    actor_id: ActorId,
    kind: &str,
    body: &str,
    now: Millis,
) -> Result<SentId> {
    let (id,) = sql!(
        "INSERT INTO sent_activity (actor_id, kind, body, created_at) VALUES ($1, $2, $3, $4)
         RETURNING id"
    )
    .bind(actor_id)
    .bind(kind)
    .bind(body)
    .bind(now)
    .one(tx)
    .await?;
    Ok(id)
}

pub async fn add_delivery(
    tx: &mut Tx,
    sent: SentId,
    host: &str,
    inbox: &str,
    now: Millis,
) -> Result<()> {
    sql!(
        "INSERT INTO delivery (sent_activity_id, host, inbox_url, created_at)
         VALUES ($1, $2, $3, $4)"
    )
    .bind(sent)
    .bind(host)
    .bind(inbox)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    note_peer(tx, host, now).await
}

pub async fn note_peer(on: impl Executor, host: &str, now: Millis) -> Result<()> {
    sql!("INSERT INTO peer (host, first_seen_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(host)
        .bind(now)
        .execute(on)
        .await
        .map(drop)
}

pub async fn note_received(on: impl Executor, host: &str, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO peer (host, first_seen_at, last_received_at) VALUES ($1, $2, $2)
         ON CONFLICT (host) DO UPDATE SET last_received_at = excluded.last_received_at"
    )
    .bind(host)
    .bind(now)
    .execute(on)
    .await
}

#[derive(Deserialize)]
pub struct DeliveryRow {
    pub id: i64,
    pub inbox_url: String,
    pub actor_id: ActorId,
    pub body: String,
    pub signed_as: Option<String>,
}

/// The oldest delivery that a server still has to get.
pub async fn next_delivery(on: impl Executor, host: &str) -> Result<Option<DeliveryRow>> {
    sql!(
        "SELECT d.id, d.inbox_url, s.actor_id, s.body, s.signed_as
         FROM delivery d JOIN sent_activity s ON s.id = d.sent_activity_id
         WHERE d.host = $1 ORDER BY d.id LIMIT 1"
    )
    .bind(host)
    .optional(on)
    .await
}

pub async fn delete_delivery(on: impl Executor, id: i64) -> Result<u64> {
    sql!("DELETE FROM delivery WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Peer {
    pub host: String,
    pub failing_since: Option<Millis>,
    pub failures: i64,
    pub retry_at: Option<Millis>,
    pub new_signatures: bool,
}

/// Takes the sole right to deliver to a server until then; nothing when somebody else has it.
pub async fn lease_peer(
    on: impl Executor,
    host: &str,
    until: Millis,
    now: Millis,
) -> Result<Option<Peer>> {
    sql!(
        "UPDATE peer SET lease_until = $2 WHERE host = $1 AND (lease_until IS NULL OR lease_until < $3)
         RETURNING host, failing_since, failures, retry_at, new_signatures"
    )
    .bind(host)
    .bind(until)
    .bind(now)
    .optional(on)
    .await
}

pub async fn release_peer(on: impl Executor, host: &str) -> Result<u64> {
    sql!("UPDATE peer SET lease_until = NULL WHERE host = $1")
        .bind(host)
        .execute(on)
        .await
}

pub async fn note_success(
    on: impl Executor,
    host: &str,
    new_signatures: bool,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE peer SET last_success_at = $2, failing_since = NULL, failures = 0, retry_at = NULL,
                new_signatures = $3
         WHERE host = $1"
    )
    .bind(host)
    .bind(now)
    .bind(new_signatures)
    .execute(on)
    .await
}

pub async fn note_failure(
    on: impl Executor,
    host: &str,
    error: &str,
    retry_at: Option<Millis>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE peer SET last_error = $2, last_error_at = $3,
                failing_since = CASE WHEN CAST($4 AS BIGINT) IS NULL THEN failing_since
                                     ELSE coalesce(failing_since, $3) END,
                failures = CASE WHEN CAST($4 AS BIGINT) IS NULL THEN failures ELSE failures + 1 END,
                retry_at = CAST($4 AS BIGINT)
         WHERE host = $1"
    )
    .bind(host)
    .bind(error.chars().take(500).collect::<String>())
    .bind(now)
    .bind(retry_at)
    .execute(on)
    .await
}

/// Ends the wait of a server.
pub async fn reset_peer(on: impl Executor, host: &str) -> Result<u64> {
    sql!("UPDATE peer SET retry_at = NULL WHERE host = $1")
        .bind(host)
        .execute(on)
        .await
}

/// What runs at a server that nobody has looked up for long.
pub async fn is_software_known(on: impl Executor, host: &str) -> Result<bool> {
    let found: Option<(String,)> =
        sql!("SELECT host FROM peer WHERE host = $1 AND software IS NOT NULL")
            .bind(host)
            .optional(on)
            .await?;
    Ok(found.is_some())
}

pub async fn note_software(
    on: impl Executor,
    host: &str,
    name: &str,
    version: Option<&str>,
) -> Result<u64> {
    sql!("UPDATE peer SET software = $2, version = $3 WHERE host = $1")
        .bind(host)
        .bind(name)
        .bind(version.map(str::to_owned))
        .execute(on)
        .await
}

/// Hosts of the followers of an actor whose software is one of groups (FEP-1b12), by their inboxes.
pub async fn group_inboxes(on: impl Executor, actor: ActorId) -> Result<Vec<String>> {
    let found: Vec<(String,)> = sql!(
        "SELECT DISTINCT coalesce(x.shared_inbox_url, x.inbox_url) AS inbox
         FROM follow f JOIN actor x ON x.id = f.follower_actor_id JOIN peer p ON p.host = x.host
         WHERE f.actor_id = $1 AND f.state = 'accepted' AND x.host <> '' AND x.deleted_at IS NULL
           AND p.software IN ('lemmy', 'piefed', 'mbin', 'kbin')
         ORDER BY inbox"
    )
    .bind(actor)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(inbox,)| inbox).collect())
}
