//! The SQL of the journals of channels.

use super::super::ChannelId;
use super::super::activity::Activity;
use crate::account::AccountId;
use crate::listing::Paging;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde_json::Value;

pub struct Line {
    pub action: i64,
    pub target: i64,
    pub video: Option<i64>,
    pub playlist: Option<i64>,
    pub details: Value,
}

pub async fn add(
    tx: &mut Tx,
    channel: ChannelId,
    account: AccountId,
    line: Line,
    now: Millis,
) -> Result<()> {
    sql!(
        "INSERT INTO channel_activity (channel_id, account_id, action, target, video_id,
                                       playlist_id, details, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(channel)
    .bind(account)
    .bind(line.action)
    .bind(line.target)
    .bind(line.video)
    .bind(line.playlist)
    .bind(line.details)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// How many there are, counted up to ten thousand.
pub async fn count(on: impl Executor, channel: ChannelId) -> Result<i64> {
    let (count,) = sql!(
        "SELECT count(*) FROM (SELECT 1 AS one FROM channel_activity WHERE channel_id = $1
                               LIMIT 10000) lines"
    )
    .bind(channel)
    .one(on)
    .await?;
    Ok(count)
}

pub async fn list(
    on: impl Executor,
    channel: ChannelId,
    paging: Paging,
    oldest_first: bool,
) -> Result<Vec<Activity>> {
    Query::new(
        "SELECT y.id, y.account_id, y.action, y.target, y.details, y.created_at, v.id AS video_id,
                v.uuid AS video_uuid, v.name AS video_name, v.is_live AS video_is_live,
                p.id AS playlist_id, p.uuid AS playlist_uuid, p.display_name AS playlist_name
         FROM channel_activity y LEFT JOIN video v ON v.id = y.video_id
         LEFT JOIN playlist p ON p.id = y.playlist_id",
    )
    .when(Some(channel), " WHERE y.channel_id = ?")
    .push(if oldest_first {
        " ORDER BY y.created_at, y.id"
    } else {
        " ORDER BY y.created_at DESC, y.id DESC"
    })
    .page(paging.start, paging.count)
    .all(on)
    .await
}
