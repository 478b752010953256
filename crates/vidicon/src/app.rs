//! The handles that every slice gets.

use crate::config::Config;
use crate::instance::Instance;
use crate::kept::Kept;
use crate::limits::Counters;
use crate::mail::Mail;
use crate::measure::Measures;
use crate::notification::Hub;
use crate::pace::Pace;
use crate::trace::Traces;
use crate::traffic::Traffic;
use crate::transcode::Room;
use crate::vault::Vault;
use crate::video::tracker::Tracker;
use anyhow::Context;
use base::Db;
use base::clock::{Clock, Millis};
use base::country::Countries;
use base::fetch::{Fetch, FetchConfig};
use base::job::Workers;
use base::storage::Storage;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Passed as `&App`. It has handles only, no product data.
#[derive(Clone)]
pub struct App(Arc<Handles>);

pub struct Handles {
    pub config: Config,
    pub db: Db,
    pub storage: Storage,
    pub clock: Clock,
    /// When this process began.
    pub started_at: Millis,
    pub fetch: Fetch,
    /// The way out of imports: the same, or through the proxy that the settings name for them.
    pub import_fetch: Fetch,
    pub workers: Workers,
    pub mail: Mail,
    /// Who asked how often lately.
    pub limits: Counters,
    /// What is counted for `/metrics`.
    pub measures: Measures,
    /// What a collector is told.
    pub traces: Traces,
    /// What goes out to whom, and what is saved on while money is short.
    pub traffic: Traffic,
    /// How fast downloads go.
    pub pace: Pace,
    /// What encoders leave to others.
    pub room: Room,
    /// Ends this process for a start with other settings.
    pub restart: CancellationToken,
    /// Who listens for what happens right now.
    pub live: Hub,
    /// Brings viewers of the same video together.
    pub tracker: Tracker,
    /// What an administrator changes while the site runs.
    pub instance: Instance,
    /// Answers that are given more than once.
    pub kept: Kept,
    /// Which country an address belongs to, where a file tells it.
    pub countries: Option<Countries>,
    /// Seals secrets that the database keeps.
    pub vault: Vault,
    /// The addresses that this site had before, which keep answering.
    pub former_urls: Vec<String>,
    /// Signs short-lived tokens; made at the first start and kept in the database.
    pub secret: [u8; 32],
}

impl std::ops::Deref for App {
    type Target = Handles;

    fn deref(&self) -> &Handles {
        &self.0
    }
}

impl App {
    /// Opens everything that the settings name, brings the schema up to date and makes what a
    /// first start needs.
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.server.data_dir)?;
        let db = Db::open(&config.database_url()).await?;
        let backups = config.server.data_dir.join("backups");
        crate::backup::upgrade::dump_before(&config, &db, crate::migrations::ALL).await?;
        base::migrate::migrate(&db, &clock, crate::migrations::ALL, Some(&backups)).await?;
        Self::on(config, clock, db).await
    }

    /// As [`App::open`], on a database that is up to date.
    pub async fn on(config: Config, clock: Clock, db: Db) -> anyhow::Result<Self> {
        let storage = Storage::open(&config.storage, &config.server.data_dir)?;
        let private = config.server.allow_private_addresses;
        let way_out = FetchConfig {
            allow_private: private,
            allow_http: private,
            user_agent: format!(
                "Vidicon/{} (+{})",
                env!("CARGO_PKG_VERSION"),
                config.server.public_url
            ),
            // The administrator has named these, so they may stand in the own network.
            allow_hosts: crate::config::named_hosts(&config),
            ..FetchConfig::default()
        };
        let fetch = Fetch::new(way_out.clone());
        let import_fetch = match &config.import.proxy {
            Some(proxy) => Fetch::new(FetchConfig {
                proxy: Some(proxy.clone()),
                ..way_out
            }),
            None => fetch.clone(),
        };
        let workers = Workers::new(
            db.clone(),
            clock.clone(),
            format!("{}/serve", config.server.node),
        );
        let countries = countries(&config)?;
        let vault = Vault::of(&config, db.dialect())?;
        vault.prove(&db, &clock).await?;
        let secret = crate::instance::secret(&db, &clock).await?;
        let instance = Instance::load(&db, &config).await?;
        let former_urls = crate::federation::former_urls(&db).await?;
        let mail = Mail::open(&config.mail, &config.host())?;
        let traces = Traces::open(&config.traces);
        let app = App(Arc::new(Handles {
            config,
            db,
            storage,
            started_at: clock.now(),
            clock,
            fetch,
            import_fetch,
            workers,
            mail,
            limits: Counters::default(),
            measures: Measures::default(),
            traces,
            traffic: Traffic::default(),
            pace: Pace::default(),
            room: Room::default(),
            restart: CancellationToken::new(),
            live: Hub::default(),
            tracker: Tracker::default(),
            instance,
            kept: Kept::default(),
            countries,
            vault,
            former_urls,
            secret,
        }));
        crate::federation::ensure_server_actor(&app).await?;
        Ok(app)
    }

    /// An address of this site: `app.url("/w/abc")`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.config.server.public_url)
    }

    /// This machine's ffmpeg, looked for at the first use.
    pub async fn ffmpeg(&self) -> media::Result<&'static media::Ffmpeg> {
        static FOUND: tokio::sync::OnceCell<media::Ffmpeg> = tokio::sync::OnceCell::const_new();
        let found = FOUND.get_or_try_init(media::detect).await?;
        found.limit_memory(self.config.transcoding.memory_mb << 20);
        Ok(found)
    }

    /// This site's host with its port, as it stands in handles.
    pub fn host(&self) -> String {
        self.config.host()
    }
}

/// Reads the country file that the settings name.
fn countries(config: &Config) -> anyhow::Result<Option<Countries>> {
    let path = &config.server.country_file;
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let opened = Countries::open(path);
    let opened = opened.with_context(|| format!("read the country file `{}`", path.display()))?;
    Ok(Some(opened))
}
