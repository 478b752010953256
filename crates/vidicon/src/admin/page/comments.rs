//! All that is said on the place: looked through, approved, removed.

use super::{asked, table};
use crate::access::Me;
use crate::app::App;
use crate::check::Query;
use crate::comment::api::{self, overview};
use crate::comment::inbox::{Said, asked_for};
use crate::error::Result;
use crate::page::table::{Act, Cell, Line, filters, pages, rest};
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
    let found = overview::all(State(app), me, Query(wanted)).await?.0;
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
    Ok(table.render())
}

fn line(page: &Page, item: &Value) -> Line {
    let said = Said::read(page, item);
    let here = format!("{HERE}/{}/{}", said.video, said.id);
    let short: String = said.text.chars().take(160).collect();
    let mut text = Cell::text(short).note(format!("@{}", said.handle));
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
