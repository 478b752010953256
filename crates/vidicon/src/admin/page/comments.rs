//! All that is said on the place: looked through, approved, removed.

use super::{asked, table};
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::check::Query;
use crate::comment::api::{self, overview};
use crate::comment::inbox::{Said, asked_for};
use crate::comment::spam;
use crate::error::Result;
use crate::page::confirm::unless_sure;
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Line, Table, filters, pages, rest};
use crate::page::{Page, go};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;

const HERE: &str = "/admin/comments";

/// `GET /admin/comments`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    let (number, wanted) = asked_for(&query);
    let held = wanted.contains_key("isHeldForReview");
    let search = asked(&query, "search").to_owned();
    let found = overview::all(State(app.clone()), me, Query(wanted))
        .await?
        .0;
    let mut table = table(&page, HERE, page.t("comments"));
    table.empty = if held {
        page.t("comments-none-held").to_owned()
    } else {
        page.t("comments-none-yet").to_owned()
    };
    table.columns = vec![page.t("comment-text"), page.t("video"), page.t("job-when")];
    table.filters = filters(
        &page,
        &[
            (HERE, "comments-all", !held),
            ("/admin/comments?state=held", "comments-held", held),
        ],
    );
    let kept = rest(&[
        ("state", if held { "held" } else { "" }),
        ("search", &search),
    ]);
    table.search = Some((HERE, search));
    table.rows = found.data.iter().map(|item| line(&page, item)).collect();
    table.pages = pages(HERE, &kept, number, found.total);
    filter(&app, &page, &mut table).await?;
    Ok(table.render())
}

/// What the filter of spam knows, and the button with which it forgets that.
async fn filter(app: &App, page: &Page, table: &mut Table<'_>) -> Result<()> {
    if !app.instance.settings().spam.enabled {
        return Ok(());
    }
    let state = spam::state(app).await?;
    table.lead = page.tyx("spam-learnt", "spam", state.spam, "good", state.good);
    if page.viewer.has(Right::ManageConfiguration) {
        table.asks.push(Ask {
            url: format!("{HERE}/spam/reset"),
            title: page.t("spam-filter"),
            button: page.t("spam-reset"),
            ..Ask::default()
        });
    }
    Ok(())
}

/// `POST /admin/comments/spam/reset`.
pub async fn reset(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    if let Some(question) = unless_sure(&page, &form, ("spam-reset-sure", "spam-reset"), HERE) {
        return Ok(question);
    }
    spam::reset(&app).await?;
    Ok(go(&app, HERE, Some((false, page.t("spam-reset-done")))))
}

fn line(page: &Page, item: &Value) -> Line {
    let said = Said::read(page, item);
    let here = format!("{HERE}/{}/{}", said.video, said.id);
    let short: String = said.text.chars().take(160).collect();
    let mut note = format!("@{}", said.handle);
    if !said.spam.is_empty() {
        note = format!("{note} · {}", said.spam);
    }
    let mut text = Cell::text(short).note(note);
    if said.held {
        text.more = (!said.tags.is_empty()).then_some(said.tags);
    }
    let sure = page.t("comment-remove-sure").to_owned();
    let mut acts = vec![Act::grave(format!("{here}/delete"), page.t("remove"), sure)];
    if said.held {
        let url = format!("{here}/approve");
        acts.insert(0, Act::new(url, page.t("comment-approve")));
    }
    Line {
        cells: vec![
            text,
            Cell::link(said.video_name, said.video_url),
            Cell::text(said.ago),
        ],
        acts,
    }
}

/// `POST /admin/comments/{video}/{comment}/approve`.
pub async fn approve(
    State(app): State<App>,
    page: Page,
    me: Me,
    path: Path<(String, String)>,
) -> Result<Response> {
    api::approve(State(app.clone()), me, path).await?;
    Ok(go(&app, HERE, Some((false, page.t("comment-approved")))))
}

/// `POST /admin/comments/{video}/{comment}/delete`.
pub async fn delete(
    State(app): State<App>,
    page: Page,
    me: Me,
    path: Path<(String, String)>,
) -> Result<Response> {
    api::delete(State(app.clone()), me, path).await?;
    Ok(go(&app, HERE, Some((false, page.t("comment-removed")))))
}
