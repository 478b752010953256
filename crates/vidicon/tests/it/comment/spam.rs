//! The filter that learns from moderators what to hold.

use super::say;
use crate::app::TestApp;
use crate::video::add;
use base::clock::DAY;
use serde_json::{Value, json};

const TALK: [&str; 10] = [
    "Lovely light on the river, thanks for the walk",
    "Which lens did you take for the mountain scene?",
    "I baked this bread twice, the second was better",
    "The explanation of the compiler at minute four is wrong",
    "Beautiful guitar melody, what is it called?",
    "My garden looks like this too in spring",
    "Thanks for the careful subtitles in French",
    "The trail near the lake was closed last week",
    "What a funny ending, I watched it with my sister",
    "Good lecture, I learnt a lot about history",
];

fn trade(number: usize) -> String {
    format!(
        "Guaranteed bitcoin profit, contact the trader on telegram https://win{number}.example/join"
    )
}

async fn filtered() -> (TestApp, String) {
    let app = TestApp::with(|config| {
        let site = json!({ "spam": { "enabled": true } });
        config.site = site.as_object().cloned().unwrap();
    })
    .await;
    for name in ["ada", "bob", "eve", "mal"] {
        app.user(name).await;
    }
    let video = add(&app, "ada", "A walk", |_| {}).await;
    (app, format!("/api/v1/videos/{}", video.uuid))
}

async fn state(app: &TestApp) -> (i64, i64, bool) {
    let root = app.root().await;
    let state = app
        .get("/api/v1/spam-filter")
        .token(&root)
        .await
        .expect(200)
        .json();
    let number = |name: &str| state[name].as_i64().unwrap();
    (number("spam"), number("good"), state["isReady"] == true)
}

/// Says ordinary things and spam, and has a moderator take the spam away two days later.
async fn teach(app: &TestApp, video: &str) {
    let (bob, eve) = (
        app.login("bob", "password-1").await,
        app.login("eve", "password-1").await,
    );
    let threads = format!("{video}/comment-threads");
    for text in TALK {
        say(app, &bob, &threads, text).await;
    }
    let mut bad = Vec::new();
    for number in 0..8 {
        bad.push(say(app, &eve, &threads, &trade(number)).await["id"].clone());
    }
    app.clock.advance(2 * DAY);
    let root = app.root().await;
    for id in bad {
        let path = format!("{video}/comments/{id}");
        app.delete(&path).token(&root).await.expect(204);
    }
    assert_eq!(state(app).await, (8, 8, true));
}

/// The tokens of root and of ada, bob and mal.
async fn everybody(app: &TestApp) -> [String; 4] {
    let [ada, bob, mal] = ["ada", "bob", "mal"].map(|name| app.login(name, "password-1"));
    [app.root().await, ada.await, bob.await, mal.await]
}

