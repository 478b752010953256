//! The files of a video as the API lists them.

use super::super::labels;
use super::FilesOfPage;
use crate::video::files::torrent;
use crate::video::list::{FileRow, PlaylistRow};
use crate::video::store::extra::Source;
use crate::wire::Site;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct File<'a> {
    id: i64,
    resolution: Resolution,
    width: Option<i64>,
    height: Option<i64>,
    magnet_uri: Option<String>,
    size: i64,
    fps: i64,
    torrent_url: Option<Path<'a>>,
    torrent_download_url: Option<Path<'a>>,
    file_url: Path<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    playlist_url: Option<Path<'a>>,
    file_download_url: Path<'a>,
    metadata_url: Option<Path<'a>>,
    has_audio: bool,
    has_video: bool,
    storage: Option<i64>,
}

#[derive(Serialize)]
struct Resolution {
    id: i64,
    label: String,
}

/// An address in up to six pieces.
#[derive(Clone, Copy)]
pub enum Path<'a> {
    Other(&'a str),
    Own([&'a str; 5]),
    Metadata(&'a str, &'a str, i64),
    Torrent(torrent::Address<'a, &'a str>),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Other(url) => f.write_str(url),
            Path::Own([a, b, c, d, e]) => write!(f, "{a}{b}{c}{d}{e}"),
            Path::Metadata(site, uuid, id) => {
                write!(f, "{site}/api/v1/videos/{uuid}/metadata/{id}")
            }
            Path::Torrent(address) => address.fmt(f),
        }
    }
}

impl Serialize for Path<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Path::Other(url) => serializer.serialize_str(url),
            other => serializer.collect_str(other),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamingPlaylist<'a> {
    id: i64,
    #[serde(rename = "type")]
    kind: i64,
    playlist_url: Path<'a>,
    segments_sha256_url: Option<Path<'a>>,
    redundancies: Vec<Redundancy<'a>>,
    files: Vec<File<'a>>,
}

/// A copy at another place, below which the files have the same names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Redundancy<'a> {
    base_url: &'a str,
}

const HLS: &str = "/static/streaming-playlists/hls/";
const PRIVATE_HLS: &str = "/static/streaming-playlists/hls/private/";
const WEB: &str = "/static/web-videos/";
const PRIVATE_WEB: &str = "/static/web-videos/private/";

/// The files of one kind, `hls` or `web`, of one of the page's videos.
pub fn files_of<'a>(
    site: Site<'a>,
    video_id: i64,
    uuid: &'a str,
    is_open: bool,
    kind: &str,
    files: &'a [FileRow],
) -> Vec<File<'a>> {
    files
        .iter()
        .filter(|file| file.video_id == video_id && file.kind == kind)
        .map(|row| file(site, uuid, is_open, row))
        .collect()
}

pub fn playlist_of<'a>(
    site: Site<'a>,
    video_id: i64,
    uuid: &'a str,
    is_open: bool,
    with: &'a FilesOfPage,
) -> Option<StreamingPlaylist<'a>> {
    let row = with
        .playlists
        .iter()
        .find(|playlist| playlist.video_id == video_id)?;
    let PlaylistRow {
        master_filename,
        sha256_filename,
        url,
        sha256_url,
        mirrors,
        ..
    } = row;
    let own = |name: &'a str| hls(site, uuid, is_open, name);
    let hashes = sha256_url.as_deref().map(Path::Other);
    Some(StreamingPlaylist {
        id: row.id,
        kind: 1,
        playlist_url: url
            .as_deref()
            .map_or_else(|| own(master_filename), Path::Other),
        segments_sha256_url: hashes.or_else(|| sha256_filename.as_deref().map(own)),
        redundancies: mirrors
            .iter()
            .flat_map(|bases| bases.split(' '))
            .map(|base_url| Redundancy { base_url })
            .collect(),
        files: files_of(site, video_id, uuid, is_open, "hls", &with.files),
    })
}

fn hls<'a>(site: Site<'a>, uuid: &'a str, is_open: bool, name: &'a str) -> Path<'a> {
    Path::Own([
        site.url,
        if is_open { HLS } else { PRIVATE_HLS },
        uuid,
        "/",
        name,
    ])
}

