//! Likes, dislikes and reactions across servers.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, FederatedRating};
use super::{deliver, group, job, local, video_in};
use crate::account::AccountId;
use crate::app::App;
use crate::video::{self, Video, VideoId, VideoRef, reaction};
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
async fn judged(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
) -> remote::Result<(AccountId, Video)> {
    let refuse = |why: &str| RemoteError::Refused(why.to_owned());
    let id = activity
        .object
        .id()
        .ok_or_else(|| refuse("it is about nothing"))?;
    let account = store::account_of(&app.db, author.id).await?;
    let account = account.filter(|_| author.kind != "server");
    let account = account.ok_or_else(|| refuse("only people like or dislike"))?;
    let own = video_in::own(app, id)
        .await?
        .ok_or_else(|| refuse("no video of this server"))?;
    let video = video::find(app, VideoRef::Number(own.id)).await?;
    if !super::video_out::is_federated(app, &video) {
        return Err(refuse("no video of this server"));
    }
    Ok((account, video))
}

/// What Pleroma and its kin call a reaction with an emoji; Misskey says `Like` with a `content`.
pub const REACTION: &str = "EmojiReact";

fn emoji(app: &App, activity: &Activity) -> Option<String> {
    let content = activity.raw.get("content")?.as_str()?;
    reaction::meant(app, content.trim())
}

/// Is a `Like` a reaction with an emoji that can be chosen here? Else it is a like as any other.
pub fn is_reaction(app: &App, activity: &Activity) -> bool {
    app.instance.settings().reactions.enabled && emoji(app, activity).is_some()
}

/// Somebody elsewhere reacts to a video of ours with an emoji, or takes that back.
pub async fn receive_reaction(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
    on: bool,
) -> remote::Result<()> {
    let refuse = |why: &str| RemoteError::Refused(why.to_owned());
    let (account, video) = judged(app, author, activity).await?;
    let emoji = emoji(app, activity).ok_or_else(|| refuse("the emoji is none of ours"))?;
    if on && !reaction::is_open(app, &video) {
        return Err(refuse("there are no reactions to this video"));
    }
    let mut tx = app.db.begin().await?;
    reaction::put(app, &mut tx, &video, account, (&emoji, on)).await?;
    Ok(tx.commit().await?)
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

/// Somebody here has reacted to a video of another server, or has taken it back. The name is the
/// video slice's.
pub const REACTED_JOB: &str = reaction::REACTED_JOB;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reacted {
    video_id: VideoId,
    account_id: AccountId,
    emoji: String,
}

/// Tells the server of the video what is not told yet. A `Like` would count as one where reactions
/// are not known; what is called otherwise is passed over there.
pub async fn tell_reaction(app: &App, running: &Running) -> Result<(), JobError> {
    let it: Reacted = running.job.payload()?;
    let Ok(video) = video::find(app, VideoRef::Number(it.video_id)).await else {
        return Ok(());
    };
    let chosen = reaction::chosen(app, it.video_id, it.account_id).await?;
    let is_on = chosen.contains(&it.emoji);
    let told = store::federated_reaction(&app.db, it.account_id, it.video_id, &it.emoji).await?;
    let author = store::actor_of_account(&app.db, it.account_id).await?;
    let owner = store::actor(&app.db, video.account_actor_id).await?;
    let (Some(author), Some(owner), Some(url)) = (author, owner, &video.url) else {
        return Ok(());
    };
    if is_on == told.is_some() || video.is_local || !app.config.federation.enabled {
        return Ok(());
    }
    let now = app.clock.now();
    let author_url = local::actor_url(app, &author);
    let audience = Audience::actor(&local::actor_url(app, &owner));
    let letters: Vec<String> = it
        .emoji
        .chars()
        .map(|c| format!("{:x}", u32::from(c)))
        .collect();
    let new = || {
        format!(
            "{author_url}/reactions/{}/{}/{now}",
            video.id,
            letters.join("-")
        )
    };
    let id = told.clone().unwrap_or_else(new);
    let kind = Kind::Other(REACTION.to_owned());
    let mut said = activity::write(&kind, &id, &author_url, json!(url), &audience);
    if let Some(said) = said.as_object_mut() {
        said.insert("content".to_owned(), json!(it.emoji));
    }
    if !is_on {
        let id = format!("{id}/undo");
        said = activity::write(&Kind::Undo, &id, &author_url, said, &audience);
    }
    let prepared = deliver::prepare(app, &author, Context::Reaction.on(said)).await?;
    let inbox = owner.shared_inbox_url.or(owner.inbox_url);
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &prepared, inbox).await?;
    let kept = is_on.then_some(id.as_str());
    let (account, video) = (it.account_id, it.video_id);
    store::note_federated_reaction(&mut tx, account, video, &it.emoji, kept, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
