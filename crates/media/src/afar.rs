//! Parts that were encoded on other machines: verified like our own, and compared with the source.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use crate::boxes;
use crate::chunk::{Chunk, Temp, Work, beside, finish};
use crate::command;
use crate::error::{MediaError, Result, io as io_error};
use crate::join::Walker;
use crate::plan::{ChunkPlan, Plan};
use crate::process::{self, Program, Run};
use crate::source::Source;

/// What [`Work::likeness`] prints for each frame is far less.
const REPORT_MAX: usize = 1024 * 1024;
/// Segments before the one that [`Work::own_likeness`] looks at.
const RUN_UP: u64 = 2;

impl Work<'_> {
    /// Takes over a part whose `raw/<resolution>.mp4` another machine wrote: every box is read, frames are
    /// counted, and the part gets its final bytes and name. `like` gives the rendition's file so far, whose
    /// init segment the part has to share; encoders of other versions write their name into it, nothing else
    /// may differ.
    pub async fn take_chunk(
        &self,
        index: usize,
        raw: &Path,
        like: impl Fn(u32) -> std::path::PathBuf,
    ) -> Result<Chunk> {
        let temp = Temp::at(raw.join("taken"))?;
        for rung in &self.plan.rungs {
            let name = format!("{}.mp4", rung.name());
            let (from, to) = (raw.join(&name), temp.path().join(&name));
            let known = like(rung.resolution);
            beside(move || liken(&from, &known, &to)).await?;
        }
        let (plan, chunk, folder) = (
            self.plan.clone(),
            self.part(index)?.clone(),
            self.chunk_folder(index),
        );
        beside(move || finish(&plan, index, &chunk, temp, &folder)).await
    }

    /// How like the source one segment of a raw part is: the structural similarity (SSIM) of luma, 1 when equal.
    /// Both are made small first, so that the encoder's quality counts little and another picture much.
    pub async fn likeness(
        &self,
        index: usize,
        raw: &Path,
        (resolution, segment): (u32, u64),
    ) -> Result<f64> {
        let part = self.part(index)?;
        let before = self.frames_before(part, segment);
        let window = self.window(part, before, u64::from(self.plan.gop));
        let made = Source::file(raw.join(format!("{resolution}.mp4")));
        let args = command::likeness(self.plan, &window, self.source, &made, before);
        let mut run = Run::new(Program::Ffmpeg, "Comparing a part with its source", args);
        run.priority = self.priority;
        run.memory_bytes = self.plan.memory_bytes();
        let report = process::capture(self.ffmpeg, run, REPORT_MAX, self.cancel).await?;
        let report = String::from_utf8_lossy(&report);
        let scores: Vec<f64> = report.lines().filter_map(luma).collect();
        if u64::try_from(scores.len()).unwrap_or(0) != window.frames {
            return Err(MediaError::broken(
                "The part",
                "not all of it can be decoded",
            ));
        }
        Ok(scores.iter().sum::<f64>() / scores.len().max(1) as f64)
    }

    /// As [`Self::likeness`], of an encoding of our own: what the plan leaves of this segment at best. It takes
    /// the encoding of a few seconds in one rendition.
    pub async fn own_likeness(
        &self,
        index: usize,
        folder: &Path,
        (resolution, segment): (u32, u64),
    ) -> Result<f64> {
        let part = self.part(index)?;
        // An encoder spends more on its first pictures, so it begins where they are not looked at.
        let begin = segment.saturating_sub(RUN_UP);
        let before = self.frames_before(part, begin);
        let frames = u64::from(self.plan.gop) * (segment - begin + 1);
        let chunk = self.window(part, before, frames);
        let mut rungs = self.plan.rungs.clone();
        rungs.retain(|rung| rung.resolution == resolution);
        let alone = Plan {
            frames: chunk.frames,
            rungs,
            chunks: vec![chunk],
            copy: None,
            ..self.plan.clone()
        };
        let work = Work {
            plan: &alone,
            ..*self
        };
        let temp = Temp::at(folder.join("own"))?;
        work.encode_raw(0, temp.path(), |_| {}).await?;
        work.likeness(0, temp.path(), (resolution, segment - begin))
            .await
    }

    fn frames_before(&self, part: &ChunkPlan, segment: u64) -> u64 {
        (segment * u64::from(self.plan.gop)).min(part.frames.saturating_sub(1))
    }

    /// So many frames of a part, as far as it has them.
    fn window(&self, part: &ChunkPlan, before: u64, frames: u64) -> ChunkPlan {
        ChunkPlan {
            first: part.first + before,
            frames: frames.min(part.frames - before),
            seek_us: part.seek_us,
            preroll_us: part.preroll_us + self.plan.rate.frame_us(before),
        }
    }
}

