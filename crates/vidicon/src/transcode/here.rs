//! Is what has grown on this machine? Renditions grow on the disk of the one that makes them. Another one that takes the
//! job over, and one that has lost its disk, begins them again; what is whole already stays.

use super::make::{Outcome, State, disk_error, growing_folder, load, storage_error};
use super::{Rendition, store};
use crate::app::App;
use crate::runner;
use crate::video::Video;
use crate::video::files::{ahead, growing_path, key};
use base::job::{Running, fence};
use base::storage::{Class, StorageErrorKind};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Can all renditions that have begun go on?
pub async fn is_here(app: &App, video: &Video, state: &State) -> Outcome<bool> {
    let grown = state
        .files
        .iter()
        .filter(|file| !file.complete && !file.copied && !file.track.is_empty());
    for file in grown {
        let path = growing_path(app, video.uuid, &file.filename)?;
        let is_here = if path.exists() {
            ahead::find(&path).await?.is_some() || ends_as_told(&path, file).map_err(disk_error)?
        } else {
            is_stored(app, video, file).await?
        };
        if !is_here {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Is the last segment that is told of in the file? Another machine may have made one of the same name.
fn ends_as_told(path: &Path, file: &Rendition) -> io::Result<bool> {
    let Some(last) = file.track.segments.last() else {
        return Ok(true);
    };
    let mut made = File::open(path)?;
    if made.metadata()?.len() < file.track.len() {
        return Ok(false);
    }
    made.seek(SeekFrom::Start(file.track.len() - last.len))?;
    let mut segment = Vec::new();
    made.take(last.len).read_to_end(&mut segment)?;
    Ok(hex::encode(Sha256::digest(&segment)) == last.sha256)
}

/// Brought to where it stays, just before a kill.
async fn is_stored(app: &App, video: &Video, file: &Rendition) -> Outcome<bool> {
    let key = key(video.uuid, &file.filename);
    match app.storage.head(Class::Rendition, &key).await {
        Ok(info) => Ok(info.size_bytes == file.track.len()),
        Err(error) if error.kind() == StorageErrorKind::NotFound => Ok(false),
        Err(error) => Err(storage_error(error)),
    }
}

/// Forgets the parts of what is not whole, and gives what is left.
pub async fn begin_again(app: &App, running: &Running, video: &Video) -> Outcome<State> {
    tracing::info!(video.id = %video.id, "what was made of a video lies on another machine; it is begun again here");
    let folder = growing_folder(app, video)?;
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(disk_error(error)),
        _ => {}
    }
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    runner::forget(&mut tx, video.id, &[runner::part::KIND]).await?;
    store::forget_parts(&mut tx, video.id).await?;
    store::set_chunks_done(&mut tx, video.id, 0).await?;
    tx.commit().await?;
    load(app, video).await
}
