//! Channels: where videos hang. Every account has at least one.

mod store;

use crate::account::{self, AccountId, ActorId};
use crate::error::Result;
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
