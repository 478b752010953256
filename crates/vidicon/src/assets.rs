//! Styles, islands and pictures of the site: built by `web/`, compiled in, and answered as they
//! were compressed there. In a debug build they are read from `web/dist` at each start.

use crate::error::Error;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(rust_embed::Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Files;

/// Where all of them are served.
const BASE: &str = "/client/assets/";

/// `manifest.json` of the build: the hashed name of each file, and what a script needs besides itself.
#[derive(Default, Deserialize)]
struct Manifest {
    files: HashMap<String, String>,
    preload: HashMap<String, Vec<String>>,
}

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
    let read = Files::get("manifest.json");
    let mut manifest: Manifest = read
        .and_then(|file| serde_json::from_slice(&file.data).ok())
        .unwrap_or_default();
    for path in manifest
        .files
        .values_mut()
        .chain(manifest.preload.values_mut().flatten())
    {
        path.insert_str(0, BASE);
    }
    manifest
});

/// The address of a file by its plain name.
pub fn url(name: &str) -> &'static str {
    MANIFEST.files.get(name).map_or("", String::as_str)
}

/// The addresses that a script will ask for at once.
pub fn preload(name: &str) -> &'static [String] {
    MANIFEST.preload.get(name).map_or(&[], Vec::as_slice)
}

/// `GET /client/assets/{file}`.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    send(&name, &headers)
        .unwrap_or_else(|| Error::not_found("There is no such file.").into_response())
}

/// `GET /favicon.ico`.
pub async fn favicon(headers: HeaderMap) -> Response {
    serve(Path("favicon.ico".to_owned()), headers).await
}

/// `GET /push-worker.js`: at the root, so that it may speak for the whole site, and asked for again
/// each time, so that a new one is found.
pub async fn push_worker(headers: HeaderMap) -> Response {
    let name = url("push-worker.js").trim_start_matches(BASE);
    let mut response = serve(Path(name.to_owned()), headers).await;
    let keep = HeaderValue::from_static("no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, keep);
    response
}

fn send(name: &str, headers: &HeaderMap) -> Option<Response> {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let packed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| accepted.contains(encoding))
        .find_map(|(encoding, ending)| Some((encoding, Files::get(&format!("{name}{ending}"))?)));
    let (encoding, file) = match packed {
        Some((encoding, file)) => (Some(encoding), file),
        None => (None, Files::get(name)?),
    };
    let body = match file.data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    // A hashed name never means anything else, so nobody has to ask again.
    let keep = if is_hashed(name) {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let mut response = (StatusCode::OK, body).into_response();
    let out = response.headers_mut();
    out.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(kind.as_ref()).ok()?,
    );
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// `style-MKR74AES.css`.
fn is_hashed(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 8
            && hash
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}
