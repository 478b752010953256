//! Channels: where videos hang. Every account has at least one.

mod store;

use crate::account::{self, AccountId, ActorId, Right, User};
use crate::app::App;
use crate::error::{Error, Result};
use base::clock::Millis;
use base::{Id, Tx};

/// Marks ids of channels.
#[derive(Debug)]
pub enum Channel {}
pub type ChannelId = Id<Channel>;

/// Adds a channel; 409 when its name is or was in use.
pub async fn add(
    tx: &mut Tx,
    account_id: AccountId,
    name: &str,
    display_name: &str,
    now: Millis,
) -> Result<ChannelId> {
    let actor_id: ActorId = account::add_actor(tx, "channel", name, now).await?;
    Ok(store::add(tx, actor_id, account_id, display_name, now).await?)
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
