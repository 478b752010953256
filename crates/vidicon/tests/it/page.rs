//! Pages: the frame, logging in by form, errors for people and for programs.

use crate::app::{ROOT_PASSWORD, TestApp};

fn cookie_of(answer: &crate::app::Answer, name: &str) -> String {
    let all = answer.headers.get_all("set-cookie").iter();
    let found = all
        .filter_map(|value| value.to_str().ok())
        .find(|value| value.starts_with(&format!("{name}=")));
    found
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned()
}

async fn log_in(app: &TestApp, password: &str, next: &str) -> crate::app::Answer {
    app.post("/login")
        .header("sec-fetch-site", "same-origin")
        .form(&[
            ("username", "root"),
            ("password", password),
            ("next", next),
            ("stay", "1"),
        ])
        .await
}

#[tokio::test]
async fn a_form_logs_in_and_the_cookie_is_the_session() {
    let app = TestApp::new().await;
    let answer = log_in(&app, ROOT_PASSWORD, "/my/videos").await.expect(303);
    assert_eq!(answer.header("location"), "/my/videos");
    let session = cookie_of(&answer, "vidicon_session");
    let whole = answer.header("set-cookie").to_owned();
    assert!(
        whole.contains("HttpOnly") && whole.contains("SameSite=Lax"),
        "{whole}"
    );
    // Logged in already: the form is not shown again.
    let again = app
        .get("/login?next=/about")
        .header("cookie", &session)
        .await
        .expect(303);
    assert_eq!(again.header("location"), "/about");
    // And logged out, the same cookie opens nothing.
    let out = app
        .post("/logout")
        .header("cookie", &session)
        .header("sec-fetch-site", "same-origin")
        .await;
    assert_eq!(out.status, 303);
    app.get("/login")
        .header("cookie", &session)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_wrong_password_keeps_the_name() {
    let app = TestApp::new().await;
    let answer = log_in(&app, "not the one", "/").await.expect(400);
    let html = answer.text();
    assert!(
        html.contains("value=\"root\"") && html.contains("do not fit together"),
        "{html}"
    );
    assert!(cookie_of(&answer, "vidicon_session").is_empty());
}

#[tokio::test]
async fn another_site_cannot_log_anybody_in_or_lead_away() {
    let app = TestApp::new().await;
    let foreign = app
        .post("/login")
        .header("origin", "https://evil.example")
        .form(&[("username", "root"), ("password", ROOT_PASSWORD)])
        .await;
    assert_eq!(foreign.status, 403);
    let away = log_in(&app, ROOT_PASSWORD, "https://evil.example/")
        .await
        .expect(303);
    assert_eq!(away.header("location"), "/");
}

#[tokio::test]
async fn errors_are_pages_for_people_only() {
    let app = TestApp::new().await;
    let page = app
        .get("/nothing")
        .header("accept", "text/html")
        .await
        .expect(404);
    assert!(page.text().contains("There is nothing at this address."));
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    let program = app.get("/nothing").await.expect(404);
    assert!(
        program
            .header("content-type")
            .starts_with("application/problem+json")
    );
    let call = app
        .get("/api/v1/nothing")
        .header("accept", "text/html")
        .await;
    assert!(
        call.header("content-type")
            .starts_with("application/problem+json")
    );
}

#[tokio::test]
async fn the_language_is_asked_for_or_chosen() {
    let app = TestApp::new().await;
    let german = app
        .get("/login")
        .header("accept-language", "de-CH, en;q=0.5")
        .await
        .expect(200);
    assert!(german.text().contains("<html lang=\"de\" dir=\"ltr\""));
    let chosen = app
        .post("/language")
        .form(&[("language", "ar"), ("next", "/login")])
        .await
        .expect(303);
    let arabic = app
        .get("/login")
        .header("cookie", &cookie_of(&chosen, "language"))
        .await
        .expect(200);
    assert!(arabic.text().contains("<html lang=\"ar\" dir=\"rtl\""));
}
