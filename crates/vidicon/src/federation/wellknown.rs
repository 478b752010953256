//! How others find us: webfinger, host-meta and nodeinfo.

use super::store::{self, ActorRow};
use super::{SERVER_NAME, local};
use crate::app::App;
use crate::error::{Error, Result};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base::clock::DAY;
use fediverse::nodeinfo::{NodeInfo, VERSIONS};
use fediverse::webfinger::{self, Handle};
use serde_json::{Value, json};
use std::collections::HashMap;

const OPEN: (header::HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

pub async fn webfinger(
    State(app): State<App>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    is_on(&app)?;
    let resource = query.get("resource").filter(|text| !text.is_empty());
    let resource = resource.ok_or_else(|| Error::bad_request("resource is missing"))?;
    let actor = find(&app, resource).await?;
    let actor = actor.ok_or_else(|| Error::not_found("There is nobody of this name here."))?;
    let url = local::actor_url(&app, &actor);
    let page = match actor.kind.as_str() {
        "channel" => Some(app.url(&format!("/c/{}", actor.name))),
        "account" => Some(app.url(&format!("/a/{}", actor.name))),
        _ => None,
    };
    let pages: Vec<&str> = page.iter().map(String::as_str).collect();
    let handle = Handle {
        name: actor.name.clone(),
        host: app.host(),
    };
    let template = app.url("/remote-interaction?uri={uri}");
    let document = webfinger::document(&handle, &url, &pages, &template);
    Ok((
        [
            (header::CONTENT_TYPE, "application/jrd+json; charset=utf-8"),
            OPEN,
        ],
        document.to_string(),
    )
        .into_response())
}

/// By `acct:name@host`, or by an address of the actor.
async fn find(app: &App, resource: &str) -> Result<Option<ActorRow>> {
    if resource.contains("://") {
        return local::actor_at(app, resource).await;
    }
    let handle = Handle::parse(resource).map_err(|error| Error::bad_request(error.to_string()))?;
    let here =
        webfinger::read_host(&app.host()).map_err(|error| Error::internal(error.to_string()))?;
    let former = app
        .former_urls
        .iter()
        .filter_map(|url| url.split("://").nth(1));
    if handle.host != here && !former.into_iter().any(|known| known == handle.host) {
        return Ok(None);
    }
    let found = store::actor_by_name(&app.db, &handle.name, "").await?;
    Ok(found.filter(|actor| actor.deleted_at.is_none()))
}

pub async fn host_meta(State(app): State<App>) -> Response {
    let document = webfinger::host_meta(&app.config.server.public_url);
    (
        [
            (header::CONTENT_TYPE, "application/xrd+xml; charset=utf-8"),
            OPEN,
        ],
        document,
    )
        .into_response()
}

/// Beside the usual links the actor of this server, by which PeerTube finds whom to follow.
pub async fn nodeinfo_links(State(app): State<App>) -> Result<Response> {
    is_on(&app)?;
    let mut document = fediverse::nodeinfo::discovery(&app.config.server.public_url);
    if let Some(links) = document.get_mut("links").and_then(Value::as_array_mut) {
        links.push(json!({
            "rel": "https://www.w3.org/ns/activitystreams#Application",
            "href": local::own_url(&app, "server", SERVER_NAME),
        }));
    }
    Ok(([OPEN], axum::Json(document)).into_response())
}

fn is_on(app: &App) -> Result<()> {
    if app.config.federation.enabled {
        return Ok(());
    }
    Err(Error::not_found("Federation is switched off here."))
}

/// What PeerTube's own crawlers read of a site's settings here.
fn node_config(app: &App) -> Value {
    const PARTS: [&str; 17] = [
        "search",
        "plugin",
        "theme",
        "email",
        "contactForm",
        "transcoding",
        "live",
        "import",
        "autoBlacklist",
        "avatar",
        "video",
        "videoCaption",
        "user",
        "trending",
        "tracker",
        "videoStudio",
        "videoTranscription",
    ];
    let all = crate::instance::view::public(app, None);
    let part = |name: &&str| Some(((*name).to_owned(), all.get(*name)?.clone()));
    Value::Object(PARTS.iter().filter_map(part).collect())
}

pub async fn nodeinfo(State(app): State<App>, Path(file): Path<String>) -> Result<Response> {
    let version = file
        .strip_suffix(".json")
        .filter(|version| VERSIONS.contains(version));
    let version =
        version.ok_or_else(|| Error::not_found("There is no such version of NodeInfo."))?;
    let now = app.clock.now();
    let settings = app.instance.settings();
    // Some tools know only that word.
    let software = if settings.instance.answer_as_peertube {
        "peertube"
    } else {
        "vidicon"
    };
    let usage = store::usage(&app.db, now - 30 * DAY, now - 182 * DAY).await?;
    let info = NodeInfo {
        software: software.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        repository: None,
        open_registrations: settings.signup.enabled,
        users: usage.users,
        active_half_year: usage.active_half_year,
        active_month: usage.active_month,
        posts: usage.videos,
        comments: usage.comments,
        metadata: json!({
            "taxonomy": { "postsName": "Videos" },
            "nodeName": settings.instance.name,
            "nodeDescription": settings.instance.short_description,
            "nodeConfig": node_config(&app),
        }),
    };
    Ok(([OPEN], axum::Json(info.to_json(version))).into_response())
}
