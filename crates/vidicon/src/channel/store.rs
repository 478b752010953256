//! The SQL of channels.

pub mod activity;
pub mod collaborator;

use super::{Change, Channel, ChannelFilter, ChannelId};
use crate::account::{AccountId, ActorId};
use crate::fold::fold;
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};

pub async fn add(
    on: impl Executor,
    actor_id: ActorId,
    account_id: AccountId,
    name: &str,
    display_name: &str,
    now: Millis,
) -> Result<ChannelId> {
    let (id,) = sql!(
        "INSERT INTO channel (actor_id, account_id, display_name, folded, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $5) RETURNING id"
    )
    .bind(actor_id)
    .bind(account_id)
    .bind(display_name)
    .bind(folded(name, display_name))
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

/// What search looks at.
fn folded(name: &str, display_name: &str) -> String {
    format!("{} {}", fold(display_name), fold(name))
}

const CHANNEL: &str =
    "SELECT c.id, c.actor_id, ca.name, ca.host, ca.url, c.display_name, c.description,
    c.support, c.public_email, ca.follower_count, ca.following_count, c.created_at, c.updated_at,
    c.last_published_at,
    (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' ' || i.created_at, ' ')
     FROM actor_image i WHERE i.actor_id = ca.id AND i.kind = 'avatar') AS avatars,
    (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' ' || i.created_at, ' ')
     FROM actor_image i WHERE i.actor_id = ca.id AND i.kind = 'banner') AS banners,
    a.id AS account_id, a.actor_id AS account_actor_id, aa.name AS account_name,
    aa.host AS account_host, aa.url AS account_url, a.display_name AS account_display_name,
    a.description AS account_description, aa.follower_count AS account_follower_count,
    aa.following_count AS account_following_count, a.created_at AS account_created_at,
    a.updated_at AS account_updated_at,
    (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' ' || i.created_at, ' ')
     FROM actor_image i WHERE i.actor_id = aa.id AND i.kind = 'avatar') AS account_avatars,
    a.user_id AS owner_user_id";

const FROM: &str = " FROM channel c JOIN actor ca ON ca.id = c.actor_id
    JOIN account a ON a.id = c.account_id JOIN actor aa ON aa.id = a.actor_id
    WHERE ca.deleted_at IS NULL";

pub async fn find(on: impl Executor, name: &str, host: &str) -> Result<Option<Channel>> {
    Query::new(CHANNEL)
        .push(FROM)
        .when(Some(name), " AND ca.name = ?")
        .when(Some(host), " AND ca.host = ?")
        .push(" AND ca.kind = 'channel'")
        .optional(on)
        .await
}

pub async fn by_ids(on: impl Executor, ids: &[ChannelId]) -> Result<Vec<Channel>> {
    Query::new(CHANNEL)
        .push(FROM)
        .within(" AND c.id IN (", ids.iter().copied())
        .all(on)
        .await
}

fn matching(query: Query, filter: &ChannelFilter) -> Query {
    let pattern = filter
        .search
        .as_deref()
        .map(|text| format!("%{}%", fold(text)));
    let query = match filter.account_id {
        Some(id) if filter.with_collaborations => query.when(
            Some(id),
            " AND (c.account_id = ? OR EXISTS (
                SELECT 1 FROM channel_collaborator k
                WHERE k.channel_id = c.id AND k.account_id = ? AND k.state = 'accepted'))",
        ),
        id => query.when(id, " AND c.account_id = ?"),
    };
    query.when(pattern, " AND c.folded LIKE ?")
}

pub async fn list(
    on: impl Executor,
    filter: &ChannelFilter,
    paging: Paging,
    sort: Sort,
) -> Result<Vec<Channel>> {
    let order = match (sort.column, sort.descending) {
        ("id", false) => " ORDER BY c.id",
        ("id", true) => " ORDER BY c.id DESC",
        ("name", false) => " ORDER BY ca.name, c.id",
        ("name", true) => " ORDER BY ca.name DESC, c.id",
        ("updatedAt", false) => " ORDER BY c.updated_at, c.id",
        ("updatedAt", true) => " ORDER BY c.updated_at DESC, c.id",
        (_, false) => " ORDER BY c.created_at, c.id",
        (_, true) => " ORDER BY c.created_at DESC, c.id",
    };
    matching(Query::new(CHANNEL).push(FROM), filter)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await
}

/// Those that published something last, the latest first.
pub async fn lately_active(on: impl Executor, paging: Paging) -> Result<Vec<Channel>> {
    Query::new(CHANNEL)
        .push(FROM)
        .push(" AND c.last_published_at IS NOT NULL ORDER BY c.last_published_at DESC, c.id")
        .page(paging.start, paging.count)
        .all(on)
        .await
}

/// How many match, counted up to ten thousand.
pub async fn count(on: impl Executor, filter: &ChannelFilter) -> Result<i64> {
    let query = Query::new(
        "SELECT count(*) FROM (SELECT 1 AS one FROM channel c JOIN actor ca ON ca.id = c.actor_id
         WHERE ca.deleted_at IS NULL",
    );
    let (count,) = matching(query, filter)
        .push(" LIMIT 10000) matching")
        .one(on)
        .await?;
    Ok(count)
}

/// The account of a local channel.
pub async fn owner(on: impl Executor, id: ChannelId) -> Result<Option<AccountId>> {
    let found: Option<(AccountId,)> = sql!(
        "SELECT c.account_id FROM channel c JOIN actor ca ON ca.id = c.actor_id
         WHERE c.id = $1 AND ca.host = '' AND ca.deleted_at IS NULL"
    )
    .bind(id)
    .optional(on)
    .await?;
    Ok(found.map(|(id,)| id))
}

