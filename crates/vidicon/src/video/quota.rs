//! How much room a user has left.

use super::store;
use crate::account::{AccountId, User};
use crate::app::App;
use crate::error::{Error, Result};
use base::clock::DAY;
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

/// 413 when this many bytes more would reach a quota.
pub async fn room_left(app: &App, user: &User, more_bytes: i64) -> Result<()> {
    if user.quota_bytes < 0 && user.quota_daily_bytes < 0 {
        return Ok(());
    }
    let used = quota_used(app, user.account_id).await?;
    let is_over = |used: i64, quota: i64| quota >= 0 && used.saturating_add(more_bytes) >= quota;
    if is_over(used.total_bytes, user.quota_bytes)
        || is_over(used.daily_bytes, user.quota_daily_bytes)
    {
        return Err(
            Error::too_large("The user video quota is exceeded with this video.")
                .code("quota_reached"),
        );
    }
    Ok(())
}
