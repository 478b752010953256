//! Our playlists as others see them, and what is sent when they come, change and go.

use super::collections::{Part, own};
use super::store::{self, ActorRow, ElementRow, ListRow};
use super::{deliver, document, local, video_out};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::VideoRef;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use base::job::{JobError, Running};
use fediverse::activity::{self, Kind};
use fediverse::address::Audience;
use fediverse::context::Context;
use fediverse::image::Image;
use fediverse::playlist::{Element, Playlist};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

const PUBLIC: i64 = 1;
const REGULAR: i64 = 1;

pub fn url(app: &App, uuid: Uuid) -> String {
    app.url(&format!("/video-playlists/{uuid}"))
}

/// Whether others may know of it. Unlisted ones are for those who have the link.
fn is_shown(playlist: &ListRow) -> bool {
    playlist.is_local && playlist.kind == REGULAR && playlist.privacy == PUBLIC
}

async fn object(app: &App, playlist: &ListRow) -> Result<Value> {
    let id = url(app, playlist.uuid);
    let owner = store::actor(&app.db, playlist.account_actor_id).await?;
    let owner_url = owner.map(|owner| local::actor_url(app, &owner));
    let channel = playlist.channel_name.as_deref();
    let channel = channel.map(|name| local::own_id(&local::own_url(app, "channel", name)));
    let followers = owner_url.map(|url| format!("{url}/followers"));
    let icon = playlist.thumbnail.as_ref().map(|name| Image {
        url: app.url(&format!("/lazy-static/thumbnails/{name}")),
        media_type: Some(local::media_type(name).to_owned()),
        width: Some(280),
        height: Some(157),
    });
    Ok(Playlist {
        id: local::own_id(&id)?,
        uuid: playlist.uuid.to_string(),
        name: playlist.display_name.clone(),
        description: playlist.description.clone(),
        published_ms: Some(playlist.created_at),
        updated_ms: Some(playlist.updated_at),
        channel: channel.transpose()?,
        channel_position: playlist.channel_position,
        icon,
        total: playlist.element_count,
        first_page: None,
        audience: Audience::public(None, followers.as_deref()),
    }
    .to_json())
}

fn element_url(app: &App, playlist: &ListRow, element: i64) -> String {
    format!("{}/videos/{element}", url(app, playlist.uuid))
}

async fn shown(app: &App, name: &str) -> Result<ListRow> {
    let nothing = || Error::not_found("There is no such playlist here.");
    let Some(VideoRef::Uuid(uuid)) = VideoRef::parse(name) else {
        return Err(nothing());
    };
    let found = store::playlist_by_uuid(&app.db, uuid).await?;
    found.filter(is_shown).ok_or_else(nothing)
}

/// The document of a playlist, one page of it, or nothing when there is none that others may see.
pub async fn answer(app: &App, name: &str, query: &HashMap<String, String>) -> Result<Response> {
    let playlist = shown(app, name).await?;
    let page = Part::of(query)?;
    if page == Part::Head {
        let object = object(app, &playlist).await?;
        return Ok(document::answer(&Context::Playlist.on(object)));
    }
    let (start, count) = page.range();
    let rows = store::elements(&app.db, playlist.id, start, count).await?;
    let items = rows
        .iter()
        .filter(|row| row.video_is_open)
        .map(|row| json!(element_url(app, &playlist, row.id)));
    let id = url(app, playlist.uuid);
    Ok(page.show(&id, playlist.element_count, items.collect()))
}

/// One place in a playlist.
pub async fn element(
    State(app): State<App>,
    Path((name, number)): Path<(String, i64)>,
) -> Result<Response> {
    if !app.config.federation.enabled {
        return Err(Error::not_found("Federation is switched off here."));
    }
    let playlist = shown(&app, &name).await?;
    let found = store::element(&app.db, playlist.id, number).await?;
    let found = found.filter(|row: &ElementRow| row.video_is_open);
    let row = found.ok_or_else(|| Error::not_found("There is nothing at this place."))?;
    let video = match &row.video_url {
        Some(url) if !row.video_is_local => url.clone(),
        _ => video_out::url(&app, row.video_uuid),
    };
    let element = Element {
        id: local::own_id(&element_url(&app, &playlist, row.id))?,
        video: local::own_id(&video)?,
        position: row.position,
        start_seconds: row.start_s,
        stop_seconds: row.stop_s,
    };
    Ok(document::answer(&Context::Playlist.on(element.to_json())))
}

