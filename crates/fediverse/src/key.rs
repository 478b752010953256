//! Keys of actors: RSA-2048 as the fediverse uses it, Ed25519 as it will.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKey as RsaPublicKey};
use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA512, RsaKeyPair,
    VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Error, Result};

/// An RSA key of 8,192 bits takes some 2,300 characters; nothing longer is read.
const MAX_PEM_CHARS: usize = 8_000;
/// What stands before the 32 bytes of an Ed25519 key in its public container.
const ED25519_SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// How a signature was made; what a message says about it is compared with the key, never believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    RsaSha256,
    RsaSha512,
    RsaPssSha512,
    Ed25519,
}

/// The private half, which never leaves its server.
pub enum SigningKey {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The public half, as an actor document carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// DER, in either of the two usual containers.
    Rsa(Vec<u8>),
    /// The 32 bytes of the key.
    Ed25519(Vec<u8>),
}

impl SigningKey {
    /// Takes up to half a second of CPU: call it off the request path.
    pub fn generate_rsa() -> Result<Self> {
        RsaKeyPair::generate(KeySize::Rsa2048)
            .map(Self::Rsa)
            .map_err(|_| Error::Key("could not be generated"))
    }

    pub fn generate_ed25519() -> Result<Self> {
        Ed25519KeyPair::generate()
            .map(Self::Ed25519)
            .map_err(|_| Error::Key("could not be generated"))
    }

    pub fn from_pem(pem: &str) -> Result<Self> {
        let (label, der) = read_pem(pem)?;
        match label {
            "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der)
                .map(Self::Rsa)
                .or_else(|_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map(Self::Ed25519))
                .map_err(|_| Error::Key("neither an RSA nor an Ed25519 private key")),
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der)
                .map(Self::Rsa)
                .map_err(|_| Error::Key("not an RSA private key")),
            _ => Err(Error::Key("not a private key")),
        }
    }

    /// PKCS#8, for the database.
    pub fn to_pem(&self) -> Result<String> {
        let der: std::result::Result<Pkcs8V1Der<'static>, _> = match self {
            Self::Rsa(key) => key.as_der(),
            Self::Ed25519(key) => key.as_der(),
        };
        let der = der.map_err(|_| Error::Key("could not be written"))?;
        Ok(write_pem("PRIVATE KEY", der.as_ref()))
    }

    /// SPKI, for the actor document.
    pub fn public_pem(&self) -> Result<String> {
        let der: std::result::Result<PublicKeyX509Der<'static>, _> = match self {
            Self::Rsa(key) => key.public_key().as_der(),
            Self::Ed25519(key) => key.public_key().as_der(),
        };
        let der = der.map_err(|_| Error::Key("could not be written"))?;
        Ok(write_pem("PUBLIC KEY", der.as_ref()))
    }

    /// RSA signs with SHA-256, the one scheme that every server knows.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    message,
                    &mut signature,
                )
                .map_err(|_| Error::Key("could not sign"))?;
                Ok(signature)
            }
            Self::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }

    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::RsaSha256,
            Self::Ed25519(_) => Algorithm::Ed25519,
        }
    }
}

impl PublicKey {
    /// Refuses RSA keys under 2,048 bits.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let (label, der) = read_pem(pem)?;
        if label != "PUBLIC KEY" && label != "RSA PUBLIC KEY" {
            return Err(Error::Key("not a public key"));
        }
        if let Some(bytes) = der.strip_prefix(&ED25519_SPKI_PREFIX) {
            return Ok(Self::Ed25519(bytes.to_vec()));
        }
        match RsaPublicKey::from_der(&der) {
            Ok(key) if (256..=1024).contains(&key.modulus_len()) => Ok(Self::Rsa(der)),
            _ => Err(Error::Key("not an RSA public key of 2048 to 8192 bits")),
        }
    }

    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<()> {
        let (bytes, scheme): (&[u8], &'static dyn VerificationAlgorithm) = match (self, algorithm) {
            (Self::Rsa(der), Algorithm::RsaSha256) => (der, &RSA_PKCS1_2048_8192_SHA256),
            (Self::Rsa(der), Algorithm::RsaSha512) => (der, &RSA_PKCS1_2048_8192_SHA512),
            (Self::Rsa(der), Algorithm::RsaPssSha512) => (der, &RSA_PSS_2048_8192_SHA512),
            (Self::Ed25519(bytes), Algorithm::Ed25519) => (bytes, &ED25519),
            _ => return Err(Error::signature("the algorithm does not fit the key")),
        };
        ParsedPublicKey::new(scheme, bytes)
            .map_err(|_| Error::Key("cannot be used with this algorithm"))?
            .verify_sig(message, signature)
            .map_err(|_| Error::signature("it was not made with the key of this actor"))
    }

    /// What a signature by this key is taken for when the message does not say.
    pub fn usual_algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::RsaSha256,
            Self::Ed25519(_) => Algorithm::Ed25519,
        }
    }
}

