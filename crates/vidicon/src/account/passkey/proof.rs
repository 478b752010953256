//! What a key's answer must hold, as WebAuthn (Level 3) says it in its sections 7.1 and 7.2.

use super::cbor::{self, Value};
use super::{Passkey, wrong};
use crate::error::Result;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_KEY: u8 = 0x40;

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// Who asks for a proof.
#[derive(Clone, Debug)]
pub struct Party {
    pub id: String,
    pub origin: String,
}

/// A key that was made for this site.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub credential_id: String,
    pub algorithm: i64,
    pub public_key: String,
    pub sign_count: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// What the browser says that it did; gives the challenge that it answers.
pub fn client_data(json: &[u8], kind: &str, party: &Party) -> Result<String> {
    let data: ClientData =
        serde_json::from_slice(json).map_err(|_| wrong("the client data cannot be read"))?;
    if data.kind != kind {
        return Err(wrong("it was made for something else"));
    }
    if data.origin != party.origin || data.cross_origin {
        return Err(wrong("it was made for another site"));
    }
    Ok(data.challenge)
}

/// What the authenticator says of itself.
struct Data<'a> {
    sign_count: i64,
    /// From the key's id on, when a key was made.
    rest: &'a [u8],
}

fn data<'a>(bytes: &'a [u8], party: &Party, makes_key: bool) -> Result<Data<'a>> {
    let short = || wrong("the authenticator's data is too short");
    let (hash, bytes) = bytes.split_at_checked(32).ok_or_else(short)?;
    let (flags, bytes) = bytes.split_first().ok_or_else(short)?;
    let (count, rest) = bytes.split_at_checked(4).ok_or_else(short)?;
    if hash != Sha256::digest(party.id.as_bytes()).as_slice() {
        return Err(wrong("it was made for another site"));
    }
    if flags & USER_PRESENT == 0 || flags & USER_VERIFIED == 0 {
        return Err(wrong("the device did not ask who is there"));
    }
    if makes_key && flags & HAS_KEY == 0 {
        return Err(wrong("there is no key in it"));
    }
    let sign_count = count
        .iter()
        .fold(0, |sum, byte| (sum << 8) | i64::from(*byte));
    Ok(Data { sign_count, rest })
}

/// Takes a new key out of what the authenticator attests. Who made the device is not asked.
pub fn new_key(attested: &[u8], party: &Party) -> Result<NewKey> {
    let unreadable = || wrong("the attestation cannot be read");
    let object = cbor::read(attested).ok_or_else(unreadable)?;
    let bytes = object.named("authData").and_then(Value::as_bytes);
    let data = data(bytes.ok_or_else(unreadable)?, party, true)?;
    // The device's model, then the length of the id.
    let (_, rest) = data.rest.split_at_checked(16).ok_or_else(unreadable)?;
    let (length, rest) = rest.split_at_checked(2).ok_or_else(unreadable)?;
    let length = length
        .iter()
        .fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
    if !(1..=1023).contains(&length) {
        return Err(wrong("the key's id is too long"));
    }
    let (id, rest) = rest.split_at_checked(length).ok_or_else(unreadable)?;
    let key = cbor::read(rest).ok_or_else(unreadable)?;
    let (algorithm, public_key) = cose(&key).ok_or_else(|| wrong("the key is of no known kind"))?;
    Ok(NewKey {
        credential_id: URL_SAFE_NO_PAD.encode(id),
        algorithm,
        public_key,
        sign_count: data.sign_count,
    })
}

/// The numbers of a key, in base64 with dots.
fn cose(key: &Value<'_>) -> Option<(i64, String)> {
    let part = |number: i64| key.numbered(number).and_then(Value::as_bytes);
    let number = |number: i64| key.numbered(number).and_then(Value::as_int);
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let algorithm = number(3)?;
    let numbers = match (algorithm, number(1)?) {
        (ES256, 2) if number(-1)? == 1 => {
            let (x, y) = (part(-2)?, part(-3)?);
            let is_whole = x.len() == 32 && y.len() == 32;
            encoded(&is_whole.then(|| [&[4], x, y].concat())?)
        }
        (EDDSA, 1) if number(-1)? == 6 => encoded(part(-2).filter(|bytes| bytes.len() == 32)?),
        (RS256, 3) => {
            let (n, e) = (part(-1)?, part(-2)?);
            ((256..=1024).contains(&n.len()) && e.len() <= 8)
                .then(|| format!("{}.{}", encoded(n), encoded(e)))?
        }
        _ => return None,
    };
    Some((algorithm, numbers))
}

/// Was this signed with the key, for this site? Gives the count of signatures that it tells.
pub fn signed(
    key: &Passkey,
    authenticator_data: &[u8],
    client_data: &[u8],
    signature: &[u8],
    party: &Party,
) -> Result<i64> {
    let data = data(authenticator_data, party, false)?;
    let message = [authenticator_data, Sha256::digest(client_data).as_slice()].concat();
    if !verifies(key, &message, signature) {
        return Err(wrong("the signature is not right"));
    }
    Ok(data.sign_count)
}

fn verifies(key: &Passkey, message: &[u8], signature: &[u8]) -> bool {
    let parts: Option<Vec<Vec<u8>>> = key
        .public_key
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .collect();
    let parts = parts.unwrap_or_default();
    match (key.algorithm, parts.as_slice()) {
        (ES256, [point]) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
            .verify(message, signature)
            .is_ok(),
        (EDDSA, [point]) => UnparsedPublicKey::new(&ED25519, point)
            .verify(message, signature)
            .is_ok(),
        (RS256, [n, e]) => PublicKeyComponents { n, e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok(),
        _ => false,
    }
}
