//! Renditions that runners on other machines make: handed out as jobs of PeerTube's runner
//! protocol, taken over when their files are here.

use super::make::{Making, media_error};
use super::parts;
use super::{NewRendition, Rendition, Stored, TRANSCODE_JOB, job_key, publish, store, web, whole};
use crate::app::App;
use crate::runner::{self, AUDIO_MERGE, Answer, HLS, NewRunnerJob, RENDITION_ANSWER, RENDITIONS};
use crate::runner::{RunnerJob, State, WEB_VIDEO};
use crate::video::files::key;
use crate::video::{self, Video, VideoId, VideoRef};
use base::Tx;
use base::clock::SECOND;
use base::job::{JobError, NewJob, Running, checkpoint, fence};
use base::storage::Class;
use media::hls::Track;
use media::{MediaError, Picture, Probe, Source};
use serde_json::{Value, json};
use std::path::Path;
use uuid::Uuid;

/// While our own job runs, another look at it is taken after this time.
const SOON: i64 = 2 * SECOND;

/// What handing out came to.
pub enum Handed {
    /// This server does it itself.
    Nothing,
    /// Runners have it, or may take it.
    Waits,
    /// All of it is here.
    Back,
}

type Outcome<T> = Result<T, JobError>;

/// Adds a runner's job for each rendition that has none, where the site wants that.
pub async fn hand_out(making: &Making<'_>) -> Outcome<Handed> {
    let (app, video) = (making.app, making.video);
    let is_wanted = app.instance.settings().transcoding.remote_runners.enabled;
    // Runners put a sound and a picture together that they are given.
    let is_still = matches!(making.plan.picture, Picture::Still { .. });
    if (is_still && video.preview.is_none()) || making.chunks_done > 0 {
        return Ok(Handed::Nothing);
    }
    // They read the original; where it was not kept, only this server has what stands for it.
    if video::files::source_of(app, video.id).await?.is_none() {
        return Ok(Handed::Nothing);
    }
    let mut state = making.state.lock().await;
    let is_encoded = |file: &&Rendition| !file.copied;
    let missing: Vec<Rendition> = state
        .files
        .iter()
        .filter(is_encoded)
        .filter(|file| !file.complete)
        .cloned()
        .collect();
    let some_came = state
        .files
        .iter()
        .filter(is_encoded)
        .any(|file| file.complete);
    let known = runner::of_video(&app.db, video.id, &RENDITIONS).await?;
    if !some_came && known.is_empty() && (!is_wanted || parts::are_wanted(app, making.plan).await?)
    {
        return Ok(Handed::Nothing);
    }
    if missing.is_empty() {
        return Ok(if some_came {
            Handed::Back
        } else {
            Handed::Nothing
        });
    }
    publish::playlists(making, &mut state).await?;
    let mut tx = making.begin_step().await?;
    add_jobs(making, &mut tx, &missing, &known).await?;
    making.show(&mut tx, &mut state).await?;
    checkpoint(&mut tx, &making.running.job).await?;
    tx.commit().await?;
    Ok(Handed::Waits)
}

async fn add_jobs(
    making: &Making<'_>,
    tx: &mut Tx,
    missing: &[Rendition],
    known: &[RunnerJob],
) -> Outcome<()> {
    let (app, video) = (making.app, making.video);
    let now = app.clock.now();
    if known.iter().any(|job| job.state.has_failed()) {
        runner::forget(tx, video.id, &RENDITIONS).await?;
    }
    let waits_for = |file: &Rendition| {
        known
            .iter()
            .any(|job| !job.state.has_failed() && file_of(job) == Some(file.id.0))
    };
    let fps = making.plan.rate.nearest_frame(1_000_000);
    for (place, file) in missing.iter().filter(|file| !waits_for(file)).enumerate() {
        let uuid = base::random::uuid();
        let kind = kind_of(making, file);
        let fps = if file.has_video { fps } else { 0 };
        let new = NewRunnerJob {
            uuid,
            kind,
            payload: payload(app, (uuid, kind), video, (file.resolution, fps)),
            private_payload: json!({
                "videoUUID": video.uuid, "isNewVideo": !video.was_published, "fileId": file.id,
            }),
            answered_by: RENDITION_ANSWER,
            video_id: video.id,
            priority: 100 + i64::try_from(place).unwrap_or(0),
            needs: None,
        };
        runner::add(tx, &new, now).await?;
    }
    Ok(())
}

