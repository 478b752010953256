//! Videos that come by torrents: from those who have them, found by trackers, and from addresses of the file.

use super::{IMPORTS, begin, nowhere, one, run, site};
use crate::app::{Answer, TestApp};
use crate::clips;
use crate::upload::channel;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

const PIECE: usize = 16 * 1024;

/// A file and what a torrent says of it.
struct Shared {
    bytes: Vec<u8>,
    info: Vec<u8>,
}

impl Shared {
    async fn new() -> Arc<Self> {
        let bytes = clips::bytes(&clips::COPIED).await;
        let name = "A_walk-by the sea.mp4";
        let head = format!(
            "d6:lengthi{}e4:name{}:{name}12:piece lengthi{PIECE}e6:pieces{}:",
            bytes.len(),
            name.len(),
            bytes.len().div_ceil(PIECE) * 20
        );
        let mut info = head.into_bytes();
        for piece in bytes.chunks(PIECE) {
            info.extend(Sha1::digest(piece));
        }
        info.push(b'e');
        Arc::new(Shared { bytes, info })
    }

    fn hash(&self) -> String {
        let hash = Sha1::digest(&self.info);
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn file(&self, head: &str, tail: &str) -> Vec<u8> {
        [
            b"d",
            head.as_bytes(),
            b"4:info",
            &self.info,
            tail.as_bytes(),
            b"e",
        ]
        .concat()
    }
}

/// Somebody who has the whole file, or who lies.
async fn seeder(shared: &Arc<Shared>, lies: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(seed(stream, Arc::clone(&shared), lies));
        }
    });
    address
}

async fn send(stream: &mut TcpStream, parts: &[&[u8]]) {
    let body = parts.concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let _ = stream.write_all(&[&length[..], &body].concat()).await;
}

async fn seed(mut stream: TcpStream, shared: Arc<Shared>, lies: bool) -> std::io::Result<()> {
    let mut hello = [0; 68];
    stream.read_exact(&mut hello).await?;
    assert_eq!(hello[28..48], Sha1::digest(&shared.info)[..]);
    hello[48..].fill(b'x');
    stream.write_all(&hello).await?;
    let pieces = shared.bytes.len().div_ceil(PIECE);
    send(&mut stream, &[&[5], &vec![255; pieces.div_ceil(8)]]).await;
    let size = shared.info.len();
    let told = format!("d1:md11:ut_metadatai3ee13:metadata_sizei{size}ee");
    send(&mut stream, &[&[20, 0], told.as_bytes()]).await;
    loop {
        let length = usize::try_from(stream.read_u32().await?).unwrap();
        let mut message = vec![0; length];
        stream.read_exact(&mut message).await?;
        match message.as_slice() {
            [2] => send(&mut stream, &[&[1]]).await,
            [6, place @ ..] => {
                let number = |at: usize| {
                    let four: [u8; 4] = place[at..at + 4].try_into().unwrap();
                    usize::try_from(u32::from_be_bytes(four)).unwrap()
                };
                let at = number(0) * PIECE + number(4);
                let mut block = shared.bytes[at..at + number(8)].to_vec();
                if lies {
                    block[0] ^= 1;
                }
                send(&mut stream, &[&[7], &place[..8], &block]).await;
            }
            [20, 3, wish @ ..] => {
                let wish = String::from_utf8_lossy(wish).into_owned();
                let part: usize = wish
                    .split_once("piecei")
                    .unwrap()
                    .1
                    .trim_end_matches('e')
                    .parse()
                    .unwrap();
                let told = format!("d8:msg_typei1e5:piecei{part}e10:total_sizei{size}ee");
                let bytes = shared.info.chunks(PIECE).nth(part).unwrap();
                send(&mut stream, &[&[20, 1], told.as_bytes(), bytes]).await;
            }
            _ => {}
        }
    }
}

fn short(peers: &[SocketAddr]) -> Vec<u8> {
    let short = peers.iter().map(|peer| {
        let SocketAddr::V4(peer) = peer else {
            panic!("{peer}")
        };
        [&peer.ip().octets()[..], &peer.port().to_be_bytes()].concat()
    });
    short.collect::<Vec<_>>().concat()
}

/// A tracker over HTTP that knows these; gives its address.
async fn tracker(peers: &[SocketAddr]) -> String {
    let peers = short(peers);
    let head = format!("d8:intervali900e5:peers{}:", peers.len());
    let answer = [head.as_bytes(), &peers, b"e"].concat();
    let announce = move |uri: axum::http::Uri| async move {
        assert!(uri.query().unwrap().contains("info_hash=%"));
        answer
    };
    let router = axum::Router::new().route("/announce", axum::routing::get(announce));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/announce")
}

/// The same over UDP.
async fn udp_tracker(peers: &[SocketAddr]) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let peers = short(peers);
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let asked = &buffer[..length];
            let (act, key) = (&asked[8..12], &asked[12..16]);
            let answer = if act == [0; 4] {
                [act, key, b"session!"].concat()
            } else {
                assert_eq!((&asked[..8], length), (&b"session!"[..], 98));
                [act, key, &[0; 12], &peers].concat()
            };
            let _ = socket.send_to(&answer, from).await;
        }
    });
    format!("udp://{address}")
}

async fn open() -> TestApp {
    site(&nowhere(), |config| {
        let on = json!({ "videos": { "torrent": { "enabled": true } } });
        config.site.insert("import".to_owned(), on);
    })
    .await
}

