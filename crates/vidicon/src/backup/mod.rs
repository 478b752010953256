//! Nothing is lost: the database, the settings and the keys, encrypted, made on a schedule, kept by
//! a rule, tried out every month. Each backup is a small file beside the pieces that all share, and
//! adds those alone that have changed. Videos lie in the storage; those on this machine's disk are
//! kept too where the settings want it.

mod content;
mod drill;
mod index;
mod keep;
mod key;
mod pieces;
pub mod restore;
pub mod seal;
mod store;
pub mod upgrade;

pub use content::{Manifest, make};
pub use drill::drill;

use crate::app::App;
use crate::instance;
use base::clock::{DAY, HOUR, Millis};
use base::job::{JobError, NewJob};
use content::Beside;
use key::Secret;
use pieces::Pieces;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Makes a backup if it is time, or at once where somebody asked.
pub const JOB: &str = "backup";
/// How often the newest backup is tried out.
const DRILL_EVERY: Millis = 30 * DAY;
const ENDING: &str = "vidicon-backup";
/// Where backups lie inside the storage.
const PREFIX: &str = "backups";
/// Their pieces.
const PIECES: &str = "backup-pieces";

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub name: String,
    pub at: Millis,
    pub size_bytes: u64,
}

/// How the last try-out went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    pub at: Millis,
    pub name: String,
    pub took_ms: u64,
    pub users: i64,
    pub videos: i64,
}

/// What is known of the newest backup, its try-out, and what went wrong since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub made: Option<Made>,
    pub drill: Option<Drill>,
    pub failure: Option<String>,
}

pub async fn last(app: &App) -> base::db::Result<State> {
    let kept = instance::fact(&app.db, JOB).await?;
    Ok(kept
        .and_then(|kept| serde_json::from_value(kept).ok())
        .unwrap_or_default())
}

async fn note(app: &App, state: &State) -> base::db::Result<()> {
    instance::keep_fact(&app.db, &app.clock, JOB, json!(state)).await
}

/// Has a backup made soon.
pub async fn ask(app: &App) -> base::db::Result<()> {
    NewJob::new(JOB, json!({ "now": true }))
        .once("backup now")
        .enqueue(&app.db, app.clock.now())
        .await
        .map(drop)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    now: bool,
}

/// The job.
pub async fn run(app: &App, wish: Wish) -> Result<(), JobError> {
    let every = i64::from(app.config.backup.every_hours) * HOUR;
    let mut state = last(app).await?;
    let age = state.made.as_ref().map(|made| app.clock.now() - made.at);
    let due = every > 0 && age.is_none_or(|age| age + HOUR / 2 >= every);
    if !due && !wish.now {
        return Ok(());
    }
    let outcome = make_and_keep(app).await;
    match &outcome {
        Ok(made) => {
            state.made = Some(made.clone());
            state.failure = None;
        }
        Err(error) => state.failure = Some(format!("{error:#}")),
    }
    note(app, &state).await?;
    outcome.map_err(|error| JobError::Retry(format!("{error:#}")))?;
    let tried_at = state.drill.as_ref().map_or(0, |drill| drill.at);
    if app.clock.now() - tried_at >= DRILL_EVERY {
        try_out(app).await?;
    }
    Ok(())
}

/// Tries the newest backup out and notes how it went.
async fn try_out(app: &App) -> Result<(), JobError> {
    let mut state = last(app).await?;
    match drill(app).await {
        Ok(drill) => state.drill = Some(drill),
        Err(error) => state.failure = Some(format!("the backup cannot be restored: {error:#}")),
    }
    Ok(note(app, &state).await?)
}

/// Makes a backup in the folder, and in the storage where the settings say so; then forgets those
/// that are too many.
pub async fn make_and_keep(app: &App) -> anyhow::Result<Made> {
    let folder = folder(app);
    tokio::fs::create_dir_all(&folder).await?;
    let (held, beside) = beside(app, &folder).await?;
    let now = app.clock.now();
    let name = format!("{}.{ENDING}", compact(now));
    let path = folder.join(&name);
    let (size_bytes, index) = content::make_in_pieces(app, &path, beside).await?;
    if app.config.backup.to_storage {
        keep::send(app, &folder, &name, &index).await?;
    }
    keep::forget_old(app, &folder).await?;
    drop(held);
    let made = Made {
        name,
        at: now,
        size_bytes,
    };
    tracing::info!(
        name = made.name,
        size_bytes = made.size_bytes,
        "a backup was made"
    );
    Ok(made)
}

/// The pieces of this folder, and the hold on them.
async fn beside(app: &App, folder: &Path) -> anyhow::Result<(std::fs::File, Beside)> {
    let (folder, secret) = (folder.to_owned(), Secret::of(&app.config)?);
    let media = app.config.backup.media;
    let opened = tokio::task::spawn_blocking(move || {
        let held = pieces::lock(&folder)?;
        let pieces = Arc::new(Pieces::open(&folder, &secret)?);
        let newest = in_folder(&folder).into_iter().next().filter(|_| media);
        let before = newest.and_then(|name| index::read(&folder.join(name), &secret).ok()?);
        let before = before.map(|index| index.media).unwrap_or_default();
        anyhow::Ok((held, Beside { pieces, before }))
    });
    opened.await?
}

pub fn folder(app: &App) -> PathBuf {
    folder_of(&app.config)
}

pub fn folder_of(config: &crate::config::Config) -> PathBuf {
    config.server.data_dir.join(&config.backup.folder)
}

/// `20261129-151200`, which sorts by time.
fn compact(at: Millis) -> String {
    let iso = crate::check::iso(at);
    let digits: String = iso.chars().filter(char::is_ascii_digit).take(14).collect();
    let (day, time) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    format!("{day}-{time}")
}

/// The names of the backups in a folder, the newest first.
pub fn in_folder(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| is_backup(name)).collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    names
}

fn is_backup(name: &str) -> bool {
    name.strip_suffix(ENDING)
        .is_some_and(|start| start.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time() {
        assert_eq!(compact(1_793_534_400_000), "20261101-120000");
        assert!(is_backup("20261101-120000.vidicon-backup"));
        assert!(!is_backup("before-0021.db"));
    }
}
