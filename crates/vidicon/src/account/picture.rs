//! Avatars and banners: every upload is decoded, turned upright, cut to shape and encoded anew in
//! several sizes, so that nothing of the file itself (place, camera, hidden data) is passed on.

mod encode;

use super::{ActorId, store};
use crate::app::App;
use crate::check::{Check, iso};
use crate::error::{Error, Result};
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base::Id;
use base::clock::Millis;
use base::db::Executor;
use base::storage::Class;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use tokio::sync::Semaphore;

/// The largest file that is taken, in bytes.
pub const LARGEST_FILE: usize = 4 * 1024 * 1024;
const TYPES: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/jpg",
    "image/gif",
    "image/webp",
];

/// Pictures in the making at a time: one can take a hundred megabytes.
static AT_ONCE: Semaphore = Semaphore::const_new(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Avatar,
    Banner,
    /// The site's sign in a browser's tab.
    Favicon,
    /// The site's sign beside or instead of its name.
    HeaderSquare,
    /// As wide as it wants to be.
    HeaderWide,
    /// What other sites show beside a link to this one.
    Opengraph,
}

impl Shape {
    pub fn as_str(self) -> &'static str {
        match self {
            Shape::Avatar => "avatar",
            Shape::Banner => "banner",
            Shape::Favicon => "favicon",
            Shape::HeaderSquare => "header-square",
            Shape::HeaderWide => "header-wide",
            Shape::Opengraph => "opengraph",
        }
    }

    /// The name of its file in an upload.
    fn field(self) -> &'static str {
        match self {
            Shape::Avatar => "avatarfile",
            Shape::Banner => "bannerfile",
            _ => "logofile",
        }
    }

    /// Width and height in pixels, the largest first.
    fn sizes(self) -> &'static [(u32, u32)] {
        match self {
            Shape::Avatar => &[(1500, 1500), (600, 600), (120, 120), (48, 48)],
            Shape::Banner => &[(1920, 317), (600, 100)],
            Shape::Favicon => &[(192, 192), (48, 48)],
            Shape::HeaderSquare => &[(192, 192)],
            Shape::HeaderWide => &[(1024, 96)],
            Shape::Opengraph => &[(1200, 650)],
        }
    }

    /// Sizes up to this width are made even of a smaller picture.
    fn always(self) -> u32 {
        match self {
            Shape::Avatar => 120,
            Shape::Banner => 600,
            Shape::Favicon | Shape::HeaderSquare | Shape::HeaderWide | Shape::Opengraph => u32::MAX,
        }
    }

    /// The size that is made of a picture of this size; only a wide sign keeps its own shape.
    fn fitted(self, size: (u32, u32), own: (u32, u32)) -> (u32, u32) {
        if self != Shape::HeaderWide {
            return size;
        }
        let height = size.1.min(own.1).max(1);
        let width = u64::from(own.0) * u64::from(height) / u64::from(own.1.max(1));
        (
            u32::try_from(width).unwrap_or(size.0).clamp(1, size.0),
            height,
        )
    }
}

/// One size of a picture.
#[derive(Clone, Debug, Deserialize)]
pub struct Picture {
    pub id: Id<Picture>,
    pub actor_id: ActorId,
    pub filename: String,
    pub width: i64,
    pub height: i64,
    pub created_at: Millis,
}

impl Picture {
    pub fn view(&self, app: &App, shape: Shape) -> Value {
        let path = format!("/lazy-static/{}s/{}", shape.as_str(), self.filename);
        json!({
            "path": path,
            "fileUrl": app.url(&path),
            "width": self.width,
            "height": self.height,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.created_at),
        })
    }
}

/// A size that was made, before it has a name in the database.
pub struct Made {
    pub filename: String,
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// Makes the picture of an actor of this file, instead of the one before.
pub async fn set(app: &App, actor_id: ActorId, shape: Shape, file: Bytes) -> Result<Vec<Picture>> {
    let made = make(shape, file).await?;
    for size in &made {
        let bytes = Bytes::copy_from_slice(&size.bytes);
        app.storage
            .put(Class::Avatar, &size.filename, bytes)
            .await
            .map_err(Error::internal)?;
    }
    let mut tx = app.db.begin().await?;
    let old = store::picture::of(&mut tx, &[actor_id], shape).await?;
    store::picture::delete(&mut tx, actor_id, shape).await?;
    let now = app.clock.now();
    for size in &made {
        store::picture::add(&mut tx, actor_id, shape, size, now).await?;
    }
    let new = store::picture::of(&mut tx, &[actor_id], shape).await?;
    super::tell_changed(&mut tx, actor_id, now).await?;
    tx.commit().await?;
    forget_files(app, &old).await;
    Ok(new)
}

pub async fn remove(app: &App, actor_id: ActorId, shape: Shape) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let old = store::picture::of(&mut tx, &[actor_id], shape).await?;
    store::picture::delete(&mut tx, actor_id, shape).await?;
    super::tell_changed(&mut tx, actor_id, app.clock.now()).await?;
    tx.commit().await?;
    forget_files(app, &old).await;
    Ok(())
}

