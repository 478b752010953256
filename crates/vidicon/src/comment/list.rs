//! Threads, and the trees of their replies, as somebody sees them.

use super::sight::Sight;
use super::store::list as rows;
use super::{Comment, CommentId};
use crate::access::Viewer;
use crate::app::App;
use crate::error::Result;
use crate::listing::{Paging, Sort};
use crate::video::Video;
use std::collections::HashMap;

/// So many replies of one comment stand in a tree, and so many levels; the rest is read by
/// [`replies`].
pub const WIDTH: i64 = 10;
pub const DEPTH: usize = 5;

/// The threads of a video, or a page of them.
#[derive(Clone, Debug, Default)]
pub struct Threads {
    /// All threads, the deleted ones too.
    pub total: i64,
    /// Threads and replies that are not deleted.
    pub not_deleted: i64,
    pub list: Vec<Shown>,
}

/// A comment with what is counted for it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub comment: Comment,
    /// Of a thread: its replies at any depth.
    pub replies: i64,
    /// Those of them that the owner of the video wrote.
    pub replies_of_owner: i64,
}

/// A comment and what was answered to it, up to [`WIDTH`] and [`DEPTH`].
#[derive(Clone, Debug)]
pub struct Branch {
    pub shown: Shown,
    pub children: Vec<Branch>,
    /// How many direct replies there are.
    pub total_children: i64,
}

/// A page of threads. Sorts: `createdAt`, `totalReplies`.
pub async fn threads(
    app: &App,
    viewer: &Viewer,
    video: &Video,
    sort: Sort,
    paging: Paging,
) -> Result<Threads> {
    if super::are_closed(app, video) {
        return Ok(Threads::default());
    }
    let sight = Sight::of(app, viewer, video).await?;
    let total = rows::thread_count(&app.db, &sight, video.id).await?;
    let not_deleted = not_deleted(app, &sight, video).await?;
    let page = rows::threads(&app.db, &sight, video.id, sort, paging).await?;
    let list = counted(app, &sight, video, page).await?;
    Ok(Threads {
        total,
        not_deleted,
        list,
    })
}

/// The count is kept with the video; only what not everybody sees is counted anew.
async fn not_deleted(app: &App, sight: &Sight, video: &Video) -> Result<i64> {
    if sight.has_mutes() {
        return Ok(rows::not_deleted(&app.db, sight, video.id).await?);
    }
    if !sight.sees_some_held() {
        return Ok(video.comment_count);
    }
    Ok(video.comment_count + rows::held(&app.db, sight, video.id).await?)
}

async fn counted(
    app: &App,
    sight: &Sight,
    video: &Video,
    comments: Vec<Comment>,
) -> Result<Vec<Shown>> {
    let ids = comments
        .iter()
        .filter(|comment| comment.thread_id.is_none())
        .map(|comment| comment.id);
    let ids: Vec<CommentId> = ids.collect();
    let counts = counts(app, sight, video, &ids).await?;
    let shown = comments.into_iter().map(|comment| {
        let counts = counts.get(&comment.id).copied().unwrap_or_default();
        let replies = match counts.replies {
            Some(replies) => replies,
            None => comment.reply_count + counts.held,
        };
        Shown {
            comment,
            replies,
            replies_of_owner: counts.of_owner,
        }
    });
    Ok(shown.collect())
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Counted anew where mutes hide some; else the kept number holds.
    replies: Option<i64>,
    held: i64,
    of_owner: i64,
}

async fn counts(
    app: &App,
    sight: &Sight,
    video: &Video,
    threads: &[CommentId],
) -> Result<HashMap<CommentId, Counts>> {
    let mut counts: HashMap<CommentId, Counts> = HashMap::new();
    if threads.is_empty() {
        return Ok(counts);
    }
    for (id, count) in rows::replies_by(&app.db, video.account_id, threads).await? {
        counts.entry(id).or_default().of_owner = count;
    }
    if sight.has_mutes() {
        for id in threads {
            counts.entry(*id).or_default().replies = Some(0);
        }
        for (id, count) in rows::reply_counts(&app.db, sight, threads).await? {
            counts.entry(id).or_default().replies = Some(count);
        }
    } else if sight.sees_some_held() {
        for (id, count) in rows::held_replies(&app.db, sight, video.id, threads).await? {
            counts.entry(id).or_default().held = count;
        }
    }
    Ok(counts)
}

