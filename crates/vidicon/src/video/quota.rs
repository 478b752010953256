//! How much room a user has left.

use super::store;
use crate::account::{AccountId, Role, User, group};
use crate::app::App;
use crate::error::{Error, Result};
use base::Tx;
use base::clock::{DAY, HOUR, Millis};
use serde::Deserialize;

/// Bytes of the largest file of each of an account's videos, of all and of the last 24 hours.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Used {
    pub total_bytes: i64,
    pub daily_bytes: i64,
}

pub async fn quota_used(app: &App, account_id: AccountId) -> Result<Used> {
    Ok(store::used(&app.db, account_id, app.clock.now() - DAY).await?)
}

/// 403 when somebody new here has added as many videos today as newcomers may.
pub async fn newcomer_may_add(app: &App, user: &User) -> Result<()> {
    let rules = app.instance.settings().moderation.new_accounts;
    if rules.max_videos < 0 || !is_newcomer(app, user) {
        return Ok(());
    }
    let since = app.clock.now() - DAY;
    if store::added_since(&app.db, user.account_id, since).await? >= rules.max_videos {
        return Err(Error::forbidden(format!(
            "New accounts can add at most {} videos a day.",
            rules.max_videos
        )));
    }
    Ok(())
}

/// Is the user's account in its first hours, and does the site care?
pub fn is_newcomer(app: &App, user: &User) -> bool {
    let rules = app.instance.settings().moderation.new_accounts;
    rules.enabled
        && user.role == Role::User
        && app.clock.now() - user.created_at < rules.hours * HOUR
}

/// Bytes that a user may still add; nothing when there is no limit.
pub async fn bytes_left(app: &App, user: &User) -> Result<Option<u64>> {
    let room = group::room(&app.db, user).await?;
    let used = quota_used(app, user.account_id).await?;
    let limits = [
        (room.total_bytes, used.total_bytes),
        (room.daily_bytes, used.daily_bytes),
    ];
    let left = limits
        .into_iter()
        .filter(|(quota, _)| *quota >= 0)
        .map(|(quota, used)| u64::try_from(quota.saturating_sub(used)).unwrap_or(0));
    Ok(left.min())
}

/// 413 when this many bytes more would reach a quota, or while the site's budget takes no new files.
pub async fn room_left(app: &App, user: &User, more_bytes: i64) -> Result<()> {
    if app.traffic.savings().stop_uploads {
        return Err(Error::too_large(
            "This month's budget of the site is used up; new files can come again next month.",
        )
        .code("budget_used_up"));
    }
    if is_unlimited(user) {
        return Ok(());
    }
    let room = group::room(&app.db, user).await?;
    let used = quota_used(app, user.account_id).await?;
    fits(&room, &used, more_bytes)
}

/// The same in the transaction that adds the bytes: of two files that come at the same moment only
/// one gets the last of the room.
pub async fn take_room(tx: &mut Tx, user: &User, more_bytes: i64, now: Millis) -> Result<()> {
    if is_unlimited(user) {
        return Ok(());
    }
    store::wait_for_user(&mut *tx, user.id).await?;
    let room = group::room(&mut *tx, user).await?;
    let used = store::used(&mut *tx, user.account_id, now - DAY).await?;
    fits(&room, &used, more_bytes)
}

/// A user's own quota is the least that groups leave.
fn is_unlimited(user: &User) -> bool {
    user.quota_bytes < 0 && user.quota_daily_bytes < 0
}

fn fits(room: &group::Room, used: &Used, more_bytes: i64) -> Result<()> {
    let is_over = |used: i64, quota: i64| quota >= 0 && used.saturating_add(more_bytes) >= quota;
    if is_over(used.total_bytes, room.total_bytes) || is_over(used.daily_bytes, room.daily_bytes) {
        return Err(
            Error::too_large("The user video quota is exceeded with this video.")
                .code("quota_reached"),
        );
    }
    Ok(())
}
