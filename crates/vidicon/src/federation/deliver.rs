//! What goes out: one queue for each server, so that a broken one holds up no other.

use super::keys::{self, Signer};
use super::store::{self, ActorRow, DeliveryRow, Peer};
use super::{door, remote, rules};
use crate::app::App;
use crate::error::Result;
use base::Tx;
use base::clock::{DAY, HOUR, MINUTE, Millis, SECOND};
use base::fetch::FetchRequest;
use base::job::{self, JobError, JobId, NewJob, Running};
use fediverse::address::{self, Id};
use fediverse::signature::{self, Outgoing};
use fediverse::{ld_signature, message_signature};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The kind of the job that works off the queue of one server.
pub const JOB: &str = "federation_deliver";
const PATIENCE: Duration = Duration::from_secs(10);
/// Longer than one delivery can take, so that a second worker never sends the same.
const LEASE: Millis = MINUTE;
/// A server that has not answered for so long is given up.
const GIVE_UP: Millis = 7 * DAY;
const LONGEST_WAIT: Millis = 6 * HOUR;
const BATCH: usize = 200;
/// How long a server in trouble waits where too many others do already.
const NO_ROOM: Millis = 15 * SECOND;

/// An activity that is ready to be sent: signed, and in the bytes that every server gets.
pub struct Prepared {
    actor: ActorRow,
    kind: String,
    body: String,
    /// The address of before in whose name it is sent.
    signed_as: Option<String>,
}

/// Signs an activity. It takes some arithmetic, so it comes before the transaction.
pub async fn prepare(app: &App, actor: &ActorRow, mut activity: Value) -> Result<Prepared> {
    let Signer { actor_url, key, .. } = keys::signer(app, actor).await?;
    let kind = activity
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if is_public(&activity) {
        let now = app.clock.now();
        if let Err(error) = ld_signature::sign(&mut activity, &actor_url, &key, now) {
            tracing::warn!(%error, kind, "could not sign an activity for forwarding");
        }
    }
    Ok(Prepared {
        actor: actor.clone(),
        kind,
        body: activity.to_string(),
        signed_as: None,
    })
}

/// As [`prepare`], in the name that the actor had under an address of before.
pub async fn prepare_as(
    app: &App,
    actor: &ActorRow,
    mut activity: Value,
    base: &str,
) -> Result<Prepared> {
    let Signer { actor_url, key, .. } = keys::signer(app, actor).await?;
    let kind = activity
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let creator = as_before(app, &actor_url, base);
    if let Err(error) = ld_signature::sign(&mut activity, &creator, &key, app.clock.now()) {
        tracing::warn!(%error, kind, "could not sign an activity for forwarding");
    }
    Ok(Prepared {
        actor: actor.clone(),
        kind,
        body: activity.to_string(),
        signed_as: Some(base.to_owned()),
    })
}

/// An address of ours as it was before.
fn as_before(app: &App, url: &str, base: &str) -> String {
    match url.strip_prefix(app.config.server.public_url.as_str()) {
        Some(path) => format!("{base}{path}"),
        None => url.to_owned(),
    }
}

/// Somebody else's activity in its own words, to be passed on by an actor of ours.
pub fn as_it_is(actor: &ActorRow, activity: &Value) -> Prepared {
    let kind = activity
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    Prepared {
        actor: actor.clone(),
        kind,
        body: activity.to_string(),
        signed_as: None,
    }
}

/// Only what is public is ever forwarded, and needs a signature of its own.
fn is_public(activity: &Value) -> bool {
    let mut everyone = fediverse::json::references(activity, "to");
    everyone.extend(fediverse::json::references(activity, "cc"));
    everyone.iter().any(|id| address::is_public(id))
}

