//! The SQL of lists of watched words. Those of the site have no account, which reads as 0 here.

use super::super::words::{List, ListId, Subscription, SubscriptionId};
use crate::account::AccountId;
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};

const LIST: &str = "SELECT w.id, w.name, w.words, w.created_at, w.updated_at,
    (SELECT s.url FROM watched_words_subscription s WHERE s.id = w.subscription_id)
        AS subscription_url
    FROM watched_words w WHERE TRUE";

fn owner(account: Option<AccountId>) -> i64 {
    account.map_or(0, |id| id.0)
}

/// All lists of an account, or of the site.
pub async fn all(on: impl Executor, account: Option<AccountId>) -> Result<Vec<List>> {
    Query::new(LIST)
        .when(Some(owner(account)), " AND coalesce(w.account_id, 0) = ?")
        .push(" ORDER BY w.id LIMIT 1000")
        .all(on)
        .await
}

pub async fn page(
    on: impl Executor,
    account: Option<AccountId>,
    sort: Sort,
    paging: Paging,
) -> Result<Vec<List>> {
    let order = match (sort.column, sort.descending) {
        ("listName", true) => " ORDER BY w.name DESC, w.id DESC",
        ("listName", false) => " ORDER BY w.name, w.id",
        ("updatedAt", true) => " ORDER BY w.updated_at DESC, w.id DESC",
        ("updatedAt", false) => " ORDER BY w.updated_at, w.id",
        (_, true) => " ORDER BY w.created_at DESC, w.id DESC",
        (_, false) => " ORDER BY w.created_at, w.id",
    };
    Query::new(LIST)
        .when(Some(owner(account)), " AND coalesce(w.account_id, 0) = ?")
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count(on: impl Executor, account: Option<AccountId>) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM watched_words WHERE coalesce(account_id, 0) = $1")
        .bind(owner(account))
        .one(on)
        .await?;
    Ok(count)
}

pub async fn find(
    on: impl Executor,
    account: Option<AccountId>,
    id: ListId,
) -> Result<Option<List>> {
    Query::new(LIST)
        .when(Some(owner(account)), " AND coalesce(w.account_id, 0) = ?")
        .when(Some(id), " AND w.id = ?")
        .optional(on)
        .await
}

pub async fn add(
    on: impl Executor,
    account: Option<AccountId>,
    name: &str,
    words: &[String],
    subscription: Option<SubscriptionId>,
    now: Millis,
) -> Result<ListId> {
    let (id,) = sql!(
        "INSERT INTO watched_words (account_id, name, words, subscription_id, created_at,
                                    updated_at)
         VALUES ($1, $2, $3, $4, $5, $5) RETURNING id"
    )
    .bind(account)
    .bind(name)
    .bind(serde_json::json!(words))
    .bind(subscription)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn change(
    on: impl Executor,
    id: ListId,
    name: &str,
    words: &[String],
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE watched_words SET name = $2, words = $3, updated_at = $4 WHERE id = $1")
        .bind(id)
        .bind(name)
        .bind(serde_json::json!(words))
        .bind(now)
        .execute(on)
        .await
}

