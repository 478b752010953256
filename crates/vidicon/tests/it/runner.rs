//! PeerTube's runner protocol from the runner's side: joining, taking jobs, bringing files, failing.

use crate::app::{Answer, TestApp};
use crate::clips;
use crate::transcode::{address, files, master};
use crate::upload::{found, upload};
use base::clock::MINUTE;
use serde_json::{Value, json};
use std::path::Path;
use vidicon::video::{Video, VideoState};

async fn remote() -> TestApp {
    TestApp::with(|config| {
        let on = json!({ "remoteRunners": { "enabled": true } });
        config.site.insert("transcoding".into(), on);
    })
    .await
}

async fn registration_token(app: &TestApp, root: &str) -> Value {
    app.post("/api/v1/runners/registration-tokens/generate")
        .token(root)
        .await
        .expect(204);
    let list = app
        .get("/api/v1/runners/registration-tokens")
        .token(root)
        .await
        .expect(200);
    list.json()["data"][0].clone()
}

/// Joins and gives the runner's token.
pub async fn join(app: &TestApp, root: &str, name: &str) -> String {
    let token = registration_token(app, root).await;
    let body = json!({
        "registrationToken": token["registrationToken"], "name": name, "description": "in a test",
        "version": "0.1.0",
    });
    let joined = app
        .post("/api/v1/runners/register")
        .json(body)
        .await
        .expect(200);
    joined.json()["runnerToken"].as_str().unwrap().to_owned()
}

pub async fn available(app: &TestApp, runner: &str) -> Vec<Value> {
    let body = json!({ "runnerToken": runner });
    let answer = app.post("/api/v1/runners/jobs/request").json(body).await;
    let jobs = answer.expect(200).json()["availableJobs"].clone();
    jobs.as_array().unwrap().clone()
}

pub async fn accept(app: &TestApp, runner: &str, job: &Value) -> Value {
    let path = format!(
        "/api/v1/runners/jobs/{}/accept",
        job["uuid"].as_str().unwrap()
    );
    let body = json!({ "runnerToken": runner });
    app.post(&path).json(body).await.expect(200).json()["job"].clone()
}

/// A call about a job that was accepted.
pub async fn about(app: &TestApp, runner: &str, job: &Value, what: &str, more: Value) -> Answer {
    let path = format!(
        "/api/v1/runners/jobs/{}/{what}",
        job["uuid"].as_str().unwrap()
    );
    let mut body = json!({ "runnerToken": runner, "jobToken": job["jobToken"] });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    app.post(&path).json(body).await
}

/// The job as administrators see it.
pub async fn seen(app: &TestApp, root: &str, job: &Value) -> Value {
    let list = app
        .get("/api/v1/runners/jobs?count=100")
        .token(root)
        .await
        .expect(200)
        .json();
    let jobs = list["data"].as_array().unwrap();
    let same = jobs.iter().find(|other| other["uuid"] == job["uuid"]);
    same.unwrap().clone()
}

/// The quickest encoding of a picture.
pub const PICTURE: [&str; 8] = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-g",
    "50",
];

/// Encodes as PeerTube's runner does: one fragmented file that a playlist addresses by ranges.
async fn encode(input: &Path, folder: &Path, resolution: i64) {
    let picture = format!("scale=-2:{resolution}");
    let codec = if resolution == 0 {
        vec!["-vn", "-c:a", "aac"]
    } else {
        [&["-an", "-vf", &picture][..], &PICTURE].concat()
    };
    let done = tokio::process::Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y", "-i"])
        .arg(input)
        .args(codec)
        .args([
            "-hls_time",
            "4",
            "-hls_list_size",
            "0",
            "-hls_playlist_type",
            "vod",
        ])
        .args(["-hls_segment_type", "fmp4", "-hls_flags", "single_file"])
        .arg("-hls_segment_filename")
        .arg(folder.join("out.mp4"))
        .args(["-f", "hls"])
        .arg(folder.join("out.m3u8"))
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
}

