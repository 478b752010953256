//! The parts that many pages share: a video in a list, a person, pages of a list, options.

use super::Page;
use base::clock::Millis;
use time::OffsetDateTime;

/// A video in a list.
#[derive(Clone, Debug, Default)]
pub struct Card {
    pub url: String,
    pub title: String,
    pub shape: &'static str,
    pub hue: &'static str,
    pub picture: Option<String>,
    pub width: i64,
    pub height: i64,
    /// Seen at once, so not to be loaded lazily.
    pub eager: bool,
    pub live: bool,
    /// Its picture is blurred.
    pub covered: bool,
    /// `14:02` and `PT14M2S`.
    pub clock: String,
    pub iso: String,
    pub by: String,
    pub by_url: String,
    pub year: String,
    pub views: String,
    /// Percent of it that the viewer has seen.
    pub watched: Option<i64>,
    pub note: Option<String>,
    /// The first words of its description.
    pub words: Option<String>,
    /// Where the words of a search are said in it.
    pub said: Vec<SaidAt>,
}

/// A second of a video, and what is said there.
#[derive(Clone, Debug)]
pub struct SaidAt {
    pub url: String,
    /// `1:05`.
    pub clock: String,
    pub text: String,
}

/// A channel or an account in a list.
#[derive(Clone, Debug)]
pub struct Person {
    pub url: String,
    pub name: String,
    pub initial: String,
    pub avatar: Option<String>,
    pub note: String,
    /// The name in addresses, and the address as an ActivityPub actor.
    pub handle: String,
    pub actor: String,
}

/// One choice of a select or a radio group.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub note: &'static str,
    pub chosen: bool,
}

/// A tab that is a link.
#[derive(Clone, Debug)]
pub struct Tab {
    pub url: String,
    pub label: String,
    pub now: bool,
}

/// Where in a long list this page is.
#[derive(Clone, Debug)]
pub struct Pages {
    pub now: i64,
    pub back: Option<String>,
    pub next: Option<String>,
}

/// How many videos stand on one page of a list.
pub const PER_PAGE: i64 = 24;

impl Pages {
    /// `more` says whether something follows; `query` is the rest of the query, ready to use.
    pub fn new(path: &str, query: &str, now: i64, more: bool) -> Option<Self> {
        if now <= 1 && !more {
            return None;
        }
        let rest = if query.is_empty() {
            String::new()
        } else {
            format!("&{query}")
        };
        let link = |number: i64| format!("{path}?page={number}{rest}");
        Some(Pages {
            now,
            back: (now > 1).then(|| link(now - 1)),
            next: more.then(|| link(now + 1)),
        })
    }
}

/// The page that a query asks for, from 1 on.
pub fn page_number(query: &serde_json::Map<String, serde_json::Value>) -> i64 {
    let given = query
        .get("page")
        .and_then(serde_json::Value::as_str)
        .and_then(|text| text.parse().ok());
    given.unwrap_or(1).clamp(1, 10_000)
}

/// The nearest of our eight shapes for a picture of this width to height.
pub fn shape(aspect_ratio: Option<f64>) -> &'static str {
    const SHAPES: [(f64, &str); 8] = [
        (0.5625, "ar-9x16"),
        (0.75, "ar-3x4"),
        (1.0, "ar-1x1"),
        (1.3333, "ar-4x3"),
        (1.5, "ar-3x2"),
        (1.7778, "ar-16x9"),
        (2.0, "ar-2x1"),
        (2.3333, "ar-21x9"),
    ];
    let ratio = aspect_ratio
        .filter(|ratio| ratio.is_finite() && *ratio > 0.0)
        .unwrap_or(1.7778);
    let distance = |known: f64| (known / ratio).ln().abs();
    let nearest = SHAPES
        .iter()
        .min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
    nearest.map_or("ar-16x9", |(_, class)| class)
}

/// The nearest of our twelve hues.
pub fn hue(degrees: Option<i64>) -> &'static str {
    const HUES: [&str; 12] = [
        "hue-0", "hue-30", "hue-60", "hue-90", "hue-120", "hue-150", "hue-180", "hue-210",
        "hue-240", "hue-270", "hue-300", "hue-330",
    ];
    let Some(degrees) = degrees else { return "" };
    let index = usize::try_from((degrees.rem_euclid(360) + 15) / 30 % 12).unwrap_or(0);
    HUES.get(index).copied().unwrap_or("")
}

/// `1:02:03`, `2:03`.
pub fn clock(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

/// `PT14M2S`.
pub fn iso_length(seconds: i64) -> String {
    format!(
        "PT{}H{}M{}S",
        seconds / 3600,
        seconds % 3600 / 60,
        seconds % 60
    )
}

/// Seconds of `1:02:03`, `2:03` or `123`.
pub fn seconds(text: &str) -> Option<i64> {
    let mut sum = 0_i64;
    for part in text.trim().split(':') {
        let part: i64 = part
            .trim()
            .parse()
            .ok()
            .filter(|part| (0..100_000).contains(part))?;
        sum = sum * 60 + part;
    }
    Some(sum)
}

pub fn year(at: Millis) -> String {
    OffsetDateTime::from_unix_timestamp(at.div_euclid(1000))
        .map(|time| time.year().to_string())
        .unwrap_or_default()
}

/// `2026-11-20T12:00:00Z`, for machines.
pub fn iso_time(at: Millis) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)).ok();
    time.and_then(|time| {
        time.format(&time::format_description::well_known::Rfc3339)
            .ok()
    })
    .unwrap_or_default()
}

/// The letter that stands for somebody without a picture.
pub fn initial(name: &str) -> String {
    name.trim()
        .chars()
        .find(|c| c.is_alphanumeric())
        .unwrap_or('·')
        .to_uppercase()
        .collect()
}

impl Page {
    /// Choices for a select, from numbers or codes with their labels.
    pub fn choices<'l>(
        &self,
        list: impl IntoIterator<Item = (String, &'l str)>,
        chosen: &str,
        none: Option<&'static str>,
    ) -> Vec<Choice> {
        let empty = none.map(|label| Choice {
            value: String::new(),
            label: label.to_owned(),
            note: "",
            chosen: chosen.is_empty(),
        });
        let rest = list.into_iter().map(|(value, label)| Choice {
            chosen: value == chosen,
            value,
            label: label.to_owned(),
            note: "",
        });
        empty.into_iter().chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_hues() {
        assert_eq!(shape(Some(1.78)), "ar-16x9");
        assert_eq!(shape(Some(0.56)), "ar-9x16");
        assert_eq!(shape(Some(f64::NAN)), "ar-16x9");
        assert_eq!(shape(Some(2.39)), "ar-21x9");
        assert_eq!(
            (hue(Some(359)), hue(Some(16)), hue(None)),
            ("hue-0", "hue-30", "")
        );
    }

    #[test]
    fn lengths() {
        assert_eq!(
            (clock(842), clock(3723)),
            ("14:02".to_owned(), "1:02:03".to_owned())
        );
        assert_eq!(
            (seconds("1:02:03"), seconds("2:03"), seconds("x")),
            (Some(3723), Some(123), None)
        );
    }
}
