//! Followers whom those who run a channel send away; their server hears of it.

use super::{follow, store};
use crate::access::Me;
use crate::account::ActorId;
use crate::app::App;
use crate::channel;
use crate::error::{Error, Result, no_content};
use axum::extract::{Path, State};
use axum::response::Response;

pub async fn remove_of_channel(
    State(app): State<App>,
    me: Me,
    Path((handle, follower)): Path<(String, String)>,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    channel::manage(&app, &me, &channel).await?;
    remove(&app, channel.actor_id, &follower).await?;
    Ok(no_content())
}

pub async fn remove_of_account(
    State(app): State<App>,
    me: Me,
    Path((name, follower)): Path<(String, String)>,
) -> Result<Response> {
    if channel::api::account(&app, &name).await? != me.account_id {
        return Err(Error::forbidden(
            "Only the owner of this account can send its followers away.",
        ));
    }
    remove(&app, me.actor_id, &follower).await?;
    Ok(no_content())
}

/// Ends the follow of somebody, named as `name` or `name@host`. They may follow again: who is to stay away is muted.
pub async fn remove(app: &App, target: ActorId, handle: &str) -> Result<()> {
    let unknown = || Error::not_found(format!("Follower {handle} not found."));
    let (name, host) = channel::split_handle(app, handle);
    let follower = store::actor_by_name(&app.db, &name, &host).await?;
    let follower = follower.ok_or_else(unknown)?;
    let known = store::follow_between(&app.db, follower.id, target).await?;
    let known = known.ok_or_else(unknown)?;
    let target = store::actor(&app.db, target).await?.ok_or_else(unknown)?;
    let mut tx = app.db.begin().await?;
    store::delete_follow(&mut tx, &known).await?;
    tx.commit().await?;
    if follower.host.is_empty() {
        return Ok(());
    }
    follow::answer(app, &follower, &target, known.url.as_deref(), "rejected").await
}
