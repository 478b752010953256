//! Users: their administration, what they change themselves, sign-up and passwords.

use crate::app::{Answer, TestApp};
use base::clock::{HOUR, MINUTE};
use serde_json::{Map, Value, json};

/// A user as administrators send it, with these fields changed; null leaves one out.
fn person(username: &str, changes: Value) -> Value {
    let mut body = json!({
        "username": username, "password": "password-1", "role": 2,
        "email": format!("{username}@example.org"), "videoQuota": -1, "videoQuotaDaily": -1,
    });
    let object = body.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    body
}

async fn add(app: &TestApp, token: &str, body: Value) -> Answer {
    app.post("/api/v1/users").token(token).json(body).await
}

async fn moderator(app: &TestApp) -> String {
    let root = app.root().await;
    add(app, &root, person("mod", json!({ "role": 1 })))
        .await
        .expect(200);
    app.login("mod", "password-1").await
}

async fn id_of(app: &TestApp, token: &str) -> Value {
    app.get("/api/v1/users/me")
        .token(token)
        .await
        .expect(200)
        .json()["id"]
        .clone()
}

/// Sets parts of the site's own settings, as its administrator would.
async fn set(app: &TestApp, changes: Value) {
    let Value::Object(changes) = changes else {
        panic!("no object")
    };
    let mut all: Map<String, Value> = (*app.instance.changes()).clone();
    all.extend(changes);
    app.instance.save(&app.db, &app.clock, all).await.unwrap();
}

/// The value of a parameter in the only link of the only mail in the box.
async fn mailed(app: &TestApp, parameter: &str) -> String {
    app.run_jobs().await;
    let kept = app.mail.take_kept();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let (_, rest) = kept[0].text.split_once(&format!("{parameter}=")).unwrap();
    rest.chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}

#[tokio::test]
async fn an_administrator_adds_a_user() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let made = add(&app, &root, person("ada", json!({})))
        .await
        .expect(200)
        .json();
    assert!(made["user"]["id"].is_i64() && made["user"]["account"]["id"].is_i64());
    let token = app.login("ada", "password-1").await;
    let me = app
        .get("/api/v1/users/me")
        .token(&token)
        .await
        .expect(200)
        .json();
    assert_eq!(me["username"], "ada");
    assert_eq!(me["role"], json!({ "id": 2, "label": "User" }));
    assert_eq!(me["account"]["name"], "ada");
    assert_eq!(me["videoChannels"][0]["name"], "ada_channel");
    assert_eq!(me["videoChannels"][0]["displayName"], "Main ada channel");
    assert_eq!(me["videoQuotaUsed"], 0);
    assert_eq!(me["notificationSettings"]["abuseAsModerator"], 3);
    assert_eq!(me["twoFactorEnabled"], false);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_user_is_told_in_order() {
    let app = TestApp::new().await;
    let (root, staff) = (app.root().await, moderator(&app).await);
    for wrong in [
        json!({ "username": null }),
        json!({ "username": "Ada" }),
        json!({ "username": ".ada" }),
        json!({ "username": "a".repeat(51) }),
        json!({ "password": null }),
        json!({ "password": "short" }),
        json!({ "password": "" }),
        json!({ "email": "nonsense" }),
        json!({ "role": null }),
        json!({ "role": 7 }),
        json!({ "videoQuota": -5 }),
        json!({ "channelName": "Bad Name" }),
        json!({ "channelName": "ada" }),
    ] {
        let answer = add(&app, &root, person("ada", wrong.clone())).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
    }
    add(&app, &root, person("root", json!({})))
        .await
        .expect(409);
    add(&app, &root, person("peertube", json!({})))
        .await
        .expect(409);
    add(&app, &root, person("root_channel", json!({})))
        .await
        .expect(409);
    add(
        &app,
        &root,
        person("ada", json!({ "email": "mod@example.org" })),
    )
    .await
    .expect(409);
    add(
        &app,
        &root,
        person("ada", json!({ "channelName": "mod_channel" })),
    )
    .await
    .expect(409);
    // A taken name is told before the missing right, a wrong channel after it.
    add(&app, &staff, person("root", json!({ "role": 1 })))
        .await
        .expect(409);
    let body = person("ada", json!({ "role": 1, "channelName": "ada" }));
    add(&app, &staff, body).await.expect(403);
    add(&app, &staff, person("ada", json!({})))
        .await
        .expect(200);
}

