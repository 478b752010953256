//! What the program was started with, and what the first steps on the site have written below it.

use super::Config;
use base::config::{ConfigError, Loaded, Table, merge, read_file};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Written by the page of first steps into the data folder: settings that the file, the environment
/// and flags win over.
pub const WRITTEN: &str = "machine.toml";

/// The flags of the command line.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub file: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
    pub public_url: Option<String>,
}

impl Given {
    /// Reads everything, lowest first: what was written on the site (or `tried` in its place), the
    /// file, the environment, the flags.
    pub fn load(&self, tried: Option<&Table>) -> Result<Loaded<Config>, ConfigError> {
        let from_environment = || std::env::var_os("VIDICON__SERVER__DATA_DIR").map(PathBuf::from);
        let usual = self.data_dir.clone().or_else(from_environment);
        let usual = usual.unwrap_or_else(|| PathBuf::from("data"));
        let usual = usual.join("vidicon.toml");
        let file = self
            .file
            .clone()
            .or_else(|| usual.exists().then_some(usual));
        let read = |under: Table| {
            base::config::load::<Config>(under, file.as_deref(), "VIDICON", std::env::vars())
        };
        let mut loaded = read(Table::new())?;
        let data_dir = self.data_dir.as_ref();
        let data_dir = data_dir.unwrap_or(&loaded.config.server.data_dir);
        let written = match tried {
            Some(tried) => tried.clone(),
            None => written(data_dir)?,
        };
        if !written.is_empty() {
            loaded = read(written)?;
        }
        let server = &mut loaded.config.server;
        if let Some(data_dir) = &self.data_dir {
            server.data_dir.clone_from(data_dir);
        }
        if let Some(listen) = self.listen {
            server.listen = listen;
        }
        if let Some(public_url) = &self.public_url {
            server.public_url.clone_from(public_url);
        }
        loaded.config.settings_file = file;
        loaded.config.given = self.clone();
        loaded.config.complete()?;
        Ok(loaded)
    }
}

/// The file of a data folder that the page of first steps writes.
pub fn written_file(data_dir: &Path) -> PathBuf {
    data_dir.join(WRITTEN)
}

/// What it holds; nothing before its first use.
pub fn written(data_dir: &Path) -> Result<Table, ConfigError> {
    let path = written_file(data_dir);
    if path.exists() {
        read_file(&path)
    } else {
        Ok(Table::new())
    }
}

/// Puts `change` over what is written. The file is for this program alone, since there are passwords in it.
pub fn write(data_dir: &Path, change: Table) -> anyhow::Result<()> {
    let mut table = written(data_dir)?;
    merge(&mut table, change);
    let path = written_file(data_dir);
    let made = path.with_extension("new");
    // What a killed attempt has left may have other rights.
    std::fs::remove_file(&made).ok();
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&made)?;
    let head = "# Written on the site by the page of first steps. vidicon.toml, the environment and flags win.\n\n";
    file.write_all(format!("{head}{table}").as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&made, &path)?;
    Ok(())
}
