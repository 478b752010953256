//! The site as a whole: its name, rules and settings that an administrator changes while it runs.

pub mod api;
pub mod audit;
mod change;
pub mod home;
pub mod settings;
mod signup;
mod store;
pub mod view;

pub use settings::Settings;
pub use signup::Signup;

use crate::app::App;
use crate::config::Config;
use crate::error::{Error, Result};
use base::Db;
use base::clock::{Clock, Millis};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use settings::OwnLabels;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an administrator changes while the site runs, as it holds now: the defaults, what was
/// changed over the API, and over both what the settings file and the environment fix. It is
/// read on nearly every request, so it is kept in memory and read again after each change.
pub struct Instance {
    /// Defaults of this machine: those of the program and what the file fixes.
    start: Map<String, Value>,
    /// Names of what the file or the environment fixes, as `signup.enabled`.
    locked: Vec<String>,
    current: RwLock<Arc<Current>>,
}

/// The state of one moment; taken out of the lock whole.
#[derive(Clone, Debug, Default)]
pub struct Current {
    pub settings: Arc<Settings>,
    /// The settings once more, as the JSON object that clients see.
    pub tree: Arc<Map<String, Value>>,
    pub pictures: Arc<Pictures>,
    pub has_homepage: bool,
    /// Categories and licences of the site's own.
    pub labels: &'static OwnLabels,
}

/// The pictures of the site by what they are for (`avatar`, `banner`, `favicon`…), each in all
/// its sizes, widest first.
pub type Pictures = BTreeMap<String, Vec<Picture>>;

/// The kinds of logo that 8.x clients know.
pub const LOGOS: [&str; 4] = ["favicon", "header-wide", "header-square", "opengraph"];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    pub filename: String,
    pub width: u32,
    pub height: u32,
    pub created_at: Millis,
}

impl Instance {
    pub async fn load(db: &Db, config: &Config) -> anyhow::Result<Self> {
        let (start, locked) = fixed(config);
        let instance = Instance {
            start,
            locked,
            current: RwLock::default(),
        };
        instance.reload(db).await?;
        Ok(instance)
    }

    /// The settings as they hold now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.current.read().settings)
    }

    /// Categories and licences of the site's own.
    pub fn labels(&self) -> &'static OwnLabels {
        self.current.read().labels
    }

    /// The settings as one JSON object.
    pub fn changes(&self) -> Arc<Map<String, Value>> {
        Arc::clone(&self.current.read().tree)
    }

    pub fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read())
    }

    /// What the file or the environment fixes and nobody can change over the API.
    pub fn locked(&self) -> &[String] {
        &self.locked
    }

    /// Lays changes over the settings without a check, for commands and tests.
    pub async fn save(
        &self,
        db: &Db,
        clock: &Clock,
        changes: Map<String, Value>,
    ) -> base::db::Result<()> {
        let mut tree = change::tree(&self.settings());
        change::lay_over(&mut tree, &changes);
        let changes = Value::Object(change::difference(&self.start, &tree));
        store::save_setting(db, "instance", changes, clock.now()).await?;
        self.reload(db).await
    }

    /// Reads everything again; another process may have changed it.
    pub async fn reload(&self, db: &Db) -> base::db::Result<()> {
        let changes = store::setting(db, "instance").await?;
        let pictures = store::settings_like(db, "picture %").await?;
        let homepage = store::setting(db, "homepage").await?;
        let mut tree = self.start.clone();
        if let Some(Value::Object(changes)) = changes {
            change::lay_over(&mut tree, &changes);
            let mut fixed = Map::new();
            for path in &self.locked {
                change::copy(path, &self.start, &mut fixed);
            }
            // What is fixed now may have been changed before it was.
            change::lay_over(&mut tree, &fixed);
        }
        let settings = serde_json::from_value(Value::Object(tree)).unwrap_or_else(|error| {
            tracing::error!(%error, "the stored settings cannot be read; the defaults hold");
            Settings::default()
        });
        let pictures = pictures.into_iter().filter_map(|(name, value)| {
            let kind = name.strip_prefix("picture ")?.to_owned();
            Some((kind, serde_json::from_value(value).ok()?))
        });
        let mut labels = self.labels();
        let own = OwnLabels::of(&settings.labels);
        if *labels != own {
            labels = Box::leak(Box::new(own));
        }
        *self.current.write() = Arc::new(Current {
            labels,
            tree: Arc::new(change::tree(&settings)),
            settings: Arc::new(settings),
            pictures: Arc::new(pictures.collect()),
            has_homepage: homepage.is_some_and(|text| text.as_str().is_some_and(|t| !t.is_empty())),
        });
        db.touch();
        Ok(())
    }
}

