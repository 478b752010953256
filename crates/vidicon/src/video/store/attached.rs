//! The SQL of what hangs on a video, for its page.

use super::super::attached::{File, Own};
use super::super::{Video, VideoId};
use crate::account::User;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Row {
    pub storyboard: Option<String>,
    pub master_filename: Option<String>,
    pub master_url: Option<String>,
    pub sha256_filename: Option<String>,
    pub channel_avatars: Option<String>,
    pub channel_followers: i64,
    pub put_aside: bool,
}

pub async fn row(on: impl Executor, id: VideoId) -> Result<Row> {
    sql!(
        "SELECT v.storyboard, p.master_filename, p.url AS master_url, p.sha256_filename,
                EXISTS (SELECT 1 FROM video_source s
                        WHERE s.video_id = v.id AND s.dropped_at IS NOT NULL) AS put_aside,
                ca.follower_count AS channel_followers,
                (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' '
                                   || i.created_at, ' ')
                 FROM actor_image i WHERE i.actor_id = ca.id AND i.kind = 'avatar')
                    AS channel_avatars
         FROM video v JOIN channel c ON c.id = v.channel_id JOIN actor ca ON ca.id = c.actor_id
         LEFT JOIN streaming_playlist p ON p.video_id = v.id
         WHERE v.id = $1"
    )
    .bind(id)
    .one(on)
    .await
}

pub async fn files(on: impl Executor, id: VideoId) -> Result<Vec<File>> {
    sql!(
        "SELECT id, kind, filename, resolution, width, height, fps, size_bytes, has_audio,
                has_video, complete, url,
                CASE WHEN complete THEN TRUE
                     ELSE EXISTS (SELECT 1 FROM transcode_part p WHERE p.file_id = video_file.id)
                END AS begun
         FROM video_file WHERE video_id = $1 ORDER BY resolution DESC, id LIMIT 100"
    )
    .bind(id)
    .all(on)
    .await
}

/// A chapter or a caption.
#[derive(Debug, Deserialize)]
pub struct Part {
    pub kind: String,
    pub at_s: i64,
    pub name: String,
    pub language: String,
    pub url: Option<String>,
}

pub async fn parts(on: impl Executor, id: VideoId) -> Result<Vec<Part>> {
    sql!(
        "SELECT 'chapter' AS kind, timecode_s AS at_s, title AS name, '' AS language,
                CAST(NULL AS TEXT) AS url
         FROM chapter WHERE video_id = $1
         UNION ALL SELECT 'caption', 0, filename, language, url FROM caption WHERE video_id = $1
         ORDER BY 1, 2, 4, 3 LIMIT 1000"
    )
    .bind(id)
    .all(on)
    .await
}

pub async fn own(on: impl Executor, user: &User, video: &Video) -> Result<Own> {
    sql!(
        "SELECT (SELECT value FROM rating WHERE video_id = $1 AND account_id = $2) AS rating,
                (SELECT position_s FROM watch_history WHERE video_id = $1 AND user_id = $3)
                    AS position_s,
                (SELECT state FROM follow WHERE actor_id = $4 AND follower_actor_id = $5)
                    AS follow"
    )
    .bind(video.id)
    .bind(user.account_id)
    .bind(user.id)
    .bind(video.channel_actor_id)
    .bind(user.actor_id)
    .one(on)
    .await
}
