//! Puts a backup back: on an empty machine, with one command.

use super::content::{
    self, INDEX, MANIFEST, Manifest, POSTGRES, SECRET, SETTINGS, SQLITE, postgres_tool,
};
use super::index::{self, Index};
use super::key::{self, Secret};
use super::pieces::{self, Pieces};
use super::{PIECES, PREFIX, folder_of, in_folder, is_backup};
use crate::config::{Config, WRITTEN};
use anyhow::{Context, bail};
use base::clock::Clock;
use base::storage::{Class, Storage};
use futures::{StreamExt, TryStreamExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Pieces that are fetched at the same time.
const FETCHES: usize = 8;

/// What to restore, and how.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// A file, the name of a backup in the folder or the storage, or `latest`.
    pub from: String,
    pub key_file: Option<PathBuf>,
    /// Put what is there aside instead of refusing.
    pub replace: bool,
}

/// Restores the database and the settings and tells what was done.
pub async fn restore(config: &Config, clock: &Clock, plan: &Plan) -> anyhow::Result<String> {
    let data = &config.server.data_dir;
    std::fs::create_dir_all(data).with_context(|| format!("make {}", data.display()))?;
    let work = data.join(format!(".tmp-{}", base::random::token()));
    let outcome = restore_in(config, clock, plan, &work).await;
    std::fs::remove_dir_all(&work).ok();
    outcome
}

async fn restore_in(
    config: &Config,
    clock: &Clock,
    plan: &Plan,
    work: &Path,
) -> anyhow::Result<String> {
    let from = find(config, plan, work).await?;
    let secret = secret(config, plan)?;
    let (file, into) = (from.clone(), work.to_owned());
    let unpacked = tokio::task::spawn_blocking(move || content::unpack(&file, &into, &secret));
    let manifest = unpacked
        .await?
        .with_context(|| format!("open {}", from.display()))?;
    let beside = gather(config, &from, work).await?;
    let (backups, into, what) = (beside, work.to_owned(), manifest.clone());
    let joined = tokio::task::spawn_blocking(move || join_database(&backups, &into, &what));
    let index = joined.await??;
    let mut done = vec![put_database(config, clock, plan, &manifest, work).await?];
    if let Some(told) = put_settings(config, work)? {
        done.push(told);
    }
    done.extend(put_sealing_key(config, clock, work)?);
    if let Some((index, pieces)) = index.filter(|(index, _)| !index.media.is_empty()) {
        let storage = Storage::open(&config.storage, &config.server.data_dir)?;
        let put = index::put_media(&storage, &Arc::new(pieces), &index.media).await?;
        let (all, kept) = (index.media.len(), index.media.len() - put);
        done.push(format!(
            "Of {all} files of the site {put} are back, {kept} were there."
        ));
    }
    if let Some(file) = &plan.key_file {
        let own = key::key_file(config);
        if !own.exists() {
            std::fs::copy(file, &own).context("keep the key for backups to come")?;
            done.push(format!("The key for backups is {} again.", own.display()));
        }
    }
    std::fs::remove_file(work.join(MANIFEST)).ok();
    Ok(format!(
        "The backup of {} is restored ({} users, {} videos, made by Vidicon {}).\n{}\n",
        crate::check::iso(manifest.made_at),
        manifest.users,
        manifest.videos,
        manifest.version,
        done.join("\n")
    ))
}

/// The file that was named, here or in the storage; `latest` is the newest of either.
async fn find(config: &Config, plan: &Plan, work: &Path) -> anyhow::Result<PathBuf> {
    let folder = folder_of(config);
    let named = match plan.from.as_str() {
        "latest" => in_folder(&folder).into_iter().next(),
        name if is_backup(name) && !name.contains('/') && !Path::new(name).exists() => {
            Some(name.to_owned())
        }
        path => return Ok(PathBuf::from(path)),
    };
    if let Some(path) = named.as_ref().map(|name| folder.join(name))
        && path.exists()
    {
        return Ok(path);
    }
    let storage = Storage::open(&config.storage, &config.server.data_dir)?;
    let name = match named {
        Some(name) => name,
        None => newest_stored(&storage).await?,
    };
    std::fs::create_dir_all(work)?;
    let path = work.join("fetched");
    let key = format!("{PREFIX}/{name}");
    let fetched = storage.fetch_to(Class::Export, &key, &path).await;
    fetched.with_context(|| format!("fetch {name} from the storage"))?;
    Ok(path)
}

async fn newest_stored(storage: &Storage) -> anyhow::Result<String> {
    let mut names: Vec<String> = storage
        .list(Class::Export, PREFIX)?
        .map_ok(|entry| entry.key.rsplit('/').next().unwrap_or_default().to_owned())
        .try_filter(|name| std::future::ready(is_backup(name)))
        .try_collect()
        .await
        .context("look for backups in the storage")?;
    names.sort_unstable();
    names
        .pop()
        .context("there is no backup, neither in the folder nor in the storage")
}

fn read_index(work: &Path) -> anyhow::Result<Option<Index>> {
    let file = work.join(INDEX);
    if !file.exists() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&std::fs::read(file)?)?))
}

