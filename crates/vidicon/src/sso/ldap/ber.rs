//! The basic encoding rules, as far as LDAP uses them: a tag, a length, the content.

/// What an answer may weigh. Directories answer in some hundred bytes.
pub const LARGEST: usize = 1 << 20;

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const ENUMERATED: u8 = 0x0a;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// An element with this content.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    if length < 128 {
        bytes.push(u8::try_from(length).unwrap_or(0));
    } else {
        let all = length.to_be_bytes();
        let short: Vec<u8> = all.into_iter().skip_while(|byte| *byte == 0).collect();
        bytes.push(0x80 | u8::try_from(short.len()).unwrap_or(0));
        bytes.extend(short);
    }
    bytes.extend_from_slice(content);
    bytes
}

/// An element made of others.
pub fn group(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    element(tag, &parts.concat())
}

pub fn text(tag: u8, text: &str) -> Vec<u8> {
    element(tag, text.as_bytes())
}

pub fn integer(tag: u8, number: u32) -> Vec<u8> {
    let all = number.to_be_bytes();
    let mut short: Vec<u8> = all.into_iter().skip_while(|byte| *byte == 0).collect();
    // A leading one would make it negative.
    if short.first().is_none_or(|byte| byte & 0x80 != 0) {
        short.insert(0, 0);
    }
    element(tag, &short)
}

/// Takes the first element off: its tag, its content and what follows. Nothing when it is not
/// whole (yet).
pub fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        let length = digits
            .iter()
            .fold(0, |sum, byte| sum * 256 + usize::from(*byte));
        (length, rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((*tag, content, after))
}

/// All elements behind one another.
pub fn parts(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let Some((tag, content, after)) = split(bytes) {
        found.push((tag, content));
        bytes = after;
    }
    found
}

pub fn number(content: &[u8]) -> u32 {
    content
        .iter()
        .fold(0_u32, |sum, byte| sum.wrapping_mul(256) | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_every_length_come_back() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let bytes = element(OCTETS, &content);
            let (tag, found, after) = split(&bytes).unwrap();
            assert!(
                tag == OCTETS && found == content && after.is_empty(),
                "{length}"
            );
            assert!(split(&bytes[..bytes.len() - 1]).is_none());
        }
    }

    #[test]
    fn numbers_stay_positive() {
        assert_eq!(integer(INTEGER, 0), [2, 1, 0]);
        assert_eq!(integer(INTEGER, 127), [2, 1, 127]);
        assert_eq!(integer(INTEGER, 128), [2, 2, 0, 128]);
        assert_eq!(number(&[1, 0]), 256);
    }

    #[test]
    fn nonsense_is_not_read() {
        for bad in [
            &[][..],
            &[4],
            &[4, 0x80],
            &[4, 0x85, 1, 1, 1, 1, 1],
            &[4, 0x84, 255, 255, 255, 255],
        ] {
            assert!(split(bad).is_none(), "{bad:?}");
        }
    }
}
