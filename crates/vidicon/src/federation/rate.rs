//! Likes and dislikes across servers.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow};
use super::{job, video_in};
use crate::app::App;
use fediverse::activity::Activity;
use fediverse::address::Id;

/// Somebody elsewhere likes or dislikes a video of ours, or (with nothing) takes it back. Others
/// learn of the new count from us.
pub async fn receive(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
    value: Option<&str>,
) -> remote::Result<()> {
    let refuse = |why: &str| RemoteError::Refused(why.to_owned());
    let id = activity
        .object
        .id()
        .ok_or_else(|| refuse("it is about nothing"))?;
    let account = store::account_of(&app.db, author.id).await?;
    let account = account.ok_or_else(|| refuse("only people like or dislike"))?;
    let own = video_in::own(app, id)
        .await?
        .ok_or_else(|| refuse("no video of this server"))?;
    let video = crate::video::find(app, crate::video::VideoRef::Number(own.id)).await?;
    if !super::video_out::is_federated(&video) {
        return Err(refuse("no video of this server"));
    }
    let url = activity.id.as_ref().map(Id::as_str);
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::set_rate(&mut tx, own.id, account, value, url, now).await?;
    crate::video::rescore(&mut tx, own.id).await?;
    job::tell_of_video(own.id).enqueue(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}
