//! New videos that wait for a moderator, where the site wants it so.

use super::{VideoId, block};
use crate::account::{Right, User};
use crate::app::App;
use crate::error::Result;
use base::Tx;
use base::clock::Millis;

const REASON: &str = "Auto-blacklisted. Moderator review required.";
/// The bit of a user's flags that lets their videos pass.
const BYPASS: i64 = 1;

/// Do the videos of this user wait?
pub fn applies(app: &App, user: &User) -> bool {
    let settings = app.instance.settings();
    settings.auto_blacklist.videos.of_users.enabled && !passes(user)
}

/// Those who judge videos, and those for whom an administrator has said so, wait for nobody.
pub fn passes(user: &User) -> bool {
    user.has(Right::ManageVideoBlacklist) || user.admin_flags & BYPASS != 0
}

/// Keeps a new video, or one with a new file, out of sight until a moderator has looked at it.
pub async fn hold(app: &App, tx: &mut Tx, id: VideoId, user: &User, now: Millis) -> Result<()> {
    if applies(app, user) {
        block(tx, id, true, Some(REASON), None, true, now).await?;
    }
    Ok(())
}
