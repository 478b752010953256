//! What is known of a video from what lies beside it: descriptions as yt-dlp and Google Takeout write them, pictures.

use super::source::{Found, Place};
use crate::error::Result;
use serde_json::{Map, Value};

const LARGEST_BYTES: u64 = 8 * 1024 * 1024;
const LONGEST_NAME: usize = 120;
const LONGEST_DESCRIPTION: usize = 10_000;
const MOST_TAGS: usize = 5;

#[derive(Debug)]
pub struct About {
    /// The fields of a new video.
    pub fields: Map<String, Value>,
    pub picture: Option<String>,
}

/// A description that cannot be read is as good as none.
pub async fn read(place: &Place, file: &Found) -> Result<About> {
    let named = |ending: &str| {
        let found = file.beside.iter();
        found
            .filter(|name| name.to_lowercase().ends_with(ending))
            .min_by_key(|name| name.len())
    };
    let described = match named(".info.json").or_else(|| named(".json")) {
        Some(key) => {
            let bytes = place.read(key, LARGEST_BYTES).await?;
            serde_json::from_slice(&bytes).unwrap_or_default()
        }
        None => Value::Null,
    };
    let pictures = [".jpg", ".jpeg", ".png", ".webp"];
    let picture = pictures.iter().find_map(|ending| named(ending)).cloned();
    Ok(About {
        fields: fields(&file.key, &described),
        picture,
    })
}

fn fields(key: &str, described: &Value) -> Map<String, Value> {
    // Takeout writes a list with one thing in it.
    let one = match described {
        Value::Array(list) => list.first().unwrap_or(&Value::Null),
        other => other,
    };
    let about = one.get("snippet").unwrap_or(one);
    let text = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| about.get(*name));
        let found = found.find_map(Value::as_str).map(str::trim);
        found.filter(|text| !text.is_empty())
    };
    let mut fields = Map::new();
    let name = name_of(text(&["fulltitle", "title", "name"]), key);
    fields.insert("name".to_owned(), name.into());
    if let Some(description) = text(&["description"]) {
        let cut: String = description.chars().take(LONGEST_DESCRIPTION).collect();
        if cut.chars().count() >= 3 {
            fields.insert("description".to_owned(), cut.into());
        }
    }
    let dates = [
        "release_date",
        "upload_date",
        "publishedAt",
        "originallyPublishedAt",
        "published_at",
        "creationTime",
        "date",
    ];
    if let Some(date) = text(&dates).and_then(date) {
        fields.insert("originallyPublishedAt".to_owned(), date.into());
    }
    let tags = tags_of(about);
    if !tags.is_empty() {
        fields.insert("tags".to_owned(), tags.into());
    }
    if let Some(language) = text(&["language", "defaultLanguage"]) {
        let language = language.split(['-', '_']).next().unwrap_or_default();
        if crate::video::labels::language_label(language).is_some() {
            fields.insert("language".to_owned(), language.into());
        }
    }
    fields
}

/// A title fits the limits of a name; without one the file's name is it.
fn name_of(title: Option<&str>, key: &str) -> String {
    let file = key.rsplit('/').next().unwrap_or(key);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let plain = stem.replace('_', " ");
    let chosen = title.unwrap_or(&plain).trim();
    let cut: String = chosen.chars().take(LONGEST_NAME).collect();
    let cut = cut.trim();
    if cut.chars().count() < 3 {
        return format!("Video {cut}").trim().to_owned();
    }
    cut.to_owned()
}

/// `20240131` or what begins like `2024-01-31`.
fn date(text: &str) -> Option<String> {
    let digits: String = text.chars().take(8).collect();
    if digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let (year, rest) = digits.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        return date(&format!("{year}-{month}-{day}"));
    }
    let at = crate::check::parse_date(text)?;
    Some(crate::check::iso(at))
}

fn tags_of(about: &Value) -> Vec<String> {
    let tags = about.get("tags").and_then(Value::as_array);
    let mut kept: Vec<String> = Vec::new();
    for tag in tags.into_iter().flatten().filter_map(Value::as_str) {
        let tag = tag.trim();
        let fits = (2..=30).contains(&tag.chars().count());
        if fits && !kept.iter().any(|known| known == tag) && kept.len() < MOST_TAGS {
            kept.push(tag.to_owned());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn descriptions_of_yt_dlp_and_takeout_are_read() {
        let yt_dlp = json!({
            "fulltitle": "A film", "description": "What it is about", "upload_date": "20190204",
            "tags": ["one", "x", "one", "two"], "language": "en-GB",
        });
        assert_eq!(
            Value::Object(fields("a/b.mp4", &yt_dlp)),
            json!({
                "name": "A film", "description": "What it is about", "tags": ["one", "two"],
                "originallyPublishedAt": "2019-02-04T00:00:00.000Z", "language": "en",
            })
        );
        let takeout = json!([{ "snippet": {
            "title": "Old one", "publishedAt": "2012-12-01T10:00:00.000Z", "description": "",
        } }]);
        assert_eq!(
            Value::Object(fields("x.mp4", &takeout)),
            json!({ "name": "Old one", "originallyPublishedAt": "2012-12-01T10:00:00.000Z" })
        );
    }

    #[test]
    fn a_name_always_fits() {
        assert_eq!(name_of(None, "a/My_holiday.2019.mp4"), "My holiday.2019");
        assert_eq!(name_of(Some("x"), "y.mp4"), "Video x");
        assert_eq!(name_of(Some(&"n".repeat(300)), "y.mp4").len(), 120);
        assert_eq!(date("20191301"), None);
    }
}
