//! The REST routes of transcoding and of removing its results.

use super::{av1, enqueue, store, web};
use crate::access::Me;
use crate::app::App;
use crate::check::{Body, Check, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::video::files::{self, FileId, OldFile, drop_later};
use crate::video::{self, Video, VideoRef, VideoState};
use axum::extract::{Path, State};
use axum::response::Response;

/// `POST /videos/{id}/transcoding`: makes a video's renditions anew from its original.
pub async fn transcode(
    State(app): State<App>,
    _: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let mut check = Check::body(&body);
    let kind = check.one_of(
        "transcodingType",
        &["hls", "web-video", "webtorrent", "av1"],
    );
    let kind = check.required("transcodingType", kind);
    let force = check.lenient_bool("forceTranscoding");
    check.finish()?;
    let video = video::find(&app, by).await?;
    if !video.is_local || video.is_live {
        return Err(Error::bad_request(
            "Cannot run transcoding job on a remote or live video",
        ));
    }
    if !app.instance.settings().transcoding.enabled {
        return Err(Error::bad_request(
            "Cannot run transcoding job because transcoding is disabled on this instance",
        ));
    }
    let has_original = store::source(&app.db, video.id).await?.is_some();
    if !has_original && files::whole(&app, &video).await?.is_none() {
        return Err(Error::bad_request(
            "The original of this video was not kept.",
        ));
    }
    if video.state == VideoState::ToTranscode && !force.or(false) {
        return Err(Error::conflict("This video is already being transcoded")
            .code("video_already_being_transcoded"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let is_extra = kind.as_deref().is_some_and(|kind| kind != "hls");
    if is_extra && video.state == VideoState::Published && !store::exists(&mut tx, video.id).await?
    {
        // The renditions are there; whole files are put together of them, and AV1 comes beside them.
        if kind.as_deref() == Some("av1") {
            av1::enqueue(&mut tx, video.id, now).await?;
        } else {
            web::enqueue(&mut tx, video.id, now).await?;
        }
        tx.commit().await?;
        app.workers.wake();
        return Ok(no_content());
    }
    if has_original {
        let old = files::take_down(&mut tx, &video).await?;
        drop_later(&mut tx, &old, now).await?;
    }
    video::set_state(&mut tx, video.id, VideoState::ToTranscode).await?;
    video::weigh(&mut tx, video.id).await?;
    enqueue(&mut tx, video.id, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

/// `DELETE /videos/{id}/hls`: only where another kind of file stays.
pub async fn delete_hls(State(app): State<App>, _: Me, Path(id): Path<String>) -> Result<Response> {
    delete_kind(&app, &id, "hls").await
}

/// `DELETE /videos/{id}/web-videos`
pub async fn delete_web_videos(
    State(app): State<App>,
    _: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    delete_kind(&app, &id, "web").await
}

async fn delete_kind(app: &App, id: &str, kind: &str) -> Result<Response> {
    let video = local(app, id).await?;
    let mut tx = app.db.begin().await?;
    let rows = files::rows(&mut tx, &video).await?;
    if !rows.iter().any(|row| row.kind == kind) {
        return Err(Error::bad_request(
            "This video does not have files of this kind",
        ));
    }
    if rows.iter().all(|row| row.kind == kind) {
        return Err(Error::bad_request(
            "Cannot delete the only kind of files that this video has",
        ));
    }
    let mut old = Vec::new();
    for row in rows.iter().filter(|row| row.kind == kind) {
        old.push(OldFile::rendition(video.uuid, &row.filename));
        let playlist = row.playlist_filename.as_deref();
        old.extend(playlist.map(|name| OldFile::playlist(video.uuid, name)));
        files::delete_row(&mut tx, row.id).await?;
    }
    if kind == "hls" {
        old.extend(files::take_master(&mut tx, &video).await?);
    }
    let now = app.clock.now();
    drop_later(&mut tx, &old, now).await?;
    video::weigh(&mut tx, video.id).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

/// `DELETE /videos/{id}/hls/{fileId}` and `/web-videos/{fileId}`: one rendition.
pub async fn delete_hls_file(
    State(app): State<App>,
    _: Me,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response> {
    delete_file(&app, &id, &file, "hls").await
}

pub async fn delete_web_video_file(
    State(app): State<App>,
    _: Me,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response> {
    delete_file(&app, &id, &file, "web").await
}

async fn delete_file(app: &App, id: &str, file: &str, kind: &str) -> Result<Response> {
    let number = file.parse().map_err(|_| wrong_param("videoFileId", file))?;
    let file_id = FileId::new(number);
    let video = local(app, id).await?;
    if store::exists(&app.db, video.id).await? {
        return Err(Error::conflict("This video is being transcoded"));
    }
    let mut tx = app.db.begin().await?;
    let rows = files::rows(&mut tx, &video).await?;
    let found = rows
        .iter()
        .find(|row| row.id == file_id && row.kind == kind);
    let row = found.ok_or_else(|| Error::not_found("This video does not have this file"))?;
    let others = rows.iter().filter(|other| other.id != row.id);
    let pictures = others.clone().filter(|other| other.has_video).count();
    if pictures == 0 {
        return Err(Error::bad_request(
            "Cannot delete the last file of this video",
        ));
    }
    if !row.has_video {
        return Err(Error::bad_request(
            "Cannot delete the sound that the other files need",
        ));
    }
    if kind == "hls" {
        files::forget_in_master(app, &video, row).await?;
    }
    files::delete_row(&mut tx, row.id).await?;
    let mut old = vec![OldFile::rendition(video.uuid, &row.filename)];
    if kind == "hls" {
        old.extend(files::take_av1(&mut tx, &video, Some(row.resolution)).await?);
    }
    let playlist = row.playlist_filename.as_deref();
    old.extend(playlist.map(|name| OldFile::playlist(video.uuid, name)));
    drop_later(&mut tx, &old, app.clock.now()).await?;
    video::weigh(&mut tx, video.id).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

async fn local(app: &App, id: &str) -> Result<Video> {
    let video = video::find(app, VideoRef::read(id)?).await?;
    if video.is_local {
        Ok(video)
    } else {
        Err(Error::bad_request("Cannot delete files of a remote video"))
    }
}
