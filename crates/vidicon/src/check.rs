//! Checks of what a request brings: every field of one block is looked at, then all that is wrong
//! is told at once, in the shape that PeerTube's clients read (`invalid-params`).
//!
//! Bodies of every kind (JSON, forms, multipart) and query strings come in as one JSON object.

pub mod form;
mod input;

pub use input::{Body, Query, from_pairs};

use crate::error::{Error, Result};
use base::clock::Millis;
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// A field that may be missing, be explicitly nothing, or have a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<T> {
    Absent,
    Null,
    Is(T),
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Field::Is(value) => Some(value),
            Field::Absent | Field::Null => None,
        }
    }

    pub fn or(self, default: T) -> T {
        self.value().unwrap_or(default)
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Field::Absent)
    }

    /// What a stored value becomes: kept when absent, cleared by null.
    pub fn update(self, stored: Option<T>) -> Option<T> {
        match self {
            Field::Absent => stored,
            Field::Null => None,
            Field::Is(value) => Some(value),
        }
    }
}

/// Where a field stood, as the answer names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Body,
    Query,
    Params,
    Headers,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Body => "body",
            Place::Query => "query",
            Place::Params => "params",
            Place::Headers => "headers",
        }
    }
}

/// One block of checks over one object.
pub struct Check<'a> {
    place: Place,
    input: &'a Map<String, Value>,
    /// Put before each name: `channel.` while the fields of `channel` are looked at.
    prefix: String,
    wrong: Vec<(String, Value)>,
}

impl<'a> Check<'a> {
    pub fn new(place: Place, input: &'a Map<String, Value>) -> Self {
        Check {
            place,
            input,
            prefix: String::new(),
            wrong: Vec::new(),
        }
    }

    pub fn body(input: &'a Map<String, Value>) -> Self {
        Self::new(Place::Body, input)
    }

    pub fn query(input: &'a Map<String, Value>) -> Self {
        Self::new(Place::Query, input)
    }

