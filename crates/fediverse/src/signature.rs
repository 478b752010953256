//! Signed HTTP requests: the old draft (cavage) that everyone speaks, and the way in for RFC 9421.
//!
//! [`claim`] does every check that needs no key: what is signed, how old it is, whether the body is the one
//! that was digested. The caller then finds the key of [`Claim::actor`] and calls [`Claim::verify`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use url::Url;

use crate::key::{Algorithm, PublicKey, SigningKey};
use crate::{Error, Result, date, digest, message_signature};

/// How far the clocks of two servers may be apart, and for how long a stolen request can be replayed.
pub const MAX_SKEW_MS: i64 = 30 * 60 * 1000;
/// No honest signature header is longer.
const MAX_HEADER_CHARS: usize = 8_000;
const MAX_SIGNED_HEADERS: usize = 32;

/// A request as it came in.
pub struct Received<'a> {
    pub method: &'a str,
    /// Path with query, as on the request line.
    pub target: &'a str,
    /// The host this server calls itself, with its port if it has one. It stands in for whatever `Host` says,
    /// so that a request signed for another server fails, and a proxy that rewrites the header does no harm.
    pub host: &'a str,
    /// `https`, but in tests.
    pub scheme: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub now_ms: i64,
}

/// A request about to be sent.
pub struct Outgoing<'a> {
    pub method: &'a str,
    pub url: &'a Url,
    /// `None` for GET.
    pub body: Option<&'a [u8]>,
    /// `<actor>#main-key`
    pub key_id: &'a str,
    pub key: &'a SigningKey,
    pub now_ms: i64,
}

/// A signature that is in order but for the key.
#[derive(Debug, Clone)]
pub struct Claim {
    pub(crate) key_id: String,
    /// `None`: the message leaves it to the key.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) base: String,
    pub(crate) signature: Vec<u8>,
}

impl Claim {
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The actor that the key should belong to: the key's id without its fragment.
    /// An `acct:name@host` is given back whole; it has to be looked up first.
    pub fn actor(&self) -> &str {
        self.key_id.split('#').next().unwrap_or_default()
    }

    pub fn verify(&self, key: &PublicKey) -> Result<()> {
        let algorithm = self.algorithm.unwrap_or_else(|| key.usual_algorithm());
        key.verify(algorithm, self.base.as_bytes(), &self.signature)
    }
}

/// Reads the signature of a request and checks all that can be checked without the key.
pub fn claim(received: &Received<'_>) -> Result<Claim> {
    if received.headers.contains_key("signature-input") {
        return message_signature::claim(received);
    }
    let value = header(received.headers, "signature")
        .or_else(|| {
            header(received.headers, "authorization").filter(|value| starts_with_scheme(value))
        })
        .ok_or_else(|| Error::signature("there is none"))?;
    let parameters = read_parameters(&value)?;
    check_signed_headers(&parameters.headers, received)?;
    check_times(&parameters, received)?;
    check_body(received)?;
    Ok(Claim {
        base: signing_string(&parameters, received)?,
        algorithm: algorithm(parameters.algorithm.as_deref())?,
        key_id: parameters.key_id,
        signature: parameters.signature,
    })
}

/// The headers to send with a request so that it is signed in the old way.
pub fn sign(outgoing: &Outgoing<'_>) -> Result<Vec<(&'static str, String)>> {
    let mut headers = vec![
        ("host", authority(outgoing.url)),
        ("date", date::http(outgoing.now_ms)),
    ];
    if let Some(body) = outgoing.body {
        headers.push(("digest", digest::header(body)));
    }
    let mut base = format!(
        "(request-target): {} {}",
        outgoing.method.to_ascii_lowercase(),
        target(outgoing.url)
    );
    let mut names = String::from("(request-target)");
    for (name, value) in &headers {
        base.push_str(&format!("\n{name}: {value}"));
        names.push_str(&format!(" {name}"));
    }
    let signature = STANDARD.encode(outgoing.key.sign(base.as_bytes())?);
    let algorithm = match outgoing.key {
        SigningKey::Rsa(_) => "rsa-sha256",
        SigningKey::Ed25519(_) => "hs2019",
    };
    let key_id = outgoing.key_id;
    headers.push((
        "signature",
        format!(
            r#"keyId="{key_id}",algorithm="{algorithm}",headers="{names}",signature="{signature}""#
        ),
    ));
    Ok(headers)
}

/// Host of a URL as the `Host` header carries it.
pub fn authority(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    }
}

pub(crate) fn target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// All lines of a header as one value, as both standards want it.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = Vec::new();
    for value in headers.get_all(name) {
        values.push(value.to_str().ok()?.trim());
    }
    let joined = values.join(", ");
    (!values.is_empty() && joined.len() <= MAX_HEADER_CHARS).then_some(joined)
}

