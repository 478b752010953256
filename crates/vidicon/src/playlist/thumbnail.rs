//! The picture of a playlist: one that somebody chose, or that of its first video.

use super::{Playlist, PlaylistId, store};
use crate::app::App;
use crate::check::form::{FormFile, uploads_folder, wrong_file};
use crate::error::{Error, Result};
use crate::video::files::{self, OldFile};
use base::storage::Class;
use media::{MediaError, Wanted};
use tokio_util::sync::CancellationToken;

/// Width and height at the most, in pixels.
const SIZE: (u32, u32) = (280, 157);
/// A stored picture is never larger, in bytes.
const LARGEST: u64 = 1024 * 1024;
pub const FIELD: &str = "thumbnailfile";
const TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/jpg", "image/webp"];

/// Is the file of a form a picture of a kind that is taken?
pub fn check(file: &FormFile) -> Result<()> {
    if TYPES.contains(&file.kind.as_str()) {
        return Ok(());
    }
    Err(wrong_file(
        FIELD,
        "Should be a picture of type png, jpeg or webp.",
    ))
}

/// Makes a picture of the file, anew of its pixels; gives the name under which it is stored.
pub async fn make(app: &App, file: &FormFile) -> Result<String> {
    let name = format!("{}.jpg", base::random::uuid());
    let out = uploads_folder(app).join(&name);
    let ffmpeg = app.ffmpeg().await.map_err(Error::internal)?;
    let wanted = [Wanted {
        max_width: SIZE.0,
        max_height: SIZE.1,
        out: out.clone(),
    }];
    let never = CancellationToken::new();
    let made = media::pictures_of_file(ffmpeg, file.file.path(), &wanted, &never).await;
    let bytes = tokio::fs::read(&out).await;
    let _ = std::fs::remove_file(&out);
    match made {
        Ok(_) => {}
        Err(MediaError::Missing(why)) => return Err(Error::internal(why)),
        Err(error) => return Err(wrong_file(FIELD, &error.to_string())),
    }
    let stored = app
        .storage
        .put(Class::Thumbnail, &name, bytes?.into())
        .await;
    stored.map_err(Error::internal)?;
    Ok(name)
}

/// Puts another picture, or none, in place of the one before.
pub async fn set(
    app: &App,
    playlist: &Playlist,
    name: Option<&str>,
    from: Option<&str>,
) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::set_thumbnail(&mut tx, playlist.id, name, from).await?;
    let old: Vec<OldFile> = playlist
        .thumbnail
        .iter()
        .cloned()
        .map(OldFile::picture)
        .collect();
    files::drop_later(&mut tx, &old, now).await?;
    tx.commit().await?;
    Ok(())
}

/// After the first place has changed. The change itself stands, so a picture that cannot be
/// copied is only noted.
pub async fn renew(app: &App, id: PlaylistId) {
    if let Err(error) = copy_first(app, id).await {
        tracing::warn!(%error, "the picture of a playlist could not be made");
    }
}

async fn copy_first(app: &App, id: PlaylistId) -> Result<()> {
    let Some(playlist) = store::by_id(&app.db, id).await? else {
        return Ok(());
    };
    if playlist.thumbnail_from.as_deref() == Some("hand") {
        return Ok(());
    }
    let Some((first,)) = store::element::first_picture(&app.db, id).await? else {
        if playlist.thumbnail.is_some() {
            set(app, &playlist, None, None).await?;
        }
        return Ok(());
    };
    // Of another server's video there may be a name only.
    let bytes = match app.storage.get(Class::Thumbnail, &first, LARGEST).await {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(Error::internal(error)),
    };
    let ending = first.rsplit_once('.').map_or("jpg", |(_, ending)| ending);
    let name = format!("{}.{ending}", base::random::uuid());
    let stored = app.storage.put(Class::Thumbnail, &name, bytes).await;
    stored.map_err(Error::internal)?;
    set(app, &playlist, Some(&name), Some("video")).await
}
