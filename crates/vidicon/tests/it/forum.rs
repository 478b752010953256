//! A Discourse forum as the conversation, with the test as the forum: topics out, replies in.

use crate::app::{Answer, TestApp};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use base::job::NewJob;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;

const HOOK: &str = "the webhook's secret";

/// What the forum was told, and the posts it has.
#[derive(Default)]
struct Forum {
    told: Mutex<Vec<(String, Value)>>,
    posts: Mutex<Vec<Value>>,
}

type Shared = State<Arc<Forum>>;

fn note(forum: &Forum, headers: &HeaderMap, what: &str, body: Value) {
    assert_eq!(headers["api-key"], "k3y");
    assert_eq!(headers["api-username"], "films");
    forum.told.lock().push((what.to_owned(), body));
}

async fn open(State(forum): Shared, headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
    note(&forum, &headers, "open", body);
    Json(json!({ "id": 100, "topic_id": 42, "topic_slug": "a-film" }))
}

async fn rename(State(forum): Shared, headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
    note(&forum, &headers, "rename", body);
    Json(json!({}))
}

async fn status(State(forum): Shared, headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
    note(&forum, &headers, "status", body);
    Json(json!({ "success": "OK" }))
}

async fn topic(State(forum): Shared, Path(name): Path<String>) -> Json<Value> {
    assert_eq!(name, "42.json");
    Json(json!({ "post_stream": { "posts": *forum.posts.lock() } }))
}

async fn forum() -> (Arc<Forum>, String) {
    let forum = Arc::new(Forum::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/posts.json", post(open))
        .route("/t/-/{topic}", put(rename))
        .route("/t/{topic}/status.json", put(status))
        .route("/t/{topic}", get(topic))
        .with_state(Arc::clone(&forum));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (forum, address)
}

async fn site(address: &str) -> TestApp {
    TestApp::with(|config| {
        config.forum.url = address.to_owned();
        config.forum.api_key = "k3y".to_owned();
        config.forum.api_username = "films".to_owned();
        config.forum.webhook_secret = HOOK.to_owned();
        config.forum.category = 5;
        config.server.allow_private_addresses = true;
        config.federation.enabled = false;
    })
    .await
}

/// A video of Ada's that has just been published.
async fn film(app: &TestApp, name: &str) -> String {
    let video = crate::video::add(app, "ada", name, |_| {}).await;
    NewJob::new(
        vidicon::video::PUBLISHED_JOB,
        json!({ "videoId": video.id }),
    )
    .enqueue(&app.db, app.clock.now())
    .await
    .unwrap();
    app.run_jobs().await;
    video.uuid.to_string()
}

async fn tell(app: &TestApp, kind: &str, post: &Value, secret: &str) -> Answer {
    let body = json!({ "post": post }).to_string().into_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&body);
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    app.post("/forum/events")
        .header("x-discourse-event", kind)
        .header("x-discourse-event-signature", &signature)
        .bytes("application/json", body)
        .await
}

fn reply(id: i64, number: i64, words: &str, to: Option<i64>) -> Value {
    json!({
        "id": id, "topic_id": 42, "post_number": number, "username": "Grace", "name": "Grace H.",
        "cooked": format!("<p>{words}<script>alert(1)</script></p>"), "post_type": 1,
        "reply_to_post_number": to, "created_at": "2026-10-31T10:00:00.000Z",
    })
}

