//! Blobs as files in a folder. A file appears under its name only when it is complete: it is written
//! beside its place under a temporary name, and renamed.

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use super::blob::{Blob, BlobEntry, BlobInfo, ByteRange, Source};
use super::error::StorageError;
use super::key::{Class, TEMPORARY};

/// How much a writer gathers before it bothers a thread with it.
const WRITE_BYTES: usize = 1024 * 1024;
/// Folders vanish with their last blob; a writer that loses one between two steps makes it anew.
const FOLDER_ATTEMPTS: usize = 32;

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    durable: bool,
}

impl Folder {
    pub(super) fn new(root: PathBuf, durable: bool) -> Self {
        Self { root, durable }
    }

    pub(super) fn path(&self, class: Class, key: &str) -> PathBuf {
        let mut path = self.root.join(class.folder());
        path.extend(key.split('/').filter(|part| !part.is_empty()));
        path
    }

    pub(super) async fn put(
        &self,
        class: Class,
        key: &str,
        data: Bytes,
    ) -> Result<(), StorageError> {
        let (path, durable) = (self.path(class, key), self.durable);
        blocking(format!("store {class} {key}"), move || {
            let mut temporary = Temporary::beside(&path)?;
            temporary.file.write_all(&data)?;
            temporary.publish(&path, durable)
        })
        .await
    }

    /// Moves the file here if it lies on the same file system, else copies it and removes it.
    pub(super) async fn put_file(
        &self,
        class: Class,
        key: &str,
        from: &Path,
    ) -> Result<(), StorageError> {
        let (path, durable, from) = (self.path(class, key), self.durable, from.to_owned());
        blocking(format!("store {class} {key}"), move || {
            if durable {
                File::open(&from)?.sync_data()?;
            }
            match move_file(&from, &path, durable) {
                Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                    copy_file(&from, &path, durable)?;
                    fs::remove_file(&from)
                }
                moved => moved,
            }
        })
        .await
    }

    pub(super) async fn writer(&self, class: Class, key: &str) -> Result<DiskWriter, StorageError> {
        let path = self.path(class, key);
        let doing = format!("store {class} {key}");
        let beside = path.clone();
        let temporary = blocking(doing.clone(), move || Temporary::beside(&beside)).await?;
        let durable = self.durable;
        Ok(DiskWriter {
            temporary: Some(temporary),
            waiting: Vec::new(),
            waiting_bytes: 0,
            path,
            doing,
            durable,
        })
    }

    pub(super) async fn read(
        &self,
        class: Class,
        key: &str,
        range: ByteRange,
    ) -> Result<Blob, StorageError> {
        let doing = format!("read {class} {key}");
        let (file, info) =
            open(&self.path(class, key)).map_err(|error| StorageError::from_io(&doing, error))?;
        let Some(range) = range.within(info.size_bytes) else {
            let size_bytes = info.size_bytes;
            let message =
                format!("cannot {doing}: the range lies outside of its {size_bytes} bytes");
            return Err(StorageError::invalid(message));
        };
        Ok(Blob {
            info,
            range,
            bytes: Source::File { file, doing },
        })
    }

    pub(super) async fn head(&self, class: Class, key: &str) -> Result<BlobInfo, StorageError> {
        let path = self.path(class, key);
        blocking(format!("look at {class} {key}"), move || {
            file_info(&fs::metadata(path)?)
        })
        .await
    }

    pub(super) async fn delete(&self, class: Class, key: &str) -> Result<(), StorageError> {
        let (path, root) = (self.path(class, key), self.root.join(class.folder()));
        blocking(format!("delete {class} {key}"), move || {
            missing_is_fine(fs::remove_file(&path))?;
            remove_empty_folders(&path, &root);
            Ok(())
        })
        .await
    }

    pub(super) async fn delete_prefix(
        &self,
        class: Class,
        prefix: &str,
    ) -> Result<(), StorageError> {
        let (path, root) = (self.path(class, prefix), self.root.join(class.folder()));
        blocking(format!("delete {class} {prefix}/"), move || {
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
                missing_is_fine(fs::remove_dir_all(&path))?;
                remove_empty_folders(&path, &root);
            }
            Ok(())
        })
        .await
    }

    pub(super) fn list(
        &self,
        class: Class,
        prefix: &str,
    ) -> BoxStream<'static, Result<BlobEntry, StorageError>> {
        let root = self.root.join(class.folder());
        let start = self.path(class, prefix);
        let (sender, receiver) = tokio::sync::mpsc::channel(256);
        tokio::task::spawn_blocking(move || {
            // A listener that went away ends the walk.
            let mut send = |entry| sender.blocking_send(Ok(entry)).is_ok();
            if let Err(error) = walk(&root, &start, &mut send) {
                let error = StorageError::from_io(&format!("list {class}"), error);
                let _ = sender.blocking_send(Err(error));
            }
        });
        stream::unfold(receiver, async |mut receiver| {
            Some((receiver.recv().await?, receiver))
        })
        .boxed()
    }

    pub(super) async fn copy(
        &self,
        from: (Class, &str),
        to: (Class, &str),
    ) -> Result<(), StorageError> {
        let (source, target, durable) = (
            self.path(from.0, from.1),
            self.path(to.0, to.1),
            self.durable,
        );
        blocking(format!("copy {} {}", from.0, from.1), move || {
            copy_file(&source, &target, durable)
        })
        .await
    }

    pub(super) async fn rename(
        &self,
        from: (Class, &str),
        to: (Class, &str),
    ) -> Result<(), StorageError> {
        let (source, target, durable) = (
            self.path(from.0, from.1),
            self.path(to.0, to.1),
            self.durable,
        );
        let root = self.root.join(from.0.folder());
        blocking(format!("rename {} {}", from.0, from.1), move || {
            move_file(&source, &target, durable)?;
            remove_empty_folders(&source, &root);
            Ok(())
        })
        .await
    }

    /// Removes unfinished files that nobody has touched since `before_ms`; says how many.
    pub(super) async fn sweep(&self, before_ms: i64) -> Result<u64, StorageError> {
        let root = self.root.clone();
        blocking("remove unfinished files".to_owned(), move || {
            let mut removed = 0;
            for class in Class::ALL {
                sweep_folder(&root.join(class.folder()), before_ms, &mut removed)?;
            }
            Ok(removed)
        })
        .await
    }
}

