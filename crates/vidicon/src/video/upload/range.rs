//! `Content-Range` of a piece, and the query for the position.

use crate::error::{Error, Result};
use axum::http::{HeaderMap, header};

/// What a PUT brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Nothing: it asks how much is there.
    Query { total: Option<u64> },
    /// The bytes from `first` up to, not including, `end`; where it ends may not be said.
    Bytes {
        first: u64,
        end: Option<u64>,
        total: Option<u64>,
    },
}

impl Piece {
    /// Reads `bytes 0-99/200`, `bytes 0-99/*` or `bytes */200`. Without the header the body is the
    /// whole file.
    pub fn read(headers: &HeaderMap) -> Result<Self> {
        let length = number_of(headers, header::CONTENT_LENGTH.as_str())?;
        let Some(range) = headers.get(header::CONTENT_RANGE) else {
            return Ok(Piece::Bytes {
                first: 0,
                end: length,
                total: None,
            });
        };
        let piece = range.to_str().ok().and_then(parse).ok_or_else(invalid)?;
        match (piece, length) {
            (Piece::Query { .. }, Some(1..)) => Err(invalid()),
            (Piece::Bytes { first, end, .. }, Some(length)) if end != first.checked_add(length) => {
                Err(invalid())
            }
            _ => Ok(piece),
        }
    }
}

fn parse(text: &str) -> Option<Piece> {
    let (range, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let total = match total.trim() {
        "*" => None,
        digits => Some(number(digits)?),
    };
    if range.trim() == "*" {
        return Some(Piece::Query { total });
    }
    let (first, last) = range.trim().split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    let end = last.checked_add(1)?;
    (first < end).then_some(Piece::Bytes {
        first,
        end: Some(end),
        total,
    })
}

fn number(digits: &str) -> Option<u64> {
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| digits.parse().ok()).flatten()
}

fn number_of(headers: &HeaderMap, name: &str) -> Result<Option<u64>> {
    match headers.get(name) {
        None => Ok(None),
        Some(value) => {
            let found = value.to_str().ok().and_then(|text| number(text.trim()));
            found.map(Some).ok_or_else(invalid)
        }
    }
}

fn invalid() -> Error {
    Error::bad_request("The Content-Range is wrong or does not fit the Content-Length.")
        .code("InvalidRange")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let bytes = |first, end, total| {
            Some(Piece::Bytes {
                first,
                end: Some(end),
                total,
            })
        };
        assert_eq!(parse("bytes 0-99/200"), bytes(0, 100, Some(200)));
        assert_eq!(parse("bytes 5-5/*"), bytes(5, 6, None));
        assert_eq!(
            parse("bytes */200"),
            Some(Piece::Query { total: Some(200) })
        );
        assert_eq!(parse("bytes */*"), Some(Piece::Query { total: None }));
        for wrong in [
            "",
            "bytes",
            "0-99/200",
            "bytes 9-5/10",
            "bytes -5/10",
            "bytes 5-/10",
            "bytes a-b/c",
            "bytes 0-18446744073709551615/*",
            "bytes +1-5/10",
            "bytes 1-5",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_length_must_fit() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_RANGE, "bytes 0-99/200".parse().unwrap());
        headers.insert(header::CONTENT_LENGTH, "100".parse().unwrap());
        assert!(Piece::read(&headers).is_ok());
        headers.insert(header::CONTENT_LENGTH, "99".parse().unwrap());
        assert_eq!(
            Piece::read(&headers).unwrap_err().code_str(),
            Some("InvalidRange")
        );
    }
}
