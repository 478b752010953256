//! An archive as PeerTube 6.3 writes it: its lists and their keys, entries whose sizes follow them.

use super::{id_of, latest, run, send};
use crate::app::TestApp;
use crate::clips;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

/// What is below a folder, packed by a program that is not ours, as a stream.
fn pack(folder: &Path) -> Vec<u8> {
    let script = "import os, sys, zipfile\nz = zipfile.ZipFile(sys.stdout.buffer, 'w', zipfile.ZIP_DEFLATED)\n\
                  for at, _, names in os.walk(sys.argv[1]):\n for name in names:\n  \
                  path = os.path.join(at, name)\n  z.write(path, os.path.relpath(path, sys.argv[1]))\nz.close()";
    let packed = Command::new("python3")
        .args(["-c", script])
        .arg(folder)
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert!(packed.status.success(), "{packed:?}");
    packed.stdout
}

fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

const TIDE: &str = "https://tube.example/videos/watch/6ab0a3b7-4a1d-4b27-9b0b-4c6a0c1f2d11";
const GONE: &str = "https://tube.example/videos/watch/0d0a4b58-0000-4000-8000-4c6a0c1f2d11";
const AT: &str = "2024-03-01T10:00:00.000Z";

fn video() -> Value {
    json!({
        "uuid": "6ab0a3b7-4a1d-4b27-9b0b-4c6a0c1f2d11", "createdAt": AT, "updatedAt": AT,
        "publishedAt": AT, "originallyPublishedAt": null, "name": "High tide", "category": 2,
        "licence": 1, "language": "fr", "tags": ["sea", "tide"], "privacy": 5,
        "passwords": ["open sesame"], "duration": 3, "description": "Water comes", "support": null,
        "isLive": false, "url": TIDE, "thumbnailUrl": "https://tube.example/t.jpg",
        "previewUrl": "https://tube.example/p.jpg", "views": 12, "likes": 1, "dislikes": 0,
        "nsfw": false, "commentsPolicy": 3, "downloadEnabled": true, "waitTranscoding": true,
        "state": 1, "channel": { "name": "waves" },
        "captions": [{ "createdAt": AT, "updatedAt": AT, "language": "fr", "filename": "x-fr.vtt",
            "automaticallyGenerated": true, "fileUrl": "https://tube.example/x-fr.vtt" }],
        "chapters": [{ "timecode": 0, "title": "Ebb" }],
        "files": [], "streamingPlaylists": [],
        "source": { "inputFilename": "tide.mp4", "resolution": 240, "size": 1 },
        "archiveFiles": { "videoFile": "../files/videos/video-files/6ab0.mp4", "thumbnail": null,
            "captions": { "fr": "../files/videos/captions/6ab0-fr.vtt" } },
    })
}

/// A live that is not on has no file.
fn live() -> Value {
    let mut live = video();
    live["name"] = "Harbour camera".into();
    live["isLive"] = true.into();
    live["live"] =
        json!({ "saveReplay": false, "permanentLive": true, "latencyMode": 1, "streamKey": "k" });
    live["url"] = GONE.into();
    live["archiveFiles"] = json!({ "videoFile": null, "thumbnail": null, "captions": {} });
    live
}

async fn write(folder: &Path) {
    let lists = [
        (
            "account",
            json!({ "url": "https://tube.example/accounts/ann", "name": "ann", "displayName": "Ann of Sea",
            "description": "I film the sea", "createdAt": AT, "updatedAt": AT, "archiveFiles": { "avatar": null } }),
        ),
        (
            "user-settings",
            json!({ "email": "ann@tube.example", "emailPublic": false, "nsfwPolicy": "blur",
            "autoPlayVideo": false, "autoPlayNextVideo": false, "autoPlayNextVideoPlaylist": true, "p2pEnabled": true,
            "videosHistoryEnabled": true, "videoLanguages": null, "theme": "instance-default", "createdAt": AT,
            "updatedAt": AT, "notificationSettings": { "newVideoFromSubscription": 3, "of another version": 1 } }),
        ),
        (
            "channels",
            json!({ "channels": [{ "url": "https://tube.example/video-channels/waves", "name": "waves",
            "displayName": "Waves", "description": "Only waves", "support": null, "createdAt": AT, "updatedAt": AT,
            "archiveFiles": { "avatar": null, "banner": null } }] }),
        ),
        (
            "blocklist",
            json!({ "instances": [{ "host": "loud.example" }], "actors": [{ "handle": "pest@loud.example" }] }),
        ),
        (
            "following",
            json!({ "following": [
            { "handle": "ann@tube.example", "targetHandle": "bob_channel@video.test", "createdAt": AT }] }),
        ),
        (
            "follower",
            json!({ "followers": [
            { "handle": "bob@tube.example", "targetHandle": "waves@tube.example", "createdAt": AT }] }),
        ),
        ("videos", json!({ "videos": [video(), live()] })),
        (
            "likes",
            json!({ "likes": [{ "videoUrl": TIDE, "createdAt": AT }] }),
        ),
        (
            "dislikes",
            json!({ "dislikes": [{ "videoUrl": GONE, "createdAt": AT }] }),
        ),
        (
            "comments",
            json!({ "comments": [{ "url": format!("{TIDE}/comments/1"), "text": "It was cold",
            "createdAt": AT, "videoUrl": TIDE, "inReplyToCommentUrl": null }] }),
        ),
        (
            "video-playlists",
            json!({ "videoPlaylists": [{ "displayName": "Tides", "description": "In and out",
            "privacy": 1, "url": "https://tube.example/video-playlists/1", "uuid": "1", "type": 1,
            "channel": { "name": "waves" }, "createdAt": AT, "updatedAt": AT, "thumbnailUrl": null,
            "elements": [{ "videoUrl": TIDE, "startTimestamp": 1, "stopTimestamp": null },
                { "videoUrl": GONE, "startTimestamp": null, "stopTimestamp": null }],
            "archiveFiles": { "thumbnail": null } }] }),
        ),
        (
            "video-history",
            json!({ "watchedVideos": [
            { "videoUrl": TIDE, "lastTimecode": 1, "createdAt": AT, "updatedAt": AT }] }),
        ),
        (
            "watched-words-lists",
            json!({ "watchedWordLists": [
            { "createdAt": AT, "updatedAt": AT, "listName": "rude", "words": ["mud", "muck"] }] }),
        ),
        (
            "automatic-tag-policies",
            json!({ "reviewComments": [{ "name": "external-link" }, { "name": "rude" }] }),
        ),
    ];
    for (name, list) in lists {
        put(folder, &format!("peertube/{name}.json"), list.to_string());
    }
    put(folder, "activity-pub/actor.json", "{}");
    let clip = clips::bytes(&clips::COPIED).await;
    put(folder, "files/videos/video-files/6ab0.mp4", clip);
    let vtt = "WEBVTT\n\n00:00.000 --> 00:00.900\nHush\n";
    put(folder, "files/videos/captions/6ab0-fr.vtt", vtt);
}

