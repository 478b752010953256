//! The way between servers for people: somebody of another server wants to follow something of this
//! one, or comes with the address of something elsewhere.

use crate::app::App;
use crate::channel;
use crate::check::Query;
use crate::error::Result;
use crate::federation::{remote, remote_page};
use crate::page::form::Form;
use crate::page::{Page, local};
use crate::video;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use fediverse::webfinger::Handle;
use url::form_urlencoded::byte_serialize;

#[derive(Template)]
#[template(path = "visit/remote.html")]
struct Remote<'p> {
    page: &'p Page,
    /// The address of what is to be followed.
    uri: String,
    /// Its page here.
    next: String,
    handle: String,
    error: Option<&'static str>,
}

/// `GET /remote-interaction?uri=…`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let uri = query.get("uri").and_then(serde_json::Value::as_str);
    let uri = uri.unwrap_or_default();
    let mut known = page_here(&app, uri).await?;
    if known.is_none() && page.user.is_some() {
        // Those who are logged in have it fetched.
        known = remote_page::place(&app, uri).await.ok();
    }
    let Some(next) = known else {
        let asked: String = byte_serialize(uri.as_bytes()).collect();
        return Ok(Redirect::to(&format!("/search?search={asked}")).into_response());
    };
    let is_own = uri.starts_with(app.config.server.public_url.as_str());
    if page.user.is_some() || !is_own {
        return Ok(Redirect::to(&next).into_response());
    }
    Ok(ask(&page, uri, next, "", None))
}

/// `POST /remote-interaction`: with a name on another server, on to the page there.
pub async fn go(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let uri = form.text("uri");
    let Some(next) = page_here(&app, uri).await? else {
        return Ok(Redirect::to("/").into_response());
    };
    let typed = form.text("handle");
    let Ok(handle) = Handle::parse(typed) else {
        return Ok(ask(&page, uri, next, typed, Some(page.t("remote-bad"))));
    };
    if handle.host == app.host() {
        let next: String = byte_serialize(next.as_bytes()).collect();
        return Ok(Redirect::to(&format!("/login?next={next}")).into_response());
    }
    let template = remote::found(&app, &handle).await.ok();
    let template = template.and_then(|found| found.remote_follow);
    let Some(template) = template else {
        return Ok(ask(&page, uri, next, typed, Some(page.t("remote-none"))));
    };
    let uri: String = byte_serialize(uri.as_bytes()).collect();
    let to = template.replace("{uri}", &uri);
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

fn ask(
    page: &Page,
    uri: &str,
    next: String,
    handle: &str,
    error: Option<&'static str>,
) -> Response {
    let template = Remote {
        page,
        uri: uri.to_owned(),
        next,
        handle: handle.to_owned(),
        error,
    };
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let mut response = page.render_with(&template, status, &[]);
    // The answer to the form leads to another server, which browsers count as a place it is sent to.
    let name = header::CONTENT_SECURITY_POLICY;
    let policy = response.headers().get(&name).cloned();
    let policy = policy.as_ref().and_then(|policy| policy.to_str().ok());
    let policy =
        policy.map(|policy| policy.replace("form-action 'self'", "form-action 'self' https:"));
    if let Some(policy) = policy.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        response.headers_mut().insert(name, policy);
    }
    response
}

/// The page here of something of this site, or of something known from elsewhere.
pub(super) async fn page_here(app: &App, uri: &str) -> Result<Option<String>> {
    if let Some(path) = uri.strip_prefix(app.config.server.public_url.as_str()) {
        return Ok(Some(local(path).to_owned()));
    }
    if let Some(video) = video::by_url(app, uri).await? {
        return Ok(Some(video.watch_path()));
    }
    let handle = uri.trim_start_matches("acct:").trim_start_matches('@');
    if handle.contains('@') && !handle.contains('/') {
        let found = channel::find(app, handle).await.ok();
        return Ok(found.map(|it| format!("/c/{}", super::handle(&it.name, &it.host))));
    }
    let found = super::store::channel_at(&app.db, uri).await?;
    Ok(found.map(|(name, host)| format!("/c/{}", super::handle(&name, &host))))
}
