//! The small files and addresses by which programs find their way about a site.

use super::{render, store};
use crate::app::App;
use crate::assets;
use crate::error::{Error, Result};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::clock::{DAY, Millis};
use serde_json::json;

const TWO_HOURS: &str = "public, max-age=7200";
const TEXT: &str = "text/plain; charset=utf-8";

pub async fn robots(State(app): State<App>) -> Response {
    let text = format!(
        "User-agent: *\nDisallow:\n\nSitemap: {}\n",
        app.url("/sitemap.xml")
    );
    (
        [
            (header::CACHE_CONTROL, TWO_HOURS),
            (header::CONTENT_TYPE, TEXT),
        ],
        text,
    )
        .into_response()
}

/// Whom to tell of a hole. The date until which it holds moves on with each month.
pub async fn security(State(app): State<App>, headers: HeaderMap) -> Response {
    let month = app.clock.now() / (30 * DAY) * (30 * DAY);
    let expires: Millis = month + 180 * DAY;
    let mail = &app.instance.settings().admin.email;
    let contact = if mail.ends_with("@example.com") {
        app.url("/about")
    } else {
        format!("mailto:{mail}")
    };
    let text = format!(
        "Contact: {contact}\nExpires: {}\nCanonical: {}\n",
        crate::check::iso(expires),
        app.url("/.well-known/security.txt"),
    );
    render::kept_answer(text, TEXT, month, &headers, TWO_HOURS)
}

pub async fn to_security() -> Response {
    moved(StatusCode::MOVED_PERMANENTLY, "/.well-known/security.txt")
}

pub async fn change_password() -> Response {
    moved(StatusCode::FOUND, "/my/settings/security")
}

fn moved(status: StatusCode, to: &str) -> Response {
    (status, [(header::LOCATION, to.to_owned())]).into_response()
}

/// Nobody is followed about here, asked or not.
pub async fn tracking() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/tracking-status+json")];
    (kind, r#"{"tracking":"N"}"#).into_response()
}

pub async fn manifest(State(app): State<App>) -> Response {
    let site = &app.instance.settings().instance;
    let manifest = json!({
        "name": site.name,
        "short_name": site.name,
        "description": site.short_description,
        "start_url": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [
            { "src": assets::url("icon.svg"), "type": "image/svg+xml", "sizes": "any" },
            { "src": "/client/assets/icon-180.png", "type": "image/png", "sizes": "180x180" },
        ],
    });
    let kind = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, TWO_HOURS),
    ];
    (kind, Json(manifest)).into_response()
}

pub async fn teapot() -> Response {
    (StatusCode::IM_A_TEAPOT, "I'm a teapot").into_response()
}

/// Sends to the page of an account or a channel: here, or on its own server.
pub async fn redirect(State(app): State<App>, Path(handle): Path<String>) -> Result<Response> {
    let unknown = || Error::not_found("There is nobody of this name.");
    let plain = handle.trim_start_matches('@');
    let (name, host) = plain.split_once('@').unwrap_or((plain, ""));
    let host = if host.eq_ignore_ascii_case(&app.host()) {
        ""
    } else {
        host
    };
    let host = host.to_lowercase();
    let found = store::actor(&app.db, name, &host).await?;
    let actor = match found {
        None => store::actor(&app.db, &name.to_lowercase(), &host).await?,
        found => found,
    };
    let actor = actor.ok_or_else(unknown)?;
    if !actor.host.is_empty() {
        let url = actor
            .url
            .filter(|url| url.starts_with("http"))
            .ok_or_else(unknown)?;
        return Ok(moved(StatusCode::FOUND, &url));
    }
    match actor.kind.as_str() {
        "account" => Ok(moved(
            StatusCode::FOUND,
            &app.url(&format!("/a/{}", actor.name)),
        )),
        "channel" => Ok(moved(
            StatusCode::FOUND,
            &app.url(&format!("/c/{}", actor.name)),
        )),
        _ => Err(unknown()),
    }
}
