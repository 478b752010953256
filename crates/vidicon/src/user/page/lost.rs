//! Pages about what mails bring: a new password, the proof of an address.

use super::{LABELS, body};
use crate::access;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::page::form::Form;
use crate::page::{Page, go, words};
use crate::user::api::password;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;

/// A page that asks for a mail address.
#[derive(Template)]
#[template(path = "account/ask_mail.html")]
struct AskMail<'p> {
    page: &'p Page,
    action: &'static str,
    title: &'static str,
    text: &'static str,
    button: &'static str,
    email: String,
    error: Option<String>,
    /// Does this site send mails at all?
    works: bool,
}

/// A page that a link of a mail leads to.
#[derive(Template)]
#[template(path = "account/from_mail.html")]
struct FromMail<'p> {
    page: &'p Page,
    link: Link,
    /// Else it is the proof of an address.
    new_password: bool,
    error: Option<String>,
}

/// What stood in the link.
struct Link {
    user: String,
    registration: String,
    code: String,
}

impl Link {
    fn read<'t>(text: impl Fn(&str) -> &'t str) -> Self {
        Link {
            user: text("userId").to_owned(),
            registration: text("registrationId").to_owned(),
            code: text("verificationString").to_owned(),
        }
    }

    fn of_query(query: &Query) -> Self {
        Self::read(|name| {
            query
                .0
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        })
    }

    fn is_whole(&self) -> bool {
        !self.code.is_empty() && (!self.user.is_empty() || !self.registration.is_empty())
    }
}

fn forgotten<'p>(app: &App, page: &'p Page) -> AskMail<'p> {
    AskMail {
        page,
        action: "/forgot",
        title: page.t("forgot-title"),
        text: page.t("forgot-text"),
        button: page.t("forgot-send"),
        email: String::new(),
        error: None,
        works: app.mail.is_on(),
    }
}

fn unproved<'p>(app: &App, page: &'p Page) -> AskMail<'p> {
    AskMail {
        action: "/verify-account/ask-send-email",
        title: page.t("prove-title"),
        text: page.t("prove-ask-text"),
        ..forgotten(app, page)
    }
}

/// `GET /forgot`.
pub async fn forgot(State(app): State<App>, page: Page) -> Response {
    page.render(&forgotten(&app, &page))
}

/// `POST /forgot`: says the same whether the address is known or not.
pub async fn send(
    State(app): State<App>,
    page: Page,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    access::from_here(&app, &headers)?;
    let email = body([("email", form.text("email").into())]);
    match password::ask_reset(State(app.clone()), email).await {
        Ok(_) => Ok(go(&app, "/login", Some((false, page.t("forgot-sent"))))),
        Err(error) => wrong_address(&page, forgotten(&app, &page), &form, error),
    }
}

/// `GET /verify-account/ask-send-email`.
pub async fn ask_again(State(app): State<App>, page: Page) -> Response {
    page.render(&unproved(&app, &page))
}

/// `POST /verify-account/ask-send-email`.
pub async fn send_again(
    State(app): State<App>,
    page: Page,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    access::from_here(&app, &headers)?;
    let email = || body([("email", form.text("email").into())]);
    let sent = password::ask_proof(State(app.clone()), email()).await;
    let asked = password::ask_registration_proof(State(app.clone()), email()).await;
    match sent.and(asked) {
        Ok(_) => Ok(go(&app, "/login", Some((false, page.t("forgot-sent"))))),
        Err(error) => wrong_address(&page, unproved(&app, &page), &form, error),
    }
}

fn wrong_address(
    page: &Page,
    mut template: AskMail<'_>,
    form: &Form,
    error: Error,
) -> Result<Response> {
    if error.status().is_server_error() {
        return Err(error);
    }
    form.text("email").clone_into(&mut template.email);
    template.error = Some(words::fault(page, &error, &LABELS));
    Ok(page.render_with(&template, error.status(), &[]))
}

/// `GET /reset-password`: where the mail leads.
pub async fn choose(page: Page, query: Query) -> Response {
    from_mail(&page, Link::of_query(&query), true)
}

/// `POST /reset-password`.
pub async fn reset(
    State(app): State<App>,
    page: Page,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    access::from_here(&app, &headers)?;
    let link = Link::read(|name| form.text(name));
    let wanted = body([
        ("verificationString", link.code.clone().into()),
        ("password", form.raw("password").into()),
    ]);
    let done = password::reset(State(app.clone()), Path(link.user.clone()), wanted).await;
    answer(&app, &page, link, true, done)
}

/// `GET /verify-account/email`: where the mail leads. Programs that look at mails follow links,
/// so the proof itself is a button.
pub async fn prove(page: Page, query: Query) -> Response {
    from_mail(&page, Link::of_query(&query), false)
}

/// `POST /verify-account/email`.
pub async fn proved(
    State(app): State<App>,
    page: Page,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    access::from_here(&app, &headers)?;
    let link = Link::read(|name| form.text(name));
    let code = body([("verificationString", link.code.clone().into())]);
    let state = State(app.clone());
    let done = if link.registration.is_empty() {
        password::prove_email(state, Path(link.user.clone()), code).await
    } else {
        password::prove_registration(state, Path(link.registration.clone()), code).await
    };
    answer(&app, &page, link, false, done)
}

fn from_mail(page: &Page, link: Link, new_password: bool) -> Response {
    let error = (!link.is_whole()).then(|| page.t("link-old").to_owned());
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let template = FromMail {
        page,
        link,
        new_password,
        error,
    };
    page.render_with(&template, status, &[])
}

fn answer(
    app: &App,
    page: &Page,
    link: Link,
    new_password: bool,
    done: Result<Response>,
) -> Result<Response> {
    let error = match done {
        Ok(_) => {
            let text = match (new_password, link.registration.is_empty()) {
                (true, _) => page.t("password-changed"),
                (false, true) => page.t("prove-done"),
                (false, false) => page.t("signup-waits"),
            };
            let next = if page.user.is_some() {
                "/my/settings"
            } else {
                "/login"
            };
            return Ok(go(app, next, Some((false, text))));
        }
        Err(error) => error,
    };
    let text = match error.status() {
        status if status.is_server_error() => return Err(error),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => page.t("link-old").to_owned(),
        _ => words::fault(page, &error, &LABELS),
    };
    let template = FromMail {
        page,
        link,
        new_password,
        error: Some(text),
    };
    Ok(page.render_with(&template, error.status(), &[]))
}
