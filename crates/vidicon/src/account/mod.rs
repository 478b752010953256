//! People: accounts (what others see), users (who can log in), their roles and sessions.

pub mod api;
pub mod page;
pub mod password;
pub mod role;
pub mod session;
mod store;

pub use role::{Right, Role};

use crate::app::App;
use crate::error::{Error, Result};
use base::clock::Millis;
use base::{Id, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Marks ids of accounts.
#[derive(Debug)]
pub enum Account {}
/// Marks ids of actors.
#[derive(Debug)]
pub enum Actor {}

pub type AccountId = Id<Account>;
pub type ActorId = Id<Actor>;
pub type UserId = Id<User>;

/// Somebody who can log in here, with the account that others see.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub email: String,
    pub email_verified: Option<bool>,
    pub pending_email: Option<String>,
    pub role: Role,
    /// Bytes; -1 for no limit.
    pub quota_bytes: i64,
    pub quota_daily_bytes: i64,
    pub admin_flags: i64,
    pub blocked: bool,
    pub blocked_reason: Option<String>,
    #[serde(deserialize_with = "base::db::json")]
    pub settings: Map<String, Value>,
    #[serde(deserialize_with = "base::db::json")]
    pub notification_settings: Map<String, Value>,
    /// Second factor is on.
    pub two_factor: bool,
    pub last_login_at: Option<Millis>,
    pub created_at: Millis,
    pub account_id: AccountId,
    pub actor_id: ActorId,
    pub display_name: String,
    pub description: Option<String>,
}

impl User {
    pub fn has(&self, right: Right) -> bool {
        self.role.has(right)
    }

    /// The first account of all, which nobody can block or delete.
    pub fn is_root(&self) -> bool {
        self.username == "root"
    }
}

/// What sensitive videos become in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NsfwPolicy {
    DoNotList,
    Warn,
    Blur,
    Display,
}

/// What each new account brings along.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: String,
    pub email: String,
    pub password: Option<String>,
    pub role: Role,
    pub quota_bytes: i64,
    pub quota_daily_bytes: i64,
    pub admin_flags: i64,
    pub email_verified: Option<bool>,
    pub display_name: Option<String>,
}

impl NewUser {
    /// The settings that a new user starts with.
    fn settings() -> Value {
        json!({
            "p2pEnabled": true, "videosHistoryEnabled": true, "autoPlayVideo": true,
            "autoPlayNextVideo": false, "autoPlayNextVideoPlaylist": true, "videoLanguages": null,
            "theme": "instance-default", "emailPublic": false, "noInstanceConfigWarningModal": false,
            "noWelcomeModal": false, "noAccountSetupWarningModal": false,
        })
    }

    /// 1 is on the site, 2 by mail, 3 both.
    fn notification_settings() -> Value {
        json!({
            "newVideoFromSubscription": 1, "newCommentOnMyVideo": 1, "abuseAsModerator": 3,
            "videoAutoBlacklistAsModerator": 3, "blacklistOnMyVideo": 3, "myVideoImportFinished": 1,
            "myVideoPublished": 1, "commentMention": 1, "newFollow": 1, "newUserRegistration": 1,
            "newInstanceFollower": 1, "autoInstanceFollowing": 1, "abuseStateChange": 3,
            "abuseNewMessage": 3, "newPeerTubeVersion": 3, "newPluginVersion": 1,
            "myVideoStudioEditionFinished": 1, "myVideoTranscriptionGenerated": 1,
        })
    }
}

/// Adds a user with the account that others see. The caller adds the first channel in the same
/// transaction: see `user::create`.
pub async fn add(
    tx: &mut Tx,
    new: &NewUser,
    password_hash: Option<String>,
    now: Millis,
) -> Result<(UserId, AccountId)> {
    let taken = |error: base::db::Error| match error {
        error if error.is_unique() => {
            Error::conflict("User with this username or email already exists.")
        }
        error => error.into(),
    };
    let actor_id = store::add_actor(&mut *tx, "account", &new.username, now)
        .await
        .map_err(taken)?;
    let (settings, notices) = (NewUser::settings(), NewUser::notification_settings());
    let user_id = store::add_user(&mut *tx, new, password_hash, settings, notices, now)
        .await
        .map_err(taken)?;
    let display_name = new.display_name.as_deref().unwrap_or(&new.username);
    let account_id = store::add_account(&mut *tx, actor_id, user_id, display_name, now).await?;
    Ok((user_id, account_id))
}

/// Takes a name for a channel or a server actor; 409 when it is or was in use.
pub async fn add_actor(tx: &mut Tx, kind: &str, name: &str, now: Millis) -> Result<ActorId> {
    store::add_actor(tx, kind, name, now).await.map_err(|error| match error {
        error if error.is_unique() => Error::conflict(
            "Another actor (account/channel) with this name on this instance already exists or has already existed.",
        ),
        error => error.into(),
    })
}

pub async fn user_count(app: &App) -> Result<i64> {
    Ok(store::user_count(&app.db).await?)
}
