//! Moves: of one actor with its followers, and of a whole site to another address.

use super::inbox::Stranger;
use super::site::{Site, settle};
use base::db::Query;
use serde_json::json;

type Followed = (String, String);

/// Whom root of a site follows elsewhere.
async fn followed(site: &Site) -> Vec<Followed> {
    Query::new(
        "SELECT x.url, f.state FROM follow f JOIN actor x ON x.id = f.actor_id
         JOIN actor me ON me.id = f.follower_actor_id WHERE me.name = 'root' AND me.host = '' ORDER BY f.id",
    )
    .all(&site.app.db)
    .await
    .unwrap()
}

async fn subscribe(site: &Site, handle: &str) {
    let (account,): (i64,) = Query::new(
        "SELECT a.id FROM account a JOIN actor x ON x.id = a.actor_id WHERE x.name = 'root' AND x.host = ''",
    )
    .one(&site.app.db)
    .await
    .unwrap();
    base::job::NewJob::new(
        "follow_remote",
        json!({ "accountId": account, "handle": handle }),
    )
    .enqueue(&site.app.db, site.app.clock.now())
    .await
    .unwrap();
}

#[tokio::test]
async fn followers_go_along_when_both_places_say_so() {
    let (home, east, west) = (Site::new().await, Site::new().await, Site::new().await);
    let handle = format!("root_channel@{}", home.host());
    subscribe(&west, &handle).await;
    settle(&[&home, &west]).await;
    let old = home.url("/video-channels/root_channel");
    let new = east.url("/video-channels/root_channel");
    assert_eq!(
        followed(&west).await,
        [(old.clone(), "accepted".to_owned())]
    );
    let (root, east_root) = (home.app.root().await, east.app.root().await);
    let go = "/api/v1/users/me/actors/root_channel/move";
    let target = json!({ "target": format!("root_channel@{}", east.host()) });
    // The new place does not know of it yet.
    home.app
        .post(go)
        .token(&root)
        .json(target.clone())
        .await
        .expect(400);
    let aliases = "/api/v1/users/me/actors/root_channel/aliases";
    let otto = east.app.user("otto").await;
    let body = json!({ "aliases": [handle] });
    east.app
        .put(aliases)
        .token(&otto)
        .json(body.clone())
        .await
        .expect(404);
    east.app
        .put(aliases)
        .token(&east_root)
        .json(json!({ "aliases": ["nobody@127.0.0.1:1"] }))
        .await
        .expect(400);
    east.app
        .put(aliases)
        .token(&east_root)
        .json(body)
        .await
        .expect(204);
    assert_eq!(
        east.document("/video-channels/root_channel").await["alsoKnownAs"],
        json!([old])
    );
    home.app
        .post(go)
        .token(&root)
        .json(target)
        .await
        .expect(204);
    settle(&[&home, &east, &west]).await;
    assert_eq!(
        home.document("/video-channels/root_channel").await["movedTo"],
        json!(new)
    );
    assert_eq!(followed(&west).await, [(new, "accepted".to_owned())]);
    assert_eq!(
        east.document("/video-channels/root_channel/followers")
            .await["totalItems"],
        1
    );
    assert_eq!(
        home.document("/video-channels/root_channel/followers")
            .await["totalItems"],
        0
    );
}

