//! The page where a video is watched: `/w/{id}`.

pub mod door;
pub mod shown;

pub use door::{Closed, Door, Elsewhere, knock, lost, open_with_password, said_age};
pub use shown::{Reaction, Watch};

use super::player::{Download, Streams};
use super::playlist::Panel;
use super::{saved, store};
use crate::access::Viewer;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::page::card::{self, Card};
use crate::page::form::Form;
use crate::page::{Page, go};
use crate::video::{Video, attached, files, reaction, short_uuid, watching};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

/// How many other videos stand beside one.
const BESIDE: i64 = 6;

#[derive(Template)]
#[template(path = "video/watch.html")]
struct WatchPage<'p> {
    page: &'p Page,
    v: Watch,
    next: Vec<Card>,
}

#[derive(Template)]
#[template(path = "video/password.html")]
struct Password<'p> {
    page: &'p Page,
    action: String,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "video/age.html")]
struct AskAge<'p> {
    page: &'p Page,
    action: String,
    age: i64,
    years: String,
}

/// `GET /w/{id}`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let reads = async {
        match knock(&app, &page, plain(&id), &headers).await? {
            Door::Open(video) => watch(&app, &page, *video, &query, None).await,
            Door::Password(video) => Ok(ask(&page, &video, false)),
            Door::Age(video) => Ok(ask_age(&page, &video)),
            Door::Shut(answer) => Ok(answer),
        }
    };
    app.db.together(Box::pin(reads)).await
}

/// `POST /w/{id}`: the password of a video, or the word that the viewer has its age. What a password
/// opens stays open for some hours.
pub async fn open(
    State(app): State<App>,
    mut page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let id = plain(&id);
    if let Some(age) = said_age(&form) {
        page.viewer.age = page.viewer.age.max(age);
        return opened(&app, &page, id, &headers).await;
    }
    let door = open_with_password(&app, &page, id, &headers, form.raw("password")).await?;
    match door {
        Door::Open(video) => {
            let mut answer = go(&app, &video.watch_path(), None);
            door::leave_key(&app, answer.headers_mut(), &video);
            Ok(answer)
        }
        Door::Password(video) => Ok(ask(&page, &video, true)),
        // The password was right: it need not be typed again.
        Door::Age(video) => {
            let mut answer = ask_age(&page, &video);
            door::leave_key(&app, answer.headers_mut(), &video);
            Ok(answer)
        }
        Door::Shut(answer) => Ok(answer),
    }
}

/// Goes to the video, or asks what else there is to ask, and has the browser remember the age.
async fn opened(app: &App, page: &Page, id: &str, headers: &HeaderMap) -> Result<Response> {
    let mut answer = match knock(app, page, id, headers).await? {
        Door::Open(video) => go(app, &video.watch_path(), None),
        Door::Password(video) => ask(page, &video, false),
        Door::Age(video) => ask_age(page, &video),
        Door::Shut(answer) => return Ok(answer),
    };
    door::leave_age(app, answer.headers_mut(), page.viewer.age);
    Ok(answer)
}

/// `GET /videos/watch/{id}`: the older address of the same page.
pub async fn moved(Path(id): Path<String>, uri: Uri) -> Result<Response> {
    let id = plain(&id);
    let nothing = || Error::not_found("Video not found");
    let by = crate::video::VideoRef::parse(id).ok_or_else(nothing)?;
    let name = match by {
        crate::video::VideoRef::Uuid(uuid) => short_uuid::shorten(uuid),
        crate::video::VideoRef::Number(number) => number.to_string(),
    };
    let query = uri.query().map(|query| format!("?{query}"));
    let to = format!("/w/{name}{}", query.unwrap_or_default());
    Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response())
}

/// The video, or the page that stands before it.
async fn enter(
    app: &App,
    page: &Page,
    id: &str,
    headers: &HeaderMap,
) -> Result<std::result::Result<Box<Video>, Response>> {
    Ok(match knock(app, page, plain(id), headers).await? {
        Door::Open(video) => Ok(video),
        Door::Password(video) => Err(ask(page, &video, false)),
        Door::Age(video) => Err(ask_age(page, &video)),
        Door::Shut(answer) => Err(answer),
    })
}

/// `POST /w/{id}/rate`.
pub async fn rate(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let user = page.me()?.clone();
    let video = match enter(&app, &page, &id, &headers).await? {
        Ok(video) => video,
        Err(answer) => return Ok(answer),
    };
    let rating = form.some("rating").filter(|rating| rating != "none");
    if !matches!(rating.as_deref(), None | Some("like" | "dislike")) {
        return Err(Error::bad_request("A rating is like, dislike or none."));
    }
    watching::rate(&app, &user, &video, rating.as_deref()).await?;
    Ok(go(&app, &video.watch_path(), None))
}

/// PeerTube's links to a comment end in `;threadId=…`.
fn plain(id: &str) -> &str {
    id.split(';').next().unwrap_or(id)
}

