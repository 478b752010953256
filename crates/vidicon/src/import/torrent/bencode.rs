//! The notation of torrents: numbers, strings, lists and maps. What comes is from strangers: every length is
//! checked, and nothing nests deep.

use std::fmt::Write;

const DEEPEST: usize = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    Number(i64),
    Text(&'a [u8]),
    List(Vec<Item<'a>>),
    Map(Vec<Entry<'a>>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    key: &'a [u8],
    value: Item<'a>,
    /// The value as it was written: the name of a torrent is the hash of such a part.
    raw: &'a [u8],
}

/// The first item, and what stands behind it.
pub fn read(data: &[u8]) -> Option<(Item<'_>, &[u8])> {
    item(data, DEEPEST)
}

fn item(data: &[u8], deep: usize) -> Option<(Item<'_>, &[u8])> {
    let (first, rest) = data.split_first()?;
    match first {
        b'i' => {
            let (number, rest) = until(rest, b'e')?;
            let number = std::str::from_utf8(number).ok()?.parse().ok()?;
            Some((Item::Number(number), rest))
        }
        b'0'..=b'9' => text(data).map(|(text, rest)| (Item::Text(text), rest)),
        b'l' if deep > 0 => {
            let (mut list, mut rest) = (Vec::new(), rest);
            while *rest.first()? != b'e' {
                let (one, after) = item(rest, deep - 1)?;
                list.push(one);
                rest = after;
            }
            Some((Item::List(list), rest.get(1..)?))
        }
        b'd' if deep > 0 => {
            let (mut map, mut rest) = (Vec::new(), rest);
            while *rest.first()? != b'e' {
                let (key, after) = text(rest)?;
                let (value, behind) = item(after, deep - 1)?;
                let raw = after.get(..after.len() - behind.len())?;
                map.push(Entry { key, value, raw });
                rest = behind;
            }
            Some((Item::Map(map), rest.get(1..)?))
        }
        _ => None,
    }
}

fn until(data: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    let at = data.iter().take(24).position(|byte| *byte == end)?;
    Some((data.get(..at)?, data.get(at + 1..)?))
}

fn text(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = until(data, b':')?;
    let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
    rest.split_at_checked(length)
}

impl<'a> Item<'a> {
    fn entry(&self, key: &str) -> Option<&Entry<'a>> {
        match self {
            Item::Map(map) => map.iter().find(|entry| entry.key == key.as_bytes()),
            _ => None,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Item<'a>> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub fn raw(&self, key: &str) -> Option<&'a [u8]> {
        self.entry(key).map(|entry| entry.raw)
    }

    pub fn number(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Item::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub fn bytes(&self, key: &str) -> Option<&'a [u8]> {
        self.get(key)?.as_bytes()
    }

    pub fn as_bytes(&self) -> Option<&'a [u8]> {
        match self {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&'a str> {
        std::str::from_utf8(self.as_bytes()?).ok()
    }

    /// The items of a list; nothing where there is none.
    pub fn items(&self) -> &[Item<'a>] {
        match self {
            Item::List(list) => list,
            _ => &[],
        }
    }
}

/// Every byte as `%41`, as trackers want hashes.
pub fn percent(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for byte in bytes {
        let _ = write!(text, "%{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let data = b"d1:ali-3e2:hie4:infod1:xi7eee!";
        let (found, rest) = read(data).unwrap();
        assert_eq!(rest, b"!");
        assert_eq!(found.raw("info"), Some(&b"d1:xi7ee"[..]));
        assert_eq!(found.get("info").unwrap().number("x"), Some(7));
        let list = found.get("a").unwrap().items();
        assert_eq!(list, [Item::Number(-3), Item::Text(b"hi")]);
        assert_eq!(list.get(1).and_then(Item::as_str), Some("hi"));
        assert_eq!(percent(b"A\x00"), "%41%00");
    }

    #[test]
    fn what_is_broken_or_hostile_is_nothing() {
        let deep = "l".repeat(100_000);
        for data in [
            "",
            "i",
            "ie",
            "i12",
            "5:ab",
            "99999999999999999999:a",
            "4294967295:a",
            "-1:a",
            "l",
            "li1e",
            "d",
            "d1:a",
            "d1:ae",
            "di1ei2ee",
            "x",
            &deep,
        ] {
            assert!(read(data.as_bytes()).is_none(), "{data:.20}");
        }
    }
}
