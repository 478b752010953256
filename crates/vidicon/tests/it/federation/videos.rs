//! The life of a video across servers, and those who meddle with it.

use super::inbox::Stranger;
use super::site::{Site, settle};
use base::db::Query;
use fediverse::address::Rules;
use fediverse::context::Context;
use serde_json::{Value, json};
use vidicon::video::Privacy;

pub const PRIVATE: &str = "UPDATE video SET privacy = 3 WHERE id = $1";
pub const RENAMED: &str =
    "UPDATE video SET name = 'Another walk', updated_at = updated_at + 1 WHERE id = $1";

async fn count(site: &Site, query: &'static str) -> i64 {
    let (count,) = Query::new(query).one(&site.app.db).await.unwrap();
    count
}

#[tokio::test]
async fn a_video_comes_changes_and_goes_on_both_servers() {
    let (ours, theirs) = (Site::new().await, Site::new().await);
    theirs.follow(&ours).await;
    let video = ours.publish("A walk by the sea").await;
    settle(&[&ours, &theirs]).await;
    let copy = theirs.video(video.uuid).await.expect("the copy");
    assert!(!copy.is_local);
    assert_eq!(
        (copy.name.as_str(), copy.duration_s, copy.privacy),
        ("A walk by the sea", 12, Privacy::Public)
    );
    assert_eq!(
        copy.url.as_deref(),
        Some(ours.url(&format!("/videos/watch/{}", video.uuid)).as_str())
    );
    assert_eq!(
        (copy.channel_name.as_str(), copy.channel_host.as_str()),
        ("root_channel", ours.host().as_str())
    );
    assert_eq!(
        (copy.published_at, copy.listed, &copy.tags),
        (video.published_at, 1, &video.tags)
    );
    let files: Vec<(String, String)> = Query::new("SELECT kind, url FROM video_file ORDER BY kind")
        .all(&theirs.app.db)
        .await
        .unwrap();
    assert_eq!(files.len(), 2);
    assert_eq!(
        files[1].1,
        ours.url(&format!("/static/web-videos/{}-whole.mp4", video.uuid))
    );
    // The server and the channel have both announced it; here, and as it was heard there.
    assert_eq!(count(&ours, "SELECT count(*) FROM share").await, 2);
    assert_eq!(count(&theirs, "SELECT count(*) FROM share").await, 2);

    ours.change_video(video.id, RENAMED).await;
    settle(&[&ours, &theirs]).await;
    assert_eq!(theirs.video(video.uuid).await.unwrap().name, "Another walk");

    ours.change_video(video.id, PRIVATE).await;
    settle(&[&ours, &theirs]).await;
    assert!(theirs.video(video.uuid).await.is_none());
    assert_eq!(
        count(&theirs, "SELECT count(*) FROM video_count WHERE videos > 0").await,
        0
    );

    ours.change_video(video.id, "UPDATE video SET privacy = 1 WHERE id = $1")
        .await;
    settle(&[&ours, &theirs]).await;
    assert!(theirs.video(video.uuid).await.is_some());
    let video = ours.video(video.uuid).await.unwrap();
    vidicon::video::delete(&ours.app, &video).await.unwrap();
    settle(&[&ours, &theirs]).await;
    assert!(theirs.video(video.uuid).await.is_none());
}

