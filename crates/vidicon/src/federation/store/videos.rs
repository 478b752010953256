//! Videos: what their documents say beyond the row, and what is kept of those of other servers.

use crate::account::ActorId;
use crate::video::{Privacy, VideoId, VideoState, name_key};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Clone, Debug, Deserialize)]
pub struct FileRow {
    pub id: i64,
    /// `hls` or `web`.
    pub kind: String,
    pub filename: String,
    pub resolution: i64,
    pub width: Option<i64>,
    pub fps: i64,
    pub size_bytes: i64,
    pub has_audio: bool,
    pub has_video: bool,
    /// Of its torrent, once there is one.
    pub info_hash: Option<String>,
}

/// Best first.
pub async fn files(on: impl Executor, id: VideoId) -> Result<Vec<FileRow>> {
    sql!(
        "SELECT f.id, f.kind, f.filename, f.resolution, f.width, f.fps, f.size_bytes, f.has_audio,
                f.has_video, t.info_hash
         FROM video_file f
         JOIN video v ON v.id = f.video_id
         LEFT JOIN torrent t ON t.file_id = f.id AND t.size_bytes = f.size_bytes AND v.download_enabled
         WHERE f.video_id = $1 AND f.complete ORDER BY f.kind, f.resolution DESC, f.id LIMIT 100"
    )
    .bind(id)
    .all(on)
    .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct PlaylistRow {
    pub master_filename: String,
    pub sha256_filename: Option<String>,
}

pub async fn streaming_playlist(on: impl Executor, id: VideoId) -> Result<Option<PlaylistRow>> {
    sql!("SELECT master_filename, sha256_filename FROM streaming_playlist WHERE video_id = $1")
        .bind(id)
        .optional(on)
        .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct CaptionRow {
    pub language: String,
    pub filename: String,
    pub automatically_generated: bool,
}

pub async fn captions(on: impl Executor, id: VideoId) -> Result<Vec<CaptionRow>> {
    sql!(
        "SELECT language, filename, automatically_generated FROM caption WHERE video_id = $1
         ORDER BY language, id LIMIT 200"
    )
    .bind(id)
    .all(on)
    .await
}

pub async fn chapters(on: impl Executor, id: VideoId) -> Result<Vec<(i64, String)>> {
    sql!("SELECT timecode_s, title FROM chapter WHERE video_id = $1 ORDER BY timecode_s LIMIT 1000")
        .bind(id)
        .all(on)
        .await
}

/// What was told of a video of ours.
#[derive(Clone, Debug, Deserialize)]
pub struct FederatedVideo {
    pub account_actor_id: ActorId,
    pub channel_actor_id: ActorId,
}

pub async fn federated_video(on: impl Executor, uuid: Uuid) -> Result<Option<FederatedVideo>> {
    sql!("SELECT account_actor_id, channel_actor_id FROM federated_video WHERE uuid = $1")
        .bind(uuid)
        .optional(on)
        .await
}

pub async fn note_federated(
    on: impl Executor,
    uuid: Uuid,
    account: ActorId,
    channel: ActorId,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO federated_video (uuid, account_actor_id, channel_actor_id, created_at, sent_at)
         VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (uuid) DO UPDATE SET account_actor_id = excluded.account_actor_id,
             channel_actor_id = excluded.channel_actor_id, sent_at = excluded.sent_at"
    )
    .bind(uuid)
    .bind(account)
    .bind(channel)
    .bind(now)
    .execute(on)
    .await
}

pub async fn forget_federated(on: impl Executor, uuid: Uuid) -> Result<u64> {
    sql!("DELETE FROM federated_video WHERE uuid = $1")
        .bind(uuid)
        .execute(on)
        .await
}

pub async fn add_share(
    on: impl Executor,
    video: VideoId,
    actor: ActorId,
    url: Option<&str>,
    now: Millis,
) -> Result<bool> {
    let added = sql!(
        "INSERT INTO share (video_id, actor_id, url, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING"
    )
    .bind(video)
    .bind(actor)
    .bind(url.map(str::to_owned))
    .bind(now)
    .execute(on)
    .await?;
    Ok(added > 0)
}

pub async fn delete_share(on: impl Executor, video: VideoId, actor: ActorId) -> Result<u64> {
    sql!("DELETE FROM share WHERE video_id = $1 AND actor_id = $2")
        .bind(video)
        .bind(actor)
        .execute(on)
        .await
}

/// Who announced a video, oldest first.
pub async fn shares(
    on: impl Executor,
    video: VideoId,
    start: i64,
    count: i64,
) -> Result<Vec<(ActorId, Option<String>)>> {
    Query::new("SELECT actor_id, url FROM share WHERE TRUE")
        .when(Some(video), " AND video_id = ?")
        .push(" ORDER BY created_at, id")
        .page(start, count)
        .all(on)
        .await
}

/// Who announced a video, with the inboxes of those at other servers.
pub async fn sharers(on: impl Executor, video: VideoId) -> Result<Vec<(ActorId, Option<String>)>> {
    sql!(
        "SELECT s.actor_id, coalesce(x.shared_inbox_url, x.inbox_url) AS inbox
         FROM share s JOIN actor x ON x.id = s.actor_id
         WHERE s.video_id = $1 AND x.deleted_at IS NULL ORDER BY s.created_at, s.id LIMIT 1000"
    )
    .bind(video)
    .all(on)
    .await
}

/// The channel of a copy is another one of its server now.
pub async fn set_remote_channel(
    on: impl Executor,
    id: VideoId,
    channel: crate::channel::ChannelId,
    account: crate::account::AccountId,
) -> Result<u64> {
    sql!(
        "UPDATE video SET channel_id = $2, account_id = $3
         WHERE id = $1 AND NOT is_local AND (channel_id <> $2 OR account_id <> $3)"
    )
    .bind(id)
    .bind(channel)
    .bind(account)
    .execute(on)
    .await
}

pub async fn share_count(on: impl Executor, video: VideoId) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM share WHERE video_id = $1")
        .bind(video)
        .one(on)
        .await?;
    Ok(count)
}

