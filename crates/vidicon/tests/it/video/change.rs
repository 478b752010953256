//! What changes a video: its owner, the clock, moderators, transcoding.

use super::add;
use crate::app::TestApp;
use base::clock::{DAY, HOUR};
use serde_json::json;
use vidicon::App;
use vidicon::access::Viewer;
use vidicon::account::User;
use vidicon::video::{self, Privacy, VideoRef, VideoState};

async fn user(app: &App, token: &str) -> User {
    let origin = vidicon::account::session::Origin::default();
    let signed_in = vidicon::account::session::signed_in(app, token, &origin)
        .await
        .unwrap();
    User::clone(&signed_in.unwrap().user)
}

#[tokio::test]
async fn a_change_changes_what_it_says_and_no_more() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let other = app.user("other").await;
    let video = add(&app, "owner", "Before", |new| {
        new.category = Some(2);
        new.tags = vec!["old".to_owned()];
        new.privacy = Privacy::Private;
    })
    .await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    app.clock.advance(HOUR);
    app.put(&path)
        .json(json!({ "name": "After" }))
        .await
        .expect(401);
    app.put(&path)
        .token(&other)
        .json(json!({ "name": "After" }))
        .await
        .expect(403);
    app.put("/api/v1/videos/999")
        .token(&owner)
        .json(json!({ "name": "After" }))
        .await
        .expect(404);
    app.put(&path)
        .token(&owner)
        .json(json!({ "name": "a" }))
        .await
        .expect(400);
    app.put(&path)
        .token(&owner)
        .json(json!({ "channelId": 999 }))
        .await
        .expect(400);
    app.put(&path)
        .token(&owner)
        .json(json!({ "name": "After", "category": null, "tags": ["new"], "privacy": 1, "nsfw": "false" }))
        .await
        .expect(204);
    let after = app.get(&path).await.expect(200).json();
    assert_eq!(after["name"], "After");
    assert_eq!(after["category"], json!({ "id": null, "label": "Unknown" }));
    assert_eq!(after["tags"], json!(["new"]));
    assert_ne!(after["publishedAt"], after["createdAt"]);
    let list = app.get("/api/v1/videos?tagsOneOf=new").await.json();
    assert_eq!(list["total"], 1);
    app.put(&path)
        .token(&owner)
        .json(json!({ "privacy": 5 }))
        .await
        .expect(400);
    app.put(&path)
        .token(&owner)
        .json(json!({ "privacy": 5, "videoPasswords": ["aa"] }))
        .await
        .expect(204);
    app.get(&path).await.expect(403);
    assert_eq!(app.get("/api/v1/videos").await.json()["total"], 0);
    app.put(&path)
        .token(&owner)
        .json(json!({ "name": "Again" }))
        .await
        .expect(400);
    app.delete(&path).token(&other).await.expect(403);
    app.delete(&path).token(&owner).await.expect(204);
    app.get(&path).token(&owner).await.expect(404);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_schedule_publishes_when_it_is_due() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let video = add(&app, "owner", "Later", |new| new.privacy = Privacy::Private).await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    let at = vidicon::check::iso(app.clock.now() + HOUR);
    let schedule = json!({ "scheduleUpdate": { "updateAt": at, "privacy": 1 } });
    app.put(&path)
        .token(&owner)
        .json(schedule)
        .await
        .expect(204);
    let details = app.get(&path).token(&owner).await.json();
    assert_eq!(
        details["scheduledUpdate"],
        json!({ "updateAt": at, "privacy": 1 })
    );
    app.get(&path).await.expect(401);
    app.clock.advance(HOUR);
    app.run_jobs().await;
    let details = app.get(&path).await.expect(200).json();
    assert!(details.get("scheduledUpdate").is_none());
    assert_eq!(app.get("/api/v1/videos").await.json()["total"], 1);
    let wrong = json!({ "scheduleUpdate": { "privacy": 1 } });
    app.put(&path).token(&owner).json(wrong).await.expect(400);
}

