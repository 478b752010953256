//! What runs at another server, by its NodeInfo: some are told more than others.

use super::{remote, rules, store};
use crate::app::App;
use base::Tx;
use base::clock::Millis;
use base::fetch::FetchRequest;
use base::job::{JobError, NewJob, Running};
use fediverse::address::Id;
use fediverse::{json, nodeinfo};
use serde::Deserialize;
use serde_json::{Value, json as as_json};
use std::time::Duration;

/// The kind of the job that asks a server what it is.
pub const JOB: &str = "federation_peer";
const PATIENCE: Duration = Duration::from_secs(10);
/// What is kept of a server that does not say.
const UNKNOWN: &str = "unknown";

/// Asks later, if it is not known.
pub async fn ask(tx: &mut Tx, host: &str, now: Millis) -> base::db::Result<()> {
    if !store::is_software_known(&mut *tx, host).await? {
        NewJob::new(JOB, as_json!({ "host": host }))
            .max_attempts(2)
            .priority(-1)
            .once(format!("{JOB}:{host}"))
            .enqueue(tx, now)
            .await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Payload {
    host: String,
}

pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { host } = running.job.payload()?;
    let found = software(app, &host).await;
    let (name, version) = match &found {
        Ok(found) => (found.name.to_lowercase(), Some(found.version.as_str())),
        Err(error) => {
            tracing::debug!(%error, host, "a server does not say what it is");
            (UNKNOWN.to_owned(), None)
        }
    };
    store::note_software(&app.db, &host, &name, version).await?;
    Ok(())
}

/// What a server says it is.
pub async fn software(app: &App, host: &str) -> remote::Result<nodeinfo::Software> {
    let refuse = |why: &str| remote::RemoteError::Refused(format!("{host}: {why}"));
    let scheme = if rules(app).http_allowed {
        "http"
    } else {
        "https"
    };
    let links = get(app, &format!("{scheme}://{host}/.well-known/nodeinfo")).await?;
    let best = nodeinfo::best_link(&links).ok_or_else(|| refuse("its NodeInfo leads nowhere"))?;
    let best = Id::parse(best, rules(app))?;
    if best.host() != host {
        return Err(refuse("its NodeInfo is on another server"));
    }
    let info = get(app, best.as_str()).await?;
    nodeinfo::read_software(&info).ok_or_else(|| refuse("its NodeInfo names no software"))
}

async fn get(app: &App, url: &str) -> remote::Result<Value> {
    let request = FetchRequest::get(url).timeout(PATIENCE).redirects(2);
    let answer = app
        .fetch
        .send(request)
        .await
        .and_then(|answer| answer.success());
    Ok(json::parse(&answer.map_err(remote::unreachable)?.body)?)
}
