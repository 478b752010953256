//! Stored blobs: files in a folder, or objects in S3-compatible buckets. No code outside knows which.

mod archive;
mod attachment;
mod blob;
mod bucket;
mod bucket_writer;
mod cache;
mod config;
mod digest;
mod disk;
mod doctor;
mod error;
mod key;
mod meter;
mod moving;
mod outside;
mod read_file;
mod signed;

use bytes::Bytes;
use futures::stream::{BoxStream, TryStreamExt};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use blob::{Blob, BlobEntry, BlobInfo, ByteRange, ByteStream};
pub use config::{BucketConfig, ClassConfig, Delivery, Secret, StorageConfig};
pub use doctor::{CORS, Finding, Outcome, check, open_to_browsers};
pub use error::{StorageError, StorageErrorKind};
pub use key::Class;
pub use meter::{Meter, Metered};
pub use moving::{Moved, move_class};
pub use outside::{Outside, OutsideEntry};

use bucket::{Bucket, Server};
use bucket_writer::BucketWriter;
use cache::Cache;
use disk::{DiskWriter, Folder, Temporary, blocking};
use key::check_key;

type Result<T> = std::result::Result<T, StorageError>;

/// Signed addresses live no longer: servers refuse more than a week.
const LONGEST_SIGNED: Duration = Duration::from_secs(7 * 24 * 3600);

/// Keys are ASCII paths inside their class, as in `<video uuid>/<name>`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage {
    folder: Arc<Folder>,
    buckets: Arc<BTreeMap<Class, Bucket>>,
    cache: Option<Arc<Cache>>,
    /// Where blobs lay before: what is not here yet is read from there.
    previous: Option<Arc<Storage>>,
    delivery: Delivery,
    /// While set, viewers are sent to the bucket though the settings say `proxy`.
    past_proxy: Arc<AtomicBool>,
    /// Originals may lie in the archive.
    has_archive: bool,
    meter: Arc<Meter>,
}

