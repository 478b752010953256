//! Emoji under a video: a few that the site has chosen, each counted once for everybody.

use super::store::reaction as store;
use super::{CommentsPolicy, Video, VideoId};
use crate::access::Viewer;
use crate::account::{AccountId, User};
use crate::app::App;
use crate::error::{Error, Result};
use base::Tx;
use base::job::NewJob;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// Somebody here has reacted to a video, or has taken it back: other servers are told.
pub const REACTED_JOB: &str = "video_reacted";

/// An emoji of the site's, with how many have chosen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Count {
    pub emoji: String,
    pub count: i64,
    /// Has the one who asks?
    pub mine: bool,
}

/// May somebody react to this video? Where nobody may say anything, nobody may.
pub fn is_open(app: &App, video: &Video) -> bool {
    app.instance.settings().reactions.enabled && video.comments_policy != CommentsPolicy::Disabled
}

/// All emoji of the site in their order, with their counts as this viewer sees them: without those
/// of accounts that the site, the maker or the viewer mutes. Nothing where reactions are off.
pub async fn counts(app: &App, viewer: &Viewer, video: &Video) -> Result<Vec<Count>> {
    if !is_open(app, video) {
        return Ok(Vec::new());
    }
    let me = viewer.user().map(|user| user.account_id);
    let mut muters = vec![0, video.account_id.0];
    muters.extend(me.map(|me| me.0));
    let found = store::counts(&app.db, video.id, &muters).await?;
    let mine = match me {
        Some(me) => store::of_account(&app.db, video.id, me).await?,
        None => Vec::new(),
    };
    let settings = app.instance.settings();
    let count = |emoji: &String| Count {
        count: found
            .iter()
            .find(|(known, _)| known == emoji)
            .map_or(0, |(_, count)| *count),
        mine: mine.contains(emoji),
        emoji: emoji.clone(),
    };
    Ok(settings.reactions.emoji.iter().map(count).collect())
}

/// The emoji of the site that is meant. Those with and without the sign that asks for colours are
/// the same.
pub fn meant(app: &App, given: &str) -> Option<String> {
    let plain = |emoji: &str| emoji.replace('\u{FE0F}', "");
    let settings = app.instance.settings();
    let mut known = settings.reactions.emoji.iter();
    known.find(|emoji| plain(emoji) == plain(given)).cloned()
}

/// Adds a reaction or takes it back; what is so already stays so.
pub async fn react(app: &App, user: &User, video: &Video, given: &str, on: bool) -> Result<()> {
    let unknown = || Error::bad_request("This emoji is none of those that the site has chosen.");
    if !app.instance.settings().reactions.enabled {
        return Err(
            Error::forbidden("Reactions are off on this site.").code("reactions_not_enabled")
        );
    }
    let emoji = meant(app, given).ok_or_else(unknown)?;
    if on && video.comments_policy == CommentsPolicy::Disabled {
        return Err(Error::conflict("Video comments are disabled."));
    }
    let mut tx = app.db.begin().await?;
    put(app, &mut tx, video, user.account_id, (&emoji, on)).await?;
    let payload = json!({ "videoId": video.id, "accountId": user.account_id, "emoji": emoji });
    NewJob::new(REACTED_JOB, payload)
        .enqueue(&mut tx, app.clock.now())
        .await?;
    Ok(tx.commit().await?)
}

/// What somebody has chosen under a video.
pub async fn chosen(app: &App, video: VideoId, account: AccountId) -> Result<Vec<String>> {
    Ok(store::of_account(&app.db, video, account).await?)
}

/// As [`react`], for whoever it is and without a question.
pub async fn put(
    app: &App,
    tx: &mut Tx,
    video: &Video,
    account: AccountId,
    (emoji, on): (&str, bool),
) -> Result<()> {
    if on {
        store::add(tx, video.id, account, emoji, app.clock.now()).await?;
    } else {
        store::remove(tx, video.id, account, emoji).await?;
    }
    Ok(())
}
