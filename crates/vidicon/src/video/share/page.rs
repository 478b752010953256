//! `/s/{token}`: where a shared link leads. One with a limit of views asks first: programs that only
//! look what is behind an address must not use them up.

use super::{Grant, Share};
use crate::access::Viewer;
use crate::app::App;
use crate::error::{Error, Result};
use crate::page::Page;
use crate::video::Video;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::clock::SECOND;

#[derive(Template)]
#[template(path = "video/shared.html")]
struct Ask<'p> {
    page: &'p Page,
    action: String,
    left: i64,
}

pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    let (share, video) = super::link(&app, &token).await?;
    if super::has_grant(&app, &page.viewer, &share, video.uuid) {
        return Ok(to_video(&video));
    }
    let Some(limit) = share.view_limit else {
        return open(&app, &page.viewer, &share, &video).await;
    };
    let now = app.clock.now();
    let left = limit - share.views;
    if left <= 0 || share.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::gone("This link has ended."));
    }
    let ask = Ask {
        page: &page,
        action: format!("/s/{token}"),
        left,
    };
    let mut response = page.render(&ask);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(response)
}

/// The button of the page that asks.
pub async fn enter(
    State(app): State<App>,
    viewer: Viewer,
    Path(token): Path<String>,
) -> Result<Response> {
    let (share, video) = super::link(&app, &token).await?;
    if super::has_grant(&app, &viewer, &share, video.uuid) {
        return Ok(to_video(&video));
    }
    open(&app, &viewer, &share, &video).await
}

async fn open(app: &App, viewer: &Viewer, share: &Share, video: &Video) -> Result<Response> {
    let grant = super::open(app, share, video.uuid).await?;
    Ok(with_cookie(app, viewer, &grant, to_video(video)))
}

fn to_video(video: &Video) -> Response {
    let headers = [
        (header::LOCATION, video.watch_path()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Keeps the grant in the browser, with the newest of those it has.
fn with_cookie(app: &App, viewer: &Viewer, grant: &Grant, mut response: Response) -> Response {
    let mut kept = vec![grant.text.as_str()];
    let others = viewer.grants.iter().map(String::as_str);
    kept.extend(
        others
            .filter(|other| *other != grant.text)
            .take(super::MOST_GRANTS - 1),
    );
    let seconds = (grant.expires - app.clock.now()) / SECOND;
    let secure = if app.config.server.public_url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}",
        crate::access::GRANT_COOKIE,
        kept.join(".")
    );
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