pub async fn delete(on: impl Executor, id: ListId) -> Result<u64> {
    sql!("DELETE FROM watched_words WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// A list goes by a new name: what is held back or blocked for its tag goes along.
pub async fn rename_tag(
    tx: &mut Tx,
    account: Option<AccountId>,
    before: &str,
    after: Option<&str>,
) -> Result<()> {
    if account.is_none() {
        rename_on_videos(&mut *tx, before, after).await?;
    }
    let Some(after) = after else {
        sql!("DELETE FROM review_tag WHERE account_id = $1 AND tag = $2")
            .bind(account)
            .bind(before)
            .execute(&mut *tx)
            .await?;
        return Ok(());
    };
    sql!("UPDATE review_tag SET tag = $3 WHERE account_id = $1 AND tag = $2")
        .bind(account)
        .bind(before)
        .bind(after)
        .execute(&mut *tx)
        .await?;
    sql!("UPDATE comment_tag SET tag = $3 WHERE account_id = $1 AND tag = $2")
        .bind(owner(account))
        .bind(before)
        .bind(after)
        .execute(&mut *tx)
        .await
        .map(drop)
}

/// The same for what the site's lists lead to with videos.
async fn rename_on_videos(tx: &mut Tx, before: &str, after: Option<&str>) -> Result<()> {
    let Some(after) = after else {
        sql!("DELETE FROM block_tag WHERE tag = $1")
            .bind(before)
            .execute(&mut *tx)
            .await?;
        return sql!("DELETE FROM video_auto_tag WHERE tag = $1")
            .bind(before)
            .execute(tx)
            .await
            .map(drop);
    };
    sql!("UPDATE block_tag SET tag = $2 WHERE tag = $1")
        .bind(before)
        .bind(after)
        .execute(&mut *tx)
        .await?;
    sql!("UPDATE video_auto_tag SET tag = $2 WHERE tag = $1")
        .bind(before)
        .bind(after)
        .execute(tx)
        .await
        .map(drop)
}

const SUBSCRIPTION: &str = "SELECT id, account_id, name, url, word_count, state, last_sync_at,
    created_at, updated_at FROM watched_words_subscription WHERE TRUE";

pub async fn subscriptions(
    on: impl Executor,
    account: Option<AccountId>,
    search: Option<&str>,
    sort: Sort,
    paging: Paging,
) -> Result<Vec<Subscription>> {
    let order = match (sort.column, sort.descending) {
        ("name", true) => " ORDER BY name DESC, id DESC",
        ("name", false) => " ORDER BY name, id",
        ("updatedAt" | "lastSyncAt", true) => " ORDER BY updated_at DESC, id DESC",
        ("updatedAt" | "lastSyncAt", false) => " ORDER BY updated_at, id",
        (_, true) => " ORDER BY created_at DESC, id DESC",
        (_, false) => " ORDER BY created_at, id",
    };
    of_account(Query::new(SUBSCRIPTION), account, search)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn subscription_count(
    on: impl Executor,
    account: Option<AccountId>,
    search: Option<&str>,
) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM watched_words_subscription WHERE TRUE");
    let (count,) = of_account(query, account, search).one(on).await?;
    Ok(count)
}

fn of_account(query: Query, account: Option<AccountId>, search: Option<&str>) -> Query {
    query
        .when(Some(owner(account)), " AND coalesce(account_id, 0) = ?")
        .when(
            search,
            r" AND (lower(name) LIKE ? ESCAPE '\' OR lower(url) LIKE ? ESCAPE '\')",
        )
}

pub async fn subscription(on: impl Executor, id: SubscriptionId) -> Result<Option<Subscription>> {
    Query::new(SUBSCRIPTION)
        .when(Some(id), " AND id = ?")
        .optional(on)
        .await
}

pub async fn subscription_by_url(
    on: impl Executor,
    account: Option<AccountId>,
    url: &str,
) -> Result<Option<Subscription>> {
    Query::new(SUBSCRIPTION)
        .when(Some(owner(account)), " AND coalesce(account_id, 0) = ?")
        .when(Some(url), " AND url = ?")
        .optional(on)
        .await
}

pub async fn subscribe(
    on: impl Executor,
    account: Option<AccountId>,
    name: &str,
    url: &str,
    words: usize,
    now: Millis,
) -> Result<SubscriptionId> {
    let (id,) = sql!(
        "INSERT INTO watched_words_subscription (account_id, name, url, word_count, state,
                                                 last_sync_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 3, $5, $5, $5) RETURNING id"
    )
    .bind(account)
    .bind(name)
    .bind(url)
    .bind(i64::try_from(words).unwrap_or(0))
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

/// Its list goes with it.
pub async fn unsubscribe(tx: &mut Tx, id: SubscriptionId) -> Result<()> {
    sql!("DELETE FROM watched_words WHERE subscription_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sql!("DELETE FROM watched_words_subscription WHERE id = $1")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

/// Subscriptions that have not been looked at since then.
pub async fn stale(on: impl Executor, since: Millis) -> Result<Vec<Subscription>> {
    Query::new(SUBSCRIPTION)
        .when(Some(since), " AND coalesce(last_sync_at, 0) < ?")
        .push(" ORDER BY last_sync_at, id LIMIT 100")
        .all(on)
        .await
}

/// The words were read again, or could not be (`None`): then the old ones stay.
pub async fn synced(
    tx: &mut Tx,
    id: SubscriptionId,
    words: Option<&[String]>,
    now: Millis,
) -> Result<()> {
    let count = words.map(|words| i64::try_from(words.len()).unwrap_or(0));
    let state = if words.is_some() { 3 } else { 4 };
    sql!(
        "UPDATE watched_words_subscription
         SET last_sync_at = $2, updated_at = $2, word_count = coalesce($3, word_count), state = $4
         WHERE id = $1"
    )
    .bind(id)
    .bind(now)
    .bind(count)
    .bind(state)
    .execute(&mut *tx)
    .await?;
    let Some(words) = words else { return Ok(()) };
    sql!("UPDATE watched_words SET words = $2, updated_at = $3 WHERE subscription_id = $1")
        .bind(id)
        .bind(serde_json::json!(words))
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}
