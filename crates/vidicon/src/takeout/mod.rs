//! Archives of all that somebody has here, in PeerTube's layout: made on demand, kept for a while,
//! and brought along to another site.

pub mod api;
pub mod page;
mod read;
mod store;
mod ticket;
mod unzip;
mod write;
mod zip;

pub use read::run as run_import;
pub use ticket::link;
pub use write::run as run_export;

use crate::account::{User, UserId};
use crate::app::App;
use crate::error::{Error, Result};
use crate::i18n::{Filling, Texts};
use crate::user::job::Words;
use crate::video::quota;
use crate::video::upload::{self, Upload};
use base::Id;
use base::clock::Millis;
use base::job::NewJob;
use base::storage::Class;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub type ExportId = Id<Export>;
pub type ImportId = Id<Import>;

/// Make an archive, and take one in.
pub const EXPORT_JOB: &str = "export";
pub const IMPORT_JOB: &str = "import_archive";

/// Where archives lie in the storage class of exports.
const FOLDER: &str = "takeout";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum State {
    Pending = 1,
    Processing = 2,
    Completed = 3,
    Failed = 4,
}

impl State {
    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    pub fn label(self) -> &'static str {
        match self {
            State::Pending => "Pending",
            State::Processing => "Processing",
            State::Completed => "Completed",
            State::Failed => "Failed",
        }
    }

    pub fn is_busy(self) -> bool {
        matches!(self, State::Pending | State::Processing)
    }

    fn view(self) -> Value {
        json!({ "id": self.number(), "label": self.label() })
    }
}

impl TryFrom<i64> for State {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        [
            State::Pending,
            State::Processing,
            State::Completed,
            State::Failed,
        ]
        .into_iter()
        .find(|it| it.number() == number)
        .ok_or_else(|| format!("{number} is no state of an archive"))
    }
}

impl From<State> for i64 {
    fn from(state: State) -> i64 {
        state.number()
    }
}

/// An archive of somebody's things.
#[derive(Clone, Debug, Deserialize)]
pub struct Export {
    pub id: ExportId,
    pub user_id: UserId,
    pub with_files: bool,
    pub state: State,
    pub key: String,
    pub size_bytes: Option<i64>,
    /// 0 to 100.
    pub progress: i64,
    pub error: Option<String>,
    pub created_at: Millis,
}

impl Export {
    /// The name under which it is downloaded.
    pub fn filename(&self) -> String {
        let made = crate::check::iso(self.created_at);
        format!("user-export-{}-{made}.zip", self.user_id)
    }

    pub fn expires_at(&self, app: &App) -> Millis {
        let life = app.instance.settings().export.users.export_expiration;
        self.created_at.saturating_add(life)
    }
}

/// An archive that was brought along.
#[derive(Clone, Debug, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub user_id: UserId,
    pub state: State,
    pub key: String,
    pub filename: String,
    /// 0 to 100.
    pub progress: i64,
    #[serde(deserialize_with = "base::db::json")]
    pub report: Option<Value>,
    pub error: Option<String>,
    pub created_at: Millis,
}

/// 400 where no archives are made.
pub fn check_exports_on(app: &App) -> Result<()> {
    if app.instance.settings().export.users.enabled {
        return Ok(());
    }
    Err(Error::bad_request(
        "User export is not enabled on this instance.",
    ))
}

/// 400 where no archives are taken in.
pub fn check_imports_on(app: &App) -> Result<()> {
    if app.instance.settings().import.users.enabled {
        return Ok(());
    }
    Err(Error::bad_request(
        "User import is not enabled on this instance.",
    ))
}

/// Asks for an archive; there is one at a time for each user.
pub async fn request(app: &App, user: &User, with_files: bool) -> Result<ExportId> {
    let exists = || Error::bad_request("An archive of this user exists already.");
    if store::has_export(&app.db, user.id).await? {
        return Err(exists());
    }
    let most = app.instance.settings().export.users.max_user_video_quota;
    let used = quota::quota_used(app, user.account_id).await?;
    if with_files && most >= 0 && used.total_bytes > most {
        return Err(Error::forbidden(
            "The videos of this user are too large for an archive with files.",
        )
        .code("max_user_video_quota_exceeded_for_user_export"));
    }
    let now = app.clock.now();
    let key = format!("{FOLDER}/{}/{}.zip", user.id, base::random::uuid());
    let mut tx = app.db.begin().await?;
    let id = match store::add_export(&mut tx, user.id, with_files, &key, now).await {
        Err(error) if error.is_unique() => return Err(exists()),
        added => added?,
    };
    NewJob::new(EXPORT_JOB, json!({ "exportId": id }))
        .max_attempts(3)
        .once(format!("{EXPORT_JOB}:{id}"))
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(id)
}

