//! The SQL of comments.

pub mod list;
pub mod overview;
pub mod spam;
pub mod tags;
pub mod words;

use super::sight::Sight;
use super::{Comment, CommentId, NewComment, Place, Scope};
use crate::account::AccountId;
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;

pub use tags::{add as add_tags, drop_all as drop_tags};

const COMMENT: &str = "SELECT c.id, c.video_id, v.uuid AS video_uuid, c.thread_id, c.parent_id,
    c.url, c.text, c.held, c.reply_count, c.created_at, c.updated_at, c.deleted_at, c.account_id,
    n.name AS author_name, n.host AS author_host, n.url AS author_url,
    a.display_name AS author_display_name,
    (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' ' || i.created_at, ' ')
     FROM actor_image i WHERE i.actor_id = n.id AND i.kind = 'avatar') AS author_avatars";

const JOINS: &str = " JOIN video v ON v.id = c.video_id
    LEFT JOIN account a ON a.id = c.account_id LEFT JOIN actor n ON n.id = a.actor_id";

/// Leaves out what the viewer does not see, of a `comment c`.
fn seen_by(query: Query, sight: &Sight) -> Query {
    let query = match (sight.all_held, sight.me) {
        (true, _) => query,
        (false, Some(me)) => query.when(Some(me), " AND (NOT c.held OR c.account_id = ?)"),
        (false, None) => query.push(" AND NOT c.held"),
    };
    unmuted(query, &sight.muters)
}

/// Leaves out comments of accounts and servers that one of these mutes.
fn unmuted(query: Query, muters: &[i64]) -> Query {
    if muters.is_empty() {
        return query;
    }
    query
        .within(
            " AND NOT EXISTS (SELECT 1 FROM mute_account m WHERE m.account_id = c.account_id
                              AND coalesce(m.by_account_id, 0) IN (",
            muters.iter().copied(),
        )
        .within(
            ") AND NOT EXISTS (SELECT 1 FROM account ma JOIN actor mn ON mn.id = ma.actor_id
                               JOIN mute_server m ON m.host = mn.host
                               WHERE ma.id = c.account_id AND coalesce(m.by_account_id, 0) IN (",
            muters.iter().copied(),
        )
        .push(")")
}

pub async fn anybody_muted(on: impl Executor, muters: &[i64]) -> Result<bool> {
    let found: Option<(i64,)> = Query::new("SELECT id FROM mute_account WHERE TRUE")
        .within(
            " AND coalesce(by_account_id, 0) IN (",
            muters.iter().copied(),
        )
        .push(" UNION ALL SELECT id FROM mute_server WHERE TRUE")
        .within(
            " AND coalesce(by_account_id, 0) IN (",
            muters.iter().copied(),
        )
        .push(" LIMIT 1")
        .optional(on)
        .await?;
    Ok(found.is_some())
}

pub async fn find(on: impl Executor, id: CommentId) -> Result<Option<Comment>> {
    Query::new(COMMENT)
        .push(" FROM comment c")
        .push(JOINS)
        .when(Some(id), " WHERE c.id = ?")
        .optional(on)
        .await
}

/// Nothing if one with this address is here already.
pub async fn add(
    on: impl Executor,
    new: &NewComment<'_>,
    held: bool,
    now: Millis,
) -> Result<Option<CommentId>> {
    let added: Option<(CommentId,)> = sql!(
        "INSERT INTO comment (video_id, account_id, thread_id, parent_id, url, text, held,
                              created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id"
    )
    .bind(new.video.id)
    .bind(new.author)
    .bind(new.parent.map(|parent| parent.thread))
    .bind(new.parent.map(|parent| parent.id))
    .bind(new.url)
    .bind(new.text)
    .bind(held)
    .bind(new.created_at)
    .bind(now)
    .optional(on)
    .await?;
    Ok(added.map(|(id,)| id))
}

pub async fn add_gone(
    on: impl Executor,
    video: VideoId,
    parent: Option<Place>,
    url: &str,
    created_at: Millis,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO comment (video_id, account_id, thread_id, parent_id, url, text, held,
                              created_at, updated_at, deleted_at)
         VALUES ($1, NULL, $2, $3, $4, '', FALSE, $5, $6, $6) ON CONFLICT DO NOTHING"
    )
    .bind(video)
    .bind(parent.map(|parent| parent.thread))
    .bind(parent.map(|parent| parent.id))
    .bind(url)
    .bind(created_at)
    .bind(now)
    .execute(on)
    .await
}

pub async fn count(tx: &mut Tx, video: VideoId, thread: Option<CommentId>, by: i64) -> Result<()> {
    sql!("UPDATE video SET comment_count = comment_count + $2 WHERE id = $1")
        .bind(video)
        .bind(by)
        .execute(&mut *tx)
        .await?;
    sql!("UPDATE comment SET reply_count = reply_count + $2 WHERE id = $1")
        .bind(thread)
        .bind(by)
        .execute(tx)
        .await
        .map(drop)
}

/// What a comment was when it was emptied.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Erased {
    pub video_id: VideoId,
    pub thread_id: Option<CommentId>,
    pub held: bool,
}

pub async fn erase(on: impl Executor, id: CommentId, now: Millis) -> Result<Option<Erased>> {
    sql!(
        "UPDATE comment SET text = '', account_id = NULL, deleted_at = $2
         WHERE id = $1 AND deleted_at IS NULL RETURNING video_id, thread_id, held"
    )
    .bind(id)
    .bind(now)
    .optional(on)
    .await
}

pub async fn release(on: impl Executor, id: CommentId) -> Result<u64> {
    sql!("UPDATE comment SET held = FALSE WHERE id = $1 AND held AND deleted_at IS NULL")
        .bind(id)
        .execute(on)
        .await
}

pub async fn hold(on: impl Executor, id: CommentId) -> Result<u64> {
    sql!("UPDATE comment SET held = TRUE WHERE id = $1 AND NOT held AND deleted_at IS NULL")
        .bind(id)
        .execute(on)
        .await
}

pub async fn change(on: impl Executor, id: CommentId, text: &str, now: Millis) -> Result<u64> {
    sql!("UPDATE comment SET text = $2, updated_at = $3 WHERE id = $1 AND deleted_at IS NULL")
        .bind(id)
        .bind(text)
        .bind(now)
        .execute(on)
        .await
}

/// The newest comments of an account that are still there.
pub async fn some_of(
    on: impl Executor,
    author: AccountId,
    scope: Scope,
    limit: i64,
) -> Result<Vec<(CommentId,)>> {
    let query = Query::new("SELECT c.id FROM comment c JOIN video v ON v.id = c.video_id").when(
        Some(author),
        " WHERE c.account_id = ? AND c.deleted_at IS NULL",
    );
    let query = match scope {
        Scope::Everywhere => query,
        Scope::VideosOf(owner) => query.when(Some(owner), " AND v.account_id = ?"),
        Scope::ChannelsOf(owner) => query.when(
            Some(owner),
            " AND (v.account_id = ? OR EXISTS (SELECT 1 FROM channel_collaborator k
                   WHERE k.channel_id = v.channel_id AND k.account_id = ?
                     AND k.state = 'accepted'))",
        ),
    };
    query
        .push(" ORDER BY c.created_at DESC, c.id DESC")
        .page(0, limit)
        .all(on)
        .await
}
