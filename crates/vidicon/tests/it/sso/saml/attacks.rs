//! What attackers send in place of an honest answer.

use super::{ECDSA, Facts, Idp, canonical_info, info, signature_element};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signature wrapping as SAML Raider numbers it, and all else that has opened doors.
pub fn attacks(idp: &Idp, honest: &Facts) -> Vec<(String, String)> {
    let text = idp.response(honest);
    let evil = Facts {
        id: "_evil".to_owned(),
        name: "root".to_owned(),
        ..honest.clone()
    };
    let signature = idp.sign(&honest.id, &honest.assertion(""));
    let good = honest.assertion(&signature);
    let bare = honest.assertion("");
    let whole = idp.sign("_r1", &honest.response("", &bare));
    let signed_whole = honest.response(&whole, &bare);
    let inside = |what: &str| whole.replace("</ds:Signature>", &format!("{what}</ds:Signature>"));
    let of = |assertion: &str| honest.response("", assertion);
    let evil_response = |signature: &str, more: &str| {
        let text = evil.response(&format!("{more}{signature}"), &evil.assertion(""));
        text.replace("ID=\"_r1\"", "ID=\"_r2\"")
    };
    let end = "</saml:Assertion>";
    let object = |what: &str| format!("<ds:Object>{what}</ds:Object></ds:Signature>");
    let mut all = vec![
        ("xsw1", evil_response(&inside(&signed_whole), "")),
        ("xsw2", evil_response(&whole, &honest.response("", &bare))),
        ("xsw3", of(&format!("{}{good}", evil.assertion("")))),
        ("xsw3 after", of(&format!("{good}{}", evil.assertion("")))),
        (
            "xsw4",
            of(&evil.assertion("").replace(end, &format!("{good}{end}"))),
        ),
        ("xsw5", of(&format!("{}{bare}", evil.assertion(&signature)))),
        (
            "xsw6",
            of(&evil.assertion(
                &signature.replace("</ds:Signature>", &format!("{bare}</ds:Signature>")),
            )),
        ),
        (
            "xsw7",
            of(&format!(
                "<samlp:Extensions>{}</samlp:Extensions>{good}",
                evil.assertion("")
            )),
        ),
        (
            "xsw8",
            of(&evil.assertion(&signature.replace("</ds:Signature>", &object(&bare)))),
        ),
        (
            "same id",
            of(&evil.assertion(&signature).replace("_evil", &honest.id)),
        ),
        ("unsigned", of(&bare)),
        ("changed", text.replace(">ada-7<", ">root-7<")),
        ("comment", text.replace(">ada-7<", ">ada-7<!-- -->.x<")),
        ("document type", format!("<!DOCTYPE x>{text}")),
        ("entity", format!("<!DOCTYPE x [<!ENTITY e \"x\">]>{text}")),
        ("cdata", text.replace(">ada-7<", "><![CDATA[ada-7]]><")),
        (
            "whole document",
            text.replace(&format!("URI=\"#{}\"", honest.id), "URI=\"\""),
        ),
        (
            "sha1",
            text.replace("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
        ),
        ("none", text.replace(ECDSA, "none")),
        (
            "another transform",
            text.replace("enveloped-signature", "base64"),
        ),
        (
            "status",
            Facts {
                status: "Responder",
                ..honest.clone()
            }
            .response("", &good),
        ),
        ("no XML", "hello".to_owned()),
    ];
    // What an attacker can sign by a key of their own, or by none.
    let hmac = info(
        &honest.id,
        &bare,
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(idp.pem.as_bytes()).unwrap();
    mac.update(canonical_info(&hmac).as_bytes());
    let mac = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    all.push((
        "hmac",
        of(&honest.assertion(&signature_element(&hmac, &mac))),
    ));
    let stranger = Idp::new();
    all.push(("another key", stranger.response(honest)));
    let brought = format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
        stranger
            .pem
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect::<String>()
    );
    all.push((
        "its own key along",
        stranger
            .response(honest)
            .replace("</ds:Signature>", &brought),
    ));
    // What the provider itself signed, but not for us, not now, or not like this.
    let minutes = |minutes: i64| honest.made + minutes * base::clock::MINUTE;
    for (what, facts) in [
        (
            "audience",
            Facts {
                audience: "https://other.test".to_owned(),
                ..honest.clone()
            },
        ),
        (
            "recipient",
            Facts {
                recipient: "https://other.test/acs".to_owned(),
                ..honest.clone()
            },
        ),
        (
            "issuer",
            Facts {
                issuer: "https://other.test".to_owned(),
                ..honest.clone()
            },
        ),
        (
            "unasked",
            Facts {
                question: String::new(),
                ..honest.clone()
            },
        ),
        (
            "expired",
            Facts {
                made: minutes(-8),
                ..honest.clone()
            },
        ),
        (
            "not yet",
            Facts {
                made: minutes(3),
                ..honest.clone()
            },
        ),
    ] {
        all.push((what, idp.response(&facts)));
    }
    all.into_iter()
        .map(|(what, text)| (what.to_owned(), text))
        .collect()
}
