//! The SQL of a video's statistics.

use super::super::VideoId;
use super::super::stats::{Agent, Sitting, Span};
use base::clock::{HOUR, Millis};
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;

/// Sittings that one answer looks at: the newest.
const MOST: i64 = 100_000;

#[derive(Debug, Deserialize)]
pub struct Sums {
    /// Sittings that lie in the span as a whole, and what they watched.
    pub whole: i64,
    pub watched_s: i64,
    /// Sittings that touch the span.
    pub viewers: i64,
}

pub async fn sums(on: impl Executor, id: VideoId, span: Span) -> Result<Sums> {
    sql!(
        "SELECT coalesce(sum(CASE WHEN started_at >= $2 AND last_at <= $3 THEN 1 ELSE 0 END), 0)
                    AS whole,
                CAST(coalesce(sum(CASE WHEN started_at >= $2 AND last_at <= $3
                                       THEN watched_s ELSE 0 END), 0) AS BIGINT) AS watched_s,
                count(*) AS viewers
         FROM video_viewer
         WHERE video_id = $1 AND watched_s > 0 AND started_at <= $3 AND last_at >= $2"
    )
    .bind(id)
    .bind(span.from)
    .bind(span.until)
    .slow()
    .one(on)
    .await
}

/// The hours of a span in which files were saved, the oldest first.
pub async fn downloads(on: impl Executor, id: VideoId, span: Span) -> Result<Vec<(Millis, i64)>> {
    sql!(
        "SELECT hour_at, downloads FROM video_download_hour
         WHERE video_id = $1 AND hour_at <= $3 AND hour_at > $2
         ORDER BY hour_at LIMIT $4"
    )
    .bind(id)
    .bind(span.from - HOUR)
    .bind(span.until)
    .bind(MOST)
    .all(on)
    .await
}

/// The most viewers at a time, and when that was first.
pub async fn peak(on: impl Executor, id: VideoId, span: Span) -> Result<Option<(i64, Millis)>> {
    sql!(
        "WITH turns AS (
             SELECT started_at AS at, 1 AS change FROM video_viewer
             WHERE video_id = $1 AND watched_s > 0 AND started_at <= $3 AND last_at >= $2
             UNION ALL
             SELECT last_at AS at, -1 AS change FROM video_viewer
             WHERE video_id = $1 AND watched_s > 0 AND started_at <= $3 AND last_at >= $2
         ), counted AS (
             SELECT at, sum(change) OVER (ORDER BY at, change DESC
                                          ROWS UNBOUNDED PRECEDING) AS viewers
             FROM turns
         )
         SELECT viewers, at FROM counted ORDER BY viewers DESC, at LIMIT 1"
    )
    .bind(id)
    .bind(span.from)
    .bind(span.until)
    .slow()
    .optional(on)
    .await
}

/// By what viewers are sorted into groups.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Country,
    Subdivision,
    Client,
    Device,
    System,
}

impl Place {
    fn column(self) -> &'static str {
        match self {
            Place::Country => "country",
            Place::Subdivision => "subdivision",
            Place::Client => "client",
            Place::Device => "device",
            Place::System => "system",
        }
    }
}

/// The largest groups of viewers first.
pub async fn places(
    on: impl Executor,
    id: VideoId,
    span: Span,
    place: Place,
) -> Result<Vec<(String, i64)>> {
    let column = place.column();
    Query::new("SELECT ")
        .push(column)
        .push(" AS name, count(*) AS viewers FROM video_viewer WHERE ")
        .push(column)
        .push(" IS NOT NULL AND watched_s > 0")
        .when(Some(id), " AND video_id = ?")
        .when(Some(span.until), " AND started_at <= ?")
        .when(Some(span.from), " AND last_at >= ?")
        .push(" GROUP BY ")
        .push(column)
        .push(" ORDER BY viewers DESC, name LIMIT 100")
        .slow()
        .all(on)
        .await
}

#[derive(Deserialize)]
struct Watched {
    sections: Vec<(i64, i64)>,
}

pub async fn sections(on: impl Executor, id: VideoId) -> Result<Vec<Vec<(i64, i64)>>> {
    let rows: Vec<Watched> = sql!(
        "SELECT sections FROM video_viewer
         WHERE video_id = $1 AND watched_s > 0
         ORDER BY last_at DESC, id LIMIT $2"
    )
    .bind(id)
    .bind(MOST)
    .slow()
    .all(on)
    .await?;
    Ok(rows.into_iter().map(|row| row.sections).collect())
}

pub async fn sittings(on: impl Executor, id: VideoId, span: Span) -> Result<Vec<Sitting>> {
    sql!(
        "SELECT started_at, last_at, watched_s FROM video_viewer
         WHERE video_id = $1 AND watched_s > 0 AND started_at <= $3 AND last_at >= $2
         ORDER BY last_at DESC, id LIMIT $4"
    )
    .bind(id)
    .bind(span.from)
    .bind(span.until)
    .bind(MOST)
    .slow()
    .all(on)
    .await
}

pub async fn note_agent(
    on: impl Executor,
    id: VideoId,
    session: &str,
    agent: &Agent,
) -> Result<u64> {
    sql!(
        "UPDATE video_viewer SET client = $3, device = $4, system = $5
         WHERE video_id = $1 AND session = $2 AND client IS NULL AND device IS NULL
           AND system IS NULL"
    )
    .bind(id)
    .bind(session)
    .bind(agent.client.clone())
    .bind(agent.device.clone())
    .bind(agent.system.clone())
    .execute(on)
    .await
}
