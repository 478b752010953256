//! The search of another site in the place of one's own.

use crate::app::TestApp;
use crate::video::{add, names};
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// An index that answers with what it was asked; one word is too much for it.
async fn index() -> String {
    let answer = |Path(kind): Path<String>, RawQuery(query): RawQuery| async move {
        let query = query.unwrap_or_default();
        if query.contains("broken") {
            return (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(json!({})));
        }
        let found = json!({ "total": 1, "data": [{ "name": format!("{kind}?{query}") }] });
        (StatusCode::OK, axum::Json(found))
    };
    let router = axum::Router::new().route("/api/v1/search/{kind}", axum::routing::get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/")
}

async fn site(settings: Value) -> TestApp {
    TestApp::with(|config| {
        config.server.allow_private_addresses = true;
        let search = json!({ "searchIndex": settings });
        config.site.insert("search".to_owned(), search);
    })
    .await
}

async fn search(app: &TestApp, query: &str, status: u16) -> Value {
    app.get(&format!("/api/v1/search/{query}"))
        .await
        .expect(status)
        .json()
}

#[tokio::test]
async fn the_index_is_asked_when_it_is_meant() {
    let url = index().await;
    let app = site(json!({ "enabled": true, "url": url })).await;
    app.user("ada").await;
    add(&app, "ada", "Sea here", |_| {}).await;
    app.run_jobs().await;
    let there = search(
        &app,
        "videos?search=sea&count=3&searchTarget=search-index",
        200,
    )
    .await;
    assert_eq!(names(&there), ["videos?count=3&search=sea"]);
    for kind in ["video-channels", "video-playlists"] {
        let query = format!("{kind}?search=sea&searchTarget=search-index");
        let there = search(&app, &query, 200).await;
        assert_eq!(names(&there), [format!("{kind}?search=sea")]);
    }
    for query in ["videos?search=sea", "videos?search=sea&searchTarget=local"] {
        assert_eq!(names(&search(&app, query, 200).await), ["Sea here"]);
    }
    let failed = search(&app, "videos?search=broken&searchTarget=search-index", 502).await;
    let detail = failed["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("The search index of this site cannot be asked"),
        "{detail}"
    );
    let off = TestApp::new().await;
    search(&off, "videos?search=sea&searchTarget=search-index", 400).await;
}

#[tokio::test]
async fn the_administrator_says_which_search_is_the_usual_one() {
    let url = index().await;
    let app = site(json!({ "enabled": true, "url": url, "isDefaultSearch": true })).await;
    let usual = search(&app, "videos?search=sea", 200).await;
    assert_eq!(names(&usual), ["videos?search=sea"]);
    let here = search(&app, "videos?search=sea&searchTarget=local", 200).await;
    assert_eq!(here["total"], 0);
    let only = site(json!({ "enabled": true, "url": url, "disableLocalSearch": true })).await;
    let there = search(&only, "videos?search=sea&searchTarget=local", 200).await;
    assert_eq!(there["total"], 1);
}

/// An index with one video that leads somewhere and one that does not.
async fn hostile_index() -> String {
    let videos = json!({ "total": 2, "data": [
        { "name": "Far <b>sea</b>", "url": "https://far.example/w/abc", "duration": 62, "views": 3,
          "description": "Salt", "publishedAt": "2024-05-01T10:00:00.000Z",
          "channel": { "displayName": "Far away", "url": "https://far.example/c/far" } },
        { "name": "Not a way", "url": "javascript:alert(1)", "channel": {} },
    ]});
    let channels = json!({ "total": 1, "data": [
        { "name": "far", "displayName": "Far away", "host": "far.example",
          "url": "https://far.example/c/far" },
    ]});
    let answer = |Path(kind): Path<String>| async move {
        axum::Json(if kind == "videos" { videos } else { channels })
    };
    let router = axum::Router::new().route("/api/v1/search/{kind}", axum::routing::get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/")
}

#[tokio::test]
async fn the_page_of_results_asks_the_index_as_programs_do() {
    let url = hostile_index().await;
    let app = site(json!({ "enabled": true, "url": url, "isDefaultSearch": true })).await;
    app.user("ada").await;
    add(&app, "ada", "Near sea", |_| {}).await;
    app.run_jobs().await;
    let page = |path: &'static str| app.get(path).header("accept", "text/html");
    let there = page("/search?search=sea").await.expect(200).text();
    assert!(
        there.contains("Far &#60;b&#62;sea") || there.contains("Far &lt;b&gt;sea"),
        "{there}"
    );
    assert!(there.contains("https://far.example/w/abc"));
    assert!(there.contains("Far away") && there.contains("1:02"));
    assert!(!there.contains("Not a way") && !there.contains("javascript:"));
    assert!(!there.contains("Near sea"));
    assert!(there.contains("searchTarget=local"));
    let here = page("/search?search=sea&searchTarget=local")
        .await
        .expect(200)
        .text();
    assert!(here.contains("Near sea") && !here.contains("far.example"));
    let broken =
        site(json!({ "enabled": true, "url": "http://127.0.0.1:9", "isDefaultSearch": true }))
            .await;
    let call = broken.get("/search?search=sea");
    call.header("accept", "text/html").await.expect(502);
}
