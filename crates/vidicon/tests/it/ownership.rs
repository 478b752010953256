//! Videos and channels that change hands, the journal of a channel, the look of the player and
//! where videos may be embedded.

use crate::app::TestApp;
use crate::video::add;
use serde_json::{Value, json};
use vidicon::video::{Privacy, Video};

async fn channel_id(app: &TestApp, name: &str) -> Value {
    let path = format!("/api/v1/video-channels/{name}_channel");
    app.get(&path).await.expect(200).json()["id"].clone()
}

async fn give(app: &TestApp, token: &str, video: &Video, to: &str, status: u16) {
    app.post(&format!("/api/v1/videos/{}/give-ownership", video.id))
        .token(token)
        .json(json!({ "username": to }))
        .await
        .expect(status);
}

async fn offers(app: &TestApp, token: &str, path: &str) -> Value {
    app.get(path).token(token).await.expect(200).json()
}

const VIDEOS: &str = "/api/v1/videos/ownership";
const CHANNELS: &str = "/api/v1/video-channels/ownership";

#[tokio::test]
async fn a_video_is_offered_and_accepted() {
    let app = TestApp::new().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let video = add(&app, "ada", "A gift", |_| {}).await;
    let before = app
        .get(&format!("/api/v1/videos/{}", video.id))
        .await
        .json();
    give(&app, &eve, &video, "bob", 403).await;
    give(&app, &ada, &video, "nobody", 400).await;
    give(&app, &ada, &video, "bob@other.test", 400).await;
    give(&app, &ada, &video, "ada", 400).await;
    app.post("/api/v1/videos/99999/give-ownership")
        .token(&ada)
        .json(json!({ "username": "bob" }))
        .await
        .expect(404);
    app.post(&format!("/api/v1/videos/{}/give-ownership", video.id))
        .token(&ada)
        .json(json!({}))
        .await
        .expect(400);
    give(&app, &ada, &video, "bob", 204).await;
    give(&app, &ada, &video, "eve", 400).await;
    assert_eq!(offers(&app, &eve, VIDEOS).await["total"], 0);
    for token in [&ada, &bob] {
        let list = offers(&app, token, VIDEOS).await;
        assert_eq!(list["total"], 1);
        let one = &list["data"][0];
        assert_eq!(one["status"], "WAITING");
        assert_eq!(one["state"], json!({ "id": 1, "label": "Pending" }));
        assert_eq!(one["initiatorAccount"]["name"], "ada");
        assert_eq!(one["nextOwnerAccount"]["name"], "bob");
        assert_eq!(one["video"]["name"], "A gift");
    }
    assert_eq!(offers(&app, &bob, CHANNELS).await["total"], 0);
    let id = offers(&app, &bob, VIDEOS).await["data"][0]["id"].clone();
    let accept = format!("{VIDEOS}/{id}/accept");
    let to = json!({ "channelId": channel_id(&app, "bob").await });
    app.post(&accept)
        .token(&bob)
        .json(json!({}))
        .await
        .expect(400);
    app.post(&accept)
        .token(&eve)
        .json(to.clone())
        .await
        .expect(403);
    let foreign = json!({ "channelId": channel_id(&app, "ada").await });
    app.post(&accept)
        .token(&bob)
        .json(foreign)
        .await
        .expect(400);
    let root = app.root().await;
    app.put(&format!("/api/v1/users/{}", user_id(&app, &bob).await))
        .token(&root)
        .json(json!({ "videoQuota": 0 }))
        .await
        .expect(204);
    let refused = app
        .post(&accept)
        .token(&bob)
        .json(to.clone())
        .await
        .expect(413)
        .json();
    assert_eq!(refused["code"], "quota_reached");
    app.put(&format!("/api/v1/users/{}", user_id(&app, &bob).await))
        .token(&root)
        .json(json!({ "videoQuota": -1 }))
        .await
        .expect(204);
    app.clock.advance(60_000);
    app.post(&accept)
        .token(&bob)
        .json(to.clone())
        .await
        .expect(204);
    app.post(&accept).token(&bob).json(to).await.expect(403);
    let after = app
        .get(&format!("/api/v1/videos/{}", video.id))
        .await
        .json();
    assert_eq!(after["account"]["name"], "bob");
    assert_eq!(after["channel"]["name"], "bob_channel");
    assert_eq!(after["publishedAt"], before["publishedAt"]);
    assert_eq!(
        app.get("/api/v1/accounts/ada/videos").await.json()["total"],
        0
    );
    assert_eq!(
        app.get("/api/v1/accounts/bob/videos").await.json()["total"],
        1
    );
    app.put(&format!("/api/v1/videos/{}", video.id))
        .token(&ada)
        .json(json!({ "name": "Still mine" }))
        .await
        .expect(403);
    let of_video = format!("/api/v1/videos/{}/ownership", video.id);
    app.get(&of_video).token(&ada).await.expect(403);
    let list = offers(&app, &bob, &format!("{of_video}?state=3")).await;
    assert_eq!(list["data"][0]["status"], "ACCEPTED");
    assert_eq!(
        offers(&app, &bob, &format!("{of_video}?state=1")).await["total"],
        0
    );
}

