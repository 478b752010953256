//! The country that an address belongs to, from a file in MaxMind's DB format (`.mmdb`), such as
//! GeoLite2-Country or DB-IP's country list. The whole file is held in memory: some 8 MB.

use std::io::{Error, ErrorKind, Result};
use std::net::IpAddr;
use std::path::Path;

const MARKER: &[u8] = b"\xAB\xCD\xEFMaxMind.com";
/// Bytes of nothing between the search tree and the data.
const GAP: usize = 16;
/// Maps and pointers within each other; real files have four.
const DEEPEST: usize = 16;
/// A larger file is not of countries.
const LARGEST_BYTES: u64 = 512 * 1024 * 1024;

/// Two capital letters of ISO 3166-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Two letters, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Country([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A file of countries.
pub struct Countries {
    bytes: Vec<u8>,
    nodes: usize,
    /// Bits of each of the two records of a node: 24, 28 or 32.
    record_bits: usize,
    has_ipv6: bool,
    /// Where the data begins.
    data: usize,
}

impl std::fmt::Debug for Countries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Countries")
            .field("nodes", &self.nodes)
            .finish_non_exhaustive()
    }
}

impl Countries {
    pub fn open(path: &Path) -> Result<Self> {
        if std::fs::metadata(path)?.len() > LARGEST_BYTES {
            return Err(wrong("it is too large"));
        }
        Self::read(std::fs::read(path)?)
    }

    pub fn read(bytes: Vec<u8>) -> Result<Self> {
        let mut starts = bytes.windows(MARKER.len()).rev();
        let from_end = starts.position(|window| window == MARKER);
        let from_end = from_end.ok_or_else(|| wrong("it is no file in MaxMind's format"))?;
        let meta = bytes.len() - from_end;
        let number = |name: &str| {
            let place = entry(&bytes, meta, meta, name, 0)?;
            unsigned(&bytes, place)
        };
        let nodes = number("node_count").ok_or_else(|| wrong("its size is not told"))?;
        let record_bits = number("record_size").unwrap_or(0);
        if !matches!(record_bits, 24 | 28 | 32) {
            return Err(wrong("its records have an unknown size"));
        }
        let has_ipv6 = number("ip_version") == Some(6);
        let data = nodes
            .checked_mul(record_bits / 4)
            .and_then(|tree| tree.checked_add(GAP))
            .filter(|data| *data <= bytes.len())
            .ok_or_else(|| wrong("it is cut off"))?;
        Ok(Countries {
            nodes,
            record_bits,
            has_ipv6,
            data,
            bytes,
        })
    }

    /// The country of this address; nothing for one that the file does not know.
    pub fn of(&self, address: IpAddr) -> Option<Country> {
        let (bits, length): (u128, u32) = match (address.to_canonical(), self.has_ipv6) {
            (IpAddr::V4(v4), false) => (u128::from(v4.to_bits()), 32),
            (IpAddr::V4(v4), true) => (u128::from(v4.to_bits()), 128),
            (IpAddr::V6(v6), true) => (v6.to_bits(), 128),
            (IpAddr::V6(_), false) => return None,
        };
        let mut node = 0;
        for place in (0..length).rev() {
            node = self.record(node, (bits >> place) & 1 == 1)?;
            if node >= self.nodes {
                break;
            }
        }
        // Behind the tree stands, after the gap, the data that records point to.
        let offset = node.checked_sub(self.nodes)?.checked_sub(GAP)?;
        let found = self.data.checked_add(offset)?;
        ["country", "registered_country"].iter().find_map(|kind| {
            let country = entry(&self.bytes, self.data, found, kind, 0)?;
            let code = entry(&self.bytes, self.data, country, "iso_code", 0)?;
            Country::parse(text(&self.bytes, self.data, code)?)
        })
    }

