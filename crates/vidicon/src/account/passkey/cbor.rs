//! Reads the little of CBOR (RFC 8949) that authenticators write.

/// A value; what authenticators do not need is [`Value::Other`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Int(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    List(Vec<Value<'a>>),
    Map(Vec<(Value<'a>, Value<'a>)>),
    Other,
}

impl<'a> Value<'a> {
    /// A member of a map by its name.
    pub fn named(&self, name: &str) -> Option<&Value<'a>> {
        self.get(|key| matches!(key, Value::Text(text) if *text == name))
    }

    /// A member of a map by its number.
    pub fn numbered(&self, number: i64) -> Option<&Value<'a>> {
        self.get(|key| *key == Value::Int(number))
    }

    fn get(&self, is_wanted: impl Fn(&Value<'a>) -> bool) -> Option<&Value<'a>> {
        let Value::Map(members) = self else {
            return None;
        };
        let found = members.iter().find(|(key, _)| is_wanted(key));
        found.map(|(_, value)| value)
    }

    pub fn as_bytes(&self) -> Option<&'a [u8]> {
        match self {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
}

/// Maps and lists inside each other.
const DEEPEST: u8 = 8;
const MOST_MEMBERS: u64 = 64;

/// Reads one value; what stands behind it is left alone.
pub fn read(mut bytes: &[u8]) -> Option<Value<'_>> {
    value(&mut bytes, 0)
}

fn value<'a>(bytes: &mut &'a [u8], depth: u8) -> Option<Value<'a>> {
    if depth > DEEPEST {
        return None;
    }
    let first = *take(bytes, 1)?.first()?;
    let (kind, short) = (first >> 5, first & 0x1f);
    let number = match short {
        0..=23 => u64::from(short),
        24..=27 => take(bytes, 1 << (short - 24))?
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
        // Lengths that are not told in advance: no authenticator writes them.
        _ => return None,
    };
    Some(match kind {
        0 => Value::Int(i64::try_from(number).ok()?),
        1 => Value::Int(-1 - i64::try_from(number).ok()?),
        2 => Value::Bytes(take(bytes, usize::try_from(number).ok()?)?),
        3 => Value::Text(std::str::from_utf8(take(bytes, usize::try_from(number).ok()?)?).ok()?),
        4 => {
            let count = 0..Some(number).filter(|count| *count <= MOST_MEMBERS)?;
            let list: Option<Vec<_>> = count.map(|_| value(bytes, depth + 1)).collect();
            Value::List(list?)
        }
        5 => {
            let count = 0..Some(number).filter(|count| *count <= MOST_MEMBERS)?;
            let members: Option<Vec<_>> = count
                .map(|_| Some((value(bytes, depth + 1)?, value(bytes, depth + 1)?)))
                .collect();
            Value::Map(members?)
        }
        6 => value(bytes, depth + 1)?,
        _ => Value::Other,
    })
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_that_authenticators_write() {
        // {"fmt": "none", 3: -7, -2: h'0102', "l": [1, 500]}
        let bytes = [
            0xa4, 0x63, b'f', b'm', b't', 0x64, b'n', b'o', b'n', b'e', 0x03, 0x26, 0x21, 0x42, 1,
            2, 0x61, b'l', 0x82, 1, 0x19, 0x01, 0xf4,
        ];
        let map = read(&bytes).unwrap();
        assert_eq!(map.named("fmt"), Some(&Value::Text("none")));
        assert_eq!(map.numbered(3).and_then(Value::as_int), Some(-7));
        assert_eq!(
            map.numbered(-2).and_then(Value::as_bytes),
            Some(&[1, 2][..])
        );
        let list = Value::List(vec![Value::Int(1), Value::Int(500)]);
        assert_eq!(map.named("l"), Some(&list));
    }

    #[test]
    fn broken_and_endless_input_is_refused() {
        for bytes in [
            &[][..],
            &[0x42, 1],
            &[0xa1, 1],
            &[0x5f],
            &[0x81; 40],
            &[0x9b; 9],
        ] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        // A list of four thousand million members.
        assert_eq!(read(&[0x9a, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
