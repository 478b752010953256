//! The SQL of watching: viewers, views by the hour, history, ratings.

use super::super::VideoId;
use super::super::watching::Sign;
use crate::account::{AccountId, UserId};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;

/// One person's sitting before a video.
#[derive(Debug, Deserialize)]
pub struct Sitting {
    pub id: i64,
    /// Watched parts in seconds, from and to.
    pub sections: Vec<(i64, i64)>,
    pub counted_at: Option<Millis>,
}

/// The sitting that is going on, if anything was heard since then.
pub async fn sitting(
    on: impl Executor,
    id: VideoId,
    session: &str,
    since: Millis,
) -> Result<Option<Sitting>> {
    sql!(
        "SELECT id, sections, counted_at FROM video_viewer
         WHERE video_id = $1 AND session = $2 AND last_at > $3 ORDER BY last_at DESC LIMIT 1"
    )
    .bind(id)
    .bind(session)
    .bind(since)
    .optional(on)
    .await
}

pub async fn start_sitting(
    on: impl Executor,
    id: VideoId,
    sign: &Sign,
    sections: &[(i64, i64)],
    now: Millis,
) -> Result<i64> {
    let (id,) = sql!(
        "INSERT INTO video_viewer (video_id, session, sections, started_at, last_at, country)
         VALUES ($1, $2, $3, $4, $4, $5) RETURNING id"
    )
    .bind(id)
    .bind(&sign.session)
    .bind(serde_json::json!(sections))
    .bind(now)
    .bind(sign.country.clone())
    .one(on)
    .await?;
    Ok(id)
}

pub async fn go_on(
    on: impl Executor,
    id: i64,
    sections: &[(i64, i64)],
    watched_s: i64,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE video_viewer SET sections = $2, watched_s = $3, last_at = $4 WHERE id = $1")
        .bind(id)
        .bind(serde_json::json!(sections))
        .bind(watched_s)
        .bind(now)
        .execute(on)
        .await
}

/// What a second of a video takes in bits: the largest rendition of at most 720 lines with its sound.
pub async fn middle_bps(on: impl Executor, id: VideoId) -> Result<i64> {
    let (bits,): (Option<i64>,) = sql!(
        "SELECT coalesce(max(CASE WHEN has_video AND resolution <= 720 THEN average_bps END),
                         min(CASE WHEN has_video THEN average_bps END), 0)
                + coalesce(max(CASE WHEN NOT has_video THEN average_bps END), 0)
         FROM video_file WHERE video_id = $1 AND complete AND kind = 'hls'"
    )
    .bind(id)
    .one(on)
    .await?;
    Ok(bits.unwrap_or(0))
}

/// Counts a view once for a sitting.
pub async fn count_view(
    tx: &mut Tx,
    sitting: i64,
    id: VideoId,
    hour_at: Millis,
    now: Millis,
) -> Result<()> {
    sql!("UPDATE video_viewer SET counted_at = $2 WHERE id = $1")
        .bind(sitting)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    add_view(tx, id, hour_at).await
}

/// One more view, in the video and in its hour.
pub async fn add_view(tx: &mut Tx, id: VideoId, hour_at: Millis) -> Result<()> {
    sql!("UPDATE video SET views = views + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sql!(
        "INSERT INTO video_view_hour (video_id, hour_at, views) VALUES ($1, $2, 1)
         ON CONFLICT (video_id, hour_at) DO UPDATE SET views = video_view_hour.views + 1"
    )
    .bind(id)
    .bind(hour_at)
    .execute(tx)
    .await
    .map(drop)
}

/// One more file of a video that was saved, in the video and in its hour.
pub async fn add_download(tx: &mut Tx, id: VideoId, hour_at: Millis) -> Result<()> {
    sql!("UPDATE video SET downloads = downloads + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sql!(
        "INSERT INTO video_download_hour (video_id, hour_at, downloads) VALUES ($1, $2, 1)
         ON CONFLICT (video_id, hour_at)
         DO UPDATE SET downloads = video_download_hour.downloads + 1"
    )
    .bind(id)
    .bind(hour_at)
    .execute(tx)
    .await
    .map(drop)
}

