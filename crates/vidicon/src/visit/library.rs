//! What somebody follows and has watched.

use super::browse::{List, cut};
use crate::access::Viewer;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::page::card::{Card, PER_PAGE, Pages, page_number};
use crate::page::form::Form;
use crate::page::{Page, go};
use crate::video::list::{self, Filters, ListQuery, Scope};
use crate::video::watching;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "visit/history.html")]
struct History<'p> {
    page: &'p Page,
    cards: Vec<Card>,
    pages: Option<Pages>,
}

/// `GET /subscriptions`.
pub async fn subscriptions(
    State(app): State<App>,
    mut page: Page,
    Query(query): Query,
) -> Result<Response> {
    page.nav = "subscriptions";
    let actor_id = page.me()?.actor_id;
    let now = page_number(&query);
    let (cards, more) = part(&app, &page, Scope::Followed(actor_id), "publishedAt", now).await?;
    let list = List {
        title: page.t("nav-subscriptions").to_owned(),
        lead: page.t("subscriptions-lead").to_owned(),
        tabs: Vec::new(),
        feed: None,
        people: Vec::new(),
        pages: Pages::new("/subscriptions", "", now, more),
        cards,
        empty: page.t("subscriptions-empty"),
        empty_text: page.t("subscriptions-empty-text"),
        page: &page,
    };
    Ok(page.render(&list))
}

/// `GET /my/history`.
pub async fn history(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let user_id = page.me()?.id;
    let now = page_number(&query);
    let (cards, more) = part(&app, &page, Scope::Watched(user_id), "watched", now).await?;
    let template = History {
        pages: Pages::new("/my/history", "", now, more),
        page: &page,
        cards,
    };
    Ok(page.render(&template))
}

/// `POST /my/history/forget`: all of it.
pub async fn forget(State(app): State<App>, page: Page, _: Form) -> Result<Response> {
    let user_id = page.me()?.id;
    watching::forget_all(&app, user_id).await?;
    Ok(go(
        &app,
        "/my/history",
        Some((false, page.t("history-gone"))),
    ))
}

/// The addresses that these pages have at PeerTube.
pub async fn subscriptions_moved() -> Response {
    Redirect::permanent("/subscriptions").into_response()
}

pub async fn history_moved() -> Response {
    Redirect::permanent("/my/history").into_response()
}

async fn part(
    app: &App,
    page: &Page,
    scope: Scope,
    order: &'static str,
    now: i64,
) -> Result<(Vec<Card>, bool)> {
    let viewer: &Viewer = &page.viewer;
    viewer.user().ok_or_else(Error::not_authenticated)?;
    let usual = ListQuery::newest(app, viewer, PER_PAGE + 1);
    let query = ListQuery {
        scope,
        filters: Filters {
            skip_count: true,
            nsfw: usual.filters.nsfw.filter(|_| order != "watched"),
            ..Filters::default()
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
    let found = list::page(app, viewer, &query).await?.rows;
    Ok(cut(page, &found))
}
