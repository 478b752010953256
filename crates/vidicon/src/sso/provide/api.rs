//! Programs that use the accounts of this site, over the API: for administrators, and what one has
//! allowed oneself.

use super::{Client, clients, consents, is_redirect_uri, register, remove, take_back};
use crate::access::Me;
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Result, no_content};
use crate::wire::Iso;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;

/// A program. Its secret is told once, when it is added.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct View {
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    name: String,
    redirect_uris: Vec<String>,
    confidential: bool,
    #[schemars(with = "String")]
    created_at: Iso,
}

impl View {
    fn of(client: Client) -> Self {
        View {
            client_id: client.client_id,
            client_secret: None,
            name: client.name,
            redirect_uris: client.redirect_uris,
            confidential: client.secret_hash.is_some(),
            created_at: Iso(client.created_at),
        }
    }
}

pub async fn list(State(app): State<App>) -> Result<Json<Vec<View>>> {
    let found = clients(&app).await?;
    Ok(Json(found.into_iter().map(View::of).collect()))
}

pub async fn add(State(app): State<App>, Body(body): Body) -> Result<Json<View>> {
    let mut check = Check::body(&body);
    let name = check.text("name", 1..=120);
    let name = check.required("name", name);
    let uris = check.texts("redirectUris", 1..=20, 1..=500);
    let uris = check.required("redirectUris", uris);
    let confidential = check.strict_bool("confidential").or(true);
    if uris.iter().flatten().any(|uri| !is_redirect_uri(uri)) {
        check.fail("redirectUris", "Should be secure web addresses");
    }
    check.finish()?;
    let (name, redirect_uris) = (name.unwrap_or_default(), uris.unwrap_or_default());
    let made = register(&app, &name, &redirect_uris, confidential).await?;
    Ok(Json(View {
        client_id: made.client_id,
        client_secret: made.secret,
        name,
        redirect_uris,
        confidential,
        created_at: Iso(app.clock.now()),
    }))
}

pub async fn delete(State(app): State<App>, Path(client_id): Path<String>) -> Result<Response> {
    remove(&app, &client_id).await?;
    Ok(no_content())
}

#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Allowed {
    client_id: String,
    name: String,
    scope: String,
    #[schemars(with = "String")]
    created_at: Iso,
}

pub async fn mine(State(app): State<App>, me: Me) -> Result<Json<Vec<Allowed>>> {
    let found = consents(&app, me.id).await?;
    let shown = found.into_iter().map(|consent| Allowed {
        client_id: consent.client_id,
        name: consent.name,
        scope: consent.scope,
        created_at: Iso(consent.created_at),
    });
    Ok(Json(shown.collect()))
}

pub async fn take_back_mine(
    State(app): State<App>,
    me: Me,
    Path(client_id): Path<String>,
) -> Result<Response> {
    take_back(&app, me.id, &client_id).await?;
    Ok(no_content())
}
