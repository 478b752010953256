//! Where blobs lie: the `[storage]` part of the configuration.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use super::error::StorageError;
use super::key::Class;

/// All blobs lie in `folder`, unless `bucket.name` is given: then they lie in that bucket.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct StorageConfig {
    /// The folder for blobs on disk; a relative path starts in the data folder. Default: `storage`.
    pub folder: PathBuf,
    /// Wait until the disk has really written a blob before it counts as stored. Default: true.
    pub durable: bool,
    /// An S3-compatible bucket to use in place of the folder. Default: none.
    pub bucket: BucketConfig,
    /// Room on this machine's disk for small blobs of a bucket that were read lately, in MiB; 0: none.
    /// Default: 512.
    pub cache_mib: u64,
    /// Where blobs lie until `vidicon storage move` has moved them here: keys as in `[storage]`. Default: none.
    pub from: Option<Box<StorageConfig>>,
    /// What differs for single classes, as in `[storage.class.original]`. Classes: original,
    /// rendition, playlist, thumbnail, avatar, caption, storyboard, torrent, export, upload, image,
    /// archive (originals that a rule has moved to a colder place; only used where it is named here).
    pub class: BTreeMap<Class, ClassConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct BucketConfig {
    /// The bucket's name. Default: empty, blobs lie in the folder.
    pub name: String,
    /// The server, as in `https://s3.example.org`. Default: empty, Amazon's for the region.
    pub endpoint: String,
    /// The server as browsers reach it, if that differs; used for signed addresses. Default: empty.
    pub public_endpoint: String,
    /// The region; `auto` for Cloudflare, `garage` for Garage. Default: `us-east-1`.
    pub region: String,
    /// The access key's id. Default: empty.
    pub access_key: String,
    /// The secret that goes with it. Default: empty.
    pub secret_key: Secret,
    /// `https://server/bucket/key` and not `https://bucket.server/key`. Default: true.
    pub path_style: bool,
    /// What all our keys in the bucket begin with, as in `site1/`. Default: empty.
    pub prefix: String,
    /// An address that shows the whole bucket to anybody, such as a CDN's. Default: empty, none.
    pub public_base_url: String,
    /// How viewers get what lies in the bucket where there is no public address: `signed`, by addresses that
    /// hold for some hours, or `proxy`, through this program. Default: `signed`.
    pub delivery: Delivery,
    /// Size of the parts in which large blobs are sent, in MiB, 5 to 512; two such parts are held in
    /// memory for each upload. Default: 8.
    pub part_size_mib: u64,
    /// Longest wait for an answer, in seconds. Default: 30.
    pub timeout_s: u64,
    /// How often a failed request is tried again, with growing pauses. Default: 5.
    pub retries: usize,
    /// Delete many blobs by one request; false for servers that cannot. Default: true.
    pub bulk_delete: bool,
}

/// How viewers get what lies in a bucket that has no public address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    #[default]
    Signed,
    Proxy,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClassConfig {
    /// Keep this class in the folder though there is a bucket. Default: false.
    pub on_disk: bool,
    /// A bucket of its own, by name, on the same server with the same keys. Default: the common one.
    pub bucket: Option<String>,
    /// What its keys begin with. Default: the common prefix and the class, as in `originals/`.
    pub prefix: Option<String>,
    /// The public address of its bucket. Default: the common one if the bucket is the common one.
    pub public_base_url: Option<String>,
    /// The storage class in which its blobs are written, as in `STANDARD_IA` or `GLACIER_IR`; one that can
    /// be read at once. Default: the bucket's own.
    pub storage_class: Option<String>,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("storage"),
            durable: true,
            bucket: BucketConfig::default(),
            cache_mib: 512,
            from: None,
            class: BTreeMap::new(),
        }
    }
}

impl Default for BucketConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            endpoint: String::new(),
            public_endpoint: String::new(),
            region: "us-east-1".to_owned(),
            access_key: String::new(),
            secret_key: Secret::default(),
            path_style: true,
            prefix: String::new(),
            public_base_url: String::new(),
            delivery: Delivery::default(),
            part_size_mib: 8,
            timeout_s: 30,
            retries: 5,
            bulk_delete: true,
        }
    }
}

impl StorageConfig {
    /// Names the key, what was read and what is allowed.
    pub fn check(&self) -> Result<(), StorageError> {
        let bucket = &self.bucket;
        if !(5..=512).contains(&bucket.part_size_mib) {
            return wrong("bucket.part_size_mib", bucket.part_size_mib, "5 to 512");
        }
        if !(1..=600).contains(&bucket.timeout_s) {
            return wrong("bucket.timeout_s", bucket.timeout_s, "1 to 600");
        }
        for (key, url) in [
            ("bucket.endpoint", &bucket.endpoint),
            ("bucket.public_endpoint", &bucket.public_endpoint),
            ("bucket.public_base_url", &bucket.public_base_url),
        ] {
            check_url(key, url)?;
        }
        check_prefix("bucket.prefix", &bucket.prefix)?;
        if let Some(from) = &self.from {
            from.check()?;
        }
        let mut places = BTreeSet::new();
        for class in Class::ALL {
            let own = self.class.get(&class);
            if let Some(prefix) = own.and_then(|own| own.prefix.as_ref()) {
                check_prefix(&format!("class.{class}.prefix"), prefix)?;
            }
            if let Some(url) = own.and_then(|own| own.public_base_url.as_ref()) {
                check_url(&format!("class.{class}.public_base_url"), url)?;
            }
            if let Some(name) = own.and_then(|own| own.storage_class.as_ref()) {
                check_storage_class(class, name)?;
            }
            if let Some((name, prefix)) = self.bucket_and_prefix(class) {
                if name.is_empty() || name.contains('/') {
                    return wrong(
                        &format!("class.{class}.bucket"),
                        name,
                        "the name of a bucket",
                    );
                }
                if !places.insert((name.to_owned(), prefix.clone())) {
                    let allowed = "a bucket or prefix that no other class has";
                    return wrong(&format!("class.{class}.prefix"), prefix, allowed);
                }
            }
        }
        Ok(())
    }

