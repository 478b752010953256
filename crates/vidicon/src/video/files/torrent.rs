//! Torrents of the files of a video. Nothing is made before somebody asks: then the file is read once, and the hashes
//! of its pieces are kept. The file's own address is the seed, so whoever takes a torrent waits for nobody.

use super::download::{named_after, plain_name};
use super::send::attachment;
use super::{FileRow, check_access, key, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{Video, VideoRef, VideoState, find};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::storage::{ByteRange, Class};
use futures::TryStreamExt;
use sha1::{Digest, Sha1};
use std::fmt::{self, Write as _};
use tokio::sync::Semaphore;
use url::form_urlencoded;

/// Files are read one after the other: the site has other things to do.
static TURN: Semaphore = Semaphore::const_new(1);
const SMALLEST_PIECE: u64 = 256 * 1024;
const LARGEST_PIECE: u64 = 16 * 1024 * 1024;
/// A torrent of about so many pieces stays small.
const PIECES: u64 = 1_000;

/// Where torrents are read, and where they are saved from.
pub const FOLDER: &str = "/lazy-static/torrents/";
pub const DOWNLOADS: &str = "/download/torrents/";

/// The address of the torrent of a file.
#[derive(Clone, Copy)]
pub struct Address<'a, U> {
    pub site: &'a str,
    /// [`FOLDER`] or [`DOWNLOADS`].
    pub folder: &'static str,
    pub video: U,
    pub resolution: i64,
    pub is_hls: bool,
}

impl<U: fmt::Display> fmt::Display for Address<'_, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = if self.is_hls { "-hls" } else { "" };
        let Address {
            site,
            folder,
            video,
            resolution,
            ..
        } = self;
        write!(f, "{site}{folder}{video}-{resolution}{suffix}.torrent")
    }
}

/// What takes a torrent program to a file without the torrent's own file.
pub fn magnet(info_hash: &str, name: &str, torrent: &str, seed: &str) -> String {
    let mut parts = form_urlencoded::Serializer::new(String::new());
    parts.append_pair("xs", torrent);
    parts.append_pair("dn", name);
    parts.append_pair("ws", seed);
    format!("magnet:?xt=urn:btih:{info_hash}&{}", parts.finish())
}

