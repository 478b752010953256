//! What people hear when a video or a channel is offered to them, and of the answer.

use super::{kinds, list, with_mail};
use crate::studio::Browser;
use crate::video::add;
use serde_json::json;

#[tokio::test]
async fn offers_and_their_answers_are_told_with_what_they_are_about() {
    let app = with_mail().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "A gift", |_| {}).await;
    app.put("/api/v1/users/me")
        .token(&bob)
        .json(json!({ "language": "de" }))
        .await
        .expect(204);
    let offer = || async {
        app.mail.take_kept();
        app.post(&format!("/api/v1/videos/{}/give-ownership", video.id))
            .token(&ada)
            .json(json!({ "username": "bob" }))
            .await
            .expect(204);
        app.run_jobs().await;
    };
    offer().await;
    let told = list(&app, &bob, "").await;
    assert_eq!(kinds(&told), [26]);
    let about = &told["data"][0]["videoChangeOwnership"];
    assert_eq!(about["video"]["name"], "A gift");
    assert_eq!(about["account"]["name"], "ada");
    let kept = app.mail.take_kept();
    assert_eq!((kept.len(), kept[0].to.as_str()), (1, "bob@example.org"));
    assert!(kept[0].text.contains("A gift"), "{}", kept[0].text);
    let offers = "/api/v1/videos/ownership";
    let id = app.get(offers).token(&bob).await.json()["data"][0]["id"].clone();
    app.post(&format!("{offers}/{id}/refuse"))
        .token(&bob)
        .await
        .expect(204);
    app.run_jobs().await;
    let told = list(&app, &ada, "").await;
    assert_eq!(kinds(&told), [28]);
    assert_eq!(
        told["data"][0]["videoChangeOwnership"]["account"]["name"],
        "bob"
    );
    offer().await;
    let id = app.get(offers).token(&bob).await.json()["data"][0]["id"].clone();
    let place = app
        .get("/api/v1/video-channels/bob_channel")
        .await
        .expect(200)
        .json()["id"]
        .clone();
    app.post(&format!("{offers}/{id}/accept"))
        .token(&bob)
        .json(json!({ "channelId": place }))
        .await
        .expect(204);
    app.run_jobs().await;
    assert_eq!(kinds(&list(&app, &ada, "").await)[0], 27);
}

#[tokio::test]
async fn whole_channels_are_told_of_too() {
    let app = with_mail().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    app.post("/api/v1/video-channels")
        .token(&ada)
        .json(json!({ "name": "ada_boats", "displayName": "Boats" }))
        .await
        .expect(200);
    for (answer, kind) in [("refuse", 31), ("accept", 30)] {
        app.post("/api/v1/video-channels/ada_boats/give-ownership")
            .token(&ada)
            .json(json!({ "username": "bob" }))
            .await
            .expect(204);
        app.run_jobs().await;
        let told = list(&app, &bob, "").await;
        assert_eq!(kinds(&told)[0], 29);
        let about = &told["data"][0]["videoChannelChangeOwnership"];
        assert_eq!(about["channel"]["displayName"], "Boats");
        let offers = "/api/v1/video-channels/ownership";
        let list_of_bob = app
            .get(&format!("{offers}?state=1"))
            .token(&bob)
            .await
            .json();
        let open = list_of_bob["data"].as_array().unwrap();
        let open = open.iter().find(|it| it["state"]["id"] == 1).unwrap();
        app.post(&format!("{offers}/{}/{answer}", open["id"]))
            .token(&bob)
            .await
            .expect(204);
        app.run_jobs().await;
        assert_eq!(kinds(&list(&app, &ada, "").await)[0], kind);
    }
}

#[tokio::test]
async fn a_page_has_all_offers_and_answers_them() {
    let app = with_mail().await;
    let (ada, _) = (app.user("ada").await, app.user("bob").await);
    let mut videos = Vec::new();
    for name in ["A gift", "A burden"] {
        videos.push(add(&app, "ada", name, |_| {}).await);
    }
    let from = Browser::new(&app, "ada", "password-1").await;
    let to = Browser::new(&app, "bob", "password-1").await;
    let page = async |browser: &Browser<'_>| browser.get("/my/offers").await.expect(200).text();
    let act = async |browser: &Browser<'_>, act: &str, more: &[(&str, &str)]| {
        let fields = [&[("act", act)][..], more].concat();
        browser.post("/my/offers").form(&fields).await
    };
    for (what, whom) in [
        ("/w/nothing", "bob"),
        ("bob_channel", "bob"),
        (&videos[0].watch_path(), "nobody"),
        (&videos[0].watch_path(), "ada"),
    ] {
        let fields = [("what", what), ("to", whom)];
        act(&from, "give", &fields).await.expect(400);
    }
    app.mail.take_kept();
    for video in &videos {
        let url = app.url(&video.watch_path());
        let fields = [("what", url.as_str()), ("to", "@Bob")];
        act(&from, "give", &fields).await.expect(303);
    }
    app.run_jobs().await;
    let mails = app.mail.take_kept();
    assert!(mails[0].text.contains("/my/offers"), "{}", mails[0].text);
    let html = page(&to).await;
    assert!(
        html.contains("A gift") && html.contains("value=\"take:1\""),
        "{html}"
    );
    assert!(page(&from).await.contains("value=\"withdraw:1\""));
    act(&from, "take:1", &[]).await.expect(303);
    let mine = "/api/v1/users/me/videos";
    assert_eq!(app.get(mine).token(&ada).await.json()["total"], 2);
    act(&to, "refuse:2", &[]).await.expect(303);
    act(&to, "take:9", &[]).await.expect(404);
    // With two channels one is asked which.
    let bob = app.login("bob", "password-1").await;
    let second = json!({ "name": "second", "displayName": "The second" });
    let second = app.post("/api/v1/video-channels").token(&bob).json(second);
    let id = second.await.expect(200).json()["videoChannel"]["id"].to_string();
    let asked = act(&to, "take:1", &[]).await.expect(303);
    assert_eq!(asked.header("location"), "/my/offers?take=1");
    let html = to.get("/my/offers?take=1").await.expect(200).text();
    assert!(html.contains("The second") && html.contains("value=\"into:1\""));
    act(&to, "into:1", &[("channel", &id)]).await.expect(303);
    let listed = app.get("/api/v1/video-channels/second/videos").await.json();
    assert_eq!(listed["data"][0]["name"], "A gift");
    assert_eq!(app.get(mine).token(&ada).await.json()["total"], 1);
    assert!(!page(&to).await.contains("value=\"take:"));
}
