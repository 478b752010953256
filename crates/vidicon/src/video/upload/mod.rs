//! Uploads, in one request or in many pieces. Bytes go once into one file of the uploads folder;
//! how long that file is, is how much has arrived, also after a restart. At the end the file is
//! moved, not copied, to where originals lie.

pub mod adopt;
pub mod api;
pub mod direct;
pub mod finish;
pub mod kinds;
pub mod page;
mod range;
mod replace;
mod store;
pub mod twin;

pub use finish::{put_edited, put_imported};
pub use range::Piece;
pub use replace::check_state;

use crate::account::{User, UserId};
use crate::app::App;
use crate::check::form::{disk, patient, uploads_folder};
use crate::error::{Error, Result};
use crate::video::VideoId;
use axum::body::Body;
use axum::http::StatusCode;
use base::Tx;
use base::clock::{DAY, MINUTE, Millis};
use base::file::FileWriter;
use base64::Engine;
use futures::StreamExt;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha1::{Digest, Sha1};
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

/// An upload that nobody goes on with for so long is dropped.
const IDLE_LIFE: Millis = DAY;
/// How long the answer of a finished upload is kept for a client that lost it.
const ANSWER_LIFE: Millis = 15 * MINUTE;
/// Room that is left to the rest of the machine.
const ROOM_KEPT_BYTES: u64 = 64 * 1024 * 1024;

/// Uploads that this process is finishing now.
static FINISHING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What an upload is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    Video,
    /// Another file for a video that is there.
    Replace,
    /// An archive of an account.
    Import,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UploadState {
    Open,
    Finishing,
    Done,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Upload {
    pub id: String,
    pub user_id: UserId,
    pub purpose: Purpose,
    pub video_id: Option<VideoId>,
    pub metadata: Metadata,
    pub size_bytes: i64,
    pub state: UploadState,
    /// While finishing: [`Prepared`]. When done: what the client is told.
    #[serde(deserialize_with = "base::db::json")]
    pub answer: Option<Value>,
    pub updated_at: Millis,
}

/// What the client said about its file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Metadata {
    pub fields: Map<String, Value>,
    pub filename: String,
    /// Under which the file is kept: `.mp4`.
    pub ending: String,
    pub has_thumbnail: bool,
    pub has_preview: bool,
    /// Its bytes go straight to the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<direct::Direct>,
}

/// Names chosen for a finished upload, kept before anything lies under them, so that a stop in
/// between leaves nothing that nobody knows of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prepared {
    pub uuid: uuid::Uuid,
    pub key: String,
    pub thumbnail: String,
    pub preview: String,
}

/// What a PUT leads to.
#[derive(Debug)]
pub enum Received {
    /// So many bytes are there, more are awaited.
    More(u64),
    Done {
        answer: Value,
        is_repeated: bool,
    },
}

impl Upload {
    pub fn path(&self, app: &App) -> PathBuf {
        uploads_folder(app).join(&self.id)
    }

    pub fn thumbnail_path(&self, app: &App) -> PathBuf {
        uploads_folder(app).join(format!("{}.thumbnail", self.id))
    }

    pub fn preview_path(&self, app: &App) -> PathBuf {
        uploads_folder(app).join(format!("{}.preview", self.id))
    }

    fn size(&self) -> u64 {
        u64::try_from(self.size_bytes).unwrap_or(0)
    }
}

/// Is there room for a file of this size on the disk of the uploads?
pub fn check_room(app: &App, size_bytes: u64) -> Result<()> {
    std::fs::create_dir_all(uploads_folder(app))?;
    let free = base::file::free_bytes(&uploads_folder(app))?;
    if size_bytes.saturating_add(ROOM_KEPT_BYTES) > free {
        return Err(Error::too_large("There is not enough room for this file.")
            .code("max_file_size_reached"));
    }
    Ok(())
}

