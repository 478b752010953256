//! The steps from a source to its renditions. Each can be killed at any moment and simply done again: what is
//! finished stands in the work folder under its final name, everything else is swept away.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::command;
use crate::error::{MediaError, Result, io as io_error};
use crate::hls::Track;
use crate::join::{self, Expected, Growth};
use crate::plan::{ChunkPlan, CopyPlan, Picture, Plan};
use crate::process::{self, Priority, Program, Progress, Run};
use crate::source::Source;
use crate::tool::Ffmpeg;

/// What every step works with. Cheap to make.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    pub ffmpeg: &'a Ffmpeg,
    pub plan: &'a Plan,
    pub source: &'a Source,
    /// Of this job alone, on the local disk.
    pub folder: &'a Path,
    /// Different for each try that could overlap with another.
    pub attempt: u32,
    pub priority: Priority,
    pub cancel: &'a CancellationToken,
}

/// One finished part of the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    pub index: usize,
    pub rungs: Vec<ChunkRung>,
}

/// Its segments in one rendition. Their bytes are final wherever they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkRung {
    pub resolution: u32,
    pub track: Track,
}

/// The source's own streams, cut into segments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    pub video: Track,
    pub audio: Option<Track>,
}

/// How far a step has come, from 0 to 1.
pub type Share = f64;

