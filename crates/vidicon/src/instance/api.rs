//! The REST routes of the site's settings and its home page.

use super::view;
use crate::access::Client;
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Error, Result, no_content};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

/// Characters of a home page.
const LONGEST_HOMEPAGE: usize = 100_000;

pub async fn config(State(app): State<App>, client: Client) -> Result<Json<Value>> {
    let allowed = super::signup_allowed(&app).await?;
    let allowed_here = app.config.signup.lets_in(client.ip);
    Ok(Json(view::public(&app, Some((allowed, allowed_here)))))
}

pub async fn about(State(app): State<App>) -> Json<Value> {
    Json(view::about(&app))
}

pub async fn custom(State(app): State<App>) -> Json<Value> {
    Json(view::custom(&app))
}

pub async fn change(State(app): State<App>, Body(body): Body) -> Result<Json<Value>> {
    must_be_editable(&app)?;
    super::change(&app, &body).await?;
    Ok(Json(view::custom(&app)))
}

pub async fn reset(State(app): State<App>) -> Result<Json<Value>> {
    must_be_editable(&app)?;
    super::reset(&app).await?;
    Ok(Json(view::custom(&app)))
}

fn must_be_editable(app: &App) -> Result<()> {
    if app.config.server.settings_on_site {
        return Ok(());
    }
    let status = axum::http::StatusCode::METHOD_NOT_ALLOWED;
    Err(Error::new(
        status,
        "The settings of this site are only changed in its settings file.",
    ))
}

pub async fn homepage(State(app): State<App>) -> Result<Json<Value>> {
    let text = super::homepage(&app).await?;
    let text = text.ok_or_else(|| Error::not_found("There is no home page."))?;
    Ok(Json(json!({ "content": text })))
}

pub async fn set_homepage(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let content = check.text("content", 0..=LONGEST_HOMEPAGE);
    let content = match content {
        // An empty page is none.
        crate::check::Field::Null => Some(String::new()),
        content => check.required("content", content),
    };
    check.finish()?;
    super::set_homepage(&app, &content.unwrap_or_default()).await?;
    Ok(no_content())
}
