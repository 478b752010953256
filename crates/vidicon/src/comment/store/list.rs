//! The SQL of threads and their trees. What is counted is counted in indexes.

use super::super::sight::Sight;
use super::super::{Comment, CommentId};
use super::{COMMENT, JOINS, seen_by};
use crate::account::AccountId;
use crate::listing::{Paging, Sort};
use crate::video::VideoId;
use base::db::{Executor, Query, Result};
use serde::Deserialize;

pub async fn thread_count(on: impl Executor, sight: &Sight, video: VideoId) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM comment c WHERE c.parent_id IS NULL")
        .when(Some(video), " AND c.video_id = ?");
    let (count,) = seen_by(query, sight).one(on).await?;
    Ok(count)
}

pub async fn not_deleted(on: impl Executor, sight: &Sight, video: VideoId) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM comment c WHERE c.deleted_at IS NULL")
        .when(Some(video), " AND c.video_id = ?");
    let (count,) = seen_by(query, sight).slow().one(on).await?;
    Ok(count)
}

/// How many held comments the viewer sees all the same.
pub async fn held(on: impl Executor, sight: &Sight, video: VideoId) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM comment c WHERE c.held AND c.deleted_at IS NULL")
        .when(Some(video), " AND c.video_id = ?");
    let (count,) = seen_by(query, sight).one(on).await?;
    Ok(count)
}

pub async fn threads(
    on: impl Executor,
    sight: &Sight,
    video: VideoId,
    sort: Sort,
    paging: Paging,
) -> Result<Vec<Comment>> {
    let order = match (sort.column, sort.descending) {
        ("totalReplies", true) => " ORDER BY c.reply_count DESC, c.created_at DESC, c.id DESC",
        ("totalReplies", false) => " ORDER BY c.reply_count, c.created_at, c.id",
        (_, true) => " ORDER BY c.created_at DESC, c.id DESC",
        (_, false) => " ORDER BY c.created_at, c.id",
    };
    let query = Query::new(COMMENT)
        .push(" FROM comment c")
        .push(JOINS)
        .push(" WHERE c.parent_id IS NULL")
        .when(Some(video), " AND c.video_id = ?");
    seen_by(query, sight)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await
}

/// One comment, if the viewer sees it.
pub async fn seen(on: impl Executor, sight: &Sight, id: CommentId) -> Result<Option<Comment>> {
    let query = Query::new(COMMENT)
        .push(" FROM comment c")
        .push(JOINS)
        .when(Some(id), " WHERE c.id = ?");
    seen_by(query, sight).optional(on).await
}

pub async fn children(
    on: impl Executor,
    sight: &Sight,
    parent: CommentId,
    paging: Paging,
) -> Result<Vec<Comment>> {
    let query = Query::new(COMMENT)
        .push(" FROM comment c")
        .push(JOINS)
        .when(Some(parent), " WHERE c.parent_id = ?");
    seen_by(query, sight)
        .push(" ORDER BY c.created_at, c.id")
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn child_count(on: impl Executor, sight: &Sight, parent: CommentId) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM comment c WHERE TRUE")
        .when(Some(parent), " AND c.parent_id = ?");
    let (count,) = seen_by(query, sight).one(on).await?;
    Ok(count)
}

pub async fn child_counts(
    on: impl Executor,
    sight: &Sight,
    parents: &[CommentId],
) -> Result<Vec<(CommentId, i64)>> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    let query = Query::new("SELECT c.parent_id, count(*) FROM comment c WHERE TRUE")
        .within(" AND c.parent_id IN (", parents.iter().copied());
    seen_by(query, sight)
        .push(" GROUP BY c.parent_id")
        .all(on)
        .await
}

/// Among how many a child is one.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Siblings {
    pub siblings: i64,
}

/// The first children of each of these comments, in the order of the parents' times and theirs.
pub async fn first_children(
    on: impl Executor,
    sight: &Sight,
    parents: &[CommentId],
    width: i64,
) -> Result<Vec<(Comment, Siblings)>> {
    let query = Query::new(COMMENT)
        .push(
            ", page.siblings FROM (
                 SELECT c.id, count(*) OVER (PARTITION BY c.parent_id) AS siblings,
                        row_number() OVER (PARTITION BY c.parent_id ORDER BY c.created_at, c.id)
                            AS place
                 FROM comment c WHERE TRUE",
        )
        .within(" AND c.parent_id IN (", parents.iter().copied());
    seen_by(query, sight)
        .push(") page JOIN comment c ON c.id = page.id")
        .push(JOINS)
        .when(Some(width), " WHERE page.place <= ?")
        .push(" ORDER BY c.created_at, c.id")
        .pairs(on)
        .await
}

/// The first replies in each of these threads, at any depth, in the order of their times.
pub async fn first_replies(
    on: impl Executor,
    sight: &Sight,
    threads: &[CommentId],
    most: i64,
) -> Result<Vec<Comment>> {
    let query = Query::new(COMMENT)
        .push(
            " FROM (
                 SELECT c.id, row_number() OVER (PARTITION BY c.thread_id
                                                 ORDER BY c.created_at, c.id) AS place
                 FROM comment c WHERE c.deleted_at IS NULL",
        )
        .within(" AND c.thread_id IN (", threads.iter().copied());
    seen_by(query, sight)
        .push(") page JOIN comment c ON c.id = page.id")
        .push(JOINS)
        .when(Some(most), " WHERE page.place <= ?")
        .push(" ORDER BY c.created_at, c.id")
        .all(on)
        .await
}

/// How many replies in each thread are by this account.
pub async fn replies_by(
    on: impl Executor,
    author: AccountId,
    threads: &[CommentId],
) -> Result<Vec<(CommentId, i64)>> {
    Query::new("SELECT thread_id, count(*) FROM comment WHERE TRUE")
        .within(" AND thread_id IN (", threads.iter().copied())
        .when(Some(author), " AND account_id = ?")
        .push(" GROUP BY thread_id")
        .all(on)
        .await
}

/// How many replies the viewer sees in each thread.
pub async fn reply_counts(
    on: impl Executor,
    sight: &Sight,
    threads: &[CommentId],
) -> Result<Vec<(CommentId, i64)>> {
    let query =
        Query::new("SELECT c.thread_id, count(*) FROM comment c WHERE c.deleted_at IS NULL")
            .within(" AND c.thread_id IN (", threads.iter().copied());
    seen_by(query, sight)
        .push(" GROUP BY c.thread_id")
        .slow()
        .all(on)
        .await
}

/// How many held replies the viewer sees in each thread all the same.
pub async fn held_replies(
    on: impl Executor,
    sight: &Sight,
    video: VideoId,
    threads: &[CommentId],
) -> Result<Vec<(CommentId, i64)>> {
    let query = Query::new(
        "SELECT c.thread_id, count(*) FROM comment c WHERE c.held AND c.deleted_at IS NULL",
    )
    .when(Some(video), " AND c.video_id = ?")
    .within(" AND c.thread_id IN (", threads.iter().copied());
    seen_by(query, sight)
        .push(" GROUP BY c.thread_id")
        .all(on)
        .await
}
