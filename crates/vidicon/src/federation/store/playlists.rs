//! Playlists: those of ours as others see them, and what is kept of those of other servers.

use crate::account::{AccountId, ActorId};
use crate::channel::ChannelId;
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Clone, Debug, Deserialize)]
pub struct ListRow {
    pub id: i64,
    pub uuid: Uuid,
    pub url: Option<String>,
    pub is_local: bool,
    pub kind: i64,
    pub display_name: String,
    pub description: Option<String>,
    pub privacy: i64,
    pub thumbnail: Option<String>,
    pub channel_position: Option<i64>,
    pub element_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub account_actor_id: ActorId,
    pub channel_actor_id: Option<ActorId>,
    pub channel_name: Option<String>,
}

const PLAYLIST: &str = "SELECT p.id, p.uuid, p.url, p.is_local, p.kind, p.display_name,
        p.description, p.privacy, p.thumbnail, p.channel_position,
        (SELECT count(*) FROM playlist_element e WHERE e.playlist_id = p.id
         AND e.video_id IS NOT NULL) AS element_count,
        p.created_at, p.updated_at, a.actor_id AS account_actor_id,
        c.actor_id AS channel_actor_id, cx.name AS channel_name
    FROM playlist p JOIN account a ON a.id = p.account_id
    LEFT JOIN channel c ON c.id = p.channel_id LEFT JOIN actor cx ON cx.id = c.actor_id
    WHERE TRUE";

pub async fn playlist(on: impl Executor, id: i64) -> Result<Option<ListRow>> {
    Query::new(PLAYLIST)
        .when(Some(id), " AND p.id = ?")
        .optional(on)
        .await
}

pub async fn playlist_by_uuid(on: impl Executor, uuid: Uuid) -> Result<Option<ListRow>> {
    Query::new(PLAYLIST)
        .when(Some(uuid), " AND p.uuid = ?")
        .optional(on)
        .await
}

pub async fn playlist_by_url(on: impl Executor, url: &str) -> Result<Option<ListRow>> {
    Query::new(PLAYLIST)
        .when(Some(url), " AND p.url = ?")
        .optional(on)
        .await
}

/// The actors of the channels of an account of ours.
pub async fn channel_actors(on: impl Executor, account: ActorId) -> Result<Vec<ActorId>> {
    let found: Vec<(ActorId,)> = sql!(
        "SELECT c.actor_id FROM channel c JOIN account a ON a.id = c.account_id
         WHERE a.actor_id = $1 ORDER BY c.id LIMIT 1000"
    )
    .bind(account)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// The public playlists of an account or channel of ours, newest first.
pub async fn public_playlists(
    on: impl Executor,
    actor: ActorId,
    start: i64,
    count: i64,
) -> Result<Vec<Uuid>> {
    let found: Vec<(Uuid,)> = Query::new(
        "SELECT p.uuid FROM playlist p JOIN account a ON a.id = p.account_id
         LEFT JOIN channel c ON c.id = p.channel_id
         WHERE p.is_local AND p.privacy = 1 AND p.kind = 1",
    )
    .when(Some(actor), " AND (a.actor_id = ? OR c.actor_id = ?)")
    .push(" ORDER BY p.created_at DESC, p.id DESC")
    .page(start, count)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(uuid,)| uuid).collect())
}

pub async fn public_playlist_count(on: impl Executor, actor: ActorId) -> Result<i64> {
    let (count,) = sql!(
        "SELECT count(*) FROM playlist p JOIN account a ON a.id = p.account_id
         LEFT JOIN channel c ON c.id = p.channel_id
         WHERE p.is_local AND p.privacy = 1 AND p.kind = 1 AND (a.actor_id = $1 OR c.actor_id = $1)"
    )
    .bind(actor)
    .one(on)
    .await?;
    Ok(count)
}

/// A place in a playlist. Only videos that others may know of count.
#[derive(Clone, Debug, Deserialize)]
pub struct ElementRow {
    pub id: i64,
    pub position: i64,
    pub start_s: Option<i64>,
    pub stop_s: Option<i64>,
    pub video_uuid: Uuid,
    pub video_url: Option<String>,
    pub video_is_local: bool,
    pub video_is_open: bool,
}

const ELEMENT: &str = "SELECT e.id, e.position, e.start_s, e.stop_s, v.uuid AS video_uuid,
        v.url AS video_url, v.is_local AS video_is_local,
        (v.privacy = 1 AND NOT v.blocked AND v.state IN (1, 4, 5)) AS video_is_open
    FROM playlist_element e JOIN video v ON v.id = e.video_id
    WHERE TRUE";