fn ask(page: &Page, video: &Video, wrong: bool) -> Response {
    let template = Password {
        page,
        action: video.watch_path(),
        wrong,
    };
    let status = if wrong {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::NOT_FOUND
    };
    page.render_with(&template, status, &[])
}

/// Nothing of the video is in it, not even its name.
fn ask_age(page: &Page, video: &Video) -> Response {
    let template = AskAge {
        page,
        action: video.watch_path(),
        age: video.min_age,
        years: page.tx("gate-age", "age", video.min_age),
    };
    page.render_with(&template, StatusCode::FORBIDDEN, &[])
}

/// The page of a video that the viewer may see, with the playlist that it is watched in.
pub async fn watch(
    app: &App,
    page: &Page,
    video: Video,
    query: &Map<String, Value>,
    list: Option<Panel>,
) -> Result<Response> {
    let attached = attached::find(app, &video).await?;
    let own = match page.viewer.user() {
        Some(user) => attached::own(app, user, &video).await?,
        None => attached::Own::default(),
    };
    let mut streams = Streams::new(app, &video, &attached);
    let chosen = page
        .viewer
        .user()
        .and_then(|user| user.settings.get("p2pEnabled"));
    let usual = app.instance.settings().defaults.p2p.webapp.enabled;
    streams.share(app, chosen.and_then(Value::as_bool).unwrap_or(usual));
    let may_edit = may_edit(app, &page.viewer, &video).await?;
    let making = super::news::making(app, page, &streams).await?;
    let mut v = shown::watch(page, &streams, &own, may_edit, list);
    v.making = making;
    v.downloads
        .splice(0..0, original(app, page, &streams).await?);
    v.playlists = saved::choices(app, page, video.id).await?;
    let part = crate::video::list::number(query, "talk").unwrap_or(1);
    let talk = super::talk::talk(app, page, &video, part.clamp(1, 10_000)).await?;
    (v.comments, v.more_comments) = (talk.threads, talk.more);
    v.reactions = reactions(app, page, &video).await?;
    let next = beside(app, page, &video).await?;
    let template = WatchPage { page, v, next };
    Ok(page.render_with(&template, StatusCode::OK, &streams.origins(app)))
}

/// Those who are not logged in see only what others have chosen.
async fn reactions(app: &App, page: &Page, video: &Video) -> Result<Vec<Reaction>> {
    let counts = reaction::counts(app, &page.viewer, video).await?;
    let may_react = page.user.is_some();
    let shown = counts.into_iter().filter(|it| may_react || it.count > 0);
    let reaction = |it: reaction::Count| Reaction {
        label: page.tyx("reaction", "emoji", &it.emoji, "count", it.count),
        emoji: it.emoji,
        count: it.count,
        mine: it.mine,
    };
    Ok(shown.map(reaction).collect())
}

/// `POST /w/{id}/react`: an emoji, `on` or `off`.
pub async fn react(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let user = page.me()?.clone();
    let video = match enter(&app, &page, &id, &headers).await? {
        Ok(video) => video,
        Err(answer) => return Ok(answer),
    };
    let on = form.has("on");
    let emoji = form.text(if on { "on" } else { "off" });
    reaction::react(&app, &user, &video, emoji, on).await?;
    Ok(go(&app, &video.watch_path(), None))
}

/// The uploaded file itself, which an archive gives to everybody who may download.
async fn original(app: &App, page: &Page, streams: &Streams<'_>) -> Result<Option<Download>> {
    let given = files::given_original(app, streams.video).await?;
    Ok(given.map(|(key, size_bytes)| streams.original(page, &key, size_bytes)))
}

async fn may_edit(app: &App, viewer: &Viewer, video: &Video) -> Result<bool> {
    let Some(user) = viewer.user() else {
        return Ok(false);
    };
    let right = crate::account::Right::UpdateAnyVideo;
    Ok(crate::video::manage(app, user, video, right).await.is_ok())
}

async fn beside(app: &App, page: &Page, video: &Video) -> Result<Vec<Card>> {
    let found = store::of_channel(&app.db, video.channel_id, video.id, video.nsfw, BESIDE).await?;
    let by = &video.channel_display_name;
    let by_url = format!(
        "/c/{}",
        super::handle(&video.channel_name, &video.channel_host)
    );
    let cards = found.into_iter().map(|it| {
        let (width, height) = super::size(it.aspect_ratio);
        Card {
            url: format!("/w/{}", short_uuid::shorten(it.uuid)),
            shape: card::shape(it.aspect_ratio),
            hue: card::hue(it.hue),
            picture: super::picture(None, it.thumbnail.as_deref()),
            width,
            height,
            live: it.is_live,
            clock: card::clock(it.duration_s),
            iso: card::iso_length(it.duration_s),
            by: by.clone(),
            by_url: by_url.clone(),
            year: card::year(it.published_at),
            views: page.tn("views-count", it.views),
            title: it.name,
            ..Card::default()
        }
    });
    Ok(cards.collect())
}
