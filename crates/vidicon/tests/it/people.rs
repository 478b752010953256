//! Groups, invitations, access tokens, released names, devices, quarantine, limits.

use crate::app::TestApp;
use crate::moderation::{moderator, set};
use base::clock::{DAY, HOUR};
use serde_json::{Value, json};

async fn me(app: &TestApp, token: &str) -> Value {
    app.get("/api/v1/users/me")
        .token(token)
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn a_group_gives_its_members_room() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let ada = app.user("ada").await;
    let id = me(&app, &ada).await["id"].clone();
    app.put(&format!("/api/v1/users/{id}"))
        .token(&root)
        .json(json!({ "videoQuota": 100, "videoQuotaDaily": 50 }))
        .await
        .expect(204);
    let groups = "/api/v1/user-groups";
    let body = json!({ "name": "Artists", "videoQuota": 5000 });
    app.post(groups)
        .token(&ada)
        .json(body.clone())
        .await
        .expect(403);
    app.post(groups)
        .token(&root)
        .json(json!({ "name": "" }))
        .await
        .expect(400);
    let made = app
        .post(groups)
        .token(&root)
        .json(body.clone())
        .await
        .expect(200);
    app.post(groups).token(&root).json(body).await.expect(409);
    let one = format!("{groups}/{}", made.json()["userGroup"]["id"]);
    let members = format!("{one}/members");
    let join = |name: &str| {
        app.post(&members)
            .token(&root)
            .json(json!({ "username": name }))
    };
    join("nobody").await.expect(404);
    join("ada").await.expect(204);
    join("ada").await.expect(204);
    let seen = me(&app, &ada).await;
    assert_eq!(
        (&seen["videoQuota"], &seen["videoQuotaDaily"]),
        (&json!(5000), &json!(50))
    );
    let mine = app.get("/api/v1/users/me/groups").token(&ada).await;
    assert_eq!(mine.expect(200).json()["data"][0]["name"], "Artists");
    let list = app.get(&members).token(&root).await.expect(200).json();
    assert_eq!(list["data"][0]["user"]["username"], "ada");
    app.put(&one)
        .token(&root)
        .json(json!({ "videoQuota": -1 }))
        .await
        .expect(204);
    assert_eq!(me(&app, &ada).await["videoQuota"], -1);
    let group = app.get(&one).token(&root).await.expect(200).json();
    assert_eq!(
        (&group["name"], &group["membersCount"]),
        (&json!("Artists"), &json!(1))
    );
    let leave = format!("{members}/{id}");
    app.delete(&leave).token(&root).await.expect(204);
    app.delete(&leave).token(&root).await.expect(404);
    assert_eq!(me(&app, &ada).await["videoQuota"], 100);
    app.delete(&one).token(&root).await.expect(204);
    app.get(&one).token(&root).await.expect(404);
}

fn newcomer(name: &str, code: &str) -> Value {
    json!({
        "username": name, "password": "password-1", "email": format!("{name}@example.org"),
        "invitationCode": code,
    })
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_and_remembers_who_gave_it() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let ada = app.user("ada").await;
    let path = "/api/v1/users/me/invitations";
    let invite = |token: &str, body: Value| app.post(path).token(token).json(body);
    invite(&ada, json!({})).await.expect(403);
    set(
        &app,
        json!({ "signup": { "invitations": { "byUsers": true, "maxPerUser": 2 } } }),
    )
    .await;
    invite(&ada, json!({ "maxUses": 0 })).await.expect(400);
    invite(&ada, json!({ "expiresAt": "2020-01-01" }))
        .await
        .expect(400);
    let made = invite(&ada, json!({ "note": "for Eve" }))
        .await
        .expect(200)
        .json();
    let code = made["invitation"]["code"].as_str().unwrap().to_owned();
    invite(&ada, json!({ "maxUses": 2 })).await.expect(403);
    let seen = app.get(&format!("/api/v1/users/invitations/{code}")).await;
    assert_eq!(seen.expect(200).json()["inviter"], "ada");
    app.get("/api/v1/users/invitations/wrong").await.expect(404);

    let register = |body: Value| app.post("/api/v1/users/register").json(body);
    register(newcomer("eve", "wrong")).await.expect(403);
    // Sign-up is closed, and would have to be approved.
    register(newcomer("eve", &code)).await.expect(204);
    register(newcomer("max", &code)).await.expect(403);
    let eve = app.login("eve", "password-1").await;
    let id = me(&app, &eve).await["id"].clone();
    let user = app.get(&format!("/api/v1/users/{id}")).token(&root).await;
    assert_eq!(user.expect(200).json()["invitedBy"], "ada");
    let list = app.get(path).token(&ada).await.expect(200).json();
    assert_eq!(list["data"][0]["guests"], json!(["eve"]));
    assert_eq!(list["data"][0]["uses"], 1);
    let all = "/api/v1/users/invitations";
    app.get(all).token(&ada).await.expect(403);
    assert_eq!(app.get(all).token(&root).await.json()["total"], 1);

    let soon = json!({ "expiresAt": "2026-11-01T13:00:00.000Z" });
    let made = invite(&root, soon).await.expect(200).json();
    let late = made["invitation"]["code"].as_str().unwrap().to_owned();
    app.clock.advance(2 * HOUR);
    register(newcomer("max", &late)).await.expect(403);
    let one = format!("{path}/{}", list["data"][0]["id"]);
    app.delete(&one).token(&eve).await.expect(404);
    app.delete(&one).token(&ada).await.expect(204);
}

