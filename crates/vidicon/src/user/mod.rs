//! A user with all that belongs to them: the account, the first channel, what is theirs.

pub mod api;
pub mod job;
pub mod page;
mod store;
pub mod view;

use crate::account::registration::{self, NewRegistration, Registration};
use crate::account::{self, AccountId, NewUser, Role, User, UserId, password, session};
use crate::app::App;
use crate::channel;
use crate::error::{Error, Result};
use crate::playlist;
use base::Tx;
use base::clock::{DAY, Millis};
use base::job::NewJob;
use serde_json::json;
use std::collections::HashMap;

/// What follows from sign-ups: moderators are told. Payloads: `{userId}`, `{registrationId}`.
pub const REGISTERED_JOB: &str = "user_registered";
pub const REQUESTED_JOB: &str = "registration_requested";

/// The channel that a new user gets; what is not said follows from the user's name.
#[derive(Clone, Debug, Default)]
pub struct FirstChannel {
    pub name: Option<String>,
    pub display_name: Option<String>,
}

/// Bytes that a user's videos take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    pub total_bytes: i64,
    /// Of the last 24 hours.
    pub daily_bytes: i64,
}

/// What a user did here, for administrators.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
pub struct Doings {
    pub videos: i64,
    pub comments: i64,
    /// Reports against the user, those of them that were accepted, and reports by the user.
    pub abuses: i64,
    pub abuses_accepted: i64,
    pub abuses_created: i64,
}

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
    let first = FirstChannel {
        name: channel_name.map(str::to_owned),
        display_name: None,
    };
    let mut tx = app.db.begin().await?;
    let made = add(app, &mut tx, new, hash, &first).await?;
    if new.password.is_none() {
        job::mail(app, &mut tx, job::Occasion::FirstPassword(made.0)).await?;
    }
    tx.commit().await?;
    Ok(made)
}

/// As [`create`], in a transaction of the caller's.
pub async fn add(
    app: &App,
    tx: &mut Tx,
    new: &NewUser,
    password_hash: Option<String>,
    first: &FirstChannel,
) -> Result<(UserId, AccountId)> {
    let now = app.clock.now();
    let settings = app.instance.settings();
    if account::is_user_known(&mut *tx, &new.username, &new.email).await?
        || account::is_name_taken(&mut *tx, &new.username).await?
    {
        return Err(Error::conflict(
            "User with this username or email already exists.",
        ));
    }
    let (user_id, account_id) = account::add(tx, &settings, new, password_hash, now).await?;
    let name = match &first.name {
        Some(name) => name.clone(),
        None => free_channel_name(tx, &new.username).await?,
    };
    let usual = &settings.user.default_channel_name;
    let usual: String = usual
        .replace("$1", &new.username)
        .chars()
        .take(120)
        .collect();
    let display_name = first.display_name.as_deref().unwrap_or(&usual);
    channel::add(tx, account_id, &name, display_name, now).await?;
    playlist::add_watch_later(tx, account_id, now).await?;
    Ok((user_id, account_id))
}

async fn free_channel_name(tx: &mut Tx, username: &str) -> Result<String> {
    let stem: String = username.chars().take(38).collect();
    let usual = format!("{stem}_channel");
    let tries = std::iter::once(usual.clone()).chain((1..30).map(|n| format!("{usual}-{n}")));
    for name in tries {
        if !account::is_name_taken(&mut *tx, &name).await? {
            return Ok(name);
        }
    }
    Err(Error::conflict(
        "No name for the first channel is free; give one.",
    ))
}

/// Are this user's name, address and channel free, and is the channel's name another one?
pub async fn check_names(
    app: &App,
    username: &str,
    email: &str,
    channel: Option<&str>,
) -> Result<()> {
    if account::is_user_known(&app.db, username, email).await?
        || account::is_name_taken(&app.db, username).await?
        || username == "peertube"
    {
        return Err(Error::conflict(
            "User with this username or email already exists.",
        ));
    }
    check_channel(app, username, channel).await
}