#[tokio::test]
async fn an_archive_of_peertube_comes_over() {
    let app = TestApp::new().await;
    app.user("bob").await;
    let ann = app.user("ann").await;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path()).await;
    let id = id_of(&app, &ann).await;
    send(&app, &ann, id, &pack(folder.path())).await.expect(200);
    run(&app).await;
    assert_eq!(latest(&app, &ann).await["state"]["id"], 3);

    let get = async |path: &str| app.get(path).token(&ann).await.expect(200).json();
    let mine = get("/api/v1/users/me/videos").await;
    assert_eq!(mine["total"], 1, "{mine}");
    let uuid = mine["data"][0]["uuid"].as_str().unwrap();
    let tide = get(&format!("/api/v1/videos/{uuid}")).await;
    assert_eq!(tide["privacy"]["id"], 5);
    assert_eq!(tide["originallyPublishedAt"], AT);
    assert_eq!(tide["language"]["id"], "fr");
    assert_eq!(tide["commentsPolicy"]["id"], 3);
    assert_eq!(tide["channel"]["displayName"], "Waves");
    assert_eq!(tide["likes"], 1);
    let passwords = get(&format!("/api/v1/videos/{uuid}/passwords")).await;
    assert_eq!(passwords["data"][0]["password"], "open sesame");
    let captions = get(&format!("/api/v1/videos/{uuid}/captions")).await;
    assert_eq!(captions["data"][0]["automaticallyGenerated"], true);
    let chapters = get(&format!("/api/v1/videos/{uuid}/chapters")).await;
    assert_eq!(chapters["chapters"][0]["title"], "Ebb");

    let me = get("/api/v1/users/me").await;
    assert_eq!(me["account"]["displayName"], "Ann of Sea");
    assert_eq!(me["nsfwPolicy"], "blur");
    assert_eq!(me["notificationSettings"]["newVideoFromSubscription"], 3);
    let follows = get("/api/v1/users/me/subscriptions").await;
    assert_eq!(follows["data"][0]["name"], "bob_channel");
    let mutes = get("/api/v1/users/me/blocklist/servers").await;
    assert_eq!(mutes["data"][0]["blockedServer"]["host"], "loud.example");
    let words = get("/api/v1/watched-words/accounts/ann/lists").await;
    assert_eq!(words["data"][0]["listName"], "rude");
    let held = get("/api/v1/automatic-tags/policies/accounts/ann/comments").await;
    assert_eq!(held["review"], json!(["external-link", "rude"]));
    let lists = get("/api/v1/accounts/ann/video-playlists").await;
    let tides = lists["data"].as_array().unwrap().iter();
    let tides: Vec<_> = tides.filter(|it| it["displayName"] == "Tides").collect();
    assert_eq!(tides[0]["videosLength"], 1, "{tides:?}");

    // What cannot come over is told: the live without a file, what hung on it, somebody who is not known here.
    let page = crate::studio::Browser::new(&app, "ann", "password-1").await;
    let page = page.get(super::PAGE).await.expect(200).text();
    assert!(
        page.contains("Videos: 1 taken over, 0 were here, 1 could not be had"),
        "{page}"
    );
    assert!(
        page.contains("Watch history: 1 taken over, 0 were here, 0 could not be had"),
        "{page}"
    );
    assert!(
        page.contains("Harbour camera: the archive has no file of it."),
        "{page}"
    );
}
