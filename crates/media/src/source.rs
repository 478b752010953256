//! Where a media file is, and which protocols and formats ffmpeg may open for it.

use std::ffi::OsString;
use std::path::PathBuf;

/// Formats that may be opened. Playlists, concatenation scripts and the like are not among them,
/// since they make ffmpeg open other files.
pub const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,m4v,avi,flv,ogg,asf,wav,w64,mp3,flac,aac,ac3,eac3,nut,mxf";

const MIB: u64 = 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// An `http` or `https` address that the caller has checked, for example a signed one of the own bucket.
    Url(String),
}

impl Source {
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }

    /// The memory for finding out what is in it. An index holds an entry for each frame, and a frame has some bytes: a
    /// file of a few kilobytes that claims millions of frames would fill the machine's memory with them.
    pub(crate) fn reading_bytes(&self) -> u64 {
        let most = 2 * 1024 * MIB;
        match self {
            Self::File(path) => {
                let length = std::fs::metadata(path).map_or(0, |file| file.len());
                (768 * MIB + length / 2).min(most)
            }
            Self::Url(_) => most,
        }
    }

    /// The options that must stand before `-i`, and `-i` with the source itself.
    pub(crate) fn input(&self) -> Vec<OsString> {
        let mut args = self.limits();
        args.push("-i".into());
        args.push(self.address());
        args
    }

    /// The whitelists alone, for options that stand between them and `-i`.
    pub(crate) fn limits(&self) -> Vec<OsString> {
        let protocols = match self {
            Self::File(_) => "file",
            Self::Url(_) => "http,https,tls,tcp",
        };
        [
            "-protocol_whitelist",
            protocols,
            "-format_whitelist",
            FORMATS,
        ]
        .map(OsString::from)
        .to_vec()
    }

    /// The `file:` in front keeps a name such as `concat:x` or `-y` from being taken for something else.
    pub(crate) fn address(&self) -> OsString {
        match self {
            Self::File(path) => file_address(path),
            Self::Url(url) => url.into(),
        }
    }
}

pub(crate) fn file_address(path: &std::path::Path) -> OsString {
    let mut address = OsString::from("file:");
    address.push(path);
    address
}
