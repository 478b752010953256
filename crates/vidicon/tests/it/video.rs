//! Videos: who sees them, lists with every filter and sort, changes, and what hangs on them.

mod change;
mod list;
mod watch;

use crate::app::TestApp;
use serde_json::{Value, json};
use vidicon::video::{self, NewVideo, Privacy, Video, VideoRef, VideoState};
use vidicon::{App, channel};

/// Adds a published public video to the first channel of an account, as the test changes it.
pub async fn add(app: &App, owner: &str, name: &str, change: impl FnOnce(&mut NewVideo)) -> Video {
    let account_id = channel::api::account(app, owner).await.unwrap();
    let channels = channel::of_account(app, account_id).await.unwrap();
    let mut new = NewVideo::new(channels[0].id, account_id, name);
    new.privacy = Privacy::Public;
    new.state = VideoState::Published;
    new.duration_s = 60;
    change(&mut new);
    let now = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    let id = video::create(&mut tx, &new, now).await.unwrap();
    tx.commit().await.unwrap();
    video::find(app, VideoRef::Number(id)).await.unwrap()
}

pub fn names(list: &Value) -> Vec<&str> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

/// One row of the table: who may see what, as anonymous, somebody else, the owner, an administrator.
struct Seen {
    what: &'static str,
    privacy: Privacy,
    blocked: bool,
    by_number: bool,
    password: Option<&'static str>,
    statuses: [u16; 4],
}

const fn row(what: &'static str, privacy: Privacy, statuses: [u16; 4]) -> Seen {
    Seen {
        what,
        privacy,
        blocked: false,
        by_number: false,
        password: None,
        statuses,
    }
}

#[tokio::test]
async fn who_sees_a_video() {
    use Privacy::*;
    let app = TestApp::new().await;
    let root = app.root().await;
    let owner = app.user("owner").await;
    let other = app.user("other").await;
    let table = [
        row("public", Public, [200, 200, 200, 200]),
        row("unlisted by uuid", Unlisted, [200, 200, 200, 200]),
        Seen {
            by_number: true,
            ..row("unlisted by number", Unlisted, [401, 403, 200, 200])
        },
        row("private", Private, [401, 403, 200, 200]),
        row("internal", Internal, [401, 200, 200, 200]),
        row("no password", Password, [403, 403, 200, 200]),
        Seen {
            password: Some("wrong"),
            ..row("wrong password", Password, [403, 403, 403, 403])
        },
        Seen {
            password: Some("secret"),
            ..row("right password", Password, [200, 200, 200, 200])
        },
        Seen {
            blocked: true,
            ..row("blocked public", Public, [401, 403, 200, 200])
        },
        Seen {
            blocked: true,
            ..row("blocked unlisted", Unlisted, [200, 200, 200, 200])
        },
        Seen {
            blocked: true,
            ..row("blocked internal", Internal, [401, 200, 200, 200])
        },
        Seen {
            blocked: true,
            ..row("blocked private", Private, [401, 403, 200, 200])
        },
        Seen {
            blocked: true,
            password: Some("secret"),
            ..row("blocked password", Password, [401, 403, 200, 200])
        },
    ];
    let ends = ["", "/description", "/captions", "/chapters", "/storyboards"];
    for seen in &table {
        let video = add(&app, "owner", seen.what, |new| {
            new.privacy = seen.privacy;
            if seen.privacy == Password {
                new.passwords = vec!["secret".to_owned()];
            }
        })
        .await;
        if seen.blocked {
            let path = format!("/api/v1/videos/{}/blacklist", video.id);
            app.post(&path)
                .token(&root)
                .json(json!({}))
                .await
                .expect(204);
        }
        let id = if seen.by_number {
            video.id.to_string()
        } else {
            video.short_uuid()
        };
        for end in ends {
            let path = format!("/api/v1/videos/{id}{end}");
            let people = [None, Some(&other), Some(&owner), Some(&root)];
            for (who, status) in people.iter().zip(seen.statuses) {
                let mut call = app.get(&path);
                if let Some(token) = who {
                    call = call.token(token);
                }
                if let Some(password) = seen.password {
                    call = call.header(video::visibility::PASSWORD_HEADER, password);
                }
                let answer = call.await;
                assert_eq!(
                    answer.status.as_u16(),
                    status,
                    "{} {end} {who:?}: {}",
                    seen.what,
                    answer.text()
                );
            }
        }
    }
}

#[tokio::test]
async fn reasons_of_a_refusal_have_codes() {
    let app = TestApp::new().await;
    app.user("owner").await;
    let video = add(&app, "owner", "locked", |new| {
        new.privacy = Privacy::Password;
        new.passwords = vec!["secret".to_owned()];
    })
    .await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    assert_eq!(
        app.get(&path).await.expect(403).json()["code"],
        "video_requires_password"
    );
    let wrong = app
        .get(&path)
        .header("x-peertube-video-password", "x")
        .await
        .expect(403);
    assert_eq!(wrong.json()["code"], "incorrect_video_password");
    app.get("/api/v1/videos/999999").await.expect(404);
    let malformed = app.get("/api/v1/videos/not-a-video").await.expect(400);
    assert!(malformed.json()["invalid-params"]["id"].is_object());
    let bad_token = app
        .get("/api/v1/videos")
        .token("nonsense")
        .await
        .expect(401);
    assert_eq!(bad_token.json()["code"], "invalid_token");
}

