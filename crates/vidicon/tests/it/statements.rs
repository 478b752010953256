//! Every fixed statement of the program is prepared by the database under test: its names and
//! syntax are right, and on PostgreSQL its types.

use crate::app::TestApp;

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let app = TestApp::new().await;
    let mut wrong = Vec::new();
    for statement in base::db::statements() {
        if let Err(error) = app.db.prepare(statement.sql).await {
            wrong.push(format!("{}: {error}", statement.place));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
