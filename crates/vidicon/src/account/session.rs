//! Sessions: a pair of opaque tokens, known to the database by their hashes only.

use super::{User, UserId, device, store};
use crate::app::App;
use crate::error::Result;
use crate::listing::Paging;
use base::Id;
use base::clock::{DAY, MINUTE, Millis};
use base::db::Executor;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How long an access token and a refresh token live.
pub const ACCESS_LIFE: Millis = DAY;
pub const REFRESH_LIFE: Millis = 28 * DAY;
/// The last use of a session is written down at most this often.
const TOUCH_EVERY: Millis = 5 * MINUTE;

/// Marks ids of sessions.
#[derive(Debug)]
pub enum Session {}
pub type SessionId = Id<Session>;

/// The tokens of a new session, told to its owner this once.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub access_expires_at: Millis,
    pub refresh_expires_at: Millis,
}

/// What is known of who uses a session.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub device: Option<String>,
    pub ip: Option<String>,
}

/// A session as its owner sees it in a list.
#[derive(Clone, Debug, Deserialize)]
pub struct Kept {
    pub id: SessionId,
    pub login_device: Option<String>,
    pub login_ip: Option<String>,
    pub last_device: Option<String>,
    pub last_ip: Option<String>,
    pub last_active_at: Millis,
    pub created_at: Millis,
}

/// Somebody logged in, and by which session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: Arc<User>,
    pub session_id: SessionId,
}

pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Starts a session for a user whose password and second factor were right.
pub async fn start(app: &App, user_id: UserId, origin: &Origin) -> Result<Tokens> {
    let now = app.clock.now();
    let tokens = fresh(now);
    store::session::add_session(&app.db, user_id, &tokens, origin, now).await?;
    store::note_login(&app.db, user_id, now).await?;
    device::note(app, user_id, origin).await?;
    Ok(tokens)
}

/// As [`start`], for a browser, which cannot keep a second token safely: its one token lives as
/// long as a program's refresh token would.
pub async fn start_in_browser(app: &App, user_id: UserId, origin: &Origin) -> Result<Tokens> {
    let now = app.clock.now();
    let tokens = Tokens {
        access_expires_at: now + REFRESH_LIFE,
        ..fresh(now)
    };
    store::session::add_session(&app.db, user_id, &tokens, origin, now).await?;
    store::note_login(&app.db, user_id, now).await?;
    device::note(app, user_id, origin).await?;
    Ok(tokens)
}

/// Trades a refresh token for a new pair; the old pair is void from now on.
pub async fn refresh(app: &App, refresh_token: &str, origin: &Origin) -> Result<Option<Tokens>> {
    let now = app.clock.now();
    let tokens = fresh(now);
    let old = token_hash(refresh_token);
    let renewed = store::session::renew_session(&app.db, &old, &tokens, origin, now).await?;
    Ok(renewed.then_some(tokens))
}

/// Who holds this access token, if it is valid and its user is not blocked.
pub async fn signed_in(app: &App, access_token: &str, origin: &Origin) -> Result<Option<SignedIn>> {
    let now = app.clock.now();
    let Some((session, user)) =
        store::session::session_user(&app.db, &token_hash(access_token), now).await?
    else {
        return Ok(None);
    };
    if now - session.last_active_at > TOUCH_EVERY {
        store::session::touch_session(&app.db, session.id, origin, now).await?;
    }
    Ok(Some(SignedIn {
        user: Arc::new(user),
        session_id: session.id,
    }))
}

/// Ends one session.
pub async fn end(app: &App, session_id: SessionId) -> Result<()> {
    Ok(store::session::delete_session(&app.db, session_id)
        .await
        .map(drop)?)
}

/// Ends all sessions of a user: after a block, a change of role, a new password by others.
pub async fn end_all(on: impl Executor, user_id: UserId) -> Result<()> {
    Ok(store::session::delete_sessions_of(on, user_id)
        .await
        .map(drop)?)
}

/// Ends all sessions of a user but this one: after a new password of their own.
pub async fn end_others(on: impl Executor, user_id: UserId, but: SessionId) -> Result<()> {
    Ok(store::session::delete_others(on, user_id, but)
        .await
        .map(drop)?)
}

/// Ends a session of this user; false when they have no such session.
pub async fn end_of(app: &App, user_id: UserId, id: SessionId) -> Result<bool> {
    Ok(store::session::delete_of(&app.db, user_id, id).await? > 0)
}

/// The sessions of a user, the last used first.
pub async fn list(app: &App, user_id: UserId, paging: Paging) -> Result<(i64, Vec<Kept>)> {
    let now = app.clock.now();
    let total = store::session::count(&app.db, user_id, now).await?;
    let data = store::session::list(&app.db, user_id, now, paging.start, paging.count).await?;
    Ok((total, data))
}

/// Removes sessions that nobody can use any more.
pub async fn tidy(app: &App) -> Result<()> {
    Ok(store::session::delete_expired(&app.db, app.clock.now())
        .await
        .map(drop)?)
}

fn fresh(now: Millis) -> Tokens {
    Tokens {
        access: base::random::token(),
        refresh: base::random::token(),
        access_expires_at: now + ACCESS_LIFE,
        refresh_expires_at: now + REFRESH_LIFE,
    }
}
