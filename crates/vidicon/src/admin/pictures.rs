//! The pictures of the site: avatar, banner and logos.

use crate::account::picture::{self, Shape};
use crate::app::App;
use crate::check::wrong_param;
use crate::error::{Error, Result, no_content};
use crate::instance::{self, Picture};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use base::storage::Class;

pub async fn pick_avatar(State(app): State<App>, request: Request) -> Result<Response> {
    pick(&app, Shape::Avatar, request).await
}

pub async fn pick_banner(State(app): State<App>, request: Request) -> Result<Response> {
    pick(&app, Shape::Banner, request).await
}

pub async fn pick_logo(
    State(app): State<App>,
    Path(kind): Path<String>,
    request: Request,
) -> Result<Response> {
    pick(&app, logo(&kind)?, request).await
}

pub async fn remove_avatar(State(app): State<App>) -> Result<Response> {
    replace(&app, Shape::Avatar, &[]).await
}

pub async fn remove_banner(State(app): State<App>) -> Result<Response> {
    replace(&app, Shape::Banner, &[]).await
}

pub async fn remove_logo(State(app): State<App>, Path(kind): Path<String>) -> Result<Response> {
    replace(&app, logo(&kind)?, &[]).await
}

fn logo(kind: &str) -> Result<Shape> {
    let shapes = [
        Shape::Favicon,
        Shape::HeaderSquare,
        Shape::HeaderWide,
        Shape::Opengraph,
    ];
    let found = shapes.into_iter().find(|shape| shape.as_str() == kind);
    found.ok_or_else(|| wrong_param("logoType", kind))
}

async fn pick(app: &App, shape: Shape, request: Request) -> Result<Response> {
    let file = picture::read_upload(request, shape).await?;
    put(app, shape, file).await
}

/// Makes all sizes of a picture and puts them in the place of those before.
pub async fn put(app: &App, shape: Shape, file: bytes::Bytes) -> Result<Response> {
    let now = app.clock.now();
    let mut sizes = Vec::new();
    for made in picture::make(shape, file).await? {
        app.storage
            .put(Class::Avatar, &made.filename, made.bytes.into())
            .await
            .map_err(Error::internal)?;
        sizes.push(Picture {
            filename: made.filename,
            width: made.width,
            height: made.height,
            created_at: now,
        });
    }
    replace(app, shape, &sizes).await
}

pub async fn replace(app: &App, shape: Shape, sizes: &[Picture]) -> Result<Response> {
    let old = instance::set_picture(app, shape.as_str(), sizes).await?;
    for picture in old {
        // Nothing names the file any more; one that stays only takes room.
        if let Err(error) = app.storage.delete(Class::Avatar, &picture.filename).await {
            tracing::warn!(%error, "an old picture could not be removed");
        }
    }
    Ok(no_content())
}
