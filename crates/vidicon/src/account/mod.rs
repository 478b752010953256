//! People: accounts (what others see), users (who can log in), their roles and sessions.

pub mod password;
pub mod role;
pub mod session;
mod store;

pub use role::{Right, Role};

use base::Id;
use base::clock::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