    /// The left or right record of a node.
    fn record(&self, node: usize, right: bool) -> Option<usize> {
        let size = self.record_bits / 4;
        let start = node.checked_mul(size)?;
        let bytes = self.bytes.get(start..start.checked_add(size)?)?;
        let value = match (bytes, right) {
            ([a, b, c, _, _, _], false) | ([_, _, _, a, b, c], true) => [0, *a, *b, *c],
            ([a, b, c, middle, _, _, _], false) => [middle >> 4, *a, *b, *c],
            ([_, _, _, middle, a, b, c], true) => [middle & 15, *a, *b, *c],
            ([a, b, c, d, _, _, _, _], false) | ([_, _, _, _, a, b, c, d], true) => {
                [*a, *b, *c, *d]
            }
            _ => return None,
        };
        usize::try_from(u32::from_be_bytes(value)).ok()
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// The head of a value: what it is, how long, and where it begins.
struct Head {
    kind: u8,
    size: usize,
    start: usize,
}

const POINTER: u8 = 1;
const TEXT: u8 = 2;
const MAP: u8 = 7;
const ARRAY: u8 = 11;
const FLAG: u8 = 14;

fn head(bytes: &[u8], at: usize) -> Option<Head> {
    let first = *bytes.get(at)?;
    let mut start = at + 1;
    let mut kind = first >> 5;
    if kind == POINTER {
        return Some(Head {
            kind,
            size: usize::from(first & 31),
            start,
        });
    }
    if kind == 0 {
        kind = bytes.get(start)?.checked_add(7)?;
        start += 1;
    }
    let small = usize::from(first & 31);
    let (more, base) = match small {
        29 => (1, 29),
        30 => (2, 285),
        31 => (3, 65_821),
        _ => (0, small),
    };
    let size = base + big_endian(bytes.get(start..start + more)?);
    start += more;
    Some(Head { kind, size, start })
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |value, byte| (value << 8) | usize::from(*byte))
}

/// Where a pointer points to, and where it ends. Its head has the length and the top bits.
fn pointer(bytes: &[u8], data: usize, head: &Head) -> Option<(usize, usize)> {
    let (length, top) = (head.size >> 3, head.size & 7);
    let end = head.start + length + 1;
    let low = big_endian(bytes.get(head.start..end)?);
    let offset = match length {
        0 => (top << 8) + low,
        1 => (top << 16) + low + 2048,
        2 => (top << 24) + low + 526_336,
        _ => low,
    };
    Some((data.checked_add(offset)?, end))
}

/// Where the value of this name lies in the map at this place.
fn entry(bytes: &[u8], data: usize, at: usize, name: &str, depth: usize) -> Option<usize> {
    let head = head(bytes, at)?;
    if head.kind == POINTER && depth < DEEPEST {
        let (target, _) = pointer(bytes, data, &head)?;
        return entry(bytes, data, target, name, depth + 1);
    }
    if head.kind != MAP {
        return None;
    }
    let mut at = head.start;
    for _ in 0..head.size {
        let is_it = text(bytes, data, at)? == name;
        at = end(bytes, data, at, depth)?;
        if is_it {
            return Some(at);
        }
        at = end(bytes, data, at, depth)?;
    }
    None
}

fn text(bytes: &[u8], data: usize, at: usize) -> Option<&str> {
    let mut found = head(bytes, at)?;
    if found.kind == POINTER {
        let (target, _) = pointer(bytes, data, &found)?;
        found = head(bytes, target)?;
    }
    if found.kind != TEXT {
        return None;
    }
    let text = bytes.get(found.start..found.start.checked_add(found.size)?)?;
    std::str::from_utf8(text).ok()
}

fn unsigned(bytes: &[u8], at: usize) -> Option<usize> {
    let head = head(bytes, at)?;
    let is_number = matches!(head.kind, 5 | 6 | 9) && head.size <= 8;
    let value = bytes.get(head.start..head.start.checked_add(head.size)?)?;
    is_number.then(|| big_endian(value))
}

/// Where the value at this place ends.
fn end(bytes: &[u8], data: usize, at: usize, depth: usize) -> Option<usize> {
    let head = head(bytes, at)?;
    match head.kind {
        POINTER => pointer(bytes, data, &head).map(|(_, end)| end),
        MAP | ARRAY if depth >= DEEPEST => None,
        MAP | ARRAY => {
            let values = if head.kind == MAP {
                head.size.checked_mul(2)?
            } else {
                head.size
            };
            let mut at = head.start;
            for _ in 0..values {
                at = end(bytes, data, at, depth + 1)?;
            }
            Some(at)
        }
        FLAG => Some(head.start),
        _ => head.start.checked_add(head.size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.0.0.0/1 is in Germany, 128.0.0.0/2 in France by a pointer, the rest nowhere.
    fn file(record_bits: u8) -> Vec<u8> {
        let data: &[&[u8]] = &[
            b"\xE1\x47country\xE1\x48iso_code\x42DE",
            b"\xE1\x20\x01\xE1\x20\x0A\x42FR",
        ];
        let first = 2 + 16;
        let second = first + u32::try_from(data[0].len()).unwrap();
        let nodes = [(first, 1), (second, 2)];
        let mut bytes = Vec::new();
        for (left, right) in nodes {
            let (left, right) = (u32::to_be_bytes(left), u32::to_be_bytes(right));
            match record_bits {
                24 => bytes.extend([&left[1..], &right[1..]].concat()),
                28 => bytes.extend([&left[1..], &[left[0] << 4 | right[0]], &right[1..]].concat()),
                _ => bytes.extend([left, right].concat()),
            }
        }
        bytes.extend([0; 16]);
        bytes.extend(data.concat());
        bytes.extend(MARKER);
        bytes.extend(b"\xE3\x4Anode_count\xC1\x02\x4Brecord_size\xA1");
        bytes.push(record_bits);
        bytes.extend(b"\x4Aip_version\xA1\x04");
        bytes
    }

    #[test]
    fn an_address_has_its_country() {
        for record_bits in [24, 28, 32] {
            let countries = Countries::read(file(record_bits)).unwrap();
            let of = |address: &str| countries.of(address.parse().unwrap());
            assert_eq!(of("1.2.3.4"), Country::parse("de"), "{record_bits}");
            assert_eq!(of("150.0.0.1"), Country::parse("FR"), "{record_bits}");
            assert_eq!(of("::ffff:1.2.3.4"), Country::parse("DE"));
            assert_eq!(of("200.0.0.1"), None);
            assert_eq!(of("2001:db8::1"), None);
        }
    }

    #[test]
    fn a_broken_file_is_refused_or_knows_nothing() {
        assert!(Countries::read(b"no file of countries".to_vec()).is_err());
        let whole = file(24);
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 0xFF;
            if let Ok(countries) = Countries::read(bent) {
                countries.of(IpAddr::from([1, 2, 3, 4]));
                countries.of(IpAddr::from([150, 0, 0, 1]));
            }
        }
    }
}
