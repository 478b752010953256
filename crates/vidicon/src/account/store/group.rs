//! The SQL of groups of users.

use super::super::group::{Group, GroupId, Member, Words};
use super::super::{UserId, like};
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

const COLUMNS: &str = "SELECT g.id, g.name, g.description, g.quota_bytes, g.quota_daily_bytes,
    g.created_at, g.updated_at,
    (SELECT count(*) FROM user_group_member m WHERE m.group_id = g.id) AS members
    FROM user_group g WHERE TRUE";

pub async fn find(on: impl Executor, id: GroupId) -> Result<Option<Group>> {
    Query::new(COLUMNS)
        .when(Some(id), " AND g.id = ?")
        .optional(on)
        .await
}

pub async fn list(
    on: impl Executor,
    search: Option<&str>,
    paging: Paging,
    sort: Sort,
) -> Result<Vec<Group>> {
    searched(Query::new(COLUMNS), search)
        .push(match (sort.column, sort.descending) {
            ("name", true) => " ORDER BY g.name DESC, g.id",
            ("name", false) => " ORDER BY g.name, g.id",
            (_, true) => " ORDER BY g.created_at DESC, g.id DESC",
            (_, false) => " ORDER BY g.created_at, g.id",
        })
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count(on: impl Executor, search: Option<&str>) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM user_group g WHERE TRUE");
    let (count,) = searched(query, search).one(on).await?;
    Ok(count)
}

fn searched(query: Query, search: Option<&str>) -> Query {
    query.when(search.map(like), r" AND lower(g.name) LIKE ? ESCAPE '\'")
}

pub async fn add(on: impl Executor, words: &Words, now: Millis) -> Result<GroupId> {
    let (id,) = sql!(
        "INSERT INTO user_group (name, description, quota_bytes, quota_daily_bytes, created_at,
                                 updated_at)
         VALUES ($1, $2, $3, $4, $5, $5) RETURNING id"
    )
    .bind(&words.name)
    .bind(words.description.clone())
    .bind(words.quota_bytes)
    .bind(words.quota_daily_bytes)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn save(on: impl Executor, id: GroupId, words: &Words, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE user_group SET name = $2, description = $3, quota_bytes = $4,
                quota_daily_bytes = $5, updated_at = $6 WHERE id = $1"
    )
    .bind(id)
    .bind(&words.name)
    .bind(words.description.clone())
    .bind(words.quota_bytes)
    .bind(words.quota_daily_bytes)
    .bind(now)
    .execute(on)
    .await
}

pub async fn delete(on: impl Executor, id: GroupId) -> Result<u64> {
    sql!("DELETE FROM user_group WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn members(on: impl Executor, id: GroupId, paging: Paging) -> Result<Vec<Member>> {
    Query::new(
        "SELECT m.user_id, u.username, m.created_at AS since
         FROM user_group_member m JOIN users u ON u.id = m.user_id",
    )
    .when(Some(id), " WHERE m.group_id = ?")
    .push(" ORDER BY u.username, u.id")
    .page(paging.start, paging.count)
    .all(on)
    .await
}

pub async fn count_members(on: impl Executor, id: GroupId) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM user_group_member WHERE group_id = $1")
        .bind(id)
        .one(on)
        .await?;
    Ok(count)
}

pub async fn join(on: impl Executor, id: GroupId, user: UserId, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO user_group_member (group_id, user_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING"
    )
    .bind(id)
    .bind(user)
    .bind(now)
    .execute(on)
    .await
}

pub async fn leave(on: impl Executor, id: GroupId, user: UserId) -> Result<u64> {
    sql!("DELETE FROM user_group_member WHERE group_id = $1 AND user_id = $2")
        .bind(id)
        .bind(user)
        .execute(on)
        .await
}

pub async fn of_user(on: impl Executor, user: UserId) -> Result<Vec<Group>> {
    Query::new(COLUMNS)
        .when(
            Some(user),
            " AND g.id IN (SELECT group_id FROM user_group_member WHERE user_id = ?)",
        )
        .push(" ORDER BY g.name, g.id LIMIT 1000")
        .all(on)
        .await
}

pub async fn is_member(on: impl Executor, user: UserId, groups: &[GroupId]) -> Result<bool> {
    let found: Option<(i64,)> = Query::new("SELECT group_id FROM user_group_member")
        .when(Some(user), " WHERE user_id = ?")
        .within(" AND group_id IN (", groups.iter().copied())
        .push(" LIMIT 1")
        .optional(on)
        .await?;
    Ok(found.is_some())
}
