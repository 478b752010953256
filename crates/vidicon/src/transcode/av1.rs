//! Renditions in AV1 beside those in H.264, made when those are whole, a part at a time, after everything else.
//! The master playlist names both; a player takes what it can show.

use super::job::video_of;
use super::make::{disk_error, media_error, storage_error};
use super::parts::{self, Shared, Turn};
use super::settings::plan_config;
use super::source::source;
use super::store::av1 as rows;
use super::{AV1_JOB, Rendition, original, room, store, whole, work_root};
use crate::app::App;
use crate::instance::settings::enabled;
use crate::runner;
use crate::video::files::{Av1File, key, playlist};
use crate::video::{self, Video, VideoId};
use base::Tx;
use base::clock::{MINUTE, Millis};
use base::job::{JobError, NewJob, Running, fence, set_outlook, set_progress};
use base::storage::Class;
use media::hls::{
    Heard, PICTURE_TARGET_S, Track, Variant, media_playlist, segments_sha256, with_variants,
};
use media::{Codec, Ffmpeg, Picture, Plan, PlanConfig, Rung, Source, Work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

type Outcome<T> = Result<T, JobError>;

/// The encoder's own scale, from 0 (slowest) to 13.
const PRESET: &str = "8";
/// What looks alike in H.264 has a constant quality smaller by so much.
const CRF_ABOVE: u32 = 12;
const WORST_CRF: u32 = 60;
/// The highest bit rate, in percent of that in H.264.
const RATE_PERCENT: u32 = 65;
/// The encoder takes nothing smaller.
const LEAST_SIDE: u32 = 64;

/// What was decided, kept in the work folder as long as the master playlist is the one that it was decided for.
#[derive(Serialize, Deserialize)]
struct Draft {
    master: String,
    hashes: Option<String>,
    /// Begins the names of its files.
    name: String,
    plan: Plan,
}

/// A rendition that is whole, and where it lies.
struct Made {
    row: Av1File,
    track: Track,
    path: PathBuf,
}

pub async fn enqueue(tx: &mut Tx, id: VideoId, now: Millis) -> base::db::Result<()> {
    NewJob::new(AV1_JOB, json!({ "videoId": id }))
        .priority(-20)
        .max_attempts(3)
        .once(format!("av1:{id}"))
        .enqueue(tx, now)
        .await
        .map(drop)
}

/// Encodes the next part, or puts the renditions to the others when all parts are there.
pub async fn av1(app: &App, running: &Running) -> Outcome<()> {
    let Some(video) = video_of(app, running).await? else {
        return Ok(());
    };
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let encoder = Codec::Av1.encoder();
    if !ffmpeg.about().encoders.iter().any(|name| name == encoder) {
        let_go(app, running, &video).await?;
        return Err(JobError::Fail(format!(
            "ffmpeg was built without the AV1 encoder {encoder}."
        )));
    }
    if store::exists(&app.db, video.id).await? {
        // It is being made anew; that comes first.
        return Err(JobError::Later(app.clock.now() + MINUTE));
    }
    let folder = work_root(app).join(format!("av1-{}", video.id));
    let Some((draft, source)) = draft(app, running, &video, ffmpeg, &folder).await? else {
        return let_go(app, running, &video).await;
    };
    media::sweep(&folder).map_err(media_error)?;
    let work = Work {
        ffmpeg,
        plan: &draft.plan,
        source: &source,
        folder: &folder,
        attempt: u32::try_from(running.job.claim).unwrap_or(0),
        priority: app.config.transcoding.priority,
        cancel: &running.stop,
    };
    if let Some(index) = work.first_missing(0) {
        let now = app.clock.now();
        if parts::turn(&shared(app, running, &video, &work), index).await? == Turn::Workers {
            set_outlook(&app.db, &running.job, None, Some("workers")).await?;
            return Err(JobError::Later(now + parts::REST));
        }
        if work.finished_chunk(index).is_some() {
            // A worker has brought it just now.
            return Err(JobError::Later(now));
        }
        room::pass_hours(app, running).await?;
        work.encode_chunk(index, |_| {})
            .await
            .map_err(media_error)?;
        let parts = draft.plan.chunks.len().max(1);
        let percent = i64::try_from((index + 1) * 100 / parts).unwrap_or(0);
        set_progress(&app.db, &running.job, percent.min(99)).await?;
        // Whatever else waits goes first: new videos are not to stand behind these.
        return Err(JobError::Later(app.clock.now()));
    }
    let made = join(&draft, &work).await?;
    put(app, &video, &draft, &made).await?;
    keep(app, running, &video, &draft, &made).await?;
    // What cannot be removed now, the next tidying removes.
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

/// Workers make the parts behind the first, whose beginning theirs have to share.
fn shared<'a>(
    app: &'a App,
    running: &'a Running,
    video: &'a Video,
    work: &'a Work<'a>,
) -> Shared<'a> {
    let sizes = work.plan.rungs.iter().map(|rung| rung.resolution);
    Shared {
        app,
        running,
        video,
        plan: work.plan,
        offered: work.plan,
        work,
        answered_by: AV1_JOB,
        known: sizes.map(|size| (size, work.init_file(0, size))).collect(),
    }
}

