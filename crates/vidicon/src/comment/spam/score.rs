//! How like spam a text is, after what was learnt of others: pure arithmetic. Each mark of a text has
//! a likelihood of its own (Robinson's, smoothed); Fisher's method makes one of them all, which stays
//! near the middle while the marks disagree.

use crate::fold::fold;
use std::collections::{BTreeSet, HashMap};

/// So many texts of each kind must have been seen before any is judged.
pub const FEWEST: u32 = 8;
/// Words of one text that are looked at.
const MOST_WORDS: usize = 150;
/// Marks that decide: those which say most.
const MOST_TELLING: usize = 30;
/// A mark nearer to the middle than this says nothing.
const LEAST_TELLING: f64 = 0.1;
const MOST_REASONS: usize = 5;

pub const MANY_LINKS: &str = "links:many";
pub const SOME_LINKS: &str = "links:some";
pub const NEW_AUTHOR: &str = "author:new";
pub const SAID_AGAIN: &str = "text:again";
pub const LOUD: &str = "text:loud";
pub const STRETCHED: &str = "text:stretched";
pub const MIXED: &str = "text:mixed";
const NO_LINKS: &str = "links:none";
const OLD_AUTHOR: &str = "author:old";
/// Stands before the host of a link.
pub const LINK: &str = "link:";

/// A text, and what is known of it beside its words.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub text: &'a str,
    /// Links to here are none.
    pub own_host: &'a str,
    pub by_newcomer: bool,
    /// The author has said the very same before.
    pub again: bool,
}

/// In how many texts of either kind something was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub spam: u32,
    pub good: u32,
}

/// What was learnt, as far as it concerns one text.
#[derive(Clone, Debug, Default)]
pub struct Learnt {
    pub texts: Seen,
    pub marks: HashMap<String, Seen>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// 0 to 100.
    pub percent: i64,
    /// The marks that speak for spam, the strongest first.
    pub reasons: Vec<String>,
}

/// Everything by which texts are compared, each once, in the order of the alphabet.
pub fn marks(said: &Said<'_>) -> BTreeSet<String> {
    let mut marks = BTreeSet::new();
    let mut words = String::new();
    let mut links = 0;
    for piece in said
        .text
        .split(|c: char| c.is_whitespace() || "()<>[]\"'".contains(c))
    {
        match host(piece) {
            Some(host) if host == said.own_host => {}
            Some(host) => {
                links += 1;
                marks.insert(shortened(&format!("{LINK}{host}")));
            }
            None => {
                words.push_str(piece);
                words.push(' ');
            }
        }
    }
    marks.insert(
        match links {
            0 => NO_LINKS,
            1 | 2 => SOME_LINKS,
            _ => MANY_LINKS,
        }
        .to_owned(),
    );
    let author = if said.by_newcomer {
        NEW_AUTHOR
    } else {
        OLD_AUTHOR
    };
    marks.insert(author.to_owned());
    for (is_so, mark) in [
        (said.again, SAID_AGAIN),
        (is_loud(&words), LOUD),
        (is_stretched(&words), STRETCHED),
        (words.split(' ').any(is_mixed), MIXED),
    ] {
        if is_so {
            marks.insert(mark.to_owned());
        }
    }
    let folded = fold(&words);
    let whole = folded.split(' ').filter(|word| word.chars().count() > 1);
    marks.extend(whole.take(MOST_WORDS).map(shortened));
    marks
}

fn shortened(mark: &str) -> String {
    mark.chars().take(40).collect()
}

/// The host of an address, whether or not it says its scheme.
fn host(piece: &str) -> Option<String> {
    let rest = piece.split_once("://").map(|(_, rest)| rest);
    let rest = rest.or_else(|| piece.starts_with("www.").then_some(piece))?;
    let host = rest.split(['/', '?', '#']).next()?.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

/// Mostly capital letters.
fn is_loud(text: &str) -> bool {
    let letters = text
        .chars()
        .filter(|c| c.is_lowercase() || c.is_uppercase());
    let (all, large) = letters.fold((0, 0), |(all, large), c| {
        (all + 1, large + usize::from(c.is_uppercase()))
    });
    all >= 10 && large * 10 > all * 6
}

/// The same sign five times in a row.
fn is_stretched(text: &str) -> bool {
    let mut run = 0;
    let mut before = ' ';
    text.chars().any(|c| {
        run = if c == before { run + 1 } else { 1 };
        before = c;
        run >= 5 && !c.is_whitespace()
    })
}

/// Latin letters beside Cyrillic or Greek ones in a word, which only look like it.
fn is_mixed(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_alphabetic())
        && word.chars().any(|c| matches!(c, '\u{370}'..='\u{52F}'))
}

