//! The SQL of offers of videos and channels.

use super::super::VideoId;
use super::super::ownership::{ChangeId, Given, Which};
use crate::account::AccountId;
use crate::channel::ChannelId;
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;
use uuid::Uuid;

/// An offer, with what it is about.
#[derive(Clone, Debug, Deserialize)]
pub struct Change {
    pub id: ChangeId,
    pub video_id: Option<VideoId>,
    pub channel_id: Option<ChannelId>,
    pub initiator_account_id: AccountId,
    pub next_account_id: AccountId,
    pub state: i64,
    pub created_at: Millis,
    pub video_uuid: Option<Uuid>,
    pub video_name: Option<String>,
    pub video_duration_s: Option<i64>,
    pub video_thumbnail: Option<String>,
}

const CHANGE: &str =
    "SELECT o.id, o.video_id, o.channel_id, o.initiator_account_id, o.next_account_id, o.state,
    o.created_at, v.uuid AS video_uuid, v.name AS video_name, v.duration_s AS video_duration_s,
    v.thumbnail AS video_thumbnail
    FROM ownership_change o LEFT JOIN video v ON v.id = o.video_id WHERE TRUE";

/// Nothing when an offer of the thing is open already.
pub async fn add(
    on: impl Executor,
    given: Given,
    from: AccountId,
    to: AccountId,
    now: Millis,
) -> Result<Option<ChangeId>> {
    let (video, channel) = match given {
        Given::Video(id) => (Some(id), None),
        Given::Channel(id) => (None, Some(id)),
    };
    let added: Option<(ChangeId,)> = sql!(
        "INSERT INTO ownership_change (video_id, channel_id, initiator_account_id,
                                       next_account_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING RETURNING id"
    )
    .bind(video)
    .bind(channel)
    .bind(from)
    .bind(to)
    .bind(now)
    .optional(on)
    .await?;
    Ok(added.map(|(id,)| id))
}

pub async fn find(on: impl Executor, id: ChangeId) -> Result<Option<Change>> {
    Query::new(CHANGE)
        .when(Some(id), " AND o.id = ?")
        .optional(on)
        .await
}

fn matching(query: Query, which: Which, state: Option<i64>) -> Query {
    let query = match which {
        Which::Mine { account, of_videos } => query
            .push(if of_videos {
                " AND o.video_id IS NOT NULL"
            } else {
                " AND o.channel_id IS NOT NULL"
            })
            .when(
                Some(account),
                " AND (o.next_account_id = ? OR o.initiator_account_id = ?)",
            ),
        Which::Of(Given::Video(id)) => query.when(Some(id), " AND o.video_id = ?"),
        Which::Of(Given::Channel(id)) => query.when(Some(id), " AND o.channel_id = ?"),
    };
    query.when(state, " AND o.state = ?")
}

pub async fn count(on: impl Executor, which: Which, state: Option<i64>) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM ownership_change o WHERE TRUE");
    let (count,) = matching(query, which, state).one(on).await?;
    Ok(count)
}

pub async fn list(
    on: impl Executor,
    which: Which,
    state: Option<i64>,
    paging: Paging,
    oldest_first: bool,
) -> Result<Vec<Change>> {
    matching(Query::new(CHANGE), which, state)
        .push(if oldest_first {
            " ORDER BY o.created_at, o.id"
        } else {
            " ORDER BY o.created_at DESC, o.id DESC"
        })
        .page(paging.start, paging.count)
        .all(on)
        .await
}

/// Tells whether it was open.
pub async fn close(on: impl Executor, id: ChangeId, state: i64, now: Millis) -> Result<bool> {
    let closed =
        sql!("UPDATE ownership_change SET state = $2, updated_at = $3 WHERE id = $1 AND state = 1")
            .bind(id)
            .bind(state)
            .bind(now)
            .execute(on)
            .await?;
    Ok(closed > 0)
}

pub async fn delete(on: impl Executor, id: ChangeId) -> Result<u64> {
    sql!("DELETE FROM ownership_change WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// What the video weighs against a quota.
pub async fn largest_file(on: impl Executor, id: VideoId) -> Result<i64> {
    let (bytes,) = sql!("SELECT coalesce(max(size_bytes), 0) FROM video_file WHERE video_id = $1")
        .bind(id)
        .one(on)
        .await?;
    Ok(bytes)
}

pub async fn largest_files_of_channel(on: impl Executor, id: ChannelId) -> Result<i64> {
    let (bytes,) = sql!(
        "SELECT CAST(coalesce(sum(largest.bytes), 0) AS BIGINT)
         FROM (SELECT max(f.size_bytes) AS bytes FROM video v JOIN video_file f ON f.video_id = v.id
               WHERE v.channel_id = $1 AND NOT v.is_live GROUP BY v.id) largest"
    )
    .bind(id)
    .slow()
    .one(on)
    .await?;
    Ok(bytes)
}

pub async fn videos_of_channel(on: impl Executor, id: ChannelId) -> Result<Vec<VideoId>> {
    let ids: Vec<(VideoId,)> = sql!("SELECT id FROM video WHERE channel_id = $1 ORDER BY id")
        .bind(id)
        .all(on)
        .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Offers of single videos of a channel that moves as a whole end.
pub async fn refuse_of_channel(on: impl Executor, id: ChannelId, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE ownership_change SET state = 2, updated_at = $2
         WHERE state = 1 AND video_id IN (SELECT id FROM video WHERE channel_id = $1)"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await
}

pub async fn move_channel(tx: &mut Tx, id: ChannelId, to: AccountId, now: Millis) -> Result<()> {
    sql!("UPDATE channel SET account_id = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(to)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sql!("UPDATE video SET account_id = $2, updated_at = $3 WHERE channel_id = $1")
        .bind(id)
        .bind(to)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sql!("UPDATE playlist SET account_id = $2, updated_at = $3 WHERE channel_id = $1")
        .bind(id)
        .bind(to)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sql!("DELETE FROM channel_collaborator WHERE channel_id = $1 AND account_id = $2")
        .bind(id)
        .bind(to)
        .execute(tx)
        .await
        .map(drop)
}
