//! Subscriptions: following, the list of what is followed, its videos, and who follows.

use crate::app::TestApp;
use crate::video::{add, names};
use serde_json::{Value, json};
use vidicon::video::Privacy;

const ALL: &str = "/api/v1/users/me/subscriptions";

async fn follow(app: &TestApp, token: &str, uri: &str) {
    let call = app.post(ALL).token(token).json(json!({ "uri": uri }));
    call.await.expect(204);
}

#[tokio::test]
async fn a_channel_is_followed_and_left() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.post(ALL)
        .json(json!({ "uri": "ada_channel@video.test" }))
        .await
        .expect(401);
    for body in [
        json!({}),
        json!({ "uri": "ada_channel" }),
        json!({ "uri": "a b@video.test" }),
        json!({ "uri": 7 }),
    ] {
        let answer = app
            .post(ALL)
            .token(&bob)
            .json(body)
            .await
            .expect(400)
            .json();
        assert!(answer["invalid-params"]["uri"].is_object());
    }
    // What is not there is passed over.
    follow(&app, &bob, "nobody@video.test").await;
    follow(&app, &bob, "ada@video.test").await;
    assert_eq!(app.get(ALL).token(&bob).await.json()["total"], 0);
    follow(&app, &bob, "ada_channel@video.test").await;
    follow(&app, &bob, "Ada_Channel@video.test").await;
    let mine = app.get(ALL).token(&bob).await.expect(200).json();
    assert_eq!(mine["total"], 1);
    assert_eq!(mine["data"][0]["name"], "ada_channel");
    assert_eq!(mine["data"][0]["followersCount"], 1);
    assert_eq!(mine["data"][0]["ownerAccount"]["name"], "ada");
    let account = app.get("/api/v1/accounts/bob").await.json();
    assert_eq!(account["followingCount"], 1);
    for (path, token, status) in [
        ("/api/v1/video-channels/ada_channel/followers", &ada, 200),
        ("/api/v1/accounts/ada/followers", &ada, 200),
        ("/api/v1/video-channels/ada_channel/followers", &bob, 403),
        ("/api/v1/accounts/ada/followers", &bob, 403),
    ] {
        let list = app.get(path).token(token).await.expect(status).json();
        if status == 200 {
            assert_eq!(list["total"], 1, "{path}");
            assert_eq!(list["data"][0]["follower"]["name"], "bob");
            assert_eq!(list["data"][0]["following"]["name"], "ada_channel");
        }
    }
    let exist = format!("{ALL}/exist?uris=ada_channel@video.test&uris[]=bob_channel@video.test");
    let exist = app.get(&exist).token(&bob).await.expect(200).json();
    let wanted = json!({ "ada_channel@video.test": true, "bob_channel@video.test": false });
    assert_eq!(exist, wanted);
    app.get(&format!("{ALL}/exist"))
        .token(&bob)
        .await
        .expect(400);
    app.get(&format!("{ALL}/exist?uris=x"))
        .token(&bob)
        .await
        .expect(400);
    let one = format!("{ALL}/ada_channel@video.test");
    assert_eq!(
        app.get(&one).token(&bob).await.expect(200).json()["name"],
        "ada_channel"
    );
    app.get(&one).token(&ada).await.expect(404);
    app.get(&format!("{ALL}/ada_channel"))
        .token(&bob)
        .await
        .expect(400);
    app.delete(&one).token(&bob).await.expect(204);
    app.delete(&one).token(&bob).await.expect(404);
    let channel = app.get("/api/v1/video-channels/ada_channel").await.json();
    assert_eq!(channel["followersCount"], 0);
}

