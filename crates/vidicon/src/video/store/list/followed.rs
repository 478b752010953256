//! The SQL of the newest videos of what somebody follows: only the channels that published last are
//! looked into, and only as far back as the page needs.

use super::super::super::VideoId;
use super::super::super::list::ListQuery;
use super::{attributes, listed, unmuted};
use crate::access::Viewer;
use crate::account::ActorId;
use crate::channel::ChannelId;
use base::Db;
use base::clock::Millis;
use base::db::{Query, Result};

/// The followed channels that published last, with when that was.
pub async fn active_channels(
    db: &Db,
    follower: ActorId,
    count: i64,
) -> Result<Vec<(ChannelId, Millis)>> {
    base::sql!(
        "SELECT c.id, c.last_published_at FROM follow f JOIN channel c ON c.actor_id = f.actor_id
         WHERE f.follower_actor_id = $1 AND f.state = 'accepted' AND c.last_published_at IS NOT NULL
         ORDER BY c.last_published_at DESC, c.id LIMIT $2"
    )
    .bind(follower)
    .bind(count)
    .slow()
    .all(db)
    .await
}

/// The newest videos of these channels that were published since then.
pub async fn newest(
    db: &Db,
    query: &ListQuery,
    viewer: &Viewer,
    channels: &[ChannelId],
    since: Millis,
    count: i64,
) -> Result<Vec<VideoId>> {
    let found = Query::new("SELECT v.id FROM video v WHERE TRUE")
        .within(" AND v.channel_id IN (", channels.iter().copied())
        .when(Some(since), " AND v.published_at >= ?");
    let found = attributes(listed(found, query, viewer), &query.filters);
    let ids: Vec<(VideoId,)> = found
        .push(" ORDER BY v.published_at DESC, v.id")
        .page(0, count)
        .slow()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// How many listed videos the followed channels have, from the counts that are kept, without what
/// is muted.
pub async fn count(db: &Db, follower: ActorId, nsfw: Option<bool>, viewer: &Viewer) -> Result<i64> {
    let most = if viewer.user().is_some() { 2 } else { 1 };
    let counted = Query::new(
        "SELECT CAST(coalesce(sum(n.videos), 0) AS BIGINT)
         FROM follow f JOIN channel c ON c.actor_id = f.actor_id
         JOIN video_count n ON n.scope = 'channel:' || c.id WHERE f.state = 'accepted'",
    )
    .when(Some(follower), " AND f.follower_actor_id = ?")
    .when(Some(most), " AND n.listed <= ?")
    .when(nsfw, " AND n.nsfw = ?");
    let (count,) = unmuted(counted, "c.account_id", viewer)
        .slow()
        .one(db)
        .await?;
    Ok(count)
}
