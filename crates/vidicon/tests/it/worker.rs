//! Our own workers: which parts they get, that results are verified, and that nothing depends on them.

use crate::app::TestApp;
use crate::clips::{self, Clip};
use crate::runner::{accept, join};
use crate::transcode::files;
use crate::upload::{found, upload};
use base::clock::SECOND;
use base::job::{self, Running};
use media::{Priority, Source, Work};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::MutexGuard;
use tokio_util::sync::CancellationToken;
use vidicon::video::{Video, VideoState};

pub async fn offered(app: &TestApp, worker: &str, encoders: &[&str]) -> Vec<Value> {
    let ask = json!({ "runnerToken": worker, "jobTypes": ["vidicon-part"], "encoders": encoders });
    let answer = app.post("/api/v1/runners/jobs/request").json(ask).await;
    let jobs = answer.expect(200).json()["availableJobs"].clone();
    jobs.as_array().unwrap().clone()
}

/// Encodes a part as a worker does and gives each rendition's file.
pub async fn encode(job: &Value, clip: &Clip) -> Vec<(String, Vec<u8>)> {
    let ffmpeg = media::detect().await.unwrap();
    let plan = serde_json::from_value(job["payload"]["plan"].clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = Source::file(clips::file(clip).await);
    let work = Work {
        ffmpeg: &ffmpeg,
        plan: &plan,
        source: &source,
        folder: folder.path(),
        attempt: 0,
        priority: Priority::Normal,
        cancel: &CancellationToken::new(),
    };
    work.encode_raw(0, folder.path(), |_| {}).await.unwrap();
    let files = plan.rungs.iter().map(|rung| {
        let name = rung.name();
        let file = std::fs::read(folder.path().join(format!("{name}.mp4"))).unwrap();
        (name, file)
    });
    files.collect()
}

pub fn local(url: &Value) -> &str {
    url.as_str()
        .unwrap()
        .strip_prefix("http://video.test")
        .unwrap()
}

pub async fn success(app: &TestApp, worker: &str, job: &Value) {
    let path = format!(
        "/api/v1/runners/jobs/{}/success",
        job["uuid"].as_str().unwrap()
    );
    let body = json!({ "runnerToken": worker, "jobToken": job["jobToken"] });
    app.post(&path).json(body).await.expect(204);
}

/// Runs the making of videos as far as it goes without waiting.
async fn run_due_now(app: &TestApp) {
    let work = vidicon::jobs::work(&app.app);
    while let Some(found) = job::claim(&app.db, &["transcode"], "test", app.clock.now())
        .await
        .unwrap()
    {
        let running = Running {
            job: Arc::new(found.clone()),
            stop: CancellationToken::new(),
        };
        let outcome = work(running).await;
        job::finish(&app.db, &found, &outcome, app.clock.now())
            .await
            .unwrap();
    }
}

/// A worker that has been seen, and a video whose second part waits for it.
async fn waiting(
    app: &TestApp,
    root: &str,
    clip: &Clip,
) -> (String, Video, MutexGuard<'static, ()>) {
    let worker = join(app, root, "attic").await;
    assert!(offered(app, &worker, &["libx264"]).await.is_empty());
    let answer = upload(app, root, clip, &[]).await;
    let alone = clips::alone().await;
    run_due_now(app).await;
    (worker, found(app, &answer).await, alone)
}

async fn trust(app: &TestApp, root: &str) -> i64 {
    let list = app.get("/api/v1/runners").token(root).await.expect(200);
    list.json()["data"][0]["trust"].as_i64().unwrap()
}

#[tokio::test]
async fn a_worker_makes_a_part_that_is_verified() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let (worker, video, _alone) = waiting(&app, &root, &clips::ENCODED).await;
    assert_eq!(
        video.state,
        VideoState::Published,
        "the first part is made here"
    );
    assert!(
        offered(&app, &worker, &[]).await.is_empty(),
        "it needs an encoder"
    );
    assert!(
        app.post("/api/v1/runners/jobs/request")
            .json(json!({ "runnerToken": worker }))
            .await
            .expect(200)
            .json()["availableJobs"]
            .as_array()
            .unwrap()
            .is_empty(),
        "other programs do not hear of it"
    );
    let jobs = offered(&app, &worker, &["libsvtav1", "libx264"]).await;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let job = accept(&app, &worker, &jobs[0]).await;
    let places = &job["places"];
    let ranged = app
        .get(local(&places["source"]))
        .header("range", "bytes=0-99")
        .await
        .expect(206);
    assert_eq!(ranged.body.len(), 100);
    for (rung, file) in encode(&job, &clips::ENCODED).await {
        let place = local(&places["results"][&rung]);
        app.put(place).bytes("video/mp4", file).await.expect(204);
        app.put(&place.replace("lease=", "lease=x"))
            .bytes("video/mp4", vec![1])
            .await
            .expect(404);
        app.put(&place.replace(&format!("/{rung}?"), "/1?"))
            .bytes("video/mp4", vec![1])
            .await
            .expect(400);
    }
    success(&app, &worker, &job).await;
    app.get(local(&places["source"])).await.expect(404);
    run_due_now(&app).await;
    let files = files(&app, &video).await;
    assert!(
        files.iter().all(|file| file.complete),
        "the last part woke the job"
    );
    assert_eq!(trust(&app, &root).await, 55);
    for file in files.iter().filter(|file| file.resolution > 0) {
        let folder = format!("storage/renditions/{}/{}", video.uuid, file.filename);
        assert_eq!(clips::frames(&app.folder.path().join(folder)).await, 175);
    }
    let left = app.folder.path().join(format!(
        "storage/uploads/parts/{}",
        job["uuid"].as_str().unwrap()
    ));
    assert!(!left.exists());
    let page = app
        .get("/admin/machines?name=at;tic")
        .token(&root)
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("attic") && page.contains("55 %") && page.contains("libx264"),
        "{page}"
    );
}

