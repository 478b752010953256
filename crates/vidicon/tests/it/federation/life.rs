//! Three servers: a video is born on one, watched and liked on the others, and all end alike.

use super::inbox::Stranger;
use super::site::{Site, settle};
use super::videos::{PRIVATE, RENAMED};
use base::db::Query;
use base::storage::Class;
use serde_json::{Value, json};
use vidicon::video::Video;

async fn number(site: &Site, query: &'static str) -> i64 {
    let (number,) = Query::new(query).one(&site.app.db).await.unwrap();
    number
}

async fn rate(site: &Site, token: &str, video: &Video, rating: &str) {
    let path = format!("/api/v1/videos/{}/rate", video.uuid);
    let body = json!({ "rating": rating });
    site.app
        .put(&path)
        .token(token)
        .json(body)
        .await
        .expect(204);
}

pub async fn watch(site: &Site, video: &Video, session: &str) {
    for second in [0, 11] {
        let body = json!({ "currentTime": second, "sessionId": session });
        let path = format!("/api/v1/videos/{}/views", video.uuid);
        site.app.post(&path).json(body).await.expect(204);
    }
}

pub async fn details(site: &Site, video: &Video) -> Value {
    let path = format!("/api/v1/videos/{}", video.uuid);
    site.app.get(&path).await.expect(200).json()
}

