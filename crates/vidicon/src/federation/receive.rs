//! Works off what came in: each kind of activity by the rules for who may send it.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, ReceivedId};
use super::{
    comment_in, flag, follow, group, migrate, mirror, player_look, playlist_in, rate, react, rules,
    video_in, watching,
};
use crate::app::App;
use base::job::{JobError, Running};
use fediverse::activity::{Activity, Kind};
use fediverse::address::Id;
use serde::Deserialize;

/// The kind of the job that works off one activity.
pub const JOB: &str = "federation_receive";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    received_id: ReceivedId,
}

pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { received_id } = running.job.payload()?;
    let Some(row) = store::received(&app.db, received_id).await? else {
        return Ok(());
    };
    if row.worked_at.is_some() {
        return Ok(());
    }
    let outcome = match store::actor(&app.db, row.signer_actor_id).await? {
        Some(author) => work_off(app, &author, &row.body).await,
        None => Ok(()),
    };
    let last_try = running.job.attempt >= running.job.max_attempts;
    let refusal = match outcome {
        Ok(()) => None,
        Err(RemoteError::Unreachable(cause)) if !last_try => return Err(JobError::Retry(cause)),
        Err(error) => Some(error.to_string()),
    };
    if let Some(refusal) = &refusal {
        tracing::debug!(refusal, "an activity was not accepted");
    }
    app.measures.activities.ended(&row.kind, refusal.is_none());
    store::close_received(&app.db, received_id, refusal.as_deref(), app.clock.now()).await?;
    Ok(())
}

async fn work_off(app: &App, author: &ActorRow, body: &str) -> remote::Result<()> {
    let body =
        serde_json::from_str(body).map_err(|error| RemoteError::Refused(error.to_string()))?;
    let activity = Activity::read(&body, rules(app))?;
    match &activity.kind {
        Kind::Follow => follow::receive(app, author, &activity).await,
        Kind::Accept => follow::receive_accept(app, author, &activity).await,
        Kind::Reject => follow::receive_reject(app, author, &activity).await,
        Kind::Create => create(app, author, &activity).await,
        Kind::Update => update(app, author, &activity).await,
        Kind::Delete => delete(app, author, &activity).await,
        Kind::Announce => announce(app, author, &activity).await,
        Kind::Like if !react::is_reaction(app, &activity) => {
            rate::receive(app, author, &activity, Some("like")).await
        }
        Kind::Like => react::receive(app, author, (&activity, &activity), true).await,
        Kind::Other(kind) if kind == react::REACTION => {
            react::receive(app, author, (&activity, &activity), true).await
        }
        Kind::Dislike => rate::receive(app, author, &activity, Some("dislike")).await,
        Kind::Flag => flag::receive(app, author, &activity).await,
        Kind::Move => migrate::receive(app, author, &activity).await,
        Kind::View | Kind::Download => watching::receive(app, author, &activity).await,
        Kind::Undo => undo(app, author, &activity).await,
        Kind::ApproveReply => comment_in::receive_judgement(app, author, &activity, true).await,
        Kind::RejectReply => comment_in::receive_judgement(app, author, &activity, false).await,
        other => Err(RemoteError::Refused(format!(
            "nothing is done with {}",
            other.as_str()
        ))),
    }
}

async fn create(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let id = object_id(activity)?;
    match activity.object.kind() {
        Some("Note" | "Page" | "Article" | "Question") => {
            comment_in::receive_create(app, author, activity).await
        }
        Some("Video") | None => video_in::receive_create(app, author, id).await,
        Some("Playlist") => playlist_in::receive(app, author, id).await,
        Some("CacheFile") => mirror::receive(app, author, activity).await,
        Some("WatchAction") => watching::receive_session(app, author, activity).await,
        Some(other) => Err(RemoteError::Refused(format!("no {other} is kept here"))),
    }
}

async fn announce(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    if let Some(inner) = activity.inner(rules(app)) {
        return group::receive(app, author, &inner?).await;
    }
    let id = object_id(activity)?;
    video_in::receive_announce(app, author, activity, id).await
}

