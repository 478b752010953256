//! Cutting on the server: ranges, intro, outro, watermark, and what is refused.

use crate::app::{Answer, TestApp};
use crate::clips;
use crate::transcode::files;
use crate::upload::{found, upload};
use serde_json::json;
use vidicon::video::{Video, VideoState};

async fn site(remote: bool) -> TestApp {
    TestApp::with(|config| {
        let on = json!({ "enabled": true, "remoteRunners": { "enabled": remote } });
        config.site.insert("videoStudio".into(), on);
    })
    .await
}

async fn made(app: &TestApp, clip: &clips::Clip) -> Video {
    let root = app.root().await;
    let answer = upload(app, &root, clip, &[]).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let video = found(app, &answer).await;
    assert_eq!(video.state, VideoState::Published);
    video
}

async fn edit(
    app: &TestApp,
    token: &str,
    video: &Video,
    fields: &[(&str, &str)],
    parts: &[(&str, &str, &str, &[u8])],
) -> Answer {
    let _alone = clips::alone().await;
    app.post(&format!("/api/v1/videos/{}/studio/edit", video.uuid))
        .token(token)
        .multipart(fields, parts)
        .await
}

#[tokio::test]
async fn a_cut_an_intro_and_a_watermark() {
    let app = site(false).await;
    let video = made(&app, &clips::ENCODED).await;
    let root = app.root().await;
    let (intro, mark) = (clips::bytes(&clips::SILENT).await, clips::png(32, 16));
    let fields = [
        ("tasks[0][name]", "cut"),
        ("tasks[0][options][start]", "1"),
        ("tasks[0][options][end]", "3"),
        ("tasks[1][name]", "add-intro"),
        ("tasks[2][name]", "add-watermark"),
    ];
    let parts: [(&str, &str, &str, &[u8]); 2] = [
        (
            "tasks[1][options][file]",
            "intro.webm",
            "video/webm",
            &intro,
        ),
        ("tasks[2][options][file]", "mark.png", "image/png", &mark),
    ];
    edit(&app, &root, &video, &fields, &parts).await.expect(204);
    let by = json!({ "uuid": video.uuid });
    let during = found(&app, &by).await;
    assert_eq!((during.state, during.listed), (VideoState::ToEdit, 0));
    edit(&app, &root, &video, &fields, &parts).await.expect(409);
    let before = files(&app, &video).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let after = found(&app, &by).await;
    assert_eq!((after.state, after.duration_s), (VideoState::Published, 3));
    assert_eq!(after.published_at, video.published_at);
    let told = app.get("/api/v1/users/me/notifications").token(&root).await;
    let told = told.expect(200).json();
    let news = told["data"].as_array().unwrap().iter();
    let edited = news.filter(|it| it["type"] == 19).count();
    assert_eq!(edited, 1, "{told}");
    let files = files(&app, &after).await;
    assert_ne!(files[0].filename, before[0].filename);
    let path = app.folder.path().join(format!(
        "storage/renditions/{}/{}",
        video.uuid, files[0].filename
    ));
    assert_eq!(clips::frames(&path).await, 75);
    for folder in ["studio/uploads", "uploads", "work"] {
        let left = std::fs::read_dir(app.folder.path().join(folder)).map(Iterator::count);
        assert_eq!(left.unwrap_or(0), 0, "{folder}");
    }
}

#[tokio::test]
async fn segments_are_removed() {
    let app = site(false).await;
    let video = made(&app, &clips::ENCODED).await;
    let root = app.root().await;
    let body = json!({ "tasks": [{ "name": "remove-segments", "options": {
        "segments": [{ "start": 1, "end": 2 }, { "start": 4, "end": 6 }],
    }}]});
    app.post(&format!("/api/v1/videos/{}/studio/edit", video.id))
        .token(&root)
        .json(body)
        .await
        .expect(204);
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let after = found(&app, &json!({ "uuid": video.uuid })).await;
    assert_eq!((after.state, after.duration_s), (VideoState::Published, 4));
}

#[tokio::test]
async fn what_leaves_nothing_leaves_the_video_as_it_was() {
    let app = site(false).await;
    let video = made(&app, &clips::COPIED).await;
    let root = app.root().await;
    let body = json!({ "tasks": [{ "name": "cut", "options": { "start": 100 } }] });
    app.post(&format!("/api/v1/videos/{}/studio/edit", video.uuid))
        .token(&root)
        .json(body)
        .await
        .expect(204);
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let after = found(&app, &json!({ "uuid": video.uuid })).await;
    assert_eq!(
        (after.state, after.listed),
        (VideoState::Published, video.listed)
    );
    assert!(files(&app, &after).await.iter().all(|file| file.complete));
    let failed = app.get("/api/v1/jobs/failed").token(&root).await.json();
    let why = failed["data"][0]["error"].as_str().unwrap();
    assert!(why.contains("nothing of it would be left"), "{why}");
}

