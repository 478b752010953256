//! Comments under videos: threads and their replies, held back or open, written here or elsewhere.

pub mod api;
pub mod inbox;
pub mod job;
mod list;
mod sight;
pub mod spam;
mod store;
pub mod tag;
mod view;
pub mod words;

pub use list::{Branch, Shown, Threads, is_seen, replies, talk, threads, tree};
pub use store::overview::{Filter, Row as OverviewRow};

use crate::account::{self, AccountId, Right, User};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{self, CommentsPolicy, Video, VideoId, visibility};
use base::clock::{HOUR, Millis};
use base::db::Executor;
use base::job::NewJob;
use base::{Id, Tx};
use serde::Deserialize;
use serde_json::json;

pub type CommentId = Id<Comment>;

/// A comment is there: to be seen by all, or held for review. And one is gone.
pub const ADDED_JOB: &str = "comment_added";
pub const DELETED_JOB: &str = "comment_deleted";
/// All comments of somebody are to go.
pub const REMOVE_JOB: &str = "comments_remove";

/// Characters of a comment, at the least and at the most.
pub const LENGTH: std::ops::RangeInclusive<usize> = 1..=10_000;

/// A comment with the names of its author; neither text nor author once it is deleted.
#[derive(Clone, Debug, Deserialize)]
pub struct Comment {
    pub id: CommentId,
    pub video_id: VideoId,
    pub video_uuid: uuid::Uuid,
    /// The first comment of its thread; nothing if it is that one.
    pub thread_id: Option<CommentId>,
    /// What it answers; nothing if it is about the video.
    pub parent_id: Option<CommentId>,
    /// Its address as an ActivityPub object; set for comments of other servers.
    pub url: Option<String>,
    pub text: String,
    pub held: bool,
    /// Of a thread: its replies that everybody may see.
    pub reply_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub deleted_at: Option<Millis>,
    pub account_id: Option<AccountId>,
    pub author_name: Option<String>,
    /// Empty for authors of this server.
    pub author_host: Option<String>,
    pub author_url: Option<String>,
    pub author_display_name: Option<String>,
    /// As [`crate::wire::Images`] reads it.
    pub author_avatars: Option<String>,
}

impl Comment {
    pub fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// The thread it stands in, which it may be itself.
    pub fn thread(&self) -> CommentId {
        self.thread_id.unwrap_or(self.id)
    }
}

/// A comment to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewComment<'a> {
    pub video: &'a Video,
    pub author: AccountId,
    pub parent: Option<Place>,
    pub text: &'a str,
    /// Set for comments of other servers.
    pub url: Option<&'a str>,
    pub created_at: Millis,
    /// Accounts that another server says to be mentioned.
    pub mentioned: &'a [AccountId],
    /// By somebody whose words are never held back: the owner of the video, a moderator.
    pub trusted: bool,
}

/// The comment that another one answers.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub id: CommentId,
    pub thread: CommentId,
    pub held: bool,
}

impl From<&Comment> for Place {
    fn from(comment: &Comment) -> Self {
        Place {
            id: comment.id,
            thread: comment.thread(),
            held: comment.held,
        }
    }
}

/// By the maker of the video, or on the whole site.
pub fn are_closed(app: &App, video: &Video) -> bool {
    video.comments_policy == CommentsPolicy::Disabled
        || !app.instance.settings().features.comments.enabled
}

/// Somebody of this site says something under a video, or to a comment.
pub async fn say(
    app: &App,
    user: &User,
    video: &Video,
    parent: Option<&Comment>,
    text: &str,
) -> Result<Comment> {
    if are_closed(app, video) {
        return Err(Error::conflict("Video comments are disabled."));
    }
    let now = app.clock.now();
    let trusted =
        user.has(Right::ManageAnyVideoComment) || visibility::is_owner(app, user, video).await?;
    let new = NewComment {
        video,
        author: user.account_id,
        parent: parent.map(Place::from),
        text,
        url: None,
        created_at: now,
        mentioned: &[],
        trusted,
    };
    let mut tx = app.db.begin().await?;
    let id = add(app, &mut tx, &new).await?;
    tx.commit().await?;
    app.workers.wake();
    match id {
        Some(id) => find(app, id).await,
        None => Err(Error::conflict("The comment is here already.")),
    }
}

