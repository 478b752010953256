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

#[cfg(test)]
mod tests {
    use super::name_key;

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