/// The folder beside which all pieces of the backup lie; fetched from the storage where they are
/// neither beside the backup nor in the folder of the settings.
async fn gather(config: &Config, from: &Path, work: &Path) -> anyhow::Result<PathBuf> {
    let Some(index) = read_index(work)? else {
        return Ok(work.to_owned());
    };
    let names = index.names();
    let beside = from.parent().map(Path::to_owned);
    for folder in beside.into_iter().chain([folder_of(config)]) {
        let pieces = index.pieces(&folder)?;
        if names.iter().all(|name| pieces.has(name)) {
            return Ok(folder);
        }
    }
    let storage = Storage::open(&config.storage, &config.server.data_dir)?;
    let pieces = index.pieces(work)?;
    futures::stream::iter(names)
        .map(|name| {
            let (storage, path) = (&storage, pieces.path(&name));
            let key = format!("{PIECES}/{}", pieces::place(&name));
            async move {
                let folder = path.parent().unwrap_or(Path::new("."));
                tokio::fs::create_dir_all(folder).await?;
                storage.fetch_to(Class::Export, &key, &path).await?;
                anyhow::Ok(())
            }
        })
        .buffer_unordered(FETCHES)
        .try_collect::<()>()
        .await
        .context(
            "the backup's pieces are not all there: copy the folder `pieces` that lies beside it",
        )?;
    Ok(work.to_owned())
}

/// Puts the database of a backup in pieces together, in the folder where the rest was unpacked.
pub fn join_database(
    backups: &Path,
    work: &Path,
    manifest: &Manifest,
) -> anyhow::Result<Option<(Index, Pieces)>> {
    let Some(index) = read_index(work)? else {
        return Ok(None);
    };
    let pieces = index.pieces(backups)?;
    let name = if manifest.database == "sqlite" {
        SQLITE
    } else {
        POSTGRES
    };
    pieces.join(&index.database, &work.join(name))?;
    Ok(Some((index, pieces)))
}

fn secret(config: &Config, plan: &Plan) -> anyhow::Result<Secret> {
    if let Some(file) = &plan.key_file {
        return Ok(Secret::Key(key::read(file)?));
    }
    if !config.backup.passphrase.is_empty() {
        return Ok(Secret::Passphrase(config.backup.passphrase.clone()));
    }
    let own = key::key_file(config);
    if own.exists() {
        return Ok(Secret::Key(key::read(&own)?));
    }
    bail!(
        "a backup is encrypted: name its key with --key-file, or the passphrase with \
         VIDICON__BACKUP__PASSPHRASE"
    )
}

async fn put_database(
    config: &Config,
    clock: &Clock,
    plan: &Plan,
    manifest: &Manifest,
    work: &Path,
) -> anyhow::Result<String> {
    let wants_postgres = !config.database.url.is_empty();
    match (manifest.database.as_str(), wants_postgres) {
        ("sqlite", false) => put_sqlite(config, clock, plan, work),
        ("postgres", true) => put_postgres(config, plan, work).await,
        ("sqlite", true) => bail!(
            "this is a backup of SQLite, but database.url names PostgreSQL; restore it without \
             database.url"
        ),
        _ => bail!("this is a backup of PostgreSQL: name an empty database with database.url"),
    }
}

fn put_sqlite(config: &Config, clock: &Clock, plan: &Plan, work: &Path) -> anyhow::Result<String> {
    let data = &config.server.data_dir;
    let target = data.join(SQLITE);
    let mut told = format!("The database is {}.", target.display());
    if target.exists() {
        if !plan.replace {
            bail!(
                "{} is there already. Stop the site and use --replace to put it aside",
                target.display()
            );
        }
        let aside = data.join(format!("vidicon.db.before-restore-{}", clock.now()));
        for ending in ["-wal", "-shm"] {
            let beside = data.join(format!("{SQLITE}{ending}"));
            if beside.exists() {
                std::fs::rename(&beside, format!("{}{ending}", aside.display()))?;
            }
        }
        std::fs::rename(&target, &aside)?;
        told = format!("{told} The one before is {}.", aside.display());
    }
    std::fs::rename(work.join(SQLITE), &target).context("put the database in its place")?;
    Ok(told)
}

async fn put_postgres(config: &Config, plan: &Plan, work: &Path) -> anyhow::Result<String> {
    let url = &config.database.url;
    let mut command = postgres_tool("pg_restore", url)?;
    command.args([
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
    ]);
    if plan.replace {
        command.args(["--clean", "--if-exists"]);
    }
    let name = url.rsplit('/').next().unwrap_or_default();
    let name = name.split('?').next().unwrap_or_default();
    content::run(command.args(["--dbname", name]).arg(work.join(POSTGRES))).await?;
    Ok(format!("The database {name} is filled."))
}

/// The key that secrets of this database are sealed with. Another one is put aside: it fits a
/// database that is not here any more.
fn put_sealing_key(config: &Config, clock: &Clock, work: &Path) -> anyhow::Result<Option<String>> {
    let (from, to) = (work.join(SECRET), crate::vault::key_file(config));
    if !from.exists() {
        return Ok(None);
    }
    if to.exists() && std::fs::read(&to)? != std::fs::read(&from)? {
        let aside = format!("{}.before-restore-{}", to.display(), clock.now());
        std::fs::rename(&to, aside)?;
    }
    std::fs::rename(&from, &to).context("put the key of secrets in its place")?;
    std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600))?;
    Ok(Some(format!("The key of secrets is {}.", to.display())))
}

/// The settings of the backup, unless there are some already.
fn put_settings(config: &Config, work: &Path) -> anyhow::Result<Option<String>> {
    let mut put = None;
    for name in [WRITTEN, SETTINGS] {
        let (from, to) = (work.join(name), config.server.data_dir.join(name));
        if from.exists() && !to.exists() {
            std::fs::rename(&from, &to).context("put the settings in their place")?;
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600))?;
            put = Some(format!("The settings are {}.", to.display()));
        }
    }
    Ok(put)
}
