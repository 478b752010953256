//! One run of making a video playable. Every step may be cut off at any moment; the next run goes
//! on at the first part that is missing.

use super::here;
use super::parts;
use super::remote::{self, Handed};
use super::settings::plan_config;
use super::source::source;
use super::speed::Speed;
use super::{NewRendition, Rendition, Run, STORYBOARD_JOB, Stored, whole, work_root};
use super::{av1, disk, extract, lifecycle, original, publish, room, store, title, web};
use crate::app::App;
use crate::runner;
use crate::video::files::{OldFile, ahead, drop_later, growing_path, key};
use crate::video::{self, Video, VideoState};
use base::Tx;
use base::clock::HOUR;
use base::job::{JobError, NewJob, Running, checkpoint, fence};
use base::storage::Class;
use media::hls::Track;
use media::{AudioPlan, MediaError, Plan, Probe, Source, Work};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicI64;
use tokio::sync::{Mutex, watch};

/// A copy of too high a bit rate is watched to its end by those who began with it.
const COPY_OUTLIVES_BY: i64 = 6 * HOUR;

pub type Outcome<T> = Result<T, JobError>;

/// What a run works with.
pub struct Making<'a> {
    pub app: &'a App,
    pub running: &'a Running,
    pub video: &'a Video,
    pub plan: &'a Plan,
    pub work: Work<'a>,
    pub chunks_done: usize,
    pub state: Mutex<State>,
    pub percent: AtomicI64,
    pub speed: Speed,
    /// The plan with what was chosen for this title meanwhile.
    pub tuned: OnceLock<Plan>,
}

/// What has come of it so far.
pub struct State {
    pub files: Vec<Rendition>,
    /// Viewers have a master playlist.
    pub is_playable: bool,
}

pub fn media_error(error: MediaError) -> JobError {
    match error {
        MediaError::Canceled => JobError::Cancelled,
        error if error.is_permanent() => JobError::Fail(error.to_string()),
        error => JobError::Retry(error.to_string()),
    }
}

pub fn storage_error(error: base::storage::StorageError) -> JobError {
    JobError::Retry(error.to_string())
}

pub fn disk_error(error: std::io::Error) -> JobError {
    JobError::Retry(error.to_string())
}

pub async fn make(app: &App, running: &Running, video: &Video) -> Outcome<()> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let known = store::find(&app.db, video.id).await?;
    let root = work_root(app);
    let folder = root.join(known.as_ref().map_or("", |run| run.folder.as_str()));
    let (run, folder, source) = match known {
        Some(run) => {
            let source = source(app, video, &folder).await?;
            (run, folder, source)
        }
        None => begin(app, running, video, &root).await?,
    };
    if let Some(failure) = run.failure {
        // The next try begins with a clean slate.
        store::set_failure(&app.db, video.id, None).await?;
        return Err(JobError::Fail(failure));
    }
    media::sweep(&folder).map_err(media_error)?;
    std::fs::create_dir_all(&folder).map_err(disk_error)?;
    let work = Work {
        ffmpeg,
        plan: &run.plan,
        source: &source,
        folder: &folder,
        attempt: u32::try_from(running.job.claim).unwrap_or(0),
        priority: app.config.transcoding.priority,
        cancel: &running.stop,
    };
    let (mut state, mut chunks_done) = (load(app, video).await?, run.chunks_done);
    if !here::is_here(app, video, &state).await? {
        (state, chunks_done) = (here::begin_again(app, running, video).await?, 0);
    }
    let making = Making {
        app,
        running,
        video,
        plan: &run.plan,
        work,
        chunks_done: usize::try_from(chunks_done).unwrap_or(0),
        state: Mutex::new(state),
        percent: AtomicI64::new(0),
        speed: Speed::default(),
        tuned: OnceLock::new(),
    };
    let is_whole = tokio::select! {
        done = making.steps() => done?,
        stopped = making.report() => return stopped,
    };
    if !is_whole {
        return Ok(());
    }
    remove(&folder);
    remove(&growing_folder(app, video)?);
    Ok(())
}

fn remove(folder: &Path) {
    // What cannot be removed now, the next tidying removes.
    let _ = std::fs::remove_dir_all(folder);
}

pub fn growing_folder(app: &App, video: &Video) -> Outcome<PathBuf> {
    let file = growing_path(app, video.uuid, "x")?;
    Ok(file.parent().map(Path::to_owned).unwrap_or(file))
}