pub async fn is_editor(on: impl Executor, id: ChannelId, account_id: AccountId) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT id FROM channel_collaborator
         WHERE channel_id = $1 AND account_id = $2 AND state = 'accepted'"
    )
    .bind(id)
    .bind(account_id)
    .optional(on)
    .await?;
    Ok(found.is_some())
}

pub async fn change(
    on: impl Executor,
    id: ChannelId,
    name: &str,
    change: &Change,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE channel SET display_name = $2, folded = $3, description = $4, support = $5,
                public_email = $6, updated_at = $7
         WHERE id = $1"
    )
    .bind(id)
    .bind(&change.display_name)
    .bind(folded(name, &change.display_name))
    .bind(change.description.clone())
    .bind(change.support.clone())
    .bind(change.public_email.clone())
    .bind(now)
    .execute(on)
    .await
}

pub async fn set_support_of_videos(
    on: impl Executor,
    id: ChannelId,
    support: Option<&str>,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE video SET support = $2, updated_at = $3 WHERE channel_id = $1")
        .bind(id)
        .bind(support)
        .bind(now)
        .execute(on)
        .await
}

/// Deletes the row; the actor stays as the mark that the name was in use.
pub async fn remove(tx: &mut Tx, channel: &Channel) -> Result<()> {
    sql!(
        "UPDATE playlist SET channel_id = NULL, channel_position = NULL, privacy = 3
         WHERE channel_id = $1"
    )
    .bind(channel.id)
    .execute(&mut *tx)
    .await?;
    sql!("DELETE FROM channel WHERE id = $1")
        .bind(channel.id)
        .execute(tx)
        .await
        .map(drop)
}

/// A follower of one of an account's channels, or of the account itself.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Follower {
    pub id: i64,
    pub state: String,
    pub score: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub follower_id: ActorId,
    pub follower_name: String,
    pub follower_display_name: String,
    pub follower_host: String,
    pub follower_url: Option<String>,
    pub follower_followers: i64,
    pub follower_following: i64,
    pub follower_created_at: Millis,
    pub follower_updated_at: Millis,
    pub followed_id: ActorId,
    pub followed_name: String,
    pub followed_display_name: String,
    pub followed_host: String,
    pub followed_url: Option<String>,
    pub followed_followers: i64,
    pub followed_following: i64,
    pub followed_created_at: Millis,
    pub followed_updated_at: Millis,
}

/// Followers of these actors, with how many there are.
pub async fn followers(
    on: &base::Db,
    actors: &[ActorId],
    search: Option<&str>,
    paging: Paging,
    oldest_first: bool,
) -> Result<(i64, Vec<Follower>)> {
    let pattern = search.map(|text| format!("%{}%", text.to_lowercase()));
    let matching = |query: Query| {
        query
            .push(
                " FROM follow f JOIN actor r ON r.id = f.follower_actor_id
                  JOIN actor d ON d.id = f.actor_id WHERE f.state = 'accepted'",
            )
            .within(" AND f.actor_id IN (", actors.iter().copied())
            .when(pattern.clone(), " AND (r.name LIKE ? OR r.host LIKE ?)")
    };
    let (total,) = matching(Query::new("SELECT count(*)")).one(on).await?;
    let order = if oldest_first {
        " ORDER BY f.created_at, f.id"
    } else {
        " ORDER BY f.created_at DESC, f.id"
    };
    let columns = "SELECT f.id, f.state, f.score, f.created_at, f.updated_at, r.id AS follower_id,
        r.name AS follower_name, r.host AS follower_host, r.url AS follower_url,
        r.follower_count AS follower_followers, r.following_count AS follower_following,
        r.created_at AS follower_created_at, r.updated_at AS follower_updated_at,
        coalesce((SELECT a.display_name FROM account a WHERE a.actor_id = r.id),
            (SELECT c.display_name FROM channel c WHERE c.actor_id = r.id), r.name)
            AS follower_display_name,
        d.id AS followed_id, d.name AS followed_name,
        coalesce((SELECT c.display_name FROM channel c WHERE c.actor_id = d.id),
            (SELECT a.display_name FROM account a WHERE a.actor_id = d.id), d.name)
            AS followed_display_name,
        d.host AS followed_host, d.url AS followed_url, d.follower_count AS followed_followers,
        d.following_count AS followed_following, d.created_at AS followed_created_at,
        d.updated_at AS followed_updated_at";
    let rows = matching(Query::new(columns))
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await?;
    Ok((total, rows))
}

/// Videos and views of a channel.
pub async fn totals(on: impl Executor, id: ChannelId) -> Result<(i64, i64)> {
    sql!(
        "SELECT count(*), CAST(coalesce(sum(views), 0) AS BIGINT) FROM video WHERE channel_id = $1"
    )
    .bind(id)
    .one(on)
    .await
}

/// Views of a channel's videos by day since then; days without views are left out.
pub async fn views_by_day(
    on: impl Executor,
    id: ChannelId,
    since: Millis,
) -> Result<Vec<(i64, i64)>> {
    sql!(
        "SELECT h.hour_at / 86400000, CAST(sum(h.views) AS BIGINT)
         FROM video_view_hour h JOIN video v ON v.id = h.video_id
         WHERE v.channel_id = $1 AND h.hour_at >= $2 GROUP BY h.hour_at / 86400000"
    )
    .bind(id)
    .bind(since)
    .all(on)
    .await
}

pub async fn account(on: impl Executor, name: &str, host: &str) -> Result<Option<(AccountId,)>> {
    sql!(
        "SELECT a.id FROM actor aa JOIN account a ON a.actor_id = aa.id
         WHERE aa.name = $1 AND aa.host = $2 AND aa.deleted_at IS NULL"
    )
    .bind(name)
    .bind(host)
    .optional(on)
    .await
}
