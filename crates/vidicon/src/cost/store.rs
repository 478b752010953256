//! The SQL of what the site uses.

use super::{Heavy, Stored, Usage};
use crate::traffic::Taken;
use base::db::{Executor, Result};
use base::sql;
use base::storage::Metered;

/// Adds what was counted to the month, in one statement.
pub async fn add(
    on: impl Executor,
    month: i64,
    [viewers, servers, given]: [Taken; 3],
    (bucket, downloads): (Metered, u64),
) -> Result<u64> {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sql!(
        "INSERT INTO usage_month (month, viewer_bytes, viewer_requests, server_bytes, server_requests,
                                  given_bytes, given_requests, read_bytes, read_requests,
                                  written_bytes, write_requests, downloads)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (month) DO UPDATE
         SET viewer_bytes = usage_month.viewer_bytes + excluded.viewer_bytes,
             viewer_requests = usage_month.viewer_requests + excluded.viewer_requests,
             server_bytes = usage_month.server_bytes + excluded.server_bytes,
             server_requests = usage_month.server_requests + excluded.server_requests,
             given_bytes = usage_month.given_bytes + excluded.given_bytes,
             given_requests = usage_month.given_requests + excluded.given_requests,
             read_bytes = usage_month.read_bytes + excluded.read_bytes,
             read_requests = usage_month.read_requests + excluded.read_requests,
             written_bytes = usage_month.written_bytes + excluded.written_bytes,
             write_requests = usage_month.write_requests + excluded.write_requests,
             downloads = usage_month.downloads + excluded.downloads"
    )
    .bind(month)
    .bind(whole(viewers.bytes))
    .bind(whole(viewers.requests))
    .bind(whole(servers.bytes))
    .bind(whole(servers.requests))
    .bind(whole(given.bytes))
    .bind(whole(given.requests))
    .bind(whole(bucket.read_bytes))
    .bind(whole(bucket.reads))
    .bind(whole(bucket.written_bytes))
    .bind(whole(bucket.writes))
    .bind(whole(downloads))
    .execute(on)
    .await
}

/// The newest months first, a year and a month of them.
pub async fn months(on: impl Executor) -> Result<Vec<Usage>> {
    sql!(
        "SELECT month, viewer_bytes, viewer_requests, server_bytes, server_requests, given_bytes,
                given_requests, read_bytes, read_requests, written_bytes, write_requests
         FROM usage_month ORDER BY month DESC LIMIT 13"
    )
    .all(on)
    .await
}

/// Bytes of renditions and of originals, as the database knows them.
pub async fn stored(on: impl Executor) -> Result<Stored> {
    sql!(
        "SELECT (SELECT CAST(coalesce(sum(f.size_bytes), 0) AS BIGINT) FROM video_file f
                 JOIN video v ON v.id = f.video_id WHERE v.is_local AND f.complete)
                + (SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM av1_file)
                    AS rendition_bytes,
                (SELECT CAST(coalesce(sum(s.size_bytes), 0) AS BIGINT) FROM video_source s
                 WHERE s.key IS NOT NULL AND s.archived_at IS NULL) AS original_bytes,
                (SELECT CAST(coalesce(sum(s.size_bytes), 0) AS BIGINT) FROM video_source s
                 WHERE s.key IS NOT NULL AND s.archived_at IS NOT NULL) AS archive_bytes"
    )
    .slow()
    .one(on)
    .await
}

/// This site's videos that take the most room, with their originals.
pub async fn heaviest(on: impl Executor, start: i64, count: i64) -> Result<Vec<Heavy>> {
    sql!(
        "SELECT v.id, v.uuid, v.name, v.views,
                coalesce(f.bytes, 0) + coalesce(a.bytes, 0) AS rendition_bytes,
                coalesce(s.size_bytes, 0) AS original_bytes
         FROM video v
         LEFT JOIN (SELECT video_id, CAST(sum(size_bytes) AS BIGINT) AS bytes FROM video_file
                    WHERE complete GROUP BY video_id) f ON f.video_id = v.id
         LEFT JOIN (SELECT video_id, CAST(sum(size_bytes) AS BIGINT) AS bytes FROM av1_file
                    GROUP BY video_id) a ON a.video_id = v.id
         LEFT JOIN video_source s ON s.video_id = v.id AND s.key IS NOT NULL
         WHERE v.is_local
         ORDER BY coalesce(f.bytes, 0) + coalesce(a.bytes, 0) + coalesce(s.size_bytes, 0) DESC, v.id
         LIMIT $1 OFFSET $2"
    )
    .bind(count)
    .bind(start)
    .slow()
    .all(on)
    .await
}