/// Only what the same actor did can be undone by it.
async fn undo(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let inner = match activity.inner(rules(app)) {
        Some(inner) => inner?,
        None => return follow::receive_undo_by_id(app, author, activity.object.id()).await,
    };
    if inner.actor != activity.actor {
        return Err(RemoteError::Refused(
            "it undoes what another actor did".to_owned(),
        ));
    }
    match inner.kind {
        Kind::Follow => follow::receive_undo(app, author, &inner).await,
        Kind::Create if inner.object.kind() == Some("CacheFile") => {
            mirror::receive_undo(app, author, &inner, activity).await?;
            may_come_again(app, &inner, activity).await
        }
        Kind::Announce => {
            video_in::receive_undo_announce(app, author, object_id(&inner)?, activity).await?;
            may_come_again(app, &inner, activity).await
        }
        Kind::Other(ref kind) if kind == react::REACTION => {
            react::receive(app, author, (&inner, activity), false).await?;
            may_come_again(app, &inner, activity).await
        }
        Kind::Like if react::is_reaction(app, &inner) => {
            react::receive(app, author, (&inner, activity), false).await?;
            may_come_again(app, &inner, activity).await
        }
        Kind::Like | Kind::Dislike => {
            rate::receive(app, author, &inner, None).await?;
            may_come_again(app, &inner, activity).await
        }
        other => Err(RemoteError::Refused(format!(
            "nothing is undone of {}",
            other.as_str()
        ))),
    }
}

/// PeerTube gives a like of the same video the same id each time, and so it does with its undoing.
async fn may_come_again(app: &App, inner: &Activity, undo: &Activity) -> remote::Result<()> {
    let ids = inner.id.iter().map(|id| id.as_str().to_owned());
    store::forget_received(&app.db, &ids.collect::<Vec<_>>()).await?;
    if let Some(id) = &undo.id {
        store::forget_after(&app.db, id.as_str()).await?;
    }
    Ok(())
}

/// An actor may change itself and nobody else. What it says is fetched again from its own server.
async fn update(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let id = object_id(activity)?;
    if Some(id.as_str()) == author.url.as_deref() {
        remote::refresh(app, id).await?;
        return Ok(());
    }
    match (activity.object.kind(), activity.object.value()) {
        (Some("Video"), _) => video_in::receive_update(app, author, id).await,
        (Some("Playlist"), _) => playlist_in::receive(app, author, id).await,
        (Some("PlayerSettings"), Some(settings)) => {
            let about = fediverse::json::reference(settings, "object").unwrap_or_default();
            if let Some(channel) = store::actor_by_url(&app.db, about).await? {
                return player_look::receive(app, author, &channel).await;
            }
            // Of a video: it is read anew, with all that hangs on it.
            video_in::receive_update(app, author, &Id::parse(about, rules(app))?).await
        }
        (Some("CacheFile"), _) => mirror::receive(app, author, activity).await,
        (Some("Note" | "Page" | "Article"), Some(note)) => {
            comment_in::receive_update(app, author, note, &activity.raw).await
        }
        _ => Err(RemoteError::Refused(
            "nothing that is known here".to_owned(),
        )),
    }
}

async fn delete(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let id = object_id(activity)?;
    if Some(id.as_str()) == author.url.as_deref() {
        return remote::forget(app, id).await;
    }
    if let Some(known) = store::video_by_url(&app.db, id.as_str()).await? {
        return video_in::receive_delete(app, author, &known).await;
    }
    if let Some(known) = store::playlist_by_url(&app.db, id.as_str()).await? {
        return playlist_in::receive_delete(app, author, &known).await;
    }
    if let Some(known) = store::comment_by_url(&app.db, id.as_str()).await? {
        return comment_in::receive_delete(app, author, &known, &activity.raw).await;
    }
    Err(RemoteError::Refused(
        "nothing that is known here".to_owned(),
    ))
}

fn object_id(activity: &Activity) -> remote::Result<&Id> {
    activity
        .object
        .id()
        .ok_or_else(|| RemoteError::Refused("it is about nothing".to_owned()))
}
