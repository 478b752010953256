//! The words of the site in its languages. Message files (Fluent) are read once at the start into
//! plain tables, so that a page pays one look-up for a message and no parsing.

mod count;

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use std::collections::HashMap;
use std::fmt::{Display, Write as _};
use std::sync::LazyLock;

/// Code and own name of each language, in the order of the choice at the foot of a page.
pub const LANGUAGES: [(&str, &str); 5] = [
    ("en", "English"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("ar", "العربية"),
];

#[derive(rust_embed::Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../locales"]
struct Files;

/// Each language when somebody first wants it.
static ALL: [LazyLock<Texts>; LANGUAGES.len()] = [
    LazyLock::new(|| Texts::read("en")),
    LazyLock::new(|| Texts::read("fr")),
    LazyLock::new(|| Texts::read("de")),
    LazyLock::new(|| Texts::read("es")),
    LazyLock::new(|| Texts::read("ar")),
];

/// All messages of one language.
#[derive(Debug)]
pub struct Texts {
    pub language: &'static str,
    messages: HashMap<String, Message>,
}

#[derive(Debug)]
enum Message {
    Plain(String),
    Parts(Vec<Part>),
}

#[derive(Debug)]
enum Part {
    Text(String),
    Value(String),
    Choice {
        value: String,
        variants: Vec<(String, Vec<Part>)>,
        otherwise: usize,
    },
}

/// What is filled into a message: a word as it is, or a number that also chooses the plural.
#[derive(Clone, Copy, Debug)]
pub enum Filling<'a> {
    Word(&'a str),
    Number(u64),
}

/// The messages of a language; of English where we do not have it.
pub fn texts(language: &str) -> &'static Texts {
    let at = LANGUAGES.iter().position(|(code, _)| *code == language);
    let [english, ..] = &ALL;
    at.and_then(|at| ALL.get(at)).unwrap_or(english)
}

/// The best of our languages for an `Accept-Language` header.
pub fn negotiate(header: &str) -> &'static str {
    let mut wishes: Vec<(f32, &str)> = header
        .split(',')
        .filter_map(|wish| {
            let (tag, quality) = wish.split_once(";q=").unwrap_or((wish, "1"));
            let primary = tag.trim().split(['-', '_']).next()?;
            Some((quality.trim().parse().unwrap_or(0.0), primary))
        })
        .collect();
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    wishes
        .iter()
        .find_map(|(_, wish)| known(wish))
        .unwrap_or("en")
}

/// Our own spelling of a language code, when we have the language.
pub fn known(code: &str) -> Option<&'static str> {
    LANGUAGES
        .iter()
        .map(|(known, _)| *known)
        .find(|known| known.eq_ignore_ascii_case(code))
}

impl Texts {
    fn read(language: &'static str) -> Self {
        let mut messages = HashMap::new();
        let folder = format!("{language}/");
        for path in Files::iter().filter(|path| path.starts_with(&folder) && path.ends_with(".ftl"))
        {
            let Some(file) = Files::get(&path) else {
                continue;
            };
            read_file(&String::from_utf8_lossy(&file.data), &path, &mut messages);
        }
        Texts { language, messages }
    }

