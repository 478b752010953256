//! Actors, here and elsewhere, with what makes them an account or a channel.

use crate::account::{AccountId, ActorId};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;

/// An actor of this server (`host` is empty) or of another.
#[derive(Clone, Debug, Deserialize)]
pub struct ActorRow {
    pub id: ActorId,
    /// `account`, `channel` or `server`.
    pub kind: String,
    pub name: String,
    pub host: String,
    pub url: Option<String>,
    pub inbox_url: Option<String>,
    pub shared_inbox_url: Option<String>,
    pub outbox_url: Option<String>,
    pub followers_url: Option<String>,
    pub public_key: Option<String>,
    pub ap_type: Option<String>,
    pub follower_count: i64,
    pub following_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub fetched_at: Option<Millis>,
    pub deleted_at: Option<Millis>,
}

impl ActorRow {
    pub fn is_local(&self) -> bool {
        self.host.is_empty()
    }
}

const ACTOR: &str = "x.id, x.kind, x.name, x.host, x.url, x.inbox_url, x.shared_inbox_url,
    x.outbox_url, x.followers_url, x.public_key, x.ap_type, x.follower_count, x.following_count,
    x.created_at, x.updated_at, x.fetched_at, x.deleted_at";

fn select() -> Query {
    Query::new("SELECT ")
        .push(ACTOR)
        .push(" FROM actor x WHERE TRUE")
}

pub async fn actor(on: impl Executor, id: ActorId) -> Result<Option<ActorRow>> {
    select().when(Some(id), " AND x.id = ?").optional(on).await
}

/// In the order of the ids.
pub async fn actors(on: impl Executor, ids: &[ActorId]) -> Result<Vec<ActorRow>> {
    let mut found: Vec<ActorRow> = select()
        .within(" AND x.id IN (", ids.iter().copied())
        .push(" ORDER BY x.id")
        .all(on)
        .await?;
    found.sort_by_key(|actor| ids.iter().position(|id| *id == actor.id));
    Ok(found)
}

pub async fn actor_by_url(on: impl Executor, url: &str) -> Result<Option<ActorRow>> {
    select()
        .when(Some(url), " AND x.url = ?")
        .optional(on)
        .await
}

pub async fn actor_by_key(on: impl Executor, key_url: &str) -> Result<Option<ActorRow>> {
    select()
        .when(Some(key_url), " AND x.key_url = ?")
        .push(" ORDER BY x.id")
        .optional(on)
        .await
}

pub async fn actor_by_name(on: impl Executor, name: &str, host: &str) -> Result<Option<ActorRow>> {
    select()
        .when(Some(name), " AND x.name = ?")
        .when(Some(host), " AND x.host = ?")
        .optional(on)
        .await
}

/// What the document of an actor of ours says beyond its row.
#[derive(Clone, Debug, Deserialize)]
pub struct Profile {
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub support: Option<String>,
    pub public_email: Option<String>,
    /// The account that a channel belongs to.
    pub owner_name: Option<String>,
}

pub async fn profile(on: impl Executor, id: ActorId) -> Result<Profile> {
    sql!(
        "SELECT coalesce(a.display_name, c.display_name) AS display_name,
                coalesce(a.description, c.description) AS description, c.support,
                c.public_email,
                o.name AS owner_name
         FROM actor x LEFT JOIN account a ON a.actor_id = x.id
              LEFT JOIN channel c ON c.actor_id = x.id
              LEFT JOIN account oa ON oa.id = c.account_id
              LEFT JOIN actor o ON o.id = oa.actor_id
         WHERE x.id = $1"
    )
    .bind(id)
    .one(on)
    .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct ImageRow {
    pub kind: String,
    pub filename: String,
    pub width: i64,
    pub height: i64,
}

/// The one of 120 pixels first: others take the first.
pub async fn images(on: impl Executor, id: ActorId) -> Result<Vec<ImageRow>> {
    sql!(
        "SELECT kind, filename, width, height FROM actor_image WHERE actor_id = $1
         ORDER BY kind, abs(width - 120), id LIMIT 20"
    )
    .bind(id)
    .all(on)
    .await
}

#[derive(Deserialize)]
pub struct KeyPair {
    pub private_key: Option<String>,
    pub public_key: Option<String>,
}

pub async fn key_pair(on: impl Executor, id: ActorId) -> Result<Option<KeyPair>> {
    sql!("SELECT private_key, public_key FROM actor WHERE id = $1 AND host = ''")
        .bind(id)
        .optional(on)
        .await
}

/// Keeps the pair that is there already: two requests may make one at the same time.
pub async fn add_key_pair(
    on: impl Executor,
    id: ActorId,
    private: &str,
    public: &str,
) -> Result<u64> {
    sql!(
        "UPDATE actor SET private_key = $2, public_key = $3
         WHERE id = $1 AND host = '' AND private_key IS NULL"
    )
    .bind(id)
    .bind(private)
    .bind(public)
    .execute(on)
    .await
}

/// Adds the actor that stands for this server, if it is not there.
pub async fn add_server_actor(on: impl Executor, name: &str, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO actor (kind, name, created_at, updated_at) VALUES ('server', $1, $2, $2)
         ON CONFLICT DO NOTHING"
    )
    .bind(name)
    .bind(now)
    .execute(on)
    .await
}

