//! What happens when all bytes of an upload are there: it is looked at, gets its pictures, and
//! becomes a video in one transaction.

use super::store::{self, NewSource};
use super::{Metadata, Prepared, Purpose, Upload, UploadState, drop_upload, twin};
use crate::account::User;
use crate::app::App;
use crate::channel::activity::{self, Action, Target};
use crate::channel::{self, ChannelId};
use crate::error::{Error, Result};
use crate::notice::Notice;
use crate::video::input::Fields;
use crate::video::picture::{PREVIEW_SIZE, THUMBNAIL_SIZE};
use crate::video::{
    self, NewVideo, VideoId, VideoState, auto_tag, files, quarantine, quota, short_uuid,
};
use axum::http::StatusCode;
use base::Tx;
use base::job::NewJob;
use base::storage::Class;
use media::{MediaError, Probe, Source, Wanted};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The kind of the job that makes a video playable.
pub const TRANSCODE_JOB: &str = "transcode";

/// Makes the upload what it is for and tells what the client is told. What cannot become a video
/// is dropped; when the fault is ours the upload stays and can be finished later.
pub async fn finish(app: &App, user: &User, upload: Upload) -> Result<Value> {
    let done = make(app, user, &upload).await;
    if let Err(error) = &done
        && error.status().is_client_error()
    {
        let upload = store::find(&app.db, &upload.id).await?.unwrap_or(upload);
        drop_upload(app, &upload).await?;
    }
    done
}

async fn make(app: &App, user: &User, upload: &Upload) -> Result<Value> {
    let prepared = prepare(app, upload).await?;
    let path = upload.path(app);
    let is_direct = upload.metadata.direct.is_some();
    if !is_direct {
        bring_back(app, &prepared, &path).await?;
    }
    let wanted = match upload.purpose {
        Purpose::Video => Some(new_video(app, user, upload, &prepared).await?),
        Purpose::Replace => None,
        Purpose::Import => return Err(Error::bad_request("This upload is no video.")),
    };
    quota::room_left(app, user, upload.size_bytes).await?;
    let source = source(app, upload, &prepared).await?;
    let probe = look(app, &source).await?;
    make_pictures(app, upload, &prepared, &source, &probe).await?;
    if !is_direct {
        app.storage
            .put_file(Class::Original, &prepared.key, &path)
            .await
            .map_err(Error::internal)?;
    }
    let print = twin::fingerprint(app, &prepared.key, upload.size_bytes).await?;
    let answer = match wanted {
        Some(new) => add_video(app, user, upload, (&prepared, &print), new, &probe).await?,
        None => super::replace::replace(app, user, upload, &prepared, &probe).await?,
    };
    app.workers.wake();
    for given in [upload.thumbnail_path(app), upload.preview_path(app)] {
        let _ = std::fs::remove_file(given);
    }
    Ok(answer)
}

/// The names, as they were chosen when this began the first time.
async fn prepare(app: &App, upload: &Upload) -> Result<Prepared> {
    if let Some(known) = prepared(upload) {
        return Ok(known);
    }
    let uuid = match upload.video_id {
        Some(id) => video::find(app, video::VideoRef::Number(id)).await?.uuid,
        None => base::random::uuid(),
    };
    let random = base::random::uuid;
    let direct = upload.metadata.direct.as_ref();
    let uuid = direct.map_or(uuid, |direct| direct.uuid);
    let prepared = Prepared {
        uuid,
        key: direct.map_or_else(
            || format!("{uuid}/{}{}", random(), upload.metadata.ending),
            |direct| direct.key.clone(),
        ),
        thumbnail: format!("{}.jpg", random()),
        preview: format!("{}.jpg", random()),
    };
    store::begin_finish(&app.db, &upload.id, &prepared, app.clock.now()).await?;
    Ok(prepared)
}

fn prepared(upload: &Upload) -> Option<Prepared> {
    serde_json::from_value(upload.answer.clone()?).ok()
}

/// How long reading the headers of a file in a bucket may take.
const SIGNED_LIFE: Duration = Duration::from_secs(3600);

/// The file that was sent: here, or in the bucket.
async fn source(app: &App, upload: &Upload, prepared: &Prepared) -> Result<Source> {
    if upload.metadata.direct.is_none() {
        return Ok(Source::file(upload.path(app)));
    }
    let signed = app
        .storage
        .presign_get(Class::Original, &prepared.key, SIGNED_LIFE, None)
        .await;
    signed
        .map_err(Error::internal)?
        .map(Source::Url)
        .ok_or_else(super::gone)
}

