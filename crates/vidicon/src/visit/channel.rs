//! The pages of a channel (`/c/{handle}`) and of an account (`/a/{handle}`).

use super::mute::{Hearing, hearing};
use super::{avatar, browse, channel_person, handle, picture_of};
use crate::account::picture::{self, Shape};
use crate::account::{self, Profile};
use crate::app::App;
use crate::channel::{self, Channel};
use crate::check::Query;
use crate::error::Result;
use crate::listing::{Paging, Sort};
use crate::page::Page;
use crate::page::card::{self, Card, PER_PAGE, Pages, Person, Tab, page_number};
use crate::text;
use crate::video::list::{self, Filters, ListQuery, Scope};
use crate::wire::BANNERS;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

const SUMMARY: usize = 200;

#[derive(Template)]
#[template(path = "channel/show.html")]
struct Show<'p> {
    page: &'p Page,
    who: Who,
    tabs: Vec<Tab>,
    people: Vec<Person>,
    cards: Vec<Card>,
    empty: &'static str,
    pages: Option<Pages>,
}

/// A channel or an account.
struct Who {
    name: String,
    handle: String,
    initial: String,
    canonical: String,
    /// Its address as an ActivityPub actor.
    actor: String,
    feed: String,
    summary: String,
    description: String,
    note: String,
    banner: Option<String>,
    avatar: Option<String>,
    avatar_absolute: Option<String>,
    owner: Option<Owner>,
    /// The viewer's own.
    mine: bool,
    edit_url: String,
    followable: bool,
    followed: bool,
    /// Whether the account, or the channel's owner, is muted.
    hearing: Hearing,
}

struct Owner {
    url: String,
    name: String,
}

/// `GET /c/{handle}`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let channel = channel::find(&app, &name).await?;
    let now = page_number(&query);
    let (cards, more, total) = videos(&app, &page, Scope::Channel(channel.id), now).await?;
    let who = channel_who(&app, &page, &channel, total).await?;
    let path = format!("/c/{}", who.handle);
    let template = Show {
        tabs: Vec::new(),
        people: Vec::new(),
        empty: page.t("channel-empty"),
        pages: Pages::new(&path, "", now, more),
        page: &page,
        who,
        cards,
    };
    Ok(page.render(&template))
}

/// `GET /a/{handle}`: its videos, or with `?tab=channels` its channels.
pub async fn account(
    State(app): State<App>,
    page: Page,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let name = name.trim_start_matches('@').to_lowercase();
    let profile = account::profile(&app, &name).await?;
    let now = page_number(&query);
    let scope = Scope::Account(profile.account_id);
    let (cards, more, total) = videos(&app, &page, scope, now).await?;
    let who = account_who(&app, &page, &profile, total).await?;
    let path = format!("/a/{}", who.handle);
    let shows_channels = query.get("tab").is_some_and(|tab| tab == "channels");
    let tabs = vec![
        Tab {
            url: path.clone(),
            label: page.t("videos").to_owned(),
            now: !shows_channels,
        },
        Tab {
            url: format!("{path}?tab=channels"),
            label: page.t("account-channels").to_owned(),
            now: shows_channels,
        },
    ];
    let people = if shows_channels {
        let channels = channel::of_account(&app, profile.account_id).await?;
        channels
            .iter()
            .map(|it| channel_person(&page, it))
            .collect()
    } else {
        Vec::new()
    };
    let template = Show {
        tabs,
        people,
        empty: page.t("channel-empty"),
        pages: if shows_channels {
            None
        } else {
            Pages::new(&path, "", now, more)
        },
        page: &page,
        who,
        cards: if shows_channels { Vec::new() } else { cards },
    };
    Ok(page.render(&template))
}

/// PeerTube's other addresses of the same pages, with what follows the name left out.
pub async fn channel_moved(Path(name): Path<String>, uri: Uri) -> Response {
    moved("/c/", &name, &uri)
}

pub async fn account_moved(Path(name): Path<String>, uri: Uri) -> Response {
    moved("/a/", &name, &uri)
}

pub async fn channel_part(Path((name, _)): Path<(String, String)>, uri: Uri) -> Response {
    moved("/c/", &name, &uri)
}

pub async fn account_part(Path((name, part)): Path<(String, String)>, uri: Uri) -> Response {
    if part == "video-channels" {
        let to = format!("/a/{}?tab=channels", segment(&name));
        return (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response();
    }
    moved("/a/", &name, &uri)
}

fn moved(folder: &str, name: &str, uri: &Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}"));
    let to = format!("{folder}{}{}", segment(name), query.unwrap_or_default());
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response()
}

/// A handle as a part of a path.
fn segment(name: &str) -> String {
    let text: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    text.replace('+', "%20").replace("%40", "@")
}

