//! Whom a site follows by itself, and what its administrator keeps out.

use super::inbox::Stranger;
use super::site::{Site, settle};
use base::db::Query;
use base::job::NewJob;
use serde_json::{Value, json};

/// The hosts that a site follows or is followed by, as its API lists them.
async fn hosts(site: &Site, list: &str) -> Vec<String> {
    let path = format!("/api/v1/server/{list}");
    let side = if list == "following" {
        "following"
    } else {
        "follower"
    };
    let all = site.app.get(&path).await.expect(200).json();
    let rows = all["data"].as_array().unwrap().iter();
    let mut hosts: Vec<String> = rows
        .filter(|row| row["state"] == "accepted")
        .map(|row| row[side]["host"].as_str().unwrap().to_owned())
        .collect();
    hosts.sort();
    hosts
}

#[tokio::test]
async fn the_servers_of_an_index_are_followed_but_for_those_that_are_muted() {
    let (home, east, west, index) = (
        Site::new().await,
        Site::new().await,
        Site::new().await,
        Stranger::new().await,
    );
    let muted = Site::new().await;
    let root = home.app.root().await;
    home.app
        .post("/api/v1/server/blocklist/servers")
        .token(&root)
        .json(json!({ "host": muted.host() }))
        .await
        .expect(204);
    let entry = |host: String| json!({ "host": host });
    index.put(
        "/api/v1/instances/hosts",
        json!({ "total": 6, "data": [
            entry(east.host()), entry(west.host()), entry(muted.host()), entry(home.host()),
            entry("not a host/".to_owned()), { "name": "nothing" },
        ] }),
    );
    let all = [&home, &east, &west, &muted];
    let look = async || {
        NewJob::new("federation_follow_index", json!({}))
            .enqueue(&home.app.db, home.app.clock.now())
            .await
            .unwrap();
        settle(&all).await;
    };
    let url = index.url("/api/v1/instances/hosts");
    let enable = |on: bool| json!({ "followings": { "instance": { "autoFollowIndex": { "enabled": on, "indexUrl": url } } } });
    home.change_settings(enable(false)).await;
    look().await;
    assert!(hosts(&home, "following").await.is_empty());
    home.change_settings(enable(true)).await;
    look().await;
    look().await;
    let mut both = vec![east.host(), west.host()];
    both.sort();
    assert_eq!(hosts(&home, "following").await, both);
    assert_eq!(hosts(&east, "followers").await, [home.host()]);
    assert!(hosts(&muted, "followers").await.is_empty());
}

#[tokio::test]
async fn who_follows_this_site_is_followed_back_if_it_wants_that() {
    for (enabled, count) in [(false, 0), (true, 1)] {
        let (home, east) = (Site::new().await, Site::new().await);
        let back = json!({ "autoFollowBack": { "enabled": enabled } });
        home.change_settings(json!({ "followings": { "instance": back } }))
            .await;
        east.follow(&home).await;
        assert_eq!(hosts(&home, "followers").await, [east.host()]);
        assert_eq!(hosts(&home, "following").await.len(), count);
        assert_eq!(hosts(&east, "followers").await.len(), count);
    }
}

#[tokio::test]
async fn channels_can_be_closed_to_followers_of_other_servers_and_videos_to_their_comments() {
    let site = Site::with(|config| config.federation.accept_comments = false).await;
    let ronja = Stranger::new().await;
    ronja.put("/users/ronja/inbox", Value::Null);
    site.change_settings(json!({ "followers": { "channels": { "enabled": false } } }))
        .await;
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    settle(&[&site]).await;
    let followers = site
        .document("/video-channels/root_channel/followers")
        .await;
    assert_eq!(followers["totalItems"], 0);
    let kinds: Vec<(String,)> = Query::new("SELECT kind FROM sent_activity")
        .all(&site.app.db)
        .await
        .unwrap();
    assert_eq!(kinds, [("Reject".to_owned(),)]);

    let video = site.publish("A walk by the sea").await;
    settle(&[&site]).await;
    let note = json!({
        "type": "Note", "id": ronja.url("/notes/1"), "content": "<p>Hello</p>",
        "inReplyTo": site.url(&format!("/videos/watch/{}", video.uuid)),
        "attributedTo": ronja.url("/users/ronja"), "to": ["as:Public"],
        "published": "2026-10-31T00:00:00Z",
    });
    let create = ronja.activity("Create", 2, note);
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    let (comments,): (i64,) = Query::new("SELECT count(*) FROM comment")
        .one(&site.app.db)
        .await
        .unwrap();
    assert_eq!(comments, 0);
}