/// The public videos of an actor of ours, newest first: an account's own, those of a channel, or all.
pub async fn public_videos(
    on: impl Executor,
    actor: Option<ActorId>,
    start: i64,
    count: i64,
) -> Result<Vec<(Uuid, Millis)>> {
    Query::new(
        "SELECT v.uuid, v.published_at FROM video v
         JOIN account a ON a.id = v.account_id JOIN channel c ON c.id = v.channel_id
         WHERE v.is_local AND v.listed = 1 AND v.state IN (1, 4, 5)",
    )
    .when(actor, " AND (a.actor_id = ? OR c.actor_id = ?)")
    .push(" ORDER BY v.published_at DESC, v.id DESC")
    .page(start, count)
    .all(on)
    .await
}

pub async fn public_video_count(on: impl Executor, actor: Option<ActorId>) -> Result<i64> {
    let (count,) = Query::new(
        "SELECT count(*) FROM video v
         JOIN account a ON a.id = v.account_id JOIN channel c ON c.id = v.channel_id
         WHERE v.is_local AND v.listed = 1 AND v.state IN (1, 4, 5)",
    )
    .when(actor, " AND (a.actor_id = ? OR c.actor_id = ?)")
    .one(on)
    .await?;
    Ok(count)
}

/// A video of another server that is known here.
#[derive(Clone, Debug, Deserialize)]
pub struct KnownVideo {
    pub id: VideoId,
    pub is_local: bool,
    pub account_actor_id: ActorId,
    pub fetched_at: Option<Millis>,
}

const KNOWN: &str = "SELECT v.id, v.is_local, a.actor_id AS account_actor_id, v.fetched_at
    FROM video v JOIN account a ON a.id = v.account_id
    WHERE TRUE";

pub async fn video_by_url(on: impl Executor, url: &str) -> Result<Option<KnownVideo>> {
    Query::new(KNOWN)
        .when(Some(url), " AND v.url = ?")
        .optional(on)
        .await
}

pub async fn video_by_uuid(on: impl Executor, uuid: Uuid) -> Result<Option<KnownVideo>> {
    Query::new(KNOWN)
        .when(Some(uuid), " AND v.uuid = ?")
        .optional(on)
        .await
}

/// What a copy of a video of another server is told by its server.
pub struct RemoteVideo<'a> {
    pub url: &'a str,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub support: Option<&'a str>,
    pub category: Option<i64>,
    pub licence: Option<i64>,
    pub language: Option<&'a str>,
    pub tags: &'a [String],
    pub privacy: Privacy,
    pub state: VideoState,
    pub nsfw: bool,
    pub nsfw_flags: i64,
    pub nsfw_summary: Option<&'a str>,
    pub comments_policy: i64,
    pub download_enabled: bool,
    pub is_live: bool,
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub views: i64,
    pub downloads: Option<i64>,
    pub originally_published_at: Option<Millis>,
    pub published_at: Millis,
    pub uploaded_at: Option<Millis>,
}