pub(crate) fn check_skew(time_ms: i64, now_ms: i64) -> Result<()> {
    if time_ms.abs_diff(now_ms) > MAX_SKEW_MS.unsigned_abs() {
        return Err(Error::signature(
            "the date is more than 30 minutes away from ours",
        ));
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Parameters {
    key_id: String,
    algorithm: Option<String>,
    /// Lower case, in the order they were signed.
    headers: Vec<String>,
    signature: Vec<u8>,
    created_s: Option<i64>,
    expires_s: Option<i64>,
}

fn starts_with_scheme(value: &str) -> bool {
    value
        .get(..10)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("signature "))
}

fn read_parameters(value: &str) -> Result<Parameters> {
    let value = if starts_with_scheme(value) {
        value.get(10..).unwrap_or_default()
    } else {
        value
    };
    let mut parameters = Parameters::default();
    let mut headers = None;
    for (name, text) in split_parameters(value)? {
        match name.as_str() {
            "keyid" => parameters.key_id = text,
            "algorithm" => parameters.algorithm = Some(text.to_ascii_lowercase()),
            "headers" => headers = Some(text.to_ascii_lowercase()),
            "signature" => {
                parameters.signature = STANDARD
                    .decode(text)
                    .map_err(|_| Error::signature("it is not written in base64"))?;
            }
            "created" => parameters.created_s = Some(whole_seconds(&text)?),
            "expires" => parameters.expires_s = Some(whole_seconds(&text)?),
            _ => {}
        }
    }
    if parameters.key_id.is_empty() || parameters.signature.is_empty() {
        return Err(Error::signature("keyId or signature is missing"));
    }
    // The draft's own default is "date" alone, which check_signed_headers then refuses.
    parameters.headers = headers
        .as_deref()
        .unwrap_or("date")
        .split_ascii_whitespace()
        .map(str::to_owned)
        .collect();
    Ok(parameters)
}

/// `a="b",c=1` into pairs, names in lower case. A name given twice is refused: two readers could differ.
fn split_parameters(value: &str) -> Result<Vec<(String, String)>> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut rest = value.trim();
    while !rest.is_empty() {
        let (name, after) = rest
            .split_once('=')
            .ok_or_else(|| Error::signature("the header cannot be read"))?;
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => {
                let (text, after) = quoted
                    .split_once('"')
                    .ok_or_else(|| Error::signature("a quotation mark is missing"))?;
                (text, after.trim_start().strip_prefix(',').unwrap_or(after))
            }
            None => after.split_once(',').unwrap_or((after, "")),
        };
        let name = name.trim().to_ascii_lowercase();
        if pairs.iter().any(|(known, _)| *known == name) || pairs.len() >= MAX_SIGNED_HEADERS {
            return Err(Error::signature("a parameter is given twice"));
        }
        pairs.push((name, text.trim().to_owned()));
        rest = after.trim();
    }
    Ok(pairs)
}

/// Some senders write fractions; the part after the point does not matter.
fn whole_seconds(text: &str) -> Result<i64> {
    let whole = text.split('.').next().unwrap_or_default();
    whole
        .parse()
        .map_err(|_| Error::signature("created or expires is not a number"))
}

fn check_signed_headers(signed: &[String], received: &Received<'_>) -> Result<()> {
    let has = |name: &str| signed.iter().any(|header| header == name);
    if signed.len() > MAX_SIGNED_HEADERS {
        return Err(Error::signature("too many headers are signed"));
    }
    for required in ["(request-target)", "host"] {
        if !has(required) {
            return Err(Error::signature(format!("{required} is not signed")));
        }
    }
    if !has("date") && !has("(created)") {
        return Err(Error::signature("neither date nor (created) is signed"));
    }
    if needs_digest(received) && !has("digest") {
        return Err(Error::signature("digest is not signed"));
    }
    Ok(())
}

fn needs_digest(received: &Received<'_>) -> bool {
    !received.body.is_empty() || received.method.eq_ignore_ascii_case("post")
}

/// Each time that is signed must be near ours; a time that is not signed is not looked at.
fn check_times(parameters: &Parameters, received: &Received<'_>) -> Result<()> {
    let has = |name: &str| parameters.headers.iter().any(|header| header == name);
    if has("date") {
        let text = header(received.headers, "date")
            .ok_or_else(|| Error::signature("there is no date header"))?;
        let date_ms =
            date::parse_http(&text).ok_or_else(|| Error::signature("the date cannot be read"))?;
        check_skew(date_ms, received.now_ms)?;
    }
    if has("(created)") {
        let created_s = parameters
            .created_s
            .ok_or_else(|| Error::signature("created is missing"))?;
        check_skew(created_s.saturating_mul(1000), received.now_ms)?;
    }
    match parameters.expires_s {
        Some(expires_s) if expires_s.saturating_mul(1000) < received.now_ms => {
            Err(Error::signature("it has expired"))
        }
        _ => Ok(()),
    }
}

