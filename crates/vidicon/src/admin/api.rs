//! Routes for what this program does without: plugins. Clients ask, and get the answer of a site
//! that has none.

use crate::check::{Body, Check, Query, wrong_param};
use crate::error::{Error, Result};
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

pub async fn plugins(Query(query): Query) -> Result<Json<Listed<Value>>> {
    let mut check = Check::query(&query);
    check.number_of("pluginType", &[1, 2]);
    check.finish()?;
    Paging::read(&query)?;
    Sort::read(&query, &["name", "createdAt", "updatedAt"], "-createdAt")?;
    Ok(Listed::new(0, Vec::new()))
}

pub async fn available_plugins() -> Result<Response> {
    Err(Error::bad_request("This site has no index of plugins."))
}

pub async fn plugin(Path(name): Path<String>) -> Result<Response> {
    if !is_npm_name(&name) {
        return Err(wrong_param("npmName", &name));
    }
    Err(not_installed())
}

/// `GET /plugins/translations/{locale}.json`: no plugin has words.
pub async fn plugin_words() -> Json<Value> {
    Json(Value::Object(serde_json::Map::new()))
}

/// `GET /plugins/global.css`: no plugin has a style.
pub async fn plugin_style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], "")
}

pub async fn install_plugin(Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    check.text("npmName", 1..=214);
    check.text("path", 1..=1000);
    check.finish()?;
    if !body.contains_key("npmName") && !body.contains_key("path") {
        return Err(Error::bad_request("Should have either a npmName or a path"));
    }
    Err(Error::bad_request(
        "Plugins of PeerTube do not run here; what they do is built in or configured.",
    ))
}

pub async fn uninstall_plugin(Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let name = check.text("npmName", 1..=214);
    let name = check.required("npmName", name).unwrap_or_default();
    if !is_npm_name(&name) {
        check.fail("npmName", "Invalid value");
    }
    check.finish()?;
    Err(not_installed())
}

fn not_installed() -> Error {
    Error::not_found("There is no such plugin.")
}

fn is_npm_name(name: &str) -> bool {
    (name.starts_with("peertube-plugin-") || name.starts_with("peertube-theme-"))
        && name.len() <= 214
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b))
}
