//! The SQL of notifications.

pub mod facts;
pub mod list;
pub mod people;
pub mod push;
pub mod webhook;

use super::{About, Kind, NotificationId, Recipient};
use crate::account::UserId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;
use std::collections::HashMap;

/// Is this the first time that this cause is worked off? A job that is run again tells nobody
/// twice.
pub async fn is_first(on: impl Executor, cause: &str, now: Millis) -> Result<bool> {
    let added = sql!(
        "INSERT INTO notification_cause (cause, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    )
    .bind(cause)
    .bind(now)
    .execute(on)
    .await?;
    Ok(added > 0)
}

/// Forgets causes of jobs that cannot come again.
pub async fn prune_causes(on: impl Executor, before: Millis) -> Result<u64> {
    sql!("DELETE FROM notification_cause WHERE created_at < $1 AND cause LIKE 'job %'")
        .bind(before)
        .execute(on)
        .await
}

pub async fn add(
    tx: &mut Tx,
    user: UserId,
    kind: Kind,
    about: &About,
    now: Millis,
) -> Result<NotificationId> {
    let (id,) = sql!(
        "INSERT INTO notification (user_id, kind, video_id, comment_id, account_id, follow_id,
                                   payload, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id"
    )
    .bind(user)
    .bind(kind)
    .bind(about.video_id)
    .bind(about.comment_id)
    .bind(about.account_id)
    .bind(about.follow_id)
    .bind(serde_json::Value::Object(about.payload.clone()))
    .bind(now)
    .one(&mut *tx)
    .await?;
    sql!(
        "INSERT INTO notification_count (user_id, total, unread) VALUES ($1, 1, 1)
         ON CONFLICT (user_id) DO UPDATE SET total = notification_count.total + 1,
                                             unread = notification_count.unread + 1"
    )
    .bind(user)
    .execute(tx)
    .await?;
    Ok(id)
}

async fn count(tx: &mut Tx, user: UserId, total: i64, unread: i64) -> Result<()> {
    sql!(
        "UPDATE notification_count SET total = total + $2, unread = unread + $3
         WHERE user_id = $1"
    )
    .bind(user)
    .bind(total)
    .bind(unread)
    .execute(tx)
    .await
    .map(drop)
}

fn number(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(0)
}

pub async fn read(tx: &mut Tx, user: UserId, ids: &[i64], now: Millis) -> Result<()> {
    let read = Query::new("UPDATE notification SET read = TRUE")
        .when(Some(now), ", updated_at = ?")
        .when(Some(user), " WHERE user_id = ? AND NOT read")
        .within(" AND id IN (", ids.iter().copied())
        .execute(&mut *tx)
        .await?;
    count(tx, user, 0, -number(read)).await
}

/// Marks some thousands as read, and tells how many.
pub async fn read_some(tx: &mut Tx, user: UserId, now: Millis) -> Result<u64> {
    let read = sql!(
        "UPDATE notification SET read = TRUE, updated_at = $2
         WHERE id IN (SELECT id FROM notification WHERE user_id = $1 AND NOT read
                      ORDER BY created_at DESC, id DESC LIMIT 5000)"
    )
    .bind(user)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    count(tx, user, 0, -number(read)).await?;
    Ok(read)
}

#[derive(Debug, Deserialize)]
struct Forgotten {
    user_id: UserId,
    read: bool,
}

/// Deletes these of a user, and counts them off.
pub async fn forget(tx: &mut Tx, user: UserId, ids: &[NotificationId]) -> Result<()> {
    let gone: Vec<Forgotten> = Query::new("DELETE FROM notification WHERE TRUE")
        .when(Some(user), " AND user_id = ?")
        .within(" AND id IN (", ids.iter().copied())
        .push(" RETURNING user_id, read")
        .all(&mut *tx)
        .await?;
    count_off(tx, gone).await
}

/// Deletes all that is about a comment or a video, and counts it off.
pub async fn forget_about(tx: &mut Tx, comment: Option<i64>, video: Option<i64>) -> Result<()> {
    let gone: Vec<Forgotten> = sql!(
        "DELETE FROM notification WHERE comment_id = $1 OR video_id = $2
         RETURNING user_id, read"
    )
    .bind(comment)
    .bind(video)
    .all(&mut *tx)
    .await?;
    count_off(tx, gone).await
}

async fn count_off(tx: &mut Tx, gone: Vec<Forgotten>) -> Result<()> {
    let mut users: HashMap<UserId, (i64, i64)> = HashMap::new();
    for Forgotten { user_id, read } in gone {
        let counts = users.entry(user_id).or_default();
        counts.0 += 1;
        counts.1 += i64::from(!read);
    }
    for (user, (total, unread)) in users {
        count(tx, user, -total, -unread).await?;
    }
    Ok(())
}

/// A thing that waits for the daily mail.
#[derive(Clone, Debug, Deserialize)]
pub struct Waiting {
    pub kind: Kind,
    pub about: About,
}

pub async fn wait(
    on: impl Executor,
    user: UserId,
    kind: Kind,
    about: serde_json::Value,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO notification_digest (user_id, kind, about, created_at)
         VALUES ($1, $2, $3, $4)"
    )
    .bind(user)
    .bind(kind)
    .bind(about)
    .bind(now)
    .execute(on)
    .await
}

/// Users for whom something has been waiting since before this time.
pub async fn waiting_users(on: impl Executor, before: Millis) -> Result<Vec<(UserId,)>> {
    sql!(
        "SELECT DISTINCT user_id FROM notification_digest WHERE created_at < $1
         ORDER BY user_id LIMIT 1000"
    )
    .bind(before)
    .all(on)
    .await
}

/// The newest things that wait for a user.
pub async fn waiting(on: impl Executor, user: UserId) -> Result<Vec<Waiting>> {
    sql!(
        "SELECT kind, about FROM notification_digest
         WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 200"
    )
    .bind(user)
    .all(on)
    .await
}

pub async fn waited(on: impl Executor, user: UserId, up_to: Millis) -> Result<u64> {
    sql!("DELETE FROM notification_digest WHERE user_id = $1 AND created_at <= $2")
        .bind(user)
        .bind(up_to)
        .execute(on)
        .await
}

/// One user as a recipient.
pub async fn recipient(on: impl Executor, user: UserId) -> Result<Option<Recipient>> {
    people::one(on, user).await
}

/// A live as those who watch it are told of.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Live {
    pub id: i64,
    pub state: i64,
    pub viewers: i64,
}

/// The lives among these that are not private.
pub async fn lives(on: impl Executor, ids: &[i64], now: Millis) -> Result<Vec<Live>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new("SELECT v.id, v.state")
        .when(
            Some(now - 2 * base::clock::MINUTE),
            ", (SELECT count(*) FROM video_viewer w WHERE w.video_id = v.id AND w.last_at > ?)
                 AS viewers",
        )
        .push(" FROM video v WHERE v.is_live AND v.privacy <> 3")
        .within(" AND v.id IN (", ids.iter().copied())
        .all(on)
        .await
}

/// Is a live there, and not taken off by a moderator?
pub async fn is_there(on: impl Executor, id: i64) -> Result<bool> {
    let found: Option<(i64,)> = sql!("SELECT id FROM video WHERE id = $1 AND NOT blocked")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.is_some())
}