/// An actor of another server, as it was fetched.
pub struct RemoteActor<'a> {
    pub kind: &'a str,
    pub host: &'a str,
    pub document: &'a fediverse::actor::Actor,
}

pub async fn add_remote(tx: &mut Tx, remote: &RemoteActor<'_>, now: Millis) -> Result<ActorId> {
    let document = remote.document;
    let (id,) = sql!(
        "INSERT INTO actor (kind, name, host, url, created_at, updated_at, remote_created_at,
                            inbox_url)
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7) RETURNING id"
    )
    .bind(remote.kind)
    .bind(&document.username)
    .bind(remote.host)
    .bind(document.id.as_str())
    .bind(now)
    .bind(document.published_ms)
    .bind(document.inbox.as_str())
    .one(tx)
    .await?;
    Ok(id)
}

pub async fn update_remote(
    tx: &mut Tx,
    id: ActorId,
    document: &fediverse::actor::Actor,
    now: Millis,
) -> Result<u64> {
    let url = |id: &Option<fediverse::address::Id>| id.as_ref().map(|id| id.as_str().to_owned());
    sql!(
        "UPDATE actor SET inbox_url = $2, shared_inbox_url = $3, outbox_url = $4,
                followers_url = $5, following_url = $6, public_key = $7, key_url = $8,
                ap_type = $9, updated_at = $10, fetched_at = $10, deleted_at = NULL
         WHERE id = $1 AND host <> ''"
    )
    .bind(id)
    .bind(document.inbox.as_str())
    .bind(url(&document.shared_inbox))
    .bind(url(&document.outbox))
    .bind(url(&document.followers))
    .bind(url(&document.following))
    .bind(&document.public_key_pem)
    .bind(&document.public_key_id)
    .bind(document.kind.as_str())
    .bind(now)
    .execute(tx)
    .await
}

pub async fn save_account(
    tx: &mut Tx,
    actor_id: ActorId,
    display_name: &str,
    description: Option<&str>,
    now: Millis,
) -> Result<AccountId> {
    let (id,) = sql!(
        "INSERT INTO account (actor_id, display_name, description, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (actor_id) DO UPDATE SET display_name = excluded.display_name,
             description = excluded.description, updated_at = excluded.updated_at
         RETURNING id"
    )
    .bind(actor_id)
    .bind(display_name)
    .bind(description.map(str::to_owned))
    .bind(now)
    .one(tx)
    .await?;
    Ok(id)
}

pub struct RemoteChannel<'a> {
    pub actor_id: ActorId,
    pub account_id: AccountId,
    pub display_name: &'a str,
    pub description: Option<&'a str>,
    pub support: Option<&'a str>,
    pub public_email: Option<&'a str>,
}

pub async fn save_channel(tx: &mut Tx, channel: &RemoteChannel<'_>, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO channel (actor_id, account_id, display_name, description, support,
                              created_at, updated_at, public_email)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
         ON CONFLICT (actor_id) DO UPDATE SET account_id = excluded.account_id,
             display_name = excluded.display_name, description = excluded.description,
             support = excluded.support, public_email = excluded.public_email,
             updated_at = excluded.updated_at"
    )
    .bind(channel.actor_id)
    .bind(channel.account_id)
    .bind(channel.display_name)
    .bind(channel.description.map(str::to_owned))
    .bind(channel.support.map(str::to_owned))
    .bind(now)
    .bind(channel.public_email.map(str::to_owned))
    .execute(tx)
    .await
}

pub async fn account_of(on: impl Executor, actor_id: ActorId) -> Result<Option<AccountId>> {
    let found: Option<(AccountId,)> = sql!("SELECT id FROM account WHERE actor_id = $1")
        .bind(actor_id)
        .optional(on)
        .await?;
    Ok(found.map(|(id,)| id))
}

pub async fn actor_of_account(on: impl Executor, id: AccountId) -> Result<Option<ActorRow>> {
    select()
        .when(
            Some(id),
            " AND x.id = (SELECT actor_id FROM account WHERE id = ?)",
        )
        .optional(on)
        .await
}

#[derive(Deserialize)]
pub struct ChannelRow {
    pub channel_id: crate::channel::ChannelId,
    pub account_id: AccountId,
    pub account_actor_id: ActorId,
}

/// The channel that an actor is.
pub async fn channel_of(on: impl Executor, actor_id: ActorId) -> Result<Option<ChannelRow>> {
    sql!(
        "SELECT c.id AS channel_id, c.account_id, a.actor_id AS account_actor_id
         FROM channel c JOIN account a ON a.id = c.account_id WHERE c.actor_id = $1"
    )
    .bind(actor_id)
    .optional(on)
    .await
}

