//! The jobs of transcoding.

use super::{make, store, work_root};
use crate::app::App;
use crate::error::Result;
use crate::video::files::growing;
use crate::video::{self, Video, VideoId, VideoRef, VideoState};
use base::job::{JobError, Running};
use base::storage::Class;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    video_id: VideoId,
}

/// The video of a job; nothing when it is gone.
pub async fn video_of(app: &App, running: &Running) -> Result<Option<Video>, JobError> {
    let payload: Payload = running.job.payload()?;
    match video::find(app, VideoRef::Number(payload.video_id)).await {
        Ok(video) => Ok(Some(video)),
        Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes a video playable, from where the run before stopped.
pub async fn transcode(app: &App, running: &Running) -> Result<(), JobError> {
    let Some(video) = video_of(app, running).await? else {
        return Ok(());
    };
    let Err(error) = make::make(app, running, &video).await else {
        return Ok(());
    };
    if !running.stop.is_cancelled() && is_final(running, &error) {
        give_up(app, running, &video).await?;
    }
    Err(error)
}

fn is_final(running: &Running, error: &JobError) -> bool {
    match error {
        JobError::Fail(_) => true,
        JobError::Retry(_) => running.job.attempt >= running.job.max_attempts,
        _ => false,
    }
}

/// The video cannot be made playable; a part that can be watched already stays.
async fn give_up(app: &App, running: &Running, video: &Video) -> Result<(), JobError> {
    let mut tx = app.db.begin().await?;
    base::job::fence(&mut tx, &running.job).await?;
    let now = video::find_in(&mut tx, video.id).await?;
    if now.is_some_and(|video| video.state == VideoState::ToTranscode) {
        video::fail(&mut tx, video.id).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Marks videos whose job died with the process too often, and removes work folders that nobody
/// needs any more.
pub async fn tidy(app: &App) -> Result<()> {
    for (id,) in store::stranded(&app.db).await? {
        let mut tx = app.db.begin().await?;
        video::fail(&mut tx, id).await?;
        tx.commit().await?;
    }
    let used: BTreeSet<String> = store::folders(&app.db)
        .await?
        .into_iter()
        .flat_map(|(folder, uuid)| [folder, uuid])
        .collect();
    let grown = growing(app)
        .local_path(Class::Rendition, "x")
        .ok()
        .flatten();
    let grown = grown.and_then(|path| path.parent().map(std::path::Path::to_owned));
    for root in [Some(work_root(app)), grown].into_iter().flatten() {
        let Ok(folders) = std::fs::read_dir(root) else {
            continue;
        };
        for folder in folders.flatten() {
            let name = folder.file_name().to_string_lossy().into_owned();
            if !used.contains(&name) {
                std::fs::remove_dir_all(folder.path())?;
            }
        }
    }
    Ok(())
}
