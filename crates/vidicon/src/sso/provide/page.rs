//! The page on which people allow a program to know who they are.

use super::{Client, NewCode, client, issue_code, may_redirect, scopes, store};
use crate::account::User;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::page::form::Form;
use crate::page::{Page, go};
use crate::sso::attempt::text;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

/// What a program asks for, after the checks that must come before any redirect.
struct Wish {
    client: Client,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: String,
    challenge: String,
}

#[derive(Template)]
#[template(path = "sso/allow.html")]
struct Allow<'p> {
    page: &'p Page,
    wish: &'p Wish,
    learns: Vec<&'static str>,
}

/// A wrong program or address is said here: nobody is sent to an address that nobody listed.
async fn read(app: &App, query: &Map<String, Value>) -> Result<Wish> {
    let found = client(app, text(query, "client_id")).await?;
    let client = found.ok_or_else(|| Error::bad_request("This program is not known here."))?;
    let redirect_uri = text(query, "redirect_uri").to_owned();
    if !may_redirect(&client, &redirect_uri) {
        let detail = "The program wants to send you to an address that is not known here.";
        return Err(Error::bad_request(detail));
    }
    Ok(Wish {
        client,
        redirect_uri,
        scope: scopes(text(query, "scope")).join(" "),
        state: text(query, "state").to_owned(),
        nonce: text(query, "nonce").to_owned(),
        challenge: text(query, "code_challenge").to_owned(),
    })
}

/// What else is wrong goes back to the program as one of RFC 6749's words.
fn fault(query: &Map<String, Value>, wish: &Wish) -> Option<&'static str> {
    let method = text(query, "code_challenge_method");
    if text(query, "response_type") != "code" {
        Some("unsupported_response_type")
    } else if wish.scope.is_empty() {
        Some("invalid_scope")
    } else if (wish.challenge.is_empty() && wish.client.secret_hash.is_none())
        || (!wish.challenge.is_empty() && method != "S256")
    {
        Some("invalid_request")
    } else {
        None
    }
}

/// `GET /oauth/authorize`.
pub async fn ask(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let wish = read(&app, &query).await?;
    if let Some(fault) = fault(&query, &wish) {
        return back(&app, &wish, &[("error", fault)]);
    }
    let prompt = text(&query, "prompt");
    let Some(user) = page.viewer.user() else {
        if prompt == "none" {
            return back(&app, &wish, &[("error", "login_required")]);
        }
        let next = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("next", &page.path)
            .finish();
        return Ok(go(&app, &format!("/login?{next}"), None));
    };
    let kept = store::consent(&app.db, wish.client.id, user.id).await?;
    let allowed = kept.is_some_and(|(kept,)| {
        let kept = scopes(&kept);
        scopes(&wish.scope).iter().all(|scope| kept.contains(scope))
    });
    if allowed && prompt != "consent" {
        return with_code(&app, &wish, user).await;
    }
    if prompt == "none" {
        return back(&app, &wish, &[("error", "consent_required")]);
    }
    Ok(shown(&page, &wish))
}

fn shown(page: &Page, wish: &Wish) -> Response {
    let learns = scopes(&wish.scope).into_iter().map(|scope| match scope {
        "profile" => page.t("oauth-profile"),
        "email" => page.t("oauth-email"),
        "roles" => page.t("oauth-roles"),
        "offline_access" => page.t("oauth-offline"),
        _ => page.t("oauth-openid"),
    });
    let template = Allow {
        page,
        wish,
        learns: learns.collect(),
    };
    let mut response = page.render(&template);
    // The answer to the form leads to the program, which browsers count as a place of the form.
    let place = url::Url::parse(&wish.redirect_uri).ok();
    let place = place.map(|url| match url.origin() {
        origin if origin.is_tuple() => origin.ascii_serialization(),
        _ => format!("{}:", url.scheme()),
    });
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY);
    let policy = policy
        .and_then(|policy| policy.to_str().ok())
        .map(|policy| {
            let to = format!("form-action 'self' {}", place.unwrap_or_default());
            policy.replace("form-action 'self'", &to)
        });
    if let Some(Ok(policy)) = policy.map(HeaderValue::try_from) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// `POST /oauth/authorize`: the answer of a person. The session's cookie counts only from our own
/// page, so no other site can answer for them.
pub async fn answer(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let mut query = Map::new();
    for name in [
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
    ] {
        query.insert(name.to_owned(), form.raw(name).into());
    }
    for (name, value) in [("response_type", "code"), ("code_challenge_method", "S256")] {
        query.insert(name.to_owned(), value.into());
    }
    let user = page.viewer.user().ok_or_else(Error::not_authenticated)?;
    let wish = read(&app, &query).await?;
    if let Some(fault) = fault(&query, &wish) {
        return back(&app, &wish, &[("error", fault)]);
    }
    if form.text("decision") != "allow" {
        return back(&app, &wish, &[("error", "access_denied")]);
    }
    let now = app.clock.now();
    store::keep_consent(&app.db, wish.client.id, user.id, &wish.scope, now).await?;
    with_code(&app, &wish, user).await
}

async fn with_code(app: &App, wish: &Wish, user: &User) -> Result<Response> {
    let some = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let (nonce, challenge) = (some(&wish.nonce), some(&wish.challenge));
    let new = NewCode {
        client: &wish.client,
        user,
        redirect_uri: &wish.redirect_uri,
        scope: &wish.scope,
        nonce: nonce.as_deref(),
        challenge: challenge.as_deref(),
    };
    let code = issue_code(app, &new).await?;
    back(app, wish, &[("code", &code)])
}

/// Back to the program.
fn back(app: &App, wish: &Wish, what: &[(&str, &str)]) -> Result<Response> {
    let mut url = url::Url::parse(&wish.redirect_uri).map_err(Error::internal)?;
    let mut pairs = url.query_pairs_mut();
    for (name, value) in what {
        pairs.append_pair(name, value);
    }
    if !wish.state.is_empty() {
        pairs.append_pair("state", &wish.state);
    }
    pairs.append_pair("iss", &app.config.server.public_url);
    drop(pairs);
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    let place = HeaderValue::from_str(url.as_str()).map_err(Error::internal)?;
    headers.insert(header::LOCATION, place);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
