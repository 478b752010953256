//! Torrents of the files of a video.

use crate::app::TestApp;
use crate::files::published;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use url::Url;

async fn first_file(app: &TestApp, video: &str) -> Value {
    let root = app.root().await;
    let video = app.get(video).token(&root).await.expect(200).json();
    video["streamingPlaylists"][0]["files"][0].clone()
}

fn path(url: &Value) -> String {
    Url::parse(url.as_str().unwrap()).unwrap().path().to_owned()
}

fn behind<'t>(text: &'t [u8], part: &[u8]) -> &'t [u8] {
    let found = text.windows(part.len()).rposition(|it| it == part);
    &text[found.unwrap() + part.len()..]
}

#[tokio::test]
async fn a_torrent_is_made_when_somebody_asks_for_it() {
    let app = TestApp::new().await;
    let (video, _) = published(&app, &[]).await;
    let api = format!("/api/v1/videos/{}", video.uuid);
    let before = first_file(&app, &api).await;
    assert_eq!(before["magnetUri"], Value::Null, "nobody has asked yet");
    let place = path(&before["torrentUrl"]);
    let torrent = app.get(&place).await.expect(200);
    assert_eq!(torrent.header("content-type"), "application/x-bittorrent");

    let seed_url = behind(&torrent.body, b"8:url-list")
        .strip_suffix(b"e")
        .unwrap();
    let seed_url = std::str::from_utf8(seed_url).unwrap();
    let (length, seed_url) = seed_url.split_once(':').unwrap();
    assert_eq!(length, seed_url.len().to_string());
    assert_eq!(seed_url, before["fileUrl"].as_str().unwrap());

    let bytes = app.get(&path(&before["fileUrl"])).await.expect(200).body;
    let pieces: Vec<u8> = bytes.chunks(256 * 1024).flat_map(Sha1::digest).collect();
    let info = behind(&torrent.body, b"4:info");
    let info = &info[..info.len() - behind(info, b"8:url-list").len() - b"8:url-list".len()];
    let told = format!("6:pieces{}:", pieces.len());
    let told = [told.as_bytes(), &pieces, b"e"].concat();
    assert!(info.ends_with(&told), "its pieces are those of the file");
    assert!(info.starts_with(format!("d6:lengthi{}e", bytes.len()).as_bytes()));

    let hash = Sha1::digest(info);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let after = first_file(&app, &api).await;
    let magnet = Url::parse(after["magnetUri"].as_str().unwrap()).unwrap();
    let named = |key: &str| {
        let mut pairs = magnet.query_pairs();
        pairs.find(|(name, _)| name == key).unwrap().1.into_owned()
    };
    assert_eq!(named("xt"), format!("urn:btih:{hash}"));
    assert_eq!(named("xs"), before["torrentUrl"].as_str().unwrap());
    assert_eq!(named("ws"), seed_url);
    // Other servers are told of it with the file.
    let said = app
        .get(&format!("/videos/watch/{}", video.uuid))
        .header("accept", "application/activity+json")
        .await
        .expect(200)
        .text();
    for link in [&after["torrentUrl"], &after["magnetUri"]] {
        assert!(said.contains(&link.to_string()), "{link} in {said}");
    }
    let saved = app
        .get(&path(&after["torrentDownloadUrl"]))
        .await
        .expect(200);
    assert_eq!(saved.body, torrent.body);
    let name = saved.header("content-disposition");
    assert!(name.contains("p.torrent"), "{name}");
}

#[tokio::test]
async fn what_is_closed_or_not_to_be_saved_has_no_torrent() {
    let app = TestApp::new().await;
    let (video, _) = published(&app, &[]).await;
    let root = app.root().await;
    let api = format!("/api/v1/videos/{}", video.uuid);
    let place = path(&first_file(&app, &api).await["torrentUrl"]);
    for (change, status) in [
        (json!({ "downloadEnabled": false }), 404),
        (json!({ "downloadEnabled": true, "privacy": 3 }), 403),
    ] {
        app.put(&api).token(&root).json(change).await.expect(204);
        app.get(&place).await.expect(status);
    }
    let closed = first_file(&app, &api).await;
    for key in ["magnetUri", "torrentUrl", "torrentDownloadUrl"] {
        assert_eq!(closed[key], Value::Null, "{key}");
    }
    for wrong in ["x.torrent", "a", &place.replace(".torrent", "")] {
        let wrong = format!(
            "/lazy-static/torrents/{}",
            wrong.rsplit('/').next().unwrap()
        );
        app.get(&wrong).await.expect(404);
    }
}
