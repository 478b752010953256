//! Uploaded files that the site does not keep: they go when all renditions are whole, and where one is needed again the
//! largest rendition takes its place.

use super::make::{disk_error, media_error, storage_error};
use super::store::original as rows;
use crate::app::App;
use crate::video::files::{self, OldFile, Whole, drop_later};
use crate::video::{self, Quality, Video};
use base::Tx;
use base::clock::Millis;
use base::job::JobError;
use base::storage::Class;
use media::Source;
use std::path::Path;
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, JobError>;

/// To be called in the transaction in which the last thing that needs the original is done. An archive's stays, and so
/// does one that is larger than all that was made of it.
pub async fn let_go(tx: &mut Tx, app: &App, video: &Video, now: Millis) -> Outcome<()> {
    let is_kept = app.instance.settings().transcoding.original_file.keep
        || video.quality == Some(Quality::Archive);
    if is_kept {
        return Ok(());
    }
    let Some(known) = rows::find(&mut *tx, video.id).await? else {
        return Ok(());
    };
    let Some(key) = known.key else {
        return Ok(());
    };
    // Renditions have even sides.
    if known.largest < known.resolution.unwrap_or(0) / 2 * 2 {
        return Ok(());
    }
    rows::set_key(&mut *tx, video.id, None, known.size_bytes).await?;
    drop_later(tx, &[OldFile::original(key)], now).await?;
    video::weigh(tx, video.id).await?;
    Ok(())
}

/// The largest rendition with its sound as one file; nothing is encoded.
pub async fn best(app: &App, video: &Video, out: &Path) -> Outcome<Source> {
    let gone = || JobError::Fail("The original file is not there any more.".to_owned());
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).map_err(disk_error)?;
    }
    match files::whole(app, video).await?.ok_or_else(gone)? {
        Whole::Blob(class, key) => {
            let fetched = app.storage.fetch_to(class, &key, out).await;
            fetched.map_err(storage_error)?;
        }
        Whole::Apart(picture, sound) => {
            let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
            let stop = CancellationToken::new();
            let made = media::progressive(ffmpeg, &picture, Some(&sound), out, &stop).await;
            made.map_err(media_error)?;
        }
    }
    Ok(Source::file(out))
}

/// Puts it where the original was, so that whatever happens to the renditions loses nothing. Gives its key.
pub async fn restore(app: &App, video: &Video, folder: &Path) -> Outcome<String> {
    let out = folder.join("best.mp4");
    best(app, video, &out).await?;
    let size_bytes = std::fs::metadata(&out).map_err(disk_error)?.len();
    let key = format!(
        "{}/{}.mp4",
        video.uuid,
        hex::encode(base::random::bytes::<8>())
    );
    let put = app.storage.put_file(Class::Original, &key, &out).await;
    put.map_err(storage_error)?;
    let mut tx = app.db.begin().await?;
    let size_bytes = i64::try_from(size_bytes).unwrap_or(i64::MAX);
    rows::set_key(&mut tx, video.id, Some(&key), size_bytes).await?;
    video::weigh(&mut tx, video.id).await?;
    tx.commit().await?;
    let _ = std::fs::remove_file(&out);
    Ok(key)
}
