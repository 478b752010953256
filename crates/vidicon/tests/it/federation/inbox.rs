//! Strangers at the door: who is let in, and with what.

use super::site::{Site, settle};
use axum::http::StatusCode;
use fediverse::context::Context;
use fediverse::key::SigningKey;
use fediverse::signature::{self, Outgoing};
use fediverse::{collection, ld_signature, message_signature};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A server of another make: serves the documents that the test puts there.
pub struct Stranger {
    pub base: String,
    pub key: SigningKey,
    documents: Arc<Mutex<std::collections::HashMap<String, Value>>>,
    asked: Arc<AtomicUsize>,
}

impl Stranger {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let documents: Arc<Mutex<std::collections::HashMap<String, Value>>> = Arc::default();
        let served = Arc::clone(&documents);
        let own = base.clone();
        let asked: Arc<AtomicUsize> = Arc::default();
        let counted = Arc::clone(&asked);
        let router = axum::Router::new().fallback(move |uri: axum::http::Uri| {
            counted.fetch_add(1, Ordering::SeqCst);
            let found = match uri.path() {
                // A collection without end: each page leads to another.
                "/endless" => Some(endless(&own, uri.query())),
                path => served.lock().unwrap().get(path).cloned(),
            };
            async move {
                match found {
                    Some(document) => Ok((
                        [("content-type", "application/activity+json")],
                        document.to_string(),
                    )),
                    None => Err(StatusCode::NOT_FOUND),
                }
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let stranger = Stranger {
            base,
            key: SigningKey::generate_rsa().unwrap(),
            documents,
            asked,
        };
        stranger.put("/users/ronja", stranger.person("ronja"));
        stranger
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn put(&self, path: &str, document: Value) {
        self.documents
            .lock()
            .unwrap()
            .insert(path.to_owned(), document);
    }

    /// How often it was asked for anything.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn remove(&self, path: &str) {
        self.documents.lock().unwrap().remove(path);
    }

    pub fn person(&self, name: &str) -> Value {
        let id = self.url(&format!("/users/{name}"));
        Context::Actor.on(json!({
            "type": "Person", "id": id, "preferredUsername": name, "name": "Ronja",
            "inbox": format!("{id}/inbox"), "outbox": format!("{id}/outbox"),
            "publicKey": {
                "id": format!("{id}#main-key"), "owner": id,
                "publicKeyPem": self.key.public_pem().unwrap(),
            },
        }))
    }

    pub fn activity(&self, kind: &str, number: u32, object: Value) -> Value {
        Context::Plain.on(json!({
            "type": kind, "id": self.url(&format!("/activities/{number}")),
            "actor": self.url("/users/ronja"), "object": object,
        }))
    }

    /// The headers of a signed delivery.
    pub fn sign(
        &self,
        site: &Site,
        path: &str,
        body: &str,
        new_way: bool,
    ) -> Vec<(&'static str, String)> {
        let url = site.url(path).parse().unwrap();
        let outgoing = Outgoing {
            method: "POST",
            url: &url,
            body: Some(body.as_bytes()),
            key_id: &self.url("/users/ronja#main-key"),
            key: &self.key,
            now_ms: site.app.clock.now(),
        };
        if new_way {
            message_signature::sign(&outgoing).unwrap()
        } else {
            signature::sign(&outgoing).unwrap()
        }
    }

    pub async fn deliver(&self, site: &Site, path: &str, activity: &Value) -> u16 {
        let body = activity.to_string();
        send(
            site,
            path,
            body.clone(),
            self.sign(site, path, &body, false),
        )
        .await
    }
}

fn endless(base: &str, query: Option<&str>) -> Value {
    let number = query.and_then(|query| query.strip_prefix("page=")?.parse().ok());
    let number: u64 = number.unwrap_or(0);
    json!({
        "type": "OrderedCollectionPage", "id": format!("{base}/endless?page={number}"),
        "totalItems": 1_000_000, "next": format!("{base}/endless?page={}", number + 1),
        "orderedItems": [],
    })
}

pub async fn send(
    site: &Site,
    path: &str,
    body: String,
    headers: Vec<(&'static str, String)>,
) -> u16 {
    let mut call = site
        .app
        .post(path)
        .bytes("application/activity+json", body.into_bytes());
    for (name, value) in headers {
        call = call.header(name, &value);
    }
    call.await.status.as_u16()
}

async fn follower_count(site: &Site) -> i64 {
    collection::total(
        &site
            .document("/video-channels/root_channel/followers")
            .await,
    )
    .unwrap()
}

#[tokio::test]
async fn a_person_elsewhere_follows_a_channel_and_leaves() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 1);
    let undo = ronja.activity("Undo", 2, follow.clone());
    assert_eq!(
        ronja
            .deliver(&site, "/video-channels/root_channel/inbox", &undo)
            .await,
        204
    );
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 0);
    // The same activity again is not worked off again.
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 0);
}

