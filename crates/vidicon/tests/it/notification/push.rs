//! Web Push as a browser and its push service see it: subscribed, told, read with the browser's own
//! key, and left alone once it is gone.

use super::{say, tell};
use crate::app::TestApp;
use crate::video::add;
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::signature::{self, ECDSA_P256_SHA256_FIXED};
use axum::http::{HeaderMap, StatusCode};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD as URL_SAFE, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Mutex;
use vidicon::notice::Notice;

const MINE: &str = "/api/v1/users/me/push";
const ALL: &str = "/api/v1/users/me/push/subscriptions";

type Calls = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

/// A push service that answers with these statuses in turn, the last one again and again.
async fn service(statuses: &'static [u16]) -> (String, Calls) {
    let calls = Calls::default();
    let kept = Arc::clone(&calls);
    let router = axum::Router::new().route(
        "/push/{browser}",
        axum::routing::post(async move |headers: HeaderMap, body: axum::body::Bytes| {
            let mut kept = kept.lock().await;
            let status = statuses[kept.len().min(statuses.len() - 1)];
            kept.push((headers, body.to_vec()));
            StatusCode::from_u16(status).unwrap()
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (format!("http://{address}/push/"), calls)
}

/// What a browser keeps to itself.
struct Browser {
    key: PrivateKey,
    auth: [u8; 16],
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

impl Browser {
    fn new() -> Self {
        let key = PrivateKey::generate(&ECDH_P256).unwrap();
        let auth = [7; 16];
        Browser { key, auth }
    }

    fn point(&self) -> Vec<u8> {
        self.key.compute_public_key().unwrap().as_ref().to_vec()
    }

    fn subscription(&self, endpoint: &str) -> Value {
        let keys = json!({
            "p256dh": URL_SAFE.encode(self.point()), "auth": URL_SAFE.encode(self.auth),
        });
        json!({ "endpoint": endpoint, "expirationTime": null, "keys": keys })
    }

    /// RFC 8291 from the other end, with HKDF spelled out as the HMACs that it is.
    fn read(&self, body: &[u8]) -> Value {
        let (salt, rest) = body.split_at(16);
        assert_eq!(rest[..5], [0, 0, 16, 0, 65], "record size and key length");
        let (theirs, sealed) = rest[5..].split_at(65);
        let other = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let shared = agree(&self.key, other, (), |it| Ok(it.to_vec())).unwrap();
        let first = hmac(&self.auth, &[&shared]);
        let input = hmac(&first, &[b"WebPush: info\0", &self.point(), theirs, &[1]]);
        let second = hmac(salt, &[&input]);
        let key = hmac(&second, &[b"Content-Encoding: aes128gcm\0", &[1]]);
        let nonce = hmac(&second, &[b"Content-Encoding: nonce\0", &[1]]);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
        let mut sealed = sealed.to_vec();
        let text = key.open_in_place(nonce, Aad::empty(), &mut sealed).unwrap();
        let (mark, text) = text.split_last().unwrap();
        assert_eq!(*mark, 2, "the last record");
        serde_json::from_slice(text).unwrap()
    }
}

async fn app() -> TestApp {
    TestApp::with(|config| config.server.allow_private_addresses = true).await
}

/// What a push service checks before it takes a message.
fn check_sender(headers: &HeaderMap, public_key: &str, service: &str, now_s: i64) {
    let text = headers["authorization"].to_str().unwrap();
    let (token, key) = text
        .strip_prefix("vapid t=")
        .unwrap()
        .split_once(", k=")
        .unwrap();
    assert_eq!(key, public_key);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let key = URL_SAFE.decode(key).unwrap();
    signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
        .verify(message.as_bytes(), &URL_SAFE.decode(signature).unwrap())
        .expect("the signature is of this site");
    let claims = URL_SAFE.decode(message.split_once('.').unwrap().1).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert!(
        service.starts_with(claims["aud"].as_str().unwrap()),
        "{claims}"
    );
    let left = claims["exp"].as_i64().unwrap() - now_s;
    assert!((1..=86_400).contains(&left), "{left}");
}

#[tokio::test]
async fn a_browser_is_told_what_the_site_tells() {
    let app = app().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (service, calls) = service(&[201, 503, 201]).await;
    let browser = Browser::new();
    let state = app.get(MINE).token(&ada).await.expect(200).json();
    let public_key = state["publicKey"].as_str().unwrap().to_owned();
    assert_eq!(
        (
            URL_SAFE.decode(&public_key).unwrap().len(),
            &state["enabled"]
        ),
        (65, &json!(true))
    );
    let wanted = browser.subscription(&format!("{service}ada"));
    let made = app
        .post(ALL)
        .token(&ada)
        .json(wanted.clone())
        .await
        .expect(200)
        .json();
    assert_eq!(
        app.post(ALL)
            .token(&ada)
            .json(wanted)
            .await
            .expect(200)
            .json(),
        made
    );
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    say(&app, &bob, &video, "hello").await;
    app.run_jobs().await;
    let (headers, body) = calls.lock().await[0].clone();
    assert_eq!(headers["content-encoding"], "aes128gcm");
    assert_eq!(
        (&headers["ttl"], &headers["urgency"]),
        (&"86400".parse().unwrap(), &"normal".parse().unwrap())
    );
    check_sender(&headers, &public_key, &service, app.clock.now() / 1_000);
    let told = browser.read(&body);
    let body = told["body"].as_str().unwrap();
    assert!(body.contains("A walk") && body.contains("bob"), "{told}");
    assert_eq!(headers["topic"], told["tag"].as_str().unwrap());
    assert!(told["path"].as_str().unwrap().starts_with('/'), "{told}");
    let list = app.get(ALL).token(&ada).await.expect(200).json();
    assert_eq!(
        (&list["total"], &list["data"][0]["host"]),
        (&json!(1), &json!("127.0.0.1"))
    );
    assert!(list["data"][0]["lastSentAt"].is_string(), "{list}");
    // The service is out of order for a while: the same message comes again.
    say(&app, &bob, &video, "and again").await;
    app.run_jobs().await;
    app.clock.advance(base::clock::HOUR);
    app.run_jobs().await;
    let heard = calls.lock().await.clone();
    assert_eq!(heard.len(), 3);
    assert_eq!(browser.read(&heard[1].1), browser.read(&heard[2].1));
    println!("decrypted as the browser: {told}");
    // With the session its browser goes: whoever logs in there next is not told of this user's news.
    app.post("/api/v1/users/revoke-token")
        .token(&ada)
        .await
        .expect(200);
    say(&app, &bob, &video, "are you there?").await;
    app.run_jobs().await;
    assert_eq!(calls.lock().await.len(), 3);
}

#[tokio::test]
async fn nobody_is_pushed_who_does_not_want_it() {
    let app = app().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (service, calls) = service(&[201, 410]).await;
    let browser = Browser::new();
    let wanted = browser.subscription(&format!("{service}ada"));
    let made = app
        .post(ALL)
        .token(&ada)
        .json(wanted.clone())
        .await
        .expect(200)
        .json();
    let one = format!("{ALL}/{}", made["subscription"]["id"]);
    let video = add(&app, "ada", "A walk", |_| {}).await;
    let news = || Notice::Unblocked {
        video_id: video.id.0,
    };
    // Off for the user, off for the kind.
    app.put(MINE)
        .token(&ada)
        .json(json!({ "enabled": false }))
        .await
        .expect(204);
    tell(&app, news()).await;
    app.put(MINE)
        .token(&ada)
        .json(json!({ "enabled": true }))
        .await
        .expect(204);
    super::choose(&app, &ada, "blacklistOnMyVideo", 2).await;
    tell(&app, news()).await;
    assert_eq!(calls.lock().await.len(), 0);
    super::choose(&app, &ada, "blacklistOnMyVideo", 1).await;
    tell(&app, news()).await;
    assert_eq!(calls.lock().await.len(), 1);
    // The browser is gone, says its service: it is forgotten.
    tell(&app, news()).await;
    assert_eq!(calls.lock().await.len(), 2);
    app.delete(&one).token(&ada).await.expect(404);
    // A browser is one user's, the last one's; nobody else takes it off the list.
    let made = app
        .post(ALL)
        .token(&ada)
        .json(wanted.clone())
        .await
        .expect(200)
        .json();
    let one = format!("{ALL}/{}", made["subscription"]["id"]);
    app.delete(&one).token(&bob).await.expect(404);
    app.post(ALL).token(&bob).json(wanted).await.expect(200);
    assert_eq!(app.get(ALL).token(&ada).await.json()["total"], 0);
    for number in 0..25 {
        let more = browser.subscription(&format!("{service}{number}"));
        app.post(ALL).token(&ada).json(more).await.expect(200);
    }
    assert_eq!(app.get(ALL).token(&ada).await.json()["total"], 20);
}

#[tokio::test]
async fn what_is_no_subscription_is_refused() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let good = Browser::new().subscription("https://push.example/1");
    app.post(ALL).json(good.clone()).await.expect(401);
    for (name, value) in [
        ("endpoint", json!("http://push.example/1")),
        ("endpoint", json!("x")),
        ("keys", json!({})),
        ("keys", json!({ "p256dh": "AAAA", "auth": "AAAA" })),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value;
        app.post(ALL).token(&ada).json(wrong).await.expect(400);
    }
    app.put(MINE)
        .token(&ada)
        .json(json!({ "enabled": "perhaps" }))
        .await
        .expect(400);
    app.post(ALL).token(&ada).json(good).await.expect(200);
    let worker = app.get("/push-worker.js").await.expect(200);
    assert!(worker.text().contains("showNotification"));
}
