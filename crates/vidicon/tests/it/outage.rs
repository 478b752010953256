//! A bucket in trouble: away for minutes, slow, failing now and then. Pages answer, uploads go on, nothing is lost.

use crate::app::TestApp;
use crate::bucket::{playlist, server};
use crate::clips;
use crate::transcode::files;
use crate::upload::{begin, found, path, put, upload};
use base::clock::MINUTE;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;
use vidicon::video::VideoState;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_waits_for_a_bucket_that_is_away() {
    let server = server().await;
    let Some(own) = &server.own else {
        return;
    };
    let app = server.app(|_| {}).await;
    let root = app.root().await;
    let clip = clips::bytes(&clips::COPIED).await;
    own.fail_next(10_000, "503 SlowDown");
    let to = path(&begin(&app, &root, clip.len(), json!({ "privacy": 1 })).await);
    let all = format!("bytes 0-{}/{}", clip.len() - 1, clip.len());
    let _alone = clips::alone().await;
    let answer = put(&app, &root, &to, &all, &clip).await;
    assert!(answer.status.is_server_error(), "{}", answer.status);
    app.clock.advance(5 * MINUTE);
    app.get("/").await.expect(200);
    app.get("/api/v1/videos").await.expect(200);
    let health = app.get("/api/v1/server/health").token(&root).await.json();
    let findings = health["findings"].as_array().unwrap();
    let storage = findings.iter().find(|it| it["part"] == "storage").unwrap();
    assert_eq!(storage["mood"], "bad", "{storage}");
    own.fail_next(0, "");
    // The bytes are here; the client only asks again.
    let ask = format!("bytes */{}", clip.len());
    let answer = put(&app, &root, &to, &ask, b"").await.expect(200).json();
    app.run_jobs().await;
    let video = found(&app, &answer["video"]).await;
    assert_eq!(video.state, VideoState::Published);
    playlist(&app, &video, "").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_of_ten_requests_may_fail() {
    let server = server().await;
    let Some(own) = &server.own else {
        return;
    };
    let app = server.app(|storage| storage.bucket.retries = 8).await;
    let root = app.root().await;
    own.fail_share(30, "500 InternalError");
    let answer = upload(&app, &root, &clips::COPIED, &[]).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let video = found(&app, &answer).await;
    assert_eq!(video.state, VideoState::Published);
    assert!(files(&app, &video).await.iter().all(|file| file.complete));
    for _ in 0..5 {
        playlist(&app, &video, "").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_do_not_wait_for_a_slow_bucket() {
    let server = server().await;
    let Some(own) = &server.own else {
        return;
    };
    let app = server.app(|_| {}).await;
    let video = crate::bucket::made(&app, &[]).await;
    own.be_slow(Duration::from_secs(2));
    let quick = async |app: &TestApp, path: &str| {
        let started = Instant::now();
        app.get(path).await.expect(200);
        assert!(started.elapsed() < Duration::from_secs(2), "{path}");
    };
    let details = format!("/api/v1/videos/{}", video.uuid);
    for path in ["/", "/api/v1/videos", &details, &video.watch_path()] {
        quick(&app, path).await;
    }
    let started = Instant::now();
    playlist(&app, &video, "").await.expect(200);
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "it comes, late"
    );
    // What was asked for lately is here.
    quick(
        &app,
        &format!("/lazy-static/thumbnails/{}", {
            own.be_slow(Duration::ZERO);
            let name = video.thumbnail.clone().unwrap();
            app.get(&format!("/lazy-static/thumbnails/{name}"))
                .await
                .expect(200);
            own.be_slow(Duration::from_secs(2));
            name
        }),
    )
    .await;
}
