//! OpenID Connect with both ends ours: one site is the provider, the other one's people log in
//! there. (Other people's providers: tests/peers.)

use super::{cookies, parameter, path_of, said, site, who};
use crate::app::{Answer, TestApp};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::routing::get;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};
use vidicon::config::{Group, GroupRole, Sso};

/// A site that answers over the network, and its address.
async fn provider() -> (TestApp, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = TestApp::with(|config| config.server.public_url.clone_from(&address)).await;
    let router = app.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (app, address)
}

async fn add_program(provider: &TestApp, body: Value) -> Value {
    let root = provider.root().await;
    let made = provider
        .post("/api/v1/server/oauth-apps")
        .token(&root)
        .json(body)
        .await;
    made.expect(200).json()
}

async fn session_of(app: &TestApp, name: &str) -> String {
    app.user(name).await;
    let fields = [
        ("username", name),
        ("password", "password-1"),
        ("next", "/"),
    ];
    cookies(&app.post("/login").form(&fields).await.expect(303))
}

/// Answers the question of the page as a person does.
async fn allow(provider: &TestApp, session: &str, path: &str, decision: &str) -> Answer {
    let asked = provider
        .get(path)
        .header("cookie", session)
        .await
        .expect(200);
    let page = asked.text();
    let mut fields: Vec<(String, String)> = Vec::new();
    for part in page.split("<input type=\"hidden\" name=\"").skip(1) {
        let (name, rest) = part.split_once('"').unwrap();
        let (_, rest) = rest.split_once("value=\"").unwrap();
        let (value, _) = rest.split_once('"').unwrap();
        fields.push((name.to_owned(), value.replace("&#38;", "&")));
    }
    fields.push(("decision".to_owned(), decision.to_owned()));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let call = provider.post("/oauth/authorize").header("cookie", session);
    call.header("sec-fetch-site", "same-origin")
        .form(&fields)
        .await
}

#[tokio::test]
async fn somebody_logs_in_at_another_site_and_is_found_again() {
    let (there, issuer) = provider().await;
    let made = add_program(
        &there,
        json!({ "name": "Films", "redirectUris": ["https://x.test/", "http://127.0.0.1/x"] }),
    )
    .await;
    // The relying site's address is not secure in tests, so it is written down past the check.
    let listed = vec!["http://video.test/sso/work/callback".to_owned()];
    let program = vidicon::sso::provide::register(&there, "Films", &listed, true)
        .await
        .unwrap();
    assert_eq!(made["name"], "Films");
    let mut sso = Sso {
        url: issuer,
        client_id: program.client_id,
        secret: program.secret.unwrap(),
        scopes: "openid profile email roles".to_owned(),
        groups_claim: "roles".to_owned(),
        ..Sso::default()
    };
    let group = Group {
        role: Some(GroupRole::Moderator),
        ..Group::default()
    };
    sso.groups.insert("user".to_owned(), group);
    let here = site("work", sso).await;
    let session = session_of(&there, "ada").await;

    let away = here.get("/sso/work?next=/w/1").await.expect(303);
    let question = path_of(away.header("location"));
    let stranger = there.get(&question).await.expect(303);
    assert!(
        stranger
            .header("location")
            .starts_with("/login?next=%2Foauth%2Fauthorize")
    );
    let back = allow(&there, &session, &question, "allow")
        .await
        .expect(303);
    let back = path_of(back.header("location"));
    let end = here
        .get(&back)
        .header("cookie", &cookies(&away))
        .await
        .expect(303);
    assert_eq!(end.header("location"), "/w/1", "{}", said(&end));
    assert_eq!(who(&here, &cookies(&end)).await.as_deref(), Some("ada"));
    let me = here
        .get("/api/v1/users/me")
        .header("cookie", &cookies(&end))
        .await
        .json();
    assert_eq!(me["role"]["id"], 1);

    // The second time nobody is asked, and it is the same person.
    let away = here.get("/sso/work").await.expect(303);
    let question = path_of(away.header("location"));
    let back = there
        .get(&question)
        .header("cookie", &session)
        .await
        .expect(303);
    let back = path_of(back.header("location"));
    let other_browser = here.get(&back).await;
    assert_eq!(who(&here, &cookies(&other_browser)).await, None);
    let users = vidicon::account::user_count(&here).await.unwrap();
    assert_eq!(users, 2);
}

