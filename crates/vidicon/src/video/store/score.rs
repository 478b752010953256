//! Sizes and scores of renditions.

use crate::video::VideoId;
use crate::video::files::FileId;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

/// A rendition with a picture as its maker sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct Measured {
    pub id: FileId,
    pub resolution: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub size_bytes: i64,
    pub complete: bool,
    pub copied: bool,
    pub score: Option<i64>,
    pub score_metric: Option<String>,
    pub crf: Option<i64>,
    pub expected_score: Option<i64>,
    pub expected_bytes: Option<i64>,
}

pub async fn measured(on: impl Executor, video_id: VideoId) -> Result<Vec<Measured>> {
    sql!(
        "SELECT id, resolution, width, height, size_bytes, complete, copied, score, score_metric,
                crf, expected_score, expected_bytes
         FROM video_file WHERE video_id = $1 AND kind = 'hls' AND has_video
         ORDER BY resolution DESC, id LIMIT 100"
    )
    .bind(video_id)
    .all(on)
    .await
}
