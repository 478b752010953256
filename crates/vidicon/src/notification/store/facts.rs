//! The SQL of what notifications are about, for a whole page of them at once.

use base::db::{Executor, Query, Result};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Clone, Debug, Deserialize)]
pub struct Video {
    pub id: i64,
    pub uuid: Uuid,
    pub name: String,
    pub state: i64,
    pub channel_id: i64,
    pub channel_name: String,
    pub channel_host: String,
    pub channel_display_name: String,
    pub channel_avatars: Option<String>,
}

pub async fn videos(on: impl Executor, ids: &[i64]) -> Result<Vec<Video>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(
        "SELECT v.id, v.uuid, v.name, v.state, c.id AS channel_id, n.name AS channel_name,
                n.host AS channel_host, c.display_name AS channel_display_name,
                (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' '
                                   || i.created_at, ' ')
                 FROM actor_image i WHERE i.actor_id = n.id AND i.kind = 'avatar')
                    AS channel_avatars
         FROM video v JOIN channel c ON c.id = v.channel_id JOIN actor n ON n.id = c.actor_id
         WHERE TRUE",
    )
    .within(" AND v.id IN (", ids.iter().copied())
    .all(on)
    .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Comment {
    pub id: i64,
    pub thread_id: Option<i64>,
    pub video_id: i64,
    pub account_id: i64,
    pub held: bool,
    pub text: String,
}

/// Those that are not deleted.
pub async fn comments(on: impl Executor, ids: &[i64]) -> Result<Vec<Comment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(
        "SELECT id, thread_id, video_id, account_id, held, text FROM comment
         WHERE deleted_at IS NULL AND account_id IS NOT NULL",
    )
    .within(" AND id IN (", ids.iter().copied())
    .all(on)
    .await
}

/// An account, or a channel, as far as a notification names it.
#[derive(Clone, Debug, Deserialize)]
pub struct Actor {
    pub id: i64,
    pub name: String,
    pub host: String,
    pub display_name: String,
    pub avatars: Option<String>,
}

pub async fn accounts(on: impl Executor, ids: &[i64]) -> Result<Vec<Actor>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(
        "SELECT a.id, n.name, n.host, a.display_name,
                (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' '
                                   || i.created_at, ' ')
                 FROM actor_image i WHERE i.actor_id = n.id AND i.kind = 'avatar') AS avatars
         FROM account a JOIN actor n ON n.id = a.actor_id WHERE TRUE",
    )
    .within(" AND a.id IN (", ids.iter().copied())
    .all(on)
    .await
}

pub async fn channels(on: impl Executor, ids: &[i64]) -> Result<Vec<Actor>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(
        "SELECT c.id, n.name, n.host, c.display_name,
                (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' '
                                   || i.created_at, ' ')
                 FROM actor_image i WHERE i.actor_id = n.id AND i.kind = 'avatar') AS avatars
         FROM channel c JOIN actor n ON n.id = c.actor_id WHERE TRUE",
    )
    .within(" AND c.id IN (", ids.iter().copied())
    .all(on)
    .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Follow {
    pub id: i64,
    pub state: String,
    pub follower_id: i64,
    pub follower_name: String,
    pub follower_host: String,
    pub follower_display_name: String,
    pub follower_avatars: Option<String>,
    pub target_kind: String,
    pub target_name: String,
    pub target_host: String,
    pub target_display_name: String,
}

pub async fn follows(on: impl Executor, ids: &[i64]) -> Result<Vec<Follow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(
        "SELECT f.id, f.state, coalesce(fa.id, fc.id, n.id) AS follower_id,
                n.name AS follower_name, n.host AS follower_host,
                coalesce(fa.display_name, fc.display_name, n.name) AS follower_display_name,
                (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' '
                                   || i.created_at, ' ')
                 FROM actor_image i WHERE i.actor_id = n.id AND i.kind = 'avatar')
                    AS follower_avatars,
                t.kind AS target_kind, t.name AS target_name, t.host AS target_host,
                coalesce(ta.display_name, tc.display_name, t.name) AS target_display_name
         FROM follow f JOIN actor n ON n.id = f.follower_actor_id
         JOIN actor t ON t.id = f.actor_id
         LEFT JOIN account fa ON fa.actor_id = n.id LEFT JOIN channel fc ON fc.actor_id = n.id
         LEFT JOIN account ta ON ta.actor_id = t.id LEFT JOIN channel tc ON tc.actor_id = t.id
         WHERE TRUE",
    )
    .within(" AND f.id IN (", ids.iter().copied())
    .all(on)
    .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Abuse {
    pub id: i64,
    pub state: i64,
    pub subject: String,
    pub video_id: Option<i64>,
    pub comment_id: Option<i64>,
    pub flagged_account_id: Option<i64>,
    pub reporter_account_id: Option<i64>,
}

pub async fn abuses(on: impl Executor, ids: &[i64]) -> Result<Vec<Abuse>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(
        "SELECT id, state, subject, video_id, comment_id, flagged_account_id,
                reporter_account_id FROM abuse WHERE TRUE",
    )
    .within(" AND id IN (", ids.iter().copied())
    .all(on)
    .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Registration {
    pub id: i64,
    pub username: String,
}

pub async fn registrations(on: impl Executor, ids: &[i64]) -> Result<Vec<Registration>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new("SELECT id, username FROM registration WHERE TRUE")
        .within(" AND id IN (", ids.iter().copied())
        .all(on)
        .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Collaborator {
    pub id: i64,
    pub state: String,
    pub account_id: i64,
    pub channel_id: i64,
    pub owner_account_id: i64,
}

pub async fn collaborators(on: impl Executor, ids: &[i64]) -> Result<Vec<Collaborator>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(
        "SELECT k.id, k.state, k.account_id, k.channel_id, c.account_id AS owner_account_id
         FROM channel_collaborator k JOIN channel c ON c.id = k.channel_id WHERE TRUE",
    )
    .within(" AND k.id IN (", ids.iter().copied())
    .all(on)
    .await
}
