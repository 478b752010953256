//! What becomes of a video over time: another channel, a live that begins and ends, other terms.

use super::inbox::Stranger;
use super::site::{Site, settle};
use super::videos::{UUID, follow_ronja, put_video};
use base::db::Query;
use serde_json::{Value, json};
use uuid::Uuid;
use vidicon::video::Privacy;

fn uuid() -> Uuid {
    UUID.parse().unwrap()
}

/// Ronja says that her video has changed, with its new document at its address.
async fn update(site: &Site, ronja: &Stranger, number: u32, video: &Value) {
    ronja.put(&format!("/v/{UUID}"), video.clone());
    let update = ronja.activity("Update", number, video.clone());
    assert_eq!(ronja.deliver(site, "/inbox", &update).await, 204);
    settle(&[site]).await;
}

async fn details(site: &Site) -> Value {
    let path = format!("/api/v1/videos/{UUID}");
    site.app.get(&path).await.expect(200).json()
}

#[tokio::test]
async fn a_video_changes_its_channel_on_all_servers() {
    let (home, east, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    let root = home.app.root().await;
    let made = json!({ "name": "storms", "displayName": "Storms" });
    let made = home
        .app
        .post("/api/v1/video-channels")
        .token(&root)
        .json(made);
    let channel = made.await.expect(200).json()["videoChannel"]["id"].clone();
    east.follow(&home).await;
    // Somebody follows the old channel alone.
    let follow = ronja.activity("Follow", 1, json!(home.url("/video-channels/root_channel")));
    ronja.put("/users/ronja/inbox", Value::Null);
    assert_eq!(ronja.deliver(&home, "/inbox", &follow).await, 204);
    let video = home.publish("A walk by the sea").await;
    settle(&[&home, &east]).await;
    for (channel, name) in [
        (channel, "storms"),
        (json!(video.channel_id), "root_channel"),
    ] {
        let path = format!("/api/v1/videos/{}", video.uuid);
        let body = json!({ "channelId": channel });
        home.app
            .put(&path)
            .token(&root)
            .json(body)
            .await
            .expect(204);
        settle(&[&home, &east]).await;
        let copy = east.video(video.uuid).await.unwrap();
        assert_eq!(copy.channel_name, name);
        // Its own server and its channel of now are those that show it, here and there.
        for site in [&home, &east] {
            let sharers: Vec<(String,)> = Query::new(
                "SELECT x.name FROM share s JOIN actor x ON x.id = s.actor_id ORDER BY x.name",
            )
            .all(&site.app.db)
            .await
            .unwrap();
            let names: Vec<&str> = sharers.iter().map(|(name,)| name.as_str()).collect();
            assert_eq!(names, ["peertube", name], "{}", site.host());
        }
        // Nobody counts it twice.
        let path = format!("/api/v1/video-channels/{name}@{}/videos", home.host());
        let listed = east.app.get(&path).await.expect(200).json();
        assert_eq!(listed["total"], 1, "{name}");
    }
    let (undone,): (i64,) = Query::new(
        "SELECT count(*) FROM sent_activity s JOIN actor x ON x.id = s.actor_id
         WHERE s.kind = 'Undo' AND x.name = 'root_channel'",
    )
    .one(&home.app.db)
    .await
    .unwrap();
    assert_eq!(undone, 1);
    let signed = home.expect_all_signed().await;
    assert!(signed.contains(&"Undo Announce".to_owned()), "{signed:?}");
}

#[tokio::test]
async fn a_live_of_another_server_waits_runs_and_ends_here_too() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    follow_ronja(&site, &ronja).await;
    let mut video = put_video(&ronja, UUID);
    let master = ronja.url("/live/master.m3u8");
    for (key, value) in [
        ("isLiveBroadcast", json!(true)),
        ("liveSaveReplay", json!(true)),
        ("permanentLive", json!(false)),
        ("latencyMode", json!(3)),
        (
            "schedules",
            json!([{ "startDate": "2099-05-01T18:00:00.000Z" }]),
        ),
        ("state", json!(4)),
        ("duration", json!("PT0S")),
        ("url", json!([])),
    ] {
        video[key] = value;
    }
    update(&site, &ronja, 20, &video).await;
    let seen = details(&site).await;
    assert_eq!(
        (
            &seen["isLive"],
            &seen["state"]["id"],
            &seen["streamingPlaylists"]
        ),
        (&json!(true), &json!(4), &json!([]))
    );
    let schedules = json!([{ "startAt": "2099-05-01T18:00:00.000Z" }]);
    assert_eq!(seen["liveSchedules"], schedules);
    let live = format!("/api/v1/videos/live/{}", uuid());
    assert_eq!(
        site.app.get(&live).await.expect(200).json(),
        json!({ "saveReplay": true, "permanentLive": false, "latencyMode": 3,
                "schedules": schedules })
    );
    // It begins: players get the playlist of its server.
    video["state"] = json!(1);
    video["url"] = json!([{
        "type": "Link", "mediaType": "application/x-mpegURL", "href": master, "tag": [],
    }]);
    update(&site, &ronja, 21, &video).await;
    let seen = details(&site).await;
    assert_eq!(
        (&seen["isLive"], &seen["state"]["id"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(seen["streamingPlaylists"][0]["playlistUrl"], json!(master));
    let page = site.video(uuid()).await.unwrap().watch_path();
    let page = site.app.get(&page).await;
    assert!(page.expect(200).text().contains(&master));
    // It ends, and then there is its replay.
    video["state"] = json!(5);
    video["url"] = json!([]);
    update(&site, &ronja, 22, &video).await;
    let seen = details(&site).await;
    assert_eq!(
        (&seen["state"]["id"], &seen["streamingPlaylists"]),
        (&json!(5), &json!([]))
    );
    video["state"] = json!(1);
    video["isLiveBroadcast"] = json!(false);
    video["duration"] = json!("PT90S");
    update(&site, &ronja, 23, &video).await;
    let seen = details(&site).await;
    assert_eq!(
        (&seen["isLive"], &seen["state"]["id"], &seen["duration"]),
        (&json!(false), &json!(1), &json!(90))
    );
    assert_eq!(seen.get("liveSchedules"), None);
    site.app.get(&live).await.expect(404);
}

#[tokio::test]
async fn terms_of_a_copy_are_those_of_its_server() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    follow_ronja(&site, &ronja).await;
    let mut video = put_video(&ronja, UUID);
    for (number, (licence, known)) in (30..).zip([
        (json!("CC-BY-SA-4.0"), json!(2)),
        (json!("CC-BY-NC-ND-3.0"), json!(6)),
        (json!("CC0-1.0"), json!(7)),
        (json!("MIT"), Value::Null),
        (json!("4"), json!(4)),
        (json!(5), json!(5)),
        (json!(500), Value::Null),
    ]) {
        video["licence"] = json!({ "identifier": licence, "name": "As it says" });
        update(&site, &ronja, number, &video).await;
        assert_eq!(details(&site).await["licence"]["id"], known, "{licence}");
    }
    let embed = format!("/videos/embed/{UUID}");
    let framed = async || {
        let page = site.app.get(&embed).await.expect(200);
        page.header("content-security-policy").to_owned()
    };
    assert!(framed().await.contains("frame-ancestors *"));
    video["embedUrl"] = Value::Null;
    update(&site, &ronja, 40, &video).await;
    assert!(framed().await.contains("frame-ancestors 'self'"));
    video["embedUrl"] = json!(ronja.url("/embed/1"));
    update(&site, &ronja, 41, &video).await;
    assert!(framed().await.contains("frame-ancestors *"));
    // Unlisted there, unlisted here; for its followers alone: not here.
    video["to"] = json!([]);
    video["cc"] = json!(["as:Public"]);
    update(&site, &ronja, 42, &video).await;
    assert_eq!(details(&site).await["privacy"]["id"], 2);
    video["cc"] = json!([ronja.url("/users/ronja/followers")]);
    update(&site, &ronja, 43, &video).await;
    assert!(site.video(uuid()).await.is_none());
}

#[tokio::test]
async fn where_a_video_may_be_embedded_and_what_its_files_hold_is_told() {
    let site = Site::new().await;
    let video = site.publish("A walk by the sea").await;
    let path = format!("/videos/watch/{}", video.uuid);
    let document = site.document(&path).await;
    let embed = site.url(&format!("/videos/embed/{}", video.short_uuid()));
    assert_eq!(document["embedUrl"], json!(embed));
    let links = document["url"].as_array().unwrap().iter();
    let playlist = links.clone().find(|link| link["tag"].is_array()).unwrap();
    let inner = playlist["tag"].as_array().unwrap().iter();
    let metadata: Vec<&str> = links
        .chain(inner)
        .filter(|link| link["rel"][0] == "metadata")
        .map(|link| link["href"].as_str().unwrap())
        .collect();
    assert_eq!(metadata.len(), 2);
    for href in metadata {
        let path = href.strip_prefix(&site.url("")).unwrap();
        site.app.get(path).await.expect(200);
    }
    let root = site.app.root().await;
    let body = json!({ "policy": 2, "domains": ["friend.example"] });
    let set = format!("/api/v1/videos/{}/embed-privacy", video.uuid);
    site.app.put(&set).token(&root).json(body).await.expect(204);
    let document = site.document(&path).await;
    assert!(document.as_object().unwrap().contains_key("embedUrl"));
    assert_eq!(document["embedUrl"], Value::Null);
}

#[tokio::test]
async fn the_look_of_a_player_goes_along() {
    let (home, east, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    east.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    settle(&[&home, &east]).await;
    let root = home.app.root().await;
    let path = format!("/api/v1/player-settings/videos/{}", video.uuid);
    let look = async || {
        let seen = east.app.get(&format!("{path}?raw=true")).await.expect(200);
        seen.json()["theme"].clone()
    };
    assert_eq!(look().await, "channel-default");
    let body = json!({ "theme": "lucide" });
    home.app
        .put(&path)
        .token(&root)
        .json(body)
        .await
        .expect(200);
    settle(&[&home, &east]).await;
    assert_eq!(look().await, "lucide");
    // Not a look that there is, and not one of somebody else's video.
    let east_url = json!(home.url(&format!("/videos/watch/{}", video.uuid)));
    follow_ronja(&east, &ronja).await;
    let mut theirs = put_video(&ronja, UUID);
    theirs["playerSettings"] = json!(ronja.url("/look"));
    for (number, (object, theme)) in
        (50..).zip([(east_url, "galaxy"), (theirs["id"].clone(), "../../x")])
    {
        let settings = json!({ "type": "PlayerSettings", "id": ronja.url("/look"),
            "object": object, "theme": theme });
        ronja.put("/look", settings);
        update(&east, &ronja, number, &theirs).await;
    }
    assert_eq!(look().await, "lucide");
    let own = east
        .app
        .get(&format!("/api/v1/player-settings/videos/{UUID}?raw=true"));
    assert_eq!(own.await.expect(200).json()["theme"], "channel-default");
}

#[tokio::test]
async fn unlisted_videos_are_told_only_where_the_administrator_wants_it() {
    for (told, is_there) in [(false, false), (true, true)] {
        let home = Site::with(|config| config.federation.unlisted = told).await;
        let east = Site::new().await;
        east.follow(&home).await;
        let video = home.publish("A walk by the sea").await;
        let unlisted = "UPDATE video SET privacy = 2 WHERE id = $1";
        home.change_video(video.id, unlisted).await;
        settle(&[&home, &east]).await;
        let copy = east.video(video.uuid).await;
        let privacy = copy.map(|copy| copy.privacy);
        assert_eq!(privacy, is_there.then_some(Privacy::Unlisted));
        // Nowhere in a list.
        let outbox = home.document("/accounts/root/outbox?page=1").await;
        assert!(!outbox.to_string().contains(&video.uuid.to_string()));
        let listed = east.app.get("/api/v1/videos?isLocal=false").await;
        assert_eq!(listed.expect(200).json()["total"], 0);
        let path = format!("/videos/watch/{}", video.uuid);
        if told {
            let document = home.document(&path).await;
            let public = json!(["https://www.w3.org/ns/activitystreams#Public"]);
            assert_eq!((&document["to"], &document["cc"]), (&json!([]), &public));
            let root = home.app.root().await;
            let delete = home.app.delete(&format!("/api/v1/videos/{}", video.uuid));
            delete.token(&root).await.expect(204);
            settle(&[&home, &east]).await;
            assert!(east.video(video.uuid).await.is_none());
        } else {
            home.ask(&path).await.expect(404);
        }
    }
}
