//! A letter to see whether letters arrive.

use crate::access::Me;
use crate::account;
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Error, Result, no_content};
use crate::i18n::{self, Filling};
use crate::mail::{Letter, Post};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// Sends it while the one who asks waits, and says in plain words what went wrong.
pub async fn test(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    if !app.mail.is_on() {
        let detail = "No mail server is configured: set mail.host in the configuration.";
        return Err(Error::conflict(detail).code("mail_not_configured"));
    }
    let mut check = Check::body(&body);
    let to = check.text("email", 3..=320).value();
    if to.as_ref().is_some_and(|to| !account::is_email(to)) {
        check.fail("email", "Should have a valid mail address");
    }
    check.finish()?;
    let language = me
        .settings
        .get("language")
        .and_then(serde_json::Value::as_str);
    let texts = i18n::texts(language.unwrap_or("en"));
    let site = app.instance.name();
    let letter = Letter {
        to: to.unwrap_or_else(|| me.email.clone()),
        subject: format!("[{site}] {}", texts.get("mail-test")),
        text: format!(
            "{}\n\n-- \n{site}, {}\n",
            texts.fill("mail-test-text", &[("site", Filling::Word(&site))]),
            app.config.server.public_url
        ),
    };
    let sent = app.mail.send_post(&Post::from(&letter), &site).await;
    sent.map_err(|error| {
        Error::new(StatusCode::BAD_GATEWAY, error.to_string()).code("mail_not_sent")
    })?;
    Ok(no_content())
}
