//! What is in a backup: a list of files behind one another, packed and sealed.

use super::index::{self, Index, Media};
use super::key::Secret;
use super::pieces::{Cut, Pieces};
use super::seal::{Opener, Sealer};
use super::store;
use crate::app::App;
use crate::config::WRITTEN;
use anyhow::{Context, bail};
use base::Db;
use base::clock::Millis;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::process::Command;

pub const MANIFEST: &str = "manifest.json";
pub const SQLITE: &str = "vidicon.db";
pub const POSTGRES: &str = "database.dump";
pub const SETTINGS: &str = "vidicon.toml";
pub const SECRET: &str = "secret.key";
/// In place of the database, where it lies in pieces beside the backup.
pub const INDEX: &str = "pieces.json";
/// Names in a backup are ours and short.
const LONGEST_NAME: u64 = 200;

/// What a backup says of itself, at its head.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the program that made it.
    pub version: String,
    pub made_at: Millis,
    pub public_url: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The newest step of the schema.
    pub schema: i64,
    pub users: i64,
    pub videos: i64,
}

/// Where the large files of a backup go, and what is known of the site's from the one before.
pub struct Beside {
    pub pieces: Arc<Pieces>,
    pub before: Vec<Media>,
}

/// Writes a whole backup to `path` and tells its size. Whoever sees the file sees all of it.
pub async fn make(app: &App, path: &Path) -> anyhow::Result<u64> {
    Ok(make_beside(app, path, None).await?.0)
}

/// Writes a backup whose large files lie in pieces; tells what that added, and what it needs.
pub async fn make_in_pieces(
    app: &App,
    path: &Path,
    beside: Beside,
) -> anyhow::Result<(u64, Index)> {
    let (size_bytes, index) = make_beside(app, path, Some(beside)).await?;
    Ok((size_bytes, index.context("the backup has no pieces")?))
}

async fn make_beside(
    app: &App,
    path: &Path,
    beside: Option<Beside>,
) -> anyhow::Result<(u64, Option<Index>)> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let work = folder.join(format!(".tmp-{}", base::random::token()));
    std::fs::create_dir_all(&work).with_context(|| format!("make {}", work.display()))?;
    let outcome = make_in(app, &work, path, beside).await;
    std::fs::remove_dir_all(&work).ok();
    outcome
}

async fn make_in(
    app: &App,
    work: &Path,
    path: &Path,
    beside: Option<Beside>,
) -> anyhow::Result<(u64, Option<Index>)> {
    let counts = store::counts(&app.db).await?;
    let name = match &app.db {
        Db::Sqlite(_) => SQLITE,
        Db::Postgres(_) => POSTGRES,
    };
    let database = work.join(name);
    match &app.db {
        Db::Sqlite(_) => app.db.snapshot_to(&database).await?,
        Db::Postgres(_) => dump(&app.config.database.url, &database).await?,
    }
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: app.clock.now(),
        public_url: app.config.server.public_url.clone(),
        database: if name == SQLITE { "sqlite" } else { "postgres" }.to_owned(),
        schema: base::migrate::newest(&app.db).await?,
        users: counts.users,
        videos: counts.videos,
    };
    let described = work.join(MANIFEST);
    std::fs::write(&described, serde_json::to_vec_pretty(&manifest)?)?;
    let (mut added, mut index) = (0, None);
    let mut files = vec![(MANIFEST, described)];
    match beside {
        None => files.push((name, database)),
        Some(beside) => {
            let (kept, new) = in_pieces(app, beside, database).await?;
            let listed = work.join(INDEX);
            std::fs::write(&listed, serde_json::to_vec(&kept)?)?;
            files.push((INDEX, listed));
            (added, index) = (new, Some(kept));
        }
    }
    if let Some(settings) = &app.config.settings_file {
        files.push((SETTINGS, settings.clone()));
    }
    let written = crate::config::written_file(&app.config.server.data_dir);
    if written.exists() {
        files.push((WRITTEN, written));
    }
    let sealing = crate::vault::key_file(&app.config);
    if sealing.exists() {
        files.push((SECRET, sealing));
    }
    let (secret, made) = (Secret::of(&app.config)?, work.join("made"));
    let (made_too, target) = (made.clone(), path.to_owned());
    tokio::task::spawn_blocking(move || pack(&files, &made_too, &secret)).await??;
    std::fs::rename(&made, &target).with_context(|| format!("write {}", target.display()))?;
    Ok((std::fs::metadata(&target)?.len() + added, index))
}

/// Keeps the database, and the site's files where the settings want that, in pieces.
async fn in_pieces(app: &App, beside: Beside, database: PathBuf) -> anyhow::Result<(Index, u64)> {
    let pieces = Arc::clone(&beside.pieces);
    let kept = tokio::task::spawn_blocking(move || pieces.keep(&database, Cut::ByContent));
    let (database, added) = kept.await??;
    let (media, more) = if app.config.backup.media {
        index::keep_media(app, &beside.pieces, beside.before).await?
    } else {
        (Vec::new(), 0)
    };
    let key = beside.pieces.key();
    let index = Index {
        key,
        database,
        media,
    };
    Ok((index, added + more))
}