/// Begins an upload, or finds the same one that was begun before. Tells which, and how much of it
/// is there.
pub async fn begin(app: &App, mut upload: Upload) -> Result<(Upload, Option<u64>)> {
    let now = app.clock.now();
    let fingerprint = fingerprint(&upload);
    if upload.metadata.fields.contains_key("lastModified")
        && let Some(same) = store::find_same(&app.db, upload.user_id, &fingerprint).await?
        && let Ok(file) = std::fs::metadata(same.path(app))
    {
        let metadata = serde_json::json!(upload.metadata);
        store::set_metadata(&app.db, &same.id, metadata, now).await?;
        return Ok((same, Some(file.len())));
    }
    upload.id = format!("{}-{}", upload.user_id, base::random::token());
    upload.updated_at = now;
    check_room(app, upload.size())?;
    File::create_new(upload.path(app)).map_err(disk)?;
    if let Err(error) = store::add(&app.db, &upload, &fingerprint).await {
        let _ = std::fs::remove_file(upload.path(app));
        return Err(error.into());
    }
    Ok((upload, None))
}

/// The same file of the same user, as far as a client can tell.
fn fingerprint(upload: &Upload) -> String {
    let fields = &upload.metadata.fields;
    let of = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let facts = serde_json::json!([
        upload.purpose,
        upload.video_id,
        upload.metadata.filename,
        of("originalName"),
        of("lastModified"),
        upload.size_bytes,
    ]);
    hex::encode(sha2::Sha256::digest(facts.to_string().as_bytes()))
}

/// An upload of this user. The id begins with its owner's, so that another's is told apart from
/// one that is gone.
pub async fn own(app: &App, user: &User, id: Option<&str>) -> Result<Upload> {
    let id = id.ok_or_else(|| Error::forbidden("Forbidden").code("Forbidden"))?;
    let owner = id.split_once('-').map(|(owner, _)| owner);
    if owner != Some(user.id.to_string().as_str()) {
        return Err(Error::forbidden("Forbidden").code("Forbidden"));
    }
    let upload = store::find(&app.db, id).await?;
    upload
        .filter(|upload| upload.user_id == user.id)
        .ok_or_else(gone)
}

/// Takes a piece, or tells how much is there. The last piece makes the upload what it is for.
pub async fn receive(
    app: &App,
    user: &Arc<User>,
    upload: Upload,
    piece: Piece,
    digest: Option<&str>,
    body: Body,
) -> Result<Received> {
    match collect(app, &upload, piece, digest, body).await? {
        Some(received) => Ok(received),
        None => finished(app, user, upload).await,
    }
}

/// As [`receive`], but nothing when all bytes are there: what it is for, the caller makes of it.
pub async fn collect(
    app: &App,
    upload: &Upload,
    piece: Piece,
    digest: Option<&str>,
    body: Body,
) -> Result<Option<Received>> {
    if upload.metadata.direct.is_some() {
        return Err(conflict("The parts of this upload go to the bucket."));
    }
    if upload.state == UploadState::Done {
        return Ok(Some(Received::Done {
            answer: upload.answer.clone().unwrap_or_default(),
            is_repeated: true,
        }));
    }
    if FINISHING.lock().contains(&upload.id) {
        return Err(busy());
    }
    if upload.state == UploadState::Finishing {
        return Ok(None);
    }
    let total = match piece {
        Piece::Query { total } | Piece::Bytes { total, .. } => total,
    };
    if total.is_some_and(|total| total != upload.size()) {
        return Err(conflict("The file was announced with another size."));
    }
    let here = match piece {
        Piece::Query { .. } => file_length(app, upload)?,
        Piece::Bytes { first, end, .. } => {
            let here = append(app, upload, (first, end), digest, body).await?;
            let bytes = i64::try_from(here).unwrap_or(i64::MAX);
            store::note_received(&app.db, &upload.id, bytes, app.clock.now()).await?;
            here
        }
    };
    Ok((here < upload.size()).then_some(Received::More(here)))
}

/// Keeps what the client was told, so that it can ask again.
pub async fn note_done(tx: &mut Tx, upload: &Upload, answer: &Value, now: Millis) -> Result<()> {
    store::set_done(tx, &upload.id, answer, now).await?;
    Ok(())
}

