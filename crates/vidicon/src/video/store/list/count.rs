//! The SQL of how many a list has: from counts that are kept, or counted so far and no further.

use super::super::super::list::{Filters, ListQuery};
use super::{NOTHING_MUTED, from, kinds, matching, paced};
use crate::access::Viewer;
use base::Db;
use base::db::{Query, Result};

/// How many match, counted up to `limit`.
pub async fn matching_up_to(
    db: &Db,
    query: &ListQuery,
    viewer: &Viewer,
    limit: i64,
) -> Result<i64> {
    let counted = from(Query::new("SELECT count(*) FROM (SELECT 1 AS one"), query);
    let counted = matching(counted, query, viewer).when(Some(limit), " LIMIT ?");
    let counted = counted.push(") matching");
    let (count,) = paced(counted, query).one(db).await?;
    Ok(count)
}

/// The total of a list without filters, from the counts that are kept, without what is muted.
pub async fn kept(
    db: &Db,
    scope: &str,
    listed: i64,
    nsfw: Option<bool>,
    viewer: &Viewer,
) -> Result<i64> {
    let me = viewer.user().map_or(0, |user| user.account_id.0);
    let of_scope = "SELECT CAST(coalesce(sum(videos), 0) AS BIGINT)
         FROM video_count WHERE scope = ";
    let query = Query::new("SELECT (")
        .push(of_scope)
        .when(Some(scope), "?")
        .when(Some(listed), " AND listed <= ?")
        .when(nsfw, " AND nsfw = ?")
        .push(
            ") - (SELECT CAST(coalesce(sum(videos), 0) AS BIGINT) FROM video_count
             WHERE scope IN (SELECT 'account:' || m.account_id FROM mute_account m
                             WHERE coalesce(m.by_account_id, 0) IN (0, ",
        )
        .when(Some(me), "?)")
        .push(
            " UNION SELECT 'host:' || s.host FROM mute_server s
              WHERE coalesce(s.by_account_id, 0) IN (0, ",
        )
        .when(Some(me), "?))")
        .when(Some(listed), " AND listed <= ?")
        .when(nsfw, " AND nsfw = ?")
        .push(")");
    let (count,): (i64,) = query.one(db).await?;
    Ok(count.max(0))
}

/// The same of lists of some categories or licences; none where something is muted.
pub async fn kept_of_kinds(
    db: &Db,
    scopes: &[String],
    nsfw: Option<bool>,
    viewer: &Viewer,
) -> Result<Option<i64>> {
    let me = viewer.user().map_or(0, |user| user.account_id.0);
    let most = if viewer.user().is_some() { 2 } else { 1 };
    let query = Query::new("SELECT CASE WHEN ")
        .when(Some(me), NOTHING_MUTED)
        .push(
            " THEN (SELECT CAST(coalesce(sum(videos), 0) AS BIGINT) FROM video_count
                    WHERE TRUE",
        )
        .within(" AND scope IN (", scopes)
        .when(Some(most), " AND listed <= ?")
        .when(nsfw, " AND nsfw = ?");
    let (count,) = query.push(") END").one(db).await?;
    Ok(count)
}

/// How many of all lists are of these kinds, from the counts that are kept.
pub async fn all_of_kinds(db: &Db, scopes: &[String]) -> Result<i64> {
    let query =
        Query::new("SELECT CAST(coalesce(sum(videos), 0) AS BIGINT) FROM video_count WHERE TRUE");
    let (count,) = query.within(" AND scope IN (", scopes).one(db).await?;
    Ok(count)
}

/// How many of all lists are of these categories and licences, counted up to `limit`.
pub async fn of_kinds(db: &Db, filters: &Filters, limit: i64) -> Result<i64> {
    let counted =
        Query::new("SELECT count(*) FROM (SELECT 1 AS one FROM video v WHERE v.listed > 0");
    let counted = kinds(counted, filters).when(Some(limit), " LIMIT ?");
    let (count,) = counted.push(") matching").one(db).await?;
    Ok(count)
}
