//! Videos that are fetched from elsewhere: by the address of a file or of a page, one at a time, or
//! whole channels that are kept in step.

pub mod api;
mod download;
pub mod job;
mod meter;
pub mod page;
mod proxy;
mod store;
pub mod sync;
pub mod sync_api;
mod tool;
mod torrent;

use crate::account::{User, UserId};
use crate::app::App;
use crate::channel::{self, ChannelId};
use crate::check::Check;
use crate::error::{Error, Result};
use crate::listing::Paging;
use crate::notice::Notice;
use crate::video::input::Fields;
use crate::video::{self, VideoId, VideoRef, VideoState, quarantine, quota};
use base::clock::Millis;
use base::job::NewJob;
use base::{Id, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sync::SyncId;
use url::Url;

pub type ImportId = Id<Import>;

/// Fetches one video.
pub const JOB: &str = "import";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum State {
    Pending = 1,
    Success = 2,
    Failed = 3,
    Cancelled = 5,
    Processing = 6,
}

impl State {
    const ALL: [State; 5] = [
        State::Pending,
        State::Success,
        State::Failed,
        State::Cancelled,
        State::Processing,
    ];

    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    pub fn label(self) -> &'static str {
        match self {
            State::Pending => "Pending",
            State::Success => "Success",
            State::Failed => "Failed",
            State::Cancelled => "Cancelled",
            State::Processing => "Processing",
        }
    }
}

impl TryFrom<i64> for State {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|it| it.number() == number);
        found.ok_or_else(|| format!("{number} is no state of an import"))
    }
}

impl From<State> for i64 {
    fn from(state: State) -> i64 {
        state.number()
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub user_id: UserId,
    pub video_id: Option<VideoId>,
    pub sync_id: Option<SyncId>,
    /// Empty where it comes by a torrent.
    pub target_url: String,
    pub magnet_uri: Option<String>,
    pub torrent_name: Option<String>,
    /// The fields that the user has filled in.
    pub given: Vec<String>,
    pub state: State,
    pub error: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub received_bytes: i64,
    /// Nothing while the source has not said how much there is.
    pub expected_bytes: Option<i64>,
}

impl Import {
    /// How much of it has come, in percent, where that is known.
    pub fn percent(&self) -> Option<i64> {
        let expected = self.expected_bytes.filter(|bytes| *bytes > 0)?;
        Some((self.received_bytes.saturating_mul(100) / expected).clamp(0, 100))
    }
}

/// What is to be fetched, and what is known of the video already.
#[derive(Debug)]
pub struct NewImport<'a> {
    pub target_url: &'a str,
    pub fields: Map<String, Value>,
    pub sync_id: Option<SyncId>,
    pub has_picture: bool,
    /// Where it comes by a torrent; the address is empty then.
    pub torrent: Option<NewTorrent<'a>>,
}

/// A magnet link, or the file of a torrent.
#[derive(Clone, Copy, Debug)]
pub struct NewTorrent<'a> {
    pub magnet_uri: Option<&'a str>,
    pub name: Option<&'a str>,
    pub file: Option<&'a [u8]>,
}

/// Fields that a source may fill in where the user has said nothing.
const TAKEN_OVER: [&str; 6] = [
    "name",
    "description",
    "tags",
    "language",
    "nsfw",
    "originallyPublishedAt",
];
pub const PICTURE: &str = "thumbnail";

/// 409 where videos are not fetched from the web.
pub fn check_on(app: &App) -> Result<()> {
    if app.instance.settings().import.videos.http.enabled {
        return Ok(());
    }
    Err(Error::conflict(
        "HTTP import is not enabled on this instance.",
    ))
}

/// 409 where nothing is fetched by torrents.
pub fn check_torrents_on(app: &App) -> Result<()> {
    if app.instance.settings().import.videos.torrent.enabled {
        return Ok(());
    }
    Err(Error::conflict(
        "Torrent/magnet URI import is not enabled on this instance.",
    ))
}

/// May an import of this kind be begun?
fn check_still_on(app: &App, import: &Import) -> Result<()> {
    if import.target_url.is_empty() {
        return check_torrents_on(app);
    }
    check_on(app)
}

/// An address of the web that leads somewhere public.
pub async fn check_url(app: &App, text: &str) -> Result<()> {
    let wrong = || {
        let input = Map::from_iter([("targetUrl".to_owned(), text.into())]);
        let mut check = Check::body(&input);
        check.fail("targetUrl", "Should have a valid targetUrl");
        check.finish().err()
    };
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && (3..=2000).contains(&text.len()));
    let Some(url) = url else {
        return wrong().map_or(Ok(()), Err);
    };
    let Some(host) = url.host_str() else {
        return wrong().map_or(Ok(()), Err);
    };
    let port = url.port_or_known_default().unwrap_or(443);
    match app.fetch.addresses(host, port).await {
        Err(error) if error.kind() == base::fetch::FetchErrorKind::RefusedAddress => {
            Err(Error::forbidden("Cannot use non unicast IP as targetUrl."))
        }
        // Whether it can be reached, the job will tell.
        _ => Ok(()),
    }
}

