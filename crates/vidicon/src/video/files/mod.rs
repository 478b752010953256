//! The files of a video that viewers load: where they lie, who may have them, how they leave.

pub mod ahead;
pub mod api;
pub mod download;
mod lazy;
mod leftovers;
pub mod playlist;
pub mod remote;
pub mod send;
mod store;
pub mod torrent;

pub use download::{
    Whole, download_file, generate, given_original, original, rendition_source, whole,
};
pub use lazy::lazy_static;
pub use leftovers::{Leftover, leftovers};
pub use remote::{fetch as fetch_remote, tidy as tidy_remote};
pub use store::Av1File;
pub use torrent::{download_torrent, torrent};

use crate::access::Viewer;
use crate::account::Right;
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::gate::{self, Guarded};
use crate::video::visibility::{given_password, is_owner, visible};
use crate::video::{Video, VideoId, VideoRef, find, token};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use base::clock::Millis;
use base::job::{JobError, NewJob, Running};
use base::storage::{Class, Storage};
use base::{Id, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use uuid::Uuid;

/// The kind of the job that deletes blobs which nothing names any more.
pub const DROP_JOB: &str = "drop_files";

/// Marks ids of files.
#[derive(Debug)]
pub enum File {}
pub type FileId = Id<File>;

/// Whether a name of another server can be one here: letters, digits and `-_.`, no path.
pub fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=200).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain)
}

/// The key of a rendition or a playlist.
pub fn key(video: Uuid, filename: &str) -> String {
    format!("{video}/{filename}")
}

/// Where renditions lie while they grow: a storage of its own on this machine's disk, with the
/// same keys.
pub fn growing(app: &App) -> Storage {
    Storage::in_folder(app.config.server.data_dir.join("growing"))
}

/// The file of a growing rendition.
pub fn growing_path(app: &App, video: Uuid, filename: &str) -> Result<PathBuf> {
    let path = growing(app).local_path(Class::Rendition, &key(video, filename));
    let path = path.map_err(Error::internal)?;
    path.ok_or_else(|| Error::internal("growing files lie on disk"))
}

/// May whoever sends this request load this video's files? A token of the video, a login that may
/// see it, or its password opens them; the address alone does where everybody may see the video.
/// Only where it does not is it found out who asks: a player sends many requests. Tells whether the
/// files are everybody's.
pub async fn check_access(
    app: &App,
    request: &Parts,
    uuid: Uuid,
    token: Option<&str>,
) -> Result<bool> {
    let standing = store::standing(&app.db, uuid).await?;
    let standing = standing.ok_or_else(|| Error::not_found("Video not found"))?;
    let guarded = Guarded {
        min_age: standing.min_age,
        hidden_in: standing.hidden_in.as_deref().unwrap_or_default(),
    };
    let has_open_files = standing.privacy.has_open_files() && !standing.blocked;
    if has_open_files && !gate::guards(app, guarded) {
        return Ok(true);
    }
    if token.is_some_and(|token| token::opens(app, token, uuid)) {
        return Ok(false);
    }
    let video = find(app, VideoRef::Uuid(uuid)).await?;
    let viewer = crate::access::viewer(app, request).await?;
    check_closed(app, &viewer, &video, &request.headers).await?;
    Ok(false)
}

async fn check_closed(
    app: &App,
    viewer: &Viewer,
    video: &Video,
    headers: &HeaderMap,
) -> Result<()> {
    let password = given_password(headers);
    let Some(user) = viewer.user() else {
        let is_closed = !video.privacy.has_open_files() || video.blocked;
        if is_closed && password.is_none() && viewer.grants.is_empty() {
            return Err(Error::forbidden(
                "Cannot get this file without a login or a token.",
            ));
        }
        return visible(app, viewer, video, VideoRef::Uuid(video.uuid), password).await;
    };
    visible(app, viewer, video, VideoRef::Uuid(video.uuid), password).await?;
    let may_see_blocked =
        user.has(Right::ManageVideoBlacklist) || is_owner(app, user, video).await?;
    if video.blocked && !may_see_blocked {
        return Err(Error::forbidden("This video is blocked."));
    }
    Ok(())
}

/// A blob that nothing names any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OldFile {
    class: Class,
    key: String,
}

impl OldFile {
    pub fn original(key: String) -> Self {
        OldFile {
            class: Class::Original,
            key,
        }
    }

    pub fn picture(key: String) -> Self {
        OldFile {
            class: Class::Thumbnail,
            key,
        }
    }

    pub fn rendition(video: Uuid, filename: &str) -> Self {
        OldFile {
            class: Class::Rendition,
            key: key(video, filename),
        }
    }

    pub fn playlist(video: Uuid, filename: &str) -> Self {
        OldFile {
            class: Class::Playlist,
            key: key(video, filename),
        }
    }

    pub fn storyboard(key: String) -> Self {
        OldFile {
            class: Class::Storyboard,
            key,
        }
    }
}