/// The `Y:` of a line of ffmpeg's `ssim`.
fn luma(line: &str) -> Option<f64> {
    let (_, rest) = line.split_once(" Y:")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Copies a raw part, with the known init segment in place of an equal one of another encoder's version.
fn liken(from: &Path, known: &Path, to: &Path) -> Result<()> {
    let (ours, theirs) = (init_of(known)?, init_of(from)?);
    if ours == theirs {
        return std::fs::rename(from, to).map_err(io_error("rename", from));
    }
    if essence(&ours) != essence(&theirs) {
        return Err(MediaError::broken(
            "The part",
            "its encoder writes another kind of stream",
        ));
    }
    let mut source = File::open(from).map_err(io_error("open", from))?;
    let mut out = File::create(to).map_err(io_error("create", to))?;
    let skip = u64::try_from(theirs.len()).unwrap_or(u64::MAX);
    out.write_all(&ours)
        .and_then(|()| source.seek(SeekFrom::Start(skip)))
        .and_then(|_| io::copy(&mut source, &mut out))
        .map(drop)
        .map_err(io_error("write", to))
}

pub(crate) fn init_of(path: &Path) -> Result<Vec<u8>> {
    let mut walker = Walker::open(path)?;
    walker.next()?;
    let init = walker.init.map(|(_, bytes)| bytes);
    init.ok_or_else(|| MediaError::broken("The part", "it has no beginning"))
}

/// The init segment without what encoders and muxers call themselves.
fn essence(init: &[u8]) -> Option<Vec<u8>> {
    let mut essence = Vec::new();
    for top in boxes::children(init).ok()? {
        if top.kind != *b"moov" {
            essence.extend_from_slice(top.body);
            continue;
        }
        let inner = boxes::children(top.body).ok()?;
        for child in inner.iter().filter(|child| child.kind != *b"udta") {
            essence.extend_from_slice(&child.kind);
            essence.extend_from_slice(child.body);
        }
    }
    let entries = [b"avc1", b"av01"];
    let entry = essence
        .windows(4)
        .rposition(|word| entries.iter().any(|entry| word == *entry))?;
    // The name of the compressor in a visual sample entry: 32 bytes.
    essence.get_mut(entry + 46..entry + 78)?.fill(0);
    Some(essence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_encoders_do_not_count() {
        let init = |name: &[u8; 32], lavf: &[u8], size: u8| {
            let boxed = |kind: &[u8], body: &[u8]| {
                let mut bytes = u32::try_from(body.len() + 8)
                    .unwrap()
                    .to_be_bytes()
                    .to_vec();
                bytes.extend_from_slice(kind);
                bytes.extend_from_slice(body);
                bytes
            };
            let mut entry = vec![0; 42];
            entry[24] = size;
            entry.extend_from_slice(name);
            let trak = boxed(b"trak", &boxed(b"avc1", &entry));
            let udta = boxed(b"udta", lavf);
            [
                boxed(b"ftyp", b"iso5"),
                boxed(b"moov", &[trak, udta].concat()),
            ]
            .concat()
        };
        let one = init(&[1; 32], b"Lavf59", 7);
        assert_eq!(essence(&one), essence(&init(&[2; 32], b"Lavf61.7", 7)));
        assert_ne!(essence(&one), essence(&init(&[1; 32], b"Lavf59", 8)));
        assert_eq!(luma("n:1 Y:0.5 U:0.9 V:0.9 All:0.7 (5.1)"), Some(0.5));
    }
}
