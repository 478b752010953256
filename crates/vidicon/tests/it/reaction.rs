//! Emoji under videos: each counted once, for those who may see them.

use crate::app::TestApp;
use crate::video::add;
use futures::future::join_all;
use serde_json::{Value, json};
use vidicon::video::Privacy;

/// `❤️`, `😂` and `🎉` as they stand in addresses.
const HEART: &str = "%E2%9D%A4%EF%B8%8F";
const PLAIN_HEART: &str = "%E2%9D%A4";
const LAUGH: &str = "%F0%9F%98%82";
const PARTY: &str = "%F0%9F%8E%89";

async fn counted(app: &TestApp, video: &str, token: Option<&str>) -> Vec<(String, i64, bool)> {
    let path = format!("/api/v1/videos/{video}/reactions");
    let call = app.get(&path);
    let call = match token {
        Some(token) => call.token(token),
        None => call,
    };
    let found = call.await.expect(200).json();
    let all = found["data"].as_array().unwrap();
    let sum: i64 = all.iter().map(|it| it["count"].as_i64().unwrap()).sum();
    assert_eq!(found["total"], sum);
    let chosen = all
        .iter()
        .filter(|it| it["count"] != 0 || it["mine"] == true);
    let chosen = chosen.map(|it| {
        let emoji = it["emoji"].as_str().unwrap().to_owned();
        (emoji, it["count"].as_i64().unwrap(), it["mine"] == true)
    });
    chosen.collect()
}

fn one(emoji: &str, count: i64, mine: bool) -> Vec<(String, i64, bool)> {
    vec![(emoji.to_owned(), count, mine)]
}

#[tokio::test]
async fn an_emoji_of_somebody_counts_once_however_often_it_is_sent() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    let at = |emoji: &str| format!("/api/v1/videos/{video}/reactions/{emoji}");
    app.put(&at(HEART)).await.expect(401);
    // Eight times at once, with and without the sign that asks for colours.
    let clicks = (0..8).map(|n| {
        let path = at(if n % 2 == 0 { HEART } else { PLAIN_HEART });
        let call = app.put(&path).token(&bob);
        async move { call.await.status.as_u16() }
    });
    let answers = join_all(clicks.collect::<Vec<_>>()).await;
    assert_eq!(answers, [204; 8]);
    assert_eq!(counted(&app, &video, None).await, one("❤️", 1, false));
    assert_eq!(counted(&app, &video, Some(&bob)).await, one("❤️", 1, true));
    app.put(&at(HEART)).token(&ada).await.expect(204);
    app.put(&at(LAUGH)).token(&ada).await.expect(204);
    let both = [("❤️".to_owned(), 2, true), ("😂".to_owned(), 1, true)];
    assert_eq!(counted(&app, &video, Some(&ada)).await, both);
    let shown = app.get(&format!("/api/v1/videos/{video}")).await.json();
    assert_eq!(shown["likes"], 0, "the shapes of PeerTube stay as they are");
    for _ in 0..2 {
        app.delete(&at(HEART)).token(&ada).await.expect(204);
    }
    app.delete(&at(LAUGH)).token(&ada).await.expect(204);
    assert_eq!(counted(&app, &video, None).await, one("❤️", 1, false));
    for wrong in ["%F0%9F%92%A9", "x", "%00"] {
        app.put(&at(wrong)).token(&bob).await.expect(400);
    }
    app.put("/api/v1/videos/999/reactions/x")
        .token(&bob)
        .await
        .expect(404);
}

