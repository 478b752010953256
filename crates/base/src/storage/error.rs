//! What can go wrong with stored blobs, in words an administrator understands.

use std::error::Error as StdError;
use std::fmt;

/// What the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageErrorKind {
    /// There is no blob of that name.
    NotFound,
    /// The folder or the bucket does not let us.
    Denied,
    /// It does not answer, or not now: worth another try later.
    Unavailable,
    /// No room is left.
    Full,
    /// The key, the range or the configuration is wrong: no use trying again.
    Invalid,
}

pub struct StorageError {
    kind: StorageErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StorageError {
    pub fn new(kind: StorageErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StorageErrorKind::Invalid, message)
    }

    pub fn kind(&self) -> StorageErrorKind {
        self.kind
    }

    pub fn is_not_found(&self) -> bool {
        self.kind == StorageErrorKind::NotFound
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            StorageErrorKind::Unavailable | StorageErrorKind::Full
        )
    }

    pub(super) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// `doing` names the deed and the blob: `read rendition abc/1080.mp4`.
    pub(super) fn from_io(doing: &str, error: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let (kind, why) = match error.kind() {
            Io::NotFound => (StorageErrorKind::NotFound, "it does not exist".to_owned()),
            Io::PermissionDenied | Io::ReadOnlyFilesystem => (
                StorageErrorKind::Denied,
                "the folder's permissions do not allow it".to_owned(),
            ),
            Io::StorageFull | Io::QuotaExceeded => {
                (StorageErrorKind::Full, "the disk is full".to_owned())
            }
            Io::NotADirectory | Io::IsADirectory | Io::InvalidFilename => (
                StorageErrorKind::Invalid,
                "a folder and a file would have the same name".to_owned(),
            ),
            _ => (
                StorageErrorKind::Unavailable,
                format!("the disk answered: {error}"),
            ),
        };
        Self::new(kind, format!("cannot {doing}: {why}")).with_source(error)
    }

    pub(super) fn from_bucket(doing: &str, error: object_store::Error) -> Self {
        use object_store::Error as Bucket;
        // The library hides status and code of the answer in the text of its sources.
        let text = error.to_string();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let (kind, why) = if says(&["NoSuchBucket"]) {
            // Not "not found": a wrong bucket name must never look like a missing blob.
            (StorageErrorKind::Unavailable, "the bucket does not exist")
        } else if says(&["InvalidRange", "416 "]) {
            (
                StorageErrorKind::Invalid,
                "the range lies outside of the blob",
            )
        } else if says(&["QuotaExceeded", "507 ", "StorageFull"]) {
            (StorageErrorKind::Full, "the bucket is full")
        } else {
            match &error {
                Bucket::NotFound { .. } => (StorageErrorKind::NotFound, "it does not exist"),
                Bucket::PermissionDenied { .. } | Bucket::Unauthenticated { .. } => (
                    StorageErrorKind::Denied,
                    "the bucket refused: check the keys, the region and the bucket's policy",
                ),
                Bucket::InvalidPath { .. } => (
                    StorageErrorKind::Invalid,
                    "the bucket holds a name we cannot use",
                ),
                _ if says(&["status code: 4"]) => (
                    StorageErrorKind::Invalid,
                    "the bucket did not accept the request",
                ),
                _ => (
                    StorageErrorKind::Unavailable,
                    "the bucket does not answer as it should",
                ),
            }
        };
        Self::new(kind, format!("cannot {doing}: {why}")).with_source(error)
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)?;
        match &self.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

impl StdError for StorageError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}