/// The decision of before, or a new one. Nothing where there is nothing to do.
async fn draft(
    app: &App,
    running: &Running,
    video: &Video,
    ffmpeg: &Ffmpeg,
    folder: &Path,
) -> Outcome<Option<(Draft, Source)>> {
    let Some((master, hashes)) = rows::playlists(&app.db, video.id).await? else {
        return Ok(None);
    };
    let path = folder.join("av1.json");
    let known: Option<Draft> = std::fs::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if let Some(draft) = known.filter(|draft| draft.master == master) {
        let source = source(app, video, folder).await?;
        return Ok(Some((draft, source)));
    }
    let _ = std::fs::remove_dir_all(folder);
    let files = store::renditions(&app.db, video.id).await?;
    if files.iter().any(|file| !file.complete) {
        return Ok(None);
    }
    let known = rows::resolutions(&app.db, video.id).await?;
    let source = source(app, video, folder).await?;
    let config = config(app, video);
    let probe = media::probe(ffmpeg, &source, &config.limits, &running.stop).await;
    let probe = probe.map_err(media_error)?;
    let plan = media::plan(ffmpeg, &source, &probe, &config, &running.stop).await;
    let mut plan = plan.map_err(media_error)?;
    plan.rungs
        .retain(|rung| is_wanted(app, &files, rung) && !known.contains(&rung.resolution.into()));
    if plan.rungs.is_empty() || !matches!(plan.picture, Picture::Stream { .. }) {
        let _ = std::fs::remove_dir_all(folder);
        return Ok(None);
    }
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    // Parts of another decision would not fit.
    runner::forget(&mut tx, video.id, &[runner::part::KIND]).await?;
    tx.commit().await?;
    let draft = Draft {
        master,
        hashes,
        name: base::random::uuid().to_string(),
        plan,
    };
    let bytes = serde_json::to_vec(&draft).map_err(|error| JobError::Fail(error.to_string()))?;
    std::fs::create_dir_all(folder).map_err(disk_error)?;
    let temp = folder.join("av1.json.new");
    std::fs::write(&temp, bytes).map_err(disk_error)?;
    std::fs::rename(&temp, &path).map_err(disk_error)?;
    Ok(Some((draft, source)))
}

/// As for H.264, with the encoder's own numbers.
fn config(app: &App, video: &Video) -> PlanConfig {
    let mut config = plan_config(app, video.quality);
    config.always_encode = true;
    config.loudness = None;
    for kbits in config.ladder.max_kbits.values_mut() {
        *kbits = *kbits * RATE_PERCENT / 100;
    }
    let encoding = &mut config.encoding;
    encoding.codec = Codec::Av1;
    encoding.preset = PRESET.to_owned();
    encoding.crf = (encoding.crf + CRF_ABOVE).min(WORST_CRF);
    encoding.tune = String::new();
    encoding.stitchable = false;
    config
}

/// Sizes that the site wants in AV1 and that there are in H.264.
fn is_wanted(app: &App, files: &[Rendition], rung: &Rung) -> bool {
    let settings = app.instance.settings();
    let resolution = i64::from(rung.resolution);
    let is_there = files
        .iter()
        .any(|file| file.has_video && file.resolution == resolution);
    // A source's own size goes with the next listed one.
    let listed = enabled(&settings.transcoding.av1.resolutions);
    let is_listed = listed.contains(&rung.resolution)
        || (!settings
            .transcoding
            .av1
            .resolutions
            .contains_key(&format!("{resolution}p"))
            && listed.iter().any(|side| *side > rung.resolution));
    is_there && is_listed && rung.width.min(rung.height) >= LEAST_SIDE
}

