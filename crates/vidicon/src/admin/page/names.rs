//! Names that deleted accounts and channels leave behind: freed here when their time has come.

use super::{asked, table};
use crate::access::Me;
use crate::account::name::{self, Buried};
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::page::table::{Act, Cell, Line, pages, paging, rest};
use crate::page::{Page, go};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

const HERE: &str = "/admin/names";

/// `GET /admin/names`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let (number, paging) = paging(&query);
    let search = asked(&query, "search");
    let wanted = Some(search).filter(|search| !search.is_empty());
    let (total, found) = name::list(&app, wanted, paging).await?;
    let mut table = table(&page, HERE, page.t("admin-names"));
    table.lead = page.t("names-lead").to_owned();
    table.empty = page.t("names-empty").to_owned();
    table.columns = vec![page.t("name"), page.t("names-gone"), page.t("names-free")];
    table.search = Some((HERE, search.to_owned()));
    table.rows = found.iter().map(|it| line(&app, &page, it)).collect();
    table.pages = pages(HERE, &rest(&[("search", search)]), number, total);
    Ok(table.render())
}

fn line(app: &App, page: &Page, it: &Buried) -> Line {
    let from = name::free_from(app, it.deleted_at);
    let act = (from <= page.now).then(|| {
        let sure = page.tx("names-sure", "name", &it.name);
        let url = format!("{HERE}/{}/release", it.name);
        Act::grave(url, page.t("names-release"), sure)
    });
    Line {
        cells: vec![
            Cell::text(&it.name),
            Cell::text(page.date(it.deleted_at)),
            Cell::text(page.date(from)),
        ],
        acts: act.into_iter().collect(),
    }
}

/// `POST /admin/names/{name}/release`.
pub async fn release(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(name): Path<String>,
) -> Result<Response> {
    let said = match name::release(&app, &name, &me.username).await {
        Ok(()) => (false, page.t("names-released")),
        Err(error) if error.status() == StatusCode::CONFLICT => (true, page.t("names-early")),
        Err(error) => return Err(error),
    };
    Ok(go(&app, HERE, Some(said)))
}
