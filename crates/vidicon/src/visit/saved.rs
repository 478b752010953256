//! The lists that somebody keeps: making and deleting them, what stands in them, saving a video.

use super::handle;
use super::watch::{Door, knock};
use crate::account::{AccountId, Right};
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::page::card::{self, Card, Choice, PER_PAGE, Pages, page_number};
use crate::page::form::Form;
use crate::page::{Page, go};
use crate::playlist::{self, About, NewElement, Playlist, PlaylistFilter, PlaylistPrivacy, Span};
use crate::video::{VideoId, short_uuid};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

const LONGEST_NAME: usize = 120;
/// So many lists are offered to save a video in.
const OFFERED: i64 = 100;

#[derive(Template)]
#[template(path = "playlist/mine.html")]
struct Mine<'p> {
    page: &'p Page,
    cards: Vec<Card>,
    error: Option<&'static str>,
    name: String,
    pages: Option<Pages>,
}

/// A playlist in a list of them.
pub fn card_of(page: &Page, list: &Playlist) -> Card {
    Card {
        url: list.watch_path(),
        title: list.display_name.clone(),
        shape: "ar-16x9",
        picture: super::picture(None, list.thumbnail.as_deref()),
        width: 280,
        height: 157,
        by: list.account_display_name.clone(),
        by_url: format!("/a/{}", handle(&list.account_name, &list.account_host)),
        year: card::year(list.updated_at),
        note: Some(page.tn("playlist-note", list.element_count)),
        ..Card::default()
    }
}

/// A page of somebody's lists, and whether more follow.
pub async fn cards(
    app: &App,
    page: &Page,
    filter: PlaylistFilter,
    now: i64,
) -> Result<(Vec<Card>, bool)> {
    let paging = Paging {
        start: (now - 1) * PER_PAGE,
        count: PER_PAGE,
    };
    let newest = Sort {
        column: "updatedAt",
        descending: true,
    };
    let (total, lists) = playlist::list(app, &filter, paging, newest).await?;
    let cards = lists.iter().map(|list| card_of(page, list)).collect();
    Ok((cards, total > now * PER_PAGE))
}

/// `GET /my/playlists`.
pub async fn mine(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    mine_page(&app, &page, page_number(&query), None, "").await
}

async fn mine_page(
    app: &App,
    page: &Page,
    now: i64,
    error: Option<&'static str>,
    name: &str,
) -> Result<Response> {
    let filter = PlaylistFilter {
        account_id: Some(page.me()?.account_id),
        with_hidden: true,
        ..PlaylistFilter::default()
    };
    let (cards, more) = cards(app, page, filter, now).await?;
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let template = Mine {
        pages: Pages::new("/my/playlists", "", now, more),
        name: name.to_owned(),
        page,
        cards,
        error,
    };
    Ok(page.render_with(&template, status, &[]))
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&crate::check::length_of(name))
}

fn about(name: &str) -> About {
    About {
        display_name: name.to_owned(),
        description: None,
        privacy: PlaylistPrivacy::Private,
        channel_id: None,
    }
}

/// `POST /my/playlists`: a new list.
pub async fn create(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let account_id = page.me()?.account_id;
    let name = form.text("name");
    if !is_name(name) {
        return mine_page(&app, &page, 1, Some(page.t("playlist-name-bad")), name).await;
    }
    let (_, uuid) = playlist::create(&app, account_id, &about(name)).await?;
    Ok(go(
        &app,
        &format!("/w/p/{}", short_uuid::shorten(uuid)),
        None,
    ))
}

/// The playlist of a path that the viewer may change.
async fn own(app: &App, page: &Page, id: &str, right: Right) -> Result<Playlist> {
    let user = page.me()?;
    let list = playlist::seen(app, &page.viewer, id).await?;
    playlist::manage(app, user, &list, right).await?;
    Ok(list)
}

