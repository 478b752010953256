//! News that reach a browser while no page is open: Web Push (RFC 8030), encrypted for the browser
//! (RFC 8291) and signed with this site's key (RFC 8292).

pub mod api;
mod cipher;
mod key;

use super::store::{self as people, push as store};
use super::{About, Kind, NotificationId, Recipient, letter};
use crate::account::session::{Origin, SessionId};
use crate::account::{self, User, UserId};
use crate::app::App;
use crate::error::{Error, Result};
use crate::text;
use base::clock::{DAY, Millis};
use base::fetch::FetchRequest;
use base::job::{JobError, NewJob, Running};
use base::{Id, Tx};
use http::header::{AUTHORIZATION, CONTENT_ENCODING};
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use cipher::Browser;
pub use key::public_key;

pub type SubscriptionId = Id<Subscription>;

pub const JOB: &str = "push";
/// Browsers of one user; with one more the one that came first goes.
pub const MOST: i64 = 20;
/// Tries, later and later, before a message is given up.
const TRIES: i64 = 5;
/// So long a push service keeps a message for a browser that is off, and so long we try.
const KEPT: Millis = DAY;
/// Characters of the sentence: with all else it has room in the one record of 4096 bytes.
const LONGEST: usize = 500;
/// The setting of a user that stops all of it, without forgetting the browsers.
const SETTING: &str = "webPush";

/// A browser that wants to be told.
#[derive(Clone, Debug, Deserialize)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub user_id: UserId,
    pub endpoint: String,
    pub public_key: String,
    pub auth: String,
    pub device: Option<String>,
    pub last_sent_at: Option<Millis>,
    pub created_at: Millis,
}

/// Does this user want to be told so at all?
pub fn is_wanted(settings: &serde_json::Map<String, Value>) -> bool {
    settings.get(SETTING).and_then(Value::as_bool) != Some(false)
}

pub async fn list(app: &App, user: UserId) -> Result<Vec<Subscription>> {
    Ok(store::of_user(&app.db, user).await?)
}

/// Remembers a browser until its session ends; the same again is renewed, and is this user's from now on.
pub async fn subscribe(
    app: &App,
    (user, session): (UserId, Option<SessionId>),
    endpoint: &str,
    browser: &Browser,
    origin: &Origin,
) -> Result<Subscription> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (key, auth) = browser.texts();
    let id = store::add(
        &mut tx,
        (user, session),
        (endpoint, &key, &auth),
        origin,
        now,
    )
    .await?;
    store::keep_newest(&mut tx, user, MOST).await?;
    let kept = store::find(&mut tx, id).await?;
    tx.commit().await?;
    kept.ok_or_else(|| Error::internal("a new push subscription is not there"))
}

pub async fn unsubscribe(app: &App, user: UserId, id: SubscriptionId) -> Result<()> {
    match store::remove(&app.db, id, Some(user)).await? {
        0 => Err(Error::not_found("Push subscription not found")),
        _ => Ok(()),
    }
}

/// Turns all of it on or off for a user.
pub async fn want(app: &App, user: &User, wanted: bool) -> Result<()> {
    let mut tx = app.db.begin().await?;
    account::change(&mut tx, user.id, app.clock.now(), |user| {
        user.settings.insert(SETTING.into(), wanted.into());
    })
    .await?;
    Ok(tx.commit().await?)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    subscription_id: SubscriptionId,
    notification_id: NotificationId,
    kind: Kind,
    about: About,
    at: Millis,
}

/// Puts a message into the queue for each browser of somebody who was told of something.
pub async fn enqueue(
    tx: &mut Tx,
    to: &Recipient,
    told: (NotificationId, Kind, &About),
    now: Millis,
) -> Result<()> {
    if !to.has_push || !is_wanted(&to.settings) {
        return Ok(());
    }
    for subscription in store::of_user(&mut *tx, to.user_id).await? {
        let message = Message {
            subscription_id: subscription.id,
            notification_id: told.0,
            kind: told.1,
            about: told.2.clone(),
            at: now,
        };
        let payload = serde_json::to_value(message).map_err(Error::internal)?;
        NewJob::new(JOB, payload)
            .max_attempts(TRIES)
            .enqueue(&mut *tx, now)
            .await?;
    }
    Ok(())
}

