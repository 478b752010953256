//! Log-in by name and password, and by a second factor where it is on.

use super::session::{self, Origin, Tokens};
use super::store::Credentials;
use super::{User, password, registration, store, throttle, two_factor};
use crate::app::App;
use crate::error::{Error, Result};
use crate::vault::What;
use axum::http::StatusCode;

/// What somebody gives to log in. The name can be the mail address too.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub name: &'a str,
    pub password: &'a str,
    /// The six digits of the second factor.
    pub otp: Option<&'a str>,
}

/// Logs a program in.
pub async fn log_in(app: &App, attempt: Attempt<'_>, origin: &Origin) -> Result<Tokens> {
    let user = recognize(app, attempt).await?;
    session::start(app, user.id, origin).await
}

/// Finds the user whose name, password and second factor these are.
pub async fn recognize(app: &App, attempt: Attempt<'_>) -> Result<User> {
    throttle::check(app, attempt.name).await?;
    let outcome = look(app, attempt).await;
    match &outcome {
        Ok(_) => throttle::forget(app, attempt.name).await?,
        Err(error)
            if matches!(
                error.code_str(),
                Some("invalid_grant" | "invalid_two_factor")
            ) =>
        {
            throttle::note_failure(app, attempt.name).await?;
        }
        Err(_) => {}
    }
    outcome
}

async fn look(app: &App, attempt: Attempt<'_>) -> Result<User> {
    let Some((credentials, user)) = store::user_by_login(&app.db, attempt.name).await? else {
        password::pretend(attempt.password).await?;
        return Err(unknown(app, attempt.name).await?);
    };
    let hash = credentials.password_hash.as_deref().unwrap_or_default();
    if !password::fits(attempt.password, hash).await? {
        return Err(wrong());
    }
    may_enter(app, &user)?;
    second_factor(app, &user, &credentials, attempt.otp).await?;
    if password::is_old(hash) {
        let hash = password::hash(attempt.password).await?;
        store::set_password(&app.db, user.id, &hash).await?;
    }
    Ok(user)
}

/// Refuses those who are blocked, or whose mail address must be proved first.
pub fn may_enter(app: &App, user: &User) -> Result<()> {
    if user.blocked {
        return Err(Error::bad_request("User is blocked.").code("account_blocked"));
    }
    if user.email_verified == Some(false) && app.instance.signup().requires_email_verification {
        return Err(Error::bad_request("User email is not verified.").code("email_not_verified"));
    }
    Ok(())
}

fn wrong() -> Error {
    Error::bad_request("Invalid grant: user credentials are invalid").code("invalid_grant")
}

/// Somebody who asked to join and waits, or was turned down, is told so.
async fn unknown(app: &App, name: &str) -> Result<Error> {
    let asked = registration::newest_by_login(app, &name.to_lowercase()).await?;
    Ok(match asked.map(|asked| asked.state) {
        Some(registration::PENDING) => {
            Error::bad_request("This account is awaiting approval by the moderators.")
                .code("account_waiting_for_approval")
        }
        Some(registration::REJECTED) => {
            Error::bad_request("Registration approval has been rejected for this account.")
                .code("account_approval_rejected")
        }
        _ => wrong(),
    })
}

async fn second_factor(
    app: &App,
    user: &User,
    credentials: &Credentials,
    otp: Option<&str>,
) -> Result<()> {
    let Some(secret) = credentials.otp_secret.as_deref() else {
        return Ok(());
    };
    let Some(otp) = otp else {
        return Err(
            Error::new(StatusCode::UNAUTHORIZED, "Missing two factor header")
                .code("missing_two_factor")
                .header("x-peertube-otp", "required; app"),
        );
    };
    let secret = app.vault.open(What::SecondFactor, secret);
    let secret = secret.map_err(Error::internal)?;
    let step = two_factor::step(&secret, otp, app.clock.now());
    let fresh = match step {
        Some(step) => store::spend_step(&app.db, user.id, step).await?,
        None => false,
    };
    if fresh {
        Ok(())
    } else {
        Err(Error::bad_request("Invalid two factor header").code("invalid_two_factor"))
    }
}

/// Can this user log in by a password at all?
pub async fn has_password(app: &App, user_id: super::UserId) -> Result<bool> {
    let credentials = store::credentials(&app.db, user_id).await?;
    Ok(credentials.is_some_and(|it| it.password_hash.is_some_and(|hash| !hash.is_empty())))
}

/// Is this the user's password? For acts that ask for it once more.
pub async fn knows_password(app: &App, user: &User, given: &str) -> Result<bool> {
    let credentials = store::credentials(&app.db, user.id).await?;
    let hash = credentials
        .and_then(|it| it.password_hash)
        .unwrap_or_default();
    password::fits(given, &hash).await
}