/// Puts an activity into the queues of the servers of these inboxes.
pub async fn queue(
    tx: &mut Tx,
    app: &App,
    prepared: &Prepared,
    inboxes: impl IntoIterator<Item = String>,
) -> Result<()> {
    let inboxes: BTreeSet<String> = inboxes.into_iter().collect();
    let now = app.clock.now();
    let here = app.host();
    let mut sent = None;
    for inbox in inboxes {
        let Ok(id) = Id::parse(&inbox, rules(app)) else {
            continue;
        };
        let host = id.host();
        if host == here
            || !door::is_welcome(app, &host)
            || store::is_muted(&mut *tx, &host, None).await?
        {
            continue;
        }
        let sent_id = match sent {
            Some(id) => id,
            None => {
                let id =
                    store::add_sent(tx, prepared.actor.id, &prepared.kind, &prepared.body, now)
                        .await?;
                if let Some(base) = &prepared.signed_as {
                    store::sign_as(&mut *tx, id, base).await?;
                }
                *sent.insert(id)
            }
        };
        store::add_delivery(tx, sent_id, &host, &inbox, now).await?;
        wake(tx, &host, now).await?;
    }
    Ok(())
}

/// Makes sure that somebody looks at the queue of a server. A job that is just ending may have
/// looked already, so there is a second key for those that come while one runs.
async fn wake(tx: &mut Tx, host: &str, now: Millis) -> Result<()> {
    let job = |key: String, at: Millis| {
        NewJob::new(JOB, json!({ "host": host }))
            .run_at(at)
            .max_attempts(20)
            .once(key)
    };
    let added = job(format!("deliver:{host}"), now)
        .enqueue(&mut *tx, now)
        .await?;
    if added.is_none() {
        job(format!("deliver-next:{host}"), now + 2 * SECOND)
            .enqueue(tx, now)
            .await?;
    }
    Ok(())
}

