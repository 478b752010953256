//! Transcripts: runners listen to a video and write down what is said, which becomes its caption.

use super::job::video_of;
use super::remote::find_video;
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Error, Result, no_content};
use crate::notice::Notice;
use crate::runner::{self, Answer, NewRunnerJob, RunnerJob, State, TRANSCRIPTION};
use crate::video::{self, Video, VideoRef, VideoState, caption, files, vtt};
use axum::extract::{Path, State as Handles};
use axum::response::Response;
use base::Tx;
use base::clock::Millis;
use base::job::{JobError, Running, fence};
use serde_json::json;

/// A runner's job waits behind those that make videos playable.
const PRIORITY: i64 = 200;
/// A cue may end so long after the video, in seconds.
const OVERHANG_S: f64 = 30.0;

/// `POST /videos/{id}/captions/generate`
pub async fn generate(
    Handles(app): Handles<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let mut check = Check::body(&body);
    let anew = check.lenient_bool("forceTranscription").value();
    let anew = anew.unwrap_or(false);
    check.finish()?;
    let refused = |why: &str| Err(Error::bad_request(why));
    if !is_on(&app) {
        return refused("Video transcription is disabled on this instance");
    }
    let video = video::find(&app, by).await?;
    if !video.is_local {
        return refused("Cannot run transcription on a remote video");
    }
    if video.is_live {
        return refused("Cannot run transcription on a live video");
    }
    if !matches!(video.state, VideoState::Published | VideoState::ToTranscode) {
        return refused("Cannot run transcription on a video in this state");
    }
    video::manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    if !caption::list(&app, &video).await?.is_empty() {
        let said = Error::bad_request("This video already has captions");
        return Err(said.code("video_already_has_captions"));
    }
    if anew && !me.has(Right::UpdateAnyVideo) {
        return Err(Error::forbidden("You cannot force a transcription"));
    }
    let known = runner::of_video(&app.db, video.id, &[TRANSCRIPTION]).await?;
    if !anew && known.iter().any(|job| !job.state.has_failed()) {
        let said = Error::conflict("This video is already being transcribed");
        return Err(said.code("video_already_being_transcribed"));
    }
    let mut tx = app.db.begin().await?;
    let rows = files::rows(&mut tx, &video).await?;
    if !rows.iter().any(|row| row.has_audio) {
        return refused("This video has no sound");
    }
    order(&app, &mut tx, &video, app.clock.now()).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

/// A new video with sound gets its transcript unasked.
pub async fn begin(app: &App, running: &Running) -> std::result::Result<(), JobError> {
    let Some(video) = video_of(app, running).await? else {
        return Ok(());
    };
    if !is_on(app) || !caption::list(app, &video).await?.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    if video::find_in(&mut tx, video.id).await?.is_none() {
        return Ok(());
    }
    order(app, &mut tx, &video, app.clock.now()).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Nothing here can listen, so it takes runners.
fn is_on(app: &App) -> bool {
    let wanted = app.instance.settings().video_transcription;
    wanted.enabled && wanted.remote_runners.enabled
}

/// Has a runner listen. What was ordered before is forgotten.
async fn order(app: &App, tx: &mut Tx, video: &Video, now: Millis) -> Result<()> {
    let uuid = base::random::uuid();
    let new = NewRunnerJob {
        uuid,
        kind: TRANSCRIPTION,
        payload: json!({
            "input": { "videoFileUrl": runner::file_url(app, uuid, video.uuid, "max-quality") },
            "output": {},
        }),
        private_payload: json!({ "videoUUID": video.uuid }),
        answered_by: runner::TRANSCRIPT_ANSWER,
        video_id: video.id,
        priority: PRIORITY,
        needs: None,
    };
    runner::forget(tx, video.id, &[TRANSCRIPTION]).await?;
    runner::add(tx, &new, now).await
}

/// What a runner has heard becomes the caption of its language, unless somebody wrote one.
pub async fn take(app: &App, running: &Running) -> std::result::Result<(), JobError> {
    let answer: Answer = running.job.payload()?;
    let Some(job) = runner::find(&app.db, answer.job_uuid).await? else {
        return Ok(());
    };
    if answer.failure.is_some() || job.state != State::Completing {
        return Ok(());
    }
    let Some(video) = find_video(app, job.video_id).await? else {
        return Ok(());
    };
    let (outcome, now) = (keep(app, &video, &job).await?, app.clock.now());
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    match outcome {
        Outcome::Wrong(why) => {
            let why = format!("What the runner brought is wrong: {why}.");
            runner::give_up(&mut tx, &job, &why, now).await?;
        }
        Outcome::Nothing => runner::complete(&mut tx, job.uuid, now).await?,
        Outcome::Kept(language) => {
            runner::complete(&mut tx, job.uuid, now).await?;
            video::set_language_heard(&mut tx, video.id, &language, now).await?;
            let video_id = video.id.0;
            let notice = Notice::Transcribed { video_id, language };
            notice.enqueue(&mut tx, now).await?;
        }
    }
    tx.commit().await?;
    app.workers.wake();
    let _ = std::fs::remove_dir_all(runner::result_folder(app, job.uuid));
    Ok(())
}

enum Outcome {
    Wrong(&'static str),
    /// Nobody says anything, or there is a caption that somebody wrote.
    Nothing,
    Kept(String),
}

async fn keep(app: &App, video: &Video, job: &RunnerJob) -> Result<Outcome> {
    let folder = runner::result_folder(app, job.uuid);
    let file = folder.join("captions.vtt");
    if tokio::fs::metadata(&file).await?.len() > caption::LARGEST_FILE {
        return Ok(Outcome::Wrong("it is too large"));
    }
    let bytes = tokio::fs::read(&file).await?;
    let language = tokio::fs::read_to_string(folder.join(runner::LANGUAGE_FILE)).await?;
    let Some(text) = vtt::to_vtt(&bytes) else {
        return Ok(Outcome::Wrong("it is no WebVTT"));
    };
    let Some(end_s) = vtt::end_s(&text) else {
        return Ok(Outcome::Nothing);
    };
    #[expect(clippy::cast_precision_loss, reason = "no video is so long")]
    if end_s > video.duration_s as f64 + OVERHANG_S {
        return Ok(Outcome::Wrong("it is longer than the video"));
    }
    let known = caption::list(app, video).await?;
    let is_written = known
        .iter()
        .any(|it| it.language == language && !it.automatically_generated);
    if is_written {
        return Ok(Outcome::Nothing);
    }
    caption::set(app, video, &language, &bytes, true).await?;
    Ok(Outcome::Kept(language))
}
