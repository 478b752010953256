//! The REST route of a channel's journal, for those who may change the channel.

use crate::access::Me;
use crate::account::view;
use crate::app::App;
use crate::channel::activity::{self, Activity};
use crate::channel::{self, Channel};
use crate::check::Query;
use crate::error::Result;
use crate::listing::{Paging, Sort};
use crate::video::short_uuid::shorten;
use crate::wire::{self, Iso};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

const ACTIONS: [&str; 11] = [
    "Create",
    "Update",
    "Delete",
    "Update captions",
    "Update chapters",
    "Update passwords",
    "Create studio tasks",
    "Update source file",
    "Update elements",
    "Remove channel ownership",
    "Create channel ownership",
];
const TARGETS: [&str; 5] = [
    "Video",
    "Playlist",
    "Channel",
    "Channel synchronization",
    "Video import",
];

pub async fn list(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    channel::manage(&app, &me, &channel).await?;
    let paging = Paging::read(&input)?;
    let sort = Sort::read(&input, &["createdAt"], "-createdAt")?;
    let (total, lines) = activity::list(&app, channel.id, paging, !sort.descending).await?;
    let ids: Vec<_> = lines.iter().filter_map(|line| line.account_id).collect();
    let accounts = view::summaries_by_id(&app, &ids).await?;
    let data: Vec<Value> = lines
        .iter()
        .map(|line| {
            let account = line.account_id.and_then(|id| accounts.get(&id));
            one(&app, &channel, line, account)
        })
        .collect();
    wire::json(&json!({ "total": total, "data": data }))
}

fn labelled(labels: &[&str], number: i64) -> Value {
    let place = usize::try_from(number - 1).unwrap_or(usize::MAX);
    json!({ "id": number, "label": labels.get(place) })
}

fn one(app: &App, channel: &Channel, line: &Activity, account: Option<&Value>) -> Value {
    let video = line.video_id.zip(line.video_uuid).map(|(id, uuid)| {
        json!({
            "id": id, "uuid": uuid, "shortUUID": shorten(uuid), "name": line.video_name,
            "url": app.url(&format!("/videos/watch/{uuid}")), "isLive": line.video_is_live,
        })
    });
    let playlist = line.playlist_id.zip(line.playlist_uuid).map(|(id, uuid)| {
        json!({
            "id": id, "uuid": uuid, "shortUUID": shorten(uuid), "name": line.playlist_name,
            "url": app.url(&format!("/video-playlists/{uuid}")),
        })
    });
    json!({
        "id": line.id, "account": account, "action": labelled(&ACTIONS, line.action),
        "targetType": labelled(&TARGETS, line.target), "details": line.details,
        "createdAt": Iso(line.created_at),
        "channel": {
            "id": channel.id, "name": channel.name, "displayName": channel.display_name,
            "url": app.url(&format!("/video-channels/{}", channel.name)),
        },
        "video": video, "videoImport": null, "playlist": playlist, "channelSync": null,
    })
}
