//! HTTP Message Signatures (RFC 9421), the successor that newer servers try first.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::key::Algorithm;
use crate::signature::{Claim, Outgoing, Received, authority, check_skew, header};
use crate::{Error, Result, digest};

/// A request with more signatures than this is not from a server of the fediverse.
const MAX_SIGNATURES: usize = 4;
const MAX_COMPONENTS: usize = 32;

/// The headers to send with a request so that it is signed in the new way.
pub fn sign(outgoing: &Outgoing<'_>) -> Result<Vec<(&'static str, String)>> {
    let mut headers = vec![("host", authority(outgoing.url))];
    let mut lines = vec![
        ("@method", outgoing.method.to_ascii_uppercase()),
        ("@target-uri", outgoing.url.as_str().to_owned()),
    ];
    if let Some(body) = outgoing.body {
        let value = digest::content_header(body);
        lines.push(("content-digest", value.clone()));
        headers.push(("content-digest", value));
    }
    let names = lines
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(" ");
    let algorithm = match outgoing.key.algorithm() {
        Algorithm::Ed25519 => "ed25519",
        _ => "rsa-v1_5-sha256",
    };
    let parameters = format!(
        r#"({names});created={};keyid="{}";alg="{algorithm}""#,
        outgoing.now_ms.div_euclid(1000),
        outgoing.key_id
    );
    let base = base_of(lines.into_iter(), &parameters);
    let signature = STANDARD.encode(outgoing.key.sign(base.as_bytes())?);
    headers.push(("signature-input", format!("sig1={parameters}")));
    headers.push(("signature", format!("sig1=:{signature}:")));
    Ok(headers)
}

/// As [`crate::signature::claim`]. Of several signatures the first that covers enough is taken.
pub(crate) fn claim(received: &Received<'_>) -> Result<Claim> {
    let inputs = header(received.headers, "signature-input")
        .ok_or_else(|| Error::signature("there is none"))?;
    let signatures =
        header(received.headers, "signature").ok_or_else(|| Error::signature("there is none"))?;
    let signatures = members(&signatures)?;
    let mut refusal = Error::signature("Signature-Input is empty");
    for (label, input) in members(&inputs)?.into_iter().take(MAX_SIGNATURES) {
        let Some((_, signature)) = signatures.iter().find(|(other, _)| *other == label) else {
            continue;
        };
        match claim_of(received, input, signature) {
            Ok(claim) => return Ok(claim),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

fn claim_of(received: &Received<'_>, input: &str, signature: &str) -> Result<Claim> {
    let input = read_input(input)?;
    check_components(&input.components, received)?;
    check_skew(input.created_s.saturating_mul(1000), received.now_ms)?;
    if input
        .expires_s
        .is_some_and(|expires_s| expires_s.saturating_mul(1000) < received.now_ms)
    {
        return Err(Error::signature("it has expired"));
    }
    if !received.body.is_empty() {
        let value = header(received.headers, "content-digest")
            .ok_or_else(|| Error::signature("there is no content-digest header"))?;
        digest::check_content_header(&value, received.body)?;
    }
    Ok(Claim {
        base: signature_base(&input, received)?,
        algorithm: input.algorithm,
        key_id: input.key_id,
        signature: byte_sequence(signature)?,
    })
}

struct Input<'a> {
    components: Vec<String>,
    /// Everything after the label, as it was signed.
    text: &'a str,
    created_s: i64,
    expires_s: Option<i64>,
    key_id: String,
    algorithm: Option<Algorithm>,
}

/// `("@method" "date");created=1;keyid="x"`
fn read_input(text: &str) -> Result<Input<'_>> {
    const BROKEN: &str = "Signature-Input cannot be read";
    let text = text.trim();
    let (list, parameters) = text
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .ok_or_else(|| Error::signature(BROKEN))?;
    let components = read_components(list)?;
    let mut created_s = None;
    let mut expires_s = None;
    let mut key_id = String::new();
    let mut algorithm = None;
    for parameter in split_outside_quotes(parameters, ';')?
        .into_iter()
        .filter(|part| !part.is_empty())
    {
        let (name, value) = parameter
            .split_once('=')
            .ok_or_else(|| Error::signature(BROKEN))?;
        let value = value.trim();
        match name.trim() {
            "created" => created_s = Some(value.parse().map_err(|_| Error::signature(BROKEN))?),
            "expires" => expires_s = Some(value.parse().map_err(|_| Error::signature(BROKEN))?),
            "keyid" => key_id = unquote(value)?.to_owned(),
            "alg" => algorithm = Some(read_algorithm(unquote(value)?)?),
            _ => {}
        }
    }
    let created_s = created_s.ok_or_else(|| Error::signature("created is missing"))?;
    if key_id.is_empty() {
        return Err(Error::signature("keyid is missing"));
    }
    Ok(Input {
        components,
        text,
        created_s,
        expires_s,
        key_id,
        algorithm,
    })
}

/// Components with parameters (`;sf`, `;key`) are refused: nobody in the fediverse signs them.
fn read_components(list: &str) -> Result<Vec<String>> {
    let mut components: Vec<String> = Vec::new();
    for item in list.split_ascii_whitespace() {
        let name = unquote(item)?.to_owned();
        if components.contains(&name) || components.len() >= MAX_COMPONENTS {
            return Err(Error::signature("a component is given twice"));
        }
        components.push(name);
    }
    Ok(components)
}

fn unquote(text: &str) -> Result<&str> {
    text.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inner| !inner.contains(['"', '\\']))
        .ok_or_else(|| Error::signature("a quoted text is expected"))
}

