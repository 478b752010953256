//! The SQL of playlists.

pub mod element;

use super::{About, Move, Playlist, PlaylistFilter, PlaylistId};
use crate::account::AccountId;
use crate::channel::ChannelId;
use crate::fold::fold;
use crate::listing::{Paging, Sort};
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;
use uuid::Uuid;

const PLAYLIST: &str =
    "SELECT p.id, p.uuid, p.account_id, p.channel_id, p.channel_position, p.url, p.is_local, p.kind,
    p.display_name, p.description, p.privacy, p.thumbnail, p.thumbnail_from, p.element_count,
    p.created_at, p.updated_at, a.user_id AS owner_user_id, aa.name AS account_name,
    aa.host AS account_host, aa.url AS account_url, a.display_name AS account_display_name,
    (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' ' || i.created_at, ' ')
     FROM actor_image i WHERE i.actor_id = aa.id AND i.kind = 'avatar') AS account_avatars,
    ca.name AS channel_name, ca.host AS channel_host, ca.url AS channel_url,
    c.display_name AS channel_display_name,
    (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' ' || i.created_at, ' ')
     FROM actor_image i WHERE i.actor_id = ca.id AND i.kind = 'avatar') AS channel_avatars";

const FROM: &str = " FROM playlist p
    JOIN account a ON a.id = p.account_id JOIN actor aa ON aa.id = a.actor_id
    LEFT JOIN channel c ON c.id = p.channel_id LEFT JOIN actor ca ON ca.id = c.actor_id
    WHERE TRUE";

fn playlists() -> Query {
    Query::new(PLAYLIST).push(FROM)
}

pub async fn by_id(on: impl Executor, id: PlaylistId) -> Result<Option<Playlist>> {
    playlists()
        .when(Some(id), " AND p.id = ?")
        .optional(on)
        .await
}

pub async fn by_uuid(on: impl Executor, uuid: Uuid) -> Result<Option<Playlist>> {
    playlists()
        .when(Some(uuid), " AND p.uuid = ?")
        .optional(on)
        .await
}

pub async fn by_url(on: impl Executor, url: &str) -> Result<Option<Playlist>> {
    playlists()
        .when(Some(url), " AND p.url = ?")
        .optional(on)
        .await
}

pub async fn by_ids(on: impl Executor, ids: &[PlaylistId]) -> Result<Vec<Playlist>> {
    playlists()
        .within(" AND p.id IN (", ids.iter().copied())
        .all(on)
        .await
}

pub async fn add(
    on: impl Executor,
    uuid: Uuid,
    account_id: AccountId,
    kind: i64,
    about: &About,
    now: Millis,
) -> Result<PlaylistId> {
    let (id,) = sql!(
        "INSERT INTO playlist (uuid, account_id, kind, display_name, folded, description, privacy,
                               created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id"
    )
    .bind(uuid)
    .bind(account_id)
    .bind(kind)
    .bind(&about.display_name)
    .bind(fold(&about.display_name))
    .bind(about.description.clone())
    .bind(about.privacy)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn save(on: impl Executor, id: PlaylistId, about: &About, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE playlist SET display_name = $2, folded = $3, description = $4, privacy = $5,
                updated_at = $6
         WHERE id = $1"
    )
    .bind(id)
    .bind(&about.display_name)
    .bind(fold(&about.display_name))
    .bind(about.description.clone())
    .bind(about.privacy)
    .bind(now)
    .execute(on)
    .await
}

