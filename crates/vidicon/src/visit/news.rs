//! What a page says about a video that is still being made, and the news of it that the page asks
//! for.

use super::player::{Growth, Streams};
use super::watch::{Door, knock};
use crate::app::App;
use crate::error::{Error, Result};
use crate::page::Page;
use crate::transcode;
use crate::video::{Video, VideoState, attached};
use crate::wire;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

/// The notice under a video that is not whole.
pub struct Making {
    pub bad: bool,
    pub title: &'static str,
    pub text: &'static str,
    /// Where the page asks again.
    pub news: Option<String>,
    pub rungs: Vec<Rung>,
}

pub struct Rung {
    pub label: String,
    pub percent: i64,
}

impl Making {
    fn percent(&self) -> Option<i64> {
        let count = i64::try_from(self.rungs.len()).unwrap_or(0);
        let sum: i64 = self.rungs.iter().map(|rung| rung.percent).sum();
        (count > 0).then(|| sum / count.max(1))
    }
}

#[derive(Template)]
#[template(path = "parts/making.html")]
struct Notice<'p> {
    page: &'p Page,
    making: Making,
}

#[derive(Serialize)]
struct News {
    done: bool,
    player: Growth,
    html: String,
}

/// Nothing for a video that is whole.
pub async fn making(app: &App, page: &Page, streams: &Streams<'_>) -> Result<Option<Making>> {
    let video = streams.video;
    let (title, text, bad) = match video.state {
        VideoState::ToImport => ("import-wait", "import-wait-text", false),
        VideoState::WaitingForLive => ("live-wait", "live-wait-text", false),
        VideoState::LiveEnded => ("live-ended", "live-ended-text", false),
        VideoState::TranscodingFailed if !streams.can_play() => {
            ("making-failed", "making-failed-text", true)
        }
        _ if !streams.grows() => return Ok(None),
        _ if streams.restores() && streams.can_play() => {
            ("restoring-title", "restoring-text", false)
        }
        _ if streams.restores() => ("restoring-wait", "restoring-wait-text", false),
        _ if streams.can_play() => ("making-title", "making-text", false),
        _ => ("making-wait", "making-wait-text", false),
    };
    let rungs = if streams.grows() {
        let parts = transcode::progress(app, video.id).await?;
        streams.rungs_in_the_making(parts)
    } else {
        Vec::new()
    };
    let is_over = bad || video.state == VideoState::LiveEnded;
    Ok(Some(Making {
        bad,
        title: page.t(title),
        text: page.t(text),
        news: (!is_over).then(|| format!("{}/news", video.watch_path())),
        rungs: rungs
            .into_iter()
            .map(|(label, percent)| Rung { label, percent })
            .collect(),
    }))
}

/// `GET /w/{id}/news`: how far a video is, for its page.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let video: Box<Video> = match knock(&app, &page, &id, &headers).await? {
        Door::Open(video) => video,
        Door::Password(_) => return Err(Error::forbidden("This video has a password.")),
        Door::Age(_) => return Err(Error::forbidden("This video is not for every age.")),
        Door::Shut(answer) => return Ok(answer),
    };
    let attached = attached::find(&app, &video).await?;
    let streams = Streams::new(&app, &video, &attached);
    let making = making(&app, &page, &streams).await?;
    let done = making.as_ref().is_none_or(|making| making.news.is_none());
    let mut player = streams.growth();
    player.percent = making.as_ref().and_then(Making::percent);
    let html = match making {
        Some(making) => Notice {
            page: &page,
            making,
        }
        .render()
        .map_err(Error::internal)?,
        None => String::new(),
    };
    wire::json(&News { done, player, html })
}
