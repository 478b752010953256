//! What the plain HTTP port answers: proofs for certificate authorities, and the way to HTTPS.

use super::store;
use crate::app::App;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

pub fn routes(app: &App) -> Router {
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(proof))
        .fallback(to_https)
        .with_state(app.clone())
}

async fn proof(State(app): State<App>, Path(token): Path<String>) -> Response {
    match store::challenge_by_token(&app.db, &token).await {
        Ok(Some(challenge)) => challenge.key_authorization.into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => crate::Error::from(error).into_response(),
    }
}

/// To the same address with HTTPS, if it is one of ours; else to the site.
async fn to_https(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Redirect {
    let asked = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = asked.split(':').next().unwrap_or_default();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let port = app.config.tls.listen.port();
    if super::names(&app).iter().any(|own| own == name) && port == 443 {
        return Redirect::permanent(&format!("https://{name}{path}"));
    }
    Redirect::permanent(&app.url(path))
}
