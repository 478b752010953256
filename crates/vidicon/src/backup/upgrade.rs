//! A dump of a PostgreSQL database before a start changes its schema. (A SQLite database is copied by the migration.)

use super::content::dump;
use crate::config::Config;
use anyhow::Context;
use base::Db;
use base::migrate::{self, Migration};
use std::path::{Path, PathBuf};

/// What became of the dump.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is nothing to dump, or nothing will change.
    Needless,
    Dumped(PathBuf),
    /// Why there is none, in words. The start goes on: a site that stands still helps nobody, and the log says it.
    Missing(String),
}

/// Dumps the database to `backups/before-<step>.dump` if the next start would change it.
pub async fn dump_before(config: &Config, db: &Db, steps: &[Migration]) -> anyhow::Result<Outcome> {
    if matches!(db, Db::Sqlite(_)) || migrate::next(db, steps).await?.is_none() {
        return Ok(Outcome::Needless);
    }
    // Held while the dump is made: no other node may change the schema meanwhile, or dump what one has changed.
    let mut tx = db.begin().await?;
    migrate::hold(&mut tx).await?;
    let Some(version) = migrate::next(db, steps).await? else {
        return Ok(Outcome::Needless);
    };
    let folder = config.server.data_dir.join("backups");
    let path = folder.join(format!("before-{version:04}.dump"));
    let outcome = match write(&config.database.url, &folder, &path).await {
        Ok(()) => Outcome::Dumped(path),
        Err(error) => Outcome::Missing(format!("{error:#}")),
    };
    tx.commit().await?;
    match &outcome {
        Outcome::Dumped(path) => tracing::info!(
            path = %path.display(),
            "the database was dumped before its schema is brought up to date"
        ),
        Outcome::Missing(why) => tracing::warn!(
            why,
            "the schema is brought up to date WITHOUT a dump of the database: \
             install a postgresql-client that is at least as new as the server, or make a backup by other means"
        ),
        Outcome::Needless => {}
    }
    Ok(outcome)
}

/// Whoever sees the file sees all of it; one of an earlier try is replaced.
async fn write(url: &str, folder: &Path, path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let part = path.with_extension("part");
    let made = dump(url, &part).await;
    if made.is_err() {
        std::fs::remove_file(&part).ok();
    }
    made?;
    std::fs::rename(&part, path).with_context(|| format!("write {}", path.display()))
}
