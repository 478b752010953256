//! The page where an account is made, or asked for.

use super::{LABELS, body};
use crate::access;
use crate::account::session::{self, Origin};
use crate::account::user_by_name;
use crate::app::App;
use crate::error::{Error, Result};
use crate::instance;
use crate::page::form::Form;
use crate::page::{Page, cookie, go, words};
use crate::user::api::signup;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

#[derive(Template)]
#[template(path = "account/signup.html")]
struct SignUp<'p> {
    page: &'p Page,
    open: bool,
    /// Does somebody look at each request?
    approval: bool,
    error: Option<String>,
    username: String,
    email: String,
    reason: String,
}

/// `GET /signup`.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    if page.user.is_some() {
        return Ok(go(&app, "/", None));
    }
    let template = template(&app, &page, &Form::default()).await?;
    Ok(page.render(&template))
}

async fn template<'p>(app: &App, page: &'p Page, form: &Form) -> Result<SignUp<'p>> {
    Ok(SignUp {
        page,
        open: instance::signup_allowed(app).await?,
        approval: app.instance.signup().requires_approval,
        error: None,
        username: form.text("username").to_owned(),
        email: form.text("email").to_owned(),
        reason: form.text("reason").to_owned(),
    })
}

/// `POST /signup`.
pub async fn sign_up(
    State(app): State<App>,
    page: Page,
    origin: Origin,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    access::from_here(&app, &headers)?;
    match join(&app, &form).await {
        Ok(()) => welcome(&app, &page, &origin, &form).await,
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut template = template(&app, &page, &form).await?;
            template.error = Some(match (error.status(), error.code_str()) {
                (_, Some("rules")) => page.t("signup-rules-first").to_owned(),
                (StatusCode::CONFLICT, _) => page.t("fault-name-taken").to_owned(),
                _ => words::fault(&page, &error, &LABELS),
            });
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}

async fn join(app: &App, form: &Form) -> Result<()> {
    if !form.has("rules") {
        let error = Error::bad_request("The rules of this site were not accepted.");
        return Err(error.code("rules"));
    }
    let body = body([
        ("username", form.text("username").to_lowercase().into()),
        ("email", form.text("email").into()),
        ("password", form.raw("password").into()),
        ("registrationReason", form.text("reason").into()),
    ]);
    if app.instance.signup().requires_approval {
        let _ = signup::request(State(app.clone()), body).await?;
    } else {
        signup::register(State(app.clone()), body).await?;
    }
    Ok(())
}

/// What comes next: waiting for a decision, the mail, or being logged in at once.
async fn welcome(app: &App, page: &Page, origin: &Origin, form: &Form) -> Result<Response> {
    let rules = app.instance.signup();
    if rules.requires_approval {
        return Ok(go(app, "/login", Some((false, page.t("signup-waits")))));
    }
    if rules.requires_email_verification {
        return Ok(go(app, "/login", Some((false, page.t("signup-verify")))));
    }
    let name = form.text("username").to_lowercase();
    let mut response = go(app, "/", Some((false, page.t("signup-done"))));
    if let Some(user) = user_by_name(app, &name).await? {
        let tokens = session::start_in_browser(app, user.id, origin).await?;
        cookie::set_session(app, response.headers_mut(), &tokens, true);
    }
    Ok(response)
}
