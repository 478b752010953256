//! Files of boxes: walks them while they grow, verifies them, and joins parts to one rendition.
//! All of it is blocking file work; the callers run it beside the runtime.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::boxes::{self, Init, Malformed, Moof};
use crate::error::{MediaError, Result, io as io_error};
use crate::hls::{Segment, Track};

/// An init segment of one track has some 800 bytes, a `moof` of ten seconds some 20 kB.
const INIT_MAX: u64 = 1024 * 1024;
const MOOF_MAX: u64 = 16 * 1024 * 1024;

/// Reads whole fragments from a file that may still be growing.
#[derive(Debug)]
pub(crate) struct Walker {
    file: File,
    name: String,
    /// Everything before this was understood.
    at: u64,
    pub init: Option<(Init, Vec<u8>)>,
}

/// One `moof` with its `mdat`.
#[derive(Debug)]
pub(crate) struct Fragment {
    pub offset: u64,
    /// Of both.
    pub len: u64,
    pub moof_bytes: Vec<u8>,
    pub moof: Moof,
}

impl Walker {
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(io_error("open", path))?;
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            file,
            name,
            at: 0,
            init: None,
        })
    }

    /// The next whole fragment; None when there is none yet.
    pub fn next(&mut self) -> Result<Option<Fragment>> {
        let end = self
            .file
            .metadata()
            .map_err(|source| self.io(source))?
            .len();
        let mut pending: Option<(u64, Vec<u8>)> = None;
        let mut at = self.at;
        while let Some(head) = self.head(at, end)? {
            match &head.kind {
                b"moov" => {
                    let bytes = self.read(0, at + head.len, INIT_MAX)?;
                    let init = boxes::init(&bytes).map_err(|error| self.malformed(error))?;
                    self.init = Some((init, bytes));
                    self.at = at + head.len;
                }
                b"moof" => pending = Some((at, self.read(at, head.len, MOOF_MAX)?)),
                b"mdat" => {
                    let (offset, moof_bytes) = pending
                        .take()
                        .ok_or_else(|| self.malformed(Malformed("bytes without a fragment")))?;
                    self.at = at + head.len;
                    let len = self.at - offset;
                    return self
                        .fragment(offset, len, moof_bytes, head.len - head.head)
                        .map(Some);
                }
                _ => {}
            }
            at += head.len;
        }
        Ok(None)
    }

    /// True when nothing but whole boxes was found up to the end of the file.
    pub fn is_at_end(&self) -> Result<bool> {
        let end = self
            .file
            .metadata()
            .map_err(|source| self.io(source))?
            .len();
        Ok(self.at == end && self.init.is_some())
    }

    fn fragment(
        &self,
        offset: u64,
        len: u64,
        moof_bytes: Vec<u8>,
        payload: u64,
    ) -> Result<Fragment> {
        let (init, _) = self
            .init
            .as_ref()
            .ok_or_else(|| self.malformed(Malformed("a fragment before the init")))?;
        let moof = boxes::moof(&moof_bytes, init).map_err(|error| self.malformed(error))?;
        if moof.sample_bytes != payload {
            return Err(self.malformed(Malformed("a fragment's samples do not fill it")));
        }
        Ok(Fragment {
            offset,
            len,
            moof_bytes,
            moof,
        })
    }

    /// None when the box is not there as a whole.
    fn head(&mut self, at: u64, end: u64) -> Result<Option<boxes::Head>> {
        let left = end.saturating_sub(at);
        if left < 8 {
            return Ok(None);
        }
        let bytes = self.read(at, left.min(16), 16)?;
        let large = bytes.get(..4) == Some(&[0, 0, 0, 1]);
        // A growing `mdat` has no length yet.
        if (large && left < 16) || bytes.get(..4) == Some(&[0; 4]) {
            return Ok(None);
        }
        let head = boxes::head(&bytes).map_err(|error| self.malformed(error))?;
        Ok((head.len <= left).then_some(head))
    }

    fn read(&mut self, at: u64, len: u64, max: u64) -> Result<Vec<u8>> {
        let size = usize::try_from(len).ok().filter(|_| len <= max);
        let mut bytes =
            vec![0; size.ok_or_else(|| self.malformed(Malformed("a box is far too large")))?];
        let read = self
            .file
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|source| self.io(source))?;
        Ok(bytes)
    }

    fn io(&self, source: io::Error) -> MediaError {
        MediaError::Io {
            what: format!("read {}", self.name),
            source,
        }
    }

    pub fn malformed(&self, error: Malformed) -> MediaError {
        MediaError::broken(&self.name, error.to_string())
    }

    /// Copies a fragment, with another head if it was renumbered, and returns the hash of what was written.
    pub fn copy(&mut self, fragment: &Fragment, out: &mut impl Write) -> io::Result<String> {
        let mut out = Hashing {
            out,
            hash: Sha256::new(),
        };
        out.write_all(&fragment.moof_bytes)?;
        let payload = fragment.offset + len_of(&fragment.moof_bytes);
        self.file.seek(SeekFrom::Start(payload))?;
        let wanted = fragment.len - len_of(&fragment.moof_bytes);
        let copied = io::copy(&mut (&self.file).take(wanted), &mut out)?;
        if copied < wanted {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(hex::encode(out.hash.finalize()))
        }
    }

    /// The track that the fragments found later will belong to.
    pub fn track(&self) -> Result<Track> {
        let (init, bytes) = self
            .init
            .as_ref()
            .ok_or_else(|| self.malformed(Malformed("there is no init segment")))?;
        Ok(Track {
            codec: init.codec.clone(),
            timescale: init.timescale,
            init_len: len_of(bytes),
            init_sha256: hex::encode(Sha256::digest(bytes)),
            segments: Vec::new(),
        })
    }
}

