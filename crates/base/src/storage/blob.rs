//! What a read gives back, and which bytes it was asked for.

use bytes::{Bytes, BytesMut};
use futures::stream::{BoxStream, StreamExt};
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use super::error::StorageError;
use super::read_file;
use crate::sendfile::Outgoing;

/// The bytes to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByteRange {
    All,
    /// From the first up to, not including, the second; cut at the blob's end.
    Span(u64, u64),
    /// From here to the end.
    From(u64),
    /// This many from the end, or all if there are fewer.
    Last(u64),
}

impl ByteRange {
    /// None if no byte of a blob of this size is meant.
    pub fn within(&self, size_bytes: u64) -> Option<Range<u64>> {
        let range = match *self {
            ByteRange::All => return Some(0..size_bytes),
            ByteRange::Span(start, end) => start..end.min(size_bytes),
            ByteRange::From(start) => start..size_bytes,
            ByteRange::Last(count) => size_bytes.saturating_sub(count)..size_bytes,
        };
        (range.start < range.end).then_some(range)
    }
}

/// What is known about a blob without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobInfo {
    /// Of the whole blob, whatever part of it is read.
    pub size_bytes: u64,
    /// As it stands in an HTTP header, with its quotes; changes whenever the content does.
    pub etag: Option<String>,
    /// Milliseconds since 1970 UTC.
    pub modified_ms: i64,
}

/// A blob in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobEntry {
    pub key: String,
    pub size_bytes: u64,
    pub modified_ms: i64,
}

pub type ByteStream = BoxStream<'static, Result<Bytes, StorageError>>;

/// An opened blob whose bytes have not been read yet.
pub struct Blob {
    pub info: BlobInfo,
    /// The bytes that will come.
    pub range: Range<u64>,
    pub(super) bytes: Source,
}

/// Where the bytes come from.
pub(super) enum Source {
    File { file: Arc<File>, doing: String },
    Stream(ByteStream),
}

impl Blob {
    /// A blob whose bytes are all here. None if the range holds none of them.
    pub(super) fn of_bytes(info: BlobInfo, bytes: Bytes, range: &ByteRange) -> Option<Self> {
        let range = range.within(info.size_bytes)?;
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let part = bytes.slice(place(range.start)..place(range.end));
        Some(Self {
            info,
            range,
            bytes: Source::Stream(futures::stream::once(async move { Ok(part) }).boxed()),
        })
    }

    /// The same bytes from elsewhere, once it is known which are meant.
    pub fn with_stream(self, stream: ByteStream) -> Self {
        Self {
            bytes: Source::Stream(stream),
            ..self
        }
    }

    pub fn into_stream(self) -> ByteStream {
        match self.bytes {
            Source::File { file, doing } => read_file::chunks(file, self.range, doing),
            Source::Stream(stream) => stream,
        }
    }

    /// As [`Blob::into_stream`], but the system may send the bytes of a file by itself. Nothing may look at these
    /// bytes: they are for the socket of this connection.
    pub fn into_outgoing(self, outgoing: &Outgoing) -> ByteStream {
        match self.bytes {
            Source::File { file, doing } => {
                read_file::outgoing(file, self.range, doing, outgoing.clone())
            }
            Source::Stream(stream) => stream,
        }
    }

    /// All bytes at once; refused if they are more than `limit_bytes`.
    pub async fn bytes(self, limit_bytes: u64) -> Result<Bytes, StorageError> {
        let size_bytes = self.range.end.saturating_sub(self.range.start);
        if size_bytes > limit_bytes {
            let message = format!(
                "the blob has {size_bytes} bytes; at most {limit_bytes} can be read at once"
            );
            return Err(StorageError::invalid(message));
        }
        let mut stream = self.into_stream();
        let Some(first) = stream.next().await.transpose()? else {
            return Ok(Bytes::new());
        };
        let Some(second) = stream.next().await.transpose()? else {
            return Ok(first);
        };
        let mut all = BytesMut::with_capacity(usize::try_from(size_bytes).unwrap_or(0));
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        while let Some(chunk) = stream.next().await.transpose()? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_at_the_end_and_never_empty() {
        assert_eq!(ByteRange::All.within(0), Some(0..0));
        assert_eq!(ByteRange::Span(2, 99).within(10), Some(2..10));
        assert_eq!(ByteRange::Span(10, 12).within(10), None);
        assert_eq!(ByteRange::Span(5, 5).within(10), None);
        assert_eq!(ByteRange::From(9).within(10), Some(9..10));
        assert_eq!(ByteRange::From(10).within(10), None);
        assert_eq!(ByteRange::Last(3).within(10), Some(7..10));
        assert_eq!(ByteRange::Last(30).within(10), Some(0..10));
        assert_eq!(ByteRange::Last(0).within(10), None);
    }
}
