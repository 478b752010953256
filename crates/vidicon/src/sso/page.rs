//! Pages of log-ins from elsewhere: away, back, and which ones are mine.

use super::attempt::{self, Wish, text};
use super::{Linked, unlink};
use crate::access::{Viewer, cookie as read_cookie, same_origin};
use crate::account::login::{self, Attempt};
use crate::account::session::{self, Origin, SessionId, token_hash};
use crate::account::{self, User};
use crate::app::App;
use crate::check::Query;
use crate::config::SsoKind;
use crate::error::{Error, Result};
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::{Page, cookie, go, local};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::clock::MINUTE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const HANDOVER_LIFE: base::clock::Millis = 5 * MINUTE;

/// `GET /sso/{name}`: away to the provider.
pub async fn leave(
    State(app): State<App>,
    page: Page,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let mut wish = Wish {
        next: local(text(&query, "next")).to_owned(),
        ..Wish::default()
    };
    let proof = text(&query, "link");
    if !proof.is_empty() {
        // Only a link of our own page may tie a stranger's log-in to this account.
        let signed_in = page.viewer.signed_in.as_ref();
        let signed_in = signed_in.ok_or_else(Error::not_authenticated)?;
        if !proves(&app, signed_in.session_id, &name, proof) {
            return Err(Error::forbidden(
                "This link is too old. Go back and try again.",
            ));
        }
        wish.link_user_id = Some(signed_in.user.id);
        "/my/logins".clone_into(&mut wish.next);
    }
    send_away(&app, &page, &name, wish).await
}

/// `GET /plugins/sso/{version}/auth/{name}`: as PeerTube's programs log in by a browser.
pub async fn leave_for_program(
    State(app): State<App>,
    page: Page,
    Path((_version, name)): Path<(String, String)>,
) -> Result<Response> {
    let wish = Wish {
        for_program: true,
        ..Wish::default()
    };
    send_away(&app, &page, &name, wish).await
}

async fn send_away(app: &App, page: &Page, name: &str, wish: Wish) -> Result<Response> {
    let away = match attempt::begin(app, name, wish).await {
        Ok(away) => away,
        Err(error) => return sorry(app, page, "/login", error),
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    let place = HeaderValue::from_str(&away.url).map_err(Error::internal)?;
    headers.insert(header::LOCATION, place);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    cookie::set_attempt(app, headers, &away.browser);
    Ok(response)
}

/// `GET /sso/{name}/callback`: back from the provider.
pub async fn come_back(
    State(app): State<App>,
    page: Page,
    origin: Origin,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let browser = read_cookie(&headers, cookie::ATTEMPT);
    let (attempt, user) = match attempt::finish(&app, &name, &query, browser).await {
        Ok(found) => found,
        Err(error) => {
            let place = if page.user.is_some() {
                "/my/logins"
            } else {
                "/login"
            };
            return sorry(&app, &page, place, error);
        }
    };
    let mut response = if attempt.for_program {
        hand_over(&app, &user).await?
    } else if attempt.link_user_id.is_some() {
        go(
            &app,
            &attempt.next_path,
            Some((false, page.t("sso-linked"))),
        )
    } else {
        let tokens = session::start_in_browser(&app, user.id, &origin).await?;
        let mut response = go(&app, &attempt.next_path, None);
        cookie::set_session(&app, response.headers_mut(), &tokens, true);
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    cookie::forget_attempt(&app, headers);
    Ok(response)
}

/// A program watches for this address in its browser and trades the token for a session.
async fn hand_over(app: &App, user: &User) -> Result<Response> {
    let token = base::random::token();
    let until = app.clock.now() + HANDOVER_LIFE;
    super::store::add_handover(&app.db, &token_hash(&token), user.id, until).await?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("externalAuthToken", &token)
        .append_pair("username", &user.username)
        .finish();
    Ok(go(app, &format!("/login?{query}"), None))
}

/// Back to a page that says in the visitor's language what went wrong.
pub fn sorry(app: &App, page: &Page, place: &str, error: Error) -> Result<Response> {
    if error.code_str().is_none() && error.status().is_server_error() {
        return Err(error);
    }
    let told = match error.code_str() {
        Some("sso_stale") => page.t("sso-stale").to_owned(),
        Some("sso_taken") => page.t("sso-taken").to_owned(),
        Some("sso_email_known") => page.t("sso-email-known").to_owned(),
        Some("sso_unknown") => page.t("sso-unknown").to_owned(),
        Some("sso_not_a_member") => page.t("sso-not-a-member").to_owned(),
        Some("sso_refused") => page.t("sso-refused").to_owned(),
        Some("sso_forged") => page.t("sso-forged").to_owned(),
        Some("sso_away") => page.t("sso-away").to_owned(),
        Some("account_blocked") => page.tx("login-blocked", "reason", ""),
        _ if error.status() == StatusCode::NOT_FOUND => return Err(error),
        _ => error.detail().to_owned(),
    };
    tracing::info!(%error, "a log-in from elsewhere did not work");
    Ok(go(app, place, Some((true, &told))))
}

/// `POST /login`: as ever, and then by the directories where the password is none of ours.
pub async fn log_in(
    State(app): State<App>,
    page: Page,
    origin: Origin,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    if same_origin(&app, &headers)
        && let Some(user) = by_directory(&app, &form).await?
    {
        let tokens = session::start_in_browser(&app, user.id, &origin).await?;
        let mut response = go(&app, form.raw("next"), None);
        cookie::set_session(&app, response.headers_mut(), &tokens, form.has("stay"));
        return Ok(response);
    }
    account::page::log_in(State(app), page, origin, headers, form).await
}

async fn by_directory(app: &App, form: &Form) -> Result<Option<User>> {
    let (name, password) = (form.text("username"), form.raw("password"));
    if name.is_empty() || password.is_empty() || !has_directory(app) {
        return Ok(None);
    }
    let otp = Some(form.text("otp")).filter(|otp| !otp.is_empty());
    let attempt = Attempt {
        name,
        password,
        otp,
    };
    match login::recognize(app, attempt).await {
        Err(error) if error.code_str() == Some("invalid_grant") => {
            recognize(app, name, password).await
        }
        // Whatever it is, the usual way says it. (Codes of a second factor work once, so a right
        // one must not be tried twice.)
        Ok(user) => Ok(Some(user)),
        Err(_) => Ok(None),
    }
}

pub fn has_directory(app: &App) -> bool {
    app.config.sso.values().any(|sso| sso.kind == SsoKind::Ldap)
}

/// Asks the directories one after the other. One that cannot be asked keeps nobody from the next.
pub async fn recognize(app: &App, name: &str, password: &str) -> Result<Option<User>> {
    for (provider, sso) in &app.config.sso {
        if sso.kind != SsoKind::Ldap {
            continue;
        }
        let Ok(found) = super::ldap::identity(sso, name, password).await else {
            continue;
        };
        if let Some(who) = found {
            account::throttle::forget(app, name).await?;
            return super::member::enter(app, provider, sso, &who, None)
                .await
                .map(Some);
        }
    }
    Ok(None)
}

/// Shows that a link stands on a page that we made for this session.
fn proof(app: &App, session: SessionId, provider: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.secret)
        .unwrap_or_else(|_| unreachable!("HMAC takes every key"));
    mac.update(format!("link {session} {provider}").as_bytes());
    mac
}

fn proves(app: &App, session: SessionId, provider: &str, given: &str) -> bool {
    hex::decode(given).is_ok_and(|given| proof(app, session, provider).verify_slice(&given).is_ok())
}

/// One way to log in, on the page of mine.
struct Way {
    name: String,
    label: String,
    linked: Option<Mine>,
    /// Where it can be added.
    link: Option<String>,
}

struct Mine {
    shown_name: String,
    since: String,
}

#[derive(Template)]
#[template(path = "sso/logins.html")]
struct Logins<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    ways: Vec<Way>,
    has_password: bool,
}