struct Hashing<'a, W: Write> {
    out: &'a mut W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn len_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// What one rung's file of one chunk has to hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub frames: u64,
    pub frame_ticks: u32,
    pub segments: u64,
    pub first_sequence: u32,
    pub first_tfdt: u64,
}

/// Verifies what ffmpeg wrote and writes the final bytes: `init`, and the renumbered fragments to `out`.
/// The number of frames is the only test that sees everything; an ended ffmpeg leaves a valid, shorter file.
pub(crate) fn finish_chunk(
    raw: &Path,
    init: &Path,
    out: &Path,
    expected: Expected,
) -> Result<Track> {
    let mut walker = Walker::open(raw)?;
    let mut writer = BufWriter::new(File::create(out).map_err(io_error("create", out))?);
    let mut sequence = expected.first_sequence;
    let (mut frames, mut next, mut shift, mut track) = (0, 0, None, None);
    while let Some(mut fragment) = walker.next()? {
        let moof = &fragment.moof;
        let shift = *shift.get_or_insert(moof.tfdt);
        let time = moof.tfdt - shift.min(moof.tfdt);
        let faults = [
            (time != next, "it has a gap"),
            (
                moof.even_duration != Some(expected.frame_ticks),
                "a frame has another length than the others",
            ),
            (
                !moof.begins_with_sync,
                "a segment does not begin with a keyframe",
            ),
        ];
        if let Some((_, reason)) = faults.into_iter().find(|(is_there, _)| *is_there) {
            return Err(MediaError::broken(&walker.name, reason));
        }
        frames += moof.samples;
        next += moof.ticks;
        let (ticks, moof) = (moof.ticks, moof.clone());
        boxes::renumber(
            &mut fragment.moof_bytes,
            &moof,
            sequence,
            time + expected.first_tfdt,
        )
        .map_err(|error| walker.malformed(error))?;
        sequence += 1;
        let sha256 = walker
            .copy(&fragment, &mut writer)
            .map_err(io_error("write", out))?;
        let track = match &mut track {
            Some(track) => track,
            None => track.insert(walker.track()?),
        };
        track.segments.push(Segment {
            len: fragment.len,
            ticks,
            sha256,
        });
    }
    let track = track.filter(|_| frames == expected.frames).ok_or_else(|| {
        MediaError::broken(
            &walker.name,
            format!("it has {frames} frames instead of {}", expected.frames),
        )
    })?;
    if len_of_segments(&track) != expected.segments || !walker.is_at_end()? {
        return Err(MediaError::broken(
            &walker.name,
            "its segments are not those of the plan",
        ));
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error())
        .and_then(|file| file.sync_all())
        .map_err(io_error("write", out))?;
    let bytes = walker
        .init
        .as_ref()
        .map(|(_, bytes)| bytes.as_slice())
        .unwrap_or_default();
    write_synced(init, bytes)?;
    Ok(track)
}

