//! What can go wrong with a media file, in words a person can read.

use std::path::Path;

pub type Result<T> = std::result::Result<T, MediaError>;

#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// ffmpeg or one of its parts is not on this machine.
    #[error("{0}")]
    Missing(String),
    /// The file itself is at fault; trying again cannot help.
    #[error("This file is not a video or a sound that can be read: {0}")]
    Unreadable(String),
    /// ffmpeg ended with an error.
    #[error("{what} failed: {reason}")]
    Failed { what: String, reason: String },
    #[error("{what} stopped making progress and was ended")]
    Stalled { what: String },
    #[error("{what} took longer than {seconds} s and was ended")]
    TooLong { what: String, seconds: u64 },
    #[error("canceled")]
    Canceled,
    /// ffmpeg said all is well, but what it wrote is not what was asked for.
    #[error("{what} is not as planned: {reason}")]
    Broken { what: String, reason: String },
    #[error("{what}: {source}")]
    Io {
        what: String,
        source: std::io::Error,
    },
}

impl MediaError {
    /// True when another try would end the same way, so that a job should give up at once.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Missing(_))
    }

    pub(crate) fn broken(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Broken {
            what: what.into(),
            reason: reason.into(),
        }
    }
}

/// Names the file and the deed in an I/O error: `write 360.mp4: no space left on device`.
pub(crate) fn io(deed: &str, path: &Path) -> impl FnOnce(std::io::Error) -> MediaError {
    let name = path
        .file_name()
        .map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
    let what = format!("{deed} {name}");
    move |source| MediaError::Io { what, source }
}
