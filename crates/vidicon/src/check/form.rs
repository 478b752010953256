//! Bodies that may bring files: texts become one JSON object, files go to disk as they come.

use super::Check;
use super::input::{Body, from_pairs};
use crate::app::App;
use crate::error::{Error, Result};
use axum::body::{BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use base::file::FileWriter;
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Map, Value};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// All texts of one body together, in bytes.
const TEXT_LIMIT: usize = 1024 * 1024;
/// A client that sends nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file field that a route takes.
#[derive(Clone, Copy, Debug)]
pub struct FileField {
    pub name: &'static str,
    pub max_bytes: Option<u64>,
}

impl FileField {
    /// A picture as PeerTube limits it: 4 MiB.
    pub const fn picture(name: &'static str) -> Self {
        FileField {
            name,
            max_bytes: Some(4 * 1024 * 1024),
        }
    }
}

#[derive(Debug, Default)]
pub struct Form {
    pub fields: Map<String, Value>,
    pub files: Vec<FormFile>,
}

#[derive(Debug)]
pub struct FormFile {
    pub field: String,
    /// As the client calls it; never a path of ours.
    pub filename: String,
    /// The declared media type, in lower case, without parameters.
    pub kind: String,
    pub size_bytes: u64,
    pub file: TempFile,
}

/// A file in the folder of uploads that goes away with its handle, unless it is moved before.
#[derive(Debug)]
pub struct TempFile(PathBuf);

impl TempFile {
    /// A file that lies there already.
    pub fn of(path: PathBuf) -> Self {
        TempFile(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // What is gone was moved; what stays is swept with the idle uploads.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Where files lie while they come in.
pub fn uploads_folder(app: &App) -> PathBuf {
    app.config.server.data_dir.join("uploads")
}

impl Form {
    /// Reads a multipart body with these file fields; any other body as [`Body`] does.
    pub async fn read(app: &App, request: Request, files: &[FileField]) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let boundary = kind
            .and_then(|kind| kind.to_str().ok())
            .filter(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"))
            .map(multer::parse_boundary);
        match boundary {
            None => Ok(Form {
                fields: Body::from_request(request, app).await?.0,
                files: Vec::new(),
            }),
            Some(Err(_)) => Err(malformed("it has no boundary")),
            Some(Ok(boundary)) => {
                let body = patient(request.into_body().into_data_stream());
                let parts = multer::Multipart::new(body, boundary);
                read_parts(app, parts, files).await
            }
        }
    }

    /// Takes the file of a field out of the form.
    pub fn take(&mut self, field: &str) -> Option<FormFile> {
        let at = self.files.iter().position(|file| file.field == field)?;
        Some(self.files.swap_remove(at))
    }
}

/// The body's pieces; a pause that is too long ends it.
pub fn patient(
    body: BodyDataStream,
) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin + 'static {
    Box::pin(stream::unfold(Some(body), |body| async move {
        let mut body = body?;
        match tokio::time::timeout(PATIENCE, body.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(body))),
            Ok(Some(Err(error))) => Some((Err(io::Error::other(error)), None)),
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), None)),
        }
    }))
}

async fn read_parts(
    app: &App,
    mut parts: multer::Multipart<'_>,
    wanted: &[FileField],
) -> Result<Form> {
    let mut pairs = Vec::new();
    let mut files: Vec<FormFile> = Vec::new();
    let mut text_bytes = 0;
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_none() {
            let text = text(part, &mut text_bytes).await?;
            pairs.push((name, text));
            continue;
        }
        let Some(field) = wanted.iter().find(|field| field.name == name) else {
            return Err(Error::bad_request(format!("Unexpected file field {name}.")));
        };
        if files.iter().any(|file| file.field == name) {
            return Err(Error::bad_request(format!(
                "Only one file may be in {name}."
            )));
        }
        files.push(file(app, part, field).await?);
    }
    Ok(Form {
        fields: from_pairs(pairs),
        files,
    })
}

async fn text(mut part: multer::Field<'_>, total: &mut usize) -> Result<String> {
    let mut text = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(broken)? {
        *total += piece.len();
        if *total > TEXT_LIMIT {
            return Err(too_large("The texts of the form are too long."));
        }
        text.extend_from_slice(&piece);
    }
    String::from_utf8(text).map_err(|_| malformed("a text in it is not UTF-8"))
}

async fn file(app: &App, mut part: multer::Field<'_>, field: &FileField) -> Result<FormFile> {
    let kind = part
        .content_type()
        .map(|kind| kind.essence_str().to_lowercase());
    let filename = part.file_name().unwrap_or_default().to_owned();
    let folder = uploads_folder(app);
    tokio::fs::create_dir_all(&folder).await?;
    let temp = TempFile(folder.join(format!("form-{}", base::random::token())));
    let mut writer = FileWriter::new(
        File::create_new(temp.path())?,
        temp.path(),
        app.config.storage.durable,
    );
    let mut size_bytes = 0;
    while let Some(piece) = part.chunk().await.map_err(broken)? {
        size_bytes += u64::try_from(piece.len()).unwrap_or(0);
        if field.max_bytes.is_some_and(|most| size_bytes > most) {
            return Err(wrong_file(field.name, "This file is too large."));
        }
        writer.write(piece).await.map_err(disk)?;
    }
    writer.finish().await.map_err(disk)?;
    Ok(FormFile {
        field: field.name.to_owned(),
        filename,
        kind: kind.unwrap_or_default(),
        size_bytes,
        file: temp,
    })
}

/// 400: the file of this field is missing or not what it should be.
pub fn wrong_file(field: &str, message: &str) -> Error {
    let nothing = Map::new();
    let mut check = Check::body(&nothing);
    check.fail(field, message);
    let wrong = check.finish().err();
    wrong.unwrap_or_else(|| Error::bad_request(message))
}

/// An error of the disk that a file is written to.
pub fn disk(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            too_large("The server's disk is full.").code("max_file_size_reached")
        }
        _ => Error::internal(error),
    }
}

fn too_large(detail: &str) -> Error {
    Error::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

fn malformed(why: &str) -> Error {
    Error::bad_request(format!("The form cannot be read: {why}."))
}

fn broken(error: multer::Error) -> Error {
    match error {
        multer::Error::StreamReadFailed(_)
        | multer::Error::IncompleteStream
        | multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteHeaders => {
            Error::bad_request("The request ended before its body was complete.")
        }
        other => malformed(&other.to_string()),
    }
}
