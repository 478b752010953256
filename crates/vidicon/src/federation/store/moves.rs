//! Moves: of single actors, and of the whole site to another address.

use crate::account::{AccountId, ActorId};
use base::db::{Executor, Result};
use base::{Tx, sql};
use serde::Deserialize;
use uuid::Uuid;

/// Where else an actor of ours is known (a list as JSON), and where it has gone.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct MoveRow {
    pub aliases: Option<String>,
    pub moved_to: Option<String>,
}

impl MoveRow {
    pub fn aliases(&self) -> Vec<String> {
        let text = self.aliases.as_deref().unwrap_or("[]");
        serde_json::from_str(text).unwrap_or_default()
    }
}

pub async fn moves(on: impl Executor, id: ActorId) -> Result<MoveRow> {
    let found = sql!("SELECT aliases, moved_to FROM actor WHERE id = $1")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.unwrap_or_default())
}

pub async fn set_aliases(on: impl Executor, id: ActorId, aliases: &[String]) -> Result<u64> {
    sql!("UPDATE actor SET aliases = $2 WHERE id = $1")
        .bind(id)
        .bind(serde_json::json!(aliases))
        .execute(on)
        .await
}

pub async fn set_moved(on: impl Executor, id: ActorId, target: &str) -> Result<u64> {
    sql!("UPDATE actor SET moved_to = $2 WHERE id = $1")
        .bind(id)
        .bind(target)
        .execute(on)
        .await
}

/// An account's own actor or that of one of its channels, by its name.
pub async fn actor_of_user(
    on: impl Executor,
    account: AccountId,
    name: &str,
) -> Result<Option<ActorId>> {
    let found: Option<(ActorId,)> = sql!(
        "SELECT x.id FROM actor x LEFT JOIN account a ON a.actor_id = x.id
         LEFT JOIN channel c ON c.actor_id = x.id
         WHERE x.name = $1 AND x.host = '' AND x.deleted_at IS NULL
           AND (a.id = $2 OR c.account_id = $2)"
    )
    .bind(name)
    .bind(account)
    .optional(on)
    .await?;
    Ok(found.map(|(id,)| id))
}

/// Our actors who follow somebody.
pub async fn local_followers(on: impl Executor, target: ActorId) -> Result<Vec<ActorId>> {
    let found: Vec<(ActorId,)> = sql!(
        "SELECT f.follower_actor_id FROM follow f JOIN actor x ON x.id = f.follower_actor_id
         WHERE f.actor_id = $1 AND x.host = '' ORDER BY f.id LIMIT 100000"
    )
    .bind(target)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Our actors that others know, by their keys.
pub async fn known_actors(on: impl Executor) -> Result<Vec<ActorId>> {
    let found: Vec<(ActorId,)> = sql!(
        "SELECT id FROM actor
         WHERE host = '' AND private_key IS NOT NULL AND deleted_at IS NULL ORDER BY id"
    )
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Whom our actors follow at other servers.
pub async fn follows_elsewhere(on: impl Executor) -> Result<Vec<(ActorId, ActorId)>> {
    sql!(
        "SELECT f.follower_actor_id, f.actor_id FROM follow f
         JOIN actor me ON me.id = f.follower_actor_id JOIN actor x ON x.id = f.actor_id
         WHERE me.host = '' AND x.host <> '' AND f.state <> 'rejected' ORDER BY f.id"
    )
    .all(on)
    .await
}

/// Videos of ours that others were told of.
pub async fn all_federated_videos(on: impl Executor) -> Result<Vec<Uuid>> {
    let found: Vec<(Uuid,)> = sql!("SELECT uuid FROM federated_video ORDER BY created_at, uuid")
        .all(on)
        .await?;
    Ok(found.into_iter().map(|(uuid,)| uuid).collect())
}

/// How much hangs on the address of this site.
#[derive(Clone, Debug, Deserialize)]
pub struct Reach {
    pub videos: i64,
    pub comments: i64,
    pub followers: i64,
    pub followings: i64,
    pub addresses: i64,
}

pub async fn reach(on: impl Executor, base: &str) -> Result<Reach> {
    sql!(
        "SELECT (SELECT count(*) FROM federated_video) AS videos,
                (SELECT count(*) FROM federated_comment) AS comments,
                (SELECT count(*) FROM follow f JOIN actor x ON x.id = f.follower_actor_id
                 WHERE x.host <> '' AND f.state = 'accepted') AS followers,
                (SELECT count(*) FROM follow f JOIN actor x ON x.id = f.actor_id
                 WHERE x.host <> '' AND f.state = 'accepted') AS followings,
                (SELECT count(*) FROM follow
                 WHERE substr(url, 1, length(CAST($1 AS TEXT))) = CAST($1 AS TEXT))
                + (SELECT count(*) FROM share
                   WHERE substr(url, 1, length(CAST($1 AS TEXT))) = CAST($1 AS TEXT))
                + (SELECT count(*) FROM mirror
                   WHERE substr(url, 1, length(CAST($1 AS TEXT))) = CAST($1 AS TEXT)) AS addresses"
    )
    .bind(base)
    .one(on)
    .await
}

/// Whether other servers have met this one: they know its address.
pub async fn has_peers(on: impl Executor) -> Result<bool> {
    let found: Option<(String,)> = sql!("SELECT host FROM peer LIMIT 1").optional(on).await?;
    Ok(found.is_some())
}

/// Writes addresses of ours anew.
pub async fn rewrite_addresses(tx: &mut Tx, old: &str, new: &str) -> Result<u64> {
    let mut changed = 0;
    for query in [
        sql!(
            "UPDATE follow SET url = CAST($2 AS TEXT) || substr(url, length(CAST($1 AS TEXT)) + 1)
             WHERE substr(url, 1, length(CAST($1 AS TEXT))) = CAST($1 AS TEXT)"
        ),
        sql!(
            "UPDATE share SET url = CAST($2 AS TEXT) || substr(url, length(CAST($1 AS TEXT)) + 1)
             WHERE substr(url, 1, length(CAST($1 AS TEXT))) = CAST($1 AS TEXT)"
        ),
        sql!(
            "UPDATE mirror SET url = CAST($2 AS TEXT) || substr(url, length(CAST($1 AS TEXT)) + 1),
                    base_url = CAST($2 AS TEXT) || substr(base_url, length(CAST($1 AS TEXT)) + 1)
             WHERE substr(url, 1, length(CAST($1 AS TEXT))) = CAST($1 AS TEXT)"
        ),
    ] {
        changed += query.bind(old).bind(new).execute(&mut *tx).await?;
    }
    Ok(changed)
}

/// A body that is sent in the name of before.
pub async fn sign_as(on: impl Executor, sent: super::SentId, base: &str) -> Result<u64> {
    sql!("UPDATE sent_activity SET signed_as = $2 WHERE id = $1")
        .bind(sent)
        .bind(base)
        .execute(on)
        .await
}
