//! DiscourseConnect with the forum as provider: a signed question, a signed answer. The nonce of
//! the question is our state, so an answer works once and for one browser.

use super::Identity;
use super::attempt::text;
use crate::config::Sso;
use crate::error::{Error, Result};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;
use std::collections::HashMap;
use url::form_urlencoded;

/// Where the browser goes to ask the forum.
pub fn away(sso: &Sso, back: &str, nonce: &str) -> String {
    let question = form_urlencoded::Serializer::new(String::new())
        .append_pair("nonce", nonce)
        .append_pair("return_sso_url", back)
        .finish();
    let payload = BASE64_STANDARD.encode(question);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("sso", &payload)
        .append_pair("sig", &signature(&sso.secret, payload.as_bytes()))
        .finish();
    format!("{}/session/sso_provider?{query}", sso.url)
}

fn signature(secret: &str, payload: &[u8]) -> String {
    hex::encode(mac(secret, payload).finalize().into_bytes())
}

fn mac(secret: &str, payload: &[u8]) -> Hmac<Sha256> {
    // A key of any length will do for HMAC.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes every key"));
    mac.update(payload);
    mac
}

/// Is this the signature of the payload? Takes as long for a wrong one as for a right one.
pub fn is_signed(secret: &str, payload: &[u8], signature: &str) -> bool {
    hex::decode(signature).is_ok_and(|given| mac(secret, payload).verify_slice(&given).is_ok())
}

/// The fields of an answer that the forum has signed.
fn answer(sso: &Sso, query: &Map<String, Value>) -> Result<HashMap<String, String>> {
    let payload = text(query, "sso");
    if payload.is_empty() || !is_signed(&sso.secret, payload.as_bytes(), text(query, "sig")) {
        let detail = "The answer does not come from the forum, or its secret is another one.";
        return Err(Error::forbidden(detail).code("sso_forged"));
    }
    let compact: String = payload.split_whitespace().collect();
    let decoded = BASE64_STANDARD.decode(compact);
    let decoded = decoded.map_err(|_| Error::bad_request("The forum's answer cannot be read."))?;
    Ok(form_urlencoded::parse(&decoded).into_owned().collect())
}

/// The state that comes back in an answer.
pub fn state(sso: &Sso, query: &Map<String, Value>) -> Result<String> {
    Ok(answer(sso, query)?.remove("nonce").unwrap_or_default())
}

pub fn identity(sso: &Sso, query: &Map<String, Value>) -> Result<Identity> {
    let mut answer = answer(sso, query)?;
    if answer.get("failed").is_some_and(|failed| failed == "true") {
        return Err(Error::forbidden("The forum did not let you in.").code("sso_refused"));
    }
    let mut take = |name: &str| answer.remove(name).filter(|text| !text.is_empty());
    let groups = take("groups").unwrap_or_default();
    let groups = groups.split(',').map(|name| name.trim().to_owned());
    let mut groups: Vec<String> = groups.filter(|name| !name.is_empty()).collect();
    for (flag, group) in [("admin", "admins"), ("moderator", "moderators")] {
        if take(flag).as_deref() == Some("true") && !groups.iter().any(|name| name == group) {
            groups.push(group.to_owned());
        }
    }
    Ok(Identity {
        subject: take("external_id").unwrap_or_default(),
        name: take("username").unwrap_or_default(),
        email: take("email"),
        // A forum only lets those in whose address it has proved.
        email_verified: true,
        display_name: take("name"),
        avatar_url: take("avatar_url"),
        groups,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the protocol's own description.
    const SECRET: &str = "d836444a9e4084d5b224a60c208dce14";
    const PAYLOAD: &str = "bm9uY2U9Y2I2ODI1MWVlZmI1MjExZTU4YzAwZmYxMzk1ZjBjMGI=\n";
    const SIGNATURE: &str = "2828aa29899722b35a2f191d34ef9b3ce695e0e6eeec47deb46d588d70c7cb56";

    #[test]
    fn the_published_example_fits() {
        let payload = PAYLOAD.trim_end();
        let with_line_end = is_signed(SECRET, PAYLOAD.as_bytes(), SIGNATURE);
        let without = is_signed(SECRET, payload.as_bytes(), SIGNATURE);
        assert!(
            with_line_end || without,
            "{}",
            signature(SECRET, payload.as_bytes())
        );
        assert!(!is_signed(SECRET, b"other", SIGNATURE));
        assert!(!is_signed(SECRET, PAYLOAD.as_bytes(), "zz"));
    }

    #[test]
    fn an_answer_is_read() {
        let sso = Sso {
            secret: SECRET.to_owned(),
            ..Sso::default()
        };
        let payload = BASE64_STANDARD.encode(
            "nonce=n1&external_id=7&username=ada&name=Ada+L&email=a%40b.org&groups=staff,artists\
             &admin=false&moderator=true",
        );
        let query = |payload: &str, sig: &str| {
            Map::from_iter([
                ("sso".to_owned(), Value::from(payload)),
                ("sig".to_owned(), Value::from(sig)),
            ])
        };
        let good = query(&payload, &signature(SECRET, payload.as_bytes()));
        assert_eq!(state(&sso, &good).unwrap(), "n1");
        let who = identity(&sso, &good).unwrap();
        assert_eq!((who.subject.as_str(), who.name.as_str()), ("7", "ada"));
        assert_eq!(who.display_name.as_deref(), Some("Ada L"));
        assert_eq!(who.groups, ["staff", "artists", "moderators"]);
        let forged = query(&payload, &signature("other secret", payload.as_bytes()));
        assert!(state(&sso, &forged).is_err());
    }
}
