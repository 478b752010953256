//! The SQL of shares of videos.

use super::super::VideoId;
use super::super::share::ShareId;
use crate::account::{AccountId, UserId};
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Share {
    pub id: ShareId,
    pub video_id: VideoId,
    /// `user`, `group` or `link`.
    pub kind: String,
    pub account_id: Option<AccountId>,
    pub group_id: Option<i64>,
    pub token: Option<String>,
    pub label: Option<String>,
    /// A link opens so often; without it ever again.
    pub view_limit: Option<i64>,
    pub views: i64,
    pub expires_at: Option<Millis>,
    pub created_at: Millis,
    pub group_name: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct NewShare {
    pub kind: &'static str,
    pub account_id: Option<AccountId>,
    pub group_id: Option<i64>,
    pub token: Option<String>,
    pub label: Option<String>,
    pub view_limit: Option<i64>,
    pub expires_at: Option<Millis>,
}

const SHARE: &str =
    "SELECT s.id, s.video_id, s.kind, s.account_id, s.group_id, s.token, s.label, s.view_limit,
    s.views, s.expires_at, s.created_at, g.name AS group_name
    FROM video_share s LEFT JOIN user_group g ON g.id = s.group_id";

pub async fn of_video(on: impl Executor, id: VideoId) -> Result<Vec<Share>> {
    Query::new(SHARE)
        .when(Some(id), " WHERE s.video_id = ?")
        .push(" ORDER BY s.created_at, s.id LIMIT 1000")
        .all(on)
        .await
}

pub async fn by_token(on: impl Executor, token: &str) -> Result<Option<Share>> {
    Query::new(SHARE)
        .when(Some(token), " WHERE s.token = ?")
        .optional(on)
        .await
}

pub async fn count(on: impl Executor, id: VideoId) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM video_share WHERE video_id = $1")
        .bind(id)
        .one(on)
        .await?;
    Ok(count)
}

/// Nothing when the user or group has a share already.
pub async fn add(
    on: impl Executor,
    id: VideoId,
    new: &NewShare,
    now: Millis,
) -> Result<Option<ShareId>> {
    let added: Option<(ShareId,)> = sql!(
        "INSERT INTO video_share (video_id, kind, account_id, group_id, token, label, view_limit,
                                  expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id"
    )
    .bind(id)
    .bind(new.kind)
    .bind(new.account_id)
    .bind(new.group_id)
    .bind(new.token.clone())
    .bind(new.label.clone())
    .bind(new.view_limit)
    .bind(new.expires_at)
    .bind(now)
    .optional(on)
    .await?;
    Ok(added.map(|(id,)| id))
}

pub async fn save(on: impl Executor, share: &Share) -> Result<u64> {
    sql!("UPDATE video_share SET label = $2, view_limit = $3, expires_at = $4 WHERE id = $1")
        .bind(share.id)
        .bind(share.label.clone())
        .bind(share.view_limit)
        .bind(share.expires_at)
        .execute(on)
        .await
}

pub async fn remove(on: impl Executor, id: ShareId) -> Result<u64> {
    sql!("DELETE FROM video_share WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// Counts a view of a link, unless it has ended; of two at once only as many as it has left count.
pub async fn count_view(on: impl Executor, id: ShareId, now: Millis) -> Result<bool> {
    let counted = sql!(
        "UPDATE video_share SET views = views + 1
         WHERE id = $1 AND (view_limit IS NULL OR views < view_limit)
           AND (expires_at IS NULL OR expires_at > $2)"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await?;
    Ok(counted > 0)
}

pub async fn is_link(on: impl Executor, id: ShareId, video: VideoId, now: Millis) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT id FROM video_share WHERE id = $1 AND video_id = $2 AND kind = 'link'
           AND (expires_at IS NULL OR expires_at > $3)"
    )
    .bind(id)
    .bind(video)
    .bind(now)
    .optional(on)
    .await?;
    Ok(found.is_some())
}

pub async fn is_shared_with(
    on: impl Executor,
    video: VideoId,
    account: AccountId,
    user: UserId,
    now: Millis,
) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT s.id FROM video_share s
         WHERE s.video_id = $1 AND (s.expires_at IS NULL OR s.expires_at > $4)
           AND (s.account_id = $2 OR s.group_id IN (
               SELECT m.group_id FROM user_group_member m WHERE m.user_id = $3)) LIMIT 1"
    )
    .bind(video)
    .bind(account)
    .bind(user)
    .bind(now)
    .optional(on)
    .await?;
    Ok(found.is_some())
}

const SHARED: &str = "SELECT s.video_id, max(s.created_at) AS shared_at
    FROM video_share s JOIN video v ON v.id = s.video_id
    WHERE NOT v.blocked";

fn shared(query: Query, account: AccountId, user: UserId, now: Millis) -> Query {
    query
        .when(Some(now), " AND (s.expires_at IS NULL OR s.expires_at > ?)")
        .when(Some(account), " AND (s.account_id = ?")
        .when(
            Some(user),
            " OR s.group_id IN (SELECT m.group_id FROM user_group_member m WHERE m.user_id = ?))",
        )
        .when(Some(account), " AND v.account_id <> ?")
        .push(" GROUP BY s.video_id")
}

pub async fn count_shared_with(
    on: impl Executor,
    account: AccountId,
    user: UserId,
    now: Millis,
) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM (").push(SHARED);
    let (count,) = shared(query, account, user, now)
        .push(") videos")
        .one(on)
        .await?;
    Ok(count)
}

pub async fn shared_with(
    on: impl Executor,
    account: AccountId,
    user: UserId,
    now: Millis,
    paging: Paging,
) -> Result<Vec<VideoId>> {
    let ids: Vec<(VideoId,)> = shared(Query::new(SHARED), account, user, now)
        .push(" ORDER BY shared_at DESC, s.video_id")
        .page(paging.start, paging.count)
        .all(on)
        .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Is there such a group, and is the user of it or sees them all?
pub async fn is_group(on: impl Executor, group: i64, user: UserId, sees_all: bool) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT g.id FROM user_group g
         WHERE g.id = $1 AND ($3 OR EXISTS (
             SELECT 1 FROM user_group_member m WHERE m.group_id = g.id AND m.user_id = $2))"
    )
    .bind(group)
    .bind(user)
    .bind(sees_all)
    .optional(on)
    .await?;
    Ok(found.is_some())
}