fn file_length(app: &App, upload: &Upload) -> Result<u64> {
    match std::fs::metadata(upload.path(app)) {
        Ok(file) => Ok(file.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(gone()),
        Err(error) => Err(error.into()),
    }
}

/// Finishes on a task of its own: it goes on when the client loses patience.
async fn finished(app: &App, user: &Arc<User>, upload: Upload) -> Result<Received> {
    let place = Finishing::enter(&upload.id).ok_or_else(busy)?;
    let (app, user) = (app.clone(), Arc::clone(user));
    let task = tokio::spawn(async move {
        let _place = place;
        finish::finish(&app, &user, upload).await
    });
    let answer = task.await.map_err(Error::internal)??;
    Ok(Received::Done {
        answer,
        is_repeated: false,
    })
}

/// A place among those that are being finished, given back when it is dropped.
pub struct Finishing(String);

impl Finishing {
    fn enter(id: &str) -> Option<Self> {
        let is_free = FINISHING.lock().insert(id.to_owned());
        is_free.then(|| Finishing(id.to_owned()))
    }

    /// 503 when somebody finishes this upload already.
    pub fn claim(upload: &Upload) -> Result<Self> {
        Self::enter(&upload.id).ok_or_else(busy)
    }
}

impl Drop for Finishing {
    fn drop(&mut self) {
        FINISHING.lock().remove(&self.0);
    }
}

/// Appends the part of the body that is not there yet and tells the file's new length.
async fn append(
    app: &App,
    upload: &Upload,
    (first, end): (u64, Option<u64>),
    digest: Option<&str>,
    body: Body,
) -> Result<u64> {
    let mut file = lock(app, upload)?;
    let here = file.seek(SeekFrom::End(0)).map_err(disk)?;
    if first > here {
        let message = format!("The next byte that is awaited is number {here}.");
        return Err(conflict(&message).header("range", range_of(here)));
    }
    let most = end.unwrap_or(u64::MAX).min(upload.size());
    if end.is_some_and(|end| end > upload.size()) {
        return Err(
            Error::too_large("The piece goes beyond the announced size.")
                .code("RequestEntityTooLarge"),
        );
    }
    let digest = digest.map(Sha1Digest::read).transpose()?;
    let mut writer = FileWriter::new(file, &upload.path(app), app.config.storage.durable);
    let outcome = pour(&mut writer, (first, here, most), digest, body).await;
    let mut file = writer.finish().await.map_err(disk)?;
    if let Err(error) = outcome {
        // Bytes that may be wrong are taken back; those that merely ended early are kept.
        if error.status() != StatusCode::BAD_REQUEST {
            file.set_len(here).map_err(disk)?;
        }
        return Err(error);
    }
    file.seek(SeekFrom::End(0)).map_err(disk)
}

/// One writer at a time, in this process or another.
fn lock(app: &App, upload: &Upload) -> Result<File> {
    let opened = File::options()
        .read(true)
        .write(true)
        .open(upload.path(app));
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(gone()),
        opened => opened.map_err(disk)?,
    };
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::new(
            StatusCode::LOCKED,
            "Another request is sending to this upload.",
        )
        .code("FileLocked")),
        Err(TryLockError::Error(error)) => Err(disk(error)),
    }
}

/// The body starts at byte `first` of the file, which has `here` bytes and may get `most`.
async fn pour(
    writer: &mut FileWriter,
    (first, here, most): (u64, u64, u64),
    mut digest: Option<Sha1Digest>,
    body: Body,
) -> Result<()> {
    let mut pieces = patient(body.into_data_stream());
    let mut at = first;
    while let Some(piece) = pieces.next().await {
        let mut piece = piece
            .map_err(|_| Error::bad_request("The request ended before its body was complete."))?;
        if let Some(digest) = &mut digest {
            digest.sha1.update(&piece);
        }
        let known = usize::try_from(here.saturating_sub(at)).unwrap_or(usize::MAX);
        at += u64::try_from(piece.len()).unwrap_or(0);
        if at > most {
            return Err(
                Error::too_large("The body is longer than it said.").code("RequestEntityTooLarge")
            );
        }
        if known < piece.len() {
            writer.write(piece.split_off(known)).await.map_err(disk)?;
        }
    }
    if digest.is_none_or(Sha1Digest::fits) {
        Ok(())
    } else {
        Err(checksum_mismatch())
    }
}

