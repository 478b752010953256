//! Signed tokens of identity providers (JWS with a published key), checked and made.

use crate::error::{Error, Result};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Map, Value};

fn wrong(why: &str) -> Error {
    Error::forbidden(format!("The provider's token cannot be trusted: {why}.")).code("sso_forged")
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .ok()
}

pub fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// What a token says, though nobody may have signed it.
pub fn unproven(token: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decoded(token.split('.').nth(1)?)?).ok()
}

/// The claims of a token whose signature fits one of the keys. What they say is not looked at.
pub fn verified(token: &str, keys: &Value) -> Result<Map<String, Value>> {
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong("it has not three parts"));
    };
    let json =
        |part: &str| -> Option<Map<String, Value>> { serde_json::from_slice(&decoded(part)?).ok() };
    let header = json(head).ok_or_else(|| wrong("its head cannot be read"))?;
    let field = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
    if header.contains_key("crit") {
        return Err(wrong("it asks for what is not known here"));
    }
    let (algorithm, key_id) = (field("alg"), field("kid"));
    let signature = decoded(signature).ok_or_else(|| wrong("its signature cannot be read"))?;
    let message = token.rsplit_once('.').map_or("", |(message, _)| message);
    let keys = keys.get("keys").and_then(Value::as_array);
    let fits = keys.into_iter().flatten().any(|key| {
        let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
        let named = key_id.is_empty() || text("kid").is_empty() || text("kid") == key_id;
        named
            && matches!(text("use"), "" | "sig")
            && matches!(
                text("alg"),
                "" | "RS256" | "PS256" | "RS384" | "RS512" | "ES256" | "ES384" | "EdDSA"
            )
            && (text("alg").is_empty() || text("alg") == algorithm)
            && is_signed(key, algorithm, message.as_bytes(), &signature)
    });
    if !fits {
        return Err(wrong("no key of the provider fits its signature"));
    }
    json(body).ok_or_else(|| wrong("its body cannot be read"))
}

/// `none` and shared secrets (HS256) fit no key, so they are refused like every unknown name.
fn is_signed(key: &Value, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
    let bytes = |name: &str| decoded(text(name)).unwrap_or_default();
    let rsa = |parameters: &'static RsaParameters| {
        let (n, e) = (bytes("n"), bytes("e"));
        let key = RsaPublicKeyComponents { n, e };
        text("kty") == "RSA" && key.verify(parameters, message, signature).is_ok()
    };
    let point = |curve: &str, way: &'static dyn VerificationAlgorithm| {
        let mut point = vec![4];
        point.extend(bytes("x"));
        point.extend(bytes("y"));
        let key = UnparsedPublicKey::new(way, point);
        text("kty") == "EC" && text("crv") == curve && key.verify(message, signature).is_ok()
    };
    match algorithm {
        "RS256" => rsa(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&RSA_PSS_2048_8192_SHA256),
        "ES256" => point("P-256", &ECDSA_P256_SHA256_FIXED),
        "ES384" => point("P-384", &ECDSA_P384_SHA384_FIXED),
        "EdDSA" => {
            let key = UnparsedPublicKey::new(&ED25519, bytes("x"));
            text("crv") == "Ed25519" && key.verify(message, signature).is_ok()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 7515, appendix A.3: a token signed with ES256.
    const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn keys() -> Value {
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }] })
    }

    #[test]
    fn the_standards_example_fits() {
        let claims = verified(TOKEN, &keys()).unwrap();
        assert_eq!(claims.get("iss"), Some(&json!("joe")));
    }

    #[test]
    fn what_was_changed_or_not_signed_does_not() {
        let (head, rest) = TOKEN.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        let other = encoded(br#"{"iss":"eve"}"#);
        let none = encoded(br#"{"alg":"none"}"#);
        let shared = encoded(br#"{"alg":"HS256"}"#);
        for bad in [
            format!("{head}.{other}.{signature}"),
            format!("{none}.{body}."),
            format!("{none}.{body}.{signature}"),
            format!("{shared}.{body}.{signature}"),
            format!("{head}.{body}"),
            String::new(),
        ] {
            assert!(verified(&bad, &keys()).is_err(), "{bad}");
        }
        assert!(verified(TOKEN, &json!({ "keys": [] })).is_err());
    }
}
