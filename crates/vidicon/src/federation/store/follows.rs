//! Follows between actors, of which at least one is ours.

use crate::account::ActorId;
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Id, Tx, sql};
use serde::Deserialize;

/// Marks ids of follows.
#[derive(Debug)]
pub enum Follow {}
pub type FollowId = Id<Follow>;

#[derive(Clone, Debug, Deserialize)]
pub struct FollowRow {
    pub id: FollowId,
    pub follower_actor_id: ActorId,
    pub actor_id: ActorId,
    /// `pending`, `accepted` or `rejected`.
    pub state: String,
    pub score: i64,
    /// The id of the Follow activity.
    pub url: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
}

const FOLLOW: &str =
    "f.id, f.follower_actor_id, f.actor_id, f.state, f.score, f.url, f.created_at, f.updated_at";

pub async fn follow_between(
    on: impl Executor,
    follower: ActorId,
    target: ActorId,
) -> Result<Option<FollowRow>> {
    Query::new("SELECT ")
        .push(FOLLOW)
        .push(" FROM follow f WHERE TRUE")
        .when(Some(follower), " AND f.follower_actor_id = ?")
        .when(Some(target), " AND f.actor_id = ?")
        .optional(on)
        .await
}

/// A follow of an actor by the id of its Follow activity.
pub async fn follow_by_url(
    on: impl Executor,
    follower: ActorId,
    url: &str,
) -> Result<Option<FollowRow>> {
    Query::new("SELECT ")
        .push(FOLLOW)
        .push(" FROM follow f WHERE TRUE")
        .when(Some(follower), " AND f.follower_actor_id = ?")
        .when(Some(url), " AND f.url = ?")
        .optional(on)
        .await
}

/// Adds a follow, or brings the one that is there into this state.
pub async fn save_follow(
    tx: &mut Tx,
    follower: ActorId,
    target: ActorId,
    state: &str,
    url: Option<&str>,
    now: Millis,
) -> Result<FollowId> {
    let (id,) = sql!(
        "INSERT INTO follow (follower_actor_id, actor_id, state, url, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (follower_actor_id, actor_id) DO UPDATE
             SET state = excluded.state, url = coalesce(excluded.url, follow.url),
                 updated_at = excluded.updated_at
         RETURNING id"
    )
    .bind(follower)
    .bind(target)
    .bind(state)
    .bind(url.map(str::to_owned))
    .bind(now)
    .one(&mut *tx)
    .await?;
    count_follows(tx, follower, target).await?;
    Ok(id)
}

pub async fn set_follow_url(on: impl Executor, id: FollowId, url: &str) -> Result<u64> {
    sql!("UPDATE follow SET url = $2 WHERE id = $1")
        .bind(id)
        .bind(url)
        .execute(on)
        .await
}

pub async fn delete_follow(tx: &mut Tx, follow: &FollowRow) -> Result<()> {
    sql!("DELETE FROM follow WHERE id = $1")
        .bind(follow.id)
        .execute(&mut *tx)
        .await?;
    count_follows(tx, follow.follower_actor_id, follow.actor_id).await
}

async fn count_follows(tx: &mut Tx, follower: ActorId, target: ActorId) -> Result<()> {
    sql!(
        "UPDATE actor SET following_count =
             (SELECT count(*) FROM follow WHERE follower_actor_id = $1 AND state = 'accepted')
         WHERE id = $1"
    )
    .bind(follower)
    .execute(&mut *tx)
    .await?;
    sql!(
        "UPDATE actor SET follower_count =
             (SELECT count(*) FROM follow WHERE actor_id = $1 AND state = 'accepted')
         WHERE id = $1"
    )
    .bind(target)
    .execute(&mut *tx)
    .await
    .map(drop)
}

/// The inboxes of the other servers that follow any of these actors: one for each server.
pub async fn follower_inboxes(on: impl Executor, actors: &[ActorId]) -> Result<Vec<String>> {
    let found: Vec<(String,)> = Query::new(
        "SELECT DISTINCT coalesce(x.shared_inbox_url, x.inbox_url) AS inbox
         FROM follow f JOIN actor x ON x.id = f.follower_actor_id
         WHERE f.state = 'accepted' AND x.host <> '' AND x.deleted_at IS NULL",
    )
    .within(" AND f.actor_id IN (", actors.iter().copied())
    .push(" ORDER BY inbox")
    .slow()
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(inbox,)| inbox).collect())
}