#[tokio::test]
async fn sign_up_can_be_kept_to_some_networks() {
    let app = TestApp::with(|config| {
        config.signup.allow_networks = vec!["198.51.100.0/24".to_owned()];
        config.signup.deny_networks = vec!["198.51.100.128/25".to_owned()];
    })
    .await;
    set(
        &app,
        json!({ "signup": { "enabled": true, "requiresApproval": false } }),
    )
    .await;
    let from = async |address: &str, name: &str| {
        let config = app
            .get("/api/v1/config")
            .header("x-forwarded-for", address)
            .await
            .json();
        let mut body = newcomer(name, "");
        body.as_object_mut().unwrap().remove("invitationCode");
        let answer = app
            .post("/api/v1/users/register")
            .header("x-forwarded-for", address)
            .json(body)
            .await;
        (
            config["signup"]["allowedForCurrentIP"].clone(),
            answer.status.as_u16(),
        )
    };
    assert_eq!(from("203.0.113.9", "ada").await, (json!(false), 403));
    assert_eq!(from("198.51.100.200", "ada").await, (json!(false), 403));
    assert_eq!(from("198.51.100.7", "ada").await, (json!(true), 204));
}

#[tokio::test]
async fn an_access_token_does_what_its_scopes_say() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let path = "/api/v1/users/me/access-tokens";
    let make = |body: Value| app.post(path).token(&ada).json(body);
    make(json!({ "name": "x" })).await.expect(400);
    make(json!({ "name": "x", "scopes": ["moon:read"] }))
        .await
        .expect(400);
    make(json!({ "name": "", "scopes": ["videos:read"] }))
        .await
        .expect(400);
    let body = json!({
        "name": "feed reader", "scopes": ["videos:read", "account:read"],
        "expiresAt": "2026-11-03T12:00:00.000Z",
    });
    let made = make(body).await.expect(200).json();
    let token = made["accessToken"]["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("vdc_"));
    let listed = app.get(path).token(&ada).await.expect(200);
    assert!(!listed.text().contains(&token));
    assert_eq!(listed.json()["data"][0]["lastUsedAt"], Value::Null);

    assert_eq!(me(&app, &token).await["username"], "ada");
    app.get("/api/v1/users/me/videos")
        .token(&token)
        .await
        .expect(200);
    let refused = app
        .post("/api/v1/videos/upload")
        .token(&token)
        .await
        .expect(403);
    assert_eq!(refused.json()["code"], "insufficient_scope");
    app.put("/api/v1/users/me")
        .token(&token)
        .json(json!({ "displayName": "Eve" }))
        .await
        .expect(403);
    // Nobody makes a token with a token.
    app.get(path).token(&token).await.expect(403);
    app.get("/api/v1/users").token(&token).await.expect(403);
    let listed = app.get(path).token(&ada).await.expect(200).json();
    assert_eq!(listed["data"][0]["lastUsedAt"], "2026-11-01T12:00:00.000Z");
    app.clock.advance(3 * DAY);
    let late = app.get("/api/v1/users/me").token(&token).await.expect(401);
    assert_eq!(late.json()["code"], "invalid_token");
    let ada = app.login("ada", "password-1").await;
    let one = format!("{path}/{}", made["accessToken"]["id"]);
    app.delete(&one).token(&ada).await.expect(204);
    app.delete(&one).token(&ada).await.expect(404);
}

