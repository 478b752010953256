//! The way to the site and from it: name, certificate, mail.

use super::{Finding, Mood, Remedy};
use crate::app::App;
use crate::certificate::{self, State};
use crate::config::TlsMode;
use base::fetch::is_public;
use std::net::IpAddr;

/// A certificate that is not renewed so near its end is trouble.
const LAST_DAYS: i64 = 10;

/// Does the name of the public address lead to somewhere?
pub(super) async fn dns(app: &App) -> anyhow::Result<Finding> {
    let host = app.host();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => &host,
    };
    let url = &app.config.server.public_url;
    if name == "localhost" || name.ends_with(".localhost") {
        return Ok(Finding::new("dns", Mood::Warn, "local").with("url", url));
    }
    let found = match tokio::net::lookup_host((name, 443)).await {
        Ok(found) => found.map(|address| address.ip()).collect::<Vec<IpAddr>>(),
        Err(_) => Vec::new(),
    };
    let Some(first) = found.first() else {
        return Ok(Finding::new("dns", Mood::Bad, "nowhere").with("name", name));
    };
    let private =
        !app.config.server.allow_private_addresses && found.iter().all(|ip| !is_public(*ip));
    Ok(if private {
        Finding::new("dns", Mood::Warn, "private")
    } else {
        Finding::new("dns", Mood::Good, "good")
    }
    .with("name", name)
    .with("address", first))
}

pub(super) async fn certificate(app: &App) -> anyhow::Result<Finding> {
    let new = |mood, case| Finding::new("certificate", mood, case);
    Ok(match certificate::state(app).await? {
        State::Off if app.config.server.public_url.starts_with("https://") => {
            new(Mood::Good, "proxy")
        }
        State::Off => new(Mood::Warn, "plain"),
        State::Well { days } => new(Mood::Good, "good").with("days", days),
        State::Late { days } => {
            // What is bad is told by mail.
            let mood = if days < LAST_DAYS {
                Mood::Bad
            } else {
                Mood::Warn
            };
            if app.config.tls.mode == TlsMode::Files {
                return Ok(new(mood, "own").with("days", days));
            }
            renewable(app, new(mood, "late").with("days", days))
                .with("why", last_failure(app).await?)
        }
        State::Missing => {
            renewable(app, new(Mood::Bad, "missing")).with("why", last_failure(app).await?)
        }
    })
}

fn renewable(app: &App, finding: Finding) -> Finding {
    if app.config.tls.mode == TlsMode::Acme {
        finding.remedy(Remedy::RenewCertificate)
    } else {
        finding
    }
}

/// Why the last try to get a certificate failed.
async fn last_failure(app: &App) -> anyhow::Result<String> {
    let filter = base::job::JobFilter {
        states: vec![base::job::JobState::Failed, base::job::JobState::Ready],
        kinds: vec![certificate::JOB.to_owned()],
        count: 1,
        ..Default::default()
    };
    let (_, found) = base::job::list(&app.db, &filter).await?;
    let cause = found.into_iter().next().and_then(|job| job.error);
    Ok(cause.unwrap_or_else(|| "-".to_owned()))
}

pub(super) async fn mail(app: &App) -> anyhow::Result<Finding> {
    if !app.mail.is_on() {
        return Ok(Finding::new("mail", Mood::Warn, "off"));
    }
    app.mail.check().await?;
    Ok(Finding::new("mail", Mood::Good, "good").with("host", &app.config.mail.host))
}
