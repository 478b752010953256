//! The REST routes of channels that are kept in step, and of bringing a whole channel at once.

use super::sync::{self, Sync, SyncId};
use super::{check_on, check_url, store};
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::channel::{self, Channel, ChannelId};
use crate::check::{Body, Check, Query, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::video::quota;
use crate::wire::{self, Iso, Site};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::HashMap;

const SORTS: &[&str] = &[
    "externalChannelUrl",
    "videoChannel",
    "createdAt",
    "lastSyncAt",
    "state",
];

/// As they stand beside imports.
pub async fn briefs(app: &App, ids: &[SyncId]) -> Result<HashMap<SyncId, Value>> {
    let syncs = store::syncs_by_ids(&app.db, ids).await?;
    let brief = |it: Sync| {
        (
            it.id,
            json!({ "id": it.id, "externalChannelUrl": it.external_url }),
        )
    };
    Ok(syncs.into_iter().map(brief).collect())
}

async fn views(app: &App, syncs: &[Sync]) -> Result<Vec<Value>> {
    let ids: Vec<ChannelId> = syncs.iter().map(|it| it.channel_id).collect();
    let channels = channel::by_ids(&app.db, &ids).await?;
    let site = Site::of(app);
    let shown = syncs.iter().map(|it| {
        let channel = channels.iter().find(|channel| channel.id == it.channel_id);
        let channel = channel.map(|it| json!(channel::view::channel(site, it)));
        json!({
            "id": it.id, "externalChannelUrl": it.external_url,
            "state": { "id": it.state.number(), "label": it.state.label() },
            "createdAt": Iso(it.created_at), "lastSyncAt": it.last_sync_at.map(Iso),
            "channel": channel,
        })
    });
    Ok(shown.collect())
}

/// `POST /api/v1/video-channel-syncs`.
pub async fn create(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    sync::check_on(&app)?;
    let mut check = Check::body(&body);
    let url = check.text("externalChannelUrl", 3..=2000);
    let url = check
        .required("externalChannelUrl", url)
        .unwrap_or_default();
    let id = check.int("videoChannelId", 1..=i64::MAX);
    let id = check.required("videoChannelId", id).unwrap_or_default();
    check.finish()?;
    check_url(&app, &url).await?;
    let channel = by_id(&app, ChannelId::new(id)).await?;
    channel::manage(&app, &me, &channel).await?;
    let made = sync::add(&app, &channel, &url).await?;
    let shown = views(&app, &[made]).await?.pop();
    wire::json(&json!({ "videoChannelSync": shown }))
}

async fn by_id(app: &App, id: ChannelId) -> Result<Channel> {
    let channel = channel::by_id(&app.db, id).await?;
    channel.ok_or_else(|| Error::not_found("Video channel not found"))
}

async fn managed(app: &App, me: &Me, id: &str) -> Result<Sync> {
    let number: i64 = id.parse().map_err(|_| wrong_param("id", id))?;
    let found = sync::find(app, SyncId::new(number)).await?;
    let channel = by_id(app, found.channel_id).await?;
    channel::manage(app, me, &channel).await?;
    Ok(found)
}

pub async fn remove(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let found = managed(&app, &me, &id).await?;
    sync::delete(&app, &found).await?;
    Ok(no_content())
}

pub async fn trigger(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    sync::check_on(&app)?;
    let found = managed(&app, &me, &id).await?;
    sync::trigger(&app, &found).await?;
    Ok(no_content())
}

/// `GET /api/v1/accounts/{name}/video-channel-syncs`.
pub async fn of_account(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let account = channel::api::account(&app, &name).await?;
    if account != me.account_id && !me.has(Right::ManageAnyVideoChannel) {
        return Err(Error::forbidden(
            "Cannot list the synchronizations of another account.",
        ));
    }
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, SORTS, "-createdAt")?;
    let mut check = Check::query(&query);
    let with_collaborations = check.lenient_bool("includeCollaborations").or(false);
    check.finish()?;
    let (total, rows) = sync::list(&app, account, with_collaborations, sort, paging).await?;
    let data = views(&app, &rows).await?;
    wire::json(&json!({ "total": total, "data": data }))
}

/// `POST /api/v1/video-channels/{handle}/import-videos`.
pub async fn import_channel(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    let mut check = Check::body(&body);
    let url = check.text("externalChannelUrl", 3..=2000);
    let url = check
        .required("externalChannelUrl", url)
        .unwrap_or_default();
    let sync_id = check.int("videoChannelSyncId", 1..=i64::MAX).value();
    check.finish()?;
    if check_on(&app).is_err() {
        return Err(Error::forbidden(
            "Channel import is impossible as video upload via HTTP is not enabled on the server",
        ));
    }
    check_url(&app, &url).await?;
    let sync_id = sync_id.map(SyncId::new);
    if let Some(id) = sync_id
        && sync::find(&app, id).await?.channel_id != channel.id
    {
        return Err(Error::forbidden(
            "This channel import is not associated to this channel",
        ));
    }
    channel::manage(&app, &me, &channel).await?;
    quota::room_left(&app, &me, 1).await?;
    sync::import_channel(&app, &channel, &url, sync_id).await?;
    Ok(no_content())
}
