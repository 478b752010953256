//! Which of the things found come first: those whose name is most like the query. Pure.

use crate::fold::fold;
use std::cmp::Ordering;

/// 0 to 4: the same name 4, a name that begins with the query 3 and a bit, one that holds it 2 and
/// a bit, others by how many of the query's runs of three letters are in the name.
pub fn score(query: &str, name: &str) -> f64 {
    Wanted::of(query).score(name, &mut Vec::new())
}

/// The best first; of two alike the newer, which has the larger id.
pub fn best_first<I: Copy + Ord>(query: &str, found: Vec<(I, String)>) -> Vec<I> {
    let wanted = Wanted::of(query);
    let mut scratch = Vec::new();
    let mut scored: Vec<(f64, I)> = found
        .into_iter()
        .map(|(id, name)| (wanted.score(&name, &mut scratch), id))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    scored.into_iter().map(|(_, id)| id).collect()
}

type Trigram = [char; 3];

/// A query, taken apart once for all names.
struct Wanted {
    text: String,
    trigrams: Vec<Trigram>,
}

impl Wanted {
    fn of(query: &str) -> Self {
        let text = fold(query);
        let mut trigrams = Vec::new();
        of_words(&text, &mut trigrams);
        Wanted { text, trigrams }
    }

    fn score(&self, name: &str, scratch: &mut Vec<Trigram>) -> f64 {
        let name = fold(name);
        if self.text.is_empty() {
            return 0.0;
        }
        if self.text == name {
            return 4.0;
        }
        of_words(&name, scratch);
        let likeness = likeness(&self.trigrams, scratch);
        if name.starts_with(&self.text) {
            3.0 + likeness / 2.0
        } else if name.contains(&self.text) {
            2.0 + likeness / 2.0
        } else {
            likeness
        }
    }
}

/// 0 to 1: twice the trigrams that both have, of all that each has. Both are sorted.
fn likeness(a: &[Trigram], b: &[Trigram]) -> f64 {
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut shared: u32 = 0;
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        match x.cmp(y) {
            Ordering::Less => drop(left.next()),
            Ordering::Greater => drop(right.next()),
            Ordering::Equal => {
                shared += 1;
                left.next();
                right.next();
            }
        }
    }
    let all = u32::try_from(a.len() + b.len()).unwrap_or(u32::MAX).max(1);
    2.0 * f64::from(shared) / f64::from(all)
}

/// The different trigrams of all words, sorted.
fn of_words(text: &str, found: &mut Vec<Trigram>) {
    found.clear();
    for word in text.split(' ') {
        let mut last = [' ', ' '];
        for (at, c) in word.chars().chain(std::iter::once(' ')).enumerate() {
            if at > 0 {
                found.push([last[0], last[1], c]);
            }
            last = [last[1], c];
        }
    }
    found.sort_unstable();
    found.dedup();
}

/// The runs of three letters of a word with a space before and behind it.
pub fn trigrams(word: &str) -> Vec<[char; 3]> {
    let padded: Vec<char> = std::iter::once(' ')
        .chain(word.chars())
        .chain(std::iter::once(' '))
        .collect();
    padded
        .windows(3)
        .filter_map(|three| <[char; 3]>::try_from(three).ok())
        .collect()
}

/// Letters to change, add, leave out or swap with their neighbour to make one word of the other;
/// more than `most` is told as `most + 1`.
pub fn slips(a: &str, b: &str, most: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let at = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut cost = (at(&above, j) + usize::from(from != to))
                .min(at(&above, j + 1) + 1)
                .min(at(&row, j) + 1);
            let is_swap = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if is_swap {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0).min(most + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_alike_come_first() {
        let names = [
            "Big buck bunny",
            "The bunny",
            "Bunny",
            "Bunnies everywhere",
            "Ants",
        ];
        let found = names
            .iter()
            .enumerate()
            .map(|(at, name)| (at, (*name).to_owned()))
            .collect();
        assert_eq!(best_first("bunny", found), [2, 1, 0, 3, 4]);
    }

    #[test]
    fn slips_are_counted() {
        for (a, b, wanted) in [
            ("guitar", "guitar", 0),
            ("guitar", "giutar", 1),
            ("guitar", "gitar", 1),
            ("guitar", "guitarr", 1),
            ("guitar", "quiter", 2),
            ("guitar", "drum", 3),
        ] {
            assert_eq!(slips(a, b, 2), wanted, "{a} {b}");
        }
    }

    #[test]
    fn trigrams_mark_where_words_begin_and_end() {
        let text: Vec<String> = trigrams("cat")
            .iter()
            .map(|three| three.iter().collect())
            .collect();
        assert_eq!(text, [" ca", "cat", "at "]);
    }
}
