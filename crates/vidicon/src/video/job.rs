//! The jobs of videos.

use super::store::OldBlob;
use crate::app::App;
use base::job::{JobError, Running};
use base::storage::Class;
use serde::Deserialize;

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
    Ok(())
}
