//! A feed in its formats, and whether the reader has it already.

use super::{Feed, Item};
use crate::check::iso;
use crate::error::{Error, Result};
use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use time::format_description::well_known::Rfc2822;
use time::{OffsetDateTime, macros::format_description};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Rss,
    Atom,
    Json,
}

impl Format {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "rss" | "rss2" | "xml" => Some(Format::Rss),
            "atom" | "atom1" => Some(Format::Atom),
            "json" | "json1" => Some(Format::Json),
            _ => None,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Format::Rss => "application/rss+xml; charset=utf-8",
            Format::Atom => "application/atom+xml; charset=utf-8",
            Format::Json => "application/json; charset=utf-8",
        }
    }

    /// What a reader may ask for to get it; `xml` itself counts for both kinds of XML.
    fn accepted(self) -> &'static [&'static str] {
        match self {
            Format::Rss => &["application/rss+xml", "application/xml", "text/xml"],
            Format::Atom => &["application/atom+xml", "application/xml", "text/xml"],
            Format::Json => &["application/json", "application/feed+json"],
        }
    }
}

/// How the answer may be kept, and by whom.
pub const SHARED: &str = "public, max-age=900";
pub const PERSONAL: &str = "private, max-age=900";

#[derive(Template)]
#[template(path = "feed/rss.xml")]
struct Rss<'a> {
    feed: &'a Feed,
}

#[derive(Template)]
#[template(path = "feed/atom.xml")]
struct Atom<'a> {
    feed: &'a Feed,
}

#[derive(Template)]
#[template(path = "feed/podcast.xml")]
struct Podcast<'a> {
    feed: &'a Feed,
}

/// Refuses a reader that takes none of the format's types.
pub fn check_accept(headers: &HeaderMap, format: Format) -> Result<()> {
    let Some(accept) = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(());
    };
    let mut wanted = accept
        .split(',')
        .map(|part| part.split(';').next().unwrap_or_default().trim());
    let fits = wanted.any(|kind| {
        matches!(kind, "*/*" | "application/*" | "text/*" | "text/html")
            || format.accepted().contains(&kind)
    });
    if fits || accept.trim().is_empty() {
        return Ok(());
    }
    Err(Error::new(
        StatusCode::NOT_ACCEPTABLE,
        format!(
            "You should accept at least one of: {}",
            format.accepted().join(", ")
        ),
    ))
}

pub fn answer(
    feed: &Feed,
    format: Format,
    headers: &HeaderMap,
    kept: &'static str,
) -> Result<Response> {
    let body = match format {
        Format::Rss => Rss { feed }.render().map_err(Error::internal)?,
        Format::Atom => Atom { feed }.render().map_err(Error::internal)?,
        Format::Json => json_feed(feed).to_string(),
    };
    Ok(kept_answer(
        body,
        format.kind(),
        feed.updated_at,
        headers,
        kept,
    ))
}

pub fn podcast(feed: &Feed, headers: &HeaderMap) -> Result<Response> {
    let body = Podcast { feed }.render().map_err(Error::internal)?;
    Ok(kept_answer(
        body,
        Format::Rss.kind(),
        feed.updated_at,
        headers,
        SHARED,
    ))
}

/// 304 when the reader has this very text, or nothing is newer than what it has.
pub fn kept_answer(
    body: String,
    kind: &'static str,
    updated_at: Millis,
    asked: &HeaderMap,
    kept: &'static str,
) -> Response {
    let digest = Sha256::digest(body.as_bytes());
    let tag = format!("\"{}\"", hex::encode(digest.get(..12).unwrap_or_default()));
    let headers = [
        (header::ETAG, tag.clone()),
        (header::LAST_MODIFIED, http_date(updated_at)),
        (header::CACHE_CONTROL, kept.to_owned()),
    ];
    if is_known(asked, &tag, updated_at) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, kind)], body).into_response()
}