/// The defaults with what the file and the environment say over them, and which that was.
fn fixed(config: &Config) -> (Map<String, Value>, Vec<String>) {
    let mut tree = change::tree(&Settings::default());
    let laid = change::lay_over(&mut tree, &config.site);
    for name in &laid.unknown {
        tracing::warn!(
            key = format!("site.{name}"),
            "the settings have a key that nothing reads"
        );
    }
    let mut locked = laid.found;
    if serde_json::from_value::<Settings>(Value::Object(tree.clone())).is_err() {
        tracing::error!("a value below [site] is of the wrong kind; the whole section is left out");
        tree = change::tree(&Settings::default());
        locked.clear();
    }
    // Copies of torrents and storyboards are not kept.
    let machine = serde_json::json!({
        "transcoding": {
            "threads": config.transcoding.threads, "concurrency": config.transcoding.concurrency,
        },
        "cache": { "torrents": { "size": 0 }, "storyboards": { "size": 0 } },
    });
    if let Value::Object(machine) = &machine {
        locked.extend(change::lay_over(&mut tree, machine).found);
    }
    (tree, locked)
}

/// Replaces the settings; what is locked keeps its value.
pub async fn change(app: &App, body: &Map<String, Value>) -> Result<Arc<Settings>> {
    let instance = &app.instance;
    let wanted = change::read(&instance.settings(), body)?;
    change::check_together(&wanted, app.mail.is_on(), app.countries.is_some())?;
    let changes = change::difference(&instance.start, &change::tree(&wanted));
    let changes = instance
        .locked
        .iter()
        .fold(changes, |changes, path| change::without(&changes, path));
    store::save_setting(&app.db, "instance", Value::Object(changes), app.clock.now()).await?;
    instance.reload(&app.db).await?;
    Ok(instance.settings())
}

/// Back to the defaults and what the file says.
pub async fn reset(app: &App) -> Result<Arc<Settings>> {
    let nothing = Value::Object(Map::new());
    store::save_setting(&app.db, "instance", nothing, app.clock.now()).await?;
    app.instance.reload(&app.db).await?;
    Ok(app.instance.settings())
}

/// The text of the home page, if an administrator wrote one.
pub async fn homepage(app: &App) -> Result<Option<String>> {
    let kept = store::setting(&app.db, "homepage").await?;
    let text = kept.and_then(|text| text.as_str().map(str::to_owned));
    Ok(text.filter(|text| !text.is_empty()))
}

pub async fn set_homepage(app: &App, text: &str) -> Result<()> {
    store::save_setting(&app.db, "homepage", text.into(), app.clock.now()).await?;
    Ok(app.instance.reload(&app.db).await?)
}

/// Replaces a picture of the site in all its sizes; none takes it away. Gives the sizes that no
/// setting names any more.
pub async fn set_picture(app: &App, kind: &str, sizes: &[Picture]) -> Result<Vec<Picture>> {
    let current = app.instance.current();
    let old = current.pictures.get(kind).cloned().unwrap_or_default();
    let kept = serde_json::to_value(sizes).map_err(Error::internal)?;
    store::save_setting(&app.db, &format!("picture {kind}"), kept, app.clock.now()).await?;
    app.instance.reload(&app.db).await?;
    Ok(old)
}

/// May somebody sign up now? Not when it is switched off or as many are here as may be, nor where
/// the whole site is one channel.
pub async fn signup_allowed(app: &App) -> Result<bool> {
    let settings = app.instance.settings();
    if settings.instance.customizations.is_one_channel() {
        return Ok(false);
    }
    let signup = &settings.signup;
    if !signup.enabled || signup.limit < 0 {
        return Ok(signup.enabled);
    }
    Ok(store::user_count(&app.db).await? < signup.limit)
}

/// The key that signs short-lived tokens; made at the first call.
pub async fn secret(db: &Db, clock: &Clock) -> anyhow::Result<[u8; 32]> {
    let fresh = Value::String(hex::encode(base::random::bytes::<32>()));
    store::add_setting(db, "secret", fresh, clock.now()).await?;
    let kept = store::setting(db, "secret").await?.unwrap_or_default();
    let mut secret = [0; 32];
    hex::decode_to_slice(kept.as_str().unwrap_or_default(), &mut secret)?;
    Ok(secret)
}

/// The fact that an administrator has gone through the first settings.
pub const SET_UP: &str = "set up";

/// A fact that the program keeps about itself under a name.
pub async fn fact(db: &Db, name: &str) -> base::db::Result<Option<Value>> {
    store::setting(db, name).await
}

/// Keeps a fact unless there is one of this name already.
pub async fn add_fact(db: &Db, clock: &Clock, name: &str, value: Value) -> base::db::Result<()> {
    store::add_setting(db, name, value, clock.now()).await
}

pub async fn keep_fact(db: &Db, clock: &Clock, name: &str, value: Value) -> base::db::Result<()> {
    store::save_setting(db, name, value, clock.now()).await
}

/// The id and secret that first-party programs send along; made at the first call.
pub async fn oauth_client(db: &Db, clock: &Clock) -> base::db::Result<(String, String)> {
    let fresh = serde_json::json!({ "id": base::random::token(), "secret": base::random::token() });
    let kept = match store::setting(db, "oauth_client").await? {
        Some(kept) => kept,
        None => {
            store::add_setting(db, "oauth_client", fresh, clock.now()).await?;
            store::setting(db, "oauth_client")
                .await?
                .unwrap_or_default()
        }
    };
    let text = |name: &str| {
        kept.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok((text("id"), text("secret")))
}
