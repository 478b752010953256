//! Everybody's invitations.

use super::table;
use crate::access::Me;
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::page::Page;
use crate::page::form::Form;
use crate::user::page::invitations as all;
use axum::extract::State;
use axum::response::Response;

const HERE: &str = "/admin/invitations";

/// `GET /admin/invitations`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let frame = table(&page, HERE, page.t("invitations"));
    let table = all::fill(&app, &page, None, HERE, frame, &query).await?;
    Ok(table.render())
}

/// `POST /admin/invitations`.
pub async fn act(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let frame = table(&page, HERE, page.t("invitations"));
    all::change(&app, &page, &me, None, HERE, frame, &form).await
}
