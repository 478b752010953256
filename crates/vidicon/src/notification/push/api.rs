//! The REST routes of Web Push. PeerTube has none: these are our own.

use super::{Browser, Subscription, SubscriptionId};
use crate::access::{Me, Viewer};
use crate::account::session::Origin;
use crate::app::App;
use crate::check::{self, Body, Check, iso};
use crate::error::{Error, Result, created, no_content};
use crate::listing::Listed;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

fn view(subscription: &Subscription) -> Value {
    let host = url::Url::parse(&subscription.endpoint);
    let host = host.ok().and_then(|url| url.host_str().map(str::to_owned));
    json!({
        "id": subscription.id,
        // The rest of the address is a secret of the browser.
        "host": host,
        "device": subscription.device,
        "lastSentAt": subscription.last_sent_at.map(iso),
        "createdAt": iso(subscription.created_at),
    })
}

/// The site's key, and whether one wants to be told so.
pub async fn state(State(app): State<App>, me: Me) -> Result<Json<Value>> {
    Ok(Json(json!({
        "publicKey": super::public_key(&app).await?,
        "enabled": super::is_wanted(&me.settings),
    })))
}

pub async fn switch(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let enabled = check.strict_bool("enabled");
    let enabled = check.required("enabled", enabled);
    check.finish()?;
    super::want(&app, &me, enabled.unwrap_or(true)).await?;
    Ok(no_content())
}

pub async fn list(State(app): State<App>, me: Me) -> Result<Json<Listed<Value>>> {
    let found = super::list(&app, me.id).await?;
    let total = i64::try_from(found.len()).unwrap_or(0);
    Ok(Listed::new(total, found.iter().map(view).collect()))
}

/// Takes what the browser's `PushSubscription.toJSON()` says.
pub async fn add(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    origin: Origin,
    Body(body): Body,
) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let endpoint = check.text("endpoint", 10..=1_000);
    let endpoint = check.required("endpoint", endpoint).unwrap_or_default();
    let insecure = app.config.server.allow_private_addresses;
    let is_address = url::Url::parse(&endpoint).is_ok_and(|url| {
        url.has_host() && (url.scheme() == "https" || insecure && url.scheme() == "http")
    });
    if !is_address {
        check.fail(
            "endpoint",
            "Should have the HTTPS address of a push service",
        );
    }
    let secret = |name: &str| {
        let found = body.get("keys").and_then(|keys| keys.get(name));
        found.and_then(Value::as_str).unwrap_or_default()
    };
    let browser = Browser::read(secret("p256dh"), secret("auth"));
    if browser.is_err() {
        check.fail("keys", "Should have p256dh and auth of a subscription");
    }
    check.finish()?;
    let browser = browser.map_err(Error::internal)?;
    // A program with a token of its own has no session.
    let session = viewer.signed_in.map(|signed_in| signed_in.session_id);
    let session = session.filter(|id| id.0 != 0);
    let kept = super::subscribe(&app, (me.id, session), &endpoint, &browser, &origin).await?;
    Ok(created("subscription", view(&kept)))
}

pub async fn remove(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let id: SubscriptionId = check::id("id", &id)?;
    super::unsubscribe(&app, me.id, id).await?;
    Ok(no_content())
}
