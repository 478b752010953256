//! What an administrator switches off is refused to programs and gone from the pages.

use crate::app::{Answer, TestApp};
use crate::video::add;
use serde_json::{Value, json};
use vidicon::switch::Feature;

/// Switches one off as an administrator does, or on again.
async fn switch(app: &TestApp, name: &str, on: bool) {
    let root = app.root().await;
    let path = "/api/v1/config/custom";
    let mut settings = app.get(path).token(&root).await.expect(200).json();
    settings["features"][name]["enabled"] = on.into();
    app.put(path).token(&root).json(settings).await.expect(200);
    let config = app.get("/api/v1/config").await.expect(200).json();
    assert_eq!(config["features"][name]["enabled"], on);
}

async fn page(app: &TestApp, path: &str, token: &str) -> Answer {
    app.get(path)
        .header("accept", "text/html")
        .header("cookie", &format!("vidicon_session={token}"))
        .await
}

#[tokio::test]
async fn every_way_of_a_feature_is_held() {
    let app = TestApp::new().await;
    let (_, rows) = vidicon::routes::site(&app.app);
    let held = |feature: Feature| -> Vec<String> {
        let rows = rows.iter();
        let found = rows.filter(|row| Feature::of(&row.method, row.path) == Some(feature));
        let mut found: Vec<String> = found
            .map(|row| format!("{} {}", row.method, row.path))
            .collect();
        found.sort();
        found
    };
    assert_eq!(
        held(Feature::Uploads),
        [
            "GET /upload",
            "POST /api/v1/users/{id}/imports/import-resumable",
            "POST /api/v1/video-channel-syncs",
            "POST /api/v1/video-channels/{handle}/import-videos",
            "POST /api/v1/videos/imports",
            "POST /api/v1/videos/upload",
            "POST /api/v1/videos/upload-direct",
            "POST /api/v1/videos/upload-resumable",
            "POST /my/imports",
            "POST /upload",
        ]
    );
    assert_eq!(
        held(Feature::Comments),
        [
            "POST /api/v1/videos/{id}/comment-threads",
            "POST /api/v1/videos/{id}/comments/{commentId}",
            "POST /w/{id}/comments",
        ]
    );
    assert_eq!(held(Feature::Downloads).len(), 8);
    assert_eq!(
        held(Feature::Search),
        [
            "GET /api/v1/search/captions",
            "GET /api/v1/search/video-channels",
            "GET /api/v1/search/video-playlists",
            "GET /api/v1/search/videos",
            "GET /api/v1/videos/{id}/captions/search",
            "GET /search",
        ]
    );
}

#[tokio::test]
async fn what_is_switched_off_is_refused_and_gone_from_the_pages() {
    let app = TestApp::new().await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let video = add(&app, "ada", "A film", |new| {
        new.tags = vec!["sea".to_owned()]
    })
    .await;
    let (id, watch) = (video.uuid, format!("/w/{}", video.short_uuid()));
    let threads = format!("/api/v1/videos/{id}/comment-threads");
    let say = async |text: &str| {
        let call = app.post(&threads).token(&ada);
        call.json(json!({ "text": text })).await
    };
    say("Here I am").await.expect(200);
    let search = "/api/v1/search/videos?search=film";
    app.get(search).await.expect(200);
    let html = page(&app, &watch, &ada).await.expect(200).text();
    for part in [
        "action=\"/search\"",
        "href=\"/upload\"",
        "<form class=\"row reply\"",
        "Here I am",
        "tagsOneOf=sea",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }

    switch(&app, "search", false).await;
    let refused = app.get(search).await.expect(403).json();
    assert_eq!(refused["detail"], "Search is switched off on this site.");
    page(&app, "/search?search=film", &ada).await.expect(403);
    let html = page(&app, &watch, &ada).await.expect(200).text();
    assert!(
        !html.contains("\"/search") && html.contains("sea"),
        "{html}"
    );
    switch(&app, "search", true).await;
    app.get(search).await.expect(200);

    switch(&app, "comments", false).await;
    say("Me again").await.expect(403);
    let listed = app.get(&threads).await.expect(200).json();
    assert_eq!((&listed["total"], &listed["data"]), (&json!(0), &json!([])));
    let details = app.get(&format!("/api/v1/videos/{id}")).await.json();
    assert_eq!(
        (
            &details["commentsEnabled"],
            &details["commentsPolicy"]["id"]
        ),
        (&json!(false), &json!(2))
    );
    let html = page(&app, &watch, &ada).await.expect(200).text();
    assert!(
        !html.contains("Here I am") && !html.contains("class=\"row reply\""),
        "{html}"
    );
    switch(&app, "comments", true).await;
    assert_eq!(
        app.get(&threads).await.json()["total"],
        1,
        "nothing was lost"
    );

    switch(&app, "downloads", false).await;
    let details = app.get(&format!("/api/v1/videos/{id}")).await.json();
    assert_eq!(details["downloadEnabled"], false);
    app.get(&format!("/download/videos/generate/{id}"))
        .await
        .expect(403);
    app.get("/download/web-videos/any.mp4").await.expect(403);
    switch(&app, "downloads", true).await;
    app.get("/download/web-videos/any.mp4").await.expect(404);

    switch(&app, "uploads", false).await;
    let begin = async |token: &str| {
        let call = app.post("/api/v1/videos/upload-resumable").token(token);
        call.json(json!({})).await
    };
    begin(&ada).await.expect(403);
    app.post("/api/v1/videos/imports")
        .token(&ada)
        .json(json!({}))
        .await
        .expect(403);
    page(&app, "/upload", &ada).await.expect(403);
    let html = page(&app, &watch, &ada).await.text();
    assert!(!html.contains("href=\"/upload\""), "{html}");
    // Those who run the place can still publish.
    begin(&root).await.expect(400);
    page(&app, "/upload", &root).await.expect(200);
    assert!(
        page(&app, &watch, &root)
            .await
            .text()
            .contains("href=\"/upload\"")
    );
}

