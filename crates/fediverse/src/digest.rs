//! Body digests: the old `Digest` header and the `Content-Digest` of RFC 9530.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Error, Result};

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// Value of the `Digest` header.
pub fn header(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(sha256(body)))
}

/// Value of the `Content-Digest` header.
pub fn content_header(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256(body)))
}

/// Every digest of a known kind must fit the body, and there must be at least one.
pub fn check_header(value: &str, body: &[u8]) -> Result<()> {
    check(value, body, str::to_owned)
}

/// As [`check_header`], for `Content-Digest`, whose values stand between colons.
pub fn check_content_header(value: &str, body: &[u8]) -> Result<()> {
    check(value, body, |text| {
        text.trim_start_matches(':')
            .trim_end_matches(':')
            .to_owned()
    })
}

fn check(value: &str, body: &[u8], unwrap: fn(&str) -> String) -> Result<()> {
    let mut checked = false;
    for part in value.split(',') {
        let Some((name, encoded)) = part.trim().split_once('=') else {
            return Err(Error::signature("the digest header cannot be read"));
        };
        let expected = match name.trim().to_ascii_lowercase().as_str() {
            "sha-256" => digest(&SHA256, body),
            "sha-512" => digest(&SHA512, body),
            _ => continue,
        };
        if STANDARD.encode(expected.as_ref()) != unwrap(encoded.trim()) {
            return Err(Error::signature("the digest does not fit the body"));
        }
        checked = true;
    }
    if checked {
        Ok(())
    } else {
        Err(Error::signature("no SHA-256 or SHA-512 digest of the body"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"hello": "world"}"#;

    #[test]
    fn known_digests_of_the_drafts() {
        assert_eq!(
            header(BODY),
            "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="
        );
        let of_the_rfc = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
        assert_eq!(check_content_header(of_the_rfc, BODY), Ok(()));
        assert_eq!(check_content_header(&content_header(BODY), BODY), Ok(()));
    }

    #[test]
    fn a_wrong_or_missing_digest_is_refused() {
        assert!(check_header(&header(b"other"), BODY).is_err());
        assert!(check_header("MD5=abc", BODY).is_err());
        assert!(check_header("", BODY).is_err());
        let one_right_one_wrong = format!("{},SHA-512=AAAA", header(BODY));
        assert!(check_header(&one_right_one_wrong, BODY).is_err());
    }
}
