//! Who may call a route. Each route says it where it is declared; it is checked here, before
//! anything of the request is looked at.

use crate::account::confirm;
use crate::account::personal_token::{self, Scopes};
use crate::account::session::{self, Origin, SessionId, SignedIn};
use crate::account::{Right, User};
use crate::app::App;
use crate::error::{self, Error, Result};
use crate::idempotency;
use crate::instance::audit;
use crate::network;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::country::Country;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The name of the cookie that holds a browser's access token.
pub const SESSION_COOKIE: &str = "vidicon_session";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nobody is asked who they are; a token is not even looked at.
    Public,
    /// Who is logged in is known; a bad token is refused.
    Optional,
    /// Somebody must be logged in.
    User,
    /// Somebody with this right must be logged in.
    Right(Right),
}

/// Who asks: somebody logged in, or anybody.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    pub signed_in: Option<SignedIn>,
    /// What the request may do, when it came with a token made for a program.
    pub scopes: Option<Scopes>,
    /// Signed texts that open videos which were shared by a link.
    pub grants: Vec<String>,
    /// The age that they say to have; 0 when they were not asked.
    pub age: i64,
    /// Where they are, as far as the country file knows and somebody asks.
    pub country: Option<Country>,
}

impl Viewer {
    pub fn user(&self) -> Option<&User> {
        self.signed_in.as_ref().map(|signed_in| &*signed_in.user)
    }

    pub fn has(&self, right: Right) -> bool {
        self.user().is_some_and(|user| user.has(right))
    }
}

/// The user of a route that needs one.
#[derive(Clone, Debug)]
pub struct Me(pub Arc<User>);

impl std::ops::Deref for Me {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

/// The address of the one who asks, behind trusted proxies too.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    pub ip: IpAddr,
    /// A program on this very machine, not somebody behind a proxy of it.
    pub is_here: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Viewer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(parts
            .extensions
            .get::<Viewer>()
            .cloned()
            .unwrap_or_default())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Me {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let viewer = parts.extensions.get::<Viewer>();
        let signed_in = viewer.and_then(|viewer| viewer.signed_in.as_ref());
        signed_in
            .map(|it| Me(Arc::clone(&it.user)))
            .ok_or_else(|| token_invalid("unauthorized_request"))
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(client(app, &parts.extensions, &parts.headers))
    }
}

impl FromRequestParts<App> for Origin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(origin(app, &parts.extensions, &parts.headers))
    }
}

pub fn client(app: &App, extensions: &axum::http::Extensions, headers: &HeaderMap) -> Client {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |ConnectInfo(address)| {
            address.ip().to_canonical()
        });
    let proxies = &app.config.server.trusted_proxies;
    let is_proxy = |address: IpAddr| network::any_contains(proxies, address);
    let forwarded = headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok());
    // The last address that is not one of our own proxies: those before it can be made up, and so
    // can all before a word that is no address.
    let real = forwarded.filter(|_| is_proxy(peer)).and_then(|list| {
        let hops = list.rsplit(',').map_while(hop);
        hops.map(|hop| hop.to_canonical())
            .find(|hop| !is_proxy(*hop))
    });
    Client {
        ip: real.unwrap_or(peer),
        is_here: forwarded.is_none() && peer.is_loopback(),
    }
}

/// Some proxies write the port too.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse().ok();
    address.or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))
}

fn origin(app: &App, extensions: &axum::http::Extensions, headers: &HeaderMap) -> Origin {
    let device = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Origin {
        device: device.map(|device| device.chars().take(255).collect()),
        ip: Some(client(app, extensions, headers).ip.to_string()),
    }
}

fn token_invalid(code: &'static str) -> Error {
    Error::unauthorized("Token is invalid").code(code)
}

