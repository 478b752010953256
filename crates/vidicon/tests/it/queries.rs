//! No list asks the database once for each of its rows: every route of the table that reads is
//! called in a small and in a larger world, and sends as many statements in both.

use crate::app::TestApp;
use crate::world::{fill, fill_up, root, rows};
use axum::http::Method;
use std::collections::BTreeMap;

/// Statements and rows of each route that answers 200, by path.
async fn statements(count: i64) -> BTreeMap<&'static str, (u64, usize)> {
    let app = TestApp::new().await;
    let root = root(&app).await;
    let people = fill_up(&app, &root, count).await;
    let (_, table) = vidicon::routes::site(&app);
    let own = crate::world::things(&app, &root).await;
    assert!(!people.is_empty());
    let mut found = BTreeMap::new();
    for route in table
        .iter()
        .filter(|route| route.method == Method::GET && route.path.starts_with("/api/v1/"))
    {
        let path = fill(route.path, &root, &own);
        let path = if path.contains("blocklist/status") || path.contains("logs") {
            format!("{path}?startDate=2026-01-01")
        } else {
            path
        };
        // The first call may fill a cache.
        app.get(&path).token(&root.token).await;
        let call = app.get(&path).token(&root.token);
        let (answer, sent) = base::db::counted(call.into_future()).await;
        if answer.status == 200 {
            let json = serde_json::from_slice(&answer.body).unwrap_or_default();
            found.insert(route.path, (sent, rows(&json).unwrap_or(0)));
        }
    }
    found
}

/// One statement for each block that there is something for, of which there are a fixed number.
const IN_BLOCKS: &str = "/api/v1/overviews/videos";

#[tokio::test]
async fn lists_ask_as_often_however_long_they_are() {
    let small = statements(2).await;
    let large = statements(6).await;
    let mut growing = Vec::new();
    let mut lists = 0;
    for (path, (few, short)) in &small {
        let Some((many, long)) = large.get(path) else {
            continue;
        };
        lists += usize::from(long > short);
        if many != few && *path != IN_BLOCKS {
            growing.push(format!(
                "{path}: {few} statements for {short} rows, {many} for {long}"
            ));
        }
    }
    assert!(growing.is_empty(), "{}", growing.join("\n"));
    println!("{} routes, {lists} of them lists that grew", small.len());
    assert!(lists >= 20, "only {lists} lists grew with the world");
}
