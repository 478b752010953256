//! Requests that may be sent again: a program that does not know whether its request arrived repeats
//! it with the same `Idempotency-Key`, and is told what the first was told. A key belongs to a user
//! and is good for a day, for the request it was used with first.

mod store;

use crate::account::UserId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::kept;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::clock::{DAY, MINUTE, Millis};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::time::Duration;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says of an answer that it was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 255;
/// How long an answer is kept.
const LIFE: Millis = DAY;
/// How often a request that is worked on says so: a file may take hours to come.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);
/// One that has not said so for this long was lost with its process.
const LONGEST_SILENCE: Millis = 3 * MINUTE;
/// Of an answer's headers these are kept too.
const HEADERS: [HeaderName; 2] = [header::CONTENT_TYPE, header::LOCATION];

/// An answer that was given, or the place of one that will be.
#[derive(Debug, Deserialize)]
struct Answer {
    request: String,
    status: Option<i64>,
    headers: Option<Vec<(String, String)>>,
    body: Option<Vec<u8>>,
}

/// Where things are made. Elsewhere a key means nothing: some answers hold secrets, which must not
/// lie about.
const PLACES: [&str; 7] = [
    "/api/v1/videos/upload",
    "/api/v1/videos/upload-resumable",
    "/api/v1/videos/upload-direct",
    "/api/v1/videos/imports",
    "/api/v1/video-channels",
    "/api/v1/video-playlists",
    "/api/v1/abuses",
];

fn makes_something(path: &str) -> bool {
    let of_video = path.strip_prefix("/api/v1/videos/");
    let is_comment = of_video.is_some_and(|rest| rest.contains("/comment"));
    PLACES.contains(&path) || is_comment
}

/// The key of a request; refused when it is too long or not of visible letters.
pub fn key(method: &Method, path: &str, headers: &HeaderMap) -> Result<Option<String>> {
    if *method != Method::POST || !makes_something(path) {
        return Ok(None);
    }
    let Some(key) = headers.get(KEY) else {
        return Ok(None);
    };
    let is_right = |key: &&str| {
        (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let key = key.to_str().ok().filter(is_right);
    let key = key.ok_or_else(|| {
        Error::bad_request(format!(
            "An Idempotency-Key has 1 to {LONGEST_KEY} visible letters."
        ))
        .code("idempotency_key_invalid")
    })?;
    Ok(Some(key.to_owned()))
}

/// Whether the answer was given before.
pub fn is_replayed(response: &Response) -> bool {
    response.headers().contains_key(REPLAYED)
}

/// Has the request done, or tells what the one with the same key was told. It goes on when the
/// client is gone: its next try finds the answer.
pub async fn once(
    app: &App,
    user: UserId,
    key: String,
    request: Request,
    next: Next,
) -> Result<Response> {
    let (told, request) = told(request).await;
    if let Some(answer) = begin(app, user, &key, &told).await? {
        return Ok(again(answer));
    }
    let work = {
        let (app, key) = (app.clone(), key.clone());
        async move {
            let response = tokio::select! {
                response = next.run(request) => response,
                never = say_alive(&app, user, &key) => match never {},
            };
            keep(&app, user, &key, response).await
        }
    };
    match tokio::spawn(work).await {
        Ok(response) => response,
        Err(error) => {
            store::forget(&app.db, user, &key).await?;
            Err(Error::internal(error))
        }
    }
}

/// A request in a line: its method and address, and a hash of what it says where that is short and no file, whose
/// pieces a client may put together in another way the next time.
async fn told(request: Request) -> (String, Request) {
    let target = request.uri().path_and_query();
    let target = target.map_or("/", |target| target.as_str());
    let line = format!("{} {target}", request.method());
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json")) {
        return (line, request);
    }
    let (parts, body) = request.into_parts();
    match kept::whole(body).await {
        Ok(body) => {
            let hash = hex::encode(Sha256::digest(&body));
            let request = Request::from_parts(parts, Body::from(body));
            (format!("{line} {hash}"), request)
        }
        Err(rest) => (line, Request::from_parts(parts, rest)),
    }
}

/// Is it the request that was told of? Answers of before the hash stood there have none.
fn is_same(known: &str, told: &str) -> bool {
    known == told || told.rsplit_once(' ').is_some_and(|(line, _)| line == known)
}

async fn say_alive(app: &App, user: UserId, key: &str) -> Infallible {
    loop {
        tokio::time::sleep(SIGN_OF_LIFE).await;
        if let Err(error) = store::set_begun(&app.db, user, key, app.clock.now()).await {
            tracing::warn!(?error, "a request with a key could not say that it goes on");
        }
    }
}

/// Takes the place of the answer, or finds the answer.
async fn begin(app: &App, user: UserId, key: &str, request: &str) -> Result<Option<Answer>> {
    let now = app.clock.now();
    store::forget_older(&app.db, user, key, now - LIFE, now - LONGEST_SILENCE).await?;
    if store::take_place(&app.db, user, key, request, now).await? {
        return Ok(None);
    }
    let known = store::find(&app.db, user, key).await?;
    let Some(answer) = known else {
        return Err(in_use());
    };
    if !is_same(&answer.request, request) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let text = "This Idempotency-Key was used with another request.";
        return Err(Error::new(status, text).code("idempotency_key_reused"));
    }
    if answer.status.is_none() {
        return Err(in_use());
    }
    Ok(Some(answer))
}

fn in_use() -> Error {
    Error::conflict("The first request with this Idempotency-Key is still worked on.")
        .code("idempotency_key_in_use")
        .header("retry-after", "1")
}

/// Keeps the answer of what was done. What was refused changed nothing and may be tried again; an
/// answer that is too long to keep cannot be told again.
async fn keep(app: &App, user: UserId, key: &str, response: Response) -> Result<Response> {
    if !response.status().is_success() {
        store::forget(&app.db, user, key).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = match kept::whole(body).await {
        Ok(body) => body,
        Err(rest) => {
            store::forget(&app.db, user, key).await?;
            return Ok(Response::from_parts(parts, rest));
        }
    };
    let headers: Vec<(&str, &str)> = HEADERS
        .iter()
        .filter_map(|name| Some((name.as_str(), parts.headers.get(name)?.to_str().ok()?)))
        .collect();
    let status = i64::from(parts.status.as_u16());
    store::set_answer(&app.db, user, key, status, &headers, &body).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(answer: Answer) -> Response {
    let status = answer.status.and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let body = Body::from(answer.body.unwrap_or_default());
    let mut response = (status.unwrap_or(StatusCode::OK), body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers.unwrap_or_default() {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// Forgets what is older than a day.
pub async fn tidy(app: &App) -> Result<()> {
    store::forget_all_older(&app.db, app.clock.now() - LIFE).await?;
    Ok(())
}