fn is_known(asked: &HeaderMap, tag: &str, updated_at: Millis) -> bool {
    let text = |name| asked.get(name).and_then(|value| value.to_str().ok());
    if let Some(known) = text(header::IF_NONE_MATCH) {
        return known
            .split(',')
            .any(|known| known.trim().trim_start_matches("W/") == tag || known.trim() == "*");
    }
    let since = text(header::IF_MODIFIED_SINCE)
        .and_then(|date| OffsetDateTime::parse(&date.replace("GMT", "+0000"), &Rfc2822).ok());
    since.is_some_and(|since| updated_at / 1000 <= since.unix_timestamp() && updated_at > 0)
}

fn moment(at: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn http_date(at: Millis) -> String {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    moment(at).format(form).unwrap_or_default()
}

/// The times of an item in the ways that templates write them.
impl Item {
    pub fn published_mail(&self) -> String {
        http_date(self.published_at)
    }

    pub fn published_iso(&self) -> String {
        iso(self.published_at)
    }

    pub fn updated_iso(&self) -> String {
        iso(self.updated_at)
    }
}

impl Feed {
    pub fn updated_mail(&self) -> String {
        http_date(self.updated_at)
    }

    pub fn updated_iso(&self) -> String {
        iso(self.updated_at)
    }
}

fn json_feed(feed: &Feed) -> Value {
    let items: Vec<Value> = feed.items.iter().map(json_item).collect();
    let mut document = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.link,
        "feed_url": feed.self_url,
        "description": feed.description,
        "items": items,
    });
    if let (Some(document), Some(image)) = (document.as_object_mut(), &feed.image) {
        document.insert("icon".to_owned(), image.as_str().into());
    }
    document
}

fn json_item(item: &Item) -> Value {
    let mut shown = Map::from_iter([
        ("id".to_owned(), item.id.as_str().into()),
        ("url".to_owned(), item.link.as_str().into()),
        ("title".to_owned(), item.title.as_str().into()),
        ("summary".to_owned(), item.summary.as_str().into()),
        ("content_html".to_owned(), item.html.as_str().into()),
        ("date_published".to_owned(), iso(item.published_at).into()),
        ("date_modified".to_owned(), iso(item.updated_at).into()),
        (
            "author".to_owned(),
            json!({ "name": item.author.name, "url": item.author.url }),
        ),
    ]);
    if let Some(video) = &item.video {
        if let Some(preview) = &video.preview {
            shown.insert("image".to_owned(), preview.as_str().into());
        }
        let attachments = video.media.iter().map(|media| {
            json!({
                "url": media.url,
                "mime_type": media.kind,
                "title": media.label,
                "size_in_bytes": media.size_bytes,
                "duration_in_seconds": video.duration_s,
            })
        });
        shown.insert("attachments".to_owned(), attachments.collect());
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, axum::http::HeaderValue::from_static(value))])
    }

    #[test]
    fn a_reader_that_has_it_gets_nothing() {
        let at = 1_793_534_400_000;
        assert_eq!(http_date(at), "Sun, 01 Nov 2026 12:00:00 GMT");
        let tag = "\"abc\"";
        assert!(is_known(
            &asked(header::IF_NONE_MATCH, "\"x\", W/\"abc\""),
            tag,
            at
        ));
        assert!(!is_known(&asked(header::IF_NONE_MATCH, "\"x\""), tag, at));
        let since = header::IF_MODIFIED_SINCE;
        assert!(is_known(
            &asked(since.clone(), "Sun, 01 Nov 2026 12:00:00 GMT"),
            tag,
            at
        ));
        assert!(!is_known(
            &asked(since.clone(), "Sun, 01 Nov 2026 11:59:59 GMT"),
            tag,
            at
        ));
        assert!(!is_known(&asked(since, "yesterday"), tag, at));
    }

    #[test]
    fn readers_say_what_they_take() {
        let accept = |value| check_accept(&asked(header::ACCEPT, value), Format::Rss).is_ok();
        assert!(accept("application/rss+xml"));
        assert!(accept("text/html,application/xml;q=0.9"));
        assert!(accept("*/*"));
        assert!(!accept("image/png"));
        assert!(check_accept(&HeaderMap::new(), Format::Json).is_ok());
    }
}
