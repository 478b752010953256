//! The REST routes of blocks: videos that moderators have taken out of sight.

use super::super::list;
use super::super::store::extra::{self as store, Block};
use super::super::view::{self, Extras};
use super::super::{VideoId, VideoRef, block, find, unblock};
use crate::access::Viewer;
use crate::app::App;
use crate::check::{Body, Check, Query};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::wire::{self, Iso, Site};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

const SORTS: &[&str] = &[
    "id",
    "name",
    "duration",
    "views",
    "likes",
    "dislikes",
    "uuid",
    "createdAt",
];

struct Words {
    reason: Option<String>,
    note: Option<String>,
    unfederate: bool,
}

fn words(body: &Map<String, Value>) -> Result<Words> {
    let mut check = Check::body(body);
    let words = Words {
        reason: check.text("reason", 2..=300).value(),
        note: check.text("internalNote", 2..=3000).value(),
        unfederate: check.lenient_bool("unfederate").or(false),
    };
    check.finish()?;
    Ok(words)
}

pub async fn add(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let words = words(&body)?;
    let video = find(&app, by).await?;
    if words.unfederate && !video.is_local {
        return Err(Error::conflict("You cannot unfederate a remote video."));
    }
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    block(
        &mut tx,
        video.id,
        false,
        words.reason.as_deref(),
        words.note.as_deref(),
        words.unfederate,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(no_content())
}

pub async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let words = words(&body)?;
    let video = find(&app, by).await?;
    let (reason, note) = (words.reason.as_deref(), words.note.as_deref());
    if store::change_block(&app.db, video.id, reason, note, app.clock.now()).await? == 0 {
        return Err(not_blocked());
    }
    Ok(no_content())
}

fn not_blocked() -> Error {
    Error::not_found("Blacklisted video not found")
}

pub async fn remove(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    if store::find_block(&app.db, video.id).await?.is_none() {
        return Err(not_blocked());
    }
    let mut tx = app.db.begin().await?;
    unblock(&mut tx, video.id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(no_content())
}

pub async fn list(State(app): State<App>, viewer: Viewer, Query(query): Query) -> Result<Response> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, SORTS, "-createdAt")?;
    let mut check = Check::query(&query);
    let kind = check.number_of("type", &[1, 2]).value();
    let search = check.text("search", 1..=500).value();
    check.finish()?;
    let Paging { start, count } = paging;
    let (total, blocks) =
        store::blocks(&app.db, kind, search.as_deref(), order(sort), start, count).await?;
    let ids: Vec<VideoId> = blocks.iter().map(|it| VideoId::new(it.video_id)).collect();
    let rows = list::rows(&app, &viewer, &ids).await?;
    let site = Site::of(&app);
    let mut data = Vec::with_capacity(blocks.len());
    for block in &blocks {
        let row = rows.iter().find(|row| row.id == block.video_id);
        let video =
            row.map(|row| serde_json::to_value(view::list_item(site, row, Extras::default())));
        data.push(block_view(
            block,
            video.transpose().map_err(Error::internal)?,
        ));
    }
    wire::json(&json!({ "total": total, "data": data }))
}

fn block_view(block: &Block, video: Option<Value>) -> Value {
    json!({
        "id": block.id, "reason": block.reason, "internalNote": block.internal_note,
        "unfederated": block.unfederated, "type": block.kind, "video": video,
        "createdAt": Iso(block.created_at), "updatedAt": Iso(block.updated_at),
    })
}

fn order(sort: Sort) -> &'static str {
    match (sort.column, sort.descending) {
        ("id", false) => " ORDER BY b.id",
        ("id", true) => " ORDER BY b.id DESC",
        ("name", false) => " ORDER BY v.name_key, b.id",
        ("name", true) => " ORDER BY v.name_key DESC, b.id",
        ("duration", false) => " ORDER BY v.duration_s, b.id",
        ("duration", true) => " ORDER BY v.duration_s DESC, b.id",
        ("views", false) => " ORDER BY v.views, b.id",
        ("views", true) => " ORDER BY v.views DESC, b.id",
        ("likes", false) => " ORDER BY v.likes, b.id",
        ("likes", true) => " ORDER BY v.likes DESC, b.id",
        ("dislikes", false) => " ORDER BY v.dislikes, b.id",
        ("dislikes", true) => " ORDER BY v.dislikes DESC, b.id",
        ("uuid", false) => " ORDER BY v.uuid, b.id",
        ("uuid", true) => " ORDER BY v.uuid DESC, b.id",
        (_, false) => " ORDER BY b.created_at, b.id",
        (_, true) => " ORDER BY b.created_at DESC, b.id",
    }
}
