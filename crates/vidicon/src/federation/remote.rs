//! Actors and documents of other servers: fetched, checked, kept.

use super::store::{self, ActorRow};
use super::{door, keys, local, peer_info, player_look, rules};
use crate::app::App;
use crate::error::Error;
use base::clock::{DAY, MINUTE, Millis};
use base::fetch::{FetchErrorKind, FetchRequest};
use base::job::JobError;
use fediverse::actor::{Actor, Kind};
use fediverse::address::Id;
use fediverse::signature::{self, Outgoing};
use fediverse::webfinger::{self, Handle};
use fediverse::{json, sanitize};
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;
use std::time::Duration;

const ACCEPT: &str = "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
const PATIENCE: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 3;
/// After this long an actor is looked at anew when it is used.
const FRESH: Millis = 2 * DAY;
/// A key that does not fit makes us look again, but not more often than this.
const RELOOK: Millis = 5 * MINUTE;

/// Why something of another server could not be had.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The server says that it is gone.
    #[error("{0} is gone")]
    Gone(String),
    /// The server did not answer; another try may help.
    #[error("{0}")]
    Unreachable(String),
    /// What it answered is not accepted.
    #[error("{0}")]
    Refused(String),
}

impl From<fediverse::Error> for RemoteError {
    fn from(error: fediverse::Error) -> Self {
        RemoteError::Refused(error.to_string())
    }
}

impl From<base::db::Error> for RemoteError {
    fn from(error: base::db::Error) -> Self {
        RemoteError::Unreachable(error.to_string())
    }
}

impl From<Error> for RemoteError {
    fn from(error: Error) -> Self {
        if error.status().is_client_error() {
            RemoteError::Refused(error.to_string())
        } else {
            RemoteError::Unreachable(error.to_string())
        }
    }
}

impl From<RemoteError> for JobError {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Unreachable(cause) => JobError::Retry(cause),
            other => JobError::Fail(other.to_string()),
        }
    }
}

impl From<RemoteError> for Error {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Gone(_) => Error::not_found(error.to_string()),
            other => Error::new(http::StatusCode::BAD_GATEWAY, other.to_string()),
        }
    }
}

pub type Result<T> = std::result::Result<T, RemoteError>;

/// The document at an address. What comes back must name that address, or an address on which the
/// same document is found again: nobody can speak for another host.
pub async fn document(app: &App, id: &Id) -> Result<Value> {
    let (from, document) = fetch(app, id).await?;
    let named = Id::of(&document, rules(app))?;
    if named.without_fragment() == from.without_fragment() {
        return Ok(document);
    }
    let (from, document) = fetch(app, &named).await?;
    let again = Id::of(&document, rules(app))?;
    if again != named || from.without_fragment() != named.without_fragment() {
        return Err(RemoteError::Refused(format!(
            "{id} leads to {again}, which is found elsewhere"
        )));
    }
    Ok(document)
}

/// A page of a collection, whatever it calls itself; it comes from the host that was asked.
pub async fn page(app: &App, id: &Id) -> Result<Value> {
    let (from, document) = fetch(app, id).await?;
    if from.same_host(id) {
        return Ok(document);
    }
    Err(RemoteError::Refused(format!(
        "{id} leads to another server"
    )))
}

/// One signed request, with its redirects signed again.
async fn fetch(app: &App, id: &Id) -> Result<(Id, Value)> {
    let server = local::server_actor(app).await?;
    let signer = keys::signer(app, &server).await?;
    let mut address = id.without_fragment();
    for _ in 0..=MAX_REDIRECTS {
        if local::is_here(app, &address) {
            return Err(RemoteError::Refused(format!(
                "{address} is an address of this server"
            )));
        }
        if !door::is_welcome(app, &address.host()) {
            return Err(RemoteError::Refused(format!(
                "{} is not on the list of servers that this one talks with",
                address.host()
            )));
        }
        let outgoing = Outgoing {
            method: "GET",
            url: address.url(),
            body: None,
            key_id: &signer.key_id,
            key: &signer.key,
            now_ms: app.clock.now(),
        };
        let mut request = FetchRequest::get(address.as_str())
            .header(header::ACCEPT, HeaderValue::from_static(ACCEPT))
            .limit(u64::try_from(json::MAX_BODY_BYTES).unwrap_or(u64::MAX))
            .timeout(PATIENCE);
        request = with_headers(request, signature::sign(&outgoing)?);
        let answer = app.fetch.send(request).await.map_err(unreachable)?;
        match answer.status.as_u16() {
            301 | 302 | 303 | 307 | 308 => {
                let target = answer
                    .headers
                    .get(header::LOCATION)
                    .and_then(|value| value.to_str().ok());
                let target = target.and_then(|target| address.url().join(target).ok());
                let target = target.ok_or_else(|| {
                    RemoteError::Refused(format!("{address} redirects to nowhere"))
                })?;
                address = Id::parse(target.as_str(), rules(app))?.without_fragment();
            }
            200 => {
                check_type(&answer.headers)?;
                return Ok((address, json::parse(&answer.body)?));
            }
            404 | 410 => return Err(RemoteError::Gone(address.to_string())),
            status @ (408 | 429 | 500..) => {
                return Err(RemoteError::Unreachable(format!(
                    "{address} answered {status}"
                )));
            }
            status => return Err(RemoteError::Refused(format!("{address} answered {status}"))),
        }
    }
    Err(RemoteError::Refused(format!("{id} redirects too often")))
}