#[tokio::test]
async fn three_servers_end_alike() {
    let (home, east, west) = (Site::new().await, Site::new().await, Site::new().await);
    let all = [&home, &east, &west];
    east.follow(&home).await;
    west.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    settle(&all).await;

    // Likes and views come home from both sides, and all learn of all.
    let (mia, nils) = (east.app.user("mia").await, west.app.user("nils").await);
    rate(&east, &mia, &video, "like").await;
    rate(&west, &nils, &video, "like").await;
    watch(&east, &video, "east").await;
    watch(&west, &video, "west").await;
    watch(&home, &video, "home").await;
    settle(&all).await;
    for site in all {
        let seen = details(site, &video).await;
        assert_eq!(
            (&seen["likes"], &seen["views"]),
            (&json!(2), &json!(3)),
            "{}",
            site.host()
        );
    }
    // Once more the other way, and back again with the same id.
    for rating in ["dislike", "none", "like"] {
        rate(&east, &mia, &video, rating).await;
        settle(&all).await;
    }
    rate(&west, &nils, &video, "dislike").await;
    settle(&all).await;
    for site in all {
        let seen = details(site, &video).await;
        assert_eq!(
            (&seen["likes"], &seen["dislikes"]),
            (&json!(1), &json!(1)),
            "{}",
            site.host()
        );
    }

    // What changes changes everywhere.
    home.change_video(video.id, RENAMED).await;
    settle(&all).await;
    for site in all {
        let seen = details(site, &video).await;
        assert_eq!(seen["name"], "Another walk");
        assert_eq!(
            seen["streamingPlaylists"][0]["files"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        let chapters = format!("/api/v1/videos/{}/chapters", video.uuid);
        let chapters = site.app.get(&chapters).await.expect(200).json();
        assert_eq!(
            chapters["chapters"].as_array().unwrap().len(),
            2,
            "{}",
            site.host()
        );
    }
    let shares = "SELECT count(*) FROM share";
    for site in all {
        assert_eq!(number(site, shares).await, 2);
    }

    // What is closed is gone, and comes again when it is opened.
    home.change_video(video.id, PRIVATE).await;
    settle(&all).await;
    assert!(east.video(video.uuid).await.is_none() && west.video(video.uuid).await.is_none());
    home.change_video(video.id, "UPDATE video SET privacy = 1 WHERE id = $1")
        .await;
    settle(&all).await;
    assert!(east.video(video.uuid).await.is_some() && west.video(video.uuid).await.is_some());

    // One stops following: it hears no more, the other does.
    let root = east.app.root().await;
    let path = format!("/api/v1/server/following/{}", home.host());
    east.app.delete(&path).token(&root).await.expect(204);
    settle(&all).await;
    let second = home.publish("Storm").await;
    settle(&all).await;
    assert!(east.video(second.uuid).await.is_none() && west.video(second.uuid).await.is_some());
    vidicon::video::delete(&home.app, &home.video(second.uuid).await.unwrap())
        .await
        .unwrap();
    vidicon::video::delete(&home.app, &home.video(video.uuid).await.unwrap())
        .await
        .unwrap();
    settle(&all).await;
    for kind in ["Update Video", "Announce id"] {
        let signed = home.expect_all_signed().await;
        assert!(signed.contains(&kind.to_owned()), "{kind}: {signed:?}");
    }
    for site in [&home, &west] {
        assert_eq!(
            number(site, "SELECT count(*) FROM video").await,
            0,
            "{}",
            site.host()
        );
        assert_eq!(number(site, "SELECT count(*) FROM rating").await, 0);
    }
}

#[tokio::test]
async fn pictures_of_others_are_fetched_when_they_are_looked_at_and_captions_at_once() {
    let (home, east) = (Site::new().await, Site::new().await);
    east.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    let picture = bytes::Bytes::from_static(b"\xff\xd8\xff\xe0 a picture");
    let caption = bytes::Bytes::from_static(b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n");
    for (class, name, bytes) in [
        (Class::Thumbnail, "small.jpg", picture.clone()),
        (Class::Thumbnail, "large.jpg", picture.clone()),
        (Class::Caption, "words.vtt", caption),
    ] {
        home.app.storage.put(class, name, bytes).await.unwrap();
    }
    Query::new(
        "INSERT INTO caption (video_id, language, filename, updated_at) VALUES ($1, 'fr', 'words.vtt', 1)",
    )
    .bind(video.id)
    .execute(&home.app.db)
    .await
    .unwrap();
    let named = "UPDATE video SET thumbnail = 'small.jpg', preview = 'large.jpg' WHERE id = $1";
    home.change_video(video.id, named).await;
    settle(&[&home, &east]).await;
    let seen = details(&east, &video).await;
    let path = seen["previewPath"].as_str().unwrap();
    assert_ne!(path, "/lazy-static/previews/large.jpg");
    for _ in 0..2 {
        let answer = east.app.get(path).await.expect(200);
        assert_eq!(answer.body, picture);
    }
    let said = east.app.get("/api/v1/search/captions?search=hello").await;
    assert_eq!(said.expect(200).json()["total"], 1, "nobody has opened it");
    let captions = format!("/api/v1/videos/{}/captions", video.uuid);
    let captions = east.app.get(&captions).await.expect(200).json();
    assert_eq!(captions["data"][0]["language"]["id"], "fr");
    let path = captions["data"][0]["captionPath"].as_str().unwrap();
    assert!(
        east.app
            .get(path)
            .await
            .expect(200)
            .text()
            .contains("Hello")
    );
    // The names stay while the addresses do.
    home.change_video(video.id, RENAMED).await;
    settle(&[&home, &east]).await;
    assert_eq!(
        details(&east, &video).await["previewPath"],
        seen["previewPath"]
    );
    // What is no picture is not passed on.
    let bad = bytes::Bytes::from_static(b"<svg onload=alert(1)>");
    home.app
        .storage
        .put(Class::Thumbnail, "third.jpg", bad)
        .await
        .unwrap();
    home.change_video(
        video.id,
        "UPDATE video SET thumbnail = 'third.jpg' WHERE id = $1",
    )
    .await;
    settle(&[&home, &east]).await;
    let seen = details(&east, &video).await;
    east.app
        .get(seen["thumbnailPath"].as_str().unwrap())
        .await
        .expect(404);
}

#[tokio::test]
async fn what_was_there_before_the_follow_comes_too() {
    let (home, east) = (Site::new().await, Site::new().await);
    let old = home.publish("Before").await;
    settle(&[&home]).await;
    east.follow(&home).await;
    assert_eq!(east.video(old.uuid).await.unwrap().name, "Before");
    let listed = east
        .app
        .get("/api/v1/videos?isLocal=false")
        .await
        .expect(200)
        .json();
    assert_eq!(listed["total"], 1);
}

#[tokio::test]
async fn views_of_others_count_once_each_and_not_without_end() {
    let (home, ronja) = (Site::new().await, Stranger::new().await);
    let video = home.publish("A walk by the sea").await;
    let url = json!(home.url(&format!("/videos/watch/{}", video.uuid)));
    for number in [70, 71, 70] {
        let view = ronja.activity("View", number, url.clone());
        assert_eq!(ronja.deliver(&home, "/inbox", &view).await, 204);
    }
    let mut watching = ronja.activity("View", 72, url.clone());
    watching["expires"] = json!("2099-01-01T00:00:00Z");
    watching["result"] = json!({
        "type": "InteractionCounter", "interactionType": "WatchAction", "userInteractionCount": 5_000_000,
    });
    assert_eq!(ronja.deliver(&home, "/inbox", &watching).await, 204);
    home.run_due_jobs_once().await;
    let seen = details(&home, &video).await;
    assert_eq!(
        (&seen["views"], &seen["viewers"]),
        (&json!(2), &json!(2_000))
    );
    home.app.clock.advance(11 * 60_000);
    assert_eq!(details(&home, &video).await["viewers"], 0);
}

#[tokio::test]
async fn an_actor_that_changes_or_goes_is_told() {
    let (home, east) = (Site::new().await, Site::new().await);
    let otto = home.app.user("otto").await;
    let mia = east.app.user("mia").await;
    let handle = format!("otto_channel@{}", home.host());
    let channel = format!("/api/v1/video-channels/{handle}");
    let asked = format!("/api/v1/search/video-channels?search={handle}");
    let found = east.app.get(&asked).token(&mia).await.expect(200).json();
    assert_eq!(
        (&found["total"], &found["data"][0]["host"]),
        (&json!(1), &json!(home.host()))
    );
    // As the follow slice asks for it.
    let now = east.app.clock.now();
    let (account,): (i64,) = Query::new(
        "SELECT a.id FROM account a JOIN actor x ON x.id = a.actor_id WHERE x.name = 'mia' AND x.host = ''",
    )
    .one(&east.app.db)
    .await
    .unwrap();
    base::job::NewJob::new(
        "follow_remote",
        json!({ "accountId": account, "handle": handle }),
    )
    .enqueue(&east.app.db, now)
    .await
    .unwrap();
    settle(&[&home, &east]).await;
    assert_eq!(
        number(
            &home,
            "SELECT count(*) FROM follow WHERE state = 'accepted'"
        )
        .await,
        1
    );

    let change = json!({ "displayName": "Otto's sea", "description": "All about it" });
    home.app
        .put("/api/v1/video-channels/otto_channel")
        .token(&otto)
        .json(change)
        .await
        .expect(204);
    settle(&[&home, &east]).await;
    let seen = east.app.get(&channel).await.expect(200).json();
    assert_eq!(
        (&seen["displayName"], &seen["description"]),
        (&json!("Otto's sea"), &json!("All about it"))
    );
    let signed = home.expect_all_signed().await;
    assert!(signed.contains(&"Update Group".to_owned()), "{signed:?}");

    let root = home.app.root().await;
    let users = home
        .app
        .get("/api/v1/users?search=otto")
        .token(&root)
        .await
        .expect(200)
        .json();
    let path = format!("/api/v1/users/{}", users["data"][0]["id"]);
    home.app.delete(&path).token(&root).await.expect(204);
    settle(&[&home, &east]).await;
    let gone = "SELECT count(*) FROM actor WHERE name LIKE 'otto%' AND host <> '' AND deleted_at IS NOT NULL";
    assert!(number(&east, gone).await >= 1);
    for site in [&home, &east] {
        assert_eq!(
            number(site, "SELECT count(*) FROM follow").await,
            0,
            "{}",
            site.host()
        );
    }
}

#[tokio::test]
async fn a_mirror_is_made_told_used_and_given_back() {
    let (home, east, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    east.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    for (class, file) in [
        (Class::Rendition, "part.mp4"),
        (Class::Playlist, "master.m3u8"),
    ] {
        let key = format!("{}/{}-{file}", video.uuid, video.uuid);
        home.app
            .storage
            .put(class, &key, bytes::Bytes::from_static(b"some bytes"))
            .await
            .unwrap();
    }
    settle(&[&home, &east]).await;
    let root = east.app.root().await;
    let path = "/api/v1/server/redundancy/videos";
    let ask = |body: Value| east.app.post(path).token(&root).json(body);
    let copy = details(&east, &video).await;
    ask(json!({})).await.expect(400);
    ask(json!({ "videoId": 99_999 })).await.expect(404);
    ask(json!({ "videoId": copy["id"] })).await.expect(204);
    ask(json!({ "videoId": copy["id"] })).await.expect(409);
    settle(&[&home, &east]).await;
    let seen = details(&home, &video).await;
    let base = east.url(&format!("/static/redundancy/hls/{}", video.uuid));
    assert_eq!(
        seen["streamingPlaylists"][0]["redundancies"],
        json!([{ "baseUrl": base }])
    );
    let signed = east.expect_all_signed().await;
    assert!(
        signed.contains(&"Create CacheFile".to_owned()),
        "{signed:?}"
    );
    let file = format!("/static/redundancy/hls/{0}/{0}-part.mp4", video.uuid);
    assert_eq!(east.app.get(&file).await.expect(200).text(), "some bytes");
    let object = east
        .document(&format!(
            "/redundancy/streaming-playlists/hls/{}",
            video.uuid
        ))
        .await;
    assert_eq!(
        (&object["type"], &object["url"]["href"]),
        (&json!("CacheFile"), &json!(base))
    );
    let home_root = home.app.root().await;
    let list = format!("{path}?target=my-videos");
    assert_eq!(
        home.app
            .get(&list)
            .token(&home_root)
            .await
            .expect(200)
            .json()["total"],
        1
    );
    let list = format!("{path}?target=remote-videos");
    let listed = east.app.get(&list).token(&root).await.expect(200).json();
    let mirror = &listed["data"][0]["redundancies"]["streamingPlaylists"][0];
    assert_eq!(
        (&mirror["strategy"], &mirror["size"]),
        (&json!("manual"), &json!(20))
    );

    // Nobody takes it away for another, or puts one of theirs at a place that is not theirs.
    let mut forged = object.clone();
    forged["id"] = json!(ronja.url("/mirrors/1"));
    let create = ronja.activity("Create", 120, forged);
    assert_eq!(ronja.deliver(&home, "/inbox", &create).await, 204);
    let undo = ronja.activity("Undo", 121, ronja.activity("Create", 122, object));
    assert_eq!(ronja.deliver(&home, "/inbox", &undo).await, 204);
    settle(&[&home]).await;
    assert_eq!(
        details(&home, &video).await["streamingPlaylists"][0]["redundancies"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    east.app
        .delete(&format!("{path}/{}", mirror["id"]))
        .token(&root)
        .await
        .expect(204);
    settle(&[&home, &east]).await;
    assert_eq!(
        details(&home, &video).await["streamingPlaylists"][0]["redundancies"],
        json!([])
    );
    east.app.get(&file).await.expect(404);
    home.app.get(path).token(&home_root).await.expect(400);
    let allow = format!("/api/v1/server/redundancy/{}", home.host());
    east.app
        .put(&allow)
        .token(&root)
        .json(json!({ "redundancyAllowed": true }))
        .await
        .expect(204);
    east.app
        .put("/api/v1/server/redundancy/nowhere.example")
        .token(&root)
        .json(json!({ "redundancyAllowed": true }))
        .await
        .expect(404);
}

#[tokio::test]
async fn a_report_comes_to_the_moderators_of_the_video() {
    let (home, east, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    east.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    settle(&[&home, &east]).await;
    let mia = east.app.user("mia").await;
    let copy = details(&east, &video).await;
    let body = json!({
        "reason": "This is my film", "predefinedReasons": ["rights"],
        "video": { "id": copy["id"], "startAt": 3 },
    });
    east.app
        .post("/api/v1/abuses")
        .token(&mia)
        .json(body)
        .await
        .expect(200);
    settle(&[&home, &east]).await;
    let root = home.app.root().await;
    let reports = home
        .app
        .get("/api/v1/abuses")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&reports["total"], &reports["data"][0]["reason"]),
        (&json!(1), &json!("This is my film"))
    );
    assert_eq!(reports["data"][0]["predefinedReasons"], json!(["rights"]));
    assert_eq!(
        reports["data"][0]["reporterAccount"]["host"],
        json!(east.host())
    );
    assert_eq!(reports["data"][0]["video"]["startAt"], 3);
    // About nothing of ours, or without a word: nothing is kept.
    let url = home.url(&format!("/videos/watch/{}", video.uuid));
    for (number, object, content) in [(130, ronja.url("/v/1"), "spam"), (131, url, "x")] {
        let mut flag = ronja.activity("Flag", number, json!(object));
        flag["content"] = json!(content);
        assert_eq!(ronja.deliver(&home, "/inbox", &flag).await, 204);
    }
    settle(&[&home]).await;
    let reports = home
        .app
        .get("/api/v1/abuses")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(reports["total"], 1);
}

#[tokio::test]
async fn a_comment_that_was_held_is_told_to_its_author_when_it_is_let_through() {
    let (home, east) = (Site::new().await, Site::new().await);
    east.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    home.change_video(
        video.id,
        "UPDATE video SET comments_policy = 3 WHERE id = $1",
    )
    .await;
    settle(&[&home, &east]).await;
    let mia = east.app.user("mia").await;
    let threads = format!("/api/v1/videos/{}/comment-threads", video.uuid);
    east.app
        .post(&threads)
        .token(&mia)
        .json(json!({ "text": "First" }))
        .await
        .expect(200);
    settle(&[&home, &east]).await;
    assert_eq!(home.app.get(&threads).await.expect(200).json()["total"], 0);
    let (id,): (i64,) = Query::new("SELECT id FROM comment WHERE held")
        .one(&home.app.db)
        .await
        .unwrap();
    let document = format!("/videos/watch/{}/comments/{id}/approve-reply", video.uuid);
    home.ask(&document).await.expect(404);
    let root = home.app.root().await;
    let approve = format!("/api/v1/videos/{}/comments/{id}/approve", video.uuid);
    home.app.post(&approve).token(&root).await.expect(204);
    settle(&[&home, &east]).await;
    assert_eq!(home.app.get(&threads).await.expect(200).json()["total"], 1);
    let approval = home.document(&document).await;
    assert_eq!(
        (&approval["type"], &approval["actor"]),
        (&json!("ApproveReply"), &json!(home.url("/accounts/root")))
    );
    let sent = number(
        &home,
        "SELECT count(*) FROM sent_activity WHERE kind = 'ApproveReply'",
    )
    .await;
    assert_eq!(sent, 1);
}
