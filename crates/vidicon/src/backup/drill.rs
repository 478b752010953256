//! A backup that was never restored is a hope. The newest one is unpacked, opened and counted.

use super::content::{self, POSTGRES, SQLITE, postgres_tool};
use super::key::Secret;
use super::restore::join_database;
use super::{Drill, folder, in_folder, store};
use crate::app::App;
use anyhow::{Context, bail};
use base::Db;
use std::path::Path;

pub async fn drill(app: &App) -> anyhow::Result<Drill> {
    let folder = folder(app);
    let name = in_folder(&folder).into_iter().next();
    let name = name.context("there is no backup yet")?;
    let work = folder.join(format!(".tmp-{}", base::random::token()));
    let started = tokio::time::Instant::now();
    let outcome = try_in(app, &folder.join(&name), &work).await;
    std::fs::remove_dir_all(&work).ok();
    let counts = outcome?;
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(name, took_ms, "the newest backup can be restored");
    Ok(Drill {
        at: app.clock.now(),
        name,
        took_ms,
        users: counts.users,
        videos: counts.videos,
    })
}

async fn try_in(app: &App, from: &Path, work: &Path) -> anyhow::Result<store::Counts> {
    let secret = Secret::of(&app.config)?;
    let (from, into, backups) = (from.to_owned(), work.to_owned(), folder(app));
    let unpacked = tokio::task::spawn_blocking(move || {
        let manifest = content::unpack(&from, &into, &secret)?;
        let index = join_database(&backups, &into, &manifest)?;
        for name in index.iter().flat_map(|(index, _)| index.names()) {
            let is_there = index.as_ref().is_some_and(|(_, pieces)| pieces.has(&name));
            anyhow::ensure!(is_there, "the piece {name} of it is gone");
        }
        anyhow::Ok(manifest)
    });
    let manifest = unpacked.await??;
    let promised = store::Counts {
        users: manifest.users,
        videos: manifest.videos,
    };
    if manifest.database == "postgres" {
        let mut list = postgres_tool("pg_restore", &app.config.database.url)?;
        content::run(list.arg("--list").arg(work.join(POSTGRES))).await?;
        return Ok(promised);
    }
    let db = Db::open(&format!("sqlite:{}", work.join(SQLITE).display())).await?;
    if let Some(damage) = store::damage(&db).await? {
        bail!("the database in it is damaged: {damage}");
    }
    let found = store::counts(&db).await?;
    // People come and go between the count and the copy.
    if found.users + 5 < promised.users || found.videos + 50 < promised.videos {
        bail!(
            "it holds {} users and {} videos instead of {} and {}",
            found.users,
            found.videos,
            promised.users,
            promised.videos
        );
    }
    Ok(found)
}
