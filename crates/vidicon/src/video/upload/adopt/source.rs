//! Where files lie that are to become videos, and which of what lies there are some.

use crate::error::{Error, Result};
use base::storage::Outside;
use bytes::Bytes;
use std::path::{Path, PathBuf};

/// A folder (also a mounted one) or the names in a bucket that begin alike.
#[derive(Debug)]
pub enum Place {
    Folder(PathBuf),
    Bucket {
        outside: Outside,
        bucket: String,
        prefix: String,
    },
}

/// A file, by its name below the folder or its whole name in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub key: String,
    pub size_bytes: u64,
    /// What else has this name but for the ending: descriptions and pictures.
    pub beside: Vec<String>,
}

/// What is taken for a video or a sound by its name; what is in it is looked at later.
const ENDINGS: [&str; 23] = [
    "mp4", "m4v", "mov", "mkv", "webm", "ogv", "avi", "flv", "wmv", "ts", "mts", "m2ts", "mpg",
    "mpeg", "3gp", "mxf", "vob", "mp3", "m4a", "flac", "ogg", "wav", "opus",
];
/// Deeper folders are no collection of videos.
const DEEPEST: usize = 12;
const MOST: usize = 1_000_000;

impl Place {
    /// What the place is called in the notes of what was taken from it.
    pub fn name(&self) -> String {
        match self {
            Place::Folder(root) => format!("folder:{}", root.display()),
            Place::Bucket { bucket, .. } => format!("bucket:{bucket}"),
        }
    }

    /// All files that look like videos, in order.
    pub async fn videos(&self) -> Result<Vec<Found>> {
        let mut all = match self {
            Place::Folder(root) => {
                let root = root.clone();
                let walk = tokio::task::spawn_blocking(move || files_below(&root));
                walk.await.map_err(Error::internal)??
            }
            Place::Bucket {
                outside, prefix, ..
            } => {
                let listed = outside.list(prefix).await.map_err(Error::internal)?;
                let pairs = listed
                    .into_iter()
                    .map(|entry| (entry.key, entry.size_bytes));
                pairs.collect()
            }
        };
        all.sort();
        Ok(videos_of(&all))
    }

    /// A small file whole.
    pub async fn read(&self, key: &str, limit_bytes: u64) -> Result<Bytes> {
        match self {
            Place::Folder(root) => {
                let path = root.join(key);
                let size = tokio::fs::metadata(&path).await?.len();
                if size > limit_bytes {
                    return Err(Error::too_large(format!("{key} is too large.")));
                }
                Ok(tokio::fs::read(path).await?.into())
            }
            Place::Bucket { outside, .. } => {
                let read = outside.get(key, limit_bytes).await;
                read.map_err(Error::internal)
            }
        }
    }
}

fn files_below(root: &Path) -> Result<Vec<(String, u64)>> {
    let mut found = Vec::new();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            // Links are not followed: they could lead anywhere, and round in circles.
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < DEEPEST {
                folders.push((path, depth + 1));
            } else if kind.is_file()
                && found.len() < MOST
                && let Ok(below) = path.strip_prefix(root)
                && let Some(name) = below.to_str()
            {
                found.push((name.to_owned(), entry.metadata()?.len()));
            }
        }
    }
    Ok(found)
}

fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.unwrap_or_default().to_lowercase()
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn videos_of(all: &[(String, u64)]) -> Vec<Found> {
    let is_video = |name: &str| {
        let file = name.rsplit('/').next().unwrap_or(name);
        !file.starts_with('.') && ENDINGS.contains(&ending(name).as_str())
    };
    let videos = all
        .iter()
        .filter(|(name, size)| *size > 0 && is_video(name));
    let found = videos.map(|(name, size_bytes)| {
        let start = stem(name);
        // The list is in order, so what begins alike stands together.
        let from = all.partition_point(|(other, _)| other.as_str() < start);
        let beside = all.iter().skip(from).map(|(other, _)| other);
        let beside = beside
            .take_while(|other| other.starts_with(start))
            .filter(|other| *other != name && !is_video(other))
            .filter(|other| {
                other
                    .get(start.len()..)
                    .is_some_and(|rest| rest.starts_with('.'))
            });
        Found {
            key: name.clone(),
            size_bytes: *size_bytes,
            beside: beside.take(20).cloned().collect(),
        }
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_are_found_with_what_lies_beside_them() {
        let names = [
            "a/First one.info.json",
            "a/First one.jpg",
            "a/First one.mp4",
            "a/First one.part2.mkv",
            "a/First oneself.json",
            "b/empty.mp4",
            "b/notes.txt",
            "b/.hidden.mp4",
        ];
        let mut all: Vec<(String, u64)> = names
            .iter()
            .map(|name| ((*name).to_owned(), u64::from(!name.contains("empty"))))
            .collect();
        all.sort();
        let found = videos_of(&all);
        let keys: Vec<&str> = found.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys, ["a/First one.mp4", "a/First one.part2.mkv"]);
        assert_eq!(
            found[0].beside,
            ["a/First one.info.json", "a/First one.jpg"]
        );
        assert_eq!(found[1].beside, Vec::<String>::new());
    }
}
