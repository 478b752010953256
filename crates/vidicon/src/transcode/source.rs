//! The original of a video as ffmpeg reads it: a file, or an address in the bucket.

use super::make::{disk_error, storage_error};
use super::{disk, store};
use crate::app::App;
use crate::video::Video;
use base::job::JobError;
use base::storage::Class;
use media::Source;
use std::path::Path;
use std::time::Duration;

type Outcome<T> = Result<T, JobError>;

/// How long a signed address holds that a source is read by: buckets allow no more.
const SOURCE_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// A source may take a third of the room that is left, since what is made of it takes as much again and more; a larger
/// one is read where it lies.
async fn has_room(app: &App, key: &str, folder: &Path) -> Outcome<bool> {
    let info = app.storage.head(Class::Original, key).await;
    let size_bytes = match info {
        // The copy that follows says so in its own words.
        Err(error) if error.is_not_found() => 0,
        info => info.map_err(storage_error)?.size_bytes,
    };
    std::fs::create_dir_all(folder).map_err(disk_error)?;
    Ok(size_bytes <= disk::room(app)? / 3)
}

/// The original as a file: where it lies, or a copy of it when it lies in a bucket. Reading it in
/// pieces over the network reads it several times, so that is done only where the disk is too small.
pub async fn source(app: &App, video: &Video, folder: &Path) -> Outcome<Source> {
    let gone = || JobError::Fail("The original file is not there any more.".to_owned());
    let key = match store::source(&app.db, video.id).await? {
        Some(key) => key,
        None => super::original::restore(app, video, folder).await?,
    };
    let local = app.storage.local_path(Class::Original, &key);
    if let Some(path) = local.map_err(storage_error)? {
        return if path.exists() {
            Ok(Source::file(path))
        } else {
            Err(gone())
        };
    }
    let copy = folder.join("source");
    if !copy.exists() {
        if !has_room(app, &key, folder).await?
            && let Some(url) = app
                .storage
                .presign_get(Class::Original, &key, SOURCE_LIFE, None)
                .await
                .map_err(storage_error)?
        {
            return Ok(Source::Url(url));
        }
        let fetched = app.storage.fetch_to(Class::Original, &key, &copy).await;
        fetched.map_err(|error| {
            if error.is_not_found() {
                gone()
            } else {
                storage_error(error)
            }
        })?;
    }
    Ok(Source::file(copy))
}
