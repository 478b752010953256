//! The key by which push services know this site (VAPID, RFC 8292): made at the first use.

use crate::app::App;
use crate::error::{Error, Result};
use crate::instance;
use crate::vault::What;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base::clock::HOUR;
use base::job::JobError;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};
use url::Url;

const FACT: &str = "push_key";

async fn key(app: &App) -> Result<EcdsaKeyPair> {
    if let Some(kept) = instance::fact(&app.db, FACT).await? {
        return opened(app, &kept);
    }
    let made = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let made = made.map_err(Error::internal)?.to_pkcs8v1();
    let text = BASE64_STANDARD.encode(made.map_err(Error::internal)?.as_ref());
    let sealed = app.vault.seal(What::PushKey, &text);
    let sealed = sealed.map_err(Error::internal)?;
    instance::add_fact(&app.db, &app.clock, FACT, sealed.into()).await?;
    // Another machine may have been faster: the kept one counts.
    let kept = instance::fact(&app.db, FACT).await?.unwrap_or_default();
    opened(app, &kept)
}

fn opened(app: &App, kept: &Value) -> Result<EcdsaKeyPair> {
    let sealed = kept.as_str().unwrap_or_default();
    let text = app.vault.open(What::PushKey, sealed);
    let text = text.map_err(Error::internal)?;
    let bytes = BASE64_STANDARD.decode(text).map_err(Error::internal)?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes).map_err(Error::internal)
}

/// The public half, as a browser wants it for `applicationServerKey`.
pub async fn public_key(app: &App) -> Result<String> {
    Ok(encoded(key(app).await?.public_key().as_ref()))
}

/// The header that proves to a push service who sends.
pub async fn authorization(app: &App, endpoint: &str) -> Result<String, JobError> {
    let key = key(app).await?;
    let url = Url::parse(endpoint).map_err(|error| JobError::Fail(error.to_string()))?;
    let claims = json!({
        "aud": url.origin().ascii_serialization(),
        "exp": (app.clock.now() + 12 * HOUR) / 1_000,
        "sub": app.config.server.public_url,
    });
    let head = json!({ "typ": "JWT", "alg": "ES256" });
    let message = format!(
        "{}.{}",
        encoded(head.to_string().as_bytes()),
        encoded(claims.to_string().as_bytes())
    );
    let random = aws_lc_rs::rand::SystemRandom::new();
    let signature = key
        .sign(&random, message.as_bytes())
        .map_err(|error| JobError::Fail(error.to_string()))?;
    let signature = encoded(signature.as_ref());
    let public = encoded(key.public_key().as_ref());
    Ok(format!("vapid t={message}.{signature}, k={public}"))
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
