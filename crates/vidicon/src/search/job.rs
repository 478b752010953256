//! The job of search: new names bring new words.

use super::learn;
use crate::app::App;
use crate::channel;
use crate::playlist::{self, PlaylistId, PlaylistPrivacy};
use crate::video::{VideoId, find_in};
use base::job::{JobError, Running};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    video_id: VideoId,
}

/// Learns the words of a video that was published or changed, and of its channel.
pub async fn learn_video(app: &App, running: &Running) -> Result<(), JobError> {
    let changed: Changed = running.job.payload()?;
    let mut tx = app.db.begin().await?;
    if let Some(video) = find_in(&mut tx, changed.video_id).await?
        && video.listed > 0
    {
        let channel = channel::by_id(&mut tx, video.channel_id).await?;
        let mut texts: Vec<&str> = vec![&video.name];
        texts.extend(video.tags.iter().map(String::as_str));
        texts.extend(
            channel
                .as_ref()
                .map(|channel| channel.display_name.as_str()),
        );
        learn(&mut tx, texts).await?;
    }
    tx.commit().await?;
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangedPlaylist {
    playlist_id: PlaylistId,
}

/// Learns the words of a playlist that can be found.
pub async fn learn_playlist(app: &App, running: &Running) -> Result<(), JobError> {
    let changed: ChangedPlaylist = running.job.payload()?;
    let found = playlist::by_ids(app, &[changed.playlist_id]).await?;
    let mut tx = app.db.begin().await?;
    for playlist in found {
        if playlist.privacy == PlaylistPrivacy::Public {
            learn(&mut tx, [playlist.display_name.as_str()]).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
