//! Dates as HTTP and ActivityStreams write them, to and from UTC milliseconds.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

const HTTP: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);
const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
/// No date on the wire is longer; a longer text is not worth parsing.
const MAX_CHARS: usize = 64;

pub(crate) fn http(time_ms: i64) -> String {
    utc(time_ms).format(HTTP).unwrap_or_default()
}

pub(crate) fn parse_http(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.len() > MAX_CHARS {
        return None;
    }
    PrimitiveDateTime::parse(text, HTTP)
        .ok()
        .map(|date| milliseconds(date.assume_utc()))
}

pub(crate) fn iso(time_ms: i64) -> String {
    utc(time_ms).format(ISO).unwrap_or_default()
}

pub(crate) fn parse_iso(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.len() > MAX_CHARS {
        return None;
    }
    OffsetDateTime::parse(text, &Rfc3339).ok().map(milliseconds)
}

fn utc(time_ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time_ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .to_offset(UtcOffset::UTC)
}

fn milliseconds(date: OffsetDateTime) -> i64 {
    i64::try_from(date.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_the_round_trip() {
        let time_ms = 1_618_884_475_000;
        assert_eq!(http(time_ms), "Tue, 20 Apr 2021 02:07:55 GMT");
        assert_eq!(parse_http("Tue, 20 Apr 2021 02:07:55 GMT"), Some(time_ms));
        assert_eq!(iso(time_ms + 12), "2021-04-20T02:07:55.012Z");
        assert_eq!(parse_iso("2021-04-20T02:07:55.012Z"), Some(time_ms + 12));
        assert_eq!(parse_iso("2021-04-20T04:07:55+02:00"), Some(time_ms));
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in [
            "",
            "yesterday",
            "2021-13-40T00:00:00Z",
            "Tue, 20 Apr 2021",
            &"9".repeat(1_000_000),
        ] {
            assert_eq!(parse_iso(text), None);
            assert_eq!(parse_http(text), None);
        }
    }
}
