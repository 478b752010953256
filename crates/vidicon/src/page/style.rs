//! The living style page: every token and component in both themes, drawn by the site's own style.

use super::Page;
use crate::app::App;
use crate::error::{Error, Result};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "style/guide.html")]
struct Guide<'p> {
    page: &'p Page,
}

/// `GET /styleguide`, in development and where the settings file asks for it.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    if !cfg!(debug_assertions) && !app.config.server.style_page {
        return Err(Error::not_found("There is nothing at this address."));
    }
    Ok(page.render(&Guide { page: &page }))
}
