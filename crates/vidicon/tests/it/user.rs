//! Users: their administration, what they change themselves, sign-up and passwords.

mod door;

use crate::app::{Answer, TestApp};
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
    assert_eq!(names("role=0").await, ["root"]);
    assert_eq!(names("role=1").await, ["mod"]);
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
