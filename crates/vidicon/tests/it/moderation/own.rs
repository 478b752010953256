//! The page of one's own reports.

use super::{moderator, report};
use crate::app::TestApp;
use crate::studio::Browser;
use crate::video::add as add_video;
use serde_json::json;

#[tokio::test]
async fn people_follow_what_they_have_reported() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.user("bob").await;
    let video = crate::video::add(&app, "root", "Loud thing", |_| {}).await;
    let id = report(
        &app,
        &ada,
        json!({ "reason": "It is <b>too</b> loud", "video": { "id": video.id } }),
    )
    .await;
    let browser = Browser::new(&app, "ada", "password-1").await;
    let list = browser.get("/my/reports").await.expect(200).text();
    assert!(
        list.contains("Loud thing") && list.contains("Waiting"),
        "{list}"
    );
    let one = format!("/my/reports/{id}");
    let page = browser.get(&one).await.expect(200).text();
    assert!(page.contains("too") && !page.contains("<b>too</b>"));
    assert!(
        browser
            .post(&one)
            .form(&[("message", "x")])
            .await
            .expect(400)
            .text()
            .contains(">x</textarea>")
    );
    browser
        .post(&one)
        .form(&[("message", "Louder still")])
        .await
        .expect(303);
    let root = app.root().await;
    app.post(&format!("/api/v1/abuses/{id}/messages"))
        .token(&root)
        .json(json!({ "message": "We listen" }))
        .await
        .expect(200);
    app.put(&format!("/api/v1/abuses/{id}"))
        .token(&root)
        .json(json!({ "state": 3, "moderationComment": "for us alone" }))
        .await
        .expect(204);
    let page = browser.get(&one).await.expect(200).text();
    for words in ["Louder still", "We listen", "Accepted"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("for us alone"));
    assert!(
        browser
            .get("/my/reports")
            .await
            .text()
            .contains("2 messages")
    );
    Browser::new(&app, "bob", "password-1")
        .await
        .get(&one)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_button_mutes_an_account_and_a_page_has_all_mutes() {
    let app = TestApp::new().await;
    let (ada, _) = (app.user("ada").await, app.user("bob").await);
    let staff = moderator(&app, "mona").await;
    let browser = Browser::new(&app, "ada", "password-1").await;
    let look = async |path: &str| browser.get(path).await.expect(200).text();
    assert!(!look("/a/ada").await.contains("/a/ada/mute"), "not oneself");
    assert!(!look("/a/bob").await.contains("You have muted them"));
    browser.post("/a/bob/mute").form(&[]).await.expect(303);
    let html = look("/a/bob").await;
    assert!(html.contains("You have muted them") && html.contains("name=\"stop\""));
    assert!(look("/c/bob_channel").await.contains("You have muted them"));
    assert!(!html.contains("/admin/notes/bob"), "for moderators only");
    assert!(look("/my/mutes").await.contains("value=\"open:bob\""));
    let status = "/api/v1/blocklist/status?accounts[]=bob";
    let status = async || app.get(status).token(&ada).await.expect(200).json();
    assert_eq!(status().await["accounts"]["bob"]["blockedByUser"], true);
    let act = async |path: &str, fields: &[(&str, &str)]| browser.post(path).form(fields).await;
    act("/my/mutes", &[("act", "open:bob")]).await.expect(303);
    assert_eq!(status().await["accounts"]["bob"]["blockedByUser"], false);
    for who in ["nobody", "ada", ""] {
        let refused = act("/my/mutes", &[("act", "mute"), ("who", who)]).await;
        refused.expect(400);
    }
    let servers = "/my/mutes?of=servers";
    act(servers, &[("act", "mute"), ("who", "far.example")])
        .await
        .expect(303);
    assert!(look(servers).await.contains("open:far.example"));
    act(servers, &[("act", "open:far.example")])
        .await
        .expect(303);
    assert!(!look(servers).await.contains("open:far.example"));
    app.post("/api/v1/server/blocklist/accounts")
        .token(&staff)
        .json(json!({ "accountName": "bob" }))
        .await
        .expect(204);
    assert!(look("/a/bob").await.contains("Muted for everybody here"));
    let moderator = Browser::new(&app, "mona", "password-1").await;
    let html = moderator.get("/a/bob").await.expect(200).text();
    assert!(html.contains("/admin/notes/bob"), "{html}");
}

#[tokio::test]
async fn moderators_tick_reports_and_decide_on_all() {
    let app = TestApp::new().await;
    let bob = app.user("bob").await;
    moderator(&app, "mona").await;
    let video = add_video(&app, "root", "A walk", |_| {}).await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        let body = json!({ "reason": "spam", "video": { "id": video.id } });
        ids.push(report(&app, &bob, body).await.to_string());
    }
    let browser = Browser::new(&app, "mona", "password-1").await;
    let html = browser.get("/admin/reports").await.expect(200).text();
    assert_eq!(html.matches("form=\"many\" name=\"id\"").count(), 10);
    let act = async |fields: &[(&str, &str)]| browser.post("/admin/reports").form(fields).await;
    act(&[("act", "accept")]).await.expect(303);
    act(&[("act", "paint"), ("id", &ids[0])]).await.expect(400);
    let open = async || {
        let html = browser.get("/admin/reports").await.expect(200).text();
        html.matches("form=\"many\" name=\"id\"").count()
    };
    assert_eq!(open().await, 10);
    let all = ids.iter().map(|id| ("id", id.as_str()));
    let all: Vec<(&str, &str)> = std::iter::once(("act", "accept")).chain(all).collect();
    act(&all).await.expect(303);
    assert_eq!(open().await, 0);
    let list = app.get("/api/v1/abuses?state=3").token(&app.root().await);
    assert_eq!(list.await.json()["total"], 10);
}
