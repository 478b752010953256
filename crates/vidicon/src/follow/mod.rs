//! Subscriptions: the channels that somebody follows. Those of other servers are asked by a job.

pub mod api;
mod store;

use crate::account::{ActorId, User};
use crate::app::App;
use crate::channel::{self, Channel, ChannelId};
use crate::error::Result;
use crate::listing::{Paging, Sort};
use base::Tx;
use base::clock::Millis;
use base::job::NewJob;
use serde_json::json;

/// Somebody began to follow an actor of this site; `jobs.rs` says who answers it.
pub const ADDED_JOB: &str = "follow_added";
/// Federation answers these two.
const REMOTE_JOB: &str = "follow_remote";
const REMOTE_END_JOB: &str = "unfollow_remote";

/// By what a list of subscriptions can be sorted.
pub const SORTS: &[&str] = &["id", "createdAt", "channelUpdatedAt"];

/// `name@host`, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    pub name: String,
    /// Empty for this site.
    pub host: String,
}

impl Handle {
    /// Nothing when it is not of the form `name@host`.
    pub fn parse(app: &App, text: &str) -> Option<Self> {
        const NAME_SIGNS: &str = "_.-:";
        let (name, host) = text.split_once('@')?;
        let is_name = (1..=150).contains(&name.len())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || NAME_SIGNS.contains(c));
        let is_host = (1..=255).contains(&host.len())
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
        if !is_name || !is_host {
            return None;
        }
        let (name, host) = channel::split_handle(app, text);
        Some(Handle { name, host })
    }
}

/// Follows a channel. One of this site at once; others are asked by a job, and what is not there
/// is passed over, as PeerTube does.
pub async fn subscribe(app: &App, user: &User, handle: &Handle) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if handle.host.is_empty() {
        if let Some(target) = store::channel_actor(&mut tx, handle).await? {
            add(&mut tx, user.actor_id, target, now).await?;
        }
    } else {
        let wanted = format!("{}@{}", handle.name, handle.host);
        let payload = json!({ "accountId": user.account_id, "handle": wanted });
        NewJob::new(REMOTE_JOB, payload)
            .max_attempts(5)
            .once(format!("{REMOTE_JOB}:{}:{wanted}", user.account_id))
            .enqueue(&mut tx, now)
            .await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// A follow within this site is accepted at once.
async fn add(tx: &mut Tx, follower: ActorId, target: ActorId, now: Millis) -> Result<()> {
    if !store::add(&mut *tx, follower, target, now).await? {
        return Ok(());
    }
    store::change_counts(&mut *tx, follower, target, 1).await?;
    tell_added(tx, follower, target, now).await
}

/// Has those be told who want to know that an actor of theirs is followed.
pub async fn tell_added(
    tx: &mut Tx,
    follower: ActorId,
    target: ActorId,
    now: Millis,
) -> Result<()> {
    let payload = json!({ "followerActorId": follower, "actorId": target });
    NewJob::new(ADDED_JOB, payload).enqueue(tx, now).await?;
    Ok(())
}

/// The channel of a subscription that was accepted.
pub async fn find(app: &App, user: &User, handle: &Handle) -> Result<Option<Channel>> {
    let Some(id) = store::followed(&app.db, user.actor_id, handle).await? else {
        return Ok(None);
    };
    channel::by_id(&app.db, id).await
}

/// Ends a subscription.
pub async fn unsubscribe(app: &App, user: &User, channel: &Channel) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if store::remove(&mut tx, user.actor_id, channel.actor_id).await? {
        store::change_counts(&mut tx, user.actor_id, channel.actor_id, -1).await?;
        if !channel.host.is_empty() {
            let payload = json!({ "accountId": user.account_id, "actorId": channel.actor_id });
            NewJob::new(REMOTE_END_JOB, payload)
                .max_attempts(5)
                .enqueue(&mut tx, now)
                .await?;
        }
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// The channels that an actor follows.
pub async fn list(
    app: &App,
    follower: ActorId,
    search: Option<&str>,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Channel>)> {
    let total = store::count(&app.db, follower, search).await?;
    let ids: Vec<ChannelId> = store::page(&app.db, follower, search, paging, sort).await?;
    let mut channels = channel::by_ids(&app.db, &ids).await?;
    channels.sort_by_key(|channel| ids.iter().position(|id| *id == channel.id));
    Ok((total, channels))
}

/// Which of these the actor follows.
pub async fn known(app: &App, follower: ActorId, handles: &[Handle]) -> Result<Vec<Handle>> {
    if handles.is_empty() {
        return Ok(Vec::new());
    }
    let known = store::known(&app.db, follower, handles).await?;
    Ok(known
        .into_iter()
        .map(|(name, host)| Handle { name, host })
        .collect())
}