pub async fn elements(
    on: impl Executor,
    playlist: i64,
    start: i64,
    count: i64,
) -> Result<Vec<ElementRow>> {
    Query::new(ELEMENT)
        .when(Some(playlist), " AND e.playlist_id = ?")
        .push(" ORDER BY e.position, e.id")
        .page(start, count)
        .all(on)
        .await
}

pub async fn element(on: impl Executor, playlist: i64, id: i64) -> Result<Option<ElementRow>> {
    Query::new(ELEMENT)
        .when(Some(playlist), " AND e.playlist_id = ?")
        .when(Some(id), " AND e.id = ?")
        .optional(on)
        .await
}

/// What the server of a playlist says of it.
pub struct RemotePlaylist<'a> {
    pub uuid: Uuid,
    pub url: &'a str,
    pub account: AccountId,
    pub channel: Option<ChannelId>,
    pub channel_position: Option<i64>,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub privacy: i64,
    pub thumbnail: Option<&'a str>,
    pub created_at: Millis,
}

pub async fn save_playlist(tx: &mut Tx, playlist: &RemotePlaylist<'_>, now: Millis) -> Result<i64> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let (id,) = sql!(
        "INSERT INTO playlist (uuid, account_id, channel_id, channel_position, url, is_local, kind,
                               display_name, description, privacy, thumbnail, thumbnail_from,
                               created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, FALSE, 1, $6, $7, $8, $9, 'hand', $10, $11)
         ON CONFLICT (url) DO UPDATE SET channel_id = excluded.channel_id,
             channel_position = excluded.channel_position, display_name = excluded.display_name,
             description = excluded.description, privacy = excluded.privacy,
             thumbnail = excluded.thumbnail, updated_at = excluded.updated_at
         RETURNING id"
    )
    .bind(playlist.uuid)
    .bind(playlist.account)
    .bind(playlist.channel)
    .bind(playlist.channel_position)
    .bind(playlist.url)
    .bind(playlist.name)
    .bind(text(playlist.description))
    .bind(playlist.privacy)
    .bind(text(playlist.thumbnail))
    .bind(playlist.created_at)
    .bind(now)
    .one(tx)
    .await?;
    Ok(id)
}

/// A place in a playlist of another server.
pub struct RemoteElement {
    pub video: VideoId,
    pub position: i64,
    pub start_s: Option<i64>,
    pub stop_s: Option<i64>,
    pub url: String,
}

pub async fn set_elements(
    tx: &mut Tx,
    playlist: i64,
    elements: &[RemoteElement],
    now: Millis,
) -> Result<()> {
    sql!("DELETE FROM playlist_element WHERE playlist_id = $1")
        .bind(playlist)
        .execute(&mut *tx)
        .await?;
    for element in elements {
        sql!(
            "INSERT INTO playlist_element (playlist_id, video_id, position, start_s, stop_s, url, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        )
        .bind(playlist)
        .bind(element.video)
        .bind(element.position)
        .bind(element.start_s)
        .bind(element.stop_s)
        .bind(&element.url)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    sql!(
        "UPDATE playlist SET element_count =
             (SELECT count(*) FROM playlist_element WHERE playlist_id = $1)
         WHERE id = $1"
    )
    .bind(playlist)
    .execute(tx)
    .await
    .map(drop)
}

/// Only those of other servers.
pub async fn delete_playlist(on: impl Executor, id: i64) -> Result<u64> {
    sql!("DELETE FROM playlist WHERE id = $1 AND NOT is_local")
        .bind(id)
        .execute(on)
        .await
}

/// Whose playlist others were told of.
pub async fn federated_playlist(on: impl Executor, uuid: Uuid) -> Result<Option<ActorId>> {
    let found: Option<(ActorId,)> =
        sql!("SELECT account_actor_id FROM federated_playlist WHERE uuid = $1")
            .bind(uuid)
            .optional(on)
            .await?;
    Ok(found.map(|(actor,)| actor))
}

pub async fn note_federated_playlist(
    on: impl Executor,
    uuid: Uuid,
    actor: ActorId,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO federated_playlist (uuid, account_actor_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING"
    )
    .bind(uuid)
    .bind(actor)
    .bind(now)
    .execute(on)
    .await
}

pub async fn forget_federated_playlist(on: impl Executor, uuid: Uuid) -> Result<u64> {
    sql!("DELETE FROM federated_playlist WHERE uuid = $1")
        .bind(uuid)
        .execute(on)
        .await
}