#[tokio::test]
async fn chapters_passwords_tokens_and_labels() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let video = add(&app, "owner", "Parts", |new| {
        new.description = Some("0:00 Start\n1:00 Rest".to_owned());
        new.privacy = Privacy::Password;
        new.passwords = vec!["one".to_owned(), "two".to_owned()];
    })
    .await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    let get = async |end: &str| {
        app.get(&format!("{path}{end}"))
            .token(&owner)
            .await
            .expect(200)
            .json()
    };
    assert_eq!(
        get("/chapters").await["chapters"][1],
        json!({ "timecode": 60, "title": "Rest" })
    );
    let twice =
        json!({ "chapters": [{ "timecode": 1, "title": "a" }, { "timecode": 1, "title": "b" }] });
    app.put(&format!("{path}/chapters"))
        .token(&owner)
        .json(twice)
        .await
        .expect(400);
    let one = json!({ "chapters": [{ "timecode": 5, "title": "By hand" }] });
    app.put(&format!("{path}/chapters"))
        .token(&owner)
        .json(one.clone())
        .await
        .expect(204);
    assert_eq!(get("/chapters").await, one);

    let list = get("/passwords?sort=createdAt").await;
    assert_eq!(list["total"], 2);
    let id = list["data"][0]["id"].as_i64().unwrap();
    app.delete(&format!("{path}/passwords/{id}"))
        .token(&owner)
        .await
        .expect(204);
    app.delete(&format!("{path}/passwords/{id}"))
        .token(&owner)
        .await
        .expect(404);
    let last = get("/passwords").await["data"][0]["id"].as_i64().unwrap();
    app.delete(&format!("{path}/passwords/{last}"))
        .token(&owner)
        .await
        .expect(400);
    let add = json!({ "password": "three" });
    app.post(&format!("{path}/passwords"))
        .token(&owner)
        .json(add.clone())
        .await
        .expect(200);
    app.post(&format!("{path}/passwords"))
        .token(&owner)
        .json(add)
        .await
        .expect(409);
    let set = json!({ "passwords": ["four"] });
    app.put(&format!("{path}/passwords"))
        .token(&owner)
        .json(set)
        .await
        .expect(204);
    assert_eq!(get("/passwords").await["total"], 1);

    let call = app
        .post(&format!("{path}/token"))
        .header("x-peertube-video-password", "four");
    let token = call.await.expect(200).json();
    let token = token["files"]["token"].as_str().unwrap();
    assert!(video::token::opens(&app, token, video.uuid));
    assert!(!video::token::opens(&app, token, base::random::uuid()));
    assert!(!video::token::opens(
        &app,
        &token.replace('-', "-0"),
        video.uuid
    ));
    app.clock.advance(9 * HOUR);
    assert!(!video::token::opens(&app, token, video.uuid));
    app.get(&format!("{path}/source"))
        .token(&owner)
        .await
        .expect(404);

    for (list, key, label) in [
        ("categories", "1", "Music"),
        ("licences", "7", "Public Domain Dedication"),
        ("languages", "en", "English"),
        ("privacies", "5", "Password protected"),
    ] {
        let labels = app
            .get(&format!("/api/v1/videos/{list}"))
            .await
            .expect(200)
            .json();
        assert_eq!(labels[key], label);
    }
}

#[tokio::test]
async fn a_public_video_gives_a_token_to_people_only() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let video = add(&app, "owner", "Open", |_| {}).await;
    let path = format!("/api/v1/videos/{}/token", video.uuid);
    app.post(&path).await.expect(401);
    app.post(&path).token(&owner).await.expect(200);
}

