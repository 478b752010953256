//! One-time codes: they go out by mail (or, for the second factor, in an answer) and prove that
//! somebody got them. Only their hashes are kept, and each works once.

use super::registration::RegistrationId;
use super::session::token_hash;
use super::{UserId, store};
use crate::error::Result;
use base::Tx;
use base::clock::{DAY, HOUR, MINUTE, Millis};
use base::db::Executor;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Choose a (new) password.
    Password,
    /// Prove the mail address of a user.
    Email,
    /// Prove the mail address of a request to join.
    Registration,
    /// Switch the second factor on.
    SecondFactor,
}

impl Purpose {
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Password => "password",
            Purpose::Email => "email",
            Purpose::Registration => "registration",
            Purpose::SecondFactor => "second-factor",
        }
    }
}

/// How long a code to reset a password or to prove an address works.
pub const MAILED_LIFE: Millis = HOUR;
/// How long the first password of a user made by an administrator can be chosen.
pub const FIRST_PASSWORD_LIFE: Millis = 7 * DAY;
pub const SECOND_FACTOR_LIFE: Millis = 10 * MINUTE;

/// What a code stands for.
#[derive(Clone, Debug, Deserialize)]
pub struct Code {
    pub purpose: Purpose,
    pub user_id: Option<UserId>,
    pub registration_id: Option<RegistrationId>,
    pub value: Option<String>,
}

impl Code {
    pub fn of_user(purpose: Purpose, user_id: UserId, value: Option<String>) -> Self {
        Code {
            purpose,
            user_id: Some(user_id),
            registration_id: None,
            value,
        }
    }
}

/// Makes a code and gives its text, which is kept nowhere.
pub async fn make(on: impl Executor, code: &Code, life: Millis, now: Millis) -> Result<String> {
    let text = base::random::token();
    store::code::add(on, &token_hash(&text), code, now + life).await?;
    Ok(text)
}

pub async fn find(
    on: impl Executor,
    text: &str,
    purpose: Purpose,
    now: Millis,
) -> Result<Option<Code>> {
    Ok(store::code::find(on, &token_hash(text), purpose, now).await?)
}

/// Voids all codes of a user for this purpose, used ones and those never used.
pub async fn void(tx: &mut Tx, user_id: UserId, purpose: Purpose) -> Result<()> {
    Ok(store::code::delete_of_user(tx, user_id, purpose)
        .await
        .map(drop)?)
}

pub async fn void_registration(tx: &mut Tx, id: RegistrationId) -> Result<()> {
    Ok(store::code::delete_of_registration(tx, id)
        .await
        .map(drop)?)
}

/// Removes codes that no longer work.
pub async fn tidy(on: impl Executor, now: Millis) -> Result<()> {
    Ok(store::code::delete_expired(on, now).await.map(drop)?)
}