impl Work<'_> {
    /// The folder of a finished chunk.
    pub fn chunk_folder(&self, index: usize) -> PathBuf {
        self.folder.join(index.to_string())
    }

    /// The chunk's segments in one rendition, without the init segment.
    pub fn segments_file(&self, index: usize, resolution: u32) -> PathBuf {
        self.chunk_folder(index).join(format!("{resolution}.m4s"))
    }

    pub fn init_file(&self, index: usize, resolution: u32) -> PathBuf {
        self.chunk_folder(index).join(format!("{resolution}.init"))
    }

    pub fn audio_file(&self) -> PathBuf {
        self.folder.join("audio.mp4")
    }

    pub fn copied_video_file(&self) -> PathBuf {
        self.folder.join("copy").join("video.mp4")
    }

    pub fn copied_audio_file(&self) -> PathBuf {
        self.folder.join("copy").join("audio.mp4")
    }

    /// The chunk, when it was finished before.
    pub fn finished_chunk(&self, index: usize) -> Option<Chunk> {
        read_json(&self.chunk_folder(index).join("chunk.json"))
    }

    /// The chunk to go on with after a restart; None when all are there. Parts that were joined and discarded
    /// are known to the caller alone, who gives the first that may be missing.
    pub fn first_missing(&self, from: usize) -> Option<usize> {
        (from..self.plan.chunks.len()).find(|index| self.finished_chunk(*index).is_none())
    }

    /// Encodes one part of the picture for all renditions, verifies it and puts it under its final name.
    /// Does nothing when it is there already.
    pub async fn encode_chunk(
        &self,
        index: usize,
        mut on_progress: impl FnMut(Share),
    ) -> Result<Chunk> {
        if let Some(chunk) = self.finished_chunk(index) {
            return Ok(chunk);
        }
        let chunk = self.part(index)?;
        let temp = self.temp(&index.to_string())?;
        self.encode_raw(index, temp.path(), &mut on_progress)
            .await?;
        let (plan, chunk, folder) = (self.plan.clone(), chunk.clone(), self.chunk_folder(index));
        let done = beside(move || finish(&plan, index, &chunk, temp, &folder)).await;
        match done {
            // Somebody else was faster with the same bytes.
            Err(error) => self.finished_chunk(index).ok_or(error),
            done => done,
        }
    }

    /// Encodes one part into `folder/<resolution>.mp4`, as ffmpeg writes it: to be verified by whoever
    /// asked for it, with [`Self::take_chunk`].
    pub async fn encode_raw(
        &self,
        index: usize,
        folder: &Path,
        mut on_progress: impl FnMut(Share),
    ) -> Result<()> {
        let chunk = self.part(index)?;
        let still = self.still().await?;
        let args = command::chunk(self.plan, chunk, self.source, &still, folder);
        let run = self.run(
            format!("Encoding part {}", index + 1),
            args,
            chunk.preroll_us,
        );
        let all = chunk.frames.max(1) as f64;
        let encoded = process::encode(self.ffmpeg, run, self.cancel, |now: Progress| {
            on_progress((now.frame as f64 / all).min(1.0));
        });
        encoded.await
    }

    pub(crate) fn part(&self, index: usize) -> Result<&ChunkPlan> {
        let part = self.plan.chunks.get(index);
        part.ok_or_else(|| MediaError::broken("The plan", "it has no such part"))
    }

    /// Adds a finished chunk's segments to a rendition's one file, which has `at` bytes so far (0: none yet).
    /// May be repeated with the same `at`. Returns the new length.
    pub async fn append(&self, index: usize, resolution: u32, file: &Path, at: u64) -> Result<u64> {
        let (init, segments) = (
            self.init_file(index, resolution),
            self.segments_file(index, resolution),
        );
        let file = file.to_owned();
        beside(move || join::append(&file, &init, &segments, at)).await
    }

    /// Removes a chunk that was appended or stored elsewhere.
    pub async fn discard_chunk(&self, index: usize) -> Result<()> {
        let folder = self.chunk_folder(index);
        match tokio::fs::remove_dir_all(&folder).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(io_error("remove", &folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// Encodes the whole sound into `audio.mp4`. `on_growth` is told of each time it got longer: the file can be
    /// served up to the end of the given track. None when the plan has no sound to encode.
    pub async fn encode_audio(
        &self,
        mut on_growth: impl FnMut(&Track, Share),
    ) -> Result<Option<Track>> {
        let known = self.folder.join("audio.json");
        if let Some(track) = read_json(&known) {
            return Ok(Some(track));
        }
        let temp = self.temp("audio")?;
        let raw = temp.path().join("audio.mp4");
        let Some(args) = command::audio(self.plan, self.source, &raw) else {
            return Ok(None);
        };
        let mut growth = Growth::new(&raw, &self.audio_file());
        let run = self.run("Encoding the sound".into(), args, 0);
        let encode = process::encode(self.ffmpeg, run, self.cancel, |_| {});
        tokio::pin!(encode);
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        let all = (self.plan.duration_us() as f64 / 1e6).max(0.001);
        loop {
            tokio::select! {
                done = &mut encode => { done?; break }
                _ = tick.tick() => {
                    let before = growth.track.as_ref().map_or(0, |track| track.segments.len());
                    growth = beside(move || growth.advance().map(|()| growth)).await?;
                    if let Some(track) = growth.track.as_ref().filter(|track| track.segments.len() > before) {
                        on_growth(track, (track.duration_s() / all).min(1.0));
                    }
                }
            }
        }
        let track = beside(move || growth.finish()).await?;
        let json = serde_json::to_vec(&track)
            .map_err(|error| MediaError::broken("The sound", error.to_string()))?;
        beside(move || replace(&known, &json)).await?;
        on_growth(&track, 1.0);
        Ok(Some(track))
    }

    /// Cuts the source's own streams into segments, without encoding them. None when the plan does not allow it.
    pub async fn copy_streams(&self, mut on_progress: impl FnMut(Share)) -> Result<Option<Copied>> {
        let Some(copy) = self.plan.copy.clone() else {
            return Ok(None);
        };
        let folder = self.folder.join("copy");
        if let Some(copied) = read_json(&folder.join("copy.json")) {
            return Ok(Some(copied));
        }
        let temp = self.temp("copy")?;
        let (video, audio) = (temp.path().join("video.mp4"), temp.path().join("audio.mp4"));
        let args = command::copy(self.plan, self.source, &video, &audio);
        let all = self.plan.duration_us().max(1) as f64;
        let run = self.run("Cutting the video into segments".into(), args, 0);
        let copied = process::encode(self.ffmpeg, run, self.cancel, |now| {
            on_progress((now.out_time_us as f64 / all).clamp(0.0, 1.0));
        });
        copied.await?;
        beside(move || finish_copy(&copy, &temp, &folder))
            .await
            .map(Some)
    }

    pub(crate) fn run(&self, what: String, args: command::Args, preroll_us: i64) -> Run {
        let mut run = Run::new(Program::Ffmpeg, what, args).priority(self.priority);
        run.memory_bytes = self.plan.memory_bytes();
        run.is_encoder = true;
        // A source with one keyframe is decoded from its beginning before the first frame comes out.
        let preroll = Duration::from_micros(u64::try_from(preroll_us).unwrap_or(0));
        run.patience_cpu += preroll * 8;
        run
    }

    /// The picture to show with a sound: the caller's own, if it put one there before, else the cover, else a card.
    async fn still(&self) -> Result<PathBuf> {
        let still = self.folder.join("still.png");
        let Picture::Still { cover } = &self.plan.picture else {
            return Ok(still);
        };
        if still.exists() {
            return Ok(still);
        }
        let temp = self.temp("still")?;
        let made = temp.path().join("still.png");
        let size = self
            .plan
            .rungs
            .first()
            .map_or((1280, 720), |rung| (rung.width, rung.height));
        let card = command::card(size.0, size.1, &made);
        let args = cover.map_or_else(
            || card.clone(),
            |index| command::cover(self.source, index, &made),
        );
        let run = |args| {
            Run::new(Program::Ffmpeg, "Making the picture", args)
                .priority(self.priority)
                .within(120)
        };
        let taken = process::capture(self.ffmpeg, run(args), 1024, self.cancel).await;
        // A spoilt cover is no reason to refuse a sound.
        if matches!(taken, Err(MediaError::Failed { .. })) || !made.exists() {
            process::capture(self.ffmpeg, run(card), 1024, self.cancel).await?;
        }
        tokio::fs::rename(&made, &still)
            .await
            .map_err(io_error("rename", &made))?;
        Ok(still)
    }

    pub(crate) fn temp(&self, name: &str) -> Result<Temp> {
        Temp::at(self.folder.join(format!("{name}.{}.tmp", self.attempt)))
    }
}

/// Removes what killed tries left in a work folder. To be called once before a job goes on.
pub fn sweep(folder: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "tmp") {
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            removed.map_err(io_error("remove", &path))?;
        }
    }
    Ok(())
}

