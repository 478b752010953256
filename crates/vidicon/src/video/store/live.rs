//! The SQL of live broadcasts.

use super::super::VideoId;
use super::super::live::Live;
use base::db::{Executor, Result};
use base::sql;

pub async fn of(on: impl Executor, id: VideoId) -> Result<Option<Live>> {
    sql!(
        "SELECT save_replay, permanent, latency_mode, dvr_window_s, starts
         FROM live_broadcast WHERE video_id = $1"
    )
    .bind(id)
    .optional(on)
    .await
}

pub async fn keep(on: impl Executor, id: VideoId, live: &Live) -> Result<u64> {
    sql!(
        "INSERT INTO live_broadcast (video_id, save_replay, permanent, latency_mode, dvr_window_s,
                                 starts)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (video_id) DO UPDATE SET save_replay = excluded.save_replay,
             permanent = excluded.permanent, latency_mode = excluded.latency_mode,
             dvr_window_s = excluded.dvr_window_s, starts = excluded.starts"
    )
    .bind(id)
    .bind(live.save_replay)
    .bind(live.permanent)
    .bind(live.latency_mode)
    .bind(live.dvr_window_s)
    .bind(serde_json::json!(live.starts))
    .execute(on)
    .await
}

pub async fn forget(on: impl Executor, id: VideoId) -> Result<u64> {
    sql!("DELETE FROM live_broadcast WHERE video_id = $1")
        .bind(id)
        .execute(on)
        .await
}
