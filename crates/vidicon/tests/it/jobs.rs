//! The queue, the log and the figures as administrators see them.

use crate::app::TestApp;
use base::clock::{HOUR, MINUTE};
use base::job::NewJob;
use serde_json::{Value, json};

async fn jobs(app: &TestApp, root: &str, state: &str) -> Value {
    let path = format!("/api/v1/jobs{state}");
    app.get(&path).token(root).await.expect(200).json()
}

#[tokio::test]
async fn work_is_seen_while_it_waits_and_when_it_is_done() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let now = app.clock.now();
    NewJob::new("tidy", json!({}))
        .enqueue(&app.db, now)
        .await
        .unwrap();
    NewJob::new("mail", json!({ "subject": "x", "text": "secret words" }))
        .run_at(now + HOUR)
        .enqueue(&app.db, now)
        .await
        .unwrap();
    assert_eq!(jobs(&app, &root, "").await["total"], 2);
    let waiting = jobs(&app, &root, "/waiting").await;
    assert_eq!(waiting["data"][0]["type"], "tidy");
    assert_eq!(waiting["data"][0]["state"], "waiting");
    assert_eq!(waiting["data"][0]["canCancel"], true);
    let delayed = jobs(&app, &root, "/delayed").await;
    assert_eq!(delayed["total"], 1);
    assert_eq!(delayed["data"][0]["type"], "email");
    assert!(!delayed.to_string().contains("secret words"));
    let mails = jobs(&app, &root, "?jobType=email").await;
    assert_eq!(mails["total"], 1);
    assert_eq!(jobs(&app, &root, "/completed").await["total"], 0);

    let id = delayed["data"][0]["id"].as_i64().unwrap();
    let cancel = |kind: &str| {
        app.post(&format!("/api/v1/jobs/{kind}/{id}/cancel"))
            .token(&root)
    };
    cancel("notify").await.expect(404);
    cancel("email").await.expect(204);
    cancel("email").await.expect(400);
    app.run_jobs().await;
    assert_eq!(
        jobs(&app, &root, "/completed").await["data"][0]["type"],
        "tidy"
    );
    assert_eq!(
        jobs(&app, &root, "/failed").await["data"][0]["error"],
        "Cancelled by an administrator."
    );
}

#[tokio::test]
async fn the_queue_can_be_held() {
    let app = TestApp::new().await;
    let root = app.root().await;
    app.post("/api/v1/jobs/pause")
        .token(&root)
        .await
        .expect(204);
    NewJob::new("tidy", json!({}))
        .enqueue(&app.db, app.clock.now())
        .await
        .unwrap();
    assert_eq!(app.run_jobs().await, 0);
    app.post("/api/v1/jobs/resume")
        .token(&root)
        .await
        .expect(204);
    assert_eq!(app.run_jobs().await, 1);
}

#[tokio::test]
async fn wrong_questions_about_jobs_are_refused() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let user = app.user("ada").await;
    for path in [
        "/lost",
        "?jobType=sleep",
        "?count=101",
        "?sort=id",
        "?start=-1",
    ] {
        let answer = app.get(&format!("/api/v1/jobs{path}")).token(&root).await;
        assert_eq!(answer.status, 400, "{path}");
    }
    app.get("/api/v1/jobs").await.expect(401);
    app.get("/api/v1/jobs").token(&user).await.expect(403);
    app.post("/api/v1/jobs/pause")
        .token(&user)
        .await
        .expect(403);
    app.post("/api/v1/jobs/email/x/cancel")
        .token(&root)
        .await
        .expect(400);
    app.post("/api/v1/jobs/email/77/cancel")
        .token(&root)
        .await
        .expect(404);
}

#[tokio::test]
async fn figures_equal_what_is_there() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let stats = app.get("/api/v1/server/stats").await.expect(200);
    assert_eq!(stats.header("cache-control"), "max-age=300");
    let stats = stats.json();
    assert_eq!(stats["totalUsers"], 2);
    assert_eq!(stats["totalAdmins"], 1);
    assert_eq!(stats["totalDailyActiveUsers"], 2);
    assert_eq!(stats["totalLocalVideoChannels"], 2);
    assert_eq!(stats["totalLocalVideos"], 0);
    app.user("bea").await;
    assert_eq!(
        app.get("/api/v1/server/stats").await.json()["totalUsers"],
        2
    );
    app.clock.advance(6 * MINUTE);
    assert_eq!(
        app.get("/api/v1/server/stats").await.json()["totalUsers"],
        3
    );
}

