//! The REST routes of the filter of spam.

use super::super::spam;
use crate::app::App;
use crate::error::{Result, no_content};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

/// What the filter has learnt from, and what it does.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpamFilter {
    enabled: bool,
    /// Comments at this percentage or above are held for review.
    hold_above: i64,
    /// Comments that moderators took away.
    spam: i64,
    /// Comments that they let through, or that nobody minded.
    good: i64,
    /// Words and other marks that are kept; at most 20,000.
    marks: i64,
    /// Is enough known to judge?
    is_ready: bool,
}

pub async fn show(State(app): State<App>) -> Result<Json<SpamFilter>> {
    let settings = app.instance.settings().spam;
    let state = spam::state(&app).await?;
    let fewest = i64::from(spam::score::FEWEST);
    Ok(Json(SpamFilter {
        enabled: settings.enabled,
        hold_above: settings.hold_above,
        spam: state.spam,
        good: state.good,
        marks: state.marks,
        is_ready: state.spam >= fewest && state.good >= fewest,
    }))
}

pub async fn reset(State(app): State<App>) -> Result<Response> {
    spam::reset(&app).await?;
    Ok(no_content())
}
