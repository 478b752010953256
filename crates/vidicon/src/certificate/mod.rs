//! HTTPS by itself: certificates that are got from an authority, kept in the database for all
//! machines of the site, and renewed in time. Or given as files.

mod acme;
pub mod page;
mod store;
pub mod tls;

use crate::app::App;
use crate::config::TlsMode;
use crate::instance;
use base::clock::{DAY, HOUR, MINUTE, Millis};
use base::job::{Job, JobError, NewJob};
use serde_json::json;

/// Looks after the certificate: gets it when there is none, renews it when it is time.
pub const JOB: &str = "certificate";
const FAILURES: &str = "certificate_failures";
/// Between the first failure and the next attempt; each further one doubles it, up to an hour.
const PAUSE: Millis = 10 * MINUTE;

/// So long before its end a certificate of one's own is spoken of.
const OWN_NOTICE: Millis = 21 * DAY;

/// A certificate with its key, as PEM texts.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Certificate {
    pub chain_pem: String,
    pub key_pem: String,
    pub not_before: Millis,
    pub not_after: Millis,
    pub updated_at: Millis,
}

impl Certificate {
    /// Two thirds of its life are over.
    pub fn is_due(&self, now: Millis) -> bool {
        now >= self.not_before + (self.not_after - self.not_before) / 3 * 2
    }
}

/// What the health page says of HTTPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Off,
    /// Valid for so many days yet.
    Well {
        days: i64,
    },
    /// Renewal is late, or nobody has put a newer one of one's own in its place.
    Late {
        days: i64,
    },
    Missing,
}

pub async fn state(app: &App) -> base::db::Result<State> {
    if app.config.tls.mode == TlsMode::Off {
        return Ok(State::Off);
    }
    let Some(found) = current(app).await? else {
        return Ok(State::Missing);
    };
    let now = app.clock.now();
    let days = (found.not_after - now) / DAY;
    let life = found.not_after - found.not_before;
    let rest = match app.config.tls.mode {
        // Who renews by hand does it in the last weeks.
        TlsMode::Files => (life / 5).min(OWN_NOTICE),
        _ => life / 5,
    };
    let late = found.not_after - rest;
    Ok(if now >= late {
        State::Late { days }
    } else {
        State::Well { days }
    })
}

/// The names that the certificate is for, the first one being its name in the database.
pub fn names(app: &App) -> Vec<String> {
    if app.config.tls.names.is_empty() {
        let host = app.host();
        vec![host.split(':').next().unwrap_or_default().to_owned()]
    } else {
        app.config.tls.names.clone()
    }
}

/// The certificate in use: from the database, or from the files that the settings name.
pub async fn current(app: &App) -> base::db::Result<Option<Certificate>> {
    if app.config.tls.mode == TlsMode::Files {
        return Ok(tls::from_files(app));
    }
    let name = names(app).into_iter().next().unwrap_or_default();
    store::certificate(&app.db, &name).await
}

/// Has it tried at once: an administrator has mended something. Of several machines one does it:
/// the queue sees to that.
pub async fn look_after(app: &App) -> base::db::Result<()> {
    if app.config.tls.mode == TlsMode::Acme {
        NewJob::new(JOB, json!({ "at_once": true }))
            .once(JOB)
            .enqueue(&app.db, app.clock.now())
            .await?;
    }
    Ok(())
}

/// What the job is asked for.
#[derive(serde::Deserialize)]
struct Asked {
    #[serde(default)]
    at_once: bool,
}

/// Attempts that failed one after the other, and when the last one did.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Failures {
    count: u32,
    at: Millis,
}

impl Failures {
    /// Authorities bear some five failed checks of a name in an hour, and then refuse good ones too.
    fn over_at(&self) -> Millis {
        let doublings = self.count.saturating_sub(1).min(3);
        self.at + (PAUSE << doublings).min(HOUR)
    }
}

pub async fn run(app: &App, job: &Job) -> Result<(), JobError> {
    if app.config.tls.mode != TlsMode::Acme {
        return Ok(());
    }
    let asked: Asked = job.payload()?;
    let now = app.clock.now();
    if current(app)
        .await?
        .is_some_and(|it| !it.is_due(now) && covers(&it, &names(app)))
    {
        return Ok(());
    }
    let kept = instance::fact(&app.db, FAILURES).await?;
    let failures: Failures = kept
        .and_then(|kept| serde_json::from_value(kept).ok())
        .unwrap_or_default();
    if failures.count > 0 && now < failures.over_at() && !asked.at_once {
        return Ok(());
    }
    let outcome = acme::obtain(app).await;
    let count = outcome.as_ref().map_or(failures.count + 1, |()| 0);
    let at = app.clock.now();
    let failures = json!(Failures { count, at });
    instance::keep_fact(&app.db, &app.clock, FAILURES, failures).await?;
    outcome.map_err(|error| JobError::Fail(format!("{error:#}")))
}

/// A name that was added to the settings needs a new certificate.
fn covers(certificate: &Certificate, names: &[String]) -> bool {
    tls::names_in(&certificate.chain_pem)
        .is_some_and(|covered| names.iter().all(|name| covered.contains(name)))
}
