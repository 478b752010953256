//! Everything that reads what strangers send gets documents that are bent in ten thousand ways. It may
//! refuse them, but never panic, never hang, and what it takes is within its bounds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

mod readers;

use fediverse::json;
use readers::{read, read_request};
use serde_json::{Map, Value, json as as_json};
use std::time::{Duration, Instant};

const ROUNDS: u64 = 10_000;

/// The same bends each time, so that a failure can be looked at again.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

const WORDS: &[&str] = &[
    "",
    " ",
    "Video",
    "Note",
    "Person",
    "Group",
    "Create",
    "Tombstone",
    "Playlist",
    "CacheFile",
    "as:Public",
    "@graph",
    "@reverse",
    "@included",
    "@context",
    "id",
    "PT1S",
    "PT-1S",
    "PT99999999999999999999S",
    "2026-01-01T00:00:00Z",
    "9999-99-99T99:99:99Z",
    "https://a.example/x",
    "https://a.example:99999/x",
    "https://[::1]/x",
    "http://a.example/",
    "javascript:alert(1)",
    "'; DROP TABLE actor; --",
    "\0",
    "\u{202e}",
    "\u{feff}",
    "%00",
    "../../x",
    "<script>alert(1)</script>",
    "<a href=\"javascript:x\">",
    "&#x6A;&#97;",
    "<<<<<<",
    "name@host",
    "@@@@",
    "acct:@",
    "6f1b0d0e-9e7c-4f0e-8a55-3c1b8a5f0a11",
    "image/jpeg",
    "text/html",
    "video/mp4",
    "application/x-mpegURL",
    "magnet:?xt=urn:btih:0",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
];

fn anything(chance: &mut Chance, depth: usize) -> Value {
    match chance.below(if depth == 0 { 8 } else { 11 }) {
        0 => Value::Null,
        1 => as_json!(chance.next().is_multiple_of(2)),
        2 => as_json!(chance.next()),
        3 => as_json!(i64::MIN),
        4 => as_json!(1e300),
        5 => as_json!(chance.of(WORDS).repeat(3)),
        6 => as_json!("x".repeat(chance.below(20_000))),
        7 => as_json!(*chance.of(WORDS)),
        8 => (0..chance.below(4))
            .map(|_| anything(chance, depth - 1))
            .collect(),
        9 => {
            let mut map = Map::new();
            for _ in 0..chance.below(4) {
                map.insert((*chance.of(WORDS)).to_owned(), anything(chance, depth - 1));
            }
            Value::Object(map)
        }
        _ => {
            let url = anything(chance, depth - 1);
            as_json!({ "type": chance.of(WORDS), "id": chance.of(WORDS), "url": [url] })
        }
    }
}

/// Puts something else into a random place of a document, or moves its parts about.
fn bend(value: &mut Value, chance: &mut Chance) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = chance.of(&keys).clone();
            match chance.below(6) {
                0 => {
                    map.remove(&key);
                }
                1 => {
                    map.insert(key, anything(chance, 3));
                }
                2 => {
                    let other = map[chance.of(&keys)].clone();
                    map.insert(key, other);
                }
                3 => {
                    map.insert((*chance.of(WORDS)).to_owned(), anything(chance, 2));
                }
                _ => bend(map.get_mut(&key).unwrap(), chance),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = chance.below(items.len());
            if chance.below(3) == 0 {
                let copy = items[at].clone();
                items.extend(std::iter::repeat_n(copy, chance.below(50)));
            } else {
                bend(&mut items[at], chance);
            }
        }
        other => *other = anything(chance, 2),
    }
}

fn fixtures() -> Vec<Value> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fediverse");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|path| path.extension().is_some_and(|kind| kind == "json"));
    let read = |path: &std::path::PathBuf| json::parse(&std::fs::read(path).unwrap()).unwrap();
    files.iter().map(read).collect()
}

#[test]
fn bent_documents_are_refused_or_read_within_bounds() {
    let fixtures = fixtures();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..ROUNDS {
        let mut document = chance.of(&fixtures).clone();
        for _ in 0..=chance.below(4) {
            bend(&mut document, &mut chance);
        }
        let started = Instant::now();
        read(&document);
        if let Some(object) = document.get("object") {
            read(object);
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{document}");
    }
}

#[test]
fn bent_bytes_are_refused_or_read() {
    let fixtures = fixtures();
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    for _ in 0..ROUNDS {
        let mut bytes = chance.of(&fixtures).to_string().into_bytes();
        bend_bytes(&mut bytes, &mut chance, b"{}[]\",:\\\0\xff");
        if let Ok(document) = json::parse(&bytes) {
            read(&document);
        }
    }
}

fn bend_bytes(bytes: &mut Vec<u8>, chance: &mut Chance, marks: &[u8]) {
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len());
        match chance.below(4) {
            0 => bytes[at] = u8::try_from(chance.next() % 256).unwrap(),
            1 => bytes.truncate(at + 1),
            2 => bytes.insert(at, *chance.of(marks)),
            _ if bytes.len() > 1 => drop(bytes.remove(at)),
            _ => {}
        }
    }
}

/// Of a request that somebody has bent nothing is believed that its signature does not cover.
#[test]
fn bent_signatures_are_refused_or_read() {
    let requests = readers::signed_requests();
    for request in &requests {
        assert!(
            read_request(request),
            "{}",
            String::from_utf8_lossy(request)
        );
    }
    let mut chance = Chance(0x9e37_79b9_0000_0001);
    let mut read = 0;
    for _ in 0..ROUNDS {
        let mut bytes = chance.of(&requests).clone();
        bend_bytes(&mut bytes, &mut chance, b"\"=,;:()@ \0\xff\n");
        let started = Instant::now();
        read += usize::from(read_request(&bytes));
        assert!(started.elapsed() < Duration::from_secs(1));
    }
    // Some bends are harmless, such as those of the signature itself; most are not.
    assert!(
        read > 0 && read < usize::try_from(ROUNDS).unwrap() / 2,
        "{read}"
    );
}

#[test]
fn depth_and_size_are_bounded_before_anything_is_built() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let started = Instant::now();
        assert!(json::parse(deep.as_bytes()).is_err());
        assert!(started.elapsed() < Duration::from_secs(1));
    }
    let wide = as_json!({ "type": "Video", "to": vec!["https://a.example/x"; 30_000] });
    let started = Instant::now();
    if let Ok(document) = json::parse(wide.to_string().as_bytes()) {
        read(&document);
    }
    assert!(started.elapsed() < Duration::from_secs(5));
}
