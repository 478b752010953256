//! The collections of our actors: who follows them, whom they follow, what they have published.

use super::store::{self, ActorRow};
use super::{comment_out, document, local, objects, video_out};
use crate::account::ActorId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{Video, player};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use fediverse::activity::{self, Kind};
use fediverse::address::Audience;
use fediverse::collection::{self, PAGE_SIZE};
use fediverse::context::Context;
use fediverse::video::Chapter;
use fediverse::video_write::chapters_object;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Which part of a collection is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Head,
    /// They count from 1.
    Page(i64),
}

impl Part {
    pub fn of(query: &HashMap<String, String>) -> Result<Self> {
        let Some(text) = query.get("page") else {
            return Ok(Part::Head);
        };
        let number = text.parse().ok();
        let number = number.filter(|number| (1..=1_000_000).contains(number));
        number
            .map(Part::Page)
            .ok_or_else(|| Error::bad_request("page is not a number from 1"))
    }

    /// Where its items begin and how many there are at the most: none in the head.
    pub fn range(self) -> (i64, i64) {
        match self {
            Part::Head => (0, 0),
            Part::Page(number) => ((number - 1) * PAGE_SIZE, PAGE_SIZE),
        }
    }

    pub fn show(self, id: &str, total: i64, items: Vec<Value>) -> Response {
        document::answer(&match self {
            Part::Head => collection::collection(id, total),
            Part::Page(number) => collection::page(id, number, total, items),
        })
    }
}

pub async fn account_followers(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    follows(&app, "accounts", &name, true, &query).await
}

pub async fn account_following(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    follows(&app, "accounts", &name, false, &query).await
}

pub async fn channel_followers(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    follows(&app, "video-channels", &name, true, &query).await
}

pub async fn channel_following(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    follows(&app, "video-channels", &name, false, &query).await
}

pub async fn own(app: &App, folder: &str, name: &str) -> Result<ActorRow> {
    if !app.config.federation.enabled {
        return Err(Error::not_found("Federation is switched off here."));
    }
    let found = local::own_actor(app, folder, name).await?;
    found.ok_or_else(|| Error::not_found("There is no such actor here."))
}

async fn follows(
    app: &App,
    folder: &str,
    name: &str,
    followers: bool,
    query: &HashMap<String, String>,
) -> Result<Response> {
    let actor = own(app, folder, name).await?;
    let page = Part::of(query)?;
    let total = if followers {
        actor.follower_count
    } else {
        actor.following_count
    };
    let (start, count) = page.range();
    let found = store::follow_urls(&app.db, actor.id, followers, start, count).await?;
    let items = found.into_iter().map(|(url, kind, name)| {
        let url = url.unwrap_or_else(|| local::own_url(app, &kind, &name));
        json!(url)
    });
    let part = if followers { "followers" } else { "following" };
    let id = format!("{}/{part}", local::actor_url(app, &actor));
    Ok(page.show(&id, total, items.collect()))
}

pub async fn account_outbox(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    outbox(&app, "accounts", &name, &query).await
}

pub async fn channel_outbox(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    outbox(&app, "video-channels", &name, &query).await
}

/// What an account created, or what a channel announced: the videos by their addresses.
async fn outbox(
    app: &App,
    folder: &str,
    name: &str,
    query: &HashMap<String, String>,
) -> Result<Response> {
    let actor = own(app, folder, name).await?;
    let page = Part::of(query)?;
    let actor_url = local::actor_url(app, &actor);
    // The server itself announces all that is public here.
    let of = (actor.kind != "server").then_some(actor.id);
    let total = store::public_video_count(&app.db, of).await?;
    let (kind, part) = match actor.kind.as_str() {
        "channel" | "server" => (Kind::Announce, format!("announces/{}", actor.id)),
        _ => (Kind::Create, "activity".to_owned()),
    };
    let audience = Audience::public(None, Some(&format!("{actor_url}/followers")));
    let (start, count) = page.range();
    let found = store::public_videos(&app.db, of, start, count).await?;
    let items = found.into_iter().map(|(uuid, _)| {
        let video = video_out::url(app, uuid);
        let id = format!("{video}/{part}");
        activity::write(&kind, &id, &actor_url, json!(video), &audience)
    });
    Ok(page.show(&format!("{actor_url}/outbox"), total, items.collect()))
}

