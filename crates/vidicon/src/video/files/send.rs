//! Answers with a blob: ranges, conditions, caching. Bytes go from the disk to the socket as they
//! are read.

use crate::app::App;
use crate::error::{Error, Result};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base::sendfile::Outgoing;
use base::storage::{Blob, BlobInfo, ByteRange, Class, Storage, StorageError, StorageErrorKind};
use std::time::{Duration, UNIX_EPOCH};

/// How long others may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// The name changes whenever the content does.
    Forever,
    /// To be asked for again each time.
    Revalidate,
    /// Not for everybody, so not to be kept by proxies.
    Private,
    /// Still growing.
    Never,
}

impl Caching {
    fn header(self) -> &'static str {
        match self {
            Caching::Forever => "public, max-age=31536000, immutable",
            Caching::Revalidate => "no-cache",
            Caching::Private => "private, no-cache",
            Caching::Never => "no-store",
        }
    }
}

/// What goes with the bytes.
#[derive(Clone, Debug)]
pub struct Manner {
    pub content_type: &'static str,
    pub caching: Caching,
    /// The name under which it is to be saved.
    pub attachment: Option<String>,
}

/// What a request says of the bytes it wants.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub headers: &'a HeaderMap,
    /// There when its connection can have the system send files.
    outgoing: Option<&'a Outgoing>,
}

impl<'a> From<&'a HeaderMap> for Asked<'a> {
    fn from(headers: &'a HeaderMap) -> Self {
        Asked {
            headers,
            outgoing: None,
        }
    }
}

impl<'a> From<&'a Parts> for Asked<'a> {
    fn from(request: &'a Parts) -> Self {
        Asked {
            headers: &request.headers,
            outgoing: request.extensions.get(),
        }
    }
}

/// One blob, or the range of it that was asked for.
pub async fn blob(
    storage: &Storage,
    (class, key): (Class, &str),
    asked: impl Into<Asked<'_>>,
    manner: &Manner,
) -> Result<Option<Response>> {
    blob_from(storage, (class, key), asked, manner, |blob| blob).await
}

/// As [`blob`], with its bytes from wherever `bytes` has them from.
pub async fn blob_from(
    storage: &Storage,
    (class, key): (Class, &str),
    asked: impl Into<Asked<'_>>,
    manner: &Manner,
    bytes: impl FnOnce(Blob) -> Blob,
) -> Result<Option<Response>> {
    let asked = asked.into();
    let headers = asked.headers;
    let mut range = asked_range(headers);
    if range != ByteRange::All && headers.contains_key(header::IF_RANGE) {
        let Some(info) = there(storage.head(class, key).await)? else {
            return Ok(None);
        };
        if !same_as_before(headers, &info) {
            range = ByteRange::All;
        }
    }
    let read = storage.read(class, key, range.clone()).await;
    match read {
        Err(error) if error.kind() == StorageErrorKind::Invalid && range != ByteRange::All => {
            let info = there(storage.head(class, key).await)?;
            Ok(info.map(|info| unsatisfiable(&info)))
        }
        read => Ok(there(read)?.map(|blob| answer(bytes(blob), &range, asked, manner))),
    }
}

fn there<T>(outcome: std::result::Result<T, StorageError>) -> Result<Option<T>> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if matches!(
                error.kind(),
                StorageErrorKind::NotFound | StorageErrorKind::Invalid
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(Error::internal(error)),
    }
}

/// One range; several at once are answered with everything, as HTTP allows.
fn asked_range(headers: &HeaderMap) -> ByteRange {
    let text = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    text.and_then(parse_range).unwrap_or(ByteRange::All)
}

fn parse_range(text: &str) -> Option<ByteRange> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |digits: &str| digits.trim().parse::<u64>().ok();
    match (first.trim(), last.trim()) {
        ("", count) => Some(ByteRange::Last(number(count)?)),
        (first, "") => Some(ByteRange::From(number(first)?)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then(|| ByteRange::Span(first, last.saturating_add(1)))
        }
    }
}