#[tokio::test]
async fn both_kinds_of_signatures_are_accepted() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let follow = ronja
        .activity("Follow", 1, json!(site.url("/video-channels/root_channel")))
        .to_string();
    let headers = ronja.sign(&site, "/inbox", &follow, true);
    assert_eq!(send(&site, "/inbox", follow, headers).await, 204);
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 1);
}

#[tokio::test]
async fn a_request_that_is_not_signed_as_it_must_be_is_refused() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let body = ronja
        .activity("Follow", 1, json!(site.url("/video-channels/root_channel")))
        .to_string();
    let good = ronja.sign(&site, "/inbox", &body, false);
    let without = |name: &str| {
        good.iter()
            .filter(|(known, _)| *known != name)
            .cloned()
            .collect::<Vec<_>>()
    };
    for name in ["signature", "date", "digest"] {
        assert_eq!(
            send(&site, "/inbox", body.clone(), without(name)).await,
            403,
            "without {name}"
        );
    }
    let altered = body.replace("Follow", "Delete");
    assert_eq!(send(&site, "/inbox", altered, good.clone()).await, 403);
    assert_eq!(
        send(&site, "/accounts/root/inbox", body.clone(), good.clone()).await,
        403,
        "another inbox"
    );
    let other_site = Site::new().await;
    assert_eq!(
        send(&other_site, "/inbox", body.clone(), good.clone()).await,
        403,
        "another server"
    );
    site.app.clock.advance(31 * 60_000);
    assert_eq!(
        send(&site, "/inbox", body.clone(), good).await,
        403,
        "half an hour later"
    );
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 0);
}

#[tokio::test]
async fn a_wrong_key_is_refused_until_the_actor_has_it() {
    let (site, mut ronja) = (Site::new().await, Stranger::new().await);
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    ronja.key = SigningKey::generate_rsa().unwrap();
    let undo = ronja.activity("Undo", 2, follow);
    assert_eq!(ronja.deliver(&site, "/inbox", &undo).await, 403);
    // The key has really changed, and we have not looked for a while.
    ronja.put("/users/ronja", ronja.person("ronja"));
    site.app.clock.advance(10 * 60_000);
    assert_eq!(ronja.deliver(&site, "/inbox", &undo).await, 204);
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 0);
}

#[tokio::test]
async fn nobody_speaks_for_others() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    settle(&[&site]).await;
    let undo = ronja.activity("Undo", 2, follow.clone());
    // In another's name, with one's own signature.
    assert_eq!(eva.deliver(&site, "/inbox", &undo).await, 403);
    // In one's own name, about what another did.
    let mut own = eva.activity("Undo", 3, follow);
    assert_eq!(eva.deliver(&site, "/inbox", &own).await, 204);
    own["object"] = json!(ronja.url("/activities/1"));
    own["id"] = json!(eva.url("/activities/4"));
    assert_eq!(eva.deliver(&site, "/inbox", &own).await, 204);
    // The farewell of another.
    let farewell = eva.activity("Delete", 5, json!(ronja.url("/users/ronja")));
    assert_eq!(eva.deliver(&site, "/inbox", &farewell).await, 204);
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 1);
}

#[tokio::test]
async fn a_forwarded_activity_needs_the_signature_of_its_actor() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let channel = site.url("/video-channels/root_channel");
    let mut follow = ronja.activity("Follow", 1, json!(channel));
    let now = site.app.clock.now();
    ld_signature::sign(&mut follow, &ronja.url("/users/ronja"), &ronja.key, now).unwrap();
    let mut altered = follow.clone();
    altered["object"] = json!(site.url("/accounts/root"));
    assert_eq!(eva.deliver(&site, "/inbox", &altered).await, 403);
    let mut hidden = follow.clone();
    hidden["@graph"] = json!([]);
    assert_eq!(eva.deliver(&site, "/inbox", &hidden).await, 403);
    let mut by_eva = ronja.activity("Follow", 1, json!(channel));
    ld_signature::sign(&mut by_eva, &eva.url("/users/ronja"), &eva.key, now).unwrap();
    assert_eq!(eva.deliver(&site, "/inbox", &by_eva).await, 403);
    assert_eq!(eva.deliver(&site, "/inbox", &follow).await, 204);
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 1);
}