/// The second half of [`check_names`].
pub async fn check_channel(app: &App, username: &str, channel: Option<&str>) -> Result<()> {
    let Some(channel) = channel else {
        return Ok(());
    };
    if channel == username {
        return Err(Error::bad_request(
            "Channel name cannot be the same as user username.",
        ));
    }
    if account::is_name_taken(&app.db, channel).await? {
        return Err(Error::conflict(format!(
            "Channel with name {channel} already exists."
        )));
    }
    Ok(())
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

/// Removes a user at once, and what is theirs soon after: a job takes away their videos, channels
/// and files. Their names stay taken.
pub async fn delete(app: &App, user: &User) -> Result<()> {
    if user.is_root() {
        return Err(Error::bad_request("Cannot delete the root user"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    for (actor_id,) in store::actors_of_channels(&mut tx, user.account_id).await? {
        account::bury_actor(&mut tx, actor_id, now).await?;
    }
    account::remove_user(&mut tx, user, now).await?;
    NewJob::new("delete-account", json!({ "account_id": user.account_id }))
        .enqueue(&mut tx, now)
        .await?;
    Ok(tx.commit().await?)
}

/// Keeps a user out, or lets them in again.
pub async fn set_blocked(
    app: &App,
    user: &User,
    blocked: bool,
    reason: Option<String>,
) -> Result<()> {
    if user.is_root() {
        return Err(Error::bad_request("Cannot block the root user"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    account::change(&mut tx, user.id, now, |user| {
        user.blocked = blocked;
        user.blocked_reason = reason.filter(|_| blocked);
    })
    .await?;
    session::end_all(&mut tx, user.id).await?;
    job::mail(app, &mut tx, job::Occasion::Blocked(user.id)).await?;
    Ok(tx.commit().await?)
}

/// Gives a user a new password; what was logged in with the old one is out, but for `keep`.
pub async fn set_password(
    app: &App,
    user: &User,
    new: &str,
    keep: Option<session::SessionId>,
) -> Result<()> {
    let hash = password::hash(new).await?;
    let mut tx = app.db.begin().await?;
    account::set_password(&mut tx, user.id, &hash).await?;
    match keep {
        Some(keep) => session::end_others(&mut tx, user.id, keep).await?,
        None => session::end_all(&mut tx, user.id).await?,
    }
    Ok(tx.commit().await?)
}

/// What the videos of these accounts take.
pub async fn used(app: &App, accounts: &[AccountId]) -> Result<HashMap<AccountId, Used>> {
    let since = app.clock.now() - DAY;
    let rows = store::used(&app.db, accounts, since).await?;
    let one = |row: store::UsedRow| {
        let used = Used {
            total_bytes: row.total_bytes,
            daily_bytes: row.daily_bytes,
        };
        (row.account_id, used)
    };
    Ok(rows.into_iter().map(one).collect())
}

pub async fn doings(app: &App, account_id: AccountId) -> Result<Doings> {
    Ok(store::doings(&app.db, account_id).await?)
}

/// Lets somebody in who asked to join.
pub async fn accept(
    app: &App,
    registration: &Registration,
    response: &str,
    tell: bool,
) -> Result<()> {
    let rules = app.instance.signup();
    let new = NewUser {
        username: registration.username.clone(),
        email: registration.email.clone(),
        password: None,
        role: Role::User,
        quota_bytes: rules.quota_bytes,
        quota_daily_bytes: rules.quota_daily_bytes,
        admin_flags: 0,
        email_verified: registration.email_verified,
        display_name: registration.display_name.clone(),
    };
    let first = FirstChannel {
        name: registration.channel_name.clone(),
        display_name: registration.channel_display_name.clone(),
    };
    let hash = Some(registration.password_hash.clone());
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (user_id, _) = add(app, &mut tx, &new, hash, &first).await?;
    decide(
        &mut tx,
        registration,
        registration::ACCEPTED,
        response,
        Some(user_id),
        now,
    )
    .await?;
    if tell {
        job::mail(app, &mut tx, job::Occasion::Decided(registration.id)).await?;
    }
    Ok(tx.commit().await?)
}

/// Turns somebody down who asked to join.
pub async fn reject(
    app: &App,
    registration: &Registration,
    response: &str,
    tell: bool,
) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    decide(
        &mut tx,
        registration,
        registration::REJECTED,
        response,
        None,
        now,
    )
    .await?;
    if tell {
        job::mail(app, &mut tx, job::Occasion::Decided(registration.id)).await?;
    }
    Ok(tx.commit().await?)
}

async fn decide(
    tx: &mut Tx,
    registration: &Registration,
    state: i64,
    response: &str,
    user_id: Option<UserId>,
    now: Millis,
) -> Result<()> {
    if !registration::decide(tx, registration.id, state, response, user_id, now).await? {
        return Err(Error::conflict(
            "This registration is already accepted or rejected.",
        ));
    }
    Ok(())
}

/// Adds a request to join.
pub async fn ask_to_join(app: &App, new: &NewRegistration) -> Result<Registration> {
    let mut tx = app.db.begin().await?;
    let id = registration::add(&mut tx, new, app.clock.now()).await?;
    if new.email_verified == Some(false) {
        job::mail(app, &mut tx, job::Occasion::ProveRegistration(id)).await?;
    }
    NewJob::new(REQUESTED_JOB, json!({ "registrationId": id }))
        .enqueue(&mut tx, app.clock.now())
        .await?;
    let kept = registration::find(&mut tx, id).await?;
    tx.commit().await?;
    Ok(kept)
}
