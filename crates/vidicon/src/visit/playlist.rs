//! Playlists: their page, one of their videos with the list beside it, and the list in a frame.

use super::watch::{Door, knock, lost, watch};
use super::{card_with_words, embed, handle};
use crate::account::Right;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::listing::Paging;
use crate::page::Page;
use crate::page::card::{self, Card, PER_PAGE, Pages, page_number};
use crate::playlist::{self, Element, Playlist, PlaylistPrivacy, programme};
use crate::text;
use crate::video::list::{self, Row};
use crate::video::short_uuid;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use uuid::Uuid;

/// So many of a list stand beside a video.
const BESIDE: i64 = 100;

#[derive(Template)]
#[template(path = "playlist/show.html")]
struct Show<'p> {
    page: &'p Page,
    list: Shown,
    first: Option<String>,
    lines: Vec<Line>,
    pages: Option<Pages>,
}

struct Shown {
    id: String,
    url: String,
    name: String,
    description: String,
    by: String,
    by_url: String,
    note: String,
    public: bool,
    mine: bool,
    may_delete: bool,
    /// Is there something that everybody may see, so that it can be watched as a programme?
    programme: bool,
}

/// One place of a list; without a card what stood there is gone or closed.
struct Line {
    element: i64,
    position: i64,
    card: Option<Card>,
}

/// The list beside one of its videos.
pub struct Panel {
    pub name: String,
    pub url: String,
    pub note: String,
    pub position: i64,
    pub count: i64,
    pub items: Vec<Item>,
    /// Where a list that is watched as a programme leads after each video, and what then begins.
    pub programme: Option<(String, String)>,
}

pub struct Item {
    pub position: i64,
    pub url: String,
    pub title: String,
    pub clock: String,
    pub picture: Option<String>,
    pub shape: &'static str,
    pub now: bool,
}

impl Panel {
    /// Address and title of what follows the video that is watched.
    pub fn next(&self) -> Option<(String, String)> {
        if self.programme.is_some() {
            return self.programme.clone();
        }
        let after = self.items.iter().find(|item| item.position > self.position);
        after.map(|item| (item.url.clone(), item.title.clone()))
    }
}

/// `GET /w/p/{id}`: the list, or with `?playlistPosition=` the video at that place.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let list = match playlist::seen(&app, &page.viewer, &id).await {
        Ok(list) => list,
        Err(error) if is_missing(&error) => return Ok(lost(&page)),
        Err(error) => return Err(error),
    };
    if let Some(position) = list::number(&query, "playlistPosition")
        && let Some((mut panel, uuid)) = beside(&app, &page, &list, position).await?
    {
        if query.contains_key("programme")
            && let Some(on) = programme::on(&app, &list).await?
        {
            panel.programme = Some((format!("{}/now", list.watch_path()), on.next.name));
        }
        return match knock(&app, &page, &uuid.to_string(), &headers).await? {
            Door::Open(video) => watch(&app, &page, *video, &query, Some(panel)).await,
            Door::Password(video) | Door::Age(video) => {
                Ok(Redirect::to(&video.watch_path()).into_response())
            }
            Door::Shut(answer) => Ok(answer),
        };
    }
    list_page(&app, &page, &list, page_number(&query)).await
}

