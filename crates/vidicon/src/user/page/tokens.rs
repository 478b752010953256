//! The page of one's own access tokens: what programs log in with instead of the password.

use super::{body, tabs};
use crate::access::Me;
use crate::account::api::personal_token as api;
use crate::account::personal_token::{self, DOMAINS, PersonalToken};
use crate::app::App;
use crate::error::Result;
use crate::listing::Paging;
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::{Page, go, words};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::clock::DAY;
use serde_json::{Value, json};

#[derive(Template)]
#[template(path = "account/tokens.html")]
struct Tokens<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    /// A new one, shown this once.
    fresh: Option<String>,
    name: String,
    lines: Vec<Line>,
}

struct Line {
    id: String,
    name: String,
    writes: bool,
    used: Option<String>,
    until: Option<String>,
}

const HERE: &str = "/my/settings/tokens";
const LABELS: [(&str, &str); 1] = [("name", "token-name")];

/// `GET /my/settings/tokens`.
pub async fn show(State(app): State<App>, page: Page, me: Me) -> Result<Response> {
    let template = template(&app, &page, &me).await?;
    Ok(page.render(&template))
}

async fn template<'p>(app: &App, page: &'p Page, me: &Me) -> Result<Tokens<'p>> {
    let paging = Paging {
        start: 0,
        count: 100,
    };
    let (_, found) = personal_token::list(app, me.id, paging).await?;
    let line = |it: &PersonalToken| Line {
        id: it.id.to_string(),
        name: it.name.clone(),
        writes: it.scopes.contains(":write"),
        used: it.last_used_at.map(|at| page.ago(at)),
        until: it.expires_at.map(|at| page.date(at)),
    };
    Ok(Tokens {
        page,
        tabs: tabs(page, HERE),
        error: None,
        fresh: None,
        name: String::new(),
        lines: found.iter().map(line).collect(),
    })
}

/// `POST /my/settings/tokens`.
pub async fn add(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let kinds: &[&str] = if form.text("writes").is_empty() {
        &["read"]
    } else {
        &["read", "write"]
    };
    let scopes: Vec<String> = DOMAINS
        .iter()
        .flat_map(|domain| kinds.iter().map(move |kind| format!("{domain}:{kind}")))
        .collect();
    let days = form.number("days").filter(|days| (1..=3650).contains(days));
    let until = days.map(|days| crate::check::iso(page.now + days * DAY));
    let wanted = body([
        ("name", form.text("name").into()),
        ("scopes", json!(scopes)),
        ("expiresAt", json!(until)),
    ]);
    let made = api::create(State(app.clone()), me.clone(), wanted).await;
    let mut template = template(&app, &page, &me).await?;
    match made {
        Ok(answer) => {
            let text = answer
                .0
                .pointer("/accessToken/token")
                .and_then(Value::as_str);
            template.fresh = text.map(str::to_owned);
            Ok(page.render_with(&template, StatusCode::CREATED, &[]))
        }
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            form.text("name").clone_into(&mut template.name);
            template.error = Some(words::fault(&page, &error, &LABELS));
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}

/// `POST /my/settings/tokens/{id}/end`.
pub async fn end(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    api::delete(State(app.clone()), me, Path(id)).await?;
    Ok(go(&app, HERE, Some((false, page.t("token-ended")))))
}
