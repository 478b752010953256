//! The page behind the link in mails that stops them.

use super::unsubscribe;
use crate::account::UserId;
use crate::app::App;
use crate::check::{Check, Query};
use crate::error::Result;
use crate::page::Page;
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