/// Replaces the pictures of a remote actor; they are fetched when somebody looks at them, and keep
/// their names while their addresses stay.
pub async fn set_remote_images(
    tx: &mut Tx,
    id: ActorId,
    kind: &str,
    images: &[fediverse::image::Image],
    now: Millis,
) -> Result<()> {
    sql!("DELETE FROM actor_image WHERE actor_id = $1 AND kind = $2 AND url IS NOT NULL")
        .bind(id)
        .bind(kind)
        .execute(&mut *tx)
        .await?;
    for image in images.iter().take(4) {
        let extension = match image.media_type.as_deref() {
            Some("image/png") => "png",
            Some("image/webp") => "webp",
            Some("image/gif") => "gif",
            _ => "jpg",
        };
        let name = format!("{}.{extension}", base::random::uuid());
        let filename =
            super::remote_file(tx, super::Owner::Actor(id), &image.url, &name, now).await?;
        sql!(
            "INSERT INTO actor_image (actor_id, kind, filename, width, height, url, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"
        )
        .bind(id)
        .bind(kind)
        .bind(filename)
        .bind(image.width.unwrap_or(120))
        .bind(image.height.unwrap_or(120))
        .bind(&image.url)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// The actor is gone from its server: its name stays, its follows go.
pub async fn mark_deleted(tx: &mut Tx, id: ActorId, now: Millis) -> Result<()> {
    sql!("UPDATE actor SET deleted_at = $2 WHERE id = $1 AND host <> ''")
        .bind(id)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    drop_follows(tx, id).await?;
    sql!("DELETE FROM share WHERE actor_id = $1")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

/// Whether the whole site has muted a server or the account of an actor.
pub async fn is_muted(on: impl Executor, host: &str, actor_id: Option<ActorId>) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT id FROM mute_server WHERE by_account_id IS NULL AND host = $1
         UNION ALL
         SELECT m.id FROM mute_account m JOIN account a ON a.id = m.account_id
         WHERE m.by_account_id IS NULL AND a.actor_id = $2
         LIMIT 1"
    )
    .bind(host)
    .bind(actor_id)
    .optional(on)
    .await?;
    Ok(found.is_some())
}

/// What NodeInfo counts.
#[derive(Deserialize)]
pub struct Usage {
    pub users: i64,
    pub active_month: i64,
    pub active_half_year: i64,
    pub videos: i64,
    pub comments: i64,
}

pub async fn usage(on: impl Executor, month_ago: Millis, half_year_ago: Millis) -> Result<Usage> {
    sql!(
        "SELECT count(*) AS users,
                CAST(coalesce(sum(CASE WHEN last_login_at > $1 THEN 1 ELSE 0 END), 0) AS BIGINT)
                    AS active_month,
                CAST(coalesce(sum(CASE WHEN last_login_at > $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
                    AS active_half_year,
                (SELECT CAST(coalesce(sum(videos), 0) AS BIGINT) FROM video_count
                 WHERE scope = 'local') AS videos,
                (SELECT count(*) FROM comment c JOIN account a ON a.id = c.account_id
                 WHERE a.user_id IS NOT NULL AND c.deleted_at IS NULL) AS comments
         FROM users"
    )
    .bind(month_ago)
    .bind(half_year_ago)
    .one(on)
    .await
}

/// Ends all follows of and by an actor.
pub async fn drop_follows(tx: &mut Tx, id: ActorId) -> Result<()> {
    sql!(
        "UPDATE actor SET follower_count = follower_count - 1 WHERE id IN
             (SELECT actor_id FROM follow WHERE follower_actor_id = $1 AND state = 'accepted')"
    )
    .bind(id)
    .execute(&mut *tx)
    .await?;
    sql!(
        "UPDATE actor SET following_count = following_count - 1 WHERE id IN
             (SELECT follower_actor_id FROM follow WHERE actor_id = $1 AND state = 'accepted')"
    )
    .bind(id)
    .execute(&mut *tx)
    .await?;
    sql!("DELETE FROM follow WHERE follower_actor_id = $1 OR actor_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Whether an actor of ours has ever signed anything.
pub async fn has_keys(on: impl Executor, id: ActorId) -> Result<bool> {
    let pair = key_pair(on, id).await?;
    Ok(pair.is_some_and(|pair| pair.private_key.is_some()))
}

/// Who announced videos of an account or channel.
pub async fn sharers_of(on: impl Executor, id: ActorId) -> Result<Vec<ActorId>> {
    let found: Vec<(ActorId,)> = sql!(
        "SELECT DISTINCT s.actor_id FROM share s JOIN video v ON v.id = s.video_id
         JOIN account a ON a.id = v.account_id JOIN channel c ON c.id = v.channel_id
         WHERE a.actor_id = $1 OR c.actor_id = $1 ORDER BY s.actor_id LIMIT 1000"
    )
    .bind(id)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
