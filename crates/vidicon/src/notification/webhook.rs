//! Other programs that are told: an address is called, signed as <https://www.standardwebhooks.com>
//! says, so that ready-made libraries can check it.

pub mod api;
mod form;

use super::store::webhook as store;
use super::{About, Kind, view};
use crate::app::App;
use crate::error::{Error, Result};
use crate::notice::Notice;
use base::clock::Millis;
use base::fetch::FetchRequest;
use base::job::{JobError, NewJob, Running};
use base::{Id, Tx};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
pub use form::Form;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::Sha256;

pub type WebhookId = Id<Webhook>;

pub const JOB: &str = "webhook";
/// Tries, later and later, before an event is given up.
const TRIES: i64 = 8;

/// What can be told, by name.
pub const EVENTS: [&str; 15] = [
    "video.uploaded",
    "video.published",
    "video.blocked",
    "video.unblocked",
    "live.started",
    "comment.created",
    "comment.approved",
    "follow.created",
    "user.registered",
    "registration.created",
    "report.created",
    "report.decided",
    "import.finished",
    "import.failed",
    "test",
];

#[derive(Clone, Debug, Deserialize)]
pub struct Webhook {
    pub id: WebhookId,
    pub url: String,
    /// `whsec_` and the key in base64.
    pub secret: String,
    /// Names of events; none stands for all.
    pub events: Vec<String>,
    pub enabled: bool,
    pub form: Form,
    /// How the last call went: a status, or 0 with the cause.
    pub last_status: Option<i64>,
    pub last_error: Option<String>,
    pub last_called_at: Option<Millis>,
    pub created_at: Millis,
    pub updated_at: Millis,
}

impl Webhook {
    fn wants(&self, event: &str) -> bool {
        self.enabled && (self.events.is_empty() || self.events.iter().any(|it| it == event))
    }
}

/// The event that a notice is, and what it is about. Live or not is seen when it is told.
fn event(notice: &Notice) -> Option<(&'static str, Kind, About)> {
    Some(match notice {
        Notice::Uploaded { video_id } => {
            ("video.uploaded", Kind::Published, About::video(*video_id))
        }
        Notice::NewVideo { video_id, .. } => {
            ("video.published", Kind::NewVideo, About::video(*video_id))
        }
        Notice::Blocked { video_id, .. } => {
            ("video.blocked", Kind::Blocked, About::video(*video_id))
        }
        Notice::Unblocked { video_id } => {
            ("video.unblocked", Kind::Unblocked, About::video(*video_id))
        }
        Notice::Comment {
            comment_id,
            approved,
            ..
        } => {
            let name = if *approved {
                "comment.approved"
            } else {
                "comment.created"
            };
            (name, Kind::Comment, About::comment(*comment_id))
        }
        Notice::Followed { follow_id } => {
            ("follow.created", Kind::Followed, About::follow(*follow_id))
        }
        Notice::Registered { account_id } => (
            "user.registered",
            Kind::Registered,
            About::account(*account_id),
        ),
        Notice::RegistrationAsked { registration_id } => {
            let about = About::default().with("registrationId", *registration_id);
            ("registration.created", Kind::RegistrationAsked, about)
        }
        Notice::Abuse { abuse_id } => (
            "report.created",
            Kind::Abuse,
            About::default().with("abuseId", *abuse_id),
        ),
        Notice::AbuseJudged { abuse_id } => (
            "report.decided",
            Kind::AbuseJudged,
            About::default().with("abuseId", *abuse_id),
        ),
        Notice::ImportFinished {
            import_id,
            video_id,
            target_url,
            failed,
            ..
        } => {
            let about = About {
                video_id: *video_id,
                ..About::default()
            }
            .with("importId", *import_id)
            .with("targetUrl", target_url.clone());
            let name = if *failed {
                "import.failed"
            } else {
                "import.finished"
            };
            (name, Kind::Imported, about)
        }
        _ => return None,
    })
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    webhook_id: WebhookId,
    event: String,
    kind: Option<Kind>,
    about: About,
    at: Millis,
}

/// Puts a call into the queue for each webhook that wants to hear of this.
pub async fn enqueue(tx: &mut Tx, notice: &Notice, now: Millis) -> Result<()> {
    let Some((name, kind, about)) = event(notice) else {
        return Ok(());
    };
    for webhook in store::all(&mut *tx).await? {
        let wants_live = name == "video.published" && webhook.wants("live.started");
        if !webhook.wants(name) && !wants_live {
            continue;
        }
        let call = Call {
            webhook_id: webhook.id,
            event: name.to_owned(),
            kind: Some(kind),
            about: about.clone(),
            at: now,
        };
        enqueue_call(&mut *tx, &call, now).await?;
    }
    Ok(())
}

