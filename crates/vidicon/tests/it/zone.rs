//! The time zone of each user: in the API, on pages and in mails.

use crate::app::TestApp;
use crate::video::add;
use serde_json::{Value, json};
use vidicon::video::Privacy;

#[tokio::test]
async fn dates_and_times_are_those_of_the_reader() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    let ada = app.user("ada").await;
    let path = "/api/v1/users/me";
    let set = |zone: Value| app.put(path).token(&ada).json(json!({ "timeZone": zone }));
    let me = app.get(path).token(&ada).await.expect(200).json();
    assert_eq!(me["timeZone"], Value::Null);
    for wrong in [
        json!("Europe/Atlantis"),
        json!("../etc/passwd"),
        json!(7),
        json!(""),
    ] {
        set(wrong).await.expect(400);
    }
    set(json!("Pacific/Kiritimati")).await.expect(204);
    let me = app.get(path).token(&ada).await.json();
    assert_eq!(me["timeZone"], "Pacific/Kiritimati");

    // It is noon of the first in Greenwich, and two in the morning of the second there.
    let video = add(&app, "ada", "A walk", |new| {
        new.state = vidicon::video::VideoState::Published;
    })
    .await;
    let page = format!("/w/{}", video.short_uuid());
    let nobody = app.get(&page).await.expect(200).text();
    let mine = app.get(&page).token(&ada).await.expect(200).text();
    assert!(nobody.contains("1 November 2026") && !nobody.contains("2 November 2026"));
    assert!(
        mine.contains("2 November 2026") && !mine.contains("1 November 2026"),
        "{mine}"
    );

    app.run_jobs().await;
    app.mail.take_kept();
    app.login("ada", "password-1").await;
    app.run_jobs().await;
    let form = app.get("/my/settings").token(&ada).await.expect(200).text();
    assert!(form.contains("<option value=\"Pacific/Kiritimati\" selected>Pacific/Kiritimati"));
    let save = |zone: &str| {
        let fields = [("part", "zone"), ("time_zone", zone)];
        app.post("/my/settings").token(&ada).form(&fields)
    };
    save("Nowhere").await.expect(400);
    save("Asia/Kolkata").await.expect(303);
    let me = app.get(path).token(&ada).await.json();
    assert_eq!(me["timeZone"], "Asia/Kolkata");

    let client = app.get("/api/v1/oauth-clients/local").await.json();
    let log_in = app.post("/api/v1/users/token").form(&[
        ("client_id", client["client_id"].as_str().unwrap()),
        ("client_secret", client["client_secret"].as_str().unwrap()),
        ("grant_type", "password"),
        ("username", "ada"),
        ("password", "password-1"),
    ]);
    log_in
        .header("user-agent", "Another boat")
        .await
        .expect(200);
    app.run_jobs().await;
    let mails = app.mail.take_kept();
    let text = &mails.last().unwrap().text;
    assert!(text.contains("2026-11-01 17:30 +05:30"), "{text}");
    save("").await.expect(303);
    let me = app.get(path).token(&ada).await.json();
    assert_eq!(me["timeZone"], Value::Null);
}

/// Without script the browser says nothing of its clock.
#[tokio::test]
async fn a_video_comes_out_at_the_makers_hour() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let zone = json!({ "timeZone": "Asia/Kolkata" });
    let me = app.put("/api/v1/users/me").token(&ada);
    me.json(zone).await.expect(204);
    let video = add(&app, "ada", "A walk", |new| new.privacy = Privacy::Private).await;
    let path = format!("/my/videos/{}", video.uuid);
    let form = app.get(&path).token(&ada).await.expect(200).text();
    assert!(form.contains("name=\"zone\" value=\"own\""), "{form}");
    assert!(form.contains("The time is that of Asia/Kolkata."));
    let channel = video.channel_id.to_string();
    let fields = [
        ("name", "A walk"),
        ("channelId", channel.as_str()),
        ("privacy", "1"),
        ("commentsPolicy", "1"),
        ("schedule", "2099-05-01T12:00"),
        ("zone", "own"),
    ];
    let save = app.post(&path).token(&ada).multipart(&fields, &[]);
    save.await.expect(303);
    let details = app.get(&format!("/api/v1/videos/{}", video.uuid));
    let details = details.token(&ada).await.expect(200).json();
    let at = &details["scheduledUpdate"]["updateAt"];
    assert_eq!(at, "2099-05-01T06:30:00.000Z", "{details}");
    let form = app.get(&path).token(&ada).await.expect(200).text();
    assert!(form.contains("value=\"2099-05-01T12:00\""), "{form}");
}