/// `/lazy-static/torrents/{file}`: `<uuid>-<resolution>.torrent`, or `…-hls.torrent`.
pub async fn torrent(
    State(app): State<App>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response> {
    give(app, &name, request, false).await
}

/// `/download/torrents/{file}`: the same, to save it.
pub async fn download_torrent(
    State(app): State<App>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response> {
    give(app, &name, request, true).await
}

async fn give(app: App, name: &str, request: Request, is_saved: bool) -> Result<Response> {
    let not_found = || Error::not_found("There is no such torrent.");
    let (request, _) = request.into_parts();
    let stem = name.strip_suffix(".torrent").ok_or_else(not_found)?;
    let (uuid, resolution) = named_after(stem).ok_or_else(not_found)?;
    let video = find(&app, VideoRef::Uuid(uuid)).await?;
    // Whoever brings the file on needs no log-in, so none helps here.
    let is_open = check_access(&app, &request, uuid, None).await?;
    if !is_open || !video.download_enabled {
        return Err(not_found());
    }
    let kind = if stem.ends_with("-hls") { "hls" } else { "web" };
    let rows = store::rows(&app.db, video.id).await?;
    let Some(file) = meant(rows, kind, resolution) else {
        return Err(if video.state == VideoState::ToTranscode {
            let soon = "The file is still being made. Try again in a while.";
            Error::new(StatusCode::SERVICE_UNAVAILABLE, soon).header("retry-after", "30")
        } else {
            not_found()
        });
    };
    let torrent = match store::torrent(&app.db, file.id).await? {
        Some(torrent) => torrent,
        // Once begun it is brought to its end, whether or not somebody still waits.
        None => {
            let (app, video, file) = (app.clone(), video.clone(), file.clone());
            let made = tokio::spawn(async move { make(&app, &video, &file).await });
            made.await.map_err(Error::internal)??
        }
    };
    let body = written(&app, &video, &file, &torrent);
    let kind = (header::CONTENT_TYPE, "application/x-bittorrent".to_owned());
    let kept = (header::CACHE_CONTROL, "no-cache".to_owned());
    if !is_saved {
        return Ok(([kind, kept], body).into_response());
    }
    let saved_as = attachment(&format!("{}-{resolution}p.torrent", plain_name(&video)));
    let saved = (header::CONTENT_DISPOSITION, saved_as);
    Ok(([kind, kept, saved], body).into_response())
}

/// The file of this kind and size. Whoever has just uploaded a video is told of a torrent of the whole file, before
/// anything is made of it; where no whole files are made, it is the best picture not larger.
fn meant(rows: Vec<FileRow>, kind: &str, resolution: i64) -> Option<FileRow> {
    let mut rows: Vec<FileRow> = rows.into_iter().filter(|row| row.complete).collect();
    let is_exact = |row: &FileRow| row.kind == kind && row.resolution == resolution;
    if let Some(at) = rows.iter().position(is_exact) {
        return Some(rows.swap_remove(at));
    }
    if kind == "hls" || rows.iter().any(|row| row.kind == "web") {
        return None;
    }
    rows.into_iter()
        .find(|row| (row.has_video || resolution == 0) && row.resolution <= resolution)
}

/// The hashes of a file's pieces.
async fn make(app: &App, video: &Video, file: &FileRow) -> Result<store::Torrent> {
    let _turn = TURN.acquire().await.map_err(Error::internal)?;
    if let Some(torrent) = store::torrent(&app.db, file.id).await? {
        return Ok(torrent);
    }
    let key = key(video.uuid, &file.filename);
    let blob = app.storage.read(Class::Rendition, &key, ByteRange::All);
    let blob = blob.await.map_err(Error::internal)?;
    let size_bytes = blob.info.size_bytes;
    let piece_bytes = piece_bytes(size_bytes);
    let mut pieces = Pieces::new(piece_bytes);
    let mut stream = blob.into_stream();
    while let Some(bytes) = stream.try_next().await.map_err(Error::internal)? {
        pieces = tokio::task::spawn_blocking(move || pieces.take(&bytes))
            .await
            .map_err(Error::internal)?;
    }
    let pieces = pieces.end();
    let torrent = store::Torrent {
        info_hash: hex(&Sha1::digest(info(
            &file.filename,
            size_bytes,
            piece_bytes,
            &pieces,
        ))),
        size_bytes: i64::try_from(size_bytes).map_err(Error::internal)?,
        piece_bytes: i64::try_from(piece_bytes).map_err(Error::internal)?,
        pieces,
    };
    store::keep_torrent(&app.db, file.id, &torrent).await?;
    Ok(torrent)
}

fn piece_bytes(size_bytes: u64) -> u64 {
    let wanted = (size_bytes / PIECES).next_power_of_two();
    wanted.clamp(SMALLEST_PIECE, LARGEST_PIECE)
}

/// Bytes that come as they like, hashed piece by piece.
struct Pieces {
    piece_bytes: u64,
    hash: Sha1,
    left: u64,
    done: Vec<u8>,
}

impl Pieces {
    fn new(piece_bytes: u64) -> Self {
        Pieces {
            piece_bytes,
            hash: Sha1::new(),
            left: piece_bytes,
            done: Vec::new(),
        }
    }

    fn take(mut self, mut bytes: &[u8]) -> Self {
        while !bytes.is_empty() {
            let room = usize::try_from(self.left).unwrap_or(usize::MAX);
            let (now, rest) = bytes.split_at(room.min(bytes.len()));
            self.hash.update(now);
            self.left -= now.len() as u64;
            if self.left == 0 {
                self.close();
            }
            bytes = rest;
        }
        self
    }

    fn close(&mut self) {
        self.done.extend(self.hash.finalize_reset());
        self.left = self.piece_bytes;
    }

    fn end(mut self) -> Vec<u8> {
        if self.left < self.piece_bytes {
            self.close();
        }
        self.done
    }
}

/// The part that gives a torrent its name: the file's own name stays when the video is renamed.
fn info(filename: &str, size_bytes: u64, piece_bytes: u64, pieces: &[u8]) -> Vec<u8> {
    let head = format!(
        "d6:lengthi{size_bytes}e4:name{}:{filename}12:piece lengthi{piece_bytes}e6:pieces{}:",
        filename.len(),
        pieces.len()
    );
    [head.as_bytes(), pieces, b"e"].concat()
}

fn written(app: &App, video: &Video, file: &FileRow, torrent: &store::Torrent) -> Vec<u8> {
    let page = app.url(&format!(
        "/w/{}",
        crate::video::short_uuid::shorten(video.uuid)
    ));
    let seed = app.url(&seed_path(video, file));
    let number = |value: i64| u64::try_from(value).unwrap_or_default();
    let (size_bytes, piece_bytes) = (number(torrent.size_bytes), number(torrent.piece_bytes));
    let head = format!("d7:comment{}:{page}4:info", page.len());
    let tail = format!("8:url-list{}:{seed}e", seed.len());
    let info = info(&file.filename, size_bytes, piece_bytes, &torrent.pieces);
    [head.as_bytes(), &info, tail.as_bytes()].concat()
}

fn seed_path(video: &Video, file: &FileRow) -> String {
    match file.kind.as_str() {
        "hls" => format!(
            "/static/streaming-playlists/hls/{}/{}",
            video.uuid, file.filename
        ),
        _ => format!("/static/web-videos/{}", file.filename),
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cut_where_they_end_however_the_bytes_come() {
        let data: Vec<u8> = (0..1_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let wanted: Vec<u8> = data.chunks(300).flat_map(Sha1::digest).collect();
        for step in [1, 7, 300, 450, 1_000] {
            let mut pieces = Pieces::new(300);
            for bytes in data.chunks(step) {
                pieces = pieces.take(bytes);
            }
            assert_eq!(pieces.end(), wanted, "{step}");
        }
        let whole = Pieces::new(500).take(&data).end();
        assert_eq!(whole.len(), 40, "no empty piece at the end");
    }

    #[test]
    fn a_large_file_has_large_pieces() {
        assert_eq!(piece_bytes(1), SMALLEST_PIECE);
        assert_eq!(piece_bytes(2_000_000_000), 2 * 1024 * 1024);
        assert_eq!(piece_bytes(u64::MAX / 4), LARGEST_PIECE);
    }
}