pub async fn bring(
    app: &TestApp,
    runner: &str,
    job: &Value,
    video: &[u8],
    playlist: &[u8],
) -> Answer {
    let path = format!(
        "/api/v1/runners/jobs/{}/success",
        job["uuid"].as_str().unwrap()
    );
    let fields = [
        ("runnerToken", runner),
        ("jobToken", job["jobToken"].as_str().unwrap()),
    ];
    let parts: [(&str, &str, &str, &[u8]); 2] = [
        ("payload[videoFile]", "out.mp4", "video/mp4", video),
        (
            "payload[resolutionPlaylistFile]",
            "out.m3u8",
            "application/vnd.apple.mpegurl",
            playlist,
        ),
    ];
    app.post(&path).multipart(&fields, &parts).await
}

/// Takes the job, fetches its input, encodes, and brings the result.
async fn work(app: &TestApp, runner: &str, job: &Value) {
    let job = accept(app, runner, job).await;
    let url = job["payload"]["input"]["videoFileUrl"].as_str().unwrap();
    let path = url.strip_prefix("http://video.test").unwrap();
    let tokens = json!({ "runnerToken": runner, "jobToken": job["jobToken"] });
    let input = app.post(path).json(tokens).await.expect(200);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.mp4"), &input.body).unwrap();
    let resolution = job["payload"]["output"]["resolution"].as_i64().unwrap();
    encode(&folder.path().join("in.mp4"), folder.path(), resolution).await;
    about(app, runner, &job, "update", json!({ "progress": 50 }))
        .await
        .expect(204);
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    bring(app, runner, &job, &read("out.mp4"), &read("out.m3u8"))
        .await
        .expect(204);
}

async fn waiting_video(app: &TestApp, root: &str) -> Video {
    let answer = upload(app, root, &clips::ENCODED, &[]).await;
    app.run_jobs().await;
    found(app, &answer).await
}

#[tokio::test]
async fn a_runner_makes_all_renditions() {
    let app = remote().await;
    let root = app.root().await;
    let video = waiting_video(&app, &root).await;
    assert_eq!(video.state, VideoState::ToTranscode, "nothing is made here");
    let runner = join(&app, &root, "a runner").await;
    let jobs = available(&app, &runner).await;
    let wanted: Vec<i64> = jobs
        .iter()
        .map(|job| job["payload"]["output"]["resolution"].as_i64().unwrap())
        .collect();
    assert_eq!(wanted, [270, 240, 0], "{jobs:?}");
    assert!(jobs.iter().all(|job| job["type"] == "vod-hls-transcoding"));
    let _alone = clips::alone().await;
    for job in &jobs {
        work(&app, &runner, job).await;
        assert_eq!(seen(&app, &root, job).await["state"]["id"], 9);
        app.run_jobs().await;
        let done = seen(&app, &root, job).await;
        assert_eq!(
            (&done["state"]["id"], &done["progress"]),
            (&json!(3), &json!(100))
        );
    }
    assert!(available(&app, &runner).await.is_empty());
    let video = found(&app, &json!({ "uuid": video.uuid })).await;
    assert_eq!(video.state, VideoState::Published);
    let files = files(&app, &video).await;
    assert!(files.len() == 3 && files.iter().all(|file| file.complete));
    let text = app
        .get(&address(&video, &master(&app, &video).await.unwrap()))
        .await
        .expect(200)
        .text();
    assert_eq!(text.matches("#EXT-X-STREAM-INF").count(), 2, "{text}");
    assert_eq!(text.matches("TYPE=AUDIO").count(), 1, "{text}");
    let path = app.folder.path().join(format!(
        "storage/renditions/{}/{}",
        video.uuid, files[0].filename
    ));
    assert_eq!(clips::frames(&path).await, 175);
    assert!(
        !app.folder
            .path()
            .join("runner")
            .join(jobs[0]["uuid"].as_str().unwrap())
            .exists(),
        "what was brought is put away"
    );
}

