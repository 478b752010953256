//! The jobs of notifications.

use super::{About, Kind, digest, letter, store, tell, webhook};
use crate::account::{AccountId, ActorId, UserId};
use crate::app::App;
use crate::error::Result;
use crate::mail;
use crate::moderation::abuse;
use crate::notice::{Answer, Notice};
use crate::video::ownership::{self, ChangeId};
use crate::video::{self, Privacy, VideoId, VideoRef};
use base::Tx;
use base::clock::{DAY, Millis};
use base::job::{JobError, NewJob, Running};
use serde::{Deserialize, Serialize};

pub const LETTER_JOB: &str = "notification_letter";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToWrite {
    user_id: UserId,
    kind: Kind,
    about: About,
}

pub async fn enqueue_letter(
    tx: &mut Tx,
    user_id: UserId,
    kind: Kind,
    about: &About,
    now: Millis,
) -> Result<()> {
    let to_write = ToWrite {
        user_id,
        kind,
        about: about.clone(),
    };
    let payload = serde_json::to_value(to_write).unwrap_or_default();
    NewJob::new(LETTER_JOB, payload).enqueue(tx, now).await?;
    Ok(())
}

/// The job: writes the mail in its reader's language and sends it. What is gone by then is not
/// written about.
pub async fn write_letter(app: &App, running: &Running) -> Result<(), JobError> {
    let ToWrite {
        user_id,
        kind,
        about,
    } = running.job.payload()?;
    let Some(to) = store::recipient(&app.db, user_id).await? else {
        return Ok(());
    };
    match letter::one(app, &to, kind, &about).await? {
        Some(post) => mail::deliver_post(app, &post).await,
        None => Ok(()),
    }
}

/// The job: tells what another slice has put into the queue.
pub async fn notify(app: &App, running: &Running) -> Result<(), JobError> {
    let notice: Notice = running.job.payload()?;
    Ok(tell(app, &cause(running), &notice).await?)
}

