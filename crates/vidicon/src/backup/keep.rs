//! Which backups stay, here and in the storage, and the pieces that they need.

use super::index::{self, Index};
use super::key::Secret;
use super::pieces;
use super::{PIECES, PREFIX, in_folder, is_backup};
use crate::app::App;
use anyhow::Context;
use base::storage::Class;
use futures::{StreamExt, TryStreamExt};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Pieces under way to the storage at the same time.
const AT_ONCE: usize = 4;

/// Puts a backup of the folder into the storage, with the pieces that are not there yet.
pub async fn send(app: &App, folder: &Path, name: &str, index: &Index) -> anyhow::Result<()> {
    let there: HashSet<String> = names(app, PIECES).await?.into_iter().collect();
    let missing = index
        .names()
        .into_iter()
        .filter(|name| !there.contains(name));
    let pieces = index.pieces(folder)?;
    futures::stream::iter(missing)
        .map(|piece| {
            let path = pieces.path(&piece);
            async move {
                let data = tokio::fs::read(&path).await;
                let data = data.with_context(|| format!("read {}", path.display()))?;
                let key = format!("{PIECES}/{}", pieces::place(&piece));
                app.storage.put(Class::Export, &key, data.into()).await?;
                anyhow::Ok(())
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    let data = tokio::fs::read(folder.join(name)).await?;
    let key = format!("{PREFIX}/{name}");
    Ok(app.storage.put(Class::Export, &key, data.into()).await?)
}

/// The last parts of the keys below a prefix.
async fn names(app: &App, prefix: &str) -> anyhow::Result<Vec<String>> {
    let listed = app.storage.list(Class::Export, prefix)?;
    let named = listed.map_ok(|entry| entry.key.rsplit('/').next().unwrap_or_default().to_owned());
    Ok(named.try_collect().await?)
}

/// Forgets the backups that are too many, and the pieces that none of the others needs.
pub async fn forget_old(app: &App, folder: &Path) -> anyhow::Result<()> {
    let secret = Secret::of(&app.config)?;
    let all = in_folder(folder);
    let gone = too_many(app, &all)?;
    for name in &gone {
        tokio::fs::remove_file(folder.join(name)).await?;
    }
    let (backups, closed) = (folder.to_owned(), secret.clone());
    let swept = tokio::task::spawn_blocking(move || {
        let left = in_folder(&backups).into_iter();
        let left: Vec<PathBuf> = left.map(|name| backups.join(name)).collect();
        let needed = index::needed(&left, &closed)?;
        anyhow::Ok(pieces::forget_all_but(&backups, &needed)?)
    });
    // With another key than now they may still be somebody's only backups.
    if let Err(error) = swept.await? {
        tracing::warn!(error = format!("{error:#}"), "pieces of old backups stay");
    }
    if app.config.backup.to_storage {
        forget_stored(app, folder, secret).await?;
    }
    Ok(())
}

async fn forget_stored(app: &App, folder: &Path, secret: Secret) -> anyhow::Result<()> {
    let mut all = names(app, PREFIX).await?;
    all.retain(|name| is_backup(name));
    all.sort_unstable_by(|a, b| b.cmp(a));
    let gone = too_many(app, &all)?;
    for name in &gone {
        let key = format!("{PREFIX}/{name}");
        app.storage.delete(Class::Export, &key).await?;
    }
    if gone.is_empty() {
        return Ok(());
    }
    all.retain(|name| !gone.contains(name));
    let work = folder.join(format!(".tmp-{}", base::random::token()));
    tokio::fs::create_dir_all(&work).await?;
    let swept = sweep_stored(app, folder, &all, secret, &work).await;
    tokio::fs::remove_dir_all(&work).await.ok();
    if let Err(error) = swept {
        let error = format!("{error:#}");
        tracing::warn!(error, "pieces of old backups stay in the storage");
    }
    Ok(())
}

async fn sweep_stored(
    app: &App,
    folder: &Path,
    left: &[String],
    secret: Secret,
    work: &Path,
) -> anyhow::Result<()> {
    let mut backups = Vec::new();
    for name in left {
        let mut path = folder.join(name);
        if !path.exists() {
            path = work.join(name);
            let key = format!("{PREFIX}/{name}");
            app.storage.fetch_to(Class::Export, &key, &path).await?;
        }
        backups.push(path);
    }
    let needed = tokio::task::spawn_blocking(move || index::needed(&backups, &secret)).await??;
    for name in names(app, PIECES).await? {
        if !needed.contains(&name) {
            let key = format!("{PIECES}/{}", pieces::place(&name));
            app.storage.delete(Class::Export, &key).await?;
        }
    }
    Ok(())
}

fn too_many(app: &App, names: &[String]) -> anyhow::Result<Vec<String>> {
    let config = &app.config.backup;
    let (newest, months) = (config.keep.max(1), config.keep_monthly);
    Ok(beyond(names, newest.try_into()?, months.try_into()?))
}

/// All but the newest so many, and the newest of each of so many months. The newest come first.
fn beyond(names: &[String], newest: usize, months: usize) -> Vec<String> {
    let month = |name: &str| name.chars().take(6).collect::<String>();
    let mut seen = Vec::new();
    let mut beyond = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let is_first = seen.last() != Some(&month(name));
        if is_first {
            seen.push(month(name));
        }
        if at >= newest && !(is_first && seen.len() <= months) {
            beyond.push(name.clone());
        }
    }
    beyond
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_and_one_of_each_month() {
        let names: Vec<String> = [
            "20261103", "20261102", "20261101", "20261031", "20261030", "20260915", "20260801",
        ]
        .map(str::to_owned)
        .into();
        assert_eq!(beyond(&names, 2, 0), names[2..]);
        assert_eq!(beyond(&names, 2, 3), ["20261101", "20261030", "20260801"]);
        assert_eq!(beyond(&names, 9, 0), [""; 0]);
    }
}
