//! Files made of a video for one who asks: a passage as a GIF or a loop, the sound for podcast players, a whole MP4.
//! The same is made once and given again; it goes when nobody has asked for it for some days.

pub mod api;
mod job;
mod podcast;

pub use job::make;
pub use podcast::{Sound, follow_up, sounds};

use super::store::extract as store;
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::files::{self, OldFile, drop_later};
use crate::video::{Video, VideoId};
use axum::http::StatusCode;
use base::clock::{DAY, Millis};
use base::job::NewJob;
use base::{Id, Tx};
use serde::Deserialize;
use serde_json::json;

pub const EXTRACT_JOB: &str = "extract";

/// So long it stays without being asked for.
const KEPT: Millis = 7 * DAY;
/// So many may wait at a time.
const MOST_WAITING: i64 = 100;
const LONGEST_GIF_MS: i64 = 15_000;
const LONGEST_LOOP_MS: i64 = 60_000;

/// Marks their ids.
#[derive(Debug)]
pub enum Marker {}
pub type ExtractId = Id<Marker>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A passage that repeats, without sound.
    Gif,
    /// The same as MP4.
    Loop,
    /// The whole sound in one M4A.
    Podcast,
    /// Picture and sound in one MP4 with its index at the beginning.
    Mp4,
}

impl Kind {
    pub const NAMES: [&'static str; 4] = ["gif", "loop", "podcast", "mp4"];

    fn of(name: &str) -> Option<Self> {
        [Kind::Gif, Kind::Loop, Kind::Podcast, Kind::Mp4]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Kind::Gif => "gif",
            Kind::Loop => "loop",
            Kind::Podcast => "podcast",
            Kind::Mp4 => "mp4",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Kind::Gif => "gif",
            Kind::Loop | Kind::Mp4 => "mp4",
            Kind::Podcast => "m4a",
        }
    }

    /// The longest passage; nothing where it is always the whole.
    fn longest_ms(self) -> Option<i64> {
        match self {
            Kind::Gif => Some(LONGEST_GIF_MS),
            Kind::Loop => Some(LONGEST_LOOP_MS),
            Kind::Podcast | Kind::Mp4 => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Waiting,
    Done,
    Failed,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Extract {
    pub id: ExtractId,
    pub video_id: VideoId,
    pub kind: Kind,
    pub start_ms: i64,
    pub end_ms: i64,
    /// 0 is the largest.
    pub resolution: i64,
    pub filename: String,
    pub state: State,
    /// 0 to 100.
    pub progress: i64,
    pub error: Option<String>,
    pub size_bytes: i64,
}

/// What somebody wants.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub kind: Kind,
    pub start_ms: i64,
    pub end_ms: i64,
    pub resolution: i64,
}

impl Wanted {
    /// All of it, in its largest size.
    fn whole(kind: Kind) -> Self {
        Wanted {
            kind,
            start_ms: 0,
            end_ms: 0,
            resolution: 0,
        }
    }
}

/// Has it made, unless it is there or on its way.
pub async fn ask(app: &App, video: &Video, wanted: Wanted) -> Result<Extract> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if let Some(known) = store::alike(&mut tx, video.id, wanted).await? {
        if known.state != State::Failed {
            store::set_used(&mut tx, known.id, now, now).await?;
            tx.commit().await?;
            return Ok(known);
        }
        store::delete(&mut tx, known.id).await?;
    }
    if store::waiting(&mut tx).await? >= MOST_WAITING {
        let said = "Too many files are being made. Try again in a while.";
        return Err(Error::new(StatusCode::TOO_MANY_REQUESTS, said));
    }
    let made = begin(&mut tx, video.id, wanted, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(made)
}

/// Adds what is not there yet, and its job.
async fn begin(tx: &mut Tx, id: VideoId, wanted: Wanted, now: Millis) -> Result<Extract> {
    let filename = format!("{}.{}", base::random::uuid(), wanted.kind.ending());
    store::add(&mut *tx, id, (wanted, &filename), now).await?;
    let made = store::alike(&mut *tx, id, wanted).await?;
    let made = made.ok_or_else(|| Error::internal("what was just added is there"))?;
    NewJob::new(EXTRACT_JOB, json!({ "extractId": made.id }))
        .max_attempts(3)
        .once(format!("extract:{}", made.id))
        .enqueue(&mut *tx, now)
        .await?;
    Ok(made)
}

/// Removes what nobody has asked for lately.
pub async fn collect(app: &App) -> Result<()> {
    let now = app.clock.now();
    loop {
        let old = store::unused(&app.db, now - KEPT).await?;
        if old.is_empty() {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        for (id, uuid, filename) in old {
            store::delete(&mut tx, id).await?;
            drop_later(&mut tx, &[OldFile::rendition(uuid, &filename)], now).await?;
        }
        tx.commit().await?;
    }
}

/// Where it lies.
fn key(video: &Video, extract: &Extract) -> String {
    files::key(video.uuid, &extract.filename)
}