/// `GET /@{handle}`: whatever has this name, the account first.
pub async fn at(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let name = name.to_lowercase();
    let folder = if account::profile(&app, &name).await.is_ok() {
        "/a/"
    } else {
        channel::find(&app, &name).await?;
        "/c/"
    };
    let to = format!("{folder}{}", segment(&name));
    Ok((StatusCode::FOUND, [(header::LOCATION, to)]).into_response())
}

async fn videos(app: &App, page: &Page, scope: Scope, now: i64) -> Result<(Vec<Card>, bool, i64)> {
    let usual = ListQuery::newest(app, &page.viewer, PER_PAGE + 1);
    let query = ListQuery {
        scope,
        filters: Filters { ..usual.filters },
        paging: Paging {
            start: (now - 1) * PER_PAGE,
            count: PER_PAGE + 1,
        },
        sort: Sort {
            column: "publishedAt",
            descending: true,
        },
    };
    let found = list::page(app, &page.viewer, &query).await?;
    let (cards, more) = browse::cut(page, &found.rows);
    Ok((cards, more, found.total.unwrap_or(0)))
}

fn note(page: &Page, videos: i64, followers: i64) -> String {
    page.tyx(
        "video-and-followers",
        "videos",
        page.tn("videos-count", videos),
        "followers",
        page.tn("followers-count", followers),
    )
}

async fn channel_who(app: &App, page: &Page, channel: &Channel, total: i64) -> Result<Who> {
    let handle = handle(&channel.name, &channel.host);
    let user = page.viewer.user();
    let mine = match user {
        Some(user) => channel::manage(app, user, channel).await.is_ok(),
        None => false,
    };
    let followed = match user {
        Some(user) => super::store::follows(&app.db, user.actor_id, channel.actor_id).await?,
        None => false,
    };
    let avatar = avatar(channel.avatars.as_deref());
    let description = channel.description.as_deref().unwrap_or_default();
    let owner = super::handle(&channel.account_name, &channel.account_host);
    Ok(Who {
        canonical: format!("{}/c/{handle}", page.site_url),
        actor: match &channel.url {
            Some(url) => url.clone(),
            None => format!("{}/video-channels/{}", page.site_url, channel.name),
        },
        feed: format!("/feeds/videos.xml?videoChannelName={handle}"),
        summary: text::markdown_to_line(description, SUMMARY),
        description: html(description, channel.account_host.is_empty()),
        note: note(page, total, channel.follower_count),
        banner: picture_of(channel.banners.as_deref(), BANNERS, 1920),
        avatar_absolute: avatar.as_ref().map(|path| app.url(path)),
        avatar,
        initial: card::initial(&channel.display_name),
        name: channel.display_name.clone(),
        owner: Some(Owner {
            url: format!("/a/{owner}"),
            name: channel.account_display_name.clone(),
        }),
        mine,
        edit_url: format!("/my/channels/{}", channel.name),
        followable: true,
        followed,
        hearing: Hearing {
            can_mute: false,
            ..hearing(app, page, &channel.account_name, &channel.account_host).await?
        },
        handle,
    })
}

async fn account_who(app: &App, page: &Page, profile: &Profile, total: i64) -> Result<Who> {
    let handle = handle(&profile.name, &profile.host);
    let pictures = picture::of(&app.db, &[profile.actor_id], Shape::Avatar).await?;
    let avatar = pictures
        .get(&profile.actor_id)
        .into_iter()
        .flatten()
        .min_by_key(|it| (it.width < 120, it.width))
        .map(|it| format!("/lazy-static/avatars/{}", it.filename));
    let description = profile.description.as_deref().unwrap_or_default();
    let user = page.viewer.user();
    Ok(Who {
        canonical: format!("{}/a/{handle}", page.site_url),
        actor: match &profile.url {
            Some(url) => url.clone(),
            None => format!("{}/accounts/{}", page.site_url, profile.name),
        },
        feed: format!("/feeds/videos.xml?accountName={handle}"),
        summary: text::markdown_to_line(description, SUMMARY),
        description: html(description, profile.host.is_empty()),
        note: note(page, total, profile.follower_count),
        banner: None,
        avatar_absolute: avatar.as_ref().map(|path| app.url(path)),
        avatar,
        initial: card::initial(&profile.display_name),
        name: profile.display_name.clone(),
        owner: None,
        mine: user.is_some_and(|user| user.account_id == profile.account_id),
        edit_url: "/my/settings".to_owned(),
        followable: false,
        followed: false,
        hearing: hearing(app, page, &profile.name, &profile.host).await?,
        handle,
    })
}

fn html(description: &str, is_ours: bool) -> String {
    if description.is_empty() {
        return String::new();
    }
    if is_ours {
        text::profile_to_html(description)
    } else {
        text::markdown_to_html(description)
    }
}
