//! The SQL of topics, posts and the people who write them.

use super::discourse::{Made, Post};
use super::{Author, Kept, Parent};
use crate::account::ActorId;
use crate::comment::CommentId;
use base::Tx;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Topic {
    pub video_uuid: String,
    pub topic_id: i64,
    pub url: String,
    pub title: String,
}

pub async fn topic(on: impl Executor, video_uuid: &str) -> Result<Option<Topic>> {
    sql!("SELECT video_uuid, topic_id, url, title FROM forum_topic WHERE video_uuid = $1")
        .bind(video_uuid)
        .optional(on)
        .await
}

pub async fn topic_by_id(on: impl Executor, topic_id: i64) -> Result<Option<Topic>> {
    sql!("SELECT video_uuid, topic_id, url, title FROM forum_topic WHERE topic_id = $1")
        .bind(topic_id)
        .optional(on)
        .await
}

pub async fn newest(on: impl Executor, since: Millis, count: i64) -> Result<Vec<Topic>> {
    sql!(
        "SELECT video_uuid, topic_id, url, title FROM forum_topic WHERE created_at > $1
         ORDER BY created_at DESC, topic_id LIMIT $2"
    )
    .bind(since)
    .bind(count)
    .all(on)
    .await
}

pub async fn add_topic(
    on: impl Executor,
    video_uuid: &str,
    made: &Made,
    title: &str,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO forum_topic (video_uuid, topic_id, url, title, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    )
    .bind(video_uuid)
    .bind(made.topic_id)
    .bind(&made.url)
    .bind(title)
    .bind(now)
    .execute(on)
    .await
}

pub async fn rename(on: impl Executor, video_uuid: &str, title: &str) -> Result<u64> {
    sql!("UPDATE forum_topic SET title = $2 WHERE video_uuid = $1")
        .bind(video_uuid)
        .bind(title)
        .execute(on)
        .await
}

pub async fn forget(on: impl Executor, video_uuid: &str) -> Result<u64> {
    sql!("DELETE FROM forum_topic WHERE video_uuid = $1")
        .bind(video_uuid)
        .execute(on)
        .await
}

pub async fn add_post(on: impl Executor, post: &Post, comment: CommentId) -> Result<u64> {
    sql!(
        "INSERT INTO forum_post (post_id, topic_id, post_number, comment_id)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    )
    .bind(post.id)
    .bind(post.topic_id)
    .bind(post.post_number)
    .bind(comment)
    .execute(on)
    .await
}

pub async fn comment_of(on: impl Executor, post_id: i64) -> Result<Option<Kept>> {
    sql!(
        "SELECT c.id, c.text, c.deleted_at FROM forum_post p JOIN comment c ON c.id = p.comment_id
         WHERE p.post_id = $1"
    )
    .bind(post_id)
    .optional(on)
    .await
}

#[derive(Deserialize)]
struct PlaceRow {
    id: CommentId,
    thread: CommentId,
    held: bool,
}

/// The comment of the post that another post answers.
pub async fn place(on: impl Executor, topic_id: i64, number: i64) -> Result<Option<Parent>> {
    let row: Option<PlaceRow> = sql!(
        "SELECT c.id, coalesce(c.thread_id, c.id) AS thread, c.held
         FROM forum_post p JOIN comment c ON c.id = p.comment_id
         WHERE p.topic_id = $1 AND p.post_number = $2 AND c.deleted_at IS NULL"
    )
    .bind(topic_id)
    .bind(number)
    .optional(on)
    .await?;
    Ok(row.map(|row| Parent {
        id: row.id,
        thread: row.thread,
        held: row.held,
    }))
}

/// The account of somebody of the forum, as others see it; nobody can log in to it.
pub async fn author(
    tx: &mut Tx,
    name: &str,
    host: &str,
    url: &str,
    shown: &str,
    now: Millis,
) -> Result<Author> {
    sql!(
        "INSERT INTO actor (kind, name, host, url, created_at, updated_at)
         VALUES ('account', $1, $2, $3, $4, $4) ON CONFLICT DO NOTHING"
    )
    .bind(name)
    .bind(host)
    .bind(url)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    let (actor,): (ActorId,) = sql!("SELECT id FROM actor WHERE name = $1 AND host = $2")
        .bind(name)
        .bind(host)
        .one(&mut *tx)
        .await?;
    let (account,) = sql!(
        "INSERT INTO account (actor_id, display_name, created_at, updated_at)
         VALUES ($1, $2, $3, $3)
         ON CONFLICT (actor_id) DO UPDATE SET display_name = excluded.display_name,
             updated_at = excluded.updated_at
         RETURNING id"
    )
    .bind(actor)
    .bind(shown)
    .bind(now)
    .one(tx)
    .await?;
    Ok(account)
}
