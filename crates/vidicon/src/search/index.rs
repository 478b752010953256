//! Another site whose search knows many servers, asked in a visitor's place: the visitor's browser
//! tells it nothing, and programs find it under the routes that they know.

use crate::app::App;
use crate::error::{Error, Result};
use crate::wire;
use axum::http::StatusCode;
use axum::response::Response;
use base::fetch::{FetchRequest, FetchResponse};
use serde_json::{Map, Value};
use std::time::Duration;
use url::Url;

/// Bytes of an answer, and how long it is waited for.
const LARGEST: u64 = 8 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
const TARGET: &str = "searchTarget";

/// Is the index meant, by the request or because the administrator wants it so?
pub fn is_asked(app: &App, input: &Map<String, Value>) -> bool {
    let settings = app.instance.settings();
    let index = &settings.search.search_index;
    if !index.enabled || index.url.is_empty() {
        return false;
    }
    match input.get(TARGET).and_then(Value::as_str) {
        Some("search-index") => true,
        Some(_) => index.disable_local_search,
        None => index.disable_local_search || index.is_default_search,
    }
}

/// Its answer to the same query; `kind` is the last word of the route.
pub async fn ask(app: &App, kind: &str, input: &Map<String, Value>) -> Result<Response> {
    wire::json(&find(app, kind, input).await?)
}

/// What it finds: an object whose `data` is a list.
pub async fn find(app: &App, kind: &str, input: &Map<String, Value>) -> Result<Value> {
    let url = address(app, kind, input)?;
    let request = FetchRequest::get(url).limit(LARGEST).timeout(PATIENCE);
    let answer = app.fetch.send(request).await;
    let answer = answer
        .and_then(FetchResponse::success)
        .map_err(|error| unreachable(&error.to_string()))?;
    let list: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| unreachable("its answer cannot be read"))?;
    if !list.get("data").is_some_and(Value::is_array) {
        return Err(unreachable("its answer is no list"));
    }
    Ok(list)
}

fn address(app: &App, kind: &str, input: &Map<String, Value>) -> Result<String> {
    let settings = app.instance.settings();
    let base = settings.search.search_index.url.trim_end_matches('/');
    let mut url = Url::parse(&format!("{base}/api/v1/search/{kind}"))
        .map_err(|_| unreachable("its address in the settings is none"))?;
    for (name, value) in input.iter().filter(|(name, _)| *name != TARGET) {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            url.query_pairs_mut().append_pair(name, &text);
        }
    }
    Ok(url.into())
}

fn unreachable(why: &str) -> Error {
    Error::new(
        StatusCode::BAD_GATEWAY,
        format!("The search index of this site cannot be asked: {why}."),
    )
}
