//! What invented videos play.

/// A made clip that many videos share.
#[derive(Clone, Debug, Default)]
pub struct Media {
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub size_bytes: i64,
    pub thumbnail: Option<String>,
    pub preview: Option<String>,
    pub hue: Option<i64>,
}
