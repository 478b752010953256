//! What goes around every request, in one layer since it is paid for each time: leave for other
//! sites' pages (CORS), safe headers, an id, a line in the log.

use crate::access;
use crate::app::App;
use crate::pace;
use crate::traffic::{self, Asker};
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header,
};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// What programs on other sites may call and read: all that is public or asks for a token.
const OPEN: [&str; 8] = [
    "/api/",
    "/static/",
    "/download/",
    "/lazy-static/",
    "/feeds/",
    "/services/oembed",
    "/.well-known/",
    "/nodeinfo",
];
/// Pages that may stand in a frame of another site.
const EMBEDS: [&str; 2] = ["/videos/embed/", "/video-playlists/embed/"];
/// Answers shorter than this are not worth the work.
const COMPRESS_ABOVE: u64 = 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REFERRER_POLICY: HeaderName = HeaderName::from_static("referrer-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const FRAMES: HeaderName = HeaderName::from_static("x-frame-options");

pub async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = tokio::time::Instant::now();
    let path = request.uri().path();
    let open = OPEN.iter().any(|start| path.starts_with(start));
    if open && request.method() == Method::OPTIONS {
        return preflight(request.headers());
    }
    let framed = EMBEDS.iter().any(|start| path.starts_with(start));
    let line = Line::of(&app, &request);
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    let (method, now) = (request.method(), app.clock.now());
    let trace = app.traces.request(method, route, request.headers(), now);
    let asker = Asker::of(path, request.headers());
    let held_back = pace::applies(&app, path)
        .then(|| access::client(&app, request.extensions(), request.headers()).ip);
    let response = next.run(crate::linger::read_rest(request)).await;
    let id = hex::encode(base::random::bytes::<8>());
    let (status, took) = (response.status(), started.elapsed());
    app.measures.answered(&line.method, status, took);
    line.write(status, took, &id);
    app.traces.answered(trace, status);
    let mut response = traffic::count(&app, asker, response);
    if let Some(address) = held_back {
        response = pace::hold_back(&app, address, response);
    }
    let headers = response.headers_mut();
    if open || is_activity(headers) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any());
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, any());
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("same-origin"));
    if !framed {
        headers
            .entry(FRAMES)
            .or_insert(HeaderValue::from_static("DENY"));
    }
    if app.config.server.public_url.starts_with("https://") {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    headers
        .entry(PERMISSIONS_POLICY)
        .or_insert(HeaderValue::from_static(
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

fn any() -> HeaderValue {
    HeaderValue::from_static("*")
}

/// A browser asks on behalf of another site's page what it may send. Cookies never go along.
fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any());
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE"),
    );
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        wanted.cloned().unwrap_or_else(any),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("86400"),
    );
    response
}

fn is_activity(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/activity+json"))
}

/// A line of the log in the making. Reads that went well are only told at the level `debug`.
struct Line {
    method: Method,
    path: String,
    client: Option<std::net::IpAddr>,
}

impl Line {
    fn of(app: &App, request: &Request) -> Self {
        let reads = access::is_safe(request.method());
        let told = !reads || tracing::enabled!(tracing::Level::DEBUG);
        let client = told.then(|| access::client(app, request.extensions(), request.headers()).ip);
        Line {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            client,
        }
    }

    fn write(&self, status: StatusCode, took: Duration, id: &str) {
        let client = self.client.map(base::telemetry::masked).unwrap_or_default();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (method, path, status) = (self.method.as_str(), &self.path, status.as_u16());
        if status >= 500 {
            tracing::warn!(
                method,
                path,
                status,
                duration_ms,
                client,
                request = id,
                "request"
            );
        } else if access::is_safe(&self.method) {
            tracing::debug!(
                method,
                path,
                status,
                duration_ms,
                client,
                request = id,
                "request"
            );
        } else {
            tracing::info!(
                method,
                path,
                status,
                duration_ms,
                client,
                request = id,
                "request"
            );
        }
    }
}

/// Compresses texts of some length. Media is compressed already, and its ranges and sizes must
/// stay as they are.
pub fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESS_ABOVE).and(is_worth_it))
}

fn is_worth_it(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    is_text(kind)
        && !headers.contains_key(header::CONTENT_RANGE)
        && !headers.contains_key(header::ACCEPT_RANGES)
}

fn is_text(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind.split_once('/') {
        Some(("text", format)) => format != "vtt" && format != "event-stream",
        Some(("application", format)) => {
            matches!(format, "json" | "xml" | "javascript" | "manifest+json")
                || format.ends_with("+json")
                || format.ends_with("+xml")
        }
        Some(("image", format)) => format == "svg+xml",
        _ => false,
    }
}

/// The answer when a handler panicked: the cause is in the log.
pub fn after_panic(_: Box<dyn std::any::Any + Send + 'static>) -> axum::http::Response<Body> {
    tracing::error!("a request met a fault in the program");
    crate::Error::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong here.",
    )
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn only_texts_are_compressed() {
        for kind in [
            "text/html; charset=utf-8",
            "application/json",
            "image/svg+xml",
        ] {
            assert!(is_text(kind), "{kind}");
        }
        for kind in [
            "video/mp4",
            "text/vtt",
            "image/png",
            "application/octet-stream",
            "",
        ] {
            assert!(!is_text(kind), "{kind}");
        }
    }
}
