//! Another file for a video that is there: it keeps its address, comments and views.

use super::store;
use super::{Metadata, Prepared, Upload};
use crate::account::{Right, User};
use crate::app::App;
use crate::error::{Error, Result};
use crate::notice::Notice;
use crate::video::files;
use crate::video::{self, Video, VideoRef, VideoState, quarantine};
use base::Tx;
use media::Probe;
use serde_json::{Value, json};

use super::finish::{add_file, aspect_ratio, duration_s};

/// May this user replace the file of this video, now?
pub async fn check(app: &App, user: &User, id: &str) -> Result<Video> {
    if !app.instance.settings().video_file.update.enabled {
        return Err(Error::forbidden(
            "Updating the file of an existing video is not allowed on this instance",
        ));
    }
    let video = video::find(app, VideoRef::read(id)?).await?;
    video::manage(app, user, &video, Right::UpdateAnyVideo).await?;
    check_state(&video)?;
    Ok(video)
}

pub fn check_state(video: &Video) -> Result<()> {
    if video.is_live {
        return Err(Error::bad_request("Cannot edit a live video"));
    }
    match video.state {
        VideoState::ToTranscode | VideoState::ToEdit => Err(Error::conflict(
            "Cannot edit video that is already waiting for transcoding/edition",
        )),
        VideoState::Published
        | VideoState::TranscodingFailed
        | VideoState::MoveToBucketFailed
        | VideoState::MoveToDiskFailed => Ok(()),
        _ => Err(Error::bad_request(
            "Video state is not compatible with edition",
        )),
    }
}

/// The new file takes the old one's place; what was made of the old one goes.
pub async fn replace(
    app: &App,
    user: &User,
    upload: &Upload,
    prepared: &Prepared,
    probe: &Probe,
) -> Result<Value> {
    let now = app.clock.now();
    let id = upload.video_id.ok_or_else(super::gone)?;
    let mut tx = app.db.begin().await?;
    let Some(video) = video::find_in(&mut tx, id).await? else {
        return Err(Error::not_found("Video not found"));
    };
    check_state(&video)?;
    swap(&mut tx, &video, upload, prepared, probe, now).await?;
    quarantine::hold(app, &mut tx, id, user, now).await?;
    let answer = view(upload, probe, now);
    store::set_done(&mut tx, &upload.id, &answer, now).await?;
    tx.commit().await?;
    Ok(answer)
}

/// As [`replace`], with a file that this program has made of the video.
pub async fn put_edited(
    app: &App,
    upload: &Upload,
    prepared: &Prepared,
    probe: &Probe,
) -> Result<()> {
    let now = app.clock.now();
    let id = upload.video_id.ok_or_else(super::gone)?;
    let mut tx = app.db.begin().await?;
    let video = video::find_in(&mut tx, id).await?;
    let video = video.filter(|video| video.state == VideoState::ToEdit);
    let video =
        video.ok_or_else(|| Error::not_found("This video is not to be edited any more."))?;
    swap(&mut tx, &video, upload, prepared, probe, now).await?;
    let notice = Notice::StudioFinished { video_id: id.0 };
    notice.enqueue(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn swap(
    tx: &mut Tx,
    video: &Video,
    upload: &Upload,
    prepared: &Prepared,
    probe: &Probe,
    now: i64,
) -> Result<()> {
    let id = video.id;
    let mut old = files::take_down(tx, video).await?;
    if let Some(key) = store::source_key(&mut *tx, id).await? {
        old.push(files::OldFile::original(key));
    }
    let keeps_pictures = video.thumbnail_from == "hand" && !has_pictures(&upload.metadata);
    add_file(tx, id, upload, prepared, probe, now).await?;
    let pictures = (video.thumbnail.as_deref(), video.preview.as_deref());
    match (keeps_pictures, pictures) {
        (true, (Some(thumbnail), Some(preview))) => {
            store::set_pictures(&mut *tx, id, (thumbnail, preview), "hand").await?;
            old.push(files::OldFile::picture(prepared.thumbnail.clone()));
            old.push(files::OldFile::picture(prepared.preview.clone()));
        }
        (_, (thumbnail, preview)) => {
            let names = thumbnail.into_iter().chain(preview);
            old.extend(names.map(|name| files::OldFile::picture(name.to_owned())));
        }
    }
    store::set_replaced(&mut *tx, id, duration_s(probe), aspect_ratio(probe), now).await?;
    video::set_state(tx, id, VideoState::ToTranscode).await?;
    files::drop_later(tx, &old, now).await?;
    Ok(())
}

fn has_pictures(metadata: &Metadata) -> bool {
    metadata.has_thumbnail || metadata.has_preview
}

/// The source object of the API. Where the original can be had is the business of its own route.
fn view(upload: &Upload, probe: &Probe, now: i64) -> Value {
    let size = probe.video.as_ref().map(media::VideoStream::display);
    let resolution = size.map_or(0, |(width, height)| width.min(height));
    let fps = probe.video.as_ref().and_then(|video| video.avg_frame_rate);
    json!({
        "filename": upload.metadata.filename,
        "inputFilename": upload.metadata.filename,
        "fileUrl": null,
        "fileDownloadUrl": null,
        "resolution": { "id": resolution, "label": format!("{resolution}p") },
        "size": upload.size_bytes,
        "width": size.map(|(width, _)| width),
        "height": size.map(|(_, height)| height),
        "fps": fps.map(|rate| rate.nearest_frame(1_000_000)),
        "metadata": probe.raw,
        "createdAt": crate::check::iso(now),
    })
}