#[tokio::test]
async fn nobody_is_moved_by_others_or_to_a_place_that_does_not_know_them() {
    let (home, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let follow =
        |by: &Stranger| by.activity("Follow", 1, json!(home.url("/video-channels/root_channel")));
    for by in [&ronja, &eva] {
        assert_eq!(by.deliver(&home, "/inbox", &follow(by)).await, 204);
    }
    settle(&[&home]).await;
    Query::new(
        "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
         SELECT me.id, x.id, 'accepted', 1, 1 FROM actor me, actor x
         WHERE me.name = 'root' AND me.host = '' AND x.url = $1",
    )
    .bind(ronja.url("/users/ronja"))
    .execute(&home.app.db)
    .await
    .unwrap();
    let moved = |by: &Stranger, number, who: String, to: String| {
        let mut moved = by.activity("Move", number, json!(who));
        moved["target"] = json!(to);
        moved
    };
    // Another moves her; she moves to one that does not know her; to an actor of ours that does not.
    for (by, activity) in [
        (
            &eva,
            moved(&eva, 10, ronja.url("/users/ronja"), eva.url("/users/ronja")),
        ),
        (
            &ronja,
            moved(
                &ronja,
                11,
                ronja.url("/users/ronja"),
                eva.url("/users/ronja"),
            ),
        ),
        (
            &ronja,
            moved(
                &ronja,
                12,
                ronja.url("/users/ronja"),
                home.url("/video-channels/root_channel"),
            ),
        ),
        (
            &ronja,
            moved(
                &ronja,
                13,
                home.url("/accounts/root"),
                ronja.url("/users/ronja"),
            ),
        ),
    ] {
        assert_eq!(by.deliver(&home, "/inbox", &activity).await, 204);
        settle(&[&home]).await;
        assert_eq!(
            followed(&home).await,
            [(ronja.url("/users/ronja"), "accepted".to_owned())]
        );
    }
}

#[tokio::test]
async fn a_site_moves_and_its_followers_keep_hearing_from_it() {
    let (home, friend) = (Site::new().await, Site::new().await);
    friend.follow(&home).await;
    home.follow(&friend).await;
    let video = home.publish("Before the move").await;
    settle(&[&home, &friend]).await;
    let old = home.url("");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let new = format!("http://{}", listener.local_addr().unwrap());
    let plan = vidicon::federation::domain::move_to(&home.app, &new, true)
        .await
        .unwrap();
    assert!(
        plan.contains("dry run") && plan.contains("1 videos"),
        "{plan}"
    );
    vidicon::federation::domain::move_to(&home.app, &old, false)
        .await
        .unwrap_err();
    vidicon::federation::domain::move_to(&home.app, "not a host/", false)
        .await
        .unwrap_err();
    vidicon::federation::domain::move_to(&home.app, &new, false)
        .await
        .unwrap();
    // Started without the new address it would tell lies to everybody: it does not start.
    vidicon::federation::domain::check(&home.app)
        .await
        .unwrap_err();
    let home = home.moved_to(&new, listener).await;
    vidicon::federation::domain::check(&home.app).await.unwrap();
    settle(&[&home, &friend]).await;
    let copy = friend
        .video(video.uuid)
        .await
        .expect("the video under its new address");
    assert_eq!(
        copy.url.unwrap(),
        format!("{new}/videos/watch/{}", video.uuid)
    );
    let later = home.publish("After the move").await;
    settle(&[&home, &friend]).await;
    assert!(friend.video(later.uuid).await.is_some());
    let from_friend = friend.publish("Back").await;
    settle(&[&home, &friend]).await;
    assert!(home.video(from_friend.uuid).await.is_some());

    // The old address: people are led on, programs are told, and deliveries still arrive.
    let host = old.strip_prefix("http://").unwrap().to_owned();
    let page = home
        .app
        .get("/w/abc?start=5")
        .header("host", &host)
        .await
        .expect(301);
    assert_eq!(page.header("location"), format!("{new}/w/abc?start=5"));
    let actor = home
        .app
        .get("/accounts/root")
        .header("host", &host)
        .header("accept", "application/activity+json");
    let actor = actor.await.expect(200).json();
    assert_eq!(
        (&actor["id"], &actor["movedTo"]),
        (
            &json!(format!("{old}/accounts/root")),
            &json!(format!("{new}/accounts/root"))
        )
    );
    assert_eq!(
        home.document("/accounts/root").await["alsoKnownAs"],
        json!([format!("{old}/accounts/root")])
    );
    let finger = format!("/.well-known/webfinger?resource=acct:root@{host}");
    assert_eq!(
        home.app.get(&finger).await.expect(200).json()["links"][0]["href"],
        json!(format!("{new}/accounts/root"))
    );
}
