//! The SQL of webhooks.

use super::super::webhook::{Webhook, WebhookId};
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

const WEBHOOK: &str = "SELECT id, url, secret, events, enabled, form, last_status, last_error,
    last_called_at, created_at, updated_at FROM webhook WHERE TRUE";

pub async fn all(on: impl Executor) -> Result<Vec<Webhook>> {
    Query::new(WEBHOOK)
        .push(" AND enabled ORDER BY id LIMIT 100")
        .all(on)
        .await
}

pub async fn page(on: impl Executor, paging: Paging) -> Result<Vec<Webhook>> {
    Query::new(WEBHOOK)
        .push(" ORDER BY created_at DESC, id DESC")
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM webhook").one(on).await?;
    Ok(count)
}

pub async fn find(on: impl Executor, id: WebhookId) -> Result<Option<Webhook>> {
    Query::new(WEBHOOK)
        .when(Some(id), " AND id = ?")
        .optional(on)
        .await
}

pub async fn add(on: impl Executor, webhook: &Webhook) -> Result<WebhookId> {
    let (id,) = sql!(
        "INSERT INTO webhook (url, secret, events, enabled, form, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id"
    )
    .bind(&webhook.url)
    .bind(&webhook.secret)
    .bind(serde_json::json!(webhook.events))
    .bind(webhook.enabled)
    .bind(webhook.form.name())
    .bind(webhook.created_at)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn change(on: impl Executor, webhook: &Webhook, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE webhook SET url = $2, events = $3, enabled = $4, updated_at = $5, form = $6
         WHERE id = $1"
    )
    .bind(webhook.id)
    .bind(&webhook.url)
    .bind(serde_json::json!(webhook.events))
    .bind(webhook.enabled)
    .bind(now)
    .bind(webhook.form.name())
    .execute(on)
    .await
}

pub async fn remove(on: impl Executor, id: WebhookId) -> Result<u64> {
    sql!("DELETE FROM webhook WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// How a call went.
pub async fn note(
    on: impl Executor,
    id: WebhookId,
    status: i64,
    cause: Option<&str>,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE webhook SET last_status = $2, last_error = $3, last_called_at = $4 WHERE id = $1")
        .bind(id)
        .bind(status)
        .bind(cause)
        .bind(now)
        .execute(on)
        .await
}

pub async fn disable(on: impl Executor, id: WebhookId) -> Result<u64> {
    sql!("UPDATE webhook SET enabled = FALSE WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn is_live(on: impl Executor, video: i64) -> Result<bool> {
    let found: Option<(bool,)> = sql!("SELECT is_live FROM video WHERE id = $1")
        .bind(video)
        .optional(on)
        .await?;
    Ok(found.is_some_and(|(is_live,)| is_live))
}
