//! The page of one's own reports.

use super::report;
use crate::app::TestApp;
use crate::studio::Browser;
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
