//! The addresses that other servers call.

use super::inbox;
use crate::app::App;
use crate::error::{Error, Result};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use fediverse::json::MAX_BODY_BYTES;

pub use super::collections::{
    account_followers, account_following, account_outbox, announce, channel_followers,
    channel_following, channel_outbox, of_video,
};
pub use super::comment_out::show as comment;
pub use super::mirror::show as mirror;
pub use super::objects::{dislike, follow, like, of_comment};
pub use super::playlist_out::{
    element, of_account as account_playlists, of_channel as channel_playlists,
};

/// The inboxes: of all, and of each actor.
pub async fn inbox(State(app): State<App>, request: Request) -> Result<StatusCode> {
    let (parts, body) = request.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map_or("/inbox", |target| target.as_str())
        .to_owned();
    let body = read(body).await?;
    inbox::take(&app, &target, &parts.headers, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(body: Body) -> Result<Bytes> {
    let read = axum::body::to_bytes(body, MAX_BODY_BYTES).await;
    read.map_err(|_| Error::too_large("The activity is too large."))
}
