//! The ways in which people are told: the choice, the language, the link that stops, the daily mail.

use super::{choose, list, say, with_mail};
use crate::video::add;
use base::clock::DAY;
use serde_json::json;

#[tokio::test]
async fn each_hears_in_the_way_and_language_chosen() {
    let app = with_mail().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.mail.take_kept();
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    app.put("/api/v1/users/me")
        .token(&ada)
        .json(json!({ "language": "de" }))
        .await
        .expect(204);
    for (bits, rows, mails) in [(0, 0, 0), (1, 1, 0), (2, 1, 1), (3, 2, 1)] {
        choose(&app, &ada, "newCommentOnMyVideo", bits).await;
        say(&app, &bob, &video, "A *fine* walk").await;
        app.run_jobs().await;
        assert_eq!(list(&app, &ada, "").await["total"], rows);
        let kept = app.mail.take_kept();
        assert_eq!(kept.len(), mails, "{bits}");
        let Some(mail) = kept.first() else { continue };
        assert_eq!(mail.to, "ada@example.org");
        assert!(
            mail.subject
                .contains("Neuer Kommentar zu deinem Video A walk"),
            "{}",
            mail.subject
        );
        assert!(mail.text.contains("> A *fine* walk") && mail.text.contains(";threadId="));
    }
}

#[tokio::test]
async fn the_link_in_a_mail_stops_such_mails() {
    let app = with_mail().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    choose(&app, &ada, "newCommentOnMyVideo", 3).await;
    app.mail.take_kept();
    say(&app, &bob, &video, "one").await;
    app.run_jobs().await;
    let text = app.mail.take_kept()[0].text.clone();
    let link = text
        .split_whitespace()
        .find(|word| word.contains("/unsubscribe?"))
        .unwrap();
    let path = link.strip_prefix("http://video.test").unwrap();
    let page = app.get(path).await.expect(200);
    assert!(page.text().contains("<form method=\"post\""));
    app.post(&path.replace("token=", "token=00"))
        .await
        .expect(403);
    app.post(&path.replace("newCommentOnMyVideo", "newFollow"))
        .await
        .expect(403);
    app.post(path)
        .form(&[("List-Unsubscribe", "One-Click")])
        .await
        .expect(200);
    let me = app.get("/api/v1/users/me").token(&ada).await.json();
    assert_eq!(me["notificationSettings"]["newCommentOnMyVideo"], 1);
    say(&app, &bob, &video, "two").await;
    app.run_jobs().await;
    assert!(app.mail.take_kept().is_empty());
}

#[tokio::test]
async fn a_digest_gathers_a_day() {
    let app = with_mail().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    choose(&app, &ada, "newCommentOnMyVideo", 2).await;
    app.put("/api/v1/users/me")
        .token(&ada)
        .json(json!({ "mailDigest": true }))
        .await
        .expect(204);
    app.mail.take_kept();
    for text in ["one", "two"] {
        say(&app, &bob, &video, text).await;
    }
    app.run_jobs().await;
    vidicon::notification::digest::send(&app).await.unwrap();
    app.run_jobs().await;
    assert!(app.mail.take_kept().is_empty());
    app.clock.advance(DAY + 1);
    for _ in 0..2 {
        vidicon::notification::digest::send(&app).await.unwrap();
        app.run_jobs().await;
    }
    let kept = app.mail.take_kept();
    assert_eq!(kept.len(), 1);
    assert!(
        kept[0].subject.contains("2 pieces of news"),
        "{}",
        kept[0].subject
    );
    assert_eq!(
        kept[0]
            .text
            .matches("New comment on your video A walk")
            .count(),
        2
    );
}
