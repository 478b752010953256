//! The small documents behind the ids that we give: likes, announces, follows, the Create of a comment.

use super::collections::{Part, own, own_video};
use super::store::{self, ActorRow};
use super::{comment_out, document, local, video_out};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{self, Video, VideoRef};
use axum::extract::{Path, State};
use axum::response::Response;
use fediverse::activity::{self, Kind};
use fediverse::address::Audience;
use fediverse::context::Context;
use serde_json::{Value, json};
use std::collections::HashMap;

fn nothing() -> Error {
    Error::not_found("There is nothing at this address.")
}

/// Who likes or dislikes a video of ours, page by page.
pub async fn ratings(
    app: &App,
    video: &Video,
    id: &str,
    value: &str,
    query: &HashMap<String, String>,
) -> Result<Response> {
    let page = Part::of(query)?;
    let total = if value == "like" {
        video.likes
    } else {
        video.dislikes
    };
    let (start, count) = page.range();
    let rows = store::ratings(&app.db, video.id, value, start, count).await?;
    let items = rows.into_iter().map(|row| match row.url {
        Some(url) => json!(url),
        None => json!(format!(
            "{}/{value}s/{}",
            local::own_url(app, "account", &row.name),
            video.id
        )),
    });
    Ok(page.show(id, total, items.collect()))
}

/// `/accounts/{name}/likes/{video}`
pub async fn like(
    State(app): State<App>,
    Path((name, number)): Path<(String, i64)>,
) -> Result<Response> {
    rating(&app, &name, number, "like", Kind::Like).await
}

pub async fn dislike(
    State(app): State<App>,
    Path((name, number)): Path<(String, i64)>,
) -> Result<Response> {
    rating(&app, &name, number, "dislike", Kind::Dislike).await
}

async fn rating(app: &App, name: &str, number: i64, value: &str, kind: Kind) -> Result<Response> {
    let actor = own(app, "accounts", name).await?;
    let video = video::find(app, VideoRef::Number(video::VideoId::new(number))).await?;
    let open = video_out::is_federated(app, &video) || (!video.is_local && video.listed == 1);
    let account = store::account_of(&app.db, actor.id)
        .await?
        .ok_or_else(nothing)?;
    let said = video::watching::rating(&app.db, video.id, account).await?;
    if !open || said.as_deref() != Some(value) {
        return Err(nothing());
    }
    let actor_url = local::actor_url(app, &actor);
    let object = match &video.url {
        Some(url) if !video.is_local => url.clone(),
        _ => video_out::url(app, video.uuid),
    };
    let id = format!("{actor_url}/{value}s/{number}");
    let document = activity::write(
        &kind,
        &id,
        &actor_url,
        json!(object),
        &Audience::public(None, None),
    );
    Ok(document::answer(&Context::Plain.on(document)))
}

/// `/accounts/{name}/follows/{n}`: what we asked another server.
pub async fn follow(
    State(app): State<App>,
    Path((name, number)): Path<(String, i64)>,
) -> Result<Response> {
    let actor = own(&app, "accounts", &name).await?;
    let row = store::follow_of(&app.db, actor.id, number)
        .await?
        .ok_or_else(nothing)?;
    let target: ActorRow = store::actor(&app.db, row.actor_id)
        .await?
        .ok_or_else(nothing)?;
    let (actor_url, target_url) = (
        local::actor_url(&app, &actor),
        local::actor_url(&app, &target),
    );
    let id = format!("{actor_url}/follows/{number}");
    let audience = Audience::actor(&target_url);
    let document = activity::write(&Kind::Follow, &id, &actor_url, json!(target_url), &audience);
    Ok(document::answer(&Context::Plain.on(document)))
}

/// `/videos/watch/{id}/comments/{comment}/{part}`: the Create of a comment, or its approval.
pub async fn of_comment(
    State(app): State<App>,
    Path((name, number, part)): Path<(String, i64, String)>,
) -> Result<Response> {
    let video = own_video(&app, &name).await?;
    let comment = store::comment(&app.db, number).await?;
    let comment = comment
        .filter(|comment| {
            comment.video_id == video.id && !comment.held && comment.deleted_at.is_none()
        })
        .ok_or_else(nothing)?;
    let document: Option<Value> = match part.as_str() {
        "activity" => comment_out::create(&app, &comment).await?,
        "approve-reply" => Some(comment_out::approval(&app, &video, &comment).await?),
        _ => None,
    };
    document
        .map(|document| document::answer(&document))
        .ok_or_else(nothing)
}