/// Where a class lies.
enum Place<'a> {
    Disk(&'a Folder),
    Bucket(&'a Bucket),
}

impl Storage {
    /// Relative folders start in `data_dir`. Makes no connection and no folder.
    pub fn open(config: &StorageConfig, data_dir: &Path) -> Result<Self> {
        config.check()?;
        let meter = Arc::new(Meter::default());
        let mut servers = BTreeMap::new();
        let mut buckets = BTreeMap::new();
        for class in Class::ALL {
            let Some((name, prefix)) = config.bucket_and_prefix(class) else {
                continue;
            };
            let server = match servers.get(name) {
                Some(server) => Arc::clone(server),
                None => Arc::new(Server::new(name, &config.bucket, Arc::clone(&meter))?),
            };
            servers.insert(name.to_owned(), Arc::clone(&server));
            buckets.insert(
                class,
                Bucket::new(
                    server,
                    prefix,
                    config.public_base_url(class),
                    config.storage_class(class),
                ),
            );
        }
        let folder = Folder::new(data_dir.join(&config.folder), config.durable);
        let has_cache = !buckets.is_empty() && config.cache_mib > 0;
        let cache = || Cache::new(data_dir.join("cache"), config.cache_mib * 1024 * 1024);
        let previous = match &config.from {
            Some(from) => Some(Arc::new(Self::open(
                &StorageConfig {
                    cache_mib: 0,
                    from: None,
                    ..(**from).clone()
                },
                data_dir,
            )?)),
            None => None,
        };
        Ok(Self {
            folder: Arc::new(folder),
            buckets: Arc::new(buckets),
            cache: has_cache.then(|| Arc::new(cache())),
            previous,
            delivery: config.bucket.delivery,
            past_proxy: Arc::default(),
            has_archive: config.class.contains_key(&Class::Archive),
            meter,
        })
    }

    /// Blobs in a folder with no further configuration.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Arc::new(Folder::new(folder.into(), true)),
            buckets: Arc::default(),
            cache: None,
            previous: None,
            delivery: Delivery::default(),
            past_proxy: Arc::default(),
            has_archive: false,
            meter: Arc::default(),
        }
    }

    /// Replaces what was there under this key, at once and whole.
    pub async fn put(&self, class: Class, key: &str, data: Bytes) -> Result<()> {
        match self.place(class, key)? {
            Place::Disk(folder) => folder.put(class, key, data).await?,
            Place::Bucket(bucket) => bucket.put(class, key, data.clone()).await?,
        }
        self.forget(class, key).await
    }

    /// What was known under this key is not true any more.
    async fn forget(&self, class: Class, key: &str) -> Result<()> {
        if let Some(cache) = &self.cache {
            cache.forget(class, key).await;
        }
        match &self.previous {
            Some(previous) => Box::pin(previous.delete(class, key)).await,
            None => Ok(()),
        }
    }

    /// Takes the file away: on the same disk it is moved, else it is copied and then removed. When this
    /// fails the file is still there.
    pub async fn put_file(&self, class: Class, key: &str, from: &Path) -> Result<()> {
        match self.place(class, key)? {
            Place::Disk(folder) => folder.put_file(class, key, from).await?,
            Place::Bucket(bucket) => bucket.put_file(class, key, from).await?,
        }
        self.forget(class, key).await
    }

    /// Takes a blob piece by piece; nothing is visible before `finish`. A size hint, which need not be
    /// exact, is only needed for blobs of more than 70 GB.
    pub async fn writer(&self, class: Class, key: &str, size_hint: Option<u64>) -> Result<Writer> {
        let kind = match self.place(class, key)? {
            Place::Disk(folder) => WriterKind::Disk(folder.writer(class, key).await?),
            Place::Bucket(bucket) => WriterKind::Bucket(bucket.writer(class, key, size_hint)?),
        };
        Ok(Writer {
            kind,
            size_bytes: 0,
        })
    }

    /// The whole blob; refused if it is larger than `limit_bytes`.
    pub async fn get(&self, class: Class, key: &str, limit_bytes: u64) -> Result<Bytes> {
        self.read(class, key, ByteRange::All)
            .await?
            .bytes(limit_bytes)
            .await
    }

    /// A range that holds no byte of the blob is refused as invalid.
    pub async fn read(&self, class: Class, key: &str, range: ByteRange) -> Result<Blob> {
        match self.read_first(class, key, range.clone()).await {
            Err(error) if error.is_not_found() && self.may_be_archived(class) => {
                Box::pin(self.read(Class::Archive, key, range)).await
            }
            read => read,
        }
    }

    async fn read_first(&self, class: Class, key: &str, range: ByteRange) -> Result<Blob> {
        let read = match self.place(class, key)? {
            Place::Disk(folder) => folder.read(class, key, range.clone()).await,
            Place::Bucket(bucket) => self.read_bucket(bucket, class, key, range.clone()).await,
        };
        match (read, &self.previous) {
            (Err(error), Some(previous)) if error.is_not_found() => {
                Box::pin(previous.read(class, key, range)).await
            }
            (read, _) => read,
        }
    }

    /// From the bucket, or from what was kept of it.
    async fn read_bucket(
        &self,
        bucket: &Bucket,
        class: Class,
        key: &str,
        range: ByteRange,
    ) -> Result<Blob> {
        let Some(cache) = self.cache.as_ref().filter(|_| Cache::takes(class)) else {
            return bucket.read(class, key, range).await;
        };
        if let Some(read) = cache.read(class, key, range.clone()).await {
            return read;
        }
        let whole = bucket.read(class, key, ByteRange::All).await?;
        if whole.info.size_bytes > cache::LARGEST_BYTES {
            return bucket.read(class, key, range).await;
        }
        let (info, bytes) = (whole.info.clone(), whole.bytes(cache::LARGEST_BYTES).await?);
        cache.keep(class, key, bytes.clone()).await;
        Blob::of_bytes(info, bytes, &range).ok_or_else(|| {
            StorageError::invalid(format!(
                "cannot read {class} {key}: the range lies outside of the blob"
            ))
        })
    }

    pub async fn head(&self, class: Class, key: &str) -> Result<BlobInfo> {
        let found = self.head_here(class, key).await;
        let found = match (found, &self.previous) {
            (Err(error), Some(previous)) if error.is_not_found() => {
                Box::pin(previous.head(class, key)).await
            }
            (found, _) => found,
        };
        match found {
            Err(error) if error.is_not_found() && self.may_be_archived(class) => {
                Box::pin(self.head(Class::Archive, key)).await
            }
            found => found,
        }
    }

    async fn head_here(&self, class: Class, key: &str) -> Result<BlobInfo> {
        match self.place(class, key)? {
            Place::Disk(folder) => folder.head(class, key).await,
            Place::Bucket(bucket) => bucket.head(class, key).await,
        }
    }

    /// Deleting what is not there is no error.
    pub async fn delete(&self, class: Class, key: &str) -> Result<()> {
        match self.place(class, key)? {
            Place::Disk(folder) => folder.delete(class, key).await?,
            Place::Bucket(bucket) => bucket.delete(class, key).await?,
        }
        self.forget(class, key).await?;
        if self.may_be_archived(class) {
            return Box::pin(self.delete(Class::Archive, key)).await;
        }
        Ok(())
    }

    /// Deletes everything below `prefix/`, as in all blobs of a video.
    pub async fn delete_prefix(&self, class: Class, prefix: &str) -> Result<()> {
        match self.place(class, prefix)? {
            Place::Disk(folder) => folder.delete_prefix(class, prefix).await?,
            Place::Bucket(bucket) => bucket.delete_prefix(class, prefix).await?,
        }
        if let Some(cache) = &self.cache {
            cache.forget_prefix(class, prefix).await;
        }
        if self.may_be_archived(class) {
            Box::pin(self.delete_prefix(Class::Archive, prefix)).await?;
        }
        match &self.previous {
            Some(previous) => Box::pin(previous.delete_prefix(class, prefix)).await,
            None => Ok(()),
        }
    }

    /// Everything below `prefix/`, or the whole class if the prefix is empty; in no certain order.
    pub fn list(
        &self,
        class: Class,
        prefix: &str,
    ) -> Result<BoxStream<'static, Result<BlobEntry>>> {
        // The whole class has no key of its own.
        let key = if prefix.is_empty() { "all" } else { prefix };
        match self.place(class, key)? {
            Place::Disk(folder) => Ok(folder.list(class, prefix)),
            Place::Bucket(bucket) => bucket.list(class, prefix),
        }
    }

    /// Inside one bucket or disk nothing passes through this program.
    pub async fn copy(&self, from: (Class, &str), to: (Class, &str)) -> Result<()> {
        let is_sure = self.previous.is_none() && !self.may_be_archived(from.0);
        let is_here = is_sure || self.head_here(from.0, from.1).await.is_ok();
        match (self.place(from.0, from.1)?, self.place(to.0, to.1)?) {
            (Place::Disk(folder), Place::Disk(_)) if is_here => return folder.copy(from, to).await,
            (Place::Bucket(source), Place::Bucket(target))
                if is_here && source.copy(from, target, to).await? =>
            {
                return Ok(());
            }
            _ => {}
        }
        let source = self.read(from.0, from.1, ByteRange::All).await?;
        let mut writer = self
            .writer(to.0, to.1, Some(source.info.size_bytes))
            .await?;
        let mut stream = source.into_stream();
        while let Some(chunk) = stream.try_next().await? {
            writer.write(chunk).await?;
        }
        writer.finish().await.map(|_| ())
    }

    /// On disk in one step; in a bucket by copying first, so that a broken rename leaves both.
    pub async fn rename(&self, from: (Class, &str), to: (Class, &str)) -> Result<()> {
        if from == to {
            return self.head(from.0, from.1).await.map(|_| ());
        }
        if self.previous.is_none()
            && let (Place::Disk(folder), Place::Disk(_)) =
                (self.place(from.0, from.1)?, self.place(to.0, to.1)?)
        {
            return folder.rename(from, to).await;
        }
        self.copy(from, to).await?;
        self.delete(from.0, from.1).await
    }

    /// Where the blob lies, or would lie, as a file; None if it is in a bucket. To be read, not changed.
    /// While blobs are being moved here, a file that has not come yet is none.
    pub fn local_path(&self, class: Class, key: &str) -> Result<Option<PathBuf>> {
        let may_be_elsewhere = self.previous.is_some() || self.may_be_archived(class);
        let path = match self.place(class, key)? {
            Place::Disk(folder) => {
                Some(folder.path(class, key)).filter(|path| !may_be_elsewhere || path.exists())
            }
            Place::Bucket(_) => None,
        };
        match path {
            None if self.may_be_archived(class) => self.local_path(Class::Archive, key),
            path => Ok(path),
        }
    }

    /// The bytes in the new place alone, past whatever is kept of them.
    async fn read_here(&self, class: Class, key: &str) -> Result<Blob> {
        match self.place(class, key)? {
            Place::Disk(folder) => folder.read(class, key, ByteRange::All).await,
            Place::Bucket(bucket) => bucket.read(class, key, ByteRange::All).await,
        }
    }

    async fn delete_here(&self, class: Class, key: &str) -> Result<()> {
        match self.place(class, key)? {
            Place::Disk(folder) => folder.delete(class, key).await,
            Place::Bucket(bucket) => bucket.delete(class, key).await,
        }
    }

    /// Where blobs lay before, while they are being moved.
    pub fn previous(&self) -> Option<&Storage> {
        self.previous.as_deref()
    }

    /// Sends viewers to the bucket for a while though the settings say `proxy`.
    pub fn pass_by_proxy(&self, yes: bool) {
        self.past_proxy.store(yes, Ordering::Relaxed);
    }

    fn delivery(&self) -> Delivery {
        if self.past_proxy.load(Ordering::Relaxed) {
            return Delivery::Signed;
        }
        self.delivery
    }

    /// What was asked of buckets since this was last called.
    pub fn take_metered(&self) -> Metered {
        self.meter.take()
    }

    /// Does this class lie in a bucket?
    pub fn is_in_bucket(&self, class: Class) -> bool {
        self.buckets.contains_key(&class)
    }

    /// Makes a copy as a file; the file appears when it is complete.
    pub async fn fetch_to(&self, class: Class, key: &str, to: &Path) -> Result<()> {
        let (doing, target) = (format!("copy {class} {key} to a file"), to.to_owned());
        if let Some(source) = self.local_path(class, key)? {
            return blocking(doing, move || disk::copy_file(&source, &target, false)).await;
        }
        let mut stream = self.read(class, key, ByteRange::All).await?.into_stream();
        let beside = target.clone();
        let mut temporary = blocking(doing.clone(), move || Temporary::beside(&beside)).await?;
        while let Some(chunk) = stream.try_next().await? {
            temporary = blocking(doing.clone(), move || {
                temporary.file().write_all(&chunk)?;
                Ok(temporary)
            })
            .await?;
        }
        blocking(doing, move || temporary.publish(&target, false)).await
    }

    /// Removes what broken writes left on disk and nobody touched since `before_ms`; says how many files.
    pub async fn sweep(&self, before_ms: i64) -> Result<u64> {
        self.folder.sweep(before_ms).await
    }

    fn place(&self, class: Class, key: &str) -> Result<Place<'_>> {
        check_key(class, key)?;
        Ok(self
            .buckets
            .get(&class)
            .map_or(Place::Disk(&self.folder), Place::Bucket))
    }
}

/// A blob on its way in. Dropped or aborted before `finish`, it leaves nothing.
pub struct Writer {
    kind: WriterKind,
    size_bytes: u64,
}

enum WriterKind {
    Disk(DiskWriter),
    Bucket(BucketWriter),
}

impl Writer {
    /// After an error the writer is of no more use.
    pub async fn write(&mut self, data: Bytes) -> Result<()> {
        self.size_bytes += u64::try_from(data.len()).unwrap_or(0);
        match &mut self.kind {
            WriterKind::Disk(writer) => writer.write(data).await,
            WriterKind::Bucket(writer) => writer.write(data).await,
        }
    }

    /// Makes the blob visible, whole, and says its size.
    pub async fn finish(self) -> Result<u64> {
        match self.kind {
            WriterKind::Disk(writer) => writer.finish().await?,
            WriterKind::Bucket(writer) => writer.finish().await?,
        }
        Ok(self.size_bytes)
    }

    /// Like dropping it, but waits until the bucket has forgotten the parts.
    pub async fn abort(self) -> Result<()> {
        match self.kind {
            WriterKind::Disk(_) => Ok(()),
            WriterKind::Bucket(writer) => writer.abort().await,
        }
    }
}
