//! The REST routes of imports.

use super::torrent::meta::{Source, Wrong};
use super::{
    Filter, Import, ImportId, NewImport, NewTorrent, State as ImportState, check_on, check_url,
};
use crate::access::{Me, Viewer};
use crate::account::{self, Right};
use crate::app::App;
use crate::check::form::{FileField, Form, FormFile, wrong_file};
use crate::check::{Check, Field, Query, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::import::{self, sync, sync_api};
use crate::listing::{Paging, Sort};
use crate::video::view::{self, Extras};
use crate::video::{self, VideoId, VideoRef, list, picture};
use crate::wire::{self, Iso, Site};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

const SORTS: &[&str] = &["createdAt"];
const LARGEST_TORRENT: u64 = 200 * 1024;

/// `POST /api/v1/videos/imports`.
pub async fn create(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    request: Request,
) -> Result<Response> {
    let files = [
        FileField::picture("thumbnailfile"),
        FileField::picture("previewfile"),
        FileField {
            name: "torrentfile",
            max_bytes: Some(LARGEST_TORRENT),
        },
    ];
    let mut form = Form::read(&app, request, &files).await?;
    let torrent = form.take("torrentfile");
    if torrent.as_ref().is_some_and(|file| !is_torrent_file(file)) {
        return Err(wrong_file("torrentfile", "This is no torrent file."));
    }
    let preview = form.take("previewfile");
    let given = preview.or_else(|| form.take("thumbnailfile"));
    let id = begin(&app, &me, &form.fields, torrent, given).await?;
    let import = import::find(&app, id).await?;
    let shown = views(&app, &viewer, &[import]).await?.pop();
    wire::json(&shown)
}

fn is_torrent_file(file: &FormFile) -> bool {
    ["application/x-bittorrent", "application/octet-stream"].contains(&file.kind.as_str())
}

/// Checks what is asked for, and begins it.
pub async fn begin(
    app: &App,
    me: &Me,
    fields: &Map<String, Value>,
    torrent: Option<FormFile>,
    given: Option<FormFile>,
) -> Result<ImportId> {
    if let Some(file) = &given
        && !picture::TYPES.contains(&file.kind.as_str())
    {
        return Err(wrong_file(
            &file.field,
            "This is no picture of a known type.",
        ));
    }
    let mut check = Check::body(fields);
    let url = check.text("targetUrl", 3..=2000).value();
    let magnet = check.text("magnetUri", 0..=10_000).value();
    let magnet = magnet.filter(|link| !link.is_empty());
    let source = magnet.as_deref().map(Source::of_magnet);
    if source == Some(None) {
        check.fail("magnetUri", "Invalid value");
    }
    check.required("channelId", check_channel(fields));
    check.finish()?;
    let file = match (&url, &torrent) {
        (None, Some(file)) => Some(torrent_bytes(app, file).await?),
        _ => None,
    };
    let named = match &file {
        Some(bytes) => Some(of_file(bytes)?),
        None => source.flatten(),
    };
    let name = named.and_then(|source| source.name);
    let by_torrent = NewTorrent {
        magnet_uri: magnet.as_deref().filter(|_| file.is_none()),
        name: name.as_deref(),
        file: file.as_deref(),
    };
    let is_torrent = url.is_none() && (file.is_some() || magnet.is_some());
    if is_torrent {
        import::check_torrents_on(app)?;
    } else {
        check_on(app)?;
        let url = url.as_deref().ok_or_else(|| {
            Error::bad_request("Should have a magnetUri or a targetUrl or a torrent file.")
        })?;
        check_url(app, url).await?;
    }
    let new = NewImport {
        target_url: url.as_deref().unwrap_or_default(),
        fields: fields.clone(),
        sync_id: None,
        has_picture: given.is_some(),
        torrent: Some(by_torrent).filter(|_| is_torrent),
    };
    let (id, video_id) = import::begin(app, me, new).await?;
    if let Some(file) = given {
        let video = video::find(app, VideoRef::Number(video_id)).await?;
        picture::set_by_hand(app, &video, file.file.path()).await?;
    }
    Ok(id)
}

async fn torrent_bytes(app: &App, file: &FormFile) -> Result<Vec<u8>> {
    import::check_torrents_on(app)?;
    Ok(tokio::fs::read(file.file.path()).await?)
}

fn of_file(bytes: &[u8]) -> Result<Source> {
    Source::of_file(bytes).map_err(|wrong| match wrong {
        Wrong::Broken => wrong_file("torrentfile", "This is no torrent file."),
        Wrong::Files => Error::bad_request("Torrents must have only one file.")
            .code("incorrect_files_in_torrent"),
    })
}

fn check_channel(fields: &Map<String, Value>) -> Field<()> {
    match fields.get("channelId") {
        None | Some(Value::Null) => Field::Absent,
        Some(_) => Field::Is(()),
    }
}

/// Imports as clients see them.
pub async fn views(app: &App, viewer: &Viewer, imports: &[Import]) -> Result<Vec<Value>> {
    let ids: Vec<VideoId> = imports.iter().filter_map(|it| it.video_id).collect();
    let rows = list::rows(app, viewer, &ids).await?;
    let syncs: Vec<_> = imports.iter().filter_map(|it| it.sync_id).collect();
    let syncs = sync_api::briefs(app, &syncs).await?;
    let site = Site::of(app);
    let mut shown = Vec::with_capacity(imports.len());
    for it in imports {
        let row = it
            .video_id
            .and_then(|id| rows.iter().find(|row| row.id == id.0));
        let video = row.map(|row| serde_json::to_value(view::list_item(site, row, Extras::OWN)));
        shown.push(json!({
            "id": it.id, "targetUrl": Some(&it.target_url).filter(|url| !url.is_empty()),
            "magnetUri": it.magnet_uri, "torrentName": it.torrent_name,
            "state": { "id": it.state.number(), "label": it.state.label() },
            "error": it.error, "progress": it.percent(), "receivedBytes": it.received_bytes,
            "createdAt": Iso(it.created_at), "updatedAt": Iso(it.updated_at),
            "video": video.transpose().map_err(Error::internal)?,
            "videoChannelSync": it.sync_id.and_then(|id| syncs.get(&id)),
        }));
    }
    Ok(shown)
}

/// `GET /api/v1/users/me/videos/imports`.
pub async fn mine(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Query(query): Query,
) -> Result<Response> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, SORTS, "-createdAt")?;
    let mut check = Check::query(&query);
    let sync_id = check.int("videoChannelSyncId", 1..=i64::MAX).value();
    let search = check.text("search", 0..=1_000).value();
    let ids = check.ints("id").or(Vec::new());
    let filter = Filter {
        sync_id: sync_id.map(sync::SyncId::new),
        search: search
            .filter(|text| !text.trim().is_empty())
            .map(|text| account::like(&text)),
        target_url: check.text("targetUrl", 1..=2_000).value(),
        ids: ids.into_iter().map(ImportId::new).collect(),
    };
    check.finish()?;
    let (total, rows) = import::list(&app, me.id, &filter, paging, !sort.descending).await?;
    let data = views(&app, &viewer, &rows).await?;
    wire::json(&json!({ "total": total, "data": data }))
}

/// One's own import, or anybody's for those who manage imports.
async fn managed(app: &App, me: &Me, id: &str) -> Result<Import> {
    let number: i64 = id.parse().map_err(|_| wrong_param("id", id))?;
    let import = import::find(app, ImportId::new(number)).await?;
    if import.user_id != me.id && !me.has(Right::ManageVideoImports) {
        return Err(Error::forbidden(
            "Cannot manage video import of another user",
        ));
    }
    Ok(import)
}

pub async fn cancel(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    import::cancel(&app, &managed(&app, &me, &id).await?).await?;
    Ok(no_content())
}

pub async fn retry(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let import = managed(&app, &me, &id).await?;
    import::check_still_on(&app, &import)?;
    import::retry(&app, &import).await?;
    Ok(no_content())
}

pub async fn remove(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    import::delete(&app, &managed(&app, &me, &id).await?).await?;
    Ok(no_content())
}

/// Can this import be begun anew?
pub fn can_retry(import: &Import) -> bool {
    matches!(import.state, ImportState::Failed | ImportState::Cancelled)
}