/// Keeps a comment, held back where the video or its owner's rules ask for it. Nothing when a
/// comment with this address is here already.
pub async fn add(app: &App, tx: &mut Tx, new: &NewComment<'_>) -> Result<Option<CommentId>> {
    // Somebody elsewhere cannot know that there is no talk here.
    if !app.instance.settings().features.comments.enabled {
        return Ok(None);
    }
    let tags = tag::of_comment(app, &mut *tx, new).await?;
    let verdict = spam::weigh(app, tx, new).await?;
    let held = if new.video.is_local {
        let is_spam = verdict.as_ref().is_some_and(|it| spam::holds(app, it));
        !new.trusted
            && (is_spam
                || is_held(tx, new, &tags).await?
                || is_newcomers_link(app, tx, new, &tags).await?)
    } else {
        // The server of the video says when everybody may see what was written here.
        new.url.is_none() && new.video.comments_policy == CommentsPolicy::RequiresApproval
    };
    let now = app.clock.now();
    let Some(id) = store::add(&mut *tx, new, held, now).await? else {
        return Ok(None);
    };
    store::add_tags(&mut *tx, id, new.video.account_id.0, &tags.of_owner).await?;
    store::add_tags(&mut *tx, id, tag::SITE, &tags.of_site).await?;
    if let Some(verdict) = &verdict {
        spam::keep(tx, id, verdict).await?;
    }
    if !held {
        count(tx, new.video.id, new.parent.map(|parent| parent.thread), 1).await?;
    }
    let payload = json!({ "commentId": id, "held": held, "mentioned": new.mentioned });
    NewJob::new(ADDED_JOB, payload)
        .enqueue(&mut *tx, now)
        .await?;
    Ok(Some(id))
}

/// The place of a comment of another server that is gone already: it holds the answers to it.
pub async fn add_gone(
    on: impl Executor,
    video: VideoId,
    parent: Option<Place>,
    url: &str,
    created_at: Millis,
    now: Millis,
) -> Result<()> {
    Ok(store::add_gone(on, video, parent, url, created_at, now)
        .await
        .map(drop)?)
}

async fn is_held(tx: &mut Tx, new: &NewComment<'_>, tags: &tag::Found) -> Result<bool> {
    if new.video.comments_policy == CommentsPolicy::RequiresApproval
        || new.parent.is_some_and(|parent| parent.held)
    {
        return Ok(true);
    }
    if tags.of_owner.is_empty() {
        return Ok(false);
    }
    let reviewed = store::tags::review(tx, new.video.account_id).await?;
    Ok(reviewed.iter().any(|tag| tags.of_owner.contains(tag)))
}

/// Does somebody who has only just come point elsewhere, where the site wants to look at that?
async fn is_newcomers_link(
    app: &App,
    tx: &mut Tx,
    new: &NewComment<'_>,
    tags: &tag::Found,
) -> Result<bool> {
    let rules = app.instance.settings().moderation.new_accounts;
    let has_link = tags.of_site.iter().any(|name| name == tag::EXTERNAL_LINK);
    if !rules.enabled || !rules.hold_links || !has_link {
        return Ok(false);
    }
    let authors = account::profiles_of(tx, &[new.author]).await?;
    let since = app.clock.now() - rules.hours * HOUR;
    Ok(authors.iter().any(|author| author.created_at > since))
}

/// Counts a comment that everybody may see, or one that is no longer.
async fn count(tx: &mut Tx, video: VideoId, thread: Option<CommentId>, by: i64) -> Result<()> {
    store::count(&mut *tx, video, thread, by).await?;
    video::rescore(tx, video).await
}

pub async fn find(app: &App, id: CommentId) -> Result<Comment> {
    let found = store::find(&app.db, id).await?;
    found.ok_or_else(not_found)
}

fn not_found() -> Error {
    Error::not_found("Video comment thread not found")
}

/// A comment of this video; 400 if it stands under another.
pub async fn of_video(app: &App, video: &Video, id: CommentId) -> Result<Comment> {
    let comment = find(app, id).await?;
    if comment.video_id != video.id {
        return Err(
            Error::bad_request("Comment is not associated to this video.")
                .code("comment_not_associated_to_video"),
        );
    }
    Ok(comment)
}

/// May this user take the comment away?
pub async fn may_delete(app: &App, user: &User, video: &Video, comment: &Comment) -> Result<bool> {
    Ok(comment.account_id == Some(user.account_id) || may_judge(app, user, video).await?)
}

/// May this user approve what is held under the video?
pub async fn may_judge(app: &App, user: &User, video: &Video) -> Result<bool> {
    Ok(user.has(Right::ManageAnyVideoComment) || visibility::is_owner(app, user, video).await?)
}

