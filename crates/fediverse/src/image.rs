//! Pictures as documents name them; they are fetched later, if ever.

use serde_json::{Value, json};

use crate::{address, json};

/// More sizes than this of one picture are not kept.
const MAX_IMAGES: usize = 20;
const MAX_SIDE: i64 = 20_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub url: String,
    pub media_type: Option<String>,
    pub width: Option<i64>,
    pub height: Option<i64>,
}

impl Image {
    /// A picture given as text, object, or object with a link in it.
    pub fn read(value: &Value) -> Option<Self> {
        let url = value
            .as_str()
            .or_else(|| json::reference(value, "url"))
            .or_else(|| json::text(value, "href"))?;
        let side = |key| json::integer(value, key).filter(|side| (1..=MAX_SIDE).contains(side));
        Some(Self {
            url: address::web_url(url)?,
            media_type: json::text_up_to(value, "mediaType", 100),
            width: side("width"),
            height: side("height"),
        })
    }

    pub fn read_all(object: &Value, key: &str) -> Vec<Self> {
        json::items(object, key)
            .into_iter()
            .filter_map(Self::read)
            .take(MAX_IMAGES)
            .collect()
    }

    pub fn to_json(&self) -> Value {
        json::object([
            ("type", Some(json!("Image"))),
            ("url", Some(json!(self.url))),
            (
                "mediaType",
                self.media_type.as_ref().map(|text| json!(text)),
            ),
            ("width", self.width.map(|side| json!(side))),
            ("height", self.height.map(|side| json!(side))),
        ])
    }
}

pub(crate) fn all_to_json(images: &[Image]) -> Value {
    Value::Array(images.iter().map(Image::to_json).collect())
}