/// A folder that goes away unless it was renamed.
pub(crate) struct Temp(PathBuf);

impl Temp {
    /// An empty folder of this name.
    pub fn at(path: PathBuf) -> Result<Self> {
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).map_err(io_error("create", &path))?;
        Ok(Temp(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Everything in it is on the disk before it gets its final name.
    fn keep_as(&self, folder: &Path) -> Result<()> {
        join::sync_folder(&self.0)?;
        std::fs::rename(&self.0, folder).map_err(io_error("rename", &self.0))?;
        folder.parent().map_or(Ok(()), join::sync_folder)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn finish(
    plan: &Plan,
    index: usize,
    chunk: &ChunkPlan,
    temp: Temp,
    folder: &Path,
) -> Result<Chunk> {
    let segment = chunk.first / u64::from(plan.gop.max(1));
    let expected = Expected {
        frames: chunk.frames,
        frame_ticks: plan.rate.frame_ticks(),
        segments: plan.segments_of(chunk),
        first_sequence: u32::try_from(segment + 1).unwrap_or(u32::MAX),
        first_tfdt: chunk.first * u64::from(plan.rate.frame_ticks()),
    };
    let mut rungs = Vec::new();
    for rung in &plan.rungs {
        let file = |extension: &str| temp.path().join(format!("{}.{extension}", rung.name()));
        let track = join::finish_chunk(&file("mp4"), &file("init"), &file("m4s"), expected)?;
        std::fs::remove_file(file("mp4")).map_err(io_error("remove", &file("mp4")))?;
        rungs.push(ChunkRung {
            resolution: rung.resolution,
            track,
        });
    }
    let chunk = Chunk { index, rungs };
    write_json(&temp.path().join("chunk.json"), &chunk)?;
    temp.keep_as(folder)?;
    Ok(chunk)
}

fn finish_copy(copy: &CopyPlan, temp: &Temp, folder: &Path) -> Result<Copied> {
    let (video, audio) = (temp.path().join("video.mp4"), temp.path().join("audio.mp4"));
    let copied = Copied {
        video: join::finish_whole(&video, 2, copy.shift_us)?,
        audio: audio
            .exists()
            .then(|| join::finish_whole(&audio, 2, copy.shift_us))
            .transpose()?,
    };
    write_json(&temp.path().join("copy.json"), &copied)?;
    temp.keep_as(folder)?;
    Ok(copied)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let json = serde_json::to_vec(value)
        .map_err(|error| MediaError::broken("The report", error.to_string()))?;
    join::write_synced(path, &json)
}

fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let temp = path.with_extension("json.tmp");
    join::write_synced(&temp, bytes)?;
    std::fs::rename(&temp, path).map_err(io_error("rename", &temp))?;
    path.parent().map_or(Ok(()), join::sync_folder)
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// File work that may take a while, off the runtime's threads.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(MediaError::Io {
            what: "work on a file".into(),
            source: std::io::Error::other(error),
        }),
    }
}
