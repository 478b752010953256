//! Playlists: videos in an order that somebody chose.

pub mod api;
mod element;
pub mod programme;
mod store;
pub mod thumbnail;
pub mod view;

pub use element::{Element, ElementId, NewElement, Span, add, elements, remove, reorder, set_span};
pub use store::Holding;

use crate::access::Viewer;
use crate::account::{AccountId, Right, User, UserId};
use crate::app::App;
use crate::channel::{self, ChannelId};
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::video::files::{self, OldFile};
use crate::video::{VideoId, VideoRef, short_uuid};
use base::clock::Millis;
use base::job::NewJob;
use base::{Id, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub type PlaylistId = Id<Playlist>;

/// The kinds of jobs that follow from a playlist's life; `jobs.rs` says who answers them.
pub const UPDATED_JOB: &str = "playlist_updated";
pub const DELETED_JOB: &str = "playlist_deleted";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum PlaylistPrivacy {
    Public = 1,
    Unlisted = 2,
    Private = 3,
}

impl PlaylistPrivacy {
    pub const ALL: [PlaylistPrivacy; 3] = [
        PlaylistPrivacy::Public,
        PlaylistPrivacy::Unlisted,
        PlaylistPrivacy::Private,
    ];

    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    pub fn label(self) -> &'static str {
        match self {
            PlaylistPrivacy::Public => "Public",
            PlaylistPrivacy::Unlisted => "Unlisted",
            PlaylistPrivacy::Private => "Private",
        }
    }
}

impl TryFrom<i64> for PlaylistPrivacy {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|it| it.number() == number);
        found.ok_or_else(|| format!("{number} is no privacy of playlists"))
    }
}

impl From<PlaylistPrivacy> for i64 {
    fn from(privacy: PlaylistPrivacy) -> i64 {
        privacy.number()
    }
}

impl From<PlaylistPrivacy> for base::db::Value {
    fn from(privacy: PlaylistPrivacy) -> Self {
        privacy.number().into()
    }
}

/// The usual playlist, and the one that every account has for what it wants to see later.
pub const REGULAR: i64 = 1;
pub const WATCH_LATER: i64 = 2;
const WATCH_LATER_NAME: &str = "Watch later";

/// A playlist with its owner and, if it stands in one, its channel.
#[derive(Clone, Debug, Deserialize)]
pub struct Playlist {
    pub id: PlaylistId,
    pub uuid: Uuid,
    pub account_id: AccountId,
    pub channel_id: Option<ChannelId>,
    pub channel_position: Option<i64>,
    /// Its address as an ActivityPub object; set for playlists of other servers.
    pub url: Option<String>,
    pub is_local: bool,
    /// [`REGULAR`] or [`WATCH_LATER`].
    pub kind: i64,
    pub display_name: String,
    pub description: Option<String>,
    pub privacy: PlaylistPrivacy,
    pub thumbnail: Option<String>,
    /// `hand` or `video`.
    pub thumbnail_from: Option<String>,
    pub element_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub owner_user_id: Option<UserId>,
    pub account_name: String,
    pub account_host: String,
    pub account_url: Option<String>,
    pub account_display_name: String,
    pub account_avatars: Option<String>,
    pub channel_name: Option<String>,
    pub channel_host: Option<String>,
    pub channel_url: Option<String>,
    pub channel_display_name: Option<String>,
    pub channel_avatars: Option<String>,
}

impl Playlist {
    pub fn short_uuid(&self) -> String {
        short_uuid::shorten(self.uuid)
    }

    /// The page where it is watched: `/w/p/…`.
    pub fn watch_path(&self) -> String {
        format!("/w/p/{}", self.short_uuid())
    }
}

/// What somebody says of a new playlist, or of one after a change.
#[derive(Clone, Debug)]
pub struct About {
    pub display_name: String,
    pub description: Option<String>,
    pub privacy: PlaylistPrivacy,
    pub channel_id: Option<ChannelId>,
}

/// The list that each account has from the start.
pub async fn add_watch_later(tx: &mut Tx, account_id: AccountId, now: Millis) -> Result<()> {
    let about = About {
        display_name: WATCH_LATER_NAME.to_owned(),
        description: None,
        privacy: PlaylistPrivacy::Private,
        channel_id: None,
    };
    let uuid = base::random::uuid();
    store::add(tx, uuid, account_id, WATCH_LATER, &about, now).await?;
    Ok(())
}

