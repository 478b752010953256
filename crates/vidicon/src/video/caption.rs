//! Captions: subtitles of a video, one file for each language.

use super::store::extra::{self as store, Caption};
use super::{Video, said, vtt};
use crate::app::App;
use crate::error::{Error, Result};
use axum::body::Bytes;
use base::storage::Class;

/// The largest caption file, in bytes.
pub const LARGEST_FILE: u64 = 20 * 1024 * 1024;

pub async fn list(app: &App, video: &Video) -> Result<Vec<Caption>> {
    Ok(store::captions(&app.db, video.id).await?)
}

pub async fn by_file(app: &App, filename: &str) -> Result<Option<Caption>> {
    Ok(store::caption_by_file(&app.db, filename).await?)
}

/// Puts a file of WebVTT or SubRip in the place of a language's caption.
pub async fn set(
    app: &App,
    video: &Video,
    language: &str,
    file: &[u8],
    generated: bool,
) -> Result<()> {
    let text = vtt::to_vtt(file)
        .ok_or_else(|| Error::bad_request("The file is neither WebVTT nor SubRip."))?;
    let filename = format!("{}-{language}.vtt", base::random::uuid());
    let passages = said::passages(text.clone()).await?;
    let bytes = Bytes::from(text.into_bytes());
    app.storage
        .put(Class::Caption, &filename, bytes)
        .await
        .map_err(Error::internal)?;
    let old = list(app, video).await?;
    let mut tx = app.db.begin().await?;
    store::set_caption(
        &mut tx,
        video.id,
        language,
        &filename,
        generated,
        app.clock.now(),
    )
    .await?;
    said::keep(&mut tx, &filename, &passages).await?;
    super::tell_changed(&mut tx, video.id, app.clock.now()).await?;
    tx.commit().await?;
    forget(
        app,
        old.iter().filter(|caption| caption.language == language),
    )
    .await;
    Ok(())
}

/// Tells whether there was one.
pub async fn remove(app: &App, video: &Video, language: &str) -> Result<bool> {
    let old = list(app, video).await?;
    let removed = store::delete_caption(&app.db, video.id, language).await?;
    super::tell_changed(&app.db, video.id, app.clock.now()).await?;
    forget(
        app,
        old.iter().filter(|caption| caption.language == language),
    )
    .await;
    Ok(removed > 0)
}

/// No row names the file any more; one that cannot be removed now only takes room.
async fn forget(app: &App, captions: impl Iterator<Item = &Caption>) {
    for caption in captions.filter(|caption| caption.url.is_none()) {
        if let Err(error) = app.storage.delete(Class::Caption, &caption.filename).await {
            tracing::warn!(%error, "an old caption could not be removed");
        }
    }
}
