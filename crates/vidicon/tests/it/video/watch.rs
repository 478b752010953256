//! Views, ratings and history.

use super::{add, names};
use crate::app::TestApp;
use base::clock::{HOUR, MINUTE};
use serde_json::json;
use vidicon::video::{self};

#[tokio::test]
async fn a_view_counts_once_in_an_hour() {
    let app = TestApp::new().await;
    app.user("owner").await;
    let video = add(&app, "owner", "Watched", |_| {}).await;
    let path = format!("/api/v1/videos/{}/views", video.uuid);
    let watch = async |at: i64, session: &str| {
        let body = json!({ "currentTime": at, "sessionId": session });
        app.post(&path).json(body).await.status.as_u16()
    };
    let views = async || {
        let details = app
            .get(&format!("/api/v1/videos/{}", video.uuid))
            .await
            .json();
        (
            details["views"].as_i64().unwrap(),
            details["viewers"].as_i64().unwrap(),
        )
    };
    assert_eq!(watch(0, "a").await, 204);
    assert_eq!(views().await, (0, 1));
    assert_eq!(watch(12, "a").await, 204);
    assert_eq!(watch(25, "a").await, 204);
    assert_eq!(views().await, (1, 1));
    assert_eq!((watch(0, "b").await, watch(11, "b").await), (204, 204));
    assert_eq!(views().await, (2, 2));
    assert_eq!(watch(61, "a").await, 400);
    assert_eq!(watch(-1, "a").await, 400);
    app.put(&path).json(json!({})).await.expect(400);
    app.clock.advance(2 * HOUR);
    assert_eq!((watch(0, "a").await, watch(15, "a").await), (204, 204));
    assert_eq!(views().await, (3, 1));
    let trending = app
        .get("/api/v1/videos?sort=-trending")
        .await
        .expect(200)
        .json();
    assert_eq!(names(&trending), ["Watched"]);
    video::watching::recount_trending(&app).await.unwrap();
}

#[tokio::test]
async fn ratings_count_right() {
    let app = TestApp::new().await;
    let (a, b) = (app.user("a1").await, app.user("b1").await);
    let video = add(&app, "a1", "Rated", |_| {}).await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    let rate = async |token: &str, rating: &str| {
        let call = app.put(&format!("{path}/rate")).token(token);
        call.json(json!({ "rating": rating })).await.expect(204);
        let details = app.get(&path).await.json();
        (
            details["likes"].as_i64().unwrap(),
            details["dislikes"].as_i64().unwrap(),
        )
    };
    assert_eq!(rate(&a, "like").await, (1, 0));
    assert_eq!(rate(&a, "like").await, (1, 0));
    assert_eq!(rate(&b, "dislike").await, (1, 1));
    assert_eq!(rate(&b, "like").await, (2, 0));
    let mine = app
        .get(&format!("/api/v1/users/me/videos/{}/rating", video.id))
        .token(&a)
        .await
        .expect(200);
    assert_eq!(
        mine.json(),
        json!({ "id": video.id, "videoId": video.id, "rating": "like" })
    );
    let rated = app
        .get("/api/v1/accounts/a1/ratings?rating=like&sort=createdAt")
        .token(&a)
        .await
        .expect(200);
    assert_eq!(rated.json()["data"][0]["video"]["name"], "Rated");
    assert_eq!(rated.json()["total"], 1);
    app.get("/api/v1/accounts/a1/ratings")
        .token(&b)
        .await
        .expect(403);
    assert_eq!(rate(&a, "none").await, (1, 0));
    app.put(&format!("{path}/rate"))
        .token(&a)
        .json(json!({ "rating": "x" }))
        .await
        .expect(400);
    app.put(&format!("{path}/rate"))
        .json(json!({ "rating": "like" }))
        .await
        .expect(401);
}

#[tokio::test]
async fn history_can_be_forgotten() {
    let app = TestApp::new().await;
    let me = app.user("me1").await;
    let mut ids = Vec::new();
    for name in ["one", "two", "three"] {
        let video = add(&app, "me1", name, |_| {}).await;
        app.clock.advance(MINUTE);
        let path = format!("/api/v1/videos/{}/watching", video.uuid);
        app.put(&path)
            .token(&me)
            .json(json!({ "currentTime": 1 }))
            .await
            .expect(204);
        ids.push(video.id);
    }
    let list = async || {
        app.get("/api/v1/users/me/history/videos")
            .token(&me)
            .await
            .expect(200)
            .json()
    };
    assert_eq!(names(&list().await), ["three", "two", "one"]);
    let path = format!("/api/v1/users/me/history/videos/{}", ids[1]);
    app.delete(&path).token(&me).await.expect(204);
    app.delete(&path).token(&me).await.expect(204);
    assert_eq!(names(&list().await), ["three", "one"]);
    let before = vidicon::check::iso(app.clock.now());
    let body = json!({ "beforeDate": before });
    app.post("/api/v1/users/me/history/videos/remove")
        .token(&me)
        .json(body)
        .await
        .expect(204);
    assert_eq!(names(&list().await), ["three"]);
    app.post("/api/v1/users/me/history/videos/remove")
        .token(&me)
        .await
        .expect(204);
    assert_eq!(list().await["total"], 0);
}
