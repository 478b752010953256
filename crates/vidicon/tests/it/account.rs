//! Log-in, sessions, the second factor, accounts and mutes.

use crate::app::{Answer, ROOT_PASSWORD, TestApp};
use base::clock::{DAY, MINUTE, SECOND};
use base::db::Query;
use serde_json::{Value, json};
use vidicon::access::Access;
use vidicon::account::two_factor;
use vidicon::limits::share::share;

/// A log-in with these fields changed or (when empty) left out.
async fn log_in(app: &TestApp, changes: &[(&str, &str)], otp: Option<&str>) -> Answer {
    let client = app.get("/api/v1/oauth-clients/local").await.json();
    let mut fields = vec![
        ("client_id", client["client_id"].as_str().unwrap()),
        ("client_secret", client["client_secret"].as_str().unwrap()),
        ("grant_type", "password"),
        ("username", "root"),
        ("password", ROOT_PASSWORD),
    ];
    for change in changes {
        fields.retain(|(name, _)| name != &change.0);
        if !change.1.is_empty() {
            fields.push(*change);
        }
    }
    let call = app.post("/api/v1/users/token").form(&fields);
    match otp {
        Some(otp) => call.header("x-peertube-otp", otp).await,
        None => call.await,
    }
}

#[track_caller]
fn refused(answer: Answer, status: u16, code: &str) {
    let answer = answer.expect(status);
    assert_eq!(answer.json()["code"], code, "{}", answer.text());
}

#[tokio::test]
async fn an_unknown_route_below_the_api_is_a_bad_request() {
    let app = TestApp::new().await;
    app.get("/api/v1/nothing").await.expect(400);
    app.get("/nothing").await.expect(404);
}

#[tokio::test]
async fn a_token_is_given_renewed_and_revoked() {
    let app = TestApp::new().await;
    let given = log_in(&app, &[], None).await.expect(200);
    assert_eq!(given.header("cache-control"), "no-store");
    let given = given.json();
    assert_eq!(given["token_type"], "Bearer");
    assert_eq!(given["expires_in"], 86_399);
    let old = given["access_token"].as_str().unwrap();
    assert_eq!(old.len(), 40);
    let refresh = given["refresh_token"].as_str().unwrap();
    let renew = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let renewed = log_in(&app, &renew, None).await.expect(200).json();
    refused(
        app.get("/api/v1/users/me").token(old).await,
        401,
        "invalid_token",
    );
    refused(log_in(&app, &renew, None).await, 400, "invalid_grant");
    let new = renewed["access_token"].as_str().unwrap();
    app.get("/api/v1/users/me").token(new).await.expect(200);
    let revoked = app
        .post("/api/v1/users/revoke-token")
        .token(new)
        .await
        .expect(200);
    assert_eq!(revoked.json(), json!({ "success": true }));
    refused(
        app.get("/api/v1/users/me").token(new).await,
        401,
        "invalid_token",
    );
}

#[tokio::test]
async fn tokens_end_with_time() {
    let app = TestApp::new().await;
    let given = log_in(&app, &[], None).await.json();
    app.clock.advance(DAY + SECOND);
    let access = given["access_token"].as_str().unwrap();
    refused(
        app.get("/api/v1/users/me").token(access).await,
        401,
        "invalid_token",
    );
    app.clock.advance(28 * DAY);
    let refresh = given["refresh_token"].as_str().unwrap();
    let renew = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    refused(log_in(&app, &renew, None).await, 400, "invalid_grant");
}

#[tokio::test]
async fn each_wrong_log_in_has_its_code_and_the_first_wrong_thing_is_told() {
    let app = TestApp::new().await;
    refused(
        app.post("/api/v1/users/token").json(json!({})).await,
        400,
        "invalid_request",
    );
    for (changes, code) in [
        (
            vec![("client_id", "x"), ("grant_type", "")],
            "invalid_client",
        ),
        (vec![("client_secret", "")], "invalid_client"),
        (vec![("grant_type", "")], "invalid_request"),
        (
            vec![("grant_type", "magic"), ("username", "")],
            "unsupported_grant_type",
        ),
        (vec![("username", "")], "invalid_request"),
        (vec![("password", "")], "invalid_request"),
        (vec![("username", "nobody")], "invalid_grant"),
        (vec![("password", "wrong")], "invalid_grant"),
        (vec![("grant_type", "refresh_token")], "invalid_request"),
        (
            vec![("grant_type", "refresh_token"), ("refresh_token", "x")],
            "invalid_grant",
        ),
    ] {
        refused(log_in(&app, &changes, None).await, 400, code);
    }
}

