//! The page of first steps writes settings: each is tried out, nothing is written of what does not work.

use crate::app::TestApp;
use crate::studio::Browser;
use base::storage::Delivery;
use std::os::unix::fs::PermissionsExt;
use vidicon::config::{Config, Given, written_file};

async fn root(app: &TestApp) -> Browser<'_> {
    Browser::new(app, "root", crate::app::ROOT_PASSWORD).await
}

/// The settings of the next start.
fn next(app: &TestApp) -> Config {
    let given = Given {
        data_dir: Some(app.config.server.data_dir.clone()),
        ..Given::default()
    };
    given.load(None).unwrap().config
}

/// What is refused, with these words, changes nothing and is not to be typed again.
async fn refused(app: &TestApp, form: &[(&str, &str)], words: &str) {
    let browser = root(app).await;
    let page = browser.post("/admin/setup").form(form).await.expect(400);
    let html = page.text();
    assert!(html.contains(words), "{words}: {html}");
    for (name, value) in form
        .iter()
        .filter(|(name, _)| !["part", "https", "tls"].contains(name))
    {
        assert!(
            html.contains(&format!("value=\"{value}\"")),
            "{name}: {html}"
        );
    }
    assert!(!written_file(&app.config.server.data_dir).exists());
    assert!(!app.restart.is_cancelled());
}

#[tokio::test]
async fn a_bucket_is_tried_out_before_it_is_used() {
    let server = crate::bucket::server().await;
    let app = TestApp::new().await;
    let closed = crate::s3_server::closed_endpoint().await;
    let keys = |endpoint, secret| {
        [
            ("part", "storage"),
            ("name", "vid"),
            ("endpoint", endpoint),
            ("region", "us-east-1"),
            ("access_key", "test"),
            ("secret_key", secret),
        ]
    };
    refused(&app, &keys(&closed, "testtest"), "notice-bad").await;
    refused(&app, &keys(&server.endpoint, "wrong"), "put: ").await;

    let browser = root(&app).await;
    let form = keys(&server.endpoint, "testtest");
    let page = browser.post("/admin/setup").form(&form).await.expect(200);
    let html = page.text();
    assert!(html.contains("It works and is saved."), "{html}");
    // This server knows no rules for browsers.
    assert!(html.contains("files go through this server"), "{html}");
    assert_eq!(page.header("refresh"), "6; url=/admin/setup?saved#first");
    assert!(app.restart.is_cancelled());
    let storage = next(&app).storage;
    assert_eq!(storage.bucket.name, "vid");
    assert_eq!(storage.bucket.endpoint, server.endpoint);
    assert_eq!(storage.bucket.delivery, Delivery::Proxy);
    assert!(
        storage.from.is_some(),
        "what lies in the folder is still found"
    );
    let file = written_file(&app.config.server.data_dir);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_mail_server_that_takes_no_letter_is_not_written_down() {
    let app = TestApp::new().await;
    let closed = crate::s3_server::closed_endpoint().await;
    let port = closed.rsplit(':').next().unwrap();
    let form = [
        ("part", "letters"),
        ("host", "127.0.0.1"),
        ("port", port),
        ("tls", "none"),
        ("to", "ada@example.org"),
    ];
    refused(&app, &form, "The letter did not leave").await;
}

#[tokio::test]
async fn the_address_is_written_where_nobody_knows_the_site_yet() {
    let app = TestApp::new().await;
    let address = |url| [("part", "address"), ("url", url), ("https", "front")];
    refused(
        &app,
        &address("https://video.example.org/path"),
        "server.public_url",
    )
    .await;
    let by_itself = [
        ("part", "address"),
        ("url", "http://video.example.org"),
        ("https", "acme"),
    ];
    refused(&app, &by_itself, "begins with https://").await;
    let unknown = [
        ("part", "address"),
        ("url", "video.invalid"),
        ("https", "acme"),
    ];
    refused(&app, &unknown, "leads nowhere yet").await;

    let browser = root(&app).await;
    let form = address("video.example.org/");
    let page = browser.post("/admin/setup").form(&form).await.expect(200);
    assert_eq!(
        page.header("refresh"),
        "6; url=https://video.example.org/admin/setup"
    );
    assert_eq!(next(&app).server.public_url, "https://video.example.org");
    // The settings file wins, and says so.
    let file = app.config.server.data_dir.join("vidicon.toml");
    std::fs::write(&file, "[server]\npublic_url = \"https://other.example\"").unwrap();
    assert_eq!(next(&app).server.public_url, "https://other.example");
    let page = browser.post("/admin/setup").form(&form).await.expect(400);
    assert!(
        page.text()
            .contains("says otherwise about server.public_url")
    );
}

#[tokio::test]
async fn what_the_settings_file_keeps_for_itself_stays() {
    let app = TestApp::with(|config| config.server.settings_on_site = false).await;
    let browser = root(&app).await;
    let html = browser.get("/admin/setup").await.expect(200).text();
    assert!(!html.contains("name=\"secret_key\""), "{html}");
    let form = [("part", "address"), ("url", "video.example.org")];
    browser.post("/admin/setup").form(&form).await.expect(403);
}
