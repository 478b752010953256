//! The page of what one was told, and the one behind the link in mails that stops them.

use super::{read_all, told, unsubscribe};
use crate::access::Me;
use crate::account::UserId;
use crate::app::App;
use crate::check::{Check, Query};
use crate::error::Result;
use crate::page::card::{Pages, Tab};
use crate::page::table::{asked, filters, pages, paging};
use crate::page::{Page, go};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

#[derive(Template)]
#[template(path = "notification/unsubscribe.html")]
struct Unsubscribe<'p> {
    page: &'p Page,
    done: bool,
}

const HERE: &str = "/my/notifications";

#[derive(Template)]
#[template(path = "notification/mine.html")]
struct Mine<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    unread: bool,
    any_unread: bool,
    pages: Option<Pages>,
}

struct Line {
    text: String,
    path: String,
    ago: String,
    read: bool,
}

/// `GET /my/notifications`.
pub async fn mine(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    let unread = asked(&query, "show") == "unread";
    let (number, paging) = paging(&query);
    let (total, found) = told(&app, me.id, page.texts, unread, paging).await?;
    let lines = found.into_iter().map(|it| Line {
        text: it.text,
        path: it.path,
        ago: page.ago(it.at),
        read: it.read,
    });
    let new = format!("{HERE}?show=unread");
    let kept = if unread { "show=unread" } else { "" };
    Ok(page.render(&Mine {
        page: &page,
        tabs: filters(
            &page,
            &[
                (HERE, "people-all", !unread),
                (&new, "notes-new-only", unread),
            ],
        ),
        lines: lines.collect(),
        unread,
        any_unread: page.unread > 0,
        pages: pages(HERE, kept, number, total),
    }))
}

/// `POST /my/notifications`: all of them are read.
pub async fn seen(State(app): State<App>, page: Page, me: Me) -> Result<Response> {
    read_all(&app, me.id).await?;
    Ok(go(&app, HERE, Some((false, page.t("told-all-read")))))
}

struct Asked {
    user: UserId,
    setting: String,
}

fn read(app: &App, query: &Map<String, Value>) -> Result<Asked> {
    let mut check = Check::query(query);
    let user = check.int("user", 1..=i64::MAX);
    let user = check.required("user", user).unwrap_or_default();
    let setting = check.text("from", 1..=60);
    let setting = check.required("from", setting).unwrap_or_default();
    let token = check.text("token", 1..=100);
    let token = check.required("token", token).unwrap_or_default();
    check.finish()?;
    let user = UserId::new(user);
    unsubscribe::fits(app, user, &setting, &token)?;
    Ok(Asked { user, setting })
}

/// `GET /unsubscribe`: asks first, since programs look at links in mails too.
pub async fn ask(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    read(&app, &query)?;
    Ok(page.render(&Unsubscribe {
        page: &page,
        done: false,
    }))
}

/// `POST /unsubscribe`: by the button, or by the one of a mail program.
pub async fn stop(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let asked = read(&app, &query)?;
    unsubscribe::stop(&app, asked.user, &asked.setting).await?;
    Ok(page.render(&Unsubscribe {
        page: &page,
        done: true,
    }))
}
