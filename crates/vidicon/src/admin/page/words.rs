//! The words that the site watches for in every comment.

use super::table;
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::page::Page;
use crate::page::form::Form;
use crate::page::table::Table;
use crate::user::page::watched::{self, Of};
use axum::extract::State;
use axum::response::Response;

const OF: Of = Of {
    by: None,
    here: "/admin/words",
};

fn frame(page: &Page) -> Table<'_> {
    let mut table = table(page, OF.here, page.t("watched-words"));
    table.lead = page.t("words-lead-site").to_owned();
    table
}

/// `GET /admin/words`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let table = watched::fill(&app, &page, OF, frame(&page), &query).await?;
    Ok(table.render())
}

/// `POST /admin/words`.
pub async fn act(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    watched::change(&app, &page, OF, frame(&page), &form).await
}