/// Views and downloads of an hour.
pub async fn of_hour(on: impl Executor, id: VideoId, hour_at: Millis) -> Result<(i64, i64)> {
    sql!(
        "SELECT coalesce((SELECT views FROM video_view_hour
                          WHERE video_id = $1 AND hour_at = $2), 0),
                coalesce((SELECT downloads FROM video_download_hour
                          WHERE video_id = $1 AND hour_at = $2), 0)"
    )
    .bind(id)
    .bind(hour_at)
    .one(on)
    .await
}

/// Adds up the views since then, for the trending order.
pub async fn recount_trending(on: impl Executor, since: Millis) -> Result<u64> {
    sql!(
        "UPDATE video SET trending = coalesce(
             (SELECT CAST(sum(h.views) AS BIGINT) FROM video_view_hour h
              WHERE h.video_id = video.id AND h.hour_at >= $1), 0)
         WHERE trending > 0
            OR id IN (SELECT h.video_id FROM video_view_hour h WHERE h.hour_at >= $1)"
    )
    .bind(since)
    .execute(on)
    .await
}

/// An account's rating of a video.
pub async fn rating(
    on: impl Executor,
    id: VideoId,
    account_id: AccountId,
) -> Result<Option<String>> {
    let found: Option<(String,)> =
        sql!("SELECT value FROM rating WHERE video_id = $1 AND account_id = $2")
            .bind(id)
            .bind(account_id)
            .optional(on)
            .await?;
    Ok(found.map(|(value,)| value))
}

/// Replaces an account's rating and moves the counters by what really changed, so that two
/// requests at the same time count once.
pub async fn rate(
    tx: &mut Tx,
    id: VideoId,
    account_id: AccountId,
    value: Option<&str>,
    now: Millis,
) -> Result<()> {
    let old: Option<(String,)> =
        sql!("DELETE FROM rating WHERE video_id = $1 AND account_id = $2 RETURNING value")
            .bind(id)
            .bind(account_id)
            .optional(&mut *tx)
            .await?;
    if let Some((old,)) = old {
        move_counter(tx, id, &old, -1).await?;
    }
    let Some(value) = value else { return Ok(()) };
    let added: Option<(String,)> = sql!(
        "INSERT INTO rating (video_id, account_id, value, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING value"
    )
    .bind(id)
    .bind(account_id)
    .bind(value)
    .bind(now)
    .optional(&mut *tx)
    .await?;
    if added.is_some() {
        move_counter(tx, id, value, 1).await?;
    }
    Ok(())
}

async fn move_counter(tx: &mut Tx, id: VideoId, value: &str, by: i64) -> Result<()> {
    let query = if value == "like" {
        sql!("UPDATE video SET likes = likes + $2 WHERE id = $1")
    } else {
        sql!("UPDATE video SET dislikes = dislikes + $2 WHERE id = $1")
    };
    query.bind(id).bind(by).execute(tx).await.map(drop)
}

/// What an account has rated, with how many there are.
pub async fn ratings_of(
    on: &base::Db,
    account_id: AccountId,
    value: Option<&str>,
    oldest_first: bool,
    start: i64,
    count: i64,
) -> Result<(i64, Vec<(VideoId, String)>)> {
    let matching = |query: Query| {
        query
            .when(Some(account_id), " FROM rating r WHERE r.account_id = ?")
            .when(value, " AND r.value = ?")
    };
    let (total,) = matching(Query::new("SELECT count(*)")).one(on).await?;
    let order = if oldest_first {
        " ORDER BY r.created_at, r.video_id"
    } else {
        " ORDER BY r.created_at DESC, r.video_id"
    };
    let rows = matching(Query::new("SELECT r.video_id, r.value"))
        .push(order)
        .page(start, count)
        .all(on)
        .await?;
    Ok((total, rows))
}

pub async fn forget(on: impl Executor, user_id: UserId, id: VideoId) -> Result<u64> {
    sql!("DELETE FROM watch_history WHERE user_id = $1 AND video_id = $2")
        .bind(user_id)
        .bind(id)
        .execute(on)
        .await
}

pub async fn forget_before(on: impl Executor, user_id: UserId, before: Millis) -> Result<u64> {
    sql!("DELETE FROM watch_history WHERE user_id = $1 AND updated_at < $2")
        .bind(user_id)
        .bind(before)
        .execute(on)
        .await
}
