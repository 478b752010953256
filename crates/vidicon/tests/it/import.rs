//! Videos that are fetched from elsewhere: from the address of a file, out of a page, whole channels.

mod takeout;
mod torrent;

use crate::app::{Answer, TestApp};
use crate::clips;
use crate::studio::Browser;
use crate::upload::channel;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const IMPORTS: &str = "/api/v1/videos/imports";
const MINE: &str = "/api/v1/users/me/videos/imports";
const SYNCS: &str = "/api/v1/video-channel-syncs";

/// A site that fetches, with this program in the place of yt-dlp, and somewhere to fetch from.
async fn site(yt_dlp: &Path, change: impl FnOnce(&mut vidicon::config::Config)) -> TestApp {
    TestApp::with(|config| {
        config.server.allow_private_addresses = true;
        config.import.yt_dlp = yt_dlp.to_owned();
        let on = json!({
            "videos": { "http": { "enabled": true } },
            "videoChannelSynchronization": { "enabled": true, "maxPerUser": 2 },
        });
        config.site.insert("import".to_owned(), on);
        change(config);
    })
    .await
}

fn nowhere() -> PathBuf {
    PathBuf::from("/nonexistent/yt-dlp")
}

/// A server with one clip, one page and one picture; gives its address.
async fn source() -> String {
    let clip = clips::bytes(&clips::COPIED).await;
    let picture = clips::png(320, 180);
    let router = axum::Router::new()
        .route(
            "/A_walk-by%20the%20sea.mp4",
            axum::routing::get(move || async move { ([(CONTENT_TYPE, "video/mp4")], clip) }),
        )
        .route(
            "/page",
            axum::routing::get(|| async { axum::response::Html("<p>hello") }),
        )
        .route(
            "/picture.png",
            axum::routing::get(move || async move { ([(CONTENT_TYPE, "image/png")], picture) }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A program that answers as yt-dlp does: a description of the video, and its file; or a list.
fn stand_in(folder: &Path, clip: &Path, facts: &Value, list: &[Value]) -> PathBuf {
    let (facts_file, list_file) = (folder.join("facts"), folder.join("list"));
    std::fs::write(&facts_file, format!("{facts}\n")).unwrap();
    let lines: Vec<String> = list.iter().map(Value::to_string).collect();
    std::fs::write(&list_file, lines.join("\n")).unwrap();
    let script = format!(
        "#!/bin/sh\nfor word in \"$@\"; do\n  [ \"$before\" = --output ] && out=$word\n  \
         [ \"$word\" = --flat-playlist ] && {{ cat '{}'; exit 0; }}\n  \
         [ \"$before\" = --proxy ] && case $word in http://vidicon:*@127.0.0.1:*) known=1 ;; esac\n  \
         before=$word\ndone\n[ -n \"$known\" ] || {{ echo 'ERROR: no proxy' >&2; exit 1; }}\n\
         case $before in *broken*) echo 'ERROR: This video is private' >&2; exit 1 ;; esac\n\
         cp '{}' \"${{out%.*}}.mp4\" && cat '{}'\n",
        list_file.display(),
        clip.display(),
        facts_file.display(),
    );
    let path = folder.join("yt-dlp");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

async fn begin(app: &TestApp, token: &str, fields: Value) -> Answer {
    let mut body = fields;
    if body.get("channelId").is_none() {
        body["channelId"] = channel(app, "root").await.into();
    }
    app.post(IMPORTS).token(token).json(body).await
}

async fn one(app: &TestApp, token: &str) -> Value {
    let list = app.get(MINE).token(token).await.expect(200).json();
    list["data"][0].clone()
}

async fn run(app: &TestApp) {
    let _alone = clips::alone().await;
    app.run_jobs().await;
}

#[tokio::test]
async fn a_file_is_fetched_by_its_address_and_its_user_hears_of_it() {
    let app = site(&nowhere(), |_| {}).await;
    let root = app.root().await;
    let from = source().await;
    let url = format!("{from}/A_walk-by%20the%20sea.mp4");
    let begun = begin(&app, &root, json!({ "targetUrl": url, "privacy": 1 })).await;
    let begun = begun.expect(200).json();
    assert_eq!(begun["state"], json!({ "id": 1, "label": "Pending" }));
    assert_eq!(begun["targetUrl"], url.as_str());
    assert_eq!(begun["video"]["state"]["id"], 3);
    assert_eq!(begun["video"]["duration"], 0);
    run(&app).await;
    let done = one(&app, &root).await;
    assert_eq!(done["state"]["id"], 2, "{done}");
    assert_eq!(done["video"]["name"], "A walk by the sea");
    let uuid = begun["video"]["uuid"].as_str().unwrap();
    let video = app
        .get(&format!("/api/v1/videos/{uuid}"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&video["duration"], &video["state"]["id"]),
        (&json!(1), &json!(1))
    );
    assert!(video["streamingPlaylists"][0]["playlistUrl"].is_string());
    assert_eq!(video["inputFileUpdatedAt"], Value::Null);
    let told = app
        .get("/api/v1/users/me/notifications")
        .token(&root)
        .await
        .json();
    let kinds: Vec<i64> = told["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["type"].as_i64().unwrap())
        .collect();
    assert!(kinds.contains(&7), "{kinds:?}");
    let id = &done["id"];
    app.post(&format!("{IMPORTS}/{id}/retry"))
        .token(&root)
        .await
        .expect(409);
    app.post(&format!("{IMPORTS}/{id}/cancel"))
        .token(&root)
        .await
        .expect(409);
    app.delete(&format!("{IMPORTS}/{id}"))
        .token(&root)
        .await
        .expect(204);
    app.get(&format!("/api/v1/videos/{uuid}")).await.expect(200);
}

#[tokio::test]
async fn what_fails_says_why_and_can_be_tried_again() {
    let app = site(&nowhere(), |_| {}).await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let from = source().await;
    let page = format!("{from}/page");
    begin(&app, &root, json!({ "targetUrl": page, "name": "A page" }))
        .await
        .expect(200);
    app.run_jobs().await;
    let failed = one(&app, &root).await;
    assert_eq!(failed["state"]["id"], 3);
    assert!(
        failed["error"]
            .as_str()
            .unwrap()
            .contains("yt-dlp must be installed"),
        "{failed}"
    );
    assert_eq!(failed["video"]["name"], "A page");
    let told = app
        .get("/api/v1/users/me/notifications")
        .token(&root)
        .await
        .json();
    assert_eq!(told["data"][0]["type"], 8);
    assert_eq!(told["data"][0]["videoImport"]["targetUrl"], page.as_str());
    let path = format!("{IMPORTS}/{}", failed["id"]);
    app.post(&format!("{path}/retry"))
        .token(&ada)
        .await
        .expect(403);
    app.post(&format!("{path}/retry"))
        .token(&root)
        .await
        .expect(204);
    assert_eq!(one(&app, &root).await["state"]["id"], 1);
    app.delete(&path).token(&root).await.expect(409);
    app.post(&format!("{path}/cancel"))
        .token(&root)
        .await
        .expect(204);
    app.run_jobs().await;
    assert_eq!(one(&app, &root).await["state"]["id"], 5);
    let uuid = failed["video"]["uuid"].as_str().unwrap();
    app.delete(&path).token(&root).await.expect(204);
    app.get(&format!("/api/v1/videos/{uuid}"))
        .token(&root)
        .await
        .expect(404);
}

#[tokio::test]
async fn what_is_asked_is_checked_first() {
    let off = TestApp::new().await;
    let root = off.root().await;
    let url = json!({ "targetUrl": "https://example.org/x.mp4" });
    begin(&off, &root, url.clone()).await.expect(409);
    let app = site(&nowhere(), |config| {
        config.server.allow_private_addresses = false
    })
    .await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let private = json!({ "targetUrl": "https://127.0.0.1/x.mp4" });
    begin(&app, &root, private).await.expect(403);
    for (wrong, status) in [
        (json!({}), 400),
        (json!({ "targetUrl": "ftp://example.org/x" }), 400),
        (json!({ "targetUrl": "x" }), 400),
        (
            json!({ "targetUrl": "https://127.0.0.1/x", "channelId": 999_999 }),
            403,
        ),
        (
            json!({ "magnetUri": "magnet:?xt=urn:btih:33039a9d4ff8ac0c7a0c0a9d4ff8ac0c7a0c0a9d" }),
            409,
        ),
    ] {
        let answer = begin(&app, &root, wrong.clone()).await;
        assert_eq!(answer.status, status, "{wrong}: {}", answer.text());
    }
    let unknown =
        json!({ "targetUrl": "https://8.8.8.8/x", "channelId": channel(&app, "root").await });
    begin(&app, &ada, unknown).await.expect(400);
    app.post(IMPORTS).json(url).await.expect(401);
    app.post(&format!("{IMPORTS}/99999/cancel"))
        .token(&root)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_page_gives_its_video_with_title_words_and_picture() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clips::file(&clips::COPIED).await;
    let from = source().await;
    let facts = json!({
        "title": "Sea and salt", "description": "From elsewhere", "tags": ["sea", "x", "salt"],
        "language": "fr-CA", "upload_date": "20200229", "thumbnail": format!("{from}/picture.png"),
    });
    let tool = stand_in(folder.path(), &clip, &facts, &[]);
    let app = site(&tool, |_| {}).await;
    let root = app.root().await;
    let asked = json!({ "targetUrl": format!("{from}/page"), "description": "My own words" });
    let begun = begin(&app, &root, asked).await.expect(200).json();
    run(&app).await;
    let done = one(&app, &root).await;
    assert_eq!(done["state"]["id"], 2, "{done}");
    let path = format!(
        "/api/v1/videos/{}",
        begun["video"]["uuid"].as_str().unwrap()
    );
    let video = app.get(&path).token(&root).await.expect(200).json();
    assert_eq!(video["name"], "Sea and salt");
    assert_eq!(video["description"], "My own words");
    assert_eq!(video["tags"], json!(["sea", "salt"]));
    assert_eq!(video["language"]["id"], "fr");
    assert_eq!(video["originallyPublishedAt"], "2020-02-29T00:00:00.000Z");
    let (from_where,): (String,) = base::sql!("SELECT thumbnail_from FROM video WHERE uuid = $1")
        .bind(begun["video"]["uuid"].as_str().unwrap())
        .one(&app.db)
        .await
        .unwrap();
    assert_eq!(from_where, "hand");
    let broken = json!({ "targetUrl": format!("{from}/broken") });
    begin(&app, &root, broken).await.expect(200);
    app.run_jobs().await;
    assert_eq!(one(&app, &root).await["error"], "This video is private");
}

#[tokio::test]
async fn a_channel_is_kept_in_step_and_only_what_is_new_comes() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clips::file(&clips::COPIED).await;
    let item =
        |n: i64| json!({ "url": format!("https://elsewhere.test/w/{n}"), "title": n.to_string() });
    let facts = json!({ "title": "One of many" });
    let tool = stand_in(folder.path(), &clip, &facts, &[item(2), item(1)]);
    let app = site(&tool, |_| {}).await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let place = channel(&app, "root").await;
    let body = json!({ "externalChannelUrl": "https://127.0.0.1/c", "videoChannelId": place });
    app.post(SYNCS)
        .token(&ada)
        .json(body.clone())
        .await
        .expect(403);
    let made = app
        .post(SYNCS)
        .token(&root)
        .json(body.clone())
        .await
        .expect(200)
        .json();
    let made = &made["videoChannelSync"];
    assert_eq!(made["state"]["id"], 1);
    assert_eq!(made["channel"]["id"], place);
    app.post(SYNCS).token(&root).json(body).await.expect(409);
    run(&app).await;
    let mine = app.get(MINE).token(&root).await.json();
    assert_eq!(mine["total"], 2, "{mine}");
    assert_eq!(mine["data"][0]["targetUrl"], "https://elsewhere.test/w/2");
    assert_eq!(mine["data"][0]["videoChannelSync"]["id"], made["id"]);
    let list = "/api/v1/accounts/root/video-channel-syncs";
    app.get(list).token(&ada).await.expect(403);
    let synced = app.get(list).token(&root).await.expect(200).json();
    assert_eq!(synced["data"][0]["state"]["label"], "Synchronized");
    stand_in(folder.path(), &clip, &facts, &[item(3), item(2), item(1)]);
    let now = format!("{SYNCS}/{}/sync", made["id"]);
    app.post(&now).token(&ada).await.expect(403);
    app.post(&now).token(&root).await.expect(204);
    run(&app).await;
    let mine = app.get(MINE).token(&root).await.json();
    assert_eq!(mine["total"], 3, "{mine}");
    let whole = json!({ "externalChannelUrl": "https://127.0.0.1/c" });
    app.post("/api/v1/video-channels/root_channel/import-videos")
        .token(&root)
        .json(whole)
        .await
        .expect(204);
    run(&app).await;
    assert_eq!(app.get(MINE).token(&root).await.json()["total"], 3);
    app.delete(&format!("{SYNCS}/{}", made["id"]))
        .token(&root)
        .await
        .expect(204);
    app.delete(&format!("{SYNCS}/{}", made["id"]))
        .token(&root)
        .await
        .expect(404);
}

#[tokio::test]
async fn the_page_begins_an_import_and_shows_how_it_goes() {
    let app = site(&nowhere(), |_| {}).await;
    let from = source().await;
    let browser = Browser::new(&app, "root", crate::app::ROOT_PASSWORD).await;
    let place = channel(&app, "root").await.to_string();
    let wrong = [
        ("targetUrl", "nonsense"),
        ("channelId", place.as_str()),
        ("privacy", "1"),
    ];
    let page = browser
        .post("/my/imports")
        .form(&wrong)
        .await
        .expect(400)
        .text();
    assert!(page.contains("Address of the video") && page.contains("value=\"nonsense\""));
    let url = format!("{from}/page");
    let fields = [
        ("targetUrl", url.as_str()),
        ("channelId", &place),
        ("privacy", "1"),
    ];
    let sent = browser.post("/my/imports").form(&fields).await;
    assert!(browser.follow(sent).await.contains("It is being fetched."));
    app.run_jobs().await;
    let page = browser.get("/my/imports").await.expect(200).text();
    assert!(
        page.contains("It failed") && page.contains("Try again"),
        "{page}"
    );
    let root = app.root().await;
    let id = one(&app, &root).await["id"].clone();
    let sent = browser
        .post(&format!("/my/imports/{id}"))
        .form(&[("act", "remove")])
        .await;
    assert!(
        browser
            .follow(sent)
            .await
            .contains("You have fetched nothing yet.")
    );
}

#[tokio::test]
async fn channels_are_kept_in_step_from_the_page_too() {
    let app = site(&nowhere(), |_| {}).await;
    let browser = Browser::new(&app, "root", crate::app::ROOT_PASSWORD).await;
    let place = channel(&app, "root").await.to_string();
    let wrong = [("externalChannelUrl", "nonsense"), ("channelId", &place)];
    let sent = browser.post("/my/channel-syncs").form(&wrong).await;
    assert!(browser.follow(sent).await.contains("Please look again at"));
    let fields = [
        ("externalChannelUrl", "https://127.0.0.1/c"),
        ("channelId", &place),
    ];
    let sent = browser.post("/my/channel-syncs").form(&fields).await;
    let page = browser.follow(sent).await;
    assert!(page.contains("every hour from now on") && page.contains("https://127.0.0.1/c"));
    app.run_jobs().await;
    let page = browser.get("/my/imports").await.expect(200).text();
    assert!(page.contains("It failed"), "{page}");
    let root = app.root().await;
    let list = app.get("/api/v1/accounts/root/video-channel-syncs");
    let id = list.token(&root).await.json()["data"][0]["id"].clone();
    let path = format!("/my/channel-syncs/{id}");
    let sent = browser.post(&path).form(&[("act", "remove")]).await;
    assert!(!browser.follow(sent).await.contains("https://127.0.0.1/c"));
}

/// A proxy that lets in who knows its password; tells what it was asked for.
async fn upstream() -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let noted = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let noted = noted.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                // `user:p@ss`
                assert!(head.to_lowercase().contains("proxy-authorization: basic"));
                assert!(head.contains("dXNlcjpwQHNz"), "{head}");
                let (first, rest) = head.split_once("\r\n").unwrap();
                noted.lock().unwrap().push(first.to_owned());
                let target = first.split(' ').nth(1).unwrap();
                let place = target
                    .trim_start_matches("http://")
                    .split('/')
                    .next()
                    .unwrap();
                let mut server = tokio::net::TcpStream::connect(place).await.unwrap();
                if first.starts_with("CONNECT") {
                    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                } else {
                    let path = target.split_once(place).unwrap().1;
                    let plain = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{rest}");
                    server.write_all(plain.as_bytes()).await.unwrap();
                }
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (format!("http://user:p%40ss@{address}"), asked)
}

#[tokio::test]
async fn imports_go_through_the_proxy_of_the_settings_and_tell_how_far_they_are() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (proxy, asked) = upstream().await;
    let app = site(&nowhere(), |config| config.import.proxy = Some(proxy)).await;
    let root = app.root().await;
    let from = source().await;
    let url = format!("{from}/A_walk-by%20the%20sea.mp4");
    let begun = begin(&app, &root, json!({ "targetUrl": url }))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&begun["progress"], &begun["receivedBytes"]),
        (&Value::Null, &json!(0))
    );
    run(&app).await;
    let done = one(&app, &root).await;
    assert_eq!(done["state"]["id"], 2, "{done}");
    let size = clips::bytes(&clips::COPIED).await.len();
    assert_eq!(
        (&done["progress"], &done["receivedBytes"]),
        (&json!(100), &json!(size))
    );
    assert!(asked.lock().unwrap()[0].starts_with(&format!("GET {from}/A_walk")));

    // What yt-dlp asks for goes the same way; what is private is refused before the proxy hears of it.
    let place = url::Url::parse(&from).unwrap();
    let port = place.port().unwrap();
    let mut stream = app
        .import_fetch
        .connect("127.0.0.1", port, true)
        .await
        .unwrap();
    let ask = b"GET /page HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("<p>hello"), "{answer}");
    let last = asked.lock().unwrap().last().unwrap().clone();
    assert_eq!(last, format!("CONNECT 127.0.0.1:{port} HTTP/1.1"));
    let closed = site(&nowhere(), |config| {
        config.server.allow_private_addresses = false;
        config.import.proxy = Some("http://127.0.0.1:9".to_owned());
    })
    .await;
    let refused = closed.import_fetch.connect("127.0.0.1", port, true).await;
    assert!(refused.unwrap_err().to_string().contains("private"));
}

#[tokio::test]
async fn as_many_imports_run_at_a_time_as_the_settings_say() {
    let app = site(&nowhere(), |config| {
        let on = json!({ "videos": { "concurrency": 3 } });
        config.site.insert("import".to_owned(), on);
    })
    .await;
    let lanes = vidicon::jobs::lanes(&app.app);
    let lane = lanes.iter().find(|lane| lane.name == "import").unwrap();
    assert_eq!(lane.concurrency, 3);
}