#[tokio::test]
async fn errors_of_browsers_reach_the_log() {
    base::telemetry::start("warn", base::telemetry::LogFormat::Text);
    let app = TestApp::new().await;
    let root = app.root().await;
    let post = |body: Value| app.post("/api/v1/server/logs/client").json(body);
    let good = json!({ "message": "the button fell off", "url": "https://a.example/w/1", "level": "error" });
    post(good.clone()).await.expect(204);
    for (field, value) in [
        ("message", Value::from("")),
        ("url", "nowhere".into()),
        ("level", "info".into()),
        ("userAgent", "x".repeat(201).into()),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value;
        let answer = post(wrong).await;
        assert_eq!(answer.status, 400, "{field}");
    }
    let logs = |query: &str| app.get(&format!("/api/v1/server/logs{query}")).token(&root);
    logs("").await.expect(400);
    let found = logs("?startDate=2020-01-01&level=error&tagsOneOf=client")
        .await
        .expect(200)
        .json();
    let line = &found.as_array().unwrap()[0];
    assert_eq!(line["message"], "the button fell off");
    assert_eq!(line["url"], "https://a.example/w/1");
    assert_eq!(line["level"], "error");
    let none = logs("?startDate=2020-01-01&endDate=2020-01-02")
        .await
        .expect(200)
        .json();
    assert_eq!(none, json!([]));
}

#[tokio::test]
async fn changes_by_people_are_audited() {
    let app = TestApp::new().await;
    let root = app.root().await;
    app.put("/api/v1/custom-pages/homepage/instance")
        .token(&root)
        .json(json!({ "content": "Hello" }))
        .await
        .expect(204);
    app.put("/api/v1/config/custom")
        .token(&root)
        .json(json!({}))
        .await
        .expect(400);
    let path = "/api/v1/server/audit-logs?startDate=2020-01-01";
    let found = app.get(path).token(&root).await.expect(200).json();
    let entries = found.as_array().unwrap();
    assert_eq!(entries.len(), 1, "{found}");
    assert_eq!(entries[0]["user"], "root");
    assert_eq!(entries[0]["domain"], "custom-pages");
    assert_eq!(entries[0]["action"], "update");
}

#[tokio::test]
async fn the_inside_can_be_looked_at() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let debug = app
        .get("/api/v1/server/debug")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(debug["ip"], "127.0.0.1");
    assert_eq!(debug["activityPubMessagesWaiting"], 0);
    let run = |command: &str| {
        app.post("/api/v1/server/debug/run-command")
            .token(&root)
            .json(json!({ "command": command }))
    };
    run("make-coffee").await.expect(400);
    run("test-emails").await.expect(400);
    app.post("/api/v1/server/debug/run-command")
        .token(&root)
        .json(json!({ "command": "test-emails", "email": "a@example.org" }))
        .await
        .expect(409);
    for command in [
        "remove-dandling-resumable-uploads",
        "process-video-stats-buffer",
    ] {
        run(command).await.expect(204);
        assert_eq!(app.run_jobs().await, 1, "{command}");
    }
}

#[tokio::test]
async fn there_are_no_plugins() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let get = |path: &str| app.get(&format!("/api/v1/plugins{path}")).token(&root);
    assert_eq!(get("").await.expect(200).json()["total"], 0);
    get("?pluginType=9").await.expect(400);
    get("/available").await.expect(400);
    get("/peertube-plugin-x").await.expect(404);
    get("/something").await.expect(400);
    let install = app.post("/api/v1/plugins/install").token(&root);
    install
        .json(json!({ "npmName": "peertube-plugin-x" }))
        .await
        .expect(400);
    app.get("/api/v1/plugins/peertube-plugin-x/public-settings")
        .await
        .expect(404);
    app.post("/api/v1/metrics/playback")
        .json(json!({}))
        .await
        .expect(204);
}

#[tokio::test]
async fn labels_are_told_in_other_languages() {
    let app = TestApp::new().await;
    for locale in ["fr", "fr-FR"] {
        let path = format!("/client/locales/{locale}/server.json");
        let words = app.get(&path).await.expect(200);
        assert_eq!(words.header("cache-control"), "public, max-age=7200");
        let words = words.json();
        assert_eq!(words["Music"], "Musique");
        assert_eq!(words["All rights reserved"], "Tous droits réservés");
        assert_eq!(words["Arabic"], "Arabe");
        assert_eq!(words["Moderator"], "Modérateur");
    }
    for path in ["en-US/server.json", "xx/server.json", "fr/player.json"] {
        app.get(&format!("/client/locales/{path}"))
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn the_language_of_the_pages_is_kept() {
    let app = TestApp::new().await;
    let path = "/api/v1/client-config/update-interface-language";
    let kept = app
        .post(path)
        .json(json!({ "language": "fr" }))
        .await
        .expect(204);
    assert!(kept.header("set-cookie").starts_with("clientLanguage=fr;"));
    app.post(path)
        .json(json!({ "language": "fr; Secure" }))
        .await
        .expect(400);
    app.post(path).json(json!({})).await.expect(400);
}
