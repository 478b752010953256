//! Letters about the state of the site: to administrators when something goes bad, and one to try.

use crate::app::TestApp;
use base::clock::DAY;
use serde_json::json;

async fn site() -> TestApp {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    let root = app.root().await;
    let body = json!({ "email": "root@example.org" });
    let me = app.get("/api/v1/users/me").token(&root).await.json();
    let path = format!("/api/v1/users/{}", me["id"]);
    app.put(&path).token(&root).json(body).await.expect(204);
    app.mail.take_kept();
    app
}

async fn an_hour_later(app: &TestApp, days: i64) -> Vec<vidicon::mail::Letter> {
    app.clock.advance(days * DAY);
    vidicon::jobs::add_regular(app).await.unwrap();
    app.run_jobs().await;
    let all = app.mail.take_kept();
    all.into_iter()
        .filter(|letter| letter.subject.contains("needs you"))
        .collect()
}

#[tokio::test]
async fn new_trouble_is_told_once_and_again_after_a_week() {
    let app = site().await;
    assert_eq!(an_hour_later(&app, 0).await, []);
    let storage = app.folder.path().join("storage");
    std::fs::remove_dir_all(&storage).ok();
    std::fs::write(&storage, "in the way").unwrap();
    let letters = an_hour_later(&app, 1).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "root@example.org");
    assert!(
        letters[0].text.contains("Files: Files cannot be kept"),
        "{}",
        letters[0].text
    );
    assert!(letters[0].text.contains("[storage]"));
    assert_eq!(an_hour_later(&app, 1).await, []);
    assert_eq!(an_hour_later(&app, 7).await.len(), 1);
    std::fs::remove_file(&storage).unwrap();
    assert_eq!(an_hour_later(&app, 1).await, []);
}

#[tokio::test]
async fn an_administrator_can_try_the_mail_out() {
    let app = site().await;
    let root = app.root().await;
    app.post("/api/v1/server/mail/test")
        .token(&root)
        .await
        .expect(204);
    let letters = app.mail.take_kept();
    assert_eq!(
        (letters.len(), letters[0].to.as_str()),
        (1, "root@example.org")
    );
    let ada = app.user("ada").await;
    app.post("/api/v1/server/mail/test")
        .token(&ada)
        .await
        .expect(403);

    let app = TestApp::with(|config| {
        config.mail.host = "127.0.0.1".to_owned();
        config.mail.port = 9;
        config.mail.tls = "none".to_owned();
    })
    .await;
    let root = app.root().await;
    let answer = app
        .post("/api/v1/server/mail/test")
        .token(&root)
        .await
        .expect(502);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("mail.host"), "{detail}");
}