fn len_of_segments(track: &Track) -> u64 {
    u64::try_from(track.segments.len()).unwrap_or(u64::MAX)
}

/// Reads a finished file as it is, groups its fragments to segments of at least `least_s` seconds, and moves its
/// times by `shift_us` (never back).
pub(crate) fn finish_whole(path: &Path, least_s: u32, shift_us: i64) -> Result<Track> {
    let mut walker = Walker::open(path)?;
    let mut patch = OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(io_error("open", path))?;
    let mut track: Option<Track> = None;
    let mut open = (0_u64, 0_u64, 0_u64);
    let mut sequence = 0_u32;
    while let Some(mut fragment) = walker.next()? {
        let track = match &mut track {
            Some(track) => track,
            None => track.insert(walker.track()?),
        };
        let shift = i128::from(shift_us.max(0)) * i128::from(track.timescale) / 1_000_000;
        let shift = u64::try_from(shift).unwrap_or(0);
        sequence = sequence.saturating_add(1);
        if shift > 0 {
            let moof = fragment.moof.clone();
            boxes::renumber(&mut fragment.moof_bytes, &moof, sequence, moof.tfdt + shift)
                .map_err(|error| walker.malformed(error))?;
            patch
                .seek(SeekFrom::Start(fragment.offset))
                .and_then(|_| patch.write_all(&fragment.moof_bytes))
                .map_err(io_error("write", path))?;
        }
        if open.1 == 0 {
            open.0 = fragment.offset;
        }
        open = (open.0, open.1 + fragment.len, open.2 + fragment.moof.ticks);
        if open.2 >= u64::from(least_s) * u64::from(track.timescale) {
            track.segments.push(segment(&mut walker, open)?);
            open = (0, 0, 0);
        }
    }
    let mut track = track.ok_or_else(|| walker.malformed(Malformed("it is empty")))?;
    if open.1 > 0 {
        track.segments.push(segment(&mut walker, open)?);
    }
    if !walker.is_at_end()? {
        return Err(walker.malformed(Malformed("its end is cut off")));
    }
    patch.sync_all().map_err(io_error("write", path))?;
    Ok(track)
}

/// A stretch of whole fragments: offset, bytes, ticks.
fn segment(walker: &mut Walker, (offset, len, ticks): (u64, u64, u64)) -> Result<Segment> {
    let mut sink = io::sink();
    let mut hashing = Hashing {
        out: &mut sink,
        hash: Sha256::new(),
    };
    let read = walker
        .file
        .seek(SeekFrom::Start(offset))
        .and_then(|_| io::copy(&mut (&walker.file).take(len), &mut hashing));
    read.map_err(|source| walker.io(source))?;
    Ok(Segment {
        len,
        ticks,
        sha256: hex::encode(hashing.hash.finalize()),
    })
}