    /// Tells all that was wrong, or nothing.
    pub fn finish(self) -> Result<()> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = self.wrong.iter().map(|(name, _)| name.as_str()).collect();
        let detail = format!("Incorrect request parameters: {}", names.join(", "));
        let params: Map<String, Value> = self.wrong.into_iter().collect();
        Err(Error::bad_request(detail).with("invalid-params", Value::Object(params)))
    }

    /// Looks at the fields of an object inside this one.
    pub fn nested(&mut self, name: &str, look: impl FnOnce(&mut Check<'_>)) {
        let Some(Value::Object(inner)) = self.input.get(name) else {
            return;
        };
        let mut check = Check {
            place: self.place,
            input: inner,
            prefix: format!("{}{name}.", self.prefix),
            wrong: Vec::new(),
        };
        look(&mut check);
        self.wrong.append(&mut check.wrong);
    }

    pub fn raw(&self, name: &str) -> Option<&'a Value> {
        self.input.get(name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.input.contains_key(name)
    }

    /// Notes that a field is wrong, with a message; only the first one of a field is kept.
    pub fn fail(&mut self, name: &str, message: &str) {
        let path = format!("{}{name}", self.prefix);
        if self.wrong.iter().any(|(known, _)| *known == path) {
            return;
        }
        let mut entry = json!({
            "type": "field", "msg": message, "path": path, "location": self.place.name(),
        });
        if let (Some(value), Some(object)) = (self.input.get(name), entry.as_object_mut()) {
            object.insert("value".into(), value.clone());
        }
        self.wrong.push((path, entry));
    }

    /// The field must be there and not be null.
    pub fn required<T>(&mut self, name: &str, field: Field<T>) -> Option<T> {
        match field {
            Field::Is(value) => Some(value),
            Field::Absent | Field::Null => {
                self.fail(name, "Invalid value");
                None
            }
        }
    }

    /// The field may be missing, but null is no value for it.
    pub fn not_null<T>(&mut self, name: &str, field: Field<T>) -> Field<T> {
        if matches!(field, Field::Null) {
            self.fail(name, "Invalid value");
        }
        field
    }

    /// The field has to be a list where it is there: one value alone is none.
    pub fn listed(&mut self, name: &str) {
        let value = self.input.get(name);
        if value.is_some_and(|value| !value.is_array() && !value.is_null() && value != "null") {
            self.fail(name, "Should be an array");
        }
    }

    fn field<T>(
        &mut self,
        name: &str,
        message: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Field<T> {
        match self.input.get(name) {
            None => Field::Absent,
            Some(Value::Null) => Field::Null,
            Some(Value::String(text)) if text == "null" => Field::Null,
            Some(value) => match read(value) {
                Some(value) => Field::Is(value),
                None => {
                    self.fail(name, message);
                    Field::Absent
                }
            },
        }
    }

    /// A text whose length in characters lies in the range. An empty text counts as null where
    /// the range does not allow it to be empty and the field comes from a form.
    pub fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Field<String> {
        self.text_or(name, length, "Invalid value")
    }

    pub fn text_or(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        message: &str,
    ) -> Field<String> {
        match self.input.get(name) {
            Some(value) if !value.is_string() && !value.is_null() => {
                self.fail(
                    name,
                    &format!("Expected a string but received a {}", type_name(value)),
                );
                Field::Absent
            }
            _ => self.field(name, message, |value| {
                let text = value.as_str()?;
                length.contains(&length_of(text)).then(|| text.to_owned())
            }),
        }
    }

    /// As [`Check::text`], without white space around it; a missing one fails too.
    pub fn trimmed(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        message: &str,
    ) -> Field<String> {
        match self.text_or(name, 0..=usize::MAX, message) {
            Field::Is(text) if length.contains(&length_of(text.trim())) => {
                Field::Is(text.trim().to_owned())
            }
            Field::Is(_) => {
                self.fail(name, message);
                Field::Absent
            }
            other => other,
        }
    }

    /// A whole number in the range, as a number or in digits.
    pub fn int(&mut self, name: &str, range: RangeInclusive<i64>) -> Field<i64> {
        self.int_or(name, range, "Invalid value")
    }

    /// A number that something knows.
    pub fn known(&mut self, name: &str, is_known: impl Fn(i64) -> bool) -> Field<i64> {
        self.field(name, "Invalid value", |value| {
            whole(value).filter(|number| is_known(*number))
        })
    }

    pub fn int_or(&mut self, name: &str, range: RangeInclusive<i64>, message: &str) -> Field<i64> {
        self.field(name, message, |value| {
            whole(value).filter(|number| range.contains(number))
        })
    }

    /// PeerTube's usual flag: anything but null is one; `false`, `0` and nothing mean no.
    pub fn lenient_bool(&mut self, name: &str) -> Field<bool> {
        match self.input.get(name) {
            None => Field::Absent,
            Some(Value::Null) => {
                self.fail(name, "Should have a valid boolean");
                Field::Absent
            }
            Some(Value::String(text)) if text == "null" => {
                self.fail(name, "Should have a valid boolean");
                Field::Absent
            }
            Some(Value::Bool(value)) => Field::Is(*value),
            Some(Value::String(text)) => {
                Field::Is(!matches!(text.to_lowercase().as_str(), "" | "0" | "false"))
            }
            Some(Value::Number(number)) => Field::Is(number.as_f64() != Some(0.0)),
            Some(_) => Field::Is(true),
        }
    }

    /// A real flag, or its words.
    pub fn strict_bool(&mut self, name: &str) -> Field<bool> {
        self.field(name, "Should have a valid boolean", |value| match value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if matches!(text.as_str(), "true" | "1") => Some(true),
            Value::String(text) if matches!(text.as_str(), "false" | "0") => Some(false),
            Value::Number(number) if number.as_i64() == Some(1) => Some(true),
            Value::Number(number) if number.as_i64() == Some(0) => Some(false),
            _ => None,
        })
    }

    /// An ISO 8601 time, in milliseconds since 1970.
    pub fn date(&mut self, name: &str) -> Field<Millis> {
        self.field(name, "Invalid value", |value| parse_date(value.as_str()?))
    }

    /// One of these words.
    pub fn one_of(&mut self, name: &str, words: &[&str]) -> Field<String> {
        self.field(name, "Invalid value", |value| {
            let text = value.as_str()?;
            words.contains(&text).then(|| text.to_owned())
        })
    }

    /// One of these numbers.
    pub fn number_of(&mut self, name: &str, numbers: &[i64]) -> Field<i64> {
        self.field(name, "Invalid value", |value| {
            whole(value).filter(|n| numbers.contains(n))
        })
    }

    /// The name of a server.
    pub fn host(&mut self, name: &str, own: &str) -> Field<String> {
        let host = self.text(name, 1..=300);
        if let Field::Is(host) = &host
            && !is_host(host, own)
        {
            self.fail(name, "Should have a valid host");
        }
        host
    }

    /// A list of texts; a single one counts as a list of one.
    pub fn texts(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        length: RangeInclusive<usize>,
    ) -> Field<Vec<String>> {
        self.field(name, "Invalid value", |value| {
            let texts: Option<Vec<String>> = as_list(value)
                .iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect();
            texts.filter(|texts| {
                count.contains(&texts.len())
                    && texts.iter().all(|text| length.contains(&length_of(text)))
            })
        })
    }

    /// A list of whole numbers; a single one counts as a list of one.
    pub fn ints(&mut self, name: &str) -> Field<Vec<i64>> {
        self.field(name, "Invalid value", |value| {
            as_list(value).iter().map(whole).collect()
        })
    }
}

