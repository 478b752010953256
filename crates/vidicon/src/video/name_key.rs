//! The bytes by which names are sorted: Unicode's collation, punctuation and spaces ignored at
//! first. They are stored, so both databases sort alike, by an index.

use icu_collator::options::{AlternateHandling, CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed};
use std::sync::LazyLock;

static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| {
    let mut options = CollatorOptions::default();
    options.strength = Some(Strength::Quaternary);
    options.alternate_handling = Some(AlternateHandling::Shifted);
    Collator::try_new(icu_collator::CollatorPreferences::default(), options).ok()
});

pub fn name_key(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() * 3);
    if let Some(collator) = &*COLLATOR
        && collator.write_sort_key_to(name, &mut key).is_ok()
    {
        return key;
    }
    // Only if the collation data were missing from the program.
    name.to_lowercase().into_bytes()
}

/// From where and up to where the keys of names lie that have the same letters: they differ in case,
/// accents and punctuation at most. A sort key tells letters first, and ends them with a byte of 1.
pub fn same_letters(name: &str) -> [Vec<u8>; 2] {
    let key = name_key(name);
    let letters = key.iter().position(|byte| *byte == 1);
    let letters = key.get(..letters.unwrap_or(key.len())).unwrap_or_default();
    [[letters, &[1]].concat(), [letters, &[2]].concat()]
}

#[cfg(test)]
mod tests {
    use super::{name_key, same_letters};

    #[test]
    fn names_of_the_same_letters_lie_together() {
        let [from, below] = same_letters("eclair");
        let within = |name: &str| (&from..&below).contains(&&name_key(name));
        for name in ["Éclair", "eclair!", "ECLAIR", "e clair"] {
            assert!(within(name), "{name}");
        }
        for name in ["eclairs", "ecla", "zebra", ""] {
            assert!(!within(name), "{name}");
        }
    }

    #[test]
    fn names_sort_as_people_sort_them() {
        let mut names = vec![
            "Zebra",
            "apple",
            "Éclair",
            "#1 hit",
            "eclipse",
            "Äpfel",
            "apple pie",
            "(Bold) move",
            "bolder",
            "Ünder",
            "über",
        ];
        names.sort_by_key(|name| name_key(name));
        let wanted = [
            "#1 hit",
            "Äpfel",
            "apple",
            "apple pie",
            "bolder",
            "(Bold) move",
            "Éclair",
            "eclipse",
            "über",
            "Ünder",
            "Zebra",
        ];
        assert_eq!(names, wanted);
    }
}
