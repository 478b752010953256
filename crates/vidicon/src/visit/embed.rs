//! The player alone, for pages of other sites: `/videos/embed/{id}`.

use super::player::Streams;
use super::playlist::Panel;
use super::watch::{Closed, Door, Elsewhere, Watch, knock, open_with_password, said_age, shown};
use crate::app::App;
use crate::error::Result;
use crate::page::Page;
use crate::page::form::Form;
use crate::video::{Video, attached, gate};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use url::Url;

#[derive(Template)]
#[template(path = "video/embed.html")]
struct Embed<'p> {
    page: &'p Page,
    v: Watch,
}

#[derive(Template)]
#[template(path = "video/embed-lost.html")]
struct Lost<'p> {
    page: &'p Page,
    title: String,
    text: &'static str,
    /// Where a password is sent to, when one would open it.
    password: Option<String>,
    /// Where the word is sent to that the viewer has this age, when that would open it.
    age: Option<(String, i64)>,
}

/// `GET /videos/embed/{id}`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let door = knock(&app, &page, &id, &headers).await?;
    if let Door::Open(video) = &door
        && is_around_elsewhere(&app, video, &headers).await?
    {
        return Ok(not_there(&page));
    }
    answer(&app, &page, door, false, None).await
}

/// Does the page around say that it is of a site where the video is not to be shown? One that says nothing
/// is held by its browser, which reads the policy of the answer.
async fn is_around_elsewhere(app: &App, video: &Video, headers: &HeaderMap) -> Result<bool> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-dest") == Some("document") {
        return Ok(false);
    }
    let around = text("referer").and_then(|url| Url::parse(url).ok());
    let Some(host) = around.as_ref().and_then(Url::host_str) else {
        return Ok(false);
    };
    let port = around.as_ref().and_then(Url::port);
    let domain = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Ok(!crate::video::embed::of(app, video.id)
        .await?
        .allows(app, &domain))
}

fn not_there(page: &Page) -> Response {
    let lost = Lost {
        page,
        title: page.t("embed-not-here").to_owned(),
        text: page.t("embed-not-here-text"),
        password: None,
        age: None,
    };
    closed(page, &lost, StatusCode::FORBIDDEN)
}

/// `POST /videos/embed/{id}`: with a password or an age. Browsers keep no cookie of a page in another's page,
/// so the answer is the player itself.
pub async fn open(
    State(app): State<App>,
    mut page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    if let Some(age) = said_age(&form) {
        page.viewer.age = page.viewer.age.max(age);
        let door = knock(&app, &page, &id, &headers).await?;
        return answer(&app, &page, door, false, None).await;
    }
    let door = open_with_password(&app, &page, &id, &headers, form.raw("password")).await?;
    answer(&app, &page, door, true, None).await
}

/// The player, or why there is none. `tried`: the visitor has given a password already.
pub async fn answer(
    app: &App,
    page: &Page,
    door: Door,
    tried: bool,
    list: Option<Panel>,
) -> Result<Response> {
    match door {
        Door::Open(video) => player(app, page, *video, list).await,
        Door::Password(video) => {
            let text = if tried {
                page.t("password-wrong")
            } else {
                page.t("password-text")
            };
            let lost = Lost {
                page,
                title: page.t("password-title").to_owned(),
                text,
                password: Some(format!("/videos/embed/{}", video.short_uuid())),
                age: None,
            };
            let status = if tried {
                StatusCode::FORBIDDEN
            } else {
                StatusCode::OK
            };
            Ok(closed(page, &lost, status))
        }
        Door::Age(video) => Ok(closed(page, &ask_age(page, &video), StatusCode::OK)),
        Door::Shut(answer) if answer.extensions().get::<Elsewhere>().is_some() => {
            let lost = Lost {
                page,
                title: page.t("gate-country").to_owned(),
                text: page.t("gate-country-text"),
                password: None,
                age: None,
            };
            Ok(closed(page, &lost, StatusCode::OK))
        }
        Door::Shut(answer) if answer.extensions().get::<Closed>().is_some() => {
            Ok(lost(page, StatusCode::FORBIDDEN))
        }
        Door::Shut(answer) => Ok(lost(page, answer.status())),
    }
}

fn ask_age<'p>(page: &'p Page, video: &Video) -> Lost<'p> {
    let years = page.tx("gate-age", "age", video.min_age);
    Lost {
        page,
        title: years,
        text: page.t("gate-age-text"),
        password: None,
        age: Some((
            format!("/videos/embed/{}", video.short_uuid()),
            video.min_age,
        )),
    }
}

/// Says in a frame why nothing can be seen.
pub fn lost(page: &Page, status: StatusCode) -> Response {
    let (status, title, text) = match status {
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => {
            (StatusCode::NOT_FOUND, "video-lost", "error-404-text")
        }
        // A frame that is shut is a page all the same; it says so itself.
        _ => (StatusCode::OK, "error-403", "error-403-text"),
    };
    let lost = Lost {
        page,
        title: page.t(title).to_owned(),
        text: page.t(text),
        password: None,
        age: None,
    };
    closed(page, &lost, status)
}

fn closed(page: &Page, lost: &Lost<'_>, status: StatusCode) -> Response {
    let mut response = page.render_embed(lost, &[]);
    *response.status_mut() = status;
    private(&mut response);
    response
}

fn private(response: &mut Response) {
    let value = HeaderValue::from_static("private, no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
}

async fn player(app: &App, page: &Page, video: Video, list: Option<Panel>) -> Result<Response> {
    let frames = crate::video::embed::frame_ancestors(app, &video).await?;
    let attached = attached::find(app, &video).await?;
    let mut streams = Streams::new(app, &video, &attached);
    streams.share(app, app.instance.settings().defaults.p2p.embed.enabled);
    if !streams.can_play() {
        let making = super::news::making(app, page, &streams).await?;
        let (title, text) = match &making {
            Some(making) => (making.title, making.text),
            None => (page.t("making-wait"), page.t("making-wait-text")),
        };
        let lost = Lost {
            page,
            title: title.to_owned(),
            text,
            password: None,
            age: None,
        };
        return Ok(closed(page, &lost, StatusCode::OK));
    }
    let own = attached::Own::default();
    let mut v = shown::watch(page, &streams, &own, false, list);
    v.autoplay = false;
    let public = v.public && !gate::guards(app, video.guarded());
    let origins = streams.origins(app);
    let mut response = page.render_within(&Embed { page, v }, &origins, &frames);
    // Who may frame it is asked of each page around it.
    if !public || frames != "*" {
        private(&mut response);
    }
    Ok(response)
}
