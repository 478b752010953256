//! What other servers drop without a word goes here too, and what is old is read anew.

use super::inbox::Stranger;
use super::site::{Site, settle};
use super::videos::{UUID, follow_ronja, put_video};
use base::db::Query;
use base::job::NewJob;
use fediverse::context::Context;
use serde_json::{Value, json};

async fn count(site: &Site, query: &'static str) -> i64 {
    let (count,) = Query::new(query).one(&site.app.db).await.unwrap();
    count
}

/// A good week later the cleaner comes round.
async fn clean(site: &Site) {
    site.app.clock.advance(8 * 86_400_000);
    NewJob::new("federation_clean", json!({}))
        .enqueue(&site.app.db, site.app.clock.now())
        .await
        .unwrap();
    settle(&[site]).await;
}

#[tokio::test]
async fn likes_comments_and_announces_that_are_gone_three_times_are_forgotten() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let mut server = eva.person("ronja");
    server["type"] = json!("Application");
    eva.put("/users/ronja", server);
    let video = site.publish("A walk by the sea").await;
    settle(&[&site]).await;
    let url = site.url(&format!("/videos/watch/{}", video.uuid));
    let note = Context::Comment.on(json!({
        "type": "Note", "id": ronja.url("/notes/1"), "content": "<p>Calm</p>", "inReplyTo": url,
        "attributedTo": ronja.url("/users/ronja"), "to": ["as:Public"],
        "published": "2026-10-31T00:00:00Z",
    }));
    let like = ronja.activity("Like", 1, json!(url));
    let create = ronja.activity("Create", 2, note.clone());
    let announce = eva.activity("Announce", 3, json!(url));
    ronja.put("/activities/1", like.clone());
    ronja.put("/notes/1", note);
    eva.put("/activities/3", announce.clone());
    assert_eq!(ronja.deliver(&site, "/inbox", &like).await, 204);
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    assert_eq!(eva.deliver(&site, "/inbox", &announce).await, 204);
    settle(&[&site]).await;
    let kept = async || {
        let video = site.video(video.uuid).await.unwrap();
        let shares = count(&site, "SELECT count(*) FROM share").await;
        (video.likes, video.comment_count, shares)
    };
    assert_eq!(kept().await, (1, 1, 3));
    clean(&site).await;
    assert_eq!(kept().await, (1, 1, 3), "all is there still");
    // A server that answers something else has not lost it.
    ronja.put("/activities/1", Value::Null);
    ronja.put("/notes/1", Value::Null);
    eva.put("/activities/3", Value::Null);
    for _ in 0..4 {
        clean(&site).await;
    }
    assert_eq!(kept().await, (1, 1, 3));
    ronja.remove("/activities/1");
    ronja.remove("/notes/1");
    eva.remove("/activities/3");
    for _ in 0..2 {
        clean(&site).await;
        assert_eq!(kept().await, (1, 1, 3));
    }
    clean(&site).await;
    assert_eq!(kept().await, (0, 0, 2));
}

#[tokio::test]
async fn old_copies_are_read_anew_and_go_when_their_server_has_lost_them() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    follow_ronja(&site, &ronja).await;
    let mut video = put_video(&ronja, UUID);
    let create = ronja.activity("Create", 10, video.clone());
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    let list = ronja.url("/playlists/1");
    let mut playlist = json!({
        "type": "Playlist", "id": list, "uuid": "0c6bd7f5-3d8c-4f0e-9a4f-0a4fb6d1c001",
        "name": "Mine", "attributedTo": [ronja.url("/channels/sea")], "totalItems": 0,
        "to": ["as:Public"], "published": "2026-10-01T00:00:00Z",
    });
    ronja.put("/playlists/1", playlist.clone());
    let create = ronja.activity("Create", 11, playlist.clone());
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    let names = async || -> Vec<(String,)> {
        Query::new(
            "SELECT name FROM video WHERE NOT is_local UNION ALL
             SELECT display_name FROM playlist WHERE NOT is_local",
        )
        .all(&site.app.db)
        .await
        .unwrap()
    };
    let both = |video: &str, list: &str| vec![(video.to_owned(),), (list.to_owned(),)];
    assert_eq!(names().await, both("Storm", "Mine"));

    // Nobody says that they have changed. Somebody watches; three days old it is read anew.
    video["name"] = json!("Calm");
    ronja.put(&format!("/v/{UUID}"), video.clone());
    let watch = async |session: &str| {
        for second in [0, 11] {
            let body = json!({ "currentTime": second, "sessionId": session });
            let path = format!("/api/v1/videos/{UUID}/views");
            site.app.post(&path).json(body).await.expect(204);
        }
        settle(&[&site]).await;
    };
    watch("first").await;
    assert_eq!(names().await, both("Storm", "Mine"));
    site.app.clock.advance(3 * 86_400_000);
    watch("second").await;
    assert_eq!(names().await, both("Calm", "Mine"));

    video["name"] = json!("Tide");
    playlist["name"] = json!("Ours");
    ronja.put(&format!("/v/{UUID}"), video);
    ronja.put("/playlists/1", playlist);
    clean(&site).await;
    assert_eq!(names().await, both("Tide", "Ours"));
    // What cannot be read is kept as it was; what is gone goes.
    ronja.put(&format!("/v/{UUID}"), Value::Null);
    ronja.put("/playlists/1", Value::Null);
    clean(&site).await;
    assert_eq!(names().await, both("Tide", "Ours"));
    ronja.remove(&format!("/v/{UUID}"));
    ronja.remove("/playlists/1");
    clean(&site).await;
    assert!(names().await.is_empty());
}