pub async fn update_remote_video(
    on: impl Executor,
    id: VideoId,
    video: &RemoteVideo<'_>,
    now: Millis,
) -> Result<u64> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    sql!(
        "UPDATE video SET url = $2, is_local = FALSE, name = $3, name_key = $4, description = $5,
                support = $6, category = $7, licence = $8, language = $9, tags = $10, privacy = $11,
                state = $12, nsfw = $13, nsfw_summary = $14, comments_policy = $15,
                download_enabled = $16, is_live = $17, duration_s = $18, aspect_ratio = $19,
                views = $20, originally_published_at = $21, published_at = $22, updated_at = $23,
                fetched_at = $23, nsfw_flags = $24, input_file_updated_at = $25,
                downloads = coalesce($26, downloads)
         WHERE id = $1"
    )
    .bind(id)
    .bind(video.url)
    .bind(video.name)
    .bind(name_key(video.name))
    .bind(text(video.description))
    .bind(text(video.support))
    .bind(video.category)
    .bind(video.licence)
    .bind(text(video.language))
    .bind(serde_json::json!(video.tags))
    .bind(video.privacy)
    .bind(video.state)
    .bind(video.nsfw)
    .bind(text(video.nsfw_summary))
    .bind(video.comments_policy)
    .bind(video.download_enabled)
    .bind(video.is_live)
    .bind(video.duration_s)
    .bind(video.aspect_ratio)
    .bind(video.views)
    .bind(video.originally_published_at)
    .bind(video.published_at)
    .bind(now)
    .bind(video.nsfw_flags)
    .bind(video.uploaded_at)
    .bind(video.downloads)
    .execute(on)
    .await
}

/// Replaces the files of a copy by links to the files of its server.
pub async fn set_remote_files(
    tx: &mut Tx,
    id: VideoId,
    video: &fediverse::video::Video,
    now: Millis,
) -> Result<()> {
    sql!("DELETE FROM video_file WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sql!("DELETE FROM streaming_playlist WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    for file in &video.files {
        add_remote_file(tx, id, "web", file, now).await?;
    }
    let Some(playlist) = video.playlists.first() else {
        return Ok(());
    };
    for file in &playlist.files {
        add_remote_file(tx, id, "hls", file, now).await?;
    }
    sql!(
        "INSERT INTO streaming_playlist (video_id, master_filename, url, sha256_url, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5)"
    )
    .bind(id)
    .bind(format!("{}-master.m3u8", base::random::uuid()))
    .bind(&playlist.url)
    .bind(playlist.segments_sha256_url.clone())
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

async fn add_remote_file(
    tx: &mut Tx,
    id: VideoId,
    kind: &str,
    file: &fediverse::video::VideoFile,
    now: Millis,
) -> Result<()> {
    sql!(
        "INSERT INTO video_file (video_id, kind, filename, resolution, width, height, fps, size_bytes,
                                 has_audio, has_video, complete, url, created_at)
         VALUES ($1, $2, $3, $4, $5, $4, $6, $7, $8, $9, TRUE, $10, $11)"
    )
    .bind(id)
    .bind(kind)
    .bind(format!("{}.mp4", base::random::uuid()))
    .bind(file.height)
    .bind(file.width)
    .bind(file.fps)
    .bind(file.size_bytes)
    .bind(file.has_audio.unwrap_or(true))
    .bind(file.has_video.unwrap_or(file.height > 0))
    .bind(&file.url)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

pub async fn set_tags(tx: &mut Tx, id: VideoId, tags: &[String]) -> Result<()> {
    sql!("DELETE FROM video_tag WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    for tag in tags {
        sql!("INSERT INTO video_tag (video_id, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(tag.to_lowercase())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Whether anybody here follows an actor, or anything of a host.
pub async fn is_followed(on: impl Executor, actor: ActorId, host: &str) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT f.id FROM follow f JOIN actor me ON me.id = f.follower_actor_id
         JOIN actor x ON x.id = f.actor_id
         WHERE f.state = 'accepted' AND me.host = '' AND (x.id = $1 OR x.host = $2) LIMIT 1"
    )
    .bind(actor)
    .bind(host)
    .optional(on)
    .await?;
    Ok(found.is_some())
}

/// One rate for each account; nothing takes it back.
pub async fn set_rate(
    tx: &mut Tx,
    video: VideoId,
    account: crate::account::AccountId,
    value: Option<&str>,
    url: Option<&str>,
    now: Millis,
) -> Result<()> {
    sql!("DELETE FROM rating WHERE video_id = $1 AND account_id = $2")
        .bind(video)
        .bind(account)
        .execute(&mut *tx)
        .await?;
    if let Some(value) = value {
        sql!(
            "INSERT INTO rating (account_id, video_id, value, url, created_at)
             VALUES ($1, $2, $3, $4, $5)"
        )
        .bind(account)
        .bind(video)
        .bind(value)
        .bind(url.map(str::to_owned))
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    sql!(
        "UPDATE video SET
             likes = (SELECT count(*) FROM rating WHERE video_id = $1 AND value = 'like'),
             dislikes = (SELECT count(*) FROM rating WHERE video_id = $1 AND value = 'dislike')
         WHERE id = $1 AND is_local"
    )
    .bind(video)
    .execute(tx)
    .await
    .map(drop)
}

/// Whether a moderator has taken a video back from other servers.
pub async fn is_unfederated(on: impl Executor, id: VideoId) -> Result<bool> {
    let found: Option<(i64,)> =
        sql!("SELECT id FROM video_block WHERE video_id = $1 AND unfederated")
            .bind(id)
            .optional(on)
            .await?;
    Ok(found.is_some())
}
