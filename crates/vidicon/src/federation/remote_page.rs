//! Where something of another server is shown here; it is fetched if it is not known.

use super::search_api;
use super::{rules, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{self, VideoRef, short_uuid};
use fediverse::address::Id;

fn nothing() -> Error {
    Error::not_found("Nothing was found at this address.")
}

/// Where something is shown here.
pub async fn place(app: &App, uri: &str) -> Result<String> {
    if uri.is_empty() || uri.len() > 2_000 || !app.config.federation.enabled {
        return Err(nothing());
    }
    let uri = uri.strip_prefix("acct:").unwrap_or(uri);
    if let Some(handle) = search_api::find_actor(app, uri).await {
        let (name, host) = handle.split_once('@').ok_or_else(nothing)?;
        let actor = store::actor_by_name(&app.db, name, host)
            .await?
            .ok_or_else(nothing)?;
        let folder = if actor.kind == "channel" { "c" } else { "a" };
        return Ok(format!("/{folder}/{handle}"));
    }
    let id = Id::parse(uri, rules(app)).map_err(|_| nothing())?;
    let url = search_api::find_video(app, &id).await.ok_or_else(nothing)?;
    let known = store::video_by_url(&app.db, &url)
        .await?
        .ok_or_else(nothing)?;
    let video = video::find(app, VideoRef::Number(known.id)).await?;
    Ok(format!("/w/{}", short_uuid::shorten(video.uuid)))
}
