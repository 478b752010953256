//! What hangs on a video: chapters, storyboard, passwords, file tokens, source, metadata.

use super::super::files::{self, OldFile};
use super::super::visibility::{self, given_password, seen};
use super::super::{
    Privacy, Video, VideoRef, VideoState, find, gate, input, labels, manage, store, token,
};
use super::note;
use crate::access::{Me, Viewer};
use crate::account::Right;
use crate::app::App;
use crate::channel::activity::Action;
use crate::check::{Body, Check, Query, length_of, whole, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::wire::{self, Iso};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

pub async fn chapters(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    let chapters = store::extra::chapters(&app.db, video.id).await?;
    let list: Vec<Value> = chapters
        .iter()
        .map(|(at, title)| json!({ "timecode": at, "title": title }))
        .collect();
    wire::json(&json!({ "chapters": list }))
}

pub async fn set_chapters(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let mut check = Check::body(&body);
    let chapters = body.get("chapters").and_then(read_chapters);
    if chapters.is_none() {
        check.fail(
            "chapters",
            "Chapters must have unique timecodes and titles of 1 to 100 characters",
        );
    }
    check.finish()?;
    let video = find(&app, by).await?;
    if video.is_live {
        return Err(Error::bad_request(
            "You cannot add chapters to a live video",
        ));
    }
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    let mut tx = app.db.begin().await?;
    store::set_chapters(
        &mut tx,
        video.id,
        &chapters.unwrap_or_default(),
        Some("hand"),
    )
    .await?;
    tx.commit().await?;
    note(&app, &me, &video, Action::UpdateChapters).await?;
    Ok(no_content())
}

fn read_chapters(value: &Value) -> Option<Vec<(i64, String)>> {
    let mut chapters: Vec<(i64, String)> = Vec::new();
    for item in value.as_array()? {
        let at = item.get("timecode").and_then(whole).filter(|at| *at >= 0)?;
        let title = item
            .get("title")?
            .as_str()
            .filter(|title| (1..=100).contains(&length_of(title)))?;
        if chapters.iter().any(|(known, _)| *known == at) {
            return None;
        }
        chapters.push((at, title.to_owned()));
    }
    Some(chapters)
}

pub async fn storyboards(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    let storyboard = store::extra::storyboard(&app.db, video.id).await?;
    let list: Vec<Value> = storyboard
        .iter()
        .map(|it| {
            let path = format!("/lazy-static/storyboards/{}", it.filename);
            json!({
                "storyboardPath": path, "fileUrl": app.url(&path),
                "totalHeight": it.total_height, "totalWidth": it.total_width,
                "spriteHeight": it.sprite_height, "spriteWidth": it.sprite_width,
                "spriteDuration": it.sprite_duration,
            })
        })
        .collect();
    wire::json(&json!({ "storyboards": list }))
}

/// What the prober found in one file of a video.
pub async fn metadata(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let file: base::Id<()> = crate::check::id("videoFileId", &file)?;
    let video = seen(&app, &viewer, &id, &headers).await?;
    let found = store::extra::file_metadata(&app.db, video.id, file.0).await?;
    let found = found.ok_or_else(|| Error::not_found("Video file not found"))?;
    wire::json(&found)
}

/// A key to the files of a video for a player that cannot send headers.
pub async fn token(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    // Whoever came through the gate has said what it asks.
    let is_gated = video.privacy.has_open_files() && gate::guards(&app, video.guarded());
    let is_open = video.privacy == Privacy::Password || is_gated || !viewer.grants.is_empty();
    if viewer.user().is_none() && !is_open {
        return Err(Error::not_authenticated());
    }
    let (token, expires) = token::make(&app, &video);
    wire::json(&json!({ "files": { "token": token, "expires": Iso(expires) } }))
}

pub async fn source(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    wire::json(&source_view(&app, &video).await?)
}

/// The uploaded file as the API shows it; 404 when nothing is known of it.
pub async fn source_view(app: &App, video: &Video) -> Result<Value> {
    let source = store::extra::source(&app.db, video.id).await?;
    let source = source.ok_or_else(|| Error::not_found("Video source not found"))?;
    let name = source.key.as_deref().map(|key| key.replace('/', "_"));
    let url = name.map(|name| app.url(&format!("/download/original-video-files/{name}")));
    let resolution = source.resolution.map(
        |id| json!({ "id": id, "label": labels::resolution(id, source.width, source.height) }),
    );
    Ok(json!({
        "filename": source.input_filename, "inputFilename": source.input_filename,
        "fileUrl": url, "fileDownloadUrl": url, "resolution": resolution,
        "size": source.size_bytes, "width": source.width, "height": source.height,
        "fps": source.fps, "metadata": source.metadata, "createdAt": Iso(source.created_at),
    }))
}

/// Removes the uploaded file; what is known of it stays.
pub async fn delete_source_file(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    let source = store::extra::source(&app.db, video.id).await?;
    let key = source.and_then(|source| source.key);
    let key = key.ok_or_else(|| Error::not_found("Video source not found"))?;
    if video.state == VideoState::ToTranscode {
        return Err(Error::conflict(
            "The file is still needed to make the video playable.",
        ));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::extra::forget_source(&mut tx, video.id).await?;
    super::super::weigh(&mut tx, video.id).await?;
    files::drop_later(&mut tx, &[OldFile::original(key)], now).await?;
    tx.commit().await?;
    note(&app, &me, &video, Action::UpdateSourceFile).await?;
    Ok(no_content())
}

const BY_DATE: &[&str] = &["createdAt"];

async fn protected(app: &App, id: &str) -> Result<Video> {
    let video = find(app, VideoRef::read(id)?).await?;
    if video.privacy != Privacy::Password {
        return Err(Error::bad_request("Video is not password protected"));
    }
    Ok(video)
}

pub async fn passwords(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, BY_DATE, "-createdAt")?;
    let video = protected(&app, &id).await?;
    manage(&app, &me, &video, Right::SeeAllVideos).await?;
    let all = store::extra::passwords(&app.db, video.id, sort.descending).await?;
    let skip = usize::try_from(paging.start).unwrap_or(usize::MAX);
    let take = usize::try_from(paging.count).unwrap_or(0);
    let data: Vec<Value> = all
        .iter()
        .skip(skip)
        .take(take)
        .map(|it| {
            json!({
                "id": it.id, "password": it.password, "videoId": video.id,
                "createdAt": Iso(it.created_at), "updatedAt": Iso(it.created_at),
            })
        })
        .collect();
    wire::json(&json!({ "total": all.len(), "data": data }))
}

pub async fn set_passwords(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    let passwords =
        input::read_passwords(body.get("passwords").or_else(|| body.get("videoPasswords")))?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    let mut tx = app.db.begin().await?;
    store::extra::replace_passwords(&mut tx, video.id, &passwords, app.clock.now()).await?;
    tx.commit().await?;
    note(&app, &me, &video, Action::UpdatePasswords).await?;
    Ok(no_content())
}

pub async fn add_password(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let mut check = Check::body(&body);
    let password = check.text("password", 2..=99);
    let password = check.required("password", password).unwrap_or_default();
    check.finish()?;
    let video = protected(&app, &id).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    if store::add_password(&app.db, video.id, &password, app.clock.now()).await? == 0 {
        return Err(Error::conflict("The video has this password already."));
    }
    note(&app, &me, &video, Action::UpdatePasswords).await?;
    let all = store::extra::passwords(&app.db, video.id, true).await?;
    let added = all.iter().find(|it| it.password == password);
    wire::json(&json!({ "videoPassword": { "id": added.map(|it| it.id) } }))
}

pub async fn delete_password(
    State(app): State<App>,
    me: Me,
    Path((id, password_id)): Path<(String, String)>,
) -> Result<Response> {
    let password_id: i64 = password_id
        .parse()
        .map_err(|_| wrong_param("passwordId", &password_id))?;
    let video = protected(&app, &id).await?;
    let all = store::extra::passwords(&app.db, video.id, true).await?;
    if !all.iter().any(|it| it.id == password_id) {
        return Err(Error::not_found("Video password not found"));
    }
    let may = me.has(Right::UpdateAnyVideo) || visibility::is_owner(&app, &me, &video).await?;
    if !may {
        return Err(Error::forbidden(
            "Cannot remove a password of another user's video.",
        ));
    }
    if all.len() <= 1 {
        return Err(Error::bad_request(
            "Cannot delete the last password of the protected video",
        ));
    }
    store::extra::delete_password(&app.db, video.id, password_id).await?;
    note(&app, &me, &video, Action::UpdatePasswords).await?;
    Ok(no_content())
}

/// Is the password that a request brings right for this video?
pub async fn password_opens(app: &App, video: &Video, headers: &HeaderMap) -> Result<bool> {
    match given_password(headers) {
        Some(password) if video.privacy == Privacy::Password => {
            Ok(store::password_fits(&app.db, video.id, password).await?)
        }
        _ => Ok(false),
    }
}
