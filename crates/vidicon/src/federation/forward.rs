//! What others say about a video of ours goes on to those who know the video, in the words of who said
//! it, whose signature is in it.

use super::store::ActorRow;
use super::{deliver, local, remote, rules, video_out};
use crate::app::App;
use crate::video::{self, Video, VideoId, VideoRef};
use fediverse::activity::Activity;
use fediverse::address::Id;
use fediverse::ld_signature;
use serde_json::Value;

/// As [`forward`], of an activity about the video of this number.
pub async fn of_video(
    app: &App,
    author: &ActorRow,
    id: VideoId,
    activity: &Activity,
) -> remote::Result<()> {
    let video = video::find(app, VideoRef::Number(id)).await?;
    forward(app, author, &video, &activity.raw).await
}

/// Nothing is done with what bears no signature: nobody would believe us.
pub async fn forward(
    app: &App,
    author: &ActorRow,
    video: &Video,
    raw: &Value,
) -> remote::Result<()> {
    if !video_out::is_federated(app, video) || !ld_signature::is_signed(raw) {
        return Ok(());
    }
    let server = local::server_actor(app).await?;
    let own = [video.account_actor_id, video.channel_actor_id, server.id];
    let mut inboxes = video_out::involved_inboxes(app, Some(video.id), &own).await?;
    inboxes.retain(|inbox| {
        Id::parse(inbox, rules(app)).is_ok_and(|inbox| inbox.host() != author.host)
    });
    let forwarded = deliver::as_it_is(&server, raw);
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &forwarded, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
