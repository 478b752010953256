//! Playlists across servers, and those who put theirs into the channels of others.

use super::inbox::Stranger;
use super::site::{Site, settle};
use super::videos::{UUID, follow_ronja, put_video};
use base::db::Query;
use serde_json::{Value, json};
use uuid::Uuid;
use vidicon::video::Video;

/// As the playlist slice does when root makes one.
async fn make(site: &Site, videos: &[&Video]) -> (i64, Uuid) {
    let (uuid, now) = (base::random::uuid(), site.app.clock.now());
    let (id,): (i64,) = Query::new(
        "INSERT INTO playlist (uuid, account_id, channel_id, channel_position, display_name, description, privacy,
                               created_at, updated_at)
         SELECT $1, c.account_id, c.id, 1, 'Seas', 'All of them', 1, $2, $2
         FROM channel c JOIN actor x ON x.id = c.actor_id WHERE x.name = 'root_channel' AND x.host = '' RETURNING id",
    )
    .bind(uuid)
    .bind(now)
    .one(&site.app.db)
    .await
    .unwrap();
    for (position, video) in (1_i64..).zip(videos) {
        Query::new(
            "INSERT INTO playlist_element (playlist_id, video_id, position, start_s, created_at)
             VALUES ($1, $2, $3, 4, $4)",
        )
        .bind(id)
        .bind(video.id)
        .bind(position)
        .bind(now)
        .execute(&site.app.db)
        .await
        .unwrap();
    }
    tell(site, "playlist_updated", json!({ "playlistId": id })).await;
    (id, uuid)
}

async fn tell(site: &Site, kind: &'static str, payload: Value) {
    let job = base::job::NewJob::new(kind, payload);
    job.enqueue(&site.app.db, site.app.clock.now())
        .await
        .unwrap();
}

type Row = (String, String, i64, Option<String>);

async fn kept(site: &Site) -> Vec<Row> {
    Query::new(
        "SELECT p.uuid, p.display_name, p.element_count, x.name FROM playlist p
         LEFT JOIN channel c ON c.id = p.channel_id LEFT JOIN actor x ON x.id = c.actor_id
         WHERE NOT p.is_local ORDER BY p.id",
    )
    .all(&site.app.db)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_playlist_comes_changes_and_goes_on_both_servers() {
    let (home, east) = (Site::new().await, Site::new().await);
    east.follow(&home).await;
    let (first, second) = (home.publish("Calm").await, home.publish("Storm").await);
    settle(&[&home, &east]).await;
    let (id, uuid) = make(&home, &[&first, &second]).await;
    settle(&[&home, &east]).await;
    let channel = Some("root_channel".to_owned());
    assert_eq!(
        kept(&east).await,
        [(uuid.to_string(), "Seas".to_owned(), 2, channel)]
    );
    let path = format!("/video-playlists/{uuid}");
    let document = home.document(&path).await;
    assert_eq!(
        (&document["type"], &document["totalItems"]),
        (&json!("Playlist"), &json!(2))
    );
    assert_eq!(
        document["attributedTo"],
        json!([home.url("/video-channels/root_channel")])
    );
    let page = home.document(&format!("{path}?page=1")).await;
    let element = page["orderedItems"][0]
        .as_str()
        .unwrap()
        .strip_prefix(&home.url(""))
        .unwrap()
        .to_owned();
    let element = home.document(&element).await;
    assert_eq!(
        (&element["position"], &element["startTimestamp"]),
        (&json!(1), &json!(4))
    );
    let elsewhere = east.ask(&path).await.expect(302);
    assert_eq!(elsewhere.header("location"), home.url(&path));
    assert_eq!(
        home.document("/accounts/root/playlists?page=1").await["orderedItems"],
        json!([home.url(&path)])
    );

    Query::new("UPDATE playlist SET display_name = 'Two seas' WHERE id = $1")
        .bind(id)
        .execute(&home.app.db)
        .await
        .unwrap();
    tell(&home, "playlist_updated", json!({ "playlistId": id })).await;
    settle(&[&home, &east]).await;
    assert_eq!(kept(&east).await[0].1, "Two seas");

    Query::new("UPDATE playlist SET privacy = 3 WHERE id = $1")
        .bind(id)
        .execute(&home.app.db)
        .await
        .unwrap();
    tell(&home, "playlist_updated", json!({ "playlistId": id })).await;
    settle(&[&home, &east]).await;
    assert!(kept(&east).await.is_empty());
    home.ask(&path).await.expect(404);
    home.ask(&format!("{path}?page=1")).await.expect(404);
    home.ask(&format!("{path}/videos/1")).await.expect(404);
}

#[tokio::test]
async fn a_playlist_stands_in_channels_of_its_own_account_alone() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    follow_ronja(&site, &ronja).await;
    let video = put_video(&ronja, UUID);
    let create = ronja.activity("Create", 10, video);
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    let uuid = "0c6bd7f5-3d8c-4f0e-9a4f-0a4fb6d1c001";
    let id = ronja.url(&format!("/playlists/{uuid}"));
    let good = json!({
        "type": "Playlist", "id": id, "uuid": uuid, "name": "Mine", "attributedTo": [ronja.url("/channels/sea")],
        "totalItems": 1, "first": format!("{id}/elements"), "to": ["as:Public"], "published": "2026-10-01T00:00:00Z",
    });
    ronja.put(&format!("/playlists/{uuid}/elements"), json!({
        "type": "OrderedCollectionPage", "id": format!("{id}/elements"), "orderedItems": [format!("{id}/1")],
        "next": format!("{id}/elements"),
    }));
    ronja.put(&format!("/playlists/{uuid}/1"), json!({
        "type": "PlaylistElement", "id": format!("{id}/1"), "url": ronja.url(&format!("/v/{UUID}")), "position": 1,
    }));
    // In a channel of ours, in one of a third server, by somebody else.
    let mut number = 100;
    for channel in [
        site.url("/video-channels/root_channel"),
        eva.url("/channels/sea"),
    ] {
        let mut forged = good.clone();
        forged["attributedTo"] = json!([channel]);
        ronja.put(&format!("/playlists/{uuid}"), forged.clone());
        number += 1;
        let create = ronja.activity("Create", number, forged);
        assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
        settle(&[&site]).await;
        assert!(
            kept(&site).await.iter().all(|row| row.3.is_none()),
            "{channel}"
        );
    }
    Query::new("DELETE FROM playlist WHERE NOT is_local")
        .execute(&site.app.db)
        .await
        .unwrap();
    let create = eva.activity("Create", 110, good.clone());
    assert_eq!(eva.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    assert!(kept(&site).await.is_empty());
    ronja.put(&format!("/playlists/{uuid}"), good.clone());
    let create = ronja.activity("Create", 111, good.clone());
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    assert_eq!(
        kept(&site).await,
        [(
            uuid.to_owned(),
            "Mine".to_owned(),
            1,
            Some("sea".to_owned())
        )]
    );
    let delete = eva.activity("Delete", 112, json!(id));
    assert_eq!(eva.deliver(&site, "/inbox", &delete).await, 204);
    settle(&[&site]).await;
    assert_eq!(kept(&site).await.len(), 1);
    let delete = ronja.activity("Delete", 113, json!(id));
    assert_eq!(ronja.deliver(&site, "/inbox", &delete).await, 204);
    settle(&[&site]).await;
    assert!(kept(&site).await.is_empty());
}