#[tokio::test]
async fn a_new_device_is_told_by_mail() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    app.user("ada").await;
    app.run_jobs().await;
    app.mail.take_kept();
    let log_in = async |device: &str| {
        let client = app.get("/api/v1/oauth-clients/local").await.json();
        let fields = [
            ("client_id", client["client_id"].as_str().unwrap()),
            ("client_secret", client["client_secret"].as_str().unwrap()),
            ("grant_type", "password"),
            ("username", "ada"),
            ("password", "password-1"),
        ];
        let call = app.post("/api/v1/users/token").form(&fields);
        call.header("user-agent", device).await.expect(200);
        app.run_jobs().await;
        app.mail.take_kept()
    };
    let mails = log_in("Firefox on a boat").await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "ada@example.org");
    assert!(
        mails[0].text.contains("Firefox on a boat"),
        "{}",
        mails[0].text
    );
    assert_eq!(log_in("Firefox on a boat").await, []);
}

#[tokio::test]
async fn a_freed_name_can_be_taken_by_somebody_new() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let ada = app.user("ada").await;
    let staff = moderator(&app, "mona").await;
    let names = "/api/v1/server/released-names";
    let free = |token: &str, name: &str| app.post(&format!("{names}/{name}")).token(token);
    free(&root, "ada").await.expect(409);
    free(&root, "nobody").await.expect(404);
    app.delete("/api/v1/users/me").token(&ada).await.expect(204);
    app.run_jobs().await;
    let again = json!({
        "username": "ada", "password": "password-1", "email": "new@example.org", "role": 2,
        "videoQuota": -1, "videoQuotaDaily": -1, "channelName": "ada_channel",
    });
    let add = || app.post("/api/v1/users").token(&root).json(again.clone());
    add().await.expect(409);
    app.get(names).token(&staff).await.expect(403);
    let list = app.get(&format!("{names}?search=ada")).token(&root).await;
    assert_eq!(list.expect(200).json()["total"], 2);
    free(&staff, "ada").await.expect(403);
    set(&app, json!({ "user": { "nameTombstoneDays": 10 } })).await;
    free(&root, "ada").await.expect(409);
    app.clock.advance(11 * DAY);
    let root = app.root().await;
    let free = |name: &str| app.post(&format!("{names}/{name}")).token(&root);
    free("ada").await.expect(204);
    free("ada").await.expect(404);
    free("ada_channel").await.expect(204);
    let made = app.post("/api/v1/users").token(&root).json(again.clone());
    made.await.expect(200);
    app.login("ada", "password-1").await;
    let log = "/api/v1/server/audit-logs?startDate=2026-01-01";
    let log = app.get(log).token(&root).await.expect(200).text();
    assert!(
        log.contains("\"release\"") && log.contains("ada_channel"),
        "{log}"
    );
}

#[tokio::test]
async fn the_audit_log_tells_who_changed_a_role_from_where() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let ada = app.user("ada").await;
    let id = me(&app, &ada).await["id"].clone();
    app.put(&format!("/api/v1/users/{id}"))
        .token(&root)
        .header("x-forwarded-for", "203.0.113.5")
        .json(json!({ "role": 1 }))
        .await
        .expect(204);
    let log = "/api/v1/server/audit-logs?startDate=2026-01-01";
    let log = app.get(log).token(&root).await.expect(200).text();
    for part in ["203.0.113.5", "Moderator", "\"root\""] {
        assert!(log.contains(part), "{part} is not in {log}");
    }
}

#[tokio::test]
async fn newcomers_are_held_on_a_longer_leash() {
    let app = TestApp::new().await;
    let rules = json!({ "enabled": true, "hours": 24, "maxVideos": 1 });
    set(&app, json!({ "moderation": { "newAccounts": rules } })).await;
    let ada = app.user("ada").await;
    let channel = me(&app, &ada).await["videoChannels"][0]["id"].clone();
    let begin = |token: &str| {
        let body = json!({ "name": "A film", "channelId": channel, "filename": "a.mp4" });
        app.post("/api/v1/videos/upload-resumable")
            .token(token)
            .header("x-upload-content-length", "1000")
            .header("x-upload-content-type", "video/mp4")
            .json(body)
    };
    begin(&ada).await.expect(201);
    crate::video::add(&app, "ada", "The first", |_| {}).await;
    begin(&ada).await.expect(403);
    let video = crate::video::add(&app, "root", "Another", |_| {}).await;
    let say = async |token: &str, text: &str| {
        app.post(&format!("/api/v1/videos/{}/comment-threads", video.uuid))
            .token(token)
            .json(json!({ "text": text }))
            .await
            .expect(200)
            .json()["comment"]["heldForReview"]
            .clone()
    };
    assert_eq!(say(&ada, "what a light").await, false);
    assert_eq!(say(&ada, "see https://elsewhere.example").await, true);
    app.clock.advance(25 * HOUR);
    let ada = app.login("ada", "password-1").await;
    begin(&ada).await.expect(201);
    assert_eq!(say(&ada, "see https://elsewhere.example").await, false);
}

