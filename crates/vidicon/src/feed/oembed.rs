//! oEmbed: other sites ask for the frame that plays one of our videos.

use super::store;
use crate::app::App;
use crate::check::{Check, Query};
use crate::error::{Error, Result};
use crate::text::escaped;
use crate::video::{self, Privacy, VideoRef, short_uuid};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use url::Url;

const WIDTH: i64 = 560;
const HEIGHT: i64 = 315;

/// What a watch address may carry over to the player.
const CARRIED: [&str; 20] = [
    "start",
    "stop",
    "loop",
    "autoplay",
    "muted",
    "controls",
    "controlBar",
    "title",
    "api",
    "warningTitle",
    "peertubeLink",
    "p2p",
    "subtitle",
    "mode",
    "playbackRate",
    "playlistPosition",
    "bigPlayBackgroundColor",
    "foregroundColor",
    "waitPasswordFromEmbedAPI",
    "scope",
];

/// What an address of this site is the page of.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Video(String),
    Playlist(String),
}

/// What the frame shows.
struct Shown {
    title: String,
    path: String,
    author: (String, String),
    thumbnail: Option<(String, i64, i64)>,
}

pub async fn show(State(app): State<App>, Query(query): Query) -> Result<Response> {
    let mut check = Check::query(&query);
    let url = check.text("url", 1..=4000);
    let url = check.required("url", url).unwrap_or_default();
    let width = check.int("maxwidth", 1..=100_000).or(WIDTH).min(WIDTH);
    let height = check.int("maxheight", 1..=100_000).or(HEIGHT).min(HEIGHT);
    check.one_of("format", &["json", "xml"]);
    let parsed = Url::parse(&url).ok();
    let target = parsed.as_ref().and_then(|url| target(&app, url));
    if target.is_none() {
        check.fail(
            "url",
            "Should be the address of a video or a playlist of this site",
        );
    }
    check.finish()?;
    if query.get("format").is_some_and(|format| format != "json") {
        let detail = "Requested format is not implemented on server.";
        return Err(Error::new(StatusCode::NOT_IMPLEMENTED, detail));
    }
    let shown = match target {
        Some(Target::Video(id)) => video_shown(&app, &id).await?,
        Some(Target::Playlist(id)) => playlist_shown(&app, &id).await?,
        None => return Err(Error::not_found("Video not found")),
    };
    let options = parsed.as_ref().map(carried).unwrap_or_default();
    let answer = document(&app, &shown, &options, &query, (width, height));
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((kind, Json(answer)).into_response())
}

fn document(
    app: &App,
    shown: &Shown,
    options: &str,
    query: &Map<String, Value>,
    (width, height): (i64, i64),
) -> Value {
    let url = app.url(&format!("{}{options}", shown.path));
    let title = escaped(&shown.title);
    let html = format!(
        "<iframe width=\"{width}\" height=\"{height}\" \
         sandbox=\"allow-same-origin allow-scripts allow-popups allow-forms\" \
         title=\"{title}\" src=\"{}\" style=\"border: 0\" frameborder=\"0\" \
         allowfullscreen></iframe>",
        escaped(&url)
    );
    let mut answer = json!({
        "type": "video",
        "version": "1.0",
        "html": html,
        "width": width,
        "height": height,
        "title": shown.title,
        "author_name": shown.author.0,
        "author_url": shown.author.1,
        "provider_name": app.instance.settings().instance.name,
        "provider_url": app.config.server.public_url,
    });
    let most = |name: &str| {
        query
            .get(name)
            .and_then(crate::check::whole)
            .unwrap_or(i64::MAX)
    };
    if let (Some(answer), Some((url, width, height))) = (answer.as_object_mut(), &shown.thumbnail)
        && *width <= most("maxwidth")
        && *height <= most("maxheight")
    {
        answer.insert("thumbnail_url".to_owned(), url.as_str().into());
        answer.insert("thumbnail_width".to_owned(), (*width).into());
        answer.insert("thumbnail_height".to_owned(), (*height).into());
    }
    answer
}

/// Finds out what an address names; nothing for one of another site or another kind of page.
fn target(app: &App, url: &Url) -> Option<Target> {
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    let host = format!("{}{port}", url.host_str()?);
    if !matches!(url.scheme(), "http" | "https") || !host.eq_ignore_ascii_case(&app.host()) {
        return None;
    }
    named(url.path())
}