pub async fn exports(app: &App, user: UserId) -> Result<Vec<Export>> {
    Ok(store::exports(&app.db, user).await?)
}

pub async fn export(app: &App, id: ExportId) -> Result<Option<Export>> {
    Ok(store::export(&app.db, id).await?)
}

/// Removes an archive with its file. False when it is being made now.
pub async fn delete(app: &App, export: &Export) -> Result<bool> {
    if !store::delete_export(&app.db, export.id).await? {
        return Ok(false);
    }
    let deleted = app.storage.delete(Class::Export, &export.key).await;
    deleted.map_err(Error::internal)?;
    Ok(true)
}

pub async fn latest_import(app: &App, user: UserId) -> Result<Option<Import>> {
    Ok(store::latest_import(&app.db, user).await?)
}

pub async fn is_importing(app: &App, user: UserId) -> Result<bool> {
    let latest = latest_import(app, user).await?;
    Ok(latest.is_some_and(|it| it.state.is_busy()))
}

/// An archive has come as a whole: it is laid into the storage, and a job takes it in. Tells what
/// the client is told.
pub async fn arrived(app: &App, upload: &Upload, user: UserId) -> Result<Value> {
    let running = || Error::bad_request("An import of this user is running already.");
    if is_importing(app, user).await? {
        return Err(running());
    }
    let now = app.clock.now();
    let key = format!("{FOLDER}/{user}/{}.zip", base::random::uuid());
    let path = upload.path(app);
    let laid = app.storage.put_file(Class::Export, &key, &path).await;
    laid.map_err(Error::internal)?;
    let mut tx = app.db.begin().await?;
    let filename = &upload.metadata.filename;
    let id = match store::add_import(&mut tx, user, &key, filename, now).await {
        Err(error) if error.is_unique() => return Err(running()),
        added => added?,
    };
    NewJob::new(IMPORT_JOB, json!({ "importId": id }))
        .max_attempts(3)
        .once(format!("{IMPORT_JOB}:{id}"))
        .enqueue(&mut tx, now)
        .await?;
    let answer = json!({ "userImport": { "id": id } });
    upload::note_done(&mut tx, upload, &answer, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(answer)
}

/// Removes archives whose time is over, and files that belong to none any more: those of deleted
/// users, and of imports that ended.
pub async fn tidy(app: &App) -> Result<()> {
    let now = app.clock.now();
    for export in store::old_exports(&app.db).await? {
        if export.expires_at(app) <= now {
            delete(app, &export).await?;
        }
    }
    let kept = store::keys(&app.db).await?;
    let listed = app.storage.list(Class::Export, FOLDER);
    let mut listed = std::pin::pin!(listed.map_err(Error::internal)?);
    let mut left = Vec::new();
    while let Some(entry) = futures::StreamExt::next(&mut listed).await {
        let entry = entry.map_err(Error::internal)?;
        let is_old = entry.modified_ms < now - base::clock::DAY;
        if is_old && !kept.contains(&entry.key) {
            left.push(entry.key);
        }
    }
    for key in left {
        let deleted = app.storage.delete(Class::Export, &key).await;
        deleted.map_err(Error::internal)?;
    }
    Ok(())
}

/// A mail about the end of either, in the user's language.
async fn tell(app: &App, user: &User, key: &str, parts: Vec<String>) -> Result<()> {
    if !app.mail.is_on() {
        return Ok(());
    }
    let words = Words::of_user(app, user);
    let mut all = vec![words.hello(), words.say(key)];
    all.extend(parts);
    let subject = words.say(&format!("{key}-subject"));
    let letter = crate::user::job::letter(app, &user.email, &subject, &all);
    let mut tx = app.db.begin().await?;
    crate::mail::enqueue(app, &mut tx, &letter).await?;
    Ok(tx.commit().await?)
}

/// One line of a report: how much of a part came over, was there already, or could not be had.
fn line(texts: &Texts, section: &str, counted: &read::Counted) -> String {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let part = texts.fill(&format!("takeout-part-{section}"), &[]);
    texts.fill(
        "takeout-report-line",
        &[
            ("part", Filling::Word(&part)),
            ("done", Filling::Number(number(counted.done))),
            ("known", Filling::Number(number(counted.known))),
            ("failed", Filling::Number(number(counted.failed))),
        ],
    )
}
