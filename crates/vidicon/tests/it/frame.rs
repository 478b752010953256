//! What goes around every request: CORS, safe headers, ids, compression.

mod log;
mod trace;

use crate::app::TestApp;
use axum::http::Method;
use std::future::IntoFuture;

#[tokio::test]
async fn programs_of_other_sites_may_call_the_api() {
    let app = TestApp::new().await;
    let answer = app
        .get("/api/v1/config")
        .header("origin", "https://other.example")
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let answer = app
        .call(Method::OPTIONS, "/api/v1/users/token")
        .header("origin", "https://other.example")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization, x-peertube-otp",
        )
        .await
        .expect(204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "authorization, x-peertube-otp"
    );
    assert!(
        answer
            .header("access-control-allow-methods")
            .contains("DELETE")
    );
}

#[tokio::test]
async fn pages_are_not_for_other_sites() {
    let app = TestApp::new().await;
    let answer = app
        .get("/nothing")
        .header("origin", "https://other.example")
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn answers_have_safe_headers_and_an_id() {
    let app = TestApp::new().await;
    let first = app.get("/api/v1/ping").await;
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    assert_eq!(first.header("referrer-policy"), "same-origin");
    assert_eq!(first.header("x-frame-options"), "DENY");
    let second = app.get("/api/v1/ping").await;
    assert_eq!(first.header("x-request-id").len(), 16);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    let embed = app.get("/videos/embed/x").await;
    assert_eq!(embed.header("x-frame-options"), "");
}

#[tokio::test]
async fn long_texts_are_compressed_when_asked_for() {
    let app = TestApp::new().await;
    let plain = app.get("/api/v1/config").await;
    assert_eq!(plain.header("content-encoding"), "");
    let short = app
        .get("/api/v1/ping")
        .header("accept-encoding", "gzip")
        .await;
    assert_eq!(short.header("content-encoding"), "");
    let packed = app
        .get("/api/v1/config")
        .header("accept-encoding", "gzip")
        .await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() < plain.body.len() / 2);
}

#[tokio::test]
async fn a_refused_upload_can_read_why_and_go_on() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = app.router.clone();
    let server = tokio::spawn(axum::serve(listener, router).into_future());
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    // More than the buffers of both ends hold: it only gets through when the server reads it.
    let body = vec![b'x'; 24 << 20];
    for _ in 0..2 {
        let head = format!(
            "PUT /api/v1/videos/upload-resumable?upload_id=x HTTP/1.1\r\nhost: video.test\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        line.write_all(head.as_bytes()).await.unwrap();
        line.write_all(&body).await.unwrap();
        let mut answer = vec![0; 4096];
        let length = line.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]);
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    }
    server.abort();
}