fn check_body(received: &Received<'_>) -> Result<()> {
    if !needs_digest(received) {
        return Ok(());
    }
    let value = header(received.headers, "digest")
        .ok_or_else(|| Error::signature("there is no digest header"))?;
    digest::check_header(&value, received.body)
}

fn signing_string(parameters: &Parameters, received: &Received<'_>) -> Result<String> {
    let mut lines = Vec::with_capacity(parameters.headers.len());
    for name in &parameters.headers {
        let value = match name.as_str() {
            "(request-target)" => format!(
                "{} {}",
                received.method.to_ascii_lowercase(),
                received.target
            ),
            "(created)" => parameters
                .created_s
                .map(|seconds| seconds.to_string())
                .unwrap_or_default(),
            "(expires)" => parameters
                .expires_s
                .map(|seconds| seconds.to_string())
                .unwrap_or_default(),
            "host" => received.host.to_owned(),
            name => header(received.headers, name)
                .ok_or_else(|| Error::signature(format!("the signed header {name} is missing")))?,
        };
        lines.push(format!("{name}: {value}"));
    }
    Ok(lines.join("\n"))
}

/// `hs2019` says "as the key says"; with RSA everyone in the field then means SHA-256.
fn algorithm(name: Option<&str>) -> Result<Option<Algorithm>> {
    match name {
        None | Some("hs2019") => Ok(None),
        Some("rsa-sha256") => Ok(Some(Algorithm::RsaSha256)),
        Some("rsa-sha512") => Ok(Some(Algorithm::RsaSha512)),
        Some("ed25519") => Ok(Some(Algorithm::Ed25519)),
        Some(_) => Err(Error::signature("the algorithm is not known here")),
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    const BODY: &[u8] = br#"{"hello": "world"}"#;
    const NOW_MS: i64 = 1_700_000_000_000;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        headers
    }

    fn received<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Received<'a> {
        let method = if body.is_empty() { "GET" } else { "POST" };
        Received {
            method,
            target: "/inbox",
            host: "video.example",
            scheme: "https",
            headers,
            body,
            now_ms: NOW_MS,
        }
    }

    fn signed(key: &SigningKey, body: Option<&[u8]>, now_ms: i64) -> Vec<(&'static str, String)> {
        let url = Url::parse("https://video.example/inbox").unwrap();
        let method = if body.is_some() { "POST" } else { "GET" };
        sign(&Outgoing {
            method,
            url: &url,
            body,
            key_id: "https://peer.example/users/a#main-key",
            key,
            now_ms,
        })
        .unwrap()
    }

    fn as_map(pairs: &[(&'static str, String)]) -> HeaderMap {
        headers(
            &pairs
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn the_all_headers_example_of_the_draft() {
        let headers = headers(&[
            ("date", "Thu, 05 Jan 2014 21:31:40 GMT"),
            ("content-type", "application/json"),
            (
                "digest",
                "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
            ),
            ("content-length", "18"),
        ]);
        let value = r#"Signature keyId="Test",algorithm="rsa-sha256",headers="(request-target) host date content-type digest content-length",signature="Ef7MlxLXoBovhil3AlyjtBwAL9g4TN3tibLj7uuNB3CROat/9KaeQ4hW2NiJ+pZ6HQEOx9vYZAyi+7cmIkmJszJCut5kQLAwuX+Ms/mUFvpKlSo9StS2bMXDBNjOh4Auj774GFj4gwjS+3NhFeoqyr/MuN6HsEnkvn6zdgfE2i0=""#;
        let parameters = read_parameters(value).unwrap();
        let received = Received {
            method: "POST",
            target: "/foo?param=value&pet=dog",
            host: "example.com",
            scheme: "https",
            headers: &headers,
            body: BODY,
            now_ms: NOW_MS,
        };
        check_signed_headers(&parameters.headers, &received).unwrap();
        check_body(&received).unwrap();
        let base = signing_string(&parameters, &received).unwrap();
        // The key of the draft has 1,024 bits, which PublicKey refuses; the library is asked directly.
        let key = STANDARD
            .decode(
                "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C36rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2\
                 qsBe/2hFyc2DCJJg0h1L78+6Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJwoYi+1hqp1fIekaxs\
                 yQIDAQAB",
            )
            .unwrap();
        UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, key)
            .verify(base.as_bytes(), &parameters.signature)
            .unwrap();
    }

    #[test]
    fn what_we_sign_we_accept() {
        let key = SigningKey::generate_rsa().unwrap();
        let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
        for body in [None, Some(BODY)] {
            let headers = as_map(&signed(&key, body, NOW_MS));
            let claim = claim(&received(&headers, body.unwrap_or_default())).unwrap();
            assert_eq!(claim.actor(), "https://peer.example/users/a");
            assert_eq!(claim.verify(&public), Ok(()));
        }
    }

    #[test]
    fn a_stranger_s_key_another_host_or_target_fails() {
        let key = SigningKey::from_pem(crate::key::tests::RFC_PRIVATE).unwrap();
        let public = PublicKey::from_pem(crate::key::tests::RFC_PUBLIC).unwrap();
        let headers = as_map(&signed(&key, Some(BODY), NOW_MS));
        let right = received(&headers, BODY);
        assert_eq!(claim(&right).unwrap().verify(&public), Ok(()));
        let stranger = SigningKey::generate_ed25519().unwrap();
        let strange = PublicKey::from_pem(&stranger.public_pem().unwrap()).unwrap();
        assert!(claim(&right).unwrap().verify(&strange).is_err());
        let elsewhere = Received {
            host: "other.example",
            ..received(&headers, BODY)
        };
        assert!(claim(&elsewhere).unwrap().verify(&public).is_err());
        let other_inbox = Received {
            target: "/accounts/a/inbox",
            ..received(&headers, BODY)
        };
        assert!(claim(&other_inbox).unwrap().verify(&public).is_err());
    }

    #[test]
    fn the_clock_may_be_half_an_hour_off_and_no_more() {
        let key = SigningKey::from_pem(crate::key::tests::RFC_PRIVATE).unwrap();
        for (offset_ms, accepted) in [
            (0, true),
            (29, true),
            (-29, true),
            (31, false),
            (-31, false),
        ]
        .map(|(minutes, accepted)| (minutes * 60_000, accepted))
        {
            let headers = as_map(&signed(&key, Some(BODY), NOW_MS + offset_ms));
            assert_eq!(
                claim(&received(&headers, BODY)).is_ok(),
                accepted,
                "{offset_ms}"
            );
        }
    }

    #[test]
    fn an_altered_or_undigested_body_is_refused_before_any_key_is_fetched() {
        let key = SigningKey::from_pem(crate::key::tests::RFC_PRIVATE).unwrap();
        let headers = as_map(&signed(&key, Some(BODY), NOW_MS));
        assert!(claim(&received(&headers, b"{}")).is_err());
        let without = as_map(&signed(&key, None, NOW_MS));
        assert_eq!(
            claim(&received(&without, BODY)).unwrap_err(),
            Error::signature("digest is not signed")
        );
    }

    #[test]
    fn each_header_that_must_be_signed_is_missed() {
        let date = date::http(NOW_MS);
        let digest = digest::header(BODY);
        for names in [
            "host date digest",
            "(request-target) date digest",
            "(request-target) host digest",
            "(request-target) host date",
            "date",
            "",
        ] {
            let value =
                format!(r#"keyId="https://peer.example/a#k",headers="{names}",signature="AAAA""#);
            let headers = headers(&[("date", &date), ("digest", &digest), ("signature", &value)]);
            assert!(claim(&received(&headers, BODY)).is_err(), "{names}");
        }
    }

    #[test]
    fn created_stands_in_for_date() {
        let digest = digest::header(BODY);
        let with = |created: &str| {
            let value = format!(
                r#"keyId="https://peer.example/a#k",algorithm="hs2019",created={created},headers="(request-target) (created) host digest",signature="AAAA""#
            );
            let headers = headers(&[("digest", &digest), ("signature", &value)]);
            claim(&received(&headers, BODY)).map(|claim| claim.base)
        };
        assert!(
            with("1700000000")
                .unwrap()
                .contains("\n(created): 1700000000\n")
        );
        assert!(with("1600000000").is_err());
        assert!(with("soon").is_err());
    }

    #[test]
    fn hostile_headers_are_refused_without_a_panic() {
        for value in [
            "",
            "=",
            "a",
            "\"\"\"",
            "keyId",
            "keyId=",
            r#"keyId="x"#,
            r#"keyId="x",signature="?""#,
            r#"keyId="x",keyId="y",signature="AAAA""#,
            "Signature ",
            &"a=1,".repeat(1_000),
            &"x".repeat(20_000),
        ] {
            let headers = headers(&[("signature", value)]);
            assert!(claim(&received(&headers, BODY)).is_err(), "{value:.60}");
        }
        assert!(claim(&received(&HeaderMap::new(), b"")).is_err());
    }
}