/// One page of the addresses of those who follow an actor, or whom it follows, newest first.
pub async fn follow_urls(
    on: impl Executor,
    actor: ActorId,
    followers: bool,
    start: i64,
    count: i64,
) -> Result<Vec<(Option<String>, String, String)>> {
    let (join, of) = if followers {
        ("x.id = f.follower_actor_id", " AND f.actor_id = ?")
    } else {
        ("x.id = f.actor_id", " AND f.follower_actor_id = ?")
    };
    Query::new("SELECT x.url, x.kind, x.name FROM follow f JOIN actor x ON ")
        .push(join)
        .push(" WHERE f.state = 'accepted'")
        .when(Some(actor), of)
        .push(" ORDER BY f.created_at DESC, f.id DESC")
        .page(start, count)
        .all(on)
        .await
}

/// Which follows of this server to list.
#[derive(Clone, Debug)]
pub struct FollowFilter {
    /// The server's own actor and, for followers, its channels and accounts.
    pub actor: ActorId,
    /// Those who follow us, or those whom we follow.
    pub followers: bool,
    pub state: Option<String>,
    pub ap_type: Option<String>,
    pub search: Option<String>,
    pub paging: Paging,
    pub sort: Sort,
}

/// A follow with the other side's actor and ours.
#[derive(Clone, Debug, Deserialize)]
pub struct OtherSide {
    pub other_id: ActorId,
    pub other_kind: String,
    pub other_url: Option<String>,
    pub other_name: String,
    pub other_host: String,
    pub other_follower_count: i64,
    pub other_following_count: i64,
    pub other_created_at: Millis,
    pub other_updated_at: Millis,
    pub other_redundancy: bool,
}

pub async fn list_follows(
    on: &base::Db,
    filter: &FollowFilter,
) -> Result<(i64, Vec<(FollowRow, OtherSide)>)> {
    let (join, of) = if filter.followers {
        (
            " FROM follow f JOIN actor x ON x.id = f.follower_actor_id",
            " AND f.actor_id = ?",
        )
    } else {
        (
            " FROM follow f JOIN actor x ON x.id = f.actor_id",
            " AND f.follower_actor_id = ?",
        )
    };
    let search = filter
        .search
        .as_ref()
        .map(|text| format!("%{}%", text.to_lowercase().replace(['%', '_', '\\'], "")));
    let matching = |query: Query| {
        query
            .push(join)
            .push(" WHERE TRUE")
            .when(Some(filter.actor), of)
            .when(filter.state.clone(), " AND f.state = ?")
            .when(filter.ap_type.clone(), " AND x.ap_type = ?")
            .when(
                search.clone(),
                " AND (lower(x.host) LIKE ? OR lower(x.name) LIKE ?)",
            )
    };
    let (total,) = matching(Query::new("SELECT count(*)")).one(on).await?;
    let order = match (filter.sort.column, filter.sort.descending) {
        ("state", true) => " ORDER BY f.state DESC, f.id DESC",
        ("state", false) => " ORDER BY f.state, f.id",
        ("score", true) => " ORDER BY f.score DESC, f.id DESC",
        ("score", false) => " ORDER BY f.score, f.id",
        (_, true) => " ORDER BY f.created_at DESC, f.id DESC",
        (_, false) => " ORDER BY f.created_at, f.id",
    };
    let rows = matching(Query::new("SELECT ").push(FOLLOW).push(
        ", x.id AS other_id, x.kind AS other_kind, x.url AS other_url, x.name AS other_name,
           x.host AS other_host, x.follower_count AS other_follower_count,
           x.following_count AS other_following_count, x.created_at AS other_created_at,
           x.updated_at AS other_updated_at,
           EXISTS (SELECT 1 FROM peer p WHERE p.host = x.host AND p.redundancy_allowed)
               AS other_redundancy",
    ))
    .push(order)
    .page(filter.paging.start, filter.paging.count)
    .pairs(on)
    .await?;
    Ok((total, rows))
}

/// Follows of this server's actor towards a host, whatever actor of it.
pub async fn follows_of_host(
    on: impl Executor,
    follower: ActorId,
    host: &str,
) -> Result<Vec<FollowRow>> {
    Query::new("SELECT ")
        .push(FOLLOW)
        .push(" FROM follow f JOIN actor x ON x.id = f.actor_id WHERE x.kind = 'server'")
        .when(Some(follower), " AND f.follower_actor_id = ?")
        .when(Some(host), " AND x.host = ?")
        .push(" ORDER BY f.id")
        .all(on)
        .await
}

/// A follow by its number.
pub async fn follow_of(
    on: impl Executor,
    follower: ActorId,
    number: i64,
) -> Result<Option<FollowRow>> {
    Query::new("SELECT ")
        .push(FOLLOW)
        .push(" FROM follow f WHERE TRUE")
        .when(Some(follower), " AND f.follower_actor_id = ?")
        .when(Some(number), " AND f.id = ?")
        .optional(on)
        .await
}
