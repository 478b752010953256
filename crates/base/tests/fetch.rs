//! Outgoing requests against servers on loopback that misbehave in one way each.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use base::fetch::{Fetch, FetchConfig, FetchErrorKind, FetchRequest};
use futures::StreamExt;
use http::{HeaderName, HeaderValue, Method, header};
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const MIB: usize = 1024 * 1024;

fn guarded() -> Fetch {
    Fetch::new(FetchConfig {
        allow_http: true,
        ..FetchConfig::default()
    })
}

fn open() -> Fetch {
    Fetch::new(FetchConfig {
        allow_http: true,
        allow_private: true,
        ..FetchConfig::default()
    })
}

async fn kind(fetch: &Fetch, request: FetchRequest) -> FetchErrorKind {
    let url = request.url.clone();
    match fetch.send(request).await {
        Ok(answer) => panic!("{url} answered {}", answer.status),
        Err(error) => error.kind(),
    }
}

/// Reads one request with its body and returns it as text.
async fn read_request(socket: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = socket.read(&mut buffer).await.ok()?;
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next());
            if read.len() >= end + 4 + length.map_or(0, |length| length.parse().expect("a number"))
            {
                return Some(text);
            }
        }
        if count == 0 {
            return None;
        }
    }
}

async fn answer(mut socket: TcpStream, me: SocketAddr) {
    let Some(request) = read_request(&mut socket).await else {
        return;
    };
    let target = request.split(' ').nth(1).expect("a path");
    let path = target.split('?').next().expect("a path").to_owned();
    let port = me.port();
    let redirect = |to: String| {
        format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes()
    };
    let reply = match path.as_str() {
        "/loop" => redirect("/loop".to_owned()),
        "/hop" => redirect("/echo".to_owned()),
        "/other-server" => redirect(format!("http://localhost:{port}/echo")),
        "/to-metadata" => redirect("http://169.254.169.254/latest".to_owned()),
        "/to-file" => redirect("file:///etc/passwd".to_owned()),
        "/big" => {
            let _ = socket
                .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
                .await;
            while socket.write_all(&[b'x'; 65_536]).await.is_ok() {}
            return;
        }
        "/big-announced" => b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\nx".to_vec(),
        "/bomb" => {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            for _ in 0..64 {
                packer.write_all(&vec![0; MIB]).expect("packed");
            }
            let packed = packer.finish().expect("packed");
            assert!(packed.len() < 100_000);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
                packed.len()
            );
            [head.into_bytes(), packed].concat()
        }
        "/slow" => {
            let _ = socket
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
                .await;
            // Stays open until the client goes away.
            let _ = socket.read(&mut [0; 1]).await;
            return;
        }
        "/silent" => {
            let _ = socket.read(&mut [0; 1]).await;
            return;
        }
        "/cut" => b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec(),
        "/missing" => b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\ngone".to_vec(),
        _ => format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}",
            request.len()
        )
        .into_bytes(),
    };
    let _ = socket.write_all(&reply).await;
}

async fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let me = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(answer(socket, me));
        }
    });
    me
}

#[tokio::test]
async fn private_addresses_are_refused_in_every_spelling() {
    let port = server().await.port();
    for host in [
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "10.0.0.1",
        "172.16.9.9",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "0",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "224.0.0.1",
        "255.255.255.255",
        "%31%32%37.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            let request = FetchRequest::get(format!("{scheme}://{host}:{port}/echo"));
            assert_eq!(
                kind(&guarded(), request).await,
                FetchErrorKind::RefusedAddress,
                "{scheme} {host}"
            );
        }
    }
}

#[tokio::test]
async fn a_name_that_leads_here_is_refused() {
    let port = server().await.port();
    for name in ["localhost", "LOCALHOST"] {
        let request = FetchRequest::get(format!("http://{name}:{port}/echo"));
        assert_eq!(
            kind(&guarded(), request).await,
            FetchErrorKind::RefusedAddress,
            "{name}"
        );
    }
    let request = FetchRequest::get(format!("http://localhost:{port}/echo"));
    assert!(open().send(request).await.is_ok());
}

#[tokio::test]
async fn only_web_addresses_without_passwords_are_asked() {
    for url in [
        "",
        "no address",
        "ftp://example.org/",
        "file:///etc/passwd",
        "data:,x",
        "https://u:secret@example.org/",
    ] {
        assert_eq!(
            kind(&guarded(), FetchRequest::get(url)).await,
            FetchErrorKind::BadAddress,
            "{url}"
        );
    }
    let strict = Fetch::new(FetchConfig::default());
    assert_eq!(
        kind(&strict, FetchRequest::get("http://example.org/")).await,
        FetchErrorKind::BadAddress
    );
}

