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
use std::path::{Path, PathBuf};

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
        let payload: Payload = running.job.payload()?;
        return leave_nothing(app, payload.video_id).await;
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

/// Removes the files that were growing for a video which was deleted meanwhile. The run that made
/// them may have gone on for some time after the deletion, or have been killed.
async fn leave_nothing(app: &App, id: VideoId) -> Result<(), JobError> {
    let own = super::job_key(id);
    remove_folders(&work_root(app), |name| owner(name) == own)?;
    let Some(root) = growing_root(app) else {
        return Ok(());
    };
    for name in folders(&root) {
        let Ok(uuid) = name.parse() else {
            continue;
        };
        if matches!(video::find(app, VideoRef::Uuid(uuid)).await,
            Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND)
        {
            remove_folders(&root, |other| other == name)?;
        }
    }
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
    // Listed first: a folder that comes later belongs to a job that has just begun.
    let there: BTreeSet<String> = folders(&work_root(app)).into_iter().collect();
    let used: BTreeSet<String> = store::in_use(&app.db)
        .await?
        .into_iter()
        .map(|(name,)| name)
        .collect();
    remove_folders(&work_root(app), |name| {
        there.contains(name) && !used.contains(name) && !used.contains(&owner(name))
    })?;
    if let Some(root) = growing_root(app) {
        remove_folders(&root, |name| !used.contains(name))?;
    }
    Ok(())
}

/// The key of the job that works in the folder of this name.
fn owner(folder: &str) -> String {
    let mut parts = folder.splitn(3, '-');
    format!(
        "{}:{}",
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default()
    )
}

fn growing_root(app: &App) -> Option<PathBuf> {
    let inside = growing(app).local_path(Class::Rendition, "x");
    Some(inside.ok()??.parent()?.to_owned())
}

/// The names of the folders in `root`.
fn folders(root: &Path) -> Vec<String> {
    let found = std::fs::read_dir(root).into_iter().flatten().flatten();
    found
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .collect()
}

fn remove_folders(root: &Path, is_left_over: impl Fn(&str) -> bool) -> Result<()> {
    for name in folders(root).iter().filter(|name| is_left_over(name)) {
        match std::fs::remove_dir_all(root.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