    /// None if the class lies on disk.
    pub(super) fn bucket_and_prefix(&self, class: Class) -> Option<(&str, String)> {
        let own = self.class.get(&class);
        if own.is_some_and(|own| own.on_disk) {
            return None;
        }
        let name = match own.and_then(|own| own.bucket.as_deref()) {
            Some(name) => name,
            None if self.bucket.name.is_empty() => return None,
            None => &self.bucket.name,
        };
        let prefix = match own.and_then(|own| own.prefix.clone()) {
            Some(prefix) => prefix,
            None => format!("{}{}/", self.bucket.prefix, class.folder()),
        };
        Some((name, prefix))
    }

    pub(super) fn storage_class(&self, class: Class) -> Option<String> {
        self.class.get(&class)?.storage_class.clone()
    }

    pub(super) fn public_base_url(&self, class: Class) -> Option<String> {
        let own = self.class.get(&class);
        let own_bucket = own.is_some_and(|own| own.bucket.is_some());
        let url = match own.and_then(|own| own.public_base_url.as_deref()) {
            Some(url) => url,
            None if own_bucket => "",
            None => &self.bucket.public_base_url,
        };
        (!url.is_empty()).then(|| url.trim_end_matches('/').to_owned())
    }
}

/// What must be asked for hours before cannot be an original's place: it is read when somebody watches.
fn check_storage_class(class: Class, name: &str) -> Result<(), StorageError> {
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if is_word && !name.is_empty() && !matches!(name, "GLACIER" | "DEEP_ARCHIVE") {
        return Ok(());
    }
    wrong(
        &format!("class.{class}.storage_class"),
        name,
        "a class that can be read at once, such as STANDARD_IA or GLACIER_IR",
    )
}

/// Text that never shows itself in logs.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() {
            "none"
        } else {
            "(hidden)"
        })
    }
}

fn wrong<T>(key: &str, read: impl fmt::Display, allowed: &str) -> Result<T, StorageError> {
    Err(StorageError::invalid(format!(
        "storage.{key} is `{read}`; allowed: {allowed}"
    )))
}

fn check_url(key: &str, url: &str) -> Result<(), StorageError> {
    if url.is_empty() {
        return Ok(());
    }
    match url::Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => Ok(()),
        _ => wrong(key, url, "an address beginning with https:// or http://"),
    }
}

fn check_prefix(key: &str, prefix: &str) -> Result<(), StorageError> {
    let fine = prefix.is_empty()
        || (prefix.ends_with('/')
            && prefix.len() <= 200
            && super::key::check_key(Class::Original, prefix.trim_end_matches('/')).is_ok());
    if fine {
        return Ok(());
    }
    wrong(
        key,
        prefix,
        "nothing, or letters, digits and -_. ending in `/`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> StorageConfig {
        toml::from_str(text).expect("valid TOML")
    }

    #[test]
    fn classes_share_a_bucket_by_prefix_or_have_their_own() {
        let config = read(
            "[bucket]\nname = 'vid'\nprefix = 's/'\npublic_base_url = 'https://cdn.example/'\n\
             [class.original]\nbucket = 'cold'\nprefix = ''\n[class.upload]\non_disk = true",
        );
        config.check().expect("fine");
        assert_eq!(
            config.bucket_and_prefix(Class::Rendition),
            Some(("vid", "s/renditions/".to_owned()))
        );
        assert_eq!(
            config.bucket_and_prefix(Class::Original),
            Some(("cold", String::new()))
        );
        assert_eq!(config.bucket_and_prefix(Class::Upload), None);
        assert_eq!(
            config.public_base_url(Class::Avatar).as_deref(),
            Some("https://cdn.example")
        );
        assert_eq!(config.public_base_url(Class::Original), None);
    }

    #[test]
    fn wrong_values_are_named() {
        for (text, key) in [
            ("[bucket]\npart_size_mib = 1", "bucket.part_size_mib"),
            ("[bucket]\nendpoint = 'ftp://x'", "bucket.endpoint"),
            ("[bucket]\nprefix = '../'", "bucket.prefix"),
            (
                "[class.archive]\nstorage_class = 'GLACIER'",
                "class.archive.storage_class",
            ),
            (
                "[bucket]\nname = 'a'\n[class.avatar]\nprefix = 'images/'",
                "class.image.prefix",
            ),
        ] {
            let error = read(text).check().expect_err("must be refused");
            assert!(error.to_string().contains(key), "{error}");
        }
    }

    #[test]
    fn the_secret_is_not_shown() {
        let config = read("[bucket]\nsecret_key = 'hunter2'");
        assert!(!format!("{config:?}").contains("hunter2"));
        assert_eq!(config.bucket.secret_key.reveal(), "hunter2");
    }
}
