//! Encoders give way, and jobs tell why they wait.

use crate::app::{ROOT_PASSWORD, TestApp};
use crate::clips;
use crate::studio::Browser;
use crate::upload::{found, upload};
use base::clock::{DAY, HOUR, MINUTE};
use base::job::{self, JobError, NewJob, Running};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use vidicon::video::VideoState;

async fn transcodes(app: &TestApp, root: &str) -> Value {
    let path = "/api/v1/jobs?jobType=video-transcoding";
    app.get(path).token(root).await.expect(200).json()["data"][0].clone()
}

fn hours(from: i64, to: i64) -> String {
    let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
    format!("{}-{}", clock(from), clock(to))
}

#[tokio::test]
async fn what_must_be_encoded_waits_for_its_hours() {
    let day = TestApp::new().await;
    let now = day.clock.now().rem_euclid(DAY) / MINUTE;
    drop(day);
    let app = TestApp::with(|config| {
        let on = json!({ "hours": hours(now + 180, now + 240) });
        config.site.insert("transcoding".into(), on);
    })
    .await;
    let root = app.root().await;
    let began = app.clock.now();
    let copied = upload(&app, &root, &clips::COPIED, &[]).await;
    let encoded = upload(&app, &root, &clips::SILENT, &[]).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let waited = async |answer: &Value| {
        let video = found(&app, answer).await;
        assert_eq!(video.state, VideoState::Published);
        video.published_at - began
    };
    let at_once = waited(&copied).await;
    assert!(at_once < HOUR, "a copy waited {at_once} ms");
    let later = waited(&encoded).await;
    assert!(
        (2 * HOUR..4 * HOUR).contains(&later),
        "it waited {later} ms"
    );
}

#[tokio::test]
async fn a_crowd_holds_work_back_and_the_list_says_so() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let browser = Browser::new(&app, "root", ROOT_PASSWORD).await;
    assert!(app.app.room.observe(250.0, 200));
    let answer = upload(&app, &root, &clips::SILENT, &[]).await;
    let _alone = clips::alone().await;
    let now = app.clock.now();
    let job = job::claim(&app.db, &["transcode"], "test", now)
        .await
        .unwrap();
    let running = Running {
        job: Arc::new(job.unwrap()),
        stop: CancellationToken::new(),
    };
    let outcome = vidicon::jobs::work(&app.app)(running.clone()).await;
    assert!(matches!(outcome, Err(JobError::Later(_))), "{outcome:?}");
    let ended = job::finish(&app.db, &running.job, &outcome, app.clock.now());
    assert_eq!(ended.await.unwrap(), 1);
    let listed = transcodes(&app, &root).await;
    assert_eq!(
        (&listed["waitReason"], &listed["progress"]),
        (&json!("load"), &json!(0))
    );
    app.clock.advance(MINUTE);
    let page = browser.get("/admin/jobs").await;
    assert!(page.text().contains("the server has other work"));
    assert!(!app.app.room.observe(100.0, 200));
    app.run_jobs().await;
    assert_eq!(found(&app, &answer).await.state, VideoState::Published);
    let root = app.root().await;
    let listed = transcodes(&app, &root).await;
    assert_eq!(
        (&listed["state"], &listed["waitReason"]),
        (&json!("completed"), &Value::Null)
    );
}

#[tokio::test]
async fn jobs_are_put_first_and_tried_again() {
    let app = TestApp::new().await;
    let root = app.root().await;
    for _ in 0..2 {
        let job = NewJob::new("tidy", json!({})).run_at(app.clock.now());
        job.enqueue(&app.db, app.clock.now()).await.unwrap();
    }
    let listed = app.get("/api/v1/jobs").token(&root).await.json();
    assert_eq!(listed["data"][0]["waitReason"], "turn");
    let id = listed["data"][0]["id"].as_i64().unwrap();
    let set = |priority: Value| {
        app.put(&format!("/api/v1/jobs/tidy/{id}/priority"))
            .token(&root)
            .json(json!({ "priority": priority }))
    };
    set(json!("soon")).await.expect(400);
    set(json!(1001)).await.expect(400);
    set(json!(7)).await.expect(204);
    let other = listed["data"][1]["id"].as_i64().unwrap();
    let browser = Browser::new(&app, "root", ROOT_PASSWORD).await;
    let page = browser.get("/admin/jobs").await.text();
    assert!(
        page.contains(&format!("/admin/jobs/{other}/first")),
        "{page}"
    );
    let pushed = browser.post(&format!("/admin/jobs/{other}/first"));
    let pushed = pushed.form(&[]).await;
    assert!(browser.follow(pushed).await.contains("It comes next."));
    set(json!(9)).await.expect(204);
    let first = base::job::claim(&app.db, &["tidy"], "test", app.clock.now()).await;
    assert_eq!(first.unwrap().unwrap().id.0, id);

    let path = |act: &str| format!("/api/v1/jobs/tidy/{id}/{act}");
    app.post(&path("retry")).token(&root).await.expect(400);
    let path = |act: &str| format!("/api/v1/jobs/tidy/{other}/{act}");
    app.post(&path("cancel")).token(&root).await.expect(204);
    app.post(&path("retry")).token(&root).await.expect(204);
    let waiting = app.get("/api/v1/jobs/waiting").token(&root).await.json();
    assert_eq!(waiting["data"][0]["id"], other);
}