/// `GET /my/logins`.
pub async fn mine(State(app): State<App>, page: Page) -> Result<Response> {
    let me = page.me()?.id;
    let session = page.viewer.signed_in.as_ref().map(|it| it.session_id);
    let links = super::links(&app, me).await?;
    let mut ways: Vec<Way> = Vec::new();
    for (name, sso) in &app.config.sso {
        let linked = links.iter().find(|link| link.provider == *name);
        let link = session.filter(|_| linked.is_none() && sso.has_page());
        let link = link.map(|session| {
            let proof = hex::encode(proof(&app, session, name).finalize().into_bytes());
            format!("/sso/{name}?link={proof}")
        });
        ways.push(Way {
            name: name.clone(),
            label: sso.label(name).to_owned(),
            linked: linked.map(|link| shown(&page, link)),
            link,
        });
    }
    // Of a provider that the settings know no more.
    for link in &links {
        if !app.config.sso.contains_key(&link.provider) {
            ways.push(Way {
                name: link.provider.clone(),
                label: link.provider.clone(),
                linked: Some(shown(&page, link)),
                link: None,
            });
        }
    }
    let has_password = login::has_password(&app, me).await?;
    Ok(page.render(&Logins {
        page: &page,
        tabs: crate::user::page::tabs(&page, "/my/logins"),
        ways,
        has_password,
    }))
}

fn shown(page: &Page, link: &Linked) -> Mine {
    Mine {
        shown_name: link.shown_name.clone(),
        since: page.date(link.created_at),
    }
}

/// `POST /my/logins/{name}/unlink`.
pub async fn unlink_mine(
    State(app): State<App>,
    page: Page,
    viewer: Viewer,
    Path(name): Path<String>,
) -> Result<Response> {
    let me = viewer.user().ok_or_else(Error::not_authenticated)?.id;
    let told = match unlink(&app, me, &name).await {
        Ok(()) => (false, page.t("sso-unlinked")),
        Err(error) if error.status() == StatusCode::CONFLICT => (true, page.t("sso-last")),
        Err(error) => return Err(error),
    };
    Ok(go(&app, "/my/logins", Some(told)))
}
