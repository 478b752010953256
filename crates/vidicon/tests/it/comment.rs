//! Comments: who may say what where, what others see of it, and how it goes away again.

mod overview;
mod spam;

use crate::app::TestApp;
use crate::video::add;
use serde_json::{Value, json};

async fn setting(policy: i64) -> (TestApp, String, String, String) {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
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
    let answer = app
        .post(path)
        .token(token)
        .json(json!({ "text": text }))
        .await
        .expect(200);
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
    let tree = app
        .get(&format!("{threads}/{}", first["id"]))
        .await
        .expect(200)
        .json();
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
    app.post(&threads)
        .json(json!({ "text": "hi" }))
        .await
        .expect(401);
    app.post(&threads)
        .token(&bob)
        .json(json!({ "text": "" }))
        .await
        .expect(400);
    app.post(&threads)
        .token(&bob)
        .json(json!({ "text": "x".repeat(10_001) }))
        .await
        .expect(400);
    app.get(&format!("{threads}?sort=text")).await.expect(400);
    app.get(&format!("{threads}/999")).await.expect(404);
    let other = add(&app, "ada", "Another", |_| {}).await.uuid;
    let comment = say(&app, &bob, &threads, "hi").await;
    let elsewhere = app
        .get(&format!(
            "/api/v1/videos/{other}/comment-threads/{}",
            comment["id"]
        ))
        .await;
    assert_eq!(
        elsewhere.expect(400).json()["code"],
        "comment_not_associated_to_video"
    );
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
    app.post(&threads)
        .token(&bob)
        .json(json!({ "text": "hi" }))
        .await
        .expect(409);
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
    let mine = app
        .get("/api/v1/users/me/videos/comments?isHeldForReview=true")
        .token(&ada)
        .await;
    assert_eq!(
        mine.expect(200).json()["data"][0]["video"]["name"],
        "A walk"
    );
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
    app.post(lists)
        .token(&bob)
        .json(json!({ "listName": "spam", "words": ["coin"] }))
        .await
        .expect(403);
    let list = app
        .post(lists)
        .token(&ada)
        .json(json!({ "listName": "spam", "words": ["coin"] }))
        .await;
    let id = list.expect(200).json()["watchedWordsList"]["id"].clone();
    app.post(lists)
        .token(&ada)
        .json(json!({ "listName": "spam", "words": ["x"] }))
        .await
        .expect(400);
    let policy = "/api/v1/automatic-tags/policies/accounts/ada/comments";
    app.put(policy)
        .token(&ada)
        .json(json!({ "review": ["nothing"] }))
        .await
        .expect(400);
    app.put(policy)
        .token(&ada)
        .json(json!({ "review": ["spam", "external-link"] }))
        .await
        .expect(204);
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    assert_eq!(
        say(&app, &bob, &threads, "Buy COIN now").await["heldForReview"],
        true
    );
    assert_eq!(
        say(&app, &bob, &threads, "see https://x.example").await["heldForReview"],
        true
    );
    assert_eq!(
        say(&app, &bob, &threads, "coincidence").await["heldForReview"],
        false
    );
    let tagged = app
        .get("/api/v1/users/me/videos/comments?autoTagOneOf=spam")
        .token(&ada)
        .await
        .json();
    assert_eq!(tagged["total"], 1);
    assert_eq!(tagged["data"][0]["automaticTags"], json!(["spam"]));
    app.put(&format!("{lists}/{id}"))
        .token(&ada)
        .json(json!({ "words": ["y"] }))
        .await
        .expect(204);
    assert_eq!(
        app.get(lists).token(&ada).await.json()["data"][0]["words"],
        json!(["y"])
    );
    app.delete(&format!("{lists}/{id}"))
        .token(&ada)
        .await
        .expect(204);
    app.delete(&format!("{lists}/{id}"))
        .token(&ada)
        .await
        .expect(404);
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
    let rest = app
        .get(&format!("{below}/replies?start=10"))
        .await
        .expect(200)
        .json();
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
    app.post("/api/v1/bulk/remove-comments-of")
        .token(&ada)
        .json(all)
        .await
        .expect(403);
    let mine = json!({ "accountName": "bob", "scope": "my-videos" });
    app.post("/api/v1/bulk/remove-comments-of")
        .token(&ada)
        .json(mine)
        .await
        .expect(204);
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
async fn held_comments_are_seen_by_three_kinds_of_people() {
    let (app, ada, bob, video) = setting(3).await;
    let (carol, root) = (app.user("carol").await, app.root().await);
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    let held = say(&app, &bob, &threads, "May I?").await;
    let thread = format!("{threads}/{}", held["id"]);
    for (token, status) in [(&ada, 200), (&bob, 200), (&root, 200), (&carol, 404)] {
        app.get(&thread).token(token).await.expect(status);
    }
    app.get(&thread).await.expect(404);
    // Nobody answers what they do not see; who does not need approval is not held.
    let reply = format!("/api/v1/videos/{video}/comments/{}", held["id"]);
    app.post(&reply)
        .token(&carol)
        .json(json!({ "text": "no" }))
        .await
        .expect(404);
    assert_eq!(
        say(&app, &ada, &threads, "mine").await["heldForReview"],
        false
    );
    assert_eq!(
        say(&app, &root, &threads, "root's").await["heldForReview"],
        false
    );
    let counts = async |token: Option<&str>| {
        let call = app.get(&threads);
        let list = match token {
            Some(token) => call.token(token).await.json(),
            None => call.await.json(),
        };
        [
            list["total"].as_i64(),
            list["totalNotDeletedComments"].as_i64(),
        ]
    };
    assert_eq!(counts(None).await, [Some(2), Some(2)]);
    assert_eq!(counts(Some(&carol)).await, [Some(2), Some(2)]);
    assert_eq!(counts(Some(&bob)).await, [Some(3), Some(3)]);
    let details = app.get(&format!("/api/v1/videos/{video}")).await.json();
    assert_eq!(details["comments"], 2);
    app.delete(&reply).token(&bob).await.expect(204);
    assert_eq!(counts(Some(&ada)).await[1], Some(2));
    app.run_jobs().await;
}

#[tokio::test]
async fn threads_sort_by_time_and_by_replies() {
    let (app, ada, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    let mut ids = Vec::new();
    for n in 0..3 {
        app.clock.advance(1_000);
        ids.push(say(&app, &bob, &threads, &format!("thread {n}")).await["id"].clone());
    }
    for (n, times) in [(0, 1), (1, 2)] {
        for _ in 0..times {
            let reply = format!("/api/v1/videos/{video}/comments/{}", ids[n]);
            say(&app, &ada, &reply, "yes").await;
        }
    }
    let order = async |query: &str| {
        let list = app
            .get(&format!("{threads}?{query}"))
            .await
            .expect(200)
            .json();
        let data = list["data"].as_array().unwrap().clone();
        data.into_iter()
            .map(|it| it["id"].clone())
            .collect::<Vec<_>>()
    };
    let picked = |places: &[usize]| places.iter().map(|n| ids[*n].clone()).collect::<Vec<_>>();
    assert_eq!(order("").await, picked(&[2, 1, 0]));
    assert_eq!(order("sort=createdAt").await, picked(&[0, 1, 2]));
    assert_eq!(order("sort=-totalReplies").await, picked(&[1, 0, 2]));
    assert_eq!(
        order("sort=totalReplies&start=1&count=1").await,
        picked(&[0])
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn a_tree_is_cut_at_five_levels() {
    let (app, _, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    let mut last = say(&app, &bob, &threads, "0").await;
    let root = last["id"].clone();
    let mut ids = vec![root.clone()];
    for n in 1..8 {
        let reply = format!("/api/v1/videos/{video}/comments/{}", last["id"]);
        last = say(&app, &bob, &reply, &n.to_string()).await;
        ids.push(last["id"].clone());
    }
    let mut node = app.get(&format!("{threads}/{root}")).await.json();
    assert_eq!(node["comment"]["totalReplies"], 7);
    let mut depth = 0;
    while let Some(child) = node["children"].get(0).cloned() {
        assert_eq!(node["totalChildren"], 1);
        node = child;
        depth += 1;
        assert_eq!(node["comment"]["text"], depth.to_string());
    }
    assert_eq!((depth, &node["totalChildren"]), (5, &json!(1)));
    let rest = format!("/api/v1/videos/{video}/comments/{}/replies", ids[5]);
    let rest = app.get(&rest).await.expect(200).json();
    assert_eq!(rest["data"][0]["children"][0]["comment"]["text"], "7");
    // The id of a reply is no thread.
    app.get(&format!("{threads}/{}", ids[1])).await.expect(400);
    app.run_jobs().await;
}

#[tokio::test]
async fn mutes_of_viewer_owner_and_site_hide_with_their_counts() {
    let (app, ada, bob, video) = setting(1).await;
    let (carol, root) = (app.user("carol").await, app.root().await);
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    let first = say(&app, &ada, &threads, "welcome").await;
    let reply = format!("/api/v1/videos/{video}/comments/{}", first["id"]);
    let loud = say(&app, &bob, &reply, "LOUD").await;
    let below = format!("/api/v1/videos/{video}/comments/{}", loud["id"]);
    say(&app, &carol, &below, "hush").await;
    let mute = json!({ "accountName": "bob" });
    app.post("/api/v1/users/me/blocklist/accounts")
        .token(&carol)
        .json(mute.clone())
        .await
        .expect(204);
    let seen = async |token: &str| {
        let list = app.get(&threads).token(token).await.json();
        let tree = app
            .get(&format!("{threads}/{}", first["id"]))
            .token(token)
            .await
            .json();
        (
            list["totalNotDeletedComments"].as_i64().unwrap(),
            list["data"][0]["totalReplies"].as_i64().unwrap(),
            tree["children"].as_array().unwrap().len(),
        )
    };
    assert_eq!(seen(&carol).await, (2, 1, 0));
    assert_eq!(seen(&ada).await, (3, 2, 1));
    app.post("/api/v1/server/blocklist/accounts")
        .token(&root)
        .json(mute)
        .await
        .expect(204);
    assert_eq!(seen(&ada).await, (2, 1, 0));
    let all = "/api/v1/videos/comments";
    assert_eq!(app.get(all).token(&root).await.json()["total"], 2);
    assert_eq!(
        app.get(&format!("{all}?includeMuted=true"))
            .token(&root)
            .await
            .json()["total"],
        3
    );
    app.run_jobs().await;
}