/// Adds a video that waits for its file, and the job that fetches it.
pub async fn begin(app: &App, user: &User, new: NewImport<'_>) -> Result<(ImportId, VideoId)> {
    let mut given: Vec<String> = TAKEN_OVER
        .into_iter()
        .filter(|name| new.fields.get(*name).is_some_and(|it| !it.is_null()))
        .map(str::to_owned)
        .collect();
    if new.has_picture {
        given.push(PICTURE.to_owned());
    }
    let mut fields = new.fields;
    if !given.iter().any(|name| name == "name") {
        let of_torrent = new.torrent.and_then(|torrent| torrent.name);
        let name = of_torrent.unwrap_or(new.target_url);
        fields.insert("name".to_owned(), placeholder(name).into());
    }
    let fields = Fields::of_new(&fields, app.instance.labels())?;
    let channel_id = ChannelId::new(fields.channel_id.clone().or(0));
    let (channel_id, account_id) = channel::for_video(app, user, channel_id).await?;
    let mut video = fields.into_new(app, channel_id, account_id)?;
    video.state = VideoState::ToImport;
    quota::room_left(app, user, 1).await?;
    quota::newcomer_may_add(app, user).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let video_id = video::create(&mut tx, &video, now).await?;
    quarantine::hold(app, &mut tx, video_id, user, now).await?;
    let of_user = (user.id, new.sync_id);
    let id = store::add(&mut tx, of_user, video_id, new.target_url, &given, now).await?;
    match &new.torrent {
        Some(torrent) => store::add_torrent(&mut tx, id, torrent).await?,
        None => store::note_url(&mut tx, channel_id, new.target_url).await?,
    };
    enqueue(&mut tx, id, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok((id, video_id))
}

async fn enqueue(tx: &mut Tx, id: ImportId, now: Millis) -> Result<()> {
    NewJob::new(JOB, json!({ "importId": id }))
        .max_attempts(1)
        .once(format!("import:{id}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

/// What a video is called until its source is read: the end of its address.
fn placeholder(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    let last = plain.trim_end_matches('/').rsplit('/').next();
    let last = last.unwrap_or_default();
    let name: String = last.chars().take(120).collect();
    if name.chars().count() >= 3 {
        name
    } else {
        format!("Import {name}").trim_end().to_owned()
    }
}

pub async fn find(app: &App, id: ImportId) -> Result<Import> {
    let found = store::find(&app.db, id).await?;
    found.ok_or_else(|| Error::not_found("Video import not found"))
}

/// Which of a user's imports.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub sync_id: Option<SyncId>,
    /// A pattern for LIKE over addresses and titles.
    pub search: Option<String>,
    pub target_url: Option<String>,
    pub ids: Vec<ImportId>,
}

pub async fn list(
    app: &App,
    user: UserId,
    filter: &Filter,
    paging: Paging,
    oldest_first: bool,
) -> Result<(i64, Vec<Import>)> {
    let total = store::count(&app.db, user, filter).await?;
    let rows = store::list(&app.db, user, filter, paging, oldest_first).await?;
    Ok((total, rows))
}

/// Takes an import back that has not begun.
pub async fn cancel(app: &App, import: &Import) -> Result<()> {
    let now = app.clock.now();
    if store::set_state(&app.db, import.id, &[State::Pending], State::Cancelled, now).await? {
        return Ok(());
    }
    Err(Error::conflict("Cannot cancel a non pending video import."))
}

/// Fetches again what failed or was taken back.
pub async fn retry(app: &App, import: &Import) -> Result<()> {
    let now = app.clock.now();
    if waiting_video(app, import).await?.is_none() {
        return Err(Error::conflict(
            "The video of this import is not there any more.",
        ));
    }
    let from = [State::Failed, State::Cancelled];
    let mut tx = app.db.begin().await?;
    if !store::set_state(&mut tx, import.id, &from, State::Pending, now).await? {
        return Err(Error::conflict(
            "Only an import that failed can be tried again.",
        ));
    }
    enqueue(&mut tx, import.id, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Forgets an import; a video that never got its file goes with it.
pub async fn delete(app: &App, import: &Import) -> Result<()> {
    if matches!(import.state, State::Pending | State::Processing) {
        return Err(Error::conflict(
            "Cannot delete a pending video import. Cancel it or wait for the end of the import first.",
        ));
    }
    if let Some(video) = waiting_video(app, import).await? {
        video::delete(app, &video).await?;
    }
    store::delete(&app.db, import.id).await?;
    Ok(())
}

/// The video of an import as long as it waits for its file.
async fn waiting_video(app: &App, import: &Import) -> Result<Option<video::Video>> {
    let Some(id) = import.video_id else {
        return Ok(None);
    };
    match video::find(app, VideoRef::Number(id)).await {
        Ok(video) => Ok(Some(video).filter(|video| video.state == VideoState::ToImport)),
        Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

/// An import has ended: its row says how, and its user hears of it.
async fn end(app: &App, import: &Import, failed: Option<&str>) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::end(&mut tx, import.id, failed, now).await?;
    let notice = Notice::ImportFinished {
        user_id: import.user_id.0,
        import_id: import.id.0,
        video_id: import.video_id.map(|id| id.0),
        target_url: Some(import.target_url.clone()).filter(|url| !url.is_empty()),
        torrent_name: import.torrent_name.clone(),
        magnet_uri: import.magnet_uri.clone(),
        failed: failed.is_some(),
    };
    notice.enqueue(&mut tx, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn a_video_is_called_by_the_end_of_its_address() {
        assert_eq!(placeholder("https://a.test/v/sea.mp4?x=1"), "sea.mp4");
        assert_eq!(placeholder("https://a.test/w/"), "Import w");
    }
}