/// Nothing while too little was learnt.
pub fn judge(learnt: &Learnt, marks: &BTreeSet<String>) -> Option<Verdict> {
    if learnt.texts.spam < FEWEST || learnt.texts.good < FEWEST {
        return None;
    }
    let rated = marks.iter().filter_map(|mark| {
        let seen = learnt.marks.get(mark)?;
        Some((mark, likelihood(*seen, learnt.texts)))
    });
    let mut telling: Vec<(&String, f64)> = rated
        .filter(|(_, likelihood)| (likelihood - 0.5).abs() >= LEAST_TELLING)
        .collect();
    telling.sort_by(|(_, a), (_, b)| (b - 0.5).abs().total_cmp(&(a - 0.5).abs()));
    telling.truncate(MOST_TELLING);
    let likelihoods: Vec<f64> = telling.iter().map(|(_, likelihood)| *likelihood).collect();
    let for_it = telling.iter().filter(|(_, likelihood)| *likelihood > 0.5);
    Some(Verdict {
        percent: percent(&likelihoods),
        reasons: for_it
            .take(MOST_REASONS)
            .map(|(mark, _)| (*mark).clone())
            .collect(),
    })
}

/// How likely a text with this mark is spam, pulled towards the middle while it was seldom seen.
fn likelihood(seen: Seen, texts: Seen) -> f64 {
    let share = |part: u32, all: u32| f64::from(part.min(all)) / f64::from(all.max(1));
    let (spam, good) = (share(seen.spam, texts.spam), share(seen.good, texts.good));
    let often = f64::from(seen.spam) + f64::from(seen.good);
    if often == 0.0 {
        return 0.5;
    }
    let plain = spam / (spam + good);
    (often.mul_add(plain, 0.5) / (often + 1.0)).clamp(0.01, 0.99)
}

#[expect(clippy::cast_possible_truncation, reason = "it is between 0 and 100")]
fn percent(likelihoods: &[f64]) -> i64 {
    let sum = |of: fn(f64) -> f64| -> f64 { likelihoods.iter().map(|it| of(*it).ln()).sum() };
    let spam = 1.0 - chance(-sum(|it| 1.0 - it), likelihoods.len());
    let good = 1.0 - chance(-sum(|it| it), likelihoods.len());
    ((spam - good + 1.0) * 50.0).round() as i64
}

