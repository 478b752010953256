//! The door: what comes in must be signed by who it says it is from. Everything else waits in a queue.

use super::receive;
use super::store::{self, ActorRow};
use super::{door, local, moved, react, remote, rules};
use crate::app::App;
use crate::error::{Error, Result};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use base::job::NewJob;
use fediverse::activity::{self, Activity, Kind};
use fediverse::address::Id;
use fediverse::key::PublicKey;
use fediverse::signature::{self, Claim, Received};
use fediverse::{json, ld_signature};
use serde_json::{Value, json as as_json};

/// Takes a delivery. The cheap checks come first: nothing is fetched for a request that is not
/// well formed, fresh and whole.
pub async fn take(app: &App, target: &str, headers: &HeaderMap, body: &Bytes) -> Result<()> {
    if !app.config.federation.enabled {
        return Err(Error::not_found("Federation is switched off here."));
    }
    let request = door::fingerprint(app, headers);
    if door::was_taken(app, &request) {
        return Ok(());
    }
    let claim = claim(app, "POST", target, headers, body)?;
    let document = json::parse(body).map_err(|error| match error {
        fediverse::Error::TooLarge { .. } => Error::too_large(error.to_string()),
        error => Error::bad_request(error.to_string()),
    })?;
    let signer_host = signer_host(app, &claim)?;
    if !door::is_welcome(app, &signer_host) {
        return Err(Error::forbidden(
            "This server talks with certain others only.",
        ));
    }
    if store::is_muted(&app.db, &signer_host, None).await? {
        return Ok(());
    }
    let signer = match signer(app, &claim, door::may_ask(app, &signer_host)).await {
        Ok(signer) => signer,
        Err(error) => {
            door::note_unproven(app, &signer_host);
            return match error {
                // The keys went with the actor, so its farewell cannot be checked; if we knew it, it
                // is gone now.
                remote::RemoteError::Gone(_) if is_farewell(&document) => Ok(()),
                error => Err(Error::forbidden(error.to_string())),
            };
        }
    };
    door::count(app, &signer_host)?;
    for activity in activity::unpack(&document) {
        keep(app, &signer, activity).await?;
    }
    door::note_taken(app, request);
    app.workers.wake();
    Ok(())
}

fn claim(app: &App, method: &str, target: &str, headers: &HeaderMap, body: &[u8]) -> Result<Claim> {
    let former = moved::former(app, headers).and_then(|url| url.split("://").nth(1));
    let host = former.map_or_else(|| app.host(), str::to_owned);
    let url = &app.config.server.public_url;
    let received = Received {
        method,
        target,
        host: &host,
        scheme: url.split("://").next().unwrap_or("https"),
        headers,
        body,
        now_ms: app.clock.now(),
    };
    signature::claim(&received).map_err(refused)
}

/// A question must be signed, by somebody whose server is not muted here.
pub async fn require_signed_fetch(app: &App, target: &str, headers: &HeaderMap) -> Result<()> {
    let unsigned = |error: String| Error::new(StatusCode::UNAUTHORIZED, error);
    let claim =
        claim(app, "GET", target, headers, b"").map_err(|error| unsigned(error.to_string()))?;
    let host = signer_host(app, &claim)?;
    if !door::is_welcome(app, &host) || store::is_muted(&app.db, &host, None).await? {
        return Err(Error::forbidden("Your server is not served here."));
    }
    let signer = signer(app, &claim, door::may_ask(app, &host)).await;
    signer.map(drop).map_err(|error| {
        door::note_unproven(app, &host);
        unsigned(error.to_string())
    })
}

fn refused(error: fediverse::Error) -> Error {
    Error::forbidden(error.to_string())
}

fn signer_host(app: &App, claim: &Claim) -> Result<String> {
    let id = Id::parse(claim.actor(), rules(app)).map_err(refused)?;
    if local::is_here(app, &id) {
        return Err(Error::forbidden("signature: by an actor of this server"));
    }
    Ok(id.host())
}