/// The file of a video as it was uploaded, as long as nothing has been made of it. Its torrent will be that of what is
/// made: programs wait for the address (`peertube-cli upload`).
pub fn uploaded<'a>(site: Site<'a>, uuid: &'a str, source: &'a Uploaded) -> File<'a> {
    let own = Path::Own([
        site.url,
        "/download/original-video-files/",
        &source.name,
        "",
        "",
    ]);
    let torrent = |folder| torrent::Address {
        site: site.url,
        folder,
        video: uuid,
        resolution: source.resolution,
        is_hls: false,
    };
    File {
        id: 0,
        resolution: Resolution {
            id: source.resolution,
            label: labels::resolution(source.resolution, source.width, source.height),
        },
        width: source.width,
        height: source.height,
        magnet_uri: None,
        size: source.size_bytes,
        fps: source.fps,
        torrent_url: Some(Path::Torrent(torrent(torrent::FOLDER))),
        torrent_download_url: Some(Path::Torrent(torrent(torrent::DOWNLOADS))),
        file_url: own,
        playlist_url: None,
        file_download_url: own,
        metadata_url: None,
        has_audio: source.has_audio,
        has_video: source.resolution > 0,
        storage: Some(0),
    }
}

/// What is known of an uploaded file.
pub struct Uploaded {
    /// As its address ends.
    pub name: String,
    pub size_bytes: i64,
    pub resolution: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub fps: i64,
    pub has_audio: bool,
}

impl Uploaded {
    /// Nothing when the file itself is gone.
    pub fn of(source: Source) -> Option<Self> {
        let streams = source.metadata.get("streams").and_then(Value::as_array);
        let has = |kind: &str| {
            let mut streams = streams.into_iter().flatten();
            streams.any(|stream| stream.get("codec_type").and_then(Value::as_str) == Some(kind))
        };
        Some(Uploaded {
            name: source.key?.replace('/', "_"),
            size_bytes: source.size_bytes,
            resolution: source.resolution.unwrap_or(0),
            width: source.width,
            height: source.height,
            fps: source.fps.unwrap_or(0),
            has_audio: has("audio"),
        })
    }
}

fn file<'a>(site: Site<'a>, uuid: &'a str, is_open: bool, row: &'a FileRow) -> File<'a> {
    let is_hls = row.kind == "hls";
    let web = if is_open { WEB } else { PRIVATE_WEB };
    let own = if is_hls {
        hls(site, uuid, is_open, &row.filename)
    } else {
        Path::Own([site.url, web, &row.filename, "", ""])
    };
    let download = if is_hls {
        "/download/streaming-playlists/hls/videos/"
    } else {
        "/download/web-videos/"
    };
    let other = row.url.as_deref().map(Path::Other);
    let playlist = row.playlist_filename.as_deref();
    let is_shared = is_open && row.url.is_none() && row.download_enabled;
    let torrent = |folder| torrent::Address {
        site: site.url,
        folder,
        video: uuid,
        resolution: row.resolution,
        is_hls,
    };
    let magnet = |info_hash| {
        let torrent = torrent(torrent::FOLDER).to_string();
        torrent::magnet(info_hash, &row.filename, &torrent, &own.to_string())
    };
    let info_hash = row.info_hash.as_deref().filter(|_| is_shared);
    File {
        id: row.id,
        resolution: Resolution {
            id: row.resolution,
            label: labels::resolution(row.resolution, row.width, row.height),
        },
        width: row.width,
        height: row.height,
        magnet_uri: info_hash.map(magnet),
        size: row.size_bytes,
        fps: row.fps,
        torrent_url: is_shared.then(|| Path::Torrent(torrent(torrent::FOLDER))),
        torrent_download_url: is_shared.then(|| Path::Torrent(torrent(torrent::DOWNLOADS))),
        file_url: other.unwrap_or(own),
        playlist_url: playlist.map(|name| hls(site, uuid, is_open, name)),
        file_download_url: other.unwrap_or(Path::Own([site.url, download, &row.filename, "", ""])),
        metadata_url: Some(Path::Metadata(site.url, uuid, row.id)),
        has_audio: row.has_audio,
        has_video: row.has_video,
        storage: row.url.is_none().then_some(0),
    }
}