pub async fn of_account(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    list(&app, "accounts", &name, &query).await
}

pub async fn of_channel(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    list(&app, "video-channels", &name, &query).await
}

async fn list(
    app: &App,
    folder: &str,
    name: &str,
    query: &HashMap<String, String>,
) -> Result<Response> {
    let actor = own(app, folder, name).await?;
    let id = format!("{}/playlists", local::actor_url(app, &actor));
    let page = Part::of(query)?;
    let total = store::public_playlist_count(&app.db, actor.id).await?;
    let (start, count) = page.range();
    let uuids = store::public_playlists(&app.db, actor.id, start, count).await?;
    let items = uuids.into_iter().map(|uuid| json!(url(app, uuid)));
    Ok(page.show(&id, total, items.collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    playlist_id: Option<i64>,
    uuid: Option<Uuid>,
}

/// A playlist of ours has come, changed, or is not to be seen any more.
pub async fn tell(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { playlist_id, uuid } = running.job.payload()?;
    let found = match playlist_id {
        Some(id) => store::playlist(&app.db, id).await?,
        None => None,
    };
    let Some(uuid) = found.as_ref().map(|playlist| playlist.uuid).or(uuid) else {
        return Ok(());
    };
    let told = store::federated_playlist(&app.db, uuid).await?;
    match found.filter(is_shown) {
        Some(playlist) if app.config.federation.enabled => {
            let kind = if told.is_some() {
                Kind::Update
            } else {
                Kind::Create
            };
            say(app, &playlist, kind).await?;
        }
        _ => {
            if let Some(account) = told {
                retract(app, uuid, account).await?;
            }
        }
    }
    Ok(())
}

async fn followers(
    app: &App,
    account: &ActorRow,
    channel: Option<crate::account::ActorId>,
) -> Result<Vec<String>> {
    let server = local::server_actor(app).await?;
    let mut actors = vec![account.id, server.id];
    actors.extend(channel);
    Ok(store::follower_inboxes(&app.db, &actors).await?)
}

async fn say(app: &App, playlist: &ListRow, kind: Kind) -> Result<()> {
    let Some(account) = store::actor(&app.db, playlist.account_actor_id).await? else {
        return Ok(());
    };
    let account_url = local::actor_url(app, &account);
    let now = app.clock.now();
    let id = format!(
        "{}/{}",
        url(app, playlist.uuid),
        local::stamp(app, "updates")
    );
    let audience = Audience::public(None, Some(&format!("{account_url}/followers")));
    let object = object(app, playlist).await?;
    let said = activity::write(&kind, &id, &account_url, object, &audience);
    let prepared = deliver::prepare(app, &account, Context::Playlist.on(said)).await?;
    let inboxes = followers(app, &account, playlist.channel_actor_id).await?;
    let mut tx = app.db.begin().await?;
    store::note_federated_playlist(&mut tx, playlist.uuid, account.id, now).await?;
    deliver::queue(&mut tx, app, &prepared, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

async fn retract(app: &App, uuid: Uuid, account: crate::account::ActorId) -> Result<()> {
    let Some(account) = store::actor(&app.db, account).await? else {
        return Ok(());
    };
    let account_url = local::actor_url(app, &account);
    let url = url(app, uuid);
    let audience = Audience::public(None, Some(&format!("{account_url}/followers")));
    let id = format!("{url}/{}", local::stamp(app, "deletes"));
    let delete = activity::write(&Kind::Delete, &id, &account_url, json!(url), &audience);
    let prepared = deliver::prepare(app, &account, Context::Plain.on(delete)).await?;
    // Which channel it stood in is not known any more.
    let server = local::server_actor(app).await?;
    let mut actors = store::channel_actors(&app.db, account.id).await?;
    actors.extend([account.id, server.id]);
    let inboxes = store::follower_inboxes(&app.db, &actors).await?;
    let mut tx = app.db.begin().await?;
    store::forget_federated_playlist(&mut tx, uuid).await?;
    deliver::queue(&mut tx, app, &prepared, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