#[tokio::test]
async fn joining_and_leaving() {
    let app = TestApp::new().await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    for path in ["/api/v1/runners", "/api/v1/runners/jobs"] {
        app.get(path).await.expect(401);
        app.get(path).token(&ada).await.expect(403);
    }
    let token = registration_token(&app, &root).await;
    let given = token["registrationToken"].as_str().unwrap();
    assert!(given.starts_with("ptrrt-"), "{given}");
    let register = |body: Value| app.post("/api/v1/runners/register").json(body);
    register(json!({ "name": "x" })).await.expect(400);
    register(json!({ "registrationToken": given, "name": "" }))
        .await
        .expect(400);
    let wrong = json!({ "registrationToken": "no", "name": "x" });
    register(wrong).await.expect(404);
    let good = json!({ "registrationToken": given, "name": "x" });
    let joined = register(good.clone()).await.expect(200).json();
    assert!(joined["runnerToken"].as_str().unwrap().starts_with("ptrt-"));
    register(good).await.expect(400);
    let list = app
        .get("/api/v1/runners")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&list["total"], &list["data"][0]["name"]),
        (&json!(1), &json!("x"))
    );
    let tokens = app
        .get("/api/v1/runners/registration-tokens")
        .token(&root)
        .await
        .json();
    assert_eq!(tokens["data"][0]["registeredRunnersCount"], 1);

    let unregister = |token: &str| {
        let body = json!({ "runnerToken": token });
        app.post("/api/v1/runners/unregister").json(body)
    };
    let unknown = unregister("nobody").await.expect(404);
    assert_eq!(unknown.json()["code"], "unknown_runner_token");
    unregister(joined["runnerToken"].as_str().unwrap())
        .await
        .expect(204);

    // A token goes with its runners.
    let runner = join(&app, &root, "y").await;
    let newest = registration_token(&app, &root).await;
    let list = app
        .get("/api/v1/runners/registration-tokens?sort=createdAt&count=100")
        .token(&root)
        .await
        .json();
    for token in list["data"].as_array().unwrap() {
        let path = format!("/api/v1/runners/registration-tokens/{}", token["id"]);
        app.delete(&path).token(&root).await.expect(204);
        app.delete(&path).token(&root).await.expect(404);
    }
    assert!(newest["id"].is_i64());
    let body = json!({ "runnerToken": runner });
    app.post("/api/v1/runners/jobs/request")
        .json(body)
        .await
        .expect(404);
}

