//! What captions say, kept in passages for the search: a phrase leads to a video and a second.

use super::store::said as store;
use super::vtt::{self, Cue};
use crate::app::App;
use crate::error::{Error, Result};
use crate::fold::fold;
use base::Tx;
use base::job::JobError;
use base::storage::Class;
use serde::{Deserialize, Serialize};

/// Lines of captions that are not in the index yet are taken in by this job.
pub const INDEX_JOB: &str = "captions_index";
/// So many captions are looked up at once, and so often in one run of the job.
const AT_ONCE: i64 = 100;
const ROUNDS: usize = 50;
/// Further cues of a caption are not found: more than eight hours of quick talk.
const MOST_CUES: usize = 20_000;
/// Characters of a cue.
const LONGEST_CUE: usize = 500;
/// Cues and words of a passage.
const CUES: usize = 40;
const WORDS: usize = 400;
/// So many words of the next passage are also found in the one before it, so that a phrase across
/// the two is.
const OVERLAP: usize = 8;

/// One cue of a passage.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Line {
    pub start_ms: u64,
    /// Of the passage's folded words, so many are this line's.
    pub words: usize,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    pub lines: Vec<Line>,
    /// The words of all lines and the first ones of the next passage.
    pub folded: String,
}

/// The passages of a file of WebVTT. Beside the async threads: a long file takes some milliseconds.
pub async fn passages(vtt: String) -> Result<Vec<Passage>> {
    tokio::task::spawn_blocking(move || cut(vtt::cues(&vtt, MOST_CUES)))
        .await
        .map_err(Error::internal)
}

/// Puts these passages in the place of what was known of a caption.
pub async fn keep(tx: &mut Tx, filename: &str, passages: &[Passage]) -> base::db::Result<()> {
    let Some((caption_id, video_id)) = store::start(tx, filename).await? else {
        return Ok(());
    };
    for passage in passages {
        let lines = serde_json::to_string(&passage.lines).unwrap_or_default();
        store::add(&mut *tx, caption_id, video_id, &lines, &passage.folded).await?;
    }
    Ok(())
}

/// Takes a caption that lies here now into the index.
pub async fn index(app: &App, filename: &str, vtt: String) -> Result<()> {
    let passages = passages(vtt).await?;
    let mut tx = app.db.begin().await?;
    keep(&mut tx, filename, &passages).await?;
    tx.commit().await?;
    Ok(())
}

/// The file of a caption lies here no longer.
pub async fn forget(app: &App, filename: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::forget(&mut tx, filename).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes in captions that are not in the index: those of before there was one, and those of other
/// servers whose videos have changed.
pub async fn index_missing(app: &App) -> Result<(), JobError> {
    for _ in 0..ROUNDS {
        let missing = store::missing(&app.db, AT_ONCE).await?;
        for filename in &missing {
            index(app, filename, kept_text(app, filename).await).await?;
        }
        if missing.is_empty() {
            break;
        }
    }
    Ok(())
}

/// A file that cannot be read says nothing, and is not tried again.
async fn kept_text(app: &App, filename: &str) -> String {
    let limit = 2 * super::caption::LARGEST_FILE;
    match app.storage.get(Class::Caption, filename, limit).await {
        Ok(file) => String::from_utf8_lossy(&file).into_owned(),
        Err(error) => {
            tracing::warn!(%error, filename, "a caption could not be read for the search");
            String::new()
        }
    }
}

fn cut(cues: Vec<Cue>) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut words = 0;
    for cue in cues {
        let text: String = cue.text.chars().take(LONGEST_CUE).collect();
        let folded = fold(&text);
        if folded.is_empty() {
            continue;
        }
        let line = Line {
            start_ms: cue.start_ms,
            words: folded.split(' ').count(),
            text,
        };
        words += line.words;
        let is_full = |it: &Passage| it.lines.len() == CUES || words > WORDS;
        if passages.last().is_none_or(is_full) {
            words = line.words;
            passages.push(Passage::default());
        }
        if let Some(passage) = passages.last_mut() {
            passage.lines.push(line);
            add_words(&mut passage.folded, &folded);
        }
    }
    let starts: Vec<String> = passages.iter().skip(1).map(first_words).collect();
    for (passage, next) in passages.iter_mut().zip(&starts) {
        add_words(&mut passage.folded, next);
    }
    passages
}

fn add_words(folded: &mut String, more: &str) {
    if !folded.is_empty() {
        folded.push(' ');
    }
    folded.push_str(more);
}

fn first_words(passage: &Passage) -> String {
    let words: Vec<&str> = passage.folded.split(' ').take(OVERLAP).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_overlap_and_are_bounded() {
        let cues = (0..100)
            .map(|n| Cue {
                start_ms: n * 1_000,
                text: format!("Line {n}!"),
            })
            .chain([Cue {
                start_ms: 100_000,
                text: "é".repeat(600),
            }]);
        let passages = cut(cues.collect());
        let sizes: Vec<usize> = passages.iter().map(|it| it.lines.len()).collect();
        assert_eq!(sizes, [40, 40, 21]);
        let first = passages.first().unwrap();
        assert!(first.folded.starts_with("line 0 line 1"));
        assert!(
            first
                .folded
                .ends_with("line 39 line 40 line 41 line 42 line 43")
        );
        let last = passages.last().unwrap().lines.last().unwrap();
        assert_eq!((last.text.chars().count(), last.words), (500, 1));
    }
}