fn read_algorithm(name: &str) -> Result<Algorithm> {
    match name {
        "rsa-v1_5-sha256" => Ok(Algorithm::RsaSha256),
        "rsa-pss-sha512" => Ok(Algorithm::RsaPssSha512),
        "ed25519" => Ok(Algorithm::Ed25519),
        _ => Err(Error::signature("the algorithm is not known here")),
    }
}

fn check_components(components: &[String], received: &Received<'_>) -> Result<()> {
    let has = |name: &str| components.iter().any(|component| component == name);
    if !has("@method") {
        return Err(Error::signature("@method is not signed"));
    }
    if !has("@target-uri") && !(has("@authority") && (has("@path") || has("@request-target"))) {
        return Err(Error::signature(
            "neither @target-uri nor @authority with @path is signed",
        ));
    }
    if !received.body.is_empty() && !has("content-digest") {
        return Err(Error::signature("content-digest is not signed"));
    }
    Ok(())
}

fn signature_base(input: &Input<'_>, received: &Received<'_>) -> Result<String> {
    let mut lines = Vec::with_capacity(input.components.len());
    for name in &input.components {
        lines.push((name.as_str(), component(name, received)?));
    }
    Ok(base_of(lines.into_iter(), input.text))
}

fn base_of<'a>(lines: impl Iterator<Item = (&'a str, String)>, parameters: &str) -> String {
    let mut base = String::new();
    for (name, value) in lines {
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {parameters}"));
    base
}

fn component(name: &str, received: &Received<'_>) -> Result<String> {
    let whole = || format!("{}://{}{}", received.scheme, received.host, received.target);
    let (path, query) = match received.target.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (received.target, "?".to_owned()),
    };
    Ok(match name {
        "@method" => received.method.to_ascii_uppercase(),
        "@target-uri" => Url::parse(&whole()).map_or_else(|_| whole(), |url| url.to_string()),
        "@authority" | "host" => received.host.to_ascii_lowercase(),
        "@scheme" => received.scheme.to_owned(),
        "@request-target" => received.target.to_owned(),
        "@path" => path.to_owned(),
        "@query" => query,
        name if name.starts_with('@') => {
            return Err(Error::signature(format!(
                "the component {name} is not known here"
            )));
        }
        name => header(received.headers, name)
            .ok_or_else(|| Error::signature(format!("the signed header {name} is missing")))?,
    })
}

fn byte_sequence(text: &str) -> Result<Vec<u8>> {
    text.trim()
        .strip_prefix(':')
        .and_then(|rest| rest.strip_suffix(':'))
        .and_then(|inner| STANDARD.decode(inner).ok())
        .ok_or_else(|| Error::signature("it is not written in base64 between colons"))
}

/// The members of a structured dictionary, values unread.
fn members(text: &str) -> Result<Vec<(&str, &str)>> {
    split_outside_quotes(text, ',')?
        .into_iter()
        .map(|member| {
            member
                .split_once('=')
                .ok_or_else(|| Error::signature("the header cannot be read"))
        })
        .map(|member| member.map(|(label, value)| (label.trim(), value.trim())))
        .collect()
}

