//! XML signatures as identity providers write them: one reference, to the element that is then read, and nothing read
//! but the bytes that were signed.

use super::canonical::canonical;
use super::xml::{Element, Result, parse};
use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use x509_parser::pem::Pem;
use x509_parser::public_key::PublicKey;

pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
const MAX_KEYS: usize = 10;

/// The public key of a certificate that the settings name. What a document brings along is not looked at.
#[derive(Clone, Debug)]
pub struct Key {
    bytes: Vec<u8>,
    /// Bits of the curve; nothing with RSA.
    curve: Option<usize>,
}

/// The keys of certificates in PEM.
pub fn keys(pem: &str) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    for block in Pem::iter_from_buffer(pem.as_bytes()).take(MAX_KEYS) {
        let block = block.map_err(|_| "a certificate that is no PEM")?;
        keys.push(key(&block.contents)?);
    }
    if keys.is_empty() {
        return Err("no certificate in PEM");
    }
    Ok(keys)
}

/// The key of one certificate in DER.
pub fn key(der: &[u8]) -> Result<Key> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der)
        .map_err(|_| "a certificate that cannot be read")?;
    let info = certificate.public_key();
    let curve = match info.parsed() {
        Ok(PublicKey::RSA(rsa)) if rsa.key_size() >= 2048 => None,
        Ok(PublicKey::EC(point)) => Some(point.key_size()),
        _ => return Err("a certificate whose key is too short or of an unknown kind"),
    };
    let bytes = info.subject_public_key.data.to_vec();
    Ok(Key { bytes, curve })
}

impl Key {
    fn signs(&self, method: &str, message: &[u8], signature: &[u8]) -> bool {
        let way: &'static dyn VerificationAlgorithm = match (method.strip_prefix(MORE), self.curve)
        {
            (Some("rsa-sha256"), None) => &RSA_PKCS1_2048_8192_SHA256,
            (Some("rsa-sha384"), None) => &RSA_PKCS1_2048_8192_SHA384,
            (Some("rsa-sha512"), None) => &RSA_PKCS1_2048_8192_SHA512,
            (Some("ecdsa-sha256"), Some(256)) => &ECDSA_P256_SHA256_FIXED,
            (Some("ecdsa-sha384"), Some(384)) => &ECDSA_P384_SHA384_FIXED,
            _ => return false,
        };
        let key = UnparsedPublicKey::new(way, &self.bytes);
        key.verify(message, signature).is_ok()
    }
}

/// The signature that lies in an element, if there is one.
pub fn of(element: &Element) -> Result<Option<&Element>> {
    let mut found = element.named(DSIG, "Signature");
    match (found.next(), found.next()) {
        (found, None) => Ok(found),
        _ => Err("two signatures of one element"),
    }
}

/// Checks the signature of an element. Gives what was signed, read anew from the very bytes.
pub fn signed(element: &Element, signature: &Element, keys: &[Key]) -> Result<Element> {
    let known = ["SignedInfo", "SignatureValue", "KeyInfo"];
    let strange = |it: &Element| it.namespace != DSIG || !known.contains(&it.local.as_str());
    if signature.elements().any(strange) {
        return Err("a signature with more in it than belongs there");
    }
    let info = signature.only(DSIG, "SignedInfo")?;
    let reference = info.only(DSIG, "Reference")?;
    if info.elements().count() != 3 {
        return Err("a signature of several things");
    }
    let id = element.attribute("ID").filter(|id| !id.is_empty());
    let named = reference
        .attribute("URI")
        .and_then(|uri| uri.strip_prefix('#'));
    if id.is_none() || id != named {
        return Err("the signature is of something else");
    }
    let bytes = canonical(element, &transforms(reference)?, Some(signature));
    let method = reference.only(DSIG, "DigestMethod")?;
    let wanted = decoded(&reference.only(DSIG, "DigestValue")?.text()?)?;
    let way = match method.attribute("Algorithm").unwrap_or_default() {
        "http://www.w3.org/2001/04/xmlenc#sha256" => &digest::SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => &digest::SHA384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => &digest::SHA512,
        _ => return Err("a digest that is not accepted"),
    };
    if digest::digest(way, bytes.as_bytes()).as_ref() != wanted {
        return Err("it was changed after it was signed");
    }
    let way = info.only(DSIG, "CanonicalizationMethod")?;
    if way.attribute("Algorithm") != Some(EXCLUSIVE) {
        return Err("a canonical form that is not accepted");
    }
    let message = canonical(info, &prefixes(way)?, None);
    let value = decoded(&signature.only(DSIG, "SignatureValue")?.text()?)?;
    let method = info.only(DSIG, "SignatureMethod")?;
    let method = method.attribute("Algorithm").unwrap_or_default();
    if !keys
        .iter()
        .any(|key| key.signs(method, message.as_bytes(), &value))
    {
        return Err("no certificate of the settings fits its signature");
    }
    parse(&bytes)
}

/// The enveloped signature and the exclusive form, and no other: those could hide what is read.
fn transforms(reference: &Element) -> Result<Vec<String>> {
    let all: Vec<&Element> = reference.only(DSIG, "Transforms")?.elements().collect();
    let named = |it: &Element, algorithm: &str| {
        it.is(DSIG, "Transform") && it.attribute("Algorithm") == Some(algorithm)
    };
    match all.as_slice() {
        [first, second] if named(first, ENVELOPED) && named(second, EXCLUSIVE) => prefixes(second),
        _ => Err("transforms that are not accepted"),
    }
}

fn prefixes(way: &Element) -> Result<Vec<String>> {
    let mut children = way.elements();
    let Some(list) = children.next() else {
        return Ok(Vec::new());
    };
    if !list.is(EXCLUSIVE, "InclusiveNamespaces") || children.next().is_some() {
        return Err("a canonical form that is not accepted");
    }
    let list = list.attribute("PrefixList").unwrap_or_default();
    let one = |prefix: &str| match prefix {
        "#default" => String::new(),
        prefix => prefix.to_owned(),
    };
    Ok(list.split_ascii_whitespace().take(32).map(one).collect())
}

pub fn decoded(text: &str) -> Result<Vec<u8>> {
    let compact: String = text.split_ascii_whitespace().collect();
    BASE64_STANDARD
        .decode(compact)
        .map_err(|_| "it is no Base64")
}
