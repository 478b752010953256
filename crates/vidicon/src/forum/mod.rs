//! A Discourse forum as the conversation about videos: a published video opens a topic, replies
//! show as comments under the video, edits and deletions follow.

pub mod api;
mod discourse;
mod store;

use crate::account::AccountId;
use crate::app::App;
use crate::comment::{self, CommentId, NewComment, Place};
use crate::error::Result;
use crate::video::{self, Privacy, Video, VideoId, VideoRef, VideoState};
use base::clock::{DAY, Millis};
use base::db::Executor;
use base::job::{JobError, NewJob, Running};
use discourse::Post;
use fediverse::sanitize;
use serde::Deserialize;
use serde_json::json;

/// Opens a topic, renames it, or closes it.
pub const JOB: &str = "forum";
/// Looks for replies of which no webhook told.
pub const PULL_JOB: &str = "forum_pull";
/// Topics of so many days are looked at, and so many at a time.
const PULL_DAYS: i64 = 14;
const PULL_MOST: i64 = 20;
const MAX_CHARS: usize = 10_000;

pub fn is_on(app: &App) -> bool {
    !app.config.forum.url.is_empty()
}

/// What a change of a video means for the forum. The forum may be away, so it is a job.
pub async fn follow(app: &App, on: impl Executor, what: serde_json::Value) -> Result<()> {
    if is_on(app) {
        NewJob::new(JOB, what)
            .max_attempts(12)
            .enqueue(on, app.clock.now())
            .await?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    video_id: VideoId,
}

#[derive(Deserialize)]
struct Deleted {
    uuid: String,
}

/// Behind the jobs `video_published`, `video_updated` and `video_deleted`.
pub async fn after(app: &App, running: &Running) -> Result<(), JobError> {
    if !is_on(app) {
        return Ok(());
    }
    let what = if running.job.kind == video::DELETED_JOB {
        json!({ "closed": running.job.payload::<Deleted>()?.uuid })
    } else {
        json!({ "video": running.job.payload::<Changed>()?.video_id })
    };
    Ok(follow(app, &app.db, what).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    video: Option<VideoId>,
    closed: Option<String>,
}

/// The job.
pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let wish: Wish = running.job.payload()?;
    if let Some(uuid) = wish.closed {
        return close(app, &uuid).await;
    }
    let Some(id) = wish.video else { return Ok(()) };
    let Ok(video) = video::find(app, VideoRef::Number(id)).await else {
        return Ok(());
    };
    let uuid = video.uuid.to_string();
    let shown = video.privacy == Privacy::Public
        && video.state == VideoState::Published
        && video.is_local
        && !video.blocked;
    match store::topic(&app.db, &uuid).await? {
        Some(topic) if topic.title != video.name => {
            discourse::rename(app, topic.topic_id, &video.name).await?;
            store::rename(&app.db, &uuid, &video.name).await?;
        }
        Some(_) => {}
        None if shown => {
            let made = discourse::open(app, &video).await?;
            store::add_topic(&app.db, &uuid, &made, &video.name, app.clock.now()).await?;
        }
        None => {}
    }
    Ok(())
}

async fn close(app: &App, uuid: &str) -> Result<(), JobError> {
    if let Some(topic) = store::topic(&app.db, uuid).await? {
        discourse::close(app, topic.topic_id).await?;
        store::forget(&app.db, uuid).await?;
    }
    Ok(())
}

/// Looks at the newest topics for replies that are not here yet.
pub async fn pull(app: &App) -> Result<(), JobError> {
    if !is_on(app) {
        return Ok(());
    }
    let since = app.clock.now() - PULL_DAYS * DAY;
    for topic in store::newest(&app.db, since, PULL_MOST).await? {
        for post in discourse::posts(app, topic.topic_id).await? {
            keep(app, &post).await?;
        }
    }
    Ok(())
}

/// A post was written or changed: it becomes a comment, or its comment gets its words.
pub async fn keep(app: &App, post: &Post) -> Result<()> {
    // The first one is the video itself, small ones tell of moves and closings.
    if post.post_number <= 1 || post.is_small_action() {
        return Ok(());
    }
    let Some(topic) = store::topic_by_id(&app.db, post.topic_id).await? else {
        return Ok(());
    };
    if post.is_gone() {
        return drop_post(app, post.id).await;
    }
    let text: String = sanitize::html(&post.cooked)
        .chars()
        .take(MAX_CHARS)
        .collect();
    if text.trim().is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    if let Some(comment) = store::comment_of(&app.db, post.id).await? {
        if comment.text != text && comment.deleted_at.is_none() {
            comment::change(&app.db, comment.id, &text, now).await?;
        }
        return Ok(());
    }
    let Ok(uuid) = topic.video_uuid.parse() else {
        return Ok(());
    };
    let Ok(video) = video::find(app, VideoRef::Uuid(uuid)).await else {
        return Ok(());
    };
    add(app, &video, post, &text, now).await
}

async fn add(app: &App, video: &Video, post: &Post, text: &str, now: Millis) -> Result<()> {
    if video.comments_policy == video::CommentsPolicy::Disabled {
        return Ok(());
    }
    let url = &app.config.forum.url;
    let (address, host) = (format!("{url}/p/{}", post.id), host(url));
    let mut tx = app.db.begin().await?;
    let parent = match post.reply_to_post_number {
        Some(number) if number > 1 => store::place(&mut tx, post.topic_id, number).await?,
        _ => None,
    };
    let name = post.username.to_lowercase();
    let profile = format!("{url}/u/{name}");
    let shown = post.name.as_deref().filter(|name| !name.trim().is_empty());
    let shown = sanitize::name(shown.unwrap_or(&post.username));
    let author = store::author(&mut tx, &name, host, &profile, &shown, now).await?;
    let new = NewComment {
        video,
        author,
        parent,
        text,
        url: Some(&address),
        created_at: post.created_at(app).min(now),
        mentioned: &[],
        trusted: false,
    };
    if let Some(id) = comment::add(app, &mut tx, &new).await? {
        store::add_post(&mut tx, post, id).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// A post was taken away: so is its comment.
pub async fn drop_post(app: &App, post_id: i64) -> Result<()> {
    if let Some(comment) = store::comment_of(&app.db, post_id).await? {
        let mut tx = app.db.begin().await?;
        comment::erase(&mut tx, comment.id, true, app.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The forum's name in handles.
fn host(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, host)| host)
}

/// Where people talk about a video, if they do.
pub async fn address(app: &App, video: &Video) -> Result<Option<String>> {
    let topic = store::topic(&app.db, &video.uuid.to_string()).await?;
    Ok(topic.map(|topic| topic.url))
}

/// What the store needs of a comment.
#[derive(Debug, Deserialize)]
pub struct Kept {
    pub id: CommentId,
    pub text: String,
    pub deleted_at: Option<Millis>,
}

pub type Author = AccountId;
pub type Parent = Place;
