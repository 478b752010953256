//! Blobs in an S3-compatible bucket. No two servers agree on conditional writes, access lists and
//! checksum headers, so none of these is used.

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use http::Method;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path as BucketPath;
use object_store::signer::{SignedUrlOptions, Signer};
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, RetryConfig,
};
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

use super::blob::{Blob, BlobEntry, BlobInfo, ByteRange, Source};
use super::bucket_writer::BucketWriter;
use super::config::BucketConfig;
use super::disk::blocking;
use super::error::StorageError;
use super::key::{Class, media_type};
use super::meter::Meter;
use super::read_file;

/// Buckets copy no larger blob in one request.
pub(super) const LARGEST_COPY_BYTES: u64 = 5 * 1024 * 1024 * 1024;
/// Sending a part over a slow line may take this many times as long as waiting for an answer.
const UPLOAD_PATIENCE: u32 = 10;

#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pub(super) server: Arc<Server>,
    prefix: String,
    public_base_url: Option<String>,
    storage_class: Option<String>,
}

/// One bucket on its server; classes that share a bucket share its connections.
#[derive(Debug)]
pub(super) struct Server {
    name: String,
    pub(super) read: AmazonS3,
    pub(super) write: AmazonS3,
    sign: AmazonS3,
    /// What signed addresses begin with.
    pub(super) sign_url: String,
    pub(super) part_bytes: u64,
    pub(super) meter: Arc<Meter>,
}

impl Server {
    pub(super) fn new(
        name: &str,
        config: &BucketConfig,
        meter: Arc<Meter>,
    ) -> Result<Self, StorageError> {
        let wait = Duration::from_secs(config.timeout_s);
        let read = client(name, config, &config.endpoint, wait)?;
        let sign = match config.public_endpoint.as_str() {
            "" => read.clone(),
            endpoint => client(name, config, endpoint, wait)?,
        };
        Ok(Self {
            name: name.to_owned(),
            read,
            sign,
            sign_url: sign_url(name, config)?,
            write: client(name, config, &config.endpoint, wait * UPLOAD_PATIENCE)?,
            part_bytes: config.part_size_mib * 1024 * 1024,
            meter,
        })
    }
}

fn sign_url(name: &str, config: &BucketConfig) -> Result<String, StorageError> {
    let endpoint = match (config.public_endpoint.as_str(), config.endpoint.as_str()) {
        ("", "") => &format!("https://s3.{}.amazonaws.com", config.region),
        ("", endpoint) | (endpoint, _) => endpoint,
    };
    bucket_endpoint(name, endpoint, config.path_style)
}

fn client(
    name: &str,
    config: &BucketConfig,
    endpoint: &str,
    wait: Duration,
) -> Result<AmazonS3, StorageError> {
    // No limit for a whole answer: a viewer may take an hour for a range that passes through us.
    let options = ClientOptions::new()
        .with_timeout_disabled()
        .with_connect_timeout(Duration::from_secs(5))
        .with_read_timeout(wait)
        .with_allow_http(endpoint.starts_with("http://"));
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            ..BackoffConfig::default()
        },
        max_retries: config.retries,
        retry_timeout: wait * 2,
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_region(&config.region)
        .with_virtual_hosted_style_request(!config.path_style)
        .with_disable_bulk_delete(!config.bulk_delete)
        .with_client_options(options)
        .with_retry(retry);
    if !endpoint.is_empty() {
        builder = builder.with_endpoint(bucket_endpoint(name, endpoint, config.path_style)?);
    }
    if !config.access_key.is_empty() {
        builder = builder
            .with_access_key_id(&config.access_key)
            .with_secret_access_key(config.secret_key.reveal());
    }
    builder.build().map_err(|error| {
        StorageError::invalid(format!(
            "the bucket {name} cannot be used as configured: {error}"
        ))
        .with_source(error)
    })
}

fn bucket_endpoint(name: &str, endpoint: &str, path_style: bool) -> Result<String, StorageError> {
    let endpoint = endpoint.trim_end_matches('/');
    if path_style {
        return Ok(endpoint.to_owned());
    }
    match endpoint.split_once("://") {
        Some((scheme, host)) => Ok(format!("{scheme}://{name}.{host}")),
        None => Err(StorageError::invalid(format!(
            "storage.bucket.endpoint is `{endpoint}`: it needs https://"
        ))),
    }
}

impl Bucket {
    pub(super) fn new(
        server: Arc<Server>,
        prefix: String,
        public_base_url: Option<String>,
        storage_class: Option<String>,
    ) -> Self {
        Self {
            server,
            prefix,
            public_base_url,
            storage_class,
        }
    }

    pub(super) fn is_in(&self, name: &str) -> bool {
        self.server.name == name && self.storage_class.is_none()
    }

    pub(super) fn path(&self, class: Class, key: &str) -> Result<BucketPath, StorageError> {
        let path = format!("{}{key}", self.prefix);
        BucketPath::parse(&path).map_err(|error| {
            StorageError::invalid(format!("{path:?} cannot name a {class}: {error}"))
        })
    }

