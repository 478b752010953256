//! Torrents of the files of a video.

use crate::app::TestApp;
use crate::clips;
use crate::files::published;
use crate::upload::upload;
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
async fn who_has_uploaded_finds_the_file_and_where_its_torrent_will_be() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let video = upload(&app, &root, &clips::COPIED, &[]).await;
    let api = format!("/api/v1/videos/{}", video["uuid"].as_str().unwrap());
    let files = async |token: Option<&str>| {
        let asked = app.get(&api);
        let asked = match token {
            Some(token) => asked.token(token),
            None => asked,
        };
        asked.await.expect(200).json()["files"].clone()
    };
    assert_eq!(files(None).await, json!([]), "nobody else's business");
    let own = files(Some(&root)).await;
    let file = &own[0];
    assert_eq!(own.as_array().unwrap().len(), 1);
    assert_eq!(file["hasAudio"], true);
    let bytes = app.get(&path(&file["fileUrl"])).token(&root).await;
    let bytes = bytes.expect(200).body;
    assert_eq!(file["size"], bytes.len());
    app.get(&path(&file["fileUrl"])).await.expect(403);
    let torrent = path(&file["torrentUrl"]);
    let early = app.get(&torrent).await.expect(503);
    assert_eq!(early.header("retry-after"), "30");
    {
        let _alone = clips::alone().await;
        app.run_jobs().await;
    }
    assert_eq!(files(Some(&root)).await, json!([]));
    let torrent = app.get(&torrent).await.expect(200);
    let listed = first_file(&app, &api).await;
    let whole = app.get(&path(&listed["torrentUrl"])).await.expect(200);
    assert_eq!(torrent.body, whole.body, "it is that of the stream");
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
        app.get(&place).await.expect(200);
        assert_ne!(first_file(&app, &api).await["magnetUri"], Value::Null);
        app.put(&api).token(&root).json(change).await.expect(204);
        app.get(&place).await.expect(status);
        let closed = first_file(&app, &api).await;
        for key in ["magnetUri", "torrentUrl", "torrentDownloadUrl"] {
            assert_eq!(closed[key], Value::Null, "{key}");
        }
        let open = json!({ "downloadEnabled": true, "privacy": 1 });
        app.put(&api).token(&root).json(open).await.expect(204);
    }
    let switch = async |on: bool| {
        let path = "/api/v1/config/custom";
        let mut settings = app.get(path).token(&root).await.expect(200).json();
        settings["features"]["downloads"]["enabled"] = on.into();
        app.put(path).token(&root).json(settings).await.expect(200);
    };
    switch(false).await;
    app.get(&place).await.expect(403);
    let closed = first_file(&app, &api).await;
    assert_eq!(closed["torrentUrl"], Value::Null);
    switch(true).await;
    for wrong in ["x.torrent", "a", &place.replace(".torrent", "")] {
        let wrong = format!(
            "/lazy-static/torrents/{}",
            wrong.rsplit('/').next().unwrap()
        );
        app.get(&wrong).await.expect(404);
    }
}
