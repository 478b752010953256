//! What goes out at once: over the socket, by webhook, to a mail server.

use super::{say, tell};
use crate::app::TestApp;
use crate::video::add;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Mutex;
use vidicon::notice::Notice;

/// A socket.io client that polls, as far as the tests need one.
struct Poller<'a> {
    app: &'a TestApp,
    path: String,
}

impl<'a> Poller<'a> {
    async fn connect(app: &'a TestApp, query: &str, namespace: &str) -> (Poller<'a>, String) {
        let start = format!("/socket.io/?EIO=4&transport=polling{query}");
        let opened = app.get(&start).await.expect(200).text();
        let hello: Value = serde_json::from_str(opened.strip_prefix('0').unwrap()).unwrap();
        let path = format!("{start}&sid={}", hello["sid"].as_str().unwrap());
        let poller = Poller { app, path };
        poller.send(&format!("40{namespace},")).await;
        let answer = poller.next().await;
        (poller, answer)
    }

    async fn send(&self, packet: &str) {
        let call = self.app.post(&self.path);
        call.bytes("text/plain;charset=UTF-8", packet.as_bytes().to_vec())
            .await
            .expect(200);
    }

    async fn next(&self) -> String {
        self.app.get(&self.path).await.expect(200).text()
    }
}

#[tokio::test]
async fn news_come_over_the_socket() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    let namespace = "/user-notifications";
    let (_, refused) = Poller::connect(&app, "&accessToken=wrong", namespace).await;
    assert!(refused.starts_with("44/user-notifications,"), "{refused}");
    let (poller, joined) = Poller::connect(&app, &format!("&accessToken={ada}"), namespace).await;
    assert!(joined.starts_with("40/user-notifications,"), "{joined}");
    say(&app, &bob, &video, "hello").await;
    app.run_jobs().await;
    let event = poller.next().await;
    let event = event
        .strip_prefix("42/user-notifications,")
        .unwrap_or_else(|| panic!("{event}"));
    let event: Value = serde_json::from_str(event).unwrap();
    assert_eq!(event[0], "new-notification");
    let listed = app.get(super::LIST).token(&ada).await.json();
    assert_eq!(event[1], listed["data"][0]);
}

#[tokio::test]
async fn runners_hear_of_work_over_the_socket() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let runner = crate::runner::join(&app, &root, "a runner").await;
    let (poller, _) = Poller::connect(&app, "", "/").await;
    poller.send("40/runners,{\"runnerToken\":\"wrong\"}").await;
    let refused = poller.next().await;
    assert!(refused.starts_with("44/runners,"), "{refused}");
    poller
        .send(&format!("40/runners,{{\"runnerToken\":\"{runner}\"}}"))
        .await;
    let joined = poller.next().await;
    assert!(joined.starts_with("40/runners,"), "{joined}");
    let video = add(&app, "root", "To be encoded", |_| {}).await;
    let mut tx = app.db.begin().await.unwrap();
    let job = vidicon::runner::NewRunnerJob {
        uuid: video.uuid,
        kind: "vod-hls-transcoding",
        payload: json!({}),
        private_payload: json!({}),
        answered_by: vidicon::runner::RENDITION_ANSWER,
        video_id: video.id,
        priority: 1,
        needs: None,
    };
    vidicon::runner::add(&mut tx, &job, crate::app::START)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(poller.next().await, "42/runners,[\"available-jobs\"]");
}

#[tokio::test]
async fn those_who_watch_a_live_hear_how_it_goes() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let video = add(&app, "ada", "On air", |new| {
        new.is_live = true;
        new.state = vidicon::video::VideoState::WaitingForLive;
    })
    .await;
    let (poller, _) = Poller::connect(&app, "", "/live-videos").await;
    poller
        .send(&format!(
            "42/live-videos,[\"subscribe\",{{\"videoId\":{}}}]",
            video.id
        ))
        .await;
    let first = poller.next().await;
    assert!(
        first.contains("[\"views-change\",{\"viewers\":0}]"),
        "{first}"
    );
    let mut tx = app.db.begin().await.unwrap();
    vidicon::video::set_state(&mut tx, video.id, vidicon::video::VideoState::Published)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.live.wake();
    let second = poller.next().await;
    assert!(
        second.contains("[\"state-change\",{\"state\":1}]"),
        "{second}"
    );
}