#[tokio::test]
async fn a_name_fits_in_any_case_and_the_mail_address_too() {
    let app = TestApp::new().await;
    app.user("ada").await;
    for name in ["ADA", "ada@example.org"] {
        let changes = [("username", name), ("password", "password-1")];
        log_in(&app, &changes, None).await.expect(200);
    }
}

#[tokio::test]
async fn only_failed_log_ins_are_counted_and_too_many_are_refused() {
    let app = TestApp::with(|config| config.limits.login = 3).await;
    for _ in 0..5 {
        log_in(&app, &[], None).await.expect(200);
    }
    for left in [2, 1, 0] {
        let failed = log_in(&app, &[("password", "wrong")], None)
            .await
            .expect(400);
        assert_eq!(failed.header("x-ratelimit-remaining"), left.to_string());
    }
    let refused = log_in(&app, &[], None).await.expect(429);
    assert_eq!(refused.text(), "Too many requests, please try again later.");
    assert_eq!(refused.header("retry-after"), "300");
    assert_eq!(refused.header("x-ratelimit-limit"), "3");
    app.clock.advance(5 * MINUTE);
    log_in(&app, &[], None).await.expect(200);
}

#[tokio::test]
async fn machines_tell_each_other_who_asks_much() {
    let app = TestApp::with(|config| config.limits.api = 8).await;
    let other = app.beside().await;
    let ask = async |at: &TestApp, from: &'static str| {
        let call = at.get("/api/v1/accounts").header("x-forwarded-for", from);
        call.await.status.as_u16()
    };
    for _ in 0..5 {
        assert_eq!(ask(&app, "203.0.113.5").await, 200);
        assert_eq!(ask(&other, "203.0.113.5").await, 200);
    }
    share(&app).await.unwrap();
    share(&other).await.unwrap();
    // The second has heard of ten; the first hears it when it tells of its next one.
    assert_eq!(ask(&other, "203.0.113.5").await, 429);
    assert_eq!(ask(&app, "203.0.113.5").await, 200);
    share(&app).await.unwrap();
    assert_eq!(ask(&app, "203.0.113.5").await, 429);
    assert_eq!(ask(&app, "203.0.113.6").await, 200);
    // No address is in the database, and the window ends for all.
    let named: Vec<(String,)> = Query::new("SELECT name FROM login_trouble")
        .all(&app.db)
        .await
        .unwrap();
    assert_eq!(named.len(), 1);
    assert!(!named[0].0.contains("203"), "{named:?}");
    app.clock.advance(10 * SECOND);
    assert_eq!(ask(&app, "203.0.113.5").await, 200);
    assert_eq!(ask(&other, "203.0.113.5").await, 200);
}

