//! People who asked to join, and the answer they get.

use super::{asked, body, table, tabs};
use crate::account::registration::{self, PENDING, REJECTED, Registration};
use crate::app::App;
use crate::check::{Query, id as read_id};
use crate::error::{Error, Result};
use crate::listing::Sort;
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::table::{Act, Cell, Line, pages, paging, rest};
use crate::page::{Page, go, words};
use crate::user::api::signup as api;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

const HERE: &str = "/admin/joins";

/// `GET /admin/joins`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let (number, paging) = paging(&query);
    let search = asked(&query, "search");
    let sort = Sort {
        column: "state",
        descending: false,
    };
    let wanted = Some(search).filter(|search| !search.is_empty());
    let (total, found) = registration::list(&app, wanted, paging, sort).await?;
    let mut table = table(&page, HERE, page.t("admin-joins"));
    table.lead = page.t("joins-lead").to_owned();
    table.empty = if app.instance.signup().requires_approval {
        page.t("joins-empty").to_owned()
    } else {
        page.t("joins-off").to_owned()
    };
    table.columns = vec![page.t("person-name"), page.t("state"), page.t("job-when")];
    table.search = Some((HERE, search.to_owned()));
    table.rows = found.iter().map(|asks| line(&page, asks)).collect();
    table.pages = pages(HERE, &rest(&[("search", search)]), number, total);
    Ok(table.render())
}

fn line(page: &Page, asks: &Registration) -> Line {
    let (word, mood) = match asks.state {
        PENDING => (page.t("join-waits"), "warn"),
        REJECTED => (page.t("join-refused"), "bad"),
        _ => (page.t("join-taken"), "good"),
    };
    let here = format!("{HERE}/{}", asks.id);
    let sure = page.tx("join-forget-sure", "name", &asks.username);
    Line {
        cells: vec![
            Cell::link(&asks.username, &here)
                .note(asks.reason.chars().take(80).collect::<String>()),
            Cell::state(word, mood),
            Cell::text(page.ago(asks.created_at)),
        ],
        acts: vec![Act::grave(
            format!("{here}/delete"),
            page.t("join-forget"),
            sure,
        )],
    }
}

#[derive(Template)]
#[template(path = "admin/join.html")]
struct One<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    asks: Registration,
    asked_on: String,
    waits: bool,
    answer: String,
    tell: bool,
    mail: bool,
    error: Option<String>,
}

async fn one<'p>(app: &App, page: &'p Page, id: &str) -> Result<One<'p>> {
    let asks = registration::find(&app.db, read_id("id", id)?).await?;
    Ok(One {
        page,
        tabs: tabs(page, HERE),
        asked_on: page.date(asks.created_at),
        waits: asks.state == PENDING,
        answer: asks.response.clone().unwrap_or_default(),
        tell: true,
        mail: app.mail.is_on(),
        error: None,
        asks,
    })
}

/// `GET /admin/joins/{id}`.
pub async fn look(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result<Response> {
    let template = one(&app, &page, &id).await?;
    Ok(page.render(&template))
}

/// `POST /admin/joins/{id}`: yes or no.
pub async fn decide(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let answer = body([
        ("moderationResponse", form.text("answer").into()),
        ("preventEmailDelivery", (!form.has("tell")).into()),
    ]);
    let (state, path) = (State(app.clone()), Path(id.clone()));
    let accepts = form.text("act") == "accept";
    let done = if accepts {
        api::accept(state, path, answer).await
    } else {
        api::reject(state, path, answer).await
    };
    match done {
        Ok(_) => {
            let said = if accepts {
                "join-accepted"
            } else {
                "join-rejected"
            };
            Ok(go(&app, HERE, Some((false, page.t(said)))))
        }
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => failed(&app, &page, &id, &form, &error).await,
    }
}

async fn failed(app: &App, page: &Page, id: &str, form: &Form, error: &Error) -> Result<Response> {
    let mut template = one(app, page, id).await?;
    form.text("answer").clone_into(&mut template.answer);
    template.tell = form.has("tell");
    let labels = [("moderationResponse", "join-answer")];
    template.error = Some(words::fault(page, error, &labels));
    Ok(page.render_with(&template, error.status(), &[]))
}

/// `POST /admin/joins/{id}/delete`.
pub async fn forget(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response> {
    api::delete(State(app.clone()), Path(id)).await?;
    Ok(go(&app, HERE, Some((false, page.t("join-forgotten")))))
}
