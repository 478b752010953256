//! Puts a newer program in the place of the running one: only what is signed with the publisher's
//! key, whole, and newer than what is here.

use anyhow::{Context, bail};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base::fetch::{Fetch, FetchConfig, FetchRequest};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use futures::TryStreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What stands in the folder of a release beside the programs.
const LIST: &str = "release.json";
const SIGNATURE: &str = "release.json.sig";
const LIST_BYTES: u64 = 64 * 1024;
const PROGRAM_BYTES: u64 = 1 << 30;
const PATIENCE: Duration = Duration::from_secs(1800);
/// Where the program lies that was replaced last, for the way back.
const BEFORE: &str = "before";

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder of the newest release: an address, or a path of this machine.
    pub from: String,
    /// The publisher's public key (Ed25519) as Base64.
    pub key: String,
    /// The program that is replaced, and its version.
    pub binary: PathBuf,
    pub version: String,
    /// Take it only where the one that is here has a known hole.
    pub security_only: bool,
    pub check_only: bool,
    /// The folder may lie in a network that is not public.
    pub allow_private: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Newest,
    /// There is a newer one, and nothing was done.
    There(String),
    /// The same, and it mends a hole.
    Urgent(String),
    Done(String),
}

/// `release.json`.
#[derive(Debug, Deserialize)]
struct Release {
    version: String,
    /// The oldest version without a known hole.
    secure_from: String,
    /// By the processor: `x86_64`, `aarch64`.
    files: BTreeMap<String, Program>,
}

#[derive(Debug, Deserialize)]
struct Program {
    name: String,
    sha256: String,
    size: u64,
}

pub async fn run(plan: &Plan) -> anyhow::Result<Outcome> {
    let source = Source::of(plan)?;
    let release = signed(plan, &source).await?;
    let (ours, theirs) = (number(&plan.version)?, number(&release.version)?);
    if theirs == ours {
        return Ok(Outcome::Newest);
    }
    if theirs < ours {
        bail!(
            "the release is {}, older than {}, which is here. Holes come back that way: put an older \
             program in place by hand if that is what you want",
            release.version,
            plan.version
        );
    }
    let is_urgent = ours < number(&release.secure_from)?;
    let version = release.version.clone();
    if plan.check_only || plan.security_only && !is_urgent {
        return Ok(if is_urgent {
            Outcome::Urgent(version)
        } else {
            Outcome::There(version)
        });
    }
    let beside = plan.binary.with_extension("new");
    let replaced = replace(plan, &source, &release, &beside).await;
    if replaced.is_err() {
        std::fs::remove_file(&beside).ok();
    }
    replaced.map(|()| Outcome::Done(version))
}

/// The list of the release, once its signature is right.
async fn signed(plan: &Plan, source: &Source) -> anyhow::Result<Release> {
    if plan.key.is_empty() {
        bail!("update.key is not set: whose signature should be believed?");
    }
    let key = BASE64_STANDARD.decode(plan.key.trim());
    let key = key.context("update.key is no Base64")?;
    let list = source.read(LIST).await?;
    let signature = source.read(SIGNATURE).await;
    let signature = signature.context("the release is not signed")?;
    let signature = BASE64_STANDARD.decode(signature.trim_ascii());
    let signature = signature.context("the signature of the release is no Base64")?;
    let key = UnparsedPublicKey::new(&ED25519, key);
    if key.verify(&list, &signature).is_err() {
        bail!("the release is not signed with update.key: nothing was changed");
    }
    serde_json::from_slice(&list).context("the list of the release cannot be read")
}