fn named(path: &str) -> Option<Target> {
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).collect();
    let id = |text: &str| text.split(';').next().unwrap_or_default().to_owned();
    let target = match parts.as_slice() {
        ["w", "p", name] | ["videos", "watch", "playlist", name] => Target::Playlist(id(name)),
        ["w", name] | ["videos", "watch", name] => Target::Video(id(name)),
        _ => return None,
    };
    let (Target::Video(name) | Target::Playlist(name)) = &target;
    VideoRef::parse(name).is_some().then_some(target)
}

/// The options of the player that the address has, as a query string.
fn carried(url: &Url) -> String {
    let mut kept = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url.query_pairs() {
        if CARRIED.contains(&name.as_ref()) {
            kept.append_pair(&name, &value);
        }
    }
    let kept = kept.finish();
    if kept.is_empty() {
        kept
    } else {
        format!("?{kept}")
    }
}

async fn video_shown(app: &App, id: &str) -> Result<Shown> {
    let by = VideoRef::read(id)?;
    let video = video::find(app, by).await?;
    let open = match video.privacy {
        Privacy::Public => true,
        Privacy::Unlisted => matches!(by, VideoRef::Uuid(_)),
        Privacy::Private | Privacy::Internal | Privacy::Password => false,
    };
    if !open {
        return Err(Error::forbidden("Video is not publicly available"));
    }
    let handle = handle(&video.channel_name, &video.channel_host);
    let preview = video.preview.as_ref();
    Ok(Shown {
        path: format!("/videos/embed/{}", video.short_uuid()),
        author: (
            video.channel_display_name.clone(),
            app.url(&format!("/c/{handle}")),
        ),
        thumbnail: preview
            .map(|name| (app.url(&format!("/lazy-static/previews/{name}")), 850, 480)),
        title: video.name,
    })
}

/// A playlist that anybody may see, named in this way.
pub async fn open_playlist(app: &App, id: &str) -> Result<store::Playlist> {
    let (number, uuid) = match VideoRef::read(id)? {
        VideoRef::Number(id) => (Some(id.0), None),
        VideoRef::Uuid(uuid) => (None, Some(uuid)),
    };
    let playlist = store::playlist(&app.db, number, uuid).await?;
    let playlist = playlist.ok_or_else(|| Error::not_found("Video playlist not found"))?;
    // 1 is public, 2 unlisted.
    if !(playlist.privacy == 1 || playlist.privacy == 2 && number.is_none()) {
        return Err(Error::forbidden("Playlist is not publicly available"));
    }
    Ok(playlist)
}

async fn playlist_shown(app: &App, id: &str) -> Result<Shown> {
    let playlist = open_playlist(app, id).await?;
    let handle = handle(&playlist.account_name, &playlist.account_host);
    let thumbnail = playlist.thumbnail.as_ref();
    Ok(Shown {
        path: format!(
            "/video-playlists/embed/{}",
            short_uuid::shorten(playlist.uuid)
        ),
        author: (
            playlist.account_display_name,
            app.url(&format!("/a/{handle}")),
        ),
        thumbnail: thumbnail.map(|name| {
            (
                app.url(&format!("/lazy-static/thumbnails/{name}")),
                280,
                157,
            )
        }),
        title: playlist.display_name,
    })
}

/// `name`, or `name@host` for somebody of another server.
pub fn handle(name: &str, host: &str) -> String {
    if host.is_empty() {
        name.to_owned()
    } else {
        format!("{name}@{host}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_videos_and_playlists() {
        let uuid = "2f1a7a5c-6c7d-4a0e-9f0e-111111111111";
        let video = |path: &str| named(path) == Some(Target::Video(uuid.to_owned()));
        assert!(video(&format!("/w/{uuid}")));
        assert!(video(&format!("/videos/watch/{uuid};threadId=8")));
        assert_eq!(named("/w/p/7"), Some(Target::Playlist("7".to_owned())));
        for other in [
            "/",
            "/w",
            "/about/instance",
            "/w/p",
            "/w/not-an-id",
            "/c/name/videos",
        ] {
            assert_eq!(named(other), None, "{other}");
        }
    }

    #[test]
    fn only_the_options_of_the_player_are_carried() {
        let url = Url::parse("https://a.example/w/1?start=1m&evil=%22%3E&muted=1").unwrap();
        assert_eq!(carried(&url), "?start=1m&muted=1");
        assert_eq!(carried(&Url::parse("https://a.example/w/1").unwrap()), "");
    }
}