#[tokio::test]
async fn an_address_can_only_ask_so_often_but_staff_and_this_machine_can() {
    let app = TestApp::with(|config| config.limits.api = 4).await;
    let root = app.root().await;
    let user = app.user("ada").await;
    let from = |ip: &'static str| app.get("/api/v1/accounts").header("x-forwarded-for", ip);
    for _ in 0..4 {
        from("203.0.113.5").await.expect(200);
    }
    let refused = from("203.0.113.5").await.expect(429);
    assert_eq!(refused.header("retry-after"), "10");
    from("203.0.113.5").token(&user).await.expect(429);
    from("203.0.113.5").token(&root).await.expect(200);
    from("203.0.113.6").await.expect(200);
    for _ in 0..10 {
        app.get("/api/v1/accounts").await.expect(200);
    }
    for ip in ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"] {
        from(ip).await.expect(200);
    }
    from("2001:db8::5").await.expect(429);
    from("2001:db8:0:1::5").await.expect(200);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let app = TestApp::new().await;
    let first = app.user("ada").await;
    let second = app.login("ada", "password-1").await;
    let other = app.user("eve").await;
    let root = app.root().await;
    let me = app.get("/api/v1/users/me").token(&first).await.json();
    let path = format!("/api/v1/users/{}/token-sessions", me["id"]);
    let listed = app.get(&path).token(&first).await.expect(200).json();
    assert_eq!(listed["total"], 2);
    let current = |it: &&Value| it["currentSession"] == true;
    assert_eq!(
        listed["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(current)
            .count(),
        1
    );
    app.get(&path).await.expect(401);
    app.get(&path).token(&other).await.expect(403);
    app.get(&path).token(&root).await.expect(200);
    app.get("/api/v1/users/999/token-sessions")
        .token(&first)
        .await
        .expect(404);
    app.get("/api/v1/users/x/token-sessions")
        .token(&first)
        .await
        .expect(400);
    let data = listed["data"].as_array().unwrap();
    let doomed = data
        .iter()
        .find(|it| it["currentSession"] == false)
        .unwrap();
    let revoke = format!("{path}/{}/revoke", doomed["id"]);
    app.post(&revoke).token(&other).await.expect(403);
    app.post(&revoke).token(&first).await.expect(204);
    app.post(&revoke).token(&first).await.expect(404);
    app.get("/api/v1/users/me").token(&second).await.expect(401);
    app.get("/api/v1/users/me").token(&first).await.expect(200);
}

#[tokio::test]
async fn the_second_factor_is_asked_for_and_each_code_works_once() {
    let app = TestApp::new().await;
    let token = app.user("ada").await;
    let id = app.get("/api/v1/users/me").token(&token).await.json()["id"].clone();
    let path = |act: &str| format!("/api/v1/users/{id}/two-factor/{act}");
    let call = |act: &str, body: Value| app.post(&path(act)).token(&token).json(body);
    call("request", json!({})).await.expect(400);
    let wrong = json!({ "currentPassword": "wrong-one" });
    refused(
        call("request", wrong).await,
        403,
        "current_password_is_invalid",
    );
    let right = json!({ "currentPassword": "password-1" });
    let offer = call("request", right.clone()).await.expect(200).json();
    let offer = &offer["otpRequest"];
    let secret = offer["secret"].as_str().unwrap();
    assert!(
        offer["uri"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/")
    );
    let code = || two_factor::code_at(secret, app.clock.now()).unwrap();
    let token_of = |text: &str, otp: &str| json!({ "requestToken": text, "otpToken": otp });
    let request = offer["requestToken"].as_str().unwrap();
    call("confirm-request", token_of(request, ""))
        .await
        .expect(400);
    call("confirm-request", token_of("wrong", &code()))
        .await
        .expect(403);
    call("confirm-request", token_of(request, "000000"))
        .await
        .expect(403);
    call("confirm-request", token_of(request, &code()))
        .await
        .expect(204);
    call("request", right.clone()).await.expect(400);

    let ada = [("username", "ada"), ("password", "password-1")];
    let asked = log_in(&app, &ada, None).await;
    assert_eq!(asked.header("x-peertube-otp"), "required; app");
    refused(asked, 401, "missing_two_factor");
    refused(
        log_in(&app, &ada, Some("123456")).await,
        400,
        "invalid_two_factor",
    );
    refused(
        log_in(&app, &ada, Some(&code())).await,
        400,
        "invalid_two_factor",
    );
    app.clock.advance(30 * SECOND);
    log_in(&app, &ada, Some(&code())).await.expect(200);
    refused(
        log_in(&app, &ada, Some(&code())).await,
        400,
        "invalid_two_factor",
    );

    call("disable", json!({})).await.expect(400);
    call("disable", right.clone()).await.expect(204);
    call("disable", right).await.expect(400);
    log_in(&app, &ada, None).await.expect(200);
}

#[tokio::test]
async fn the_second_factor_of_others_is_the_business_of_staff() {
    let app = TestApp::new().await;
    let (ada, eve, root) = (
        app.user("ada").await,
        app.user("eve").await,
        app.root().await,
    );
    let id = app.get("/api/v1/users/me").token(&ada).await.json()["id"].clone();
    let path = format!("/api/v1/users/{id}/two-factor/request");
    let body = json!({ "currentPassword": "password-1" });
    app.post(&path).token(&eve).json(body).await.expect(403);
    app.post(&path).token(&root).await.expect(200);
    app.post("/api/v1/users/999/two-factor/request")
        .token(&root)
        .await
        .expect(404);
}

#[tokio::test]
async fn the_feed_token_can_be_renewed() {
    let app = TestApp::new().await;
    let token = app.user("ada").await;
    let path = "/api/v1/users/scoped-tokens";
    app.get(path).await.expect(401);
    let first = app.get(path).token(&token).await.expect(200).json();
    assert_eq!(app.get(path).token(&token).await.json(), first);
    let second = app.post(path).token(&token).await.expect(200).json();
    assert_ne!(first, second);
    assert_eq!(app.get(path).token(&token).await.json(), second);
}

#[tokio::test]
async fn accounts_are_listed_and_shown() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let listed = app
        .get("/api/v1/accounts?sort=createdAt&count=1")
        .await
        .expect(200)
        .json();
    assert_eq!(listed["total"], 2);
    assert_eq!(listed["data"][0]["name"], "root");
    app.get("/api/v1/accounts?sort=name").await.expect(400);
    let ada = app.get("/api/v1/accounts/ada").await.expect(200).json();
    assert_eq!(ada["displayName"], "ada");
    assert_eq!(ada["host"], "video.test");
    assert_eq!(ada["url"], "http://video.test/accounts/ada");
    assert_eq!(ada["avatars"], json!([]));
    assert!(ada["userId"].is_i64());
    app.get("/api/v1/accounts/ada@video.test").await.expect(200);
    app.get("/api/v1/accounts/ada@elsewhere.test")
        .await
        .expect(404);
    app.get("/api/v1/accounts/nobody").await.expect(404);
}