/// Fetches the program, looks whether it is the one that was signed and runs, and puts it in place.
async fn replace(
    plan: &Plan,
    source: &Source,
    release: &Release,
    beside: &Path,
) -> anyhow::Result<()> {
    let processor = std::env::consts::ARCH;
    let program = release.files.get(processor);
    let program = program
        .with_context(|| format!("release {} has no program for {processor}", release.version))?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !program.name.chars().all(is_name) || program.name.starts_with('.') {
        bail!("\"{}\" is no name of a program", program.name);
    }
    if program.size > PROGRAM_BYTES {
        bail!("the program of the release is larger than any");
    }
    let file = File::create(beside);
    let file = file.with_context(|| {
        format!(
            "write {} (this needs the rights of whoever owns the program: sudo)",
            beside.display()
        )
    })?;
    let digest = source.save(program, file).await?;
    if digest != program.sha256.to_ascii_lowercase() {
        bail!(
            "{} is not the program that was signed: nothing was changed",
            program.name
        );
    }
    std::fs::set_permissions(beside, std::fs::Permissions::from_mode(0o755))?;
    let said = Command::new(beside).arg("--version").output();
    let said = said.context("the new program does not run on this machine")?;
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    if said.split(' ').next_back() != Some(release.version.as_str()) {
        bail!("the new program does not run on this machine, or is another version: {said}");
    }
    let before = plan.binary.with_extension(BEFORE);
    std::fs::remove_file(&before).ok();
    std::fs::hard_link(&plan.binary, &before).context("keep the program that was here")?;
    std::fs::rename(beside, &plan.binary)?;
    Ok(())
}

/// Versions are three numbers.
fn number(version: &str) -> anyhow::Result<[u64; 3]> {
    let parts: Vec<u64> = version
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("\"{version}\" is no version"))?;
    let parts = <[u64; 3]>::try_from(parts).ok();
    parts.with_context(|| format!("\"{version}\" is no version"))
}

/// Where releases lie.
enum Source {
    Folder(PathBuf),
    Web(Fetch, url::Url),
}

impl Source {
    fn of(plan: &Plan) -> anyhow::Result<Self> {
        if plan.from.is_empty() {
            bail!(
                "update.url is not set: where are the releases? --from names a folder of this machine \
                 or an address"
            );
        }
        if !plan.from.contains("://") {
            return Ok(Source::Folder(PathBuf::from(&plan.from)));
        }
        let url = format!("{}/", plan.from.trim_end_matches('/'));
        let fetch = Fetch::new(FetchConfig {
            allow_private: plan.allow_private,
            allow_http: plan.allow_private,
            ..FetchConfig::default()
        });
        let url = url::Url::parse(&url);
        Ok(Source::Web(fetch, url.context("update.url is no address")?))
    }

    async fn read(&self, name: &str) -> anyhow::Result<Bytes> {
        match self {
            Source::Folder(folder) => {
                let path = folder.join(name);
                let read = std::fs::read(&path);
                let read = read.with_context(|| format!("read {}", path.display()))?;
                Ok(Bytes::from(read))
            }
            Source::Web(fetch, url) => {
                let request = FetchRequest::get(url.join(name)?)
                    .limit(LIST_BYTES)
                    .redirects(3);
                Ok(fetch.send(request).await?.success()?.body)
            }
        }
    }

    /// Writes a program to the disk and gives its digest.
    async fn save(&self, program: &Program, mut file: File) -> anyhow::Result<String> {
        let mut digest = Sha256::new();
        match self {
            Source::Folder(folder) => {
                let path = folder.join(&program.name);
                let read = std::fs::read(&path);
                let bytes = read.with_context(|| format!("read {}", path.display()))?;
                digest.update(&bytes);
                file.write_all(&bytes)?;
            }
            Source::Web(fetch, url) => {
                let request = FetchRequest::get(url.join(&program.name)?)
                    .limit(program.size)
                    .timeout(PATIENCE)
                    .redirects(3);
                let mut answer = fetch.stream(request).await?.success()?;
                while let Some(bytes) = answer.body.try_next().await? {
                    digest.update(&bytes);
                    file.write_all(&bytes)?;
                }
            }
        }
        file.sync_all()?;
        Ok(hex::encode(digest.finalize()))
    }
}
