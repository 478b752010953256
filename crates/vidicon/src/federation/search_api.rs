//! Search by the address or handle of something at another server: it is fetched first, then found
//! like all else.

use super::remote;
use super::{door, rules, store, video_in};
use crate::access::Viewer;
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::search::{api, index};
use axum::extract::State;
use axum::response::Response;
use base::clock::{DAY, Millis};
use fediverse::address::Id;
use fediverse::webfinger::Handle;
use serde_json::{Map, Value, json};

/// After this long a known thing is looked at anew when somebody asks for it.
const FRESH: Millis = DAY;

/// Whether this viewer's search may ask other servers.
pub fn may_ask(app: &App, viewer: &Viewer) -> bool {
    let allowed = app.instance.settings().search.remote_uri;
    let is_allowed = if viewer.user().is_some() {
        allowed.users
    } else {
        allowed.anonymous
    };
    app.config.federation.enabled && is_allowed
}

fn asked(input: &Map<String, Value>) -> Option<&str> {
    let text = input.get("search").and_then(Value::as_str)?.trim();
    (text.len() <= 1_000).then_some(text)
}

/// The address of another server that is asked for.
pub fn elsewhere(app: &App, text: &str) -> Option<Id> {
    let id = Id::parse(text, rules(app)).ok()?;
    (id.host() != app.host() && door::is_welcome(app, &id.host())).then_some(id)
}

pub async fn videos(
    State(app): State<App>,
    viewer: Viewer,
    Query(mut input): Query,
) -> Result<Response> {
    if !index::is_asked(&app, &input)
        && let Some(id) = asked(&input).and_then(|text| elsewhere(&app, text))
        && may_ask(&app, &viewer)
        && let Some(url) = find_video(&app, &id).await
    {
        input.insert("search".to_owned(), json!(url));
    }
    api::videos(State(app), viewer, Query(input)).await
}

/// The id of the video at an address, which may be that of its page.
pub async fn find_video(app: &App, id: &Id) -> Option<String> {
    let now = app.clock.now();
    let known = store::video_by_url(&app.db, id.as_str()).await.ok()?;
    if known.is_some_and(|known| known.fetched_at.is_some_and(|at| at > now - FRESH)) {
        return Some(id.as_str().to_owned());
    }
    match video_in::fetch_at(app, id).await {
        Ok(url) => Some(url),
        Err(error) => {
            tracing::debug!(%error, %id, "a search asked for what could not be had");
            None
        }
    }
}

pub async fn channels(
    State(app): State<App>,
    viewer: Viewer,
    Query(mut input): Query,
) -> Result<Response> {
    if !index::is_asked(&app, &input)
        && let Some(text) = asked(&input)
        && may_ask(&app, &viewer)
        && let Some(handle) = find_actor(&app, text).await
    {
        input.insert("search".to_owned(), json!(handle));
    }
    api::channels(State(app), Query(input)).await
}

/// The handle of the actor that an address or a handle names, if it is one of another server.
pub async fn find_actor(app: &App, text: &str) -> Option<String> {
    let found = if let Some(id) = elsewhere(app, text) {
        match store::actor_by_url(&app.db, id.as_str()).await.ok()? {
            Some(known) if known.deleted_at.is_none() => {
                remote::actor(app, &id).await.or(Ok(known))
            }
            _ => remote::actor_at(app, &id).await,
        }
    } else if !text.contains("://") && text.contains('@') {
        let handle = Handle::parse(text).ok()?;
        if handle.host == app.host() || !door::is_welcome(app, &handle.host) {
            return None;
        }
        remote::actor_by_handle(app, &handle).await
    } else {
        return None;
    };
    match found {
        Ok(actor) if !actor.is_local() => Some(format!("{}@{}", actor.name, actor.host)),
        Ok(_) => None,
        Err(error) => {
            tracing::debug!(%error, text, "a search asked for somebody who could not be had");
            None
        }
    }
}