pub async fn create(app: &App, account_id: AccountId, about: &About) -> Result<(PlaylistId, Uuid)> {
    let now = app.clock.now();
    let uuid = base::random::uuid();
    let mut tx = app.db.begin().await?;
    let id = store::add(&mut tx, uuid, account_id, REGULAR, about, now).await?;
    if let Some(channel_id) = about.channel_id {
        store::append_to_channel(&mut tx, id, channel_id).await?;
    }
    tell_updated(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok((id, uuid))
}

/// What a path names: by number, UUID or short UUID.
pub async fn find(app: &App, by: VideoRef) -> Result<Playlist> {
    let found = match by {
        VideoRef::Number(id) => store::by_id(&app.db, PlaylistId::new(id.0)).await?,
        VideoRef::Uuid(uuid) => store::by_uuid(&app.db, uuid).await?,
    };
    found.ok_or_else(|| Error::not_found("Video playlist not found"))
}

/// A known playlist of another server by its address there.
pub async fn by_url(app: &App, url: &str) -> Result<Option<Playlist>> {
    Ok(store::by_url(&app.db, url).await?)
}

/// These playlists, in no certain order.
pub async fn by_ids(app: &App, ids: &[PlaylistId]) -> Result<Vec<Playlist>> {
    Ok(store::by_ids(&app.db, ids).await?)
}

/// Finds the playlist of a path and makes sure that the viewer may see it.
pub async fn seen(app: &App, viewer: &Viewer, id: &str) -> Result<Playlist> {
    let by = reference(id)?;
    let playlist = find(app, by).await?;
    match (playlist.privacy, by) {
        // Numbers can be guessed.
        (PlaylistPrivacy::Unlisted, VideoRef::Number(_)) => {
            Err(Error::not_found("Video playlist not found"))
        }
        (PlaylistPrivacy::Private, _) => {
            let user = viewer.user().ok_or_else(Error::not_authenticated)?;
            if is_owner(app, user, &playlist).await? || user.has(Right::UpdateAnyVideoPlaylist) {
                return Ok(playlist);
            }
            Err(Error::forbidden("Cannot get this private video playlist."))
        }
        _ => Ok(playlist),
    }
}

/// A number, a UUID or a short one; 400 for anything else.
pub fn reference(id: &str) -> Result<VideoRef> {
    VideoRef::parse(id).ok_or_else(|| crate::check::wrong_param("playlistId", id))
}

/// Is the playlist the user's own, or of a channel that they help with? Nobody helps with a list
/// that is only for its owner.
async fn is_owner(app: &App, user: &User, playlist: &Playlist) -> Result<bool> {
    if playlist.account_id == user.account_id {
        return Ok(true);
    }
    match playlist.channel_id {
        Some(id) if playlist.is_local => channel::is_editor(app, id, user.account_id).await,
        _ => Ok(false),
    }
}

/// May the user change the playlist, as its owner or by this right?
pub async fn manage(app: &App, user: &User, playlist: &Playlist, right: Right) -> Result<()> {
    if !playlist.is_local {
        return Err(Error::forbidden(
            "Cannot manage video playlist of another server.",
        ));
    }
    if user.has(right) || is_owner(app, user, playlist).await? {
        return Ok(());
    }
    Err(Error::forbidden(
        "Cannot manage video playlist of another user",
    ))
}

pub async fn change(app: &App, playlist: &Playlist, about: &About) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::save(&mut tx, playlist.id, about, now).await?;
    if playlist.channel_id != about.channel_id {
        store::leave_channel(&mut tx, playlist).await?;
        if let Some(channel_id) = about.channel_id {
            store::append_to_channel(&mut tx, playlist.id, channel_id).await?;
        }
    }
    tell_updated(&mut tx, playlist.id, now).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn delete(app: &App, playlist: &Playlist) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::leave_channel(&mut tx, playlist).await?;
    store::delete(&mut tx, playlist.id).await?;
    let old: Vec<OldFile> = playlist
        .thumbnail
        .iter()
        .cloned()
        .map(OldFile::picture)
        .collect();
    files::drop_later(&mut tx, &old, now).await?;
    let payload = json!({
        "uuid": playlist.uuid, "accountId": playlist.account_id,
        "channelId": playlist.channel_id, "privacy": playlist.privacy,
    });
    NewJob::new(DELETED_JOB, payload)
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Those who follow are told by a job; asked for twice, it runs once.
async fn tell_updated(tx: &mut Tx, id: PlaylistId, now: Millis) -> Result<()> {
    NewJob::new(UPDATED_JOB, json!({ "playlistId": id }))
        .once(format!("{UPDATED_JOB}:{id}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

/// Deletes all playlists of an account that goes away.
pub async fn delete_all(app: &App, account_id: AccountId) -> Result<()> {
    loop {
        let some = store::ids_of_account(&app.db, account_id, 50).await?;
        if some.is_empty() {
            return Ok(());
        }
        for playlist in store::by_ids(&app.db, &some).await? {
            delete(app, &playlist).await?;
        }
    }
}

/// Which playlists.
#[derive(Clone, Debug, Default)]
pub struct PlaylistFilter {
    pub account_id: Option<AccountId>,
    pub channel_id: Option<ChannelId>,
    /// Those in channels that the account helps with, too.
    pub with_collaborations: bool,
    /// Names of channels of this site.
    pub channels: Vec<String>,
    /// Those that are not public, too: their owner asks.
    pub with_hidden: bool,
    pub kind: Option<i64>,
    pub search: Option<String>,
}

/// By what lists of playlists can be sorted.
pub const SORTS: &[&str] = &[
    "name",
    "displayName",
    "createdAt",
    "updatedAt",
    "videoChannelPosition",
];

pub async fn list(
    app: &App,
    filter: &PlaylistFilter,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Playlist>)> {
    let total = store::count(&app.db, filter).await?;
    Ok((total, store::list(&app.db, filter, paging, sort).await?))
}

/// In which playlists of an account these videos stand.
pub async fn holdings(
    app: &App,
    account_id: AccountId,
    videos: &[VideoId],
) -> Result<Vec<Holding>> {
    if videos.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store::holdings(&app.db, account_id, videos).await?)
}

/// Where a run of things in an order goes: all counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where the run begins.
    pub start: i64,
    /// The place that it then follows; 0 for the first.
    pub after: i64,
    pub length: i64,
}

impl Move {
    /// Does the run lie within so many things? 400 if not.
    pub fn check(self, count: i64) -> Result<()> {
        let outside = |name: &str| {
            Error::bad_request(format!(
                "{name} is outside of the list, which has {count} elements"
            ))
        };
        if self.start > count {
            return Err(outside("Start position"));
        }
        if self.after > count {
            return Err(outside("Insert after position"));
        }
        if self.length > count - self.start + 1 {
            return Err(outside("The end of the run"));
        }
        Ok(())
    }

    /// Nothing changes when the run follows itself or what it follows already.
    pub fn is_nothing(self) -> bool {
        self.after >= self.start - 1 && self.after < self.start + self.length
    }

    /// First and last place of those that move aside, and by how much; then by how much the run
    /// itself moves.
    pub fn shifts(self) -> (i64, i64, i64, i64) {
        let end = self.start + self.length;
        if self.after < self.start {
            let by = self.after + 1 - self.start;
            (self.after + 1, self.start - 1, self.length, by)
        } else {
            let by = self.after + 1 - end;
            (end, self.after, -self.length, by)
        }
    }
}

/// Puts playlists of a channel into another order.
pub async fn reorder_channel(app: &App, id: ChannelId, to: Move) -> Result<()> {
    let mut tx = app.db.begin().await?;
    to.check(store::count_of_channel(&mut tx, id).await?)?;
    if !to.is_nothing() {
        store::reorder_channel(&mut tx, id, to).await?;
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Move;

    fn moved(count: i64, to: Move) -> Vec<i64> {
        let (from, until, aside, by) = to.shifts();
        let mut placed: Vec<(i64, i64)> = (1..=count)
            .map(|place| {
                let in_run = (to.start..to.start + to.length).contains(&place);
                let shift = if in_run {
                    by
                } else if (from..=until).contains(&place) {
                    aside
                } else {
                    0
                };
                (place + shift, place)
            })
            .collect();
        placed.sort_unstable();
        let places: Vec<i64> = placed.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, (1..=count).collect::<Vec<_>>(), "{to:?}");
        placed.into_iter().map(|(_, was)| was).collect()
    }

    fn to(start: i64, after: i64, length: i64) -> Move {
        Move {
            start,
            after,
            length,
        }
    }

    #[test]
    fn runs_move_and_the_rest_closes_up() {
        assert_eq!(moved(6, to(5, 0, 1)), [5, 1, 2, 3, 4, 6]);
        assert_eq!(moved(6, to(1, 6, 1)), [2, 3, 4, 5, 6, 1]);
        assert_eq!(moved(6, to(2, 5, 2)), [1, 4, 5, 2, 3, 6]);
        assert_eq!(moved(6, to(4, 1, 3)), [1, 4, 5, 6, 2, 3]);
        assert!(to(3, 3, 1).is_nothing() && to(3, 2, 1).is_nothing() && to(3, 4, 2).is_nothing());
        assert!(!to(3, 1, 1).is_nothing() && !to(3, 5, 2).is_nothing());
        assert!(to(7, 0, 1).check(6).is_err() && to(6, 0, 2).check(6).is_err());
        assert!(to(1, 7, 1).check(6).is_err() && to(6, 6, 1).check(6).is_ok());
    }
}
