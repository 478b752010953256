//! Small blobs of a bucket that were read lately, as files on this machine's disk. It never takes more room
//! than it may, and whatever is in it can be thrown away.

use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::blob::{Blob, ByteRange};
use super::disk::Folder;
use super::error::StorageError;
use super::key::Class;

/// Larger blobs are not kept: they go to viewers from the bucket itself, or in ranges.
pub(super) const LARGEST_BYTES: u64 = 8 * 1024 * 1024;
/// A blob whose name stays when its content changes may have been written by another machine.
const MUTABLE_LIFE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Cache {
    folder: Folder,
    limit_bytes: u64,
    index: Mutex<Index>,
}

#[derive(Debug, Default)]
struct Index {
    entries: HashMap<(Class, String), Entry>,
    total_bytes: u64,
    /// Counts the uses, so that the oldest is known.
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    size_bytes: u64,
    last_use: u64,
    since: Instant,
}

impl Cache {
    /// What an earlier process left is thrown away: nobody knows whether it still holds.
    pub(super) fn new(root: PathBuf, limit_bytes: u64) -> Self {
        let _ = std::fs::remove_dir_all(&root);
        Self {
            folder: Folder::new(root, false),
            limit_bytes,
            index: Mutex::default(),
        }
    }

    /// Renditions and originals are too large, uploads and exports are read once.
    pub(super) fn takes(class: Class) -> bool {
        !matches!(
            class,
            Class::Original | Class::Archive | Class::Rendition | Class::Upload | Class::Export
        )
    }

    pub(super) async fn read(
        &self,
        class: Class,
        key: &str,
        range: ByteRange,
    ) -> Option<Result<Blob, StorageError>> {
        {
            let mut index = self.index.lock();
            index.uses += 1;
            let uses = index.uses;
            let entry = index.entries.get_mut(&(class, key.to_owned()))?;
            if class == Class::Playlist && entry.since.elapsed() > MUTABLE_LIFE {
                return None;
            }
            entry.last_use = uses;
        }
        match self.folder.read(class, key, range).await {
            // Somebody has cleaned up the folder.
            Err(error) if error.is_not_found() => None,
            read => Some(read),
        }
    }

    /// Keeps a blob; the oldest ones make room for it.
    pub(super) async fn keep(&self, class: Class, key: &str, data: Bytes) {
        let size_bytes = u64::try_from(data.len()).unwrap_or(u64::MAX);
        if size_bytes > LARGEST_BYTES.min(self.limit_bytes) {
            return;
        }
        let old = self.make_room(class, key, size_bytes);
        for (class, key) in old {
            let _ = self.folder.delete(class, &key).await;
        }
        if self.folder.put(class, key, data).await.is_err() {
            self.forget(class, key).await;
        }
        // It had to make room itself while it was being written: nobody would remove the file later.
        let is_known = self
            .index
            .lock()
            .entries
            .contains_key(&(class, key.to_owned()));
        if !is_known {
            let _ = self.folder.delete(class, key).await;
        }
    }

    /// Notes the blob and gives those that have to go.
    fn make_room(&self, class: Class, key: &str, size_bytes: u64) -> Vec<(Class, String)> {
        let mut index = self.index.lock();
        index.uses += 1;
        let entry = Entry {
            size_bytes,
            last_use: index.uses,
            since: Instant::now(),
        };
        if let Some(old) = index.entries.insert((class, key.to_owned()), entry) {
            index.total_bytes = index.total_bytes.saturating_sub(old.size_bytes);
        }
        index.total_bytes = index.total_bytes.saturating_add(size_bytes);
        let mut gone = Vec::new();
        if index.total_bytes <= self.limit_bytes {
            return gone;
        }
        // Some more room than is needed now, so that this is not done for each blob.
        let aim = self.limit_bytes / 10 * 9;
        let mut by_age: Vec<(u64, (Class, String))> = index
            .entries
            .iter()
            .filter(|((other, name), _)| (*other, name.as_str()) != (class, key))
            .map(|(place, entry)| (entry.last_use, place.clone()))
            .collect();
        by_age.sort_unstable();
        for (_, place) in by_age {
            if index.total_bytes <= aim {
                break;
            }
            if let Some(entry) = index.entries.remove(&place) {
                index.total_bytes = index.total_bytes.saturating_sub(entry.size_bytes);
                gone.push(place);
            }
        }
        gone
    }

