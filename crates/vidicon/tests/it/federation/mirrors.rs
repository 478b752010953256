//! Mirrors by strategy: what is taken, how long it stays, who hears of it, and whose are believed.

use super::inbox::Stranger;
use super::site::{Site, settle};
use base::db::Query;
use base::job::NewJob;
use base::storage::Class;
use serde_json::{Value, json};
use vidicon::config::MirrorStrategy;
use vidicon::video::Video;

const HOUR: i64 = 3_600_000;

async fn mirrors(site: &Site, video: &Video) -> Value {
    let path = format!("/api/v1/videos/{}", video.uuid);
    let seen = site.app.get(&path).await.expect(200).json();
    seen["streamingPlaylists"][0]["redundancies"].clone()
}

async fn round(sites: &[&Site]) {
    for site in sites {
        NewJob::new("federation_mirrors", json!({}))
            .enqueue(&site.app.db, site.app.clock.now())
            .await
            .unwrap();
    }
    settle(sites).await;
}

#[tokio::test]
async fn a_strategy_takes_what_fits_and_tells_all_who_know_the_video() {
    let (home, west) = (Site::new().await, Site::new().await);
    let east = Site::with(|config| {
        config.federation.mirrors = vec![MirrorStrategy {
            strategy: "most-views".to_owned(),
            size_bytes: 1_500,
            hours: 10,
            min_views: 2,
        }];
    })
    .await;
    let all = [&home, &east, &west];
    east.follow(&home).await;
    west.follow(&home).await;
    let (large, wanted, unseen) = (
        home.publish("Seen most, too large").await,
        home.publish("Seen").await,
        home.publish("Hardly seen").await,
    );
    for video in [&large, &wanted, &unseen] {
        for (class, file) in [
            (Class::Rendition, "part.mp4"),
            (Class::Playlist, "master.m3u8"),
        ] {
            let key = format!("{}/{}-{file}", video.uuid, video.uuid);
            let bytes = bytes::Bytes::from_static(b"some bytes");
            home.app.storage.put(class, &key, bytes).await.unwrap();
        }
    }
    home.change_video(
        large.id,
        "UPDATE video_file SET size_bytes = 5000 WHERE video_id = $1",
    )
    .await;
    for (video, change) in [
        (&large, "UPDATE video SET views = 9 WHERE id = $1"),
        (&wanted, "UPDATE video SET views = 5 WHERE id = $1"),
        (&unseen, "UPDATE video SET views = 1 WHERE id = $1"),
    ] {
        home.change_video(video.id, change).await;
    }
    settle(&all).await;
    // Not before the administrator allows it for the server.
    round(&[&east]).await;
    settle(&all).await;
    let none = json!([]);
    assert_eq!(mirrors(&home, &wanted).await, none);
    let root = east.app.root().await;
    let allow = format!("/api/v1/server/redundancy/{}", home.host());
    let body = json!({ "redundancyAllowed": true });
    east.app
        .put(&allow)
        .token(&root)
        .json(body)
        .await
        .expect(204);
    round(&[&east]).await;
    settle(&all).await;
    let base = east.url(&format!("/static/redundancy/hls/{}", wanted.uuid));
    let one = json!([{ "baseUrl": base }]);
    for site in all {
        assert_eq!(mirrors(site, &wanted).await, one, "{}", site.host());
        for other in [&large, &unseen] {
            assert_eq!(mirrors(site, other).await, none);
        }
    }

    // It stays while there is room, and nobody forgets it.
    for _ in 0..3 {
        for site in all {
            site.app.clock.advance(9 * HOUR);
        }
        round(&[&east]).await;
        settle(&all).await;
        round(&[&home, &west]).await;
        for site in [&home, &west] {
            assert_eq!(mirrors(site, &wanted).await, one, "{}", site.host());
        }
    }
    // Then the administrator does not want it any more.
    let root = east.app.root().await;
    let body = json!({ "redundancyAllowed": false });
    east.app
        .put(&allow)
        .token(&root)
        .json(body)
        .await
        .expect(204);
    settle(&all).await;
    for site in all {
        assert_eq!(mirrors(site, &wanted).await, none, "{}", site.host());
    }
}

#[tokio::test]
async fn whose_mirrors_are_believed_is_the_administrators_word() {
    for (accept, before, after) in [("anybody", 1, 1), ("followings", 0, 1), ("nobody", 0, 0)] {
        let site =
            Site::with(|config| accept.clone_into(&mut config.federation.accept_mirrors)).await;
        let ronja = Stranger::new().await;
        let mut server = ronja.person("ronja");
        server["type"] = json!("Application");
        ronja.put("/users/ronja", server);
        let video = site.publish("A walk by the sea").await;
        settle(&[&site]).await;
        let told = async |number: u32| {
            let create = ronja.activity(
                "Create",
                number,
                json!({
                    "type": "CacheFile", "id": ronja.url("/mirrors/1"), "expires": null,
                    "object": site.url(&format!("/videos/watch/{}", video.uuid)),
                    "url": { "type": "Link", "mediaType": "application/x-mpegURL",
                        "href": ronja.url("/hls/1") },
                }),
            );
            assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
            settle(&[&site]).await;
            mirrors(&site, &video).await.as_array().unwrap().len()
        };
        assert_eq!(told(1).await, before, "{accept}");
        Query::new(
            "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
             SELECT me.id, x.id, 'accepted', 1, 1 FROM actor me, actor x
             WHERE me.name = 'peertube' AND me.host = '' AND x.host <> ''",
        )
        .execute(&site.app.db)
        .await
        .unwrap();
        assert_eq!(told(2).await, after, "{accept}, followed");
    }
}
