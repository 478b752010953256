//! The ports: IPv4, IPv6 or both, and whose address a visitor has.

use crate::app::TestApp;
use crate::video::add;
use base::storage::Class;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

/// The address that the site sees of somebody who asks over the network.
async fn seen(to: SocketAddr, token: &str, headers: &str) -> String {
    let mut connection = tokio::net::TcpStream::connect(to).await.unwrap();
    let request = format!(
        "GET /api/v1/server/debug HTTP/1.1\r\nHost: video.test\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n{headers}\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["ip"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn one_port_is_answered_over_ipv4_and_ipv6() {
    let app = TestApp::with(|config| {
        config.server.trusted_proxies = vec!["::1".to_owned(), "203.0.113.0/24".to_owned()];
    })
    .await;
    let root = app.root().await;
    let listener = vidicon::serve::listen("[::]:0".parse().unwrap())
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(vidicon::serve::serve(
        app.app.clone(),
        listener,
        stop.clone(),
    ));
    let at = |ip: &str| SocketAddr::new(ip.parse::<IpAddr>().unwrap(), address.port());

    let through = "X-Forwarded-For: 198.51.100.1, 2001:db8::7, 203.0.113.200\r\n";
    // Over IPv4 comes somebody whom nobody has named a proxy.
    assert_eq!(seen(at("127.0.0.1"), &root, "").await, "127.0.0.1");
    assert_eq!(seen(at("127.0.0.1"), &root, through).await, "127.0.0.1");
    if address.is_ipv6() {
        assert_eq!(seen(at("::1"), &root, "").await, "::1");
        // A network of proxies is named by its network.
        assert_eq!(seen(at("::1"), &root, through).await, "2001:db8::7");
        for (written, wanted) in [
            ("203.0.113.9, [2001:db8::8]:4711", "2001:db8::8"),
            ("198.51.100.2:4711", "198.51.100.2"),
            ("::ffff:198.51.100.3", "198.51.100.3"),
            // What stands before something that is no address is not believed.
            ("198.51.100.1, unknown", "::1"),
            ("", "::1"),
        ] {
            let header = format!("X-Forwarded-For: {written}\r\n");
            assert_eq!(seen(at("::1"), &root, &header).await, wanted, "{written}");
        }
    } else {
        eprintln!("this machine has no IPv6: only IPv4 was tried");
    }
    stop.cancel();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_proxy_of_this_machine_is_believed_without_a_setting() {
    let app = TestApp::new().await;
    assert_eq!(app.config.server.trusted_proxies, ["127.0.0.1", "::1"]);
    let mut config = app.config.clone();
    config.server.trusted_proxies.push("10.0.0.0/33".to_owned());
    let told = config.complete().unwrap_err().to_string();
    assert!(
        told.contains("server.trusted_proxies") && told.contains("10.0.0.0/33"),
        "{told}"
    );
}

/// A site that answers over the network, and what ends it.
async fn open() -> (TestApp, SocketAddr, CancellationToken) {
    let app = TestApp::new().await;
    let here = "127.0.0.1:0".parse().unwrap();
    let listener = vidicon::serve::listen(here).await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let serving = vidicon::serve::serve(app.app.clone(), listener, stop.clone());
    tokio::spawn(async move { serving.await.unwrap() });
    (app, address, stop)
}

#[tokio::test]
async fn heads_of_requests_have_an_end() {
    let (_app, address, stop) = open().await;
    let ask = async |more: String| {
        let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
        let head =
            format!("GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
        connection.write_all(head.as_bytes()).await.ok();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.ok();
        String::from_utf8_lossy(&answer)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        ask("X-Some: thing\r\n".to_owned())
            .await
            .starts_with("HTTP/1.1 200")
    );
    let long = format!("X-Long: {}\r\n", "a".repeat(80_000));
    assert!(!ask(long).await.contains(" 200"));
    let many = (0..2_000).map(|n| format!("X-{n}: 1\r\n")).collect();
    assert!(!ask(many).await.contains(" 200"));
    stop.cancel();
}

/// Over HTTP/1 the system sends files by itself, over HTTP/2 it cannot: the bytes are the same, and so is what comes
/// after them on the connection.
#[tokio::test]
async fn files_arrive_whole_on_every_kind_of_connection() {
    let (app, address, stop) = open().await;
    app.user("ada").await;
    let video = add(&app, "ada", "A film", |_| {}).await;
    let content: Vec<u8> = (0..700_001_u32)
        .flat_map(|at| (at % 65_521).to_le_bytes())
        .collect();
    let key = format!("{}/film.mp4", video.uuid);
    let stored = app
        .app
        .storage
        .put(Class::Rendition, &key, content.clone().into());
    stored.await.unwrap();
    let path = format!("/static/streaming-playlists/hls/{key}");

    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let range = 1_000..600_123;
    let asked = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n\
         HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n\
         GET {path} HTTP/1.1\r\nHost: x\r\nRange: bytes={}-{}\r\n\r\n\
         GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        range.start,
        range.end - 1
    );
    connection.write_all(asked.as_bytes()).await.unwrap();
    let mut answers = Vec::new();
    connection.read_to_end(&mut answers).await.unwrap();
    let mut rest = answers.as_slice();
    for (status, wanted) in [
        ("200", &content[..]),
        ("200", &[][..]),
        ("206", &content[range]),
    ] {
        let end = rest
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let (head, body) = rest.split_at(end);
        assert!(head.starts_with(format!("HTTP/1.1 {status}").as_bytes()));
        assert!(body.starts_with(wanted), "{status}: other bytes");
        rest = &body[wanted.len()..];
    }
    assert!(rest.starts_with(b"HTTP/1.1 200") && rest.ends_with(b"pong"));

    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let http2 = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = http2.await.unwrap();
    tokio::spawn(connection);
    let request =
        hyper::Request::get(format!("http://{address}{path}")).body(Empty::<Bytes>::new());
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(body == content, "HTTP/2: other bytes");
    stop.cancel();
}