#[tokio::test]
async fn a_video_is_read_by_programs_and_only_if_it_is_public() {
    let site = Site::new().await;
    let video = site.publish("A walk by the sea").await;
    let path = format!("/videos/watch/{}", video.uuid);
    let document = site.document(&path).await;
    assert_eq!(site.document(&video.watch_path()).await, document);
    let read = fediverse::video::Video::read(&document, Rules { http_allowed: true }).unwrap();
    assert_eq!(
        (read.name.as_str(), read.files.len(), read.playlists.len()),
        ("A walk by the sea", 1, 1)
    );
    assert_eq!(
        read.channel_candidates()[0].as_str(),
        site.url("/video-channels/root_channel")
    );
    assert_eq!(document["url"][0]["mediaType"], "text/html");
    assert_eq!(document["attachment"][0]["mediaType"], "video/mp4");
    for part in [
        "activity",
        "likes",
        "dislikes",
        "comments",
        "announces",
        "chapters",
    ] {
        site.app.get(&format!("{path}/{part}")).await.expect(200);
    }
    assert_eq!(
        site.document(&format!("{path}/chapters")).await["hasPart"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let outbox = site.document("/accounts/root/outbox?page=1").await;
    assert_eq!(outbox["orderedItems"][0]["object"], document["id"]);
    for change in [
        PRIVATE,
        "UPDATE video SET privacy = 1, blocked = TRUE WHERE id = $1",
        "UPDATE video SET blocked = FALSE, state = 2 WHERE id = $1",
    ] {
        site.change_video(video.id, change).await;
        site.ask(&path).await.expect(404);
        site.app.get(&format!("{path}/activity")).await.expect(404);
        assert_eq!(
            site.document("/accounts/root/outbox").await["totalItems"],
            0,
            "{change}"
        );
    }
    let number = format!("/videos/watch/{}", video.id);
    site.ask(&number).await.expect(404);
}

/// A stranger's video on the stranger's server, with its channel.
pub fn put_video(stranger: &Stranger, uuid: &str) -> Value {
    let channel = stranger.url("/channels/sea");
    let mut group = stranger.person("sea");
    for (key, value) in [
        ("type", json!("Group")),
        ("id", json!(channel)),
        ("inbox", json!(format!("{channel}/inbox"))),
        (
            "attributedTo",
            json!([{ "type": "Person", "id": stranger.url("/users/ronja") }]),
        ),
        (
            "publicKey",
            json!({
                "id": format!("{channel}#main-key"), "owner": channel,
                "publicKeyPem": stranger.key.public_pem().unwrap(),
            }),
        ),
    ] {
        group[key] = value;
    }
    stranger.put("/channels/sea", group);
    let video = Context::Video.on(json!({
        "type": "Video", "id": stranger.url(&format!("/v/{uuid}")), "uuid": uuid, "name": "Storm",
        "duration": "PT60S", "views": 3, "published": "2026-10-01T00:00:00.000Z",
        "icon": [], "url": [{ "type": "Link", "mediaType": "video/mp4", "href": stranger.url("/1.mp4"),
            "height": 720, "size": 1, "fps": 25 }],
        "attributedTo": [stranger.url("/users/ronja"), channel], "to": ["as:Public"], "cc": [],
    }));
    stranger.put(&format!("/v/{uuid}"), video.clone());
    video
}

pub const UUID: &str = "6f1b0d0e-9e7c-4f0e-8a55-3c1b8a5f0a11";

/// As if somebody here had followed the stranger.
pub async fn follow_ronja(site: &Site, ronja: &Stranger) {
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(site, "/inbox", &follow).await, 204);
    settle(&[site]).await;
    Query::new(
        "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
         SELECT me.id, x.id, 'accepted', 1, 1 FROM actor me, actor x
         WHERE me.name = 'root' AND me.host = '' AND x.url = $1",
    )
    .bind(ronja.url("/users/ronja"))
    .execute(&site.app.db)
    .await
    .unwrap();
}

#[tokio::test]
async fn only_what_somebody_follows_is_kept() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let video = put_video(&ronja, UUID);
    let create = ronja.activity("Create", 10, video.clone());
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    assert!(site.video(UUID.parse().unwrap()).await.is_none());
    follow_ronja(&site, &ronja).await;
    let create = ronja.activity("Create", 11, video);
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    let copy = site.video(UUID.parse().unwrap()).await.unwrap();
    assert_eq!(
        (copy.name.as_str(), copy.views, copy.channel_name.as_str()),
        ("Storm", 3, "sea")
    );
}

