//! The jobs of federation.

use super::store;
use super::{
    actor_out, clean, comment_out, deliver, domain, flag, follow_api, mirror, outbox, peer_info,
    player_look, playlist_out, rate, react, receive, remote, video_more, video_out, watching,
};
use crate::account::{AccountId, ActorId};
use crate::app::App;
use crate::video::VideoId;
use base::clock::{DAY, HOUR, MINUTE, Millis};
use base::job::{JobError, NewJob, Running};
use fediverse::webfinger::Handle;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// Works off the queue of one server.
pub const DELIVER: &str = deliver::JOB;

/// What may wait for an answer from afar: activities that came in, and all that is told and asked.
pub const KINDS: &[&str] = &[
    receive::JOB,
    follow_api::JOB,
    VIDEO,
    VIDEO_CHANGED,
    SUBSCRIBE,
    UNSUBSCRIBE,
    video_more::JOB,
    rate::JOB,
    react::JOB,
    watching::VIEWED_JOB,
    watching::SAVED_JOB,
    watching::VIEWERS_JOB,
    actor_out::CHANGED_JOB,
    actor_out::BURIED_JOB,
    player_look::READ_JOB,
    player_look::CHANGED_JOB,
    peer_info::JOB,
    outbox::JOB,
    outbox::INDEX_JOB,
    clean::JOB,
    mirror::JOB,
    mirror::ROUND_JOB,
    domain::JOB,
];

pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    match running.job.kind.as_str() {
        DELIVER => deliver::run(app, running).await,
        receive::JOB => receive::run(app, running).await,
        follow_api::JOB => follow_api::run(app, running).await,
        VIDEO | VIDEO_CHANGED => video(app, running).await,
        SUBSCRIBE => subscribe(app, running).await,
        UNSUBSCRIBE => unsubscribe(app, running).await,
        video_more::JOB => video_more::run(app, running).await,
        rate::JOB => rate::tell(app, running).await,
        react::JOB => react::tell(app, running).await,
        watching::VIEWED_JOB | watching::SAVED_JOB => watching::tell_viewed(app, running).await,
        watching::VIEWERS_JOB => {
            watching::tell_viewers(app).await?;
            watching::tell_sessions(app).await
        }
        actor_out::CHANGED_JOB => actor_out::tell_changed(app, running).await,
        actor_out::BURIED_JOB => actor_out::tell_buried(app, running).await,
        player_look::READ_JOB => player_look::read(app, running).await,
        player_look::CHANGED_JOB => player_look::tell(app, running).await,
        peer_info::JOB => peer_info::run(app, running).await,
        outbox::JOB => outbox::run(app, running).await,
        outbox::INDEX_JOB => outbox::follow_index(app).await,
        clean::JOB => clean::run(app).await,
        mirror::JOB => mirror::run(app, running).await,
        mirror::ROUND_JOB => mirror::round(app).await,
        domain::JOB => domain::tell(app, running).await,
        other => Err(JobError::Fail(format!(
            "federation knows no job of the kind {other}"
        ))),
    }
}

/// These come round by themselves.
pub const REGULAR: [(&str, Millis); 4] = [
    (watching::VIEWERS_JOB, 2 * MINUTE),
    (clean::JOB, HOUR),
    (mirror::ROUND_JOB, HOUR),
    (outbox::INDEX_JOB, DAY),
];

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
/// The same, said by the video slice of what is no change of its row: captions, pictures, renditions.
const VIDEO_CHANGED: &str = crate::video::CHANGED_JOB;

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

/// A playlist has come, changed or gone.
pub async fn playlist(app: &App, running: &Running) -> Result<(), JobError> {
    playlist_out::tell(app, running).await
}

/// Somebody here has reported something.
pub async fn report(app: &App, running: &Running) -> Result<(), JobError> {
    flag::tell(app, running).await
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
    crate::video::files::tidy_remote(app).await?;
    Ok(())
}