/// Takes everything that was made of the original out of the database and tells which blobs that
/// leaves behind.
pub async fn take_down(tx: &mut Tx, video: &Video) -> Result<Vec<OldFile>> {
    let mut old = Vec::new();
    for row in store::rows(&mut *tx, video.id).await? {
        old.push(OldFile::rendition(video.uuid, &row.filename));
        let playlist = row.playlist_filename.as_deref();
        old.extend(playlist.map(|name| OldFile::playlist(video.uuid, name)));
    }
    old.extend(take_master(tx, video).await?);
    let made = store::take_extracts(&mut *tx, video.id).await?;
    old.extend(made.iter().map(|name| OldFile::rendition(video.uuid, name)));
    store::delete_all(tx, video.id).await?;
    Ok(old)
}

/// Has a job delete these blobs, not before the given time.
pub async fn drop_later(tx: &mut Tx, old: &[OldFile], at: Millis) -> Result<()> {
    if old.is_empty() {
        return Ok(());
    }
    NewJob::new(DROP_JOB, json!({ "files": old }))
        .max_attempts(20)
        .run_at(at)
        .enqueue(tx, at)
        .await?;
    Ok(())
}

/// The files of a video, the largest picture first.
pub async fn rows(tx: &mut Tx, video: &Video) -> Result<Vec<FileRow>> {
    Ok(store::rows(tx, video.id).await?)
}

/// The key of a video's original; nothing when it was not kept.
pub async fn source_of(app: &App, id: VideoId) -> Result<Option<String>> {
    Ok(store::source_key(&app.db, id).await?)
}

pub async fn delete_row(tx: &mut Tx, id: FileId) -> Result<()> {
    store::delete_file(tx, id).await?;
    Ok(())
}

/// Takes the master playlist, and what it alone names, out of the database and tells which blobs that leaves behind.
pub async fn take_master(tx: &mut Tx, video: &Video) -> Result<Vec<OldFile>> {
    let mut old = Vec::new();
    if let Some(playlist) = store::master(&mut *tx, video.id).await? {
        old.push(OldFile::playlist(video.uuid, &playlist.master_filename));
        let hashes = playlist.sha256_filename.as_deref();
        old.extend(hashes.map(|name| OldFile::playlist(video.uuid, name)));
    }
    store::delete_playlist(&mut *tx, video.id).await?;
    old.extend(take_av1(tx, video, None).await?);
    Ok(old)
}

/// The AV1 renditions of a video: size of the picture and bytes.
pub async fn av1_sizes(app: &App, id: VideoId) -> Result<Vec<Av1File>> {
    Ok(store::av1_files(&app.db, id).await?)
}

/// Takes the AV1 renditions of one size, or of all, out of the database.
pub async fn take_av1(tx: &mut Tx, video: &Video, resolution: Option<i64>) -> Result<Vec<OldFile>> {
    let mut old = Vec::new();
    for file in store::av1_files(&mut *tx, video.id).await? {
        if resolution.is_some_and(|only| only != file.resolution) {
            continue;
        }
        store::delete_av1_file(&mut *tx, &file.filename).await?;
        old.push(OldFile::rendition(video.uuid, &file.filename));
        old.push(OldFile::playlist(video.uuid, &file.playlist_filename));
    }
    Ok(old)
}

/// Takes one rendition out of the master playlist, with the one in AV1 of the same size.
pub async fn forget_in_master(app: &App, video: &Video, row: &FileRow) -> Result<()> {
    let Some(master) = store::master(&app.db, video.id).await? else {
        return Ok(());
    };
    let key = key(video.uuid, &master.master_filename);
    let class = Class::Playlist;
    let text = app.storage.get(class, &key, playlist::LARGEST_BYTES).await;
    let text = text.map_err(Error::internal)?;
    let name = row.playlist_filename.as_deref().unwrap_or_default();
    let mut text = playlist::without(&String::from_utf8_lossy(&text), name);
    for file in store::av1_files(&app.db, video.id).await? {
        if file.resolution == row.resolution {
            text = playlist::without(&text, &file.playlist_filename);
        }
    }
    let stored = app.storage.put(class, &key, text.into_bytes().into()).await;
    stored.map_err(Error::internal)
}

#[derive(Deserialize)]
struct Dropped {
    files: Vec<OldFile>,
}

pub async fn drop_files(app: &App, running: &Running) -> Result<(), JobError> {
    let dropped: Dropped = running.job.payload()?;
    for file in &dropped.files {
        let deleted = app.storage.delete(file.class, &file.key).await;
        deleted.map_err(|error| JobError::Retry(error.to_string()))?;
    }
    Ok(())
}

/// A file's row, as much as loading it needs.
#[derive(Clone, Debug, Deserialize)]
pub struct FileRow {
    pub id: FileId,
    pub video_id: VideoId,
    pub filename: String,
    pub playlist_filename: Option<String>,
    pub kind: String,
    pub resolution: i64,
    pub has_video: bool,
    pub has_audio: bool,
    pub complete: bool,
}