    pub(super) async fn put(
        &self,
        class: Class,
        key: &str,
        data: Bytes,
    ) -> Result<(), StorageError> {
        self.server.meter.write(data.len());
        let path = self.path(class, key)?;
        put_whole(
            &self.server.write,
            &path,
            PutPayload::from_bytes(data),
            attributes(&path, self.storage_class.as_deref()),
        )
        .await
        .map_err(failed(format!("store {class} {key}")))
    }

    /// Sends the file part by part, then removes it.
    pub(super) async fn put_file(
        &self,
        class: Class,
        key: &str,
        from: &Path,
    ) -> Result<(), StorageError> {
        let doing = format!("store {class} {key}");
        let path = from.to_owned();
        let (file, size_bytes) = blocking(doing.clone(), move || {
            let file = File::open(path)?;
            let size_bytes = file.metadata()?.len();
            Ok((Arc::new(file), size_bytes))
        })
        .await?;
        let mut writer = self.writer(class, key, Some(size_bytes))?;
        let mut chunks = read_file::chunks(file, 0..size_bytes, doing.clone());
        while let Some(chunk) = chunks.try_next().await? {
            writer.write(chunk).await?;
        }
        writer.finish().await?;
        let path = from.to_owned();
        blocking(doing, move || std::fs::remove_file(path)).await
    }

    pub(super) fn writer(
        &self,
        class: Class,
        key: &str,
        size_hint: Option<u64>,
    ) -> Result<BucketWriter, StorageError> {
        let doing = format!("store {class} {key}");
        let path = self.path(class, key)?;
        let attributes = attributes(&path, self.storage_class.as_deref());
        Ok(BucketWriter::new(
            Arc::clone(&self.server),
            (path, attributes),
            doing,
            size_hint,
        ))
    }

    pub(super) async fn read(
        &self,
        class: Class,
        key: &str,
        range: ByteRange,
    ) -> Result<Blob, StorageError> {
        let doing = format!("read {class} {key}");
        let outside = || {
            StorageError::invalid(format!(
                "cannot {doing}: the range lies outside of the blob"
            ))
        };
        let range = match range {
            ByteRange::All => None,
            ByteRange::Span(start, end) if start >= end => return Err(outside()),
            ByteRange::Span(start, end) => Some(GetRange::Bounded(start..end)),
            ByteRange::From(start) => Some(GetRange::Offset(start)),
            // Servers do not agree on the bytes from the end, so they are asked for from the start.
            ByteRange::Last(_) => {
                let size_bytes = self.head(class, key).await?.size_bytes;
                Some(GetRange::Bounded(
                    range.within(size_bytes).ok_or_else(outside)?,
                ))
            }
        };
        let options = GetOptions {
            range,
            ..GetOptions::default()
        };
        let path = self.path(class, key)?;
        let meter = Arc::clone(&self.server.meter);
        meter.read();
        let found = self
            .server
            .read
            .get_opts(&path, options)
            .await
            .map_err(failed(doing.clone()))?;
        let (info, range): (BlobInfo, Range<u64>) = (info(&found.meta), found.range.clone());
        let stream = found.into_stream().map_err(failed(doing));
        let stream = stream.inspect_ok(move |piece| meter.read_bytes(piece.len()));
        let stream = stream.boxed();
        Ok(Blob {
            info,
            range,
            bytes: Source::Stream(stream),
        })
    }

    pub(super) async fn head(&self, class: Class, key: &str) -> Result<BlobInfo, StorageError> {
        self.server.meter.read();
        let meta = self.server.read.head(&self.path(class, key)?).await;
        Ok(info(
            &meta.map_err(failed(format!("look at {class} {key}")))?,
        ))
    }

