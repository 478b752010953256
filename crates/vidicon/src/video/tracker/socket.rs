//! `/tracker/socket`: where viewers of a video listen for each other.

use super::Seat;
use crate::access;
use crate::app::App;
use crate::check::{Check, Query};
use crate::error::{Error, Result};
use crate::video::{Video, VideoRef, VideoState, find, gate};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

/// Bytes of ten offers.
const LARGEST: usize = 64 * 1024;
/// One who has said nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(180);
/// Messages of one viewer in a window of time; more end the talk.
const MOST_MESSAGES: u32 = 100;
const WINDOW: Duration = Duration::from_secs(10);

/// May viewers of this video share it? Only what everybody may load from here.
pub fn is_shared(app: &App, video: &Video) -> bool {
    app.instance.settings().tracker.enabled
        && video.is_local
        && !video.is_live
        && !video.blocked
        && video.state == VideoState::Published
        && video.privacy.has_open_files()
        && !gate::guards(app, video.guarded())
}

pub async fn open(
    State(app): State<App>,
    Query(query): Query,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Result<Response> {
    if !app.instance.settings().tracker.enabled {
        return Err(Error::forbidden(
            "Viewers do not share videos on this site.",
        ));
    }
    let mut check = Check::query(&query);
    let id = check.text("video", 36..=36).value();
    check.finish()?;
    let uuid = id.and_then(|id| Uuid::try_parse(&id).ok());
    let uuid = uuid.ok_or_else(|| crate::check::wrong_param("video", "a UUID is missing"))?;
    let video = find(&app, VideoRef::Uuid(uuid)).await?;
    if !is_shared(&app, &video) {
        return Err(Error::forbidden("Viewers do not share this video."));
    }
    let upgrade = upgrade.map_err(|_| Error::bad_request("This is an address for WebSockets."))?;
    let client = access::client(&app, request.extensions(), request.headers());
    let (seat, from) = app.tracker.enter(uuid, client.ip).ok_or_else(|| {
        Error::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many people watch already.",
        )
    })?;
    let upgrade = upgrade.max_message_size(LARGEST);
    Ok(upgrade.on_upgrade(move |socket| talk(app, seat, from, socket)))
}

async fn talk(app: App, mut seat: Seat, mut from: Receiver<String>, socket: WebSocket) {
    let (mut sink, mut stream) = socket.split();
    let (mut count, mut since) = (0, Instant::now());
    loop {
        let said = tokio::select! {
            told = from.recv() => {
                let Some(told) = told else { break };
                if sink.send(Message::text(told)).await.is_err() {
                    break;
                }
                continue;
            }
            said = timeout(SILENCE, stream.next()) => said,
        };
        let text = match said {
            Ok(Some(Ok(Message::Text(text)))) => text,
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            _ => break,
        };
        if since.elapsed() > WINDOW {
            (count, since) = (0, Instant::now());
        }
        count += 1;
        if count > MOST_MESSAGES || !app.instance.settings().tracker.enabled {
            break;
        }
        let answer = seat.hear(&text);
        if let Some(answer) = answer
            && sink.send(Message::text(answer)).await.is_err()
        {
            break;
        }
    }
    sink.close().await.ok();
}