async fn enqueue_call(tx: &mut Tx, call: &Call, now: Millis) -> Result<()> {
    let payload = serde_json::to_value(call).map_err(Error::internal)?;
    NewJob::new(JOB, payload)
        .max_attempts(TRIES)
        .enqueue(tx, now)
        .await?;
    Ok(())
}

/// Calls a webhook with an event that says nothing, to see whether it answers.
pub async fn try_out(app: &App, webhook: &Webhook) -> Result<()> {
    let now = app.clock.now();
    let call = Call {
        webhook_id: webhook.id,
        event: "test".to_owned(),
        kind: None,
        about: About::default(),
        at: now,
    };
    let mut tx = app.db.begin().await?;
    enqueue_call(&mut tx, &call, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// The job: calls one webhook with one event.
pub async fn call(app: &App, running: &Running) -> Result<(), JobError> {
    let call: Call = running.job.payload()?;
    let Some(webhook) = store::find(&app.db, call.webhook_id)
        .await?
        .filter(|it| it.enabled)
    else {
        return Ok(());
    };
    let Some((event, data)) = content(app, &call).await? else {
        return Ok(());
    };
    if event != "test" && !webhook.wants(event) {
        return Ok(());
    }
    let told = form::Event {
        name: event,
        kind: call.kind,
        about: &call.about,
        data,
        at: call.at,
    };
    let body = form::body(app, webhook.form, told);
    let id = format!("msg_{}", running.job.id);
    let request = signed(&webhook, &id, app.clock.now() / 1_000, body.to_string())?;
    let answer = app.fetch.send(request).await;
    let (status, cause) = match &answer {
        Ok(answer) if answer.status.is_success() => (answer.status.as_u16(), None),
        Ok(answer) => (
            answer.status.as_u16(),
            Some(format!("it answered {}", answer.status)),
        ),
        Err(error) => (0, Some(error.to_string())),
    };
    store::note(
        &app.db,
        webhook.id,
        status.into(),
        cause.as_deref(),
        app.clock.now(),
    )
    .await?;
    match cause {
        None => Ok(()),
        // Gone for good, says the server: nobody is to be called again.
        Some(cause) if status == 410 => {
            store::disable(&app.db, webhook.id).await?;
            Err(JobError::Fail(cause))
        }
        Some(cause) => Err(JobError::Retry(cause)),
    }
}

/// The event's name and data; nothing when what it is about is gone.
async fn content(
    app: &App,
    call: &Call,
) -> Result<Option<(&'static str, Map<String, Value>)>, JobError> {
    let name = EVENTS.into_iter().find(|name| *name == call.event);
    let name = name.ok_or_else(|| JobError::Fail(format!("there is no event {}", call.event)))?;
    let Some(kind) = call.kind else {
        return Ok(Some((name, Map::new())));
    };
    let Some(data) = view::bodies(app, &[(kind, &call.about)])
        .await?
        .pop()
        .flatten()
    else {
        return Ok(None);
    };
    let is_live = name == "video.published"
        && store::is_live(&app.db, call.about.video_id.unwrap_or(0)).await?;
    Ok(Some((if is_live { "live.started" } else { name }, data)))
}

fn signed(webhook: &Webhook, id: &str, at_s: i64, body: String) -> Result<FetchRequest, JobError> {
    let wrong = |why: String| JobError::Fail(why);
    let key = STANDARD
        .decode(webhook.secret.trim_start_matches("whsec_"))
        .map_err(|error| wrong(format!("the secret cannot be read: {error}")))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|e| wrong(e.to_string()))?;
    mac.update(format!("{id}.{at_s}.{body}").as_bytes());
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let mut request = FetchRequest::post(&webhook.url, "application/json", body);
    let at = at_s.to_string();
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", at.as_str()),
        ("webhook-signature", signature.as_str()),
    ] {
        let value = HeaderValue::from_str(value).map_err(|e| wrong(e.to_string()))?;
        request = request.header(HeaderName::from_static(name), value);
    }
    Ok(request)
}

/// A new secret: 32 random bytes.
pub fn secret() -> String {
    format!("whsec_{}", STANDARD.encode(base::random::bytes::<32>()))
}
