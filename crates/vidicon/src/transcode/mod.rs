//! Makes videos playable: copies or encodes them part by part into renditions that can be watched
//! while they grow, and that a stop of the program costs at most one part.

pub mod api;
mod av1;
mod disk;
pub mod extract;
mod here;
pub mod job;
pub mod lifecycle;
mod make;
pub mod original;
mod parts;
mod picture;
mod publish;
mod remote;
pub mod room;
mod settings;
mod source;
mod speed;
mod store;
mod storyboard;
pub mod title;
pub mod transcript;
mod web;

pub use av1::av1;
pub use remote::take_rendition;
pub use room::Room;
pub use storyboard::{ask_storyboard, has_storyboard, storyboard, take_storyboard};
pub use web::web_videos;

use crate::app::App;
use crate::video::VideoId;
use crate::video::files::FileId;
use base::Tx;
use base::clock::Millis;
use base::job::NewJob;
use media::Plan;
use media::hls::Track;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The kinds of its jobs.
pub const TRANSCODE_JOB: &str = "transcode";
pub const STORYBOARD_JOB: &str = "storyboard";
pub const WEB_JOB: &str = "web_videos";
pub const AV1_JOB: &str = "av1";

/// What was decided about a video, and how far its making has come.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    /// The name of its work folder.
    pub folder: String,
    pub plan: Plan,
    pub chunks_done: i64,
    /// Why other machines gave it up.
    pub failure: Option<String>,
}

/// A rendition in the making.
#[derive(Clone, Debug, Deserialize)]
pub struct Rendition {
    pub id: FileId,
    pub filename: String,
    pub playlist_filename: Option<String>,
    /// 0 is the sound.
    pub resolution: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub has_video: bool,
    pub copied: bool,
    pub complete: bool,
    /// Its segments so far.
    #[serde(skip)]
    pub track: Track,
}

impl Rendition {
    fn playlist(&self) -> &str {
        self.playlist_filename.as_deref().unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub struct NewRendition {
    pub filename: String,
    pub playlist_filename: String,
    pub resolution: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub fps: i64,
    pub has_video: bool,
    pub copied: bool,
}

/// What is known of a rendition once it is whole.
#[derive(Clone, Debug)]
pub struct Stored {
    pub size_bytes: i64,
    pub codecs: String,
    pub peak_bps: i64,
    pub average_bps: i64,
    pub metadata: Option<Value>,
}

/// Has a video made anew from its original.
pub async fn enqueue(tx: &mut Tx, id: VideoId, now: Millis) -> base::db::Result<()> {
    NewJob::new(TRANSCODE_JOB, json!({ "videoId": id }))
        .max_attempts(3)
        .once(job_key(id))
        .enqueue(tx, now)
        .await
        .map(drop)
}

/// How many parts of a video are encoded, and of how many; nothing when it is not being made.
pub async fn progress(app: &App, id: VideoId) -> crate::error::Result<Option<(i64, i64)>> {
    let run = store::find(&app.db, id).await?;
    Ok(run.map(|run| {
        let parts = i64::try_from(run.plan.chunks.len()).unwrap_or(i64::MAX);
        (run.chunks_done, parts)
    }))
}

fn job_key(id: VideoId) -> String {
    format!("transcode:{id}")
}

/// Below it lies a folder for each job at work, whose name begins with the job's kind and the video,
/// such as `transcode-12-…`.
fn work_root(app: &App) -> PathBuf {
    app.config.server.data_dir.join("work")
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