#[tokio::test]
async fn wrong_orders_are_refused() {
    let off = TestApp::new().await;
    let path = "/api/v1/videos/1/studio/edit";
    let root = off.root().await;
    let good = json!({ "tasks": [{ "name": "cut", "options": { "start": 1 } }] });
    off.post(path)
        .token(&root)
        .json(good.clone())
        .await
        .expect(400);

    let app = site(false).await;
    let root = app.root().await;
    app.post(path).json(good.clone()).await.expect(401);
    app.post(path)
        .token(&root)
        .json(good.clone())
        .await
        .expect(404);
    let video = made(&app, &clips::COPIED).await;
    let path = format!("/api/v1/videos/{}/studio/edit", video.uuid);
    let many: Vec<_> = (0..11).map(|_| good["tasks"][0].clone()).collect();
    for tasks in [
        json!(null),
        json!([]),
        json!("cut"),
        json!(many),
        json!([{ "name": "explode" }]),
        json!([{ "name": "cut" }]),
        json!([{ "name": "cut", "options": { "start": 3, "end": 2 } }]),
        json!([{ "name": "cut", "options": { "start": -1 } }]),
        json!([{ "name": "add-intro" }]),
        json!([{ "name": "add-watermark" }]),
        json!([{ "name": "remove-segments", "options": { "segments": [] } }]),
    ] {
        let answer = app
            .post(&path)
            .token(&root)
            .json(json!({ "tasks": tasks }))
            .await;
        assert_eq!(answer.status, 400, "{tasks}: {}", answer.text());
    }
    let fields = [("tasks[0][name]", "add-intro")];
    let text: [(&str, &str, &str, &[u8]); 1] =
        [("tasks[0][options][file]", "a.mp4", "video/mp4", b"no video")];
    edit(&app, &root, &video, &fields, &text).await.expect(400);
    let ada = app.user("ada").await;
    app.post(&path).token(&ada).json(good).await.expect(403);
    assert_eq!(
        found(&app, &json!({ "uuid": video.uuid })).await.state,
        VideoState::Published
    );
}

#[tokio::test]
async fn a_runner_edits() {
    let app = site(true).await;
    let video = made(&app, &clips::ENCODED).await;
    let root = app.root().await;
    let mark = clips::png(32, 16);
    let fields = [("tasks[0][name]", "add-watermark")];
    let parts: [(&str, &str, &str, &[u8]); 1] =
        [("tasks[0][options][file]", "mark.png", "image/png", &mark)];
    edit(&app, &root, &video, &fields, &parts).await.expect(204);
    app.run_jobs().await;
    let runner = crate::runner::join(&app, &root, "a runner").await;
    let offered = crate::runner::available(&app, &runner).await;
    assert_eq!(offered[0]["type"], "video-studio-transcoding");
    let job = crate::runner::accept(&app, &runner, &offered[0]).await;
    let url = job["payload"]["tasks"][0]["options"]["file"]
        .as_str()
        .unwrap();
    let path = url.strip_prefix("http://video.test").unwrap();
    let tokens = json!({ "runnerToken": runner, "jobToken": job["jobToken"] });
    let file = app.post(path).json(tokens.clone()).await.expect(200);
    assert_eq!(file.body, mark);
    let other = path.rsplit_once('/').unwrap().0;
    app.post(&format!("{other}/other.png"))
        .json(tokens)
        .await
        .expect(400);
    let edited = clips::bytes(&clips::SHAPES).await;
    crate::runner::bring(&app, &runner, &job, &edited, b"")
        .await
        .expect(204);
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let after = found(&app, &json!({ "uuid": video.uuid })).await;
    assert_eq!((after.state, after.duration_s), (VideoState::Published, 7));
    let height = files(&app, &after).await[0].resolution;
    assert_eq!(height, 144, "what was brought takes the original's place");
    let left = std::fs::read_dir(app.folder.path().join("studio/uploads")).map(Iterator::count);
    assert_eq!(left.unwrap_or(0), 0);
}

#[tokio::test]
async fn what_a_runner_did_not_edit_is_refused() {
    let app = site(true).await;
    let video = made(&app, &clips::ENCODED).await;
    let root = app.root().await;
    let runner = crate::runner::join(&app, &root, "a liar").await;
    let path = format!("/api/v1/videos/{}/studio/edit", video.uuid);
    let before = files(&app, &video).await;
    let longer = clips::bytes(&clips::ENCODED).await;
    for wrong in [&b"no video"[..], &longer] {
        let cut = json!({ "tasks": [{ "name": "cut", "options": { "start": 1, "end": 3 } }] });
        app.post(&path).token(&root).json(cut).await.expect(204);
        let offered = crate::runner::available(&app, &runner).await;
        let job = crate::runner::accept(&app, &runner, &offered[0]).await;
        crate::runner::bring(&app, &runner, &job, wrong, b"")
            .await
            .expect(204);
        let _alone = clips::alone().await;
        app.run_jobs().await;
        let seen = crate::runner::seen(&app, &root, &job).await;
        let why = seen["error"].as_str().unwrap();
        assert!(why.starts_with("What the runner brought is wrong"), "{why}");
        assert_eq!(seen["state"]["id"], 4);
        let after = found(&app, &json!({ "uuid": video.uuid })).await;
        assert_eq!(
            (after.state, after.listed, after.duration_s),
            (VideoState::Published, video.listed, 7)
        );
        assert_eq!(files(&app, &after).await[0].filename, before[0].filename);
    }
    // Runners cannot take out stretches, so it is done here.
    let body = json!({ "tasks": [{ "name": "remove-segments", "options": {
        "segments": [{ "start": 1, "end": 5 }],
    }}]});
    app.post(&path).token(&root).json(body).await.expect(204);
    assert!(crate::runner::available(&app, &runner).await.is_empty());
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let after = found(&app, &json!({ "uuid": video.uuid })).await;
    assert_eq!((after.state, after.duration_s), (VideoState::Published, 3));
}
