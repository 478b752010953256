//! Tries out everything that the site needs of its buckets, and says of each failure how it is mended.

use crate::clock::Clock;
use bytes::Bytes;
use http::Method;
use std::time::{Duration, SystemTime};
use url::Url;

use super::blob::ByteRange;
use super::digest::{base64, md5, parse_http_date};
use super::key::Class;
use super::{Delivery, Result, Storage, StorageConfig, StorageError};

/// Clocks that differ by more are refused by buckets.
const LARGEST_SKEW: Duration = Duration::from_secs(5 * 60);
/// The step that tells whether browsers may load from a bucket.
pub const CORS: &str = "CORS";
const PATIENCE: Duration = Duration::from_secs(30);
const LIFE: Duration = Duration::from_secs(300);
const PART_BYTES: usize = 5 * 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Fine,
    /// Not a failure, but somebody should know.
    Note(String),
    Failed {
        why: String,
        fix: String,
    },
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub bucket: String,
    pub step: &'static str,
    pub outcome: Outcome,
}

impl Finding {
    pub fn has_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { .. })
    }
}

/// Tries each bucket once. `origin` is the site's address, from which browsers ask; with `writes_cors` the rule that
/// lets them is written where it is missing.
pub async fn check(
    config: &StorageConfig,
    storage: &Storage,
    origin: &str,
    writes_cors: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for doctor in doctors(config, storage) {
        findings.extend(doctor.examine(origin, writes_cors).await);
    }
    findings
}

/// Lets browsers load from the buckets that they are sent to: where the rule is missing it is written. Only what went
/// wrong is told.
pub async fn open_to_browsers(
    config: &StorageConfig,
    storage: &Storage,
    origin: &str,
) -> Vec<Finding> {
    if config.bucket.delivery == Delivery::Proxy {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for mut doctor in doctors(config, storage) {
        let cors = doctor.cors(origin, true).await;
        doctor.note(CORS, cors);
        findings.extend(doctor.findings.into_iter().filter(Finding::has_failed));
    }
    findings
}

/// One for each bucket.
fn doctors<'a>(config: &'a StorageConfig, storage: &'a Storage) -> Vec<Doctor<'a>> {
    let mut doctors: Vec<Doctor<'a>> = Vec::new();
    for class in Class::ALL {
        let Some((bucket, _)) = config.bucket_and_prefix(class) else {
            continue;
        };
        if doctors.iter().any(|known| known.bucket == bucket) {
            continue;
        }
        doctors.push(Doctor {
            config,
            storage,
            class,
            key: format!("vidicon-check-{}", crate::random::token()),
            bucket: bucket.to_owned(),
            client: client(),
            findings: Vec::new(),
        });
    }
    doctors
}

#[expect(
    clippy::disallowed_methods,
    reason = "the bucket's own address, which the administrator wrote into the settings"
)]
fn client() -> Option<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .ok()
}

struct Doctor<'a> {
    config: &'a StorageConfig,
    storage: &'a Storage,
    /// One of the classes that lie in this bucket.
    class: Class,
    key: String,
    bucket: String,
    client: Option<reqwest::Client>,
    findings: Vec<Finding>,
}

