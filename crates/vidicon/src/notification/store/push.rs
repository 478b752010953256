//! The SQL of browsers that are told while no page is open.

use super::super::push::{Subscription, SubscriptionId};
use crate::account::UserId;
use crate::account::session::{Origin, SessionId};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};

const SUBSCRIPTION: &str = "SELECT id, user_id, endpoint, public_key, auth, device, last_sent_at,
    created_at FROM push_subscription WHERE TRUE";

pub async fn of_user(on: impl Executor, user: UserId) -> Result<Vec<Subscription>> {
    Query::new(SUBSCRIPTION)
        .when(Some(user), " AND user_id = ?")
        .push(" ORDER BY id DESC LIMIT 100")
        .all(on)
        .await
}

pub async fn find(on: impl Executor, id: SubscriptionId) -> Result<Option<Subscription>> {
    Query::new(SUBSCRIPTION)
        .when(Some(id), " AND id = ?")
        .optional(on)
        .await
}

/// Adds endpoint, key and secret of a browser, or gives the browser to this user.
pub async fn add(
    tx: &mut Tx,
    (user, session): (UserId, Option<SessionId>),
    (endpoint, public_key, auth): (&str, &str, &str),
    origin: &Origin,
    now: Millis,
) -> Result<SubscriptionId> {
    let (id,) = sql!(
        "INSERT INTO push_subscription (user_id, endpoint, public_key, auth, device, created_at, session_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (endpoint) DO UPDATE
         SET user_id = $1, public_key = $3, auth = $4, device = $5, session_id = $7
         RETURNING id"
    )
    .bind(user)
    .bind(endpoint)
    .bind(public_key)
    .bind(auth)
    .bind(origin.device.clone())
    .bind(now)
    .bind(session)
    .one(tx)
    .await?;
    Ok(id)
}

pub async fn keep_newest(tx: &mut Tx, user: UserId, count: i64) -> Result<u64> {
    sql!(
        "DELETE FROM push_subscription WHERE user_id = $1 AND id NOT IN (
             SELECT id FROM push_subscription WHERE user_id = $1 ORDER BY id DESC LIMIT $2)"
    )
    .bind(user)
    .bind(count)
    .execute(tx)
    .await
}

/// Forgets a browser, a user's only where one is named.
pub async fn remove(on: impl Executor, id: SubscriptionId, user: Option<UserId>) -> Result<u64> {
    Query::new("DELETE FROM push_subscription WHERE TRUE")
        .when(Some(id), " AND id = ?")
        .when(user, " AND user_id = ?")
        .execute(on)
        .await
}

pub async fn sent(on: impl Executor, id: SubscriptionId, now: Millis) -> Result<u64> {
    sql!("UPDATE push_subscription SET last_sent_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(on)
        .await
}
