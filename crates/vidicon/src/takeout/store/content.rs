//! The SQL of what goes into an archive: pages of rows, each after the id of the last.

use crate::account::{AccountId, ActorId, UserId};
use crate::channel::ChannelId;
use crate::playlist::PlaylistId;
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;
use uuid::Uuid;

/// Rows that are read at once.
pub const PAGE: usize = 500;

/// A video as others name it.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    pub id: i64,
    pub uuid: Uuid,
    pub url: Option<String>,
    pub created_at: Millis,
}

pub async fn ratings(
    on: impl Executor,
    account: AccountId,
    value: &str,
    after: i64,
) -> Result<Vec<Named>> {
    sql!(
        "SELECT v.id, v.uuid, v.url, r.created_at FROM rating r JOIN video v ON v.id = r.video_id
         WHERE r.account_id = $1 AND r.value = $2 AND r.video_id > $3 ORDER BY v.id LIMIT 500"
    )
    .bind(account)
    .bind(value)
    .bind(after)
    .all(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct Reacted {
    pub id: i64,
    pub uuid: Uuid,
    pub url: Option<String>,
    pub emoji: String,
    pub created_at: Millis,
}

/// After a video and an emoji.
pub async fn reactions(
    on: impl Executor,
    account: AccountId,
    after: (i64, &str),
) -> Result<Vec<Reacted>> {
    sql!(
        "SELECT v.id, v.uuid, v.url, r.emoji, r.created_at
         FROM video_reaction r JOIN video v ON v.id = r.video_id
         WHERE r.account_id = $1
           AND (r.video_id > $2 OR (r.video_id = $2 AND r.emoji > $3))
         ORDER BY v.id, r.emoji LIMIT 500"
    )
    .bind(account)
    .bind(after.0)
    .bind(after.1.to_owned())
    .all(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct Watched {
    pub id: i64,
    pub uuid: Uuid,
    pub url: Option<String>,
    pub position_s: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
}

pub async fn history(on: impl Executor, user: UserId, after: i64) -> Result<Vec<Watched>> {
    sql!(
        "SELECT v.id, v.uuid, v.url, h.position_s, h.created_at, h.updated_at
         FROM watch_history h JOIN video v ON v.id = h.video_id
         WHERE h.user_id = $1 AND h.video_id > $2 ORDER BY v.id LIMIT 500"
    )
    .bind(user)
    .bind(after)
    .all(on)
    .await
}

/// A follow between two actors; an empty host is this site.
#[derive(Debug, Deserialize)]
pub struct Followed {
    pub id: i64,
    pub follower_name: String,
    pub follower_host: String,
    pub name: String,
    pub host: String,
    pub url: Option<String>,
    pub kind: String,
    pub created_at: Millis,
}

const FOLLOW: &str =
    "SELECT f.id, s.name AS follower_name, s.host AS follower_host, t.name, t.host,
    t.url, t.kind, f.created_at FROM follow f JOIN actor s ON s.id = f.follower_actor_id
    JOIN actor t ON t.id = f.actor_id WHERE f.state = 'accepted'";

pub async fn following(on: impl Executor, actor: ActorId, after: i64) -> Result<Vec<Followed>> {
    Query::new(FOLLOW)
        .when(Some(actor), " AND f.follower_actor_id = ?")
        .when(Some(after), " AND f.id > ?")
        .push(" ORDER BY f.id LIMIT 500")
        .all(on)
        .await
}

/// Who follows the account or one of its channels.
pub async fn followers(on: impl Executor, account: AccountId, after: i64) -> Result<Vec<Followed>> {
    Query::new(FOLLOW)
        .when(
            Some(account),
            " AND f.actor_id IN (SELECT actor_id FROM account WHERE id = ?
                UNION ALL SELECT actor_id FROM channel WHERE account_id = ?)",
        )
        .when(Some(after), " AND f.id > ?")
        .push(" ORDER BY f.id LIMIT 500")
        .all(on)
        .await
}

#[derive(Debug, Deserialize)]
pub struct Said {
    pub id: i64,
    pub url: Option<String>,
    pub text: String,
    pub created_at: Millis,
    pub video_uuid: Uuid,
    pub video_url: Option<String>,
    pub parent_id: Option<i64>,
    pub parent_url: Option<String>,
}

pub async fn comments(on: impl Executor, account: AccountId, after: i64) -> Result<Vec<Said>> {
    sql!(
        "SELECT c.id, c.url, c.text, c.created_at, v.uuid AS video_uuid, v.url AS video_url,
                c.parent_id, p.url AS parent_url
         FROM comment c JOIN video v ON v.id = c.video_id LEFT JOIN comment p ON p.id = c.parent_id
         WHERE c.account_id = $1 AND c.deleted_at IS NULL AND c.id > $2 ORDER BY c.id LIMIT 500"
    )
    .bind(account)
    .bind(after)
    .all(on)
    .await
}

/// Local videos of an account.
pub async fn videos(on: impl Executor, account: AccountId, after: i64) -> Result<Vec<(VideoId,)>> {
    sql!(
        "SELECT id FROM video WHERE account_id = $1 AND is_local AND id > $2 ORDER BY id LIMIT 500"
    )
    .bind(account)
    .bind(after)
    .all(on)
    .await
}

pub async fn passwords(on: impl Executor, video: VideoId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> =
        sql!("SELECT password FROM video_password WHERE video_id = $1 ORDER BY id LIMIT 1000")
            .bind(video)
            .all(on)
            .await?;
    Ok(rows.into_iter().map(|(password,)| password).collect())
}

pub async fn chapters(on: impl Executor, video: VideoId) -> Result<Vec<(i64, String)>> {
    sql!("SELECT timecode_s, title FROM chapter WHERE video_id = $1 ORDER BY timecode_s LIMIT 1000")
        .bind(video)
        .all(on)
        .await
}

/// The file as it was uploaded.
#[derive(Debug, Deserialize)]
pub struct Source {
    pub input_filename: String,
    pub size_bytes: i64,
    pub resolution: Option<i64>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub fps: Option<i64>,
    pub created_at: Millis,
}

pub async fn source(on: impl Executor, video: VideoId) -> Result<Option<Source>> {
    sql!(
        "SELECT input_filename, size_bytes, resolution, width, height, fps, created_at
         FROM video_source WHERE video_id = $1"
    )
    .bind(video)
    .optional(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct Element {
    pub uuid: Uuid,
    pub url: Option<String>,
    pub start_s: Option<i64>,
    pub stop_s: Option<i64>,
}

pub async fn elements(on: impl Executor, list: PlaylistId, start: i64) -> Result<Vec<Element>> {
    Query::new(
        "SELECT v.uuid, v.url, e.start_s, e.stop_s FROM playlist_element e
         JOIN video v ON v.id = e.video_id WHERE TRUE",
    )
    .when(Some(list), " AND e.playlist_id = ?")
    .push(" ORDER BY e.position, e.id")
    .page(start, 500)
    .all(on)
    .await
}

/// Is there a video of this name and length, to a second, in the channel already? Length is not
/// known before the file was read, so nothing asks for less.
pub async fn has_video(
    on: impl Executor,
    channel: ChannelId,
    name: &str,
    duration_s: i64,
) -> Result<Option<Uuid>> {
    let found: Option<(Uuid,)> = sql!(
        "SELECT uuid FROM video
         WHERE channel_id = $1 AND name = $2 AND duration_s BETWEEN $3 - 1 AND $3 + 1
         ORDER BY id LIMIT 1"
    )
    .bind(channel)
    .bind(name)
    .bind(duration_s)
    .optional(on)
    .await?;
    Ok(found.map(|(uuid,)| uuid))
}

/// Where somebody stopped in a video, unless this site knows better.
pub async fn add_watched(
    on: impl Executor,
    user: UserId,
    video: VideoId,
    position_s: i64,
    (created_at, updated_at): (Millis, Millis),
) -> Result<bool> {
    let added = sql!(
        "INSERT INTO watch_history (user_id, video_id, position_s, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    )
    .bind(user)
    .bind(video)
    .bind(position_s)
    .bind(created_at)
    .bind(updated_at)
    .execute(on)
    .await?;
    Ok(added > 0)
}

/// The playlists of an account with these names.
pub async fn playlist_named(
    on: impl Executor,
    account: AccountId,
    name: &str,
    kind: i64,
) -> Result<Option<PlaylistId>> {
    let found: Option<(PlaylistId,)> = sql!(
        "SELECT id FROM playlist WHERE account_id = $1 AND kind = $3
           AND (display_name = $2 OR kind = 2) ORDER BY id LIMIT 1"
    )
    .bind(account)
    .bind(name)
    .bind(kind)
    .optional(on)
    .await?;
    Ok(found.map(|(id,)| id))
}
