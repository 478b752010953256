//! Devices that a user logs in with: a mail tells of each new one.

use super::session::{Origin, token_hash};
use super::{UserId, store};
use crate::app::App;
use crate::error::Result;
use base::job::NewJob;
use serde_json::json;

/// The job that mails; `user` answers it.
const MAIL_JOB: &str = "account-mail";

/// Remembers the device of a log-in. Of the first device of all nothing is said.
pub async fn note(app: &App, user: UserId, origin: &Origin) -> Result<()> {
    let name = origin.device.as_deref().unwrap_or("unknown");
    let hash = token_hash(name);
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let is_new = store::device::add(&mut tx, user, &hash, now).await?;
    let tell = is_new && app.mail.is_on() && store::device::count(&mut tx, user).await? > 1;
    if tell {
        let login = json!({
            "userId": user, "device": name, "ip": origin.ip, "at": now,
        });
        NewJob::new(MAIL_JOB, json!({ "what": "new-device", "id": login }))
            .enqueue(&mut tx, now)
            .await?;
    }
    tx.commit().await?;
    if tell {
        app.workers.wake();
    }
    Ok(())
}
