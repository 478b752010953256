//! What an actor has published before we followed it; and servers to follow from a list.

use super::remote::{self, RemoteError};
use super::store;
use super::{follow_api, local, rules, video_in, video_more};
use crate::account::ActorId;
use crate::app::App;
use base::Tx;
use base::clock::Millis;
use base::fetch::FetchRequest;
use base::job::{JobError, NewJob, Running};
use fediverse::address::Id;
use fediverse::webfinger::{Handle, read_host};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The kind of the job that reads the outbox of somebody whom we follow now.
pub const JOB: &str = "federation_outbox";
/// Comes round by itself: follows the servers of a list.
pub const INDEX_JOB: &str = "federation_follow_index";
const MAX_PAGES: usize = 100;
const MAX_VIDEOS: usize = 500;
const MAX_HOSTS: usize = 2_000;
const PATIENCE: Duration = Duration::from_secs(20);

pub async fn read_later(tx: &mut Tx, actor: ActorId, now: Millis) -> base::db::Result<()> {
    NewJob::new(JOB, json!({ "actorId": actor }))
        .max_attempts(3)
        .once(format!("{JOB}:{actor}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    actor_id: ActorId,
}

pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { actor_id } = running.job.payload()?;
    let Some(actor) = store::actor(&app.db, actor_id).await? else {
        return Ok(());
    };
    let outbox = actor
        .outbox_url
        .as_deref()
        .and_then(|url| Id::parse(url, rules(app)).ok());
    let Some(outbox) = outbox.filter(|_| !actor.is_local()) else {
        return Ok(());
    };
    for id in video_more::walk(app, outbox, MAX_PAGES, MAX_VIDEOS).await? {
        if running.stop.is_cancelled() {
            break;
        }
        if local::is_here(app, &id) {
            continue;
        }
        let known = store::video_by_url(&app.db, id.as_str()).await?;
        let video = match known {
            Some(known) => Ok(known.id),
            None => video_in::fetch(app, &id).await,
        };
        match video {
            Ok(video) if actor.kind != "account" => {
                store::add_share(&app.db, video, actor.id, None, app.clock.now()).await?;
            }
            Ok(_) => {}
            // What is no video is none of our business.
            Err(RemoteError::Refused(cause)) => tracing::debug!(cause, "left out of an outbox"),
            Err(error) => tracing::debug!(%error, "an outbox names what cannot be had"),
        }
    }
    Ok(())
}

/// Follows every server of the list that the administrator has named, and that is not followed yet.
pub async fn follow_index(app: &App) -> Result<(), JobError> {
    let index = &app
        .instance
        .settings()
        .followings
        .instance
        .auto_follow_index;
    let (enabled, url) = (index.enabled, index.index_url.clone());
    if !enabled || !app.config.federation.enabled {
        return Ok(());
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    let request = FetchRequest::get(format!("{url}{separator}count=1000"))
        .timeout(PATIENCE)
        .redirects(2);
    let answer = app
        .fetch
        .send(request)
        .await
        .and_then(|answer| answer.success());
    let answer = answer.map_err(|error| JobError::from(remote::unreachable(error)))?;
    let document =
        fediverse::json::parse(&answer.body).map_err(|error| JobError::Fail(error.to_string()))?;
    let hosts = fediverse::json::items(&document, "data")
        .into_iter()
        .take(MAX_HOSTS);
    let hosts =
        hosts.filter_map(|entry| read_host(entry.get("host").and_then(Value::as_str)?).ok());
    let server = local::server_actor(app).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    for host in hosts.filter(|host| *host != app.host()) {
        let is_followed = !store::follows_of_host(&mut tx, server.id, &host)
            .await?
            .is_empty();
        if is_followed || store::is_muted(&mut tx, &host, None).await? {
            continue;
        }
        let handle = Handle {
            name: super::SERVER_NAME.to_owned(),
            host,
        };
        follow_api::ask(&mut tx, &handle.to_string(), now).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