/// What hangs on a video: `likes`, `announces` and so on.
pub async fn of_video(
    State(app): State<App>,
    Path((name, part)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response> {
    let video = own_video(&app, &name).await?;
    let id = format!("{}/{part}", video_out::url(&app, video.uuid));
    match part.as_str() {
        "activity" => {
            let create =
                video_out::activity_with_object(&app, &video, Kind::Create, "activity").await?;
            Ok(document::answer(&create))
        }
        "likes" => objects::ratings(&app, &video, &id, "like", &query).await,
        "dislikes" => objects::ratings(&app, &video, &id, "dislike", &query).await,
        "comments" => comments(&app, &video, &id, &query).await,
        "announces" => announces(&app, &video, &id, &query).await,
        "chapters" => chapters(&app, &video, &id).await,
        "player-settings" => {
            let settings = json!({
                "type": "PlayerSettings", "id": id, "object": video_out::url(&app, video.uuid),
                "theme": player::own_theme(&app, &video).await?,
            });
            Ok(document::answer(&Context::PlayerSettings.on(settings)))
        }
        _ => Err(Error::not_found("There is nothing at this address.")),
    }
}

pub async fn own_video(app: &App, name: &str) -> Result<Video> {
    let video = document::federated(app, name).await?;
    if video.is_local && app.config.federation.enabled {
        return Ok(video);
    }
    Err(Error::not_found("There is no such video here."))
}

async fn announces(
    app: &App,
    video: &Video,
    id: &str,
    query: &HashMap<String, String>,
) -> Result<Response> {
    let page = Part::of(query)?;
    let total = store::share_count(&app.db, video.id).await?;
    let (start, count) = page.range();
    let found = store::shares(&app.db, video.id, start, count).await?;
    let items = found.into_iter().filter_map(|(_, url)| Some(json!(url?)));
    Ok(page.show(id, total, items.collect()))
}

async fn comments(
    app: &App,
    video: &Video,
    id: &str,
    query: &HashMap<String, String>,
) -> Result<Response> {
    let page = Part::of(query)?;
    let total = store::open_comment_count(&app.db, video.id).await?;
    let (start, count) = page.range();
    let found = comment_out::urls(app, video, start, count).await?;
    let items = found.into_iter().map(|url| json!(url));
    Ok(page.show(id, total, items.collect()))
}

async fn chapters(app: &App, video: &Video, id: &str) -> Result<Response> {
    let mut chapters = Vec::new();
    for (start_s, title) in store::chapters(&app.db, video.id).await? {
        // Whole seconds of a day fit.
        let start_seconds = f64::from(i32::try_from(start_s).unwrap_or(i32::MAX));
        chapters.push(Chapter {
            title,
            start_seconds,
        });
    }
    let object = chapters_object(id, &chapters, video.duration_s);
    Ok(document::answer(&Context::Chapters.on(object)))
}

/// One announce of a video by an actor of ours.
pub async fn announce(
    State(app): State<App>,
    Path((name, actor)): Path<(String, i64)>,
) -> Result<Response> {
    let video = own_video(&app, &name).await?;
    let actor = store::actor(&app.db, ActorId::new(actor))
        .await?
        .filter(ActorRow::is_local);
    let actor = actor.ok_or_else(|| Error::not_found("There is no such announce."))?;
    let shares = store::shares(&app.db, video.id, 0, 1_000).await?;
    if !shares.iter().any(|(id, _)| *id == actor.id) {
        return Err(Error::not_found("There is no such announce."));
    }
    Ok(document::answer(&video_out::announce(&app, &video, &actor)))
}
