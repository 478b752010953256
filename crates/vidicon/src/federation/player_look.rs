//! How channels want their players to look: ours are served and told, those of others are read.

use super::collections::own;
use super::remote::{self, RemoteError};
use super::store::{self, ActorRow};
use super::{actor_out, document, local, rules};
use crate::account::ActorId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::player;
use axum::extract::{Path, State};
use axum::response::Response;
use base::Tx;
use base::clock::Millis;
use base::job::{JobError, NewJob, Running};
use fediverse::activity::{self, Kind};
use fediverse::address::Id;
use fediverse::context::Context;
use serde::Deserialize;
use serde_json::{Value, json};

/// The kind of the job that reads what a channel elsewhere wants.
pub const READ_JOB: &str = "federation_player_look";
/// A channel here wants another look. The name is the video slice's.
pub const CHANGED_JOB: &str = player::CHANNEL_CHANGED_JOB;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    actor_id: ActorId,
    url: Option<String>,
}

/// `/video-channels/{name}/player-settings`
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let actor = own(&app, "video-channels", &name).await?;
    let settings = settings(&app, &actor).await?;
    Ok(document::answer(&Context::PlayerSettings.on(settings)))
}

async fn settings(app: &App, actor: &ActorRow) -> Result<Value> {
    let channel = store::channel_of(&app.db, actor.id).await?;
    let channel = channel.ok_or_else(|| Error::not_found("There is no such channel here."))?;
    let url = local::actor_url(app, actor);
    Ok(json!({
        "type": "PlayerSettings", "id": format!("{url}/player-settings"), "object": url,
        "theme": player::own_theme_of_channel(app, channel.channel_id).await?,
    }))
}

/// Tells those who follow a channel of ours of its new look.
pub async fn tell(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { actor_id, .. } = running.job.payload()?;
    let actor = store::actor(&app.db, actor_id).await?;
    let actor = actor.filter(|actor| actor.is_local() && actor.deleted_at.is_none());
    let Some(actor) = actor.filter(|_| app.config.federation.enabled) else {
        return Ok(());
    };
    let url = local::actor_url(app, &actor);
    let object = settings(app, &actor).await?;
    let id = format!("{url}/player-settings/{}", local::stamp(app, "updates"));
    let update = activity::write(&Kind::Update, &id, &url, object, &actor_out::audience(&url));
    actor_out::send(app, &actor, update, Context::PlayerSettings).await?;
    Ok(())
}

/// Has the settings of a channel elsewhere read by a job.
pub async fn ask(tx: &mut Tx, actor: ActorId, url: &Id, now: Millis) -> remote::Result<()> {
    NewJob::new(READ_JOB, json!({ "actorId": actor, "url": url.as_str() }))
        .max_attempts(3)
        .once(format!("{READ_JOB}:{actor}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

/// A channel speaks of its own look; what it says is fetched from its server.
pub async fn receive(app: &App, author: &ActorRow, channel: &ActorRow) -> remote::Result<()> {
    if author.host != channel.host {
        return Err(RemoteError::Refused(
            "the channel is of another server".to_owned(),
        ));
    }
    let url = channel.url.as_deref().unwrap_or_default();
    remote::refresh(app, &Id::parse(url, rules(app))?)
        .await
        .map(drop)
}

pub async fn read(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { actor_id, url } = running.job.payload()?;
    let Some(actor) = store::actor(&app.db, actor_id).await? else {
        return Ok(());
    };
    let Some(channel) = store::channel_of(&app.db, actor.id).await? else {
        return Ok(());
    };
    let Ok(id) = Id::parse(&url.unwrap_or_default(), rules(app)) else {
        return Ok(());
    };
    let Ok(settings) = remote::document(app, &id).await else {
        return Ok(());
    };
    let theme = settings.get("theme").and_then(Value::as_str);
    let of_it = fediverse::json::reference(&settings, "object") == actor.url.as_deref();
    if let Some(theme) = theme
        && !actor.is_local()
        && fediverse::json::is_kind(&settings, "PlayerSettings")
        && of_it
        && player::THEMES_OF_CHANNELS.contains(&theme)
        && player::own_theme_of_channel(app, channel.channel_id).await? != theme
    {
        player::set_theme_of_channel(app, channel.channel_id, theme).await?;
    }
    Ok(())
}
