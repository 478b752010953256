//! What the program itself does: database, jobs, federation, backups.

use super::machine::size;
use super::{Finding, Mood, Remedy};
use crate::admin::store;
use crate::app::App;
use crate::backup;
use base::clock::{DAY, MINUTE, Millis};
use base::job::{JobFilter, JobState};

/// An answer slower than this means that the disk or the network is too slow.
const SLOW_MS: u128 = 250;
/// A job that could run and was not taken up for so long has no worker.
const STUCK: Millis = 20 * MINUTE;

pub(super) async fn database(app: &App) -> anyhow::Result<Finding> {
    let started = tokio::time::Instant::now();
    crate::instance::keep_fact(&app.db, &app.clock, "health", app.clock.now().into()).await?;
    crate::instance::fact(&app.db, "health").await?;
    let ms = started.elapsed().as_millis();
    Ok(if ms > SLOW_MS {
        Finding::new("database", Mood::Warn, "slow")
    } else {
        Finding::new("database", Mood::Good, "good")
    }
    .with("ms", ms))
}

pub(super) async fn queue(app: &App) -> anyhow::Result<Finding> {
    let now = app.clock.now();
    if base::job::is_paused(&app.db).await? {
        let finding = Finding::new("queue", Mood::Warn, "paused");
        return Ok(finding.remedy(Remedy::ResumeJobs));
    }
    let oldest = base::job::oldest_due(&app.db, now).await?.unwrap_or(now);
    if now - oldest > STUCK {
        let minutes = (now - oldest) / MINUTE;
        return Ok(Finding::new("queue", Mood::Bad, "stuck").with("minutes", minutes));
    }
    let failed = JobFilter {
        states: vec![JobState::Failed],
        count: 1,
        ..JobFilter::default()
    };
    let (count, newest) = base::job::list(&app.db, &failed).await?;
    if let Some(job) = newest.into_iter().next() {
        let why = job.error.unwrap_or_default();
        let finding = Finding::new("queue", Mood::Warn, "failed").remedy(Remedy::RetryJobs);
        return Ok(finding.with("count", count).with("why", why));
    }
    let waiting: i64 = base::job::counts(&app.db)
        .await?
        .iter()
        .filter(|it| it.state == JobState::Ready)
        .map(|it| it.jobs)
        .sum();
    Ok(Finding::new("queue", Mood::Good, "good").with("waiting", waiting))
}

pub(super) async fn federation(app: &App) -> anyhow::Result<Finding> {
    if !app.config.federation.enabled {
        return Ok(Finding::new("federation", Mood::Good, "off"));
    }
    let known = store::peers(&app.db).await?;
    let failing = store::failing_peer(&app.db, app.clock.now() - DAY).await?;
    Ok(match failing {
        // Servers come and go; most of them failing means that it is ours.
        Some(worst) if known.failing * 2 > known.all => {
            Finding::new("federation", Mood::Warn, "failing")
                .with("count", known.failing)
                .with("host", worst.host)
                .with("why", worst.last_error.unwrap_or_default())
        }
        _ => Finding::new("federation", Mood::Good, "good")
            .with("hosts", known.all)
            .with("waiting", known.waiting),
    })
}

pub(super) async fn backup(app: &App) -> anyhow::Result<Finding> {
    let new = |mood, case| Finding::new("backup", mood, case).remedy(Remedy::BackUp);
    let config = &app.config.backup;
    if config.every_hours == 0 {
        return Ok(Finding::new("backup", Mood::Warn, "off"));
    }
    let state = backup::last(app).await?;
    let Some(last) = state.made else {
        return Ok(new(Mood::Warn, "none"));
    };
    if let Some(why) = state.failure {
        return Ok(new(Mood::Bad, "bad").with("why", why));
    }
    let hours = (app.clock.now() - last.at) / base::clock::HOUR;
    let late = hours > i64::from(config.every_hours) * 2;
    let finding = if late {
        new(Mood::Bad, "late")
    } else {
        Finding::new("backup", Mood::Good, "good")
    };
    Ok(finding
        .with("hours", hours)
        .with("size", size(last.size_bytes)))
}