impl Doctor<'_> {
    async fn examine(mut self, origin: &str, writes_cors: bool) -> Vec<Finding> {
        let skew = self.skew().await;
        self.note("clock and address", skew);
        let put = self
            .storage
            .put(self.class, &self.key, Bytes::from_static(b"0123456789"))
            .await;
        let can_write = put.is_ok();
        self.tell("put", put);
        if can_write {
            let read = self.read().await;
            self.tell("ranged get", read);
            let listed = self.list().await;
            self.tell("list", listed);
            let parts = self.parts().await;
            self.tell("multi-part put", parts);
            let signed = self.signed().await;
            self.note("signed address", signed);
            if let Ok(Some(url)) = self.storage.public_url(self.class, &self.key) {
                let public = self.public(&url).await;
                self.note("public address", public);
            }
            let cors = self.cors(origin, writes_cors).await;
            self.note(CORS, cors);
            let deleted = self.delete().await;
            self.tell("delete", deleted);
        }
        self.findings
    }

    fn note(&mut self, step: &'static str, outcome: Outcome) {
        self.findings.push(Finding {
            bucket: self.bucket.clone(),
            step,
            outcome,
        });
    }

    fn tell(&mut self, step: &'static str, done: Result<()>) {
        let outcome = match done {
            Ok(()) => Outcome::Fine,
            Err(error) => failure(&error),
        };
        self.note(step, outcome);
    }

    async fn ask(&self, method: Method, url: &str, headers: &[(&str, &str)], body: Bytes) -> Asked {
        let client = self.client.as_ref().ok_or_else(|| "no TLS".to_owned())?;
        let mut request = client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
            .send()
            .await
            .map_err(|error| innermost(&error.without_url()))
    }

    /// Whether the server answers at all, and what time it thinks it is.
    async fn skew(&self) -> Outcome {
        let url = match self.bucket_url().await {
            Ok(url) => url,
            Err(error) => return failure(&error),
        };
        let mut plain = url;
        plain.set_query(None);
        let answer = match self
            .ask(Method::HEAD, plain.as_str(), &[], Bytes::new())
            .await
        {
            Ok(answer) => answer,
            Err(why) => {
                let mut fix = "Check storage.bucket.endpoint: the server's name, its port, and \
                     https or http."
                    .to_owned();
                if !self.config.bucket.path_style {
                    fix.push_str(
                        " The bucket's name stands before the server's: if that name is not \
                         known, set storage.bucket.path_style = true.",
                    );
                }
                return Outcome::Failed { why, fix };
            }
        };
        let date = answer.headers().get("date");
        let date = date.and_then(|date| parse_http_date(date.to_str().ok()?));
        let Some(date) = date else {
            return Outcome::Note("the server does not tell its time".to_owned());
        };
        let millis = u64::try_from(Clock::System.now()).unwrap_or(0);
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let apart = now
            .duration_since(date)
            .unwrap_or_else(|error| error.duration());
        if apart <= LARGEST_SKEW {
            return Outcome::Fine;
        }
        Outcome::Failed {
            why: format!(
                "this machine's clock is {} s apart from the server's",
                apart.as_secs()
            ),
            fix: "Set the clock, for example with: timedatectl set-ntp true".to_owned(),
        }
    }

    async fn read(&self) -> Result<()> {
        let range = ByteRange::Span(3, 6);
        let blob = self.storage.read(self.class, &self.key, range).await?;
        let bytes = blob.bytes(100).await?;
        if bytes.as_ref() == b"345" {
            return Ok(());
        }
        Err(StorageError::invalid(
            "the server sends other bytes than it was asked for",
        ))
    }

    async fn list(&self) -> Result<()> {
        use futures::TryStreamExt;
        let mut found = self.storage.list(self.class, "")?;
        found.try_next().await.map(drop)
    }

    async fn parts(&self) -> Result<()> {
        let key = format!("{}-parts", self.key);
        let hint = Some(2 * u64::try_from(PART_BYTES).unwrap_or(0));
        let mut writer = self.storage.writer(self.class, &key, hint).await?;
        for _ in 0..4 {
            writer.write(Bytes::from(vec![7; PART_BYTES])).await?;
        }
        writer.finish().await?;
        let info = self.storage.head(self.class, &key).await?;
        self.storage.delete(self.class, &key).await?;
        if info.size_bytes == 4 * u64::try_from(PART_BYTES).unwrap_or(0) {
            return Ok(());
        }
        Err(StorageError::invalid(
            "the parts were not joined as they were sent",
        ))
    }

    /// Read as a browser would, at the address that browsers are told.
    async fn signed(&self) -> Outcome {
        let url = self
            .storage
            .presign_get(self.class, &self.key, LIFE, None)
            .await;
        let url = match url {
            Ok(Some(url)) => url,
            Ok(None) => return Outcome::Note("not in a bucket".to_owned()),
            Err(error) => return failure(&error),
        };
        let asked = self
            .ask(Method::GET, &url, &[("range", "bytes=3-5")], Bytes::new())
            .await;
        match asked {
            Ok(answer) if answer.status().as_u16() == 206 => Outcome::Fine,
            Ok(answer) => Outcome::Failed {
                why: format!(
                    "the server answers a signed address with {}",
                    answer.status()
                ),
                fix: "Check storage.bucket.public_endpoint and storage.bucket.region; or set \
                      storage.bucket.delivery = \"proxy\"."
                    .to_owned(),
            },
            Err(why) => Outcome::Failed {
                why,
                fix: "Check storage.bucket.public_endpoint: viewers must reach it.".to_owned(),
            },
        }
    }

    async fn public(&self, url: &str) -> Outcome {
        match self.ask(Method::GET, url, &[], Bytes::new()).await {
            Ok(answer) if answer.status().is_success() => Outcome::Fine,
            Ok(answer) => Outcome::Failed {
                why: format!("the public address answers {}", answer.status()),
                fix: "Let anybody read the bucket behind storage.bucket.public_base_url, correct \
                      that address, or leave it empty: viewers then get signed addresses."
                    .to_owned(),
            },
            Err(why) => Outcome::Failed {
                why,
                fix: "Check storage.bucket.public_base_url.".to_owned(),
            },
        }
    }

    async fn delete(&self) -> Result<()> {
        self.storage.delete(self.class, &self.key).await?;
        match self.storage.head(self.class, &self.key).await {
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(StorageError::invalid("what was deleted is still there")),
        }
    }

    async fn bucket_url(&self) -> Result<Url> {
        self.storage
            .presign_bucket(self.class, Method::GET, LIFE)
            .await
    }

    /// Browsers ask from the site's own address and from pages that embed its player.
    async fn cors(&self, origin: &str, writes: bool) -> Outcome {
        if self.allows(origin).await {
            return Outcome::Fine;
        }
        let by_hand = format!(
            "Give the bucket {} this CORS rule: origin *, methods GET, HEAD and PUT, headers *, \
             exposed header ETag.",
            self.bucket
        );
        if !writes {
            return Outcome::Failed {
                why: "browsers may not read the bucket from the site's pages".to_owned(),
                fix: format!("Run: vidicon storage check --write-cors. Or by hand: {by_hand}"),
            };
        }
        if let Err(why) = self.write_cors().await {
            return Outcome::Failed { why, fix: by_hand };
        }
        if self.allows(origin).await {
            return Outcome::Note("the rule was missing and has been written".to_owned());
        }
        Outcome::Failed {
            why: "the rule was written, but the server does not keep it".to_owned(),
            fix: format!("{by_hand} Or set storage.bucket.delivery = \"proxy\"."),
        }
    }

    async fn allows(&self, origin: &str) -> bool {
        let signed = self
            .storage
            .presign_get(self.class, &self.key, LIFE, None)
            .await;
        let Ok(Some(url)) = signed else {
            return false;
        };
        let headers = [("origin", origin), ("range", "bytes=0-1")];
        match self.ask(Method::GET, &url, &headers, Bytes::new()).await {
            Ok(answer) => {
                let allowed = answer.headers().get("access-control-allow-origin");
                let allowed = allowed.and_then(|value| value.to_str().ok());
                allowed.is_some_and(|allowed| allowed == "*" || allowed == origin)
            }
            Err(_) => false,
        }
    }

    async fn write_cors(&self) -> std::result::Result<(), String> {
        let rule = "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule>\
             <AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
             <AllowedMethod>HEAD</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\
             <AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
             <ExposeHeader>Content-Range</ExposeHeader><ExposeHeader>Content-Length</ExposeHeader>\
             <MaxAgeSeconds>3600</MaxAgeSeconds></CORSRule></CORSConfiguration>";
        let url = self
            .storage
            .presign_cors(self.class, LIFE)
            .await
            .map_err(|error| error.to_string())?;
        let digest = base64(&md5(rule.as_bytes()));
        let headers = [
            ("content-md5", digest.as_str()),
            ("content-type", "application/xml"),
        ];
        let answer = self
            .ask(Method::PUT, url.as_str(), &headers, Bytes::from(rule))
            .await?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(format!(
            "the server answers {} to a CORS rule",
            answer.status()
        ))
    }
}

