//! Being the identity provider: other programs' people log in with an account of this site
//! (OAuth 2.0 authorization code with PKCE, OpenID Connect).

pub mod api;
mod key;
pub mod page;
pub mod token;

pub use super::store::provide::{App as Client, AppId, Consent};

use super::store::provide as store;
use crate::account::session::token_hash;
use crate::account::{User, UserId};
use crate::app::App;
use crate::error::{Error, Result};
use base::clock::{DAY, HOUR, MINUTE, Millis};
use sha2::{Digest, Sha256};

/// How long a code waits to be traded.
const CODE_LIFE: Millis = MINUTE;
const ACCESS_LIFE: Millis = HOUR;
const REFRESH_LIFE: Millis = 60 * DAY;

/// What a program may ask to know, in the order in which people are told.
pub const SCOPES: [&str; 5] = ["openid", "profile", "email", "roles", "offline_access"];

/// The known scopes among those that were asked for.
pub fn scopes(asked: &str) -> Vec<&'static str> {
    let asked: Vec<&str> = asked.split_ascii_whitespace().collect();
    let known = SCOPES.into_iter().filter(|scope| asked.contains(scope));
    known.collect()
}

/// What a program needs to know about itself, told this once.
pub struct Registered {
    pub client_id: String,
    pub secret: Option<String>,
}

/// Adds a program. A confidential one (a server) gets a secret, others prove themselves by PKCE.
pub async fn register(
    app: &App,
    name: &str,
    redirect_uris: &[String],
    confidential: bool,
) -> Result<Registered> {
    let client_id = base::random::token();
    let secret = confidential.then(base::random::token);
    let secret_hash = secret.as_deref().map(token_hash);
    let now = app.clock.now();
    store::add_app(&app.db, &client_id, secret_hash, name, redirect_uris, now).await?;
    Ok(Registered { client_id, secret })
}

pub async fn clients(app: &App) -> Result<Vec<Client>> {
    Ok(store::apps(&app.db).await?)
}

/// Takes a program out; whatever it holds is void.
pub async fn remove(app: &App, client_id: &str) -> Result<()> {
    if store::delete_app(&app.db, client_id).await? == 0 {
        return Err(Error::not_found("There is no such program."));
    }
    Ok(())
}

pub async fn client(app: &App, client_id: &str) -> Result<Option<Client>> {
    Ok(store::app(&app.db, client_id).await?)
}

/// What the user has allowed to whom.
pub async fn consents(app: &App, user_id: UserId) -> Result<Vec<Consent>> {
    Ok(store::consents(&app.db, user_id).await?)
}

/// Takes back what the user has allowed: the program's tokens are void at once.
pub async fn take_back(app: &App, user_id: UserId, client_id: &str) -> Result<()> {
    let client = client(app, client_id).await?;
    let client = client.ok_or_else(|| Error::not_found("There is no such program."))?;
    let mut tx = app.db.begin().await?;
    store::delete_consent(&mut tx, client.id, user_id).await?;
    store::delete_grants(&mut tx, client.id, user_id).await?;
    Ok(tx.commit().await?)
}

/// May this address be sent a code? As it stands in the list; on one's own machine with any port
/// (RFC 8252).
pub fn may_redirect(client: &Client, uri: &str) -> bool {
    let without_port = |uri: &str| -> Option<String> {
        let mut url = url::Url::parse(uri).ok()?;
        let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]"));
        (url.scheme() == "http" && here).then(|| {
            url.set_port(None).ok();
            url.to_string()
        })
    };
    client.redirect_uris.iter().any(|known| {
        known == uri || without_port(uri).is_some_and(|uri| without_port(known) == Some(uri))
    })
}

/// Is this an address that a program may name? Secure, of an app, or on one's own machine.
pub fn is_redirect_uri(uri: &str) -> bool {
    let Ok(url) = url::Url::parse(uri) else {
        return false;
    };
    let plain = url.fragment().is_none() && uri.len() <= 500;
    let own = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let scheme = url.scheme();
    plain
        && match scheme {
            "https" => url.has_host(),
            "http" => own,
            "javascript" | "data" | "file" | "vbscript" | "blob" | "about" => false,
            // Schemes of apps are names of somebody's: org.example.app (RFC 8252).
            _ => scheme.contains('.'),
        }
}

/// What a code is made for.
pub struct NewCode<'a> {
    pub client: &'a Client,
    pub user: &'a User,
    pub redirect_uri: &'a str,
    pub scope: &'a str,
    pub nonce: Option<&'a str>,
    pub challenge: Option<&'a str>,
}

/// Makes a code that the program trades for tokens.
pub async fn issue_code(app: &App, new: &NewCode<'_>) -> Result<String> {
    let code = base::random::token();
    let now = app.clock.now();
    store::add_code(&app.db, &token_hash(&code), new, now, now + CODE_LIFE).await?;
    Ok(code)
}

/// The same for a user and this site for ever; tells nothing else.
pub fn subject(user_id: UserId) -> String {
    user_id.to_string()
}

/// RFC 7636: does the verifier fit the challenge?
fn fits(verifier: &str, challenge: &str) -> bool {
    let made = super::jwt::encoded(&Sha256::digest(verifier.as_bytes()));
    (43..=128).contains(&verifier.len()) && made == challenge
}

pub(super) async fn tidy(app: &App) -> Result<()> {
    store::tidy(&app.db, app.clock.now())
        .await
        .map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(uris: &[&str]) -> Client {
        Client {
            id: base::Id::new(1),
            client_id: "c".to_owned(),
            secret_hash: None,
            name: "App".to_owned(),
            redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
            created_at: 0,
        }
    }

    #[test]
    fn only_listed_addresses_get_codes() {
        let client = client(&["https://a.org/back", "http://127.0.0.1/back"]);
        assert!(may_redirect(&client, "https://a.org/back"));
        assert!(may_redirect(&client, "http://127.0.0.1:5123/back"));
        for bad in [
            "https://a.org/back/",
            "https://a.org/back?x=1",
            "https://a.org:8443/back",
            "https://a.org@evil.org/back",
            "http://127.0.0.1:5123/other",
            "http://localhost:5123/back",
            "",
        ] {
            assert!(!may_redirect(&client, bad), "{bad}");
        }
    }

    #[test]
    fn dangerous_addresses_are_refused() {
        for good in [
            "https://a.org/x",
            "http://127.0.0.1/",
            "org.example.app:/back",
        ] {
            assert!(is_redirect_uri(good), "{good}");
        }
        for bad in [
            "http://a.org/x",
            "javascript:alert(1)",
            "data:x",
            "app:/x",
            "https://a.org/#x",
            "x",
        ] {
            assert!(!is_redirect_uri(bad), "{bad}");
        }
    }

    #[test]
    fn scopes_that_nobody_knows_are_left_out() {
        assert_eq!(scopes("email nonsense openid"), ["openid", "email"]);
    }
}