#[tokio::test]
async fn actors_that_claim_what_is_not_theirs_are_refused() {
    let (site, eva) = (Site::new().await, Stranger::new().await);
    let follow = eva.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    let good = eva.person("ronja");
    for (pointer, value) in [
        ("/id", json!("http://127.0.0.1:1/users/ronja")),
        ("/id", json!(site.url("/accounts/root"))),
        ("/inbox", json!("http://127.0.0.1:1/inbox")),
        ("/publicKey/owner", json!(site.url("/accounts/root"))),
        ("/publicKey/id", json!("http://127.0.0.1:1/key")),
        ("/preferredUsername", json!("x'; DROP TABLE actor; --")),
        ("/preferredUsername", json!("a\u{0}b")),
        ("/type", json!("Note")),
    ] {
        let mut forged = good.clone();
        *forged.pointer_mut(pointer).unwrap() = value.clone();
        eva.put("/users/ronja", forged);
        assert_eq!(
            eva.deliver(&site, "/inbox", &follow).await,
            403,
            "{pointer} {value}"
        );
    }
    eva.put("/users/ronja", good);
    assert_eq!(eva.deliver(&site, "/inbox", &follow).await, 204);
}

#[tokio::test]
async fn a_known_name_cannot_be_taken_over_by_another_address() {
    let (site, eva) = (Site::new().await, Stranger::new().await);
    let follow = eva.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(eva.deliver(&site, "/inbox", &follow).await, 204);
    let mut twin = eva.person("twin");
    twin["preferredUsername"] = json!("ronja");
    eva.put("/users/twin", twin);
    let url = site.url("/inbox").parse().unwrap();
    let body = json!({
        "type": "Follow", "id": eva.url("/activities/9"), "actor": eva.url("/users/twin"),
        "object": site.url("/video-channels/root_channel"),
    })
    .to_string();
    let headers = signature::sign(&Outgoing {
        method: "POST",
        url: &url,
        body: Some(body.as_bytes()),
        key_id: &eva.url("/users/twin#main-key"),
        key: &eva.key,
        now_ms: site.app.clock.now(),
    });
    assert_eq!(send(&site, "/inbox", body, headers.unwrap()).await, 403);
}

#[tokio::test]
async fn hostile_bodies_end_quickly() {
    let (site, eva) = (Site::new().await, Stranger::new().await);
    let deep = format!(
        "{{\"type\":\"Follow\",\"object\":{}1{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let large = format!(
        "{{\"type\":\"Follow\",\"x\":\"{}\"}}",
        "x".repeat(2_000_000)
    );
    for (body, status) in [
        (deep, 400),
        (large, 413),
        ("[]".into(), 400),
        ("\"x\"".into(), 400),
        ("{".into(), 400),
    ] {
        let headers = eva.sign(&site, "/inbox", &body, false);
        assert_eq!(send(&site, "/inbox", body, headers).await, status);
    }
    for (number, body) in [json!({"type": 5}), json!({"type": "Follow"}), json!({"type": "Follow", "actor": []}),
        json!({"type": "Follow", "actor": eva.url("/users/ronja"), "id": "https://elsewhere.example/1"})]
    .into_iter()
    .enumerate()
    {
        assert_eq!(eva.deliver(&site, "/inbox", &body).await, 204, "{number}");
    }
    settle(&[&site]).await;
}

#[tokio::test]
async fn an_actor_says_farewell() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    settle(&[&site]).await;
    let farewell = ronja.activity("Delete", 2, json!(ronja.url("/users/ronja")));
    ronja.remove("/users/ronja");
    assert_eq!(ronja.deliver(&site, "/inbox", &farewell).await, 204);
    settle(&[&site]).await;
    assert_eq!(follower_count(&site).await, 0);
    // One we never knew, whose keys are gone: nothing to check and nothing to do.
    let unknown = Stranger::new().await;
    unknown.remove("/users/ronja");
    let farewell = unknown.activity("Delete", 3, json!(unknown.url("/users/ronja")));
    assert_eq!(unknown.deliver(&site, "/inbox", &farewell).await, 204);
    let other = unknown.activity("Follow", 4, json!(site.url("/accounts/root")));
    assert_eq!(unknown.deliver(&site, "/inbox", &other).await, 403);
}