async fn user_id(app: &TestApp, token: &str) -> Value {
    app.get("/api/v1/users/me").token(token).await.json()["id"].clone()
}

#[tokio::test]
async fn an_offer_is_refused_or_withdrawn() {
    let app = TestApp::new().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let video = add(&app, "ada", "A gift", |_| {}).await;
    give(&app, &ada, &video, "bob", 204).await;
    let id = offers(&app, &bob, VIDEOS).await["data"][0]["id"].clone();
    app.post(&format!("{VIDEOS}/{id}/refuse"))
        .token(&ada)
        .await
        .expect(403);
    app.post(&format!("{VIDEOS}/{id}/refuse"))
        .token(&bob)
        .await
        .expect(204);
    app.post(&format!("{VIDEOS}/{id}/refuse"))
        .token(&bob)
        .await
        .expect(403);
    app.delete(&format!("{VIDEOS}/{id}"))
        .token(&ada)
        .await
        .expect(400);
    give(&app, &ada, &video, "eve", 204).await;
    let id = offers(&app, &eve, VIDEOS).await["data"][0]["id"].clone();
    app.delete(&format!("{VIDEOS}/{id}"))
        .token(&eve)
        .await
        .expect(403);
    app.post(&format!("{CHANNELS}/{id}/refuse"))
        .token(&eve)
        .await
        .expect(404);
    app.delete(&format!("{VIDEOS}/{id}"))
        .token(&ada)
        .await
        .expect(204);
    app.delete(&format!("{VIDEOS}/{id}"))
        .token(&ada)
        .await
        .expect(404);
    app.post(&format!("{VIDEOS}/x/refuse"))
        .token(&ada)
        .await
        .expect(400);
}

#[tokio::test]
async fn a_channel_moves_with_all_that_is_in_it() {
    let app = TestApp::new().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    for privacy in [Privacy::Public, Privacy::Private, Privacy::Public] {
        add(&app, "ada", "Moves", |new| new.privacy = privacy).await;
    }
    let channel = channel_id(&app, "ada").await.to_string();
    let fields = [
        ("displayName", "List"),
        ("privacy", "1"),
        ("videoChannelId", channel.as_str()),
    ];
    app.post("/api/v1/video-playlists")
        .token(&ada)
        .multipart(&fields, &[])
        .await
        .expect(200);
    let give = "/api/v1/video-channels/ada_channel/give-ownership";
    let to = json!({ "username": "bob" });
    app.post(give)
        .token(&eve)
        .json(to.clone())
        .await
        .expect(403);
    app.post(give)
        .token(&ada)
        .json(json!({ "username": "nobody" }))
        .await
        .expect(400);
    app.post(give)
        .token(&ada)
        .json(to.clone())
        .await
        .expect(204);
    app.post(give).token(&ada).json(to).await.expect(400);
    let list = offers(&app, &bob, CHANNELS).await;
    assert_eq!(list["data"][0]["videoChannel"]["name"], "ada_channel");
    assert_eq!(list["data"][0]["video"], Value::Null);
    let accept = format!("{CHANNELS}/{}/accept", list["data"][0]["id"]);
    app.post(&accept).token(&eve).await.expect(403);
    // The last channel of an account stays, and the offer stays open.
    app.post(&accept).token(&bob).await.expect(409);
    let body = json!({ "name": "second", "displayName": "Second" });
    app.post("/api/v1/video-channels")
        .token(&ada)
        .json(body)
        .await
        .expect(200);
    app.post(&accept).token(&bob).await.expect(204);
    app.post(&accept).token(&bob).await.expect(400);
    let moved = app.get("/api/v1/video-channels/ada_channel").await.json();
    assert_eq!(moved["ownerAccount"]["name"], "bob");
    for (path, ada_has, bob_has) in [
        ("videos", 0, 2),
        ("video-channels", 1, 2),
        ("video-playlists", 0, 1),
    ] {
        for (name, wanted) in [("ada", ada_has), ("bob", bob_has)] {
            let list = app
                .get(&format!("/api/v1/accounts/{name}/{path}"))
                .await
                .json();
            assert_eq!(list["total"], wanted, "{name} {path}");
        }
    }
    assert_eq!(
        app.get("/api/v1/video-channels/ada_channel/videos")
            .await
            .json()["total"],
        2
    );
    let mine = app.get("/api/v1/users/me/videos").token(&bob).await.json();
    assert_eq!(mine["total"], 3);
}

