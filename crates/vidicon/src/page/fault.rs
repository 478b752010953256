//! Errors as pages: what went wrong in words, for people; programs keep their problem document.

use super::{Page, go};
use crate::access::{self, Viewer};
use crate::app::App;
use crate::error::Shown;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

#[derive(Template)]
#[template(path = "error.html")]
struct Fault<'p> {
    page: &'p Page,
    status: u16,
    title: String,
    text: String,
}

/// Where programs ask; what they get stays as it is.
const PROGRAMS: [&str; 12] = [
    "/api/",
    "/static/",
    "/lazy-static/",
    "/download/",
    "/feeds/",
    "/services/",
    "/client/",
    "/.well-known/",
    "/nodeinfo/",
    "/object-storage-proxy/",
    "/inbox",
    "/socket.io/",
];

/// The layer around the whole site that turns an error into a page.
pub async fn show(State(app): State<App>, request: Request, next: Next) -> Response {
    if !wants_page(request.uri().path(), request.headers()) {
        return next.run(request).await;
    }
    let path = request
        .uri()
        .path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string);
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let response = next.run(request).await;
    let Some(shown) = response.extensions().get::<Shown>().cloned() else {
        return response;
    };
    if shown.status == StatusCode::UNAUTHORIZED && method == Method::GET {
        let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        return go(&app, &format!("/login?next={next}"), None);
    }
    let viewer = viewer(&app, &headers).await;
    let page = Page::new(&app, viewer, &headers, &path);
    let mut answer = page.render_with(&fault(&page, &shown), shown.status, &[]);
    if let Some(after) = response.headers().get(header::RETRY_AFTER) {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, after.clone());
    }
    answer
}

/// A page that says why somebody cannot see what they came for, in words of its own.
pub fn answer(page: &Page, status: StatusCode, title: &str, text: &str) -> Response {
    let template = Fault {
        page,
        status: status.as_u16(),
        title: title.to_owned(),
        text: text.to_owned(),
    };
    page.render_with(&template, status, &[])
}

fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("text/html") && !PROGRAMS.iter().any(|start| path.starts_with(start))
}

async fn viewer(app: &App, headers: &HeaderMap) -> Viewer {
    let mut request = Request::new(axum::body::Body::empty());
    for value in headers.get_all(header::COOKIE) {
        request.headers_mut().append(header::COOKIE, value.clone());
    }
    let (parts, _) = request.into_parts();
    access::viewer(app, &parts).await.unwrap_or_default()
}

fn fault<'p>(page: &'p Page, shown: &Shown) -> Fault<'p> {
    let (title, text) = match shown.status.as_u16() {
        401 => (page.t("error-401"), page.t("error-401-text")),
        403 => (page.t("error-403"), page.t("error-403-text")),
        404 | 410 => (page.t("error-404"), page.t("error-404-text")),
        413 => (page.t("error-413"), shown.detail.as_str()),
        429 => (page.t("error-429"), page.t("error-429-text")),
        status if status >= 500 => (page.t("error-500"), page.t("error-500-text")),
        _ => (page.t("error-400"), shown.detail.as_str()),
    };
    Fault {
        page,
        status: shown.status.as_u16(),
        title: title.to_owned(),
        text: text.to_owned(),
    }
}