/// No row names the files any more; one that cannot be removed now only takes room.
async fn forget_files(app: &App, pictures: &[Picture]) {
    for picture in pictures {
        if let Err(error) = app.storage.delete(Class::Avatar, &picture.filename).await {
            tracing::warn!(%error, "an old picture could not be removed");
        }
    }
}

/// The pictures of many actors in one query, the largest first.
pub async fn of(
    on: impl Executor,
    actors: &[ActorId],
    shape: Shape,
) -> Result<HashMap<ActorId, Vec<Picture>>> {
    let mut sorted: HashMap<ActorId, Vec<Picture>> = HashMap::new();
    if actors.is_empty() {
        return Ok(sorted);
    }
    for picture in store::picture::of(on, actors, shape).await? {
        sorted.entry(picture.actor_id).or_default().push(picture);
    }
    Ok(sorted)
}

/// All sizes of a picture, made anew of its pixels.
pub async fn make(shape: Shape, file: Bytes) -> Result<Vec<Made>> {
    let _place = AT_ONCE.acquire().await.map_err(Error::internal)?;
    let made = tokio::task::spawn_blocking(move || encode::all(shape, &file))
        .await
        .map_err(Error::internal)?;
    made.map_err(|error| {
        tracing::debug!(%error, "a picture could not be read");
        wrong_file(
            shape,
            "The file is no picture that can be read, or it has too many pixels.",
        )
    })
}

/// Reads the one file of an upload: `avatarfile`, `bannerfile` or `logofile`.
pub async fn read_upload(request: Request, shape: Shape) -> Result<Bytes> {
    let missing = || wrong_file(shape, "Should have a file");
    let Ok(mut parts) = Multipart::from_request(request, &()).await else {
        return Err(missing());
    };
    while let Some(mut part) = parts.next_field().await.map_err(|_| cut_short())? {
        if part.name() != Some(shape.field()) || part.file_name().is_none() {
            continue;
        }
        let kind = part.content_type().unwrap_or_default().to_lowercase();
        if !TYPES.contains(&kind.as_str()) {
            let message = "Should be a picture of type png, jpeg, gif or webp.";
            return Err(wrong_file(shape, message));
        }
        let mut file = Vec::new();
        while let Some(piece) = part.chunk().await.map_err(|_| cut_short())? {
            if file.len() + piece.len() > LARGEST_FILE {
                return Err(wrong_file(shape, "The file should have at most 4 MiB."));
            }
            file.extend_from_slice(&piece);
        }
        return Ok(file.into());
    }
    Err(missing())
}

fn cut_short() -> Error {
    Error::bad_request("The request ended before its body was complete.")
}

fn wrong_file(shape: Shape, message: &str) -> Error {
    let nothing = Map::new();
    let mut check = Check::body(&nothing);
    check.fail(shape.field(), message);
    check
        .finish()
        .err()
        .unwrap_or_else(|| Error::bad_request(message))
}

/// Sends a stored picture. Its name changes with its content, so it may be kept for ever.
pub async fn serve(State(app): State<App>, Path(filename): Path<String>) -> Result<Response> {
    let gone = || Error::not_found("There is no such picture.");
    let kind = match filename.rsplit_once('.') {
        Some((_, "jpg")) => "image/jpeg",
        Some((_, "png")) => "image/png",
        Some((_, "gif")) => "image/gif",
        _ => return Err(gone()),
    };
    let limit = u64::try_from(8 * LARGEST_FILE).unwrap_or(u64::MAX);
    let bytes = match app.storage.get(Class::Avatar, &filename, limit).await {
        Ok(bytes) => bytes,
        Err(error) if error.is_retryable() => return Err(Error::internal(error)),
        Err(_) => return Err(gone()),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((headers, bytes).into_response())
}
