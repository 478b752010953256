//! Videos: what they are, who may see and change them, and how they come and go.

pub mod api;
pub mod attached;
pub mod auto_tag;
mod block;
pub mod caption;
mod chapters;
mod common;
pub mod embed;
pub mod files;
mod followed;
pub mod gate;
pub mod input;
pub mod job;
pub mod kinds;
pub mod labels;
pub mod list;
pub mod listed;
pub mod live;
mod name_key;
pub mod ownership;
pub mod picture;
pub mod player;
pub mod quality;
pub mod quarantine;
pub mod quota;
pub mod reaction;
pub mod said;
pub mod share;
pub mod short_uuid;
pub mod stats;
mod store;
pub mod studio;
pub mod token;
pub mod tracker;
pub mod upload;
pub mod view;
pub mod visibility;
pub mod vtt;
pub mod watching;

pub use block::{BLOCKED_JOB, block, unblock};
pub use kinds::{CommentsPolicy, Privacy, VideoState};
pub use listed::relist;
pub use name_key::{name_key, same_letters};
pub use quality::Quality;
pub use store::extra::Storyboard;
pub use store::{Counters, folded};
pub use visibility::{manage, visible};

use crate::account::{AccountId, ActorId, User, UserId};
use crate::app::App;
use crate::channel::{self, Channel, ChannelId};
use crate::error::{Error, Result};
use crate::notice::Notice;
use base::clock::Millis;
use base::db::Executor;
use base::job::NewJob;
use base::{Id, Tx};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

pub type VideoId = Id<Video>;