/// `POST /w/p/{id}/delete`.
pub async fn delete(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    _: Form,
) -> Result<Response> {
    let list = own(&app, &page, &id, Right::RemoveAnyVideoPlaylist).await?;
    if list.kind == playlist::WATCH_LATER {
        return Err(Error::bad_request("This list stays."));
    }
    playlist::delete(&app, &list).await?;
    Ok(go(
        &app,
        "/my/playlists",
        Some((false, page.t("playlist-deleted"))),
    ))
}

/// `POST /w/p/{id}/remove`: takes one place out of the list.
pub async fn remove(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let list = own(&app, &page, &id, Right::UpdateAnyVideoPlaylist).await?;
    let element = form.number("element").unwrap_or(0);
    playlist::remove(&app, &list, base::Id::new(element)).await?;
    Ok(go(&app, &list.watch_path(), None))
}

/// `POST /w/p/{id}/move`: puts one place before or behind its neighbour.
pub async fn shift(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let list = own(&app, &page, &id, Right::UpdateAnyVideoPlaylist).await?;
    let from = form.number("position").unwrap_or(0);
    let after = match form.text("way") {
        "up" => from - 2,
        "down" => from + 1,
        _ => return Err(Error::bad_request("A place is moved up or down.")),
    };
    if after >= 0 && after <= list.element_count {
        let to = playlist::Move {
            start: from,
            after,
            length: 1,
        };
        playlist::reorder(&app, &list, to).await?;
    }
    Ok(go(&app, &list.watch_path(), None))
}

/// `POST /w/{id}/save`: in which of the viewer's lists the video stands from now on.
pub async fn save(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let account_id = page.me()?.account_id;
    let video = match knock(&app, &page, &id, &headers).await? {
        Door::Open(video) => *video,
        Door::Password(_) => return Err(Error::forbidden("This video has a password.")),
        Door::Age(_) => return Err(Error::forbidden("This video is not for every age.")),
        Door::Shut(answer) => return Ok(answer),
    };
    let new = NewElement {
        video_id: video.id,
        span: Span::default(),
    };
    let held = playlist::holdings(&app, account_id, &[video.id]).await?;
    for list in lists_of(&app, account_id).await? {
        let wanted = form.all("playlist").any(|id| id == list.id.to_string());
        let here: Vec<_> = held.iter().filter(|it| it.playlist_id == list.id).collect();
        match (wanted, here.is_empty()) {
            (true, true) => {
                playlist::add(&app, &list, &new).await?;
            }
            (false, false) => {
                for place in here {
                    playlist::remove(&app, &list, base::Id::new(place.element_id)).await?;
                }
            }
            _ => {}
        }
    }
    let name = form.text("new_list");
    if is_name(name) {
        let (list, _) = playlist::create(&app, account_id, &about(name)).await?;
        for list in playlist::by_ids(&app, &[list]).await? {
            playlist::add(&app, &list, &new).await?;
        }
    }
    let back = form.some("next").unwrap_or_else(|| video.watch_path());
    Ok(go(&app, &back, Some((false, page.t("saved-to-list")))))
}

/// All lists of an account that the save dialog shows.
pub async fn lists_of(app: &App, account_id: AccountId) -> Result<Vec<Playlist>> {
    let filter = PlaylistFilter {
        account_id: Some(account_id),
        with_hidden: true,
        ..PlaylistFilter::default()
    };
    let paging = Paging {
        start: 0,
        count: OFFERED,
    };
    let newest = Sort {
        column: "updatedAt",
        descending: true,
    };
    Ok(playlist::list(app, &filter, paging, newest).await?.1)
}

/// The viewer's lists, those chosen in which the video stands.
pub async fn choices(app: &App, page: &Page, video: VideoId) -> Result<Vec<Choice>> {
    let Some(user) = page.viewer.user() else {
        return Ok(Vec::new());
    };
    let lists = lists_of(app, user.account_id).await?;
    let held = playlist::holdings(app, user.account_id, &[video]).await?;
    let choices = lists.into_iter().map(|list| Choice {
        value: list.id.to_string(),
        chosen: held.iter().any(|it| it.playlist_id == list.id),
        label: list.display_name,
        note: "",
    });
    Ok(choices.collect())
}
