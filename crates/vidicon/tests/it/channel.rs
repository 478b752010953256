//! Channels: made, changed, listed, deleted with their videos.

use crate::app::TestApp;
use crate::video::{add, names};
use serde_json::json;

#[tokio::test]
async fn a_channel_is_made_changed_and_deleted() {
    let app = TestApp::new().await;
    let (owner, other, root) = (
        app.user("owner").await,
        app.user("other").await,
        app.root().await,
    );
    let body = json!({ "name": "films", "displayName": "Films" });
    app.post("/api/v1/video-channels")
        .json(body.clone())
        .await
        .expect(401);
    let made = app
        .post("/api/v1/video-channels")
        .token(&owner)
        .json(body.clone())
        .await
        .expect(200)
        .json();
    assert!(made["videoChannel"]["id"].is_i64());
    app.post("/api/v1/video-channels")
        .token(&other)
        .json(body)
        .await
        .expect(409);
    for wrong in [
        json!({ "name": "Films", "displayName": "x" }),
        json!({ "name": "a b", "displayName": "x" }),
        json!({ "name": "ok" }),
        json!({ "name": "ok", "displayName": "" }),
        json!({ "name": "ok", "displayName": "x", "description": "ab" }),
        json!({ "name": "ok", "displayName": "x", "support": "a".repeat(1001) }),
    ] {
        app.post("/api/v1/video-channels")
            .token(&owner)
            .json(wrong)
            .await
            .expect(400);
    }
    let path = "/api/v1/video-channels/films@video.test";
    app.put(path)
        .token(&other)
        .json(json!({ "displayName": "Mine" }))
        .await
        .expect(403);
    app.put(path)
        .token(&owner)
        .json(json!({ "displayName": 3 }))
        .await
        .expect(400);
    let video = add(&app, "owner", "In the first", |_| {}).await;
    let change = json!({ "displayName": "Great films", "description": "All of them", "support": "give",
        "bulkVideosSupportUpdate": true });
    app.put(path).token(&owner).json(change).await.expect(204);
    app.put(path)
        .token(&root)
        .json(json!({ "description": null }))
        .await
        .expect(204);
    let shown = app.get(path).await.expect(200).json();
    assert_eq!(shown["displayName"], "Great films");
    assert_eq!(shown["description"], json!(null));
    assert_eq!(shown["support"], "give");
    assert_eq!(shown["ownerAccount"]["name"], "owner");
    assert_eq!(shown["isLocal"], true);

    let films = made["videoChannel"]["id"].as_i64().unwrap();
    let moved = format!("/api/v1/videos/{}", video.uuid);
    app.put(&moved)
        .token(&owner)
        .json(json!({ "channelId": films }))
        .await
        .expect(204);
    let list = app
        .get("/api/v1/video-channels/films/videos")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (names(&list), &list["total"]),
        (vec!["In the first"], &json!(1))
    );
    let list = app
        .get("/api/v1/video-channels/owner_channel/videos")
        .await
        .json();
    assert_eq!(list["total"], 0);

    app.delete(path).token(&other).await.expect(403);
    app.delete(path).token(&owner).await.expect(204);
    app.get(path).await.expect(404);
    app.get(&moved).await.expect(404);
    assert_eq!(app.get("/api/v1/videos").await.json()["total"], 0);
    app.delete("/api/v1/video-channels/owner_channel")
        .token(&owner)
        .await
        .expect(409);
    let again = json!({ "name": "films", "displayName": "Films" });
    app.post("/api/v1/video-channels")
        .token(&owner)
        .json(again)
        .await
        .expect(409);
}

#[tokio::test]
async fn channels_are_listed_searched_and_limited() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    for number in 1..20 {
        let body =
            json!({ "name": format!("c{number}"), "displayName": format!("Canal n°{number} Été") });
        app.post("/api/v1/video-channels")
            .token(&owner)
            .json(body)
            .await
            .expect(200);
    }
    let body = json!({ "name": "one_more", "displayName": "One more" });
    app.post("/api/v1/video-channels")
        .token(&owner)
        .json(body)
        .await
        .expect(400);
    app.get("/api/v1/video-channels/one_more").await.expect(404);
    for sort in [
        "id",
        "-id",
        "name",
        "-name",
        "updatedAt",
        "-updatedAt",
        "createdAt",
        "-createdAt",
    ] {
        let list = app
            .get(&format!("/api/v1/video-channels?sort={sort}&count=3"))
            .await
            .expect(200)
            .json();
        assert_eq!((names(&list).len(), &list["total"]), (3, &json!(21)));
    }
    app.get("/api/v1/video-channels?sort=views")
        .await
        .expect(400);
    app.get("/api/v1/video-channels?search=").await.expect(400);
    let list = app
        .get("/api/v1/video-channels?search=ete")
        .await
        .expect(200)
        .json();
    assert_eq!(list["total"], 19);
    let path = "/api/v1/accounts/owner/video-channels";
    let list = app
        .get(&format!("{path}?withStats=true&count=1&search=canal"))
        .await
        .expect(200)
        .json();
    assert_eq!(list["total"], 19);
    assert_eq!(list["data"][0]["viewsPerDay"].as_array().unwrap().len(), 30);
    assert_eq!(list["data"][0]["videosCount"], 0);
    app.get("/api/v1/accounts/nobody/video-channels")
        .await
        .expect(404);
}