#[tokio::test]
async fn people_mute_accounts_and_servers() {
    let app = TestApp::new().await;
    let token = app.user("ada").await;
    app.user("eve").await;
    let path = "/api/v1/users/me/blocklist/accounts";
    app.get(path).await.expect(401);
    let mute = |name: &str| {
        app.post(path)
            .token(&token)
            .json(json!({ "accountName": name }))
    };
    app.post(path)
        .token(&token)
        .json(json!({}))
        .await
        .expect(400);
    mute("nobody").await.expect(404);
    mute("ada").await.expect(409);
    mute("eve").await.expect(204);
    mute("eve@video.test").await.expect(204);
    let listed = app.get(path).token(&token).await.expect(200).json();
    assert_eq!(listed["total"], 1);
    assert_eq!(listed["data"][0]["blockedAccount"]["name"], "eve");
    assert_eq!(listed["data"][0]["byAccount"]["name"], "ada");
    let status = "/api/v1/blocklist/status?accounts=eve&accounts=root&hosts=a.test";
    let seen = app.get(status).token(&token).await.expect(200).json();
    assert_eq!(
        seen["accounts"]["eve"],
        json!({
            "blockedByServer": false, "blockedByServerSubscription": null, "blockedByUser": true,
        })
    );
    assert_eq!(seen["accounts"]["root"]["blockedByUser"], false);
    assert_eq!(seen["hosts"]["a.test"]["blockedByUser"], false);
    let seen = app.get(status).await.expect(200).json();
    assert_eq!(seen["accounts"]["eve"]["blockedByUser"], false);
    app.delete(&format!("{path}/eve"))
        .token(&token)
        .await
        .expect(204);
    app.delete(&format!("{path}/eve"))
        .token(&token)
        .await
        .expect(404);

    let path = "/api/v1/users/me/blocklist/servers";
    let mute = |host: &str| app.post(path).token(&token).json(json!({ "host": host }));
    mute("not a host").await.expect(400);
    mute("video.test").await.expect(409);
    mute("elsewhere.test:8080").await.expect(204);
    let listed = app.get(path).token(&token).await.expect(200).json();
    assert_eq!(
        listed["data"][0]["blockedServer"]["host"],
        "elsewhere.test:8080"
    );
    app.delete(&format!("{path}/elsewhere.test:8080"))
        .token(&token)
        .await
        .expect(204);
    app.delete(&format!("{path}/elsewhere.test:8080"))
        .token(&token)
        .await
        .expect(404);
}

