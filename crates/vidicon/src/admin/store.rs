//! The SQL of the site's figures.

use base::clock::{DAY, Millis};
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct People {
    pub users: i64,
    pub moderators: i64,
    pub admins: i64,
    pub daily: i64,
    pub weekly: i64,
    pub monthly: i64,
    pub channels: i64,
    pub channels_daily: i64,
    pub channels_weekly: i64,
    pub channels_monthly: i64,
    pub followers: i64,
    pub following: i64,
}

pub async fn people(on: impl Executor, now: Millis) -> Result<People> {
    sql!(
        "SELECT (SELECT count(*) FROM users) AS users,
                (SELECT count(*) FROM users WHERE role = 1) AS moderators,
                (SELECT count(*) FROM users WHERE role = 0) AS admins,
                (SELECT count(DISTINCT user_id) FROM session WHERE last_active_at >= $1) AS daily,
                (SELECT count(DISTINCT user_id) FROM session WHERE last_active_at >= $2) AS weekly,
                (SELECT count(DISTINCT user_id) FROM session WHERE last_active_at >= $3) AS monthly,
                (SELECT count(*) FROM channel c JOIN actor a ON a.id = c.actor_id
                 WHERE a.host = '' AND a.deleted_at IS NULL) AS channels,
                (SELECT count(*) FROM channel c JOIN actor a ON a.id = c.actor_id
                 WHERE a.host = '' AND a.deleted_at IS NULL AND c.last_published_at >= $1)
                    AS channels_daily,
                (SELECT count(*) FROM channel c JOIN actor a ON a.id = c.actor_id
                 WHERE a.host = '' AND a.deleted_at IS NULL AND c.last_published_at >= $2)
                    AS channels_weekly,
                (SELECT count(*) FROM channel c JOIN actor a ON a.id = c.actor_id
                 WHERE a.host = '' AND a.deleted_at IS NULL AND c.last_published_at >= $3)
                    AS channels_monthly,
                (SELECT count(*) FROM follow f JOIN actor a ON a.id = f.actor_id
                 WHERE a.kind = 'server' AND a.host = '' AND f.state = 'accepted') AS followers,
                (SELECT count(*) FROM follow f JOIN actor a ON a.id = f.follower_actor_id
                 WHERE a.kind = 'server' AND a.host = '' AND f.state = 'accepted') AS following"
    )
    .bind(now - DAY)
    .bind(now - 7 * DAY)
    .bind(now - 30 * DAY)
    .slow()
    .one(on)
    .await
}

/// What is kept here of other servers' videos.
#[derive(Debug, Deserialize)]
pub struct Mirrored {
    pub strategy: String,
    pub size_bytes: i64,
    pub videos: i64,
    pub files: i64,
}

pub async fn mirrors(on: impl Executor) -> Result<Vec<Mirrored>> {
    sql!(
        "SELECT coalesce(m.strategy, 'manual') AS strategy,
                CAST(sum(m.size_bytes) AS BIGINT) AS size_bytes, count(*) AS videos,
                CAST(sum((SELECT count(*) FROM video_file f WHERE f.video_id = m.video_id))
                    AS BIGINT) AS files
         FROM mirror m WHERE m.actor_id IS NULL AND m.complete
         GROUP BY coalesce(m.strategy, 'manual')"
    )
    .all(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct Things {
    pub local_videos: i64,
    pub videos: i64,
    pub local_views: i64,
    pub local_downloads: i64,
    pub local_size_bytes: i64,
    pub local_comments: i64,
    pub comments: i64,
    pub local_playlists: i64,
    pub abuses: i64,
    pub abuses_decided: i64,
    pub abuse_answer_ms: Option<f64>,
    pub registrations: i64,
    pub registrations_decided: i64,
    pub registration_answer_ms: Option<f64>,
}

pub async fn things(on: impl Executor) -> Result<Things> {
    sql!(
        "SELECT (SELECT CAST(coalesce(sum(videos), 0) AS BIGINT) FROM video_count
                 WHERE scope = 'local' AND listed = 1) AS local_videos,
                (SELECT CAST(coalesce(sum(videos), 0) AS BIGINT) FROM video_count
                 WHERE scope = 'all' AND listed = 1) AS videos,
                (SELECT CAST(coalesce(sum(views), 0) AS BIGINT) FROM video
                 WHERE is_local) AS local_views,
                (SELECT CAST(coalesce(sum(downloads), 0) AS BIGINT) FROM usage_month)
                    AS local_downloads,
                (SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM video
                 WHERE is_local) AS local_size_bytes,
                (SELECT count(*) FROM comment c JOIN account a ON a.id = c.account_id
                 WHERE a.user_id IS NOT NULL AND c.deleted_at IS NULL) AS local_comments,
                (SELECT count(*) FROM comment WHERE deleted_at IS NULL) AS comments,
                (SELECT count(*) FROM playlist WHERE is_local AND kind = 1) AS local_playlists,
                (SELECT count(*) FROM abuse) AS abuses,
                (SELECT count(*) FROM abuse WHERE state <> 1) AS abuses_decided,
                (SELECT CAST(avg(updated_at - created_at) AS DOUBLE PRECISION) FROM abuse
                 WHERE state <> 1) AS abuse_answer_ms,
                (SELECT count(*) FROM registration) AS registrations,
                (SELECT count(*) FROM registration WHERE state <> 1) AS registrations_decided,
                (SELECT CAST(avg(decided_at - created_at) AS DOUBLE PRECISION) FROM registration
                 WHERE decided_at IS NOT NULL) AS registration_answer_ms"
    )
    .slow()
    .one(on)
    .await
}

/// The servers that we talk with.
#[derive(Debug, Deserialize)]
pub struct Peers {
    pub all: i64,
    pub failing: i64,
    pub waiting: i64,
}

pub async fn peers(on: impl Executor) -> Result<Peers> {
    sql!(
        "SELECT (SELECT count(*) FROM peer) AS \"all\",
                (SELECT count(*) FROM peer WHERE failing_since IS NOT NULL) AS failing,
                (SELECT count(*) FROM delivery) AS waiting"
    )
    .slow()
    .one(on)
    .await
}

#[derive(Debug, Deserialize)]
pub struct FailingPeer {
    pub host: String,
    pub last_error: Option<String>,
}

/// The server that has failed longest, if since before this time.
pub async fn failing_peer(on: impl Executor, since: Millis) -> Result<Option<FailingPeer>> {
    sql!(
        "SELECT host, last_error FROM peer WHERE failing_since < $1
         ORDER BY failing_since, host LIMIT 1"
    )
    .bind(since)
    .optional(on)
    .await
}
