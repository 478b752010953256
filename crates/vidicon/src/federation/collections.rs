//! The collections of our actors: who follows them, whom they follow, what they have published.

use super::store::{self, ActorRow};
use super::{comment_out, document, local, objects, video_out};
use crate::account::ActorId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::Video;
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

/// Pages count from 1; without one the head is meant.
pub fn page_number(query: &HashMap<String, String>) -> Result<Option<i64>> {
    let Some(text) = query.get("page") else {
        return Ok(None);
    };
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=1_000_000).contains(number));
    number
        .map(Some)
        .ok_or_else(|| Error::bad_request("page is not a number from 1"))
}

/// A head, or one page whose items come from `items(start, count)`.
pub fn show(id: &str, page: Option<i64>, total: i64, items: Vec<Value>) -> Response {
    document::answer(&match page {
        None => collection::collection(id, total),
        Some(page) => collection::page(id, page, total, items),
    })
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
    let page = page_number(query)?;
    let total = if followers {
        actor.follower_count
    } else {
        actor.following_count
    };
    let mut items = Vec::new();
    if let Some(page) = page {
        let start = (page - 1) * PAGE_SIZE;
        for (url, kind, name) in
            store::follow_urls(&app.db, actor.id, followers, start, PAGE_SIZE).await?
        {
            items.push(json!(
                url.unwrap_or_else(|| local::own_url(app, &kind, &name))
            ));
        }
    }
    let part = if followers { "followers" } else { "following" };
    let id = format!("{}/{part}", local::actor_url(app, &actor));
    Ok(show(&id, page, total, items))
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
    let page = page_number(query)?;
    let actor_url = local::actor_url(app, &actor);
    // The server itself announces all that is public here.
    let of = (actor.kind != "server").then_some(actor.id);
    let total = store::public_video_count(&app.db, of).await?;
    let mut items = Vec::new();
    if let Some(page) = page {
        let start = (page - 1) * PAGE_SIZE;
        let (kind, part) = match actor.kind.as_str() {
            "channel" | "server" => (Kind::Announce, format!("announces/{}", actor.id)),
            _ => (Kind::Create, "activity".to_owned()),
        };
        let audience = Audience::public(None, Some(&format!("{actor_url}/followers")));
        for (uuid, _) in store::public_videos(&app.db, of, start, PAGE_SIZE).await? {
            let video = video_out::url(app, uuid);
            items.push(activity::write(
                &kind,
                &format!("{video}/{part}"),
                &actor_url,
                json!(video),
                &audience,
            ));
        }
    }
    Ok(show(&format!("{actor_url}/outbox"), page, total, items))
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
    let page = page_number(query)?;
    let total = store::share_count(&app.db, video.id).await?;
    let mut items = Vec::new();
    if let Some(page) = page {
        for (_, url) in store::shares(&app.db, video.id, (page - 1) * PAGE_SIZE, PAGE_SIZE).await? {
            items.extend(url.map(|url| json!(url)));
        }
    }
    Ok(show(id, page, total, items))
}

async fn comments(
    app: &App,
    video: &Video,
    id: &str,
    query: &HashMap<String, String>,
) -> Result<Response> {
    let page = page_number(query)?;
    let total = store::open_comment_count(&app.db, video.id).await?;
    let items = match page {
        Some(page) => comment_out::urls(app, video, (page - 1) * PAGE_SIZE, PAGE_SIZE).await?,
        None => Vec::new(),
    };
    Ok(show(
        id,
        page,
        total,
        items.into_iter().map(|url| json!(url)).collect(),
    ))
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
