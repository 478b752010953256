//! Files on this machine: takes what comes over the network, and tells how much room there is.

use bytes::Bytes;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tokio::task::{JoinHandle, spawn_blocking};

/// How much is gathered before a thread is bothered with it.
const BATCH_BYTES: usize = 1024 * 1024;
/// How much may wait in the system's memory before the disk is asked to write it. Without it a
/// large file's last sync would take as long as all of its bytes.
const SYNC_EVERY_BYTES: u64 = 64 * 1024 * 1024;

/// Appends to a file while the next bytes are on their way. At most two batches are in memory.
/// Dropped without [`FileWriter::finish`], what was gathered last is lost, the rest is written.
pub struct FileWriter {
    /// Away while a thread writes to it.
    file: Option<File>,
    writing: Option<JoinHandle<io::Result<File>>>,
    syncing: Option<JoinHandle<()>>,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
    unsynced_bytes: u64,
    /// Where the file lies, when its bytes are to go to the disk along the way.
    synced_at: Option<PathBuf>,
}

impl FileWriter {
    /// Writes from the file's present position. `durable`: the bytes go to the disk along the way.
    pub fn new(file: File, path: &Path, durable: bool) -> Self {
        FileWriter {
            file: Some(file),
            writing: None,
            syncing: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
            unsynced_bytes: 0,
            synced_at: durable.then(|| path.to_owned()),
        }
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
        self.idle().await
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut file = self.idle().await?;
        self.sync_apart();
        let pieces = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        self.writing = Some(spawn_blocking(move || {
            for piece in &pieces {
                file.write_all(piece)?;
            }
            Ok(file)
        }));
        Ok(())
    }

    async fn idle(&mut self) -> io::Result<File> {
        if let Some(writing) = self.writing.take() {
            return writing.await.map_err(io::Error::other)?;
        }
        let gone = || io::Error::other("an earlier write failed");
        self.file.take().ok_or_else(gone)
    }

    /// Has the disk write what the system holds, on another thread, one such request at a time. The
    /// file is opened once more for it: a copy of the handle would hold the file's lock for as long.
    fn sync_apart(&mut self) {
        self.unsynced_bytes += u64::try_from(self.waiting_bytes).unwrap_or(0);
        let busy = self
            .syncing
            .as_ref()
            .is_some_and(|syncing| !syncing.is_finished());
        if busy || self.unsynced_bytes < SYNC_EVERY_BYTES {
            return;
        }
        self.unsynced_bytes = 0;
        if let Some(path) = self.synced_at.clone() {
            // A failure shows again when the whole file is synced.
            let sync = move || drop(File::open(path).and_then(|file| file.sync_data()));
            self.syncing = Some(spawn_blocking(sync));
        }
    }
}

/// Has the disk take back what a range of a file holds, which reads as zeros from then on. The file stays as long as it
/// was.
#[cfg(target_os = "linux")]
pub fn give_back(path: &Path, range: std::ops::Range<u64>) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    let file = File::options().write(true).open(path)?;
    let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    let length = range.end.saturating_sub(range.start);
    Ok(fallocate(&file, hole, range.start, length)?)
}

/// Other systems keep it until the file goes.
#[cfg(not(target_os = "linux"))]
pub fn give_back(_: &Path, _: std::ops::Range<u64>) -> io::Result<()> {
    Ok(())
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
        let mut writer = FileWriter::new(File::create(&path).unwrap(), &path, true);
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
        let mut writer = FileWriter::new(file, &path, true);
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
