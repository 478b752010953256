//! Tags that videos get by themselves, and videos that are held back for them.

use crate::app::TestApp;
use crate::video::{add, names};
use serde_json::{Value, json};

const POLICY: &str = "/api/v1/automatic-tags/policies/server/videos";

async fn list_of_words(app: &TestApp, root: &str, name: &str, words: Value) -> i64 {
    let made = app
        .post("/api/v1/watched-words/server/lists")
        .token(root)
        .json(json!({ "listName": name, "words": words }))
        .await
        .expect(200)
        .json();
    made["watchedWordsList"]["id"].as_i64().unwrap()
}

async fn say(app: &TestApp, token: &str, uuid: &str, change: Value) {
    app.put(&format!("/api/v1/videos/{uuid}"))
        .token(token)
        .json(change)
        .await
        .expect(204);
}

async fn tagged(app: &TestApp, token: &str, query: &str) -> Value {
    app.get(&format!("/api/v1/videos?include=66&{query}"))
        .token(token)
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn a_tag_that_blocks_holds_a_video_back_until_somebody_has_looked() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let list = list_of_words(&app, &root, "boats", json!(["yawl", "ketch"])).await;
    app.put(POLICY)
        .token(&root)
        .json(json!({ "autoBlock": ["boats"] }))
        .await
        .expect(204);
    let video = add(&app, "ada", "By the sea", |_| {})
        .await
        .uuid
        .to_string();
    let path = format!("/api/v1/videos/{video}");
    let link = json!({ "description": "See https://elsewhere.test/x" });
    say(&app, &ada, &video, link).await;
    app.get(&path).await.expect(200);
    let shown = tagged(&app, &root, "autoTagOneOf=external-link").await;
    assert_eq!(names(&shown), ["By the sea"]);
    assert_eq!(shown["data"][0]["automaticTags"], json!(["external-link"]));
    assert_eq!(tagged(&app, &root, "autoTagOneOf=boats").await["total"], 0);
    say(&app, &ada, &video, json!({ "name": "A Ketch by the sea" })).await;
    app.run_jobs().await;
    app.get(&path).await.expect(401);
    let blocks = app
        .get("/api/v1/videos/blacklist?type=2")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(blocks["total"], 1);
    let told = app
        .get("/api/v1/users/me/notifications")
        .token(&root)
        .await
        .json();
    assert_eq!(told["data"][0]["type"], 12);
    let shown = tagged(&app, &root, "autoTagOneOf=boats").await;
    assert_eq!(
        shown["data"][0]["automaticTags"],
        json!(["boats", "external-link"])
    );
    app.delete(&format!("{path}/blacklist"))
        .token(&root)
        .await
        .expect(204);
    // What was looked at is not held back again for the same tag.
    say(&app, &ada, &video, json!({ "description": "A ketch" })).await;
    app.get(&path).await.expect(200);
    app.put(&format!("/api/v1/watched-words/server/lists/{list}"))
        .token(&root)
        .json(json!({ "listName": "ships" }))
        .await
        .expect(204);
    let policy = app.get(POLICY).token(&root).await.expect(200).json();
    assert_eq!(policy["autoBlock"], json!(["ships"]));
    assert_eq!(tagged(&app, &root, "autoTagOneOf=ships").await["total"], 1);
    app.delete(&format!("/api/v1/watched-words/server/lists/{list}"))
        .token(&root)
        .await
        .expect(204);
    let policy = app.get(POLICY).token(&root).await.expect(200).json();
    assert_eq!(policy["autoBlock"], json!([]));
}

#[tokio::test]
async fn those_who_pass_by_the_quarantine_pass_here() {
    let app = TestApp::new().await;
    let root = app.root().await;
    list_of_words(&app, &root, "boats", json!(["ketch"])).await;
    app.put(POLICY)
        .token(&root)
        .json(json!({ "autoBlock": ["boats"] }))
        .await
        .expect(204);
    let video = add(&app, "root", "By the sea", |_| {})
        .await
        .uuid
        .to_string();
    say(&app, &root, &video, json!({ "name": "A ketch" })).await;
    app.get(&format!("/api/v1/videos/{video}"))
        .await
        .expect(200);
    assert_eq!(tagged(&app, &root, "autoTagOneOf=boats").await["total"], 1);
    app.get("/api/v1/videos?autoTagOneOf=boats")
        .await
        .expect(401);
}

#[tokio::test]
async fn an_uploaded_video_gets_its_tags_before_anybody_sees_it() {
    let app = TestApp::new().await;
    let root = app.root().await;
    app.user("ada").await;
    list_of_words(&app, &root, "boats", json!(["ketch"])).await;
    app.put(POLICY)
        .token(&root)
        .json(json!({ "autoBlock": ["boats"] }))
        .await
        .expect(204);
    let ada = app.login("ada", "password-1").await;
    let channel = crate::upload::channel(&app, "ada").await.to_string();
    let more = [
        ("name", "A ketch comes in"),
        ("channelId", channel.as_str()),
    ];
    let video = crate::upload::upload(&app, &ada, &crate::clips::COPIED, &more).await;
    let path = format!("/api/v1/videos/{}", video["uuid"].as_str().unwrap());
    app.get(&path).await.expect(401);
    let held = tagged(&app, &root, "autoTagOneOf=boats").await;
    assert_eq!(names(&held), ["A ketch comes in"]);
}
