//! The links of a video: its pages, files, playlists and trackers, all in one mixed list on the wire.

use serde_json::Value;

use crate::address::web_url;
use crate::json;

const MAX_PAGES: usize = 5;
const MAX_FILES: usize = 100;
const MAX_PLAYLISTS: usize = 5;
const MAX_TRACKERS: usize = 10;
const MAX_MAGNET_CHARS: usize = 4_000;
const TORRENT: &str = "application/x-bittorrent";
const MAGNET: &str = "application/x-bittorrent;x-scheme-handler/magnet";
pub(crate) const HLS: &str = "application/x-mpegURL";

/// One rendition as one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoFile {
    pub url: String,
    pub media_type: String,
    /// 0 for sound alone.
    pub height: i64,
    pub width: Option<i64>,
    /// -1 if unknown.
    pub fps: i64,
    pub size_bytes: i64,
    pub metadata_url: Option<String>,
    pub torrent_url: Option<String>,
    pub magnet: Option<String>,
    /// `None` where the sender does not say.
    pub has_video: Option<bool>,
    pub has_audio: Option<bool>,
    pub fragmented: bool,
}

/// An HLS playlist with the files behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamingPlaylist {
    pub url: String,
    pub infohashes: Vec<String>,
    pub segments_sha256_url: Option<String>,
    pub files: Vec<VideoFile>,
}

#[derive(Debug, Default)]
pub(crate) struct Links {
    pub pages: Vec<String>,
    pub files: Vec<VideoFile>,
    pub playlists: Vec<StreamingPlaylist>,
    pub trackers: Vec<String>,
}

/// Sorts the mixed list; what cannot be used is left out.
pub(crate) fn read(items: &[&Value]) -> Links {
    let mut links = Links {
        files: files(items),
        ..Links::default()
    };
    for item in items {
        let media_type = media_type(item);
        match media_type.as_deref() {
            Some("text/html") if links.pages.len() < MAX_PAGES => links.pages.extend(href(item)),
            None if item.is_string() && links.pages.len() < MAX_PAGES => {
                links.pages.extend(href(item))
            }
            Some("application/x-mpegurl" | "application/vnd.apple.mpegurl")
                if links.playlists.len() < MAX_PLAYLISTS =>
            {
                links.playlists.extend(playlist(item));
            }
            _ if json::has_word(item, "rel", "tracker") && links.trackers.len() < MAX_TRACKERS => {
                links.trackers.extend(tracker(item));
            }
            _ => {}
        }
    }
    links
}

fn playlist(item: &Value) -> Option<StreamingPlaylist> {
    let tags = json::items(item, "tag");
    let infohashes = tags
        .iter()
        .filter(|tag| json::is_kind(tag, "Infohash"))
        .filter_map(|tag| json::text(tag, "name"));
    let segments = tags
        .iter()
        .find(|tag| json::text(tag, "name") == Some("sha256"));
    Some(StreamingPlaylist {
        url: href(item)?,
        infohashes: infohashes
            .filter(|name| is_infohash(name))
            .map(str::to_owned)
            .take(MAX_FILES)
            .collect(),
        segments_sha256_url: segments.and_then(|tag| href(tag)),
        files: files(&tags),
    })
}