/// The parts of each rendition as one file.
async fn join(draft: &Draft, work: &Work<'_>) -> Outcome<Vec<Made>> {
    let mut all = Vec::new();
    for rung in &draft.plan.rungs {
        let path = work.folder.join(format!("{}.mp4", rung.name()));
        let mut track = Track::default();
        for index in 0..draft.plan.chunks.len() {
            let chunk = work.finished_chunk(index);
            let part = chunk.and_then(|chunk| {
                let mut rungs = chunk.rungs.into_iter();
                rungs.find(|part| part.resolution == rung.resolution)
            });
            let part = part.ok_or_else(|| JobError::Retry("A part is missing.".to_owned()))?;
            let at = if track.is_empty() { 0 } else { track.len() };
            let appended = work.append(index, rung.resolution, &path, at).await;
            let length = appended.map_err(media_error)?;
            if !track.extend(&part.track) || length != track.len() {
                return Err(JobError::Fail(format!(
                    "The parts of {}p in AV1 do not fit together.",
                    rung.resolution
                )));
            }
        }
        let row = Av1File {
            filename: format!("{}-{}-av1-fragmented.mp4", draft.name, rung.resolution),
            playlist_filename: format!("{}-{}-av1.m3u8", draft.name, rung.resolution),
            resolution: rung.resolution.into(),
            width: rung.width.into(),
            height: rung.height.into(),
            size_bytes: whole(track.len()),
            codecs: track.codec.clone(),
        };
        all.push(Made { row, track, path });
    }
    Ok(all)
}

/// Brings everything to where it stays. May be repeated: all names are those of the draft.
async fn put(app: &App, video: &Video, draft: &Draft, made: &[Made]) -> Outcome<()> {
    for one in made {
        let stored_as = key(video.uuid, &one.row.filename);
        let put = app
            .storage
            .put_file(Class::Rendition, &stored_as, &one.path)
            .await;
        put.map_err(storage_error)?;
        let text = media_playlist(&one.row.filename, &one.track, PICTURE_TARGET_S, true);
        put_text(app, video, &one.row.playlist_filename, text).await?;
    }
    if let Some(name) = &draft.hashes {
        let mut hashes: Value =
            serde_json::from_str(&text_of(app, video, name).await?).unwrap_or_else(|_| json!({}));
        let tracks: Vec<_> = made
            .iter()
            .map(|one| (one.row.filename.as_str(), &one.track))
            .collect();
        if let (Some(hashes), Value::Object(new)) =
            (hashes.as_object_mut(), segments_sha256(&tracks))
        {
            hashes.extend(new);
        }
        put_text(app, video, name, hashes.to_string()).await?;
    }
    let heard = rows::sound(&app.db, video.id).await?.map(|sound| Heard {
        codec: sound.codecs.unwrap_or_default(),
        peak_bps: u64::try_from(sound.peak_bps).unwrap_or(0),
        average_bps: u64::try_from(sound.average_bps).unwrap_or(0),
    });
    let variants: Vec<Variant<'_>> = made
        .iter()
        .zip(&draft.plan.rungs)
        .map(|(one, rung)| Variant {
            playlist_uri: &one.row.playlist_filename,
            width: rung.width,
            height: rung.height,
            rate: draft.plan.rate,
            track: &one.track,
        })
        .collect();
    let mut master = text_of(app, video, &draft.master).await?;
    for one in made {
        master = playlist::without(&master, &one.row.playlist_filename);
    }
    let master = with_variants(&master, &variants, heard.as_ref());
    put_text(app, video, &draft.master, master).await
}

async fn text_of(app: &App, video: &Video, name: &str) -> Outcome<String> {
    let stored_as = key(video.uuid, name);
    let text = app
        .storage
        .get(Class::Playlist, &stored_as, playlist::LARGEST_BYTES)
        .await;
    Ok(String::from_utf8_lossy(&text.map_err(storage_error)?).into_owned())
}

async fn put_text(app: &App, video: &Video, name: &str, text: String) -> Outcome<()> {
    let stored_as = key(video.uuid, name);
    let put = app
        .storage
        .put(Class::Playlist, &stored_as, text.into_bytes().into())
        .await;
    put.map_err(storage_error)
}

async fn keep(
    app: &App,
    running: &Running,
    video: &Video,
    draft: &Draft,
    made: &[Made],
) -> Outcome<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    let playlists = rows::playlists(&mut tx, video.id).await?;
    let is_same = playlists.is_some_and(|(master, _)| master == draft.master);
    if !is_same || store::exists(&mut tx, video.id).await? {
        // It was made anew meanwhile, and so are these.
        return Err(JobError::Later(now));
    }
    for one in made {
        rows::add(&mut tx, video.id, &one.row, now).await?;
    }
    runner::forget(&mut tx, video.id, &[runner::part::KIND]).await?;
    video::weigh(&mut tx, video.id).await?;
    video::tell_changed(&mut tx, video.id, now).await?;
    original::let_go(&mut tx, app, video, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Nothing needs the original any more.
async fn let_go(app: &App, running: &Running, video: &Video) -> Outcome<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    if !store::exists(&mut tx, video.id).await? {
        original::let_go(&mut tx, app, video, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
