//! What the archive of an account holds in the words of ActivityPub.

use super::{comment_out, local, search_api, store, video_out};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{self, Video, VideoRef};
use fediverse::activity::Kind;
use serde_json::Value;

/// The document of one of our accounts.
pub async fn actor(app: &App, name: &str) -> Result<Value> {
    let actor = local::own_actor(app, "accounts", name).await?;
    let actor = actor.ok_or_else(|| Error::not_found("There is no such account here."))?;
    Ok(local::document(app, &actor).await?.to_json())
}

/// The Create of a video that others may know of.
pub async fn video(app: &App, video: &Video) -> Result<Option<Value>> {
    if !video_out::is_federated(app, video) {
        return Ok(None);
    }
    let create = video_out::activity_with_object(app, video, Kind::Create, "activity").await?;
    Ok(Some(create))
}

/// The Create of a comment.
pub async fn comment(app: &App, id: i64) -> Result<Option<Value>> {
    match store::comment(&app.db, id).await? {
        Some(comment) => comment_out::create(app, &comment).await,
        None => Ok(None),
    }
}

/// The video at an address of this site or another's. One of elsewhere that is not known is only
/// asked for when `may_ask` says so.
pub async fn find_video(app: &App, url: &str, may_ask: bool) -> Result<Option<Video>> {
    if let Some(path) = local::own_path(app, url) {
        let name = path.trim_end_matches('/').rsplit('/').next();
        let Some(by) = name.and_then(VideoRef::parse) else {
            return Ok(None);
        };
        return match video::find(app, by).await {
            Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => Ok(None),
            found => found.map(Some),
        };
    }
    if let Some(known) = video::by_url(app, url).await? {
        return Ok(Some(known));
    }
    let Some(id) = search_api::elsewhere(app, url).filter(|_| may_ask) else {
        return Ok(None);
    };
    match search_api::find_video(app, &id).await {
        Some(url) => video::by_url(app, &url).await,
        None => Ok(None),
    }
}
