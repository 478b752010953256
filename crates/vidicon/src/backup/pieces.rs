//! What backups share: their large files lie beside them in sealed pieces that are named by what is
//! in them, so that a backup adds only what has changed since the ones before.
//!
//! The key of the pieces is random. It lies beside them, sealed like a backup, and in each backup,
//! so that a backup and its pieces are enough.

use super::key::Secret;
use super::seal::{Opener, Sealer};
use anyhow::{Context, bail};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Beside the backups.
pub const FOLDER: &str = "pieces";
const KEY: &str = "key";
/// A piece of a database ends where its last bytes say so, after at least and at most this much.
const SMALLEST: usize = 16 * 1024;
const LARGEST: usize = 256 * 1024;
/// So many leading bits of the sum are nought at the end of a piece: each 64 KiB or so.
const BITS: u32 = 16;
/// Of a file that never changes in its middle.
const FIXED: usize = 4 * 1024 * 1024;
const PACKED: u8 = 1;
const PLAIN: u8 = 0;

/// How a file is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// By what is in it, so that what moves stays the same pieces; packed too.
    ByContent,
    Fixed,
}

pub struct Pieces {
    folder: PathBuf,
    key: [u8; 32],
    names: hmac::Key,
    seal: LessSafeKey,
}

impl Pieces {
    /// Those beside the backups of this folder; with a new key where none fits the secret.
    pub fn open(backups: &Path, secret: &Secret) -> anyhow::Result<Self> {
        let folder = backups.join(FOLDER);
        std::fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
        let file = folder.join(KEY);
        if let Ok(key) = read_key(&file, secret) {
            return Self::with_key(backups, key);
        }
        let key = base::random::bytes::<32>();
        let made = folder.join(".tmp-key");
        let mut sealer = Sealer::new(File::create(&made)?, secret)?;
        sealer.write_all(&key)?;
        sealer.finish()?.sync_all()?;
        std::fs::rename(&made, &file)?;
        Self::with_key(backups, key)
    }

    pub fn with_key(backups: &Path, key: [u8; 32]) -> anyhow::Result<Self> {
        let derived = |purpose: &[u8]| {
            let own = hmac::Key::new(hmac::HMAC_SHA256, &key);
            hmac::sign(&own, purpose)
        };
        let seal = UnboundKey::new(&AES_256_GCM, derived(b"seal").as_ref());
        Ok(Pieces {
            folder: backups.join(FOLDER),
            key,
            names: hmac::Key::new(hmac::HMAC_SHA256, derived(b"name").as_ref()),
            seal: LessSafeKey::new(seal.map_err(|_| anyhow::anyhow!("no key"))?),
        })
    }

    pub fn key(&self) -> String {
        hex::encode(self.key)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(place(name))
    }

    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Keeps a file and tells the names of its pieces and how many bytes that took.
    pub fn keep(&self, file: &Path, how: Cut) -> anyhow::Result<(Vec<String>, u64)> {
        let from = File::open(file).with_context(|| format!("read {}", file.display()))?;
        let (mut names, mut added) = (Vec::new(), 0);
        cut(from, how, |piece| {
            let name = hex::encode(hmac::sign(&self.names, piece));
            if !self.has(&name) {
                added += self.put(&name, piece, how == Cut::ByContent)?;
            }
            names.push(name);
            Ok(())
        })
        .with_context(|| format!("keep {}", file.display()))?;
        Ok((names, added))
    }

    fn put(&self, name: &str, piece: &[u8], pack: bool) -> anyhow::Result<u64> {
        let mut data = vec![if pack { PACKED } else { PLAIN }];
        if pack {
            let mut packer = GzEncoder::new(&mut data, Compression::fast());
            packer.write_all(piece)?;
            packer.finish()?;
        } else {
            data.extend_from_slice(piece);
        }
        let nonce = base::random::bytes::<NONCE_LEN>();
        self.seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name),
                &mut data,
            )
            .map_err(|_| anyhow::anyhow!("a piece could not be encrypted"))?;
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        let made = folder.join(format!(".tmp-{}", base::random::token()));
        let mut file = File::create(&made)?;
        file.write_all(&nonce)?;
        file.write_all(&data)?;
        file.sync_all()?;
        std::fs::rename(&made, &path)?;
        Ok(u64::try_from(nonce.len() + data.len())?)
    }

    pub fn get(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.path(name);
        let file = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        self.opened(name, file)
            .with_context(|| format!("the piece {} is damaged", path.display()))
    }

    fn opened(&self, name: &str, file: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        let (nonce, sealed) = file
            .split_at_checked(NONCE_LEN)
            .context("it is too short")?;
        let nonce = Nonce::try_assume_unique_for_key(nonce);
        let nonce = nonce.map_err(|_| anyhow::anyhow!("it is too short"))?;
        let mut sealed = sealed.to_vec();
        let data = self
            .seal
            .open_in_place(nonce, Aad::from(name), &mut sealed)
            .map_err(|_| anyhow::anyhow!("it does not fit the backup"))?;
        match data.split_first() {
            Some((&PACKED, packed)) => {
                let mut piece = Vec::new();
                let most = u64::try_from(LARGEST)? + 1;
                GzDecoder::new(packed).take(most).read_to_end(&mut piece)?;
                Ok(piece)
            }
            Some((&PLAIN, piece)) => Ok(piece.to_vec()),
            _ => bail!("it is of another version"),
        }
    }

    /// Puts a file together again.
    pub fn join(&self, names: &[String], into: &Path) -> anyhow::Result<()> {
        let mut file = File::create(into).with_context(|| format!("write {}", into.display()))?;
        for name in names {
            file.write_all(&self.get(name)?)?;
        }
        Ok(file.sync_all()?)
    }
}

