//! A video's statistics: who may see them, and that known sittings give known figures.

use crate::app::TestApp;
use crate::video::add;
use base::clock::{HOUR, MINUTE};
use serde_json::{Value, json};

async fn sitting(app: &TestApp, uuid: &str, session: &str, sections: &[(i64, i64)]) {
    let view = |body: Value| app.post(&format!("/api/v1/videos/{uuid}/views")).json(body);
    for (from, to) in sections {
        view(
            json!({ "currentTime": from, "viewEvent": "seek", "sessionId": session,
                     "client": "Firefox", "device": "desktop", "operatingSystem": "Debian" }),
        )
        .await
        .expect(204);
        app.clock.advance((to - from) * 1000);
        view(json!({ "currentTime": to, "sessionId": session }))
            .await
            .expect(204);
    }
}

#[tokio::test]
async fn known_sittings_give_known_figures() {
    let app = TestApp::new().await;
    let token = app.user("ada").await;
    let video = add(&app, "ada", "Watched", |new| new.duration_s = 40).await;
    let uuid = video.uuid.to_string();
    sitting(&app, &uuid, "first", &[(0, 40)]).await;
    app.clock.advance(10 * MINUTE);
    sitting(&app, &uuid, "second", &[(0, 10), (30, 40)]).await;
    let get = |path: &str| {
        app.get(&format!("/api/v1/videos/{uuid}/stats/{path}"))
            .token(&token)
    };

    let overall = get("overall").await.expect(200).json();
    assert_eq!(overall["totalWatchTime"], 60);
    assert_eq!(overall["averageWatchTime"], 30);
    assert_eq!(overall["totalViewers"], 2);
    assert_eq!(overall["viewersPeak"], 1);
    assert_eq!(overall["countries"], json!([]));
    let before = get("overall?endDate=2020-01-01").await.expect(200).json();
    assert_eq!(
        (&before["totalViewers"], &before["viewersPeakDate"]),
        (&0.into(), &Value::Null)
    );

    let retention = get("retention").await.expect(200).json();
    let percent = |second: usize| {
        retention["data"][second]["retentionPercent"]
            .as_f64()
            .unwrap()
    };
    assert_eq!((percent(5), percent(20), percent(35)), (100.0, 50.0, 100.0));

    let agents = get("user-agent").await.expect(200).json();
    assert_eq!(
        agents["clients"],
        json!([{ "name": "Firefox", "viewers": 2 }])
    );
    assert_eq!(agents["operatingSystem"][0]["name"], "Debian");

    app.clock.advance(HOUR);
    let series = get("timeseries/viewers").await.expect(200).json();
    assert_eq!(series["groupInterval"], "10 minutes");
    let total = |series: &Value| -> i64 {
        series["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["value"].as_i64().unwrap())
            .sum()
    };
    assert!(total(&series) >= 2, "{series}");
    let watched = get("timeseries/aggregateWatchTime")
        .await
        .expect(200)
        .json();
    assert_eq!(total(&watched), 60);
    for wrong in [
        "timeseries/hearts",
        "timeseries/viewers?startDate=2026-01-01",
        "timeseries/viewers?startDate=2000-01-01&endDate=2026-01-01",
        "overall?startDate=yesterday",
    ] {
        get(wrong).await.expect(400);
    }
}

#[tokio::test]
async fn what_is_saved_is_counted_once_for_each_beginning() {
    let app = TestApp::new().await;
    let token = app.user("ada").await;
    let video = add(&app, "ada", "Saved", |new| new.duration_s = 40).await;
    let name = format!("{}-480.mp4", video.uuid);
    let key = format!("{}/{name}", video.uuid);
    let bytes = bytes::Bytes::from_static(b"not really a film");
    app.storage
        .put(base::storage::Class::Rendition, &key, bytes)
        .await
        .unwrap();
    base::db::Query::new(
        "INSERT INTO video_file (video_id, kind, resolution, filename, complete, created_at)
         VALUES ($1, 'web', 480, $2, TRUE, 1)",
    )
    .bind(video.id)
    .bind(&name)
    .execute(&app.db)
    .await
    .unwrap();
    let path = format!("/download/web-videos/{name}");
    app.get(&path).await.expect(200);
    app.get(&path)
        .header("range", "bytes=0-3")
        .await
        .expect(206);
    // The rest of one, a look at the head, and the same from a player are none.
    app.get(&path).header("range", "bytes=4-").await.expect(206);
    app.call(axum::http::Method::HEAD, &path).await.expect(200);
    let played = format!("/static/web-videos/{name}");
    app.get(&played).await.expect(200);
    let get = |path: &str| {
        app.get(&format!("/api/v1/videos/{}/stats/{path}", video.uuid))
            .token(&token)
    };
    assert_eq!(get("overall").await.expect(200).json()["downloads"], 2);
    app.clock.advance(2 * HOUR);
    let series = get("timeseries/downloads").await.expect(200).json();
    let points = series["data"].as_array().unwrap().iter();
    let all: i64 = points.map(|point| point["value"].as_i64().unwrap()).sum();
    assert_eq!(all, 2, "{series}");
    let later = get("overall?startDate=2099-01-01").await.expect(200).json();
    assert_eq!(later["downloads"], 0);
    let page = format!("/my/videos/{}/figures", video.uuid);
    let page = app.get(&page).token(&token).await.expect(200).text();
    assert!(page.contains("<dt>Downloads</dt><dd>2</dd>"), "{page}");
}

#[tokio::test]
async fn figures_are_for_owners_and_moderators() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let other = app.user("bea").await;
    let root = app.root().await;
    let video = add(&app, "ada", "Mine", |_| {}).await;
    for path in ["overall", "retention", "user-agent", "timeseries/viewers"] {
        let path = format!("/api/v1/videos/{}/stats/{path}", video.uuid);
        app.get(&path).await.expect(401);
        app.get(&path).token(&other).await.expect(403);
        app.get(&path).token(&root).await.expect(200);
    }
    app.get("/api/v1/videos/99999/stats/overall")
        .token(&root)
        .await
        .expect(404);
}
