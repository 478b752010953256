//! The look of the player: of a video, or else of its channel, or else of the site.

use super::{Video, store};
use crate::account::ActorId;
use crate::app::App;
use crate::channel::ChannelId;
use crate::error::Result;
use base::job::NewJob;
use serde_json::json;

/// What nobody has chosen otherwise.
pub const SITE_THEME: &str = "galaxy";
pub const OF_CHANNEL: &str = "channel-default";
pub const OF_SITE: &str = "instance-default";

/// Those of channels, and the one more that videos have.
pub const THEMES: [&str; 4] = ["galaxy", "lucide", OF_SITE, OF_CHANNEL];
pub const THEMES_OF_CHANNELS: [&str; 3] = ["galaxy", "lucide", OF_SITE];

/// A channel wants another look: other servers are told.
pub const CHANNEL_CHANGED_JOB: &str = "channel_player_changed";

/// What is chosen for the video itself.
pub async fn own_theme(app: &App, video: &Video) -> Result<String> {
    let own = store::player::of_video(&app.db, video.id).await?;
    Ok(own.unwrap_or_else(|| OF_CHANNEL.to_owned()))
}

/// The look that the video's player has.
pub async fn theme(app: &App, video: &Video) -> Result<String> {
    match own_theme(app, video).await? {
        own if own == OF_CHANNEL => theme_of_channel(app, video.channel_id).await,
        own => Ok(resolved(own)),
    }
}

pub async fn own_theme_of_channel(app: &App, id: ChannelId) -> Result<String> {
    let own = store::player::of_channel(&app.db, id).await?;
    Ok(own.unwrap_or_else(|| OF_SITE.to_owned()))
}

pub async fn theme_of_channel(app: &App, id: ChannelId) -> Result<String> {
    Ok(resolved(own_theme_of_channel(app, id).await?))
}

fn resolved(theme: String) -> String {
    if theme == OF_SITE {
        SITE_THEME.to_owned()
    } else {
        theme
    }
}

pub async fn set_theme(app: &App, video: &Video, theme: &str) -> Result<()> {
    store::player::set_of_video(&app.db, video.id, theme).await?;
    Ok(())
}

/// Lets others know that a channel of this site wants another look.
pub async fn tell_channel_changed(app: &App, actor: ActorId) -> Result<()> {
    NewJob::new(CHANNEL_CHANGED_JOB, json!({ "actorId": actor }))
        .once(format!("{CHANNEL_CHANGED_JOB}:{actor}"))
        .enqueue(&app.db, app.clock.now())
        .await?;
    app.workers.wake();
    Ok(())
}

pub async fn set_theme_of_channel(app: &App, id: ChannelId, theme: &str) -> Result<()> {
    store::player::set_of_channel(&app.db, id, theme).await?;
    Ok(())
}
