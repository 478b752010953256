//! The REST routes of avatars and banners of channels.

use crate::access::Me;
use crate::account::picture::{self, Shape};
use crate::account::view::pictures;
use crate::app::App;
use crate::channel;
use crate::error::{Result, no_content};
use crate::wire;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use serde_json::json;

async fn pick(
    app: &App,
    me: &Me,
    handle: &str,
    request: Request,
    shape: Shape,
) -> Result<Response> {
    let channel = channel::find(app, handle).await?;
    channel::manage(app, me, &channel).await?;
    let file = picture::read_upload(request, shape).await?;
    let made = picture::set(app, channel.actor_id, shape, file).await?;
    let name = format!("{}s", shape.as_str());
    wire::json(&json!({ name: pictures(app, &made, shape) }))
}

async fn remove(app: &App, me: &Me, handle: &str, shape: Shape) -> Result<Response> {
    let channel = channel::find(app, handle).await?;
    channel::manage(app, me, &channel).await?;
    picture::remove(app, channel.actor_id, shape).await?;
    Ok(no_content())
}

pub async fn pick_avatar(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    request: Request,
) -> Result<Response> {
    pick(&app, &me, &handle, request, Shape::Avatar).await
}

pub async fn pick_banner(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    request: Request,
) -> Result<Response> {
    pick(&app, &me, &handle, request, Shape::Banner).await
}

pub async fn remove_avatar(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
) -> Result<Response> {
    remove(&app, &me, &handle, Shape::Avatar).await
}

pub async fn remove_banner(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
) -> Result<Response> {
    remove(&app, &me, &handle, Shape::Banner).await
}