/// 400 for a part of the path that cannot be what it should.
pub fn wrong_param(name: &str, value: &str) -> Error {
    let mut input = Map::new();
    input.insert(name.to_owned(), value.into());
    let mut check = Check::new(Place::Params, &input);
    check.fail(name, "Invalid value");
    check
        .finish()
        .err()
        .unwrap_or_else(|| Error::bad_request("Invalid value"))
}

/// An id in a path; what is no whole number is refused as a wrong field of that name.
pub fn id<T>(name: &str, text: &str) -> Result<base::Id<T>> {
    match text.parse() {
        Ok(number) => Ok(base::Id::new(number)),
        Err(_) => Err(wrong_param(name, text)),
    }
}

/// Characters as PeerTube counts them: without the marks that only choose an emoji's look.
pub fn length_of(text: &str) -> usize {
    text.chars()
        .filter(|c| !matches!(c, '\u{fe0e}' | '\u{fe0f}'))
        .count()
}

/// A whole number, given as a number or in digits with an optional sign.
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            number
                .as_f64()
                .filter(|f| f.fract() == 0.0)
                .and_then(real_to_whole)
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before"
)]
fn real_to_whole(value: f64) -> Option<i64> {
    (value.abs() < 9e15).then_some(value as i64)
}

pub fn parse_date(text: &str) -> Option<Millis> {
    use time::format_description::well_known::Iso8601;
    let parsed = time::OffsetDateTime::parse(text, &Iso8601::DEFAULT)
        .ok()
        .or_else(|| {
            time::PrimitiveDateTime::parse(text, &Iso8601::DEFAULT)
                .ok()
                .map(|t| t.assume_utc())
        })
        .or_else(|| {
            // A year or a month means its first day.
            let rest = match text.len() {
                4 => "-01-01",
                7 => "-01",
                _ => "",
            };
            let day = time::Date::parse(&format!("{text}{rest}"), &Iso8601::DEFAULT).ok()?;
            Some(day.midnight().assume_utc())
        })?;
    i64::try_from(parsed.unix_timestamp_nanos() / 1_000_000).ok()
}

/// A time as the API writes it: `2026-11-22T10:42:00.000Z`.
pub fn iso(millis: Millis) -> String {
    let nanos = i128::from(millis) * 1_000_000;
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}

/// A domain with an optional port, or this server's own host, whatever that is called.
pub fn is_host(host: &str, own: &str) -> bool {
    if host == own {
        return true;
    }
    let url = url::Url::parse(&format!("https://{host}/"));
    let domain = host.split(':').next().unwrap_or_default();
    let is_number = domain.bytes().all(|b| b.is_ascii_digit());
    let is_local = own.starts_with("localhost") || own.starts_with("127.0.0.1");
    url.is_ok_and(|url| {
        url.path() == "/"
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    }) && !is_number
        && (is_local || domain.contains('.'))
}

fn as_list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        other => vec![other.clone()],
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Array(_) | Value::Object(_) | Value::Null => "object",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn all_wrong_fields_are_told_at_once() {
        let input = object(json!({ "name": "a", "category": 99, "tags": ["x"] }));
        let mut check = Check::body(&input);
        check.trimmed("name", 3..=120, "too short");
        check.int("category", 1..=18);
        check.texts("tags", 0..=5, 2..=30);
        let error = check.finish().unwrap_err();
        assert_eq!(
            error.detail(),
            "Incorrect request parameters: name, category, tags"
        );
        let params = &error.problem().extras["invalid-params"];
        assert_eq!(params["name"]["msg"], "too short");
        assert_eq!(params["category"]["value"], 99);
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let input = object(json!({ "a": null, "b": "null", "c": "12" }));
        let mut check = Check::body(&input);
        assert_eq!(check.int("a", 0..=9), Field::Null);
        assert_eq!(check.int("b", 0..=9), Field::Null);
        assert_eq!(check.int("c", 0..=99), Field::Is(12));
        assert_eq!(check.int("d", 0..=9), Field::Absent);
        check.finish().unwrap();
    }

    #[test]
    fn dates_go_in_and_come_out() {
        let millis = parse_date("2026-11-22T10:42:00.500Z").unwrap();
        assert_eq!(iso(millis), "2026-11-22T10:42:00.500Z");
        assert_eq!(parse_date("2026-11-22T12:42:00.500+02:00"), Some(millis));
        assert_eq!(
            parse_date("2026-11-22").map(iso).as_deref(),
            Some("2026-11-22T00:00:00.000Z")
        );
        let first = |text: &str| parse_date(text).map(iso);
        assert_eq!(first("2026").as_deref(), Some("2026-01-01T00:00:00.000Z"));
        assert_eq!(
            first("2026-11").as_deref(),
            Some("2026-11-01T00:00:00.000Z")
        );
        assert_eq!((first("2026-13"), first("20-6-11")), (None, None));
        assert_eq!(parse_date("yesterday"), None);
    }
}
