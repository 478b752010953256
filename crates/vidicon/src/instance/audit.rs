//! Who changed what: a row for each change that somebody made over the API, kept for a year.

use crate::app::App;
use axum::http::Method;
use base::clock::Millis;
use base::db::{Executor, Result};
use base::{Db, Id};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::IpAddr;

/// Changes that say nothing about anybody: they are many, and nobody will look for them.
const QUIET: [&str; 8] = [
    "/views",
    "/watching",
    "/upload-resumable",
    "/replace-resumable",
    "/notifications/",
    "/logs/client",
    "/metrics/",
    "/server/debug/",
];

#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    pub at: Millis,
    pub username: String,
    pub domain: String,
    pub action: String,
    #[serde(deserialize_with = "base::db::json")]
    pub data: Value,
}

/// A request that changed something.
#[derive(Clone, Debug)]
pub struct Change {
    pub method: Method,
    pub path: String,
    pub ip: IpAddr,
}

/// Left on a response by a handler that knows more: what was there before and after.
#[derive(Clone, Debug)]
pub struct Details(pub Value);

/// Notes a change that went well. A failure to do so must not undo the change.
pub async fn note<T>(
    app: &App,
    user: Id<T>,
    username: &str,
    change: &Change,
    details: Option<&Details>,
) {
    let (method, path) = (&change.method, change.path.as_str());
    if QUIET.iter().any(|quiet| path.contains(quiet)) {
        return;
    }
    let Some((domain, action)) = sorted(method, path) else {
        return;
    };
    let entry = Entry {
        at: app.clock.now(),
        username: username.to_owned(),
        domain,
        action: action.to_owned(),
        data: json!({
            "path": path, "method": method.as_str(), "ip": change.ip.to_string(),
            "details": details.map(|details| &details.0),
        }),
    };
    if let Err(error) = super::store::add_audit(&app.db, Some(user.0), &entry).await {
        tracing::error!(%error, "could not write to the audit log");
    }
}

/// Notes an act in the transaction that does it.
pub async fn add(on: impl Executor, entry: &Entry) -> Result<()> {
    super::store::add_audit(on, None, entry).await.map(drop)
}

/// What kind of thing was changed, and how: `("videos", "update")`.
fn sorted(method: &Method, path: &str) -> Option<(String, &'static str)> {
    let rest = path.strip_prefix("/api/v1/")?;
    let domain = rest.split('/').next()?.to_owned();
    let action = match *method {
        Method::POST => "create",
        Method::PUT | Method::PATCH => "update",
        Method::DELETE => "delete",
        _ => return None,
    };
    Some((domain, action))
}

/// The newest 5,000 changes of this time, oldest first.
pub async fn between(db: &Db, from: Millis, until: Millis) -> Result<Vec<Entry>> {
    let mut entries = super::store::audit(db, from, until).await?;
    entries.reverse();
    Ok(entries)
}

/// Forgets what is older.
pub async fn prune(db: &Db, before: Millis) -> Result<u64> {
    super::store::prune_audit(db, before).await
}
