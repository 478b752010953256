//! The jobs of federation.

use super::store;
use super::{comment_out, deliver, follow_api, receive, remote, video_out};
use crate::account::{AccountId, ActorId};
use crate::app::App;
use crate::video::VideoId;
use base::clock::DAY;
use base::job::{JobError, NewJob, Running};
use fediverse::webfinger::Handle;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// What is worked off: activities that came in, and the queues of other servers.
pub const RECEIVE: &str = receive::JOB;
pub const DELIVER: &str = deliver::JOB;
pub const FOLLOW: &str = follow_api::JOB;

pub async fn receive(app: &App, running: &Running) -> Result<(), JobError> {
    receive::run(app, running).await
}

pub async fn deliver(app: &App, running: &Running) -> Result<(), JobError> {
    deliver::run(app, running).await
}

pub async fn follow(app: &App, running: &Running) -> Result<(), JobError> {
    follow_api::run(app, running).await
}

/// A user wants to follow an actor of another server, or has stopped. The names are the follow slice's.
pub const SUBSCRIBE: &str = "follow_remote";
pub const UNSUBSCRIBE: &str = "unfollow_remote";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfUser {
    account_id: AccountId,
    handle: Option<String>,
    actor_id: Option<ActorId>,
}

pub async fn subscribe(app: &App, running: &Running) -> Result<(), JobError> {
    let asked: OfUser = running.job.payload()?;
    let handle = Handle::parse(asked.handle.as_deref().unwrap_or_default());
    let handle = handle.map_err(|error| JobError::Fail(error.to_string()))?;
    let Some(follower) = store::actor_of_account(&app.db, asked.account_id).await? else {
        return Ok(());
    };
    let target = remote::actor_by_handle(app, &handle).await?;
    super::follow::follow(app, &follower, &target).await?;
    Ok(())
}

pub async fn unsubscribe(app: &App, running: &Running) -> Result<(), JobError> {
    let asked: OfUser = running.job.payload()?;
    let follower = store::actor_of_account(&app.db, asked.account_id).await?;
    let target = match asked.actor_id {
        Some(id) => store::actor(&app.db, id).await?,
        None => None,
    };
    if let (Some(follower), Some(target)) = (follower, target) {
        super::follow::tell_unfollowed(app, &follower, &target).await?;
    }
    Ok(())
}

/// Something about a video is to be told to other servers, as it is then.
pub const VIDEO: &str = "federation_video";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfVideo {
    video_id: VideoId,
    uuid: Option<Uuid>,
}

/// The job that tells of a video. Asked for twice, it runs once.
pub fn tell_of_video(id: VideoId) -> NewJob {
    NewJob::new(VIDEO, json!({ "videoId": id }))
        .max_attempts(10)
        .once(format!("{VIDEO}:{id}"))
}

/// A video has come, changed or gone.
pub async fn video(app: &App, running: &Running) -> Result<(), JobError> {
    let OfVideo { video_id, uuid } = running.job.payload()?;
    video_out::tell(app, video_id).await?;
    match uuid {
        Some(uuid) => video_out::tell_deleted(app, uuid, video_id).await,
        None => Ok(()),
    }
}

pub async fn comment_added(app: &App, running: &Running) -> Result<(), JobError> {
    comment_out::tell_added(app, running).await
}

pub async fn comment_deleted(app: &App, running: &Running) -> Result<(), JobError> {
    comment_out::tell_deleted(app, running).await
}

/// Forgets what is long done; ids are kept for a month, so that nothing is taken twice.
pub async fn tidy(app: &App) -> Result<(), JobError> {
    store::prune(&app.db, app.clock.now() - 30 * DAY).await?;
    Ok(())
}
