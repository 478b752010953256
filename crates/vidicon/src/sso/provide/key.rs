//! The key that signs ID tokens: made at the first use, published for everybody to check with.

use crate::app::App;
use crate::error::{Error, Result};
use crate::instance;
use crate::sso::jwt::encoded;
use crate::vault::What;
use fediverse::key::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

const FACT: &str = "oauth_key";

async fn key(app: &App) -> Result<SigningKey> {
    if let Some(kept) = instance::fact(&app.db, FACT).await? {
        return opened(app, &kept);
    }
    let made = tokio::task::spawn_blocking(SigningKey::generate_rsa).await;
    let made = made.map_err(Error::internal)?.map_err(Error::internal)?;
    let pem = made.to_pem().map_err(Error::internal)?;
    let sealed = app
        .vault
        .seal(What::TokenKey, &pem)
        .map_err(Error::internal)?;
    instance::add_fact(&app.db, &app.clock, FACT, sealed.into()).await?;
    // Another machine may have been faster: the kept one counts.
    let kept = instance::fact(&app.db, FACT).await?.unwrap_or_default();
    opened(app, &kept)
}

fn opened(app: &App, kept: &Value) -> Result<SigningKey> {
    let sealed = kept.as_str().unwrap_or_default();
    let pem = app
        .vault
        .open(What::TokenKey, sealed)
        .map_err(Error::internal)?;
    SigningKey::from_pem(&pem).map_err(Error::internal)
}

/// The published half, as a set with one key (RFC 7517).
pub async fn published(app: &App) -> Result<Value> {
    let (n, e, id) = parts(&key(app).await?)?;
    Ok(json!({ "keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": n, "e": e,
    }] }))
}

/// Number, exponent and name of the key.
fn parts(key: &SigningKey) -> Result<(String, String, String)> {
    let pem = key.public_pem().map_err(Error::internal)?;
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).map_err(Error::internal)?;
    let (_, info) = SubjectPublicKeyInfo::from_der(&pem.contents).map_err(Error::internal)?;
    let Ok(PublicKey::RSA(rsa)) = info.parsed() else {
        return Err(Error::internal("the key of ID tokens is no RSA key"));
    };
    let plain = |bytes: &[u8]| {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
        encoded(bytes.get(start..).unwrap_or_default())
    };
    let id = encoded(&Sha256::digest(&pem.contents));
    let id = id.chars().take(16).collect();
    Ok((plain(rsa.modulus), plain(rsa.exponent), id))
}

/// A signed token with these claims.
pub async fn sign(app: &App, claims: &Value) -> Result<String> {
    let key = key(app).await?;
    let (_, _, id) = parts(&key)?;
    let head = json!({ "alg": "RS256", "typ": "JWT", "kid": id });
    let message = format!(
        "{}.{}",
        encoded(head.to_string().as_bytes()),
        encoded(claims.to_string().as_bytes())
    );
    let signature = key.sign(message.as_bytes()).map_err(Error::internal)?;
    Ok(format!("{message}.{}", encoded(&signature)))
}
