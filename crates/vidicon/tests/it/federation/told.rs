//! What servers tell each other beside videos and words: downloads, a channel's mail address, the look of its player.

use super::inbox::Stranger;
use super::life::{details, watch};
use super::site::{Site, settle};
use serde_json::json;

#[tokio::test]
async fn downloads_are_told_and_counted_on_both_sides() {
    let (home, east, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    east.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    settle(&[&home, &east]).await;
    let url = json!(home.url(&format!("/videos/watch/{}", video.uuid)));
    // Elsewhere: once for each activity, and not for a video that is none of ours.
    for number in [74, 75, 74] {
        let download = ronja.activity("Download", number, url.clone());
        assert_eq!(ronja.deliver(&home, "/inbox", &download).await, 204);
    }
    home.run_due_jobs_once().await;
    assert_eq!(home.video(video.uuid).await.unwrap().downloads, 2);
    let forged = ronja.activity("Download", 76, url.clone());
    assert_eq!(ronja.deliver(&east, "/inbox", &forged).await, 204);
    east.run_due_jobs_once().await;
    assert_eq!(east.video(video.uuid).await.unwrap().downloads, 0);
    // Here: told as it happens, and the number with the video.
    let here = home.video(video.uuid).await.unwrap();
    vidicon::video::watching::saved(&home.app, &here)
        .await
        .unwrap();
    watch(&home, &video, "home").await;
    settle(&[&home, &east]).await;
    assert_eq!(home.video(video.uuid).await.unwrap().downloads, 3);
    assert_eq!(east.video(video.uuid).await.unwrap().downloads, 3);
    let signed = home.expect_all_signed().await;
    for kind in ["View id", "Download id"] {
        assert!(signed.contains(&kind.to_owned()), "{kind}: {signed:?}");
    }
    assert_eq!(details(&east, &video).await["views"], 1);
    let document = home.app.get(&format!("/videos/watch/{}", video.uuid));
    let document = document.header("accept", "application/activity+json").await;
    assert_eq!(document.expect(200).json()["downloads"], 3);
}

#[tokio::test]
async fn a_channels_mail_and_the_look_of_its_player_go_along() {
    let (home, east) = (Site::new().await, Site::new().await);
    let otto = home.app.user("otto").await;
    let mia = east.app.user("mia").await;
    let own = "/api/v1/video-channels/otto_channel";
    let mail = json!({ "publicEmail": "otto@tubes.example" });
    home.app.put(own).token(&otto).json(mail).await.expect(204);
    let look = "/api/v1/player-settings/video-channels/otto_channel";
    let lucide = json!({ "theme": "lucide" });
    home.app
        .put(look)
        .token(&otto)
        .json(lucide)
        .await
        .expect(200);
    let handle = format!("otto_channel@{}", home.host());
    let asked = format!("/api/v1/search/video-channels?search={handle}");
    east.app.get(&asked).token(&mia).await.expect(200);
    settle(&[&home, &east]).await;
    let seen = east
        .app
        .get(&format!("/api/v1/video-channels/{handle}"))
        .await;
    assert_eq!(seen.expect(200).json()["publicEmail"], "otto@tubes.example");
    let theirs = format!("/api/v1/player-settings/video-channels/{handle}");
    assert_eq!(
        east.app.get(&theirs).await.expect(200).json()["theme"],
        "lucide"
    );
    // A change is told to those who follow.
    let follow = json!({ "uri": handle });
    let subscriptions = "/api/v1/users/me/subscriptions";
    east.app
        .post(subscriptions)
        .token(&mia)
        .json(follow)
        .await
        .expect(204);
    settle(&[&home, &east]).await;
    let galaxy = json!({ "theme": "galaxy" });
    home.app
        .put(look)
        .token(&otto)
        .json(galaxy)
        .await
        .expect(200);
    settle(&[&home, &east]).await;
    assert_eq!(
        east.app.get(&theirs).await.expect(200).json()["theme"],
        "galaxy"
    );
    let document = home.app.get("/video-channels/otto_channel/player-settings");
    let document = document.await.expect(200).json();
    assert_eq!(
        (&document["type"], &document["object"], &document["theme"]),
        (
            &json!("PlayerSettings"),
            &json!(home.url("/video-channels/otto_channel")),
            &json!("galaxy")
        )
    );
    home.app
        .get("/video-channels/nobody/player-settings")
        .await
        .expect(404);
}
