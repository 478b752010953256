//! The way from another server to what is here.

use super::{page, page_as};
use crate::app::TestApp;

#[tokio::test]
async fn the_way_from_another_server() {
    let app = TestApp::new().await;
    let fan = app.user("fan").await;
    let actor = "http%3A%2F%2Fvideo.test%2Fvideo-channels%2Ffan_channel";
    let path = format!("/remote-interaction?uri={actor}");
    let ask = page(&app, &path).await.expect(200);
    assert!(ask.text().contains("name=\"handle\""));
    assert!(
        ask.header("content-security-policy")
            .contains("form-action 'self' https:")
    );
    let inside = page_as(&app, &path, &fan).await;
    assert_eq!(inside.status, 303);
    let fields = [
        ("uri", "http://video.test/video-channels/fan_channel"),
        ("handle", "no handle"),
    ];
    let bad = app
        .post("/remote-interaction")
        .form(&fields)
        .await
        .expect(400);
    assert!(bad.text().contains("value=\"no handle\""));
    let unknown = page(
        &app,
        "/remote-interaction?uri=https%3A%2F%2Felsewhere.example%2Fc%2Fx",
    )
    .await;
    assert_eq!(
        unknown.header("location"),
        "/search?search=https%3A%2F%2Felsewhere.example%2Fc%2Fx"
    );
}
