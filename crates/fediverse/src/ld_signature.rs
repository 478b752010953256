//! Signatures inside a document (RsaSignature2017), which make it good also when another server forwards it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::address::{Id, Rules};
use crate::canonical::{canonicalize, escape, hex};
use crate::key::{Algorithm, PublicKey, SigningKey};
use crate::{Error, Result, date, digest, json, linked_data};

const KIND: &str = "RsaSignature2017";

/// A document whose signature is in order but for the key.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The actor that says it signed.
    pub creator: Id,
    /// When, as far as that can be read.
    pub created_ms: Option<i64>,
    message: String,
    signature: Vec<u8>,
    document: Value,
}

/// Whether a document carries a signature at all.
pub fn is_signed(document: &Value) -> bool {
    document.get("signature").is_some_and(Value::is_object)
}

/// Reads the signature of a document. Contexts that are not known here, JSON-LD keywords anywhere but at the
/// top, and graphs that would take long are refused.
pub fn claim(document: &Value, rules: Rules) -> Result<Claim> {
    let signature = document
        .get("signature")
        .ok_or_else(|| Error::signature("the document has none"))?;
    if !json::is_kind(signature, KIND) {
        return Err(Error::signature("of another kind than RsaSignature2017"));
    }
    let creator = json::reference(signature, "creator")
        .ok_or_else(|| Error::signature("creator is missing"))?;
    let value = json::text(signature, "signatureValue")
        .and_then(|text| STANDARD.decode(text).ok())
        .ok_or_else(|| Error::signature("signatureValue is missing or not base64"))?;
    let (document_hash, document) = hash_document(document)?;
    Ok(Claim {
        creator: Id::parse(creator, rules)?.without_fragment(),
        created_ms: json::time_ms(signature, "created"),
        message: hash_options(signature, creator)? + &document_hash,
        signature: value,
        document,
    })
}

impl Claim {
    /// Gives back what was really signed: act on this, never on the document as it came.
    pub fn verify(self, key: &PublicKey) -> Result<Value> {
        key.verify(
            Algorithm::RsaSha256,
            self.message.as_bytes(),
            &self.signature,
        )?;
        Ok(self.document)
    }
}

/// Puts a signature on a document that carries one of our contexts.
pub fn sign(document: &mut Value, creator: &str, key: &SigningKey, now_ms: i64) -> Result<()> {
    let (document_hash, _) = hash_document(document)?;
    let mut signature = json!({ "type": KIND, "creator": creator, "created": date::iso(now_ms) });
    let message = hash_options(&signature, creator)? + &document_hash;
    let value = STANDARD.encode(key.sign(message.as_bytes())?);
    if let (Some(signature), Some(map)) = (signature.as_object_mut(), document.as_object_mut()) {
        signature.insert("signatureValue".to_owned(), Value::String(value));
        map.insert("signature".to_owned(), Value::Object(signature.clone()));
    }
    Ok(())
}

fn hash_document(document: &Value) -> Result<(String, Value)> {
    let mut unsigned = document.clone();
    if let Some(map) = unsigned.as_object_mut() {
        map.remove("signature");
    }
    let (triples, kept) = linked_data::read(&unsigned)?;
    let hash = hex(&digest::sha256(canonicalize(&triples)?.as_bytes()));
    Ok((hash, kept))
}

