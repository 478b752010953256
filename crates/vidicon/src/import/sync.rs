//! Channels of other sites that are kept in step: what is new there comes here.

use super::{NewImport, begin, store, tool};
use crate::account::{self, User};
use crate::app::App;
use crate::channel::{self, Channel, ChannelId};
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::video::quota;
use base::Id;
use base::clock::{HOUR, Millis};
use base::job::{JobError, NewJob, Running};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

pub type SyncId = Id<Sync>;

/// Brings what is new of one channel.
pub const JOB: &str = "channel_import";
/// Looks which channels are to be looked at again.
pub const ROUND_JOB: &str = "channel_sync_round";

/// Videos that one look brings: of a channel in step, and of a whole channel at once.
const MOST_NEW: usize = 10;
const MOST_OF_CHANNEL: usize = 1_000;
/// How often a channel is looked at.
const EVERY: Millis = HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum SyncState {
    Waiting = 1,
    Processing = 2,
    Synced = 3,
    Failed = 4,
}

impl SyncState {
    const ALL: [SyncState; 4] = [
        SyncState::Waiting,
        SyncState::Processing,
        SyncState::Synced,
        SyncState::Failed,
    ];

    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    pub fn label(self) -> &'static str {
        match self {
            SyncState::Waiting => "Waiting first run",
            SyncState::Processing => "Processing",
            SyncState::Synced => "Synchronized",
            SyncState::Failed => "Failed",
        }
    }
}

impl TryFrom<i64> for SyncState {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|it| it.number() == number);
        found.ok_or_else(|| format!("{number} is no state of a synchronisation"))
    }
}

impl From<SyncState> for i64 {
    fn from(state: SyncState) -> i64 {
        state.number()
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct Sync {
    pub id: SyncId,
    pub channel_id: ChannelId,
    pub external_url: String,
    pub state: SyncState,
    pub last_sync_at: Option<Millis>,
    pub created_at: Millis,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    channel_id: ChannelId,
    url: String,
    sync_id: Option<SyncId>,
}

/// 403 where channels are not kept in step.
pub fn check_on(app: &App) -> Result<()> {
    let import = &app.instance.settings().import;
    if import.video_channel_synchronization.enabled && import.videos.http.enabled {
        return Ok(());
    }
    Err(Error::forbidden(
        "Synchronization is impossible as video channel synchronization is not enabled on the server",
    ))
}

pub async fn add(app: &App, channel: &Channel, url: &str) -> Result<Sync> {
    let most = app
        .instance
        .settings()
        .import
        .video_channel_synchronization
        .max_per_user;
    if store::sync_count(&app.db, channel.account_id, false).await? >= most {
        return Err(Error::bad_request(
            "You cannot create more channel synchronizations",
        ));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let added = store::add_sync(&mut tx, channel.id, url, now).await?;
    let id = added.ok_or_else(|| {
        Error::conflict("This channel is kept in step with that address already.")
    })?;
    enqueue(&mut tx, channel.id, url, Some(id), now).await?;
    tx.commit().await?;
    app.workers.wake();
    find(app, id).await
}

pub async fn find(app: &App, id: SyncId) -> Result<Sync> {
    let found = store::sync(&app.db, id).await?;
    found.ok_or_else(|| Error::not_found("Synchronization not found"))
}

pub async fn list(
    app: &App,
    account: account::AccountId,
    with_collaborations: bool,
    sort: Sort,
    paging: Paging,
) -> Result<(i64, Vec<Sync>)> {
    let total = store::sync_count(&app.db, account, with_collaborations).await?;
    let rows = store::syncs(&app.db, account, with_collaborations, sort, paging).await?;
    Ok((total, rows))
}

pub async fn delete(app: &App, sync: &Sync) -> Result<()> {
    store::delete_sync(&app.db, sync.id).await?;
    Ok(())
}

/// Looks at the channel now.
pub async fn trigger(app: &App, sync: &Sync) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    enqueue(
        &mut tx,
        sync.channel_id,
        &sync.external_url,
        Some(sync.id),
        now,
    )
    .await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Brings a whole channel once.
pub async fn import_channel(
    app: &App,
    channel: &Channel,
    url: &str,
    sync_id: Option<SyncId>,
) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    enqueue(&mut tx, channel.id, url, sync_id, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

async fn enqueue(
    tx: &mut base::Tx,
    channel_id: ChannelId,
    url: &str,
    sync_id: Option<SyncId>,
    now: Millis,
) -> Result<()> {
    let order = Order {
        channel_id,
        url: url.to_owned(),
        sync_id,
    };
    NewJob::new(JOB, json!(order))
        .max_attempts(2)
        .once(format!("{JOB}:{channel_id}:{url}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

/// The regular job: channels whose hour has come.
pub async fn round(app: &App) -> Result<(), JobError> {
    if check_on(app).is_err() {
        return Ok(());
    }
    let due = store::due_syncs(&app.db, app.clock.now() - EVERY).await?;
    for sync in due {
        trigger(app, &sync).await?;
    }
    Ok(())
}

/// The job: begins an import for each video that has not come before.
pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let order: Order = running.job.payload()?;
    let sync = match order.sync_id {
        Some(id) => match store::sync(&app.db, id).await? {
            Some(sync) => Some(sync),
            // It was taken away meanwhile.
            None => return Ok(()),
        },
        None => None,
    };
    let Some(channel) = channel::by_id(&app.db, order.channel_id).await? else {
        return Ok(());
    };
    if let Some(sync) = &sync {
        store::set_sync_state(&app.db, sync.id, SyncState::Processing, None).await?;
    }
    let most = if sync.is_some() {
        MOST_NEW
    } else {
        MOST_OF_CHANNEL
    };
    let done = bring(app, running, &channel, &order, most).await;
    if let Some(sync) = &sync {
        let state = if done.is_ok() {
            SyncState::Synced
        } else {
            SyncState::Failed
        };
        store::set_sync_state(&app.db, sync.id, state, Some(app.clock.now())).await?;
    }
    done
}

async fn bring(
    app: &App,
    running: &Running,
    channel: &Channel,
    order: &Order,
    most: usize,
) -> Result<(), JobError> {
    let Some(user_id) = channel.owner_user_id else {
        return Err(JobError::Fail("The channel has no owner here.".to_owned()));
    };
    let user = account::user(app, user_id).await?;
    let Some(program) = tool::find(app) else {
        return Err(JobError::Fail(
            "To read channels of other sites, yt-dlp must be installed on this server.".to_owned(),
        ));
    };
    let items = tool::list(app, &program, &order.url, most, &running.stop).await?;
    let urls: Vec<String> = items.iter().map(|item| item.url.clone()).collect();
    let known = store::known_urls(&app.db, channel.id, &urls).await?;
    // The oldest first, so that the newest is the newest here too.
    for item in items.iter().rev().filter(|item| !known.contains(&item.url)) {
        quota::room_left(app, &user, 1).await?;
        one(app, &user, channel, order.sync_id, item).await?;
    }
    Ok(())
}

async fn one(
    app: &App,
    user: &User,
    channel: &Channel,
    sync_id: Option<SyncId>,
    item: &tool::Item,
) -> Result<()> {
    let fields = Map::from_iter([
        ("channelId".to_owned(), json!(channel.id)),
        ("privacy".to_owned(), json!(1)),
        ("waitTranscoding".to_owned(), json!(true)),
    ]);
    let new = NewImport {
        target_url: &item.url,
        fields,
        sync_id,
        has_picture: false,
        torrent: None,
    };
    match begin(app, user, new).await {
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::info!(%error, "a video of a channel is not fetched");
            Err(error)
        }
    }
}