/// The kinds of jobs that follow from a video's life; `jobs.rs` says who answers them.
pub const PUBLISHED_JOB: &str = "video_published";
pub const UPDATED_JOB: &str = "video_updated";
pub const DELETED_JOB: &str = "video_deleted";
/// Something of a video has changed that is not in its row: captions, chapters, pictures, renditions.
pub const CHANGED_JOB: &str = "video_changed";
/// A new video is to have its words written down.
pub const TRANSCRIPT_JOB: &str = "transcript";
/// Runs when a video is to change its privacy by itself.
pub const SCHEDULE_JOB: &str = "video_schedule";

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
    /// The age from which it may be watched; 0: any.
    pub min_age: i64,
    /// Countries where it is not shown, in two capital letters each.
    #[serde(deserialize_with = "base::db::json")]
    pub hidden_in: Option<Vec<String>>,
    pub comments_policy: CommentsPolicy,
    pub quality: Option<Quality>,
    /// Spans of dangerous flashes in milliseconds; none: nobody has looked.
    #[serde(deserialize_with = "base::db::json")]
    pub flashes: Option<Vec<(i64, i64)>>,
    pub download_enabled: bool,
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub views: i64,
    pub downloads: i64,
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
    pub min_age: i64,
    pub hidden_in: Option<Vec<String>>,
    pub comments_policy: CommentsPolicy,
    pub quality: Option<Quality>,
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
            min_age: 0,
            hidden_in: None,
            comments_policy: CommentsPolicy::Enabled,
            quality: None,
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
    if let Some(schedule) = new.schedule {
        enqueue_schedule(tx, id, schedule.at, now).await?;
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

/// A known video of another server by its address there.
pub async fn by_url(app: &App, url: &str) -> Result<Option<Video>> {
    Ok(store::by_url(&app.db, url).await?)
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

/// Lets others know that something which hangs on a video has changed. Several changes in a row
/// are told once.
pub async fn tell_changed(on: impl Executor, id: VideoId, now: Millis) -> Result<()> {
    NewJob::new(CHANGED_JOB, json!({ "videoId": id }))
        .once(format!("{CHANGED_JOB}:{id}"))
        .enqueue(on, now)
        .await?;
    Ok(())
}

/// The language that is spoken, where its maker named none.
pub async fn set_language_heard(
    tx: &mut Tx,
    id: VideoId,
    language: &str,
    now: Millis,
) -> Result<()> {
    if store::extra::set_missing_language(&mut *tx, id, language, now).await? > 0 {
        tell_changed(&mut *tx, id, now).await?;
    }
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

/// Puts what a person has changed in place of what was there. Passwords are replaced when given.
pub async fn change(
    app: &App,
    by: &User,
    before: &Video,
    after: Video,
    passwords: Option<Vec<String>>,
) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    change_in(&mut tx, before, &after, passwords, now).await?;
    if before.name != after.name || before.description != after.description {
        let said = auto_tag::Said {
            name: &after.name,
            description: after.description.as_deref(),
        };
        auto_tag::renew(app, &mut tx, after.id, said, by, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// As [`change`], in a transaction of the caller's.
async fn change_in(
    tx: &mut Tx,
    before: &Video,
    after: &Video,
    passwords: Option<Vec<String>>,
    now: Millis,
) -> Result<()> {
    let mut after = after.clone();
    if before.privacy == Privacy::Private && after.privacy != Privacy::Private {
        after.published_at = now;
    }
    store::save(&mut *tx, &after, now).await?;
    if before.tags != after.tags {
        store::set_tags(tx, after.id, &after.tags).await?;
    }
    if let Some(passwords) = passwords {
        store::extra::replace_passwords(tx, after.id, &passwords, now).await?;
    }
    if before.description != after.description {
        renew_chapters(tx, &after).await?;
    }
    if let Some(at) = after
        .schedule_at
        .filter(|at| before.schedule_at != Some(*at))
    {
        enqueue_schedule(tx, after.id, at, now).await?;
    }
    finish_change(tx, before, &after, now).await
}

/// What each change of privacy or place brings with it.
async fn finish_change(tx: &mut Tx, before: &Video, after: &Video, now: Millis) -> Result<()> {
    let appears = before.privacy == Privacy::Private && after.privacy != Privacy::Private;
    if appears && after.was_published {
        store::note_channel_published(&mut *tx, after.channel_id, after.published_at).await?;
    }
    rescore(tx, after.id).await?;
    relist(tx, after.id).await?;
    let payload = json!({
        "videoId": after.id, "privacyBefore": before.privacy.number(), "privacy": after.privacy.number(),
        "channelBefore": before.channel_id,
    });
    NewJob::new(UPDATED_JOB, payload)
        .enqueue(&mut *tx, now)
        .await?;
    Ok(())
}

/// Tells other servers that something of a video is another now that is no field of it.
async fn note_change(tx: &mut Tx, video: &Video, now: Millis) -> Result<()> {
    let privacy = video.privacy.number();
    let payload = json!({
        "videoId": video.id, "privacyBefore": privacy, "privacy": privacy,
        "channelBefore": video.channel_id,
    });
    NewJob::new(UPDATED_JOB, payload).enqueue(tx, now).await?;
    Ok(())
}

/// Chapters that a person or a file has made stay.
async fn renew_chapters(tx: &mut Tx, video: &Video) -> Result<()> {
    if video.chapters_from.as_deref().unwrap_or("description") != "description" {
        return Ok(());
    }
    let chapters = chapters::from_description(video.description.as_deref().unwrap_or_default());
    let from = (!chapters.is_empty()).then_some("description");
    Ok(store::set_chapters(tx, video.id, &chapters, from).await?)
}

async fn enqueue_schedule(tx: &mut Tx, id: VideoId, at: Millis, now: Millis) -> Result<()> {
    NewJob::new(SCHEDULE_JOB, json!({ "videoId": id, "at": at }))
        .run_at(at)
        .enqueue(tx, now)
        .await?;
    Ok(())
}

/// Carries out a scheduled change. False when the video is not ready for it yet.
pub async fn carry_out_schedule(app: &App, id: VideoId, at: Millis) -> Result<bool> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let Some(before) = find_in(&mut tx, id).await? else {
        return Ok(true);
    };
    if before.schedule_at != Some(at) {
        return Ok(true);
    }
    if before.state == VideoState::ToTranscode {
        return Ok(false);
    }
    let mut after = before.clone();
    after.privacy = before.schedule_privacy.unwrap_or(before.privacy);
    (after.schedule_at, after.schedule_privacy) = (None, None);
    if before.privacy == Privacy::Private && after.privacy != Privacy::Private {
        after.published_at = now;
    }
    store::save(&mut tx, &after, now).await?;
    finish_change(&mut tx, &before, &after, now).await?;
    let appears = before.privacy == Privacy::Private && after.privacy != Privacy::Private;
    if appears && after.was_published && !after.blocked {
        let published = Notice::Published { video_id: id.0 };
        published.enqueue(&mut tx, now).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Deletes a channel and its videos, each with what hangs on it.
pub async fn delete_channel(app: &App, channel: &Channel) -> Result<()> {
    loop {
        let some = store::ids_of_channel(&app.db, channel.id, 50).await?;
        for id in &some {
            let video = find(app, VideoRef::Number(*id)).await?;
            delete(app, &video).await?;
        }
        if some.is_empty() {
            break;
        }
    }
    let mut tx = app.db.begin().await?;
    channel::remove(&mut tx, channel, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Names the pictures of a video; `from` is `video` or `hand`. Gives the names they replace, whose
/// blobs the caller deletes.
pub async fn set_thumbnails(
    tx: &mut Tx,
    id: VideoId,
    thumbnail: &str,
    preview: &str,
    from: &str,
) -> Result<Vec<String>> {
    let old = find_in(tx, id)
        .await?
        .map(|video| [video.thumbnail, video.preview]);
    store::set_thumbnails(&mut *tx, id, thumbnail, preview, from).await?;
    Ok(old.into_iter().flatten().flatten().collect())
}

pub async fn storyboard(app: &App, id: VideoId) -> Result<Option<Storyboard>> {
    Ok(store::extra::storyboard(&app.db, id).await?)
}

pub async fn set_storyboard(tx: &mut Tx, id: VideoId, board: &Storyboard) -> Result<()> {
    store::extra::set_storyboard(tx, id, board).await?;
    Ok(())
}

/// Puts in place of the chapters those that the file itself has, unless there are others.
pub async fn set_chapters_of_file(
    tx: &mut Tx,
    id: VideoId,
    chapters: &[(i64, String)],
) -> Result<()> {
    let Some(video) = find_in(tx, id).await? else {
        return Ok(());
    };
    if video.chapters_from.is_none() && !chapters.is_empty() {
        store::set_chapters(tx, id, chapters, Some("file")).await?;
    }
    Ok(())
}
