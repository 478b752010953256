//! The SQL of subscriptions.

use super::Handle;
use crate::account::ActorId;
use crate::channel::ChannelId;
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};

pub async fn channel_actor(on: impl Executor, handle: &Handle) -> Result<Option<ActorId>> {
    let found: Option<(ActorId,)> = sql!(
        "SELECT id FROM actor
         WHERE name = $1 AND host = $2 AND kind = 'channel' AND deleted_at IS NULL"
    )
    .bind(&handle.name)
    .bind(&handle.host)
    .optional(on)
    .await?;
    Ok(found.map(|(id,)| id))
}

/// Tells whether the follow is new.
pub async fn add(
    on: impl Executor,
    follower: ActorId,
    target: ActorId,
    now: Millis,
) -> Result<bool> {
    let added = sql!(
        "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
         VALUES ($1, $2, 'accepted', $3, $3) ON CONFLICT DO NOTHING"
    )
    .bind(follower)
    .bind(target)
    .bind(now)
    .execute(on)
    .await?;
    Ok(added > 0)
}

/// Tells whether there was an accepted follow.
pub async fn remove(on: impl Executor, follower: ActorId, target: ActorId) -> Result<bool> {
    let removed = sql!(
        "DELETE FROM follow
         WHERE follower_actor_id = $1 AND actor_id = $2 AND state = 'accepted'"
    )
    .bind(follower)
    .bind(target)
    .execute(on)
    .await?;
    Ok(removed > 0)
}

pub async fn change_counts(tx: &mut Tx, follower: ActorId, target: ActorId, by: i64) -> Result<()> {
    sql!("UPDATE actor SET following_count = following_count + $2 WHERE id = $1")
        .bind(follower)
        .bind(by)
        .execute(&mut *tx)
        .await?;
    sql!("UPDATE actor SET follower_count = follower_count + $2 WHERE id = $1")
        .bind(target)
        .bind(by)
        .execute(tx)
        .await
        .map(drop)
}

pub async fn followed(
    on: impl Executor,
    follower: ActorId,
    handle: &Handle,
) -> Result<Option<ChannelId>> {
    let found: Option<(ChannelId,)> = sql!(
        "SELECT c.id FROM actor x JOIN channel c ON c.actor_id = x.id
         JOIN follow f ON f.actor_id = x.id
         WHERE x.name = $1 AND x.host = $2 AND x.deleted_at IS NULL
           AND f.follower_actor_id = $3 AND f.state = 'accepted'"
    )
    .bind(&handle.name)
    .bind(&handle.host)
    .bind(follower)
    .optional(on)
    .await?;
    Ok(found.map(|(id,)| id))
}

fn matching(query: Query, follower: ActorId, search: Option<&str>) -> Query {
    let pattern = search.map(|text| format!("%{}%", crate::fold::fold(text)));
    query
        .push(
            " FROM follow f JOIN channel c ON c.actor_id = f.actor_id
              JOIN actor x ON x.id = c.actor_id
              WHERE f.state = 'accepted' AND x.deleted_at IS NULL",
        )
        .when(Some(follower), " AND f.follower_actor_id = ?")
        .when(pattern, " AND c.folded LIKE ?")
}

pub async fn count(on: impl Executor, follower: ActorId, search: Option<&str>) -> Result<i64> {
    let (count,) = matching(Query::new("SELECT count(*)"), follower, search)
        .one(on)
        .await?;
    Ok(count)
}

pub async fn page(
    on: impl Executor,
    follower: ActorId,
    search: Option<&str>,
    paging: Paging,
    sort: Sort,
) -> Result<Vec<ChannelId>> {
    let order = match (sort.column, sort.descending) {
        ("id", false) => " ORDER BY f.id",
        ("id", true) => " ORDER BY f.id DESC",
        ("channelUpdatedAt", false) => {
            " ORDER BY coalesce(c.last_published_at, c.updated_at), f.id"
        }
        ("channelUpdatedAt", true) => {
            " ORDER BY coalesce(c.last_published_at, c.updated_at) DESC, f.id DESC"
        }
        // As `follow_by_follower` has them, so that a page is read and no more.
        (_, false) => " ORDER BY f.created_at, f.id",
        (_, true) => " ORDER BY f.created_at DESC, f.id DESC",
    };
    let ids: Vec<(ChannelId,)> = matching(Query::new("SELECT c.id"), follower, search)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

pub async fn known(
    on: impl Executor,
    follower: ActorId,
    handles: &[Handle],
) -> Result<Vec<(String, String)>> {
    let wanted = handles
        .iter()
        .map(|handle| format!("{}@{}", handle.name, handle.host));
    matching(Query::new("SELECT x.name, x.host"), follower, None)
        .within(" AND x.name || '@' || x.host IN (", wanted)
        .all(on)
        .await
}
