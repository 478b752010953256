//! Where Apple's directory, and those that follow it, put a podcast: it has shelves of its own, and takes no feed
//! that names none of them.

/// A shelf, and a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shelf {
    pub name: &'static str,
    pub part: Option<&'static str>,
}

impl Default for Shelf {
    /// What can be said of any series of videos.
    fn default() -> Self {
        Shelf {
            name: "TV & Film",
            part: None,
        }
    }
}

/// The shelf of a category of videos; a site's own categories have the usual one.
pub fn shelf(category: i64) -> Shelf {
    let (name, part) = match category {
        1 => ("Music", None),
        3 => ("Leisure", Some("Automotive")),
        4 => ("Arts", None),
        5 => ("Sports", None),
        6 => ("Society & Culture", Some("Places & Travel")),
        7 => ("Leisure", Some("Video Games")),
        8 | 14 => ("Society & Culture", None),
        9 => ("Comedy", None),
        11 => ("News", None),
        12 => ("Education", Some("How To")),
        13 => ("Education", None),
        15 => ("Technology", None),
        16 => ("Science", Some("Nature")),
        17 => ("Kids & Family", None),
        18 => ("Arts", Some("Food")),
        _ => return Shelf::default(),
    };
    Shelf { name, part }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::labels::CATEGORIES;

    #[test]
    fn categories_stand_where_their_names_say() {
        let shelves: Vec<(&str, &str)> = (1..)
            .zip(CATEGORIES)
            .map(|(number, name)| (name, shelf(number).name))
            .collect();
        for wanted in [
            ("Music", "Music"),
            ("Films", "TV & Film"),
            ("Art", "Arts"),
            ("Sports", "Sports"),
            ("Gaming", "Leisure"),
            ("Comedy", "Comedy"),
            ("News & Politics", "News"),
            ("Education", "Education"),
            ("Science & Technology", "Technology"),
            ("Kids", "Kids & Family"),
            ("Food", "Arts"),
        ] {
            assert!(shelves.contains(&wanted), "{wanted:?} in {shelves:?}");
        }
        assert_eq!(shelf(9_000), Shelf::default());
    }
}
