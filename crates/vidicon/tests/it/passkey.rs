//! Log-in with a passkey: a key in software answers as a device would, rightly and wrongly.

use crate::app::{Answer, TestApp, log_in_form};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base::clock::MINUTE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

async fn me(app: &TestApp, token: &str) -> Value {
    let call = app.get("/api/v1/users/me").token(token);
    call.await.expect(200).json()
}

/// A security key in software.
struct SoftKey {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    count: u32,
}

impl SoftKey {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        SoftKey {
            pair,
            id: vec![7; 20],
            count: 0,
        }
    }

    fn data(&mut self, host: &str, flags: u8) -> Vec<u8> {
        self.count += 1;
        let mut data = Sha256::digest(host.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.count.to_be_bytes());
        data
    }

    fn create(&mut self, challenge: &str, origin: &str) -> Value {
        let mut data = self.data("video.test", 0x45);
        data.extend([0; 16]);
        data.extend([0, 20]);
        data.extend(&self.id);
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(x);
        data.extend([0x22, 0x58, 32]);
        data.extend(y);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let client = client_data("webauthn.create", challenge, origin);
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
            },
        })
    }

    fn get(&mut self, challenge: &str, origin: &str, flags: u8) -> Value {
        let data = self.data("video.test", flags);
        let client = client_data("webauthn.get", challenge, origin);
        let message = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &message).unwrap();
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
            },
        })
    }
}

fn client_data(kind: &str, challenge: &str, origin: &str) -> Vec<u8> {
    json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false })
        .to_string()
        .into_bytes()
}

#[tokio::test]
async fn a_passkey_logs_in_and_nothing_else_does() {
    const HERE: &str = "http://video.test";
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let mut key = SoftKey::new();
    let keys = "/api/v1/users/me/passkeys";
    let ask_new = async || {
        let options = app.post(&format!("{keys}/challenge")).token(&ada).await;
        let options = options.expect(200).json();
        assert_eq!(options["publicKey"]["rp"]["id"], "video.test");
        options["publicKey"]["challenge"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let keep = |credential: Value| {
        app.post(keys)
            .token(&ada)
            .json(json!({ "name": "my phone", "credential": credential }))
    };
    keep(json!({})).await.expect(400);
    keep(key.create("never-asked", HERE)).await.expect(400);
    let challenge = ask_new().await;
    keep(key.create(&challenge, "http://evil.test"))
        .await
        .expect(400);
    let made = keep(key.create(&challenge, HERE)).await.expect(200).json();
    keep(key.create(&challenge, HERE)).await.expect(400);
    keep(key.create(&ask_new().await, HERE)).await.expect(409);

    let ask = async || {
        let options = app
            .post("/api/v1/users/passkeys/challenge")
            .await
            .expect(200);
        let options = options.json();
        options["publicKey"]["challenge"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let enter = async |credential: Value| -> Answer {
        app.post("/api/v1/users/passkeys/login")
            .json(json!({ "credential": credential }))
            .await
    };
    enter(key.get(&ask().await, "http://evil.test", 5))
        .await
        .expect(400);
    // The device did not ask for a finger or a number.
    enter(key.get(&ask().await, HERE, 1)).await.expect(400);
    let mut forged = SoftKey::new();
    forged.count = 100;
    enter(forged.get(&ask().await, HERE, 5)).await.expect(400);
    let challenge = ask().await;
    app.clock.advance(6 * MINUTE);
    enter(key.get(&challenge, HERE, 5)).await.expect(400);
    let challenge = ask().await;
    let given = key.get(&challenge, HERE, 5);
    let tokens = enter(given.clone()).await.expect(200).json();
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(me(&app, token).await["username"], "ada");
    enter(given).await.expect(400);
    key.count = 1;
    let copied = enter(key.get(&ask().await, HERE, 5)).await.expect(400);
    assert!(copied.text().contains("copied"), "{}", copied.text());

    key.count = 50;
    let browser = app
        .post("/login/passkey")
        .header("origin", HERE)
        .json(json!({ "credential": key.get(&ask().await, HERE, 5) }))
        .await
        .expect(204);
    assert!(browser.header("set-cookie").contains("vidicon_session="));
    let root = app.root().await;
    let id = me(&app, &ada).await["id"].clone();
    app.post(&format!("/api/v1/users/{id}/block"))
        .token(&root)
        .await
        .expect(204);
    let blocked = enter(key.get(&ask().await, HERE, 5)).await.expect(400);
    assert_eq!(blocked.json()["code"], "account_blocked");
    app.post(&format!("/api/v1/users/{id}/unblock"))
        .token(&root)
        .await
        .expect(204);
    let ada = app.login("ada", "password-1").await;
    let one = format!("{keys}/{}", made["passkey"]["id"]);
    assert_eq!(app.get(keys).token(&ada).await.json()["total"], 1);
    app.delete(&one).token(&ada).await.expect(204);
    enter(key.get(&ask().await, HERE, 5)).await.expect(400);
    log_in_form(&app, "ada", "password-1").await.expect(200);
}
