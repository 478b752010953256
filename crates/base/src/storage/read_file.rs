//! Reads a file in large chunks for viewers. What the system holds in memory is read at once; only what
//! must come from the disk goes to another thread.

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use parking_lot::Mutex;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::blob::ByteStream;
use super::disk::blocking;
use super::error::StorageError;
use crate::sendfile::Outgoing;

/// Measured with `measure_chunk_sizes`: what is in memory is read at 8 to 10 GiB/s whatever the size;
/// by way of a thread at 2.4 GiB/s in chunks of 64 KiB and at twice that in chunks of this size.
const CHUNK_BYTES: u64 = 256 * 1024;

pub(super) fn chunks(file: Arc<File>, range: Range<u64>, doing: String) -> ByteStream {
    chunks_of(file, range, doing, CHUNK_BYTES)
}

fn chunks_of(file: Arc<File>, range: Range<u64>, doing: String, chunk_bytes: u64) -> ByteStream {
    let state = (file, range, doing);
    stream::try_unfold(state, move |(file, range, doing)| async move {
        let wanted = next_chunk(&range, chunk_bytes);
        if wanted == 0 {
            return Ok(None);
        }
        let data = chunk(&file, range.start, wanted, &doing).await?;
        let next = range.start + u64::try_from(data.len()).unwrap_or(0);
        Ok(Some((data, (file, next..range.end, doing))))
    })
    .boxed()
}

/// Lends what the system holds in memory to the connection; what must come from the disk is read first, so that the
/// sending does not wait for it.
pub(super) fn outgoing(
    file: Arc<File>,
    range: Range<u64>,
    doing: String,
    outgoing: Outgoing,
) -> ByteStream {
    let state = (file, range, doing, outgoing);
    stream::try_unfold(state, move |(file, range, doing, outgoing)| async move {
        let wanted = next_chunk(&range, CHUNK_BYTES);
        if wanted == 0 {
            return Ok(None);
        }
        let data = if is_in_memory(&file, range.start, wanted) {
            outgoing.lend(Arc::clone(&file), range.start, wanted)
        } else {
            chunk(&file, range.start, wanted, &doing).await?
        };
        let next = range.start + u64::try_from(data.len()).unwrap_or(0);
        Ok(Some((data, (file, next..range.end, doing, outgoing))))
    })
    .boxed()
}

fn next_chunk(range: &Range<u64>, chunk_bytes: u64) -> usize {
    let left = range.end.saturating_sub(range.start);
    usize::try_from(left.min(chunk_bytes)).unwrap_or(0)
}

/// The system reads files ahead in steps of at least this size, so one byte tells of so many.
const LOOK_BYTES: usize = 64 * 1024;

/// Looks at a byte here and there. Where it errs, the sending waits for the disk.
fn is_in_memory(file: &File, at: u64, length: usize) -> bool {
    let places = (0..length).step_by(LOOK_BYTES).chain([length - 1]);
    places
        .map(|place| at + u64::try_from(place).unwrap_or(0))
        .all(|place| read_from_memory(file, &mut [0], place) == Some(1))
}

async fn chunk(
    file: &Arc<File>,
    at: u64,
    wanted: usize,
    doing: &str,
) -> Result<Bytes, StorageError> {
    let mut buffer = Buffer::of(wanted);
    if let Some(read) = read_from_memory(file, buffer.free(), at) {
        return Ok(buffer.filled(read));
    }
    let file = Arc::clone(file);
    blocking(doing.to_owned(), move || {
        let read = read_from_disk(&file, buffer.free(), at)?;
        Ok(buffer.filled(read))
    })
    .await
}

/// Shorter reads have buffers of their own.
const SHORT_BYTES: usize = 64 * 1024;
/// So many buffers are kept for the next reads.
const MOST_KEPT: usize = 8;