/// The actor whose key made the signature. If the key that we know does not fit, there may be a new one.
async fn signer(app: &App, claim: &Claim, may_ask: bool) -> remote::Result<ActorRow> {
    let known = match store::actor_by_key(&app.db, claim.key_id()).await? {
        Some(known) => known,
        None if !may_ask => {
            return Err(remote::RemoteError::Refused(
                "signature: too many that are no good in the name of this server".to_owned(),
            ));
        }
        None => remote::actor(app, &Id::parse(claim.actor(), rules(app))?).await?,
    };
    if known.deleted_at.is_some() {
        return Err(remote::RemoteError::Gone(claim.actor().to_owned()));
    }
    let failed = match check(claim, &known) {
        Ok(()) => return Ok(known),
        Err(error) => error,
    };
    if !may_ask {
        return Err(failed.into());
    }
    match remote::actor_anew(app, &known).await? {
        Some(renewed) => check(claim, &renewed).map(|()| renewed).map_err(Into::into),
        None => Err(failed.into()),
    }
}

fn check(claim: &Claim, actor: &ActorRow) -> fediverse::Result<()> {
    let pem = actor.public_key.as_deref().unwrap_or_default();
    claim.verify(&PublicKey::from_pem(pem)?)
}

fn is_farewell(document: &Value) -> bool {
    let actor = json::reference(document, "actor");
    json::is_kind(document, "Delete")
        && actor.is_some()
        && actor == json::reference(document, "object")
}

/// Puts one activity into the queue. Those that others forward must carry a signature of their own.
async fn keep(app: &App, signer: &ActorRow, document: &Value) -> Result<()> {
    let activity = match Activity::read(document, rules(app)) {
        Ok(activity) => activity,
        Err(error) => {
            tracing::debug!(%error, host = signer.host, "an activity was not understood");
            return Ok(());
        }
    };
    if matches!(&activity.kind, Kind::Other(kind) if kind != react::REACTION) {
        return Ok(());
    }
    let (author, body) = if Some(activity.actor.as_str()) == signer.url.as_deref() {
        (signer.clone(), document.clone())
    } else {
        forwarded(app, &activity, document).await?
    };
    if store::is_muted(&app.db, &author.host, Some(author.id)).await? {
        return Ok(());
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::note_received(&mut tx, &signer.host, now).await?;
    let url = activity.id.as_ref().map(Id::as_str);
    let kind = activity.kind.as_str();
    if let Some(id) =
        store::add_received(&mut tx, url, author.id, kind, &body.to_string(), now).await?
    {
        NewJob::new(receive::JOB, as_json!({ "receivedId": id }))
            .max_attempts(8)
            .enqueue(&mut tx, now)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Checks the signature inside a forwarded document, and gives what that signature covers.
async fn forwarded(app: &App, activity: &Activity, document: &Value) -> Result<(ActorRow, Value)> {
    if !ld_signature::is_signed(document) {
        return Err(Error::forbidden(
            "signature: the activity is by somebody else and not signed by them",
        ));
    }
    let claim = ld_signature::claim(document, rules(app)).map_err(refused)?;
    if claim.creator != activity.actor.without_fragment() {
        return Err(Error::forbidden(
            "signature: the activity is signed by another than its actor",
        ));
    }
    if local::actor_at(app, activity.actor.as_str())
        .await?
        .is_some()
    {
        return Err(Error::forbidden("signature: by an actor of this server"));
    }
    let author = remote::actor(app, &activity.actor)
        .await
        .map_err(|error| Error::forbidden(error.to_string()))?;
    let failed = match verified(claim, &author) {
        Ok(verified) => return Ok((author, verified)),
        Err(error) => error,
    };
    // It may have a new key.
    let host = author.host.clone();
    if !door::may_ask(app, &host) {
        return Err(refused(failed));
    }
    door::note_unproven(app, &host);
    let renewed = remote::actor_anew(app, &author)
        .await
        .map_err(|error| Error::forbidden(error.to_string()))?;
    let Some(renewed) = renewed else {
        return Err(refused(failed));
    };
    let claim = ld_signature::claim(document, rules(app)).map_err(refused)?;
    let body = verified(claim, &renewed).map_err(refused)?;
    Ok((renewed, body))
}

fn verified(claim: ld_signature::Claim, author: &ActorRow) -> fediverse::Result<Value> {
    let pem = author.public_key.as_deref().unwrap_or_default();
    claim.verify(&PublicKey::from_pem(pem)?)
}
