//! UUIDs in 22 characters (flickrBase58), as they stand in watch addresses.

use uuid::Uuid;

const LETTERS: &[u8; 58] = b"123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH: usize = 22;
/// 58 to the tenth, the largest power that leaves digits for two more steps and fits 64 bits.
const TEN_DIGITS: u128 = 58_u128.pow(10);

/// The short form: always 22 characters.
pub fn shorten(uuid: Uuid) -> String {
    // Ten digits at a time, since divisions of 128 bits are slow.
    let number = uuid.as_u128();
    let parts = [
        number % TEN_DIGITS,
        number / TEN_DIGITS % TEN_DIGITS,
        number / TEN_DIGITS / TEN_DIGITS,
    ];
    let mut reversed = [b'1'; LENGTH];
    for (digits, part) in reversed.chunks_mut(10).zip(parts) {
        let mut rest = u64::try_from(part).unwrap_or(0);
        for digit in digits {
            let at = usize::try_from(rest % 58).unwrap_or(0);
            *digit = LETTERS.get(at).copied().unwrap_or(b'1');
            rest /= 58;
        }
    }
    reversed
        .iter()
        .rev()
        .map(|byte| char::from(*byte))
        .collect()
}

/// Reads the short form; nothing else has a meaning.
pub fn lengthen(short: &str) -> Option<Uuid> {
    if short.len() != LENGTH {
        return None;
    }
    let mut number: u128 = 0;
    for byte in short.bytes() {
        let digit = LETTERS.iter().position(|letter| *letter == byte)?;
        number = number
            .checked_mul(58)?
            .checked_add(u128::try_from(digit).ok()?)?;
    }
    Some(Uuid::from_u128(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for text in [
            "9c9de5e8-0a1e-484a-b099-e80766180a6d",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-4fff-bfff-ffffffffffff",
        ] {
            let uuid = Uuid::parse_str(text).unwrap();
            let short = shorten(uuid);
            assert_eq!(short.len(), 22);
            assert_eq!(lengthen(&short), Some(uuid));
        }
    }

    #[test]
    fn the_known_example() {
        let uuid = Uuid::parse_str("9c9de5e8-0a1e-484a-b099-e80766180a6d").unwrap();
        assert_eq!(shorten(uuid), "kkGMgK9ZtnKfYAgnEtQxbv");
    }

    #[test]
    fn nonsense_is_none() {
        for text in [
            "",
            "kkGMgK9ZtnKfYAgnEtQxb",
            "kkGMgK9ZtnKfYAgnEtQxb0",
            "ZZZZZZZZZZZZZZZZZZZZZZ",
        ] {
            assert_eq!(lengthen(text), None, "{text}");
        }
    }
}
