//! Comments: those that came from other servers, and those that others were told of.

use crate::account::ActorId;
use crate::comment::{CommentId, Place};
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Clone, Debug, Deserialize)]
pub struct CommentRow {
    pub id: i64,
    pub url: Option<String>,
    pub video_id: VideoId,
    pub video_uuid: Uuid,
    pub video_is_local: bool,
    pub video_url: Option<String>,
    pub video_account_actor_id: ActorId,
    pub video_channel_actor_id: ActorId,
    pub thread_id: Option<i64>,
    pub parent_id: Option<i64>,
    /// Nothing once the comment is deleted.
    pub actor_id: Option<ActorId>,
    pub text: String,
    pub held: bool,
    /// What the owner of a video elsewhere said when they let it through.
    pub approval_url: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub deleted_at: Option<Millis>,
}

impl CommentRow {
    /// Where an answer to it stands.
    pub fn place(&self) -> Place {
        Place {
            id: CommentId::new(self.id),
            thread: CommentId::new(self.thread_id.unwrap_or(self.id)),
            held: self.held,
        }
    }
}

const COMMENT: &str = "SELECT c.id, c.url, c.video_id, v.uuid AS video_uuid,
        v.is_local AS video_is_local, v.url AS video_url,
        va.actor_id AS video_account_actor_id, vc.actor_id AS video_channel_actor_id, c.thread_id, c.parent_id, a.actor_id, c.text,
        c.held, c.approval_url, c.created_at, c.updated_at, c.deleted_at
    FROM comment c JOIN video v ON v.id = c.video_id JOIN account va ON va.id = v.account_id
    JOIN channel vc ON vc.id = v.channel_id
    LEFT JOIN account a ON a.id = c.account_id
    WHERE TRUE";

pub async fn comment(on: impl Executor, id: i64) -> Result<Option<CommentRow>> {
    Query::new(COMMENT)
        .when(Some(id), " AND c.id = ?")
        .optional(on)
        .await
}

pub async fn comment_by_url(on: impl Executor, url: &str) -> Result<Option<CommentRow>> {
    Query::new(COMMENT)
        .when(Some(url), " AND c.url = ?")
        .optional(on)
        .await
}

/// Who wrote the comments above one, each once, the nearest first.
pub async fn authors_above(on: impl Executor, id: i64) -> Result<Vec<ActorId>> {
    let found: Vec<(ActorId,)> = sql!(
        "WITH RECURSIVE above (id, parent_id, account_id, depth) AS (
             SELECT p.id, p.parent_id, p.account_id, 1 FROM comment c
             JOIN comment p ON p.id = c.parent_id WHERE c.id = $1
             UNION ALL
             SELECT p.id, p.parent_id, p.account_id, above.depth + 1 FROM above
             JOIN comment p ON p.id = above.parent_id WHERE above.depth < 20)
         SELECT a.actor_id FROM above JOIN account a ON a.id = above.account_id
         GROUP BY a.actor_id ORDER BY min(above.depth), a.actor_id"
    )
    .bind(id)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

pub async fn set_approval(on: impl Executor, id: i64, url: Option<&str>) -> Result<u64> {
    sql!("UPDATE comment SET approval_url = $2 WHERE id = $1")
        .bind(id)
        .bind(url.map(str::to_owned))
        .execute(on)
        .await
}

/// What everybody may see under a video, oldest first.
pub async fn open_comments(
    on: impl Executor,
    video: VideoId,
    start: i64,
    count: i64,
) -> Result<Vec<CommentRow>> {
    Query::new(COMMENT)
        .when(Some(video), " AND c.video_id = ?")
        .push(" AND NOT c.held AND c.deleted_at IS NULL ORDER BY c.created_at, c.id")
        .page(start, count)
        .all(on)
        .await
}

pub async fn open_comment_count(on: impl Executor, video: VideoId) -> Result<i64> {
    let (count,) = sql!(
        "SELECT count(*) FROM comment WHERE video_id = $1 AND NOT held AND deleted_at IS NULL"
    )
    .bind(video)
    .one(on)
    .await?;
    Ok(count)
}

/// Whether the owner of a video has muted somebody, or their server.
pub async fn is_muted_by_owner(
    on: impl Executor,
    owner: ActorId,
    author: ActorId,
    host: &str,
) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT m.id FROM mute_account m JOIN account o ON o.id = m.by_account_id
             JOIN account a ON a.id = m.account_id
         WHERE o.actor_id = $1 AND a.actor_id = $2
         UNION ALL
         SELECT m.id FROM mute_server m JOIN account o ON o.id = m.by_account_id
         WHERE o.actor_id = $1 AND m.host = $3
         LIMIT 1"
    )
    .bind(owner)
    .bind(author)
    .bind(host)
    .optional(on)
    .await?;
    Ok(found.is_some())
}

#[derive(Clone, Debug, Deserialize)]
pub struct FederatedComment {
    pub account_actor_id: ActorId,
    pub video_id: VideoId,
    pub url: String,
}

pub async fn note_federated_comment(
    on: impl Executor,
    id: i64,
    told: &FederatedComment,
    now: Millis,
) -> Result<bool> {
    let added = sql!(
        "INSERT INTO federated_comment (comment_id, account_actor_id, video_id, url, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    )
    .bind(id)
    .bind(told.account_actor_id)
    .bind(told.video_id)
    .bind(&told.url)
    .bind(now)
    .execute(on)
    .await?;
    Ok(added > 0)
}

pub async fn federated_comment(on: impl Executor, id: i64) -> Result<Option<FederatedComment>> {
    sql!("SELECT account_actor_id, video_id, url FROM federated_comment WHERE comment_id = $1")
        .bind(id)
        .optional(on)
        .await
}

pub async fn forget_federated_comment(on: impl Executor, id: i64) -> Result<u64> {
    sql!("DELETE FROM federated_comment WHERE comment_id = $1")
        .bind(id)
        .execute(on)
        .await
}
