//! Passkeys (WebAuthn): a key in a device or a password manager logs its owner in, without a
//! password and without a second factor, since the device has asked for one.

mod cbor;
mod proof;

pub use proof::NewKey;

use super::login;
use super::{User, UserId, store};
use crate::app::App;
use crate::error::{Error, Result};
use base::Id;
use base::clock::{MINUTE, Millis};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

pub type PasskeyId = Id<Passkey>;

/// How long a challenge can be answered.
const CHALLENGE_LIFE: Millis = 5 * MINUTE;
/// Passkeys of one user.
const MOST: i64 = 30;

#[derive(Clone, Debug, Deserialize)]
pub struct Passkey {
    pub id: PasskeyId,
    pub user_id: UserId,
    pub name: String,
    pub credential_id: String,
    /// As COSE numbers them: -7 is ECDSA on P-256, -8 Ed25519, -257 RSA.
    pub algorithm: i64,
    /// Its numbers in base64, with dots between.
    pub public_key: String,
    pub sign_count: i64,
    pub last_used_at: Option<Millis>,
    pub created_at: Millis,
}

/// What a browser gives for a new key or a log-in, as its `toJSON` writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    id: String,
    response: Answer,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: Option<String>,
    authenticator_data: Option<String>,
    signature: Option<String>,
}

/// The site as keys know it: its host without a port, and its address.
fn party(app: &App) -> proof::Party {
    let url = app.config.server.public_url.clone();
    let parsed = url::Url::parse(&url).ok();
    let host = parsed.and_then(|url| url.host_str().map(str::to_owned));
    proof::Party {
        id: host.unwrap_or_default(),
        origin: url,
    }
}

async fn challenge(app: &App, user: Option<UserId>) -> Result<String> {
    let text = URL_SAFE_NO_PAD.encode(base::random::bytes::<32>());
    let now = app.clock.now();
    store::passkey::add_challenge(&app.db, &text, user, now + CHALLENGE_LIFE, now).await?;
    Ok(text)
}

/// What `navigator.credentials.create` is asked for.
pub async fn creation_options(app: &App, me: &User) -> Result<Value> {
    let known = store::passkey::of_user(&app.db, me.id).await?;
    let known: Vec<Value> = known
        .iter()
        .map(|key| json!({ "type": "public-key", "id": key.credential_id }))
        .collect();
    let kinds: Vec<Value> = [-7, -8, -257]
        .into_iter()
        .map(|algorithm| json!({ "type": "public-key", "alg": algorithm }))
        .collect();
    Ok(json!({
        "challenge": challenge(app, Some(me.id)).await?,
        "rp": { "id": party(app).id, "name": app.instance.name() },
        "user": {
            "id": URL_SAFE_NO_PAD.encode(me.id.to_string()),
            "name": me.username, "displayName": me.display_name,
        },
        "pubKeyCredParams": kinds,
        "excludeCredentials": known,
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        },
        "attestation": "none",
        "timeout": CHALLENGE_LIFE,
    }))
}

/// What `navigator.credentials.get` is asked for.
pub async fn request_options(app: &App) -> Result<Value> {
    Ok(json!({
        "challenge": challenge(app, None).await?,
        "rpId": party(app).id,
        "allowCredentials": [],
        "userVerification": "required",
        "timeout": CHALLENGE_LIFE,
    }))
}

/// Keeps a new key of a user who is logged in.
pub async fn add(app: &App, me: &User, name: &str, given: &Credential) -> Result<PasskeyId> {
    let answer = &given.response;
    let attested = bytes(answer.attestation_object.as_deref())?;
    let client_data = bytes(Some(&answer.client_data))?;
    let said = proof::client_data(&client_data, "webauthn.create", &party(app))?;
    spend(app, &said, Some(me.id)).await?;
    let key = proof::new_key(&attested, &party(app))?;
    if key.credential_id != given.id.trim_end_matches('=') {
        return Err(wrong("the key has another id"));
    }
    if store::passkey::of_user(&app.db, me.id).await?.len() >= usize::try_from(MOST).unwrap_or(0) {
        return Err(Error::bad_request(format!(
            "A user can have at most {MOST} passkeys."
        )));
    }
    let added = store::passkey::add(&app.db, me.id, name, &key, app.clock.now()).await;
    added.map_err(|error| {
        if error.is_unique() {
            Error::conflict("This passkey is known already.")
        } else {
            error.into()
        }
    })
}

/// Finds the user whose key this is, and who may come in with it.
pub async fn recognize(app: &App, given: &Credential) -> Result<User> {
    let answer = &given.response;
    let client_data = bytes(Some(&answer.client_data))?;
    let said = proof::client_data(&client_data, "webauthn.get", &party(app))?;
    spend(app, &said, None).await?;
    let id = given.id.trim_end_matches('=');
    let found = store::passkey::by_credential(&app.db, id).await?;
    let key = found.ok_or_else(|| wrong("nobody here has this key"))?;
    let data = bytes(answer.authenticator_data.as_deref())?;
    let signature = bytes(answer.signature.as_deref())?;
    let count = proof::signed(&key, &data, &client_data, &signature, &party(app))?;
    if !store::passkey::note_use(&app.db, key.id, count, app.clock.now()).await? {
        return Err(wrong("the key was copied"));
    }
    let user = super::user(app, key.user_id).await?;
    login::may_enter(app, &user)?;
    Ok(user)
}

/// Each challenge is answered once, by the one it was made for.
async fn spend(app: &App, challenge: &str, user: Option<UserId>) -> Result<()> {
    if !store::passkey::spend_challenge(&app.db, challenge, user, app.clock.now()).await? {
        return Err(wrong("the challenge is not known, or too old"));
    }
    Ok(())
}

fn bytes(text: Option<&str>) -> Result<Vec<u8>> {
    let text = text.unwrap_or_default().trim_end_matches('=');
    let read = URL_SAFE_NO_PAD.decode(text);
    read.map_err(|_| wrong("a part of it is no base64url"))
}

/// 400: what came cannot log anybody in. Why is told, since it says nothing of anybody's.
fn wrong(why: &str) -> Error {
    Error::bad_request(format!("The passkey was not accepted: {why}.")).code("invalid_grant")
}

pub async fn list(app: &App, user: UserId) -> Result<Vec<Passkey>> {
    Ok(store::passkey::of_user(&app.db, user).await?)
}

pub async fn remove(app: &App, user: UserId, id: PasskeyId) -> Result<()> {
    if store::passkey::delete(&app.db, user, id).await? == 0 {
        return Err(Error::not_found("Passkey not found"));
    }
    Ok(())
}