/// How likely so many even chances come to a product this small by themselves: the upper tail of
/// chi squared with two degrees for each.
fn chance(half_chi_squared: f64, count: usize) -> f64 {
    let mut term = (-half_chi_squared).exp();
    let mut sum = if count == 0 { 1.0 } else { term };
    let mut step = 0.0;
    for _ in 1..count {
        step += 1.0;
        term *= half_chi_squared / step;
        sum += term;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that are the same at each run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % most
        }

        fn some(&mut self, words: &str, count: usize) -> String {
            let words: Vec<&str> = words.split_whitespace().collect();
            let picked: Vec<&str> = (0..count).map(|_| words[self.below(words.len())]).collect();
            picked.join(" ")
        }
    }

    const COMMON: &str = "the a this is that it you your i my we to of for and with so very just now more in on at here \
        there have get make see look new good best great video channel free online today people time";
    const TALK: &str = "thanks loved watching editing music sound camera lens light colour story minute question \
        explanation example bike garden recipe soup bread mountain trail river history lecture teacher \
        compiler kernel keyboard guitar melody funny sad beautiful careful honest wrong agree disagree \
        subtitle caption language french german part second first ending intro scene actor money price \
        win game team match player city train ticket";
    const TRADE: &str = "casino bonus crypto bitcoin invest investment profit whatsapp telegram guaranteed winner \
        prize loan credit pills viagra discount cheap replica watches followers subscribers promo code \
        click earn weekly income trader forex wallet recovery expert hacker contact limited offer hurry \
        money price win";

    fn good(dice: &mut Dice) -> (String, bool, bool) {
        let (talk, common) = (4 + dice.below(14), 3 + dice.below(10));
        let mut text = format!("{} {}", dice.some(TALK, talk), dice.some(COMMON, common));
        if dice.below(10) == 0 {
            text.push_str(" https://encyclopedia.example/page");
        }
        (text, dice.below(8) == 0, false)
    }

    fn spam(dice: &mut Dice) -> (String, bool, bool) {
        let (trade, common) = (3 + dice.below(7), 2 + dice.below(8));
        let mut text = format!("{} {}", dice.some(COMMON, common), dice.some(TRADE, trade));
        // Some hide behind ordinary words, some shout, most link.
        if dice.below(4) == 0 {
            text = format!("{} {text}", dice.some(TALK, 3));
        }
        if dice.below(5) == 0 {
            text = text.to_uppercase();
        }
        if dice.below(10) < 7 {
            text.push_str(&format!(" https://win{}.example/x", dice.below(30)));
        }
        (text, dice.below(4) > 0, dice.below(3) == 0)
    }

    fn marks_of((text, by_newcomer, again): &(String, bool, bool)) -> BTreeSet<String> {
        marks(&Said {
            text,
            own_host: "video.test",
            by_newcomer: *by_newcomer,
            again: *again,
        })
    }

    fn learn(learnt: &mut Learnt, marks: BTreeSet<String>, is_spam: bool) {
        let more = Seen {
            spam: u32::from(is_spam),
            good: u32::from(!is_spam),
        };
        let add = |seen: &mut Seen| {
            seen.spam += more.spam;
            seen.good += more.good;
        };
        add(&mut learnt.texts);
        for mark in marks {
            add(learnt.marks.entry(mark).or_default());
        }
    }

    #[test]
    fn most_spam_is_held_and_hardly_anything_else() {
        let mut dice = Dice(7);
        let mut learnt = Learnt::default();
        for _ in 0..100 {
            learn(&mut learnt, marks_of(&spam(&mut dice)), true);
            learn(&mut learnt, marks_of(&good(&mut dice)), false);
        }
        let hold_above = crate::instance::Settings::default().spam.hold_above;
        let mut held = |of: fn(&mut Dice) -> (String, bool, bool)| {
            let texts = (0..1000).map(|_| marks_of(&of(&mut dice)));
            let held = texts.filter(|marks| judge(&learnt, marks).unwrap().percent >= hold_above);
            held.count()
        };
        let (caught, wronged) = (held(spam), held(good));
        println!(
            "after 100 of each: {caught} of 1000 spam texts are held, {wronged} of 1000 others"
        );
        assert!(caught >= 950, "only {caught} of 1000 spam texts are held");
        assert!(wronged <= 10, "{wronged} of 1000 other texts are held");
    }

    #[test]
    fn nothing_is_judged_before_enough_was_seen() {
        let mut dice = Dice(1);
        let mut learnt = Learnt::default();
        for _ in 0..FEWEST {
            assert_eq!(judge(&learnt, &marks_of(&spam(&mut dice))), None);
            learn(&mut learnt, marks_of(&spam(&mut dice)), true);
            learn(&mut learnt, marks_of(&good(&mut dice)), false);
        }
        let unknown = marks_of(&("xyzzy plugh".to_owned(), false, false));
        let unknown: BTreeSet<String> =
            unknown.into_iter().filter(|it| !it.contains(':')).collect();
        assert_eq!(judge(&learnt, &unknown).unwrap().percent, 50);
        let verdict = judge(&learnt, &marks_of(&spam(&mut dice))).unwrap();
        assert!(!verdict.reasons.is_empty() && verdict.reasons.len() <= MOST_REASONS);
    }

    #[test]
    fn marks_say_what_words_do_not() {
        let said = |text| {
            marks(&Said {
                text,
                own_host: "video.test",
                by_newcomer: true,
                again: true,
            })
        };
        let found =
            said("FREE MONEY NOOOOOW www.Casino.example/a https://video.test/w/x p\u{430}ypal");
        for mark in [
            "link:casino.example",
            SOME_LINKS,
            NEW_AUTHOR,
            SAID_AGAIN,
            LOUD,
            STRETCHED,
            MIXED,
            "free",
        ] {
            assert!(found.contains(mark), "{mark} of {found:?}");
        }
        assert!(
            !found.iter().any(|mark| mark.contains("video.test")),
            "{found:?}"
        );
        assert!(said("A calm line, and no more.").contains("links:none"));
        assert!(said(&"x ".repeat(9_000)).len() < 10);
    }
}
