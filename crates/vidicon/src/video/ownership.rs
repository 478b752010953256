//! Giving a video or a whole channel to somebody else, who has to accept it.

pub use super::store::ownership::Change;

use super::store::ownership as store;
use super::{Video, VideoId, VideoRef, find, quota, relist};
use crate::account::{self, AccountId, User};
use crate::app::App;
use crate::channel::activity::{self, Action, Target};
use crate::channel::{self, Channel, ChannelId};
use crate::error::{Error, Result};
use crate::listing::Paging;
use base::job::NewJob;
use base::{Id, Tx};
use serde_json::json;

pub type ChangeId = Id<Change>;

/// An offer was made or answered; `jobs.rs` says who tells people of it.
pub const CHANGED_JOB: &str = "ownership_changed";

pub const OPEN: i64 = 1;
pub const REFUSED: i64 = 2;
pub const ACCEPTED: i64 = 3;

/// What is given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    Video(VideoId),
    Channel(ChannelId),
}

/// Offers a thing of one account to another. One offer of a thing is open at a time.
pub async fn offer(app: &App, given: Given, from: AccountId, to: AccountId) -> Result<()> {
    if from == to {
        return Err(Error::bad_request("It belongs to this account already."));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let added = store::add(&mut tx, given, from, to, now).await?;
    let id =
        added.ok_or_else(|| Error::bad_request("There is already a pending ownership request."))?;
    tell(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell(tx: &mut Tx, id: ChangeId, now: base::clock::Millis) -> Result<()> {
    NewJob::new(CHANGED_JOB, json!({ "changeId": id }))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

pub async fn by_id(app: &App, id: ChangeId) -> Result<Option<Change>> {
    Ok(store::find(&app.db, id).await?)
}

/// Which offers.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// Offers of videos, or else of channels, that an account made or got.
    Mine {
        account: AccountId,
        of_videos: bool,
    },
    Of(Given),
}

pub async fn list(
    app: &App,
    which: Which,
    state: Option<i64>,
    paging: Paging,
    oldest_first: bool,
) -> Result<(i64, Vec<Change>)> {
    let total = store::count(&app.db, which, state).await?;
    let rows = store::list(&app.db, which, state, paging, oldest_first).await?;
    Ok((total, rows))
}

/// Closes an open offer; another that came first makes this 403 as if it were not open.
async fn close(tx: &mut Tx, app: &App, change: &Change, state: i64) -> Result<()> {
    let now = app.clock.now();
    if !store::close(&mut *tx, change.id, state, now).await? {
        return Err(not_open());
    }
    tell(tx, change.id, now).await
}

pub fn not_open() -> Error {
    Error::forbidden("Ownership already accepted or refused")
}

pub async fn refuse(app: &App, change: &Change) -> Result<()> {
    let mut tx = app.db.begin().await?;
    close(&mut tx, app, change, REFUSED).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an offer back.
pub async fn withdraw(app: &App, change: &Change) -> Result<()> {
    store::delete(&app.db, change.id).await?;
    Ok(())
}

/// The video moves into a channel of the one who accepts; its date stays.
pub async fn accept_video(
    app: &App,
    me: &User,
    change: &Change,
    video: &Video,
    to: ChannelId,
) -> Result<()> {
    quota::room_left(app, me, store::largest_file(&app.db, video.id).await?).await?;
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    close(&mut tx, app, change, ACCEPTED).await?;
    let mut after = video.clone();
    (after.channel_id, after.account_id) = (to, me.account_id);
    super::change_in(&mut tx, video, &after, None, now).await?;
    for (channel, action) in [
        (video.channel_id, Action::RemoveChannelOwnership),
        (to, Action::CreateChannelOwnership),
    ] {
        let target = Target::Video {
            id: video.id.0,
            name: &video.name,
        };
        activity::note(&mut tx, channel, me.account_id, action, target, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The channel with its videos and playlists becomes the one's who accepts, all at once.
pub async fn accept_channel(
    app: &App,
    me: &User,
    change: &Change,
    channel: &Channel,
) -> Result<()> {
    let more_bytes = store::largest_files_of_channel(&app.db, channel.id).await?;
    quota::room_left(app, me, more_bytes).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    close(&mut tx, app, change, ACCEPTED).await?;
    if channel::count_of(&mut tx, channel.account_id).await? <= 1 {
        return Err(Error::conflict(
            "Cannot give the last channel of an account away.",
        ));
    }
    let videos = store::videos_of_channel(&mut tx, channel.id).await?;
    store::refuse_of_channel(&mut tx, channel.id, now).await?;
    store::move_channel(&mut tx, channel.id, me.account_id, now).await?;
    for id in videos {
        relist(&mut tx, id).await?;
    }
    let (by, target) = (me.account_id, Target::Channel);
    activity::note(
        &mut tx,
        channel.id,
        by,
        Action::CreateChannelOwnership,
        target,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The account of this site with this user name; 400 when there is none.
pub async fn receiver(app: &App, username: &str) -> Result<AccountId> {
    let unknown = || {
        Error::bad_request(
            "Changing video ownership to a remote account is not supported yet, or there is no such account.",
        )
    };
    match account::profile(app, username).await {
        Ok(profile) if profile.host.is_empty() && profile.user_id.is_some() => {
            Ok(profile.account_id)
        }
        _ => Err(unknown()),
    }
}

/// The video of an offer.
pub async fn video(app: &App, change: &Change) -> Result<Video> {
    let gone = || Error::not_found("Video not found");
    find(app, VideoRef::Number(change.video_id.ok_or_else(gone)?)).await
}