/// A body's checksum as the client told it: `sha1=` and base64.
struct Sha1Digest {
    sha1: Sha1,
    expected: Vec<u8>,
}

impl Sha1Digest {
    fn read(header: &str) -> Result<Self> {
        let wrong = || Error::bad_request("The Digest cannot be read.").code("InvalidChecksum");
        let (name, text) = header.split_once('=').ok_or_else(wrong)?;
        if !matches!(
            name.trim().to_lowercase().as_str(),
            "sha1" | "sha" | "sha-1"
        ) {
            return Err(Error::bad_request("Only SHA-1 digests are known here.")
                .code("UnsupportedChecksumAlgorithm"));
        }
        let expected = base64::engine::general_purpose::STANDARD.decode(text.trim());
        Ok(Sha1Digest {
            sha1: Sha1::new(),
            expected: expected.map_err(|_| wrong())?,
        })
    }

    fn fits(self) -> bool {
        self.sha1.finalize().as_slice() == self.expected
    }
}

/// 460, a number that only this protocol knows.
fn checksum_mismatch() -> Error {
    let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
    Error::new(status, "The bytes do not fit their checksum.").code("ChecksumMismatch")
}

/// `bytes=0-99`: the first hundred bytes are there.
pub fn range_of(length: u64) -> String {
    format!("bytes=0-{}", length.saturating_sub(1))
}

fn conflict(detail: &str) -> Error {
    Error::conflict(detail).code("FileConflict")
}

fn gone() -> Error {
    Error::not_found("There is no such upload.").code("FileNotFound")
}

fn busy() -> Error {
    Error::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The upload is being processed.",
    )
    .header("retry-after", "300")
}

/// The client gives up: nothing stays.
pub async fn cancel(app: &App, upload: &Upload) -> Result<()> {
    if FINISHING.lock().contains(&upload.id) {
        return Err(busy());
    }
    drop_upload(app, upload).await
}

/// Removes an upload with all that lies under its names and belongs to nothing else.
async fn drop_upload(app: &App, upload: &Upload) -> Result<()> {
    if upload.state == UploadState::Finishing {
        finish::undo(app, upload).await?;
    }
    if let Some(direct) = &upload.metadata.direct
        && upload.state == UploadState::Open
    {
        direct::forget_parts(app, direct).await?;
        let key = direct.key.as_str();
        let deleted = app
            .storage
            .delete(base::storage::Class::Original, key)
            .await;
        deleted.map_err(Error::internal)?;
    }
    store::delete(&app.db, &upload.id).await?;
    for path in [
        upload.path(app),
        upload.thumbnail_path(app),
        upload.preview_path(app),
    ] {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Drops idle uploads, answers that nobody asks for any more, and files without an upload.
pub async fn tidy(app: &App) -> Result<()> {
    let now = app.clock.now();
    for upload in store::idle(&app.db, now - ANSWER_LIFE).await? {
        let is_idle = upload.state == UploadState::Done || upload.updated_at < now - IDLE_LIFE;
        if is_idle && !FINISHING.lock().contains(&upload.id) {
            drop_upload(app, &upload).await?;
        }
    }
    let Ok(files) = std::fs::read_dir(uploads_folder(app)) else {
        return Ok(());
    };
    for file in files.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let id = name.split('.').next().unwrap_or_default();
        if is_old(&file, now) && !store::exists(&app.db, id).await? {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

fn is_old(file: &std::fs::DirEntry, now: Millis) -> bool {
    let modified = file.metadata().and_then(|file| file.modified()).ok();
    let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = since.and_then(|since| Millis::try_from(since.as_millis()).ok());
    modified.is_some_and(|modified| modified < now - IDLE_LIFE)
}