fn is_infohash(text: &str) -> bool {
    (20..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Files are found by their type; their torrents and metadata by the same height and frame rate.
fn files(items: &[&Value]) -> Vec<VideoFile> {
    let mut files: Vec<VideoFile> = items
        .iter()
        .filter_map(|item| file(item))
        .take(MAX_FILES)
        .collect();
    for item in items {
        let Some((height, fps)) =
            json::integer(item, "height").zip(json::integer(item, "fps").or(Some(-1)))
        else {
            continue;
        };
        let Some(file) = files
            .iter_mut()
            .find(|file| file.height == height && file.fps == fps)
        else {
            continue;
        };
        match media_type(item).as_deref() {
            Some("application/json") if json::has_word(item, "rel", "metadata") => {
                file.metadata_url = href(item)
            }
            Some(TORRENT) => file.torrent_url = href(item),
            Some(MAGNET) => file.magnet = magnet(item),
            _ => {}
        }
    }
    files
}

fn file(item: &Value) -> Option<VideoFile> {
    let media_type =
        media_type(item).filter(|kind| kind.starts_with("video/") || kind.starts_with("audio/"))?;
    let property = |name: &str, value: &str| {
        json::items(item, "attachment").into_iter().any(|entry| {
            json::text(entry, "name") == Some(name) && json::text(entry, "value") == Some(value)
        })
    };
    let says_codecs =
        property("ffprobe_codec_type", "video") || property("ffprobe_codec_type", "audio");
    let says = |kind: &str| says_codecs.then(|| property("ffprobe_codec_type", kind));
    Some(VideoFile {
        url: href(item)?,
        media_type,
        height: json::integer(item, "height").filter(|height| (0..=20_000).contains(height))?,
        width: json::integer(item, "width").filter(|width| (0..=20_000).contains(width)),
        fps: json::integer(item, "fps")
            .filter(|fps| (-1..=1_000).contains(fps))
            .unwrap_or(-1),
        size_bytes: json::integer(item, "size").filter(|size| *size >= 0)?,
        metadata_url: None,
        torrent_url: None,
        magnet: None,
        has_video: says("video"),
        has_audio: says("audio"),
        fragmented: property("peertube_format_flag", "fragmented"),
    })
}

fn tracker(item: &Value) -> Option<String> {
    let text = json::text(item, "href")?;
    let known = ["wss://", "https://", "ws://", "http://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    (known && text.len() < 2_000 && !text.contains(char::is_whitespace)).then(|| text.to_owned())
}

fn magnet(item: &Value) -> Option<String> {
    let text = json::text(item, "href")?;
    let usable = text.starts_with("magnet:?")
        && text.len() <= MAX_MAGNET_CHARS
        && !text.contains(char::is_whitespace);
    usable.then(|| text.to_owned())
}

fn href(item: &Value) -> Option<String> {
    item.as_str()
        .or_else(|| json::text(item, "href"))
        .or_else(|| json::reference(item, "url"))
        .and_then(web_url)
}

fn media_type(item: &Value) -> Option<String> {
    // `mimeType` was the name in the first versions.
    let text = json::text_up_to(item, "mediaType", 100)
        .or_else(|| json::text_up_to(item, "mimeType", 100))?;
    Some(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn odd_links_are_left_out() {
        let list = [
            json!({"type": "Link", "mediaType": "video/mp4", "href": "https://a.example/1.mp4", "height": "720", "size": 1}),
            json!({"type": "Link", "mediaType": "video/mp4", "href": "javascript:alert(1)", "height": 720, "size": 1}),
            json!({"type": "Link", "mediaType": "video/mp4", "href": "https://a.example/2.mp4", "height": 0, "size": 1, "fps": -1}),
            json!({"type": "Link", "mediaType": "application/x-mpegURL", "href": "https://a.example/master.m3u8", "tag": "x"}),
            json!({"type": "Link", "rel": ["tracker"], "href": "file:///etc/passwd"}),
            json!({"type": "Link", "mediaType": MAGNET, "href": "https://a.example/not-a-magnet", "height": 0, "fps": -1}),
            json!("https://a.example/page"),
            json!(null),
        ];
        let links = read(&list.iter().collect::<Vec<_>>());
        assert_eq!(links.files.len(), 1);
        assert_eq!(
            (links.files[0].height, links.files[0].magnet.as_deref()),
            (0, None)
        );
        assert_eq!(links.playlists.len(), 1);
        assert_eq!(links.pages, ["https://a.example/page"]);
        assert!(links.trackers.is_empty());
    }
}
