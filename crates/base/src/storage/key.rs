//! Classes of blobs and the names of blobs inside them.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::error::StorageError;

/// Part of the name of every file that is still being written; no key may contain it.
pub(super) const TEMPORARY: &str = ".tmp-";
/// Leaves room for a bucket's prefix: buckets allow 1,024 bytes.
const LONGEST_KEY: usize = 700;
/// Leaves room for the ending of a temporary file: file systems allow 255 bytes.
const LONGEST_PART: usize = 200;

/// What a blob is for. Each class can have its own bucket or prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Original,
    Rendition,
    Playlist,
    Thumbnail,
    Avatar,
    Caption,
    Storyboard,
    Torrent,
    Export,
    /// Uploads in progress.
    Upload,
    /// Pictures of the site itself: banner, logo, favicon.
    Image,
    /// Originals in a colder place, under the keys that they had.
    Archive,
}

impl Class {
    pub const ALL: [Class; 12] = [
        Class::Original,
        Class::Rendition,
        Class::Playlist,
        Class::Thumbnail,
        Class::Avatar,
        Class::Caption,
        Class::Storyboard,
        Class::Torrent,
        Class::Export,
        Class::Upload,
        Class::Image,
        Class::Archive,
    ];

    /// The class in messages and in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Class::Original => "original",
            Class::Rendition => "rendition",
            Class::Playlist => "playlist",
            Class::Thumbnail => "thumbnail",
            Class::Avatar => "avatar",
            Class::Caption => "caption",
            Class::Storyboard => "storyboard",
            Class::Torrent => "torrent",
            Class::Export => "export",
            Class::Upload => "upload",
            Class::Image => "image",
            Class::Archive => "archive",
        }
    }

    /// Its folder on disk, and its prefix in a bucket that all classes share.
    pub fn folder(self) -> &'static str {
        match self {
            Class::Original => "originals",
            Class::Rendition => "renditions",
            Class::Playlist => "playlists",
            Class::Thumbnail => "thumbnails",
            Class::Avatar => "avatars",
            Class::Caption => "captions",
            Class::Storyboard => "storyboards",
            Class::Torrent => "torrents",
            Class::Export => "exports",
            Class::Upload => "uploads",
            Class::Image => "images",
            Class::Archive => "archives",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Refuses a key that could leave its folder or that some bucket or file system would change.
pub(super) fn check_key(class: Class, key: &str) -> Result<(), StorageError> {
    let wrong = |why: &str| {
        let shown: String = key.chars().take(80).collect();
        Err(StorageError::invalid(format!(
            "{shown:?} cannot be the name of a stored {class}: {why}"
        )))
    };
    if key.is_empty() {
        return wrong("it is empty");
    }
    if key.len() > LONGEST_KEY {
        return wrong("it is longer than 700 bytes");
    }
    for part in key.split('/') {
        if part.is_empty() || part == "." || part == ".." {
            return wrong("it has an empty, `.` or `..` part");
        }
        if part.len() > LONGEST_PART {
            return wrong("one of its parts is longer than 200 bytes");
        }
        if part.contains(TEMPORARY) {
            return wrong("`.tmp-` is kept for unfinished files");
        }
        if !part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.+=@~,!()".contains(&byte))
        {
            return wrong("only ASCII letters, digits and -_.+=@~,!() are allowed");
        }
    }
    Ok(())
}

/// The media type a bucket tells a browser; by the ending of the name, which we gave ourselves.
pub(super) fn media_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map(|(_, ending)| ending) {
        Some("mp4" | "m4s" | "m4v") => "video/mp4",
        Some("m4a") => "audio/mp4",
        Some("webm") => "video/webm",
        Some("m3u8") => "application/vnd.apple.mpegurl",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        Some("vtt") => "text/vtt; charset=utf-8",
        Some("json") => "application/json",
        Some("zip") => "application/zip",
        Some("torrent") => "application/x-bittorrent",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_could_escape_or_change_are_refused() {
        let long_part = "a".repeat(201);
        let long_key = "ab/".repeat(250) + "c";
        for key in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "ü.mp4",
            "a b",
            "a\\b",
            "a\0b",
            "a\nb",
            "a%2e",
            "a?b",
            "a#b",
            "a:b",
            "x.tmp-1",
            &long_part,
            &long_key,
        ] {
            assert!(check_key(Class::Original, key).is_err(), "{key:?}");
        }
        for key in ["a", "3f/1080.mp4", "a.b-c_d+e=f@g~h,i!(j)", "...", "a..b"] {
            assert!(check_key(Class::Original, key).is_ok(), "{key:?}");
        }
    }

    #[test]
    fn every_class_has_its_own_folder() {
        let mut folders: Vec<_> = Class::ALL.iter().map(|class| class.folder()).collect();
        folders.sort_unstable();
        folders.dedup();
        assert_eq!(folders.len(), Class::ALL.len());
    }
}