#[tokio::test]
async fn new_videos_wait_for_a_moderator_unless_their_owner_is_trusted() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let ada = app.user("ada").await;
    let user = async |name: &str| {
        vidicon::account::user_by_name(&app, name)
            .await
            .unwrap()
            .unwrap()
    };
    let hold = async |name: &str| {
        let video = crate::video::add(&app, name, "New", |_| {}).await;
        let mut tx = app.db.begin().await.unwrap();
        vidicon::video::quarantine::hold(&app, &mut tx, video.id, &user(name).await, 1)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let blocked = app
            .get("/api/v1/videos/blacklist?type=2")
            .token(&root)
            .await;
        (video, blocked.expect(200).json()["total"].clone())
    };
    assert_eq!(hold("ada").await.1, 0);
    let on = json!({ "videos": { "ofUsers": { "enabled": true } } });
    set(&app, json!({ "autoBlacklist": on })).await;
    assert_eq!(hold("root").await.1, 0);
    let (video, total) = hold("ada").await;
    assert_eq!(total, 1);
    let path = format!("/api/v1/videos/{}", video.uuid);
    app.get(&path).await.expect(401);
    let seen = app.get(&path).token(&ada).await.expect(200).json();
    assert_eq!(
        seen["blacklistedReason"],
        "Auto-blacklisted. Moderator review required."
    );
    app.delete(&format!("{path}/blacklist"))
        .token(&root)
        .await
        .expect(204);
    app.get(&path).await.expect(200);
    app.put(&format!("/api/v1/users/{}", user("ada").await.id))
        .token(&root)
        .json(json!({ "adminFlags": 1 }))
        .await
        .expect(204);
    assert_eq!(hold("ada").await.1, 0);
}

#[tokio::test]
async fn dangerous_acts_ask_for_the_password_where_the_site_wants_it() {
    let app = TestApp::new().await;
    let root = app.root().await;
    set(&app, json!({ "admin": { "confirmPassword": true } })).await;
    let add = |name: &str| {
        let body = json!({
            "username": name, "password": "password-1", "email": format!("{name}@example.org"),
            "role": 2, "videoQuota": -1, "videoQuotaDaily": -1,
        });
        app.post("/api/v1/users").token(&root).json(body)
    };
    let refused = add("ada").await.expect(403).json();
    assert_eq!(refused["code"], "password_confirmation_required");
    let wrong = add("ada").header("x-current-password", "guess").await;
    assert_eq!(
        wrong.expect(403).json()["code"],
        "current_password_is_invalid"
    );
    let right = add("ada").header("x-current-password", "root-password");
    right.await.expect(200);
    app.get("/api/v1/config/custom")
        .token(&root)
        .await
        .expect(200);
}

#[tokio::test]
async fn feeds_and_pages_are_limited_too() {
    let app = TestApp::new().await;
    let read = || {
        app.get("/feeds/videos.xml")
            .header("x-forwarded-for", "203.0.113.77")
    };
    for _ in 0..50 {
        assert_ne!(read().await.status, 429);
    }
    let refused = read().await.expect(429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() <= 10);
    app.clock.advance(11_000);
    assert_ne!(read().await.status, 429);
}

#[tokio::test]
async fn pages_carry_the_message_and_the_colours_of_the_site() {
    let app = TestApp::new().await;
    let page = async || app.get("/login").await.expect(200).text();
    let plain = page().await;
    assert!(!plain.contains("theme.css"));
    let changes = json!({
        "broadcastMessage": {
            "enabled": true, "message": "**Tonight** we rest", "level": "warning",
            "dismissable": true,
        },
        "theme": { "customization": { "foregroundColor": "#123456" } },
    });
    set(&app, changes).await;
    let text = page().await;
    for part in [
        "<strong>Tonight</strong> we rest",
        "notice-warn",
        "/client/theme.css",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let style = app.get("/client/theme.css").await.expect(200);
    assert!(style.header("content-type").starts_with("text/css"));
    assert!(style.text().contains("--ink:#123456"));
    let (_, key) = text.split_once("name=\"key\" value=\"").unwrap();
    let key = key.split('"').next().unwrap();
    let away = app
        .post("/broadcast/away")
        .form(&[("key", key), ("next", "/login")])
        .await
        .expect(303);
    let cookie = away.header("set-cookie").split(';').next().unwrap();
    let text = app.get("/login").header("cookie", cookie).await.text();
    assert!(!text.contains("Tonight"));
}
