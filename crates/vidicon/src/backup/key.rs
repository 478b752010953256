//! The key of backups: a passphrase of the settings, or a file that is made once.

use crate::config::Config;
use anyhow::{Context, bail};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What a backup is locked with.
#[derive(Clone)]
pub enum Secret {
    Passphrase(String),
    Key([u8; 32]),
}

impl Secret {
    /// Of the settings; a key file is made where there is none.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        if !config.backup.passphrase.is_empty() {
            return Ok(Secret::Passphrase(config.backup.passphrase.clone()));
        }
        let path = key_file(config);
        if !path.exists() {
            make(&path).with_context(|| format!("make the key {}", path.display()))?;
        }
        read(&path).map(Secret::Key)
    }
}

pub fn key_file(config: &Config) -> PathBuf {
    config.server.data_dir.join("backup.key")
}

fn make(path: &Path) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{}", hex::encode(base::random::bytes::<32>()))?;
    Ok(file.sync_all()?)
}

pub fn read(path: &Path) -> anyhow::Result<[u8; 32]> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("read the key {}", path.display()))?;
    let mut key = [0; 32];
    if hex::decode_to_slice(text.trim(), &mut key).is_err() {
        bail!("{} is no key: it should hold 64 hex digits", path.display());
    }
    Ok(key)
}