#[tokio::test]
async fn details_have_peertubes_shape() {
    let app = TestApp::new().await;
    app.user("owner").await;
    let video = add(&app, "owner", "Shape", |new| {
        new.description = Some("long ".repeat(100));
        new.category = Some(1);
        new.licence = Some(7);
        new.language = Some("fr".to_owned());
        new.tags = vec!["One".to_owned(), "two".to_owned()];
        new.support = Some("please".to_owned());
        new.aspect_ratio = Some(1.7778);
    })
    .await;
    let details = app
        .get(&format!("/api/v1/videos/{}", video.uuid))
        .await
        .expect(200)
        .json();
    assert_eq!(details["category"], json!({ "id": 1, "label": "Music" }));
    assert_eq!(details["licence"]["label"], "Public Domain Dedication");
    assert_eq!(
        details["language"],
        json!({ "id": "fr", "label": "French" })
    );
    assert_eq!(details["privacy"], json!({ "id": 1, "label": "Public" }));
    assert_eq!(details["state"], json!({ "id": 1, "label": "Published" }));
    assert_eq!(details["tags"], json!(["One", "two"]));
    assert_eq!(details["shortUUID"], video.short_uuid());
    assert_eq!(details["description"].as_str().unwrap().len(), 500);
    assert!(details["truncatedDescription"].as_str().unwrap().len() <= 250);
    assert_eq!(
        details["url"],
        format!("http://video.test/videos/watch/{}", video.uuid)
    );
    assert_eq!(details["account"]["name"], "owner");
    assert_eq!(details["account"]["host"], "video.test");
    assert_eq!(details["channel"]["name"], "owner_channel");
    assert_eq!(details["channel"]["ownerAccount"]["name"], "owner");
    assert_eq!(
        details["commentsPolicy"],
        json!({ "id": 1, "label": "Enabled" })
    );
    for key in ["files", "streamingPlaylists", "trackerUrls", "thumbnails"] {
        assert!(details[key].is_array(), "{key}");
    }
    assert_eq!(details["blacklisted"], false);
    assert_eq!(details["aspectRatio"], 1.7778);
    let item = &app.get("/api/v1/videos").await.expect(200).json()["data"][0];
    for key in [
        "id",
        "uuid",
        "shortUUID",
        "views",
        "viewers",
        "likes",
        "embedPath",
        "isLocal",
        "isLive",
    ] {
        assert_eq!(item[key], details[key], "{key}");
    }
    assert!(item.get("files").is_none() && item.get("state").is_none());
}

#[tokio::test]
async fn files_and_playlist_stand_in_the_details() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let video = add(&app, "owner", "Files", |new| new.privacy = Privacy::Private).await;
    for (kind, resolution) in [("hls", 720), ("hls", 360), ("hls", 0), ("web", 480)] {
        base::db::Query::new(
            "INSERT INTO video_file (video_id, kind, filename, playlist_filename, resolution, width,
                                     height, size_bytes, complete, metadata, created_at)
             VALUES ($1, $2, $3, $4, $5, 1280, 720, 1000, TRUE, '{\"streams\":[]}', 0)",
        )
        .bind(video.id)
        .bind(kind)
        .bind(format!("{kind}-{resolution}.mp4"))
        .bind((kind == "hls").then(|| format!("{resolution}.m3u8")))
        .bind(resolution)
        .execute(&app.db)
        .await
        .unwrap();
    }
    base::db::Query::new(
        "INSERT INTO streaming_playlist (video_id, master_filename, created_at, updated_at)
         VALUES ($1, 'master.m3u8', 0, 0)",
    )
    .bind(video.id)
    .execute(&app.db)
    .await
    .unwrap();
    let path = format!("/api/v1/videos/{}", video.uuid);
    let details = app.get(&path).token(&owner).await.expect(200).json();
    let playlist = &details["streamingPlaylists"][0];
    let base = format!(
        "http://video.test/static/streaming-playlists/hls/private/{}",
        video.uuid
    );
    assert_eq!(playlist["playlistUrl"], format!("{base}/master.m3u8"));
    let resolutions: Vec<i64> = playlist["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["resolution"]["id"].as_i64().unwrap())
        .collect();
    assert_eq!(resolutions, [720, 360, 0]);
    assert_eq!(
        playlist["files"][0]["fileUrl"],
        format!("{base}/hls-720.mp4")
    );
    assert_eq!(
        playlist["files"][0]["playlistUrl"],
        format!("{base}/720.m3u8")
    );
    assert_eq!(
        details["files"][0]["fileUrl"],
        "http://video.test/static/web-videos/private/web-480.mp4"
    );
    let root = app.root().await;
    let list = app
        .get("/api/v1/videos?include=8&privacyOneOf=3")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(list["data"][0]["files"].as_array().unwrap().len(), 1);
    assert_eq!(
        list["data"][0]["streamingPlaylists"][0]["files"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}
