//! What programs call: tokens for codes, who somebody is, the published facts and keys.

use super::store::{self, Pair};
use super::{ACCESS_LIFE, Client, REFRESH_LIFE, SCOPES, client, fits, key, scopes, subject};
use crate::account::picture::{self, Shape};
use crate::account::session::token_hash;
use crate::account::{self, User, UserId};
use crate::app::App;
use crate::check::Body;
use crate::error::{Error, Result};
use crate::sso::attempt::text;
use crate::wire;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::clock::SECOND;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// `GET /.well-known/openid-configuration`.
pub async fn discovery(State(app): State<App>) -> Json<Value> {
    Json(json!({
        "issuer": app.config.server.public_url,
        "authorization_endpoint": app.url("/oauth/authorize"),
        "token_endpoint": app.url("/oauth/token"),
        "userinfo_endpoint": app.url("/oauth/userinfo"),
        "jwks_uri": app.url("/oauth/jwks"),
        "revocation_endpoint": app.url("/oauth/revoke"),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "name", "preferred_username", "picture", "profile",
            "updated_at", "email", "email_verified", "roles"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

pub async fn jwks(State(app): State<App>) -> Result<Json<Value>> {
    Ok(Json(key::published(&app).await?))
}

/// A refusal in the form of RFC 6749, 5.2.
fn refusal(code: &str) -> Response {
    let status = if code == "invalid_client" {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::BAD_REQUEST
    };
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    (status, unkept, Json(json!({ "error": code }))).into_response()
}

/// Which program asks: by its id and, unless it can keep none, its secret.
async fn who_asks(
    app: &App,
    headers: &HeaderMap,
    body: &Map<String, Value>,
) -> Result<Option<Client>> {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let (id, secret) = match basic {
        Some(basic) => {
            let decoded = BASE64_STANDARD.decode(basic).unwrap_or_default();
            let decoded = String::from_utf8(decoded).unwrap_or_default();
            let (id, secret) = decoded.split_once(':').unwrap_or_default();
            (unescaped(id), unescaped(secret))
        }
        None => (
            text(body, "client_id").to_owned(),
            text(body, "client_secret").to_owned(),
        ),
    };
    let found = client(app, &id).await?;
    Ok(found.filter(|client| match &client.secret_hash {
        Some(hash) => token_hash(&secret) == *hash,
        None => secret.is_empty(),
    }))
}

fn unescaped(text: &str) -> String {
    let pair = format!("x={text}");
    let found = form_urlencoded::parse(pair.as_bytes()).next();
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// `POST /oauth/token`.
pub async fn token(
    State(app): State<App>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    let Some(client) = who_asks(&app, &headers, &body).await? else {
        return Ok(refusal("invalid_client"));
    };
    match text(&body, "grant_type") {
        "authorization_code" => by_code(&app, &client, &body).await,
        "refresh_token" => by_refresh(&app, &client, &body).await,
        "" => Ok(refusal("invalid_request")),
        _ => Ok(refusal("unsupported_grant_type")),
    }
}

/// A pair of tokens: what is told, and what is kept.
fn fresh(app: &App) -> (String, String, Pair) {
    let now = app.clock.now();
    let (access, refresh) = (base::random::token(), base::random::token());
    let pair = Pair {
        access_hash: token_hash(&access),
        refresh_hash: token_hash(&refresh),
        access_expires_at: now + ACCESS_LIFE,
        refresh_expires_at: now + REFRESH_LIFE,
    };
    (access, refresh, pair)
}

async fn by_code(app: &App, client: &Client, body: &Map<String, Value>) -> Result<Response> {
    let hash = token_hash(text(body, "code"));
    let Some(code) = store::code(&app.db, &hash).await? else {
        return Ok(refusal("invalid_grant"));
    };
    if code.app_id != client.id {
        return Ok(refusal("invalid_grant"));
    }
    if let Some(grant) = code.grant_id {
        // Whoever comes second may be the right one, so the first loses too.
        store::delete_grant(&app.db, grant).await?;
        return Ok(refusal("invalid_grant"));
    }
    let verifier = text(body, "code_verifier");
    let proved = match &code.challenge {
        Some(challenge) => fits(verifier, challenge),
        // A verifier without a challenge means that somebody took the challenge out.
        None => client.secret_hash.is_some() && verifier.is_empty(),
    };
    let now = app.clock.now();
    if !proved || code.expires_at < now || code.redirect_uri != text(body, "redirect_uri") {
        return Ok(refusal("invalid_grant"));
    }
    let user = account::user(app, code.user_id).await;
    let Some(user) = user.ok().filter(|user| !user.blocked) else {
        return Ok(refusal("invalid_grant"));
    };
    let (access, refresh, mut pair) = fresh(app);
    let lasting = code.scope.split(' ').any(|scope| scope == "offline_access");
    if !lasting {
        pair.refresh_expires_at = now;
    }
    let mut tx = app.db.begin().await?;
    let grant = store::add_grant(&mut tx, client.id, user.id, &code.scope, &pair, now).await?;
    if !store::spend_code(&mut tx, &hash, grant).await? {
        return Ok(refusal("invalid_grant"));
    }
    tx.commit().await?;
    let told = Told {
        access,
        refresh: lasting.then_some(refresh),
        scope: code.scope,
        nonce: code.nonce,
        authenticated_at: Some(code.authenticated_at),
    };
    tell(app, client, &user, told).await
}

async fn by_refresh(app: &App, client: &Client, body: &Map<String, Value>) -> Result<Response> {
    let (access, refresh, pair) = fresh(app);
    let old = token_hash(text(body, "refresh_token"));
    let now = app.clock.now();
    let Some(grant) = store::renew_grant(&app.db, client.id, &old, &pair, now).await? else {
        return Ok(refusal("invalid_grant"));
    };
    let user = account::user(app, grant.user_id).await?;
    let told = Told {
        access,
        refresh: Some(refresh),
        scope: grant.scope,
        nonce: None,
        authenticated_at: None,
    };
    tell(app, client, &user, told).await
}

struct Told {
    access: String,
    refresh: Option<String>,
    scope: String,
    nonce: Option<String>,
    authenticated_at: Option<base::clock::Millis>,
}

async fn tell(app: &App, client: &Client, user: &User, told: Told) -> Result<Response> {
    let mut answer = json!({
        "token_type": "Bearer", "access_token": told.access,
        "expires_in": ACCESS_LIFE / SECOND, "scope": told.scope,
    });
    if let Some(refresh) = told.refresh {
        wire::put(&mut answer, "refresh_token", refresh);
    }
    if scopes(&told.scope).contains(&"openid") {
        let now = app.clock.now() / SECOND;
        let mut claims = claims(app, user, &told.scope).await?;
        claims.insert("iss".into(), app.config.server.public_url.clone().into());
        claims.insert("aud".into(), client.client_id.clone().into());
        claims.insert("iat".into(), now.into());
        claims.insert("exp".into(), (now + ACCESS_LIFE / SECOND).into());
        if let Some(at) = told.authenticated_at {
            claims.insert("auth_time".into(), (at / SECOND).into());
        }
        if let Some(nonce) = told.nonce {
            claims.insert("nonce".into(), nonce.into());
        }
        let token = key::sign(app, &Value::Object(claims)).await?;
        wire::put(&mut answer, "id_token", token);
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// What the scopes let a program know.
async fn claims(app: &App, user: &User, scope: &str) -> Result<Map<String, Value>> {
    let scopes = scopes(scope);
    let mut claims = Map::from_iter([("sub".to_owned(), Value::from(subject(user.id)))]);
    let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    if scopes.contains(&"profile") {
        say("name", user.display_name.clone().into());
        say("preferred_username", user.username.clone().into());
        say("profile", app.url(&format!("/a/{}", user.username)).into());
        let pictures = picture::of(&app.db, &[user.actor_id], Shape::Avatar).await?;
        let avatar = pictures.into_values().flatten().next();
        if let Some(avatar) = avatar {
            let path = format!("/lazy-static/avatars/{}", avatar.filename);
            say("picture", app.url(&path).into());
        }
    }
    if scopes.contains(&"email") {
        say("email", user.email.clone().into());
        say("email_verified", (user.email_verified == Some(true)).into());
    }
    if scopes.contains(&"roles") {
        say("roles", json!([user.role.label().to_lowercase()]));
    }
    Ok(claims)
}

/// `GET` and `POST /oauth/userinfo`.
pub async fn user_info(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .unwrap_or_default();
    let now = app.clock.now();
    let grant = store::grant_by_access(&app.db, &token_hash(bearer), now).await?;
    let Some(grant) = grant.filter(|grant| scopes(&grant.scope).contains(&"openid")) else {
        let mut response = refusal("invalid_token");
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        let how = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
        return Ok(response);
    };
    let user = user(&app, grant.user_id).await?;
    let claims = claims(&app, &user, &grant.scope).await?;
    Ok(Json(Value::Object(claims)).into_response())
}

async fn user(app: &App, id: UserId) -> Result<User> {
    account::user(app, id)
        .await
        .map_err(|_| Error::not_authenticated())
}

/// `POST /oauth/revoke` (RFC 7009): a token that is not known is as good as revoked.
pub async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    let Some(client) = who_asks(&app, &headers, &body).await? else {
        return Ok(refusal("invalid_client"));
    };
    let hash = token_hash(text(&body, "token"));
    store::delete_grant_by_token(&app.db, client.id, &hash).await?;
    Ok(StatusCode::OK.into_response())
}
