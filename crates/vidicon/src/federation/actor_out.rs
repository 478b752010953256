//! What is sent when an actor of ours changes, moves, or is no more.

use super::store::{self, ActorRow};
use super::{deliver, local};
use crate::account::ActorId;
use crate::app::App;
use crate::error::Result;
use base::job::{JobError, Running};
use fediverse::activity::{self, Kind};
use fediverse::address::Audience;
use fediverse::context::Context;
use serde::Deserialize;
use serde_json::{Value, json};

/// The names are the account slice's.
pub const CHANGED_JOB: &str = crate::account::ACTOR_CHANGED_JOB;
pub const BURIED_JOB: &str = crate::account::ACTOR_BURIED_JOB;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    actor_id: ActorId,
}

/// Its followers hear of it, and those who follow who announced its videos.
async fn inboxes(app: &App, actor: &ActorRow) -> Result<Vec<String>> {
    let server = local::server_actor(app).await?;
    let mut actors = vec![actor.id, server.id];
    actors.extend(store::sharers_of(&app.db, actor.id).await?);
    Ok(store::follower_inboxes(&app.db, &actors).await?)
}

pub async fn send(app: &App, actor: &ActorRow, said: Value, context: Context) -> Result<()> {
    let prepared = deliver::prepare(app, actor, context.on(said)).await?;
    let inboxes = inboxes(app, actor).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &prepared, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

pub fn audience(actor_url: &str) -> Audience {
    Audience::public(None, Some(&format!("{actor_url}/followers")))
}

/// Its name, description or picture is another.
pub async fn tell_changed(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { actor_id } = running.job.payload()?;
    let found = store::actor(&app.db, actor_id).await?;
    let found = found.filter(|actor| actor.is_local() && actor.deleted_at.is_none());
    let Some(actor) = found.filter(|_| app.config.federation.enabled) else {
        return Ok(());
    };
    let url = local::actor_url(app, &actor);
    let object = local::document(app, &actor).await?.to_json();
    let id = format!("{url}/{}", local::stamp(app, "updates"));
    let update = activity::write(&Kind::Update, &id, &url, object, &audience(&url));
    send(app, &actor, update, Context::Actor).await?;
    Ok(())
}

/// It is no more: its followers are told, then they are forgotten.
pub async fn tell_buried(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { actor_id } = running.job.payload()?;
    let found = store::actor(&app.db, actor_id).await?;
    let Some(actor) = found.filter(|actor| actor.is_local() && actor.deleted_at.is_some()) else {
        return Ok(());
    };
    // One that never had keys never met another server.
    if app.config.federation.enabled && store::has_keys(&app.db, actor.id).await? {
        let url = local::actor_url(app, &actor);
        let id = format!("{url}/delete");
        let delete = activity::write(&Kind::Delete, &id, &url, json!(url), &audience(&url));
        send(app, &actor, delete, Context::Plain).await?;
    }
    let mut tx = app.db.begin().await?;
    store::drop_follows(&mut tx, actor.id).await?;
    tx.commit().await?;
    Ok(())
}
