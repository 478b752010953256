//! OpenID Connect as the relying party: discovery, authorization code with PKCE, and the checks of
//! the ID token (OpenID Connect Core 3.1.3.7).

use super::Identity;
use super::attempt::{Attempt, text};
use super::jwt::{self, encoded};
use crate::app::App;
use crate::config::Sso;
use crate::error::{Error, Result};
use axum::http::{HeaderValue, header};
use base::clock::{MINUTE, SECOND};
use base::fetch::FetchRequest;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

/// What a provider publishes about itself.
#[derive(Debug, Deserialize)]
struct Provider {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

fn unreachable_provider(error: impl std::fmt::Display) -> Error {
    tracing::warn!(%error, "an identity provider could not be asked");
    let status = axum::http::StatusCode::BAD_GATEWAY;
    Error::new(
        status,
        "The identity provider cannot be reached at the moment.",
    )
    .code("sso_away")
}

async fn discover(app: &App, sso: &Sso) -> Result<Provider> {
    let issuer = sso.url.trim_end_matches('/');
    let url = format!("{issuer}/.well-known/openid-configuration");
    let provider: Provider = get(app, FetchRequest::get(url)).await?;
    if provider.issuer.trim_end_matches('/') != issuer {
        return Err(unreachable_provider(format!(
            "it says that it is {}, not {issuer}",
            provider.issuer
        )));
    }
    Ok(provider)
}

async fn get<T: serde::de::DeserializeOwned>(app: &App, request: FetchRequest) -> Result<T> {
    let answer = app
        .fetch
        .send(request)
        .await
        .map_err(unreachable_provider)?;
    if !answer.status.is_success() {
        let status = answer.status;
        return Err(unreachable_provider(format!(
            "{} answered {status}",
            answer.url
        )));
    }
    serde_json::from_slice(&answer.body).map_err(unreachable_provider)
}

/// The keys that the provider signs with now.
pub async fn keys(app: &App, sso: &Sso) -> Result<Value> {
    let provider = discover(app, sso).await?;
    get(app, FetchRequest::get(&provider.jwks_uri)).await
}

/// Where the browser goes to log in.
pub async fn away(
    app: &App,
    sso: &Sso,
    back: &str,
    state: &str,
    attempt: &Attempt,
) -> Result<String> {
    let provider = discover(app, sso).await?;
    let mut url =
        url::Url::parse(&provider.authorization_endpoint).map_err(unreachable_provider)?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &sso.client_id)
        .append_pair("redirect_uri", back)
        .append_pair("scope", &sso.scopes)
        .append_pair("state", state)
        .append_pair("nonce", &attempt.nonce)
        .append_pair("code_challenge", &challenge(&attempt.verifier))
        .append_pair("code_challenge_method", "S256");
    Ok(url.into())
}

/// RFC 7636: the hash of the verifier.
pub fn challenge(verifier: &str) -> String {
    encoded(&Sha256::digest(verifier.as_bytes()))
}

