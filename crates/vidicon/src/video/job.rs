//! The jobs of videos.

use super::VideoId;
use super::store::OldBlob;
use crate::app::App;
use base::clock::{MINUTE, Millis};
use base::job::{JobError, Running};
use base::storage::Class;
use serde::Deserialize;

/// A scheduled change whose video is not ready yet is tried again after this time.
const PATIENCE: Millis = MINUTE;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scheduled {
    video_id: VideoId,
    at: Millis,
}

pub async fn carry_out_schedule(app: &App, running: &Running) -> Result<(), JobError> {
    let scheduled: Scheduled = running.job.payload()?;
    if super::carry_out_schedule(app, scheduled.video_id, scheduled.at).await? {
        return Ok(());
    }
    Err(JobError::Later(app.clock.now() + PATIENCE))
}

#[derive(Deserialize)]
struct Deleted {
    uuid: String,
    blobs: Vec<OldBlob>,
}

/// Deletes what a deleted video has left in the storage. Names of blobs begin with the video's
/// UUID where a class keeps several for one video.
pub async fn delete_blobs(app: &App, running: &Running) -> Result<(), JobError> {
    let deleted: Deleted = running.job.payload()?;
    let retry = |error: base::storage::StorageError| JobError::Retry(error.to_string());
    for blob in &deleted.blobs {
        if let Some(class) = Class::ALL
            .into_iter()
            .find(|class| class.name() == blob.class)
        {
            app.storage.delete(class, &blob.key).await.map_err(retry)?;
        }
    }
    for class in [
        Class::Original,
        Class::Rendition,
        Class::Playlist,
        Class::Storyboard,
        Class::Torrent,
    ] {
        app.storage
            .delete_prefix(class, &deleted.uuid)
            .await
            .map_err(retry)?;
    }
    super::files::growing(app)
        .delete_prefix(Class::Rendition, &deleted.uuid)
        .await
        .map_err(retry)
}
