//! The SQL of feeds, the sitemap and oEmbed.

use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Debug, Deserialize)]
pub struct Playlist {
    pub id: i64,
    pub uuid: Uuid,
    pub display_name: String,
    pub description: Option<String>,
    pub privacy: i64,
    pub thumbnail: Option<String>,
    pub account_name: String,
    pub account_host: String,
    pub account_display_name: String,
}

pub async fn playlist(
    on: impl Executor,
    id: Option<i64>,
    uuid: Option<Uuid>,
) -> Result<Option<Playlist>> {
    sql!(
        "SELECT p.id, p.uuid, p.display_name, p.description, p.privacy, p.thumbnail, n.name AS account_name,
                n.host AS account_host, a.display_name AS account_display_name
         FROM playlist p JOIN account a ON a.id = p.account_id JOIN actor n ON n.id = a.actor_id
         WHERE p.id = $1 OR p.uuid = $2"
    )
    .bind(id)
    .bind(uuid)
    .optional(on)
    .await
}

/// The videos of a playlist in their order.
pub async fn playlist_videos(on: impl Executor, playlist_id: i64) -> Result<Vec<(Uuid,)>> {
    sql!(
        "SELECT v.uuid FROM playlist_element e JOIN video v ON v.id = e.video_id
         WHERE e.playlist_id = $1
         ORDER BY e.position, e.id LIMIT 100"
    )
    .bind(playlist_id)
    .all(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct Actor {
    pub kind: String,
    pub name: String,
    pub host: String,
    pub url: Option<String>,
}

pub async fn actor(on: impl Executor, name: &str, host: &str) -> Result<Option<Actor>> {
    sql!(
        "SELECT kind, name, host, url FROM actor
         WHERE name = $1 AND host = $2 AND deleted_at IS NULL"
    )
    .bind(name)
    .bind(host)
    .optional(on)
    .await
}

/// The names of all accounts or channels of this site, for the sitemap.
pub async fn local_actors(on: impl Executor, kind: &str) -> Result<Vec<(String,)>> {
    sql!(
        "SELECT name FROM actor
         WHERE kind = $1 AND host = '' AND deleted_at IS NULL
         ORDER BY id LIMIT 10000"
    )
    .bind(kind)
    .slow()
    .all(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct SitemapVideo {
    pub uuid: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub preview: Option<String>,
    pub duration_s: i64,
    pub views: i64,
    pub nsfw: bool,
    pub published_at: Millis,
}

pub async fn sitemap_videos(on: impl Executor) -> Result<Vec<SitemapVideo>> {
    sql!(
        "SELECT uuid, name, substr(description, 1, 2000) AS description, preview, duration_s,
                views, nsfw, published_at
         FROM video
         WHERE listed = 1 AND is_local
         ORDER BY published_at DESC, id LIMIT 30000"
    )
    .slow()
    .all(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct Comment {
    pub id: i64,
    pub text: String,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub thread_id: Option<i64>,
    pub video_uuid: Uuid,
    pub video_name: String,
    pub account_name: String,
    pub account_host: String,
    pub account_display_name: String,
}

/// Whose comments a feed holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommentScope {
    pub video_id: Option<i64>,
    pub account_id: Option<i64>,
    pub channel_id: Option<i64>,
}

/// The newest comments below public videos, without those that are held or muted by the site.
pub async fn comments(on: impl Executor, scope: CommentScope, count: i64) -> Result<Vec<Comment>> {
    let query = Query::new(
        "SELECT c.id, c.text, c.created_at, c.updated_at, c.thread_id, v.uuid AS video_uuid,
                v.name AS video_name, n.name AS account_name, n.host AS account_host,
                a.display_name AS account_display_name
         FROM comment c JOIN video v ON v.id = c.video_id
         JOIN account a ON a.id = c.account_id JOIN actor n ON n.id = a.actor_id
         WHERE c.deleted_at IS NULL AND NOT c.held
           AND NOT EXISTS (SELECT 1 FROM mute_account m
                           WHERE m.by_account_id IS NULL AND m.account_id = c.account_id)
           AND NOT EXISTS (SELECT 1 FROM mute_server m
                           WHERE m.by_account_id IS NULL AND m.host = n.host)",
    );
    let listed = scope.video_id.is_none();
    query
        .push_if(listed, " AND v.privacy = 1 AND v.listed = 1")
        .when(scope.video_id, " AND c.video_id = ?")
        .when(scope.account_id, " AND v.account_id = ?")
        .when(scope.channel_id, " AND v.channel_id = ?")
        .push(" ORDER BY c.created_at DESC, c.id")
        .page(0, count)
        .slow()
        .all(on)
        .await
}

#[derive(Debug, Deserialize)]
pub struct Subscriber {
    pub user_id: i64,
    pub feed_token: String,
}

pub async fn subscriber(on: impl Executor, account_id: i64) -> Result<Option<Subscriber>> {
    sql!(
        "SELECT u.id AS user_id, u.feed_token
         FROM account a JOIN users u ON u.id = a.user_id
         WHERE a.id = $1 AND NOT u.blocked"
    )
    .bind(account_id)
    .optional(on)
    .await
}

/// The captions of several videos.
pub async fn captions(on: impl Executor, videos: &[i64]) -> Result<Vec<(i64, String, String)>> {
    if videos.is_empty() {
        return Ok(Vec::new());
    }
    Query::new("SELECT video_id, language, filename FROM caption WHERE TRUE")
        .within(" AND video_id IN (", videos.iter().copied())
        .push(" ORDER BY video_id, language, id LIMIT 1000")
        .all(on)
        .await
}

/// What lists of videos leave out.
#[derive(Debug, Deserialize)]
pub struct Details {
    pub id: i64,
    pub description: Option<String>,
    pub download_enabled: bool,
    pub comments_policy: i64,
    /// Its sound is still being encoded.
    pub sound_grows: bool,
}

pub async fn details(on: impl Executor, videos: &[i64]) -> Result<Vec<Details>> {
    if videos.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(
        "SELECT v.id, v.description, v.download_enabled, v.comments_policy,
                EXISTS (SELECT 1 FROM video_file f
                        WHERE f.video_id = v.id AND f.has_audio AND NOT f.has_video
                          AND NOT f.complete) AS sound_grows
         FROM video v WHERE TRUE",
    )
    .within(" AND v.id IN (", videos.iter().copied())
    .push(" ORDER BY v.id LIMIT 1000")
    .all(on)
    .await
}