#[tokio::test]
async fn a_video_opens_a_topic_and_replies_become_comments() {
    let (forum, address) = forum().await;
    let app = site(&address).await;
    app.user("ada").await;
    let video = film(&app, "A walk by the sea").await;
    let told = forum.told.lock().clone();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "open");
    assert_eq!(told[0].1["title"], "A walk by the sea");
    assert_eq!(told[0].1["category"], 5);
    let raw = told[0].1["raw"].as_str().unwrap();
    assert!(raw.starts_with("http://video.test/w/"), "{raw}");
    let path = format!("/api/v1/videos/{video}");
    let topic = app
        .get(&format!("{path}/forum-topic"))
        .await
        .expect(200)
        .json();
    assert_eq!(topic["url"], format!("{address}/t/a-film/42"));

    let first = reply(101, 2, "Lovely light", None);
    tell(&app, "post_created", &first, "wrong")
        .await
        .expect(403);
    tell(&app, "post_created", &first, HOOK).await.expect(204);
    tell(&app, "post_created", &first, HOOK).await.expect(204);
    tell(
        &app,
        "post_created",
        &reply(102, 3, "Thank you", Some(2)),
        HOOK,
    )
    .await
    .expect(204);
    let opening =
        json!({ "id": 100, "topic_id": 42, "post_number": 1, "username": "films", "cooked": "x" });
    tell(&app, "post_created", &opening, HOOK).await.expect(204);
    let mut elsewhere = reply(103, 2, "Other topic", None);
    elsewhere["topic_id"] = 77.into();
    tell(&app, "post_created", &elsewhere, HOOK)
        .await
        .expect(204);

    let threads = app
        .get(&format!("{path}/comment-threads"))
        .await
        .expect(200)
        .json();
    assert_eq!(threads["total"], 1, "{threads}");
    let thread = &threads["data"][0];
    assert_eq!(thread["account"]["displayName"], "Grace H.");
    assert_eq!(thread["account"]["name"], "grace");
    assert_eq!(thread["createdAt"], "2026-10-31T10:00:00.000Z");
    assert_eq!(thread["url"], format!("{address}/p/101"));
    assert_eq!(thread["totalReplies"], 1);
    let text = thread["text"].as_str().unwrap();
    assert!(
        text.contains("Lovely light") && !text.contains("script"),
        "{text}"
    );

    tell(
        &app,
        "post_edited",
        &reply(101, 2, "Lovely dusk", None),
        HOOK,
    )
    .await
    .expect(204);
    tell(
        &app,
        "post_destroyed",
        &reply(102, 3, "Thank you", Some(2)),
        HOOK,
    )
    .await
    .expect(204);
    let threads = app
        .get(&format!("{path}/comment-threads"))
        .await
        .expect(200)
        .json();
    let thread = &threads["data"][0];
    assert!(thread["text"].as_str().unwrap().contains("dusk"));
    assert_eq!(thread["totalReplies"], 0);
}

#[tokio::test]
async fn a_topic_follows_its_video() {
    let (forum, address) = forum().await;
    let app = site(&address).await;
    let ada = app.user("ada").await;
    let video = film(&app, "Glass").await;
    assert_eq!(forum.told.lock()[0].1["title"], "Glass – video at Vidicon");
    let path = format!("/api/v1/videos/{video}");
    let change = app
        .put(&path)
        .token(&ada)
        .json(json!({ "name": "Glass and more of it" }))
        .await;
    change.expect(204);
    app.run_jobs().await;
    app.delete(&path).token(&ada).await.expect(204);
    app.run_jobs().await;
    let told = forum.told.lock().clone();
    let kinds: Vec<&str> = told.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(kinds, ["open", "rename", "status"]);
    assert_eq!(told[1].1["title"], "Glass and more of it");
    assert_eq!(told[2].1["status"], "closed");
}

#[tokio::test]
async fn replies_that_no_webhook_told_are_found() {
    let (forum, address) = forum().await;
    let app = site(&address).await;
    app.user("ada").await;
    let video = film(&app, "A walk by the sea").await;
    let mut hidden = reply(105, 4, "Spam", None);
    hidden["hidden"] = true.into();
    *forum.posts.lock() = vec![reply(104, 3, "By and by", None), hidden];
    app.clock.advance(base::clock::HOUR);
    vidicon::jobs::add_regular(&app).await.unwrap();
    app.run_jobs().await;
    let threads = app
        .get(&format!("/api/v1/videos/{video}/comment-threads"))
        .await
        .json();
    assert_eq!(threads["total"], 1, "{threads}");
    assert!(
        threads["data"][0]["text"]
            .as_str()
            .unwrap()
            .contains("By and by")
    );
}

#[tokio::test]
async fn without_a_forum_nothing_is_there() {
    let app = TestApp::new().await;
    tell(&app, "post_created", &reply(1, 2, "x", None), HOOK)
        .await
        .expect(404);
}
