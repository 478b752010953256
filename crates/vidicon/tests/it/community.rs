//! Comments, playlists, subscriptions, reports and notifications.

use crate::app::TestApp;
use serde_json::{Value, json};

async fn setting(policy: i64) -> (TestApp, String, String, String) {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = app.video("ada", "A walk").await;
    if policy != 1 {
        app.put(&format!("/api/v1/videos/{video}"))
            .token(&ada)
            .json(json!({ "commentsPolicy": policy }))
            .await
            .expect(204);
    }
    (app, ada, bob, video)
}

#[tokio::test]
async fn playlists_are_made_filled_and_put_in_order() {
    let (app, ada, bob, first) = setting(1).await;
    let second = app.video("ada", "Second").await;
    let lists = "/api/v1/video-playlists";
    let made = app.post(lists).token(&ada).multipart(&[("displayName", "Mine")], &[]).await.expect(200).json();
    let list = format!("{lists}/{}", made["videoPlaylist"]["uuid"].as_str().unwrap());
    app.get(&list).await.expect(401);
    app.get(&list).token(&bob).await.expect(403);
    let mut elements = Vec::new();
    for video in [&first, &second, &first] {
        let added = app.post(&format!("{list}/videos")).token(&ada).json(json!({ "videoId": video, "startTimestamp": 2 })).await;
        elements.push(added.expect(200).json()["videoPlaylistElement"]["id"].clone());
    }
    app.post(&format!("{list}/videos")).token(&bob).json(json!({ "videoId": first })).await.expect(403);
    let order = json!({ "startPosition": 3, "insertAfterPosition": 0 });
    app.post(&format!("{list}/videos/reorder")).token(&ada).json(order).await.expect(204);
    let page = app.get(&format!("{list}/videos")).token(&ada).await.expect(200).json();
    assert_eq!(page["total"], 3);
    assert_eq!(page["data"][0]["id"], elements[2]);
    assert_eq!(page["data"][0]["video"]["name"], "A walk");
    assert_eq!(page["data"][0]["startTimestamp"], 2);
    let ids = app.get(&format!("/api/v1/videos/{first}")).await.json()["id"].clone();
    let held = app.get(&format!("/api/v1/users/me/video-playlists/videos-exist?videoIds={ids}")).token(&ada).await.json();
    assert_eq!(held[ids.to_string()].as_array().unwrap().len(), 2);
    app.delete(&format!("{list}/videos/{}", elements[2])).token(&ada).await.expect(204);
    let page = app.get(&format!("{list}/videos")).token(&ada).await.json();
    assert_eq!(page["data"][0]["position"], 1);
    app.delete(&list).token(&bob).await.expect(403);
    app.delete(&list).token(&ada).await.expect(204);
    app.get(&list).token(&ada).await.expect(404);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_public_playlist_needs_a_channel_and_is_listed() {
    let (app, ada, _, video) = setting(1).await;
    let lists = "/api/v1/video-playlists";
    let public = [("displayName", "Shown"), ("privacy", "1")];
    app.post(lists).token(&ada).multipart(&public, &[]).await.expect(400);
    let channel = app.get("/api/v1/video-channels/ada_channel").await.expect(200).json()["id"].to_string();
    let fields = [("displayName", "Shown"), ("privacy", "1"), ("videoChannelId", channel.as_str())];
    let made = app.post(lists).token(&ada).multipart(&fields, &[]).await.expect(200).json();
    let id = made["videoPlaylist"]["id"].to_string();
    app.post(&format!("{lists}/{id}/videos")).token(&ada).json(json!({ "videoId": video })).await.expect(200);
    for path in [lists, "/api/v1/accounts/ada/video-playlists", "/api/v1/video-channels/ada_channel/video-playlists"] {
        let page = app.get(path).await.expect(200).json();
        assert_eq!(page["data"][0]["displayName"], "Shown", "{path}");
        assert_eq!(page["data"][0]["videosLength"], 1, "{path}");
    }
    let later = app.get("/api/v1/accounts/ada/video-playlists?playlistType=2").token(&ada).await.json();
    assert_eq!(later["data"][0]["displayName"], "Watch later");
    app.delete(&format!("{lists}/{}", later["data"][0]["id"])).token(&ada).await.expect(400);
    app.run_jobs().await;
}

#[tokio::test]
async fn subscribers_are_told_of_a_new_video() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let subscribe = json!({ "uri": "ada_channel@video.test" });
    app.post("/api/v1/users/me/subscriptions").token(&bob).json(subscribe).await.expect(204);
    app.run_jobs().await;
    let mine = app.get("/api/v1/users/me/subscriptions").token(&bob).await.expect(200).json();
    assert_eq!(mine["data"][0]["name"], "ada_channel");
    let told = app.get("/api/v1/users/me/notifications").token(&ada).await.expect(200).json();
    assert_eq!(told["data"][0]["type"], 10);
    assert_eq!(told["data"][0]["actorFollow"]["follower"]["name"], "bob");

    app.video("ada", "Fresh").await;
    app.run_jobs().await;
    let feed = app.get("/api/v1/users/me/subscriptions/videos").token(&bob).await.expect(200).json();
    assert_eq!(feed["data"][0]["name"], "Fresh");
    let told = app.get("/api/v1/users/me/notifications?unread=true").token(&bob).await.json();
    assert_eq!((&told["total"], &told["data"][0]["type"]), (&json!(1), &json!(1)));
    assert_eq!(told["data"][0]["video"]["name"], "Fresh");
    let ids = json!({ "ids": [told["data"][0]["id"]] });
    app.post("/api/v1/users/me/notifications/read").token(&bob).json(ids).await.expect(204);
    let left = app.get("/api/v1/users/me/notifications?unread=true&count=0").token(&bob).await.json();
    assert_eq!(left["total"], 0);

    let exist = "/api/v1/users/me/subscriptions/exist?uris=ada_channel@video.test&uris=x@video.test";
    let exist = app.get(exist).token(&bob).await.expect(200).json();
    assert_eq!(exist, json!({ "ada_channel@video.test": true, "x@video.test": false }));
    let one = "/api/v1/users/me/subscriptions/ada_channel@video.test";
    app.get(one).token(&bob).await.expect(200);
    app.delete(one).token(&bob).await.expect(204);
    app.delete(one).token(&bob).await.expect(404);
}

