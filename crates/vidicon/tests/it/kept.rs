//! Answers that are given more than once: made once, and never a moment older than the last write.

use crate::app::{TestApp, on_postgres};
use crate::video::{add, names};
use base::Db;
use base::sql;
use serde_json::json;

const LIST: &str = "/api/v1/videos?sort=name";

/// The names in the list, and how many statements it took.
async fn listed(app: &TestApp) -> (Vec<String>, u64) {
    let (answer, sent) = base::db::counted(app.get(LIST).into_future()).await;
    let list = answer.expect(200).json();
    (names(&list).into_iter().map(str::to_owned).collect(), sent)
}

#[tokio::test]
async fn the_second_who_asks_costs_nothing_and_sees_every_write() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let first = add(&app, "root", "First", |_| {}).await;
    let (found, sent) = listed(&app).await;
    assert!(found == ["First"] && sent > 0);
    let again = listed(&app).await;
    // With PostgreSQL another machine may have written.
    assert_eq!(again, (found, if on_postgres() { sent } else { 0 }));
    add(&app, "root", "Second", |_| {}).await;
    assert_eq!(listed(&app).await.0, ["First", "Second"]);
    app.put(&format!("/api/v1/videos/{}", first.uuid))
        .token(&root)
        .json(json!({ "name": "Zeroth" }))
        .await
        .expect(204);
    assert_eq!(listed(&app).await.0, ["Second", "Zeroth"]);
    // As another process does it.
    let other = Db::open(&app.config.database_url()).await.unwrap();
    sql!("UPDATE video SET name = 'Other' WHERE name = 'Zeroth'")
        .execute(&other)
        .await
        .unwrap();
    assert_eq!(listed(&app).await.0, ["Second", "Other"]);
    // Who is logged in, and who sends something out of the common, is answered anew.
    let own = base::db::counted(app.get(LIST).token(&root).into_future()).await;
    assert!(own.1 > 0);
    let odd = base::db::counted(app.get(LIST).header("x-odd", "1").into_future()).await;
    assert!(odd.1 > 0);
}

#[tokio::test]
async fn a_changed_setting_shows_at_once() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let title = async || {
        let page = app.get("/").header("accept", "text/html").await;
        page.expect(200).text()
    };
    assert!(!title().await.contains("Phosphor"));
    assert!(!title().await.contains("Phosphor"));
    let path = "/api/v1/config/custom";
    let mut config = app.get(path).token(&root).await.expect(200).json();
    config["instance"]["name"] = json!("Phosphor");
    app.put(path).token(&root).json(config).await.expect(200);
    assert!(title().await.contains("Phosphor"));
}
