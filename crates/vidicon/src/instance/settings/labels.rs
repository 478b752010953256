//! Categories and licences of the site's own, beside those that every server knows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Numbers below are, or may become, those that every server knows.
const NUMBERS: RangeInclusive<i64> = 100..=9_999;
const MOST: usize = 100;
const LONGEST: usize = 50;

/// A line each, a number from 100 on and a word: `101 Astronomy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Labels {
    pub categories: String,
    pub licences: String,
}

/// The same, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnLabels {
    pub categories: Vec<(i64, String)>,
    pub licences: Vec<(i64, String)>,
}

impl OwnLabels {
    pub fn of(labels: &Labels) -> Self {
        let read = |text: &str| read_labels(text).unwrap_or_default();
        OwnLabels {
            categories: read(&labels.categories),
            licences: read(&labels.licences),
        }
    }
}

/// Labels stand in answers for as long as these last; a site changes its own a few times in its life.
impl Default for &'static OwnLabels {
    fn default() -> Self {
        static NONE: OwnLabels = OwnLabels {
            categories: Vec::new(),
            licences: Vec::new(),
        };
        &NONE
    }
}

/// Nothing when a line is no number with a word, or a number stands there twice.
pub fn read_labels(text: &str) -> Option<Vec<(i64, String)>> {
    let mut found: Vec<(i64, String)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (number, word) = line.split_once(char::is_whitespace)?;
        let (number, word) = (number.parse().ok()?, word.trim());
        let fits = NUMBERS.contains(&number)
            && word.chars().count() <= LONGEST
            && !word.chars().any(char::is_control)
            && found.len() < MOST
            && found.iter().all(|(known, _)| *known != number);
        if !fits {
            return None;
        }
        found.push((number, word.to_owned()));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::read_labels;

    #[test]
    fn lines_are_numbers_with_words() {
        let read = read_labels("101 Astronomy\n\n  102\tDeep sea \r\n").unwrap();
        assert_eq!(
            read,
            [(101, "Astronomy".to_owned()), (102, "Deep sea".to_owned())]
        );
        assert_eq!(read_labels(""), Some(Vec::new()));
        for wrong in [
            "Astronomy",
            "101",
            "18 Kids",
            "10000 Far",
            "101 A\n101 B",
            "-101 A",
        ] {
            assert_eq!(read_labels(wrong), None, "{wrong}");
        }
    }
}
