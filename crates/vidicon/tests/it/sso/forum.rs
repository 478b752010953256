//! DiscourseConnect as its public protocol describes it, with the test as the forum.

use super::{cookies, parameter, path_of, said, site, who};
use crate::app::{Answer, TestApp};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use vidicon::config::{Group, GroupRole, Sso, SsoKind};

const SECRET: &str = "a secret of both sides";
const HOOK: &str = "the webhook's secret";

fn forum() -> Sso {
    let mut sso = Sso {
        kind: SsoKind::Discourse,
        label: "our forum".to_owned(),
        url: "https://forum.test/".to_owned(),
        secret: SECRET.to_owned(),
        webhook_secret: HOOK.to_owned(),
        ..Sso::default()
    };
    let staff = Group {
        role: Some(GroupRole::Moderator),
        quota_gib: Some(50),
        quota_daily_gib: None,
    };
    sso.groups.insert("staff".to_owned(), staff);
    sso
}

fn sign(secret: &str, text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text);
    hex::encode(mac.finalize().into_bytes())
}

/// What the forum sends the browser back with, for a question in this address.
fn forum_answers(location: &str, secret: &str, person: &[(&str, &str)]) -> String {
    let question = parameter(location, "sso");
    assert_eq!(
        sign(SECRET, question.as_bytes()),
        parameter(location, "sig")
    );
    let question = BASE64_STANDARD.decode(question).unwrap();
    let question = String::from_utf8(question).unwrap();
    let field = |name: &str| parameter(&format!("/?{question}"), name);
    let back = field("return_sso_url");
    assert_eq!(back, "http://video.test/sso/forum/callback");
    let answer = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("nonce", &field("nonce"))
        .extend_pairs(person)
        .finish();
    let payload = BASE64_STANDARD.encode(answer);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("sso", &payload)
        .append_pair("sig", &sign(secret, payload.as_bytes()))
        .finish();
    path_of(&format!("{back}?{query}"))
}

const ADA: [(&str, &str); 4] = [
    ("external_id", "7"),
    ("username", "Ada.L"),
    ("email", "ada@example.org"),
    ("name", "Ada Lovelace"),
];

/// The whole way of one browser; gives the last answer.
async fn log_in(app: &TestApp, person: &[(&str, &str)]) -> Answer {
    let away = app.get("/sso/forum?next=/w/x").await.expect(303);
    let location = away.header("location").to_owned();
    assert!(
        location.starts_with("https://forum.test/session/sso_provider?"),
        "{location}"
    );
    let back = forum_answers(&location, SECRET, person);
    app.get(&back)
        .header("cookie", &cookies(&away))
        .await
        .expect(303)
}

#[tokio::test]
async fn a_member_gets_an_account_and_finds_it_again() {
    let app = site("forum", forum()).await;
    let page = app.get("/login?next=/w/x").await.expect(200).text();
    assert!(page.contains("Log in with our forum") && page.contains("/sso/forum?next=%2Fw%2Fx"));
    let first = log_in(&app, &ADA).await;
    assert_eq!(first.header("location"), "/w/x");
    let session = cookies(&first);
    assert_eq!(who(&app, &session).await.as_deref(), Some("ada_l"));
    let me = app
        .get("/api/v1/users/me")
        .header("cookie", &session)
        .await
        .json();
    assert_eq!(me["email"], "ada@example.org");
    assert_eq!(me["account"]["displayName"], "Ada Lovelace");
    assert_eq!(me["emailVerified"], true);
    assert_eq!(me["role"]["id"], 2);

    let renamed = [
        ("external_id", "7"),
        ("username", "countess"),
        ("email", "other@example.org"),
    ];
    let again = log_in(&app, &renamed).await;
    assert_eq!(who(&app, &cookies(&again)).await.as_deref(), Some("ada_l"));
    let other = [
        ("external_id", "8"),
        ("username", "Ada L"),
        ("email", "l@example.org"),
    ];
    let other = log_in(&app, &other).await;
    assert_eq!(who(&app, &cookies(&other)).await.as_deref(), Some("ada_l1"));
}

#[tokio::test]
async fn groups_bring_roles_and_room_both_ways() {
    let app = site("forum", forum()).await;
    let staff = [&ADA[..], &[("groups", "trust_level_1,staff")]].concat();
    let session = cookies(&log_in(&app, &staff).await);
    let me = app
        .get("/api/v1/users/me")
        .header("cookie", &session)
        .await
        .json();
    assert_eq!(me["role"]["id"], 1);
    assert_eq!(me["videoQuota"], 50_i64 << 30);
    let session = cookies(&log_in(&app, &ADA).await);
    let me = app
        .get("/api/v1/users/me")
        .header("cookie", &session)
        .await
        .json();
    assert_eq!(me["role"]["id"], 2);
    assert_ne!(me["videoQuota"], 50_i64 << 30);
}