#[tokio::test]
async fn subscriptions_are_listed_in_every_order() {
    let app = TestApp::new().await;
    let me = app.user("me").await;
    for name in ["carol", "ada", "bob"] {
        app.user(name).await;
        app.clock.advance(1000);
        follow(&app, &me, &format!("{name}_channel@video.test")).await;
    }
    app.clock.advance(1000);
    add(&app, "ada", "Newest", |_| {}).await;
    let listed = async |query: &str| -> Vec<String> {
        let list = app
            .get(&format!("{ALL}?{query}"))
            .token(&me)
            .await
            .expect(200)
            .json();
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["ownerAccount"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(listed("").await, ["bob", "ada", "carol"]);
    assert_eq!(listed("sort=id").await, ["carol", "ada", "bob"]);
    assert_eq!(listed("sort=createdAt&start=1&count=1").await, ["ada"]);
    assert_eq!(listed("sort=-channelUpdatedAt&count=1").await, ["ada"]);
    assert_eq!(listed("search=bob").await, ["bob"]);
    for wrong in ["sort=name", "search=", "count=101", "start=-1"] {
        app.get(&format!("{ALL}?{wrong}"))
            .token(&me)
            .await
            .expect(400);
    }
}

#[tokio::test]
async fn videos_of_subscriptions_come_newest_first() {
    let app = TestApp::new().await;
    let me = app.user("me").await;
    for name in ["ada", "bob", "carol", "dora"] {
        app.user(name).await;
        if name != "dora" {
            follow(&app, &me, &format!("{name}_channel@video.test")).await;
        }
    }
    let mut wanted = Vec::new();
    for number in 0..40 {
        app.clock.advance(60_000);
        let name = format!("Video {number}");
        let owner = ["ada", "bob", "carol", "dora"][(number * 7 / 3) % 4];
        let privacy = match number % 10 {
            3 => Privacy::Internal,
            5 => Privacy::Private,
            7 => Privacy::Unlisted,
            _ => Privacy::Public,
        };
        add(&app, owner, &name, |new| {
            new.privacy = privacy;
            new.nsfw = number % 11 == 10;
        })
        .await;
        let is_listed = matches!(privacy, Privacy::Public | Privacy::Internal);
        if is_listed && owner != "dora" && number % 11 != 10 {
            wanted.insert(0, name);
        }
    }
    let path = format!("{ALL}/videos?nsfw=false");
    let list = app.get(&path).token(&me).await.expect(200).json();
    assert_eq!(list["total"], wanted.len());
    assert_eq!(names(&list), wanted[..15]);
    let next = app
        .get(&format!("{path}&start=15&count=5"))
        .token(&me)
        .await
        .json();
    assert_eq!(names(&next), wanted[15..20]);
    let rest = app
        .get(&format!("{path}&start=20&count=100"))
        .token(&me)
        .await
        .json();
    assert_eq!(names(&rest), wanted[20..]);
    let oldest = app
        .get(&format!("{path}&sort=publishedAt&count=1"))
        .token(&me)
        .await
        .json();
    assert_eq!(names(&oldest), wanted[wanted.len() - 1..]);
    let found = app
        .get(&format!("{path}&search=12"))
        .token(&me)
        .await
        .json();
    assert_eq!(
        found["total"],
        usize::from(wanted.contains(&"Video 12".to_owned()))
    );
    app.get(&format!("{ALL}/videos")).await.expect(401);
    app.get(&format!("{ALL}/videos?sort=nothing"))
        .token(&me)
        .await
        .expect(400);
    // Muted people are not shown, not even those that are followed.
    app.post("/api/v1/users/me/blocklist/accounts")
        .token(&me)
        .json(json!({ "accountName": "ada" }))
        .await
        .expect(204);
    let list = app
        .get(&format!("{path}&count=100"))
        .token(&me)
        .await
        .json();
    let shown = list["data"].as_array().unwrap();
    assert!(!shown.is_empty() && shown.iter().all(|it| it["account"]["name"] != "ada"));
    assert_eq!(list["total"], shown.len());
}

#[tokio::test]
async fn a_moved_video_is_found_among_its_new_channels() {
    let app = TestApp::new().await;
    let (ada, me) = (app.user("ada").await, app.user("me").await);
    let body = json!({ "name": "second", "displayName": "Second" });
    let made = app
        .post("/api/v1/video-channels")
        .token(&ada)
        .json(body)
        .await
        .expect(200)
        .json();
    follow(&app, &me, "second@video.test").await;
    let video = add(&app, "ada", "Moved", |_| {}).await;
    let path = format!("{ALL}/videos");
    assert_eq!(app.get(&path).token(&me).await.json()["total"], 0);
    app.put(&format!("/api/v1/videos/{}", video.id))
        .token(&ada)
        .json(json!({ "channelId": made["videoChannel"]["id"] }))
        .await
        .expect(204);
    let list: Value = app.get(&path).token(&me).await.json();
    assert_eq!(names(&list), ["Moved"]);
}