static KEPT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// What a read goes into. Long ones come back here when they were sent: a new one of this size
/// would be filled with zeros first, which takes as long as the reading.
struct Buffer {
    bytes: Vec<u8>,
    /// How much was asked for, and then how much was read.
    length: usize,
}

impl Buffer {
    fn of(length: usize) -> Self {
        let kept = (length > SHORT_BYTES).then(|| KEPT.lock().pop()).flatten();
        let bytes = kept.filter(|kept| kept.len() >= length);
        Buffer {
            bytes: bytes.unwrap_or_else(|| vec![0; length]),
            length,
        }
    }

    fn free(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.length).unwrap_or_default()
    }

    fn filled(mut self, read: usize) -> Bytes {
        self.length = read.min(self.length);
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.bytes.len() <= SHORT_BYTES {
            return;
        }
        let mut kept = KEPT.lock();
        if kept.len() < MOST_KEPT {
            kept.push(std::mem::take(&mut self.bytes));
        }
    }
}

/// None when it would have to wait for the disk, or cannot tell.
#[cfg(target_os = "linux")]
fn read_from_memory(file: &File, buffer: &mut [u8], at: u64) -> Option<usize> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut buffers = [io::IoSliceMut::new(buffer)];
    preadv2(file, &mut buffers, at, ReadWriteFlags::NOWAIT)
        .ok()
        .filter(|read| *read > 0)
}

#[cfg(not(target_os = "linux"))]
fn read_from_memory(_: &File, _: &mut [u8], _: u64) -> Option<usize> {
    None
}

fn read_from_disk(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, at) {
            Ok(0) => return Err(io::Error::other("the file is shorter than it was")),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file_of(size: usize) -> Arc<File> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        let data: Vec<u8> = (0..size)
            .map(|at| u8::try_from(at % 251).expect("small"))
            .collect();
        file.write_all(&data).expect("written");
        Arc::new(file)
    }

    #[tokio::test]
    async fn chunks_tile_the_range() {
        let stream = chunks_of(file_of(10_000), 17..9_001, String::new(), 4_096);
        let parts: Vec<Bytes> = stream.map(|part| part.expect("read")).collect().await;
        let all = parts.concat();
        assert_eq!(all.len(), 8_984);
        assert!(
            all.iter()
                .enumerate()
                .all(|(at, byte)| usize::from(*byte) == (at + 17) % 251)
        );
    }

    #[tokio::test]
    async fn a_file_that_shrank_is_an_error() {
        let stream = chunks_of(file_of(10), 0..20, "read x".to_owned(), 64);
        let parts: Vec<_> = stream.collect().await;
        assert!(parts.last().expect("parts").is_err());
    }

    /// `cargo test -p base --lib measure_chunk_sizes -- --ignored --nocapture`
    #[tokio::test]
    #[ignore = "prints figures, proves nothing"]
    async fn measure_chunk_sizes() {
        let file = file_of(64 << 20);
        for memory in [true, false] {
            for kib in [64, 128, 256, 512, 1024] {
                let start = std::time::Instant::now();
                for _ in 0..8 {
                    if memory {
                        let mut stream =
                            chunks_of(Arc::clone(&file), 0..64 << 20, String::new(), kib << 10);
                        while let Some(part) = stream.next().await {
                            assert!(!part.expect("read").is_empty());
                        }
                    } else {
                        for at in (0..64 << 20).step_by(usize::try_from(kib << 10).expect("fits")) {
                            let (file, size) =
                                (Arc::clone(&file), usize::try_from(kib << 10).expect("fits"));
                            let read = move || {
                                let mut buffer = vec![0; size];
                                read_from_disk(&file, &mut buffer, at)
                            };
                            blocking(String::new(), read).await.expect("read");
                        }
                    }
                }
                let speed = f64::from(8 * 64) / start.elapsed().as_secs_f64();
                println!(
                    "{} {kib} KiB: {speed:.0} MiB/s",
                    if memory { "direct" } else { "thread" }
                );
            }
        }
    }
}
