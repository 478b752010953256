//! The REST routes of reactions to a video.

use super::super::reaction::{self, Count};
use super::super::visibility::seen;
use crate::access::{Me, Viewer};
use crate::app::App;
use crate::error::{Result, no_content};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

/// The emoji of the site with their counts; none where reactions are off or nobody may comment.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reactions {
    total: i64,
    data: Vec<Count>,
}

pub async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Reactions>> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    let data = reaction::counts(&app, &viewer, &video).await?;
    let total = data.iter().map(|it| it.count).sum();
    Ok(Json(Reactions { total, data }))
}

pub async fn add(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Path((id, emoji)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    reaction::react(&app, &me, &video, &emoji, true).await?;
    Ok(no_content())
}

pub async fn remove(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Path((id, emoji)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    reaction::react(&app, &me, &video, &emoji, false).await?;
    Ok(no_content())
}
