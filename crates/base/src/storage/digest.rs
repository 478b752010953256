//! The old digests and dates that S3 servers want.

use std::time::{Duration, SystemTime};

/// `Sun, 06 Nov 1994 08:49:37 GMT`
pub(super) fn parse_http_date(text: &str) -> Option<SystemTime> {
    let mut words = text.split_ascii_whitespace().skip(1);
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = i64::try_from(months.find(month)? / 3).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words
        .next()?
        .split(':')
        .map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    // Days since 1970 of a date of the Gregorian calendar, counted from March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// MD5, which S3 asks for with a CORS rule and which protects nothing here.
pub(super) fn md5(bytes: &[u8]) -> [u8; 16] {
    const SHIFTS: [[u32; 4]; 4] = [
        [7, 12, 17, 22],
        [5, 9, 14, 20],
        [4, 11, 16, 23],
        [6, 10, 15, 21],
    ];
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    let bits = u64::try_from(bytes.len()).unwrap_or(0).wrapping_mul(8);
    padded.extend_from_slice(&bits.to_le_bytes());
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded.chunks_exact(64) {
        let words: Vec<u32> = block
            .chunks_exact(4)
            .map(|word| word.try_into().map_or(0, u32::from_le_bytes))
            .collect();
        let [mut a, mut b, mut c, mut d] = state;
        for (round, shifts) in SHIFTS.iter().enumerate() {
            for step in 0..16_usize {
                let (mixed, word) = match round {
                    0 => ((b & c) | (!b & d), step),
                    1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                    2 => (b ^ c ^ d, (3 * step + 5) % 16),
                    _ => (c ^ (b | !d), (7 * step) % 16),
                };
                let number = u32::try_from(round * 16 + step + 1).unwrap_or(1);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is below 2^32 and not negative"
                )]
                let sine = (f64::from(number).sin().abs() * 4_294_967_296.0) as u32;
                let sum = a
                    .wrapping_add(mixed)
                    .wrapping_add(sine)
                    .wrapping_add(words.get(word).copied().unwrap_or(0));
                let turned = sum.rotate_left(shifts.get(step % 4).copied().unwrap_or(0));
                (a, d, c, b) = (d, c, b, b.wrapping_add(turned));
            }
        }
        for (kept, new) in state.iter_mut().zip([a, b, c, d]) {
            *kept = kept.wrapping_add(new);
        }
    }
    let mut out = [0; 16];
    for (place, byte) in out
        .iter_mut()
        .zip(state.iter().flat_map(|word| word.to_le_bytes()))
    {
        *place = byte;
    }
    out
}

/// Base64 of a few bytes.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_usize {
            let letter = (bits >> (18 - 6 * place)) & 63;
            let letter = usize::try_from(letter).ok().and_then(|at| LETTERS.get(at));
            let is_padding = place > three.len();
            out.push(if is_padding {
                '='
            } else {
                letter.map_or('=', |l| char::from(*l))
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        assert_eq!(hex::encode(md5(b"")), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(
            hex::encode(md5(b"message digest")),
            "f96b697d7cb7938d525a2f31aaf161d0"
        );
        let long =
            b"12345678901234567890123456789012345678901234567890123456789012345678901234567890";
        assert_eq!(hex::encode(md5(long)), "57edf4a22be3c955ac49da2e2107b67a");
        assert_eq!(base64(b"abcd"), "YWJjZA==");
        assert_eq!(base64(b"abcde"), "YWJjZGU=");
    }

    #[test]
    fn the_servers_time_is_read() {
        let at = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").expect("a date");
        let since = at.duration_since(SystemTime::UNIX_EPOCH).expect("later");
        assert_eq!(since.as_secs(), 784_111_777);
        assert_eq!(parse_http_date("yesterday"), None);
    }
}
