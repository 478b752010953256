//! Who changed what: a row for each change that somebody made over the API, kept for a year.

use crate::app::App;
use axum::http::Method;
use base::clock::Millis;
use base::db::Result;
use base::{Db, Id};
use serde::Deserialize;
use serde_json::{Value, json};

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

/// Notes a change that went well. A failure to do so must not undo the change.
pub async fn note<T>(app: &App, user: Id<T>, username: &str, method: &Method, path: &str) {
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
        data: json!({ "path": path, "method": method.as_str() }),
    };
    if let Err(error) = super::store::add_audit(&app.db, user.0, &entry).await {
        tracing::error!(%error, "could not write to the audit log");
    }
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
