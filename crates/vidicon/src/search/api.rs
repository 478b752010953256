//! The REST routes below `/api/v1/search`.

use super::{ChannelSearch, PlaylistSearch, index};
use crate::access::Viewer;
use crate::app::App;
use crate::channel::{self, view as channel_view};
use crate::check::{Check, Query};
use crate::error::Result;
use crate::listing::{Paging, Sort};
use crate::playlist::{self, Playlist, PlaylistPrivacy, REGULAR, view as playlist_view};
use crate::video::list::{self, Filters, ListQuery, Page, Scope};
use crate::video::view::{self, Extras};
use crate::video::{self, VideoRef};
use crate::wire::{self, Site};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};

const VIDEO_SORTS: &[&str] = &[
    "name",
    "duration",
    "createdAt",
    "publishedAt",
    "originallyPublishedAt",
    "views",
    "likes",
    "match",
    "hot",
];
const CHANNEL_SORTS: &[&str] = &["match", "displayName", "createdAt"];

/// The text, which may be missing but not be empty; only this site is searched.
fn text(check: &mut Check<'_>) -> Option<String> {
    check.one_of("searchTarget", &["local"]);
    check.text("search", 1..=1_000).value()
}

pub async fn videos(
    State(app): State<App>,
    viewer: Viewer,
    Query(input): Query,
) -> Result<Response> {
    let paging = Paging::read(&input)?;
    let sort = Sort::read(&input, VIDEO_SORTS, "-match")?;
    if index::is_asked(&app, &input) {
        return index::ask(&app, "videos", &input).await;
    }
    let (text, filters) = read(&app, &input, &viewer)?;
    let page = match &text {
        Some(text) if is_address(text) => {
            looked_up(&app, &viewer, by_address(&app, text).await?).await?
        }
        Some(text) if text.trim().len() == 36 && VideoRef::parse(text.trim()).is_some() => {
            let found = match VideoRef::parse(text.trim()) {
                Some(by) => video::find(&app, by).await.ok(),
                None => None,
            };
            looked_up(&app, &viewer, found).await?
        }
        Some(text) if sort.column == "match" => {
            super::videos(&app, &viewer, text, filters, paging).await?
        }
        Some(text) => {
            let matching = super::matching(&app, text);
            if matching.is_none() {
                Page {
                    total: Some(0),
                    rows: Vec::new(),
                }
            } else {
                let filters = Filters {
                    matching,
                    ..filters
                };
                list::page(
                    &app,
                    &viewer,
                    &ListQuery {
                        scope: Scope::All,
                        filters,
                        paging,
                        sort,
                    },
                )
                .await?
            }
        }
        None => {
            list::page(
                &app,
                &viewer,
                &ListQuery {
                    scope: Scope::All,
                    filters,
                    paging,
                    sort,
                },
            )
            .await?
        }
    };
    view::list(&app, &page, Extras::default())
}

/// The text and the filters that only search has, with those of all lists.
pub(super) fn read(
    app: &App,
    input: &Map<String, Value>,
    viewer: &Viewer,
) -> Result<(Option<String>, Filters)> {
    let mut check = Check::query(input);
    let text = text(&mut check);
    let own = Filters {
        published_after: check.date("startDate").value(),
        published_before: check.date("endDate").value(),
        originally_after: check.date("originallyPublishedStartDate").value(),
        originally_before: check.date("originallyPublishedEndDate").value(),
        duration_min: check.int("durationMin", 0..=i64::MAX).value(),
        duration_max: check.int("durationMax", 0..=i64::MAX).value(),
        uuids: list::read_uuids(&mut check, "uuids"),
        ..Filters::default()
    };
    check.finish()?;
    let common = Filters::read(app, input, viewer)?;
    let filters = Filters {
        search: None,
        published_after: own.published_after,
        published_before: own.published_before,
        originally_after: own.originally_after,
        originally_before: own.originally_before,
        duration_min: own.duration_min,
        duration_max: own.duration_max,
        uuids: own.uuids,
        ..common
    };
    Ok((text, filters))
}

fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// The video of an address: one of our pages, or a known video of another server.
async fn by_address(app: &App, address: &str) -> Result<Option<video::Video>> {
    let bare = address
        .split(['?', '#'])
        .next()
        .unwrap_or(address)
        .trim_end_matches('/');
    if let Some(path) = bare.strip_prefix(app.config.server.public_url.as_str()) {
        let pages = ["/w/", "/videos/watch/", "/videos/embed/"];
        let id = pages.iter().find_map(|page| path.strip_prefix(page));
        return match id.and_then(VideoRef::parse) {
            Some(by @ VideoRef::Uuid(_)) => Ok(video::find(app, by).await.ok()),
            _ => Ok(None),
        };
    }
    for url in [address, bare] {
        if let Some(video) = video::by_url(app, url).await? {
            return Ok(Some(video));
        }
    }
    Ok(None)
}

