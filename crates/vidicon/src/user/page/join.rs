//! The page where an account is made, or asked for.

use super::{LABELS, body};
use crate::access::{self, Client};
use crate::account::invitation;
use crate::account::session::{self, Origin};
use crate::account::user_by_name;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::instance;
use crate::page::form::Form;
use crate::page::{Page, cookie, go, words};
use crate::user::api::signup;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;

#[derive(Template)]
#[template(path = "account/signup.html")]
struct SignUp<'p> {
    page: &'p Page,
    open: bool,
    /// Does somebody look at each request?
    approval: bool,
    /// The code that somebody was given, and who gave it.
    invitation: String,
    inviter: Option<String>,
    /// The youngest age at which somebody may join; nothing where nobody asks.
    age: Option<i64>,
    error: Option<String>,
    username: String,
    email: String,
    reason: String,
}

/// `GET /signup`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    if page.user.is_some() {
        return Ok(go(&app, "/", None));
    }
    let code = query.get("invitation").and_then(Value::as_str);
    let template = template(&app, &page, &Form::default(), code.unwrap_or_default()).await?;
    Ok(page.render(&template))
}

async fn template<'p>(app: &App, page: &'p Page, form: &Form, code: &str) -> Result<SignUp<'p>> {
    let invitation = if code.is_empty() {
        None
    } else {
        invitation::usable(app, code).await?
    };
    let is_invited = invitation.is_some();
    Ok(SignUp {
        page,
        open: is_invited || instance::signup_allowed(app).await?,
        approval: !is_invited && app.instance.signup().requires_approval,
        invitation: invitation
            .as_ref()
            .map_or_else(String::new, |it| it.code.clone()),
        inviter: invitation.and_then(|it| it.inviter_username),
        age: Some(app.instance.settings().signup.minimum_age).filter(|age| *age > 0),
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
    client: Client,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    access::from_here(&app, &headers)?;
    match join(&app, client, &form).await {
        Ok(()) => welcome(&app, &page, &origin, &form).await,
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut template = template(&app, &page, &form, form.text("invitation")).await?;
            template.error = Some(match (error.status(), error.code_str()) {
                (_, Some("age")) => page.t("signup-age-first").to_owned(),
                (_, Some("rules")) => page.t("signup-rules-first").to_owned(),
                (StatusCode::CONFLICT, _) => page.t("fault-name-taken").to_owned(),
                _ => words::fault(&page, &error, &LABELS),
            });
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}

async fn join(app: &App, client: Client, form: &Form) -> Result<()> {
    if !form.has("rules") {
        let error = Error::bad_request("The rules of this site were not accepted.");
        return Err(error.code("rules"));
    }
    if app.instance.settings().signup.minimum_age > 0 && !form.has("age") {
        let error = Error::bad_request("The age was not confirmed.");
        return Err(error.code("age"));
    }
    let code = form.text("invitation");
    let code = (!code.is_empty()).then_some(code);
    let body = body([
        ("invitationCode", code.into()),
        ("username", form.text("username").to_lowercase().into()),
        ("email", form.text("email").into()),
        ("password", form.raw("password").into()),
        ("registrationReason", form.text("reason").into()),
    ]);
    if app.instance.signup().requires_approval && code.is_none() {
        let _ = signup::request(State(app.clone()), client, body).await?;
    } else {
        signup::register(State(app.clone()), client, body).await?;
    }
    Ok(())
}

/// What comes next: waiting for a decision, the mail, or being logged in at once.
async fn welcome(app: &App, page: &Page, origin: &Origin, form: &Form) -> Result<Response> {
    let rules = app.instance.signup();
    if rules.requires_approval && form.text("invitation").is_empty() {
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