#[tokio::test]
async fn who_may_not_see_or_say_anything_does_not_react() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let private = add(&app, "ada", "Mine", |new| new.privacy = Privacy::Private).await;
    let path = format!("/api/v1/videos/{}/reactions", private.uuid);
    app.get(&path).await.expect(401);
    app.put(&format!("{path}/{HEART}"))
        .token(&bob)
        .await
        .expect(403);
    app.put(&format!("{path}/{HEART}"))
        .token(&ada)
        .await
        .expect(204);

    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    let path = format!("/api/v1/videos/{video}/reactions");
    for token in [&bob, &eve] {
        app.put(&format!("{path}/{PARTY}"))
            .token(token)
            .await
            .expect(204);
    }
    // Bob does not want to know of Eve; everybody else counts her until the maker mutes her too.
    let mute = |token: String| {
        let call = app.post("/api/v1/users/me/blocklist/accounts");
        call.token(&token).json(json!({ "accountName": "eve" }))
    };
    mute(bob.clone()).await.expect(204);
    assert_eq!(counted(&app, &video, Some(&bob)).await, one("🎉", 1, true));
    assert_eq!(counted(&app, &video, None).await, one("🎉", 2, false));
    mute(ada.clone()).await.expect(204);
    assert_eq!(counted(&app, &video, None).await, one("🎉", 1, false));

    let change = |policy: i64| {
        let call = app.put(&format!("/api/v1/videos/{video}"));
        call.token(&ada).json(json!({ "commentsPolicy": policy }))
    };
    change(2).await.expect(204);
    assert_eq!(counted(&app, &video, None).await, []);
    app.put(&format!("{path}/{HEART}"))
        .token(&bob)
        .await
        .expect(409);
    app.delete(&format!("{path}/{PARTY}"))
        .token(&bob)
        .await
        .expect(204);
    change(1).await.expect(204);
    assert_eq!(counted(&app, &video, None).await, []);

    // Which ones there are, and whether, the site decides.
    let custom = "/api/v1/config/custom";
    let put = async |reactions: Value| {
        let mut settings = app.get(custom).token(&root).await.json();
        settings["reactions"] = reactions;
        let put = app.put(custom).token(&root).json(settings);
        put.await.status.as_u16()
    };
    for wrong in [
        json!([]),
        json!(["ha"]),
        json!(["1"]),
        json!(["🎉 🎉"]),
        json!(vec!["🎉"; 13]),
    ] {
        assert_eq!(put(json!({ "emoji": wrong })).await, 400, "{wrong}");
    }
    assert_eq!(put(json!({ "emoji": ["🦀"] })).await, 200);
    app.put(&format!("{path}/%F0%9F%A6%80"))
        .token(&bob)
        .await
        .expect(204);
    assert_eq!(counted(&app, &video, None).await, one("🦀", 1, false));
    app.put(&format!("{path}/{HEART}"))
        .token(&bob)
        .await
        .expect(400);
    assert_eq!(put(json!({ "enabled": false })).await, 200);
    assert_eq!(counted(&app, &video, None).await, []);
    let off = app
        .put(&format!("{path}/{HEART}"))
        .token(&bob)
        .await
        .expect(403);
    assert_eq!(off.json()["code"], "reactions_not_enabled");
}

#[tokio::test]
async fn the_page_has_buttons_that_need_no_script() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let bob = app.user("bob").await;
    let video = add(&app, "ada", "A walk", |_| {}).await;
    let page = format!("/w/{}", video.short_uuid());
    let nobody = app.get(&page).await.expect(200).text();
    assert!(!nobody.contains("id=\"reactions\""), "nothing to see yet");
    let mine = app.get(&page).token(&bob).await.expect(200).text();
    assert!(
        mine.contains("name=\"on\" value=\"❤️\" aria-pressed=\"false\""),
        "{mine}"
    );
    let react = format!("{page}/react");
    app.post(&react).form(&[("on", "❤️")]).await.expect(401);
    assert_eq!(counted(&app, &video.uuid.to_string(), None).await, []);
    app.post(&react)
        .token(&bob)
        .form(&[("on", "❤️")])
        .await
        .expect(303);
    let mine = app.get(&page).token(&bob).await.expect(200).text();
    assert!(
        mine.contains("name=\"off\" value=\"❤️\" aria-pressed=\"true\" aria-label=\"❤️: 1\""),
        "{mine}"
    );
    let nobody = app.get(&page).await.expect(200).text();
    assert!(nobody.contains("id=\"reactions\"") && nobody.contains("aria-label=\"❤️: 1\""));
    app.post(&react)
        .token(&bob)
        .form(&[("off", "❤️")])
        .await
        .expect(303);
    assert_eq!(counted(&app, &video.uuid.to_string(), None).await, []);
}
