//! Who may enter the page of a video, and what those are told who may not.

use crate::access;
use crate::app::App;
use crate::error::{Error, Result};
use crate::page::form::Form;
use crate::page::{Page, cookie, fault};
use crate::video::{Privacy, Video, VideoRef, find, gate, token, visible};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// What somebody finds who comes to a video.
pub enum Door {
    Open(Box<Video>),
    /// It opens with a password.
    Password(Box<Video>),
    /// It opens for those who say to be of its age.
    Age(Box<Video>),
    /// The answer says why not.
    Shut(Response),
}

pub async fn knock(app: &App, page: &Page, id: &str, headers: &HeaderMap) -> Result<Door> {
    enter(app, page, id, headers, None).await
}

/// As [`knock`], with a password that the visitor has typed.
pub async fn open_with_password(
    app: &App,
    page: &Page,
    id: &str,
    headers: &HeaderMap,
    password: &str,
) -> Result<Door> {
    enter(app, page, id, headers, Some(password)).await
}

async fn enter(
    app: &App,
    page: &Page,
    id: &str,
    headers: &HeaderMap,
    password: Option<&str>,
) -> Result<Door> {
    let video = match VideoRef::parse(id) {
        Some(by) => find(app, by).await.map(|video| (by, video)),
        None => Err(Error::not_found("Video not found")),
    };
    let (by, video) = match video {
        Ok(found) => found,
        Err(error) if error.status() == StatusCode::NOT_FOUND => return Ok(Door::Shut(lost(page))),
        Err(error) => return Err(error),
    };
    let password = password.filter(|_| video.privacy == Privacy::Password);
    let mut seen = visible(app, &page.viewer, &video, by, password).await;
    let asks_password = |error: &Error| error.code_str() == Some("video_requires_password");
    if seen.as_ref().is_err_and(asks_password) && has_key(app, headers, &video) {
        seen = gate::pass(app, &page.viewer, &video).await;
    }
    match seen {
        Ok(()) => Ok(Door::Open(Box::new(video))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => Ok(match error.code_str() {
            Some(gate::ASKS_AGE) => Door::Age(Box::new(video)),
            Some(gate::OTHER_COUNTRY) => elsewhere(page),
            Some("video_requires_password" | "incorrect_video_password") => {
                Door::Password(Box::new(video))
            }
            _ => shut(page, &video, error.status()),
        }),
    }
}

/// The page of a video, or a list of some, that is not there.
pub fn lost(page: &Page) -> Response {
    let title = page.t("video-lost");
    let text = page.t("error-404-text");
    fault::answer(page, StatusCode::NOT_FOUND, title, text)
}

/// Left on the answer of a door that is shut though there is something behind it. To programs it is
/// as a page that is not there; its words still say to people what would open it.
#[derive(Clone, Copy, Debug)]
pub struct Closed;

fn elsewhere(page: &Page) -> Door {
    let (title, text) = (page.t("gate-country"), page.t("gate-country-text"));
    let mut answer = fault::answer(page, StatusCode::FORBIDDEN, title, text);
    answer.extensions_mut().insert(Elsewhere);
    Door::Shut(answer)
}

/// Left on the answer of a video that is not shown where the visitor is.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere;

/// The age that a form says its sender to have.
pub fn said_age(form: &Form) -> Option<i64> {
    form.number("age").filter(|age| gate::AGES.contains(age))
}

/// Has a browser remember the age, for a month.
pub fn leave_age(app: &App, headers: &mut HeaderMap, age: i64) {
    const MONTH_S: i64 = 30 * 24 * 3600;
    cookie::set_key(app, headers, access::AGE_COOKIE, &age.to_string(), MONTH_S);
}

/// Says in words why the video is not shown. Somebody who is not logged in may be its maker.
fn shut(page: &Page, video: &Video, status: StatusCode) -> Door {
    let (title, text) = match video.privacy {
        _ if video.blocked => ("video-blocked", "video-blocked-text"),
        Privacy::Internal => ("video-internal", "video-internal-text"),
        Privacy::Private if status == StatusCode::UNAUTHORIZED => {
            ("video-private", "video-private-login")
        }
        Privacy::Private => ("video-private", "video-private-text"),
        Privacy::Unlisted => return Door::Shut(lost(page)),
        Privacy::Public | Privacy::Password => ("error-403", "error-403-text"),
    };
    let nowhere = StatusCode::NOT_FOUND;
    let mut answer = fault::answer(page, nowhere, page.t(title), page.t(text));
    answer.extensions_mut().insert(Closed);
    Door::Shut(answer)
}

fn key_name(video: &Video) -> String {
    format!("open_{}", video.short_uuid())
}

/// Did this browser give the video's password in the last hours?
fn has_key(app: &App, headers: &HeaderMap, video: &Video) -> bool {
    access::cookie(headers, &key_name(video)).is_some_and(|key| token::opens(app, key, video.uuid))
}

/// Leaves a key with a browser that has given the right password.
pub fn leave_key(app: &App, headers: &mut HeaderMap, video: &Video) {
    let (key, ends_at) = token::make(app, video);
    let seconds = (ends_at - app.clock.now()) / 1000;
    cookie::set_key(app, headers, &key_name(video), &key, seconds);
}