/// Looks at the original, decides, and writes the decision down.
async fn begin(
    app: &App,
    running: &Running,
    video: &Video,
    root: &Path,
) -> Outcome<(Run, PathBuf, Source)> {
    let ffmpeg = app.ffmpeg().await.map_err(media_error)?;
    let mut config = plan_config(app, video.quality);
    let name = format!("transcode-{}-{}", video.id, base::random::uuid());
    let folder = root.join(&name);
    let source = source(app, video, &folder).await?;
    let probe = media::probe(ffmpeg, &source, &config.limits, &running.stop).await;
    let probe: Probe = probe.map_err(media_error)?;
    let is_read_there = matches!(source, Source::Url(_));
    config.always_encode |=
        is_read_there && disk::is_too_large(app, probe.size_bytes.unwrap_or(0))?;
    let plan = media::plan(ffmpeg, &source, &probe, &config, &running.stop).await;
    let run = Run {
        folder: name,
        plan: plan.map_err(media_error)?,
        chunks_done: 0,
        failure: None,
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    fence(&mut tx, &running.job).await?;
    if video::find_in(&mut tx, video.id).await?.is_none() {
        return Err(overtaken(app));
    }
    runner::forget(&mut tx, video.id, &[runner::part::KIND]).await?;
    lifecycle::replace(&mut tx, video, now).await?;
    store::add(&mut tx, video.id, &run, now).await?;
    for rendition in renditions(&run.plan) {
        store::add_rendition(&mut tx, video.id, &rendition, now).await?;
    }
    tx.commit().await?;
    Ok((run, folder, source))
}

/// The rows of what the plan makes.
fn renditions(plan: &Plan) -> Vec<NewRendition> {
    let fps = plan.rate.nearest_frame(1_000_000);
    let rendition = |resolution: u32, size: Option<(u32, u32)>, copied: bool| {
        let uuid = base::random::uuid();
        NewRendition {
            filename: format!("{uuid}-{resolution}-fragmented.mp4"),
            playlist_filename: format!("{uuid}-{resolution}.m3u8"),
            resolution: resolution.into(),
            width: size.map(|(width, _)| width.into()),
            height: size.map(|(_, height)| height.into()),
            fps: if size.is_some() { fps } else { 0 },
            has_video: size.is_some(),
            copied,
        }
    };
    let copied = plan
        .copy
        .as_ref()
        .map(|copy| rendition(copy.resolution, Some((copy.width, copy.height)), true));
    let encoded = plan
        .rungs
        .iter()
        .map(|rung| rendition(rung.resolution, Some((rung.width, rung.height)), false));
    let sound = match plan.audio {
        AudioPlan::None => None,
        AudioPlan::Encoded { .. } => Some(rendition(0, None, false)),
        AudioPlan::Copied { .. } => Some(rendition(0, None, true)),
    };
    copied.into_iter().chain(encoded).chain(sound).collect()
}

pub async fn load(app: &App, video: &Video) -> Outcome<State> {
    let mut files = store::renditions(&app.db, video.id).await?;
    for (id, part) in store::parts(&app.db, video.id).await? {
        if let Some(file) = files.iter_mut().find(|file| file.id == id)
            && !file.track.extend(&part)
        {
            return Err(unlike(&file.filename));
        }
    }
    let is_playable = store::master(&app.db, video.id).await?.is_some();
    Ok(State { files, is_playable })
}

pub fn unlike(filename: &str) -> JobError {
    JobError::Fail(format!("The parts of {filename} do not fit together."))
}

/// The video was deleted or is to be made anew: the next run sees which.
pub fn overtaken(app: &App) -> JobError {
    JobError::Later(app.clock.now())
}

impl Making<'_> {
    pub fn current_plan(&self) -> &Plan {
        self.tuned.get().unwrap_or(self.plan)
    }

    /// False when others have the rest to do.
    async fn steps(&self) -> Outcome<bool> {
        if self.plan.copy.is_some() {
            self.copy().await?;
        }
        match remote::hand_out(self).await? {
            Handed::Waits => return Ok(false),
            Handed::Back => {}
            Handed::Nothing => {
                room::pass(self.app, self.running).await?;
                let ((), is_all) = futures::try_join!(self.sound(), self.picture())?;
                if !is_all {
                    self.outlook(Some("workers")).await?;
                    return Err(JobError::Later(self.app.clock.now() + parts::REST));
                }
            }
        }
        self.finish().await.map(|()| true)
    }

    /// The source's own streams, cut into segments as they are: watchable within seconds.
    async fn copy(&self) -> Outcome<()> {
        let copied = self.work.copy_streams(|_| {}).await.map_err(media_error)?;
        let Some(copied) = copied else {
            return Ok(());
        };
        let mut state = self.state.lock().await;
        let tracks = [
            (true, Some(copied.video), self.work.copied_video_file()),
            (false, copied.audio, self.work.copied_audio_file()),
        ];
        let mut stored = Vec::new();
        for (has_video, track, path) in tracks {
            let file = state
                .files
                .iter_mut()
                .find(|file| file.copied && file.has_video == has_video);
            if let (Some(file), Some(track)) = (file, track)
                && !file.complete
            {
                file.track = track;
                stored.push((file.id, self.store(file, &path).await?, file.track.clone()));
                file.complete = true;
            }
        }
        publish::playlists(self, &mut state).await?;
        let mut tx = self.begin_step().await?;
        for (id, stored, track) in &stored {
            store::set_complete(&mut tx, *id, stored).await?;
            store::add_part(&mut tx, *id, 0, track).await?;
        }
        self.show(&mut tx, &mut state).await?;
        checkpoint(&mut tx, &self.running.job).await?;
        video::weigh(&mut tx, self.video.id).await?;
        tx.commit().await?;
        self.app.workers.wake();
        Ok(())
    }

    pub async fn begin_step(&self) -> Outcome<Tx> {
        let mut tx = self.app.db.begin().await?;
        fence(&mut tx, &self.running.job).await?;
        if !store::exists(&mut tx, self.video.id).await? {
            return Err(overtaken(self.app));
        }
        Ok(tx)
    }

    /// Viewers may have what there is, unless the video is to wait for all of it.
    pub async fn show(&self, tx: &mut Tx, state: &mut State) -> Outcome<()> {
        if !publish::is_playable(state) {
            return Ok(());
        }
        state.is_playable = true;
        if !self.video.wait_transcoding {
            self.publish_video(tx).await?;
        }
        Ok(())
    }

    async fn publish_video(&self, tx: &mut Tx) -> Outcome<()> {
        let now = video::find_in(tx, self.video.id).await?;
        let waits = [VideoState::ToTranscode, VideoState::TranscodingFailed];
        if now.is_some_and(|video| waits.contains(&video.state)) {
            video::publish(tx, self.video.id, self.app.clock.now()).await?;
        } else {
            video::tell_changed(tx, self.video.id, self.app.clock.now()).await?;
        }
        Ok(())
    }

    /// Moves a whole rendition into the storage. May be repeated.
    pub async fn store(&self, file: &Rendition, path: &Path) -> Outcome<Stored> {
        let key = key(self.video.uuid, &file.filename);
        let mut metadata = None;
        if let Some(ahead) = ahead::find(path).await?.filter(|_| path.exists()) {
            ahead::join(self.app, &key, path, &ahead, file.track.len()).await?;
        } else if path.exists() {
            let (source, limits) = (Source::file(path), media::ProbeLimits::default());
            let probe = media::probe(self.work.ffmpeg, &source, &limits, &self.running.stop).await;
            metadata = probe.ok().map(|probe| probe.raw);
            let stored = self
                .app
                .storage
                .put_file(Class::Rendition, &key, path)
                .await;
            stored.map_err(storage_error)?;
        }
        let info = self.app.storage.head(Class::Rendition, &key).await;
        let info = info.map_err(storage_error)?;
        if info.size_bytes != file.track.len() {
            return Err(JobError::Fail(format!("{} is not whole.", file.filename)));
        }
        Ok(Stored {
            size_bytes: whole(info.size_bytes),
            codecs: file.track.codec.clone(),
            peak_bps: whole(file.track.peak_bandwidth()),
            average_bps: whole(file.track.average_bandwidth()),
            metadata,
        })
    }

    /// The whole sound, told to viewers as it grows.
    async fn sound(&self) -> Outcome<()> {
        let AudioPlan::Encoded { .. } = self.plan.audio else {
            return Ok(());
        };
        let served = {
            let state = self.state.lock().await;
            match state.files.iter().find(|file| !file.has_video) {
                Some(file) if !file.complete => file.filename.clone(),
                _ => return Ok(()),
            }
        };
        self.lend(&served)?;
        let (sender, mut receiver) = watch::channel(Track::default());
        let encode = async move {
            let done = self
                .work
                .encode_audio(|track, _| drop(sender.send_replace(track.clone())));
            done.await.map_err(media_error)
        };
        let follow = async {
            while receiver.changed().await.is_ok() {
                let track = receiver.borrow_and_update().clone();
                self.sound_grew(track).await?;
            }
            Ok(())
        };
        let (track, ()) = futures::try_join!(encode, follow)?;
        match track {
            Some(track) => self.sound_grew(track).await,
            None => Ok(()),
        }
    }

    /// The sound grows in the work folder; viewers reach it by its own name.
    fn lend(&self, served: &str) -> Outcome<()> {
        let link = growing_path(self.app, self.video.uuid, served)?;
        if let Some(folder) = link.parent() {
            std::fs::create_dir_all(folder).map_err(disk_error)?;
        }
        let target = std::path::absolute(self.work.audio_file()).map_err(disk_error)?;
        match std::os::unix::fs::symlink(target, &link) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(disk_error(error))
            }
            _ => Ok(()),
        }
    }

    async fn sound_grew(&self, track: Track) -> Outcome<()> {
        let mut state = self.state.lock().await;
        if let Some(file) = state.files.iter_mut().find(|file| !file.has_video) {
            file.track = track;
        }
        self.tell(&mut state).await
    }

    /// Brings the playlists up to date, and shows the video when that made it playable.
    pub async fn tell(&self, state: &mut State) -> Outcome<()> {
        publish::playlists(self, state).await?;
        if !state.is_playable && publish::is_playable(state) {
            let mut tx = self.begin_step().await?;
            self.show(&mut tx, state).await?;
            tx.commit().await?;
            self.app.workers.wake();
        }
        Ok(())
    }

    /// Everything is there: renditions go to where they stay, playlists get their end.
    async fn finish(&self) -> Outcome<()> {
        let scores = title::measure(self).await?;
        let mut state = self.state.lock().await;
        let mut stored = Vec::new();
        for file in state.files.iter_mut().filter(|file| !file.complete) {
            let path = if file.has_video {
                growing_path(self.app, self.video.uuid, &file.filename)?
            } else {
                self.work.audio_file()
            };
            stored.push((file.id, self.store(file, &path).await?));
            file.complete = true;
        }
        let old = self.outlived(&mut state);
        publish::whole(self, &mut state).await?;
        let now = self.app.clock.now();
        let mut tx = self.begin_step().await?;
        for (id, stored) in &stored {
            store::set_complete(&mut tx, *id, stored).await?;
        }
        title::keep_scores(&mut tx, self, &scores).await?;
        for file in &old {
            video::files::delete_row(&mut tx, file.id).await?;
        }
        let blobs = old.iter().flat_map(|file| {
            [
                OldFile::rendition(self.video.uuid, &file.filename),
                OldFile::playlist(self.video.uuid, file.playlist()),
            ]
        });
        let blobs: Vec<OldFile> = blobs.collect();
        drop_later(&mut tx, &blobs, now + COPY_OUTLIVES_BY).await?;
        store::set_hashes(&mut tx, self.video.id, &publish::hashes_name(&state), now).await?;
        self.publish_video(&mut tx).await?;
        runner::forget(&mut tx, self.video.id, &[runner::part::KIND]).await?;
        store::delete(&mut tx, self.video.id).await?;
        video::weigh(&mut tx, self.video.id).await?;
        if self.app.instance.settings().transcoding.web_videos.enabled {
            web::enqueue(&mut tx, self.video.id, now).await?;
        }
        if self.app.instance.settings().transcoding.av1.enabled {
            av1::enqueue(&mut tx, self.video.id, now).await?;
        } else {
            original::let_go(&mut tx, self.app, self.video, now).await?;
        }
        if state.files.iter().any(|file| !file.has_video) {
            extract::follow_up(&mut tx, self.video, now).await?;
        }
        NewJob::new(STORYBOARD_JOB, json!({ "videoId": self.video.id }))
            .priority(-10)
            .max_attempts(3)
            .once(format!("storyboard:{}", self.video.id))
            .enqueue(&mut tx, now)
            .await?;
        tx.commit().await?;
        self.app.workers.wake();
        Ok(())
    }

    /// A copied picture of too high a bit rate makes room for the encoded one of its size.
    fn outlived(&self, state: &mut State) -> Vec<Rendition> {
        if !self.plan.copy.as_ref().is_some_and(|copy| copy.is_over_cap) {
            return Vec::new();
        }
        let files = std::mem::take(&mut state.files);
        let (old, kept) = files
            .into_iter()
            .partition(|file| file.copied && file.has_video);
        state.files = kept;
        old
    }
}