/// The options are one unnamed node with at most four facts, so their canonical form is written out directly.
fn hash_options(signature: &Value, creator: &str) -> Result<String> {
    if creator.contains(['<', '>', '"', ' ']) {
        return Err(Error::signature("creator is not a URL"));
    }
    let created =
        json::text(signature, "created").ok_or_else(|| Error::signature("created is missing"))?;
    let mut lines = vec![
        format!(
            "_:c14n0 <http://purl.org/dc/terms/created> \"{}\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n",
            escape(created)
        ),
        format!("_:c14n0 <http://purl.org/dc/terms/creator> <{creator}> .\n"),
    ];
    for name in ["domain", "nonce"] {
        if let Some(text) = json::text(signature, name) {
            lines.push(format!(
                "_:c14n0 <https://w3id.org/security#{name}> \"{}\" .\n",
                escape(text)
            ));
        }
    }
    lines.sort_unstable();
    Ok(hex(&digest::sha256(lines.concat().as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };
    /// Signed by another implementation (jsonld.js and OpenSSL), with its canonical forms beside them.
    const SIGNED: [(&[u8], &str); 3] = [
        (
            include_bytes!("../../../fixtures/fediverse/signed-announce.json"),
            include_str!("../../../fixtures/fediverse/signed-announce.nq"),
        ),
        (
            include_bytes!("../../../fixtures/fediverse/signed-mastodon.json"),
            include_str!("../../../fixtures/fediverse/signed-mastodon.nq"),
        ),
        (
            include_bytes!("../../../fixtures/fediverse/signed-update.json"),
            include_str!("../../../fixtures/fediverse/signed-update.nq"),
        ),
    ];

    fn key() -> PublicKey {
        PublicKey::from_pem(include_str!("../../../fixtures/fediverse/signed.pub.pem")).unwrap()
    }

    fn signed(index: usize) -> Value {
        json::parse(SIGNED[index].0).unwrap()
    }

    fn check(document: &Value) -> Result<Value> {
        claim(document, STRICT)?.verify(&key())
    }

    #[test]
    fn canonical_forms_are_those_of_jsonld_js() {
        for (index, (_, expected)) in SIGNED.iter().enumerate() {
            let mut document = signed(index);
            document.as_object_mut().unwrap().remove("signature");
            let (triples, _) = linked_data::read(&document).unwrap();
            let ours = canonicalize(&triples).unwrap();
            for (line, (ours, theirs)) in ours.lines().zip(expected.lines()).enumerate() {
                assert_eq!(ours, theirs, "document {index}, line {line}");
            }
            assert_eq!(ours, *expected);
        }
    }

    #[test]
    fn signatures_of_others_are_accepted() {
        for index in 0..SIGNED.len() {
            let document = check(&signed(index)).unwrap();
            assert_eq!(document["actor"], signed(index)["actor"]);
            assert_eq!(document.get("signature"), None);
        }
        assert_eq!(
            claim(&signed(1), STRICT).unwrap().creator.as_str(),
            "https://elephants.example/users/ronja"
        );
    }

    #[test]
    fn any_change_is_seen() {
        for (pointer, value) in [
            ("/object/name", json!("Another")),
            ("/object/views", json!(43)),
            ("/object/aspectRatio", json!(1.7779)),
            ("/object/url/1/href", json!("https://evil.example/1.mp4")),
            ("/actor", json!("https://tubes.example/accounts/eva")),
            ("/to", json!([])),
            ("/signature/created", json!("2026-10-02T10:00:01.000Z")),
            (
                "/signature/creator",
                json!("https://tubes.example/accounts/eva"),
            ),
            ("/signature/type", json!("RsaSignature2016")),
            ("/signature/signatureValue", json!("AAAA")),
        ] {
            let mut document = signed(2);
            *document.pointer_mut(pointer).unwrap() = value;
            assert!(check(&document).is_err(), "{pointer}");
        }
    }

    #[test]
    fn what_was_not_signed_does_not_come_through() {
        let mut document = signed(0);
        document["commentsPolicy"] = json!(1);
        document["instrument"] = Value::Null;
        document["bto"] = json!("relative");
        let verified = check(&document).unwrap();
        assert!(verified.get("commentsPolicy").is_none() && verified.get("instrument").is_none());
        assert!(verified.get("bto").is_none());
    }

    #[test]
    fn documents_that_could_be_read_in_two_ways_are_refused() {
        let hidden = json!({"hidden": "@graph"});
        for (pointer, value) in [
            ("/@graph", json!([])),
            ("/object/@included", json!([])),
            ("/object/tag/0/@reverse", json!({})),
            ("/object/@context", json!({"name": "as:summary"})),
            ("/as:actor", json!("https://tubes.example/accounts/eva")),
        ] {
            let mut document = signed(2);
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let map = document
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap();
            map.insert(name.to_owned(), value);
            assert!(check(&document).is_err(), "{pointer}");
        }
        for context in [
            hidden,
            json!("https://evil.example/context"),
            json!({"summary": "as:name"}),
        ] {
            let mut document = signed(2);
            document["@context"]
                .as_array_mut()
                .unwrap()
                .push(context.clone());
            assert!(check(&document).is_err(), "{context}");
        }
    }

    #[test]
    fn what_we_sign_we_accept() {
        let key = SigningKey::generate_rsa().unwrap();
        let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
        let mut document = Context::Plain.on(json!({
            "type": "Announce", "id": "https://a.example/1", "actor": "https://a.example/video-channels/c",
            "object": "https://a.example/videos/watch/1", "to": [crate::address::PUBLIC], "cc": [],
        }));
        sign(
            &mut document,
            "https://a.example/video-channels/c",
            &key,
            1_700_000_000_000,
        )
        .unwrap();
        assert!(is_signed(&document));
        let claim = claim(&document, STRICT).unwrap();
        assert_eq!(claim.created_ms, Some(1_700_000_000_000));
        assert_eq!(claim.verify(&public).unwrap()["type"], "Announce");
    }
}
