//! The sitemap: what search engines should know of.

use super::{clean, render, store};
use crate::app::App;
use crate::check::iso;
use crate::error::{Error, Result};
use crate::video::short_uuid;
use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

const ONE_DAY: &str = "public, max-age=86400";
/// Characters of a title and of a description that search engines take.
const LONGEST_TITLE: usize = 100;
const LONGEST_DESCRIPTION: usize = 2000;

#[derive(Template)]
#[template(path = "feed/sitemap.xml")]
struct Sitemap {
    pages: Vec<String>,
    videos: Vec<Entry>,
}

struct Entry {
    page: String,
    player: String,
    title: String,
    description: String,
    thumbnail: Option<String>,
    published: String,
    duration_s: i64,
    views: i64,
    is_sensitive: bool,
}

pub async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let mut pages: Vec<String> = ["/", "/about"].map(|path| app.url(path)).to_vec();
    for (kind, start) in [("channel", "/c/"), ("account", "/a/")] {
        let names = store::local_actors(&app.db, kind).await?;
        pages.extend(
            names
                .into_iter()
                .map(|(name,)| app.url(&format!("{start}{name}"))),
        );
    }
    let videos = store::sitemap_videos(&app.db).await?;
    let newest = videos.iter().map(|video| video.published_at).max();
    let videos = videos.into_iter().map(|video| entry(&app, video)).collect();
    let body = Sitemap { pages, videos }
        .render()
        .map_err(Error::internal)?;
    let kind = "application/xml; charset=utf-8";
    Ok(render::kept_answer(
        body,
        kind,
        newest.unwrap_or(0),
        &headers,
        ONE_DAY,
    ))
}

fn entry(app: &App, video: store::SitemapVideo) -> Entry {
    let id = short_uuid::shorten(video.uuid);
    let cut = |text: &str, length| clean(text).chars().take(length).collect::<String>();
    let description = video.description.as_deref().unwrap_or(&video.name);
    let preview = video.preview.as_ref();
    Entry {
        page: app.url(&format!("/w/{id}")),
        player: app.url(&format!("/videos/embed/{id}")),
        description: cut(description, LONGEST_DESCRIPTION),
        title: cut(&video.name, LONGEST_TITLE),
        thumbnail: preview.map(|name| app.url(&format!("/lazy-static/previews/{name}"))),
        published: iso(video.published_at),
        duration_s: video.duration_s,
        views: video.views,
        is_sensitive: video.nsfw,
    }
}