    pub(super) async fn delete(&self, class: Class, key: &str) -> Result<(), StorageError> {
        // One plain request: every server knows it, and a missing blob is no error to it.
        match self.server.write.delete(&self.path(class, key)?).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => done.map_err(failed(format!("delete {class} {key}"))),
        }
    }

    pub(super) async fn delete_prefix(
        &self,
        class: Class,
        prefix: &str,
    ) -> Result<(), StorageError> {
        self.server.meter.write(0);
        let found = self.server.read.list(Some(&self.path(class, prefix)?));
        let found = found.map_ok(|meta| meta.location).boxed();
        let mut deleted = self.server.write.delete_stream(found);
        while let Some(done) = deleted.next().await {
            match done {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => {
                    return Err(StorageError::from_bucket(
                        &format!("delete {class} {prefix}/"),
                        error,
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) fn list(
        &self,
        class: Class,
        prefix: &str,
    ) -> Result<BoxStream<'static, Result<BlobEntry, StorageError>>, StorageError> {
        let folder = self.path(class, prefix)?;
        let ours = self.prefix.clone();
        let meter = Arc::clone(&self.server.meter);
        let mut seen = 0_u64;
        let found = self
            .server
            .read
            .list(Some(&folder).filter(|folder| !folder.is_root()));
        let entries = found
            .map_err(failed(format!("list {class} {prefix}")))
            .map_ok(move |meta| {
                // A request brings a thousand names.
                if seen.is_multiple_of(1000) {
                    meter.write(0);
                }
                seen += 1;
                let whole = meta.location.as_ref();
                BlobEntry {
                    key: whole.strip_prefix(&ours).unwrap_or(whole).to_owned(),
                    size_bytes: meta.size,
                    modified_ms: meta.last_modified.timestamp_millis(),
                }
            });
        Ok(entries.boxed())
    }

    /// False if the bucket cannot do it by itself, and nothing was done.
    pub(super) async fn copy(
        &self,
        from: (Class, &str),
        to: &Bucket,
        target: (Class, &str),
    ) -> Result<bool, StorageError> {
        // A copy inside the bucket keeps the storage class it has.
        if self.server.name != to.server.name || self.storage_class != to.storage_class {
            return Ok(false);
        }
        if self.head(from.0, from.1).await?.size_bytes > LARGEST_COPY_BYTES {
            return Ok(false);
        }
        let (source, target) = (self.path(from.0, from.1)?, to.path(target.0, target.1)?);
        self.server.meter.write(0);
        let copied = self.server.write.copy(&source, &target).await;
        copied.map_err(failed(format!("copy {} {}", from.0, from.1)))?;
        Ok(true)
    }

    pub(super) fn public_url(&self, key: &str) -> Option<String> {
        self.public_base_url
            .as_ref()
            .map(|base| format!("{base}/{}{key}", self.prefix))
    }

    pub(super) async fn presign(
        &self,
        method: Method,
        (class, key): (Class, &str),
        ttl: Duration,
        query: Vec<(&str, String)>,
    ) -> Result<Url, StorageError> {
        let options = SignedUrlOptions::default().with_query(query);
        let url = self
            .server
            .sign
            .signed_url_opts(method, &self.path(class, key)?, ttl, &options)
            .await;
        url.map_err(failed(format!("sign an address for {class} {key}")))
    }

    /// An address of the bucket itself, at the server as we reach it.
    pub(super) async fn presign_root(
        &self,
        method: Method,
        ttl: Duration,
        query: Vec<(&str, String)>,
    ) -> Result<Url, StorageError> {
        let options = SignedUrlOptions::default().with_query(query);
        let root = BucketPath::default();
        let url = self
            .server
            .write
            .signed_url_opts(method, &root, ttl, &options)
            .await;
        url.map_err(failed("sign an address for the bucket".to_owned()))
    }

    pub(super) async fn create_parts(
        &self,
        class: Class,
        key: &str,
    ) -> Result<String, StorageError> {
        let path = self.path(class, key)?;
        self.server.meter.write(0);
        let attributes = attributes(&path, self.storage_class.as_deref());
        start_upload(&self.server.write, &path, attributes)
            .await
            .map_err(failed(format!("begin {class} {key}")))
    }

    pub(super) async fn complete_parts(
        &self,
        (class, key): (Class, &str),
        upload_id: String,
        etags: Vec<String>,
    ) -> Result<(), StorageError> {
        let parts = etags
            .into_iter()
            .map(|content_id| PartId { content_id })
            .collect();
        let done = self
            .server
            .write
            .complete_multipart(&self.path(class, key)?, &upload_id, parts)
            .await;
        done.map(|_| ())
            .map_err(failed(format!("join the parts of {class} {key}")))
    }

    pub(super) async fn abort_parts(
        &self,
        class: Class,
        key: &str,
        upload_id: String,
    ) -> Result<(), StorageError> {
        match self
            .server
            .write
            .abort_multipart(&self.path(class, key)?, &upload_id)
            .await
        {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => done.map_err(failed(format!("give up {class} {key}"))),
        }
    }
}

pub(super) async fn put_whole(
    client: &AmazonS3,
    path: &BucketPath,
    data: PutPayload,
    attributes: Attributes,
) -> object_store::Result<()> {
    let options = PutOptions {
        attributes,
        ..PutOptions::default()
    };
    client.put_opts(path, data, options).await.map(|_| ())
}

pub(super) async fn start_upload(
    client: &AmazonS3,
    path: &BucketPath,
    attributes: Attributes,
) -> object_store::Result<String> {
    let options = PutMultipartOptions {
        attributes,
        ..PutMultipartOptions::default()
    };
    client.create_multipart_opts(path, options).await
}

fn attributes(path: &BucketPath, storage_class: Option<&str>) -> Attributes {
    let mut all = Attributes::from_iter([(Attribute::ContentType, media_type(path.as_ref()))]);
    if let Some(name) = storage_class {
        all.insert(Attribute::StorageClass, name.to_owned().into());
    }
    all
}

fn info(meta: &ObjectMeta) -> BlobInfo {
    BlobInfo {
        size_bytes: meta.size,
        etag: meta.e_tag.clone(),
        modified_ms: meta.last_modified.timestamp_millis(),
    }
}

fn failed(doing: String) -> impl Fn(object_store::Error) -> StorageError {
    move |error| StorageError::from_bucket(&doing, error)
}
