//! Log-in and accounts.

use crate::app::TestApp;

#[tokio::test]
async fn a_new_user_can_log_in() {
    let app = TestApp::new().await;
    let token = app.user("ada").await;
    assert_eq!(token.len(), 40);
    app.get("/api/v1/ping").await.expect(200);
}

#[tokio::test]
async fn an_unknown_route_below_the_api_is_a_bad_request() {
    let app = TestApp::new().await;
    app.get("/api/v1/nothing").await.expect(400);
    app.get("/nothing").await.expect(404);
}
