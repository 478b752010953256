//! The REST routes of what stands in a playlist.

use super::super::element::{self, ElementId, NewElement, Span};
use super::super::{self as playlist, view};
use super::{note, read_move};
use crate::access::{Me, Viewer};
use crate::account::Right;
use crate::app::App;
use crate::channel::activity::Action;
use crate::check::{Body, Check, Field, Query, whole};
use crate::error::{Result, no_content};
use crate::listing::Paging;
use crate::video::{self, VideoId, VideoRef, short_uuid};
use crate::wire::{self, Site};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value, json};

const RIGHT: Right = Right::UpdateAnyVideoPlaylist;
/// A longer span is no time of a video, in seconds.
const LATEST_S: i64 = 1 << 31;

#[derive(Serialize)]
struct Listed<'a> {
    total: i64,
    data: Vec<view::ElementView<'a>>,
}

pub async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let found = playlist::seen(&app, &viewer, &id).await?;
    let paging = Paging::read(&input)?;
    let elements = playlist::elements(&app, &viewer, &found, paging).await?;
    let site = Site::of(&app);
    let data = elements
        .iter()
        .map(|(element, row)| view::element(site, &viewer, element, row.as_ref()))
        .collect();
    wire::json(&Listed {
        total: found.element_count,
        data,
    })
}

/// Times of a body; 0 means the same as none.
fn read_span(check: &mut Check<'_>) -> (Field<i64>, Field<i64>) {
    let mut read = |name: &str| match check.int_or(name, 0..=LATEST_S, "Should have a valid time") {
        Field::Is(0) => Field::Null,
        other => other,
    };
    (read("startTimestamp"), read("stopTimestamp"))
}

pub async fn add(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = playlist::reference(&id)?;
    let mut check = Check::body(&body);
    let wanted = body.get("videoId").and_then(read_video);
    if wanted.is_none() {
        check.fail("videoId", "Should have a valid video id/uuid/short uuid");
    }
    let (start, stop) = read_span(&mut check);
    check.finish()?;
    let found = playlist::find(&app, by).await?;
    let video = video::find(&app, wanted.unwrap_or(VideoRef::Number(VideoId::new(0)))).await?;
    playlist::manage(&app, &me, &found, RIGHT).await?;
    let new = NewElement {
        video_id: video.id,
        span: Span {
            start_s: start.value(),
            stop_s: stop.value(),
        },
    };
    let id = playlist::add(&app, &found, &new).await?;
    note(&app, &me, &found, Action::UpdateElements).await?;
    wire::json(&json!({ "videoPlaylistElement": { "id": id } }))
}

fn read_video(value: &Value) -> Option<VideoRef> {
    match whole(value) {
        Some(number) if number >= 0 => Some(VideoRef::Number(VideoId::new(number))),
        Some(_) => None,
        None => VideoRef::parse(value.as_str()?),
    }
}

pub async fn reorder(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = playlist::reference(&id)?;
    let to = read_move(&body)?;
    let found = playlist::find(&app, by).await?;
    playlist::manage(&app, &me, &found, RIGHT).await?;
    playlist::reorder(&app, &found, to).await?;
    note(&app, &me, &found, Action::UpdateElements).await?;
    Ok(no_content())
}

/// The playlist and its element of a path, once the user may change them.
async fn managed(app: &App, me: &Me, by: VideoRef, id: ElementId) -> Result<playlist::Playlist> {
    let found = playlist::find(app, by).await?;
    element::position(app, found.id, id).await?;
    playlist::manage(app, me, &found, RIGHT).await?;
    Ok(found)
}

pub async fn update(
    State(app): State<App>,
    me: Me,
    Path((id, element_id)): Path<(String, String)>,
    Body(body): Body,
) -> Result<Response> {
    let by = playlist::reference(&id)?;
    let element_id: ElementId = crate::check::id("playlistElementId", &element_id)?;
    let mut check = Check::body(&body);
    let (start, stop) = read_span(&mut check);
    check.finish()?;
    let found = managed(&app, &me, by, element_id).await?;
    let before = element::span(&app, element_id).await?;
    let span = Span {
        start_s: start.update(before.start_s),
        stop_s: stop.update(before.stop_s),
    };
    playlist::set_span(&app, &found, element_id, span).await?;
    note(&app, &me, &found, Action::UpdateElements).await?;
    Ok(no_content())
}

pub async fn remove(
    State(app): State<App>,
    me: Me,
    Path((id, element_id)): Path<(String, String)>,
) -> Result<Response> {
    let by = playlist::reference(&id)?;
    let element_id: ElementId = crate::check::id("playlistElementId", &element_id)?;
    let found = managed(&app, &me, by, element_id).await?;
    playlist::remove(&app, &found, element_id).await?;
    note(&app, &me, &found, Action::UpdateElements).await?;
    Ok(no_content())
}

/// In which of the user's playlists the asked videos stand; each asked one has its list.
pub async fn videos_exist(State(app): State<App>, me: Me, Query(input): Query) -> Result<Response> {
    let mut check = Check::query(&input);
    let ids = check.ints("videoIds");
    let ids = check.required("videoIds", ids).unwrap_or_default();
    if ids.len() > 500 {
        check.fail("videoIds", "Should have at most 500 video ids");
    }
    check.finish()?;
    let videos: Vec<VideoId> = ids.iter().copied().map(VideoId::new).collect();
    let mut answer: Map<String, Value> = ids
        .iter()
        .map(|id| (id.to_string(), Value::Array(Vec::new())))
        .collect();
    for it in playlist::holdings(&app, me.account_id, &videos).await? {
        if let Some(Value::Array(list)) = answer.get_mut(&it.video_id.to_string()) {
            list.push(json!({
                "playlistElementId": it.element_id, "playlistId": it.playlist_id,
                "playlistDisplayName": it.playlist_display_name,
                "playlistShortUUID": short_uuid::shorten(it.playlist_uuid),
                "startTimestamp": it.start_s, "stopTimestamp": it.stop_s,
            }));
        }
    }
    wire::json(&answer)
}