async fn bring(app: &TestApp, token: &str, file: &[u8]) -> Answer {
    let channel = channel(app, "root").await.to_string();
    let fields = [("channelId", channel.as_str()), ("privacy", "1")];
    let torrent = ("torrentfile", "a.torrent", "application/x-bittorrent", file);
    app.post(IMPORTS)
        .token(token)
        .multipart(&fields, &[torrent])
        .await
}

async fn expect_video(app: &TestApp, import: &Value) {
    assert_eq!(import["state"]["id"], 2, "{import}");
    assert_eq!(import["video"]["name"], "A walk by the sea");
    let path = format!(
        "/api/v1/videos/{}",
        import["video"]["uuid"].as_str().unwrap()
    );
    let video = app.get(&path).await.expect(200).json();
    assert_eq!(
        (&video["duration"], &video["state"]["id"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_torrent_is_fetched_from_those_whom_its_tracker_knows() {
    let app = open().await;
    let root = app.root().await;
    let shared = Shared::new().await;
    let dead = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let (liar, honest) = (seeder(&shared, true).await, seeder(&shared, false).await);
    let tracker = tracker(&[dead, liar, honest]).await;
    let file = shared.file(&format!("8:announce{}:{tracker}", tracker.len()), "");
    let begun = bring(&app, &root, &file).await.expect(200).json();
    assert_eq!(begun["torrentName"], "A_walk-by the sea.mp4");
    assert_eq!(
        (&begun["targetUrl"], &begun["magnetUri"]),
        (&Value::Null, &Value::Null)
    );
    run(&app).await;
    expect_video(&app, &one(&app, &root).await).await;
    let told = app
        .get("/api/v1/users/me/notifications?typeOneOf=7")
        .token(&root)
        .await
        .json();
    let told = &told["data"][0]["videoImport"];
    assert_eq!(told["torrentName"], "A_walk-by the sea.mp4", "{told}");
    // A liar alone brings nothing.
    let link = format!("magnet:?xt=urn:btih:{}&x.pe={liar}", shared.hash());
    begin(&app, &root, json!({ "magnetUri": link }))
        .await
        .expect(200);
    run(&app).await;
    let failed = one(&app, &root).await;
    assert_eq!(failed["state"]["id"], 3, "{failed}");
    assert!(
        failed["error"]
            .as_str()
            .unwrap()
            .contains("pieces are missing"),
        "{failed}"
    );
}

#[tokio::test]
async fn a_magnet_link_is_all_that_it_takes() {
    let app = open().await;
    let root = app.root().await;
    let shared = Shared::new().await;
    let tracker = udp_tracker(&[seeder(&shared, false).await]).await;
    let link = format!("magnet:?xt=urn:btih:{}&dn=Sea&tr={tracker}", shared.hash());
    let begun = begin(&app, &root, json!({ "magnetUri": link, "privacy": 1 })).await;
    let begun = begun.expect(200).json();
    assert_eq!(begun["magnetUri"], link.as_str());
    assert_eq!(begun["video"]["name"], "Sea");
    run(&app).await;
    expect_video(&app, &one(&app, &root).await).await;
}

#[tokio::test]
async fn an_address_of_the_file_is_as_good_as_somebody_who_has_it() {
    let app = open().await;
    let root = app.root().await;
    let shared = Shared::new().await;
    let bytes = shared.bytes.clone();
    let part = move |headers: HeaderMap| async move {
        let range = headers[header::RANGE]
            .to_str()
            .unwrap()
            .strip_prefix("bytes=")
            .unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
        (StatusCode::PARTIAL_CONTENT, bytes[from..=to].to_vec())
    };
    let router = axum::Router::new().route("/sea.mp4", axum::routing::get(part));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let seed = format!("http://{}/sea.mp4", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let file = shared.file("", &format!("8:url-list{}:{seed}", seed.len()));
    bring(&app, &root, &file).await.expect(200);
    run(&app).await;
    expect_video(&app, &one(&app, &root).await).await;
}

#[tokio::test]
async fn torrents_are_refused_where_they_are_off_or_no_use() {
    let off = site(&nowhere(), |_| {}).await;
    let root = off.root().await;
    let shared = Shared::new().await;
    let link = format!("magnet:?xt=urn:btih:{}", shared.hash());
    begin(&off, &root, json!({ "magnetUri": link }))
        .await
        .expect(409);
    bring(&off, &root, &shared.file("", "")).await.expect(409);
    let app = site(&nowhere(), |config| {
        config.server.allow_private_addresses = false;
        let on = json!({ "videos": { "torrent": { "enabled": true } } });
        config.site.insert("import".to_owned(), on);
    })
    .await;
    let root = app.root().await;
    let two = b"d4:infod5:filesld6:lengthi1e4:pathl1:aeed6:lengthi1e4:pathl1:beee4:name1:x12:piece lengthi16384e6:pieces0:ee";
    let told = bring(&app, &root, two).await.expect(400).json();
    assert_eq!(told["code"], "incorrect_files_in_torrent");
    bring(&app, &root, b"d4:infoi1ee").await.expect(400);
    begin(&app, &root, json!({ "magnetUri": "magnet:?dn=x" }))
        .await
        .expect(400);
    let url = json!({ "targetUrl": "https://8.8.8.8/x.mp4" });
    begin(&app, &root, url).await.expect(409);
    // Nobody of the own network is asked.
    let near = seeder(&shared, false).await;
    let link = format!("{link}&x.pe={near}&tr={}", udp_tracker(&[near]).await);
    begin(&app, &root, json!({ "magnetUri": link }))
        .await
        .expect(200);
    run(&app).await;
    let failed = one(&app, &root).await;
    assert!(
        failed["error"].as_str().unwrap().contains("Nobody who has"),
        "{failed}"
    );
}
