//! The SQL of invitations.

use super::super::UserId;
use super::super::invitation::{Invitation, InvitationId, NewInvitation};
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

const COLUMNS: &str = "SELECT i.id, i.code, i.inviter_user_id, u.username AS inviter_username,
    i.note, i.max_uses, i.uses, i.expires_at, i.created_at,
    (SELECT string_agg(named.username, ' ') FROM
        (SELECT g.username FROM invited d JOIN users g ON g.id = d.user_id
         WHERE d.invitation_id = i.id ORDER BY d.created_at, d.user_id LIMIT 100) AS named)
        AS guests
    FROM invitation i LEFT JOIN users u ON u.id = i.inviter_user_id WHERE TRUE";

pub async fn find(on: impl Executor, id: InvitationId) -> Result<Option<Invitation>> {
    Query::new(COLUMNS)
        .when(Some(id), " AND i.id = ?")
        .optional(on)
        .await
}

/// Not of inviters who are blocked.
pub async fn usable(on: impl Executor, code: &str, now: Millis) -> Result<Option<Invitation>> {
    Query::new(COLUMNS)
        .push(" AND i.uses < i.max_uses AND NOT u.blocked")
        .when(Some(code.to_owned()), " AND i.code = ?")
        .when(Some(now), " AND (i.expires_at IS NULL OR i.expires_at > ?)")
        .optional(on)
        .await
}

pub async fn list(
    on: impl Executor,
    inviter: Option<UserId>,
    paging: Paging,
) -> Result<Vec<Invitation>> {
    Query::new(COLUMNS)
        .when(inviter, " AND i.inviter_user_id = ?")
        .push(" ORDER BY i.created_at DESC, i.id DESC")
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count(on: impl Executor, inviter: Option<UserId>) -> Result<i64> {
    let (count,) = Query::new("SELECT count(*) FROM invitation i WHERE TRUE")
        .when(inviter, " AND i.inviter_user_id = ?")
        .one(on)
        .await?;
    Ok(count)
}

/// People whom somebody may let in with the codes they made.
pub async fn uses_of(on: impl Executor, inviter: UserId) -> Result<i64> {
    let (count,) = sql!(
        "SELECT CAST(coalesce(sum(max_uses), 0) AS BIGINT) FROM invitation
         WHERE inviter_user_id = $1"
    )
    .bind(inviter)
    .one(on)
    .await?;
    Ok(count)
}

pub async fn add(
    on: impl Executor,
    inviter: UserId,
    code: &str,
    new: &NewInvitation,
    now: Millis,
) -> Result<InvitationId> {
    let (id,) = sql!(
        "INSERT INTO invitation (code, inviter_user_id, note, max_uses, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"
    )
    .bind(code)
    .bind(inviter)
    .bind(new.note.clone())
    .bind(new.max_uses)
    .bind(new.expires_at)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn delete(on: impl Executor, id: InvitationId) -> Result<u64> {
    sql!("DELETE FROM invitation WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn spend(on: impl Executor, id: InvitationId, now: Millis) -> Result<bool> {
    let changed = sql!(
        "UPDATE invitation SET uses = uses + 1
         WHERE id = $1 AND uses < max_uses AND (expires_at IS NULL OR expires_at > $2)"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

pub async fn note_guest(
    on: impl Executor,
    id: InvitationId,
    guest: UserId,
    inviter: &str,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO invited (user_id, invitation_id, inviter_username, created_at)
         VALUES ($1, $2, $3, $4)"
    )
    .bind(guest)
    .bind(id)
    .bind(inviter)
    .bind(now)
    .execute(on)
    .await
}

pub async fn inviter_of(on: impl Executor, user: UserId) -> Result<Option<String>> {
    let found: Option<(String,)> = sql!("SELECT inviter_username FROM invited WHERE user_id = $1")
        .bind(user)
        .optional(on)
        .await?;
    Ok(found.map(|(name,)| name))
}
