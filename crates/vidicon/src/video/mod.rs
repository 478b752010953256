//! Videos: what they are, who may see and change them, and how they come and go.

mod chapters;
pub mod input;
pub mod job;
pub mod kinds;
mod listed;
mod name_key;
pub mod quota;
pub mod short_uuid;
mod store;
pub mod visibility;

pub use kinds::{CommentsPolicy, Privacy, VideoState};
pub use listed::relist;
pub use name_key::name_key;
pub use store::Counters;
pub use visibility::{manage, visible};

use crate::account::{AccountId, ActorId, UserId};
use crate::app::App;
use crate::channel::ChannelId;
use crate::error::{Error, Result};
use base::clock::Millis;
use base::job::NewJob;
use base::{Id, Tx};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

pub type VideoId = Id<Video>;

/// The kinds of jobs that follow from a video's life; `jobs.rs` says who answers them.
pub const PUBLISHED_JOB: &str = "video_published";
pub const DELETED_JOB: &str = "video_deleted";

/// A video with the names of its channel and account.
#[derive(Clone, Debug, Deserialize)]
pub struct Video {
    pub id: VideoId,
    pub uuid: Uuid,
    pub channel_id: ChannelId,
    pub account_id: AccountId,
    /// Its address as an ActivityPub object; set for videos of other servers.
    pub url: Option<String>,
    pub is_local: bool,
    pub is_live: bool,
    pub name: String,
    pub description: Option<String>,
    pub support: Option<String>,
    pub category: Option<i64>,
    pub licence: Option<i64>,
    pub language: Option<String>,
    pub tags: Vec<String>,
    pub privacy: Privacy,
    pub state: VideoState,
    pub wait_transcoding: bool,
    pub was_published: bool,
    pub blocked: bool,
    /// 0 in no list, 1 in public lists, 2 in lists of people who are logged in.
    pub listed: i64,
    pub nsfw: bool,
    pub nsfw_flags: i64,
    pub nsfw_summary: Option<String>,
    pub comments_policy: CommentsPolicy,
    pub download_enabled: bool,
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub views: i64,
    pub likes: i64,
    pub dislikes: i64,
    pub comment_count: i64,
    pub size_bytes: i64,
    pub thumbnail: Option<String>,
    pub preview: Option<String>,
    pub thumbnail_from: String,
    pub hue: Option<i64>,
    pub chapters_from: Option<String>,
    pub schedule_at: Option<Millis>,
    pub schedule_privacy: Option<Privacy>,
    pub originally_published_at: Option<Millis>,
    pub input_file_updated_at: Option<Millis>,
    pub published_at: Millis,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub owner_user_id: Option<UserId>,
    pub channel_actor_id: ActorId,
    pub channel_name: String,
    pub channel_host: String,
    pub channel_display_name: String,
    pub account_actor_id: ActorId,
    pub account_name: String,
    pub account_host: String,
    pub account_display_name: String,
}

impl Video {
    pub fn short_uuid(&self) -> String {
        short_uuid::shorten(self.uuid)
    }

    /// The page where it is watched: `/w/…`.
    pub fn watch_path(&self) -> String {
        format!("/w/{}", self.short_uuid())
    }
}

/// What a path may name a video by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VideoRef {
    Number(VideoId),
    Uuid(Uuid),
}

impl VideoRef {
    /// A number, a UUID or its short form.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.len() < 19 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text
                .parse()
                .ok()
                .map(|id| VideoRef::Number(VideoId::new(id)));
        }
        if text.len() == 36 {
            return Uuid::try_parse(text).ok().map(VideoRef::Uuid);
        }
        short_uuid::lengthen(text).map(VideoRef::Uuid)
    }

    /// As [`VideoRef::parse`]; 400 for anything else.
    pub fn read(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| crate::check::wrong_param("id", text))
    }
}

/// A video to be added.
#[derive(Clone, Debug)]
pub struct NewVideo {
    pub uuid: Uuid,
    pub channel_id: ChannelId,
    pub account_id: AccountId,
    pub name: String,
    pub description: Option<String>,
    pub support: Option<String>,
    pub category: Option<i64>,
    pub licence: Option<i64>,
    pub language: Option<String>,
    pub tags: Vec<String>,
    pub privacy: Privacy,
    pub state: VideoState,
    pub is_live: bool,
    pub wait_transcoding: bool,
    pub nsfw: bool,
    pub nsfw_flags: i64,
    pub nsfw_summary: Option<String>,
    pub comments_policy: CommentsPolicy,
    pub download_enabled: bool,
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub size_bytes: i64,
    pub originally_published_at: Option<Millis>,
    pub schedule: Option<Schedule>,
    pub passwords: Vec<String>,
}