/// `GET /w/p/{id}/now`: joins what everybody sees of the list at this time.
pub async fn tune_in(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response> {
    let list = match playlist::seen(&app, &page.viewer, &id).await {
        Ok(list) => list,
        Err(error) if is_missing(&error) => return Ok(lost(&page)),
        Err(error) => return Err(error),
    };
    let path = list.watch_path();
    let place = match programme::on(&app, &list).await? {
        Some(on) => format!(
            "{path}?playlistPosition={}&start={}&stop={}&programme=1",
            on.now.position, on.at_s, on.now.to_s
        ),
        None => path,
    };
    Ok(Redirect::to(&place).into_response())
}

fn is_missing(error: &Error) -> bool {
    matches!(
        error.status(),
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST
    )
}

async fn list_page(app: &App, page: &Page, list: &Playlist, now: i64) -> Result<Response> {
    let paging = Paging {
        start: (now - 1) * PER_PAGE,
        count: PER_PAGE,
    };
    let found = playlist::elements(app, &page.viewer, list, paging).await?;
    let first = found.iter().find(|(_, row)| row.is_some());
    let first = first.map(|(element, _)| place_url(list, element));
    let lines = found.iter().map(|(element, row)| Line {
        element: element.id.0,
        position: element.position,
        card: row.as_ref().map(|row| Card {
            url: place_url(list, element),
            ..card_with_words(page, row)
        }),
    });
    let template = Show {
        lines: lines.collect(),
        list: shown(app, page, list).await?,
        first,
        pages: Pages::new(
            &list.watch_path(),
            "",
            now,
            list.element_count > now * PER_PAGE,
        ),
        page,
    };
    Ok(page.render(&template))
}

async fn shown(app: &App, page: &Page, list: &Playlist) -> Result<Shown> {
    let mine = match page.viewer.user() {
        Some(user) => {
            let right = Right::UpdateAnyVideoPlaylist;
            playlist::manage(app, user, list, right).await.is_ok()
        }
        None => false,
    };
    let (by, by_url) = match (&list.channel_display_name, &list.channel_name) {
        (Some(by), Some(name)) => {
            let host = list.channel_host.as_deref().unwrap_or_default();
            (by.clone(), format!("/c/{}", handle(name, host)))
        }
        _ => (
            list.account_display_name.clone(),
            format!("/a/{}", handle(&list.account_name, &list.account_host)),
        ),
    };
    let description = list.description.as_deref().unwrap_or_default();
    Ok(Shown {
        id: list.short_uuid(),
        url: format!("{}{}", page.site_url, list.watch_path()),
        name: list.display_name.clone(),
        description: text::markdown_to_html(description),
        by,
        by_url,
        note: page.tn("playlist-note", list.element_count),
        public: list.privacy == PlaylistPrivacy::Public,
        mine,
        may_delete: mine && list.kind != playlist::WATCH_LATER,
        programme: programme::is_possible(app, list.id).await?,
    })
}

/// Where the video at a place of the list is watched with the list beside it.
fn place_url(list: &Playlist, element: &Element) -> String {
    let mut url = format!(
        "{}?playlistPosition={}",
        list.watch_path(),
        element.position
    );
    if let Some(start) = element.start_s {
        url.push_str(&format!("&start={start}"));
    }
    if let Some(stop) = element.stop_s {
        url.push_str(&format!("&stop={stop}"));
    }
    url
}

/// The list as it stands beside the first video at this place or after it that can be seen.
async fn beside(
    app: &App,
    page: &Page,
    list: &Playlist,
    position: i64,
) -> Result<Option<(Panel, Uuid)>> {
    let position = position.clamp(1, i64::MAX / 2);
    let paging = Paging {
        start: (position - 1) / BESIDE * BESIDE,
        count: BESIDE,
    };
    let found = playlist::elements(app, &page.viewer, list, paging).await?;
    let seen: Vec<(Element, Row)> = found
        .into_iter()
        .filter_map(|(element, row)| Some((element, row?)))
        .collect();
    let chosen = seen.iter().find(|(it, _)| it.position >= position);
    let Some((chosen, row)) = chosen.or_else(|| seen.last()) else {
        return Ok(None);
    };
    let uuid = Uuid::try_parse(&row.uuid).unwrap_or_default();
    let now = chosen.position;
    let items = seen.iter().map(|(element, row)| Item {
        position: element.position,
        url: place_url(list, element),
        title: row.name.clone(),
        clock: card::clock(row.duration_s),
        picture: super::picture(None, row.thumbnail.as_deref()),
        shape: card::shape(row.aspect_ratio),
        now: element.position == now,
    });
    let panel = Panel {
        name: list.display_name.clone(),
        url: list.watch_path(),
        note: page.tn("playlist-note", list.element_count),
        position: now,
        count: list.element_count,
        items: items.collect(),
        programme: None,
    };
    Ok(Some((panel, uuid)))
}

/// `GET /video-playlists/embed/{id}`.
pub async fn embedded(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let list = match playlist::seen(&app, &page.viewer, &id).await {
        Ok(list) => list,
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => return Ok(embed::lost(&page, error.status())),
    };
    let position = list::number(&query, "playlistPosition").unwrap_or(1);
    let Some((panel, uuid)) = beside(&app, &page, &list, position).await? else {
        return Ok(embed::lost(&page, StatusCode::NOT_FOUND));
    };
    let door = knock(&app, &page, &uuid.to_string(), &headers).await?;
    embed::answer(&app, &page, door, false, Some(panel)).await
}

/// PeerTube's older addresses of the page.
pub async fn moved(Path(id): Path<String>) -> Result<Response> {
    let nothing = || Error::not_found("Video playlist not found");
    let by = playlist::reference(&id).map_err(|_| nothing())?;
    let id = match by {
        crate::video::VideoRef::Uuid(uuid) => short_uuid::shorten(uuid),
        crate::video::VideoRef::Number(number) => number.to_string(),
    };
    Ok(Redirect::permanent(&format!("/w/p/{id}")).into_response())
}
