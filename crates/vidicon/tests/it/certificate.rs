//! Certificates without an authority near: how often one that refuses is asked, and who is told in
//! time that a certificate ends. With a real authority: tests/peers/https_test.py.

use crate::app::{START, TestApp};
use base::clock::{DAY, HOUR, MINUTE};
use base::job::{JobFilter, JobState, NewJob};
use serde_json::{Value, json};
use vidicon::admin::health::watch;
use vidicon::certificate;
use vidicon::config::TlsMode;

async fn run(app: &TestApp, kind: &'static str) {
    NewJob::new(kind, json!({}))
        .enqueue(&app.db, app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
}

async fn failed(app: &TestApp) -> i64 {
    let filter = JobFilter {
        states: vec![JobState::Failed],
        kinds: vec![certificate::JOB.to_owned()],
        count: 1,
        ..JobFilter::default()
    };
    base::job::list(&app.db, &filter).await.unwrap().0
}

async fn health(app: &TestApp) -> Value {
    let root = app.root().await;
    let report = app.get("/api/v1/server/health").token(&root).await.json();
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|it| it["part"] == "certificate");
    found.unwrap().clone()
}

#[tokio::test]
async fn an_authority_that_refuses_is_asked_less_and_less_often() {
    let app = TestApp::with(|config| {
        config.tls.mode = TlsMode::Acme;
        "https://127.0.0.1:9/directory".clone_into(&mut config.tls.directory);
    })
    .await;
    run(&app, certificate::JOB).await;
    assert_eq!(failed(&app).await, 1, "once, and not again within the job");
    let mut asked = Vec::new();
    for minute in 1..=240 {
        app.clock.advance(MINUTE);
        let before = failed(&app).await;
        run(&app, certificate::JOB).await;
        if failed(&app).await > before {
            asked.push(minute);
        }
    }
    assert_eq!(asked, [10, 30, 70, 130, 190]);
    let part = health(&app).await;
    assert_eq!(
        (&part["mood"], &part["remedy"]),
        (&json!("bad"), &json!("renew-certificate"))
    );

    // Who has mended something need not wait.
    let root = app.root().await;
    let button = app
        .post("/api/v1/server/health/renew-certificate")
        .token(&root);
    button.await.expect(204);
    app.run_jobs().await;
    assert_eq!(failed(&app).await, 7);
}

/// A certificate of one's own that ends at this time, and its key.
fn write_certificate(app: &TestApp, not_before: i64, not_after: i64) {
    let at = |millis: i64| time::OffsetDateTime::from_unix_timestamp(millis / 1000).unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["video.test".to_owned()]).unwrap();
    params.not_before = at(not_before);
    params.not_after = at(not_after);
    let key = rcgen::KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    std::fs::write(&app.config.tls.certificate, made.pem()).unwrap();
    std::fs::write(&app.config.tls.key, key.serialize_pem()).unwrap();
}

#[tokio::test]
async fn administrators_are_told_by_mail_days_before_a_certificate_ends() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::with(|config| {
        config.tls.mode = TlsMode::Files;
        config.tls.certificate = folder.path().join("own.pem");
        config.tls.key = folder.path().join("own.key");
        config.mail.kept = true;
        // Root has no address yet.
        let admin = json!({ "email": "boss@example.org" });
        config.site.insert("admin".to_owned(), admin);
    })
    .await;
    write_certificate(&app, START - 60 * DAY, START + 30 * DAY);
    let told = async || {
        run(&app, watch::JOB).await;
        let letters = app.mail.take_kept();
        let about = letters.iter().filter(|it| {
            it.to == "boss@example.org" && it.text.contains("certificate is valid for")
        });
        about.map(|it| it.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(health(&app).await["mood"], "good");
    assert!(told().await.is_empty());

    app.clock.advance(14 * DAY);
    let part = health(&app).await;
    assert_eq!(part["mood"], "warn", "16 days are left");
    assert!(part["sentence"].as_str().unwrap().contains("16"), "{part}");
    assert!(part["remedy"].is_null(), "no button makes it");
    assert!(told().await.is_empty());

    app.clock.advance(7 * DAY);
    let letters = told().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].contains("9 more days"), "{}", letters[0]);
    app.clock.advance(HOUR);
    assert!(told().await.is_empty(), "once");
    app.clock.advance(7 * DAY);
    assert_eq!(told().await.len(), 1, "and again when it has lasted a week");

    write_certificate(&app, START, START + 90 * DAY);
    assert_eq!(health(&app).await["mood"], "good");
    assert!(told().await.is_empty());
}
