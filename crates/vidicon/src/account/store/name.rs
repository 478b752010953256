//! The SQL of names that deleted accounts and channels leave behind.

use super::super::name::Buried;
use super::super::{ActorId, like};
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

const BURIED: &str = " FROM actor WHERE host = '' AND deleted_at IS NOT NULL
    AND kind IN ('account', 'channel') AND name NOT LIKE '~%'";

pub async fn list(on: impl Executor, search: Option<&str>, paging: Paging) -> Result<Vec<Buried>> {
    searched(Query::new("SELECT name, kind, deleted_at"), search)
        .push(" ORDER BY deleted_at DESC, id DESC")
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count(on: impl Executor, search: Option<&str>) -> Result<i64> {
    let (count,) = searched(Query::new("SELECT count(*)"), search)
        .one(on)
        .await?;
    Ok(count)
}

fn searched(query: Query, search: Option<&str>) -> Query {
    query
        .push(BURIED)
        .when(search.map(like), r" AND name LIKE ? ESCAPE '\'")
}

pub async fn find(on: impl Executor, name: &str) -> Result<Option<(ActorId, Option<Millis>)>> {
    sql!(
        "SELECT id, deleted_at FROM actor
         WHERE host = '' AND name = $1 AND kind IN ('account', 'channel')"
    )
    .bind(name)
    .optional(on)
    .await
}

/// No name begins with `~`, so nobody can take this one.
pub async fn release(on: impl Executor, id: ActorId, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE actor SET name = '~' || CAST(id AS TEXT), public_key = NULL, private_key = NULL,
                updated_at = $2
         WHERE id = $1"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await
}