type Calls = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A program that is called, and answers with this status.
async fn listener(status: u16) -> (String, Calls) {
    let calls = Calls::default();
    let kept = Arc::clone(&calls);
    let router = axum::Router::new().route(
        "/hook",
        axum::routing::post(async move |headers: HeaderMap, body: String| {
            kept.lock().await.push((headers, body));
            axum::http::StatusCode::from_u16(status).unwrap()
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (format!("http://{address}/hook"), calls)
}

fn is_signed(secret: &str, headers: &HeaderMap, body: &str) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(
        format!(
            "{}.{}.{body}",
            text("webhook-id"),
            text("webhook-timestamp")
        )
        .as_bytes(),
    );
    text("webhook-signature") == format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn programs_are_told_with_a_signature() {
    let app = TestApp::with(|config| config.server.allow_private_addresses = true).await;
    let (root, bob) = (app.root().await, app.user("bob").await);
    let (url, calls) = listener(204).await;
    let hooks = "/api/v1/webhooks";
    app.post(hooks)
        .token(&bob)
        .json(json!({ "url": url }))
        .await
        .expect(403);
    for wrong in [
        json!({}),
        json!({ "url": "ftp://a" }),
        json!({ "url": url, "events": ["x"] }),
    ] {
        app.post(hooks).token(&root).json(wrong).await.expect(400);
    }
    let wanted = json!({ "url": url, "events": ["comment.created", "live.started"] });
    let made = app
        .post(hooks)
        .token(&root)
        .json(wanted)
        .await
        .expect(200)
        .json()["webhook"]
        .clone();
    let secret = made["secret"].as_str().unwrap();
    let video = add(&app, "bob", "A walk", |_| {}).await.uuid.to_string();
    let root_says = say(&app, &root, &video, "hello").await;
    app.run_jobs().await;
    let heard = calls.lock().await.clone();
    assert_eq!(heard.len(), 1, "{heard:?}");
    let (headers, body) = &heard[0];
    assert!(is_signed(secret, headers, body));
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["type"], "comment.created");
    assert_eq!(body["data"]["comment"]["id"], root_says["id"]);
    assert_eq!(body["data"]["comment"]["text"], "hello");
    add(&app, "bob", "On air", |new| new.is_live = true).await;
    app.run_jobs().await;
    assert!(calls.lock().await[1].1.contains("\"live.started\""));
    let one = format!("{hooks}/{}", made["id"]);
    app.post(&format!("{one}/test"))
        .token(&root)
        .await
        .expect(204);
    app.run_jobs().await;
    let list = app.get(hooks).token(&root).await.expect(200).json();
    assert_eq!(
        (&list["total"], &list["data"][0]["lastStatus"]),
        (&json!(1), &json!(204))
    );
    app.put(&one)
        .token(&root)
        .json(json!({ "enabled": false }))
        .await
        .expect(204);
    say(&app, &root, &video, "again").await;
    app.run_jobs().await;
    assert_eq!(calls.lock().await.len(), 3);
    app.delete(&one).token(&root).await.expect(204);
    app.delete(&one).token(&root).await.expect(404);
}

#[tokio::test]
async fn a_webhook_that_is_gone_is_not_called_again() {
    let app = TestApp::with(|config| config.server.allow_private_addresses = true).await;
    let root = app.root().await;
    app.user("ada").await;
    let (url, calls) = listener(410).await;
    let made = app
        .post("/api/v1/webhooks")
        .token(&root)
        .json(json!({ "url": url }))
        .await;
    made.expect(200);
    let video = add(&app, "ada", "A walk", |_| {}).await;
    tell(
        &app,
        Notice::Unblocked {
            video_id: video.id.0,
        },
    )
    .await;
    tell(
        &app,
        Notice::Unblocked {
            video_id: video.id.0,
        },
    )
    .await;
    assert_eq!(calls.lock().await.len(), 1);
    let list = app.get("/api/v1/webhooks").token(&root).await.json();
    assert_eq!(
        (&list["data"][0]["enabled"], &list["data"][0]["lastStatus"]),
        (&json!(false), &json!(410))
    );
}

#[tokio::test]
async fn a_test_letter_says_what_is_wrong() {
    let app = TestApp::new().await;
    let (root, bob) = (app.root().await, app.user("bob").await);
    let test = "/api/v1/server/mail/test";
    app.post(test).token(&bob).await.expect(403);
    app.post(test).token(&root).await.expect(409);
    // A port that was free a moment ago, on which nobody answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let app = TestApp::with(|config| {
        config.mail.host = "127.0.0.1".to_owned();
        config.mail.port = port;
        config.mail.tls = "none".to_owned();
    })
    .await;
    let root = app.root().await;
    app.post(test)
        .token(&root)
        .json(json!({ "email": "nobody" }))
        .await
        .expect(400);
    let answer = app.post(test).token(&root).await.expect(502).json();
    assert_eq!(answer["code"], "mail_not_sent");
    assert!(
        answer["detail"].as_str().unwrap().contains("mail.port"),
        "{answer}"
    );
    let app = super::with_mail().await;
    let root = app.root().await;
    app.post(test)
        .token(&root)
        .json(json!({ "email": "x@example.org" }))
        .await
        .expect(204);
    let kept = app.mail.take_kept();
    assert_eq!((kept.len(), kept[0].to.as_str()), (1, "x@example.org"));
}

