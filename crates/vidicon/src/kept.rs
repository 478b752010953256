//! Answers to readers who are not logged in, kept until something is written. Many ask for the same
//! list, video or page at the same time; the first of them has it made, and compressed.
//!
//! An answer is given again only while the database is the very state it was made from (see
//! [`base::db::Version`]), the settings too, and for a second at most, since some answers tell
//! what passes with time. With PostgreSQL other machines write without a word to this one, so
//! nothing is kept.

use crate::app::App;
use crate::video::gate;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base::clock::{Millis, SECOND};
use base::db::Version;
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use parking_lot::Mutex;
use std::collections::HashMap;

/// All kept answers together weigh no more than this.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// A longer answer is not kept.
const LONGEST: usize = 256 * 1024;
/// What an entry weighs beside its key and body.
const ENTRY_BYTES: usize = 1024;
const LIFE: Millis = SECOND;

/// Where readers ask most. Nothing below these does more than read.
const PLACES: [&str; 11] = [
    "/api/v1/videos",
    "/api/v1/search/",
    "/api/v1/video-channels",
    "/api/v1/accounts",
    "/api/v1/video-playlists",
    "/api/v1/overviews/",
    "/w/",
    "/c/",
    "/a/",
    "/videos/",
    "/search",
];

/// Headers that change nothing in an answer, or stand in its key. A request with any other one is
/// answered anew: it may ask for a range, tell a password or who is there.
const HARMLESS: [&str; 24] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "dnt",
    "forwarded",
    "host",
    "origin",
    "priority",
    "referer",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "upgrade-insecure-requests",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// The answers made from one state of the database.
#[derive(Default)]
pub struct Kept(Mutex<Answers>);

#[derive(Default)]
struct Answers {
    version: Version,
    bytes: usize,
    by_key: HashMap<Box<str>, Answer>,
}

#[derive(Clone)]
struct Answer {
    until: Millis,
    headers: HeaderMap,
    body: Bytes,
}

impl Kept {
    fn find(&self, version: Version, key: &str, now: Millis) -> Option<Answer> {
        let answers = self.0.lock();
        let answer = answers.by_key.get(key)?;
        (answers.version == version && now < answer.until).then(|| answer.clone())
    }

    fn add(&self, version: Version, key: String, answer: Answer) {
        let weight = ENTRY_BYTES + key.len() + answer.body.len();
        let mut answers = self.0.lock();
        if answers.version != version || answers.bytes + weight > MOST_BYTES {
            *answers = Answers {
                version,
                ..Answers::default()
            };
        }
        // An answer that has grown too old leaves its weight behind until the next write.
        answers.bytes += weight;
        answers.by_key.insert(key.into(), answer);
    }
}