/// Where a piece lies among the others.
pub fn place(name: &str) -> String {
    let start: String = name.chars().take(2).collect();
    format!("{start}/{name}")
}

fn read_key(file: &Path, secret: &Secret) -> anyhow::Result<[u8; 32]> {
    let mut key = Vec::new();
    Opener::new(BufReader::new(File::open(file)?), secret)?.read_to_end(&mut key)?;
    key.try_into()
        .map_err(|_| anyhow::anyhow!("{} is no key of pieces", file.display()))
}

/// Every piece below the folder of the backups.
pub fn all(backups: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(backups.join(FOLDER))? {
        let folder = folder?.path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder)? {
            let file = file?;
            found.push((file.file_name().to_string_lossy().into_owned(), file.path()));
        }
    }
    Ok(found)
}

/// Removes the pieces that no backup needs any more, and what was left half written.
pub fn forget_all_but(backups: &Path, needed: &HashSet<String>) -> std::io::Result<usize> {
    let mut forgotten = 0;
    for (name, path) in all(backups)? {
        if !needed.contains(&name) {
            std::fs::remove_file(path)?;
            forgotten += 1;
        }
    }
    Ok(forgotten)
}

/// Held while a backup is made, for its pieces are not yet named by any.
pub fn lock(backups: &Path) -> anyhow::Result<File> {
    let folder = backups.join(FOLDER);
    std::fs::create_dir_all(&folder)?;
    let file = File::create(folder.join("lock"))?;
    if file.try_lock().is_err() {
        bail!("another backup is being made in {}", backups.display());
    }
    Ok(file)
}

/// Cuts by a sum over the last 64 bytes (a gear hash), or into fixed lengths.
fn cut(
    from: impl Read,
    how: Cut,
    mut take: impl FnMut(&[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (smallest, largest) = match how {
        Cut::ByContent => (SMALLEST, LARGEST),
        Cut::Fixed => (FIXED, FIXED),
    };
    let mut from = BufReader::with_capacity(1024 * 1024, from);
    let mut piece: Vec<u8> = Vec::with_capacity(largest);
    let mut sum = 0_u64;
    loop {
        let found = from.fill_buf()?;
        if found.is_empty() {
            break;
        }
        let room = largest - piece.len();
        let unseen = smallest.saturating_sub(piece.len());
        let mut used = found.len().min(room);
        let mut ends = used == room;
        if how == Cut::ByContent {
            for (at, byte) in found.iter().take(used).enumerate() {
                sum = (sum << 1).wrapping_add(gear(*byte));
                if at >= unseen && sum >> (64 - BITS) == 0 {
                    (used, ends) = (at + 1, true);
                    break;
                }
            }
        }
        piece.extend(found.iter().take(used));
        from.consume(used);
        if ends {
            take(&piece)?;
            piece.clear();
            sum = 0;
        }
    }
    if piece.is_empty() {
        return Ok(());
    }
    take(&piece)
}

/// A number of its own for each byte (splitmix64).
fn gear(byte: u8) -> u64 {
    let state = (u64::from(byte) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(length: usize, mut seed: u64) -> Vec<u8> {
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            u8::try_from(seed >> 56).unwrap()
        };
        (0..length).map(|_| next()).collect()
    }

    fn pieces(data: &[u8], how: Cut) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        cut(data, how, |piece| {
            found.push(piece.to_vec());
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn what_moves_stays_the_same_pieces() {
        let before = noise(2_000_000, 42);
        let mut after = before[..700_000].to_vec();
        after.extend_from_slice(b"something new");
        after.extend_from_slice(&before[700_000..]);
        let old = pieces(&before, Cut::ByContent);
        assert_eq!(old.concat(), before);
        assert!((10..60).contains(&old.len()), "{}", old.len());
        let known: HashSet<_> = old.iter().collect();
        let new = pieces(&after, Cut::ByContent);
        assert_eq!(new.concat(), after);
        let changed = new.iter().filter(|piece| !known.contains(piece)).count();
        assert!(changed <= 3, "{changed} of {}", new.len());
        assert_eq!(pieces(&noise(9_000_000, 7), Cut::Fixed).len(), 3);
        assert!(pieces(b"", Cut::ByContent).is_empty());
    }

    #[test]
    fn pieces_come_back_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let secret = Secret::Key([7; 32]);
        let kept = Pieces::open(folder.path(), &secret).unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, noise(600_000, 3)).unwrap();
        let (names, added) = kept.keep(&file, Cut::ByContent).unwrap();
        assert!(added > 600_000 / 2);
        assert_eq!(
            Pieces::open(folder.path(), &secret)
                .unwrap()
                .keep(&file, Cut::ByContent)
                .unwrap(),
            (names.clone(), 0)
        );
        let again = folder.path().join("again");
        kept.join(&names, &again).unwrap();
        assert!(std::fs::read(&again).unwrap() == std::fs::read(&file).unwrap());
        // One in the place of another is no less wrong than a damaged one.
        std::fs::copy(kept.path(&names[0]), kept.path(&names[1])).unwrap();
        let told = format!("{:#}", kept.join(&names, &again).unwrap_err());
        assert!(told.contains("damaged"), "{told}");
    }
}