fn read_pem(pem: &str) -> Result<(&str, Vec<u8>)> {
    const BROKEN: Error = Error::Key("not in PEM form");
    if pem.len() > MAX_PEM_CHARS {
        return Err(Error::Key("too long"));
    }
    let (label, rest) = pem
        .trim()
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.split_once("-----"))
        .ok_or(BROKEN)?;
    let (body, end) = rest.split_once("-----END ").ok_or(BROKEN)?;
    if end.strip_suffix("-----") != Some(label) {
        return Err(BROKEN);
    }
    let body: String = body
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let der = STANDARD.decode(body).map_err(|_| BROKEN)?;
    Ok((label, der))
}

fn write_pem(label: &str, der: &[u8]) -> String {
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (position, character) in STANDARD.encode(der).chars().enumerate() {
        if position > 0 && position % 64 == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str(&format!("\n-----END {label}-----\n"));
    pem
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The Ed25519 pair of RFC 9421, B.1.4.
    pub const RFC_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n";
    pub const RFC_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n";

    #[test]
    fn keys_survive_their_pem_form() {
        for key in [
            SigningKey::generate_rsa().unwrap(),
            SigningKey::generate_ed25519().unwrap(),
        ] {
            let again = SigningKey::from_pem(&key.to_pem().unwrap()).unwrap();
            let public = PublicKey::from_pem(&key.public_pem().unwrap()).unwrap();
            let signature = again.sign(b"hello").unwrap();
            assert_eq!(public.verify(key.algorithm(), b"hello", &signature), Ok(()));
            assert!(
                public
                    .verify(key.algorithm(), b"hellp", &signature)
                    .is_err()
            );
            assert!(public.verify(key.algorithm(), b"hello", b"").is_err());
        }
    }

    #[test]
    fn the_public_half_of_the_rfc_key_is_the_documented_one() {
        assert_eq!(
            SigningKey::from_pem(RFC_PRIVATE)
                .unwrap()
                .public_pem()
                .unwrap(),
            RFC_PUBLIC
        );
    }

    #[test]
    fn an_algorithm_of_another_kind_of_key_is_refused() {
        let key = SigningKey::from_pem(RFC_PRIVATE).unwrap();
        let public = PublicKey::from_pem(RFC_PUBLIC).unwrap();
        assert!(
            public
                .verify(Algorithm::RsaSha256, b"x", &key.sign(b"x").unwrap())
                .is_err()
        );
    }

    #[test]
    fn short_broken_and_foreign_keys_are_refused() {
        let short = "-----BEGIN PUBLIC KEY-----\n\
            MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3\n\
            6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6\n\
            Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw\n\
            oYi+1hqp1fIekaxsyQIDAQAB\n-----END PUBLIC KEY-----";
        let endless = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
            "A".repeat(1_000_000)
        );
        let truncated = RFC_PUBLIC.replace("c5D0bs=", "");
        for pem in [
            short,
            &endless,
            &truncated,
            "",
            "-----BEGIN PUBLIC KEY-----",
            RFC_PRIVATE,
        ] {
            assert!(PublicKey::from_pem(pem).is_err(), "{pem:.80}");
        }
        assert!(SigningKey::from_pem(RFC_PUBLIC).is_err());
    }
}
