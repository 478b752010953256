//! The picture of a video, made part by part and added to its renditions, which are watched meanwhile.

use super::make::{Making, Outcome, disk_error, media_error, unlike};
use super::parts::{self, Shared, Turn};
use super::{Rendition, disk, room, store, title};
use crate::runner;
use crate::video::files::growing_path;
use base::job::{checkpoint, set_progress};
use media::{Chunk, Plan, Work};
use std::sync::atomic::Ordering;

impl Making<'_> {
    /// The picture as others may make parts of it, which begin as its renditions do that have grown here.
    async fn shared(&self) -> Shared<'_> {
        let state = self.state.lock().await;
        let encoded = state
            .files
            .iter()
            .filter(|file| !file.copied && file.has_video);
        let known = encoded.filter_map(|file| {
            let resolution = u32::try_from(file.resolution).ok()?;
            let path = growing_path(self.app, self.video.uuid, &file.filename).ok()?;
            Some((resolution, path))
        });
        Shared {
            app: self.app,
            running: self.running,
            video: self.video,
            plan: self.plan,
            offered: self.current_plan(),
            work: &self.work,
            answered_by: runner::PART_ANSWER,
            known: known.collect(),
        }
    }

    /// The picture, part by part. False when workers have the next part.
    pub async fn picture(&self) -> Outcome<bool> {
        if self.plan.rungs.is_empty() {
            return Ok(true);
        }
        for index in self.chunks_done..self.plan.chunks.len() {
            // Viewers wait for the first part, so it is made before anything is tried.
            if index > 0 {
                title::tune(self, index).await?;
            }
            if parts::turn(&self.shared().await, index).await? == Turn::Workers {
                return Ok(false);
            }
            if index > self.chunks_done {
                room::pass_hours(self.app, self.running).await?;
            }
            let large = match index {
                0 => self.small_first().await?,
                _ => None,
            };
            let work = Work {
                plan: large.as_ref().unwrap_or(self.current_plan()),
                ..self.work
            };
            let encode = work.encode_chunk(index, |share| self.note(index, share));
            let chunk = encode.await.map_err(media_error)?;
            self.join(&work, &chunk, true).await?;
        }
        Ok(true)
    }

    /// Makes the first part of the small renditions where viewers would wait long for the large ones, and gives what
    /// is to be made beside it.
    async fn small_first(&self) -> Outcome<Option<Plan>> {
        let halves = self.plan.in_two();
        let Some((small, large)) = halves.filter(|_| self.work.finished_chunk(0).is_none()) else {
            return Ok(None);
        };
        let is_small = |file: &Rendition| {
            let mut rungs = small.rungs.iter();
            rungs.any(|rung| i64::from(rung.resolution) == file.resolution)
        };
        let have_begun = {
            let state = self.state.lock().await;
            let mut files = state.files.iter().filter(|file| is_small(file));
            files.all(|file| !file.track.is_empty())
        };
        if !have_begun {
            let folder = self.work.folder.join("first");
            let work = Work {
                plan: &small,
                folder: &folder,
                ..self.work
            };
            let chunk = work.encode_chunk(0, |_| {}).await.map_err(media_error)?;
            self.join(&work, &chunk, false).await?;
        }
        Ok(Some(large))
    }

    /// Adds a part's segments to its renditions. It counts as done when these are all of them.
    async fn join(&self, work: &Work<'_>, chunk: &Chunk, is_all: bool) -> Outcome<()> {
        let mut state = self.state.lock().await;
        let mut parts = Vec::new();
        for rung in &chunk.rungs {
            let resolution = i64::from(rung.resolution);
            let file = state
                .files
                .iter_mut()
                .find(|file| !file.copied && file.has_video && file.resolution == resolution);
            let file = file.ok_or_else(|| unlike(&rung.resolution.to_string()))?;
            let path = growing_path(self.app, self.video.uuid, &file.filename)?;
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(disk_error)?;
            }
            let at = if file.track.is_empty() {
                0
            } else {
                file.track.len()
            };
            let appended = work.append(chunk.index, rung.resolution, &path, at).await;
            let length = appended.map_err(media_error)?;
            if !file.track.extend(&rung.track) || length != file.track.len() {
                return Err(unlike(&file.filename));
            }
            parts.push((file.id, &rung.track));
        }
        let done = i64::try_from(chunk.index).unwrap_or(0) + 1;
        let mut tx = self.begin_step().await?;
        for (id, track) in parts {
            store::add_part(&mut tx, id, done - 1, track).await?;
        }
        if is_all {
            store::set_chunks_done(&mut tx, self.video.id, done).await?;
        }
        checkpoint(&mut tx, &self.running.job).await?;
        let percent = self.percent.load(Ordering::Relaxed);
        set_progress(&mut tx, &self.running.job, percent).await?;
        tx.commit().await?;
        self.tell(&mut state).await?;
        drop(state);
        let discarded = work.discard_chunk(chunk.index).await;
        discarded.map_err(media_error)?;
        disk::relieve(self).await
    }
}