type Asked = std::result::Result<reqwest::Response, String>;

/// The cause at the bottom says what happened; what stands above it says only that something did.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn failure(error: &StorageError) -> Outcome {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text.push(' ');
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    Outcome::Failed {
        why: error.to_string(),
        fix: fix(&text).to_owned(),
    }
}

/// What to do about an answer of the server.
fn fix(text: &str) -> &'static str {
    let fixes: [(&[&str], &str); 9] = [
        (
            &["InvalidAccessKeyId", "NotSignedUp", "No such key"],
            "The server does not know storage.bucket.access_key: copy it again.",
        ),
        (
            &["SignatureDoesNotMatch"],
            "storage.bucket.secret_key does not belong to the access key: copy it again, whole.",
        ),
        (
            &["RequestTimeTooSkewed"],
            "Set this machine's clock, for example with: timedatectl set-ntp true",
        ),
        (
            &[
                "AuthorizationHeaderMalformed",
                "IllegalLocationConstraint",
                "wrong region",
            ],
            "Set storage.bucket.region to the bucket's region; the server names it in its answer.",
        ),
        (
            &["NoSuchBucket", "the bucket does not exist"],
            "Make the bucket, or correct storage.bucket.name.",
        ),
        (
            &["PermanentRedirect", "301"],
            "The bucket lies elsewhere: set storage.bucket.endpoint and region to its own.",
        ),
        (
            &["AccessDenied", "403"],
            "Give the key the rights to list, get, put and delete in this bucket (s3:ListBucket, \
             s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload).",
        ),
        (
            &["NotImplemented", "501"],
            "This server cannot do that. For deleting set storage.bucket.bulk_delete = false.",
        ),
        (
            &["dns", "resolve", "onnect", "timed out"],
            "Check storage.bucket.endpoint and that this machine reaches it; with the bucket's \
             name before the server's, try storage.bucket.path_style = true.",
        ),
    ];
    let found = fixes
        .iter()
        .find(|(words, _)| words.iter().any(|word| text.contains(word)));
    found.map_or(
        "Look at the server's own log; its answer stands above.",
        |(_, fix)| fix,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_remedy() {
        for (text, word) in [
            ("SignatureDoesNotMatch", "secret_key"),
            ("InvalidAccessKeyId", "access_key"),
            ("NoSuchBucket", "storage.bucket.name"),
            ("AccessDenied", "s3:PutObject"),
            ("error trying to connect", "endpoint"),
        ] {
            assert!(fix(text).contains(word), "{text}: {}", fix(text));
        }
    }
}
