//! Log-ins from elsewhere over the API: which there are, tokens for programs, which are mine, and
//! what a forum tells.

use super::attempt::text;
use super::{is_signed_by_forum, links, member, page, provider, store, unlink};
use crate::access::Me;
use crate::account::api as account_api;
use crate::account::session::{self, Origin, token_hash};
use crate::app::App;
use crate::check::Body;
use crate::config::SsoKind;
use crate::error::{Error, Result, no_content};
use crate::wire::Iso;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::clock::Millis;
use serde::{Deserialize, Serialize};

/// A way to log in.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    name: String,
    label: String,
    kind: String,
    /// Where a browser goes; nothing for directories, which take the usual form.
    url: Option<String>,
    /// Where a program lets its browser go; it then waits for `/login?externalAuthToken=`.
    program_url: Option<String>,
}

pub async fn ways(State(app): State<App>) -> Json<Vec<Way>> {
    let ways = app.config.sso.iter().map(|(name, sso)| {
        let url = sso.has_page().then(|| app.url(&format!("/sso/{name}")));
        let version = env!("CARGO_PKG_VERSION");
        let program = format!("/plugins/sso/{version}/auth/{name}");
        Way {
            name: name.clone(),
            label: sso.label(name).to_owned(),
            kind: match sso.kind {
                SsoKind::Oidc => "oidc",
                SsoKind::Discourse => "discourse",
                SsoKind::Ldap => "ldap",
                SsoKind::Saml => "saml",
            }
            .to_owned(),
            program_url: url.is_some().then(|| app.url(&program)),
            url,
        }
    });
    Json(ways.collect())
}

/// `POST /users/token`: a token from a log-in in a browser, or the usual grants and then the
/// directories.
pub async fn token(
    State(app): State<App>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    let handed = text(&body, "externalAuthToken").to_owned();
    let (name, password) = (text(&body, "username"), text(&body, "password"));
    let (name, password) = (name.to_owned(), password.to_owned());
    let by_password = text(&body, "grant_type") == "password";
    if by_password && !handed.is_empty() {
        account_api::check_client(&app, &headers, &body).await?;
        let wrong = || Error::bad_request("Cannot login with this external auth token.");
        let now = app.clock.now();
        let found = store::take_handover(&app.db, &token_hash(&handed), now).await?;
        let found = found.filter(|it| it.username == name.to_lowercase());
        let user_id = found.ok_or_else(wrong)?.user_id;
        let tokens = session::start(&app, user_id, &origin).await?;
        return Ok(account_api::answer(&app, &tokens));
    }
    let usual = account_api::token(State(app.clone()), origin.clone(), headers, Body(body));
    let refusal = match usual.await {
        Err(error) if by_password && error.code_str() == Some("invalid_grant") => error,
        other => return other,
    };
    if !page::has_directory(&app) {
        return Err(refusal);
    }
    let user = page::recognize(&app, &name, &password).await?;
    let tokens = session::start(&app, user.ok_or(refusal)?.id, &origin).await?;
    Ok(account_api::answer(&app, &tokens))
}

#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MyLogin {
    provider: String,
    label: String,
    name: String,
    #[schemars(with = "String")]
    created_at: Iso,
    #[schemars(with = "String")]
    last_used_at: Iso,
}

pub async fn mine(State(app): State<App>, me: Me) -> Result<Json<Vec<MyLogin>>> {
    let links = links(&app, me.id).await?;
    let shown = links.into_iter().map(|link| MyLogin {
        label: match app.config.sso.get(&link.provider) {
            Some(sso) => sso.label(&link.provider).to_owned(),
            None => link.provider.clone(),
        },
        provider: link.provider,
        name: link.shown_name,
        created_at: Iso(link.created_at),
        last_used_at: Iso(link.last_used_at),
    });
    Ok(Json(shown.collect()))
}

pub async fn unlink_mine(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
) -> Result<Response> {
    unlink(&app, me.id, &name).await?;
    Ok(no_content())
}

/// What the webhook of a forum sends about somebody.
#[derive(Deserialize)]
struct Event {
    user: EventUser,
}

#[derive(Deserialize)]
struct EventUser {
    id: i64,
    #[serde(default)]
    suspended_till: Option<String>,
    #[serde(default)]
    groups: Option<Vec<EventGroup>>,
    #[serde(default)]
    admin: bool,
    #[serde(default)]
    moderator: bool,
}

#[derive(Deserialize)]
struct EventGroup {
    name: String,
}

/// Events after which nobody stays logged in here.
const ENDING: [&str; 4] = [
    "user_logged_out",
    "user_suspended",
    "user_destroyed",
    "user_anonymized",
];

/// `POST /sso/{name}/events`: the webhook of a forum. Who is suspended or logged out there is
/// logged out here; whose groups changed gets what they bring.
pub async fn events(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let sso = provider(&app, &name)?;
    let field = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = field("x-discourse-event-signature").unwrap_or_default();
    if !is_signed_by_forum(&sso.webhook_secret, &body, signature) {
        return Err(Error::forbidden(
            "The signature of this event does not fit.",
        ));
    }
    let kind = field("x-discourse-event").unwrap_or_default();
    let Ok(Event { user }) = serde_json::from_slice::<Event>(&body) else {
        // A ping, or an event about something else than people.
        return Ok(no_content());
    };
    let Some(link) = store::link(&app.db, &name, &user.id.to_string()).await? else {
        return Ok(no_content());
    };
    if ENDING.contains(&kind) || is_suspended(&app, user.suspended_till.as_deref()) {
        session::end_all(&app.db, link.user_id).await?;
        tracing::info!(
            user.id = link.user_id.0,
            kind,
            "the forum ended the sessions of a user"
        );
        return Ok(no_content());
    }
    if let Some(groups) = user.groups {
        let mut groups: Vec<String> = groups.into_iter().map(|group| group.name).collect();
        groups.extend(user.admin.then(|| "admins".to_owned()));
        groups.extend(user.moderator.then(|| "moderators".to_owned()));
        member::follow_groups(&app, sso, &link, groups).await?;
    }
    Ok(no_content())
}

fn is_suspended(app: &App, until: Option<&str>) -> bool {
    let format = &time::format_description::well_known::Rfc3339;
    until.is_some_and(|until| {
        let parsed = time::OffsetDateTime::parse(until, format);
        // Somebody suspended for ever may have a date that cannot be read.
        parsed.map_or(true, |until| {
            Millis::try_from(until.unix_timestamp_nanos() / 1_000_000)
                .is_ok_and(|until| until > app.clock.now())
        })
    })
}
