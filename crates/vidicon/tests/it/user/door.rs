//! How people come in: passwords by mail, sign-up, requests to join, the command line.

use super::{add, id_of, mailed, moderator, person, set};
use crate::app::TestApp;
use base::clock::{HOUR, MINUTE};
use serde_json::{Value, json};

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
    app.run_jobs().await;
    assert!(app.mail.take_kept().is_empty(), "nobody is written to");
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