/// `If-Range` names the version that the client has a part of.
fn same_as_before(headers: &HeaderMap, info: &BlobInfo) -> bool {
    let Some(version) = headers.get(header::IF_RANGE) else {
        return true;
    };
    let tag = info.etag.as_deref().map(str::as_bytes);
    Some(version.as_bytes()) == tag || version.as_bytes() == modified(info).as_bytes()
}

fn unsatisfiable(info: &BlobInfo) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    let range = format!("bytes */{}", info.size_bytes);
    set(response.headers_mut(), header::CONTENT_RANGE, &range);
    response
}

fn answer(blob: Blob, range: &ByteRange, asked: Asked<'_>, manner: &Manner) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(manner.content_type);
    headers.insert(header::CONTENT_TYPE, kind);
    let caching = HeaderValue::from_static(manner.caching.header());
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    set(headers, header::LAST_MODIFIED, &modified(&blob.info));
    if let Some(tag) = &blob.info.etag {
        set(headers, header::ETAG, tag);
    }
    if let Some(name) = &manner.attachment {
        set(headers, header::CONTENT_DISPOSITION, &attachment(name));
    }
    if is_known(asked.headers, &blob.info) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let length = blob.range.end.saturating_sub(blob.range.start);
    headers.insert(header::CONTENT_LENGTH, length.into());
    if *range != ByteRange::All {
        let last = blob.range.end.saturating_sub(1);
        let sent = format!("bytes {}-{last}/{}", blob.range.start, blob.info.size_bytes);
        set(headers, header::CONTENT_RANGE, &sent);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    *response.body_mut() = Body::from_stream(match asked.outgoing {
        Some(outgoing) => blob.into_outgoing(outgoing),
        None => blob.into_stream(),
    });
    response
}

/// Does the client have this version already?
fn is_known(asked: &HeaderMap, info: &BlobInfo) -> bool {
    let text = |name| asked.get(name).and_then(|value| value.to_str().ok());
    if let Some(tags) = text(header::IF_NONE_MATCH) {
        let own = info.etag.as_deref().unwrap_or_default();
        return tags
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag == own);
    }
    text(header::IF_MODIFIED_SINCE) == Some(modified(info).as_str())
}

fn modified(info: &BlobInfo) -> String {
    let millis = u64::try_from(info.modified_ms).unwrap_or(0);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(millis))
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = value.parse() {
        headers.insert(name, value);
    }
}

/// `Content-Disposition` with the name in both spellings: old programs read the first.
pub fn attachment(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_. ()[]".contains(c) {
            c
        } else {
            '_'
        }
    };
    let ascii: String = name.chars().map(plain).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

/// The media type of a file that we named ourselves, by its ending.
pub fn content_type(filename: &str) -> &'static str {
    match filename.rsplit_once('.').map(|(_, ending)| ending) {
        Some("mp4" | "m4v" | "m4s") => "video/mp4",
        Some("m4a") => "audio/mp4",
        Some("webm") => "video/webm",
        Some("m3u8") => "application/vnd.apple.mpegurl",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        Some("vtt") => "text/vtt; charset=utf-8",
        Some("json") => "application/json; charset=utf-8",
        Some("torrent") => "application/x-bittorrent",
        _ => "application/octet-stream",
    }
}

/// A blob of the site's storage; 404 when it is not there.
pub async fn stored(
    app: &App,
    place: (Class, &str),
    asked: impl Into<Asked<'_>>,
    manner: &Manner,
) -> Result<Response> {
    let found = blob(&app.storage, place, asked, manner).await?;
    found.ok_or_else(|| Error::not_found("There is no such file."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        assert_eq!(parse_range("bytes=0-99"), Some(ByteRange::Span(0, 100)));
        assert_eq!(parse_range("bytes=7-"), Some(ByteRange::From(7)));
        assert_eq!(parse_range("bytes=-5"), Some(ByteRange::Last(5)));
        for odd in [
            "bytes=",
            "bytes=-",
            "bytes=9-1",
            "items=0-1",
            "bytes=0-1,5-6",
        ] {
            assert_eq!(parse_range(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_download_name_stays_in_its_header() {
        let value = attachment("a\"\r\nb: ü.mp4");
        assert!(value.starts_with("attachment; filename=\"a___b_ _.mp4\"; "));
        assert!(value.parse::<HeaderValue>().is_ok());
    }
}
