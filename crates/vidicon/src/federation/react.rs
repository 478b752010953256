//! Reactions with emoji across servers: the server of the video passes them on to all who know it.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow};
use super::{deliver, forward, local, rate, video_in, video_out};
use crate::account::AccountId;
use crate::app::App;
use crate::error::Result;
use crate::video::{self, Privacy, Video, VideoId, VideoRef, reaction};
use base::job::{JobError, Running};
use fediverse::activity::{self, Activity, Kind};
use fediverse::address::{Audience, PUBLIC};
use fediverse::context::Context;
use serde::Deserialize;
use serde_json::json;

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

/// Somebody elsewhere reacts to a video with an emoji, or takes that back. `said` is the reaction itself, `whole` what
/// came; where the video is ours, it goes on to the others.
pub async fn receive(
    app: &App,
    author: &ActorRow,
    (said, whole): (&Activity, &Activity),
    on: bool,
) -> remote::Result<()> {
    let refuse = |why: &str| RemoteError::Refused(why.to_owned());
    let account = rate::person(app, author).await?;
    let video = reacted_to(app, author, said).await?;
    let emoji = emoji(app, said).ok_or_else(|| refuse("the emoji is none of ours"))?;
    if on && !reaction::is_open(app, &video) {
        return Err(refuse("there are no reactions to this video"));
    }
    let mut tx = app.db.begin().await?;
    reaction::put(app, &mut tx, &video, account, (&emoji, on)).await?;
    tx.commit().await?;
    if video.is_local {
        forward::forward(app, author, &video, &whole.raw).await?;
    }
    Ok(())
}

/// A video of ours, or one of another server that is known here.
async fn reacted_to(app: &App, author: &ActorRow, said: &Activity) -> remote::Result<Video> {
    let id = rate::object(said)?;
    if video_in::own(app, id).await?.is_some() {
        return Ok(rate::judged(app, author, said).await?.1);
    }
    let known = video::by_url(app, id.as_str()).await?;
    let is_open = |video: &Video| {
        !video.blocked && matches!(video.privacy, Privacy::Public | Privacy::Unlisted)
    };
    let known = known.filter(is_open);
    known.ok_or_else(|| RemoteError::Refused("no video that is known here".to_owned()))
}

/// Somebody here has reacted to a video, or has taken it back. The name is the video slice's.
pub const JOB: &str = reaction::REACTED_JOB;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reacted {
    video_id: VideoId,
    account_id: AccountId,
    emoji: String,
}

/// Tells the server of the video what is not told yet; of a video of ours, all who know it. A `Like` would count as one
/// where reactions are not known; what is called otherwise is passed over there.
pub async fn tell(app: &App, running: &Running) -> std::result::Result<(), JobError> {
    let it: Reacted = running.job.payload()?;
    let Ok(video) = video::find(app, VideoRef::Number(it.video_id)).await else {
        return Ok(());
    };
    let chosen = reaction::chosen(app, it.video_id, it.account_id).await?;
    let is_on = chosen.contains(&it.emoji);
    let told = store::federated_reaction(&app.db, it.account_id, it.video_id, &it.emoji).await?;
    let author = store::actor_of_account(&app.db, it.account_id).await?;
    let others = hearers(app, &video).await?;
    let (Some(author), Some((url, audience, inboxes))) = (author, others) else {
        return Ok(());
    };
    if is_on == told.is_some() || !app.config.federation.enabled {
        return Ok(());
    }
    let now = app.clock.now();
    let author_url = local::actor_url(app, &author);
    let id = told.unwrap_or_else(|| address(&author_url, &it, now));
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
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &prepared, inboxes).await?;
    let kept = is_on.then_some(id.as_str());
    let (account, video) = (it.account_id, it.video_id);
    store::note_federated_reaction(&mut tx, account, video, &it.emoji, kept, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

fn address(author_url: &str, it: &Reacted, now: base::clock::Millis) -> String {
    let letters: Vec<String> = it
        .emoji
        .chars()
        .map(|c| format!("{:x}", u32::from(c)))
        .collect();
    let letters = letters.join("-");
    format!("{author_url}/reactions/{}/{letters}/{now}", it.video_id)
}

/// The address of a video, to whom is spoken, and their inboxes; nothing where nobody may hear of it. What is said to
/// everybody bears a signature, so that the server of the video can pass it on.
async fn hearers(app: &App, video: &Video) -> Result<Option<(String, Audience, Vec<String>)>> {
    if video.is_local {
        if !video_out::is_federated(app, video) {
            return Ok(None);
        }
        let server = local::server_actor(app).await?;
        let own = [video.account_actor_id, video.channel_actor_id, server.id];
        let inboxes = video_out::involved_inboxes(app, Some(video.id), &own).await?;
        let url = video_out::url(app, video.uuid);
        return Ok(Some((url, video_out::audience(app, video), inboxes)));
    }
    let owner = store::actor(&app.db, video.account_actor_id).await?;
    let (Some(owner), Some(url)) = (owner, &video.url) else {
        return Ok(None);
    };
    let audience = Audience {
        to: vec![local::actor_url(app, &owner)],
        cc: vec![PUBLIC.to_owned()],
    };
    let inbox = owner.shared_inbox_url.or(owner.inbox_url);
    Ok(Some((url.clone(), audience, inbox.into_iter().collect())))
}