#[tokio::test]
async fn a_wrong_part_costs_trust_and_silence_costs_the_part() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let (worker, video, _alone) = waiting(&app, &root, &clips::ENCODED).await;
    let job = accept(
        &app,
        &worker,
        &offered(&app, &worker, &["libx264"]).await[0],
    )
    .await;
    for place in job["places"]["results"].as_object().unwrap().values() {
        app.put(local(place))
            .bytes("video/mp4", vec![0; 5_000_000])
            .await
            .expect(413);
        app.put(local(place))
            .bytes("video/mp4", b"no video".to_vec())
            .await
            .expect(204);
    }
    success(&app, &worker, &job).await;
    run_due_now(&app).await;
    assert_eq!(trust(&app, &root).await, 25);

    // It waits for another try, which this worker takes and then says nothing.
    let again = offered(&app, &worker, &["libx264"]).await;
    assert_eq!(again[0]["uuid"], job["uuid"]);
    accept(&app, &worker, &again[0]).await;
    app.clock.advance(31 * SECOND);
    run_due_now(&app).await;
    assert_eq!(
        offered(&app, &worker, &["libx264"]).await.len(),
        1,
        "its lease is over"
    );
    // Nobody takes it for as long again: the server does it.
    app.clock.advance(31 * SECOND);
    run_due_now(&app).await;
    let files = files(&app, &video).await;
    assert!(files.iter().all(|file| file.complete));
    assert!(offered(&app, &worker, &["libx264"]).await.is_empty());
}

#[tokio::test]
async fn noise_is_no_lie_but_another_picture_is_one() {
    for (clip, lie) in [
        (&clips::NOISE, &clips::SHAPES),
        (&clips::SHAPES, &clips::NOISE),
    ] {
        let app = TestApp::new().await;
        let root = app.root().await;
        let (worker, video, _alone) = waiting(&app, &root, clip).await;
        for (brought, believed) in [(lie, 25), (clip, 30)] {
            let jobs = offered(&app, &worker, &["libx264"]).await;
            let job = accept(&app, &worker, &jobs[0]).await;
            for (rung, file) in encode(&job, brought).await {
                let place = local(&job["places"]["results"][&rung]);
                app.put(place).bytes("video/mp4", file).await.expect(204);
            }
            success(&app, &worker, &job).await;
            run_due_now(&app).await;
            assert_eq!(trust(&app, &root).await, believed, "{}", brought.0);
        }
        let files = files(&app, &video).await;
        assert!(files.iter().all(|file| file.complete));
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_fetched() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let (worker, _, _alone) = waiting(&app, &root, &clips::SHAPES).await;
    // An address of a bucket takes more than the server does: it is seen before a byte is fetched.
    let again = offered(&app, &worker, &["libx264"]).await;
    let job = accept(&app, &worker, &again[0]).await;
    for (rung, file) in encode(&job, &clips::SHAPES).await {
        let place = local(&job["places"]["results"][&rung]);
        app.put(place).bytes("video/mp4", file).await.expect(204);
        let uuid = job["uuid"].as_str().unwrap();
        let folder = app.folder.path().join("storage/uploads/parts").join(uuid);
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = std::fs::File::options()
                .write(true)
                .open(entry.unwrap().path());
            file.unwrap().set_len(1 << 40).unwrap();
        }
    }
    success(&app, &worker, &job).await;
    run_due_now(&app).await;
    assert_eq!(trust(&app, &root).await, 25);
    let list = app
        .get("/api/v1/runners/jobs")
        .token(&root)
        .await
        .expect(200);
    let said = list.json()["data"].to_string();
    assert!(said.contains("more than such a part"), "{said}");
}
