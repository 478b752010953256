//! What is found by its address or handle at another server, and the way there and back for people.

use super::site::{Site, settle};
use serde_json::json;

#[tokio::test]
async fn a_video_elsewhere_is_found_by_its_address_and_its_page() {
    let (home, east) = (Site::new().await, Site::new().await);
    let (first, second) = (home.publish("Calm").await, home.publish("Storm").await);
    settle(&[&home]).await;
    let root = east.app.root().await;
    let ask = async |text: &str, token: Option<&str>| {
        let call = east
            .app
            .get(&format!("/api/v1/search/videos?search={text}"));
        let call = match token {
            Some(token) => call.token(token),
            None => call,
        };
        call.await.expect(200).json()
    };
    let address = home.url(&format!("/videos/watch/{}", first.uuid));
    // Strangers make us ask nobody, unless the administrator lets them.
    assert_eq!(ask(&address, None).await["total"], 0);
    let found = ask(&address, Some(&root)).await;
    assert_eq!(
        (&found["total"], &found["data"][0]["name"]),
        (&json!(1), &json!("Calm"))
    );
    let page = home.url(&second.watch_path());
    let found = ask(&page, Some(&root)).await;
    assert_eq!(
        (&found["total"], &found["data"][0]["uuid"]),
        (&json!(1), &json!(second.uuid))
    );
    for nothing in [
        home.url("/videos/watch/none"),
        "http://127.0.0.1:1/x".into(),
        home.url("/accounts/root"),
    ] {
        assert_eq!(ask(&nothing, Some(&root)).await["total"], 0, "{nothing}");
    }
    east.change_settings(json!({ "search": { "remoteUri": { "users": false } } }))
        .await;
    let third = home.publish("Tide").await;
    let address = home.url(&format!("/videos/watch/{}", third.uuid));
    assert_eq!(ask(&address, Some(&root)).await["total"], 0);
}

#[tokio::test]
async fn a_channel_elsewhere_is_found_by_handle_and_address() {
    let (home, east) = (Site::new().await, Site::new().await);
    let root = east.app.root().await;
    for text in [
        format!("root_channel@{}", home.host()),
        format!("@root_channel@{}", home.host()),
        home.url("/video-channels/root_channel"),
        home.url("/c/root_channel"),
    ] {
        let asked = format!("/api/v1/search/video-channels?search={text}");
        let found = east.app.get(&asked).token(&root).await.expect(200).json();
        assert_eq!(
            (&found["total"], &found["data"][0]["name"]),
            (&json!(1), &json!("root_channel")),
            "{text}"
        );
        assert_eq!(found["data"][0]["host"], json!(home.host()));
    }
    let asked = format!(
        "/api/v1/search/video-channels?search=nobody@{}",
        home.host()
    );
    assert_eq!(
        east.app.get(&asked).token(&root).await.expect(200).json()["total"],
        0
    );
}

#[tokio::test]
async fn people_find_the_way_between_servers() {
    let (home, east) = (Site::new().await, Site::new().await);
    let video = home.publish("Calm").await;
    settle(&[&home]).await;
    let token = east.app.root().await;
    let session = format!("vidicon_session={token}");
    let uri = home.url(&video.watch_path());
    let path = format!("/remote-interaction?uri={uri}");
    // Strangers make us ask nobody.
    let asked = east.app.get(&path).await.expect(303);
    assert!(asked.header("location").starts_with("/search?search="));
    let led = east
        .app
        .get(&path)
        .header("cookie", &session)
        .await
        .expect(303);
    assert_eq!(led.header("location"), video.watch_path());
    let path = format!("/remote-interaction?uri=acct:root_channel@{}", home.host());
    let led = east
        .app
        .get(&path)
        .header("cookie", &session)
        .await
        .expect(303);
    assert_eq!(
        led.header("location"),
        format!("/c/root_channel@{}", home.host())
    );
    for nothing in ["", "x", "http://127.0.0.1:1/x", "javascript:alert(1)"] {
        let path = format!("/remote-interaction?uri={nothing}");
        let asked = east
            .app
            .get(&path)
            .header("cookie", &session)
            .await
            .expect(303);
        assert!(
            asked.header("location").starts_with("/search?search="),
            "{nothing}"
        );
    }
    // The template that others find by WebFinger.
    let finger = format!("/.well-known/webfinger?resource=acct:root@{}", home.host());
    let links = home.app.get(&finger).await.expect(200).json();
    let template = links["links"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|link| link["template"].as_str());
    assert_eq!(template.unwrap(), home.url("/remote-interaction?uri={uri}"));
}
