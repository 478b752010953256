//! Channels: where videos hang. Every account has at least one.

pub mod activity;
pub mod api;
mod store;
pub mod studio;
pub mod view;

pub use store::Follower;

use crate::account::{self, AccountId, ActorId, Right, User, UserId};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::Executor;
use base::{Id, Tx};
use serde::Deserialize;

pub type ChannelId = Id<Channel>;

/// A channel with the account that owns it.
#[derive(Clone, Debug, Deserialize)]
pub struct Channel {
    pub id: ChannelId,
    pub actor_id: ActorId,
    pub name: String,
    /// Empty for this site.
    pub host: String,
    pub url: Option<String>,
    pub display_name: String,
    pub description: Option<String>,
    pub support: Option<String>,
    /// Shown in its podcast feed.
    pub public_email: Option<String>,
    pub follower_count: i64,
    pub following_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub last_published_at: Option<Millis>,
    /// Pictures as `wire::Images` reads them.
    pub avatars: Option<String>,
    pub banners: Option<String>,
    pub account_id: AccountId,
    pub account_actor_id: ActorId,
    pub account_name: String,
    pub account_host: String,
    pub account_url: Option<String>,
    pub account_display_name: String,
    pub account_description: Option<String>,
    pub account_follower_count: i64,
    pub account_following_count: i64,
    pub account_created_at: Millis,
    pub account_updated_at: Millis,
    pub account_avatars: Option<String>,
    pub owner_user_id: Option<UserId>,
}

/// Adds a channel; 409 when its name is or was in use.
pub async fn add(
    tx: &mut Tx,
    account_id: AccountId,
    name: &str,
    display_name: &str,
    now: Millis,
) -> Result<ChannelId> {
    let actor_id: ActorId = account::add_actor(tx, "channel", name, now).await?;
    Ok(store::add(tx, actor_id, account_id, name, display_name, now).await?)
}

/// `name`, or `name@host` for a channel of another server.
pub async fn find(app: &App, handle: &str) -> Result<Channel> {
    let (name, host) = split_handle(app, handle);
    let found = store::find(&app.db, &name, &host).await?;
    found.ok_or_else(|| Error::not_found("Video channel not found"))
}

pub async fn by_id(on: impl Executor, id: ChannelId) -> Result<Option<Channel>> {
    Ok(store::by_ids(on, &[id]).await?.pop())
}

/// These channels, in no certain order.
pub async fn by_ids(on: impl Executor, ids: &[ChannelId]) -> Result<Vec<Channel>> {
    Ok(store::by_ids(on, ids).await?)
}

/// Name and host of a handle; the host of this site is empty.
pub fn split_handle(app: &App, handle: &str) -> (String, String) {
    let handle = handle.trim_start_matches('@').to_lowercase();
    match handle.split_once('@') {
        Some((name, host)) if host == app.host() => (name.to_owned(), String::new()),
        Some((name, host)) => (name.to_owned(), host.to_owned()),
        None => (handle, String::new()),
    }
}

/// Which channels.
#[derive(Clone, Debug, Default)]
pub struct ChannelFilter {
    pub account_id: Option<AccountId>,
    pub search: Option<String>,
    /// Channels that the account helps with, too.
    pub with_collaborations: bool,
}

pub async fn list(
    app: &App,
    filter: &ChannelFilter,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Channel>)> {
    let total = store::count(&app.db, filter).await?;
    Ok((total, store::list(&app.db, filter, paging, sort).await?))
}

/// The channels that published something last, the latest first.
pub async fn lately_active(app: &App, paging: Paging) -> Result<Vec<Channel>> {
    Ok(store::lately_active(&app.db, paging).await?)
}

/// All channels of an account, the oldest first.
pub async fn of_account(app: &App, account_id: AccountId) -> Result<Vec<Channel>> {
    let filter = ChannelFilter {
        account_id: Some(account_id),
        ..ChannelFilter::default()
    };
    let all = Paging {
        start: 0,
        count: 1_000,
    };
    let sort = Sort {
        column: "createdAt",
        descending: false,
    };
    Ok(store::list(&app.db, &filter, all, sort).await?)
}

/// The channel that a user wants to put a video into, with its account; 400 when it is not theirs.
pub async fn for_video(app: &App, user: &User, id: ChannelId) -> Result<(ChannelId, AccountId)> {
    let account_id = store::owner(&app.db, id)
        .await?
        .ok_or_else(|| Error::bad_request("Unknown video \"video channel\" for this instance."))?;
    let is_theirs = account_id == user.account_id
        || user.has(Right::UpdateAnyVideo)
        || is_editor(app, id, user.account_id).await?;
    if !is_theirs {
        return Err(Error::bad_request(
            "Unknown video \"video channel\" for this account.",
        ));
    }
    Ok((id, account_id))
}

/// Does this account help with the channel, after an invitation that it accepted?
pub async fn is_editor(app: &App, id: ChannelId, account_id: AccountId) -> Result<bool> {
    Ok(store::is_editor(&app.db, id, account_id).await?)
}

/// May the user change the channel?
pub async fn manage(app: &App, user: &User, channel: &Channel) -> Result<()> {
    if !channel.host.is_empty() {
        return Err(Error::forbidden("This channel is not owned."));
    }
    let may = channel.account_id == user.account_id
        || user.has(Right::ManageAnyVideoChannel)
        || is_editor(app, channel.id, user.account_id).await?;
    if may {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "User {} is not owner of channel {}",
        user.username, channel.name
    )))
}

/// Who follows a channel or an account, the newest first, with how many there are.
pub async fn followers(
    app: &App,
    actor: ActorId,
    search: Option<&str>,
    paging: Paging,
) -> Result<(i64, Vec<Follower>)> {
    Ok(store::followers(&app.db, &[actor], search, paging, false).await?)
}

/// What can be changed of a channel.
#[derive(Clone, Debug)]
pub struct Change {
    pub display_name: String,
    pub description: Option<String>,
    pub support: Option<String>,
    pub public_email: Option<String>,
    /// Give the support text to all its videos, too.
    pub bulk_support: bool,
}

pub async fn change(app: &App, channel: &Channel, change: &Change) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::change(&mut tx, channel.id, &channel.name, change, now).await?;
    if change.bulk_support {
        store::set_support_of_videos(&mut tx, channel.id, change.support.as_deref(), now).await?;
    }
    account::tell_changed(&mut tx, channel.actor_id, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an empty channel away; its name stays taken. Its videos are deleted before.
pub async fn remove(tx: &mut Tx, channel: &Channel, now: Millis) -> Result<()> {
    store::remove(tx, channel).await?;
    account::bury_actor(tx, channel.actor_id, now).await
}

/// How many channels an account has.
pub async fn count_of(on: impl Executor, account_id: AccountId) -> Result<i64> {
    let filter = ChannelFilter {
        account_id: Some(account_id),
        ..ChannelFilter::default()
    };
    Ok(store::count(on, &filter).await?)
}
