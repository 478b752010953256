//! Whoever logs out at the identity provider is logged out here: OpenID Connect Back-Channel
//! Logout 1.0.

use super::{jwt, oidc, provider, store};
use crate::account::session;
use crate::app::App;
use crate::config::SsoKind;
use crate::error::{Error, Result};
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::clock::{MINUTE, SECOND};
use serde::Deserialize;
use serde_json::{Map, Value};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Providers send it at once; an older one was kept by somebody.
const FRESH_S: i64 = 10 * MINUTE / SECOND;

#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    logout_token: String,
}

/// `POST /sso/{name}/logout`: all sessions of the person whom the token names end.
pub async fn by_provider(
    State(app): State<App>,
    Path(name): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let sso = provider(&app, &name)?;
    if sso.kind != SsoKind::Oidc {
        return Err(Error::not_found("No provider logs people out here."));
    }
    // Nobody is asked for keys because of what cannot be a token of this provider.
    let said = jwt::unproven(&sent.logout_token).unwrap_or_default();
    let issuer = text(&said, "iss").trim_end_matches('/');
    if issuer.is_empty() || issuer != sso.url.trim_end_matches('/') {
        return Err(wrong("it is of another provider"));
    }
    let keys = oidc::keys(&app, sso).await?;
    let claims = jwt::verified(&sent.logout_token, &keys)
        .map_err(|_| wrong("no key of the provider fits its signature"))?;
    check(&claims, &sso.client_id, app.clock.now() / SECOND)?;
    if let Some(link) = store::link(&app.db, &name, text(&claims, "sub")).await? {
        session::end_all(&app.db, link.user_id).await?;
        tracing::info!(
            user.id = link.user_id.0,
            "the identity provider ended the sessions of a user"
        );
    }
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> &'c str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn wrong(why: &str) -> Error {
    Error::bad_request(format!("The logout token cannot be trusted: {why}.")).code("sso_forged")
}

/// The rules of section 2.6.
fn check(claims: &Map<String, Value>, client_id: &str, now_s: i64) -> Result<()> {
    let for_us = match claims.get("aud") {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(many)) => many.iter().any(|one| one == client_id),
        _ => false,
    };
    if !for_us {
        return Err(wrong("it is for another site"));
    }
    let seconds = |name: &str| {
        let value = claims.get(name)?;
        value.as_i64().or_else(|| value.as_f64().map(whole))
    };
    let made = seconds("iat").ok_or_else(|| wrong("it does not say when it was made"))?;
    if made < now_s - FRESH_S
        || made > now_s + FRESH_S
        || seconds("exp").is_some_and(|end| end < now_s - FRESH_S)
    {
        return Err(wrong("it is not of now"));
    }
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) {
        return Err(wrong("it is no logout"));
    }
    // An ID token in its place would have one.
    if claims.contains_key("nonce") {
        return Err(wrong("it has a nonce"));
    }
    if text(claims, "sub").is_empty() {
        return Err(wrong("it does not say who (sub)"));
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is out of range is no time of now"
)]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}
