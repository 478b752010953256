//! The sounds of videos for feeds of podcasts: made when somebody first asks for the feed, kept while the feed is asked for.

use super::{Kind, MOST_WAITING, State, Wanted, begin, store};
use crate::app::App;
use crate::error::Result;
use crate::video::{Privacy, Video, VideoId};
use base::Tx;
use base::clock::{DAY, Millis};

/// The sound of one video as a file.
#[derive(Clone, Copy, Debug)]
pub struct Sound {
    pub video_id: VideoId,
    pub state: State,
    pub size_bytes: i64,
}

/// The sounds of these videos. What is missing is ordered; what there is stays for another while.
pub async fn sounds(app: &App, ids: &[VideoId]) -> Result<Vec<Sound>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let now = app.clock.now();
    let known = store::sounds(&app.db, ids).await?;
    if known.iter().any(|sound| sound.used_at < now - DAY) {
        store::keep_sounds(&app.db, ids, now).await?;
    }
    let mut sounds: Vec<Sound> = known
        .iter()
        .map(|sound| Sound {
            video_id: sound.video_id,
            state: sound.state,
            size_bytes: sound.size_bytes,
        })
        .collect();
    let is_new = |id: &&VideoId| !known.iter().any(|sound| sound.video_id == **id);
    let missing: Vec<VideoId> = ids.iter().filter(is_new).copied().collect();
    sounds.extend(order(app, &missing, now).await?);
    Ok(sounds)
}

/// As many as may wait; those that are left out are ordered when the feed is asked for again.
async fn order(app: &App, ids: &[VideoId], now: Millis) -> Result<Vec<Sound>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = app.db.begin().await?;
    let free = MOST_WAITING - store::waiting(&mut tx).await?;
    let mut ordered = Vec::new();
    for id in ids.iter().take(usize::try_from(free).unwrap_or(0)) {
        let made = begin(&mut tx, *id, Wanted::whole(Kind::Podcast), now).await?;
        ordered.push(Sound {
            video_id: *id,
            state: made.state,
            size_bytes: 0,
        });
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(ordered)
}

/// Has the sound of a new video made at once where the feed of its channel is read as a podcast.
pub async fn follow_up(tx: &mut Tx, video: &Video, now: Millis) -> Result<()> {
    if video.privacy != Privacy::Public || !video.download_enabled {
        return Ok(());
    }
    let is_known = !store::sounds(&mut *tx, &[video.id]).await?.is_empty();
    if !is_known && store::is_podcast(&mut *tx, video.id).await? {
        begin(tx, video.id, Wanted::whole(Kind::Podcast), now).await?;
    }
    Ok(())
}
