//! The public log: what moderators did, when and for which kinds of reasons, and never to whom.

use super::abuse::REASONS;
use super::store;
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use base::clock::Millis;
use base::db::Executor;
use base::job::{Job, JobError};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    pub id: i64,
    /// `video-blocked`, `report-accepted`…
    pub act: String,
    /// `video`, `comment`, `account` or `server`.
    pub subject: String,
    /// Numbers of the reasons that were ticked: ` 1 3 `.
    pub reasons: String,
    pub at: Millis,
}

/// Notes one act.
pub async fn note(
    on: impl Executor,
    act: &str,
    subject: &str,
    reasons: &str,
    now: Millis,
) -> Result<()> {
    store::add_log(on, act, subject, reasons, now).await?;
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfVideo {
    by_rule: bool,
    #[serde(default)]
    is_again: bool,
}

/// The job after a video was blocked or shown again. What a rule blocked nobody did.
pub async fn video(app: &App, job: &Job) -> Result<(), JobError> {
    let what: OfVideo = job.payload()?;
    let act = if job.kind == crate::video::BLOCKED_JOB {
        "blocked"
    } else {
        "unblocked"
    };
    if !what.by_rule && !what.is_again {
        store::add_log_of_job(&app.db, act, "video", job.id, job.created_at).await?;
    }
    Ok(())
}

impl Entry {
    /// The words for the ticked reasons.
    pub fn reasons(&self) -> Vec<&'static str> {
        let numbers = self.reasons.split_ascii_whitespace();
        let names =
            numbers.filter_map(|number| REASONS.get(number.parse::<usize>().ok()?.checked_sub(1)?));
        names.copied().collect()
    }
}

/// 403 where this stays among the moderators.
pub fn check_public(app: &App) -> Result<()> {
    if app.instance.settings().moderation.public_log.enabled {
        return Ok(());
    }
    Err(Error::forbidden(
        "This site does not publish what its moderators do.",
    ))
}

pub async fn list(app: &App, paging: Paging) -> Result<(i64, Vec<Entry>)> {
    let total = store::count_log(&app.db).await?;
    let data = store::log(&app.db, paging.start, paging.count).await?;
    Ok((total, data))
}
