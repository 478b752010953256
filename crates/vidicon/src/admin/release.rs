//! Tells administrators, once, that there is a newer release of this program.

use crate::app::App;
use crate::install::update::{self, Outcome, Plan};
use crate::instance;
use crate::notice::Notice;
use base::job::JobError;
use std::path::PathBuf;

pub const JOB: &str = "newest_release";

/// The version that was told last.
const TOLD: &str = "release told";

/// Looks where `vidicon update` would, and believes the same signature.
pub async fn look(app: &App) -> Result<(), JobError> {
    let wanted = &app.config.update;
    if wanted.url.is_empty() || wanted.key.is_empty() {
        return Ok(());
    }
    let plan = Plan {
        from: wanted.url.clone(),
        key: wanted.key.clone(),
        binary: PathBuf::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        security_only: false,
        check_only: true,
        allow_private: app.config.server.allow_private_addresses,
    };
    let found = update::run(&plan).await;
    let version = match found.map_err(|error| JobError::Fail(format!("{error:#}")))? {
        Outcome::There(version) | Outcome::Urgent(version) => version,
        Outcome::Newest | Outcome::Done(_) => return Ok(()),
    };
    if instance::fact(&app.db, TOLD).await? == Some(version.as_str().into()) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let notice = Notice::NewVersion {
        version: version.clone(),
    };
    notice.enqueue(&mut tx, app.clock.now()).await?;
    tx.commit().await?;
    instance::keep_fact(&app.db, &app.clock, TOLD, version.into()).await?;
    app.workers.wake();
    Ok(())
}