#[tokio::test]
async fn a_video_is_changed_by_its_own_server_alone() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    follow_ronja(&site, &ronja).await;
    let video = put_video(&ronja, UUID);
    let create = ronja.activity("Create", 10, video.clone());
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    let mut forged = video.clone();
    forged["name"] = json!("Forged");
    let id = video["id"].clone();
    for (number, (kind, object)) in [
        ("Update", forged.clone()),
        ("Delete", id.clone()),
        ("Create", forged.clone()),
        ("Delete", json!({"type": "Tombstone", "id": id})),
    ]
    .into_iter()
    .enumerate()
    {
        let activity = eva.activity(kind, 20 + u32::try_from(number).unwrap(), object);
        assert_eq!(eva.deliver(&site, "/inbox", &activity).await, 204);
    }
    // From the right server, but with other words than its document has: the document counts.
    let update = ronja.activity("Update", 30, forged);
    assert_eq!(ronja.deliver(&site, "/inbox", &update).await, 204);
    settle(&[&site]).await;
    assert_eq!(
        site.video(UUID.parse().unwrap()).await.unwrap().name,
        "Storm"
    );
    let delete = ronja.activity("Delete", 31, id);
    assert_eq!(ronja.deliver(&site, "/inbox", &delete).await, 204);
    settle(&[&site]).await;
    assert!(site.video(UUID.parse().unwrap()).await.is_none());
}

#[tokio::test]
async fn a_video_needs_a_channel_of_its_own_server_and_a_uuid_of_its_own() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    follow_ronja(&site, &ronja).await;
    let own = site.publish("Ours").await;
    settle(&[&site]).await;
    let good = put_video(&ronja, UUID);
    let mut number = 40;
    for (key, value) in [
        (
            "attributedTo",
            json!([{ "type": "Group", "id": site.url("/video-channels/root_channel") }]),
        ),
        ("attributedTo", json!([])),
        (
            "attributedTo",
            json!([{ "type": "Group", "id": ronja.url("/users/ronja") }]),
        ),
        ("uuid", json!(own.uuid)),
        ("uuid", json!("../../etc/passwd")),
        ("to", json!([ronja.url("/users/ronja/followers")])),
        ("duration", json!("an hour")),
        (
            "id",
            json!(site.url(&format!("/videos/watch/{}", own.uuid))),
        ),
    ] {
        let mut bad = good.clone();
        bad[key] = value.clone();
        ronja.put(&format!("/v/{UUID}"), bad);
        number += 1;
        let create = ronja.activity("Create", number, good["id"].clone());
        assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
        settle(&[&site]).await;
        assert!(
            site.video(UUID.parse().unwrap()).await.is_none(),
            "{key} {value}"
        );
    }
    let own = site.video(own.uuid).await.unwrap();
    assert!(own.is_local && own.name == "Ours");
}

