//! Videos that are shared with users, with groups and by links.

use crate::app::{Answer, Call, TestApp};
use crate::video::{add, names};
use serde_json::{Value, json};
use vidicon::video::{Privacy, Video};

async fn private(app: &TestApp) -> Video {
    add(app, "ada", "Between us", |new| {
        new.privacy = Privacy::Private
    })
    .await
}

fn shares(video: &Video) -> String {
    format!("/api/v1/videos/{}/shares", video.uuid)
}

async fn share(app: &TestApp, token: &str, video: &Video, body: Value) -> Value {
    let call = app.post(&shares(video)).token(token).json(body);
    call.await.expect(200).json()["share"].clone()
}

async fn looks(app: &TestApp, video: &Video, call: impl Fn(Call<'_>) -> Call<'_>) -> u16 {
    let path = format!("/api/v1/videos/{}", video.uuid);
    let answer: Answer = call(app.get(&path)).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn a_video_is_shared_with_a_user_and_a_group() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let (ada, bob, eve) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    let video = private(&app).await;
    for (body, status) in [
        (json!({}), 400),
        (json!({ "kind": "friend" }), 400),
        (json!({ "kind": "user" }), 400),
        (json!({ "kind": "user", "username": "nobody" }), 404),
        (json!({ "kind": "user", "username": "ada" }), 400),
        (json!({ "kind": "group", "groupId": 99 }), 404),
        (json!({ "kind": "link", "viewLimit": 0 }), 400),
        (
            json!({ "kind": "link", "expiresAt": "2020-01-01T00:00:00Z" }),
            400,
        ),
    ] {
        app.post(&shares(&video))
            .token(&ada)
            .json(body)
            .await
            .expect(status);
    }
    let with_bob = json!({ "kind": "user", "username": "bob" });
    app.post(&shares(&video))
        .token(&eve)
        .json(with_bob.clone())
        .await
        .expect(403);
    app.post(&shares(&video))
        .json(with_bob.clone())
        .await
        .expect(401);
    assert_eq!(looks(&app, &video, |call| call.token(&bob)).await, 403);
    let one = share(&app, &ada, &video, with_bob.clone()).await;
    app.post(&shares(&video))
        .token(&ada)
        .json(with_bob)
        .await
        .expect(409);
    assert_eq!(one["account"]["name"], "bob");
    assert_eq!(looks(&app, &video, |call| call.token(&bob)).await, 200);
    assert_eq!(looks(&app, &video, |call| call.token(&eve)).await, 403);
    assert_eq!(looks(&app, &video, |call| call).await, 401);
    for end in ["captions", "chapters", "description"] {
        let path = format!("/api/v1/videos/{}/{end}", video.uuid);
        app.get(&path).token(&bob).await.expect(200);
    }
    app.put(&format!("/api/v1/videos/{}", video.id))
        .token(&bob)
        .json(json!({ "name": "Not yours" }))
        .await
        .expect(403);
    let mine = app
        .get("/api/v1/users/me/shared-videos")
        .token(&bob)
        .await
        .expect(200)
        .json();
    assert_eq!(names(&mine), ["Between us"]);
    assert_eq!(mine["total"], 1);

    let groups = "/api/v1/user-groups";
    let group = app
        .post(groups)
        .token(&root)
        .json(json!({ "name": "Friends" }));
    let group = group.await.expect(200).json()["userGroup"]["id"].clone();
    app.post(&format!("{groups}/{group}/members"))
        .token(&root)
        .json(json!({ "username": "eve" }))
        .await
        .expect(204);
    // Ada does not know the group.
    let with_group = json!({ "kind": "group", "groupId": group });
    app.post(&shares(&video))
        .token(&ada)
        .json(with_group.clone())
        .await
        .expect(404);
    let added = share(&app, &root, &video, with_group).await;
    assert_eq!(added["group"]["name"], "Friends");
    assert_eq!(looks(&app, &video, |call| call.token(&eve)).await, 200);
    let list = app
        .get(&shares(&video))
        .token(&ada)
        .await
        .expect(200)
        .json();
    assert_eq!(list["total"], 2);
    app.get(&shares(&video)).token(&bob).await.expect(403);

    let one = format!("{}/{}", shares(&video), one["id"]);
    let soon = json!({ "expiresAt": "2026-11-01T13:00:00Z" });
    app.put(&one).token(&ada).json(soon).await.expect(204);
    assert_eq!(looks(&app, &video, |call| call.token(&bob)).await, 200);
    app.clock.advance(3_600_001);
    assert_eq!(looks(&app, &video, |call| call.token(&bob)).await, 403);
    let mine = app
        .get("/api/v1/users/me/shared-videos")
        .token(&bob)
        .await
        .json();
    assert_eq!(mine["total"], 0);
    app.put(&one)
        .token(&ada)
        .json(json!({ "expiresAt": null }))
        .await
        .expect(204);
    assert_eq!(looks(&app, &video, |call| call.token(&bob)).await, 200);
    app.post(&format!("/api/v1/videos/{}/blacklist", video.id))
        .token(&root)
        .await
        .expect(204);
    assert_eq!(looks(&app, &video, |call| call.token(&bob)).await, 403);
    app.delete(&format!("/api/v1/videos/{}/blacklist", video.id))
        .token(&root)
        .await
        .expect(204);
    app.delete(&one).token(&eve).await.expect(403);
    app.delete(&one).token(&ada).await.expect(204);
    app.delete(&one).token(&ada).await.expect(404);
    assert_eq!(looks(&app, &video, |call| call.token(&bob)).await, 403);
}

#[tokio::test]
async fn a_link_opens_as_often_as_it_may() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let video = private(&app).await;
    let other = private(&app).await;
    let link = share(
        &app,
        &ada,
        &video,
        json!({ "kind": "link", "viewLimit": 2 }),
    )
    .await;
    let address = link["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://video.test")
        .unwrap();
    app.get("/s/unknown").await.expect(404);
    // Looking at the page counts nothing.
    for _ in 0..3 {
        let page = app
            .get(address)
            .header("accept-language", "en")
            .await
            .expect(200);
        assert!(
            page.text().contains("It opens 2 more times."),
            "{}",
            page.text()
        );
    }
    let opened = app.post(address).await.expect(303);
    assert!(opened.header("location").starts_with("/w/"));
    let cookie = opened
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        looks(&app, &video, |call| call.header("cookie", &cookie)).await,
        200
    );
    assert_eq!(
        looks(&app, &other, |call| call.header("cookie", &cookie)).await,
        401
    );
    // The same browser comes again without being counted.
    app.get(address).header("cookie", &cookie).await.expect(303);
    let token = link["token"].clone();
    let open = format!("{}/open", shares(&video));
    let opened = app
        .post(&open)
        .json(json!({ "token": token }))
        .await
        .expect(200)
        .json();
    let grant = opened["grant"].as_str().unwrap().to_owned();
    assert_eq!(
        looks(&app, &video, |call| call.header("x-vidicon-share", &grant)).await,
        200
    );
    let forged = grant.replace(&grant[..2], "9-");
    assert_eq!(
        looks(&app, &video, |call| call.header("x-vidicon-share", &forged)).await,
        401
    );
    let files = app
        .post(&format!("/api/v1/videos/{}/token", video.uuid))
        .header("x-vidicon-share", &grant)
        .await
        .expect(200)
        .json();
    assert!(files["files"]["token"].is_string());
    app.post(&open)
        .json(json!({ "token": link["token"] }))
        .await
        .expect(410);
    app.post(address).await.expect(410);
    app.get(address).await.expect(410);
    app.post(&format!("{}/open", shares(&other)))
        .json(json!({ "token": link["token"] }))
        .await
        .expect(404);
    let list = app.get(&shares(&video)).token(&ada).await.json();
    assert_eq!(list["data"][0]["views"], 2);
    // What was opened ends with the share, or after half a day.
    app.clock.advance(12 * 3_600_000 + 1);
    assert_eq!(
        looks(&app, &video, |call| call.header("x-vidicon-share", &grant)).await,
        401
    );
    let link = share(
        &app,
        &ada,
        &video,
        json!({ "kind": "link", "label": "for the team" }),
    )
    .await;
    let opened = app
        .post(&open)
        .json(json!({ "token": link["token"] }))
        .await
        .expect(200)
        .json();
    let grant = opened["grant"].as_str().unwrap().to_owned();
    assert_eq!(
        looks(&app, &video, |call| call.header("x-vidicon-share", &grant)).await,
        200
    );
    let one = format!("{}/{}", shares(&video), link["id"]);
    app.delete(&one).token(&ada).await.expect(204);
    assert_eq!(
        looks(&app, &video, |call| call.header("x-vidicon-share", &grant)).await,
        401
    );
}
