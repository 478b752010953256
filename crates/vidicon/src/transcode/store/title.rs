//! Scores of renditions.

use crate::video::VideoId;
use crate::video::files::FileId;
use base::db::{Executor, Result};
use base::sql;
use media::{Choice, Metric, Plan};
use serde_json::json;

pub async fn set_plan(on: impl Executor, video_id: VideoId, plan: &Plan) -> Result<u64> {
    sql!("UPDATE transcode SET plan = $2 WHERE video_id = $1")
        .bind(video_id)
        .bind(json!(plan))
        .execute(on)
        .await
}

pub async fn set_expected(
    on: impl Executor,
    video_id: VideoId,
    choice: &Choice,
    metric: Metric,
) -> Result<u64> {
    sql!(
        "UPDATE video_file SET crf = $3, expected_score = $4, expected_bytes = $5, score_metric = $6
         WHERE video_id = $1 AND resolution = $2 AND kind = 'hls' AND has_video AND NOT copied"
    )
    .bind(video_id)
    .bind(i64::from(choice.resolution))
    .bind(i64::from(choice.crf))
    .bind(i64::from(choice.hundredths))
    .bind(i64::try_from(choice.bytes).unwrap_or(i64::MAX))
    .bind(metric.name())
    .execute(on)
    .await
}

pub async fn set_score(
    on: impl Executor,
    id: FileId,
    hundredths: u32,
    metric: Metric,
) -> Result<u64> {
    sql!("UPDATE video_file SET score = $2, score_metric = $3 WHERE id = $1")
        .bind(id)
        .bind(i64::from(hundredths))
        .bind(metric.name())
        .execute(on)
        .await
}

pub async fn set_flashes(
    on: impl Executor,
    video_id: VideoId,
    spans: &[(i64, i64)],
) -> Result<u64> {
    sql!("UPDATE video SET flashes = $2 WHERE id = $1")
        .bind(video_id)
        .bind(json!(spans))
        .execute(on)
        .await
}
