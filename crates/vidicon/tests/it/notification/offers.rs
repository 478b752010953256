//! What people hear when a video or a channel is offered to them, and of the answer.

use super::{kinds, list, with_mail};
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
