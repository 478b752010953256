//! Likes and dislikes across servers.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, FederatedRating};
use super::{deliver, group, job, local, video_in};
use crate::account::AccountId;
use crate::app::App;
use crate::video::{self, Video, VideoId, VideoRef};
use base::job::{JobError, Running};
use fediverse::activity::{self, Activity, Kind};
use fediverse::address::{Audience, Id};
use fediverse::context::Context;
use serde::Deserialize;
use serde_json::json;

/// Somebody elsewhere likes or dislikes a video of ours, or (with nothing) takes it back. Others
/// learn of the new count from us.
pub async fn receive(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
    value: Option<&str>,
) -> remote::Result<()> {
    let (account, video) = judged(app, author, activity).await?;
    let url = activity.id.as_ref().map(Id::as_str);
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::set_rate(&mut tx, video.id, account, value, url, now).await?;
    crate::video::rescore(&mut tx, video.id).await?;
    job::tell_of_video(video.id).enqueue(&mut tx, now).await?;
    tx.commit().await?;
    group::announce(app, &video, &activity.raw).await?;
    Ok(())
}

/// Who says something of which video of ours.
pub(super) async fn judged(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
) -> remote::Result<(AccountId, Video)> {
    let refuse = |why: &str| RemoteError::Refused(why.to_owned());
    let account = person(app, author).await?;
    let id = object(activity)?;
    let own = video_in::own(app, id)
        .await?
        .ok_or_else(|| refuse("no video of this server"))?;
    let video = video::find(app, VideoRef::Number(own.id)).await?;
    if !super::video_out::is_federated(app, &video) {
        return Err(refuse("no video of this server"));
    }
    Ok((account, video))
}

pub(super) fn object(activity: &Activity) -> remote::Result<&Id> {
    let nothing = || RemoteError::Refused("it is about nothing".to_owned());
    activity.object.id().ok_or_else(nothing)
}

pub(super) async fn person(app: &App, author: &ActorRow) -> remote::Result<AccountId> {
    let account = store::account_of(&app.db, author.id).await?;
    let account = account.filter(|_| author.kind != "server");
    account.ok_or_else(|| RemoteError::Refused("only people like or dislike".to_owned()))
}

/// Somebody here has rated a video, or has taken it back. The name is the video slice's.
pub const JOB: &str = "video_rated";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    video_id: VideoId,
    account_id: AccountId,
}

/// Tells the server of the video; of a video of ours everybody hears the new count.
pub async fn tell(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload {
        video_id,
        account_id,
    } = running.job.payload()?;
    let Ok(video) = video::find(app, VideoRef::Number(video_id)).await else {
        return Ok(());
    };
    let now = app.clock.now();
    if video.is_local {
        job::tell_of_video(video.id).enqueue(&app.db, now).await?;
        return Ok(());
    }
    let rating = video::watching::rating(&app.db, video_id, account_id).await?;
    let told = store::federated_rating(&app.db, account_id, video_id).await?;
    let is_told = told.as_ref().map(|told| &told.value) == rating.as_ref();
    let author = store::actor_of_account(&app.db, account_id).await?;
    let (Some(author), false, true) = (author, is_told, app.config.federation.enabled) else {
        return Ok(());
    };
    let owner = store::actor(&app.db, video.account_actor_id).await?;
    let (Some(owner), Some(url)) = (owner, &video.url) else {
        return Ok(());
    };
    let author_url = local::actor_url(app, &author);
    let audience = Audience::actor(&local::actor_url(app, &owner));
    let said = |told: &FederatedRating| {
        let kind = if told.value == "like" {
            Kind::Like
        } else {
            Kind::Dislike
        };
        activity::write(&kind, &told.url, &author_url, json!(url), &audience)
    };
    let mut all = Vec::new();
    if let Some(told) = &told {
        let id = format!("{}/undo", told.url);
        let undo = activity::write(&Kind::Undo, &id, &author_url, said(told), &audience);
        all.push(deliver::prepare(app, &author, Context::Plain.on(undo)).await?);
    }
    let new = rating.map(|value| FederatedRating {
        url: format!("{author_url}/{value}s/{}", video.id),
        value,
    });
    if let Some(new) = &new {
        all.push(deliver::prepare(app, &author, Context::Plain.on(said(new))).await?);
    }
    let inbox = owner.shared_inbox_url.or(owner.inbox_url);
    let mut tx = app.db.begin().await?;
    for prepared in &all {
        deliver::queue(&mut tx, app, prepared, inbox.clone()).await?;
    }
    store::note_federated_rating(&mut tx, account_id, video_id, new.as_ref(), now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
