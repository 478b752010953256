//! A log-in under way: what must be the same when the browser comes back, and who may bring it.

use super::{Identity, discourse, member, oidc, provider, saml, store};
use crate::account::session::token_hash;
use crate::account::{User, UserId};
use crate::app::App;
use crate::config::SsoKind;
use crate::error::{Error, Result};
use base::clock::{MINUTE, Millis};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How long somebody may take to log in elsewhere.
const LIFE: Millis = 15 * MINUTE;

#[derive(Clone, Debug, Deserialize)]
pub struct Attempt {
    pub provider: String,
    /// Of a cookie: only the browser that went may come back.
    pub browser_hash: String,
    pub nonce: String,
    pub verifier: String,
    /// Where it leads to afterwards.
    pub next_path: String,
    /// Somebody logged in who wants one more way to be.
    pub link_user_id: Option<UserId>,
    /// A program waits for the token, not a browser.
    pub for_program: bool,
}

/// What somebody wants who goes to log in elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    pub next: String,
    pub link_user_id: Option<UserId>,
    pub for_program: bool,
}

/// Where the browser has to go, and the secret that it must bring back in a cookie.
pub struct Away {
    pub url: String,
    pub browser: String,
}

pub async fn begin(app: &App, name: &str, wish: Wish) -> Result<Away> {
    let sso = provider(app, name)?;
    let (state, browser) = (base::random::token(), base::random::token());
    let attempt = Attempt {
        provider: name.to_owned(),
        browser_hash: token_hash(&browser),
        nonce: base::random::token(),
        // 64 characters; RFC 7636 wants 43 to 128.
        verifier: hex::encode(base::random::bytes::<32>()),
        next_path: wish.next,
        link_user_id: wish.link_user_id,
        for_program: wish.for_program,
    };
    let back = app.url(&format!("/sso/{name}/callback"));
    let url = match sso.kind {
        SsoKind::Oidc => oidc::away(app, sso, &back, &state, &attempt).await?,
        SsoKind::Discourse => discourse::away(sso, &back, &state),
        SsoKind::Saml => saml::away(app, sso, &state, &attempt)?,
        SsoKind::Ldap => {
            return Err(Error::not_found(
                "There is no page to log in at; use the form.",
            ));
        }
    };
    let expires_at = app.clock.now() + LIFE;
    store::add_attempt(&app.db, &token_hash(&state), &attempt, expires_at).await?;
    Ok(Away { url, browser })
}

/// What the browser brought back, made into a user.
pub async fn finish(
    app: &App,
    name: &str,
    query: &Map<String, Value>,
    browser: Option<&str>,
) -> Result<(Attempt, User)> {
    let sso = provider(app, name)?;
    let state = match sso.kind {
        SsoKind::Oidc | SsoKind::Saml => text(query, "state").to_owned(),
        SsoKind::Discourse => discourse::state(sso, query)?,
        SsoKind::Ldap => return Err(Error::not_found("Nobody comes back from a directory.")),
    };
    let attempt = store::take_attempt(&app.db, &token_hash(&state), app.clock.now()).await?;
    let browser_hash = browser.map(token_hash).unwrap_or_default();
    let attempt = attempt
        .filter(|it| it.provider == name && it.browser_hash == browser_hash)
        .ok_or_else(|| {
            let detail = "This log-in is too old, or began in another browser. Try again.";
            Error::forbidden(detail).code("sso_stale")
        })?;
    let who: Identity = match sso.kind {
        SsoKind::Oidc => {
            let back = app.url(&format!("/sso/{name}/callback"));
            oidc::identity(app, sso, &back, query, &attempt).await?
        }
        SsoKind::Saml => saml::identity(app, name, text(query, "ticket"), &attempt).await?,
        _ => discourse::identity(sso, query)?,
    };
    let user = member::enter(app, name, sso, &who, attempt.link_user_id).await?;
    Ok((attempt, user))
}

pub fn text<'q>(query: &'q Map<String, Value>, name: &str) -> &'q str {
    query.get(name).and_then(Value::as_str).unwrap_or_default()
}
