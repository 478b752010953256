//! The settings of the machine: `vidicon.toml` and `VIDICON__SECTION__KEY`. What an administrator
//! changes while the site runs (name, sign-up, ladder…) is in the `instance` slice instead.

mod given;
mod limits;
mod sso;
mod tls;
mod trace;
mod update;

pub use given::{Given, WRITTEN, write, written, written_file};
pub use limits::{Limits, Signup};
pub use sso::{Group, GroupRole, Sso, SsoKind};
pub use tls::{ChallengeKind, Tls, TlsMode};
pub use trace::Traces;
pub use update::Update;

use base::config::{ConfigError, Loaded};
use base::telemetry::LogFormat;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Config {
    pub server: Server,
    pub tls: Tls,
    pub database: Database,
    pub storage: base::storage::StorageConfig,
    pub transcoding: Transcoding,
    pub mail: Mail,
    pub limits: Limits,
    pub signup: Signup,
    pub federation: Federation,
    /// Ways to log in with an account from elsewhere, by the name in their addresses.
    pub sso: BTreeMap<String, Sso>,
    pub forum: Forum,
    pub import: Import,
    pub secrets: Secrets,
    pub backup: Backup,
    pub metrics: Metrics,
    pub traces: Traces,
    pub update: Update,
    pub log: Log,
    /// Fixes settings that could else be changed on the site, in the shape of `/config/custom`:
    /// `[site.instance]` and below it `name = "Our site"`.
    pub site: serde_json::Map<String, serde_json::Value>,
    /// The file that all this was read from, where there is one.
    #[serde(skip)]
    pub settings_file: Option<PathBuf>,
    /// The flags of this start.
    #[serde(skip)]
    pub given: Given,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The address under which people reach the site, without a path. Empty: `http://localhost`
    /// with the port of `listen`.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks.
    pub trusted_proxies: Vec<String>,
    /// The folder of everything that is kept on this machine.
    pub data_dir: PathBuf,
    /// Tells countries by addresses: a file in MaxMind's format (`.mmdb`). Empty: none is known.
    pub country_file: PathBuf,
    /// The name of this machine among several that share one database.
    pub node: String,
    /// May requests go to private addresses (own network, loopback)? Only for tests and intranets.
    pub allow_private_addresses: bool,
    /// May an administrator change the site's settings in the browser and over the API?
    pub settings_on_site: bool,
    /// Is the page of all tokens and components, `/styleguide`, shown?
    pub style_page: bool,
}

