//! Addresses at which others read from a bucket, or write to it, without a detour through this program.

use http::Method;
use std::time::Duration;

use super::attachment::attachment;
use super::config::Delivery;
use super::error::StorageError;
use super::key::Class;
use super::{LONGEST_SIGNED, Place, Result, Storage};

impl Storage {
    /// An address outside of this program from which a viewer gets the blob: the public one where everybody
    /// may have it and there is one, else a signed one. None where the bytes have to pass through us.
    pub async fn address(
        &self,
        (class, key): (Class, &str),
        is_open: bool,
        ttl: Duration,
        file_name: Option<&str>,
    ) -> Result<Option<String>> {
        if !self.is_addressed(class, key).await? {
            return Ok(None);
        }
        if is_open
            && file_name.is_none()
            && let Some(url) = self.public_url(class, key)?
        {
            return Ok(Some(url));
        }
        match self.delivery() {
            Delivery::Signed => self.presign_get(class, key, ttl, file_name).await,
            Delivery::Proxy => Ok(None),
        }
    }

    /// Does the blob lie in a bucket, and there already?
    async fn is_addressed(&self, class: Class, key: &str) -> Result<bool> {
        match self.place(class, key)? {
            Place::Disk(_) => Ok(false),
            Place::Bucket(_) if self.previous.is_none() => Ok(true),
            Place::Bucket(_) => match self.head_here(class, key).await {
                Ok(_) => Ok(true),
                Err(error) if error.is_not_found() => Ok(false),
                Err(error) => Err(error),
            },
        }
    }

    /// An address that anybody can read, if the configuration gives the class one.
    pub fn public_url(&self, class: Class, key: &str) -> Result<Option<String>> {
        Ok(match self.place(class, key)? {
            Place::Disk(_) => None,
            Place::Bucket(bucket) => bucket.public_url(key),
        })
    }

    /// What the addresses begin with from which viewers get a class, where they are signed ones: pages must let
    /// their browsers ask there.
    pub fn signing_url(&self, class: Class) -> Option<&str> {
        let bucket = self.buckets.get(&class);
        let bucket = bucket.filter(|_| self.delivery() == Delivery::Signed);
        bucket.map(|bucket| bucket.server.sign_url.as_str())
    }

    /// What the addresses begin with to which others put a class.
    pub fn put_url(&self, class: Class) -> Option<&str> {
        let bucket = self.buckets.get(&class)?;
        Some(bucket.server.sign_url.as_str())
    }

    /// An address that reads this blob for a while, as a download of the given name if there is one.
    /// None on disk.
    pub async fn presign_get(
        &self,
        class: Class,
        key: &str,
        ttl: Duration,
        file_name: Option<&str>,
    ) -> Result<Option<String>> {
        let name = |name| ("response-content-disposition", attachment(name));
        let class = self.lies_as(class, key).await?;
        self.presign(
            Method::GET,
            (class, key),
            ttl,
            file_name.map(name).into_iter().collect(),
        )
        .await
    }

    /// An address to which anybody can put this blob for a while. None on disk.
    pub async fn presign_put(
        &self,
        class: Class,
        key: &str,
        ttl: Duration,
    ) -> Result<Option<String>> {
        self.presign(Method::PUT, (class, key), ttl, Vec::new())
            .await
    }

    /// Begins a blob whose parts are put by others; None on disk.
    pub async fn create_parts(&self, class: Class, key: &str) -> Result<Option<String>> {
        match self.place(class, key)? {
            Place::Disk(_) => Ok(None),
            Place::Bucket(bucket) => bucket.create_parts(class, key).await.map(Some),
        }
    }

    /// Parts count from 1; all but the last must have the same size, 5 MiB or more. None on disk.
    pub async fn presign_part(
        &self,
        (class, key): (Class, &str),
        upload_id: &str,
        part: u32,
        ttl: Duration,
    ) -> Result<Option<String>> {
        let query = vec![
            ("partNumber", part.to_string()),
            ("uploadId", upload_id.to_owned()),
        ];
        self.presign(Method::PUT, (class, key), ttl, query).await
    }

    /// Joins the parts; their `ETag`s come in the order of the parts, from 1 without a gap.
    pub async fn complete_parts(
        &self,
        blob: (Class, &str),
        upload_id: String,
        etags: Vec<String>,
    ) -> Result<()> {
        match self.place(blob.0, blob.1)? {
            Place::Disk(_) => Err(StorageError::invalid(format!(
                "a {} on disk has no parts",
                blob.0
            ))),
            Place::Bucket(bucket) => bucket.complete_parts(blob, upload_id, etags).await,
        }
    }

    /// Forgets the parts that were put.
    pub async fn abort_parts(&self, class: Class, key: &str, upload_id: String) -> Result<()> {
        match self.place(class, key)? {
            Place::Disk(_) => Ok(()),
            Place::Bucket(bucket) => bucket.abort_parts(class, key, upload_id).await,
        }
    }

    async fn presign(
        &self,
        method: Method,
        (class, key): (Class, &str),
        ttl: Duration,
        query: Vec<(&str, String)>,
    ) -> Result<Option<String>> {
        match self.place(class, key)? {
            Place::Disk(_) => Ok(None),
            Place::Bucket(bucket) => {
                let url = bucket
                    .presign(method, (class, key), ttl.min(LONGEST_SIGNED), query)
                    .await?;
                Ok(Some(url.into()))
            }
        }
    }

    pub(super) async fn presign_bucket(
        &self,
        class: Class,
        method: Method,
        ttl: Duration,
    ) -> Result<url::Url> {
        match self.place(class, "check")? {
            Place::Disk(_) => Err(StorageError::invalid("a folder has no address")),
            Place::Bucket(bucket) => bucket.presign_root(method, ttl, Vec::new()).await,
        }
    }

    pub(super) async fn presign_cors(&self, class: Class, ttl: Duration) -> Result<url::Url> {
        match self.place(class, "check")? {
            Place::Disk(_) => Err(StorageError::invalid("a folder has no address")),
            Place::Bucket(bucket) => {
                let query = vec![("cors", String::new())];
                bucket.presign_root(Method::PUT, ttl, query).await
            }
        }
    }
}
