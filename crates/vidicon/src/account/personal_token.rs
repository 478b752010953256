//! Tokens that people make for their own programs: each may do only what its scopes say.

use super::session::{Origin, token_hash};
use super::{User, UserId, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use axum::http::Method;
use base::Id;
use base::clock::{MINUTE, Millis};
use serde::Deserialize;
use std::sync::Arc;

pub type PersonalTokenId = Id<PersonalToken>;

/// What each such token begins with, so that it can be told apart, and found where it leaked to.
pub const PREFIX: &str = "vdc_";
/// Tokens of one user.
pub const MOST: i64 = 100;
/// The last use is written down at most this often.
const TOUCH_EVERY: Millis = 5 * MINUTE;

/// The kinds of things that a scope names, each with `:read` and `:write`.
pub const DOMAINS: [&str; 9] = [
    "videos",
    "channels",
    "playlists",
    "comments",
    "account",
    "notifications",
    "moderation",
    "users",
    "admin",
];

#[derive(Clone, Debug, Deserialize)]
pub struct PersonalToken {
    pub id: PersonalTokenId,
    pub name: String,
    pub scopes: String,
    pub expires_at: Option<Millis>,
    pub last_used_at: Option<Millis>,
    pub last_ip: Option<String>,
    pub created_at: Millis,
}

/// The scopes of the token that a request came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Arc<str>);

impl Scopes {
    pub fn new(words: &str) -> Self {
        Scopes(words.into())
    }

    /// Who may write may read.
    pub fn allow(&self, domain: &str, writes: bool) -> bool {
        self.0.split_ascii_whitespace().any(|scope| {
            let (of, act) = scope.split_once(':').unwrap_or((scope, ""));
            of == domain && (act == "write" || !writes)
        })
    }
}

/// Is this a scope that there is?
pub fn is_scope(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(domain, act)| DOMAINS.contains(&domain) && matches!(act, "read" | "write"))
}

/// Makes a token; its text is told this once.
pub async fn add(
    app: &App,
    me: &User,
    name: &str,
    scopes: &[String],
    expires_at: Option<Millis>,
) -> Result<(PersonalTokenId, String)> {
    if store::personal_token::count(&app.db, me.id).await? >= MOST {
        return Err(Error::bad_request(format!(
            "A user can have at most {MOST} access tokens."
        )));
    }
    let text = format!("{PREFIX}{}", base::random::token());
    let scopes = scopes.join(" ");
    let hash = token_hash(&text);
    let now = app.clock.now();
    let id =
        store::personal_token::add(&app.db, me.id, name, &hash, &scopes, expires_at, now).await?;
    Ok((id, text))
}

pub async fn list(app: &App, user: UserId, paging: Paging) -> Result<(i64, Vec<PersonalToken>)> {
    let total = store::personal_token::count(&app.db, user).await?;
    let data = store::personal_token::list(&app.db, user, paging).await?;
    Ok((total, data))
}

pub async fn remove(app: &App, user: UserId, id: PersonalTokenId) -> Result<()> {
    if store::personal_token::delete(&app.db, user, id).await? == 0 {
        return Err(Error::not_found("Access token not found"));
    }
    Ok(())
}

/// Whose token this is and what it may do.
pub async fn signed_in(app: &App, text: &str, origin: &Origin) -> Result<Option<(User, Scopes)>> {
    let now = app.clock.now();
    let found = store::personal_token::user_of(&app.db, &token_hash(text), now).await?;
    let Some((token, user)) = found else {
        return Ok(None);
    };
    if token.last_used_at.is_none_or(|at| now - at > TOUCH_EVERY) {
        let ip = origin.ip.as_deref();
        store::personal_token::touch(&app.db, token.token_id, ip, now).await?;
    }
    Ok(Some((user, Scopes::new(&token.scopes))))
}

/// Which domain a route belongs to; nothing for what no such token may do: log-ins, passwords and
/// tokens themselves.
pub fn domain_of(path: &str) -> Option<&'static str> {
    let Some(path) = path.strip_prefix("/api/v1/") else {
        return Some("videos");
    };
    let mut parts = path.split('/');
    let (first, second, third) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    Some(match first {
        "users" if second == "me" => return domain_of_me(third),
        "users" if matches!(third, "two-factor" | "token-sessions") => return None,
        "users"
            if matches!(
                second,
                "token" | "revoke-token" | "passkeys" | "scoped-tokens"
            ) =>
        {
            return None;
        }
        "users" | "user-groups" => "users",
        "video-channels" | "video-channel-syncs" => "channels",
        "video-playlists" => "playlists",
        "watched-words" | "automatic-tags" => "comments",
        "abuses" | "blocklist" | "bulk" => "moderation",
        "videos" if second == "blacklist" || third == "blacklist" => "moderation",
        "videos" if second == "comments" || third == "comments" || third == "comment-threads" => {
            "comments"
        }
        "server" if second == "blocklist" => "moderation",
        "accounts" if third == "moderator-notes" => "moderation",
        "config" | "server" | "jobs" | "plugins" | "runners" | "custom-pages" => "admin",
        _ => "videos",
    })
}

fn domain_of_me(what: &str) -> Option<&'static str> {
    Some(match what {
        "access-tokens" | "passkeys" => return None,
        "notifications" | "notification-settings" | "push" => "notifications",
        "videos" | "subscriptions" | "history" => "videos",
        "video-playlists" => "playlists",
        "abuses" | "blocklist" => "moderation",
        _ => "account",
    })
}

/// 403 when a token of these scopes may not call this route.
pub fn check(scopes: &Scopes, method: &Method, path: &str) -> Result<()> {
    let writes = !crate::access::is_safe(method);
    let missing = match domain_of(path) {
        Some(domain) if scopes.allow(domain, writes) => return Ok(()),
        Some(domain) => format!("{domain}:{}", if writes { "write" } else { "read" }),
        None => {
            return Err(
                Error::forbidden("This cannot be done with an access token; log in.")
                    .code("insufficient_scope"),
            );
        }
    };
    let detail = format!("The access token lacks the scope {missing}.");
    Err(Error::forbidden(detail).code("insufficient_scope"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_write_may_read() {
        let scopes = Scopes::new("videos:read comments:write");
        assert!(scopes.allow("videos", false) && !scopes.allow("videos", true));
        assert!(scopes.allow("comments", false) && scopes.allow("comments", true));
        assert!(!scopes.allow("admin", false));
        assert!(is_scope("admin:write") && !is_scope("admin") && !is_scope("moon:read"));
    }

    #[test]
    fn routes_have_their_domains() {
        for (path, domain) in [
            ("/api/v1/videos/upload", Some("videos")),
            ("/api/v1/videos/1/comment-threads", Some("comments")),
            ("/api/v1/videos/1/blacklist", Some("moderation")),
            ("/api/v1/users/me", Some("account")),
            ("/api/v1/users/me/access-tokens", None),
            ("/api/v1/users/7/token-sessions", None),
            ("/api/v1/users/7", Some("users")),
            ("/api/v1/config/custom", Some("admin")),
            ("/static/web-videos/private/a.mp4", Some("videos")),
        ] {
            assert_eq!(domain_of(path), domain, "{path}");
        }
    }
}