#[tokio::test]
async fn jobs_are_given_back_and_given_up() {
    let app = remote().await;
    let root = app.root().await;
    let video = waiting_video(&app, &root).await;
    let (one, two) = (
        join(&app, &root, "one").await,
        join(&app, &root, "two").await,
    );
    let offered = available(&app, &one).await[0].clone();
    let job = accept(&app, &one, &offered).await;
    assert!(job["jobToken"].as_str().unwrap().starts_with("ptrjt-"));
    let path = format!(
        "/api/v1/runners/jobs/{}/accept",
        job["uuid"].as_str().unwrap()
    );
    let late = app.post(&path).json(json!({ "runnerToken": two })).await;
    assert_eq!(
        late.expect(400).json()["code"],
        "runner_job_not_in_pending_state"
    );
    about(&app, &two, &job, "update", json!({}))
        .await
        .expect(404);
    about(&app, &one, &job, "update", json!({ "progress": 101 }))
        .await
        .expect(400);
    about(&app, &one, &job, "success", json!({}))
        .await
        .expect(400);
    about(&app, &one, &job, "abort", json!({}))
        .await
        .expect(400);
    about(&app, &one, &job, "abort", json!({ "reason": "tired" }))
        .await
        .expect(204);
    assert_eq!(seen(&app, &root, &job).await["failures"], 0);

    // A runner that says nothing for two minutes loses its job.
    let job = accept(&app, &one, &offered).await;
    app.clock.advance(2 * MINUTE + 1000);
    assert_eq!(available(&app, &two).await[0]["uuid"], job["uuid"]);
    about(&app, &one, &job, "update", json!({}))
        .await
        .expect(404);

    for round in 1..=5 {
        let job = accept(&app, &two, &offered).await;
        let what = json!({ "message": "no memory" });
        about(&app, &two, &job, "error", what).await.expect(204);
        let state = if round < 5 { 1 } else { 4 };
        let after = seen(&app, &root, &offered).await;
        assert_eq!(
            (&after["state"]["id"], &after["failures"]),
            (&json!(state), &json!(round))
        );
    }
    assert!(
        available(&app, &two).await.is_empty(),
        "its siblings end with it"
    );
    app.run_jobs().await;
    let video = found(&app, &json!({ "uuid": video.uuid })).await;
    assert_eq!(video.state, VideoState::TranscodingFailed);
    let failed = app.get("/api/v1/jobs/failed").token(&root).await.json();
    assert_eq!(failed["data"][0]["error"], "no memory");

    // Asked for again, it is handed out again.
    let path = format!("/api/v1/videos/{}/transcoding", video.uuid);
    let body = json!({ "transcodingType": "hls", "forceTranscoding": true });
    app.post(&path).token(&root).json(body).await.expect(204);
    app.run_jobs().await;
    assert_eq!(available(&app, &two).await.len(), 3);
}

#[tokio::test]
async fn what_is_no_rendition_is_refused_with_a_reason() {
    let app = remote().await;
    let root = app.root().await;
    let video = waiting_video(&app, &root).await;
    let runner = join(&app, &root, "a liar").await;
    let job = accept(&app, &runner, &available(&app, &runner).await[0]).await;
    bring(&app, &runner, &job, b"no video at all", b"#EXTM3U")
        .await
        .expect(204);
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let after = seen(&app, &root, &job).await;
    assert_eq!(after["state"]["id"], 4);
    let why = after["error"].as_str().unwrap();
    assert!(why.starts_with("What the runner brought is wrong"), "{why}");
    assert_eq!(
        found(&app, &json!({ "uuid": video.uuid })).await.state,
        VideoState::TranscodingFailed
    );
}

#[tokio::test]
async fn administrators_cancel_and_delete() {
    let app = remote().await;
    let root = app.root().await;
    let video = waiting_video(&app, &root).await;
    let runner = join(&app, &root, "a runner").await;
    let jobs = available(&app, &runner).await;
    let path = |job: &Value| format!("/api/v1/runners/jobs/{}", job["uuid"].as_str().unwrap());
    let cancel = format!("{}/cancel", path(&jobs[0]));
    app.post(&cancel).token(&root).await.expect(204);
    app.post(&cancel).token(&root).await.expect(400);
    assert_eq!(seen(&app, &root, &jobs[0]).await["state"]["id"], 6);
    assert_eq!(seen(&app, &root, &jobs[1]).await["state"]["id"], 8);
    app.delete(&path(&jobs[1])).token(&root).await.expect(204);
    app.delete(&path(&jobs[1])).token(&root).await.expect(404);
    let filtered = app
        .get("/api/v1/runners/jobs?stateOneOf=6&search=hls&sort=-progress")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(filtered["total"], 1, "{filtered}");
    assert_eq!(
        filtered["data"][0]["privatePayload"]["videoUUID"],
        video.uuid.to_string()
    );
    app.get("/api/v1/runners/jobs?sort=name")
        .token(&root)
        .await
        .expect(400);
    app.run_jobs().await;
    assert_eq!(
        found(&app, &json!({ "uuid": video.uuid })).await.state,
        VideoState::TranscodingFailed
    );
}