/// Gathers what it is given and writes it in large pieces.
pub(super) struct DiskWriter {
    /// Away while a thread writes to it.
    temporary: Option<Temporary>,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
    path: PathBuf,
    doing: String,
    durable: bool,
}

impl DiskWriter {
    pub(super) async fn write(&mut self, data: Bytes) -> Result<(), StorageError> {
        self.waiting_bytes += data.len();
        self.waiting.push(data);
        if self.waiting_bytes < WRITE_BYTES {
            return Ok(());
        }
        let (mut temporary, waiting) = self.take()?;
        let temporary = blocking(self.doing.clone(), move || {
            write_all(&mut temporary.file, &waiting)?;
            Ok(temporary)
        })
        .await?;
        self.temporary = Some(temporary);
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<(), StorageError> {
        let (mut temporary, waiting) = self.take()?;
        let (path, durable) = (std::mem::take(&mut self.path), self.durable);
        blocking(std::mem::take(&mut self.doing), move || {
            write_all(&mut temporary.file, &waiting)?;
            temporary.publish(&path, durable)
        })
        .await
    }

    fn take(&mut self) -> Result<(Temporary, Vec<Bytes>), StorageError> {
        self.waiting_bytes = 0;
        match self.temporary.take() {
            Some(temporary) => Ok((temporary, std::mem::take(&mut self.waiting))),
            None => Err(StorageError::invalid(format!(
                "cannot {}: an earlier write failed",
                self.doing
            ))),
        }
    }
}

fn write_all(file: &mut File, pieces: &[Bytes]) -> io::Result<()> {
    pieces.iter().try_for_each(|piece| file.write_all(piece))
}

/// A file that is being written; it removes itself unless it is published.
pub(super) struct Temporary {
    file: File,
    path: PathBuf,
    published: bool,
}

static TEMPORARY_COUNT: AtomicU64 = AtomicU64::new(0);

impl Temporary {
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let mut failed = io::Error::from(ErrorKind::NotFound);
        for _ in 0..FOLDER_ATTEMPTS {
            let temporary = temporary_name(path);
            let opened = make_parent(path).and_then(|()| {
                OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .open(&temporary)
            });
            match opened {
                Ok(file) => {
                    return Ok(Self {
                        file,
                        path: temporary,
                        published: false,
                    });
                }
                // A leftover of a process that had our number, or a folder just removed.
                Err(error)
                    if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) =>
                {
                    failed = error
                }
                Err(error) => return Err(error),
            }
        }
        Err(failed)
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(super) fn publish(mut self, path: &Path, durable: bool) -> io::Result<()> {
        if durable {
            self.file.sync_data()?;
        }
        fs::rename(&self.path, path)?;
        self.published = true;
        if durable { sync_folder(path) } else { Ok(()) }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed now, the next sweep removes.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn temporary_name(path: &Path) -> PathBuf {
    let count = TEMPORARY_COUNT.fetch_add(1, Ordering::Relaxed);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!("{TEMPORARY}{}-{count}", std::process::id()));
    path.with_file_name(name)
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

/// A rename is only safe from a power cut when the folder is written, too.
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn move_file(from: &Path, to: &Path, durable: bool) -> io::Result<()> {
    let mut moved = Ok(());
    for _ in 0..FOLDER_ATTEMPTS {
        moved = make_parent(to).and_then(|()| fs::rename(from, to));
        match &moved {
            Err(error) if error.kind() == ErrorKind::NotFound && from.exists() => {}
            _ => break,
        }
    }
    moved?;
    if durable { sync_folder(to) } else { Ok(()) }
}

/// The kernel copies, or shares the blocks where the file system can.
pub(super) fn copy_file(from: &Path, to: &Path, durable: bool) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut temporary = Temporary::beside(to)?;
    io::copy(&mut source, &mut temporary.file)?;
    temporary.publish(to, durable)
}

fn missing_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(())
        }
        result => result,
    }
}

