//! Search filters as they are written (RFC 4515), made into what goes over the wire (RFC 4511).

use super::ber;
use anyhow::{Context, bail};

const AND: u8 = 0xa0;
const OR: u8 = 0xa1;
const NOT: u8 = 0xa2;
const EQUAL: u8 = 0xa3;
const SUBSTRINGS: u8 = 0xa4;
const AT_LEAST: u8 = 0xa5;
const AT_MOST: u8 = 0xa6;
const PRESENT: u8 = 0x87;
/// Brackets within brackets; nobody writes more.
const DEEPEST: usize = 20;

/// Text that stands for itself inside a filter.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '(' | ')' | '\\' | '\0' => out.push_str(&format!("\\{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// The filter in bytes.
pub fn encoded(filter: &str) -> anyhow::Result<Vec<u8>> {
    let (bytes, rest) = one(filter.trim(), 0)?;
    if !rest.is_empty() {
        bail!("the filter {filter} goes on behind its end");
    }
    Ok(bytes)
}

fn one(text: &str, depth: usize) -> anyhow::Result<(Vec<u8>, &str)> {
    anyhow::ensure!(depth < DEEPEST, "the filter has too many brackets");
    let inner = text.strip_prefix('(').context("a filter begins with (")?;
    if let Some(rest) = inner.strip_prefix('!') {
        let (bytes, rest) = one(rest, depth + 1)?;
        let rest = rest.strip_prefix(')').context("a ) is missing")?;
        return Ok((ber::element(NOT, &bytes), rest));
    }
    let tag = match inner.chars().next() {
        Some('&') => AND,
        Some('|') => OR,
        _ => return comparison(inner),
    };
    let mut rest = inner.get(1..).unwrap_or_default();
    let mut parts = Vec::new();
    while rest.starts_with('(') {
        let (part, after) = one(rest, depth + 1)?;
        parts.push(part);
        rest = after;
    }
    let rest = rest.strip_prefix(')').context("a ) is missing")?;
    Ok((ber::group(tag, &parts), rest))
}

fn comparison(text: &str) -> anyhow::Result<(Vec<u8>, &str)> {
    let (inner, rest) = text.split_once(')').context("a ) is missing")?;
    let (name, value) = inner.split_once('=').context("a comparison needs a =")?;
    let (name, tag) = match name.chars().last() {
        Some('>') => (name.trim_end_matches('>'), AT_LEAST),
        Some('<') => (name.trim_end_matches('<'), AT_MOST),
        Some('~') => (name.trim_end_matches('~'), EQUAL),
        _ => (name, EQUAL),
    };
    let name_is_plain = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b';'));
    anyhow::ensure!(name_is_plain, "\"{name}\" is no attribute");
    if tag == EQUAL && value == "*" {
        return Ok((ber::text(PRESENT, name), rest));
    }
    if tag == EQUAL && value.contains('*') {
        return Ok((substrings(name, value)?, rest));
    }
    let parts = [
        ber::text(ber::OCTETS, name),
        ber::element(ber::OCTETS, &unescaped(value)?),
    ];
    Ok((ber::group(tag, &parts), rest))
}

fn substrings(name: &str, value: &str) -> anyhow::Result<Vec<u8>> {
    let pieces: Vec<&str> = value.split('*').collect();
    let last = pieces.len() - 1;
    let mut parts = Vec::new();
    for (at, piece) in pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| !piece.is_empty())
    {
        let tag = match at {
            0 => 0x80,
            at if at == last => 0x82,
            _ => 0x81,
        };
        parts.push(ber::element(tag, &unescaped(piece)?));
    }
    Ok(ber::group(
        SUBSTRINGS,
        &[
            ber::text(ber::OCTETS, name),
            ber::group(ber::SEQUENCE, &parts),
        ],
    ))
}

fn unescaped(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).context("\\ needs two digits")?;
        bytes.extend(hex::decode(digits).context("\\ needs two hex digits")?);
        rest = after;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_become_bytes() {
        assert_eq!(
            encoded("(uid=ada)").unwrap(),
            [0xa3, 10, 4, 3, b'u', b'i', b'd', 4, 3, b'a', b'd', b'a']
        );
        assert_eq!(encoded("(uid=*)").unwrap(), [0x87, 3, b'u', b'i', b'd']);
        let both = encoded("(&(a=b)(!(c=d)))").unwrap();
        assert_eq!(both[0], AND);
        assert_eq!(
            encoded("(a=x*y)").unwrap(),
            [0xa4, 11, 4, 1, b'a', 0x30, 6, 0x80, 1, b'x', 0x82, 1, b'y']
        );
    }

    #[test]
    fn nobody_writes_into_a_filter() {
        let typed = "*)(uid=*))(|(uid=*";
        let filter = format!("(uid={})", escaped(typed));
        let bytes = encoded(&filter).unwrap();
        assert_eq!(bytes[0], EQUAL);
        assert!(bytes.ends_with(typed.as_bytes()));
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for bad in [
            "",
            "uid=ada",
            "(uid=ada",
            "(uid)",
            "(=x)",
            "(a b=x)",
            "(a=\\zz)",
            "(a=b)(c=d)",
        ] {
            assert!(encoded(bad).is_err(), "{bad}");
        }
        assert!(encoded(&"(!".repeat(100)).is_err());
    }
}