/// Takes a comment away by right of the user; its place stays, so that answers keep theirs.
pub async fn delete(app: &App, user: &User, video: &Video, comment: &Comment) -> Result<()> {
    if comment.is_deleted() {
        return Err(Error::conflict("This comment is already deleted."));
    }
    if !may_delete(app, user, video, comment).await? {
        return Err(Error::forbidden(
            "Cannot remove video comment of another user",
        ));
    }
    let mut tx = app.db.begin().await?;
    if user.has(Right::ManageAnyVideoComment) && comment.account_id != Some(user.account_id) {
        spam::learn_spam(app, &mut tx, comment).await?;
    }
    if !erase(&mut tx, comment.id, false, app.clock.now()).await? {
        return Err(Error::conflict("This comment is already deleted."));
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Empties a comment and leaves its place. False when it was empty already. `by_its_server`: the
/// server that it came from has taken it away, and tells others itself.
pub async fn erase(tx: &mut Tx, id: CommentId, by_its_server: bool, now: Millis) -> Result<bool> {
    let Some(erased) = store::erase(&mut *tx, id, now).await? else {
        return Ok(false);
    };
    store::drop_tags(&mut *tx, id).await?;
    if !erased.held {
        count(tx, erased.video_id, erased.thread_id, -1).await?;
    }
    let payload = json!({ "commentId": id, "byItsServer": by_its_server });
    NewJob::new(DELETED_JOB, payload)
        .enqueue(&mut *tx, now)
        .await?;
    Ok(true)
}

/// Lets everybody see a comment that was held back.
pub async fn approve(app: &App, user: &User, video: &Video, comment: &Comment) -> Result<()> {
    if comment.is_deleted() {
        return Err(Error::conflict("This comment is already deleted."));
    }
    let not_held = || Error::bad_request("This comment is not held for review.");
    if !comment.held {
        return Err(not_held());
    }
    if !may_judge(app, user, video).await? {
        return Err(Error::forbidden(
            "Cannot approve a comment of another user's video",
        ));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if store::release(&mut tx, comment.id).await? == 0 {
        return Err(not_held());
    }
    count(&mut tx, video.id, comment.thread_id, 1).await?;
    if user.has(Right::ManageAnyVideoComment) {
        spam::learn_good(app, &mut tx, comment).await?;
    }
    let payload = json!({ "commentId": comment.id, "held": false, "approved": true });
    NewJob::new(ADDED_JOB, payload)
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// The server of a video says that everybody may see a comment that somebody wrote here, or that
/// nobody may after all. False when it was so already.
pub async fn judged_elsewhere(
    tx: &mut Tx,
    id: CommentId,
    place: (VideoId, Option<CommentId>),
    approved: bool,
) -> Result<bool> {
    let (video, thread) = place;
    let changed = if approved {
        store::release(&mut *tx, id).await?
    } else {
        store::hold(&mut *tx, id).await?
    };
    if changed == 0 {
        return Ok(false);
    }
    count(tx, video, thread, if approved { 1 } else { -1 }).await?;
    Ok(true)
}

/// A comment of another server has new words.
pub async fn change(on: impl Executor, id: CommentId, text: &str, now: Millis) -> Result<()> {
    Ok(store::change(on, id, text, now).await.map(drop)?)
}

/// Whose comments go, when all of somebody's do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Under the videos of this account.
    VideosOf(AccountId),
    /// Under these and those of the channels that this account helps with.
    ChannelsOf(AccountId),
    Everywhere,
}

/// Takes away all comments of an account, soon and in pieces. `as_spam`: the filter learns from them.
pub async fn remove_all(
    tx: &mut Tx,
    author: AccountId,
    scope: Scope,
    as_spam: bool,
    now: Millis,
) -> Result<()> {
    let payload = json!({ "author": author, "scope": scope, "asSpam": as_spam });
    NewJob::new(REMOVE_JOB, payload).enqueue(tx, now).await?;
    Ok(())
}

/// Comments that are counted for the number of a list. Where there are more, the number says so
/// many, or as many as the page reaches: a list of a million costs what one of ten thousand does.
const MOST_COUNTED: i64 = 10_000;

/// The comments of the whole site or of one owner's videos, newest first, with their number.
pub async fn overview(app: &App, filter: &Filter) -> Result<(i64, Vec<OverviewRow>)> {
    let counted = store::overview::count(&app.db, filter, MOST_COUNTED).await?;
    let rows = store::overview::page(&app.db, filter).await?;
    if counted < MOST_COUNTED {
        return Ok((counted, rows));
    }
    let here = i64::try_from(rows.len()).unwrap_or(0);
    let more = i64::from(here > 0 && here == filter.paging.count);
    Ok((counted.max(filter.paging.start + here + more), rows))
}