/// The layer of each route: finds out who asks and whether they may.
pub async fn guard(
    State((app, access, operation)): State<(App, Access, Option<&'static str>)>,
    request: Request,
    next: Next,
) -> Response {
    let uri = request.uri().clone();
    let response = let_in(&app, access, request, next).await;
    error::placed(response, &uri, operation)
}

async fn let_in(app: &App, access: Access, request: Request, next: Next) -> Response {
    if access == Access::Public {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let viewer = match viewer(app, &parts).await {
        Ok(viewer) => viewer,
        Err(error) => return error.into_response(),
    };
    if let Err(error) = allowed(access, &viewer, parts.uri.path()) {
        return error.into_response();
    }
    if let Some(scopes) = &viewer.scopes
        && let Err(error) = personal_token::check(scopes, &parts.method, parts.uri.path())
    {
        return error.into_response();
    }
    if is_safe(&parts.method) || viewer.signed_in.is_none() {
        parts.extensions.insert(viewer);
        return next.run(Request::from_parts(parts, body)).await;
    }
    if let (Access::Right(_), Some(user)) = (access, viewer.user())
        && let Err(error) =
            confirm::check(app, user, &parts.method, parts.uri.path(), &parts.headers).await
    {
        return error.into_response();
    }
    let change = audit::Change {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        ip: client(app, &parts.extensions, &parts.headers).ip,
    };
    parts.extensions.insert(viewer.clone());
    let key = match idempotency::key(&parts.method, parts.uri.path(), &parts.headers) {
        Ok(key) => key,
        Err(error) => return error.into_response(),
    };
    let request = Request::from_parts(parts, body);
    let response = match (key, viewer.user()) {
        (Some(key), Some(user)) => idempotency::once(app, user.id, key, request, next)
            .await
            .unwrap_or_else(IntoResponse::into_response),
        _ => next.run(request).await,
    };
    if let Some(user) = viewer.user()
        && response.status().is_success()
        && !idempotency::is_replayed(&response)
    {
        let details = response.extensions().get::<audit::Details>();
        audit::note(app, user.id, &user.username, &change, details).await;
    }
    response
}

fn allowed(access: Access, viewer: &Viewer, path: &str) -> Result<()> {
    match (access, viewer.user()) {
        (Access::Public | Access::Optional, _) | (Access::User, Some(_)) => Ok(()),
        (_, None) => Err(token_invalid("unauthorized_request")),
        (Access::Right(right), Some(user)) if user.has(right) => Ok(()),
        (Access::Right(right), Some(user)) => Err(Error::forbidden(format!(
            "User {} does not have right {} to access to {path}.",
            user.username,
            right.number()
        ))),
    }
}

/// The cookie, and for programs the header, with the grants of shared links.
pub const GRANT_COOKIE: &str = "vidicon_share";
const GRANT_HEADER: &str = "x-vidicon-share";
/// More are not looked at.
const MOST_GRANTS: usize = 8;

fn grants(headers: &HeaderMap) -> Vec<String> {
    let sent = headers
        .get(GRANT_HEADER)
        .and_then(|value| value.to_str().ok());
    let kept = cookie(headers, GRANT_COOKIE);
    let all = sent
        .into_iter()
        .chain(kept)
        .flat_map(|text| text.split('.'));
    all.take(MOST_GRANTS).map(str::to_owned).collect()
}

/// The cookie and the header with the age that somebody says to have.
pub const AGE_COOKIE: &str = "vidicon_age";
const AGE_HEADER: &str = "x-vidicon-age";

fn age(headers: &HeaderMap) -> i64 {
    let sent = headers
        .get(AGE_HEADER)
        .and_then(|value| value.to_str().ok());
    let said = sent.or_else(|| cookie(headers, AGE_COOKIE));
    let age: Option<u8> = said.and_then(|age| age.trim().parse().ok());
    age.map_or(0, i64::from)
}

/// Nobody's country is looked up while nothing depends on it.
fn country(app: &App, request: &Parts) -> Option<Country> {
    let countries = app.countries.as_ref()?;
    let is_asked = app.instance.settings().gate.enabled;
    let from = is_asked.then(|| client(app, &request.extensions, &request.headers))?;
    countries.of(from.ip)
}

/// Finds who asks from a request, and what shared links have opened for them.
pub async fn viewer(app: &App, request: &Parts) -> Result<Viewer> {
    let viewer = who(app, request).await?;
    Ok(Viewer {
        grants: grants(&request.headers),
        age: age(&request.headers),
        country: country(app, request),
        ..viewer
    })
}

/// The bearer token of a program or the cookie of a browser.
async fn who(app: &App, request: &Parts) -> Result<Viewer> {
    let headers = &request.headers;
    let from = origin(app, &request.extensions, headers);
    if let Some(header) = headers.get(header::AUTHORIZATION) {
        let token = bearer(header.to_str().unwrap_or_default())
            .ok_or_else(|| Error::bad_request("Token is invalid").code("invalid_request"))?;
        if token.starts_with(personal_token::PREFIX) {
            return program(app, token, &from).await;
        }
        let signed_in = session::signed_in(app, token, &from).await?;
        let signed_in = signed_in.ok_or_else(|| token_invalid("invalid_token"))?;
        return Ok(Viewer {
            signed_in: Some(signed_in),
            ..Viewer::default()
        });
    }
    if has_query_token(request.uri.query()) {
        return Err(Error::bad_request("Token is invalid").code("invalid_request"));
    }
    let Some(token) = cookie(headers, SESSION_COOKIE) else {
        return Ok(Viewer::default());
    };
    // A cookie goes along by itself, so a page elsewhere must not be able to act with it.
    if !is_safe(&request.method) && !same_origin(app, headers) {
        return Ok(Viewer::default());
    }
    Ok(Viewer {
        signed_in: session::signed_in(app, token, &from).await?,
        ..Viewer::default()
    })
}

/// Whoever made this token for a program of theirs.
async fn program(app: &App, token: &str, from: &Origin) -> Result<Viewer> {
    let found = personal_token::signed_in(app, token, from).await?;
    let (user, scopes) = found.ok_or_else(|| token_invalid("invalid_token"))?;
    Ok(Viewer {
        signed_in: Some(SignedIn {
            user: Arc::new(user),
            // There is no session that could be ended.
            session_id: SessionId::new(0),
        }),
        scopes: Some(scopes),
        ..Viewer::default()
    })
}

fn has_query_token(query: Option<&str>) -> bool {
    query.is_some_and(|query| {
        query
            .split('&')
            .any(|pair| pair.starts_with("access_token="))
    })
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let body = token.trim_end_matches('=');
    let fits = !body.is_empty()
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
    (scheme.eq_ignore_ascii_case("bearer") && fits).then_some(token)
}

pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Does the request come from a page of this site? Browsers say so and pages cannot forge it.
pub fn same_origin(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => {
            origin == app.config.server.public_url
                || origin
                    .split_once("://")
                    .is_some_and(|(_, origin_host)| origin_host == host)
        }
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// A form that another site sends would act in a visitor's name.
pub fn from_here(app: &App, headers: &HeaderMap) -> Result<()> {
    if same_origin(app, headers) {
        return Ok(());
    }
    Err(Error::forbidden(
        "This came from another site, so it was not done.",
    ))
}