    /// Right to left or left to right.
    pub fn direction(&self) -> &'static str {
        if self.language == "ar" { "rtl" } else { "ltr" }
    }

    /// A message without values. An unknown key shows itself; a test finds it.
    pub fn get(&'static self, key: &'static str) -> &'static str {
        match self.messages.get(key) {
            Some(Message::Plain(text)) => text,
            _ => key,
        }
    }

    /// As [`Texts::get`], for keys that are made at run time.
    pub fn find(&'static self, key: &str) -> Option<&'static str> {
        match self.messages.get(key) {
            Some(Message::Plain(text)) => Some(text),
            _ => None,
        }
    }

    /// A message with its values filled in.
    pub fn fill(&self, key: &str, values: &[(&str, Filling<'_>)]) -> String {
        match self.messages.get(key) {
            Some(Message::Plain(text)) => text.clone(),
            Some(Message::Parts(parts)) => {
                let mut out = String::with_capacity(64);
                self.write(&mut out, parts, values);
                out
            }
            None => key.to_owned(),
        }
    }

    /// A message with one number, `$count`.
    pub fn count(&self, key: &str, count: u64) -> String {
        self.fill(key, &[("count", Filling::Number(count))])
    }

    fn write(&self, out: &mut String, parts: &[Part], values: &[(&str, Filling<'_>)]) {
        let value_of = |name: &str| {
            values
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| *value)
        };
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value(name) => match value_of(name) {
                    Some(Filling::Word(word)) => out.push_str(word),
                    Some(Filling::Number(number)) => out.push_str(&self.number(number)),
                    None => out.push_str(name),
                },
                Part::Choice {
                    value,
                    variants,
                    otherwise,
                } => {
                    let chosen = value_of(value).and_then(|value| self.choose(value, variants));
                    let variant = chosen.or_else(|| variants.get(*otherwise));
                    if let Some((_, parts)) = variant {
                        self.write(out, parts, values);
                    }
                }
            }
        }
    }

    fn choose<'p>(
        &self,
        value: Filling<'_>,
        variants: &'p [(String, Vec<Part>)],
    ) -> Option<&'p (String, Vec<Part>)> {
        let named = |name: &str| variants.iter().find(|(key, _)| key == name);
        match value {
            Filling::Word(word) => named(word),
            Filling::Number(number) => {
                let exact = named(&number.to_string());
                exact.or_else(|| named(count::plural(self.language, number)))
            }
        }
    }

    /// A whole number with the language's own grouping.
    pub fn number(&self, number: u64) -> String {
        count::grouped(self.language, number)
    }

    /// A size in the largest unit that keeps it above one.
    pub fn size(&self, bytes: i64) -> String {
        let (key, text) = count::size(self.language, bytes);
        self.fill(key, &[("n", Filling::Word(&text))])
    }

    /// A length of time in words: `14 min 2 s`.
    pub fn length(&self, seconds: u64) -> String {
        let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
        let number = Filling::Number;
        match (hours, minutes) {
            (0, 0) => self.fill("length-s", &[("seconds", number(rest))]),
            (0, _) => self.fill(
                "length-ms",
                &[("minutes", number(minutes)), ("seconds", number(rest))],
            ),
            _ => self.fill(
                "length-hm",
                &[("hours", number(hours)), ("minutes", number(minutes))],
            ),
        }
    }

    /// A day in words: `20 November 2026`.
    pub fn date(&self, at: base::clock::Millis) -> String {
        let Some((year, month, day)) = count::day(at) else {
            return String::new();
        };
        let month = match self.messages.get(&format!("month-{month}")) {
            Some(Message::Plain(text)) => text.as_str(),
            _ => "",
        };
        let (day, year) = (day.to_string(), year.to_string());
        let word = Filling::Word;
        self.fill(
            "date",
            &[
                ("day", word(&day)),
                ("month", word(month)),
                ("year", word(&year)),
            ],
        )
    }

    /// How long ago, and after a month the day itself.
    pub fn ago(&self, at: base::clock::Millis, now: base::clock::Millis) -> String {
        let minutes = u64::try_from((now - at).max(0) / 60_000).unwrap_or(0);
        match minutes {
            0 => self.fill("ago-now", &[]),
            1..60 => self.count("ago-minutes", minutes),
            60..1440 => self.count("ago-hours", minutes / 60),
            1440..43_200 => self.count("ago-days", minutes / 1440),
            _ => self.date(at),
        }
    }

    /// Joins what can be shown with a message of two values.
    pub fn two(&self, key: &str, a: (&str, &dyn Display), b: (&str, &dyn Display)) -> String {
        let (first, second) = (a.1.to_string(), b.1.to_string());
        self.fill(
            key,
            &[(a.0, Filling::Word(&first)), (b.0, Filling::Word(&second))],
        )
    }
}

fn read_file(text: &str, path: &str, messages: &mut HashMap<String, Message>) {
    let resource = match fluent_syntax::parser::parse(text) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            tracing::error!(path, ?errors, "a message file has faults");
            resource
        }
    };
    for entry in resource.body {
        if let Entry::Message(message) = entry
            && let Some(pattern) = &message.value
        {
            messages.insert(message.id.name.to_owned(), read_message(pattern));
        }
    }
}

fn read_message(pattern: &Pattern<&str>) -> Message {
    let parts = read_pattern(pattern);
    if parts.iter().all(|part| matches!(part, Part::Text(_))) {
        let mut text = String::new();
        for part in &parts {
            if let Part::Text(piece) = part {
                let _ = text.write_str(piece);
            }
        }
        return Message::Plain(text);
    }
    Message::Parts(parts)
}

fn read_pattern(pattern: &Pattern<&str>) -> Vec<Part> {
    pattern.elements.iter().map(read_element).collect()
}

fn read_element(element: &PatternElement<&str>) -> Part {
    match element {
        PatternElement::TextElement { value } => Part::Text((*value).to_owned()),
        PatternElement::Placeable { expression } => match expression {
            Expression::Inline(inline) => read_inline(inline),
            Expression::Select { selector, variants } => Part::Choice {
                value: variable(selector).to_owned(),
                otherwise: variants
                    .iter()
                    .position(|variant| variant.default)
                    .unwrap_or(0),
                variants: variants
                    .iter()
                    .map(|variant| (variant_name(&variant.key), read_pattern(&variant.value)))
                    .collect(),
            },
        },
    }
}

fn read_inline(inline: &InlineExpression<&str>) -> Part {
    match inline {
        InlineExpression::StringLiteral { value } => Part::Text((*value).to_owned()),
        InlineExpression::NumberLiteral { value } => Part::Text((*value).to_owned()),
        other => Part::Value(variable(other).to_owned()),
    }
}

fn variable<'s>(inline: &InlineExpression<&'s str>) -> &'s str {
    match inline {
        InlineExpression::VariableReference { id } => id.name,
        _ => "",
    }
}

fn variant_name(key: &VariantKey<&str>) -> String {
    match key {
        VariantKey::Identifier { name } => (*name).to_owned(),
        VariantKey::NumberLiteral { value } => (*value).to_owned(),
    }
}

#[cfg(test)]
mod tests;
