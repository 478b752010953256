//! Files on this machine: takes what comes over the network, and tells how much room there is.

use bytes::Bytes;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::num::NonZeroU64;
use std::path::Path;
use tokio::task::{JoinHandle, spawn_blocking};

/// How much is gathered before a thread is bothered with it.
const BATCH_BYTES: usize = 1024 * 1024;
/// How much is gathered in the system's memory before the disk is told to begin with it. Without it
/// a large file's last sync would take as long as all of its bytes.
const SEND_BYTES: u64 = 16 * 1024 * 1024;

/// Appends to a file while the next bytes are on their way. At most two batches are in memory.
/// Dropped without [`FileWriter::finish`], what was gathered last is lost, the rest is written.
pub struct FileWriter {
    /// Away while a thread writes to it.
    file: Option<Open>,
    writing: Option<JoinHandle<io::Result<Open>>>,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
}

/// The file, and what of it the disk was not yet told to write.
struct Open {
    file: File,
    /// Where the bytes begin that are to go to the disk along the way.
    unsent_from: Option<u64>,
    unsent_bytes: u64,
}

impl FileWriter {
    /// Writes from the file's present position. `durable`: the bytes go to the disk along the way.
    pub fn new(mut file: File, durable: bool) -> io::Result<Self> {
        let unsent_from = durable.then(|| file.stream_position()).transpose()?;
        Ok(FileWriter {
            file: Some(Open {
                file,
                unsent_from,
                unsent_bytes: 0,
            }),
            writing: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
        })
    }

    pub async fn write(&mut self, data: Bytes) -> io::Result<()> {
        self.waiting_bytes += data.len();
        self.waiting.push(data);
        if self.waiting_bytes < BATCH_BYTES {
            return Ok(());
        }
        self.flush().await
    }

    /// Waits until everything is in the file and gives the file back.
    pub async fn finish(mut self) -> io::Result<File> {
        self.flush().await?;
        Ok(self.idle().await?.file)
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut open = self.idle().await?;
        let pieces = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        self.writing = Some(spawn_blocking(move || {
            for piece in &pieces {
                open.file.write_all(piece)?;
                open.unsent_bytes += u64::try_from(piece.len()).unwrap_or(0);
            }
            open.send();
            Ok(open)
        }));
        Ok(())
    }

    async fn idle(&mut self) -> io::Result<Open> {
        if let Some(writing) = self.writing.take() {
            return writing.await.map_err(io::Error::other)?;
        }
        let gone = || io::Error::other("an earlier write failed");
        self.file.take().ok_or_else(gone)
    }
}

impl Open {
    /// Has the disk begin with what was written since, without waiting for it: Linux does so when it
    /// is told that bytes which are not yet on the disk will not be needed soon, and keeps them until
    /// they are. A sync would wait, and write the file system's journal each time.
    fn send(&mut self) {
        let Some(from) = self.unsent_from else { return };
        let Some(length) = NonZeroU64::new(self.unsent_bytes) else {
            return;
        };
        if length.get() < SEND_BYTES {
            return;
        }
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{Advice, fadvise};
            // Advice: where it is not taken, the last sync takes longer.
            fadvise(&self.file, from, Some(length), Advice::DontNeed).ok();
        }
        self.unsent_from = Some(from + length.get());
        self.unsent_bytes = 0;
    }
}

/// Bytes that this program may still write to the disk of a folder.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Bytes that the disk of a folder has in all.
pub fn total_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_blocks.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_arrive_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let mut writer = FileWriter::new(File::create(&path).unwrap(), true).unwrap();
        let mut expected = Vec::new();
        for n in 0..=200_u8 {
            let piece = vec![n; 20_000];
            expected.extend_from_slice(&piece);
            writer.write(Bytes::from(piece)).await.unwrap();
        }
        writer.finish().await.unwrap();
        assert!(std::fs::read(&path).unwrap() == expected);
    }

    #[tokio::test]
    async fn a_finished_file_is_free_while_the_disk_still_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let file = File::create(&path).unwrap();
        file.lock().unwrap();
        let mut writer = FileWriter::new(file, true).unwrap();
        for _ in 0..80 {
            writer.write(Bytes::from(vec![1; 1 << 20])).await.unwrap();
        }
        drop(writer.finish().await.unwrap());
        File::open(&path).unwrap().try_lock().unwrap();
    }

    #[test]
    fn a_disk_has_room() {
        let free = free_bytes(Path::new("/")).unwrap();
        assert!(free > 0 && total_bytes(Path::new("/")).unwrap() >= free);
        assert!(free_bytes(Path::new("/no/such/folder")).is_err());
    }
}
