//! What is said in videos: the phrase of a query in their captions, and the second.

use super::store::said as store;
use super::{page, store::said::FoundPassage};
use crate::access::Viewer;
use crate::app::App;
use crate::error::Result;
use crate::fold::fold;
use crate::listing::{Paging, Sort};
use crate::video::VideoId;
use crate::video::list::{self, Filters, ListQuery, Matching, Page, Scope};
use crate::video::said::Line;
use std::collections::HashMap;

/// Of one video, so many places are shown beside it.
const PLACES: usize = 3;
/// So many passages of one video are looked through for the page, and of all when only one is asked.
const PASSAGES: i64 = 3;
const PASSAGES_OF_ONE: i64 = 500;
/// More words of a phrase are not looked at; the overlap of passages is as long.
const MOST_WORDS: usize = 8;
/// More videos are not counted.
const MOST_VIDEOS: i64 = 1_000;

/// Where something is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub language: String,
    pub start_s: u64,
    /// The line, and those after it that the phrase goes on in.
    pub text: String,
}

/// The words of a query in their order; none where it is too short to be looked for.
pub(super) fn phrase(text: &str) -> Option<Vec<String>> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(str::to_owned)
        .collect();
    (folded.chars().count() > 1).then_some(words)
}

/// How videos in whose captions a text is said are found.
pub(super) fn matching(app: &App, text: &str) -> Option<Matching> {
    phrase(text).map(|words| store::videos(app, &words))
}

/// Videos in whose captions this is said, the newest first, with the places.
pub async fn videos(
    app: &App,
    viewer: &Viewer,
    text: &str,
    filters: Filters,
    paging: Paging,
) -> Result<(Page, HashMap<VideoId, Vec<Place>>)> {
    let Some(matching) = matching(app, text) else {
        let (total, rows) = (Some(0), Vec::new());
        return Ok((Page { total, rows }, HashMap::new()));
    };
    let query = ListQuery {
        scope: Scope::All,
        filters: Filters {
            matching: Some(matching),
            ..filters
        },
        paging: Paging {
            start: 0,
            count: MOST_VIDEOS,
        },
        sort: Sort {
            column: "match",
            descending: true,
        },
    };
    let found = list::candidates(app, viewer, &query).await?;
    let total = i64::try_from(found.len()).ok();
    let ids = page(found.into_iter().map(|(id, _)| id).collect(), paging);
    let rows = list::rows(app, viewer, &ids).await?;
    let places = places(app, text, &ids).await?;
    Ok((Page { total, rows }, places))
}

/// Where in these videos a text is said, at most three places each.
pub async fn places(
    app: &App,
    text: &str,
    ids: &[VideoId],
) -> Result<HashMap<VideoId, Vec<Place>>> {
    let mut places: HashMap<VideoId, Vec<Place>> = HashMap::new();
    let Some(words) = phrase(text).filter(|_| !ids.is_empty()) else {
        return Ok(places);
    };
    for passage in store::passages(app, &words, ids, PASSAGES).await? {
        let of_video = places.entry(passage.video_id).or_default();
        let room = PLACES.saturating_sub(of_video.len());
        of_video.extend(in_passage(&passage, &words).into_iter().take(room));
    }
    places.retain(|_, of_video| !of_video.is_empty());
    Ok(places)
}

/// Where in one video a text is said: how often, and a page of the places.
pub async fn places_in(
    app: &App,
    text: &str,
    id: VideoId,
    paging: Paging,
) -> Result<(i64, Vec<Place>)> {
    let Some(words) = phrase(text) else {
        return Ok((0, Vec::new()));
    };
    let found = store::passages(app, &words, &[id], PASSAGES_OF_ONE).await?;
    let places: Vec<Place> = found
        .iter()
        .flat_map(|passage| in_passage(passage, &words))
        .collect();
    let total = i64::try_from(places.len()).unwrap_or(i64::MAX);
    Ok((total, page(places, paging)))
}

fn in_passage(passage: &FoundPassage, words: &[String]) -> Vec<Place> {
    let lines: Vec<Line> = serde_json::from_str(&passage.lines).unwrap_or_default();
    let found = located(&lines, &passage.folded, words);
    found
        .into_iter()
        .map(|(start_ms, text)| Place {
            language: passage.language.clone(),
            start_s: start_ms / 1_000,
            text,
        })
        .collect()
}

/// Start and text of the lines in which the phrase begins; its last word may go on.
fn located(lines: &[Line], folded: &str, phrase: &[String]) -> Vec<(u64, String)> {
    let said: Vec<&str> = folded.split(' ').collect();
    let mut found = Vec::new();
    let mut first = 0;
    for (at, line) in lines.iter().enumerate() {
        let begins = (first..first + line.words)
            .find(|start| said.get(*start..).is_some_and(|rest| is_said(rest, phrase)));
        if let Some(start) = begins {
            let mut end = first;
            let whole = lines.iter().skip(at).take_while(|line| {
                let is_part = end < start + phrase.len();
                end += line.words;
                is_part
            });
            let texts: Vec<&str> = whole.map(|line| line.text.as_str()).collect();
            found.push((line.start_ms, texts.join(" ")));
        }
        first += line.words;
    }
    found
}

fn is_said(said: &[&str], phrase: &[String]) -> bool {
    let Some((last, before)) = phrase.split_last() else {
        return false;
    };
    said.get(before.len())
        .is_some_and(|word| word.starts_with(last.as_str()))
        && said.iter().zip(before).all(|(word, wanted)| word == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_located_across_lines_and_once_a_line() {
        let line = |start_ms, text: &str| Line {
            start_ms,
            words: fold(text).split(' ').count(),
            text: text.to_owned(),
        };
        let lines = [
            line(1_000, "We choose to go"),
            line(2_000, "to the Moon, the moon"),
            line(3_000, "in this decade"),
        ];
        let folded = "we choose to go to the moon the moon in this decade not because";
        let at = |text: &str| located(&lines, folded, &phrase(text).unwrap());
        let go = (1_000, "We choose to go to the Moon, the moon".to_owned());
        assert_eq!(at("GO to the"), [go]);
        assert_eq!(at("moo"), [(2_000, "to the Moon, the moon".to_owned())]);
        assert_eq!(
            at("decade not"),
            [(3_000, "in this decade".to_owned())],
            "goes on in the next passage"
        );
        assert_eq!(at("because"), [], "begins in the next passage");
        assert_eq!(at("moon to"), []);
        assert_eq!(phrase("a"), None);
        assert_eq!(phrase("?!"), None);
    }
}