/// Trades the code that the browser brought for who it is.
pub async fn identity(
    app: &App,
    sso: &Sso,
    back: &str,
    query: &Map<String, Value>,
    attempt: &Attempt,
) -> Result<Identity> {
    let refusal = text(query, "error");
    if !refusal.is_empty() {
        tracing::info!(refusal, "an identity provider let nobody in");
        let detail = "The identity provider did not let you in.";
        return Err(Error::forbidden(detail).code("sso_refused"));
    }
    let provider = discover(app, sso).await?;
    // RFC 9207: an answer of one provider must not be taken for another's.
    let named = text(query, "iss");
    if (provider.authorization_response_iss_parameter_supported || !named.is_empty())
        && named != provider.issuer
    {
        return Err(distrust("the answer is of another provider"));
    }
    let code = text(query, "code");
    let request = trade_request(sso, &provider, back, code, &attempt.verifier)?;
    let tokens = trade(app, request).await?;
    let keys: Value = get(app, FetchRequest::get(&provider.jwks_uri)).await?;
    let mut claims = jwt::verified(&tokens.id_token, &keys)?;
    check(app, sso, &provider, &claims, &attempt.nonce)?;
    if let Some(url) = &provider.userinfo_endpoint {
        let bearer = HeaderValue::try_from(format!("Bearer {}", tokens.access_token));
        let bearer = bearer.map_err(unreachable_provider)?;
        let request = FetchRequest::get(url).header(header::AUTHORIZATION, bearer);
        let more: Map<String, Value> = get(app, request).await?;
        if more.get("sub") != claims.get("sub") {
            return Err(distrust("it tells of two people"));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
    }
    Ok(read(sso, &claims))
}

fn distrust(why: &str) -> Error {
    Error::forbidden(format!("The provider's answer cannot be trusted: {why}.")).code("sso_forged")
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
}

/// The request that trades a code. The secret goes along as the provider wants it.
fn trade_request(
    sso: &Sso,
    provider: &Provider,
    back: &str,
    code: &str,
    verifier: &str,
) -> Result<FetchRequest> {
    let methods = &provider.token_endpoint_auth_methods_supported;
    let offers = |name: &str| methods.iter().any(|method| method == name);
    let basic = !sso.secret.is_empty()
        && (methods.is_empty() || offers("client_secret_basic") || !offers("client_secret_post"));
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", back)
        .append_pair("code_verifier", verifier);
    if !basic {
        form.append_pair("client_id", &sso.client_id);
        if !sso.secret.is_empty() {
            form.append_pair("client_secret", &sso.secret);
        }
    }
    let kind = "application/x-www-form-urlencoded";
    let request = FetchRequest::post(&provider.token_endpoint, kind, form.finish());
    if !basic {
        return Ok(request);
    }
    let part =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = format!("{}:{}", part(&sso.client_id), part(&sso.secret));
    let value = format!("Basic {}", BASE64_STANDARD.encode(pair));
    let value = HeaderValue::try_from(value).map_err(unreachable_provider)?;
    Ok(request.header(header::AUTHORIZATION, value))
}

async fn trade(app: &App, request: FetchRequest) -> Result<Tokens> {
    let answer = app
        .fetch
        .send(request)
        .await
        .map_err(unreachable_provider)?;
    if answer.status.is_client_error() {
        let said = String::from_utf8_lossy(&answer.body);
        let said: String = said.chars().take(300).collect();
        tracing::warn!(said, "an identity provider refused a code");
        let detail = "The identity provider did not accept this log-in. Try again.";
        return Err(Error::forbidden(detail).code("sso_refused"));
    }
    serde_json::from_slice(&answer.body).map_err(unreachable_provider)
}

fn check(
    app: &App,
    sso: &Sso,
    provider: &Provider,
    claims: &Map<String, Value>,
    nonce: &str,
) -> Result<()> {
    let field = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64);
    if field("iss") != provider.issuer {
        return Err(distrust("the token is of another provider"));
    }
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let for_us = audience.contains(&sso.client_id.as_str());
    let party = field("azp");
    if !for_us
        || (!party.is_empty() && party != sso.client_id)
        || (audience.len() > 1 && party.is_empty())
    {
        return Err(distrust("the token is for another site"));
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are small")]
    let now = (app.clock.now() / SECOND) as f64;
    #[expect(clippy::cast_precision_loss, reason = "five minutes")]
    let slack = (5 * MINUTE / SECOND) as f64;
    if seconds("exp").is_none_or(|until| until + slack < now) {
        return Err(distrust("the token is too old"));
    }
    if seconds("iat").is_some_and(|since| since > now + slack) {
        return Err(distrust(
            "the token is from the future; is the clock right?",
        ));
    }
    if field("nonce") != nonce {
        return Err(distrust("the token is of another log-in"));
    }
    Ok(())
}

fn read(sso: &Sso, claims: &Map<String, Value>) -> Identity {
    let field = |name: &str| {
        let text = claims.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let subject = field("sub").unwrap_or_default();
    let verified = claims.get("email_verified");
    Identity {
        name: field(&sso.name_claim)
            .or_else(|| field("nickname"))
            .or_else(|| field("email"))
            .or_else(|| field("name"))
            .unwrap_or_default(),
        email: field("email"),
        // Some providers write "true".
        email_verified: verified.is_some_and(|it| *it == true || *it == "true"),
        display_name: field("name"),
        avatar_url: field("picture"),
        groups: groups(claims, &sso.groups_claim),
        subject,
    }
}

/// The claim may lie deeper: `realm_access.roles` of Keycloak.
fn groups(claims: &Map<String, Value>, path: &str) -> Vec<String> {
    let whole = claims.get(path);
    let mut steps = path.split('.');
    let first = steps.next().and_then(|step| claims.get(step));
    let deep = steps.fold(first, |found, step| found?.get(step));
    match whole.or(deep) {
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .map(|name| name.trim_start_matches('/').to_owned())
            .collect(),
        Some(Value::String(names)) => names.split([',', ' ']).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_standards_challenge() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn groups_are_found_in_every_shape() {
        let Value::Object(claims) = json!({
            "groups": ["/staff", "artists"], "roles": "a,b",
            "realm_access": { "roles": ["editor"] },
        }) else {
            panic!();
        };
        assert_eq!(groups(&claims, "groups"), ["staff", "artists"]);
        assert_eq!(groups(&claims, "roles"), ["a", "b"]);
        assert_eq!(groups(&claims, "realm_access.roles"), ["editor"]);
        assert!(groups(&claims, "nothing.here").is_empty());
    }
}
