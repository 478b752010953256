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

async fn say(app: &TestApp, token: &str, path: &str, text: &str) -> Value {
    let answer = app.post(path).token(token).json(json!({ "text": text })).await.expect(200);
    answer.json()["comment"].clone()
}

#[tokio::test]
async fn a_conversation_grows_and_shrinks() {
    let (app, ada, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    let first = say(&app, &bob, &threads, "What a light").await;
    assert_eq!(first["account"]["name"], "bob");
    let reply = format!("/api/v1/videos/{video}/comments/{}", first["id"]);
    let answer = say(&app, &ada, &reply, "Thank you").await;
    assert_eq!(answer["threadId"], first["id"]);
    assert_eq!(answer["inReplyToCommentId"], first["id"]);

    let list = app.get(&threads).await.expect(200).json();
    assert_eq!(list["total"], 1);
    assert_eq!(list["totalNotDeletedComments"], 2);
    assert_eq!(list["data"][0]["totalReplies"], 1);
    assert_eq!(list["data"][0]["totalRepliesFromVideoAuthor"], 1);
    let tree = app.get(&format!("{threads}/{}", first["id"])).await.expect(200).json();
    assert_eq!(tree["children"][0]["comment"]["text"], "Thank you");
    assert_eq!(tree["totalChildren"], 1);

    app.delete(&reply).token(&bob).await.expect(204);
    app.delete(&reply).token(&bob).await.expect(409);
    let list = app.get(&threads).await.expect(200).json();
    assert_eq!(list["data"][0]["isDeleted"], true);
    assert_eq!(list["data"][0]["account"], Value::Null);
    assert_eq!(list["totalNotDeletedComments"], 1);
    app.run_jobs().await;
}

#[tokio::test]
async fn wrong_comments_are_refused() {
    let (app, ada, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    app.post(&threads).json(json!({ "text": "hi" })).await.expect(401);
    app.post(&threads).token(&bob).json(json!({ "text": "" })).await.expect(400);
    app.post(&threads).token(&bob).json(json!({ "text": "x".repeat(10_001) })).await.expect(400);
    app.get(&format!("{threads}?sort=text")).await.expect(400);
    app.get(&format!("{threads}/999")).await.expect(404);
    let other = app.video("ada", "Another").await;
    let comment = say(&app, &bob, &threads, "hi").await;
    let elsewhere = app.get(&format!("/api/v1/videos/{other}/comment-threads/{}", comment["id"])).await;
    assert_eq!(elsewhere.expect(400).json()["code"], "comment_not_associated_to_video");
    let carol = app.user("carol").await;
    let path = format!("/api/v1/videos/{video}/comments/{}", comment["id"]);
    app.delete(&path).token(&carol).await.expect(403);
    app.delete(&path).token(&ada).await.expect(204);
    app.run_jobs().await;
}

#[tokio::test]
async fn disabled_comments_are_refused_and_not_shown() {
    let (app, _, bob, video) = setting(2).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    app.post(&threads).token(&bob).json(json!({ "text": "hi" })).await.expect(409);
    assert_eq!(app.get(&threads).await.expect(200).json()["total"], 0);
}

#[tokio::test]
async fn a_held_comment_waits_for_its_approval() {
    let (app, ada, bob, video) = setting(3).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    let comment = say(&app, &bob, &threads, "May I?").await;
    assert_eq!(comment["heldForReview"], true);
    assert_eq!(app.get(&threads).await.json()["total"], 0);
    assert_eq!(app.get(&threads).token(&bob).await.json()["total"], 1);
    assert_eq!(app.get(&threads).token(&ada).await.json()["total"], 1);
    let mine = app.get("/api/v1/users/me/videos/comments?isHeldForReview=true").token(&ada).await;
    assert_eq!(mine.expect(200).json()["data"][0]["video"]["name"], "A walk");
    let approve = format!("/api/v1/videos/{video}/comments/{}/approve", comment["id"]);
    app.post(&approve).token(&bob).await.expect(403);
    app.post(&approve).token(&ada).await.expect(204);
    app.post(&approve).token(&ada).await.expect(400);
    assert_eq!(app.get(&threads).await.json()["total"], 1);
    app.run_jobs().await;
}

#[tokio::test]
async fn watched_words_hold_comments_back() {
    let (app, ada, bob, video) = setting(1).await;
    let lists = "/api/v1/watched-words/accounts/ada/lists";
    app.post(lists).token(&bob).json(json!({ "listName": "spam", "words": ["coin"] })).await.expect(403);
    let list = app.post(lists).token(&ada).json(json!({ "listName": "spam", "words": ["coin"] })).await;
    let id = list.expect(200).json()["watchedWordsList"]["id"].clone();
    app.post(lists).token(&ada).json(json!({ "listName": "spam", "words": ["x"] })).await.expect(400);
    let policy = "/api/v1/automatic-tags/policies/accounts/ada/comments";
    app.put(policy).token(&ada).json(json!({ "review": ["nothing"] })).await.expect(400);
    app.put(policy).token(&ada).json(json!({ "review": ["spam", "external-link"] })).await.expect(204);
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    assert_eq!(say(&app, &bob, &threads, "Buy COIN now").await["heldForReview"], true);
    assert_eq!(say(&app, &bob, &threads, "see https://x.example").await["heldForReview"], true);
    assert_eq!(say(&app, &bob, &threads, "coincidence").await["heldForReview"], false);
    let tagged = app.get("/api/v1/users/me/videos/comments?autoTagOneOf=spam").token(&ada).await.json();
    assert_eq!(tagged["total"], 1);
    assert_eq!(tagged["data"][0]["automaticTags"], json!(["spam"]));
    app.put(&format!("{lists}/{id}")).token(&ada).json(json!({ "words": ["y"] })).await.expect(204);
    assert_eq!(app.get(lists).token(&ada).await.json()["data"][0]["words"], json!(["y"]));
    app.delete(&format!("{lists}/{id}")).token(&ada).await.expect(204);
    app.delete(&format!("{lists}/{id}")).token(&ada).await.expect(404);
    app.run_jobs().await;
}

#[tokio::test]
async fn long_threads_are_cut_and_can_be_read_on() {
    let (app, _, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    let root = say(&app, &bob, &threads, "root").await;
    let below = format!("/api/v1/videos/{video}/comments/{}", root["id"]);
    for n in 0..12 {
        say(&app, &bob, &below, &format!("reply {n}")).await;
    }
    let tree = app.get(&format!("{threads}/{}", root["id"])).await.json();
    assert_eq!(tree["children"].as_array().unwrap().len(), 10);
    assert_eq!(tree["totalChildren"], 12);
    let rest = app.get(&format!("{below}/replies?start=10")).await.expect(200).json();
    assert_eq!(rest["data"][1]["comment"]["text"], "reply 11");
    app.run_jobs().await;
}

#[tokio::test]
async fn all_comments_of_somebody_can_be_taken_away() {
    let (app, ada, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    say(&app, &bob, &threads, "one").await;
    say(&app, &bob, &threads, "two").await;
    let all = json!({ "accountName": "bob", "scope": "instance" });
    app.post("/api/v1/bulk/remove-comments-of").token(&ada).json(all).await.expect(403);
    let mine = json!({ "accountName": "bob", "scope": "my-videos" });
    app.post("/api/v1/bulk/remove-comments-of").token(&ada).json(mine).await.expect(204);
    app.run_jobs().await;
    assert_eq!(app.get(&threads).await.json()["totalNotDeletedComments"], 0);
}

#[tokio::test]
async fn comments_of_muted_people_are_hidden() {
    let (app, ada, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    say(&app, &bob, &threads, "one").await;
    app.post("/api/v1/users/me/blocklist/accounts")
        .token(&ada)
        .json(json!({ "accountName": "bob" }))
        .await
        .expect(204);
    assert_eq!(app.get(&threads).await.json()["data"], json!([]));
    app.run_jobs().await;
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
async fn owners_and_mentioned_people_are_told_of_comments() {
    let (app, ada, bob, video) = setting(1).await;
    let carol = app.user("carol").await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    say(&app, &bob, &threads, "look here @carol and @ada").await;
    app.run_jobs().await;
    let kinds = |list: Value| -> Vec<i64> {
        list["data"].as_array().unwrap().iter().map(|it| it["type"].as_i64().unwrap()).collect()
    };
    let list = "/api/v1/users/me/notifications?typeOneOf=2&typeOneOf=11";
    assert_eq!(kinds(app.get(list).token(&ada).await.json()), [2]);
    assert_eq!(kinds(app.get(list).token(&carol).await.json()), [11]);
    assert_eq!(kinds(app.get(list).token(&bob).await.json()), Vec::<i64>::new());
    app.post("/api/v1/users/me/notifications/read-all").token(&ada).await.expect(204);
    let unread = app.get("/api/v1/users/me/notifications?unread=true").token(&ada).await.json();
    assert_eq!(unread["total"], 0);
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
