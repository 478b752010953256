//! The cookies of pages: the session, the flash, language, the keys of videos with a password, a
//! log-in under way. No other.

use super::Flash;
use crate::access::{SESSION_COOKIE, cookie};
use crate::account::session::Tokens;
use crate::app::App;
use axum::http::{HeaderMap, HeaderValue, header};
use base::clock::Millis;
use url::form_urlencoded;

const FLASH: &str = "flash";
/// Of a browser that went to log in elsewhere.
pub const ATTEMPT: &str = "sso_attempt";
const YEAR_S: i64 = 365 * 24 * 3600;

/// Sets the session of a browser. One that shall not stay ends with the browser.
pub fn set_session(app: &App, headers: &mut HeaderMap, tokens: &Tokens, stay: bool) {
    let left: Millis = tokens.access_expires_at - app.clock.now();
    set(
        app,
        headers,
        SESSION_COOKIE,
        &tokens.access,
        stay.then_some(left / 1000),
    );
}

pub fn forget_session(app: &App, headers: &mut HeaderMap) {
    set(app, headers, SESSION_COOKIE, "", Some(0));
}

/// Holds what a browser must bring back that logs in elsewhere.
pub fn set_attempt(app: &App, headers: &mut HeaderMap, secret: &str) {
    set(app, headers, ATTEMPT, secret, Some(15 * 60));
}

pub fn forget_attempt(app: &App, headers: &mut HeaderMap) {
    set(app, headers, ATTEMPT, "", Some(0));
}

pub fn set_language(app: &App, headers: &mut HeaderMap, language: &str) {
    set(app, headers, "language", language, Some(YEAR_S));
}

/// What opens one thing for a while.
pub fn set_key(app: &App, headers: &mut HeaderMap, name: &str, key: &str, seconds: i64) {
    set(app, headers, name, key, Some(seconds));
}

/// The text travels in the cookie itself; a page writes it as text, so it can do no harm.
pub fn set_flash(app: &App, headers: &mut HeaderMap, bad: bool, text: &str) {
    let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    set(
        app,
        headers,
        FLASH,
        &format!("{}{text}", if bad { '!' } else { '.' }),
        Some(60),
    );
}

pub fn flash(headers: &HeaderMap) -> Option<Flash> {
    let raw = cookie(headers, FLASH)?;
    let bad = raw.starts_with('!');
    let text = raw.get(1..)?;
    let (text, _) = form_urlencoded::parse(text.as_bytes()).next()?;
    Some(Flash {
        bad,
        text: text.chars().take(400).collect(),
    })
}

pub fn forget_flash(headers: &mut HeaderMap) {
    let gone = HeaderValue::from_static("flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    headers.append(header::SET_COOKIE, gone);
}

fn set(app: &App, headers: &mut HeaderMap, name: &str, value: &str, seconds: Option<i64>) {
    let secure = if app.config.server.public_url.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let age = seconds
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    let text = format!("{name}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, value);
    }
}