#[tokio::test]
async fn users_are_listed_searched_and_sorted() {
    let app = TestApp::new().await;
    let (staff, user) = (moderator(&app).await, app.user("ada").await);
    app.get("/api/v1/users").await.expect(401);
    app.get("/api/v1/users?count=999")
        .token(&user)
        .await
        .expect(403);
    let names = async |query: &str| {
        let path = format!("/api/v1/users?{query}");
        let listed = app.get(&path).token(&staff).await.expect(200).json();
        let names = listed["data"].as_array().unwrap().iter();
        names
            .map(|it| it["username"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("sort=username").await, ["ada", "mod", "root"]);
    assert_eq!(names("sort=-username&start=1&count=1").await, ["mod"]);
    assert_eq!(names("sort=role").await[0], "root");
    assert_eq!(names("sort=-id").await[0], "ada");
    for sort in [
        "videoQuotaUsed",
        "-videoQuotaUsed",
        "lastLoginDate",
        "-lastLoginDate",
        "-role",
        "id",
        "createdAt",
    ] {
        assert_eq!(names(&format!("sort={sort}")).await.len(), 3);
    }
    assert_eq!(names("search=ADA").await, ["ada"]);
    assert_eq!(
        names("search=example.org&sort=username").await,
        ["ada", "mod"]
    );
    assert_eq!(names("search=%25").await.len(), 0);
    assert_eq!(names("blocked=true").await.len(), 0);
    app.get("/api/v1/users?blocked=perhaps")
        .token(&staff)
        .await
        .expect(400);
    app.get("/api/v1/users?sort=email")
        .token(&staff)
        .await
        .expect(400);
    let found = app
        .get("/api/v1/users/autocomplete?search=a")
        .await
        .expect(200)
        .json();
    assert_eq!(found, json!(["ada"]));
}

#[tokio::test]
async fn one_user_is_shown_with_numbers() {
    let app = TestApp::new().await;
    let (staff, user) = (moderator(&app).await, app.user("ada").await);
    let path = format!("/api/v1/users/{}", id_of(&app, &user).await);
    app.get(&path).token(&user).await.expect(403);
    assert!(app.get(&path).token(&staff).await.expect(200).json()["videosCount"].is_null());
    let with = app
        .get(&format!("{path}?withStats=true"))
        .token(&staff)
        .await
        .expect(200)
        .json();
    assert_eq!(with["videosCount"], 0);
    app.get("/api/v1/users/999").token(&staff).await.expect(404);
    app.get("/api/v1/users/x").token(&staff).await.expect(400);
}

#[tokio::test]
async fn staff_changes_users() {
    let app = TestApp::new().await;
    let (root, staff, user) = (
        app.root().await,
        moderator(&app).await,
        app.user("ada").await,
    );
    let path = format!("/api/v1/users/{}", id_of(&app, &user).await);
    let put = |token: &str, body: Value| app.put(&path).token(token).json(body);
    put(&staff, json!({ "videoQuota": -2 })).await.expect(400);
    put(&staff, json!({ "email": "mod@example.org" }))
        .await
        .expect(409);
    put(&staff, json!({ "role": 0 })).await.expect(403);
    let changes = json!({ "videoQuota": 500, "email": "Ada@new.org", "emailVerified": true, "adminFlags": 1 });
    put(&staff, changes).await.expect(204);
    let seen = app.get(&path).token(&staff).await.json();
    assert_eq!(seen["videoQuota"], 500);
    assert_eq!(seen["email"], "ada@new.org");
    assert_eq!(seen["emailVerified"], true);
    assert_eq!(seen["adminFlags"], 1);
    app.get("/api/v1/users/me").token(&user).await.expect(200);
    // A new role and a new password end what was logged in.
    put(&root, json!({ "role": 1 })).await.expect(204);
    app.get("/api/v1/users/me").token(&user).await.expect(401);
    put(&staff, json!({ "videoQuota": 1 })).await.expect(403);
    let again = app.login("ada", "password-1").await;
    put(&root, json!({ "password": "password-2" }))
        .await
        .expect(204);
    app.get("/api/v1/users/me").token(&again).await.expect(401);
    app.login("ada", "password-2").await;
    let root_path = format!("/api/v1/users/{}", id_of(&app, &root).await);
    app.put(&root_path)
        .token(&root)
        .json(json!({ "role": 2 }))
        .await
        .expect(400);
    app.put(&root_path)
        .token(&staff)
        .json(json!({ "videoQuota": 1 }))
        .await
        .expect(403);
    app.put("/api/v1/users/999")
        .token(&root)
        .json(json!({}))
        .await
        .expect(404);
}

#[tokio::test]
async fn a_blocked_user_is_out_until_let_in_again() {
    let app = TestApp::new().await;
    let (root, staff, user) = (
        app.root().await,
        moderator(&app).await,
        app.user("ada").await,
    );
    let path = format!("/api/v1/users/{}", id_of(&app, &user).await);
    let block =
        |token: &str, body: Value| app.post(&format!("{path}/block")).token(token).json(body);
    block(&user, json!({})).await.expect(403);
    block(&staff, json!({ "reason": "x" })).await.expect(400);
    block(&staff, json!({ "reason": "spam, and more spam" }))
        .await
        .expect(204);
    app.get("/api/v1/users/me").token(&user).await.expect(401);
    let seen = app.get(&path).token(&staff).await.json();
    assert_eq!(seen["blocked"], true);
    assert_eq!(seen["blockedReason"], "spam, and more spam");
    let client = app.get("/api/v1/oauth-clients/local").await.json();
    let form = [
        ("client_id", client["client_id"].as_str().unwrap()),
        ("client_secret", client["client_secret"].as_str().unwrap()),
        ("grant_type", "password"),
        ("username", "ada"),
        ("password", "password-1"),
    ];
    let refused = app
        .post("/api/v1/users/token")
        .form(&form)
        .await
        .expect(400);
    assert_eq!(refused.json()["code"], "account_blocked");
    app.post(&format!("{path}/unblock"))
        .token(&staff)
        .await
        .expect(204);
    assert_eq!(
        app.get(&path).token(&staff).await.json()["blockedReason"],
        Value::Null
    );
    app.login("ada", "password-1").await;
    for (token, who, status) in [
        (&root, "root", 400),
        (&staff, "root", 400),
        (&staff, "mod", 403),
    ] {
        let list = app
            .get(&format!("/api/v1/users?search={who}"))
            .token(&root)
            .await
            .json();
        let path = format!("/api/v1/users/{}/block", list["data"][0]["id"]);
        app.post(&path).token(token).await.expect(status);
    }
    app.post("/api/v1/users/999/block")
        .token(&root)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_the_names_stay_taken() {
    let app = TestApp::new().await;
    let (root, staff, user) = (
        app.root().await,
        moderator(&app).await,
        app.user("ada").await,
    );
    let path = format!("/api/v1/users/{}", id_of(&app, &user).await);
    app.delete(&path).token(&user).await.expect(403);
    app.delete(&path).token(&staff).await.expect(204);
    app.delete(&path).token(&staff).await.expect(404);
    app.get("/api/v1/users/me").token(&user).await.expect(401);
    app.get("/api/v1/accounts/ada").await.expect(404);
    app.run_jobs().await;
    add(
        &app,
        &root,
        person("ada", json!({ "email": "other@example.org" })),
    )
    .await
    .expect(409);
    let body = person("eve", json!({ "channelName": "ada_channel" }));
    add(&app, &root, body).await.expect(409);
    let root_path = format!("/api/v1/users/{}", id_of(&app, &root).await);
    app.delete(&root_path).token(&root).await.expect(400);
    app.delete("/api/v1/users/me")
        .token(&root)
        .await
        .expect(400);
    let eve = app.user("eve").await;
    app.delete("/api/v1/users/me").token(&eve).await.expect(204);
    app.get("/api/v1/users/me").token(&eve).await.expect(401);
}

#[tokio::test]
async fn people_change_their_settings() {
    let app = TestApp::new().await;
    let user = app.user("ada").await;
    let put = |body: Value| app.put("/api/v1/users/me").token(&user).json(body);
    app.put("/api/v1/users/me")
        .json(json!({}))
        .await
        .expect(401);
    let settings = json!({
        "displayName": "Ada", "description": "counts things", "nsfwPolicy": "blur",
        "p2pEnabled": false, "autoPlayVideo": "false", "videosHistoryEnabled": false,
        "videoLanguages": ["en", "de"], "theme": "default", "language": "de",
        "nsfwFlagsHidden": 1, "nsfwFlagsBlurred": 2, "noWelcomeModal": true,
    });
    put(settings).await.expect(204);
    let me = app.get("/api/v1/users/me").token(&user).await.json();
    assert_eq!(me["account"]["displayName"], "Ada");
    assert_eq!(me["account"]["description"], "counts things");
    assert_eq!(me["nsfwPolicy"], "blur");
    assert_eq!(
        (&me["p2pEnabled"], &me["autoPlayVideo"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(me["videoLanguages"], json!(["en", "de"]));
    assert_eq!(me["noWelcomeModal"], true);
    assert_eq!(
        (&me["nsfwFlagsHidden"], &me["nsfwFlagsDisplayed"]),
        (&json!(1), &json!(0))
    );
    put(json!({ "description": null, "videoLanguages": null }))
        .await
        .expect(204);
    let me = app.get("/api/v1/users/me").token(&user).await.json();
    assert_eq!(me["account"]["description"], Value::Null);
    assert_eq!(me["videoLanguages"], Value::Null);
    assert_eq!(me["account"]["displayName"], "Ada");
    for wrong in [
        json!({ "displayName": "" }),
        json!({ "displayName": "a".repeat(121) }),
        json!({ "description": "ab" }),
        json!({ "nsfwPolicy": "perhaps" }),
        json!({ "autoPlayVideo": "perhaps" }),
        json!({ "theme": "none such" }),
        json!({ "videoLanguages": vec!["en"; 500] }),
        json!({ "nsfwFlagsHidden": 3, "nsfwFlagsBlurred": 2 }),
    ] {
        let answer = put(wrong.clone()).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_new_password_or_address_asks_for_the_old_password() {
    let app = TestApp::new().await;
    let (user, other) = (app.user("ada").await, app.login("ada", "password-1").await);
    let put = |body: Value| app.put("/api/v1/users/me").token(&user).json(body);
    // The password is asked for before anything else is looked at.
    put(json!({ "password": "x" })).await.expect(400);
    let wrong = put(json!({ "password": "x", "currentPassword": "wrong" }))
        .await
        .expect(401);
    assert_eq!(wrong.json()["code"], "current_password_is_invalid");
    put(json!({ "password": "x", "currentPassword": "password-1" }))
        .await
        .expect(400);
    put(json!({ "password": "password-2", "currentPassword": "password-1" }))
        .await
        .expect(204);
    app.get("/api/v1/users/me").token(&user).await.expect(200);
    app.get("/api/v1/users/me").token(&other).await.expect(401);
    app.login("ada", "password-2").await;
    app.user("eve").await;
    put(json!({ "email": "eve@example.org", "currentPassword": "password-2" }))
        .await
        .expect(409);
    put(json!({ "email": "ada@new.org", "currentPassword": "password-2" }))
        .await
        .expect(204);
    let me = app.get("/api/v1/users/me").token(&user).await.json();
    assert_eq!(me["email"], "ada@new.org");
}

#[tokio::test]
async fn notices_are_set_as_numbers_and_twelve_of_them_must_be() {
    let app = TestApp::new().await;
    let user = app.user("ada").await;
    let put = |body: Value| {
        app.put("/api/v1/users/me/notification-settings")
            .token(&user)
            .json(body)
    };
    let mut body = json!({
        "newVideoFromSubscription": 3, "newCommentOnMyVideo": 0, "abuseAsModerator": 1,
        "videoAutoBlacklistAsModerator": 1, "blacklistOnMyVideo": 1, "myVideoImportFinished": 1,
        "myVideoPublished": 1, "commentMention": 1, "newFollow": 2, "newUserRegistration": 1,
        "newInstanceFollower": 1, "autoInstanceFollowing": 1,
    });
    put(body.clone()).await.expect(204);
    let me = app.get("/api/v1/users/me").token(&user).await.json();
    assert_eq!(me["notificationSettings"]["newVideoFromSubscription"], 3);
    assert_eq!(me["notificationSettings"]["abuseNewMessage"], 3);
    body["newFollow"] = json!("2");
    put(body.clone()).await.expect(400);
    body["newFollow"] = json!(4);
    put(body.clone()).await.expect(400);
    body.as_object_mut().unwrap().remove("newFollow");
    put(body).await.expect(400);
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([200, 30, 90]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn an_avatar_is_made_in_several_sizes_served_and_removed() {
    let app = TestApp::new().await;
    let user = app.user("ada").await;
    let path = "/api/v1/users/me/avatar/pick";
    let pick = |kind: &'static str, file: Vec<u8>| {
        app.post(path)
            .token(&user)
            .multipart(&[], &[("avatarfile", "me.png", kind, &file)])
    };
    app.post(path).await.expect(401);
    app.post(path).token(&user).await.expect(400);
    pick("text/plain", png(9, 9)).await.expect(400);
    pick("image/png", b"no picture".to_vec()).await.expect(400);
    pick("image/png", vec![0; 4 * 1024 * 1024 + 1])
        .await
        .expect(400);
    let made = pick("image/png", png(700, 640)).await.expect(200).json();
    let widths: Vec<_> = made["avatars"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["width"].clone())
        .collect();
    assert_eq!(widths, [600, 120, 48]);
    let file = made["avatars"][1]["path"].as_str().unwrap().to_owned();
    let served = app.get(&file).await.expect(200);
    assert_eq!(served.header("content-type"), "image/jpeg");
    let read = image::load_from_memory(&served.body).unwrap();
    assert_eq!((read.width(), read.height()), (120, 120));
    let account = app.get("/api/v1/accounts/ada").await.json();
    assert_eq!(account["avatars"].as_array().unwrap().len(), 3);
    pick("image/png", png(50, 50)).await.expect(200);
    app.get(&file).await.expect(404);
    let removed = app
        .delete("/api/v1/users/me/avatar")
        .token(&user)
        .await
        .expect(200);
    assert_eq!(removed.json(), json!({ "avatars": [] }));
    assert_eq!(
        app.get("/api/v1/accounts/ada").await.json()["avatars"],
        json!([])
    );
    app.get("/lazy-static/avatars/..%2Fx.png").await.expect(404);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_mailed_link() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    let user = app.user("ada").await;
    let ask = |email: &str| {
        app.post("/api/v1/users/ask-reset-password")
            .json(json!({ "email": email }))
    };
    ask("nonsense").await.expect(400);
    ask("nobody@example.org").await.expect(204);
    assert_eq!(app.run_jobs().await, 0);
    ask("ada@example.org").await.expect(204);
    let code = mailed(&app, "verificationString").await;
    let id = id_of(&app, &user).await;
    let reset = |id: &Value, code: &str, password: &str| {
        let body = json!({ "verificationString": code, "password": password });
        app.post(&format!("/api/v1/users/{id}/reset-password"))
            .json(body)
    };
    reset(&id, &code, "short").await.expect(400);
    reset(&json!(999), &code, "password-2").await.expect(404);
    reset(&id, "wrong", "password-2").await.expect(403);
    reset(&json!(1), &code, "password-2").await.expect(403);
    reset(&id, &code, "password-2").await.expect(204);
    reset(&id, &code, "password-3").await.expect(403);
    app.get("/api/v1/users/me").token(&user).await.expect(401);
    app.login("ada", "password-2").await;
    ask("ada@example.org").await.expect(204);
    let code = mailed(&app, "verificationString").await;
    app.clock.advance(HOUR + MINUTE);
    reset(&id, &code, "password-3").await.expect(403);
}

#[tokio::test]
async fn a_user_made_without_a_password_chooses_one() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    let root = app.root().await;
    let made = add(&app, &root, person("ada", json!({ "password": "" })))
        .await
        .expect(200)
        .json();
    add(&app, &root, person("eve", json!({ "password": "short" })))
        .await
        .expect(400);
    let code = mailed(&app, "verificationString").await;
    app.clock.advance(6 * 24 * HOUR);
    let body = json!({ "verificationString": code, "password": "password-1" });
    let path = format!("/api/v1/users/{}/reset-password", made["user"]["id"]);
    app.post(&path).json(body).await.expect(204);
    app.login("ada", "password-1").await;
}

fn newcomer(name: &str, changes: Value) -> Value {
    let mut body = json!({
        "username": name, "password": "password-1", "email": format!("{name}@example.org"),
    });
    body.as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn sign_up_is_closed_until_it_is_opened() {
    let app = TestApp::new().await;
    let register = |body: Value| app.post("/api/v1/users/register").json(body);
    register(json!({})).await.expect(403);
    set(&app, json!({ "signup": { "enabled": true } })).await;
    register(newcomer("ada", json!({}))).await.expect(403);
    let open = json!({ "enabled": true, "requiresApproval": false, "limit": 3 });
    set(
        &app,
        json!({ "signup": open, "user": { "videoQuota": 777 } }),
    )
    .await;
    register(json!({})).await.expect(400);
    register(newcomer("Ada", json!({}))).await.expect(400);
    register(newcomer(
        "ada",
        json!({ "channel": { "name": "ada_films" } }),
    ))
    .await
    .expect(400);
    let channel = json!({ "channel": { "name": "ada", "displayName": "Films" } });
    register(newcomer("ada", channel)).await.expect(400);
    register(newcomer("root", json!({}))).await.expect(409);
    let channel = json!({ "channel": { "name": "root_channel", "displayName": "Films" } });
    register(newcomer("ada", channel)).await.expect(409);
    let channel =
        json!({ "displayName": "Ada", "channel": { "name": "ada_films", "displayName": "Films" } });
    register(newcomer("ada", channel)).await.expect(204);
    let token = app.login("ada", "password-1").await;
    let me = app.get("/api/v1/users/me").token(&token).await.json();
    assert_eq!(me["videoQuota"], 777);
    assert_eq!(me["account"]["displayName"], "Ada");
    assert_eq!(me["videoChannels"][0]["name"], "ada_films");
    let request = newcomer("eve", json!({ "registrationReason": "I like films" }));
    app.post("/api/v1/users/registrations/request")
        .json(request)
        .await
        .expect(400);
    register(newcomer("eve", json!({}))).await.expect(204);
    register(newcomer("max", json!({}))).await.expect(403);
}

#[tokio::test]
async fn only_so_many_sign_ups_come_from_one_address() {
    let app = TestApp::new().await;
    set(
        &app,
        json!({ "signup": { "enabled": true, "requiresApproval": false } }),
    )
    .await;
    let register = |name: &str| {
        let call = app
            .post("/api/v1/users/register")
            .header("x-forwarded-for", "203.0.113.5");
        call.json(newcomer(name, json!({})))
    };
    register("Wrong").await.expect(400);
    register("root").await.expect(409);
    register("ada").await.expect(204);
    register("eve").await.expect(204);
    register("max").await.expect(429);
}

#[tokio::test]
async fn a_request_to_join_is_decided_on() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    set(&app, json!({ "signup": { "enabled": true } })).await;
    let staff = moderator(&app).await;
    let ask = |name: &str| {
        let body = newcomer(name, json!({ "registrationReason": "I like films" }));
        app.post("/api/v1/users/registrations/request").json(body)
    };
    let path = "/api/v1/users/registrations";
    app.post(&format!("{path}/request"))
        .json(newcomer("ada", json!({})))
        .await
        .expect(400);
    let asked = ask("ada").await.expect(200).json();
    assert_eq!(asked["state"], json!({ "id": 1, "label": "Pending" }));
    ask("ada").await.expect(409);
    let wait = |name: &'static str| crate::app::log_in_form(&app, name, "password-1");
    assert_eq!(
        wait("ada").await.expect(400).json()["code"],
        "account_waiting_for_approval"
    );
    let act = |id: &Value, act: &str, body: Value| {
        app.post(&format!("{path}/{id}/{act}"))
            .token(&staff)
            .json(body)
    };
    let answer = json!({ "moderationResponse": "welcome" });
    act(&asked["id"], "accept", json!({})).await.expect(400);
    act(&json!(999), "accept", answer.clone()).await.expect(404);
    act(&asked["id"], "accept", answer.clone())
        .await
        .expect(204);
    act(&asked["id"], "reject", answer.clone())
        .await
        .expect(409);
    app.run_jobs().await;
    let mails = app.mail.take_kept();
    assert_eq!(mails[0].to, "ada@example.org");
    assert!(
        mails[0].subject.ends_with("has been accepted"),
        "{}",
        mails[0].subject
    );
    app.login("ada", "password-1").await;

    let asked = ask("eve").await.expect(200).json();
    let silent = json!({ "moderationResponse": "no room", "preventEmailDelivery": true });
    act(&asked["id"], "reject", silent).await.expect(204);
    assert_eq!(app.run_jobs().await, 0);
    assert_eq!(
        wait("eve").await.expect(400).json()["code"],
        "account_approval_rejected"
    );
    let listed = app
        .get(&format!("{path}?sort=state"))
        .token(&staff)
        .await
        .expect(200)
        .json();
    assert_eq!(listed["total"], 2);
    assert_eq!(listed["data"][0]["state"]["id"], 2);
    let found = app
        .get(&format!("{path}?search=EVE"))
        .token(&staff)
        .await
        .json();
    assert_eq!(found["total"], 1);
    let one = format!("{path}/{}", asked["id"]);
    app.delete(&one).token(&staff).await.expect(204);
    app.delete(&one).token(&staff).await.expect(404);
    assert_eq!(
        wait("eve").await.expect(400).json()["code"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_mail_address_is_proved_before_the_first_log_in() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    let open =
        json!({ "enabled": true, "requiresApproval": false, "requiresEmailVerification": true });
    set(&app, json!({ "signup": open })).await;
    app.post("/api/v1/users/register")
        .json(newcomer("ada", json!({})))
        .await
        .expect(204);
    let refused = crate::app::log_in_form(&app, "ada", "password-1")
        .await
        .expect(400);
    assert_eq!(refused.json()["code"], "email_not_verified");
    let code = mailed(&app, "verificationString").await;
    let root = app.root().await;
    let list = app
        .get("/api/v1/users?search=ada")
        .token(&root)
        .await
        .json();
    let path = format!("/api/v1/users/{}/verify-email", list["data"][0]["id"]);
    let prove = |code: &str| app.post(&path).json(json!({ "verificationString": code }));
    app.post(&path).json(json!({})).await.expect(400);
    prove("wrong").await.expect(403);
    prove(&code).await.expect(204);
    prove(&code).await.expect(403);
    let token = app.login("ada", "password-1").await;

    // A new address holds once it is proved; until then the old one stays.
    let body = json!({ "email": "ada@new.org", "currentPassword": "password-1" });
    app.put("/api/v1/users/me")
        .token(&token)
        .json(body)
        .await
        .expect(204);
    let me = app.get("/api/v1/users/me").token(&token).await.json();
    assert_eq!(
        (&me["email"], &me["pendingEmail"]),
        (&json!("ada@example.org"), &json!("ada@new.org"))
    );
    let code = mailed(&app, "verificationString").await;
    prove(&code).await.expect(204);
    let me = app.get("/api/v1/users/me").token(&token).await.json();
    assert_eq!(
        (&me["email"], &me["pendingEmail"]),
        (&json!("ada@new.org"), &Value::Null)
    );
}

#[tokio::test]
async fn a_request_to_join_proves_its_address_too() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    set(
        &app,
        json!({ "signup": { "enabled": true, "requiresEmailVerification": true } }),
    )
    .await;
    let body = newcomer("ada", json!({ "registrationReason": "I like films" }));
    let asked = app
        .post("/api/v1/users/registrations/request")
        .json(body)
        .await
        .expect(200)
        .json();
    mailed(&app, "verificationString").await;
    let ask = "/api/v1/users/registrations/ask-send-verify-email";
    app.post(ask)
        .json(json!({ "email": "nobody@example.org" }))
        .await
        .expect(204);
    app.post(ask)
        .json(json!({ "email": "ada@example.org" }))
        .await
        .expect(204);
    let code = mailed(&app, "verificationString").await;
    let path = format!("/api/v1/users/registrations/{}/verify-email", asked["id"]);
    app.post(&path)
        .json(json!({ "verificationString": "wrong" }))
        .await
        .expect(403);
    app.post(&path)
        .json(json!({ "verificationString": code }))
        .await
        .expect(204);
    let root = app.root().await;
    let list = app
        .get("/api/v1/users/registrations")
        .token(&root)
        .await
        .json();
    assert_eq!(list["data"][0]["emailVerified"], true);
}

#[tokio::test]
async fn the_command_line_adds_users_and_resets_passwords() {
    use vidicon::cli::admin::{Admin, RoleName, run};
    let app = TestApp::new().await;
    let create = |name: &str, password: Option<&str>| {
        let command = Admin::CreateUser {
            username: name.to_owned(),
            email: format!("{name}@example.org"),
            role: RoleName::Moderator,
            password: password.map(str::to_owned),
        };
        run(&app, command)
    };
    create("ada", Some("password-1")).await.unwrap();
    let token = app.login("ada", "password-1").await;
    let said = create("Bad Name", None).await.unwrap_err().to_string();
    assert!(said.contains("cannot be a user name"), "{said}");
    let said = format!("{:#}", create("ada", None).await.unwrap_err());
    assert!(said.contains("already exists"), "{said}");
    assert!(create("eve", Some("short")).await.is_err());
    let reset = |name: &str| {
        let username = name.to_owned();
        run(
            &app,
            Admin::ResetPassword {
                username,
                password: None,
                without_second_factor: true,
            },
        )
    };
    let said = reset("ada").await.unwrap();
    let (_, password) = said.trim().rsplit_once(' ').unwrap();
    app.get("/api/v1/users/me").token(&token).await.expect(401);
    app.login("ada", password).await;
    assert!(
        reset("nobody")
            .await
            .unwrap_err()
            .to_string()
            .contains("list-users")
    );
    let listed = run(&app, Admin::ListUsers).await.unwrap();
    assert!(
        listed.contains("Moderator") && listed.contains("root"),
        "{listed}"
    );
}
