//! Log-ins that stand elsewhere: a forum (DiscourseConnect), an identity provider (OpenID
//! Connect, SAML 2), a directory (LDAP). And the other way round: other programs whose people log in with
//! an account of this site.

pub mod api;
mod attempt;
mod discourse;
mod job;
mod jwt;
mod ldap;
pub mod logout;
mod member;
mod oidc;
pub mod page;
pub mod provide;
pub mod saml;
mod store;

pub use job::{AVATAR_JOB, fetch_avatar};

use crate::account::{UserId, login};
use crate::app::App;
use crate::config::Sso;
use crate::error::{Error, Result};
use base::Id;
use base::clock::Millis;
use serde::{Deserialize, Serialize};

/// Marks ids of links.
#[derive(Debug)]
pub enum Link {}
pub type LinkId = Id<Link>;

/// Who somebody is, as a provider says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Never changes there, whatever the person is called.
    pub subject: String,
    pub name: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub display_name: Option<String>,
    pub avatar_url: Option<String>,
    pub groups: Vec<String>,
}

/// A log-in from elsewhere that belongs to a user.
#[derive(Clone, Debug, Deserialize)]
pub struct Linked {
    pub id: LinkId,
    pub user_id: UserId,
    pub provider: String,
    pub shown_name: String,
    pub managed: bool,
    pub created_at: Millis,
    pub last_used_at: Millis,
}

/// The provider of this name in the settings.
pub fn provider<'a>(app: &'a App, name: &str) -> Result<&'a Sso> {
    let found = app.config.sso.get(name);
    found.ok_or_else(|| Error::not_found("There is no such way to log in."))
}

/// The log-ins of a user.
pub async fn links(app: &App, user_id: UserId) -> Result<Vec<Linked>> {
    Ok(store::links_of(&app.db, user_id).await?)
}

/// Takes a log-in off an account. The last one stays: nobody is locked out.
pub async fn unlink(app: &App, user_id: UserId, provider: &str) -> Result<()> {
    let links = links(app, user_id).await?;
    if !links.iter().any(|link| link.provider == provider) {
        return Err(Error::not_found(
            "This log-in does not belong to your account.",
        ));
    }
    if links.len() == 1 && !login::has_password(app, user_id).await? {
        return Err(Error::conflict(
            "This is the only way into your account. Choose a password first.",
        ));
    }
    store::unlink(&app.db, user_id, provider).await?;
    Ok(())
}

/// Is this how a forum's webhook signs? Without a secret nobody can.
pub fn is_signed_by_forum(secret: &str, body: &[u8], signature: &str) -> bool {
    let signature = signature.strip_prefix("sha256=").unwrap_or_default();
    !secret.is_empty() && discourse::is_signed(secret, body, signature)
}

/// Forgets what nobody came back for.
pub async fn tidy(app: &App) -> Result<()> {
    store::tidy(&app.db, app.clock.now()).await?;
    provide::tidy(app).await
}
