//! The words that names are made of, and which of them look like a word that was mistyped.

use super::{Words, rank, store};
use crate::app::App;
use crate::error::Result;
use crate::fold::fold;
use base::Tx;
use std::collections::BTreeSet;

/// Shorter words are not guessed at.
const SHORTEST: usize = 4;
/// From this length on two slips are forgiven.
const LONG: usize = 7;
/// Words that one word may stand for.
const MOST_GUESSES: usize = 6;

/// Takes the words of these texts into the vocabulary.
pub async fn learn(tx: &mut Tx, texts: impl IntoIterator<Item = &str>) -> Result<()> {
    let mut words = BTreeSet::new();
    for text in texts {
        let folded = fold(text);
        words.extend(
            folded
                .split(' ')
                .filter(|word| word.chars().count() >= SHORTEST)
                .map(str::to_owned),
        );
    }
    for word in words {
        store::add_word(tx, &word, &letters(&word)).await?;
    }
    Ok(())
}

fn letters(word: &str) -> Vec<String> {
    let distinct: BTreeSet<String> = rank::trigrams(word)
        .iter()
        .map(|three| three.iter().collect())
        .collect();
    distinct.into_iter().collect()
}

/// Lets each word stand for known ones that look like it, too. Tells whether there are any.
pub async fn widen(app: &App, words: &mut Words) -> Result<bool> {
    let mut is_wider = false;
    for alternatives in words {
        let Some(word) = alternatives.first().cloned() else {
            continue;
        };
        if word.chars().count() < SHORTEST {
            continue;
        }
        let mut similar = store::similar(&app.db, &letters(&word)).await?;
        similar.retain(|known| *known != word && is_alike(&word, known));
        similar.sort_by_key(|known| rank::slips(&word, known, LONG));
        similar.truncate(MOST_GUESSES);
        is_wider |= !similar.is_empty();
        alternatives.extend(similar);
    }
    Ok(is_wider)
}

fn is_alike(word: &str, known: &str) -> bool {
    let most = if word.chars().count() >= LONG { 2 } else { 1 };
    known.contains(word) || rank::slips(word, known, most) <= most
}