#[tokio::test]
async fn only_members_of_a_group_where_it_is_so() {
    let sso = Sso {
        required_group: "patrons".to_owned(),
        ..forum()
    };
    let app = site("forum", sso).await;
    let stranger = log_in(&app, &ADA).await;
    assert!(said(&stranger).contains("members"), "{}", said(&stranger));
    assert_eq!(who(&app, &cookies(&stranger)).await, None);
    let patron = [&ADA[..], &[("groups", "patrons")]].concat();
    assert!(
        who(&app, &cookies(&log_in(&app, &patron).await))
            .await
            .is_some()
    );
}

#[tokio::test]
async fn an_answer_works_once_for_one_browser_and_only_from_the_forum() {
    let app = site("forum", forum()).await;
    let away = app.get("/sso/forum").await;
    let location = away.header("location").to_owned();
    let back = forum_answers(&location, SECRET, &ADA);

    let forged = forum_answers(&location, "another secret", &ADA);
    let answer = app.get(&forged).header("cookie", &cookies(&away)).await;
    assert!(said(&answer).contains("trusted"), "{}", said(&answer));

    let other_browser = app.get("/sso/forum").await;
    for foreign in [String::new(), cookies(&other_browser)] {
        let away = app.get("/sso/forum").await;
        let back = forum_answers(away.header("location"), SECRET, &ADA);
        let answer = app.get(&back).header("cookie", &foreign).await;
        assert!(
            said(&answer).contains("another browser"),
            "{}",
            said(&answer)
        );
    }
    let answer = app.get(&back).header("cookie", &cookies(&away)).await;
    assert!(who(&app, &cookies(&answer)).await.is_some());
    let replay = app.get(&back).header("cookie", &cookies(&away)).await;
    assert_eq!(who(&app, &cookies(&replay)).await, None);

    let slow = app.get("/sso/forum").await;
    let back = forum_answers(slow.header("location"), SECRET, &ADA);
    app.clock.advance(16 * base::clock::MINUTE);
    let late = app.get(&back).header("cookie", &cookies(&slow)).await;
    assert_eq!(who(&app, &cookies(&late)).await, None);
    app.get("/sso/nowhere").await.expect(404);
}

async fn event(app: &TestApp, kind: &str, body: serde_json::Value, secret: &str) -> Answer {
    let body = body.to_string().into_bytes();
    let signature = format!("sha256={}", sign(secret, &body));
    app.post("/sso/forum/events")
        .header("x-discourse-event", kind)
        .header("x-discourse-event-signature", &signature)
        .bytes("application/json", body)
        .await
}

#[tokio::test]
async fn whoever_is_suspended_in_the_forum_is_out_here() {
    let app = site("forum", forum()).await;
    let session = cookies(&log_in(&app, &ADA).await);
    let suspended = json!({ "user": { "id": 7, "suspended_till": "2030-01-01T00:00:00.000Z" } });
    event(&app, "user_updated", suspended.clone(), "wrong")
        .await
        .expect(403);
    assert!(who(&app, &session).await.is_some());
    event(&app, "user_updated", suspended, HOOK)
        .await
        .expect(204);
    assert!(who(&app, &session).await.is_none());

    let session = cookies(&log_in(&app, &ADA).await);
    let past = json!({ "user": { "id": 7, "suspended_till": "2020-01-01T00:00:00.000Z" } });
    event(&app, "user_updated", past, HOOK).await.expect(204);
    assert!(who(&app, &session).await.is_some());
    event(
        &app,
        "user_logged_out",
        json!({ "user": { "id": 7 } }),
        HOOK,
    )
    .await
    .expect(204);
    assert!(who(&app, &session).await.is_none());
    event(&app, "user_updated", json!({ "user": { "id": 99 } }), HOOK)
        .await
        .expect(204);
    event(&app, "ping", json!({ "ping": "OK" }), HOOK)
        .await
        .expect(204);

    let groups = json!({ "user": { "id": 7, "groups": [{ "name": "staff" }] } });
    event(&app, "user_updated", groups, HOOK).await.expect(204);
    let user = vidicon::account::user_by_name(&app, "ada_l")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(user.role, vidicon::account::Role::Moderator);
}

#[tokio::test]
async fn a_known_address_is_not_taken_over() {
    let app = site("forum", forum()).await;
    app.user("ada").await;
    let answer = log_in(&app, &ADA).await;
    assert_eq!(who(&app, &cookies(&answer)).await, None);
    assert!(said(&answer).contains("mail address"), "{}", said(&answer));

    let trusting = Sso {
        link_by_email: true,
        ..forum()
    };
    let app = site("forum", trusting).await;
    app.user("ada").await;
    let answer = log_in(&app, &ADA).await;
    assert_eq!(who(&app, &cookies(&answer)).await.as_deref(), Some("ada"));
}

