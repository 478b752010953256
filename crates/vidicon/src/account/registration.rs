//! Requests to join, on sites where somebody decides who may.

use super::{UserId, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::Executor;
use base::{Id, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

/// Marks ids of requests to join.
pub type RegistrationId = Id<Registration>;

pub const PENDING: i64 = 1;
pub const REJECTED: i64 = 2;
pub const ACCEPTED: i64 = 3;

#[derive(Clone, Debug, Deserialize)]
pub struct Registration {
    pub id: RegistrationId,
    pub username: String,
    pub email: String,
    pub email_verified: Option<bool>,
    pub password_hash: String,
    pub display_name: Option<String>,
    pub channel_name: Option<String>,
    pub channel_display_name: Option<String>,
    pub reason: String,
    pub state: i64,
    pub response: Option<String>,
    pub user_id: Option<UserId>,
    pub created_at: Millis,
    pub updated_at: Millis,
}

#[derive(Clone, Debug)]
pub struct NewRegistration {
    pub username: String,
    pub email: String,
    pub email_verified: Option<bool>,
    pub password_hash: String,
    pub display_name: Option<String>,
    pub channel_name: Option<String>,
    pub channel_display_name: Option<String>,
    pub reason: String,
}

impl Registration {
    pub fn view(&self) -> Value {
        let label = match self.state {
            REJECTED => "Rejected",
            ACCEPTED => "Accepted",
            _ => "Pending",
        };
        json!({
            "id": self.id,
            "state": { "id": self.state, "label": label },
            "registrationReason": self.reason,
            "moderationResponse": self.response,
            "username": self.username,
            "email": self.email,
            "emailVerified": self.email_verified,
            "accountDisplayName": self.display_name,
            "channelHandle": self.channel_name,
            "channelDisplayName": self.channel_display_name,
            "createdAt": crate::check::iso(self.created_at),
            "updatedAt": crate::check::iso(self.updated_at),
            "user": self.user_id.map(|id| json!({ "id": id })),
        })
    }
}

/// Adds a request; 409 when another one waits for the same name, address or channel.
pub async fn add(tx: &mut Tx, new: &NewRegistration, now: Millis) -> Result<RegistrationId> {
    store::registration::add(tx, new, now).await.map_err(|error| {
        if error.is_unique() {
            Error::conflict("A registration request for this username, email or channel is already waiting.")
        } else {
            error.into()
        }
    })
}

pub async fn find(on: impl Executor, id: RegistrationId) -> Result<Registration> {
    let found = store::registration::find(on, id).await?;
    found.ok_or_else(|| Error::not_found("Registration not found"))
}

pub async fn pending_by_email(app: &App, email: &str) -> Result<Option<Registration>> {
    Ok(store::registration::pending_by_email(&app.db, email).await?)
}

/// The newest request under this user name or address.
pub async fn newest_by_login(app: &App, login: &str) -> Result<Option<Registration>> {
    Ok(store::registration::newest_by_login(&app.db, login).await?)
}

/// How many wait for a decision.
pub async fn pending_count(app: &App) -> Result<i64> {
    Ok(store::registration::pending_count(&app.db).await?)
}

pub async fn list(
    app: &App,
    search: Option<&str>,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Registration>)> {
    let search = search.map(super::like);
    let total = store::registration::count(&app.db, search.as_deref()).await?;
    let data = store::registration::list(&app.db, search.as_deref(), paging, sort).await?;
    Ok((total, data))
}

/// Notes what was decided; false when somebody decided before.
pub async fn decide(
    tx: &mut Tx,
    id: RegistrationId,
    state: i64,
    response: &str,
    user_id: Option<UserId>,
    now: Millis,
) -> Result<bool> {
    let changed = store::registration::decide(tx, id, state, response, user_id, now).await?;
    Ok(changed > 0)
}

pub async fn prove_email(tx: &mut Tx, id: RegistrationId, now: Millis) -> Result<()> {
    Ok(store::registration::prove_email(tx, id, now)
        .await
        .map(drop)?)
}

pub async fn remove(app: &App, id: RegistrationId) -> Result<bool> {
    Ok(store::registration::delete(&app.db, id).await? > 0)
}