#[tokio::test]
async fn a_channel_has_a_journal() {
    let app = TestApp::new().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let invite = "/api/v1/video-channels/ada_channel/collaborators/invite";
    let invited = app
        .post(invite)
        .token(&ada)
        .json(json!({ "accountHandle": "bob" }));
    let id = invited.await.expect(200).json()["collaborator"]["id"].clone();
    app.post(&format!(
        "/api/v1/video-channels/ada_channel/collaborators/{id}/accept"
    ))
    .token(&bob)
    .await
    .expect(204);
    let video = add(&app, "ada", "Watched over", |_| {}).await;
    let one = format!("/api/v1/videos/{}", video.id);
    app.put(&one)
        .token(&bob)
        .json(json!({ "name": "Changed by Bob" }))
        .await
        .expect(204);
    let chapters = json!({ "chapters": [{ "timecode": 1, "title": "one" }] });
    app.put(&format!("{one}/chapters"))
        .token(&bob)
        .json(chapters)
        .await
        .expect(204);
    app.put("/api/v1/video-channels/ada_channel")
        .token(&ada)
        .json(json!({ "displayName": "Ours" }))
        .await
        .expect(204);
    app.delete(&one).token(&bob).await.expect(204);
    let path = "/api/v1/video-channels/ada_channel/activities";
    app.get(path).await.expect(401);
    app.get(path).token(&eve).await.expect(403);
    app.get("/api/v1/video-channels/nothing/activities")
        .token(&eve)
        .await
        .expect(404);
    let list = app.get(path).token(&bob).await.expect(200).json();
    let lines: Vec<(&str, i64, i64)> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["account"]["name"].as_str().unwrap(),
                line["action"]["id"].as_i64().unwrap(),
                line["targetType"]["id"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [("bob", 3, 1), ("ada", 2, 3), ("bob", 5, 1), ("bob", 2, 1)]
    );
    assert_eq!(list["total"], 4);
    assert_eq!(list["data"][0]["details"]["name"], "Changed by Bob");
    assert_eq!(list["data"][0]["video"], Value::Null);
    assert_eq!(list["data"][0]["action"]["label"], "Delete");
    let first = app
        .get(&format!("{path}?sort=createdAt&count=1"))
        .token(&ada)
        .await
        .json();
    assert_eq!(first["data"][0]["action"]["label"], "Update");
}

