//! The health of the site over the API.

use super::{Mood, View, examine, remedy};
use crate::app::App;
use crate::check::Query;
use crate::error::{Result, no_content};
use crate::i18n;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

#[derive(Serialize, schemars::JsonSchema)]
pub struct Report {
    /// The worst of all.
    #[schemars(with = "String")]
    mood: Mood,
    findings: Vec<View>,
}

/// In the language of `?lang=`, else the best of what is asked for.
pub async fn report(
    State(app): State<App>,
    Query(query): Query,
    headers: HeaderMap,
) -> Json<Report> {
    let asked = query.get("lang").and_then(serde_json::Value::as_str);
    let wishes = headers.get(header::ACCEPT_LANGUAGE);
    let wishes = wishes.and_then(|value| value.to_str().ok());
    let language = asked
        .and_then(i18n::known)
        .unwrap_or_else(|| i18n::negotiate(wishes.unwrap_or("en")));
    Json(in_words(&app, i18n::texts(language)).await)
}

pub async fn in_words(app: &App, texts: &'static i18n::Texts) -> Report {
    let findings = examine(app).await;
    Report {
        mood: worst(&findings),
        findings: findings.iter().map(|it| it.view(texts)).collect(),
    }
}

fn worst(findings: &[super::Finding]) -> Mood {
    let moods = findings.iter().map(|finding| finding.mood);
    moods.max().unwrap_or(Mood::Good)
}

pub async fn apply(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    remedy(&app, &name).await?;
    Ok(no_content())
}

/// For programs that watch whether the site is up: no more than that.
pub async fn alive(State(app): State<App>) -> Response {
    match crate::instance::fact(&app.db, "health").await {
        Ok(_) => "ok".into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer",
        )
            .into_response(),
    }
}