/// The session cookie of somebody who logs in by the form.
async fn by_form(app: &TestApp, name: &str, password: &str) -> String {
    let fields = [("username", name), ("password", password), ("next", "/")];
    cookies(&app.post("/login").form(&fields).await.expect(303))
}

#[tokio::test]
async fn a_log_in_is_added_to_an_account_and_taken_off() {
    let app = site("forum", forum()).await;
    app.user("grace").await;
    let session = by_form(&app, "grace", "password-1").await;
    let page = app
        .get("/my/logins")
        .header("cookie", &session)
        .await
        .expect(200)
        .text();
    let (_, rest) = page.split_once("href=\"/sso/forum?link=").unwrap();
    let (proof, _) = rest.split_once('"').unwrap();
    let link = format!("/sso/forum?link={proof}");

    // A link of somebody else's page ties nothing.
    app.user("eve").await;
    let eve = by_form(&app, "eve", "password-1").await;
    app.get(&link).header("cookie", &eve).await.expect(403);
    app.get(&link).await.expect(401);

    let away = app.get(&link).header("cookie", &session).await.expect(303);
    let back = forum_answers(away.header("location"), SECRET, &ADA);
    let both = format!("{session}; {}", cookies(&away));
    let added = app.get(&back).header("cookie", &both).await.expect(303);
    assert_eq!(added.header("location"), "/my/logins");
    let mine = app
        .get("/api/v1/users/me/logins")
        .header("cookie", &session)
        .await
        .json();
    assert_eq!(mine[0]["provider"], "forum");
    assert_eq!(mine[0]["name"], "Ada.L");

    let by_forum = cookies(&log_in(&app, &ADA).await);
    assert_eq!(who(&app, &by_forum).await.as_deref(), Some("grace"));
    assert!(
        who(&app, &by_form(&app, "grace", "password-1").await)
            .await
            .is_some()
    );

    let off = app
        .post("/my/logins/forum/unlink")
        .header("cookie", &session)
        .await;
    assert_eq!(off.expect(303).header("location"), "/my/logins");
    let anew = [
        ("external_id", "7"),
        ("username", "ada"),
        ("email", "a@example.org"),
    ];
    let by_forum = cookies(&log_in(&app, &anew).await);
    assert_eq!(who(&app, &by_forum).await.as_deref(), Some("ada"));
    // The only way in stays.
    let path = "/api/v1/users/me/logins/forum";
    app.delete(path)
        .header("cookie", &by_forum)
        .await
        .expect(409);
    let token = app.login("grace", "password-1").await;
    app.delete(path).token(&token).await.expect(404);
}

#[tokio::test]
async fn programs_log_in_by_a_browser_and_a_token_that_works_once() {
    let app = site("forum", forum()).await;
    let config = app.get("/api/v1/config").await.json();
    let auth = &config["plugin"]["registeredExternalAuths"][0];
    assert_eq!(auth["authDisplayName"], "our forum");
    let path = format!(
        "/plugins/{}/{}/auth/{}",
        auth["name"].as_str().unwrap(),
        auth["version"].as_str().unwrap(),
        auth["authName"].as_str().unwrap()
    );
    let away = app.get(&path).await.expect(303);
    let back = forum_answers(away.header("location"), SECRET, &ADA);
    let end = app
        .get(&back)
        .header("cookie", &cookies(&away))
        .await
        .expect(303);
    let place = end.header("location").to_owned();
    assert!(place.starts_with("/login?externalAuthToken="), "{place}");
    assert!(!cookies(&end).contains("vidicon_session"));
    let token = parameter(&place, "externalAuthToken");
    let client = app.get("/api/v1/oauth-clients/local").await.json();
    let fields = |name: &'static str| {
        [
            (
                "client_id",
                client["client_id"].as_str().unwrap().to_owned(),
            ),
            (
                "client_secret",
                client["client_secret"].as_str().unwrap().to_owned(),
            ),
            ("grant_type", "password".to_owned()),
            ("username", name.to_owned()),
            ("externalAuthToken", token.clone()),
        ]
    };
    let trade = async |name: &'static str| {
        let fields = fields(name);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        app.post("/api/v1/users/token").form(&fields).await
    };
    let tokens = trade("ada_l").await.expect(200).json();
    let access = tokens["access_token"].as_str().unwrap();
    app.get("/api/v1/users/me").token(access).await.expect(200);
    trade("ada_l").await.expect(400);
}
