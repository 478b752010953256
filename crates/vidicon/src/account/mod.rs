//! People: accounts (what others see), users (who can log in), their roles and sessions.

pub mod api;
pub mod code;
pub mod confirm;
mod device;
pub mod group;
pub mod invitation;
pub mod login;
pub mod mute;
pub mod name;
pub mod page;
pub mod passkey;
pub mod password;
pub mod personal_token;
pub mod picture;
pub mod registration;
pub mod role;
pub mod session;
mod store;
pub mod throttle;
pub mod two_factor;
pub mod view;

pub use role::{Right, Role};

use crate::app::App;
use crate::error::{Error, Result};
use crate::instance::Settings;
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::Executor;
use base::job::NewJob;
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

/// What others see of somebody, here or elsewhere.
#[derive(Clone, Debug, Deserialize)]
pub struct Profile {
    pub account_id: AccountId,
    pub actor_id: ActorId,
    pub user_id: Option<UserId>,
    pub name: String,
    /// Empty for this server.
    pub host: String,
    pub url: Option<String>,
    pub display_name: String,
    pub description: Option<String>,
    pub follower_count: i64,
    pub following_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// Which users a list shows.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// In the name or the mail address, any case.
    pub search: Option<String>,
    pub blocked: Option<bool>,
    pub role: Option<Role>,
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
    fn settings(site: &Settings) -> Value {
        json!({
            "p2pEnabled": site.defaults.p2p.webapp.enabled,
            "videosHistoryEnabled": site.user.history.videos.enabled, "autoPlayVideo": true,
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
    site: &Settings,
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
    let (settings, notices) = (NewUser::settings(site), NewUser::notification_settings());
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

pub async fn user(app: &App, id: UserId) -> Result<User> {
    let found = store::user(&app.db, id).await?;
    found.ok_or_else(|| Error::not_found("User not found"))
}

pub async fn user_by_email(app: &App, email: &str) -> Result<Option<User>> {
    Ok(store::user_by_email(&app.db, &email.to_lowercase()).await?)
}

/// Where the administrators get mail, with the language that each reads.
pub async fn administrators(app: &App) -> Result<Vec<(String, String)>> {
    let rows = store::administrators(&app.db).await?;
    let language = |settings: &str| {
        let settings: Value = serde_json::from_str(settings).unwrap_or_default();
        let chosen = settings.get("language").and_then(Value::as_str);
        chosen.unwrap_or("en").to_owned()
    };
    let real = rows
        .into_iter()
        .filter(|(email, _)| !email.ends_with(".invalid"));
    Ok(real
        .map(|(email, settings)| (email, language(&settings)))
        .collect())
}

pub async fn user_id_by_email(on: impl Executor, email: &str) -> Result<Option<UserId>> {
    let found = store::user_by_email(on, email).await?;
    Ok(found.map(|user| user.id))
}

pub async fn user_by_name(app: &App, username: &str) -> Result<Option<User>> {
    let found = store::user_by_login(&app.db, username).await?;
    Ok(found
        .map(|(_, user)| user)
        .filter(|user| user.username == username.to_lowercase()))
}

pub async fn users(
    app: &App,
    filter: &UserFilter,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<User>)> {
    let total = store::count_users(&app.db, filter).await?;
    Ok((total, store::users(&app.db, filter, paging, sort).await?))
}

/// Changes a user and their account; nobody else changes them meanwhile. 409 when the mail
/// address is somebody else's.
pub async fn change(
    tx: &mut Tx,
    id: UserId,
    now: Millis,
    edit: impl FnOnce(&mut User),
) -> Result<User> {
    let found = store::user_to_change(tx, id).await?;
    let mut user = found.ok_or_else(|| Error::not_found("User not found"))?;
    let before = (user.display_name.clone(), user.description.clone());
    edit(&mut user);
    store::save_user(&mut *tx, &user, now)
        .await
        .map_err(|error| {
            if error.is_unique() {
                Error::conflict("User with this email already exists.")
            } else {
                error.into()
            }
        })?;
    if before != (user.display_name.clone(), user.description.clone()) {
        store::save_account(&mut *tx, &user, now).await?;
        tell_changed(tx, user.actor_id, now).await?;
    }
    Ok(user)
}

/// Is there a user with this name or this mail address?
pub async fn is_user_known(on: impl Executor, username: &str, email: &str) -> Result<bool> {
    Ok(store::is_user_known(on, username, email).await?)
}

/// Is, or was, there an account or channel of this name?
pub async fn is_name_taken(on: impl Executor, name: &str) -> Result<bool> {
    Ok(store::is_name_taken(on, name).await?)
}

pub async fn set_password(tx: &mut Tx, id: UserId, hash: &str) -> Result<()> {
    store::set_password(&mut *tx, id, hash).await?;
    code::void(tx, id, code::Purpose::Password).await
}

/// Takes away all that lets a user in. The account stays, without a user, until it is removed.
pub async fn remove_user(tx: &mut Tx, user: &User, now: Millis) -> Result<()> {
    bury_actor(tx, user.actor_id, now).await?;
    store::delete_user(tx, user.id).await?;
    Ok(())
}

/// Marks the actor of a deleted account or channel as gone; the name stays taken.
pub async fn bury_actor(tx: &mut Tx, id: ActorId, now: Millis) -> Result<()> {
    store::bury_actor(&mut *tx, id, now).await?;
    NewJob::new(ACTOR_BURIED_JOB, json!({ "actorId": id }))
        .once(format!("{ACTOR_BURIED_JOB}:{id}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

/// What others know of an account or channel has changed, or it is no more: other servers are told.
pub const ACTOR_CHANGED_JOB: &str = "actor_changed";
pub const ACTOR_BURIED_JOB: &str = "actor_buried";

/// Lets others know that an actor's name, description or picture is another.
pub async fn tell_changed(on: impl Executor, id: ActorId, now: Millis) -> Result<()> {
    NewJob::new(ACTOR_CHANGED_JOB, json!({ "actorId": id }))
        .once(format!("{ACTOR_CHANGED_JOB}:{id}"))
        .enqueue(on, now)
        .await?;
    Ok(())
}

/// The token in the address of a user's own feed.
pub async fn feed_token(app: &App, id: UserId) -> Result<String> {
    Ok(store::feed_token(&app.db, id).await?)
}

/// Voids the token and gives a new one.
pub async fn renew_feed_token(app: &App, id: UserId) -> Result<String> {
    let token = base::random::uuid().to_string();
    store::set_feed_token(&app.db, id, &token).await?;
    Ok(token)
}

/// Up to ten user names that begin like this.
pub async fn usernames_like(app: &App, start: &str) -> Result<Vec<String>> {
    let pattern = format!("{}%", escaped(start));
    let names = store::usernames(&app.db, &pattern, 10).await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// An account by `name` or `name@host`.
pub async fn profile(app: &App, handle: &str) -> Result<Profile> {
    let (name, host) = split_handle(app, handle);
    let found = store::profile(&app.db, name, host).await?;
    found.ok_or_else(|| Error::not_found("Account not found"))
}

/// Profiles in the order of the ids; those that are gone are left out.
pub async fn profiles_of(on: impl Executor, ids: &[AccountId]) -> Result<Vec<Profile>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = store::profiles_of(on, ids).await?;
    found.sort_by_key(|profile| ids.iter().position(|id| *id == profile.account_id));
    Ok(found)
}

pub async fn profiles(app: &App, paging: Paging, sort: Sort) -> Result<(i64, Vec<Profile>)> {
    let total = store::count_profiles(&app.db).await?;
    Ok((
        total,
        store::profiles(&app.db, paging, sort.descending).await?,
    ))
}

/// `name@host` as name and host; the host is empty for this server.
pub fn split_handle<'h>(app: &App, handle: &'h str) -> (&'h str, &'h str) {
    match handle.split_once('@') {
        Some((name, host)) if host == app.host() => (name, ""),
        Some(parts) => parts,
        None => (handle, ""),
    }
}

/// A pattern for SQL's LIKE that finds the text anywhere, in folded letters.
pub fn like(text: &str) -> String {
    format!("%{}%", escaped(text))
}

fn escaped(text: &str) -> String {
    text.to_lowercase()
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

/// Is this a name for an account or a channel?
pub fn is_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let bytes = text.as_bytes();
    (1..=50).contains(&bytes.len())
        && bytes.iter().all(|b| inner(*b) || matches!(b, b'.' | b'-'))
        && bytes.first().is_some_and(|b| inner(*b))
        && bytes.last().is_some_and(|b| inner(*b))
}

/// Has the text the form of a mail address?
pub fn is_email(text: &str) -> bool {
    let Some((_, domain)) = text.rsplit_once('@') else {
        return false;
    };
    text.len() <= 254 && domain.contains('.') && text.parse::<lettre::Address>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "ada", "ada_1", "ada.lovelace", "a-b", "0"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "Ada",
            ".a",
            "a.",
            "-a",
            "a-",
            "a b",
            "ä",
            &"a".repeat(51),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["a@b.org", "a.b+c@sub.b.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@",
            "@b.org",
            "a@b",
            "a b@c.org",
            "a@b.org\r\nBcc: c@d.org",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn patterns_find_text_and_not_wildcards() {
        assert_eq!(like("50%_A\\"), r"%50\%\_a\\%");
    }
}
