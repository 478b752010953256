//! What a backup holds by reference: the pieces of its database, and of the site's files where the
//! settings want them.

use super::content::{INDEX, MANIFEST};
use super::key::Secret;
use super::pieces::{Cut, Pieces};
use super::seal::Opener;
use crate::app::App;
use anyhow::Context;
use base::clock::Millis;
use base::storage::{Class, Storage};
use flate2::read::GzDecoder;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Not the site's own: what is on its way, and what is made again (backups among it).
const PASSING: [Class; 2] = [Class::Upload, Class::Export];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Index {
    /// Of the pieces, in hex digits.
    pub key: String,
    pub database: Vec<String>,
    pub media: Vec<Media>,
}

/// A file of the site.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Media {
    pub class: Class,
    pub key: String,
    pub size_bytes: u64,
    pub modified_at: Millis,
    pub pieces: Vec<String>,
}

impl Index {
    pub fn pieces(&self, backups: &Path) -> anyhow::Result<Pieces> {
        let mut key = [0; 32];
        hex::decode_to_slice(&self.key, &mut key).context("the key of the pieces")?;
        Pieces::with_key(backups, key)
    }

    pub fn names(&self) -> HashSet<String> {
        let media = self.media.iter().flat_map(|file| &file.pieces);
        self.database.iter().chain(media).cloned().collect()
    }
}

/// Reads no more of a backup than this needs. Nothing: all of it is in the file itself.
pub fn read(backup: &Path, secret: &Secret) -> anyhow::Result<Option<Index>> {
    let file = File::open(backup).with_context(|| format!("read {}", backup.display()))?;
    let mut packed = GzDecoder::new(Opener::new(BufReader::new(file), secret)?);
    loop {
        let (name, size) = super::content::entry(&mut packed)?;
        let mut content = Vec::new();
        match name.as_str() {
            MANIFEST => packed.by_ref().take(size).read_to_end(&mut content)?,
            INDEX => {
                packed.by_ref().take(size).read_to_end(&mut content)?;
                return Ok(Some(serde_json::from_slice(&content)?));
            }
            _ => return Ok(None),
        };
    }
}

/// What is in these backups, all together; an error when one of them cannot be read.
pub fn needed(backups: &[PathBuf], secret: &Secret) -> anyhow::Result<HashSet<String>> {
    let mut needed = HashSet::new();
    for backup in backups {
        if let Some(index) = read(backup, secret)? {
            needed.extend(index.names());
        }
    }
    Ok(needed)
}

/// Keeps the site's files that lie on this machine's disk. A file that is as it was in the backup
/// before is not read again.
pub async fn keep_media(
    app: &App,
    kept: &Arc<Pieces>,
    before: Vec<Media>,
) -> anyhow::Result<(Vec<Media>, u64)> {
    let known: HashMap<(Class, String), Media> = before
        .into_iter()
        .map(|file| ((file.class, file.key.clone()), file))
        .collect();
    let (mut media, mut added) = (Vec::new(), 0);
    for class in Class::ALL {
        if PASSING.contains(&class) || app.storage.is_in_bucket(class) {
            continue;
        }
        let mut listed = app.storage.list(class, "")?;
        while let Some(entry) = listed.try_next().await? {
            let same = known.get(&(class, entry.key.clone())).filter(|file| {
                file.size_bytes == entry.size_bytes
                    && file.modified_at == entry.modified_ms
                    && file.pieces.iter().all(|name| kept.has(name))
            });
            if let Some(same) = same {
                media.push(same.clone());
                continue;
            }
            let Some(path) = app.storage.local_path(class, &entry.key)? else {
                continue;
            };
            let keeper = Arc::clone(kept);
            let read = tokio::task::spawn_blocking(move || {
                // It may have been deleted since the list was made.
                path.exists().then(|| keeper.keep(&path, Cut::Fixed))
            });
            let Some((pieces, new)) = read.await?.transpose()? else {
                continue;
            };
            added += new;
            media.push(Media {
                class,
                key: entry.key,
                size_bytes: entry.size_bytes,
                modified_at: entry.modified_ms,
                pieces,
            });
        }
    }
    Ok((media, added))
}

/// Puts the files back where the settings have them lie, unless they are there. Tells how many.
pub async fn put_media(
    storage: &Storage,
    kept: &Arc<Pieces>,
    media: &[Media],
) -> anyhow::Result<usize> {
    let mut put = 0;
    for file in media {
        let there = storage.head(file.class, &file.key).await;
        if there.is_ok_and(|info| info.size_bytes == file.size_bytes) {
            continue;
        }
        let size = Some(file.size_bytes);
        let mut writer = storage.writer(file.class, &file.key, size).await?;
        for name in &file.pieces {
            let (kept, name) = (Arc::clone(kept), name.clone());
            let piece = tokio::task::spawn_blocking(move || kept.get(&name)).await??;
            writer.write(piece.into()).await?;
        }
        writer.finish().await?;
        put += 1;
    }
    Ok(put)
}
