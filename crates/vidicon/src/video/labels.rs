//! The words behind the numbers and codes of videos: categories, licences, languages, resolutions.

mod languages;

pub use languages::LANGUAGES;

use crate::instance::settings::OwnLabels;
use crate::wire::Labelled;

pub const UNKNOWN: &str = "Unknown";

pub const CATEGORIES: [&str; 18] = [
    "Music",
    "Films",
    "Vehicles",
    "Art",
    "Sports",
    "Travels",
    "Gaming",
    "People",
    "Comedy",
    "Entertainment",
    "News & Politics",
    "How To",
    "Education",
    "Activism",
    "Science & Technology",
    "Animals",
    "Kids",
    "Food",
];

pub const LICENCES: [&str; 9] = [
    "Attribution",
    "Attribution - Share Alike",
    "Attribution - No Derivatives",
    "Attribution - Non Commercial",
    "Attribution - Non Commercial - Share Alike",
    "Attribution - Non Commercial - No Derivatives",
    "Public Domain Dedication",
    "Free of known copyright restrictions",
    "All rights reserved",
];

/// A list of labels by their numbers: those that every server knows, and the site's own.
#[derive(Clone, Copy, Debug)]
pub struct Numbered {
    usual: &'static [&'static str],
    own: &'static [(i64, String)],
}

pub fn categories(own: &'static OwnLabels) -> Numbered {
    Numbered {
        usual: &CATEGORIES,
        own: &own.categories,
    }
}

pub fn licences(own: &'static OwnLabels) -> Numbered {
    Numbered {
        usual: &LICENCES,
        own: &own.licences,
    }
}

impl Numbered {
    pub fn all(self) -> impl Iterator<Item = (i64, &'static str)> {
        let own = self.own.iter().map(|(id, label)| (*id, label.as_str()));
        (1..).zip(self.usual.iter().copied()).chain(own)
    }

    pub fn find(self, id: i64) -> Option<&'static str> {
        let at = usize::try_from(id - 1).ok();
        let usual = at.and_then(|at| self.usual.get(at)).copied();
        usual.or_else(|| {
            let found = self.own.iter().find(|(known, _)| *known == id);
            found.map(|(_, label)| label.as_str())
        })
    }

    fn labelled(self, id: Option<i64>) -> Labelled<i64> {
        Labelled {
            id,
            label: id.and_then(|id| self.find(id)).unwrap_or(UNKNOWN),
        }
    }
}

pub fn category(own: &'static OwnLabels, id: Option<i64>) -> Labelled<i64> {
    categories(own).labelled(id)
}

pub fn licence(own: &'static OwnLabels, id: Option<i64>) -> Labelled<i64> {
    licences(own).labelled(id)
}

pub fn language(code: Option<&str>) -> Labelled<&str> {
    Labelled {
        id: code,
        label: code.and_then(language_label).unwrap_or(UNKNOWN),
    }
}

pub fn language_label(code: &str) -> Option<&'static str> {
    let at = LANGUAGES
        .binary_search_by(|(known, _)| (*known).cmp(code))
        .ok()?;
    LANGUAGES.get(at).map(|(_, label)| *label)
}

/// `720p`; sizes that are wider than usual go by their width.
pub fn resolution(id: i64, width: Option<i64>, height: Option<i64>) -> String {
    if id == 0 {
        return "Audio only".to_owned();
    }
    let long = width.unwrap_or(0).max(height.unwrap_or(0));
    let usual = [
        (256, 144),
        (426, 240),
        (640, 360),
        (854, 480),
        (1280, 720),
        (1920, 1080),
        (2560, 1440),
        (3840, 2160),
    ];
    let by_width = usual
        .iter()
        .find(|(wide, high)| *wide == long && *high > id);
    format!("{}p", by_width.map_or(id, |(_, high)| *high))
}

/// A language of the list, perhaps with a region: `fr`, `pt-BR`.
pub fn is_locale(text: &str) -> bool {
    let language = text.split('-').next().unwrap_or(text);
    let is_known = LANGUAGES.iter().any(|(known, _)| *known == language);
    is_known && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_can_be_found() {
        assert!(LANGUAGES.is_sorted_by_key(|(code, _)| *code));
        assert_eq!(language_label("fr"), Some("French"));
        assert_eq!(language_label("zh-Hans"), Some("Simplified Chinese"));
        assert_eq!(language_label("xx"), None);
    }

    #[test]
    fn resolutions_have_names() {
        assert_eq!(resolution(0, None, None), "Audio only");
        assert_eq!(resolution(720, Some(1280), Some(720)), "720p");
        assert_eq!(resolution(816, Some(1920), Some(816)), "1080p");
        assert_eq!(resolution(720, Some(960), Some(720)), "720p");
    }
}
