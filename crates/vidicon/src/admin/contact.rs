//! The contact form: visitors write to the administrators.

use crate::access::Client;
use crate::account;
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Error, Result, no_content};
use crate::limits;
use crate::mail::{self, Letter};
use axum::extract::State;
use axum::response::Response;

pub async fn write(State(app): State<App>, client: Client, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let name = check.text("fromName", 1..=120).value();
    let from = check.text("fromEmail", 3..=320);
    let from = check.required("fromEmail", from).unwrap_or_default();
    if !account::is_email(&from) {
        check.fail("fromEmail", "Invalid value");
    }
    let subject = check.text("subject", 0..=200).or(String::new());
    let text = check.text("body", 3..=5000);
    let text = check.required("body", text).unwrap_or_default();
    check.finish()?;
    let settings = app.instance.settings();
    if !settings.contact_form.enabled {
        return Err(Error::conflict(
            "Contact form is not enabled on this instance.",
        ));
    }
    if !app.mail.is_on() {
        return Err(Error::conflict("This site has no mail server."));
    }
    if !limits::may_write(&app, client) {
        return Err(Error::forbidden(
            "You already sent a contact form recently.",
        ));
    }
    let who = name.map_or_else(|| from.clone(), |name| format!("{name} <{from}>"));
    let letter = Letter {
        to: settings.admin.email.clone(),
        subject: format!("(contact form) {}", subject.replace(['\r', '\n'], " ")),
        text: format!(
            "{who} wrote by the contact form of {}:\n\n{text}\n",
            settings.instance.name
        ),
    };
    let mut tx = app.db.begin().await?;
    mail::enqueue(&app, &mut tx, &letter).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}