#[tokio::test]
async fn staff_mutes_for_everybody() {
    let app = TestApp::new().await;
    let root = app.root().await;
    app.user("eve").await;
    let server = app.get("/accounts/peertube");
    let server = server.header("accept", "application/activity+json").await;
    let server = server.expect(200).json();
    for (path, body) in [
        ("accounts", json!({ "accountName": "eve" })),
        ("servers", json!({ "host": "elsewhere.test" })),
    ] {
        let path = format!("/api/v1/server/blocklist/{path}");
        app.post(&path).token(&root).json(body).await.expect(204);
        let listed = app.get(&path).token(&root).await.expect(200).json();
        let by = &listed["data"][0]["byAccount"];
        assert_eq!(by["name"], "peertube");
        assert_eq!(by["url"], server["id"], "it is the actor of the site");
        assert!(by["id"].as_i64().unwrap() > 0 && by["createdAt"].is_string());
    }
}

#[tokio::test]
async fn only_staff_mutes_for_everybody() {
    let app = TestApp::new().await;
    let (user, root) = (app.user("ada").await, app.root().await);
    let path = "/api/v1/server/blocklist/accounts";
    app.post(path)
        .token(&user)
        .json(json!({ "accountName": "x" }))
        .await
        .expect(403);
    app.post(path)
        .token(&root)
        .json(json!({ "accountName": "root" }))
        .await
        .expect(409);
    app.post(path)
        .token(&root)
        .json(json!({ "accountName": "ada" }))
        .await
        .expect(204);
    let listed = app.get(path).token(&root).await.expect(200).json();
    assert_eq!(listed["data"][0]["blockedAccount"]["name"], "ada");
    let seen = app
        .get("/api/v1/blocklist/status?accounts=ada")
        .await
        .json();
    assert_eq!(seen["accounts"]["ada"]["blockedByServer"], true);
    app.delete(&format!("{path}/ada"))
        .token(&root)
        .await
        .expect(204);
    let path = "/api/v1/server/blocklist/servers";
    app.post(path)
        .token(&root)
        .json(json!({ "host": "bad.test" }))
        .await
        .expect(204);
    assert_eq!(app.get(path).token(&root).await.json()["total"], 1);
    app.delete(&format!("{path}/bad.test"))
        .token(&root)
        .await
        .expect(204);
    app.delete(&format!("{path}/bad.test"))
        .token(&root)
        .await
        .expect(404);
}

/// The role table holds: what needs a log-in refuses the anonymous, what needs a right refuses a
/// plain user, whatever else is wrong with the request.
#[tokio::test]
async fn nobody_passes_a_route_that_is_not_for_them() {
    let app = TestApp::new().await;
    let user = app.user("ada").await;
    let mut wrong = Vec::new();
    for row in vidicon::routes::site(&app.app).1 {
        let path = row
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let (needs_user, needs_right) = match row.access {
            Access::Public | Access::Optional => (false, false),
            Access::User => (true, false),
            Access::Right(_) => (true, true),
        };
        let call = || app.call(row.method.clone(), &path);
        if needs_user && call().await.status != 401 {
            wrong.push(format!("{} {} lets the anonymous in", row.method, row.path));
        }
        if needs_right && call().token(&user).await.status != 403 {
            wrong.push(format!("{} {} lets a plain user in", row.method, row.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whoever goes from one machine to the next has no more tries.
#[tokio::test]
async fn failed_log_ins_of_an_address_count_at_all_machines_together() {
    let one = TestApp::new().await;
    let other = vidicon::App::open(one.config.clone(), one.clock.clone());
    let other = other.await.unwrap();
    let other = TestApp {
        router: vidicon::routes::site(&other).0,
        app: other,
        folder: tempfile::tempdir().unwrap(),
    };
    let most = one.config.limits.login;
    for n in 0..most {
        let answer = crate::app::log_in_form(&one, &format!("nobody-{n}"), "wrong").await;
        assert_eq!(answer.status, 400);
    }
    let answer = crate::app::log_in_form(&other, "root", crate::app::ROOT_PASSWORD).await;
    let wanted = if crate::app::on_postgres() { 429 } else { 200 };
    assert_eq!(answer.status, wanted, "{}", answer.text());
    one.clock.advance(5 * base::clock::MINUTE + 1);
    let answer = crate::app::log_in_form(&other, "root", crate::app::ROOT_PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}
