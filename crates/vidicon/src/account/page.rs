//! Pages about logging in.

use super::User;
use super::login::{self, Attempt};
use super::session::{self, Origin};
use crate::access;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::i18n;
use crate::instance;
use crate::page::form::Form;
use crate::page::{Page, cookie, go, local};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

#[derive(Template)]
#[template(path = "account/login.html")]
struct Login<'p> {
    page: &'p Page,
    next: String,
    username: String,
    password: String,
    needs_code: bool,
    /// Buttons of log-ins from elsewhere: address and words.
    ways: Vec<(String, String)>,
    error: Option<String>,
}

impl<'p> Login<'p> {
    fn new(app: &App, page: &'p Page, next: &str) -> Self {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("next", local(next))
            .finish();
        let ways = app.config.sso.iter().filter(|(_, sso)| sso.has_page());
        let ways = ways.map(|(name, sso)| {
            let words = page.tx("login-with", "name", sso.label(name));
            (format!("/sso/{name}?{query}"), words)
        });
        Login {
            page,
            next: if next.is_empty() {
                String::new()
            } else {
                local(next).to_owned()
            },
            username: String::new(),
            password: String::new(),
            needs_code: false,
            ways: ways.collect(),
            error: None,
        }
    }
}

/// `GET /login`.
pub async fn login(State(app): State<App>, page: Page, Query(query): Query) -> Response {
    let next = query
        .get("next")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    if page.user.is_some() {
        return go(&app, next, None);
    }
    let template = Login::new(&app, &page, next);
    let menu = app.instance.settings().client.menu;
    // `local` leads to the form all the same, for those who have a password here.
    if let ([(address, _)], true) = (
        template.ways.as_slice(),
        menu.login.redirect_on_single_external_auth && !query.contains_key("local"),
    ) {
        return go(&app, address, None);
    }
    page.render(&template)
}

/// `POST /login`.
pub async fn log_in(
    State(app): State<App>,
    page: Page,
    origin: Origin,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    access::from_here(&app, &headers)?;
    let mut template = Login::new(&app, &page, form.raw("next"));
    match check(&app, &form).await {
        Ok(user) => {
            let tokens = session::start_in_browser(&app, user.id, &origin).await?;
            let first = form.raw("next").is_empty() && user.is_root() && !is_set_up(&app).await?;
            let next = if first {
                "/admin/setup"
            } else {
                &template.next
            };
            let mut response = go(&app, next, None);
            let stay = form.has("stay");
            cookie::set_session(&app, response.headers_mut(), &tokens, stay);
            Ok(response)
        }
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            form.text("username").clone_into(&mut template.username);
            template.error = Some(words(&page, &error));
            if matches!(
                error.code_str(),
                Some("missing_two_factor" | "invalid_two_factor")
            ) {
                form.raw("password").clone_into(&mut template.password);
                template.needs_code = true;
                template.error = template.error.filter(|_| form.has("otp"));
            }
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}

/// Has an administrator gone through the first settings?
async fn is_set_up(app: &App) -> Result<bool> {
    Ok(instance::fact(&app.db, instance::SET_UP).await?.is_some())
}

async fn check(app: &App, form: &Form) -> Result<User> {
    let name = form.text("username");
    if name.is_empty() || form.raw("password").is_empty() {
        return Err(Error::bad_request("Give a name and a password.").code("invalid_grant"));
    }
    let otp = form.text("otp").trim();
    let attempt = Attempt {
        name,
        password: form.raw("password"),
        otp: (!otp.is_empty()).then_some(otp),
    };
    login::recognize(app, attempt).await
}

/// Why somebody could not log in, in the words of the page.
fn words(page: &Page, error: &Error) -> String {
    match error.code_str() {
        Some("invalid_grant" | "too_long_password") => page.t("login-wrong").to_owned(),
        Some("account_blocked" | "access_denied") => page.tx("login-blocked", "reason", ""),
        Some("email_not_verified") => page.t("login-unverified").to_owned(),
        Some("account_waiting_for_approval") => page.t("login-waits").to_owned(),
        Some("missing_two_factor" | "invalid_two_factor") => page.t("login-code-wrong").to_owned(),
        _ if error.status() == StatusCode::TOO_MANY_REQUESTS => page.t("login-fast").to_owned(),
        _ => error.detail().to_owned(),
    }
}

/// `POST /logout`.
pub async fn log_out(State(app): State<App>, page: Page, headers: HeaderMap) -> Result<Response> {
    access::from_here(&app, &headers)?;
    if let Some(signed_in) = &page.viewer.signed_in {
        session::end(&app, signed_in.session_id).await?;
    }
    let mut response = go(&app, "/", Some((false, page.t("logged-out"))));
    cookie::forget_session(&app, response.headers_mut());
    Ok(response)
}

/// `POST /language`.
pub async fn language(State(app): State<App>, form: Form) -> Response {
    let mut response = go(&app, form.raw("next"), None);
    if let Some(language) = i18n::known(form.text("language")) {
        cookie::set_language(&app, response.headers_mut(), language);
    }
    response
}