/// A thread with its first replies. Nothing when it is not for this viewer.
pub async fn tree(
    app: &App,
    viewer: &Viewer,
    video: &Video,
    thread: Comment,
) -> Result<Option<Branch>> {
    let sight = Sight::of(app, viewer, video).await?;
    let seen = rows::seen(&app.db, &sight, thread.id).await?;
    let Some(root) = seen else { return Ok(None) };
    let first = Paging {
        start: 0,
        count: WIDTH,
    };
    let total_children = rows::child_count(&app.db, &sight, root.id).await?;
    let children = rows::children(&app.db, &sight, root.id, first).await?;
    let children = branches(app, &sight, children, DEPTH - 1).await?;
    let mut shown = counted(app, &sight, video, vec![root]).await?;
    Ok(shown.pop().map(|shown| Branch {
        shown,
        children,
        total_children,
    }))
}

/// A page of the direct replies to a comment, oldest first, each with what was answered to it, and
/// how many there are.
pub async fn replies(
    app: &App,
    viewer: &Viewer,
    video: &Video,
    parent: CommentId,
    paging: Paging,
) -> Result<(i64, Vec<Branch>)> {
    let sight = Sight::of(app, viewer, video).await?;
    let total = rows::child_count(&app.db, &sight, parent).await?;
    let children = rows::children(&app.db, &sight, parent, paging).await?;
    Ok((total, branches(app, &sight, children, DEPTH - 1).await?))
}

/// Hangs the next levels on these comments: one query for each level.
async fn branches(
    app: &App,
    sight: &Sight,
    comments: Vec<Comment>,
    levels: usize,
) -> Result<Vec<Branch>> {
    let mut all = vec![comments];
    let mut totals: HashMap<CommentId, i64> = HashMap::new();
    while all.len() <= levels {
        let parents: Vec<CommentId> = all.last().into_iter().flatten().map(|c| c.id).collect();
        if parents.is_empty() {
            break;
        }
        let mut next = Vec::new();
        for (comment, of) in rows::first_children(&app.db, sight, &parents, WIDTH).await? {
            totals.extend(comment.parent_id.map(|parent| (parent, of.siblings)));
            next.push(comment);
        }
        all.push(next);
    }
    if let Some(last) = all.last().filter(|_| all.len() > levels) {
        let leaves: Vec<CommentId> = last.iter().map(|comment| comment.id).collect();
        totals.extend(rows::child_counts(&app.db, sight, &leaves).await?);
    }
    Ok(grown(all, &totals))
}

/// Puts levels together, the deepest first.
fn grown(levels: Vec<Vec<Comment>>, totals: &HashMap<CommentId, i64>) -> Vec<Branch> {
    let mut below: HashMap<CommentId, Vec<Branch>> = HashMap::new();
    let mut top = Vec::new();
    for (depth, level) in levels.into_iter().enumerate().rev() {
        let mut here: HashMap<CommentId, Vec<Branch>> = HashMap::new();
        for comment in level {
            let parent = comment.parent_id;
            let branch = Branch {
                total_children: totals.get(&comment.id).copied().unwrap_or(0),
                children: below.remove(&comment.id).unwrap_or_default(),
                shown: Shown {
                    comment,
                    replies: 0,
                    replies_of_owner: 0,
                },
            };
            match parent {
                Some(parent) if depth > 0 => here.entry(parent).or_default().push(branch),
                _ => top.push(branch),
            }
        }
        below = here;
    }
    top
}

/// A page of threads, the newest first, each with its first `most` replies of any depth in the order
/// of their times: what a page shows without further questions.
pub async fn talk(
    app: &App,
    viewer: &Viewer,
    video: &Video,
    paging: Paging,
    most: i64,
) -> Result<Vec<(Comment, Vec<Comment>)>> {
    if super::are_closed(app, video) {
        return Ok(Vec::new());
    }
    let sight = Sight::of(app, viewer, video).await?;
    let newest = Sort {
        column: "createdAt",
        descending: true,
    };
    let threads = rows::threads(&app.db, &sight, video.id, newest, paging).await?;
    let answered = threads
        .iter()
        .filter(|thread| thread.reply_count > 0 || sight.sees_some_held());
    let ids: Vec<CommentId> = answered.map(|thread| thread.id).collect();
    let mut replies: HashMap<CommentId, Vec<Comment>> = HashMap::new();
    if !ids.is_empty() {
        for reply in rows::first_replies(&app.db, &sight, &ids, most).await? {
            replies.entry(reply.thread()).or_default().push(reply);
        }
    }
    let talk = threads.into_iter().map(|thread| {
        let replies = replies.remove(&thread.id).unwrap_or_default();
        (thread, replies)
    });
    // What is deleted keeps its place only while something hangs on it.
    Ok(talk
        .filter(|(thread, replies)| !thread.is_deleted() || !replies.is_empty())
        .collect())
}

/// Does the viewer see this comment?
pub async fn is_seen(app: &App, viewer: &Viewer, video: &Video, id: CommentId) -> Result<bool> {
    let sight = Sight::of(app, viewer, video).await?;
    Ok(rows::seen(&app.db, &sight, id).await?.is_some())
}
