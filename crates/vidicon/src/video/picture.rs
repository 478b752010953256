//! The pictures that stand for a video in lists and before it plays, made of a file that its owner
//! brings.

use super::files::{OldFile, drop_later};
use super::{Video, set_thumbnails};
use crate::app::App;
use crate::check::form::uploads_folder;
use crate::error::{Error, Result};
use media::{MediaError, Wanted};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// The most that either picture measures.
pub const THUMBNAIL_SIZE: (u32, u32) = (280, 157);
pub const PREVIEW_SIZE: (u32, u32) = (850, 480);

/// The types of files that pictures are made of.
pub const TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/jpg", "image/webp"];

/// Makes both pictures of a file in place of those before.
pub async fn set_by_hand(app: &App, video: &Video, file: &Path) -> Result<()> {
    let name = || format!("{}.jpg", base::random::uuid());
    let (thumbnail, preview) = (name(), name());
    for (name, size) in [(&thumbnail, THUMBNAIL_SIZE), (&preview, PREVIEW_SIZE)] {
        make(app, file, name, size).await?;
    }
    let mut tx = app.db.begin().await?;
    let old = set_thumbnails(&mut tx, video.id, &thumbnail, &preview, "hand").await?;
    let old: Vec<OldFile> = old.into_iter().map(OldFile::picture).collect();
    let now = app.clock.now();
    drop_later(&mut tx, &old, now).await?;
    super::note_change(&mut tx, video, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn make(app: &App, file: &Path, name: &str, (width, height): (u32, u32)) -> Result<()> {
    let ffmpeg = app.ffmpeg().await.map_err(Error::internal)?;
    let out = Scratch(uploads_folder(app).join(name));
    let wanted = [Wanted {
        max_width: width,
        max_height: height,
        out: out.0.clone(),
    }];
    let never = CancellationToken::new();
    match media::pictures_of_file(ffmpeg, file, &wanted, &never).await {
        Ok(_) => {}
        Err(MediaError::Missing(why)) => return Err(Error::internal(why)),
        Err(error) => return Err(Error::bad_request(error.to_string()).code("bad_picture")),
    }
    let bytes = tokio::fs::read(&out.0).await?;
    let class = base::storage::Class::Thumbnail;
    let stored = app.storage.put(class, name, bytes.into()).await;
    stored.map_err(Error::internal)
}

/// A file that goes away with its handle.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A picture that came in memory, as a file that [`set_by_hand`] can read.
pub async fn set_of_bytes(app: &App, video: &Video, bytes: &[u8]) -> Result<()> {
    let folder = uploads_folder(app);
    tokio::fs::create_dir_all(&folder).await?;
    let file = Scratch(folder.join(format!("form-{}", base::random::token())));
    tokio::fs::write(&file.0, bytes).await?;
    set_by_hand(app, video, &file.0).await
}
