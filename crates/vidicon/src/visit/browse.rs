//! Long lists of videos under one heading: new, watched a lot, liked, made here, in a category.

use super::{cards, eager};
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::page::Page;
use crate::page::card::{Card, PER_PAGE, Pages, Person, Tab, page_number};
use crate::video::labels;
use crate::video::list::{self, Filters, ListQuery, Scope};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "parts/list.html")]
pub struct List<'p> {
    pub page: &'p Page,
    pub title: String,
    pub lead: String,
    pub tabs: Vec<Tab>,
    pub feed: Option<String>,
    pub people: Vec<Person>,
    pub cards: Vec<Card>,
    pub empty: &'static str,
    pub empty_text: &'static str,
    pub pages: Option<Pages>,
}

/// The lists that have an address of their own: path, heading, order, only this site's.
const LISTS: [(&str, &str, &str, bool); 4] = [
    ("recently-added", "home-new", "publishedAt", false),
    ("trending", "home-trending", "trending", false),
    ("most-liked", "browse-liked", "likes", false),
    ("local", "home-local", "publishedAt", true),
];

/// `GET /videos/{list}`.
pub async fn show(
    State(app): State<App>,
    mut page: Page,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    page.nav = "discover";
    if name == "overview" || name == "browse" {
        return Ok(Redirect::to(usual(&app)).into_response());
    }
    let found = LISTS.iter().find(|(path, ..)| *path == name);
    let Some((path, title, order, is_local)) = found else {
        return Err(Error::not_found("There is no such list."));
    };
    let order = if *path == "trending" {
        trending(&app)
    } else {
        order
    };
    let filters = Filters {
        is_local: is_local.then_some(true),
        ..Filters::default()
    };
    let now = page_number(&query);
    let (cards, more) = part(&app, &page, filters, order, now).await?;
    let is_local_feed = if *is_local { "&isLocal=true" } else { "" };
    let list = List {
        title: page.t(title).to_owned(),
        lead: String::new(),
        tabs: tabs(&page, path),
        feed: Some(format!("/feeds/videos.xml?sort=-{order}{is_local_feed}")),
        people: Vec::new(),
        pages: Pages::new(&format!("/videos/{path}"), "", now, more),
        cards,
        empty: page.t("home-empty"),
        empty_text: page.t("home-empty-text"),
        page: &page,
    };
    Ok(page.render(&list))
}

/// The list that the administrator wants people to begin with.
fn usual(app: &App) -> &'static str {
    let settings = app.instance.settings();
    let browse = &settings.client.browse_videos;
    match browse.default_sort.as_str() {
        _ if browse.default_scope == "local" => "/videos/local",
        "-trending" | "-hot" | "-best" | "-views" => "/videos/trending",
        "-likes" => "/videos/most-liked",
        _ => "/videos/recently-added",
    }
}

/// The order of the list of what is watched, as the administrator has chosen it.
fn trending(app: &App) -> &'static str {
    let settings = app.instance.settings();
    match settings.trending.videos.algorithms.default.as_str() {
        "hot" | "best" => "hot",
        "most-liked" => "likes",
        "publishedAt" => "publishedAt",
        _ => "trending",
    }
}

fn tabs(page: &Page, now: &str) -> Vec<Tab> {
    let tab = |(path, title, _, _): &(&str, &'static str, &str, bool)| Tab {
        url: format!("/videos/{path}"),
        label: page.t(title).to_owned(),
        now: *path == now,
    };
    LISTS.iter().map(tab).collect()
}

/// `GET /categories/{id}`.
pub async fn category(
    State(app): State<App>,
    page: Page,
    Path(id): Path<i64>,
    Query(query): Query,
) -> Result<Response> {
    let label = labels::category(page.labels, Some(id)).label;
    if label == labels::UNKNOWN {
        return Err(Error::not_found("There is no such category."));
    }
    let filters = Filters {
        categories: vec![id],
        ..Filters::default()
    };
    let path = format!("/categories/{id}");
    let feed = format!("/feeds/videos.xml?categoryOneOf={id}");
    under(&app, page, filters, label.to_owned(), (path, feed), &query).await
}

/// `GET /tags/{tag}`.
pub async fn tag(
    State(app): State<App>,
    page: Page,
    Path(tag): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let filters = Filters {
        tags_one: vec![tag.clone()],
        ..Filters::default()
    };
    let name: String = url::form_urlencoded::byte_serialize(tag.as_bytes()).collect();
    let name = name.replace('+', "%20");
    let path = format!("/tags/{name}");
    let feed = format!("/feeds/videos.xml?tagsOneOf={name}");
    under(&app, page, filters, tag, (path, feed), &query).await
}

async fn under(
    app: &App,
    mut page: Page,
    filters: Filters,
    title: String,
    (path, feed): (String, String),
    query: &serde_json::Map<String, serde_json::Value>,
) -> Result<Response> {
    page.nav = "discover";
    let now = page_number(query);
    let (cards, more) = part(app, &page, filters, "publishedAt", now).await?;
    let list = List {
        title,
        lead: String::new(),
        tabs: Vec::new(),
        feed: Some(feed),
        people: Vec::new(),
        pages: Pages::new(&path, "", now, more),
        cards,
        empty: page.t("search-none"),
        empty_text: page.t("search-none-text"),
        page: &page,
    };
    Ok(page.render(&list))
}

/// A page of a list, and whether more follows.
async fn part(
    app: &App,
    page: &Page,
    filters: Filters,
    order: &'static str,
    now: i64,
) -> Result<(Vec<Card>, bool)> {
    let usual = ListQuery::newest(app, &page.viewer, PER_PAGE + 1);
    let query = ListQuery {
        scope: Scope::All,
        filters: Filters {
            nsfw: usual.filters.nsfw,
            skip_count: true,
            ..filters
        },
        paging: Paging {
            start: (now - 1) * PER_PAGE,
            count: PER_PAGE + 1,
        },
        sort: Sort {
            column: order,
            descending: true,
        },
    };
    let found = list::page(app, &page.viewer, &query).await?.rows;
    Ok(cut(page, &found))
}

/// The cards of a page, of rows with one more than it shows.
pub fn cut(page: &Page, rows: &[list::Row]) -> (Vec<Card>, bool) {
    let count = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let shown = rows.get(..rows.len().min(count)).unwrap_or_default();
    (eager(cards(page, shown), 6), rows.len() > count)
}
