//! Comments as moderators and owners work through them; lists of words; all of somebody's.

use super::{say, setting};
use crate::app::TestApp;
use crate::video::add;
use serde_json::json;

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one line for each filter")]
async fn moderators_find_comments_by_what_they_are() {
    let (app, ada, bob, video) = setting(1).await;
    let root = app.root().await;
    let other = add(&app, "ada", "Another Place", |_| {}).await;
    let words = json!({ "listName": "rude", "words": ["blast", "Drat"] });
    app.post("/api/v1/watched-words/server/lists")
        .token(&bob)
        .json(words.clone())
        .await
        .expect(403);
    app.post("/api/v1/watched-words/server/lists")
        .token(&root)
        .json(words)
        .await
        .expect(200);
    let tags = app
        .get("/api/v1/automatic-tags/server/available")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(
        tags["available"][1],
        json!({ "name": "rude", "type": "watched-words-list" })
    );
    say(
        &app,
        &bob,
        &format!("/api/v1/videos/{video}/comment-threads"),
        "drat, rain",
    )
    .await;
    say(
        &app,
        &ada,
        &format!("/api/v1/videos/{}/comment-threads", other.uuid),
        "https://a.example",
    )
    .await;
    let found = async |query: &str| {
        let list = app
            .get(&format!("/api/v1/videos/comments?{query}"))
            .token(&root)
            .await;
        let list = list.expect(200).json();
        assert_eq!(list["total"], list["data"].as_array().unwrap().len());
        let texts = list["data"].as_array().unwrap().iter();
        texts
            .map(|it| it["text"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (rain, link) = ("drat, rain", "https://a.example");
    assert_eq!(found("").await, [link, rain]);
    assert_eq!(
        found("sort=createdAt&count=1&start=0&search=RAIN").await,
        [rain]
    );
    assert_eq!(found("searchAccount=bob").await, [rain]);
    assert_eq!(found("searchVideo=place").await, [link]);
    assert_eq!(found(&format!("videoId={}", other.id)).await, [link]);
    assert_eq!(
        found(&format!("videoChannelId={}", other.channel_id))
            .await
            .len(),
        2
    );
    assert_eq!(found("autoTagOneOf=rude").await, [rain]);
    assert_eq!(
        found("autoTagOneOf=rude&autoTagOneOf=external-link")
            .await
            .len(),
        2
    );
    assert_eq!(found("isLocal=false").await.len(), 0);
    assert_eq!(found("isLocal=true&onLocalVideo=true").await.len(), 2);
    for (query, status) in [
        ("sort=text", 400),
        ("videoId=999", 404),
        ("videoChannelId=999", 404),
    ] {
        app.get(&format!("/api/v1/videos/comments?{query}"))
            .token(&root)
            .await
            .expect(status);
    }
    app.get("/api/v1/videos/comments")
        .token(&ada)
        .await
        .expect(403);
    let mine = "/api/v1/users/me/videos/comments";
    assert_eq!(app.get(mine).token(&bob).await.json()["total"], 0);
    assert_eq!(
        app.get(&format!("{mine}?sort=-likes"))
            .token(&ada)
            .await
            .json()["total"],
        2
    );
    app.get(&format!("{mine}?videoId={}", other.id))
        .token(&bob)
        .await
        .expect(403);
    app.get(&format!("{mine}?videoChannelId={}", other.channel_id))
        .token(&bob)
        .await
        .expect(403);
    app.run_jobs().await;
}

#[tokio::test]
async fn two_deletions_at_once_count_once() {
    let (app, ada, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    say(&app, &ada, &threads, "stays").await;
    let gone = say(&app, &bob, &threads, "goes").await;
    let path = format!("/api/v1/videos/{video}/comments/{}", gone["id"]);
    let both = futures::join!(
        app.delete(&path).token(&bob).into_future(),
        app.delete(&path).token(&ada).into_future()
    );
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    assert_eq!(app.get(&threads).await.json()["totalNotDeletedComments"], 1);
    app.run_jobs().await;
}

#[tokio::test]
async fn comments_of_deleted_users_go_with_them() {
    let (app, _, bob, video) = setting(1).await;
    let threads = format!("/api/v1/videos/{video}/comment-threads");
    say(&app, &bob, &threads, "bye").await;
    app.delete("/api/v1/users/me")
        .token(&bob)
        .json(json!({ "currentPassword": "password-1" }))
        .await
        .expect(204);
    app.run_jobs().await;
    let list = app.get(&threads).await.json();
    assert_eq!(
        (&list["totalNotDeletedComments"], &list["data"][0]["text"]),
        (&json!(0), &json!(""))
    );
}

#[tokio::test]
async fn policies_on_new_videos_name_tags_that_are_there() {
    let (app, ada, _, _) = setting(1).await;
    let root = app.root().await;
    let policy = "/api/v1/automatic-tags/policies/server/videos";
    app.put(policy)
        .token(&ada)
        .json(json!({ "autoBlock": [] }))
        .await
        .expect(403);
    app.put(policy)
        .token(&root)
        .json(json!({ "autoBlock": ["nothing"] }))
        .await
        .expect(400);
    app.put(policy)
        .token(&root)
        .json(json!({ "autoBlock": ["external-link"] }))
        .await
        .expect(204);
    let now = app.get(policy).token(&root).await.expect(200).json();
    assert_eq!(now, json!({ "autoBlock": ["external-link"] }));
}

/// A list of words on a server of the test's own.
async fn words_at(text: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().route(
        "/words.json",
        axum::routing::get(move || async move { text }),
    );
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/words.json")
}

#[tokio::test]
async fn lists_of_words_are_read_from_elsewhere() {
    let app = TestApp::with(|config| config.server.allow_private_addresses = true).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let path = "/api/v1/watched-words/accounts/ada/subscriptions";
    let url = words_at(r#"{"name":"spam","words":["coin","pills"]}"#).await;
    app.post(path)
        .token(&bob)
        .json(json!({ "url": url }))
        .await
        .expect(403);
    app.post(path)
        .token(&ada)
        .json(json!({ "url": "no address" }))
        .await
        .expect(400);
    let broken = words_at("{}").await;
    app.post(path)
        .token(&ada)
        .json(json!({ "url": broken }))
        .await
        .expect(400);
    let made = app
        .post(path)
        .token(&ada)
        .json(json!({ "url": url }))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&made["name"], &made["importedWordsCount"]),
        (&json!("spam"), &json!(2))
    );
    app.post(path)
        .token(&ada)
        .json(json!({ "url": url }))
        .await
        .expect(409);
    let lists = app
        .get("/api/v1/watched-words/accounts/ada/lists")
        .token(&ada)
        .await
        .json();
    assert_eq!(lists["data"][0]["subscriptionUrl"], url);
    assert_eq!(lists["data"][0]["words"], json!(["coin", "pills"]));
    let all = app.get(path).token(&ada).await.expect(200).json();
    assert_eq!(
        (&all["total"], &all["data"][0]["url"]),
        (&json!(1), &json!(url))
    );
    app.delete(&format!("{path}/{}", made["id"]))
        .token(&ada)
        .await
        .expect(204);
    app.delete(&format!("{path}/{}", made["id"]))
        .token(&ada)
        .await
        .expect(404);
    assert_eq!(
        app.get("/api/v1/watched-words/accounts/ada/lists")
            .token(&ada)
            .await
            .json()["total"],
        0
    );
}
