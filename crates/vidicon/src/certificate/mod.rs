//! HTTPS by itself: certificates that are got from an authority, kept in the database for all
//! machines of the site, and renewed in time. Or given as files.

mod acme;
pub mod page;
mod store;
pub mod tls;

use crate::app::App;
use crate::config::TlsMode;
use base::clock::{DAY, Millis};
use base::job::{Job, JobError, NewJob};
use serde_json::json;

/// Looks after the certificate: gets it when there is none, renews it when it is time.
pub const JOB: &str = "certificate";

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
    /// Renewal is late.
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
    let late = found.not_before + (found.not_after - found.not_before) / 5 * 4;
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

/// Adds the job unless it waits already. Of several machines one does it: the queue sees to that.
pub async fn look_after(app: &App) -> base::db::Result<()> {
    if app.config.tls.mode == TlsMode::Acme {
        NewJob::new(JOB, json!({}))
            .once(JOB)
            .max_attempts(8)
            .enqueue(&app.db, app.clock.now())
            .await?;
    }
    Ok(())
}

pub async fn run(app: &App, _job: &Job) -> Result<(), JobError> {
    if app.config.tls.mode != TlsMode::Acme {
        return Ok(());
    }
    let now = app.clock.now();
    if current(app)
        .await?
        .is_some_and(|it| !it.is_due(now) && covers(&it, &names(app)))
    {
        return Ok(());
    }
    acme::obtain(app)
        .await
        .map_err(|error| JobError::Retry(format!("{error:#}")))
}

/// A name that was added to the settings needs a new certificate.
fn covers(certificate: &Certificate, names: &[String]) -> bool {
    tls::names_in(&certificate.chain_pem)
        .is_some_and(|covered| names.iter().all(|name| covered.contains(name)))
}
