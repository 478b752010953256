//! Archives of accounts: what is taken away from one site comes over to another, and what is no archive
//! does no harm.

mod foreign;
mod hostile;

use crate::app::{Answer, TestApp};
use crate::clips;
use crate::studio::Browser;
use crate::upload;
use base::clock::{DAY, MINUTE};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const PAGE: &str = "/my/settings/data";

async fn id_of(app: &TestApp, token: &str) -> i64 {
    let me = app.get("/api/v1/users/me").token(token).await.expect(200);
    me.json()["id"].as_i64().unwrap()
}

fn exports(id: i64) -> String {
    format!("/api/v1/users/{id}/exports")
}

async fn request(app: &TestApp, token: &str, with_files: bool) -> Answer {
    let id = id_of(app, token).await;
    let body = json!({ "withVideoFiles": with_files });
    app.post(&format!("{}/request", exports(id)))
        .token(token)
        .json(body)
        .await
}

async fn run(app: &TestApp) {
    let _alone = clips::alone().await;
    app.run_jobs().await;
}

/// The bytes of an archive, fetched as a browser does.
async fn archive(app: &TestApp, token: &str, with_files: bool) -> Vec<u8> {
    request(app, token, with_files).await.expect(200);
    run(app).await;
    let id = id_of(app, token).await;
    let list = app.get(&exports(id)).token(token).await.expect(200).json();
    assert_eq!(list["total"], 1);
    let made = &list["data"][0];
    assert_eq!(
        made["state"],
        json!({ "id": 3, "label": "Completed" }),
        "{made}"
    );
    let url = made["privateDownloadUrl"].as_str().unwrap();
    let path = url.strip_prefix("http://video.test").unwrap();
    let sent = app.get(path).await.expect(200);
    assert_eq!(made["size"].as_i64().unwrap(), sent.body.len() as i64);
    assert!(sent.header("content-disposition").contains(".zip"));
    sent.body
}

/// Sends an archive in two pieces, as clients do; gives the last answer.
async fn send(app: &TestApp, token: &str, user: i64, content: &[u8]) -> Answer {
    let begun = begin(app, token, user, "mine.zip", content.len())
        .await
        .expect(201);
    let place = begun.header("location").to_owned();
    let place = place.strip_prefix("//video.test").unwrap();
    let (half, all) = (content.len() / 2, content.len());
    let piece = |from: usize, to: usize| {
        app.put(place)
            .token(token)
            .bytes("application/octet-stream", content[from..to].to_vec())
            .header("content-range", &format!("bytes {from}-{}/{all}", to - 1))
    };
    piece(0, half).await.expect(308);
    piece(half, all).await
}

async fn begin(app: &TestApp, token: &str, user: i64, name: &str, size: usize) -> Answer {
    app.post(&format!(
        "/api/v1/users/{user}/imports/import-resumable?uploadType=resumable"
    ))
    .token(token)
    .header("x-upload-content-length", &size.to_string())
    .header("x-upload-content-type", "application/zip")
    .json(json!({ "filename": name }))
    .await
}

async fn latest(app: &TestApp, token: &str) -> Value {
    let id = id_of(app, token).await;
    let path = format!("/api/v1/users/{id}/imports/latest");
    app.get(&path).token(token).await.expect(200).json()
}