#[tokio::test]
async fn a_blocked_video_is_taken_back_only_if_the_moderator_says_so() {
    let (home, east) = (Site::new().await, Site::new().await);
    east.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    settle(&[&home, &east]).await;
    let root = home.app.root().await;
    let path = format!("/api/v1/videos/{}/blacklist", video.uuid);
    for (unfederate, is_there) in [(false, true), (true, false)] {
        let body = json!({ "reason": "Storm", "unfederate": unfederate });
        home.app
            .post(&path)
            .token(&root)
            .json(body)
            .await
            .expect(204);
        settle(&[&home, &east]).await;
        let copy = east.video(video.uuid).await;
        assert_eq!(copy.is_some(), is_there, "unfederate: {unfederate}");
        // Another reason does not change what others were told.
        let body = json!({ "reason": "Hail" });
        let again = home.app.post(&path).token(&root).json(body);
        again.await.expect(204);
        home.app.delete(&path).token(&root).await.expect(204);
        settle(&[&home, &east]).await;
        assert!(east.video(video.uuid).await.is_some());
    }
}

#[tokio::test]
async fn who_runs_a_channel_sends_a_follower_away_and_their_server_hears_of_it() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    ronja.put("/users/ronja/inbox", Value::Null);
    let root = site.app.root().await;
    let other = site.app.user("other").await;
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    let uri = json!({ "uri": format!("root_channel@{}", site.host()) });
    let subscribed = site.app.post("/api/v1/users/me/subscriptions");
    subscribed.token(&other).json(uri).await.expect(204);
    settle(&[&site]).await;
    let list = "/api/v1/video-channels/root_channel/followers";
    let total = async || {
        let found = site.app.get(list).token(&root).await.expect(200).json();
        let channel = site.app.get("/api/v1/video-channels/root_channel").await;
        assert_eq!(channel.json()["followersCount"], found["total"]);
        found["total"].as_i64().unwrap()
    };
    assert_eq!(total().await, 2);

    let host = ronja.base.strip_prefix("http://").unwrap();
    let path = format!("{list}/ronja@{host}");
    let call = || site.app.delete(&path);
    call().await.expect(401);
    call().token(&other).await.expect(403);
    call().token(&root).await.expect(204);
    call().token(&root).await.expect(404);
    settle(&[&site]).await;
    let kinds: Vec<(String,)> = Query::new("SELECT kind FROM sent_activity ORDER BY kind")
        .all(&site.app.db)
        .await
        .unwrap();
    assert_eq!(kinds, [("Accept".to_owned(),), ("Reject".to_owned(),)]);
    assert_eq!(total().await, 1);

    // The page asks first; who is of this site is only no longer there.
    let page = "/my/channels/root_channel/followers";
    let shown = site.app.get(page).token(&root).await.expect(200).text();
    assert!(
        shown.contains("@other") && !shown.contains("ronja"),
        "{shown}"
    );
    site.app.get(page).token(&other).await.expect(403);
    let send = |fields: &[(&str, &str)]| site.app.post(page).token(&root).form(fields);
    let asked = send(&[("act", "remove:other")]).await.expect(200).text();
    assert!(asked.contains("Send other away?"), "{asked}");
    assert_eq!(total().await, 1);
    send(&[("act", "remove:other"), ("sure", "1")])
        .await
        .expect(303);
    assert_eq!(total().await, 0);
    let path = "/api/v1/accounts/root/followers/other";
    site.app.delete(path).token(&root).await.expect(404);
    site.app.delete(path).token(&other).await.expect(403);
}
