//! Pictures and captions below `/lazy-static`. Their random names are all that protects them, as
//! everywhere where PeerTube's API is spoken; the small pictures of a closed video are in no list.

use super::remote;
use super::send::{Caching, Manner, blob, content_type, stored};
use crate::app::App;
use crate::error::{Error, Result};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::storage::Class;

/// `/lazy-static/{kind}/{file}`.
pub async fn lazy_static(
    State(app): State<App>,
    Path((kind, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let class = match kind.as_str() {
        "thumbnails" | "previews" => Class::Thumbnail,
        "storyboards" => Class::Storyboard,
        "video-captions" => Class::Caption,
        "avatars" | "banners" => Class::Avatar,
        _ => return Err(Error::not_found("There is nothing at this address.")),
    };
    let key = match class {
        Class::Storyboard => storyboard_key(&file),
        _ => file.clone(),
    };
    let manner = Manner {
        content_type: content_type(&file),
        caching: Caching::Forever,
        attachment: None,
    };
    if let Some(found) = blob(&app.storage, (class, &key), &headers, &manner).await? {
        return Ok(found);
    }
    // Pictures and captions of other servers come here when they are first looked at.
    if !remote::fetch(&app, class, &key, &file).await? {
        return Err(Error::not_found("There is no such file."));
    }
    stored(&app, (class, &key), &headers, &manner).await
}

/// A storyboard's name begins with the video's UUID, below which it lies.
pub fn storyboard_key(file: &str) -> String {
    match file.get(..36) {
        Some(video) => format!("{video}/{file}"),
        None => file.to_owned(),
    }
}
