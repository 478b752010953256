//! What the site uses and costs: traffic is counted, priced and forecast, and a budget takes effect in steps.

use crate::app::TestApp;
use crate::bucket::{made, playlist, server};
use base::storage::Delivery;
use serde_json::{Value, json};

async fn costs(app: &TestApp, token: &str) -> Value {
    vidicon::cost::flush(&app.app).await.unwrap();
    let answer = app.get("/api/v1/server/costs").token(token).await;
    answer.expect(200).json()
}

/// Changes a part of the settings.
async fn set(app: &TestApp, token: &str, name: &str, value: Value) {
    let mut tree = app
        .get("/api/v1/config/custom")
        .token(token)
        .await
        .expect(200)
        .json();
    let group = tree[name].as_object_mut().unwrap();
    group.extend(value.as_object().unwrap().clone());
    let put = app.put("/api/v1/config/custom").token(token).json(tree);
    put.await.expect(200);
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_takes_effect_in_steps() {
    let server = server().await;
    let proxy = |storage: &mut base::storage::StorageConfig| {
        storage.bucket.delivery = Delivery::Proxy;
    };
    let app = server.app(proxy).await;
    let root = app.root().await;
    let video = made(&app, &[]).await;
    let before = costs(&app, &root).await;
    let month = &before["months"][0];
    assert!(number(&month["writtenBytes"]) > 10_000.0, "{month}");
    assert!(number(&month["writeRequests"]) >= 5.0, "{month}");
    assert!(number(&month["readBytes"]) > 0.0, "{month}");
    let stored = before["stored"].as_array().unwrap();
    let of = |class: &str| stored.iter().find(|it| it["class"] == class).unwrap();
    assert!(number(&of("original")["bytes"]) > 10_000.0, "{stored:?}");
    assert_eq!(of("original")["inBucket"], true);
    assert_eq!(number(&before["now"]["total"]), 0.0, "no prices, no bill");

    // A viewer loads through the site.
    let files = crate::transcode::files(&app, &video).await;
    let path = crate::transcode::address(&video, &files[0].filename);
    let sent = app.get(&path).await.expect(200).body.len();
    // Another server does, too.
    let peer = app
        .get(&path)
        .header("user-agent", "PeerTube/6.3.0 (+https://peer.example)");
    peer.await.expect(200);
    let after = costs(&app, &root).await;
    let month = |of: &Value, name: &str| number(&of["months"][0][name]);
    let grown = month(&after, "viewerBytes") - month(&before, "viewerBytes");
    assert!(grown >= sent as f64, "{grown} of {sent}");
    let grown = month(&after, "serverBytes") - month(&before, "serverBytes");
    assert!((grown - sent as f64).abs() < 1.0, "{grown} of {sent}");

    // A price at which this month has cost 95 of 100.
    let prices = json!({ "serverBase": 95 });
    set(
        &app,
        &root,
        "costs",
        json!({ "prices": prices, "budget": 100 }),
    )
    .await;
    vidicon::cost::watch_budget(&app.app).await.unwrap();
    let short = costs(&app, &root).await;
    assert_eq!(number(&short["usedPercent"]), 95.0);
    assert!(number(&short["forecast"]["total"]) >= 95.0);
    assert_eq!(
        short["savings"],
        json!({ "lowerQuality": true, "redirectOnly": true, "askUploaders": true, "stopUploads": false })
    );
    let away = app.get(&path).await.expect(307);
    assert!(away.header("location").starts_with(&server.endpoint));
    let text = playlist(&app, &video, "").await.expect(200).text();
    assert!(text.contains("X-Amz-Signature="), "{text}");
    let page = app.get(&video.watch_path()).await.expect(200);
    assert!(page.text().contains("\"sparing\":480"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&server.endpoint), "{policy}");

    // All of it, and no new files when that is wished.
    let stop = json!({ "budget": 95, "stopUploads": { "enabled": true } });
    set(&app, &root, "costs", stop).await;
    vidicon::cost::watch_budget(&app.app).await.unwrap();
    let refused = crate::bucket::begin_direct(&app, &root, 1000).await;
    assert_eq!(refused.expect(413).json()["code"], "budget_used_up");

    // More money, and all is as before.
    set(&app, &root, "costs", json!({ "budget": 1000 })).await;
    vidicon::cost::watch_budget(&app.app).await.unwrap();
    app.get(&path).await.expect(200);
    let page = app.get(&video.watch_path()).await.expect(200).text();
    assert!(page.contains("\"sparing\":null"));
    crate::bucket::begin_direct(&app, &root, 1000)
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bucket_gives_is_estimated() {
    let server = server().await;
    let app = server.app(|_| {}).await;
    let root = app.root().await;
    let video = made(&app, &[]).await;
    let given = |of: &Value| number(&of["months"][0]["givenBytes"]);
    let before = given(&costs(&app, &root).await);
    assert_eq!(before, 0.0);
    let views = format!("/api/v1/videos/{}/views", video.uuid);
    for at in [0, 1] {
        let sign = json!({ "currentTime": at, "sessionId": "one" });
        app.post(&views).json(sign).await.expect(204);
    }
    let watched = given(&costs(&app, &root).await);
    let answer = app.get(&format!("/api/v1/videos/{}", video.uuid)).await;
    let answer = answer.json();
    let file = &answer["streamingPlaylists"][0]["files"][0];
    let size = number(&file["size"]);
    let seconds = number(&answer["duration"]);
    let expected = size / seconds;
    assert!(
        watched > expected * 0.5 && watched < expected * 3.0,
        "{watched} for about {expected}"
    );
    // A download counts whole.
    let path = file["fileDownloadUrl"].as_str().unwrap();
    let path = path.split_once("video.test").unwrap().1;
    app.get(path).await.expect(307);
    let loaded = given(&costs(&app, &root).await) - watched;
    assert!((loaded - size).abs() < 1.0, "{loaded} of {size}");
}

#[tokio::test]
async fn administrators_get_a_letter_once_for_each_step() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    let root = app.root().await;
    let boss = json!({
        "username": "boss", "password": "password-1", "role": 0,
        "email": "boss@example.org", "videoQuota": -1, "videoQuotaDaily": -1,
    });
    let made = app.post("/api/v1/users").token(&root).json(boss);
    made.await.expect(200);
    let prices = json!({ "serverBase": 85, "egressGb": "0,01" });
    set(
        &app,
        &root,
        "costs",
        json!({ "prices": prices, "budget": 100 }),
    )
    .await;
    for _ in 0..2 {
        vidicon::cost::watch_budget(&app.app).await.unwrap();
        app.run_jobs().await;
    }
    let letters = || {
        let kept = app.mail.take_kept().into_iter();
        let about = kept.filter(|it| it.subject.contains("budget"));
        about.map(|it| it.subject).collect::<Vec<_>>()
    };
    assert_eq!(letters(), ["[Vidicon] 80 % of the month's budget is used"]);
    set(&app, &root, "costs", json!({ "budget": 85 })).await;
    vidicon::cost::watch_budget(&app.app).await.unwrap();
    app.run_jobs().await;
    assert_eq!(letters(), ["[Vidicon] 100 % of the month's budget is used"]);
    app.get("/api/v1/server/costs").await.expect(401);
    let ada = app.user("ada").await;
    app.get("/api/v1/server/costs")
        .token(&ada)
        .await
        .expect(403);
    let wrong = json!({ "costs": { "provider": "nobody" } });
    let mut tree = app.get("/api/v1/config/custom").token(&root).await.json();
    tree["costs"]["provider"] = wrong["costs"]["provider"].clone();
    let put = app.put("/api/v1/config/custom").token(&root).json(tree);
    put.await.expect(400);
    let heavy = app.get("/api/v1/server/costs/videos").token(&root).await;
    assert_eq!(heavy.expect(200).json(), json!({ "data": [] }));
}