impl NewVideo {
    /// A private video without anything but a name and a place.
    pub fn new(channel_id: ChannelId, account_id: AccountId, name: &str) -> Self {
        NewVideo {
            uuid: base::random::uuid(),
            channel_id,
            account_id,
            name: name.to_owned(),
            description: None,
            support: None,
            category: None,
            licence: None,
            language: None,
            tags: Vec::new(),
            privacy: Privacy::Private,
            state: VideoState::ToTranscode,
            is_live: false,
            wait_transcoding: false,
            nsfw: false,
            nsfw_flags: 0,
            nsfw_summary: None,
            comments_policy: CommentsPolicy::Enabled,
            download_enabled: true,
            duration_s: 0,
            aspect_ratio: None,
            size_bytes: 0,
            originally_published_at: None,
            schedule: None,
            passwords: Vec::new(),
        }
    }
}

/// When a video changes its privacy by itself, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub at: Millis,
    pub privacy: Option<Privacy>,
}

/// Adds a video with its tags, passwords and the chapters that its description names.
pub async fn create(tx: &mut Tx, new: &NewVideo, now: Millis) -> Result<VideoId> {
    let id = store::add(&mut *tx, new, now).await?;
    store::set_tags(&mut *tx, id, &new.tags).await?;
    for password in &new.passwords {
        store::add_password(&mut *tx, id, password, now).await?;
    }
    let chapters = chapters::from_description(new.description.as_deref().unwrap_or_default());
    if !chapters.is_empty() {
        store::set_chapters(&mut *tx, id, &chapters, Some("description")).await?;
    }
    if new.state == VideoState::Published {
        publish(tx, id, now).await?;
    } else {
        rescore(tx, id).await?;
        relist(tx, id).await?;
    }
    Ok(id)
}

pub async fn find(app: &App, by: VideoRef) -> Result<Video> {
    let found = store::find(&app.db, by).await?;
    found.ok_or_else(|| Error::not_found("Video not found"))
}

/// As [`find`], inside a transaction; nothing when it is gone.
pub async fn find_in(tx: &mut Tx, id: VideoId) -> Result<Option<Video>> {
    Ok(store::find(tx, VideoRef::Number(id)).await?)
}

/// The video is ready: it shows up where its privacy lets it, and those who follow are told. The
/// date of publication is set at the first time only.
pub async fn publish(tx: &mut Tx, id: VideoId, now: Millis) -> Result<()> {
    let Some(video) = find_in(tx, id).await? else {
        return Ok(());
    };
    let is_first = !video.was_published;
    let published_at = if is_first { now } else { video.published_at };
    store::set_published(&mut *tx, id, published_at).await?;
    if video.privacy != Privacy::Private {
        store::note_channel_published(&mut *tx, video.channel_id, published_at).await?;
    }
    rescore(tx, id).await?;
    relist(tx, id).await?;
    NewJob::new(PUBLISHED_JOB, json!({ "videoId": id, "isFirst": is_first }))
        .enqueue(&mut *tx, now)
        .await?;
    Ok(())
}

/// Its file could not be made playable; the original stays.
pub async fn fail(tx: &mut Tx, id: VideoId) -> Result<()> {
    set_state(tx, id, VideoState::TranscodingFailed).await
}

/// Another step of its life than publication.
pub async fn set_state(tx: &mut Tx, id: VideoId, state: VideoState) -> Result<()> {
    store::set_state(&mut *tx, id, state).await?;
    relist(tx, id).await
}

/// Takes the video out of the database at once; a job deletes its blobs afterwards.
pub async fn delete(app: &App, video: &Video) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    listed::unlist(&mut tx, video.id).await?;
    let blobs = store::blobs(&mut tx, video.id).await?;
    store::delete(&mut tx, video.id).await?;
    let payload = json!({ "videoId": video.id, "uuid": video.uuid, "blobs": blobs });
    NewJob::new(DELETED_JOB, payload)
        .max_attempts(20)
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Brings the score of the `hot` order up to date after views, ratings or comments changed.
pub async fn rescore(tx: &mut Tx, id: VideoId) -> Result<()> {
    let Some(counters) = store::counters(&mut *tx, id).await? else {
        return Ok(());
    };
    store::set_hot(&mut *tx, id, counters.hot()).await?;
    Ok(())
}

/// Adds up what its files weigh, after files came or went.
pub async fn weigh(tx: &mut Tx, id: VideoId) -> Result<()> {
    store::weigh(&mut *tx, id).await?;
    Ok(())
}
