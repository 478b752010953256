//! What a forum tells by its webhook, and where people talk about a video.

use super::discourse::Post;
use super::{address, drop_post, is_on, keep};
use crate::access::Viewer;
use crate::app::App;
use crate::error::{Error, Result, no_content};
use crate::sso::is_signed_by_forum;
use crate::video::visibility;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Event {
    post: Post,
}

/// `POST /forum/events`: posts that were written, changed or taken away.
pub async fn events(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response> {
    if !is_on(&app) {
        return Err(Error::not_found("There is nothing at this address."));
    }
    let field = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = field("x-discourse-event-signature").unwrap_or_default();
    if !is_signed_by_forum(&app.config.forum.webhook_secret, &body, signature) {
        return Err(Error::forbidden(
            "The signature of this event does not fit.",
        ));
    }
    let kind = field("x-discourse-event").unwrap_or_default();
    let Ok(Event { post }) = serde_json::from_slice(&body) else {
        return Ok(no_content());
    };
    match kind {
        "post_created" | "post_edited" | "post_recovered" => keep(&app, &post).await?,
        "post_destroyed" => drop_post(&app, post.id).await?,
        _ => {}
    }
    Ok(no_content())
}

#[derive(Serialize, schemars::JsonSchema)]
pub struct Topic {
    url: String,
}

/// `GET /api/v1/videos/{id}/forum-topic`.
pub async fn topic(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Topic>> {
    let video = visibility::seen(&app, &viewer, &id, &headers).await?;
    let url = address(&app, &video).await?;
    let url = url.ok_or_else(|| Error::not_found("Nobody talks about this video in a forum."))?;
    Ok(Json(Topic { url }))
}
