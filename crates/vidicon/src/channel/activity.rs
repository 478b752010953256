//! The journal of a channel: who of those who may did what.

use super::ChannelId;
use super::store::activity as store;
use crate::account::AccountId;
use crate::app::App;
use crate::error::Result;
use crate::listing::Paging;
use base::Tx;
use base::clock::Millis;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// What was done. The numbers are PeerTube's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create = 1,
    Update = 2,
    Delete = 3,
    UpdateCaptions = 4,
    UpdateChapters = 5,
    UpdatePasswords = 6,
    CreateStudioTasks = 7,
    UpdateSourceFile = 8,
    UpdateElements = 9,
    RemoveChannelOwnership = 10,
    CreateChannelOwnership = 11,
}

/// To what. A thing that is deleted stands there with its name only.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    Video { id: i64, name: &'a str },
    DeletedVideo { name: &'a str },
    Playlist { id: i64, name: &'a str },
    DeletedPlaylist { name: &'a str },
    Channel,
}

impl Target<'_> {
    fn number(self) -> i64 {
        match self {
            Target::Video { .. } | Target::DeletedVideo { .. } => 1,
            Target::Playlist { .. } | Target::DeletedPlaylist { .. } => 2,
            Target::Channel => 3,
        }
    }

    fn details(self) -> Value {
        match self {
            Target::Video { name, .. }
            | Target::DeletedVideo { name }
            | Target::Playlist { name, .. }
            | Target::DeletedPlaylist { name } => json!({ "name": name }),
            Target::Channel => json!({}),
        }
    }
}

/// A line of the journal, with what is left of the thing.
#[derive(Clone, Debug, Deserialize)]
pub struct Activity {
    pub id: i64,
    pub account_id: Option<AccountId>,
    pub action: i64,
    pub target: i64,
    #[serde(deserialize_with = "base::db::json")]
    pub details: Value,
    pub created_at: Millis,
    pub video_id: Option<i64>,
    pub video_uuid: Option<Uuid>,
    pub video_name: Option<String>,
    pub video_is_live: Option<bool>,
    pub playlist_id: Option<i64>,
    pub playlist_uuid: Option<Uuid>,
    pub playlist_name: Option<String>,
}

/// Writes a line, in the transaction of what was done.
pub async fn note(
    tx: &mut Tx,
    channel: ChannelId,
    account: AccountId,
    action: Action,
    target: Target<'_>,
    now: Millis,
) -> Result<()> {
    let (video, playlist) = match target {
        Target::Video { id, .. } => (Some(id), None),
        Target::Playlist { id, .. } => (None, Some(id)),
        _ => (None, None),
    };
    let line = store::Line {
        action: i64::from(action as u8),
        target: target.number(),
        video,
        playlist,
        details: target.details(),
    };
    Ok(store::add(tx, channel, account, line, now).await?)
}

/// As [`note`], after what was done by other means.
pub async fn note_after(
    app: &App,
    channel: ChannelId,
    account: AccountId,
    action: Action,
    target: Target<'_>,
) -> Result<()> {
    let mut tx = app.db.begin().await?;
    note(&mut tx, channel, account, action, target, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// The newest first, with how many there are.
pub async fn list(
    app: &App,
    channel: ChannelId,
    paging: Paging,
    oldest_first: bool,
) -> Result<(i64, Vec<Activity>)> {
    let total = store::count(&app.db, channel).await?;
    let rows = store::list(&app.db, channel, paging, oldest_first).await?;
    Ok((total, rows))
}