/// Looks at the queue of a server now, beside the job that waits for its next turn.
pub async fn retry(tx: &mut Tx, host: &str, now: Millis) -> Result<()> {
    let job = NewJob::new(JOB, json!({ "host": host })).max_attempts(20);
    job.once(format!("deliver-now:{host}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

#[derive(Deserialize)]
struct Payload {
    host: String,
}

/// Works off the queue of one server until it is empty or the server fails.
pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { host } = running.job.payload()?;
    let now = app.clock.now();
    let Some(peer) = store::lease_peer(&app.db, &host, now + LEASE, now).await? else {
        return if store::next_delivery(&app.db, &host).await?.is_some() {
            Err(JobError::Later(now + 5 * SECOND))
        } else {
            Ok(())
        };
    };
    let outcome = work_off(app, running, peer).await;
    store::release_peer(&app.db, &host).await?;
    outcome
}

async fn work_off(app: &App, running: &Running, mut peer: Peer) -> Result<(), JobError> {
    if let Some(retry_at) = peer.retry_at.filter(|at| *at > app.clock.now()) {
        return Err(JobError::Later(retry_at));
    }
    // What has failed may hang; it takes no seat from those that answer.
    if peer.failing_since.is_some() && !app.workers.step_aside(running.job.id) {
        return Err(JobError::Later(app.clock.now() + NO_ROOM));
    }
    for _ in 0..BATCH {
        if running.stop.is_cancelled() {
            break;
        }
        let Some(delivery) = store::next_delivery(&app.db, &peer.host).await? else {
            return Ok(());
        };
        let now = app.clock.now();
        store::lease_peer(&app.db, &peer.host, now + LEASE, now + LEASE).await?;
        match send(app, running.job.id, &delivery, &mut peer).await {
            Outcome::Taken => {
                store::delete_delivery(&app.db, delivery.id).await?;
                store::note_success(&app.db, &peer.host, peer.new_signatures, app.clock.now())
                    .await?;
                peer.failures = 0;
                peer.failing_since = None;
            }
            Outcome::Refused(cause) => {
                tracing::info!(host = peer.host, cause, "a server refused an activity");
                let (mut tx, now) = (app.db.begin().await?, app.clock.now());
                store::set_aside(&mut tx, delivery.id, &cause, now).await?;
                store::note_failure(&mut tx, &peer.host, &cause, None, now).await?;
                tx.commit().await?;
            }
            Outcome::Failed(cause) => return put_off(app, &peer, &cause).await,
        }
    }
    // More is waiting; let others have a turn.
    Err(JobError::Later(app.clock.now()))
}

/// Waits longer each time; after a week what waits for the server is put aside.
async fn put_off(app: &App, peer: &Peer, cause: &str) -> Result<(), JobError> {
    let now = app.clock.now();
    if peer
        .failing_since
        .is_some_and(|since| since < now - GIVE_UP)
    {
        let mut tx = app.db.begin().await?;
        let dropped = store::set_all_aside(&mut tx, &peer.host, cause, now).await?;
        store::note_failure(&mut tx, &peer.host, cause, None, now).await?;
        tx.commit().await?;
        tracing::warn!(
            host = peer.host,
            dropped,
            "a server has not answered for a week"
        );
        return Ok(());
    }
    let doublings = u32::try_from(peer.failures.clamp(0, 10)).unwrap_or(10);
    let retry_at = now
        + (30 * SECOND)
            .saturating_mul(1 << doublings)
            .min(LONGEST_WAIT);
    store::note_failure(&app.db, &peer.host, cause, Some(retry_at), now).await?;
    Err(JobError::Later(retry_at))
}

enum Outcome {
    Taken,
    /// This activity will never be taken; the next one may be.
    Refused(String),
    /// The server is in trouble.
    Failed(String),
}

async fn send(app: &App, job: JobId, delivery: &DeliveryRow, peer: &mut Peer) -> Outcome {
    let first = post(app, delivery, peer.new_signatures);
    let first = answer_aside(app, job, first).await;
    match first {
        // It may be one that knows only the other kind of signature.
        Ok(401 | 403) => match post(app, delivery, !peer.new_signatures).await {
            Ok(status @ 200..=299) => {
                peer.new_signatures = !peer.new_signatures;
                judge(&delivery.inbox_url, Ok(status))
            }
            _ => judge(&delivery.inbox_url, first),
        },
        other => judge(&delivery.inbox_url, other),
    }
}

/// A server that does not answer at once holds up no other: what it is sent goes on aside, and is
/// given up for now where too many wait there.
async fn answer_aside(
    app: &App,
    job: JobId,
    answer: impl Future<Output = Result<u16, Outcome>>,
) -> Result<u16, Outcome> {
    let mut answer = std::pin::pin!(answer);
    if let Ok(answer) = tokio::time::timeout(job::PATIENCE, &mut answer).await {
        return answer;
    }
    if app.workers.step_aside(job) {
        return answer.await;
    }
    Err(Outcome::Failed(
        "it did not answer at once while many others hung".to_owned(),
    ))
}

fn judge(inbox: &str, answer: Result<u16, Outcome>) -> Outcome {
    match answer {
        Ok(200..=299) => Outcome::Taken,
        Ok(status @ (408 | 425 | 429 | 500..)) => {
            Outcome::Failed(format!("{inbox} answered {status}"))
        }
        Ok(status) => Outcome::Refused(format!("{inbox} answered {status}")),
        Err(outcome) => outcome,
    }
}

async fn post(app: &App, delivery: &DeliveryRow, new_signatures: bool) -> Result<u16, Outcome> {
    let trouble = |error: String| Outcome::Failed(error);
    let sender = store::actor(&app.db, delivery.actor_id)
        .await
        .map_err(|error| trouble(error.to_string()))?;
    let Some(sender) = sender else {
        return Err(Outcome::Refused("its sender is gone".to_owned()));
    };
    let signer = keys::signer(app, &sender)
        .await
        .map_err(|error| trouble(error.to_string()))?;
    let inbox = Id::parse(&delivery.inbox_url, rules(app))
        .map_err(|error| Outcome::Refused(error.to_string()))?;
    let key_id = match &delivery.signed_as {
        Some(base) => as_before(app, &signer.key_id, base),
        None => signer.key_id.clone(),
    };
    let outgoing = Outgoing {
        method: "POST",
        url: inbox.url(),
        body: Some(delivery.body.as_bytes()),
        key_id: &key_id,
        key: &signer.key,
        now_ms: app.clock.now(),
    };
    let headers = if new_signatures {
        message_signature::sign(&outgoing)
    } else {
        signature::sign(&outgoing)
    };
    let headers = headers.map_err(|error| Outcome::Refused(error.to_string()))?;
    let request = FetchRequest::post(
        inbox.as_str(),
        "application/activity+json",
        delivery.body.clone(),
    )
    .timeout(PATIENCE);
    match app.fetch.send(remote::with_headers(request, headers)).await {
        Ok(answer) => Ok(answer.status.as_u16()),
        Err(error) => match remote::unreachable(error) {
            remote::RemoteError::Refused(cause) => Err(Outcome::Refused(cause)),
            other => Err(Outcome::Failed(other.to_string())),
        },
    }
}
