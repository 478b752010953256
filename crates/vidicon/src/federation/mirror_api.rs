//! REST: what is mirrored, by us or of us, and which servers may be.

use super::mirror::{self, MANUAL};
use super::store::{self, MirrorRow};
use crate::app::App;
use crate::check::{Body, Check, Query, iso, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::listing::{Listed, Paging, Sort};
use crate::video::{self, VideoRef};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use fediverse::webfinger::read_host;
use serde_json::{Value, json};

pub async fn allow(
    State(app): State<App>,
    Path(host): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let host = read_host(&host).map_err(|_| wrong_param("host", &host))?;
    let mut check = Check::body(&body);
    let allowed = check.strict_bool("redundancyAllowed");
    let allowed = check
        .required("redundancyAllowed", allowed)
        .unwrap_or(false);
    check.finish()?;
    if !store::allow_mirroring(&app.db, &host, allowed).await? {
        return Err(Error::not_found(format!("Server {host} not found.")));
    }
    if !allowed {
        for mirror in store::own_mirrors_of_host(&app.db, &host).await? {
            mirror::end(&app, &mirror).await?;
        }
    }
    Ok(no_content())
}

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["name"], "name")?;
    let mut check = Check::query(&query);
    let target = check.one_of("target", &["my-videos", "remote-videos"]);
    let target = check.required("target", target).unwrap_or_default();
    check.finish()?;
    let of_ours = target == "my-videos";
    let (total, rows) = store::mirrors(&app.db, of_ours, sort.descending, paging).await?;
    Ok(Listed::new(
        total,
        rows.iter().map(|row| view(&app, row)).collect(),
    ))
}

fn view(app: &App, row: &MirrorRow) -> Value {
    let url = row
        .video_url
        .clone()
        .unwrap_or_else(|| super::video_out::url(app, row.video_uuid));
    let copy = json!({
        "id": row.id, "strategy": row.strategy, "fileUrl": row.base_url, "size": row.size_bytes,
        "expiresOn": row.expires_at.map(iso), "createdAt": iso(row.created_at), "updatedAt": iso(row.updated_at),
    });
    json!({
        "id": row.video_id, "uuid": row.video_uuid, "name": row.video_name, "url": url,
        "redundancies": { "files": [], "streamingPlaylists": [copy] },
    })
}

/// Mirrors one video of another server, for as long as the administrator wants it.
pub async fn add(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let by = match body.get("videoId") {
        Some(Value::Number(number)) => VideoRef::read(&number.to_string())?,
        Some(Value::String(text)) => VideoRef::read(text)?,
        _ => return Err(wrong_param("videoId", "")),
    };
    let video = video::find(&app, by).await?;
    if video.is_local {
        return Err(Error::bad_request(
            "Cannot create a redundancy on a local video",
        ));
    }
    if video.is_live {
        return Err(Error::bad_request(
            "Cannot create a redundancy of a live video",
        ));
    }
    if store::own_mirror(&app.db, video.id).await?.is_some() {
        return Err(Error::conflict(
            "This video is already duplicated by your instance.",
        ));
    }
    mirror::begin(&app, &video, MANUAL, None).await?;
    Ok(no_content())
}

pub async fn remove(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| wrong_param("redundancyId", &id))?;
    let found = store::mirror(&app.db, number).await?;
    let found = found.filter(|mirror| mirror.actor_id.is_none());
    let mirror = found.ok_or_else(|| Error::not_found("Video redundancy not found"))?;
    mirror::end(&app, &mirror).await?;
    Ok(no_content())
}