#[tokio::test]
async fn redirects_are_followed_only_when_asked_and_checked_each_time() {
    let (fetch, me) = (open(), server().await);
    let url = |path: &str| format!("http://{me}{path}");
    let first = fetch
        .send(FetchRequest::get(url("/hop")))
        .await
        .expect("the redirect itself");
    assert_eq!(first.status, 302);
    let followed = fetch
        .send(FetchRequest::get(url("/hop")).redirects(1))
        .await
        .expect("followed");
    assert_eq!(
        (followed.status.as_u16(), followed.url.path()),
        (200, "/echo")
    );
    assert_eq!(
        kind(&fetch, FetchRequest::get(url("/loop")).redirects(5)).await,
        FetchErrorKind::TooManyRedirects
    );
    assert_eq!(
        kind(&fetch, FetchRequest::get(url("/to-file")).redirects(5)).await,
        FetchErrorKind::BadAddress
    );
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    // The first hop is allowed by hand, as if it were a public server.
    let me = server().await;
    let fetch = Fetch::new(FetchConfig {
        allow_http: true,
        allow_hosts: vec![me.to_string()],
        ..FetchConfig::default()
    });
    let url = |path: &str| format!("http://{me}{path}");
    assert!(
        fetch
            .send(FetchRequest::get(url("/hop")).redirects(3))
            .await
            .is_ok()
    );
    for path in ["/to-metadata", "/other-server"] {
        let request = FetchRequest::get(url(path)).redirects(3);
        assert_eq!(
            kind(&fetch, request).await,
            FetchErrorKind::RefusedAddress,
            "{path}"
        );
    }
}

#[tokio::test]
async fn secrets_do_not_follow_to_another_server() {
    let me = server().await;
    let request = |path: &str| {
        let secret = HeaderValue::from_static("Bearer hunter2");
        FetchRequest::get(format!("http://{me}{path}"))
            .header(header::AUTHORIZATION, secret)
            .redirects(2)
    };
    let same = open().send(request("/hop")).await.expect("followed");
    assert!(String::from_utf8_lossy(&same.body).contains("hunter2"));
    let other = open()
        .send(request("/other-server"))
        .await
        .expect("followed");
    assert!(!String::from_utf8_lossy(&other.body).contains("hunter2"));
}

#[tokio::test]
async fn answers_are_cut_at_the_limit() {
    let me = server().await;
    for path in ["/big", "/big-announced", "/bomb"] {
        let request = FetchRequest::get(format!("http://{me}{path}")).limit(100_000);
        assert_eq!(
            kind(&open(), request).await,
            FetchErrorKind::TooLarge,
            "{path}"
        );
    }
    let mut stream = open()
        .stream(FetchRequest::get(format!("http://{me}/big")).limit(100_000))
        .await
        .expect("begins");
    let (mut got, mut last) = (0, None);
    while let Some(chunk) = stream.body.next().await {
        match chunk {
            Ok(chunk) => got += chunk.len(),
            Err(error) => last = Some(error.kind()),
        }
    }
    assert_eq!(last, Some(FetchErrorKind::TooLarge));
    assert!(got <= 100_000);
}

#[tokio::test]
async fn slow_and_silent_servers_time_out() {
    let me = server().await;
    for path in ["/slow", "/silent"] {
        let request =
            FetchRequest::get(format!("http://{me}{path}")).timeout(Duration::from_millis(200));
        assert_eq!(
            kind(&open(), request).await,
            FetchErrorKind::TimedOut,
            "{path}"
        );
    }
}

#[tokio::test]
async fn broken_answers_and_bad_statuses_are_told_apart() {
    let me = server().await;
    assert_eq!(
        kind(&open(), FetchRequest::get(format!("http://{me}/cut"))).await,
        FetchErrorKind::Failed
    );
    let missing = open()
        .send(FetchRequest::get(format!(
            "http://{me}/missing?token=hunter2"
        )))
        .await
        .expect("an answer");
    assert_eq!(&missing.body[..], b"gone");
    let error = missing.success().expect_err("404");
    assert_eq!(error.status(), Some(404));
    assert_eq!(
        error.to_string(),
        format!("http://{me}/missing answered 404 Not Found")
    );
}

#[tokio::test]
async fn errors_never_show_the_query() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr()
        .expect("an address");
    let error = open()
        .send(FetchRequest::get(format!(
            "http://{closed}/x?token=hunter2#y"
        )))
        .await
        .expect_err("nobody");
    assert_eq!(error.kind(), FetchErrorKind::Failed);
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );
    let error = open()
        .send(FetchRequest::get("http://u:hunter2@exa mple/"))
        .await
        .expect_err("no address");
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );
}

#[tokio::test]
async fn headers_and_body_arrive() {
    let me = server().await;
    let mut request = FetchRequest::post(
        format!("http://{me}/echo"),
        "application/activity+json",
        "{\"a\":1}",
    )
    .header(
        HeaderName::from_static("x-test"),
        HeaderValue::from_static("yes"),
    );
    let echo =
        |answer: base::fetch::FetchResponse| String::from_utf8(answer.body.to_vec()).expect("text");
    let posted = echo(open().send(request.clone()).await.expect("posted"));
    assert!(
        posted.starts_with("post /echo http/1.1\r\n") && posted.ends_with("\r\n\r\n{\"a\":1}"),
        "{posted}"
    );
    for line in [
        "content-type: application/activity+json",
        "x-test: yes",
        "user-agent: vidicon/",
        "accept-encoding: gzip",
    ] {
        assert!(posted.contains(line), "{line} in {posted}");
    }
    request.method = Method::PUT;
    assert!(echo(open().send(request).await.expect("put")).starts_with("put /echo"));
}