#[tokio::test]
async fn a_refusal_and_a_provider_that_is_away_are_said() {
    let (there, issuer) = provider().await;
    let listed = vec!["http://video.test/sso/work/callback".to_owned()];
    let program = vidicon::sso::provide::register(&there, "Films", &listed, false)
        .await
        .unwrap();
    let sso = Sso {
        url: issuer,
        client_id: program.client_id,
        ..Sso::default()
    };
    let here = site("work", sso).await;
    let session = session_of(&there, "ada").await;
    let away = here.get("/sso/work").await;
    let question = path_of(away.header("location"));
    let back = allow(&there, &session, &question, "refuse")
        .await
        .expect(303);
    assert_eq!(parameter(back.header("location"), "error"), "access_denied");
    let back = path_of(back.header("location"));
    let end = here
        .get(&back)
        .header("cookie", &cookies(&away))
        .await
        .expect(303);
    assert_eq!(who(&here, &cookies(&end)).await, None);
    assert!(said(&end).contains("not let in"), "{}", said(&end));

    let nowhere = Sso {
        url: "http://127.0.0.1:9".to_owned(),
        client_id: "x".to_owned(),
        ..Sso::default()
    };
    let here = site("work", nowhere).await;
    let away = here.get("/sso/work").await.expect(303);
    assert!(said(&away).contains("reached"), "{}", said(&away));
}

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn question(client_id: &str, more: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", "https://a.test/back")
        .append_pair("scope", "openid email offline_access")
        .append_pair("state", "s1")
        .append_pair("nonce", "n1")
        .extend_pairs(more)
        .finish();
    format!("/oauth/authorize?{query}")
}

const PKCE: [(&str, &str); 2] = [
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

async fn code(app: &TestApp, client_id: &str, session: &str) -> String {
    let path = question(client_id, &PKCE);
    let first = app.get(&path).header("cookie", session).await;
    let answer = if first.status == 303 {
        first
    } else {
        allow(app, session, &path, "allow").await
    };
    let place = answer.expect(303).header("location").to_owned();
    assert!(place.starts_with("https://a.test/back?"), "{place}");
    assert_eq!(parameter(&place, "state"), "s1");
    assert_eq!(parameter(&place, "iss"), "http://video.test");
    parameter(&place, "code")
}

async fn trade(app: &TestApp, client_id: &str, code: &str, verifier: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("code", code),
        ("redirect_uri", "https://a.test/back"),
        ("code_verifier", verifier),
    ];
    app.post("/oauth/token").form(&fields).await
}

#[tokio::test]
async fn a_program_without_a_secret_gets_tokens_by_pkce_once() {
    let app = TestApp::new().await;
    let made = add_program(
        &app,
        json!({ "name": "App", "redirectUris": ["https://a.test/back"], "confidential": false }),
    )
    .await;
    assert!(made.get("clientSecret").is_none());
    let client = made["clientId"].as_str().unwrap();
    let session = session_of(&app, "ada").await;

    let first = code(&app, client, &session).await;
    trade(&app, client, &first, &VERIFIER.replace('d', "e"))
        .await
        .expect(400);
    trade(&app, "nobody", &first, VERIFIER).await.expect(401);
    let answer = trade(&app, client, &first, VERIFIER).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    let access = tokens["access_token"].as_str().unwrap();
    let me = app
        .get("/oauth/userinfo")
        .token(access)
        .await
        .expect(200)
        .json();
    assert_eq!(me["email"], "ada@example.org");
    assert!(me.get("name").is_none(), "profile was not asked for: {me}");
    // It tells who somebody is and opens nothing else.
    app.get("/api/v1/users/me").token(access).await.expect(401);

    // The code again: somebody has stolen it, so its tokens die.
    trade(&app, client, &first, VERIFIER).await.expect(400);
    app.get("/oauth/userinfo").token(access).await.expect(401);

    let late = code(&app, client, &session).await;
    app.clock.advance(2 * base::clock::MINUTE);
    trade(&app, client, &late, VERIFIER).await.expect(400);
}

