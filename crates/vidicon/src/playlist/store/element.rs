//! The SQL of what stands in a playlist.

use super::super::element::{Element, ElementId, NewElement, Span};
use super::super::programme::Part;
use super::super::{Move, PlaylistId};
use crate::account::AccountId;
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};

/// A page of elements. Whether the site or the viewer has muted a video's owner stands with each.
pub async fn page(
    on: impl Executor,
    id: PlaylistId,
    viewer: Option<AccountId>,
    paging: Paging,
) -> Result<Vec<Element>> {
    let me = viewer.map_or(0, |id| id.0);
    Query::new(
        "SELECT e.id, e.video_id, e.position, e.start_s, e.stop_s,
                v.privacy AS video_privacy, v.blocked AS video_blocked,
                v.account_id AS video_account_id,",
    )
    .when(
        Some(me),
        " CASE WHEN EXISTS (SELECT 1 FROM mute_account m
                            WHERE m.account_id = v.account_id
                              AND coalesce(m.by_account_id, 0) IN (0, ?))
                 OR EXISTS (SELECT 1 FROM mute_server s JOIN account ma ON ma.id = v.account_id
                            JOIN actor mx ON mx.id = ma.actor_id
                            WHERE mx.host = s.host AND coalesce(s.by_account_id, 0) IN (0, ?))
               THEN 1 ELSE 0 END AS owner_muted",
    )
    .push(" FROM playlist_element e LEFT JOIN video v ON v.id = e.video_id")
    .when(Some(id), " WHERE e.playlist_id = ?")
    .push(" ORDER BY e.position, e.id")
    .page(paging.start, paging.count)
    .all(on)
    .await
}

pub async fn find(on: impl Executor, id: PlaylistId, element: ElementId) -> Result<Option<(i64,)>> {
    sql!("SELECT position FROM playlist_element WHERE playlist_id = $1 AND id = $2")
        .bind(id)
        .bind(element)
        .optional(on)
        .await
}

/// Counts one more or one less, and so keeps others from changing the list meanwhile. Gives the
/// new count; nothing when the playlist is gone.
pub async fn change_count(
    tx: &mut Tx,
    id: PlaylistId,
    by: i64,
    now: Millis,
) -> Result<Option<i64>> {
    let count: Option<(i64,)> = sql!(
        "UPDATE playlist SET element_count = element_count + $2, updated_at = $3
         WHERE id = $1 RETURNING element_count"
    )
    .bind(id)
    .bind(by)
    .bind(now)
    .optional(tx)
    .await?;
    Ok(count.map(|(count,)| count))
}

pub async fn add(
    on: impl Executor,
    id: PlaylistId,
    new: &NewElement,
    position: i64,
    now: Millis,
) -> Result<ElementId> {
    let (element,) = sql!(
        "INSERT INTO playlist_element (playlist_id, video_id, position, start_s, stop_s, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"
    )
    .bind(id)
    .bind(new.video_id)
    .bind(position)
    .bind(new.span.start_s)
    .bind(new.span.stop_s)
    .bind(now)
    .one(on)
    .await?;
    Ok(element)
}

pub async fn set_span(on: impl Executor, element: ElementId, span: Span) -> Result<u64> {
    sql!("UPDATE playlist_element SET start_s = $2, stop_s = $3 WHERE id = $1")
        .bind(element)
        .bind(span.start_s)
        .bind(span.stop_s)
        .execute(on)
        .await
}

pub async fn span(on: impl Executor, element: ElementId) -> Result<Option<Span>> {
    sql!("SELECT start_s, stop_s FROM playlist_element WHERE id = $1")
        .bind(element)
        .optional(on)
        .await
}

/// Takes an element away; those behind it close up. Nothing when it is gone already.
pub async fn remove(tx: &mut Tx, id: PlaylistId, element: ElementId) -> Result<Option<i64>> {
    let removed: Option<(i64,)> =
        sql!("DELETE FROM playlist_element WHERE id = $1 AND playlist_id = $2 RETURNING position")
            .bind(element)
            .bind(id)
            .optional(&mut *tx)
            .await?;
    let Some((position,)) = removed else {
        return Ok(None);
    };
    sql!(
        "UPDATE playlist_element SET position = position - 1
         WHERE playlist_id = $1 AND position > $2"
    )
    .bind(id)
    .bind(position)
    .execute(tx)
    .await?;
    Ok(Some(position))
}

pub async fn reorder(on: impl Executor, id: PlaylistId, to: Move) -> Result<u64> {
    let (from, until, aside, by) = to.shifts();
    sql!(
        "UPDATE playlist_element SET position = position
             + CASE WHEN position BETWEEN $2 AND $3 THEN CAST($4 AS BIGINT)
                    ELSE CAST($5 AS BIGINT) END
         WHERE playlist_id = $1 AND (position BETWEEN $2 AND $3 OR position BETWEEN $6 AND $7)"
    )
    .bind(id)
    .bind(to.start)
    .bind(to.start + to.length - 1)
    .bind(by)
    .bind(aside)
    .bind(from)
    .bind(until)
    .execute(on)
    .await
}

/// The videos of a playlist that everybody may see and that have a length, in their order.
pub async fn open_parts(on: impl Executor, id: PlaylistId) -> Result<Vec<Part>> {
    sql!(
        "SELECT e.position, v.uuid, v.name, v.duration_s, e.start_s, e.stop_s
         FROM playlist_element e JOIN video v ON v.id = e.video_id
         WHERE e.playlist_id = $1 AND v.privacy IN (1, 2) AND v.state = 1 AND NOT v.blocked
           AND NOT v.is_live AND v.duration_s > 0
         ORDER BY e.position, e.id LIMIT 1000"
    )
    .bind(id)
    .all(on)
    .await
}

/// The picture of the first video that everybody may see or that is the playlist's owner's own.
pub async fn first_picture(on: impl Executor, id: PlaylistId) -> Result<Option<(String,)>> {
    sql!(
        "SELECT v.thumbnail FROM playlist_element e JOIN playlist p ON p.id = e.playlist_id
         JOIN video v ON v.id = e.video_id
         WHERE e.playlist_id = $1 AND v.thumbnail IS NOT NULL
           AND ((v.privacy IN (1, 2) AND NOT v.blocked) OR v.account_id = p.account_id)
         ORDER BY e.position, e.id LIMIT 1"
    )
    .bind(id)
    .optional(on)
    .await
}