#[tokio::test]
async fn blocks_hide_and_unhide() {
    let app = TestApp::new().await;
    let (owner, root) = (app.user("owner").await, app.root().await);
    let video = add(&app, "owner", "Hidden", |_| {}).await;
    let path = format!("/api/v1/videos/{}/blacklist", video.uuid);
    app.post(&path)
        .token(&owner)
        .json(json!({}))
        .await
        .expect(403);
    app.put(&path)
        .token(&root)
        .json(json!({ "reason": "why" }))
        .await
        .expect(404);
    app.post(&path)
        .token(&root)
        .json(json!({ "reason": "x" }))
        .await
        .expect(400);
    app.post(&path)
        .token(&root)
        .json(json!({ "reason": "rude" }))
        .await
        .expect(204);
    assert_eq!(app.get("/api/v1/videos").await.json()["total"], 0);
    app.put(&path)
        .token(&root)
        .json(json!({ "reason": "very rude" }))
        .await
        .expect(204);
    for sort in [
        "-createdAt",
        "name",
        "-name",
        "views",
        "-uuid",
        "id",
        "likes",
        "-dislikes",
        "duration",
    ] {
        let list = app
            .get(&format!("/api/v1/videos/blacklist?type=1&sort={sort}"))
            .token(&root)
            .await;
        let list = list.expect(200).json();
        assert_eq!(list["data"][0]["reason"], "very rude");
        assert_eq!(list["data"][0]["video"]["name"], "Hidden");
    }
    let empty = app
        .get("/api/v1/videos/blacklist?type=2&search=hid")
        .token(&root)
        .await
        .json();
    assert_eq!(empty["total"], 0);
    let details = app
        .get(&format!("/api/v1/videos/{}", video.uuid))
        .token(&owner)
        .await
        .json();
    assert_eq!(
        (&details["blacklisted"], &details["blacklistedReason"]),
        (&json!(true), &json!("very rude"))
    );
    app.delete(&path).token(&root).await.expect(204);
    app.delete(&path).token(&root).await.expect(404);
    assert_eq!(app.get("/api/v1/videos").await.json()["total"], 1);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_quota_is_reached() {
    let app = TestApp::new().await;
    let token = app.user("owner").await;
    add(&app, "owner", "Heavy", |new| new.size_bytes = 900).await;
    let mut owner = user(&app, &token).await;
    let used = video::quota::quota_used(&app, owner.account_id)
        .await
        .unwrap();
    assert_eq!((used.total_bytes, used.daily_bytes), (900, 900));
    app.clock.advance(2 * DAY);
    let used = video::quota::quota_used(&app, owner.account_id)
        .await
        .unwrap();
    assert_eq!((used.total_bytes, used.daily_bytes), (900, 0));
    owner.quota_bytes = 1000;
    video::quota::room_left(&app, &owner, 99).await.unwrap();
    let full = video::quota::room_left(&app, &owner, 100)
        .await
        .unwrap_err();
    assert_eq!(
        (full.status().as_u16(), full.code_str()),
        (413, Some("quota_reached"))
    );
    (owner.quota_bytes, owner.quota_daily_bytes) = (-1, 50);
    video::quota::room_left(&app, &owner, 49).await.unwrap();
    video::quota::room_left(&app, &owner, 50).await.unwrap_err();
}

#[tokio::test]
async fn a_video_lives_from_upload_to_failure() {
    let app = TestApp::new().await;
    app.user("owner").await;
    let video = add(&app, "owner", "New", |new| {
        new.state = VideoState::ToTranscode;
        new.wait_transcoding = true;
    })
    .await;
    app.clock.advance(HOUR);
    let now = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    video::publish(&mut tx, video.id, now).await.unwrap();
    video::set_thumbnails(&mut tx, video.id, "t.jpg", "p.jpg", "video")
        .await
        .unwrap();
    video::set_chapters_of_file(&mut tx, video.id, &[(0, "Intro".to_owned())])
        .await
        .unwrap();
    let board = video::Storyboard {
        filename: "s.jpg".to_owned(),
        total_width: 10,
        total_height: 20,
        sprite_width: 1,
        sprite_height: 2,
        sprite_duration: 3,
    };
    video::set_storyboard(&mut tx, video.id, &board)
        .await
        .unwrap();
    video::weigh(&mut tx, video.id).await.unwrap();
    tx.commit().await.unwrap();
    let list = app.get("/api/v1/videos").await.json();
    assert_eq!(
        list["data"][0]["thumbnailPath"],
        "/lazy-static/thumbnails/t.jpg"
    );
    assert_eq!(list["data"][0]["publishedAt"], vidicon::check::iso(now));
    let path = format!("/api/v1/videos/{}", video.uuid);
    let boards = app.get(&format!("{path}/storyboards")).await.json();
    assert_eq!(
        boards["storyboards"][0]["storyboardPath"],
        "/lazy-static/storyboards/s.jpg"
    );
    let chapters = app.get(&format!("{path}/chapters")).await.json();
    assert_eq!(chapters["chapters"][0]["title"], "Intro");
    app.clock.advance(HOUR);
    let mut tx = app.db.begin().await.unwrap();
    video::publish(&mut tx, video.id, app.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let again = video::find(&app, VideoRef::Number(video.id)).await.unwrap();
    assert_eq!(again.published_at, now);
    let mut tx = app.db.begin().await.unwrap();
    video::fail(&mut tx, video.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.get("/api/v1/videos").await.json()["total"], 0);
    let rows = video::list::rows(&app, &Viewer::default(), &[video.id])
        .await
        .unwrap();
    assert_eq!(rows[0].state, VideoState::TranscodingFailed.number());
}