fn split_outside_quotes(text: &str, separator: char) -> Result<Vec<&str>> {
    let mut quoted = false;
    let parts = text.split(|character| {
        if character == '"' {
            quoted = !quoted;
        }
        character == separator && !quoted
    });
    let parts = parts.map(str::trim).collect();
    if quoted {
        Err(Error::signature("a quotation mark is missing"))
    } else {
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::key::tests::{RFC_PRIVATE, RFC_PUBLIC};
    use crate::key::{PublicKey, SigningKey};
    use crate::signature;

    const BODY: &[u8] = br#"{"hello": "world"}"#;
    const NOW_MS: i64 = 1_700_000_000_000;

    fn headers<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::try_from(name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        headers
    }

    fn received<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Received<'a> {
        Received {
            method: "POST",
            target: "/foo?param=Value&Pet=dog",
            host: "example.com",
            scheme: "https",
            headers,
            body,
            now_ms: NOW_MS,
        }
    }

    #[test]
    fn the_ed25519_example_of_the_rfc() {
        let headers = headers([
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("content-type", "application/json"),
            ("content-length", "18"),
        ]);
        let received = received(&headers, BODY);
        let input = read_input(
            r#"("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#,
        )
        .unwrap();
        assert_eq!(input.key_id, "test-key-ed25519");
        let base = signature_base(&input, &received).unwrap();
        let expected = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
        let key = SigningKey::from_pem(RFC_PRIVATE).unwrap();
        assert_eq!(
            STANDARD.encode(key.sign(base.as_bytes()).unwrap()),
            expected
        );
        let signature = byte_sequence(&format!(":{expected}:")).unwrap();
        let public = PublicKey::from_pem(RFC_PUBLIC).unwrap();
        assert_eq!(
            public.verify(Algorithm::Ed25519, base.as_bytes(), &signature),
            Ok(())
        );
    }

    #[test]
    fn what_we_sign_we_accept_and_nothing_else() {
        let key = SigningKey::generate_rsa().unwrap();
        let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
        let url = Url::parse("https://example.com/foo?param=Value&Pet=dog").unwrap();
        let key_id = "https://peer.example/actor#main-key";
        let outgoing = Outgoing {
            method: "POST",
            url: &url,
            body: Some(BODY),
            key_id,
            key: &key,
            now_ms: NOW_MS,
        };
        let pairs = sign(&outgoing).unwrap();
        let headers = headers(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        let right = received(&headers, BODY);
        let claim = signature::claim(&right).unwrap();
        assert_eq!(claim.actor(), "https://peer.example/actor");
        assert_eq!(claim.verify(&public), Ok(()));
        assert!(signature::claim(&received(&headers, b"{}")).is_err());
        let late = Received {
            now_ms: NOW_MS + 31 * 60_000,
            ..received(&headers, BODY)
        };
        assert!(signature::claim(&late).is_err());
        let elsewhere = Received {
            host: "other.example",
            ..received(&headers, BODY)
        };
        assert!(
            signature::claim(&elsewhere)
                .unwrap()
                .verify(&public)
                .is_err()
        );
    }

    #[test]
    fn what_must_be_signed_is_missed() {
        let digest = digest::content_header(BODY);
        for list in [
            r#""@target-uri" "content-digest""#,
            r#""@method" "content-digest""#,
            r#""@method" "@authority" "content-digest""#,
            r#""@method" "@target-uri""#,
            "",
        ] {
            let input =
                format!(r#"sig1=({list});created=1700000000;keyid="https://peer.example/a#k""#);
            let headers = headers([
                ("content-digest", digest.as_str()),
                ("signature-input", &input),
                ("signature", "sig1=:AAAA:"),
            ]);
            assert!(claim(&received(&headers, BODY)).is_err(), "{list}");
        }
    }

    #[test]
    fn hostile_headers_are_refused_without_a_panic() {
        for input in [
            "",
            "sig1",
            "sig1=",
            "sig1=(",
            "sig1=()",
            r#"sig1=("@method");created=x"#,
            r#"sig1=("@method" "@method");created=1"#,
            r#"sig1=("@method";sf);created=1700000000;keyid="a""#,
            r#"sig1=("@nonsense" "@method" "@target-uri" "content-digest");created=1700000000;keyid="a""#,
        ] {
            let digest = digest::content_header(BODY);
            let headers = headers([
                ("content-digest", digest.as_str()),
                ("signature-input", input),
                ("signature", "sig1=:AAAA:"),
            ]);
            assert!(claim(&received(&headers, BODY)).is_err(), "{input}");
        }
    }
}