impl Default for Server {
    fn default() -> Self {
        Server {
            listen: SocketAddr::from(([127, 0, 0, 1], 9000)),
            public_url: String::new(),
            trusted_proxies: vec!["127.0.0.1".to_owned(), "::1".to_owned()],
            data_dir: PathBuf::from("data"),
            country_file: PathBuf::new(),
            node: "main".to_owned(),
            allow_private_addresses: false,
            settings_on_site: true,
            style_page: false,
        }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Database {
    /// `postgres://user:password@host/name`. Empty: SQLite in the data folder.
    pub url: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Transcoding {
    /// Transcodes that run at the same time.
    pub concurrency: usize,
    /// Encoder threads of one transcode; 0: one for each processor.
    pub threads: usize,
    /// How much encoders yield to everything else: `nice`, `idle` (they may come to a stop on a busy
    /// machine) or `normal`, for a machine of their own.
    pub priority: media::Priority,
    /// libx264's speed: `ultrafast` to `veryslow`.
    pub preset: String,
    /// libx264's constant quality: lower is better and larger. 18 to 30 is sensible.
    pub crf: u32,
    /// What the pictures of videos are like whose makers do not say: `default`, `grain`, `screen`,
    /// `talk`, `animation`, `pixel` or `archive`.
    pub quality: crate::video::Quality,
    /// The memory of encoders in MiB: of all together where the system lets the server make a control
    /// group (cgroup v2), else the address space of each. 0: as much as a picture needs.
    pub memory_mb: u64,
    /// Do this server's own processes transcode? Off where runners or other machines do it.
    pub enabled: bool,
    /// How long a part waits for a worker, and how long a silent worker keeps the one it has, in
    /// seconds; then this server does it.
    pub worker_patience_s: u64,
    /// In MiB: with less room on the disk, what is made goes to the bucket part by part.
    pub keep_free_mib: u64,
}

impl Default for Transcoding {
    fn default() -> Self {
        Transcoding {
            concurrency: 1,
            threads: 0,
            priority: media::Priority::Nice,
            preset: "veryfast".to_owned(),
            crf: 23,
            quality: crate::video::Quality::Default,
            memory_mb: 0,
            enabled: true,
            worker_patience_s: 30,
            keep_free_mib: 2048,
        }
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Mail {
    /// The mail server. Empty: no mail is sent.
    pub host: String,
    /// 0: 465 with `tls = "implicit"`, else 587.
    pub port: u16,
    /// `starttls`, `implicit` or `none`.
    pub tls: String,
    pub username: String,
    #[serde(skip_serializing)]
    pub password: String,
    /// The sender, such as `Our site <video@example.org>`.
    pub from: String,
    /// Keep mails in memory instead of sending them: for tests, and no key of the file.
    #[serde(skip)]
    pub kept: bool,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("host", &self.host)
            .field("from", &self.from)
            .finish()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Federation {
    /// Does this server talk with others (PeerTube, Mastodon, Lemmy) at all?
    pub enabled: bool,
    /// Servers that are sent to at the same time.
    pub deliveries: usize,
    /// More deliveries of one server in a minute are turned away until the next.
    pub activities_per_minute: u32,
    /// Only these servers, by their host names. Empty: all that are not muted.
    pub only: Vec<String>,
    /// Must programs of other servers say who they are before they may read anything? Some servers
    /// cannot; without it a muted server can still read what is public.
    pub signed_fetches_only: bool,
    /// Are other servers told of unlisted videos? Whoever follows there sees that they are there.
    pub unlisted: bool,
    /// Do people of other servers comment under videos of this one?
    pub accept_comments: bool,
    /// Whose mirrors of our videos are used: `anybody`, `followings` or `nobody`.
    pub accept_mirrors: String,
    /// Which videos of other servers are mirrored here by themselves.
    pub mirrors: Vec<MirrorStrategy>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct MirrorStrategy {
    /// `most-views`, `trending` or `recently-added`.
    pub strategy: String,
    /// Room for these mirrors, in bytes.
    pub size_bytes: i64,
    /// Each is kept for so many hours at the least; 10 is the shortest.
    pub hours: u32,
    /// Only videos with so many views.
    pub min_views: i64,
}

impl Default for MirrorStrategy {
    fn default() -> Self {
        MirrorStrategy {
            strategy: "most-views".to_owned(),
            size_bytes: 10 * 1024 * 1024 * 1024,
            hours: 48,
            min_views: 0,
        }
    }
}

impl Default for Federation {
    fn default() -> Self {
        Federation {
            enabled: true,
            deliveries: 24,
            activities_per_minute: 3_000,
            only: Vec::new(),
            signed_fetches_only: false,
            unlisted: false,
            accept_comments: true,
            accept_mirrors: "anybody".to_owned(),
            mirrors: Vec::new(),
        }
    }
}

/// How videos are fetched from elsewhere; whether at all, an administrator says on the site.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Import {
    /// The program that gets videos out of pages: a name to look for in `PATH`, or where it lies.
    pub yt_dlp: PathBuf,
    /// A file with cookies (Netscape format) that it gets.
    pub cookies: Option<PathBuf>,
    /// An HTTP proxy through which videos from elsewhere are fetched: `http://[user:password@]host:port`.
    #[serde(skip_serializing)]
    pub proxy: Option<String>,
    /// The longest that fetching one video may take, in seconds.
    pub timeout_s: u64,
}

impl Import {
    fn complete(&mut self) -> Result<(), ConfigError> {
        let proxy = self.proxy.as_deref().filter(|proxy| !proxy.is_empty());
        let is_proxy = |url: url::Url| url.scheme() == "http" && url.has_host();
        if proxy.is_some_and(|proxy| !url::Url::parse(proxy).is_ok_and(is_proxy)) {
            let wanted = "http://host:port, with user:password@ before the host if needed";
            return Err(wrong("import.proxy", &"…", wanted));
        }
        self.proxy = proxy.map(str::to_owned);
        Ok(())
    }
}

impl Default for Import {
    fn default() -> Self {
        Import {
            yt_dlp: PathBuf::from("yt-dlp"),
            cookies: None,
            proxy: None,
            timeout_s: 7_200,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Forum {
    /// A Discourse forum where each public video gets a topic. Empty: none.
    pub url: String,
    /// A key of the forum's API that may write topics, and the user of the forum who writes them.
    #[serde(skip_serializing)]
    pub api_key: String,
    pub api_username: String,
    /// The number of the category; 0 for the forum's usual one.
    pub category: u64,
    /// The secret of the forum's webhook to `/forum/events`, by which replies come at once.
    #[serde(skip_serializing)]
    pub webhook_secret: String,
}

impl Default for Forum {
    fn default() -> Self {
        Forum {
            url: String::new(),
            api_key: String::new(),
            api_username: "system".to_owned(),
            category: 0,
            webhook_secret: String::new(),
        }
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Secrets {
    /// Keys (64 hex digits) that second factors and private keys are sealed with in the database.
    /// The first one seals, the others still open. Empty: with SQLite a key in `secret.key` in the
    /// data folder, with PostgreSQL none.
    #[serde(skip_serializing)]
    pub keys: Vec<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} keys", self.keys.len())
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Backup {
    /// 0: no backup is made by itself.
    pub every_hours: u32,
    /// How many are kept.
    pub keep: u32,
    /// Of so many months the newest is kept as well.
    pub keep_monthly: u32,
    /// Keep the site's files too, as far as they lie on this machine's disk.
    pub media: bool,
    /// Where they lie; a relative path starts in the data folder.
    pub folder: PathBuf,
    /// Put each backup into the storage (the bucket) too.
    pub to_storage: bool,
    /// What backups are encrypted with. Empty: the key in `backup.key` in the data folder.
    #[serde(skip_serializing)]
    pub passphrase: String,
}

impl Default for Backup {
    fn default() -> Self {
        Backup {
            every_hours: 24,
            keep: 14,
            keep_monthly: 6,
            media: false,
            folder: PathBuf::from("backups"),
            to_storage: false,
            passphrase: String::new(),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Metrics {
    /// Is `/metrics` answered?
    pub enabled: bool,
    /// Whoever sends it as a bearer token may read them. Empty: only programs on this machine.
    #[serde(skip_serializing)]
    pub token: String,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics {
            enabled: true,
            token: String::new(),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,vidicon=debug`.
    pub level: String,
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Log {
            level: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

impl Config {
    /// Reads the file (when there is one) and the environment, and checks every value.
    pub fn load(file: Option<&Path>) -> Result<Loaded<Config>, ConfigError> {
        let mut loaded: Loaded<Config> = base::config::load(
            base::config::Table::new(),
            file,
            "VIDICON",
            std::env::vars(),
        )?;
        loaded.config.complete()?;
        Ok(loaded)
    }

    /// Fills in what follows from other settings and checks the ranges.
    pub fn complete(&mut self) -> Result<(), ConfigError> {
        if self.server.public_url.is_empty() {
            self.server.public_url = format!("http://localhost:{}", self.server.listen.port());
        }
        let url = self.server.public_url.trim_end_matches('/').to_owned();
        let parsed = url::Url::parse(&url).ok().filter(|parsed| {
            matches!(parsed.scheme(), "http" | "https") && parsed.has_host() && parsed.path() == "/"
        });
        if parsed.is_none() {
            return Err(wrong(
                "server.public_url",
                &url,
                "http(s)://host, with a port if needed, without a path",
            ));
        }
        self.server.public_url = url;
        self.complete_transcoding()?;
        self.check_networks()?;
        sso::complete(&mut self.sso)?;
        let forum = self.forum.url.trim_end_matches('/').to_owned();
        if !forum.is_empty() && !forum.starts_with("http") {
            return Err(wrong("forum.url", &forum, "https://forum.example.org"));
        }
        self.forum.url = forum;
        self.traces.check()?;
        self.import.complete()?;
        self.check_texts()
    }

    fn check_networks(&self) -> Result<(), ConfigError> {
        for (key, networks) in [
            ("server.trusted_proxies", &self.server.trusted_proxies),
            ("signup.allow_networks", &self.signup.allow_networks),
            ("signup.deny_networks", &self.signup.deny_networks),
        ] {
            let any = IpAddr::from([127, 0, 0, 1]);
            let bad = networks
                .iter()
                .find(|network| crate::network::contains(network, any).is_none());
            if let Some(bad) = bad {
                return Err(wrong(key, bad, "networks such as 192.0.2.0/24"));
            }
        }
        Ok(())
    }

    fn complete_transcoding(&mut self) -> Result<(), ConfigError> {
        let transcoding = &mut self.transcoding;
        if transcoding.threads == 0 {
            transcoding.threads = std::thread::available_parallelism().map_or(1, usize::from);
        }
        if !(1..=64).contains(&transcoding.concurrency) {
            return Err(wrong(
                "transcoding.concurrency",
                &transcoding.concurrency,
                "1 to 64",
            ));
        }
        if !(10..=3600).contains(&transcoding.worker_patience_s) {
            return Err(wrong(
                "transcoding.worker_patience_s",
                &transcoding.worker_patience_s,
                "10 to 3600",
            ));
        }
        if !matches!(transcoding.memory_mb, 0 | 256..=1_048_576) {
            return Err(wrong(
                "transcoding.memory_mb",
                &transcoding.memory_mb,
                "0, or 256 to 1048576",
            ));
        }
        if transcoding.crf > 51 {
            return Err(wrong("transcoding.crf", &transcoding.crf, "0 to 51"));
        }
        if !PRESETS.contains(&transcoding.preset.as_str()) {
            return Err(wrong(
                "transcoding.preset",
                &transcoding.preset,
                &PRESETS.join(", "),
            ));
        }
        Ok(())
    }

    /// Texts of which only some are allowed.
    fn check_texts(&self) -> Result<(), ConfigError> {
        if !is_log_level(&self.log.level) {
            let allowed = "error, warn, info, debug, or a filter such as info,vidicon=debug";
            return Err(wrong("log.level", &self.log.level, allowed));
        }
        let database = &self.database.url;
        if !database.is_empty() && !database.starts_with("postgres") {
            return Err(wrong(
                "database.url",
                &"…",
                "postgres://user:password@host/name, or nothing for SQLite",
            ));
        }
        if !matches!(
            self.mail.tls.as_str(),
            "" | "starttls" | "implicit" | "none"
        ) {
            return Err(wrong(
                "mail.tls",
                &self.mail.tls,
                "starttls, implicit or none",
            ));
        }
        Ok(())
    }

    /// Where the database is.
    pub fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            format!(
                "sqlite:{}",
                self.server.data_dir.join("vidicon.db").display()
            )
        } else {
            self.database.url.clone()
        }
    }

    /// The host of the public address with its port, as it stands in handles: `video.example`.
    pub fn host(&self) -> String {
        let url = &self.server.public_url;
        url.split_once("://")
            .map_or(url.as_str(), |(_, host)| host)
            .to_owned()
    }
}

/// The servers that the administrator has named, for log-ins and for the forum, as `name:port`.
pub fn named_hosts(config: &Config) -> Vec<String> {
    let urls = config.sso.values().map(|sso| &sso.url);
    let urls = urls.chain([&config.forum.url]);
    let urls = urls.filter_map(|url| url::Url::parse(url).ok());
    let hosts = urls.filter_map(|url| {
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        Some(format!("{host}:{port}"))
    });
    hosts.collect()
}

const PRESETS: [&str; 9] = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
];

fn wrong(key: &str, read: &dyn std::fmt::Display, allowed: &str) -> ConfigError {
    ConfigError(format!(
        "the setting {key} is \"{read}\"; allowed: {allowed}"
    ))
}
/// A level, or several parts of which each but one names what it is for.
fn is_log_level(text: &str) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    text.split(',').all(|part| {
        let level = part.rsplit('=').next().unwrap_or(part).trim();
        LEVELS.contains(&level.to_ascii_lowercase().as_str())
    })
}
