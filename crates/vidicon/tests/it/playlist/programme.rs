//! A playlist that everybody watches at the same place.

use super::{channel_id, made, put_in};
use crate::app::TestApp;
use crate::video::add;
use base::clock::SECOND;
use serde_json::{Value, json};
use vidicon::video::{Privacy, VideoState};

#[tokio::test]
async fn two_people_see_the_same_place_of_the_programme() {
    let app = TestApp::new().await;
    let (owner, other) = (app.user("owner").await, app.user("other").await);
    let channel = channel_id(&app, "owner").await;
    let fields = [
        ("displayName", "All day"),
        ("privacy", "1"),
        ("videoChannelId", channel.as_str()),
    ];
    let list = made(&app, &owner, &fields).await;
    let path = format!(
        "/api/v1/video-playlists/{}/programme",
        list["uuid"].as_str().unwrap()
    );
    app.get(&path).await.expect(404);
    let mut parts = Vec::new();
    for (name, privacy, span) in [
        ("Morning", Privacy::Public, json!({})),
        ("Secret", Privacy::Private, json!({})),
        (
            "Evening",
            Privacy::Public,
            json!({ "startTimestamp": 5, "stopTimestamp": 15 }),
        ),
    ] {
        let video = add(&app, "owner", name, |new| {
            (new.privacy, new.state, new.duration_s) = (privacy, VideoState::Published, 60);
        })
        .await;
        let mut body = span;
        body["videoId"] = json!(video.id);
        put_in(&app, &owner, &list["id"], body).await.expect(200);
        parts.push(video);
    }
    let on = async |token: &str| -> Value {
        let call = app.get(&path);
        let call = if token.is_empty() {
            call
        } else {
            call.token(token)
        };
        call.await.expect(200).json()
    };
    let begun = on("").await;
    assert_eq!(
        (&begun["total"], &begun["duration"]),
        (&json!(2), &json!(70)),
        "{begun}"
    );
    let now = &begun["now"];
    assert_eq!(
        (&now["position"], &now["currentTime"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(begun["next"]["video"]["name"], "Evening");
    app.clock.advance(62 * SECOND);
    for token in ["", &owner, &other] {
        let seen = on(token).await;
        let now = &seen["now"];
        assert_eq!(
            (&now["position"], &now["currentTime"]),
            (&json!(3), &json!(7)),
            "{seen}"
        );
        assert_eq!(now["video"]["uuid"], json!(parts[2].uuid));
        assert_eq!(seen["next"]["beginsAt"], now["endsAt"]);
        assert_eq!(seen["next"]["position"], 1);
    }
    // The page leads there, and back to it.
    let short = list["shortUUID"].as_str().unwrap();
    let shown = app.get(&format!("/w/p/{short}")).await.expect(200).text();
    assert!(shown.contains(&format!("/w/p/{short}/now")), "{shown}");
    let joined = app.get(&format!("/w/p/{short}/now")).await.expect(303);
    let place = joined.header("location").to_owned();
    assert_eq!(
        place,
        format!("/w/p/{short}?playlistPosition=3&start=7&stop=15&programme=1")
    );
    let watched = app.get(&place).await.expect(200).text();
    let back = format!("href=\"/w/p/{short}/now\"");
    assert!(watched.contains(&back), "{watched}");
    let usual = app.get(&format!("/w/p/{short}?playlistPosition=3")).await;
    assert!(!usual.expect(200).text().contains(&back));
    // Those who may not see the list do not see what is on.
    let hidden = [("displayName", "Mine"), ("privacy", "3")];
    let hidden = made(&app, &owner, &hidden).await;
    let path = format!(
        "/api/v1/video-playlists/{}/programme",
        hidden["uuid"].as_str().unwrap()
    );
    app.get(&path).token(&other).await.expect(403);
}