fn remove_empty_folders(path: &Path, root: &Path) {
    let parents = path
        .ancestors()
        .skip(1)
        .take_while(|folder| folder.starts_with(root) && *folder != root);
    for folder in parents {
        // Fails when something else lies in it, which ends the walk.
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// Opening a file in a warm folder takes microseconds, less than to hand it to another thread.
fn open(path: &Path) -> io::Result<(Arc<File>, BlobInfo)> {
    let file = File::open(path)?;
    let info = file_info(&file.metadata()?)?;
    Ok((Arc::new(file), info))
}

fn file_info(metadata: &fs::Metadata) -> io::Result<BlobInfo> {
    if !metadata.is_file() {
        return Err(ErrorKind::NotFound.into());
    }
    let since = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let size_bytes = metadata.len();
    Ok(BlobInfo {
        size_bytes,
        etag: Some(format!("\"{size_bytes:x}-{:x}\"", since.as_nanos())),
        modified_ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
    })
}

/// Calls `found` for every finished blob below `folder` until it answers false.
fn walk(root: &Path, folder: &Path, found: &mut impl FnMut(BlobEntry) -> bool) -> io::Result<bool> {
    for entry in read_folder(folder)? {
        let entry = entry?;
        let path = entry.path();
        // Whatever was deleted since the folder was read is left out.
        let Ok(metadata) = fs::metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            if !walk(root, &path, found)? {
                return Ok(false);
            }
            continue;
        }
        let key = path.strip_prefix(root).ok().and_then(Path::to_str);
        let Some(key) = key.filter(|key| !key.contains(TEMPORARY)) else {
            continue;
        };
        let info = file_info(&metadata)?;
        let entry = BlobEntry {
            key: key.to_owned(),
            size_bytes: info.size_bytes,
            modified_ms: info.modified_ms,
        };
        if !found(entry) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read_folder(folder: &Path) -> io::Result<Vec<io::Result<fs::DirEntry>>> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(entries.collect()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

fn sweep_folder(folder: &Path, before_ms: i64, removed: &mut u64) -> io::Result<()> {
    for entry in read_folder(folder)? {
        let entry = entry?;
        let path = entry.path();
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if metadata.is_dir() {
            sweep_folder(&path, before_ms, removed)?;
        } else if entry.file_name().to_string_lossy().contains(TEMPORARY)
            && file_info(&metadata).is_ok_and(|info| info.modified_ms < before_ms)
        {
            missing_is_fine(fs::remove_file(&path))?;
            *removed += 1;
        }
    }
    Ok(())
}

pub(super) async fn blocking<T: Send + 'static>(
    doing: String,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StorageError> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|error| StorageError::from_io(&doing, error))
}