fn cause(running: &Running) -> String {
    format!("job {}", running.job.id)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfComment {
    comment_id: i64,
    #[serde(default)]
    approved: bool,
    #[serde(default)]
    mentioned: Vec<AccountId>,
}

pub async fn comment_added(app: &App, running: &Running) -> Result<(), JobError> {
    let OfComment {
        comment_id,
        approved,
        mentioned,
    } = running.job.payload()?;
    let notice = Notice::Comment {
        comment_id,
        approved,
        mentioned,
    };
    Ok(tell(app, &cause(running), &notice).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfFollow {
    follower_actor_id: ActorId,
    actor_id: ActorId,
}

pub async fn follow_added(app: &App, running: &Running) -> Result<(), JobError> {
    let OfFollow {
        follower_actor_id,
        actor_id,
    } = running.job.payload()?;
    let found = store::people::follow_between(&app.db, follower_actor_id, actor_id).await?;
    let Some(follow_id) = found else {
        return Ok(());
    };
    Ok(tell(app, &cause(running), &Notice::Followed { follow_id }).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfAbuse {
    abuse_id: i64,
    message_id: Option<i64>,
}

/// Reported, judged, or talked about.
pub async fn abuse(app: &App, running: &Running) -> Result<(), JobError> {
    let OfAbuse {
        abuse_id,
        message_id,
    } = running.job.payload()?;
    let notice = match (running.job.kind.as_str(), message_id) {
        (abuse::REPORTED_JOB, _) => Notice::Abuse { abuse_id },
        (abuse::JUDGED_JOB, _) => Notice::AbuseJudged { abuse_id },
        (_, Some(message_id)) => Notice::AbuseMessage {
            abuse_id,
            message_id,
        },
        (_, None) => return Ok(()),
    };
    Ok(tell(app, &cause(running), &notice).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfJoining {
    user_id: Option<UserId>,
    registration_id: Option<i64>,
}

/// Somebody has an account, or asks for one.
pub async fn joining(app: &App, running: &Running) -> Result<(), JobError> {
    let OfJoining {
        user_id,
        registration_id,
    } = running.job.payload()?;
    if let Some(registration_id) = registration_id {
        let notice = Notice::RegistrationAsked { registration_id };
        return Ok(tell(app, &cause(running), &notice).await?);
    }
    let Some(user_id) = user_id else {
        return Ok(());
    };
    let Some(user) = store::recipient(&app.db, user_id).await? else {
        return Ok(());
    };
    let notice = Notice::Registered {
        account_id: user.account_id.0,
    };
    Ok(tell(app, &cause(running), &notice).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfOwnership {
    change_id: ChangeId,
}

/// A video or a channel is offered to somebody, or they have answered. An offer that was taken back
/// meanwhile is told to nobody.
pub async fn ownership_changed(app: &App, running: &Running) -> Result<(), JobError> {
    let OfOwnership { change_id } = running.job.payload()?;
    let Some(change) = ownership::by_id(app, change_id).await? else {
        return Ok(());
    };
    let answer = match change.state {
        ownership::ACCEPTED => Answer::Accepted,
        ownership::REFUSED => Answer::Rejected,
        _ => Answer::Asked,
    };
    let notice = Notice::Ownership {
        change_id: change.id.0,
        video_id: change.video_id.map(|id| id.0),
        channel_id: change.channel_id.map(|id| id.0),
        from_account_id: change.initiator_account_id.0,
        to_account_id: change.next_account_id.0,
        answer,
    };
    Ok(tell(app, &cause(running), &notice).await?)
}

pub async fn comment_deleted(app: &App, running: &Running) -> Result<(), JobError> {
    let OfComment { comment_id, .. } = running.job.payload()?;
    Ok(super::forget_comment(app, comment_id).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfVideo {
    video_id: i64,
    #[serde(default)]
    is_first: bool,
    #[serde(default)]
    by_rule: bool,
    /// It was blocked before; what is new is not its owner's business.
    #[serde(default)]
    is_again: bool,
    privacy_before: Option<i64>,
    privacy: Option<i64>,
}

pub async fn video_published(app: &App, running: &Running) -> Result<(), JobError> {
    let OfVideo {
        video_id, is_first, ..
    } = running.job.payload()?;
    let Some(video) = find(app, video_id).await? else {
        return Ok(());
    };
    if !video.is_local && !is_first {
        return Ok(());
    }
    let owner = is_first
        && video.is_local
        && video.wait_transcoding
        && !video.blocked
        && video.schedule_at.is_none()
        && !video.is_live;
    if owner {
        once(app, running, Notice::Published { video_id }).await?;
    }
    if is_first || video.is_live {
        once(app, running, Notice::NewVideo { video_id, after: 0 }).await?;
    }
    Ok(())
}

/// A private video that opens is new for those who follow; one that opens by its schedule is news
/// for its owner too.
pub async fn video_updated(app: &App, running: &Running) -> Result<(), JobError> {
    let OfVideo {
        video_id,
        privacy_before,
        privacy,
        ..
    } = running.job.payload()?;
    let was_hidden = [
        Some(Privacy::Private.number()),
        Some(Privacy::Password.number()),
    ];
    if privacy_before == privacy || !was_hidden.contains(&privacy_before) {
        return Ok(());
    }
    let Some(video) = find(app, video_id).await? else {
        return Ok(());
    };
    if !video.is_local || !video.was_published {
        return Ok(());
    }
    once(app, running, Notice::NewVideo { video_id, after: 0 }).await
}

pub async fn video_blocked(app: &App, running: &Running) -> Result<(), JobError> {
    let OfVideo {
        video_id,
        by_rule,
        is_again,
        ..
    } = running.job.payload()?;
    if is_again {
        return Ok(());
    }
    once(app, running, Notice::Blocked { video_id, by_rule }).await
}

pub async fn video_unblocked(app: &App, running: &Running) -> Result<(), JobError> {
    let OfVideo {
        video_id, by_rule, ..
    } = running.job.payload()?;
    once(app, running, Notice::Unblocked { video_id }).await?;
    let Some(video) = find(app, video_id).await? else {
        return Ok(());
    };
    if by_rule && video.was_published && video.schedule_at.is_none() {
        once(app, running, Notice::Published { video_id }).await?;
        once(app, running, Notice::NewVideo { video_id, after: 0 }).await?;
    }
    Ok(())
}

pub async fn video_deleted(app: &App, running: &Running) -> Result<(), JobError> {
    let OfVideo { video_id, .. } = running.job.payload()?;
    Ok(super::forget_video(app, video_id).await?)
}

async fn find(app: &App, video_id: i64) -> Result<Option<video::Video>, JobError> {
    match video::find(app, VideoRef::Number(VideoId::new(video_id))).await {
        Ok(video) => Ok(Some(video)),
        Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A job can lead to more than one notice, each of which is told once.
async fn once(app: &App, running: &Running, notice: Notice) -> Result<(), JobError> {
    let sort = std::mem::discriminant(&notice);
    let cause = format!("{} {sort:?}", cause(running));
    Ok(tell(app, &cause, &notice).await?)
}

/// The job: the daily mails.
pub async fn send_digests(app: &App) -> Result<(), JobError> {
    Ok(digest::send(app).await?)
}

pub async fn call_webhook(app: &App, running: &Running) -> Result<(), JobError> {
    webhook::call(app, running).await
}

/// Forgets what is no longer needed to tell nobody twice.
pub async fn tidy(app: &App) -> Result<(), JobError> {
    store::prune_causes(&app.db, app.clock.now() - 30 * DAY).await?;
    Ok(())
}