#[tokio::test]
async fn a_report_is_talked_about_and_judged() {
    let (app, _, bob, video) = setting(1).await;
    let root = app.root().await;
    let abuses = "/api/v1/abuses";
    app.post(abuses).token(&bob).json(json!({ "reason": "x", "video": { "id": video } })).await.expect(400);
    app.post(abuses).token(&bob).json(json!({ "reason": "spam all over" })).await.expect(400);
    let body = json!({
        "reason": "spam all over", "predefinedReasons": ["spamOrMisleading"],
        "video": { "id": video, "startAt": 1, "endAt": 5 },
    });
    let made = app.post(abuses).token(&bob).json(body).await.expect(200).json();
    let abuse = format!("{abuses}/{}", made["abuse"]["id"]);
    app.get(abuses).token(&bob).await.expect(403);
    let list = app.get(&format!("{abuses}?state=1&filter=video&search=spam")).token(&root).await.expect(200).json();
    assert_eq!(list["data"][0]["video"]["name"], "A walk");
    assert_eq!(list["data"][0]["reporterAccount"]["name"], "bob");
    let message = app.post(&format!("{abuse}/messages")).token(&root).json(json!({ "message": "Which part?" })).await;
    let message = message.expect(200).json()["abuseMessage"]["id"].clone();
    let read = app.get(&format!("{abuse}/messages")).token(&bob).await.expect(200).json();
    assert_eq!(read["data"][0]["byModerator"], true);
    app.delete(&format!("{abuse}/messages/{message}")).token(&bob).await.expect(403);
    app.put(&abuse).token(&root).json(json!({ "state": 3, "moderationComment": "agreed" })).await.expect(204);
    app.run_jobs().await;
    let told = app.get("/api/v1/users/me/notifications").token(&bob).await.json();
    let kinds: Vec<_> = told["data"].as_array().unwrap().iter().map(|it| it["type"].clone()).collect();
    assert!(kinds.contains(&json!(15)) && kinds.contains(&json!(16)), "{kinds:?}");
    let mine = app.get("/api/v1/users/me/abuses").token(&bob).await.expect(200).json();
    assert_eq!(mine["data"][0]["state"]["id"], 3);
    assert_eq!(mine["data"][0]["moderationComment"], Value::Null);
    app.delete(&abuse).token(&root).await.expect(204);
    app.get(&format!("{abuse}/messages")).token(&bob).await.expect(404);
}