/// The layer that gives an answer again, or keeps the new one.
pub async fn keep(State(app): State<App>, request: Request, next: Next) -> Response {
    if gate::asks_country(&app) {
        return next.run(request).await;
    }
    let Some(key) = key(&request) else {
        return next.run(request).await;
    };
    // Asked before the answer is made: what is written meanwhile makes it an old one.
    let Ok(Some(version)) = app.db.version() else {
        return next.run(request).await;
    };
    let now = app.clock.now();
    if let Some(answer) = app.kept.find(version, &key, now) {
        let mut response = Response::new(Body::from(answer.body));
        *response.headers_mut() = answer.headers;
        return response;
    }
    let response = next.run(request).await;
    if !is_for_all(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = match whole(body).await {
        Ok(body) => body,
        Err(rest) => return Response::from_parts(parts, rest),
    };
    let answer = Answer {
        until: now + LIFE,
        headers: parts.headers.clone(),
        body: body.clone(),
    };
    app.kept.add(version, key, answer);
    Response::from_parts(parts, Body::from(body))
}

/// What makes two requests of anybody the same; nothing when an answer must be made anew.
fn key(request: &Request) -> Option<String> {
    let target = request.uri().path_and_query()?.as_str();
    let is_kept = target == "/" || PLACES.iter().any(|place| target.starts_with(place));
    if *request.method() != Method::GET || !is_kept {
        return None;
    }
    let headers = request.headers();
    let is_harmless = |name: &header::HeaderName| HARMLESS.contains(&name.as_str());
    if !headers.keys().all(is_harmless) {
        return None;
    }
    let mut key = String::with_capacity(target.len() + 128);
    key.push_str(target);
    for name in [
        header::HOST,
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::ACCEPT_LANGUAGE,
    ] {
        let mut values = headers.get_all(name).iter();
        key.push('\n');
        if let Some(value) = values.next() {
            key.push_str(value.to_str().ok()?);
        }
        if values.next().is_some() {
            return None;
        }
    }
    // Documents for other servers may be refused to some of them.
    let is_document = key.contains("activity+json") || key.contains("ld+json");
    (!is_document).then_some(key)
}

fn is_for_all(response: &Response) -> bool {
    let headers = response.headers();
    let is_private = headers.get(header::CACHE_CONTROL).is_some_and(|control| {
        let control = control.as_bytes();
        control.windows(8).any(|word| word == b"no-store")
    });
    response.status() == StatusCode::OK
        && !is_private
        && !headers.contains_key(header::SET_COOKIE)
        && !headers.contains_key(header::ACCEPT_RANGES)
}

/// Reads a body that is not too long; gives back one that is, or that breaks off.
pub async fn whole(body: Body) -> Result<Bytes, Body> {
    let mut pieces = body.into_data_stream();
    let mut all = Bytes::new();
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) if all.is_empty() && piece.len() <= LONGEST => all = piece,
            Ok(piece) if all.len() + piece.len() <= LONGEST => {
                let mut longer = BytesMut::from(all);
                longer.extend_from_slice(&piece);
                all = longer.freeze();
            }
            other => {
                let read = stream::iter([Ok(all), other]);
                return Err(Body::from_stream(read.chain(pieces)));
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &'static str) -> Answer {
        Answer {
            until: LIFE,
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn an_answer_holds_for_its_version_and_a_second() {
        let kept = Kept::default();
        let (old, new) = (Version::default(), Version { own: 1, file: 0 });
        kept.add(old, "a".to_owned(), answer("1"));
        let found = |version, now| kept.find(version, "a", now).map(|it| it.body);
        assert_eq!(found(old, 0).as_deref(), Some(&b"1"[..]));
        assert!(found(old, LIFE).is_none() && found(new, 0).is_none());
        kept.add(new, "b".to_owned(), answer("2"));
        assert!(found(old, 0).is_none() && found(new, 0).is_none());
    }

    #[tokio::test]
    async fn a_long_body_passes_unkept() {
        let long = vec![7_u8; LONGEST];
        let pieces = [long.clone(), long.clone()].map(|it| Ok::<_, std::io::Error>(it.into()));
        let pieces: Vec<Result<Bytes, _>> = pieces.into();
        let rest = whole(Body::from_stream(stream::iter(pieces))).await;
        let rest = axum::body::to_bytes(rest.unwrap_err(), usize::MAX).await;
        assert_eq!(rest.unwrap(), [long.clone(), long].concat());
        let short = ["ab", "cd"].map(|it| Ok::<_, std::io::Error>(Bytes::from(it)));
        let short = whole(Body::from_stream(stream::iter(short))).await;
        assert_eq!(short.unwrap(), "abcd");
    }

    #[test]
    fn who_asks_for_more_gets_a_new_answer() {
        let request = |target: &str, name: &str, value: &str| {
            let request = Request::get(target).header(name, value);
            key(&request.body(Body::empty()).unwrap())
        };
        assert!(request("/api/v1/videos?count=2", "user-agent", "x").is_some());
        assert!(request("/", "accept", "text/html").is_some());
        for (target, name, value) in [
            ("/api/v1/videos", "authorization", "Bearer x"),
            ("/w/a", "cookie", "vidicon_session=x"),
            ("/w/a", "range", "bytes=0-1"),
            ("/api/v1/videos/a", "x-peertube-video-password", "x"),
            ("/w/a", "accept", "application/activity+json"),
            ("/my/videos", "accept", "text/html"),
        ] {
            assert_eq!(request(target, name, value), None, "{target} {name}");
        }
    }
}