/// Unpacks with a program that is not ours; a wrong checksum or name ends the test.
fn unpack(content: &[u8], folder: &Path) {
    let file = folder.join("archive.zip");
    std::fs::write(&file, content).unwrap();
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n\
                  assert z.testzip() is None\nz.extractall(sys.argv[2])";
    let done = Command::new("python3")
        .args(["-c", script])
        .args([&file, folder])
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

fn list(folder: &Path, name: &str) -> Value {
    let text = std::fs::read(folder.join(name)).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// A person with a channel of their own, a video with all that can hang on it, and habits.
async fn settle(app: &TestApp) -> String {
    let ann = app.user("ann").await;
    let put = |path: &str, body: Value| app.put(path).token(&ann).json(body);
    let post = |path: &str, body: Value| app.post(path).token(&ann).json(body);
    let about = json!({
        "displayName": "Ann of Sea", "description": "I film the sea", "autoPlayVideo": false,
        "nsfwPolicy": "blur", "timeZone": "Asia/Kolkata",
    });
    put("/api/v1/users/me", about).await.expect(204);
    let wave = json!({ "name": "waves", "displayName": "Waves", "description": "Only waves",
        "publicEmail": "waves@sea.example" });
    let channel = post("/api/v1/video-channels", wave)
        .await
        .expect(200)
        .json();
    let channel = channel["videoChannel"]["id"].to_string();
    app.post("/api/v1/video-channels/waves/avatar/pick")
        .token(&ann)
        .multipart(
            &[],
            &[("avatarfile", "a.png", "image/png", &clips::png(200, 200))],
        )
        .await
        .expect(200);
    let more = [
        ("name", "High tide"),
        ("channelId", channel.as_str()),
        ("privacy", "1"),
        ("tags[]", "sea"),
        ("tags[]", "tide"),
        ("category", "2"),
        ("language", "fr"),
        ("description", "Water comes"),
        ("support", "Bring a towel"),
        ("nsfw", "true"),
    ];
    let video = upload::upload(app, &ann, &clips::COPIED, &more).await;
    run(app).await;
    let uuid = video["uuid"].as_str().unwrap();
    let chapters = json!({ "chapters": [{ "timecode": 0, "title": "Ebb" }] });
    put(&format!("/api/v1/videos/{uuid}/chapters"), chapters)
        .await
        .expect(204);
    let vtt = b"WEBVTT\n\n00:00.000 --> 00:00.900\nHush\n";
    app.put(&format!("/api/v1/videos/{uuid}/captions/fr"))
        .token(&ann)
        .multipart(&[], &[("captionfile", "a.vtt", "text/vtt", vtt)])
        .await
        .expect(204);
    put(
        &format!("/api/v1/videos/{uuid}/rate"),
        json!({ "rating": "like" }),
    )
    .await
    .expect(204);
    put(
        &format!("/api/v1/videos/{uuid}/views"),
        json!({ "currentTime": 1 }),
    )
    .await
    .expect(204);
    put(
        &format!("/api/v1/videos/{uuid}/reactions/%E2%9D%A4%EF%B8%8F"),
        Value::Null,
    )
    .await
    .expect(204);
    let said = json!({ "text": "It was cold" });
    post(&format!("/api/v1/videos/{uuid}/comment-threads"), said)
        .await
        .expect(200);
    let tides = json!({ "displayName": "Tides", "privacy": 1, "videoChannelId": channel });
    let tides = post("/api/v1/video-playlists", tides)
        .await
        .expect(200)
        .json();
    let element = json!({ "videoId": uuid, "startTimestamp": 0, "stopTimestamp": 1 });
    let tides = tides["videoPlaylist"]["id"].to_string();
    post(&format!("/api/v1/video-playlists/{tides}/videos"), element)
        .await
        .expect(200);
    let follow = json!({ "uri": "waves@video.test" });
    post("/api/v1/users/me/subscriptions", follow)
        .await
        .expect(204);
    let mute = json!({ "host": "loud.example" });
    post("/api/v1/users/me/blocklist/servers", mute)
        .await
        .expect(204);
    let words = json!({ "listName": "rude", "words": ["mud", "muck"] });
    post("/api/v1/watched-words/accounts/ann/lists", words)
        .await
        .expect(200);
    let held = json!({ "review": ["rude"] });
    put(
        "/api/v1/automatic-tags/policies/accounts/ann/comments",
        held,
    )
    .await
    .expect(204);
    ann
}

#[tokio::test]
async fn what_is_taken_away_comes_over_to_another_site() {
    let app = TestApp::new().await;
    let ann = settle(&app).await;
    let content = archive(&app, &ann, true).await;
    let folder = tempfile::tempdir().unwrap();
    unpack(&content, folder.path());
    let there = folder.path();
    let videos = list(there, "peertube/videos.json");
    let tide = &videos["videos"][0];
    assert_eq!(tide["name"], "High tide");
    let file = there
        .join("peertube")
        .join(tide["archiveFiles"]["videoFile"].as_str().unwrap());
    assert_eq!(
        std::fs::read(file).unwrap(),
        clips::bytes(&clips::COPIED).await
    );
    assert!(
        there
            .join("files/videos/captions")
            .read_dir()
            .unwrap()
            .count()
            == 1
    );
    let channels = list(there, "peertube/channels.json");
    let mail = &channels["channels"][1]["publicEmail"];
    assert_eq!(mail, "waves@sea.example", "{channels}");
    let reactions = list(there, "peertube/reactions.json");
    assert_eq!(reactions["reactions"].as_array().unwrap().len(), 1);
    let comments = list(there, "peertube/comments.json");
    assert_eq!(comments["comments"][0]["text"], "It was cold");
    let outbox = list(there, "activity-pub/outbox.json");
    assert_eq!(outbox["orderedItems"].as_array().unwrap().len(), 2);
    assert_eq!(
        list(there, "activity-pub/actor.json")["preferredUsername"],
        "ann"
    );
    assert_eq!(
        list(there, "peertube/follower.json")["followers"][0]["handle"],
        "ann@video.test"
    );

    let other =
        TestApp::with(|config| config.server.public_url = "http://video.test".to_owned()).await;
    let ann2 = other.user("ann").await;
    let id = id_of(&other, &ann2).await;
    let answer = send(&other, &ann2, id, &content).await.expect(200).json();
    assert!(answer["userImport"]["id"].is_number());
    let begun = begin(&other, &ann2, id, "mine.zip", 100).await.expect(400);
    assert!(begun.text().contains("running"));
    run(&other).await;
    let ended = latest(&other, &ann2).await;
    assert_eq!(ended["state"], json!({ "id": 3, "label": "Completed" }));

    // What comes out of the other site is what went in, but for what each site makes of its own.
    let again = archive(&other, &ann2, false).await;
    let back = tempfile::tempdir().unwrap();
    unpack(&again, back.path());
    for name in [
        "account",
        "channels",
        "blocklist",
        "following",
        "likes",
        "dislikes",
        "reactions",
        "video-playlists",
        "video-history",
        "user-settings",
        "watched-words-lists",
        "automatic-tag-policies",
        "videos",
    ] {
        let name = format!("peertube/{name}.json");
        let (before, after) = (list(there, &name), list(back.path(), &name));
        assert_eq!(plain(&before), plain(&after), "{name}");
    }
    let caption = back.path().join("files/videos/captions");
    assert_eq!(caption.read_dir().unwrap().count(), 1);

    // Once more, nothing is there twice.
    send(&other, &ann2, id, &content).await.expect(200);
    run(&other).await;
    let mine = other
        .get("/api/v1/users/me/videos")
        .token(&ann2)
        .await
        .json();
    assert_eq!(mine["total"], 1);
    let lists = other
        .get("/api/v1/accounts/ann/video-playlists")
        .token(&ann2)
        .await
        .json();
    assert_eq!(lists["total"], 2, "{lists}");
    let browser = Browser::new(&other, "ann", "password-1").await;
    let page = browser.get(PAGE).await.expect(200).text();
    assert!(
        page.contains("Videos: 0 taken over, 1 were here, 0 could not be had"),
        "{page}"
    );
}

/// A list without what differs from site to site: addresses, ids, dates, counters.
fn plain(value: &Value) -> Value {
    const OWN: [&str; 21] = [
        "url",
        "videoUrl",
        "uuid",
        "createdAt",
        "updatedAt",
        "publishedAt",
        "thumbnailUrl",
        "originallyPublishedAt",
        "previewUrl",
        "archiveFiles",
        "files",
        "streamingPlaylists",
        "filename",
        "fileUrl",
        "views",
        "likes",
        "source",
        "email",
        "state",
        "waitTranscoding",
        "inReplyToCommentUrl",
    ];
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, value)| {
                !OWN.contains(&name.as_str()) || value.is_array() && *name == "likes"
            })
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn an_archive_is_kept_for_a_while_and_belongs_to_one() {
    let app = TestApp::new().await;
    let (ann, bob, root) = (
        app.user("ann").await,
        app.user("bob").await,
        app.root().await,
    );
    let id = id_of(&app, &ann).await;
    let all = exports(id);
    app.get(&all).token(&bob).await.expect(403);
    app.get("/api/v1/users/9999/exports")
        .token(&root)
        .await
        .expect(404);
    app.post(&format!("{all}/request"))
        .token(&ann)
        .json(json!({}))
        .await
        .expect(400);
    request(&app, &ann, false).await.expect(200);
    request(&app, &ann, false).await.expect(400);
    run(&app).await;
    let list = app.get(&all).token(&root).await.expect(200).json();
    let made = &list["data"][0];
    let link = made["privateDownloadUrl"]
        .as_str()
        .unwrap()
        .replace("http://video.test", "");
    app.get(&link).await.expect(200);
    app.get(&link.replace("jwt=", "jwt=1")).await.expect(403);
    app.get(link.split('?').next().unwrap()).await.expect(403);
    app.clock.advance(16 * MINUTE);
    app.get(&link).await.expect(403);
    let one = format!("{all}/{}", made["id"]);
    app.delete(&one).token(&bob).await.expect(403);
    app.delete(&format!("{all}/9999"))
        .token(&ann)
        .await
        .expect(404);
    let bobs = exports(id_of(&app, &bob).await);
    app.delete(&format!("{bobs}/{}", made["id"]))
        .token(&bob)
        .await
        .expect(403);

    app.clock.advance(2 * DAY);
    vidicon::takeout::tidy(&app.app).await.unwrap();
    let (root, ann) = (app.root().await, app.login("ann", "password-1").await);
    let list = app.get(&all).token(&root).await.expect(200).json();
    assert_eq!(list["total"], 0);
    let left = app.folder.path().join("storage/exports/takeout");
    assert!(
        !left.join(id.to_string()).exists()
            || left.join(id.to_string()).read_dir().unwrap().count() == 0
    );
    request(&app, &ann, false).await.expect(200);
    run(&app).await;
    let list = app.get(&all).token(&ann).await.expect(200).json();
    let one = format!("{all}/{}", list["data"][0]["id"]);
    app.delete(&one).token(&ann).await.expect(204);
}

#[tokio::test]
async fn settings_say_who_may_take_and_bring_archives() {
    let app = TestApp::with(|config| {
        let off = json!({ "users": { "enabled": false } });
        config.site.insert("import".to_owned(), off.clone());
        config.site.insert("export".to_owned(), off);
    })
    .await;
    let ann = app.user("ann").await;
    let id = id_of(&app, &ann).await;
    request(&app, &ann, false).await.expect(400);
    app.get(&exports(id)).token(&ann).await.expect(400);
    begin(&app, &ann, id, "a.zip", 10).await.expect(400);

    let app = TestApp::with(|config| {
        let small = json!({ "users": { "maxUserVideoQuota": 10 } });
        config.site.insert("export".to_owned(), small);
    })
    .await;
    let root = app.root().await;
    upload::upload(&app, &root, &clips::COPIED, &[]).await;
    run(&app).await;
    let refused = request(&app, &root, true).await.expect(403).json();
    assert_eq!(
        refused["code"],
        "max_user_video_quota_exceeded_for_user_export"
    );
    request(&app, &root, false).await.expect(200);
    let (ann, id) = (app.user("ann").await, id_of(&app, &root).await);
    begin(&app, &ann, id, "a.zip", 10).await.expect(403);
    begin(&app, &root, id, "a.tar", 10).await.expect(400);
    let nothing = app
        .get(&format!("/api/v1/users/{id}/imports/latest"))
        .token(&root)
        .await;
    nothing.expect(404);
    let me = id_of(&app, &ann).await;
    app.put(&format!("/api/v1/users/{me}"))
        .token(&root)
        .json(json!({ "videoQuota": 5 }))
        .await
        .expect(204);
    let full = begin(&app, &ann, me, "a.zip", 10).await.expect(413).json();
    assert_eq!(full["code"], "quota_reached");
}

#[tokio::test]
async fn the_page_makes_and_deletes_archives_without_script() {
    let app = TestApp::new().await;
    app.user("ann").await;
    let browser = Browser::new(&app, "ann", "password-1").await;
    assert!(
        browser
            .get(PAGE)
            .await
            .expect(200)
            .text()
            .contains("There is no archive.")
    );
    browser.post(PAGE).form(&[]).await.expect(303);
    run(&app).await;
    let page = browser.get(PAGE).await.expect(200).text();
    let (_, rest) = page.split_once("/my/settings/data/").unwrap();
    let number = rest.split('/').next().unwrap();
    assert!(page.contains("/download/user-exports/user-export-"));
    let delete = format!("{PAGE}/{number}/delete");
    assert!(
        browser
            .post(&delete)
            .form(&[])
            .await
            .expect(200)
            .text()
            .contains("Delete the archive?")
    );
    browser
        .post(&delete)
        .form(&[("sure", "1")])
        .await
        .expect(303);
    assert!(
        browser
            .get(PAGE)
            .await
            .expect(200)
            .text()
            .contains("There is no archive.")
    );
}
