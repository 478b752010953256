//! The REST routes of comments under a video.

pub mod overview;
pub mod spam;
pub mod tags;
pub mod words;

use super::{Comment, CommentId, LENGTH, list, view};
use crate::access::{Me, Viewer};
use crate::app::App;
use crate::check::{self, Body, Check, Query};
use crate::error::{Error, Result, created, no_content};
use crate::listing::{Listed, Paging, Sort};
use crate::video::visibility::{given_password, seen};
use crate::video::{self, Video, VideoRef};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

pub async fn threads(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Json<Value>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt", "totalReplies"], "-createdAt")?;
    let video = seen(&app, &viewer, &id, &headers).await?;
    let threads = list::threads(&app, &viewer, &video, sort, paging).await?;
    Ok(Json(json!({
        "total": threads.total,
        "totalNotDeletedComments": threads.not_deleted,
        "data": view::threads(&app, &threads.list).await?,
    })))
}

pub async fn thread(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, thread)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>> {
    let (video, by, thread) = named(&app, &id, "threadId", &thread).await?;
    if thread.thread_id.is_some() {
        return Err(Error::bad_request("This comment is a reply, not a thread."));
    }
    video::visible(&app, &viewer, &video, by, given_password(&headers)).await?;
    let gone = || Error::not_found("Video comment thread not found");
    if super::are_closed(&app, &video) {
        return Err(gone());
    }
    let tree = list::tree(&app, &viewer, &video, thread)
        .await?
        .ok_or_else(gone)?;
    let mut trees = view::trees(&app, &[tree]).await?;
    Ok(Json(trees.pop().unwrap_or_default()))
}

/// A page of the direct replies to a comment, each with what was answered to it.
pub async fn replies(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, parent)): Path<(String, String)>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    Sort::read(&query, &["createdAt"], "createdAt")?;
    let (video, by, parent) = named(&app, &id, "commentId", &parent).await?;
    video::visible(&app, &viewer, &video, by, given_password(&headers)).await?;
    if super::are_closed(&app, &video) {
        return Ok(Listed::new(0, Vec::new()));
    }
    let (total, branches) = list::replies(&app, &viewer, &video, parent.id, paging).await?;
    Ok(Listed::new(total, view::trees(&app, &branches).await?))
}

/// The video and the comment of a path.
async fn named(
    app: &App,
    id: &str,
    name: &str,
    comment: &str,
) -> Result<(Video, VideoRef, Comment)> {
    let by = VideoRef::read(id)?;
    let number: CommentId = check::id(name, comment)?;
    let video = video::find(app, by).await?;
    let comment = super::of_video(app, &video, number).await?;
    Ok((video, by, comment))
}

fn text_of(body: &Map<String, Value>) -> Result<String> {
    let mut check = Check::body(body);
    let text = check.text("text", LENGTH);
    let text = check.required("text", text).unwrap_or_default();
    check.finish()?;
    Ok(text)
}

pub async fn add(
    State(app): State<App>,
    viewer: Viewer,
    me: Me,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<Value>> {
    VideoRef::read(&id)?;
    let text = text_of(&body)?;
    let video = seen(&app, &viewer, &id, &headers).await?;
    let comment = super::say(&app, &me, &video, None, &text).await?;
    Ok(created("comment", view::fresh(&app, comment).await?))
}

pub async fn reply(
    State(app): State<App>,
    viewer: Viewer,
    me: Me,
    Path((id, parent)): Path<(String, String)>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<Value>> {
    VideoRef::read(&id)?;
    let parent: CommentId = check::id("commentId", &parent)?;
    let text = text_of(&body)?;
    let video = seen(&app, &viewer, &id, &headers).await?;
    if super::are_closed(&app, &video) {
        return Err(Error::conflict("Video comments are disabled."));
    }
    let parent = super::of_video(&app, &video, parent).await?;
    if !list::is_seen(&app, &viewer, &video, parent.id).await? {
        return Err(Error::not_found("Video comment thread not found"));
    }
    let comment = super::say(&app, &me, &video, Some(&parent), &text).await?;
    Ok(created("comment", view::fresh(&app, comment).await?))
}

pub async fn delete(
    State(app): State<App>,
    me: Me,
    Path((id, comment)): Path<(String, String)>,
) -> Result<Response> {
    let (video, _, comment) = named(&app, &id, "commentId", &comment).await?;
    super::delete(&app, &me, &video, &comment).await?;
    Ok(no_content())
}

pub async fn approve(
    State(app): State<App>,
    me: Me,
    Path((id, comment)): Path<(String, String)>,
) -> Result<Response> {
    let (video, _, comment) = named(&app, &id, "commentId", &comment).await?;
    super::approve(&app, &me, &video, &comment).await?;
    Ok(no_content())
}
