//! What became of a video's picture: sizes and scores of its renditions, for its maker.

pub use super::super::store::score::Measured;

use super::super::store::score as store;
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::error::Result;
use crate::video::{Video, VideoRef, find, labels, manage};
use axum::Json;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::Serialize;

/// A rendition's size and score, as expected and as they came out.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quality {
    id: i64,
    resolution: i64,
    label: String,
    /// Bytes; 0 while it is being made.
    size: i64,
    is_copied: bool,
    /// Of 100; the mean of samples.
    score: Option<f64>,
    /// `vmaf` or `ssim`.
    metric: Option<String>,
    /// The encoder's constant quality, where it was chosen for this video.
    crf: Option<i64>,
    expected_score: Option<f64>,
    expected_size: Option<i64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Qualities {
    data: Vec<Quality>,
}

impl Quality {
    fn of(file: Measured) -> Self {
        Quality {
            id: file.id.0,
            resolution: file.resolution,
            label: labels::resolution(file.resolution, file.width, file.height),
            size: if file.complete { file.size_bytes } else { 0 },
            is_copied: file.copied,
            score: file.score.map(points),
            metric: file.score_metric,
            crf: file.crf,
            expected_score: file.expected_score.map(points),
            expected_size: file.expected_bytes,
        }
    }
}

/// Hundredths as points.
#[expect(clippy::cast_precision_loss, reason = "it is at most 10,000")]
pub fn points(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// The renditions of a video with their scores.
pub async fn measured(app: &App, video: &Video) -> Result<Vec<Measured>> {
    Ok(store::measured(&app.db, video.id).await?)
}

/// `GET /videos/{id}/quality`: for its maker and moderators.
pub async fn show(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Json<Qualities>> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    let found = measured(&app, &video).await?;
    let data = found.into_iter().map(Quality::of).collect();
    Ok(Json(Qualities { data }))
}
