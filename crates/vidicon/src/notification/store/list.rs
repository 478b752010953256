//! The SQL of lists of notifications.

use super::super::{About, Filter, Notification, NotificationId};
use crate::account::UserId;
use crate::listing::{Paging, Sort};
use base::db::{Executor, Query, Result};

const NOTIFICATION: &str = "SELECT id, user_id, kind, read, created_at, updated_at, video_id,
    comment_id, account_id, follow_id, payload FROM notification WHERE TRUE";

pub async fn page(
    on: impl Executor,
    user: UserId,
    filter: &Filter,
    sort: Sort,
    paging: Paging,
) -> Result<Vec<(Notification, About)>> {
    let order = match (sort.column, sort.descending) {
        ("read", true) => " ORDER BY read DESC, created_at DESC, id DESC",
        ("read", false) => " ORDER BY read, created_at DESC, id DESC",
        (_, true) => " ORDER BY created_at DESC, id DESC",
        (_, false) => " ORDER BY created_at, id",
    };
    matching(Query::new(NOTIFICATION), user, filter)
        .push(order)
        .page(paging.start, paging.count)
        .pairs(on)
        .await
}

fn matching(query: Query, user: UserId, filter: &Filter) -> Query {
    let query = query
        .when(Some(user), " AND user_id = ?")
        .push_if(filter.unread == Some(true), " AND NOT read")
        .push_if(filter.unread == Some(false), " AND read");
    match &filter.kinds {
        Some(kinds) => query.within(" AND kind IN (", kinds.iter().copied()),
        None => query,
    }
}

/// From the numbers that are kept, where nothing else is asked for.
pub async fn count(on: impl Executor, user: UserId, filter: &Filter) -> Result<i64> {
    let (kept, all) = match (filter.unread, &filter.kinds) {
        (None, None) => ("SELECT total FROM notification_count", true),
        (Some(true), None) => ("SELECT unread FROM notification_count", true),
        _ => ("SELECT count(*) FROM notification WHERE TRUE", false),
    };
    let query = Query::new(kept);
    let query = if all {
        query.when(Some(user), " WHERE user_id = ?")
    } else {
        matching(query, user, filter)
    };
    let found: Option<(i64,)> = query.optional(on).await?;
    Ok(found.map_or(0, |(count,)| count))
}

/// What these users were told after this one, oldest first.
pub async fn since(
    on: impl Executor,
    users: &[UserId],
    after: i64,
) -> Result<Vec<(Notification, About)>> {
    Query::new(NOTIFICATION)
        .when(Some(after), " AND id > ?")
        .within(" AND user_id IN (", users.iter().copied())
        .push(" ORDER BY id LIMIT 1000")
        .pairs(on)
        .await
}

/// The newest of all.
pub async fn newest(on: impl Executor) -> Result<i64> {
    let newest: Option<(NotificationId,)> =
        Query::new("SELECT id FROM notification ORDER BY id DESC LIMIT 1")
            .optional(on)
            .await?;
    Ok(newest.map_or(0, |(id,)| id.0))
}
