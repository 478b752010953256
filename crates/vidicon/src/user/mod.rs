//! A user with all that belongs to them: the account, the first channel, what is theirs.

pub mod api;

use crate::account::{self, AccountId, NewUser, Role, UserId, password};
use crate::app::App;
use crate::channel;
use crate::error::Result;

/// Adds a user, their account and their first channel, all or nothing.
pub async fn create(
    app: &App,
    new: &NewUser,
    channel_name: Option<&str>,
) -> Result<(UserId, AccountId)> {
    let hash = match &new.password {
        Some(password) => Some(password::hash(password).await?),
        None => None,
    };
    let now = app.clock.now();
    let usual = format!("{}_channel", new.username);
    let display_name = format!("Main {} channel", new.username);
    let mut tx = app.db.begin().await?;
    let (user_id, account_id) = account::add(&mut tx, new, hash, now).await?;
    let name = channel_name.unwrap_or(&usual);
    channel::add(&mut tx, account_id, name, &display_name, now).await?;
    tx.commit().await?;
    Ok((user_id, account_id))
}

/// Makes the first administrator when there is nobody yet. Gives the password when it was made up
/// here, so that it can be shown this once.
pub async fn ensure_root(app: &App, given: Option<&str>) -> Result<Option<String>> {
    if account::user_count(app).await? > 0 {
        return Ok(None);
    }
    let made_up: String = base::random::token().chars().take(20).collect();
    let new = NewUser {
        username: "root".to_owned(),
        email: "root@localhost.invalid".to_owned(),
        password: Some(given.map_or_else(|| made_up.clone(), str::to_owned)),
        role: Role::Administrator,
        quota_bytes: -1,
        quota_daily_bytes: -1,
        admin_flags: 0,
        email_verified: None,
        display_name: None,
    };
    create(app, &new, None).await?;
    Ok(given.is_none().then_some(made_up))
}
