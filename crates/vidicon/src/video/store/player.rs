//! The SQL of the player's look and of where videos may be embedded.

use super::super::VideoId;
use crate::channel::ChannelId;
use base::db::{Executor, Result};
use base::sql;

pub async fn of_video(on: impl Executor, id: VideoId) -> Result<Option<String>> {
    let found: Option<(String,)> = sql!("SELECT theme FROM video_player WHERE video_id = $1")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.map(|(theme,)| theme))
}

pub async fn of_channel(on: impl Executor, id: ChannelId) -> Result<Option<String>> {
    let found: Option<(String,)> = sql!("SELECT theme FROM channel_player WHERE channel_id = $1")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.map(|(theme,)| theme))
}

pub async fn set_of_video(on: impl Executor, id: VideoId, theme: &str) -> Result<u64> {
    sql!(
        "INSERT INTO video_player (video_id, theme) VALUES ($1, $2)
         ON CONFLICT (video_id) DO UPDATE SET theme = excluded.theme"
    )
    .bind(id)
    .bind(theme)
    .execute(on)
    .await
}

pub async fn set_of_channel(on: impl Executor, id: ChannelId, theme: &str) -> Result<u64> {
    sql!(
        "INSERT INTO channel_player (channel_id, theme) VALUES ($1, $2)
         ON CONFLICT (channel_id) DO UPDATE SET theme = excluded.theme"
    )
    .bind(id)
    .bind(theme)
    .execute(on)
    .await
}

/// Policy and domains.
pub async fn embed(on: impl Executor, id: VideoId) -> Result<Option<(i64, Vec<String>)>> {
    sql!("SELECT policy, domains FROM video_embed WHERE video_id = $1")
        .bind(id)
        .optional(on)
        .await
}

pub async fn set_embed(
    on: impl Executor,
    id: VideoId,
    policy: i64,
    domains: &[String],
) -> Result<u64> {
    sql!(
        "INSERT INTO video_embed (video_id, policy, domains) VALUES ($1, $2, $3)
         ON CONFLICT (video_id)
         DO UPDATE SET policy = excluded.policy, domains = excluded.domains"
    )
    .bind(id)
    .bind(policy)
    .bind(serde_json::json!(domains))
    .execute(on)
    .await
}
