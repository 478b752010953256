//! The REST route of a playlist's programme.

use super::super::programme::{self, Slot};
use super::super::{Playlist, seen};
use crate::access::Viewer;
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::short_uuid;
use crate::wire::Iso;
use axum::Json;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// What is on in a playlist that is shown as a channel without end: the same for everybody.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Programme {
    /// Parts that everybody may see.
    total: usize,
    /// Seconds until it begins again.
    duration: i64,
    now: OnAir,
    next: Part,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OnAir {
    /// The second of the video that is shown.
    current_time: i64,
    #[serde(flatten)]
    part: Part,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Part {
    /// Its place in the playlist.
    position: i64,
    /// Seconds of the video.
    start_timestamp: i64,
    stop_timestamp: i64,
    begins_at: String,
    ends_at: String,
    video: Video,
    /// The page of the video with the list beside it.
    url: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Video {
    uuid: Uuid,
    #[serde(rename = "shortUUID")]
    short_uuid: String,
    name: String,
}

pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Json<Programme>> {
    let list = seen(&app, &viewer, &id).await?;
    let on = programme::on(&app, &list).await?;
    let on = on.ok_or_else(|| Error::not_found("Nothing in this playlist is for everybody"))?;
    Ok(Json(Programme {
        total: on.parts,
        duration: on.length_s,
        now: OnAir {
            current_time: on.at_s,
            part: part(&app, &list, &on.now),
        },
        next: part(&app, &list, &on.next),
    }))
}

fn part(app: &App, list: &Playlist, slot: &Slot) -> Part {
    let path = list.watch_path();
    Part {
        position: slot.position,
        start_timestamp: slot.from_s,
        stop_timestamp: slot.to_s,
        begins_at: Iso(slot.begins_at).to_string(),
        ends_at: Iso(slot.ends_at()).to_string(),
        video: Video {
            uuid: slot.uuid,
            short_uuid: short_uuid::shorten(slot.uuid),
            name: slot.name.clone(),
        },
        url: app.url(&format!("{path}?playlistPosition={}", slot.position)),
    }
}