pub async fn delete(on: impl Executor, id: PlaylistId) -> Result<u64> {
    sql!("DELETE FROM playlist WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// Puts a playlist behind the others of a channel.
pub async fn append_to_channel(
    on: impl Executor,
    id: PlaylistId,
    channel_id: ChannelId,
) -> Result<u64> {
    sql!(
        "UPDATE playlist SET channel_id = $2,
             channel_position = (SELECT coalesce(max(o.channel_position), 0) + 1 FROM playlist o
                                 WHERE o.channel_id = $2)
         WHERE id = $1"
    )
    .bind(id)
    .bind(channel_id)
    .execute(on)
    .await
}

/// Takes a playlist out of its channel; those behind it close up.
pub async fn leave_channel(tx: &mut Tx, playlist: &Playlist) -> Result<()> {
    sql!("UPDATE playlist SET channel_id = NULL, channel_position = NULL WHERE id = $1")
        .bind(playlist.id)
        .execute(&mut *tx)
        .await?;
    sql!(
        "UPDATE playlist SET channel_position = channel_position - 1
         WHERE channel_id = $1 AND channel_position > $2"
    )
    .bind(playlist.channel_id)
    .bind(playlist.channel_position)
    .execute(tx)
    .await
    .map(drop)
}

pub async fn count_of_channel(on: impl Executor, id: ChannelId) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM playlist WHERE channel_id = $1")
        .bind(id)
        .one(on)
        .await?;
    Ok(count)
}

pub async fn reorder_channel(on: impl Executor, id: ChannelId, to: Move) -> Result<u64> {
    let (from, until, aside, by) = to.shifts();
    sql!(
        "UPDATE playlist SET channel_position = channel_position
             + CASE WHEN channel_position BETWEEN $2 AND $3 THEN CAST($4 AS BIGINT)
                    ELSE CAST($5 AS BIGINT) END
         WHERE channel_id = $1 AND (channel_position BETWEEN $2 AND $3
                                    OR channel_position BETWEEN $6 AND $7)"
    )
    .bind(id)
    .bind(to.start)
    .bind(to.start + to.length - 1)
    .bind(by)
    .bind(aside)
    .bind(from)
    .bind(until)
    .execute(on)
    .await
}

fn matching(query: Query, filter: &PlaylistFilter) -> Query {
    let query = match filter.account_id {
        Some(id) if filter.with_collaborations => query.when(
            Some(id),
            " AND (p.account_id = ? OR p.channel_id IN (
                SELECT k.channel_id FROM channel_collaborator k
                WHERE k.account_id = ? AND k.state = 'accepted'))",
        ),
        id => query.when(id, " AND p.account_id = ?"),
    };
    let query = query
        .when(filter.channel_id, " AND p.channel_id = ?")
        .push_if(!filter.with_hidden, " AND p.privacy = 1")
        .when(filter.kind, " AND p.kind = ?");
    let query = if filter.channels.is_empty() {
        query
    } else {
        query
            .within(
                " AND p.channel_id IN (SELECT n.id FROM channel n JOIN actor na ON na.id = n.actor_id
                                       WHERE na.host = '' AND na.name IN (",
                filter.channels.iter(),
            )
            .push(")")
    };
    let pattern = filter
        .search
        .as_deref()
        .map(|text| format!("%{}%", fold(text)));
    query.when(pattern, " AND p.folded LIKE ?")
}

pub async fn list(
    on: impl Executor,
    filter: &PlaylistFilter,
    paging: Paging,
    sort: Sort,
) -> Result<Vec<Playlist>> {
    let order = match (sort.column, sort.descending) {
        ("name" | "displayName", false) => " ORDER BY p.folded, p.id",
        ("name" | "displayName", true) => " ORDER BY p.folded DESC, p.id",
        ("updatedAt", false) => " ORDER BY p.updated_at, p.id",
        ("updatedAt", true) => " ORDER BY p.updated_at DESC, p.id",
        ("videoChannelPosition", false) => " ORDER BY coalesce(p.channel_position, 0), p.id",
        ("videoChannelPosition", true) => " ORDER BY coalesce(p.channel_position, 0) DESC, p.id",
        (_, false) => " ORDER BY p.created_at, p.id",
        (_, true) => " ORDER BY p.created_at DESC, p.id",
    };
    matching(playlists(), filter)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await
}

/// How many match, counted up to ten thousand.
pub async fn count(on: impl Executor, filter: &PlaylistFilter) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM (SELECT 1 AS one FROM playlist p WHERE TRUE");
    let (count,) = matching(query, filter)
        .push(" LIMIT 10000) matching")
        .one(on)
        .await?;
    Ok(count)
}

/// A place of a video in a playlist of somebody's.
#[derive(Clone, Debug, Deserialize)]
pub struct Holding {
    pub video_id: VideoId,
    pub element_id: i64,
    pub playlist_id: PlaylistId,
    pub playlist_display_name: String,
    pub playlist_uuid: Uuid,
    pub start_s: Option<i64>,
    pub stop_s: Option<i64>,
}

pub async fn holdings(
    on: impl Executor,
    account_id: AccountId,
    videos: &[VideoId],
) -> Result<Vec<Holding>> {
    Query::new(
        "SELECT e.video_id, e.id AS element_id, e.playlist_id,
                p.display_name AS playlist_display_name, p.uuid AS playlist_uuid, e.start_s,
                e.stop_s
         FROM playlist_element e JOIN playlist p ON p.id = e.playlist_id WHERE TRUE",
    )
    .within(" AND e.video_id IN (", videos.iter().copied())
    .when(Some(account_id), " AND p.account_id = ?")
    .push(" ORDER BY e.id")
    .all(on)
    .await
}

pub async fn set_thumbnail(
    on: impl Executor,
    id: PlaylistId,
    thumbnail: Option<&str>,
    from: Option<&str>,
) -> Result<u64> {
    sql!("UPDATE playlist SET thumbnail = $2, thumbnail_from = $3 WHERE id = $1")
        .bind(id)
        .bind(thumbnail)
        .bind(from)
        .execute(on)
        .await
}

pub async fn ids_of_account(
    on: impl Executor,
    id: AccountId,
    count: i64,
) -> Result<Vec<PlaylistId>> {
    let ids: Vec<(PlaylistId,)> =
        sql!("SELECT id FROM playlist WHERE account_id = $1 ORDER BY id LIMIT $2")
            .bind(id)
            .bind(count)
            .all(on)
            .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}