    /// The blob has changed or is gone.
    pub(super) async fn forget(&self, class: Class, key: &str) {
        {
            let mut index = self.index.lock();
            let Some(entry) = index.entries.remove(&(class, key.to_owned())) else {
                return;
            };
            index.total_bytes = index.total_bytes.saturating_sub(entry.size_bytes);
        }
        let _ = self.folder.delete(class, key).await;
    }

    pub(super) async fn forget_prefix(&self, class: Class, prefix: &str) {
        let below = format!("{prefix}/");
        let keys: Vec<String> = {
            let index = self.index.lock();
            let keys = index.entries.keys();
            keys.filter(|(other, key)| *other == class && key.starts_with(&below))
                .map(|(_, key)| key.clone())
                .collect()
        };
        for key in keys {
            self.forget(class, &key).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is_there(cache: &Cache, key: &str) -> bool {
        let read = cache.read(Class::Thumbnail, key, ByteRange::All).await;
        read.is_some_and(|read| read.is_ok())
    }

    #[tokio::test]
    async fn the_oldest_goes_when_the_room_is_used_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().join("cache"), 1000);
        for key in ["a", "b", "c"] {
            cache.keep(Class::Thumbnail, key, vec![0; 300].into()).await;
        }
        assert!(is_there(&cache, "a").await);
        cache.keep(Class::Thumbnail, "d", vec![0; 300].into()).await;
        assert!(is_there(&cache, "a").await, "it was used last");
        assert!(!is_there(&cache, "b").await, "it was not used for longest");
        assert!(is_there(&cache, "d").await);
        assert!(cache.index.lock().total_bytes <= 1000);
        cache.forget(Class::Thumbnail, "a").await;
        assert!(!is_there(&cache, "a").await);
        cache
            .keep(Class::Thumbnail, "e", vec![0; 2000].into())
            .await;
        assert!(!is_there(&cache, "e").await, "too large to be kept");
    }

    fn bytes_below(folder: &std::path::Path) -> u64 {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return 0;
        };
        let of = |path: PathBuf| match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => bytes_below(&path),
            Ok(found) => found.len(),
            Err(_) => 0,
        };
        entries.flatten().map(|entry| of(entry.path())).sum()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_crowd_does_not_make_it_larger_than_it_may_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("cache");
        let limit = 100_000;
        let cache = std::sync::Arc::new(Cache::new(root.clone(), limit));
        let tasks: Vec<_> = (0..16_u64)
            .map(|task| {
                let cache = std::sync::Arc::clone(&cache);
                tokio::spawn(async move {
                    for round in 0..100_u64 {
                        let number = (task * 7 + round * 13) % 60;
                        let key = format!("{task}/{number}");
                        let size = usize::try_from(500 + (task * 31 + number * 97) % 9_000);
                        let data = vec![0; size.expect("small")];
                        cache.keep(Class::Thumbnail, &key, data.into()).await;
                    }
                })
            })
            .collect();
        let mut most = 0;
        while !tasks.iter().all(|task| task.is_finished()) {
            most = most.max(bytes_below(&root));
            tokio::task::yield_now().await;
        }
        for task in tasks {
            task.await.expect("no task fails");
        }
        // A file that is being replaced is there twice for a moment: one of each task at the most.
        assert!(most <= limit + 16 * 9_500, "{most} bytes at a time");
        let (left, known) = (bytes_below(&root), cache.index.lock().total_bytes);
        assert!(known <= limit, "{known} bytes");
        assert!(left <= known, "{left} bytes lie there, {known} are known");
    }
}