/// After a stop between moving the file and the transaction the file already lies with the
/// originals: it is fetched back, so that all goes on as the first time.
async fn bring_back(app: &App, prepared: &Prepared, path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let (class, key) = (Class::Original, prepared.key.as_str());
    match app.storage.fetch_to(class, key, path).await {
        Ok(()) => Ok(app
            .storage
            .delete(class, key)
            .await
            .map_err(Error::internal)?),
        Err(error) if error.is_not_found() => Err(super::gone()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// Removes what a finish that did not end has left. A video that was made keeps its own.
pub async fn undo(app: &App, upload: &Upload) -> Result<()> {
    let Some(prepared) = prepared(upload) else {
        return Ok(());
    };
    for (class, key) in [
        (Class::Original, &prepared.key),
        (Class::Thumbnail, &prepared.thumbnail),
        (Class::Thumbnail, &prepared.preview),
    ] {
        let deleted = app.storage.delete(class, key).await;
        deleted.map_err(Error::internal)?;
    }
    Ok(())
}

/// The video as the client described it; the description was checked when the upload began.
async fn new_video(
    app: &App,
    user: &User,
    upload: &Upload,
    prepared: &Prepared,
) -> Result<NewVideo> {
    let fields = Fields::of_new(&upload.metadata.fields, app.instance.labels())?;
    let channel_id = ChannelId::new(fields.channel_id.clone().or(0));
    let (channel_id, account_id) = channel::for_video(app, user, channel_id).await?;
    let mut new = fields.into_new(app, channel_id, account_id)?;
    new.uuid = prepared.uuid;
    Ok(new)
}

/// Puts a file that this program has made in the place of a video's original. The file is taken
/// away.
pub async fn put_edited(
    app: &App,
    video: &video::Video,
    from: &Path,
    filename: &str,
) -> Result<()> {
    let (upload, prepared, probe) = put(app, video, from, filename, ".mp4").await?;
    super::replace::put_edited(app, &upload, &prepared, &probe).await?;
    app.workers.wake();
    Ok(())
}

/// Gives a video that waits for it a file that was fetched from elsewhere. The file is taken away.
pub async fn put_imported(
    app: &App,
    user: &User,
    video: &video::Video,
    from: &Path,
    filename: &str,
    ending: &str,
) -> Result<()> {
    let (upload, prepared, probe) = put(app, video, from, filename, ending).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let known = video::find_in(&mut tx, video.id).await?;
    if known.is_none_or(|video| video.state != VideoState::ToImport) {
        return Err(Error::not_found("This video waits for no file any more."));
    }
    add_file(&mut tx, video.id, &upload, &prepared, &probe, now).await?;
    if let (true, Some(thumbnail), Some(preview)) = (
        video.thumbnail_from == "hand",
        video.thumbnail.as_deref(),
        video.preview.as_deref(),
    ) {
        store::set_pictures(&mut tx, video.id, (thumbnail, preview), "hand").await?;
        let made = [prepared.thumbnail.clone(), prepared.preview.clone()];
        files::drop_later(&mut tx, &made.map(files::OldFile::picture), now).await?;
    }
    let (length, ratio) = (duration_s(&probe), aspect_ratio(&probe));
    store::set_shape(&mut tx, video.id, length, ratio, now).await?;
    video::set_state(&mut tx, video.id, VideoState::ToTranscode).await?;
    set_chapters(&mut tx, video.id, &probe).await?;
    let target = Target::Video {
        id: video.id.0,
        name: &video.name,
    };
    let (channel, by) = (video.channel_id, user.account_id);
    activity::note(&mut tx, channel, by, Action::Create, target, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Looks at a file of ours, makes its pictures, and lays it with the originals.
async fn put(
    app: &App,
    video: &video::Video,
    from: &Path,
    filename: &str,
    ending: &str,
) -> Result<(Upload, Prepared, Probe)> {
    let upload = Upload {
        id: format!("edit-{}", base::random::token()),
        user_id: video
            .owner_user_id
            .unwrap_or(crate::account::UserId::new(0)),
        purpose: Purpose::Replace,
        video_id: Some(video.id),
        metadata: Metadata {
            filename: filename.to_owned(),
            ending: ending.to_owned(),
            ..Metadata::default()
        },
        size_bytes: i64::try_from(std::fs::metadata(from)?.len()).unwrap_or(i64::MAX),
        state: UploadState::Finishing,
        answer: None,
        updated_at: app.clock.now(),
    };
    std::fs::create_dir_all(crate::check::form::uploads_folder(app))?;
    let path = upload.path(app);
    std::fs::rename(from, &path)?;
    let random = base::random::uuid;
    let prepared = Prepared {
        uuid: video.uuid,
        key: format!("{}/{}{ending}", video.uuid, random()),
        thumbnail: format!("{}.jpg", random()),
        preview: format!("{}.jpg", random()),
    };
    let source = Source::file(&path);
    let probe = look(app, &source).await?;
    make_pictures(app, &upload, &prepared, &source, &probe).await?;
    app.storage
        .put_file(Class::Original, &prepared.key, &path)
        .await
        .map_err(Error::internal)?;
    Ok((upload, prepared, probe))
}

/// What is in the file; 422 when it cannot be read as a video or a sound.
async fn look(app: &App, source: &Source) -> Result<Probe> {
    let ffmpeg = app.ffmpeg().await.map_err(Error::internal)?;
    let limits = media::ProbeLimits::default();
    let probe = media::probe(ffmpeg, source, &limits, &CancellationToken::new()).await;
    match probe {
        Ok(probe) if probe.video.is_none() && probe.audio.is_empty() => {
            Err(unreadable("it has neither pictures nor sound".to_owned()))
        }
        Ok(probe) => Ok(probe),
        Err(MediaError::Unreadable(why)) => Err(unreadable(why)),
        Err(error) => Err(Error::internal(error)),
    }
}

fn unreadable(why: String) -> Error {
    Error::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        format!("Video file unreadable: {why}."),
    )
}

/// Thumbnail and preview, of the pictures that the client sent or else of the video.
async fn make_pictures(
    app: &App,
    upload: &Upload,
    prepared: &Prepared,
    source: &Source,
    probe: &Probe,
) -> Result<()> {
    std::fs::create_dir_all(crate::check::form::uploads_folder(app))?;
    let given = |is_given: bool, path: PathBuf| is_given.then_some(path);
    let thumbnail = given(upload.metadata.has_thumbnail, upload.thumbnail_path(app));
    let preview = given(upload.metadata.has_preview, upload.preview_path(app));
    let wanted = [
        (&prepared.thumbnail, THUMBNAIL_SIZE, thumbnail),
        (&prepared.preview, PREVIEW_SIZE, preview),
    ];
    let outs = wanted.map(|(name, size, given)| {
        let out = crate::check::form::uploads_folder(app).join(name);
        (name, given, picture(size, out))
    });
    let made = make_all(app, source, probe, &outs).await;
    let mut read = Vec::new();
    for (name, _, picture) in &outs {
        read.push((name, tokio::fs::read(&picture.out).await));
        let _ = std::fs::remove_file(&picture.out);
    }
    made?;
    for (name, bytes) in read {
        let stored = app.storage.put(Class::Thumbnail, name, bytes?.into()).await;
        stored.map_err(Error::internal)?;
    }
    Ok(())
}

fn picture((max_width, max_height): (u32, u32), out: PathBuf) -> Wanted {
    Wanted {
        max_width,
        max_height,
        out,
    }
}

/// Those that were given each of its own file, the others together: looking for a telling frame is dear.
async fn make_all(
    app: &App,
    source: &Source,
    probe: &Probe,
    outs: &[(&String, Option<PathBuf>, Wanted)],
) -> Result<()> {
    let ffmpeg = app.ffmpeg().await.map_err(Error::internal)?;
    let never = CancellationToken::new();
    let mut of_the_video = Vec::new();
    for (_, given, picture) in outs {
        let Some(given) = given else {
            of_the_video.push(picture.clone());
            continue;
        };
        let wanted = std::slice::from_ref(picture);
        match media::pictures_of_file(ffmpeg, given, wanted, &never).await {
            Ok(_) => {}
            Err(MediaError::Missing(why)) => return Err(Error::internal(why)),
            Err(error) => return Err(Error::bad_request(error.to_string())),
        }
    }
    if of_the_video.is_empty()
        || media::pictures(ffmpeg, source, probe, None, &of_the_video, &never)
            .await
            .is_ok()
    {
        return Ok(());
    }
    // No frame of it can be shown; what is wrong with it, transcoding will tell.
    let mut plain = probe.clone();
    (plain.video, plain.cover) = (None, None);
    let made = media::pictures(ffmpeg, source, &plain, None, &of_the_video, &never).await;
    made.map(drop).map_err(Error::internal)
}

/// Whole seconds, rounded as people do.
pub fn duration_s(probe: &Probe) -> i64 {
    (probe.duration_us.unwrap_or(0).max(0) + 500_000) / 1_000_000
}

/// Width over height to four places.
pub fn aspect_ratio(probe: &Probe) -> Option<f64> {
    let (width, height) = probe.video.as_ref()?.display();
    let ratio = f64::from(width) / f64::from(height.max(1));
    Some((ratio * 10_000.0).round() / 10_000.0)
}

async fn add_video(
    app: &App,
    user: &User,
    upload: &Upload,
    (prepared, print): (&Prepared, &str),
    mut new: NewVideo,
    probe: &Probe,
) -> Result<Value> {
    let now = app.clock.now();
    new.duration_s = duration_s(probe);
    new.aspect_ratio = aspect_ratio(probe);
    let mut tx = app.db.begin().await?;
    quota::take_room(&mut tx, user, upload.size_bytes, now).await?;
    let id = video::create(&mut tx, &new, now).await?;
    quarantine::hold(app, &mut tx, id, user, now).await?;
    let said = auto_tag::Said {
        name: &new.name,
        description: new.description.as_deref(),
    };
    auto_tag::renew(app, &mut tx, id, said, user, now).await?;
    Notice::Uploaded { video_id: id.0 }
        .enqueue(&mut tx, now)
        .await?;
    add_file(&mut tx, id, upload, prepared, probe, now).await?;
    store::twin::set_fingerprint(&mut tx, id, print).await?;
    let twins: Vec<_> = store::twin::twins(&mut tx, id).await?;
    let twins: Vec<_> = twins.into_iter().map(twin::twin).collect();
    set_chapters(&mut tx, id, probe).await?;
    if wants_transcript(app, upload) && !probe.audio.is_empty() {
        NewJob::new(video::TRANSCRIPT_JOB, json!({ "videoId": id }))
            .enqueue(&mut tx, now)
            .await?;
    }
    let target = Target::Video {
        id: id.0,
        name: &new.name,
    };
    let (channel, by) = (new.channel_id, user.account_id);
    activity::note(&mut tx, channel, by, Action::Create, target, now).await?;
    let answer = json!({ "video": {
        "id": id, "uuid": new.uuid, "shortUUID": short_uuid::shorten(new.uuid),
        "sameFileAs": twins,
    }});
    store::set_done(&mut tx, &upload.id, &answer, now).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Where there are transcripts, every video gets one whose maker does not say otherwise.
fn wants_transcript(app: &App, upload: &Upload) -> bool {
    let said = upload.metadata.fields.get("generateTranscription");
    let is_refused = said.is_some_and(|said| *said == false || *said == "false" || *said == "0");
    app.instance.settings().video_transcription.enabled && !is_refused
}

/// The original with its pictures, and the work that makes it playable.
pub async fn add_file(
    tx: &mut Tx,
    id: VideoId,
    upload: &Upload,
    prepared: &Prepared,
    probe: &Probe,
    now: i64,
) -> Result<()> {
    let size = probe.video.as_ref().map(media::VideoStream::display);
    let fps = probe.video.as_ref().and_then(|video| video.avg_frame_rate);
    let source = NewSource {
        input_filename: &upload.metadata.filename,
        key: &prepared.key,
        size_bytes: upload.size_bytes,
        resolution: Some(size.map_or(0, |(width, height)| width.min(height).into())),
        width: size.map(|(width, _)| width.into()),
        height: size.map(|(_, height)| height.into()),
        fps: fps.map(|rate| rate.nearest_frame(1_000_000)),
        metadata: &probe.raw,
    };
    store::set_source(&mut *tx, id, &source, now).await?;
    let has_own = upload.metadata.has_thumbnail || upload.metadata.has_preview;
    let from = if has_own { "hand" } else { "video" };
    let pictures = (prepared.thumbnail.as_str(), prepared.preview.as_str());
    store::set_pictures(&mut *tx, id, pictures, from).await?;
    video::weigh(tx, id).await?;
    NewJob::new(TRANSCODE_JOB, json!({ "videoId": id }))
        .max_attempts(3)
        .once(format!("transcode:{id}"))
        .enqueue(&mut *tx, now)
        .await?;
    Ok(())
}

/// Chapters that the file itself lists, unless the description lists some.
async fn set_chapters(tx: &mut Tx, id: VideoId, probe: &Probe) -> Result<()> {
    let known = video::find_in(tx, id).await?;
    if known.is_none_or(|video| video.chapters_from.is_some()) {
        return Ok(());
    }
    let mut chapters: Vec<(i64, String)> = probe
        .chapters
        .iter()
        .filter_map(|chapter| {
            let title: String = chapter.title.as_deref()?.trim().chars().take(100).collect();
            let at = chapter.start_us.max(0) / 1_000_000;
            (!title.is_empty()).then_some((at, title))
        })
        .collect();
    chapters.sort_by_key(|(at, _)| *at);
    chapters.dedup_by_key(|(at, _)| *at);
    if chapters.is_empty() {
        return Ok(());
    }
    video::store::set_chapters(tx, id, &chapters, Some("file")).await?;
    Ok(())
}