#[tokio::test]
async fn a_site_has_categories_and_licences_of_its_own() {
    let app = TestApp::new().await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let video = add(&app, "ada", "The moon", |_| {}).await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    let choose = async |body: Value| app.put(&path).token(&ada).json(body).await;
    choose(json!({ "category": 101 })).await.expect(400);

    let custom = "/api/v1/config/custom";
    let mut settings = app.get(custom).token(&root).await.json();
    settings["labels"] = json!({ "categories": "18 Kids of ours" });
    let refused = app.put(custom).token(&root).json(settings.clone()).await;
    let refused = refused.expect(400).json();
    assert!(
        refused["invalid-params"].get("labels.categories").is_some(),
        "{refused}"
    );
    settings["labels"] =
        json!({ "categories": "101 Astronomy\n102 Deep sea", "licences": "100 Ours" });
    app.put(custom)
        .token(&root)
        .json(settings.clone())
        .await
        .expect(200);

    let categories = app.get("/api/v1/videos/categories").await.json();
    assert_eq!(
        (&categories["15"], &categories["101"]),
        (&json!("Science & Technology"), &json!("Astronomy"))
    );
    assert_eq!(
        app.get("/api/v1/videos/licences").await.json()["100"],
        "Ours"
    );
    choose(json!({ "category": 101, "licence": 100 }))
        .await
        .expect(204);
    choose(json!({ "category": 103 })).await.expect(400);
    let details = app.get(&path).await.json();
    assert_eq!(
        details["category"],
        json!({ "id": 101, "label": "Astronomy" })
    );
    assert_eq!(details["licence"], json!({ "id": 100, "label": "Ours" }));
    for list in [
        "/api/v1/videos?categoryOneOf=101",
        "/api/v1/search/videos?categoryOneOf=101",
    ] {
        assert_eq!(
            app.get(list).await.json()["data"][0]["name"],
            "The moon",
            "{list}"
        );
    }
    let html = page(&app, "/categories/101", &ada).await.expect(200).text();
    assert!(
        html.contains("Astronomy") && html.contains("The moon"),
        "{html}"
    );
    page(&app, "/categories/103", &ada).await.expect(404);
    let form = page(&app, &format!("/my/videos/{}", video.short_uuid()), &ada).await;
    let form = form.expect(200).text();
    assert!(
        form.contains("<option value=\"101\" selected>Astronomy"),
        "{form}"
    );
    let object = app.get(&format!("/videos/watch/{}", video.uuid));
    let object = object
        .header("accept", "application/activity+json")
        .await
        .json();
    assert_eq!(
        object["category"],
        json!({ "identifier": "101", "name": "Astronomy" })
    );

    // Taken off again it is unknown, and the video keeps its number.
    settings["labels"] = json!({ "categories": "", "licences": "" });
    app.put(custom)
        .token(&root)
        .json(settings)
        .await
        .expect(200);
    let details = app.get(&path).await.json();
    assert_eq!(
        details["category"],
        json!({ "id": 101, "label": "Unknown" })
    );
    choose(json!({ "name": "The moon again" }))
        .await
        .expect(204);
}

#[tokio::test]
async fn viewers_share_open_videos_only_and_only_where_it_is_on() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let (video, _) = crate::files::published(&app, &[]).await;
    let socket = format!("/tracker/socket?video={}", video.uuid);
    let watch = format!("/w/{}", vidicon::video::short_uuid::shorten(video.uuid));
    let offered = async || {
        let html = page(&app, &watch, "").await.expect(200).text();
        html.contains("\"tracker\":\"/tracker/socket")
    };
    app.get(&socket).await.expect(403);
    assert!(!offered().await);
    let path = "/api/v1/config/custom";
    let mut settings = app.get(path).token(&root).await.expect(200).json();
    settings["tracker"] = json!({ "enabled": true, "stunServers": ["http://a.test"] });
    let refused = app.put(path).token(&root).json(settings.clone()).await;
    refused.expect(400);
    settings["tracker"]["stunServers"] = json!(["stun:a.test:3478"]);
    app.put(path).token(&root).json(settings).await.expect(200);
    let config = app.get("/api/v1/config").await.expect(200).json();
    assert_eq!(config["tracker"]["enabled"], true);
    assert!(offered().await);
    app.get(&socket).await.expect(400);
    app.get("/tracker/socket").await.expect(400);
    let unknown = base::random::uuid();
    app.get(&format!("/tracker/socket?video={unknown}"))
        .await
        .expect(404);
    let closed = json!({ "privacy": 4 });
    let api = format!("/api/v1/videos/{}", video.uuid);
    app.put(&api).token(&root).json(closed).await.expect(204);
    app.get(&socket).await.expect(403);
}
