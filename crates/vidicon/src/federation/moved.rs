//! The addresses of before: the old host keeps answering. Pages lead to the new one, actors say where
//! they have gone, and inboxes stay open.

use super::{document, local};
use crate::app::App;
use crate::error::Result;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The address of before that a request was sent to.
pub fn former<'a>(app: &'a App, headers: &HeaderMap) -> Option<&'a str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_it = |url: &&String| {
        url.split("://")
            .nth(1)
            .is_some_and(|known| known.eq_ignore_ascii_case(host))
    };
    app.former_urls.iter().find(is_it).map(String::as_str)
}

pub async fn answer(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(old) = former(&app, request.headers()) else {
        return next.run(request).await;
    };
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let stays = path.starts_with("/.well-known/acme-challenge/")
        || (*request.method() == Method::POST && (path == "/inbox" || path.ends_with("/inbox")));
    if stays {
        return next.run(request).await;
    }
    if reads && document::wants_document(request.headers()) {
        match actor(&app, old, path).await {
            Ok(Some(found)) => return found,
            Ok(None) => {}
            Err(error) => return error.into_response(),
        }
    }
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let status = if reads {
        StatusCode::MOVED_PERMANENTLY
    } else {
        StatusCode::PERMANENT_REDIRECT
    };
    (status, [(header::LOCATION, app.url(target))]).into_response()
}

/// An actor as it was known before, with its old id and the same key, and where it is now.
async fn actor(app: &App, old: &str, path: &str) -> Result<Option<Response>> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let [folder, name] = segments.as_slice() else {
        return Ok(None);
    };
    let Some(actor) = local::own_actor(app, folder, name).await? else {
        return Ok(None);
    };
    let new = local::document(app, &actor).await?.to_json().to_string();
    let now = app.config.server.public_url.as_str();
    let mut document: Value =
        serde_json::from_str(&new.replace(now, old)).map_err(crate::Error::internal)?;
    if let Some(map) = document.as_object_mut() {
        map.remove("alsoKnownAs");
        map.insert(
            "movedTo".to_owned(),
            json!(local::own_url(app, &actor.kind, &actor.name)),
        );
    }
    Ok(Some(document::answer(&document)))
}
