//! Requests that are sent again because nobody knows whether they arrived.

use crate::app::TestApp;
use crate::{clips, upload};
use base::clock::MINUTE;
use base::db::Query;
use serde_json::{Value, json};

#[tokio::test]
async fn an_upload_sent_again_with_its_key_makes_one_video() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let content = clips::bytes(&clips::SILENT).await;
    let channel = upload::channel(&app, "ada").await.to_string();
    let send = async |key: &str, name: &str, channel: &str| {
        app.post("/api/v1/videos/upload")
            .token(&ada)
            .header("idempotency-key", key)
            .multipart(
                &[("name", name), ("channelId", channel), ("privacy", "1")],
                &[("videofile", "a.mp4", "video/mp4", content.as_slice())],
            )
            .await
    };
    let refused = send("k1", "a clip", "999999").await;
    assert!(refused.status.is_client_error(), "which uses no key up");
    let first = send("k1", "a clip", &channel).await.expect(200);
    assert!(!first.headers.contains_key("idempotency-replayed"));
    let again = send("k1", "a clip", &channel).await.expect(200);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["content-type"], first.headers["content-type"]);
    assert_eq!(again.json(), first.json());
    let other = send("k2", "another", &channel).await.expect(200);
    assert_ne!(other.json(), first.json());
    let mine = app.get("/api/v1/users/me/videos").token(&ada).await;
    assert_eq!(mine.expect(200).json()["total"], 2);
    let post = |path: &str, key: &str, body: Value| {
        let request = app.post(path).token(&ada).header("idempotency-key", key);
        request.json(body)
    };
    let playlist = json!({ "displayName": "a list", "privacy": 3 });
    let reused = post("/api/v1/video-playlists", "k1", playlist).await;
    assert_eq!(reused.expect(422).json()["code"], "idempotency_key_reused");
    let talk = format!(
        "/api/v1/videos/{}/comment-threads",
        first.json()["video"]["uuid"].as_str().unwrap()
    );
    let said = async || post(&talk, "k3", json!({ "text": "said once" })).await;
    let (one, two) = futures::join!(said(), said());
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert!(
        statuses == [200, 200] || statuses == [200, 409],
        "{statuses:?}"
    );
    let threads = app.get(&talk).token(&ada).await.expect(200).json();
    assert_eq!(threads["total"], 1);
    let others = post(&talk, "k3", json!({ "text": "something else" })).await;
    assert_eq!(others.expect(422).json()["code"], "idempotency_key_reused");
    let wrong = post(&talk, "with space", json!({ "text": "x" })).await;
    assert_eq!(wrong.expect(400).json()["code"], "idempotency_key_invalid");
    app.clock.advance(2 * base::clock::DAY);
    let ada = app.login("ada", "password-1").await;
    let late = app.post("/api/v1/video-playlists").token(&ada);
    let late = late.header("idempotency-key", "k1");
    let playlist = json!({ "displayName": "a list", "privacy": 3 });
    late.json(playlist).await.expect(200);
}

#[tokio::test]
async fn a_key_whose_request_was_lost_is_free_after_a_while() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    Query::new(
        "INSERT INTO idempotent_answer (user_id, key, request, created_at)
         SELECT id, 'k1', 'POST /api/v1/video-playlists', $1 FROM users WHERE username = 'ada'",
    )
    .bind(app.clock.now())
    .execute(&app.db)
    .await
    .unwrap();
    let ask = async || {
        let playlist = json!({ "displayName": "a list", "privacy": 3 });
        let request = app.post("/api/v1/video-playlists").token(&ada);
        request.header("idempotency-key", "k1").json(playlist).await
    };
    app.clock.advance(2 * MINUTE);
    let early = ask().await.expect(409);
    assert_eq!(early.json()["code"], "idempotency_key_in_use");
    app.clock.advance(2 * MINUTE);
    let first = ask().await.expect(200);
    assert_eq!(ask().await.expect(200).json(), first.json());
}
