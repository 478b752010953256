//! The health of the site: what is well, what is broken and how it is said; figures for Prometheus.

use crate::app::TestApp;
use serde_json::{Value, json};

async fn report(app: &TestApp) -> Value {
    let root = app.root().await;
    let answer = app.get("/api/v1/server/health").token(&root).await;
    answer.expect(200).json()
}

fn part<'v>(report: &'v Value, name: &str) -> &'v Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|it| it["part"] == name).unwrap()
}

#[tokio::test]
async fn every_part_is_looked_at_and_said_in_a_sentence() {
    let app = TestApp::new().await;
    let report = report(&app).await;
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 12);
    for finding in findings {
        let sentence = finding["sentence"].as_str().unwrap();
        assert!(!sentence.starts_with("doctor-"), "{finding}");
        assert!(!sentence.contains('{'), "{finding}");
        assert_eq!(
            finding["fix"].is_null(),
            finding["mood"] == "good",
            "{finding}"
        );
    }
    for well in [
        "database", "disk", "storage", "memory", "clock", "ffmpeg", "queue",
    ] {
        assert_eq!(
            part(&report, well)["mood"],
            "good",
            "{}",
            part(&report, well)
        );
    }
    assert_eq!(part(&report, "mail")["mood"], "warn");
    assert_eq!(
        part(&report, "dns")["mood"],
        "bad",
        "video.test leads nowhere"
    );
}

#[tokio::test]
async fn it_speaks_the_readers_language_and_to_administrators_only() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let ada = app.user("ada").await;
    let path = "/api/v1/server/health";
    let german = app
        .get(path)
        .token(&root)
        .header("accept-language", "de")
        .await;
    let german = german.expect(200).json();
    assert_eq!(part(&german, "disk")["title"], "Festplatte");
    let french = app.get("/api/v1/server/health?lang=fr").token(&root).await;
    assert_eq!(part(&french.json(), "disk")["title"], "Disque");
    app.get(path).await.expect(401);
    app.get(path).token(&ada).await.expect(403);
    app.post("/api/v1/server/health/tidy-up")
        .token(&ada)
        .await
        .expect(403);
    app.post("/api/v1/server/health/nonsense")
        .token(&root)
        .await
        .expect(404);
}

#[tokio::test]
async fn what_breaks_is_named_and_buttons_mend_it() {
    let app = TestApp::with(|config| {
        config.mail.host = "127.0.0.1".to_owned();
        config.mail.port = 9;
        config.mail.tls = "none".to_owned();
    })
    .await;
    let root = app.root().await;
    app.post("/api/v1/jobs/pause")
        .token(&root)
        .await
        .expect(204);
    let storage = app.folder.path().join("storage");
    std::fs::remove_dir_all(&storage).ok();
    std::fs::write(&storage, "in the way").unwrap();
    let broken = report(&app).await;
    assert_eq!(broken["mood"], "bad");
    assert_eq!(part(&broken, "queue")["remedy"], "resume-jobs");
    assert_eq!(part(&broken, "storage")["mood"], "bad");
    let mail = part(&broken, "mail");
    assert_eq!(mail["mood"], "bad");
    let sentence = mail["sentence"].as_str().unwrap();
    assert!(sentence.contains("mail.host"), "{sentence}");

    app.post("/api/v1/server/health/resume-jobs")
        .token(&root)
        .await
        .expect(204);
    std::fs::remove_file(&storage).unwrap();
    let mended = report(&app).await;
    assert_eq!(part(&mended, "queue")["mood"], "good");
    assert_eq!(part(&mended, "storage")["mood"], "good");
}

#[tokio::test]
async fn failed_jobs_are_told_with_their_cause_and_tried_again() {
    let app = TestApp::new().await;
    base::job::NewJob::new("no-such-kind", json!({}))
        .enqueue(&app.db, app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
    let queue = part(&report(&app).await, "queue").clone();
    assert_eq!(queue["mood"], "warn");
    let sentence = queue["sentence"].as_str().unwrap();
    assert!(sentence.contains("no-such-kind"), "{sentence}");
    let root = app.root().await;
    app.post("/api/v1/server/health/retry-jobs")
        .token(&root)
        .await
        .expect(204);
    let waiting = app.get("/api/v1/jobs/waiting").token(&root).await.json();
    assert_eq!(waiting["data"][0]["type"], "no-such-kind");
}

#[tokio::test]
async fn a_clock_that_went_back_is_seen() {
    let app = TestApp::new().await;
    base::job::NewJob::new("tidy", json!({}))
        .enqueue(&app.db, app.clock.now() + 10 * base::clock::MINUTE)
        .await
        .unwrap();
    let clock = part(&report(&app).await, "clock").clone();
    assert_eq!(clock["mood"], "bad");
    assert!(clock["sentence"].as_str().unwrap().contains("600"));
}

#[tokio::test]
async fn figures_are_for_this_machine_or_the_token() {
    let app = TestApp::new().await;
    let report = json!({
        "playerMode": "web-video", "resolutionChanges": 2, "errors": 1, "p2pEnabled": false,
        "downloadedBytesP2P": 0, "downloadedBytesHTTP": 5000, "uploadedBytesP2P": 0, "videoId": 1,
    });
    app.post("/api/v1/metrics/playback")
        .json(report)
        .await
        .expect(204);
    app.post("/api/v1/metrics/playback")
        .json(json!({ "errors": "many", "downloadedBytesHTTP": -3 }))
        .await
        .expect(204);
    app.post("/api/v1/metrics/playback")
        .bytes("application/json", b"{".to_vec())
        .await
        .expect(204);
    let text = app.get("/metrics").await.expect(200).text();
    for line in [
        "vidicon_users 1\n",
        "vidicon_playback_http_bytes_total 5000\n",
        "vidicon_playback_errors_total 1\n",
        "vidicon_playback_reports_total 2\n",
        "vidicon_http_requests_total{method=\"POST\",status=\"2xx\"} 3\n",
        "# TYPE vidicon_http_request_duration_seconds histogram\n",
        "process_resident_memory_bytes ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let through_proxy = app
        .get("/metrics")
        .header("x-forwarded-for", "203.0.113.5")
        .await;
    through_proxy.expect(404);

    let app = TestApp::with(|config| config.metrics.token = "s3cret".to_owned()).await;
    app.get("/metrics").await.expect(404);
    app.get("/metrics").token("wrong").await.expect(404);
    app.get("/metrics").token("s3cret").await.expect(200);
    let app = TestApp::with(|config| config.metrics.enabled = false).await;
    app.get("/metrics").await.expect(404);
}

#[tokio::test]
async fn a_watcher_can_ask_whether_the_site_is_up() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/health").await.expect(200).text(), "ok");
}