#[tokio::test]
async fn likes_of_others_are_counted_once_for_each_and_told() {
    let (ours, theirs, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    theirs.follow(&ours).await;
    let video = ours.publish("A walk by the sea").await;
    settle(&[&ours, &theirs]).await;
    let url = ours.url(&format!("/videos/watch/{}", video.uuid));
    for number in [50, 51] {
        assert_eq!(
            ronja
                .deliver(&ours, "/inbox", &ronja.activity("Like", number, json!(url)))
                .await,
            204
        );
    }
    settle(&[&ours, &theirs]).await;
    assert_eq!(ours.video(video.uuid).await.unwrap().likes, 1);
    assert_eq!(
        ours.document(&format!("/videos/watch/{}/likes", video.uuid))
            .await["totalItems"],
        1
    );
    let like = ronja.activity("Like", 50, json!(url));
    assert_eq!(
        ronja
            .deliver(&ours, "/inbox", &ronja.activity("Undo", 52, like))
            .await,
        204
    );
    settle(&[&ours]).await;
    assert_eq!(ours.video(video.uuid).await.unwrap().likes, 0);
    ours.change_video(video.id, PRIVATE).await;
    assert_eq!(
        ronja
            .deliver(&ours, "/inbox", &ronja.activity("Like", 53, json!(url)))
            .await,
        204
    );
    settle(&[&ours]).await;
    assert_eq!(ours.video(video.uuid).await.unwrap().likes, 0);
}

#[tokio::test]
async fn emoji_of_others_are_counted_once_for_each() {
    let (ours, ronja) = (Site::new().await, Stranger::new().await);
    let video = ours.publish("A walk by the sea").await;
    settle(&[&ours]).await;
    let url = ours.url(&format!("/videos/watch/{}", video.uuid));
    let reaction = |kind: &str, number: u32, emoji: &str| {
        let mut activity = ronja.activity(kind, number, json!(url));
        activity["content"] = json!(emoji);
        activity
    };
    let deliver = async |activity: serde_json::Value| {
        assert_eq!(ronja.deliver(&ours, "/inbox", &activity).await, 204);
        settle(&[&ours]).await;
        let path = format!("/api/v1/videos/{}/reactions", video.uuid);
        let found = ours.app.get(&path).await.expect(200).json();
        let all = found["data"].as_array().unwrap();
        let count =
            |emoji: &str| all.iter().find(|it| it["emoji"] == emoji).unwrap()["count"].clone();
        (
            count("🎉"),
            count("😂"),
            ours.video(video.uuid).await.unwrap().likes,
        )
    };
    let is = |party: i64, laugh: i64, likes: i64| (json!(party), json!(laugh), likes);
    // Pleroma and its kin, twice; Misskey; one that the site does not have, which is a like.
    assert_eq!(deliver(reaction("EmojiReact", 60, "🎉")).await, is(1, 0, 0));
    assert_eq!(deliver(reaction("EmojiReact", 61, "🎉")).await, is(1, 0, 0));
    assert_eq!(deliver(reaction("Like", 62, "😂")).await, is(1, 1, 0));
    assert_eq!(deliver(reaction("EmojiReact", 63, "🦀")).await, is(1, 1, 0));
    assert_eq!(deliver(reaction("Like", 64, "🦀")).await, is(1, 1, 1));
    let undo = |number: u32, inner| ronja.activity("Undo", number, inner);
    let first = reaction("EmojiReact", 60, "🎉");
    assert_eq!(deliver(undo(65, first)).await, is(0, 1, 1));
    let second = reaction("Like", 62, "😂");
    assert_eq!(deliver(undo(66, second)).await, is(0, 0, 1));
}

#[tokio::test]
async fn a_reaction_is_told_to_the_server_of_the_video_and_taken_back_there() {
    let (ours, theirs) = (Site::new().await, Site::new().await);
    theirs.follow(&ours).await;
    let video = ours.publish("A walk by the sea").await;
    settle(&[&ours, &theirs]).await;
    let bob = theirs.app.user("bob").await;
    let path = format!("/api/v1/videos/{}/reactions", video.uuid);
    let react = async |is_on: bool, emoji: &str| {
        let path = format!("{path}/{emoji}");
        let call = if is_on {
            theirs.app.put(&path)
        } else {
            theirs.app.delete(&path)
        };
        call.token(&bob).await.expect(204);
    };
    let counted = async || {
        settle(&[&ours, &theirs]).await;
        let found = ours.app.get(&path).await.expect(200).json();
        (
            found["total"].as_i64(),
            ours.video(video.uuid).await.unwrap().likes,
        )
    };
    let (party, laugh) = ("%F0%9F%8E%89", "%F0%9F%98%82");
    react(true, party).await;
    react(true, party).await;
    assert_eq!(counted().await, (Some(1), 0));
    react(true, laugh).await;
    assert_eq!(counted().await, (Some(2), 0));
    react(false, party).await;
    assert_eq!(counted().await, (Some(1), 0));
    // A second time is another reaction, and one that is over before it was told is none.
    theirs.app.clock.advance(1000);
    react(true, party).await;
    react(false, laugh).await;
    react(true, laugh).await;
    assert_eq!(counted().await, (Some(2), 0));
    let told = count(&theirs, "SELECT count(*) FROM federated_reaction").await;
    assert_eq!(told, 2);
}
