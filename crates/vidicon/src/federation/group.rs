//! Channels as groups (FEP-1b12): what people say and vote in them goes out wrapped in an Announce,
//! for Lemmy and its relatives, and what comes in wrapped is looked up where it was said.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow};
use super::{comment_in, deliver, local};
use crate::app::App;
use crate::error::Result;
use crate::video::Video;
use fediverse::activity::{self, Activity, Kind};
use fediverse::address::Audience;
use fediverse::context::Context;
use serde_json::Value;

/// Passes on what somebody said or voted about a video of ours, to those who follow its channel as a group.
pub async fn announce(app: &App, video: &Video, said: &Value) -> Result<()> {
    if !video.is_local {
        return Ok(());
    }
    let inboxes = store::group_inboxes(&app.db, video.channel_actor_id).await?;
    let channel = store::actor(&app.db, video.channel_actor_id).await?;
    let Some(channel) = channel.filter(|_| !inboxes.is_empty()) else {
        return Ok(());
    };
    let channel_url = local::actor_url(app, &channel);
    let id = format!("{channel_url}/announces/{}", base::random::uuid());
    let audience = Audience::public(None, Some(&format!("{channel_url}/followers")));
    let wrapped = activity::write(&Kind::Announce, &id, &channel_url, said.clone(), &audience);
    let prepared = deliver::prepare(app, &channel, Context::Comment.on(wrapped)).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &prepared, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// What a group passes on. It is believed only where it was said: what it names is fetched there.
pub async fn receive(app: &App, author: &ActorRow, inner: &Activity) -> remote::Result<()> {
    let refuse = |why: &str| RemoteError::Refused(why.to_owned());
    if author.kind == "account" {
        return Err(refuse("passed on by a person, not by a group"));
    }
    match (&inner.kind, inner.object.kind()) {
        (Kind::Create | Kind::Update, Some("Note" | "Page" | "Article")) => {
            let id = inner
                .object
                .id()
                .ok_or_else(|| refuse("it is about nothing"))?;
            if !id.same_host(&inner.actor) {
                return Err(refuse("the comment is of another server than its author"));
            }
            comment_in::fetch(app, id).await
        }
        (Kind::Delete, _) => {
            let id = inner.object.id();
            let id = id.ok_or_else(|| refuse("it is about nothing"))?;
            comment_in::look_again(app, id).await
        }
        (other, _) => Err(RemoteError::Refused(format!(
            "nothing is done with a {} that a group passes on",
            other.as_str()
        ))),
    }
}
