//! The pictures that stand for a video in lists and before it plays, made of a file that its owner
//! brings, or again of the film.

use super::files::download::{Whole, whole};
use super::files::{OldFile, drop_later};
use super::{Video, VideoId, set_thumbnails, store};
use crate::app::App;
use crate::check::form::uploads_folder;
use crate::error::{Error, Result};
use base::storage::Class;
use media::{MediaError, Source, Wanted};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The most that either picture measures.
pub const THUMBNAIL_SIZE: (u32, u32) = (280, 157);
pub const PREVIEW_SIZE: (u32, u32) = (850, 480);

/// How long reading a film in a bucket may take.
const SIGNED_LIFE: Duration = Duration::from_secs(3600);

/// The types of files that pictures are made of.
pub const TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/jpg", "image/webp"];

/// Makes both pictures of a file in place of those before.
pub async fn set_by_hand(app: &App, video: &Video, file: &Path) -> Result<()> {
    let name = || format!("{}.jpg", base::random::uuid());
    let (thumbnail, preview) = (name(), name());
    for (name, size) in [(&thumbnail, THUMBNAIL_SIZE), (&preview, PREVIEW_SIZE)] {
        make(app, file, name, size).await?;
    }
    replace(app, video, &thumbnail, &preview, "hand").await
}

/// Names new pictures; the old ones go.
async fn replace(
    app: &App,
    video: &Video,
    thumbnail: &str,
    preview: &str,
    from: &str,
) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let old = set_thumbnails(&mut tx, video.id, thumbnail, preview, from).await?;
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
    keep(app, &out.0, name).await
}

async fn keep(app: &App, file: &Path, name: &str) -> Result<()> {
    let bytes = tokio::fs::read(file).await?;
    let stored = app.storage.put(Class::Thumbnail, name, bytes.into()).await;
    stored.map_err(Error::internal)
}

/// Videos of this site whose film is here, in order, after one of them.
pub async fn films_after(app: &App, after: i64, count: i64) -> Result<Vec<VideoId>> {
    Ok(store::extra::films_after(&app.db, after, count).await?)
}

/// Makes both pictures of the film itself anew; false when there is no film to make them of.
pub async fn set_of_film(app: &App, video: &Video) -> Result<bool> {
    let source = match whole(app, video).await? {
        Some(Whole::Blob(class, key)) => match app.storage.local_path(class, &key) {
            Ok(Some(path)) => Source::file(path),
            _ => signed(app, class, &key).await?,
        },
        Some(Whole::Apart(picture, _)) => picture,
        None => return Ok(false),
    };
    let ffmpeg = app.ffmpeg().await.map_err(Error::internal)?;
    let (never, limits) = (CancellationToken::new(), media::ProbeLimits::default());
    let probe = media::probe(ffmpeg, &source, &limits, &never).await;
    let probe = probe.map_err(Error::internal)?;
    tokio::fs::create_dir_all(uploads_folder(app)).await?;
    let name = || format!("{}.jpg", base::random::uuid());
    let (thumbnail, preview) = (name(), name());
    for (name, size) in [(&thumbnail, THUMBNAIL_SIZE), (&preview, PREVIEW_SIZE)] {
        let out = Scratch(uploads_folder(app).join(name));
        let wanted = [Wanted {
            max_width: size.0,
            max_height: size.1,
            out: out.0.clone(),
        }];
        let made = media::pictures(ffmpeg, &source, &probe, None, &wanted, &never).await;
        made.map_err(Error::internal)?;
        keep(app, &out.0, name).await?;
    }
    replace(app, video, &thumbnail, &preview, "video").await?;
    Ok(true)
}

async fn signed(app: &App, class: Class, key: &str) -> Result<Source> {
    let signed = app.storage.presign_get(class, key, SIGNED_LIFE, None).await;
    let signed = signed.map_err(Error::internal)?;
    let gone = || Error::not_found("Video file not found");
    signed.map(Source::Url).ok_or_else(gone)
}

/// Is a picture that the video names not there any more?
pub async fn is_missing(app: &App, video: &Video) -> Result<bool> {
    for name in [&video.thumbnail, &video.preview] {
        let Some(name) = name else { return Ok(true) };
        match app.storage.head(Class::Thumbnail, name).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(true),
            Err(error) => return Err(Error::internal(error)),
        }
    }
    Ok(false)
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