fn pack(files: &[(&str, PathBuf)], into: &Path, secret: &Secret) -> anyhow::Result<()> {
    let file = File::create(into).with_context(|| format!("write {}", into.display()))?;
    let sealer = Sealer::new(BufWriter::new(file), secret)?;
    let mut packer = GzEncoder::new(sealer, Compression::fast());
    for (name, path) in files {
        let from = File::open(path).with_context(|| format!("read {}", path.display()))?;
        let size = from.metadata()?.len();
        packer.write_all(&u64::try_from(name.len())?.to_be_bytes())?;
        packer.write_all(name.as_bytes())?;
        packer.write_all(&size.to_be_bytes())?;
        let copied = std::io::copy(&mut from.take(size), &mut packer)?;
        anyhow::ensure!(
            copied == size,
            "{} became shorter meanwhile",
            path.display()
        );
    }
    packer.write_all(&0_u64.to_be_bytes())?;
    let mut out = packer.finish()?.finish()?;
    out.flush()?;
    out.into_inner()
        .map_err(|error| anyhow::anyhow!("{error}"))?
        .sync_all()?;
    Ok(())
}

/// Unpacks a backup into a folder and tells what it says of itself.
pub fn unpack(from: &Path, into: &Path, secret: &Secret) -> anyhow::Result<Manifest> {
    let file = File::open(from).with_context(|| format!("read {}", from.display()))?;
    let mut packed = GzDecoder::new(Opener::new(BufReader::new(file), secret)?);
    std::fs::create_dir_all(into)?;
    let mut manifest = None;
    loop {
        let (name, size) = entry(&mut packed)?;
        if name.is_empty() {
            break;
        }
        if ![MANIFEST, INDEX, SQLITE, POSTGRES, SETTINGS, WRITTEN, SECRET].contains(&name.as_str())
        {
            bail!("the backup holds a file \"{name}\" that this version does not know");
        }
        let path = into.join(&name);
        let mut to = File::create(&path).with_context(|| format!("write {}", path.display()))?;
        let copied = std::io::copy(&mut packed.by_ref().take(size), &mut to)?;
        anyhow::ensure!(copied == size, "the backup ends too early");
        to.sync_all()?;
        if name == MANIFEST {
            manifest = Some(serde_json::from_slice(&std::fs::read(&path)?)?);
        }
    }
    // The end of the file proves that nothing was cut off.
    std::io::copy(&mut packed, &mut std::io::sink())?;
    manifest.context("the backup does not say what it is")
}

/// The next file's name and size; no name at the end.
pub fn entry(packed: &mut impl Read) -> anyhow::Result<(String, u64)> {
    let length = number(packed)?;
    anyhow::ensure!(length <= LONGEST_NAME, "the backup is damaged");
    let mut name = String::new();
    packed.by_ref().take(length).read_to_string(&mut name)?;
    let size = if length == 0 { 0 } else { number(packed)? };
    Ok((name, size))
}

fn number(from: &mut impl Read) -> anyhow::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)
        .context("the backup cannot be read")?;
    Ok(u64::from_be_bytes(bytes))
}

pub async fn dump(url: &str, to: &Path) -> anyhow::Result<()> {
    let mut command = postgres_tool("pg_dump", url)?;
    // It is packed later: what is packed as a whole has no pieces that stay the same.
    command.args(["--format=custom", "--compress=0", "--no-owner"]);
    command.args(["--no-privileges", "--file"]);
    run(command.arg(to)).await
}

/// One of PostgreSQL's own programs, told by its environment which database is meant, for other
/// people on this machine can read arguments.
pub fn postgres_tool(name: &str, url: &str) -> anyhow::Result<Command> {
    let url = url::Url::parse(url).context("the setting database.url")?;
    let mut command = Command::new(tool(name));
    let decoded = |text: &str| {
        let bytes = text.replace('+', "%2B");
        url::form_urlencoded::parse(format!("x={bytes}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    command
        .env("PGHOST", url.host_str().unwrap_or("localhost"))
        .env("PGPORT", url.port().unwrap_or(5432).to_string())
        .env("PGUSER", decoded(url.username()))
        .env("PGPASSWORD", decoded(url.password().unwrap_or_default()))
        .env("PGDATABASE", decoded(url.path().trim_start_matches('/')))
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    Ok(command)
}

/// Debian keeps the newest version's own beside the ones that choose by cluster.
fn tool(name: &str) -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut found: Vec<(u32, PathBuf)> = installed
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            let path = entry.path().join("bin").join(name);
            path.exists().then_some((version, path))
        })
        .collect();
    found.sort();
    found
        .pop()
        .map_or_else(|| PathBuf::from(name), |(_, path)| path)
}

pub async fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.as_std().get_program().to_owned();
    let name = name.to_string_lossy();
    let done = command
        .output()
        .await
        .with_context(|| format!("start {name} (Debian: apt install postgresql-client)"))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("{name}: {}", said.trim());
    }
    Ok(())
}