#[tokio::test]
async fn rooms_are_told_in_the_form_that_they_take() {
    let app = TestApp::with(|config| config.server.allow_private_addresses = true).await;
    let (root, bob) = (app.root().await, app.user("bob").await);
    let hooks = "/api/v1/webhooks";
    let mut heard = Vec::new();
    for form in ["discord", "matrix"] {
        let (url, calls) = listener(204).await;
        let wanted = json!({ "url": url, "form": form, "events": ["comment.created", "test"] });
        let made = app
            .post(hooks)
            .token(&root)
            .json(wanted)
            .await
            .expect(200)
            .json();
        assert_eq!(made["webhook"]["form"], form);
        let id = made["webhook"]["id"].clone();
        heard.push((calls, format!("{hooks}/{id}")));
    }
    let wrong = json!({ "url": "https://a.example", "form": "irc" });
    app.post(hooks).token(&root).json(wrong).await.expect(400);
    let video = add(&app, "root", "A <b>walk</b> @everyone", |_| {}).await;
    say(&app, &bob, &video.uuid.to_string(), "hello").await;
    app.run_jobs().await;
    let body = async |which: usize, call: usize| -> Value {
        serde_json::from_str(&heard[which].0.lock().await[call].1).unwrap()
    };
    let discord = body(0, 0).await;
    let content = discord["content"].as_str().unwrap();
    assert!(content.contains(r"walk\<\/b\> \@everyone"), "{content}");
    assert!(
        content.contains("bob") && content.contains("/w/"),
        "{content}"
    );
    assert_eq!(discord["allowed_mentions"]["parse"], json!([]));
    let matrix = body(1, 0).await;
    assert!(
        matrix["text"].as_str().unwrap().contains("A <b>walk</b>"),
        "{matrix}"
    );
    assert!(
        matrix["html"].as_str().unwrap().contains("A &lt;b&gt;walk"),
        "{matrix}"
    );
    let one = &heard[0].1;
    app.post(&format!("{one}/test"))
        .token(&root)
        .await
        .expect(204);
    app.run_jobs().await;
    assert!(
        body(0, 1).await["content"]
            .as_str()
            .unwrap()
            .contains("test")
    );
    // Back to the signed event.
    app.put(one)
        .token(&root)
        .json(json!({ "form": "standard" }))
        .await
        .expect(204);
    app.post(&format!("{one}/test"))
        .token(&root)
        .await
        .expect(204);
    app.run_jobs().await;
    assert_eq!(body(0, 2).await["type"], "test");
    println!("discord: {discord}\nmatrix: {matrix}");
}