/// The job: one message to one browser. What is gone by then, or old news, is not told.
pub async fn send(app: &App, running: &Running) -> Result<(), JobError> {
    let message: Message = running.job.payload()?;
    let left = message.at + KEPT - app.clock.now();
    let Some(to) = store::find(&app.db, message.subscription_id).await? else {
        return Ok(());
    };
    let Some(person) = people::recipient(&app.db, to.user_id).await? else {
        return Ok(());
    };
    if left <= 0 || !is_wanted(&person.settings) {
        return Ok(());
    }
    let Some(body) = content(app, &person, &message).await? else {
        return Ok(());
    };
    let request = request(app, &to, &body, &message, left).await?;
    let answer = app.fetch.send(request).await;
    let answer = answer.map_err(|error| JobError::Retry(error.to_string()))?;
    match answer.status.as_u16() {
        200..=299 => {
            store::sent(&app.db, to.id, app.clock.now()).await?;
            Ok(())
        }
        // The browser has taken its leave.
        404 | 410 => {
            store::remove(&app.db, to.id, None).await?;
            Ok(())
        }
        status @ (408 | 429 | 500..=599) => Err(JobError::Retry(format!(
            "the push service answered {status}"
        ))),
        status => Err(JobError::Fail(format!(
            "the push service answered {status}"
        ))),
    }
}

/// What the browser shows, in its owner's language.
async fn content(app: &App, to: &Recipient, message: &Message) -> Result<Option<String>> {
    let about = [(message.kind, &message.about)];
    let line = letter::lines(app, to.texts(), &about)
        .await?
        .pop()
        .flatten();
    Ok(line.map(|line| {
        json!({
            "title": app.instance.name(),
            "body": text::truncated(&line.text, LONGEST),
            "path": line.path,
            "tag": tag(message),
        })
        .to_string()
    }))
}

/// A message that is sent again takes the place of the first.
fn tag(message: &Message) -> String {
    format!("n{}", message.notification_id)
}

async fn request(
    app: &App,
    to: &Subscription,
    body: &str,
    message: &Message,
    left: Millis,
) -> Result<FetchRequest, JobError> {
    let wrong = |error: anyhow::Error| JobError::Fail(error.to_string());
    let browser = Browser::read(&to.public_key, &to.auth).map_err(wrong)?;
    let sealed = browser.seal(body.as_bytes()).map_err(wrong)?;
    let signed = key::authorization(app, &to.endpoint).await?;
    let mut request = FetchRequest::post(&to.endpoint, "application/octet-stream", sealed)
        .header(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"))
        .limit(64 * 1024);
    let ttl = (left / 1_000).to_string();
    let topic = tag(message);
    for (name, value) in [
        (AUTHORIZATION, signed.as_str()),
        (HeaderName::from_static("ttl"), ttl.as_str()),
        (HeaderName::from_static("urgency"), urgency(message.kind)),
        (HeaderName::from_static("topic"), topic.as_str()),
    ] {
        let value = HeaderValue::from_str(value).map_err(|e| wrong(e.into()))?;
        request = request.header(name, value);
    }
    Ok(request)
}

/// What happens just now may wake a telephone; the rest waits until it is awake (RFC 8030, 5.3).
fn urgency(kind: Kind) -> &'static str {
    match kind {
        Kind::NewLive | Kind::Abuse | Kind::Mention => "high",
        Kind::NewVersion | Kind::AutoFollowed | Kind::BlocklistUpdated => "low",
        _ => "normal",
    }
}