#[tokio::test]
async fn followers_are_the_owners_to_see() {
    let app = TestApp::new().await;
    let (owner, other) = (app.user("owner").await, app.user("other").await);
    base::db::Query::new(
        "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
         SELECT r.id, d.id, 'accepted', 5, 5 FROM actor r, actor d
         WHERE r.name = 'other' AND d.name = 'owner_channel'",
    )
    .execute(&app.db)
    .await
    .unwrap();
    for path in [
        "/api/v1/video-channels/owner_channel/followers",
        "/api/v1/accounts/owner/followers",
    ] {
        app.get(path).await.expect(401);
        app.get(path).token(&other).await.expect(403);
        let list = app
            .get(&format!("{path}?sort=createdAt"))
            .token(&owner)
            .await
            .expect(200)
            .json();
        assert_eq!(list["data"][0]["follower"]["name"], "other");
        assert_eq!(list["data"][0]["following"]["name"], "owner_channel");
        let none = app
            .get(&format!("{path}?search=xyz"))
            .token(&owner)
            .await
            .expect(200)
            .json();
        assert_eq!(none["total"], 0);
    }
}

#[tokio::test]
async fn collaborators_help_after_they_agreed() {
    let app = TestApp::new().await;
    let (owner, helper, other) = (
        app.user("owner").await,
        app.user("helper").await,
        app.user("other").await,
    );
    let video = add(&app, "owner", "Shared", |_| {}).await;
    let path = "/api/v1/video-channels/owner_channel/collaborators";
    let invite = |name: &str| json!({ "accountHandle": name });
    let ask = format!("{path}/invite");
    app.post(&ask)
        .token(&other)
        .json(invite("helper"))
        .await
        .expect(403);
    app.post(&ask)
        .token(&owner)
        .json(json!({}))
        .await
        .expect(400);
    app.post(&ask)
        .token(&owner)
        .json(invite("nobody"))
        .await
        .expect(404);
    app.post(&ask)
        .token(&owner)
        .json(invite("owner"))
        .await
        .expect(400);
    let made = app
        .post(&ask)
        .token(&owner)
        .json(invite("helper"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        made["collaborator"]["state"],
        json!({ "id": 1, "label": "Pending" })
    );
    assert_eq!(made["collaborator"]["account"]["name"], "helper");
    app.post(&ask)
        .token(&owner)
        .json(invite("helper"))
        .await
        .expect(409);
    let id = made["collaborator"]["id"].as_i64().unwrap();
    let change = format!("/api/v1/videos/{}", video.uuid);
    app.put(&change)
        .token(&helper)
        .json(json!({ "name": "Ours" }))
        .await
        .expect(403);
    app.post(&format!("{path}/{id}/accept"))
        .token(&other)
        .await
        .expect(400);
    app.post(&format!("{path}/{id}/reject"))
        .token(&helper)
        .await
        .expect(204);
    app.post(&format!("{path}/{id}/accept"))
        .token(&helper)
        .await
        .expect(400);
    app.post(&ask)
        .token(&owner)
        .json(invite("helper"))
        .await
        .expect(200);
    app.post(&format!("{path}/{id}/accept"))
        .token(&helper)
        .await
        .expect(204);
    app.put(&change)
        .token(&helper)
        .json(json!({ "name": "Ours" }))
        .await
        .expect(204);
    app.get(path).token(&other).await.expect(403);
    assert_eq!(
        app.get(path).token(&helper).await.expect(200).json()["total"],
        1
    );
    let channels = "/api/v1/accounts/helper/video-channels?includeCollaborations=true";
    assert_eq!(app.get(channels).await.expect(200).json()["total"], 2);
    app.delete("/api/v1/video-channels/owner_channel")
        .token(&helper)
        .await
        .expect(403);
    app.delete(&format!("{path}/{id}"))
        .token(&other)
        .await
        .expect(403);
    app.delete(&format!("{path}/{id}"))
        .token(&owner)
        .await
        .expect(204);
    app.delete(&format!("{path}/{id}"))
        .token(&owner)
        .await
        .expect(404);
    app.put(&change)
        .token(&helper)
        .json(json!({ "name": "Mine" }))
        .await
        .expect(403);
}

#[tokio::test]
async fn a_channel_gets_pictures() {
    let app = TestApp::new().await;
    let (owner, other) = (app.user("owner").await, app.user("other").await);
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(700, 300)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let png = png.into_inner();
    let base = "/api/v1/video-channels/owner_channel";
    for (kind, field, count) in [("avatar", "avatarfile", 2), ("banner", "bannerfile", 1)] {
        let path = format!("{base}/{kind}/pick");
        let file: [(&str, &str, &str, &[u8]); 1] = [(field, "a.png", "image/png", &png)];
        app.post(&path)
            .token(&other)
            .multipart(&[], &file)
            .await
            .expect(403);
        app.post(&path)
            .token(&owner)
            .multipart(&[("x", "y")], &[])
            .await
            .expect(400);
        let made = app
            .post(&path)
            .token(&owner)
            .multipart(&[], &file)
            .await
            .expect(200)
            .json();
        let shown = app.get(base).await.json();
        let list = format!("{kind}s");
        assert_eq!(made[&list], shown[&list]);
        assert!(shown[&list].as_array().unwrap().len() >= count, "{shown}");
        let file = shown[&list][0]["path"].as_str().unwrap();
        app.get(file).await.expect(200);
        app.delete(&format!("{base}/{kind}"))
            .token(&owner)
            .await
            .expect(204);
        assert_eq!(app.get(base).await.json()[&list], json!([]));
    }
}
