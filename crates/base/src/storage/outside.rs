//! What others have put into a bucket, under names that are not ours. It is read and copied, never changed.

use bytes::Bytes;
use futures::stream::{StreamExt, TryStreamExt};
use object_store::path::Path as BucketPath;
use object_store::{ObjectStore, ObjectStoreExt};
use std::sync::Arc;

use super::bucket::{LARGEST_COPY_BYTES, Server};
use super::config::BucketConfig;
use super::error::StorageError;
use super::key::Class;
use super::meter::Meter;
use super::{Place, Result, Storage};

/// A bucket with the keys of the site's own, looked at as it is.
#[derive(Debug)]
pub struct Outside {
    name: String,
    server: Server,
}

/// An object of others, by its whole name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideEntry {
    pub key: String,
    pub size_bytes: u64,
    pub modified_ms: i64,
}

impl Outside {
    pub fn open(config: &BucketConfig, name: &str) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            server: Server::new(name, config, Arc::new(Meter::default()))?,
        })
    }

    /// Everything whose name begins with these folders, in order.
    pub async fn list(&self, prefix: &str) -> Result<Vec<OutsideEntry>> {
        let prefix = BucketPath::from(prefix.trim_matches('/'));
        let prefix = Some(&prefix).filter(|prefix| !prefix.is_root());
        let found = self.server.read.list(prefix);
        let mut entries: Vec<OutsideEntry> = found
            .map_ok(|meta| OutsideEntry {
                key: meta.location.to_string(),
                size_bytes: meta.size,
                modified_ms: meta.last_modified.timestamp_millis(),
            })
            .try_collect()
            .await
            .map_err(|error| StorageError::from_bucket("list what lies there", error))?;
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(entries)
    }

    /// A small object whole, such as a description beside a video.
    pub async fn get(&self, key: &str, limit_bytes: u64) -> Result<Bytes> {
        let failed = |error| StorageError::from_bucket(&format!("read {key}"), error);
        let found = self.server.read.get(&path(key)?).await.map_err(failed)?;
        if found.meta.size > limit_bytes {
            let message = format!("{key} is larger than {limit_bytes} bytes");
            return Err(StorageError::invalid(message));
        }
        found.bytes().await.map_err(failed)
    }

    /// Makes a copy of it a blob of the site. In the same bucket nothing passes through this program.
    pub async fn copy_to(&self, key: &str, to: &Storage, class: Class, as_key: &str) -> Result<()> {
        let failed = |error| StorageError::from_bucket(&format!("copy {key}"), error);
        let source = path(key)?;
        let size_bytes = self.server.read.head(&source).await.map_err(failed)?.size;
        if let Place::Bucket(bucket) = to.place(class, as_key)?
            && bucket.is_in(&self.name)
            && size_bytes <= LARGEST_COPY_BYTES
        {
            let target = bucket.path(class, as_key)?;
            let copied = self.server.write.copy(&source, &target).await;
            return copied.map_err(failed);
        }
        let mut writer = to.writer(class, as_key, Some(size_bytes)).await?;
        let found = self.server.read.get(&source).await.map_err(failed)?;
        let mut pieces = found.into_stream().boxed();
        while let Some(piece) = pieces.try_next().await.map_err(failed)? {
            writer.write(piece).await?;
        }
        writer.finish().await.map(|_| ())
    }
}

fn path(key: &str) -> Result<BucketPath> {
    BucketPath::parse(key)
        .map_err(|error| StorageError::invalid(format!("{key:?} names no object: {error}")))
}
