//! The SQL of pages that no slice has a list for.

use crate::account::ActorId;
use crate::channel::ChannelId;
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

/// A video that stands beside the one that is watched.
#[derive(Debug, Deserialize)]
pub struct Beside {
    pub uuid: uuid::Uuid,
    pub name: String,
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub thumbnail: Option<String>,
    pub hue: Option<i64>,
    pub is_live: bool,
    pub views: i64,
    pub published_at: Millis,
}

/// The newest public videos of a channel but this one. Sensitive ones stand beside sensitive ones
/// only.
pub async fn of_channel(
    on: impl Executor,
    channel: ChannelId,
    but: VideoId,
    nsfw_too: bool,
    count: i64,
) -> Result<Vec<Beside>> {
    sql!(
        "SELECT uuid, name, duration_s, aspect_ratio, thumbnail, hue, is_live, views, published_at
         FROM video
         WHERE channel_id = $1 AND listed > 0 AND listed <= 1 AND id <> $2 AND (NOT nsfw OR $3)
         ORDER BY published_at DESC, id LIMIT $4"
    )
    .bind(channel)
    .bind(but)
    .bind(nsfw_too)
    .bind(count)
    .all(on)
    .await
}

/// Does one actor follow the other, or has it asked to?
pub async fn follows(on: impl Executor, follower: ActorId, target: ActorId) -> Result<bool> {
    let found: Option<(i64,)> =
        sql!("SELECT id FROM follow WHERE actor_id = $1 AND follower_actor_id = $2")
            .bind(target)
            .bind(follower)
            .optional(on)
            .await?;
    Ok(found.is_some())
}

/// Name and host of the channel with this address as an actor.
pub async fn channel_at(on: impl Executor, url: &str) -> Result<Option<(String, String)>> {
    sql!(
        "SELECT name, host FROM actor
         WHERE url = $1 AND kind = 'channel' AND deleted_at IS NULL"
    )
    .bind(url)
    .optional(on)
    .await
}