#[tokio::test]
async fn what_moderators_removed_is_held_when_it_comes_again() {
    let (app, video) = filtered().await;
    teach(&app, &video).await;
    let [root, ada, bob, mal] = everybody(&app).await;
    let threads = format!("{video}/comment-threads");
    let bad = say(&app, &mal, &threads, &trade(99)).await;
    assert_eq!(bad["heldForReview"], true);
    let good = say(
        &app,
        &bob,
        &threads,
        "Thanks, which guitar is it in this lovely scene?",
    )
    .await;
    assert_eq!(good["heldForReview"], false);
    // The owner is trusted with any words.
    let own = say(&app, &ada, &threads, &trade(98)).await;
    assert_eq!(own["heldForReview"], false);

    for (list, token) in [
        ("/api/v1/videos/comments", &root),
        ("/api/v1/users/me/videos/comments", &ada),
    ] {
        let found = app.get(list).token(token).await.expect(200).json();
        let of = |id: &Value| {
            let all = found["data"].as_array().unwrap();
            all.iter().find(|it| it["id"] == *id).unwrap().clone()
        };
        let (bad, good) = (of(&bad["id"]), of(&good["id"]));
        assert!(bad["spamScore"].as_i64().unwrap() >= 90, "{bad}");
        assert!(
            bad["spamReasons"]
                .as_array()
                .unwrap()
                .contains(&json!("bitcoin")),
            "{bad}"
        );
        assert!(good["spamScore"].as_i64().unwrap() < 50, "{good}");
        assert_eq!(of(&own["id"])["spamScore"], Value::Null);
    }
    for page in ["/admin/comments?state=held", "/my/comments?state=held"] {
        let token = if page.starts_with("/admin") {
            &root
        } else {
            &ada
        };
        let page = app.get(page).token(token).await.expect(200).text();
        assert!(
            page.contains("Spam: ") && page.contains("bitcoin"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn only_moderators_teach_it_and_each_comment_counts_once() {
    let (app, video) = filtered().await;
    teach(&app, &video).await;
    let [root, ada, bob, mal] = everybody(&app).await;
    let threads = format!("{video}/comment-threads");
    // Neither the owner of the video nor the author.
    for token in [&ada, &bob] {
        let said = say(&app, &bob, &threads, "Which lens was it?").await;
        let path = format!("{video}/comments/{}", said["id"]);
        app.delete(&path).token(token).await.expect(204);
    }
    assert_eq!(state(&app).await, (8, 8, true));
    let held = say(&app, &mal, &threads, &trade(50)).await;
    let path = format!("{video}/comments/{}", held["id"]);
    app.post(&format!("{path}/approve"))
        .token(&root)
        .await
        .expect(204);
    assert_eq!(state(&app).await, (8, 9, true));
    // On second thoughts; and two ordinary ones are still there to balance it.
    app.delete(&path).token(&root).await.expect(204);
    assert_eq!(state(&app).await, (9, 9, true));

    say(&app, &mal, &threads, &trade(51)).await;
    say(&app, &mal, &threads, &trade(52)).await;
    let body = json!({ "accountName": "mal", "scope": "my-videos" });
    app.post("/api/v1/bulk/remove-comments-of")
        .token(&ada)
        .json(body)
        .await
        .expect(204);
    app.run_jobs().await;
    assert_eq!(state(&app).await, (9, 9, true), "an owner teaches nothing");
    say(&app, &mal, &threads, &trade(53)).await;
    let body = json!({ "accountName": "mal", "scope": "instance" });
    app.post("/api/v1/bulk/remove-comments-of")
        .token(&root)
        .json(body)
        .await
        .expect(204);
    app.run_jobs().await;
    assert_eq!(state(&app).await, (10, 10, true));

    // Forgetting.
    let reset = "/api/v1/spam-filter/reset";
    app.post(reset).await.expect(401);
    app.post(reset).token(&bob).await.expect(403);
    app.get("/api/v1/spam-filter").token(&bob).await.expect(403);
    let page = "/admin/comments/spam/reset";
    let asked = app.post(page).token(&root).form(&[]).await.expect(200);
    assert!(asked.text().contains("forget everything"));
    assert_eq!(state(&app).await, (10, 10, true));
    app.post(page)
        .token(&root)
        .form(&[("sure", "1")])
        .await
        .expect(303);
    assert_eq!(state(&app).await, (0, 0, false));
    let free = say(&app, &mal, &threads, &trade(54)).await;
    assert_eq!(free["heldForReview"], false);
}

#[tokio::test]
async fn a_filter_that_is_off_learns_and_holds_nothing() {
    let app = TestApp::new().await;
    let root = app.root().await;
    app.user("ada").await;
    let video = add(&app, "ada", "A walk", |_| {}).await;
    let threads = format!("/api/v1/videos/{}/comment-threads", video.uuid);
    let eve = app.user("eve").await;
    let said = say(&app, &eve, &threads, &trade(1)).await;
    let path = format!("/api/v1/videos/{}/comments/{}", video.uuid, said["id"]);
    app.delete(&path).token(&root).await.expect(204);
    assert_eq!(state(&app).await, (0, 0, false));
    let path = "/api/v1/config/custom";
    for (value, status) in [(json!(49), 400), (json!(101), 400), (json!(80), 200)] {
        let mut settings = app.get(path).token(&root).await.json();
        settings["spam"]["holdAbove"] = value;
        app.put(path)
            .token(&root)
            .json(settings)
            .await
            .expect(status);
    }
}
