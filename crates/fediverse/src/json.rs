//! Reading JSON from strangers: bounded in size and depth, and lenient about shape.
//!
//! ActivityStreams lets one write a single thing as itself, as a list of one, as its id or as an object, so
//! each reader here takes them all, and gives `None` for what it cannot use instead of an error.

use serde_json::{Map, Value};

use crate::{Error, Result, date};

/// Enough for a video with twenty renditions and its description.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// Real documents stay under ten.
pub const MAX_DEPTH: usize = 24;
/// Lists are cut here; no audience or rendition list of a real document is longer.
pub const MAX_ITEMS: usize = 1_000;

/// Refuses what is too large or too deep before any of it is built in memory.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    parse_within(bytes, MAX_BODY_BYTES)
}

pub fn parse_within(bytes: &[u8], limit_bytes: usize) -> Result<Value> {
    if bytes.len() > limit_bytes {
        return Err(Error::TooLarge { limit_bytes });
    }
    if depth(bytes) > MAX_DEPTH {
        return Err(Error::TooDeep { limit: MAX_DEPTH });
    }
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| Error::NotJson(error.to_string()))?;
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(Error::NotJson("an object is expected".to_owned())),
    }
}

/// The deepest nesting of brackets outside of strings.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A text that is not empty. Texts with NUL are dropped: PostgreSQL cannot keep them, and nobody means them.
pub fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    first(object.get(key)?)?
        .as_str()
        .filter(|text| !text.is_empty() && !text.contains('\0'))
}

/// As [`text`], cut to a number of characters.
pub fn text_up_to(object: &Value, key: &str, max_chars: usize) -> Option<String> {
    text(object, key).map(|text| text.chars().take(max_chars).collect())
}

/// A whole number, also when it was written as `12.0`.
pub fn integer(object: &Value, key: &str) -> Option<i64> {
    let number = first(object.get(key)?)?;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        // Exact for every whole number that JSON writers can mean.
        (float.fract() == 0.0 && float.abs() < 9e15).then(|| format!("{float:.0}").parse().ok())?
    })
}

/// A number that may have been written as a text: `"15"`.
pub fn loose_integer(object: &Value, key: &str) -> Option<i64> {
    integer(object, key).or_else(|| text(object, key)?.trim().parse().ok())
}

pub fn number(object: &Value, key: &str) -> Option<f64> {
    first(object.get(key)?)?
        .as_f64()
        .filter(|number| number.is_finite())
}

pub fn boolean(object: &Value, key: &str) -> Option<bool> {
    first(object.get(key)?)?.as_bool()
}

/// A date as UTC milliseconds.
pub fn time_ms(object: &Value, key: &str) -> Option<i64> {
    date::parse_iso(text(object, key)?)
}

/// `PT125S`: the only form of duration that PeerTube writes and reads.
pub fn duration_seconds(object: &Value, key: &str) -> Option<i64> {
    let seconds: i64 = text(object, key)?
        .strip_prefix("PT")?
        .strip_suffix('S')?
        .parse()
        .ok()?;
    (0..=10_000_000).contains(&seconds).then_some(seconds)
}

/// What a property points at: its text, its `id`, or its `href`.
pub fn reference<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    reference_of(first(object.get(key)?)?)
}

pub fn reference_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(_) => text(value, "id").or_else(|| text(value, "href")),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

/// The things under a key, whether one or many.
pub fn items<'a>(object: &'a Value, key: &str) -> Vec<&'a Value> {
    match object.get(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().take(MAX_ITEMS).collect(),
        Some(single) => vec![single],
    }
}

/// The references under a key, unreadable ones left out.
pub fn references(object: &Value, key: &str) -> Vec<String> {
    items(object, key)
        .into_iter()
        .filter_map(reference_of)
        .map(str::to_owned)
        .collect()
}

/// The type of a thing; of several the first.
pub fn kind(object: &Value) -> Option<&str> {
    text(object, "type")
}

pub fn is_kind(object: &Value, kind: &str) -> bool {
    items(object, "type")
        .into_iter()
        .any(|value| value.as_str() == Some(kind))
}

/// Whether a list of texts, or a single text, holds a word.
pub fn has_word(object: &Value, key: &str, word: &str) -> bool {
    items(object, key)
        .into_iter()
        .any(|value| value.as_str() == Some(word))
}

/// Builds an object without the properties that have no value.
pub(crate) fn object(pairs: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let pairs = pairs
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn first(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(items) => items.first(),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn deep_and_large_documents_are_refused_quickly() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(
            parse(deep.as_bytes()),
            Err(Error::TooDeep { limit: MAX_DEPTH })
        );
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(10_000_000));
        assert_eq!(
            parse(large.as_bytes()),
            Err(Error::TooLarge {
                limit_bytes: MAX_BODY_BYTES
            })
        );
        let brackets_in_a_string =
            format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(1000), "{".repeat(1000));
        assert!(parse(brackets_in_a_string.as_bytes()).is_ok());
        for text in ["", "[]", "1", "\"x\"", "{", "{\"a\":}", "\u{feff}{}", "{}}"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(&[0xff, 0xfe, b'{', b'}']).is_err());
    }

    #[test]
    fn one_many_text_and_object_read_alike() {
        for value in [
            json!("https://a.example/1"),
            json!(["https://a.example/1"]),
            json!({"id": "https://a.example/1"}),
            json!([{"id": "https://a.example/1", "x": 1}]),
            json!({"type": "Link", "href": "https://a.example/1"}),
        ] {
            let object = json!({ "object": value });
            assert_eq!(reference(&object, "object"), Some("https://a.example/1"));
            assert_eq!(references(&object, "object"), ["https://a.example/1"]);
        }
    }

    #[test]
    fn wrong_types_give_nothing() {
        for value in [json!(null), json!([]), json!({}), json!([[]]), json!(true)] {
            let object = json!({ "x": value });
            assert_eq!(text(&object, "x"), None);
            assert_eq!(integer(&object, "x"), None);
            assert_eq!(time_ms(&object, "x"), None);
            assert_eq!(duration_seconds(&object, "x"), None);
            assert_eq!(reference(&object, "x"), None);
        }
        assert_eq!(text(&json!({"x": "a\0b"}), "x"), None);
        assert_eq!(text(&json!("x"), "x"), None);
    }

    #[test]
    fn numbers_are_read_in_each_way_they_are_written() {
        assert_eq!(integer(&json!({"x": 12.0}), "x"), Some(12));
        assert_eq!(integer(&json!({"x": 12.5}), "x"), None);
        assert_eq!(integer(&json!({"x": 1e300}), "x"), None);
        assert_eq!(integer(&json!({"x": "12"}), "x"), None);
        assert_eq!(loose_integer(&json!({"x": "12"}), "x"), Some(12));
        assert_eq!(duration_seconds(&json!({"x": "PT125S"}), "x"), Some(125));
        for text in ["PT2M5S", "125", "PT-1S", "PT99999999999999999999S", "P1D"] {
            assert_eq!(duration_seconds(&json!({"x": text}), "x"), None, "{text}");
        }
    }
}