/// A file that somebody uploaded there is no document of the server.
fn check_type(headers: &http::HeaderMap) -> Result<()> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if matches!(
        kind.as_str(),
        "application/activity+json" | "application/ld+json"
    ) {
        return Ok(());
    }
    Err(RemoteError::Refused(format!(
        "the answer is of the type {kind:.60}, not ActivityPub"
    )))
}

pub fn with_headers(
    mut request: FetchRequest,
    headers: Vec<(&'static str, String)>,
) -> FetchRequest {
    for (name, value) in headers {
        // The client writes the host itself, in the same words.
        if name == "host" {
            continue;
        }
        if let Ok(value) = HeaderValue::from_str(&value) {
            request = request.header(HeaderName::from_static(name), value);
        }
    }
    request
}

pub fn unreachable(error: base::fetch::FetchError) -> RemoteError {
    match error.kind() {
        FetchErrorKind::RefusedAddress | FetchErrorKind::BadAddress | FetchErrorKind::TooLarge => {
            RemoteError::Refused(error.to_string())
        }
        _ => RemoteError::Unreachable(error.to_string()),
    }
}

/// An actor by its id, known or fetched. Old ones are looked at anew; if that fails, the old facts do.
pub async fn actor(app: &App, id: &Id) -> Result<ActorRow> {
    if let Some(own) = local::actor_at(app, id.as_str()).await? {
        return Ok(own);
    }
    match store::actor_by_url(&app.db, id.as_str()).await? {
        Some(known) if known.deleted_at.is_some() => Err(RemoteError::Gone(id.to_string())),
        Some(known) if is_fresh(app, &known, FRESH) => Ok(known),
        Some(known) => match refresh(app, id).await {
            Err(RemoteError::Unreachable(_)) => Ok(known),
            other => other,
        },
        None => refresh(app, id).await,
    }
}

/// As [`actor`], for one whose key did not fit: it may have a new one.
pub async fn actor_anew(app: &App, known: &ActorRow) -> Result<Option<ActorRow>> {
    let Some(url) = known
        .url
        .as_deref()
        .filter(|_| !is_fresh(app, known, RELOOK))
    else {
        return Ok(None);
    };
    refresh(app, &Id::parse(url, rules(app))?).await.map(Some)
}

fn is_fresh(app: &App, actor: &ActorRow, age: Millis) -> bool {
    actor
        .fetched_at
        .is_some_and(|fetched| fetched > app.clock.now() - age)
}

/// Fetches an actor, and the account that a channel belongs to.
pub async fn refresh(app: &App, id: &Id) -> Result<ActorRow> {
    let document = match document(app, id).await {
        Err(RemoteError::Gone(which)) => {
            forget(app, id).await?;
            return Err(RemoteError::Gone(which));
        }
        other => Actor::read(&other?, rules(app))?,
    };
    save(app, &document).await
}

/// Keeps an actor that its own server has just described.
pub async fn save(app: &App, document: &Actor) -> Result<ActorRow> {
    let owner = match (document.kind, document.owners.first()) {
        (Kind::Group, Some(owner)) => owner_account(app, document, owner).await?,
        _ => None,
    };
    let kind = match document.kind {
        Kind::Person => "account",
        Kind::Group if owner.is_some() => "channel",
        _ => "server",
    };
    let host = document.id.host();
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let known = store::actor_by_url(&mut tx, document.id.as_str()).await?;
    if let Some(known) = &known
        && (known.name != document.username || known.kind != kind)
    {
        return Err(RemoteError::Refused(format!(
            "{} has changed its name or kind",
            document.id
        )));
    }
    let actor_id = match known {
        Some(known) => known.id,
        None => {
            let remote = store::RemoteActor {
                kind,
                host: &host,
                document,
            };
            store::add_remote(&mut tx, &remote, now)
                .await
                .map_err(|error| match error {
                    error if error.is_unique() => RemoteError::Refused(format!(
                        "{}@{host} is known already under another address",
                        document.username
                    )),
                    error => error.into(),
                })?
        }
    };
    store::update_remote(&mut tx, actor_id, document, now).await?;
    let display_name = &display_name(document);
    let summary = document.summary.as_deref().map(sanitize::plain_text);
    if kind == "account" {
        store::save_account(&mut tx, actor_id, display_name, summary.as_deref(), now).await?;
    }
    if let Some(account_id) = owner {
        let channel = store::RemoteChannel {
            actor_id,
            account_id,
            display_name,
            description: summary.as_deref(),
            support: document.support.as_deref(),
            public_email: document.email.as_deref(),
        };
        store::save_channel(&mut tx, &channel, now).await?;
        if let Some(url) = &document.player_settings {
            player_look::ask(&mut tx, actor_id, url, now).await?;
        }
    }
    store::set_remote_images(&mut tx, actor_id, "avatar", &document.avatars, now).await?;
    store::set_remote_images(&mut tx, actor_id, "banner", &document.banners, now).await?;
    store::note_peer(&mut tx, &host, now).await?;
    peer_info::ask(&mut tx, &host, now).await?;
    let saved = store::actor(&mut tx, actor_id).await?;
    tx.commit().await?;
    saved.ok_or_else(|| RemoteError::Gone(document.id.to_string()))
}

/// What an actor calls itself, or its name where nothing readable is left of that.
fn display_name(document: &Actor) -> String {
    let given = document.display_name.as_deref();
    let cleaned = sanitize::name(given.unwrap_or(&document.username));
    if cleaned.is_empty() {
        document.username.clone()
    } else {
        cleaned
    }
}

/// The account of a channel. Lemmy names a list of moderators in its place: then there is none.
async fn owner_account(
    app: &App,
    channel: &Actor,
    owner: &Id,
) -> Result<Option<crate::account::AccountId>> {
    let known = store::actor_by_url(&app.db, owner.as_str()).await?;
    let found = match known {
        Some(known) => known,
        None => {
            let document = document(app, owner).await?;
            match Actor::read(&document, rules(app)) {
                Ok(person) if person.kind == Kind::Person && person.id.same_host(&channel.id) => {
                    Box::pin(save(app, &person)).await?
                }
                _ => return Ok(None),
            }
        }
    };
    Ok(store::account_of(&app.db, found.id).await?)
}

/// The server says that the actor is no more.
pub async fn forget(app: &App, id: &Id) -> Result<()> {
    if let Some(known) = store::actor_by_url(&app.db, id.as_str()).await? {
        let mut tx = app.db.begin().await?;
        store::mark_deleted(&mut tx, known.id, app.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// An actor by its handle, here or elsewhere.
pub async fn actor_by_handle(app: &App, handle: &Handle) -> Result<ActorRow> {
    let here = webfinger::read_host(&app.host())?;
    if handle.host == here {
        let own = store::actor_by_name(&app.db, &handle.name, "").await?;
        return own.ok_or_else(|| RemoteError::Gone(handle.to_string()));
    }
    let known = store::actor_by_name(&app.db, &handle.name, &handle.host).await?;
    if let Some(known) = known.filter(|known| is_fresh(app, known, FRESH)) {
        return Ok(known);
    }
    let found = look_up(app, handle).await?;
    actor(app, &found).await
}

/// The id of the actor of a handle, as its server says it.
pub async fn look_up(app: &App, handle: &Handle) -> Result<Id> {
    Ok(found(app, handle).await?.actor)
}

/// What another server says of a handle of its own.
pub async fn found(app: &App, handle: &Handle) -> Result<webfinger::Found> {
    if !door::is_welcome(app, &handle.host) {
        return Err(RemoteError::Refused(format!(
            "{} is not on the list",
            handle.host
        )));
    }
    let request = FetchRequest::get(handle.query_url(rules(app)))
        .header(
            header::ACCEPT,
            HeaderValue::from_static("application/jrd+json, application/json"),
        )
        .timeout(PATIENCE)
        .redirects(2);
    let answer = app.fetch.send(request).await.map_err(unreachable)?;
    match answer.status.as_u16() {
        200 => {}
        404 | 410 => return Err(RemoteError::Gone(handle.to_string())),
        status => {
            return Err(RemoteError::Unreachable(format!(
                "{} answered {status}",
                handle.host
            )));
        }
    }
    Ok(webfinger::read(&json::parse(&answer.body)?, rules(app))?)
}

/// The actor at an address that may be that of its page.
pub async fn actor_at(app: &App, id: &Id) -> Result<ActorRow> {
    let document = Actor::read(&document(app, id).await?, rules(app))?;
    save(app, &document).await
}
