//! Invented names and sentences. The same number always gives the same text.

use std::fmt::Write;

const ABOUT: [&str; 40] = [
    "river",
    "mountain",
    "garden",
    "kitchen",
    "engine",
    "violin",
    "harbour",
    "winter",
    "market",
    "bicycle",
    "forest",
    "bridge",
    "bakery",
    "lighthouse",
    "workshop",
    "meadow",
    "station",
    "orchestra",
    "telescope",
    "pottery",
    "sailing",
    "beekeeping",
    "chess",
    "café",
    "château",
    "weaving",
    "volcano",
    "glacier",
    "tramway",
    "orchard",
    "printing press",
    "bookshop",
    "ceramics",
    "old town",
    "railway",
    "observatory",
    "allotment",
    "boat yard",
    "choir",
    "compost",
];
const HOW: [&str; 24] = [
    "A quiet",
    "Our first",
    "The long",
    "A day at the",
    "Behind the",
    "Repairing the",
    "The last",
    "Building a",
    "Walking to the",
    "Sounds of the",
    "A short history of the",
    "Drawing the",
    "Early morning at the",
    "The forgotten",
    "How to love a",
    "Letters from the",
    "Notes on a",
    "Under the",
    "Learning the",
    "Night at the",
    "Rain over the",
    "Songs of the",
    "Opening the",
    "Würzburg and its",
];
const WHERE: [&str; 20] = [
    "in Lisbon",
    "in spring",
    "by the sea",
    "without a plan",
    "in the rain",
    "with friends",
    "in São Paulo",
    "near Zürich",
    "on a Sunday",
    "for beginners",
    "in ten minutes",
    "after dark",
    "in slow motion",
    "in Kraków",
    "from above",
    "by train",
    "in the north",
    "one year later",
    "with a small camera",
    "in Málaga",
];
const SENTENCES: [&str; 16] = [
    "We set out before sunrise and came back with more questions than answers.",
    "Everything you see was filmed in one afternoon.",
    "Thanks to everyone who held a light, a door or a ladder.",
    "The music is played by the people who live there.",
    "If you know more about this place, please write a comment.",
    "There is no trick in it, only patience.",
    "This is the second part; the first one is on the channel.",
    "Subtitles are welcome in any language.",
    "The tools are listed at the end.",
    "Nothing was staged, and nothing was thrown away.",
    "It took three attempts and a borrowed rope.",
    "The colours are those of the morning.",
    "You may use it in lessons.",
    "A neighbour lent us the boat.",
    "Watch to the end, the best comes late.",
    "Filmed with a camera older than its owner.",
];
const REMARKS: [&str; 16] = [
    "This made my evening, thank you.",
    "Where is the bridge at the start?",
    "More of this, please.",
    "The sound is wonderful.",
    "I used to live round the corner.",
    "What lens is that?",
    "My children have watched it five times.",
    "The part with the boat!",
    "Thank you for the subtitles.",
    "A small correction: that is a rowan.",
    "I could smell the bread.",
    "Beautifully slow.",
    "Is there a longer version?",
    "We went there because of you.",
    "The ending is perfect.",
    "Greetings from the other coast.",
];
pub const REPLY: &str = "I thought so too.";

const FIRST: [&str; 24] = [
    "ada", "bruno", "carla", "dmitri", "elif", "farid", "greta", "hana", "ivo", "jana", "kofi",
    "lena", "mateo", "nora", "oskar", "petra", "quinn", "rosa", "sami", "tove", "ulrich", "vera",
    "wanda", "yuki",
];

/// A stream of numbers that is the same in every run (SplitMix64).
#[derive(Clone)]
pub struct Numbers(u64);

impl Numbers {
    pub fn of(seed: u64) -> Self {
        // Mixed once: neighbouring seeds would otherwise give the same stream, one step apart.
        Numbers(Numbers(seed).next())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to below `limit`.
    pub fn below(&mut self, limit: i64) -> i64 {
        let limit = u64::try_from(limit).unwrap_or(1).max(1);
        i64::try_from(self.next() % limit).unwrap_or(0)
    }

    /// Small numbers are frequent, large ones rare, as views and likes are.
    pub fn skewed(&mut self, limit: i64) -> i64 {
        let (a, b) = (self.below(1 << 20), self.below(1 << 20));
        limit * ((a * b) >> 20) / (1 << 20) * self.below(100) / 100
    }

    pub fn uuid(&mut self) -> uuid::Uuid {
        let halves = (u128::from(self.next()) << 64) | u128::from(self.next());
        uuid::Builder::from_random_bytes(halves.to_be_bytes()).into_uuid()
    }

    pub fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.below(i64::try_from(words.len()).unwrap_or(1))).unwrap_or(0);
        words.get(at).copied().unwrap_or("")
    }
}

pub struct Text {
    pub name: String,
    pub tags: Vec<String>,
    pub description: String,
}

pub fn video(numbers: &mut Numbers) -> Text {
    let about = numbers.pick(&ABOUT);
    let mut name = format!("{} {about}", numbers.pick(&HOW));
    if numbers.below(3) > 0 {
        let _ = write!(name, " {}", numbers.pick(&WHERE));
    }
    let mut tags = vec![about.to_owned()];
    for _ in 0..numbers.below(4) {
        let tag = numbers.pick(&ABOUT).to_owned();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let mut description = String::new();
    for _ in 0..=numbers.below(5) {
        description.push_str(numbers.pick(&SENTENCES));
        description.push(if numbers.below(3) == 0 { '\n' } else { ' ' });
    }
    Text {
        name,
        tags,
        description: description.trim().to_owned(),
    }
}

/// A login name and how it is shown.
pub fn person(numbers: &mut Numbers, number: u64) -> (String, String) {
    let first = numbers.pick(&FIRST);
    let shown: String = first
        .chars()
        .enumerate()
        .map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c })
        .collect();
    (format!("{first}_{number}"), format!("{shown} {number}"))
}

pub fn channel(numbers: &mut Numbers) -> String {
    format!("The {} channel", numbers.pick(&ABOUT))
}

pub fn remark(numbers: &mut Numbers) -> &'static str {
    numbers.pick(&REMARKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_text() {
        let (a, b) = (video(&mut Numbers::of(7)), video(&mut Numbers::of(7)));
        assert_eq!((a.name, a.tags), (b.name, b.tags));
        assert_ne!(
            video(&mut Numbers::of(7)).name,
            video(&mut Numbers::of(8)).name
        );
    }

    #[test]
    fn neighbours_share_nothing() {
        let stream = |seed| {
            let mut numbers = Numbers::of(seed);
            (0..50)
                .map(|_| numbers.next())
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert!(stream(1).is_disjoint(&stream(2)));
    }

    #[test]
    fn numbers_stay_below_their_limit() {
        let mut numbers = Numbers::of(1);
        for limit in [1, 2, 1000] {
            assert!((0..1000).all(|_| (0..limit).contains(&numbers.below(limit))));
            assert!((0..1000).all(|_| (0..=limit).contains(&numbers.skewed(limit))));
        }
    }
}
