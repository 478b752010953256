//! Which of the things found come first: those whose name is most like the query. Pure.

use crate::fold::fold;
use std::collections::HashSet;

/// 0 to 4: the same name 4, a name that begins with the query 3 and a bit, one that holds it 2 and
/// a bit, others by how many of the query's runs of three letters are in the name.
pub fn score(query: &str, name: &str) -> f64 {
    let (query, name) = (fold(query), fold(name));
    if query.is_empty() {
        return 0.0;
    }
    if query == name {
        return 4.0;
    }
    let likeness = likeness(&query, &name);
    if name.starts_with(&query) {
        3.0 + likeness / 2.0
    } else if name.contains(&query) {
        2.0 + likeness / 2.0
    } else {
        likeness
    }
}

/// The best first; of two alike the newer, which has the larger id.
pub fn best_first<I: Copy + Ord>(query: &str, found: Vec<(I, String)>) -> Vec<I> {
    let mut scored: Vec<(f64, I)> = found
        .into_iter()
        .map(|(id, name)| (score(query, &name), id))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    scored.into_iter().map(|(_, id)| id).collect()
}

/// 0 to 1: twice the trigrams that both have, of all that each has.
fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (of_words(a), of_words(b));
    let shared = u32::try_from(a.intersection(&b).count()).unwrap_or(u32::MAX);
    let all = u32::try_from(a.len() + b.len()).unwrap_or(u32::MAX).max(1);
    2.0 * f64::from(shared) / f64::from(all)
}

fn of_words(text: &str) -> HashSet<[char; 3]> {
    text.split(' ').flat_map(trigrams).collect()
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