/// Appends a chunk's fragments to the rendition's file, which has `at` bytes so far: 0 for the first chunk,
/// which also brings the init segment. What stands behind `at`, left over from a kill, is overwritten, so the
/// same call may be repeated. Returns the new length.
pub(crate) fn append(file: &Path, init: &Path, fragments: &Path, at: u64) -> Result<u64> {
    let failed = || io_error("write", file);
    let mut out = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(file)
        .map_err(failed())?;
    let bytes = std::fs::read(init).map_err(io_error("read", init))?;
    let mut length = at;
    if at == 0 {
        out.set_len(0)
            .and_then(|()| out.write_all(&bytes))
            .map_err(failed())?;
        length = len_of(&bytes);
    } else {
        let mut first = vec![0; bytes.len()];
        let is_long_enough = out.metadata().map_err(failed())?.len() >= at;
        if !is_long_enough || out.read_exact(&mut first).is_err() || first != bytes {
            return Err(MediaError::broken(
                file.file_name().unwrap_or_default().to_string_lossy(),
                "it does not fit to the next part",
            ));
        }
        out.set_len(at)
            .and_then(|()| out.seek(SeekFrom::Start(at)).map(|_| ()))
            .map_err(failed())?;
    }
    let mut part = File::open(fragments).map_err(io_error("open", fragments))?;
    length += io::copy(&mut part, &mut out).map_err(failed())?;
    out.sync_data().map_err(failed())?;
    Ok(length)
}

/// Follows a sound that is being encoded, and copies its whole fragments to the file that is served.
#[derive(Debug)]
pub(crate) struct Growth {
    raw: std::path::PathBuf,
    out: std::path::PathBuf,
    walker: Option<Walker>,
    pub track: Option<Track>,
}

impl Growth {
    pub fn new(raw: &Path, out: &Path) -> Self {
        Self {
            raw: raw.into(),
            out: out.into(),
            walker: None,
            track: None,
        }
    }

    /// Copies what is new. Repeating a run gives the same bytes, so a file left by a killed one is written over
    /// in place and nobody who reads it notices.
    pub fn advance(&mut self) -> Result<()> {
        if self.walker.is_none() && self.raw.exists() {
            self.walker = Some(Walker::open(&self.raw)?);
        }
        let Some(walker) = &mut self.walker else {
            return Ok(());
        };
        let failed = || io_error("write", &self.out);
        while let Some(fragment) = walker.next()? {
            let mut out = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&self.out)
                .map_err(failed())?;
            let track = match &mut self.track {
                Some(track) => track,
                None => {
                    let bytes = walker
                        .init
                        .as_ref()
                        .map(|(_, bytes)| bytes.as_slice())
                        .unwrap_or_default();
                    out.write_all(bytes).map_err(failed())?;
                    self.track.insert(walker.track()?)
                }
            };
            out.seek(SeekFrom::Start(fragment.offset))
                .map_err(failed())?;
            let sha256 = walker.copy(&fragment, &mut out).map_err(failed())?;
            track.segments.push(Segment {
                len: fragment.len,
                ticks: fragment.moof.ticks,
                sha256,
            });
        }
        Ok(())
    }

    /// To be called when the encoder has ended well.
    pub fn finish(mut self) -> Result<Track> {
        self.advance()?;
        let walker = self.walker.as_ref();
        let is_whole = walker.map(Walker::is_at_end).transpose()?.unwrap_or(false);
        let track = self
            .track
            .filter(|_| is_whole)
            .ok_or_else(|| MediaError::broken("The sound", "its end is cut off"))?;
        let out = OpenOptions::new()
            .write(true)
            .open(&self.out)
            .map_err(io_error("open", &self.out))?;
        out.set_len(track.len())
            .and_then(|()| out.sync_all())
            .map_err(io_error("write", &self.out))?;
        Ok(track)
    }
}

pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = File::create(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    write.map_err(io_error("write", path))
}

/// Makes the names in a folder survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(io_error("sync", folder))
}

#[cfg(test)]
#[path = "join_tests.rs"]
mod tests;
