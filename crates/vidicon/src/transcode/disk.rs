//! A disk that is smaller than what is made on it: large originals are read where they lie, and renditions go ahead to
//! the bucket while they grow.

use super::make::{Making, disk_error};
use crate::app::App;
use crate::video::files::ahead;
use base::job::JobError;
use base::storage::Class;

const MIB: u64 = 1024 * 1024;

/// The room on this machine's disk beside what is to stay free.
pub fn room(app: &App) -> Result<u64, JobError> {
    let free = base::file::free_bytes(&app.config.server.data_dir).map_err(disk_error)?;
    Ok(free.saturating_sub(app.config.transcoding.keep_free_mib.saturating_mul(MIB)))
}

/// Has a stream of so many bytes no room here, while there is a bucket? What is encoded can go there part by part.
pub fn is_too_large(app: &App, size_bytes: u64) -> Result<bool, JobError> {
    Ok(app.storage.is_in_bucket(Class::Rendition) && size_bytes > room(app)?)
}

/// Has the bucket take what has grown so far where the disk is nearly full. It is no reason to stop when it cannot
/// just now: the next part tries again.
pub async fn relieve(making: &Making<'_>) -> Result<(), JobError> {
    let app = making.app;
    if !app.storage.is_in_bucket(Class::Rendition) || room(app)? > 0 {
        return Ok(());
    }
    let grown: Vec<(String, u64)> = {
        let state = making.state.lock().await;
        let grow = state
            .files
            .iter()
            .filter(|file| file.has_video && !file.copied && !file.complete);
        grow.map(|file| (file.filename.clone(), file.track.len()))
            .collect()
    };
    for (filename, length) in grown {
        let sent = ahead::send(app, making.video.uuid, &filename, length).await;
        if let Err(error) = sent {
            tracing::warn!(video.id = %making.video.id, %error, "a rendition could not go ahead to the bucket");
        }
    }
    Ok(())
}
