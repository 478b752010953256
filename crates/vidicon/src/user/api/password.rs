//! The REST routes of forgotten passwords and of mail addresses to be proved.

use super::email;
use crate::account::code::{self, Code, Purpose};
use crate::account::{self, User, registration};
use crate::app::App;
use crate::check::{self, Body, Check};
use crate::error::{Error, Result, no_content};
use crate::user::{self, job};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value};

/// Always answers the same, so that nobody learns whose addresses are known here.
pub async fn ask_reset(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let email = read_email(&body)?;
    if let Some(user) = account::user_by_email(&app, &email).await? {
        tell(&app, job::Occasion::ForgottenPassword(user.id)).await?;
    }
    Ok(no_content())
}

pub async fn reset(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let id = check::id("id", &id)?;
    let mut check = Check::body(&body);
    let text = check.text("verificationString", 1..=200);
    let text = check
        .required("verificationString", text)
        .unwrap_or_default();
    let password = check.text("password", 6..=255);
    let password = check.required("password", password).unwrap_or_default();
    check.finish()?;
    let user = account::user(&app, id).await?;
    find(&app, &user, &text, Purpose::Password).await?;
    user::set_password(&app, &user, &password, None).await?;
    Ok(no_content())
}

pub async fn ask_proof(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let email = read_email(&body)?;
    let user = account::user_by_email(&app, &email).await?;
    if let Some(user) = user.filter(|user| user.email_verified != Some(true)) {
        tell(&app, job::Occasion::ProveEmail(user.id)).await?;
    }
    Ok(no_content())
}

pub async fn ask_registration_proof(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let email = read_email(&body)?;
    let asked = registration::pending_by_email(&app, &email).await?;
    if let Some(asked) = asked.filter(|asked| asked.email_verified != Some(true)) {
        tell(&app, job::Occasion::ProveRegistration(asked.id)).await?;
    }
    Ok(no_content())
}

pub async fn prove_email(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let id = check::id("id", &id)?;
    let text = read_code(&body)?;
    let user = account::user(&app, id).await?;
    let address = find(&app, &user, &text, Purpose::Email)
        .await?
        .value
        .unwrap_or_default();
    if user.email != address && user.pending_email.as_ref() != Some(&address) {
        return Err(Error::forbidden(
            "Invalid verification string: the address has changed since.",
        ));
    }
    let mut tx = app.db.begin().await?;
    account::change(&mut tx, id, app.clock.now(), |user| {
        if user.pending_email.as_ref() == Some(&address) {
            user.pending_email = None;
        }
        user.email = address;
        user.email_verified = Some(true);
    })
    .await?;
    code::void(&mut tx, id, Purpose::Email).await?;
    tx.commit().await?;
    Ok(no_content())
}

pub async fn prove_registration(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let id = check::id("registrationId", &id)?;
    let text = read_code(&body)?;
    let asked = registration::find(&app.db, id).await?;
    let now = app.clock.now();
    let code = code::find(&app.db, &text, Purpose::Registration, now).await?;
    if code.and_then(|code| code.registration_id) != Some(asked.id) {
        return Err(Error::forbidden("Invalid verification string."));
    }
    let mut tx = app.db.begin().await?;
    registration::prove_email(&mut tx, id, now).await?;
    code::void_registration(&mut tx, id).await?;
    tx.commit().await?;
    Ok(no_content())
}

async fn find(app: &App, user: &User, text: &str, purpose: Purpose) -> Result<Code> {
    let found = code::find(&app.db, text, purpose, app.clock.now()).await?;
    found
        .filter(|code| code.user_id == Some(user.id))
        .ok_or_else(|| Error::forbidden("Invalid verification string."))
}

async fn tell(app: &App, occasion: job::Occasion) -> Result<()> {
    let mut tx = app.db.begin().await?;
    job::mail(app, &mut tx, occasion).await?;
    Ok(tx.commit().await?)
}

fn read_email(body: &Map<String, Value>) -> Result<String> {
    let mut check = Check::body(body);
    let found = email(&mut check);
    let found = check.required("email", found);
    check.finish()?;
    Ok(found.unwrap_or_default())
}

fn read_code(body: &Map<String, Value>) -> Result<String> {
    let mut check = Check::body(body);
    let text = check.text("verificationString", 1..=200);
    let text = check.required("verificationString", text);
    check.finish()?;
    Ok(text.unwrap_or_default())
}
