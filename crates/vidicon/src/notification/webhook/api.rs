//! The REST routes of webhooks. PeerTube has none: these are our own.

use super::{EVENTS, Form, Webhook, WebhookId, secret, store, try_out};
use crate::app::App;
use crate::check::{self, Body, Check, Query, iso};
use crate::error::{Error, Result, created, no_content};
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// So many webhooks there may be.
const MOST: i64 = 100;

fn view(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id,
        "url": webhook.url,
        "secret": webhook.secret,
        "events": webhook.events,
        "enabled": webhook.enabled,
        "form": webhook.form,
        "lastStatus": webhook.last_status,
        "lastError": webhook.last_error,
        "lastCalledAt": webhook.last_called_at.map(iso),
        "createdAt": iso(webhook.created_at),
        "updatedAt": iso(webhook.updated_at),
    })
}

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let total = store::count(&app.db).await?;
    let page = store::page(&app.db, paging).await?;
    Ok(Listed::new(total, page.iter().map(view).collect()))
}

struct Wanted {
    url: Option<String>,
    events: Option<Vec<String>>,
    enabled: Option<bool>,
    form: Option<Form>,
}

fn read(body: &Map<String, Value>, is_new: bool) -> Result<Wanted> {
    let mut check = Check::body(body);
    let url = check.text("url", 3..=2_000);
    let url = if is_new {
        check.required("url", url)
    } else {
        url.value()
    };
    let is_address = |text: &String| {
        url::Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    };
    if url.as_ref().is_some_and(|url| !is_address(url)) {
        check.fail("url", "Should have a valid URL");
    }
    let events = check.texts("events", 0..=EVENTS.len(), 1..=60).value();
    let known = |events: &Vec<String>| events.iter().all(|it| EVENTS.contains(&it.as_str()));
    if events.as_ref().is_some_and(|events| !known(events)) {
        check.fail("events", "Should have names of events that there are");
    }
    let enabled = check.strict_bool("enabled").value();
    let form = check.one_of("form", &Form::NAMES).value();
    check.finish()?;
    Ok(Wanted {
        url,
        events,
        enabled,
        form: form.as_deref().map(Form::named),
    })
}

pub async fn add(State(app): State<App>, Body(body): Body) -> Result<Json<Value>> {
    let wanted = read(&body, true)?;
    if store::count(&app.db).await? >= MOST {
        return Err(Error::bad_request(
            "There are as many webhooks as there can be.",
        ));
    }
    let now = app.clock.now();
    let webhook = Webhook {
        id: WebhookId::new(0),
        url: wanted.url.unwrap_or_default(),
        secret: secret(),
        events: wanted.events.unwrap_or_default(),
        enabled: wanted.enabled.unwrap_or(true),
        form: wanted.form.unwrap_or_default(),
        last_status: None,
        last_error: None,
        last_called_at: None,
        created_at: now,
        updated_at: now,
    };
    let id = store::add(&app.db, &webhook).await?;
    Ok(created("webhook", view(&Webhook { id, ..webhook })))
}

async fn find(app: &App, id: &str) -> Result<Webhook> {
    let id: WebhookId = check::id("id", id)?;
    let found = store::find(&app.db, id).await?;
    found.ok_or_else(|| Error::not_found("Webhook not found"))
}

pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let mut webhook = find(&app, &id).await?;
    let wanted = read(&body, false)?;
    webhook.url = wanted.url.unwrap_or(webhook.url);
    webhook.events = wanted.events.unwrap_or(webhook.events);
    webhook.enabled = wanted.enabled.unwrap_or(webhook.enabled);
    webhook.form = wanted.form.unwrap_or(webhook.form);
    store::change(&app.db, &webhook, app.clock.now()).await?;
    Ok(no_content())
}

pub async fn remove(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let webhook = find(&app, &id).await?;
    store::remove(&app.db, webhook.id).await?;
    Ok(no_content())
}

/// Sends a test event; how it went stands in the webhook soon after.
pub async fn test(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let webhook = find(&app, &id).await?;
    try_out(&app, &webhook).await?;
    Ok(no_content())
}
