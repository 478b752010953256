//! What a copy of the database tells: no second factor, no private key; and that the key can be
//! changed. How often an account may be tried.

use crate::app::{ROOT_PASSWORD, TestApp, log_in_form};
use base::clock::MINUTE;
use serde_json::json;
use vidicon::account::two_factor;

const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222222222222222222222222222";

/// Switches the second factor of a user on and gives its secret.
async fn second_factor(app: &TestApp, token: &str, password: &str) -> String {
    let me = app.get("/api/v1/users/me").token(token).await.json();
    let path = format!("/api/v1/users/{}/two-factor", me["id"]);
    let offer = app
        .post(&format!("{path}/request"))
        .token(token)
        .json(json!({ "currentPassword": password }))
        .await
        .expect(200)
        .json();
    let offer = &offer["otpRequest"];
    let secret = offer["secret"].as_str().unwrap();
    let code = two_factor::code_at(secret, app.clock.now()).unwrap();
    let body = json!({ "requestToken": offer["requestToken"], "otpToken": code });
    let confirm = app
        .post(&format!("{path}/confirm-request"))
        .token(token)
        .json(body)
        .await;
    confirm.expect(204);
    secret.to_owned()
}

#[tokio::test]
async fn secrets_are_sealed_and_keys_can_be_changed() {
    let app = TestApp::with(|config| config.secrets.keys = vec![ONE.to_owned()]).await;
    let ada = app.user("ada").await;
    let secret = second_factor(&app, &ada, "password-1").await;
    let actor = app
        .get("/accounts/ada")
        .header("accept", "application/activity+json")
        .await
        .expect(200)
        .json();
    assert!(
        actor["publicKey"]["publicKeyPem"]
            .as_str()
            .unwrap()
            .contains("PUBLIC KEY")
    );
    app.get("/oauth/jwks").await.expect(200);

    let (otp,): (String,) =
        base::db::Query::new("SELECT otp_secret FROM users WHERE username = 'ada'")
            .one(&app.db)
            .await
            .unwrap();
    let (key,): (String,) =
        base::db::Query::new("SELECT private_key FROM actor WHERE name = 'ada'")
            .one(&app.db)
            .await
            .unwrap();
    assert!(
        !otp.contains(&secret) && otp.starts_with("sealed:"),
        "{otp}"
    );
    assert!(!key.contains("PRIVATE"), "{key}");

    let mut config = app.config.clone();
    config.secrets.keys = vec![TWO.to_owned()];
    let other = vidicon::App::open(config.clone(), app.clock.clone()).await;
    let why = format!("{:#}", other.err().unwrap());
    assert!(why.contains("secrets.keys"), "{why}");

    config.secrets.keys = vec![TWO.to_owned(), ONE.to_owned()];
    let both = vidicon::App::open(config.clone(), app.clock.clone())
        .await
        .unwrap();
    // Ada's factor and key, and the one of ID tokens; the server's own key may have been made.
    let sealed = both.vault.seal_again(&both.db, &both.clock).await.unwrap();
    assert!(sealed >= 3, "{sealed}");
    assert_eq!(
        both.vault.seal_again(&both.db, &both.clock).await.unwrap(),
        0
    );

    config.secrets.keys = vec![TWO.to_owned()];
    let changed = vidicon::App::open(config, app.clock.clone()).await.unwrap();
    app.clock.advance(MINUTE);
    let code = two_factor::code_at(&secret, app.clock.now()).unwrap();
    let attempt = vidicon::account::login::Attempt {
        name: "ada",
        password: "password-1",
        otp: Some(&code),
    };
    vidicon::account::login::recognize(&changed, attempt)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_account_is_not_tried_from_a_thousand_addresses() {
    let app = TestApp::with(|config| config.limits.login = 1).await;
    let client = app.get("/api/v1/oauth-clients/local").await.json();
    let attempt = async |n: usize, password: &str| {
        let fields = [
            ("client_id", client["client_id"].as_str().unwrap()),
            ("client_secret", client["client_secret"].as_str().unwrap()),
            ("grant_type", "password"),
            ("username", "root"),
            ("password", password),
        ];
        let from = format!("203.0.113.{n}");
        let call = app
            .post("/api/v1/users/token")
            .header("x-forwarded-for", &from);
        call.form(&fields).await
    };
    for n in 0..4 {
        attempt(n, "wrong").await.expect(400);
    }
    let refused = attempt(100, ROOT_PASSWORD).await.expect(429);
    assert!(refused.header("retry-after").parse::<i64>().unwrap() > 60);
    app.clock.advance(16 * MINUTE);
    attempt(101, ROOT_PASSWORD).await.expect(200);
    // A right password ends the trouble.
    for n in 0..3 {
        attempt(n, "wrong").await.expect(400);
    }
    attempt(102, ROOT_PASSWORD).await.expect(200);
    attempt(103, "wrong").await.expect(400);
    attempt(104, ROOT_PASSWORD).await.expect(200);
    log_in_form(&app, "root", ROOT_PASSWORD).await.expect(200);
}

#[tokio::test]
async fn answers_carry_what_keeps_browsers_safe() {
    let app =
        TestApp::with(|config| config.server.public_url = "https://video.test".to_owned()).await;
    let page = app.get("/login").await.expect(200);
    assert!(
        page.header("strict-transport-security")
            .contains("max-age=31536000")
    );
    assert!(page.header("permissions-policy").contains("camera=()"));
    assert!(
        page.header("content-security-policy")
            .contains("script-src 'self'")
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("x-frame-options"), "DENY");
}
