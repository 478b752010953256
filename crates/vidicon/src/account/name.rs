//! Names that deleted accounts and channels leave behind, and how an administrator frees them.

use super::store;
use crate::app::App;
use crate::error::{Error, Result};
use crate::instance::audit;
use crate::listing::Paging;
use base::clock::{DAY, Millis};
use serde::Deserialize;
use serde_json::json;

/// A name that nobody has any more and nobody can take yet.
#[derive(Clone, Debug, Deserialize)]
pub struct Buried {
    pub name: String,
    /// `account` or `channel`.
    pub kind: String,
    pub deleted_at: Millis,
}

pub async fn list(app: &App, search: Option<&str>, paging: Paging) -> Result<(i64, Vec<Buried>)> {
    let total = store::name::count(&app.db, search).await?;
    let data = store::name::list(&app.db, search, paging).await?;
    Ok((total, data))
}

/// From when on a name can be freed.
pub fn free_from(app: &App, deleted_at: Millis) -> Millis {
    deleted_at + app.instance.settings().user.name_tombstone_days * DAY
}

/// Frees a name: somebody new can take it, with new keys. What is known of the old holder stays
/// under no name at all, and the old keys are forgotten. `by` is who does it, for the audit log.
pub async fn release(app: &App, name: &str, by: &str) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let Some((actor_id, deleted_at)) = store::name::find(&mut tx, name).await? else {
        return Err(Error::not_found(
            "No deleted account or channel has this name.",
        ));
    };
    let Some(deleted_at) = deleted_at else {
        return Err(Error::conflict("Somebody has this name."));
    };
    let free_from = free_from(app, deleted_at);
    if now < free_from {
        let detail = format!(
            "This name cannot be freed before {}.",
            crate::check::iso(free_from)
        );
        return Err(Error::conflict(detail));
    }
    store::name::release(&mut tx, actor_id, now).await?;
    let entry = audit::Entry {
        at: now,
        username: by.to_owned(),
        domain: "names".to_owned(),
        action: "release".to_owned(),
        data: json!({ "name": name, "deletedAt": crate::check::iso(deleted_at) }),
    };
    audit::add(&mut tx, &entry).await?;
    Ok(tx.commit().await?)
}