#[tokio::test]
async fn the_player_has_a_look() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "Looks", |_| {}).await;
    let hidden = add(&app, "ada", "Hidden", |new| new.privacy = Privacy::Private).await;
    let of_video = format!("/api/v1/player-settings/videos/{}", video.uuid);
    let of_channel = "/api/v1/player-settings/video-channels/ada_channel";
    let theme = async |path: &str| app.get(path).await.expect(200).json()["theme"].clone();
    assert_eq!(theme(&of_video).await, "galaxy");
    assert_eq!(
        theme(&format!("{of_video}?raw=true")).await,
        "channel-default"
    );
    assert_eq!(
        theme(&format!("{of_channel}?raw=true")).await,
        "instance-default"
    );
    let lucide = json!({ "theme": "lucide" });
    app.put(of_channel)
        .token(&bob)
        .json(lucide.clone())
        .await
        .expect(403);
    app.put(of_channel)
        .token(&ada)
        .json(json!({ "theme": "channel-default" }))
        .await
        .expect(400);
    let set = app
        .put(of_channel)
        .token(&ada)
        .json(lucide.clone())
        .await
        .expect(200)
        .json();
    assert_eq!(set, lucide);
    assert_eq!(theme(&of_video).await, "lucide");
    app.put(&of_video)
        .token(&bob)
        .json(lucide.clone())
        .await
        .expect(403);
    app.put(&of_video).json(lucide).await.expect(401);
    app.put(&of_video)
        .token(&ada)
        .json(json!({ "theme": "instance-default" }))
        .await
        .expect(200);
    assert_eq!(theme(&of_video).await, "galaxy");
    app.put(&of_video)
        .token(&ada)
        .json(json!({}))
        .await
        .expect(400);
    app.get(&format!("/api/v1/player-settings/videos/{}", hidden.id))
        .await
        .expect(401);
    app.get("/api/v1/player-settings/videos/99999")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_video_says_where_it_may_be_embedded() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "Shown elsewhere", |_| {}).await;
    let path = format!("/api/v1/videos/{}/embed-privacy", video.id);
    let usual = app.get(&path).token(&ada).await.expect(200).json();
    assert_eq!(
        usual,
        json!({ "policy": { "id": 1, "label": "All allowed" }, "domains": [] })
    );
    app.get(&path).await.expect(401);
    app.get(&path).token(&bob).await.expect(403);
    for wrong in [
        json!({}),
        json!({ "policy": 3 }),
        json!({ "policy": 2, "domains": ["https://a.example"] }),
        json!({ "policy": 2, "domains": ["a.example; script-src *"] }),
    ] {
        app.put(&path).token(&ada).json(wrong).await.expect(400);
    }
    let body = json!({ "policy": 2, "domains": ["Blog.example", "other.example"] });
    app.put(&path)
        .token(&bob)
        .json(body.clone())
        .await
        .expect(403);
    app.put(&path).token(&ada).json(body).await.expect(204);
    let set = app.get(&path).token(&ada).await.json();
    assert_eq!(set["policy"]["id"], 2);
    assert_eq!(set["domains"], json!(["blog.example", "other.example"]));
    for (domain, allowed) in [
        ("blog.example", true),
        ("evil.example", false),
        ("video.test", true),
    ] {
        let answer = app
            .get(&format!("{path}/allowed?domain={domain}"))
            .await
            .expect(200)
            .json();
        assert_eq!(answer["domainAllowed"], allowed, "{domain}");
        assert_eq!(answer["userBypassAllowed"], Value::Null);
    }
    let answer = app.get(&format!("{path}/allowed?domain=evil.example"));
    assert_eq!(answer.token(&ada).await.json()["userBypassAllowed"], true);
    app.get(&format!("{path}/allowed")).await.expect(400);
    let ancestors = vidicon::video::embed::frame_ancestors(&app, &video)
        .await
        .unwrap();
    assert!(
        ancestors.starts_with("'self' https://blog.example "),
        "{ancestors}"
    );
    let frame = format!("/videos/embed/{}", video.uuid);
    let from = |referer: &str, target: &str| {
        app.get(&frame)
            .header("referer", referer)
            .header("sec-fetch-dest", target)
    };
    let refused = from("https://evil.example/page", "iframe").await;
    let html = refused.expect(403).text();
    assert!(!html.contains("Shown elsewhere"), "{html}");
    for (referer, target) in [
        ("https://blog.example/page", "iframe"),
        ("https://evil.example/page", "document"),
        (&app.url("/"), "iframe"),
    ] {
        from(referer, target).await.expect(200);
    }
}

#[tokio::test]
async fn the_original_can_be_removed() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let ada = app.user("ada").await;
    let video = add(&app, "ada", "With a source", |_| {}).await;
    let path = format!("/api/v1/videos/{}/source/file", video.id);
    app.delete(&path).token(&ada).await.expect(403);
    app.delete(&path).token(&root).await.expect(404);
    let class = base::storage::Class::Original;
    let key = format!("{}/file.mp4", video.uuid);
    app.storage
        .put(class, &key, b"film".to_vec().into())
        .await
        .unwrap();
    base::sql!(
        "INSERT INTO video_source (video_id, input_filename, key, size_bytes, metadata, created_at)
         VALUES ($1, 'file.mp4', $2, 4, '{}', 1)"
    )
    .bind(video.id)
    .bind(&key)
    .execute(&app.db)
    .await
    .unwrap();
    let source = format!("/api/v1/videos/{}/source", video.id);
    let known = app.get(&source).token(&ada).await.expect(200).json();
    assert!(known["fileDownloadUrl"].is_string());
    app.delete(&path).token(&root).await.expect(204);
    app.delete(&path).token(&root).await.expect(404);
    let known = app.get(&source).token(&ada).await.expect(200).json();
    assert_eq!(known["inputFilename"], "file.mp4");
    assert_eq!(known["fileDownloadUrl"], Value::Null);
    app.run_jobs().await;
    assert!(app.storage.get(class, &key, 10).await.is_err());
}