/// One video or none, and only one that the viewer finds in lists.
async fn looked_up(app: &App, viewer: &Viewer, found: Option<video::Video>) -> Result<Page> {
    let most = if viewer.user().is_some() { 2 } else { 1 };
    let ids: Vec<video::VideoId> = found
        .iter()
        .filter(|it| (1..=most).contains(&it.listed))
        .map(|it| it.id)
        .collect();
    let rows = list::rows(app, viewer, &ids).await?;
    Ok(Page {
        total: i64::try_from(rows.len()).ok(),
        rows,
    })
}

#[derive(Serialize)]
struct Listed<T> {
    total: i64,
    data: Vec<T>,
}

pub async fn channels(State(app): State<App>, Query(input): Query) -> Result<Response> {
    let paging = Paging::read(&input)?;
    let sort = Sort::read(&input, CHANNEL_SORTS, "-match")?;
    if index::is_asked(&app, &input) {
        return index::ask(&app, "video-channels", &input).await;
    }
    let mut check = Check::query(&input);
    let text = text(&mut check);
    let host = check.host("host", &app.host()).value();
    let handles = check.texts("handles", 1..=100, 1..=300).or(Vec::new());
    check.finish()?;
    let mut wanted = ChannelSearch {
        text: text.clone(),
        host: host.map(|host| list::local_host(&app, host)),
        handles: handles
            .iter()
            .map(|handle| channel::split_handle(&app, handle))
            .collect(),
    };
    if let Some(handle) = text.as_deref().and_then(|text| handle_of(&app, text)) {
        wanted.text = None;
        wanted.handles = vec![channel::split_handle(&app, &handle)];
    }
    let (total, found) = super::channels(&app, &wanted, paging, sort).await?;
    let site = Site::of(&app);
    let data = found
        .iter()
        .map(|channel| channel_view::channel(site, channel))
        .collect();
    wire::json(&Listed { total, data })
}

/// `name@host`, `@name@host`, or the address of a channel here.
fn handle_of(app: &App, text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(path) = text.strip_prefix(app.config.server.public_url.as_str()) {
        let name = path
            .strip_prefix("/c/")
            .or_else(|| path.strip_prefix("/video-channels/"))?;
        return Some(
            name.split(['/', '?', '#'])
                .next()
                .unwrap_or(name)
                .to_owned(),
        );
    }
    let bare = text.trim_start_matches('@');
    let (name, host) = bare.split_once('@')?;
    let is_plain = !bare.contains(char::is_whitespace) && !name.is_empty() && !host.is_empty();
    is_plain.then(|| bare.to_owned())
}

pub async fn playlists(State(app): State<App>, Query(input): Query) -> Result<Response> {
    let paging = Paging::read(&input)?;
    let sort = Sort::read(&input, CHANNEL_SORTS, "-match")?;
    if index::is_asked(&app, &input) {
        return index::ask(&app, "video-playlists", &input).await;
    }
    let mut check = Check::query(&input);
    let text = text(&mut check);
    let host = check.host("host", &app.host()).value();
    let uuids = list::read_uuids(&mut check, "uuids");
    check.finish()?;
    let address = text
        .as_deref()
        .map(str::trim)
        .filter(|text| is_address(text));
    let (total, found) = match address {
        Some(address) => {
            let found = playlist_by_address(&app, address).await?;
            (i64::from(found.is_some()), found.into_iter().collect())
        }
        None => {
            let wanted = PlaylistSearch {
                text,
                host: host.map(|host| list::local_host(&app, host)),
                uuids,
            };
            super::playlists(&app, &wanted, paging, sort).await?
        }
    };
    let site = Site::of(&app);
    let data = found
        .iter()
        .map(|it| playlist_view::playlist(site, it))
        .collect();
    wire::json(&Listed { total, data })
}

/// The public playlist of an address: one of our pages, or a known one of another server.
async fn playlist_by_address(app: &App, address: &str) -> Result<Option<Playlist>> {
    const PAGES: [&str; 4] = [
        "/w/p/",
        "/videos/watch/playlist/",
        "/video-playlists/embed/",
        "/video-playlists/",
    ];
    let bare = address
        .split(['?', '#'])
        .next()
        .unwrap_or(address)
        .trim_end_matches('/');
    let found = match bare.strip_prefix(app.config.server.public_url.as_str()) {
        Some(path) => {
            let id = PAGES.iter().find_map(|page| path.strip_prefix(page));
            match id.and_then(VideoRef::parse) {
                Some(by @ VideoRef::Uuid(_)) => playlist::find(app, by).await.ok(),
                _ => None,
            }
        }
        None => match playlist::by_url(app, address).await? {
            Some(found) => Some(found),
            None => playlist::by_url(app, bare).await?,
        },
    };
    let is_found = |it: &Playlist| it.privacy == PlaylistPrivacy::Public && it.kind == REGULAR;
    Ok(found.filter(is_found))
}