/// A whole file serves the stream, too, so a site that wants both has each size encoded once.
fn kind_of(making: &Making<'_>, file: &Rendition) -> &'static str {
    let wants_whole = making
        .app
        .instance
        .settings()
        .transcoding
        .web_videos
        .enabled;
    match &making.plan.picture {
        _ if !file.has_video => HLS,
        Picture::Still { .. } => AUDIO_MERGE,
        Picture::Stream { .. } if wants_whole => WEB_VIDEO,
        Picture::Stream { .. } => HLS,
    }
}

fn payload(
    app: &App,
    (uuid, kind): (Uuid, &str),
    video: &Video,
    (resolution, fps): (i64, i64),
) -> Value {
    let url = |file: &str| runner::file_url(app, uuid, video.uuid, file);
    let mut output = json!({ "resolution": resolution, "fps": fps });
    if kind == AUDIO_MERGE {
        let (sound, picture) = (url("max-quality/audio"), url("previews/max-quality"));
        let input = json!({ "audioFileUrl": sound, "previewFileUrl": picture });
        return json!({ "input": input, "output": output });
    }
    if let Some(output) = output.as_object_mut().filter(|_| kind == HLS) {
        output.insert("separatedAudio".into(), true.into());
    }
    let input = json!({ "videoFileUrl": url("max-quality"), "separatedAudioFileUrl": [] });
    json!({ "input": input, "output": output })
}

fn file_of(job: &RunnerJob) -> Option<i64> {
    job.private_payload.get("fileId").and_then(Value::as_i64)
}

/// What a runner brought becomes a rendition, or the reason why nothing will come of it is noted.
pub async fn take_rendition(app: &App, running: &Running) -> Outcome<()> {
    let answer: Answer = running.job.payload()?;
    let Some(video) = find_video(app, answer.video_id).await? else {
        return Ok(());
    };
    if let Some(failure) = &answer.failure {
        store::set_failure(&app.db, video.id, Some(failure)).await?;
        return go_on(app, video.id).await;
    }
    let Some(job) = runner::find(&app.db, answer.job_uuid).await? else {
        return Ok(());
    };
    match job.state {
        State::Completing => {}
        State::Completed => return go_on(app, video.id).await,
        _ => return Ok(()),
    }
    match put_away(app, running, &video, &job).await {
        Ok(()) => {}
        Err(JobError::Retry(_)) if running.job.attempt < running.job.max_attempts => {
            return Err(JobError::Retry(
                "What the runner brought could not be put away yet.".to_owned(),
            ));
        }
        Err(JobError::Fail(why) | JobError::Retry(why)) => {
            let mut tx = app.db.begin().await?;
            fence(&mut tx, &running.job).await?;
            store::set_failure(&mut tx, video.id, Some(&why)).await?;
            runner::give_up(&mut tx, &job, &why, app.clock.now()).await?;
            tx.commit().await?;
        }
        Err(other) => return Err(other),
    }
    let _ = std::fs::remove_dir_all(runner::result_folder(app, job.uuid));
    go_on(app, video.id).await
}

pub async fn find_video(app: &App, id: Option<VideoId>) -> Outcome<Option<Video>> {
    let Some(id) = id else {
        return Ok(None);
    };
    match video::find(app, VideoRef::Number(id)).await {
        Ok(video) => Ok(Some(video)),
        Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Has our own job see what is there now. It cannot be added while it runs.
async fn go_on(app: &App, id: VideoId) -> Outcome<()> {
    let now = app.clock.now();
    if !store::exists(&app.db, id).await? {
        return Ok(());
    }
    let added = NewJob::new(TRANSCODE_JOB, json!({ "videoId": id }))
        .max_attempts(3)
        .once(job_key(id))
        .enqueue(&app.db, now)
        .await?;
    app.workers.wake();
    match added {
        Some(_) => Ok(()),
        None => Err(JobError::Later(now + SOON)),
    }
}

/// What a runner brought, looked at.
struct Brought {
    track: Track,
    probe: Probe,
    /// The whole file, put away, and whether it has a sound.
    whole: Option<(NewRendition, Stored, bool)>,
}

async fn put_away(app: &App, running: &Running, video: &Video, job: &RunnerJob) -> Outcome<()> {
    let gone = || JobError::Fail("This rendition is not wanted any more.".to_owned());
    let files = store::renditions(&app.db, video.id).await?;
    let file = files
        .iter()
        .find(|file| Some(file.id.0) == file_of(job) && !file.complete)
        .ok_or_else(gone)?;
    let has_sound = files.iter().any(|file| !file.has_video);
    let folder = runner::result_folder(app, job.uuid);
    let out = folder.join("rendition.mp4");
    let key = key(video.uuid, &file.filename);
    let (track, probe) = look(app, running, video, file, &folder, &out).await?;
    let whole = if job.kind == HLS {
        None
    } else {
        look_at_whole(app, running, video, (file, has_sound), &folder).await?
    };
    let failed = |error: base::storage::StorageError| JobError::Retry(error.to_string());
    let put = app.storage.put_file(Class::Rendition, &key, &out).await;
    put.map_err(failed)?;
    let brought = Brought {
        track,
        probe,
        whole,
    };
    keep(app, running, video, (job, file), &brought).await
}

async fn keep(
    app: &App,
    running: &Running,
    video: &Video,
    (job, file): (&RunnerJob, &Rendition),
    brought: &Brought,
) -> Outcome<()> {
    let (now, track) = (app.clock.now(), &brought.track);
    let stored = Stored {
        size_bytes: whole(track.len()),
        codecs: track.codec.clone(),
        peak_bps: whole(track.peak_bandwidth()),
        average_bps: whole(track.average_bandwidth()),
        metadata: Some(brought.probe.raw.clone()),
    };
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    if !store::exists(&mut tx, video.id).await? {
        let gone = "This rendition is not wanted any more.";
        return Err(JobError::Fail(gone.to_owned()));
    }
    store::set_complete(&mut tx, file.id, &stored).await?;
    if let Some(picture) = &brought.probe.video {
        let (width, height) = picture.display();
        store::set_size(&mut tx, file.id, (width.into(), height.into())).await?;
    }
    store::add_part(&mut tx, file.id, 0, track).await?;
    if let Some((new, stored, has_sound)) = &brought.whole {
        store::add_web(&mut tx, video.id, (new, stored), *has_sound, now).await?;
    }
    video::weigh(&mut tx, video.id).await?;
    runner::complete(&mut tx, job.uuid, now).await?;
    tx.commit().await?;
    Ok(())
}

fn wrong(why: &str) -> JobError {
    JobError::Fail(format!("What the runner brought is wrong: {why}."))
}

/// A file is at fault in these ways, whoever reads it.
fn fault(error: MediaError) -> JobError {
    match error {
        error @ (MediaError::Failed { .. }
        | MediaError::Broken { .. }
        | MediaError::TooLong { .. }
        | MediaError::Unreadable(_)) => wrong(&error.to_string()),
        error => media_error(error),
    }
}

fn has_length_of(video: &Video, length_s: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "no video is so long")]
    let expected = video.duration_s as f64;
    runner::is_about(expected, length_s)
}

/// Reads every byte of what was brought: a runner may be wrong, or not mean well.
async fn look(
    app: &App,
    running: &Running,
    video: &Video,
    file: &Rendition,
    folder: &Path,
    out: &Path,
) -> Outcome<(Track, Probe)> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let from = folder.join("video.mp4");
    let taken = media::adopt(ffmpeg, &from, file.has_video, out, &running.stop).await;
    let track = taken.map_err(fault)?;
    let limits = media::ProbeLimits::default();
    let probe = media::probe(ffmpeg, &Source::file(out), &limits, &running.stop).await;
    let probe = probe.map_err(media_error)?;
    if !has_length_of(video, track.duration_s()) {
        return Err(wrong("it has another length than the video"));
    }
    let plays = if file.has_video {
        track.codec.starts_with("avc1.")
    } else {
        track.codec.starts_with("mp4a.")
    };
    if !plays {
        return Err(wrong("its codec is not the one that was asked for"));
    }
    if let Some(picture) = probe.video.as_ref().filter(|_| file.has_video) {
        let (width, height) = picture.display();
        // Encoders want even sides.
        if (i64::from(width.min(height)) - file.resolution).abs() > 2 {
            return Err(wrong("its size is not the one that was asked for"));
        }
    }
    Ok((track, probe))
}

/// The same file with picture and sound for players that read no playlists, where the site has such files.
async fn look_at_whole(
    app: &App,
    running: &Running,
    video: &Video,
    (file, has_sound): (&Rendition, bool),
    folder: &Path,
) -> Outcome<Option<(NewRendition, Stored, bool)>> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let (source, limits) = (
        Source::file(folder.join("video.mp4")),
        media::ProbeLimits::default(),
    );
    let probe = media::probe(ffmpeg, &source, &limits, &running.stop).await;
    let probe = probe.map_err(fault)?;
    if has_sound && !probe.audio.iter().any(|sound| sound.codec == "aac") {
        return Err(wrong("it has no sound in AAC"));
    }
    let known = store::web_resolutions(&app.db, video.id).await?;
    let is_wanted = app.instance.settings().transcoding.web_videos.enabled;
    if !is_wanted || known.contains(&file.resolution) {
        return Ok(None);
    }
    let out = folder.join("whole.mp4");
    let sound = has_sound.then_some(&source);
    media::progressive(ffmpeg, &source, sound, &out, &running.stop)
        .await
        .map_err(fault)?;
    let (new, stored) = web::put(app, running, video, file, &out).await?;
    Ok(Some((new, stored, has_sound)))
}