#[tokio::test]
async fn tokens_are_renewed_and_taken_back() {
    let app = TestApp::new().await;
    let made = add_program(
        &app,
        json!({ "name": "App", "redirectUris": ["https://a.test/back"], "confidential": false }),
    )
    .await;
    let client = made["clientId"].as_str().unwrap();
    let session = session_of(&app, "ada").await;
    let code = code(&app, client, &session).await;
    let tokens = trade(&app, client, &code, VERIFIER)
        .await
        .expect(200)
        .json();
    let renew = async |token: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", token),
        ];
        app.post("/oauth/token").form(&fields).await
    };
    let old = tokens["refresh_token"].as_str().unwrap();
    let newer = renew(old).await.expect(200).json();
    renew(old).await.expect(400);
    let access = newer["access_token"].as_str().unwrap();
    app.get("/oauth/userinfo").token(access).await.expect(200);
    let allowed = app
        .get("/api/v1/users/me/oauth-apps")
        .header("cookie", &session)
        .await
        .json();
    assert_eq!(allowed[0]["name"], "App");
    let path = format!("/api/v1/users/me/oauth-apps/{client}");
    app.delete(&path)
        .header("cookie", &session)
        .await
        .expect(204);
    app.get("/oauth/userinfo").token(access).await.expect(401);
    renew(newer["refresh_token"].as_str().unwrap())
        .await
        .expect(400);
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_nobody_listed() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let session = session_of(&app, "ada").await;
    let made = add_program(
        &app,
        json!({ "name": "App", "redirectUris": ["https://a.test/back"], "confidential": false }),
    )
    .await;
    let client = made["clientId"].as_str().unwrap();
    let evil = question(client, &PKCE).replace("a.test%2Fback", "evil.test%2Fback");
    app.get(&evil).header("cookie", &session).await.expect(400);
    app.get(&question("nobody", &PKCE))
        .header("cookie", &session)
        .await
        .expect(400);
    let error = async |path: String| {
        let answer = app.get(&path).header("cookie", &session).await.expect(303);
        parameter(answer.header("location"), "error")
    };
    assert_eq!(error(question(client, &[])).await, "invalid_request");
    let none = [&PKCE[..], &[("prompt", "none")]].concat();
    assert_eq!(error(question(client, &none)).await, "consent_required");
    let other = question(client, &PKCE).replace("response_type=code", "response_type=token");
    assert_eq!(error(other).await, "unsupported_response_type");
    // Another site's page cannot answer for the one who is logged in.
    let forged = app
        .post("/oauth/authorize")
        .header("cookie", &session)
        .header("sec-fetch-site", "cross-site")
        .form(&[("client_id", client), ("decision", "allow")])
        .await;
    forged.expect(401);
    for bad in ["http://a.test/", "javascript:alert(1)", "nonsense"] {
        let body = json!({ "name": "App", "redirectUris": [bad] });
        let refused = app
            .post("/api/v1/server/oauth-apps")
            .token(&root)
            .json(body)
            .await;
        refused.expect(400);
    }
    let ada = app.login("ada", "password-1").await;
    app.get("/api/v1/server/oauth-apps")
        .token(&ada)
        .await
        .expect(403);
    let path = format!("/api/v1/server/oauth-apps/{client}");
    app.delete(&path).token(&root).await.expect(204);
    app.delete(&path).token(&root).await.expect(404);
}

/// A provider of the test's own, with a key that signs what the test wants.
struct Signer {
    issuer: String,
    key: EcdsaKeyPair,
}

impl Signer {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = key.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let keys = json!({ "keys": [
            { "kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y) }
        ] });
        let about = json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/a"),
            "token_endpoint": format!("{issuer}/t"), "jwks_uri": format!("{issuer}/keys"),
        });
        let router = axum::Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(async move || about.to_string()),
            )
            .route("/keys", get(async move || keys.to_string()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Signer { issuer, key }
    }

    fn token(&self, claims: &Value) -> String {
        let head = json!({ "alg": "ES256", "typ": "logout+jwt" }).to_string();
        let text = format!(
            "{}.{}",
            encoded(head.as_bytes()),
            encoded(claims.to_string().as_bytes())
        );
        let random = aws_lc_rs::rand::SystemRandom::new();
        let signature = self.key.sign(&random, text.as_bytes()).unwrap();
        format!("{text}.{}", encoded(signature.as_ref()))
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn who_logs_out_at_the_provider_is_logged_out_here() {
    let signer = Signer::new().await;
    let sso = Sso {
        url: signer.issuer.clone(),
        client_id: "films".to_owned(),
        ..Sso::default()
    };
    let app = site("work", sso).await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let link = "INSERT INTO login_link (user_id, provider, subject, shown_name, managed, created_at, last_used_at)
                SELECT id, 'work', 'ada-7', 'Ada', FALSE, 0, 0 FROM users WHERE username = 'ada'";
    base::db::Query::new(link).execute(&app.db).await.unwrap();
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let good = json!({
        "iss": signer.issuer, "aud": ["films"], "iat": app.clock.now() / 1000, "jti": "1",
        "sub": "ada-7", "events": { event: {} },
    });
    let send = async |token: &str| {
        let call = app.post("/sso/work/logout");
        call.form(&[("logout_token", token)]).await.status.as_u16()
    };
    let is_in = async |token: &str| {
        app.get("/api/v1/users/me")
            .token(token)
            .await
            .status
            .as_u16()
            == 200
    };
    let other = Signer::new().await;
    let forged = other.token(&good);
    let mut refused = vec![forged, String::new(), "a.b.c".to_owned()];
    for (name, value) in [
        ("iss", json!(other.issuer)),
        ("aud", json!("others")),
        ("iat", json!(1)),
        ("iat", Value::Null),
        ("sub", json!("")),
        ("nonce", json!("n")),
        ("events", json!({})),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        refused.push(signer.token(&bad));
    }
    for token in &refused {
        assert_eq!(send(token).await, 400, "{token}");
    }
    assert!(is_in(&ada).await);
    assert_eq!(send(&signer.token(&good)).await, 200);
    assert!(!is_in(&ada).await && is_in(&eve).await);
    // Somebody who was never here: nothing to do.
    let mut stranger = good.clone();
    stranger["sub"] = json!("nobody");
    assert_eq!(send(&signer.token(&stranger)).await, 200);
    let elsewhere = app.post("/sso/none/logout");
    elsewhere.form(&[("logout_token", "x")]).await.expect(404);
}
