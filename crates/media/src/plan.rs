//! Everything that is decided about a source before it is encoded. A plan is stored with its job: every part
//! is made by the stored plan, on whichever machine and however often.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::error::Result;
use crate::ladder::{LadderConfig, Rung, cap, ladder};
use crate::loudness;
use crate::packets::{Packets, packets};
use crate::probe::{Probe, ProbeLimits, VideoStream};
use crate::rate::{self, Rate, round_div};
use crate::source::Source;
use crate::tool::Ffmpeg;

/// About how long the first parts are, in segments; all later ones are like the last. Short ones first, so that
/// the video can be watched soon; long ones later, since each start costs most of a CPU second.
const RAMP: [u64; 5] = [1, 2, 4, 8, 15];
/// Containers with an index, in which a seek lands on the keyframe that was asked for.
const INDEXED: [&str; 2] = ["mp4", "matroska"];
/// A source with fewer keyframes than this is encoded: a viewer could hardly seek in it.
const LONGEST_COPIED_GAP_US: i64 = 10_000_000;
/// A source of up to so many times the highest bit rate is copied too, so that it plays at once, but it is not
/// all there is at its size.
const COPIED_OVER_CAP: u64 = 4;
/// A track may start this late and still be copied.
const LATEST_COPIED_START_US: i64 = 100_000;
const COPIED_AUDIO_MAX: u64 = 400_000;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanConfig {
    pub ladder: LadderConfig,
    pub encoding: Encoding,
    /// Never copy, always encode.
    pub always_encode: bool,
    /// How loud the sound is to be, in hundredths of LUFS; none: as it is.
    pub loudness: Option<i32>,
    /// Size of the picture that is to be shown with a sound, when the caller brings one.
    pub still_size: Option<(u32, u32)>,
    pub limits: ProbeLimits,
}

/// Fixed for all parts of a video: with other values, or another number of threads, the bytes differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encoding {
    pub preset: String,
    pub crf: u32,
    /// Of each rendition's encoder.
    pub threads: u32,
    pub audio_kbits: u32,
    /// What libx264 is tuned for; empty: for nothing special.
    #[serde(default)]
    pub tune: String,
    /// Smaller renditions are made of whole pixels, which stay hard.
    #[serde(default)]
    pub nearest: bool,
    /// The sound is made louder by so many hundredths of a decibel; its peaks stay below -1 dB.
    #[serde(default)]
    pub gain_cdb: i32,
    /// Parts of different constant qualities share their headers.
    #[serde(default)]
    pub stitchable: bool,
    #[serde(default)]
    pub codec: Codec,
}

/// What the picture is encoded as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    #[default]
    H264,
    Av1,
}

impl Codec {
    /// The encoder's name in ffmpeg.
    pub fn encoder(self) -> &'static str {
        match self {
            Codec::H264 => "libx264",
            Codec::Av1 => "libsvtav1",
        }
    }
}

impl Encoding {
    /// How the picture is made smaller.
    pub(crate) fn scaler(&self) -> &'static str {
        if self.nearest { "neighbor" } else { "bicubic" }
    }
}

impl Default for Encoding {
    fn default() -> Self {
        Self {
            preset: "veryfast".into(),
            crf: 23,
            threads: 2,
            audio_kbits: 128,
            tune: String::new(),
            nearest: false,
            gain_cdb: 0,
            stitchable: false,
            codec: Codec::H264,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub rate: Rate,
    /// The source's time of frame 0, in ticks of 1/90000 s.
    pub origin_ticks: i64,
    pub picture: Picture,
    pub audio: AudioPlan,
    /// Frames between two keyframes, and in a segment.
    pub gop: u32,
    /// Of the whole picture.
    pub frames: u64,
    /// Renditions to encode, the highest first. Empty when copying is all there is to do.
    pub rungs: Vec<Rung>,
    pub chunks: Vec<ChunkPlan>,
    /// The source's own streams are also cut into segments as they are.
    pub copy: Option<CopyPlan>,
    /// Why they are not.
    pub not_copied_because: Option<String>,
    /// The renditions' constant qualities were chosen for this title.
    #[serde(default)]
    pub is_tuned: bool,
    /// The size of the largest rendition, where these are only some of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<(u32, u32)>,
    pub encoding: Encoding,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    Stream {
        index: u32,
        is_interlaced: bool,
        /// Colours of an HDR source, which is turned into an ordinary one.
        tone_map: Option<Hdr>,
    },
    /// One picture for a sound: its cover, the caller's own, or a plain card.
    Still { cover: Option<u32> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hdr {
    pub transfer: String,
    pub primaries: String,
    pub matrix: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudioPlan {
    None,
    Encoded {
        index: u32,
        kbits: u32,
    },
    /// It comes out of the same command as the copied picture, so that both count from one zero.
    Copied {
        index: u32,
        from_ts: bool,
    },
}

/// One part of the picture, for all renditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkPlan {
    /// Its first frame, a multiple of the segment's length.
    pub first: u64,
    pub frames: u64,
    /// Where decoding begins, from the container's start; None: at the very beginning.
    pub seek_us: Option<i64>,
    /// How much is decoded before the first frame that is wanted.
    pub preroll_us: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyPlan {
    pub resolution: u32,
    pub width: u32,
    pub height: u32,
    /// What to add to the copied times so that they count from the plan's origin.
    pub shift_us: i64,
    /// Its bit rate is higher than wanted: its size is encoded as well.
    pub is_over_cap: bool,
}

impl Plan {
    pub fn duration_us(&self) -> i64 {
        self.rate.frame_us(self.frames)
    }

    /// Segments of one chunk, each with a keyframe at its start.
    pub fn segments_of(&self, chunk: &ChunkPlan) -> u64 {
        chunk.frames.div_ceil(u64::from(self.gop.max(1)))
    }

    /// Address space for the encoders: a 720p ladder needs 1.2 GiB of it, though much less memory.
    pub fn memory_bytes(&self) -> u64 {
        let gib = match self.top().map_or(0, |(width, height)| width.min(height)) {
            0..=1080 => 4,
            1081..=1440 => 6,
            _ => 12,
        };
        gib * 1024 * 1024 * 1024
    }
}

/// Reads the source's packet index and decides.
pub async fn plan(
    ffmpeg: &Ffmpeg,
    source: &Source,
    probe: &Probe,
    config: &PlanConfig,
    cancel: &CancellationToken,
) -> Result<Plan> {
    let stream = probe.video.as_ref().map(|video| video.index);
    let stream = stream
        .or_else(|| probe.audio.first().map(|audio| audio.index))
        .unwrap_or(0);
    let index = packets(ffmpeg, source, stream, &config.limits, cancel).await?;
    let mut plan = build(probe, &index, config);
    if !ffmpeg.about().has_tone_mapping
        && let Picture::Stream { tone_map, .. } = &mut plan.picture
    {
        *tone_map = None;
    }
    if let Some(target) = config.loudness {
        let kbits = config.encoding.audio_kbits;
        loudness::level(ffmpeg, source, &mut plan, (target, kbits), cancel).await?;
    }
    Ok(plan)
}

/// The decision itself. `index` is that of the picture, or of the sound where there is no picture.
pub fn build(probe: &Probe, index: &Packets, config: &PlanConfig) -> Plan {
    match &probe.video {
        Some(video) => of_video(probe, video, index, config),
        None => of_sound(probe, index, config),
    }
}

fn of_video(probe: &Probe, video: &VideoStream, index: &Packets, config: &PlanConfig) -> Plan {
    let rate = rate::choose(
        &[video.r_frame_rate, video.avg_frame_rate],
        index.short_gap_us(),
        config.ladder.max_fps,
    );
    let origin_ticks = origin(index.first_us(), probe.start_us, rate);
    let end = index.end_us - ticks_to_us(origin_ticks);
    let frames = u64::try_from(rate.nearest_frame(end)).unwrap_or(0).max(1);
    let mut rungs = ladder(video.display(), is_fast(rate), &config.ladder);
    let copy = may_copy(probe, video, index, config);
    let own = video.display_width.min(video.display_height);
    let most = 1000 * u64::from(cap(own, is_fast(rate), &config.ladder));
    let is_over_cap = bits(probe, video).is_none_or(|rate| rate > most);
    if copy.is_ok() && !is_over_cap {
        rungs.retain(|rung| rung.resolution < own & !1);
    }
    let audio = match (probe.audio.first(), &copy) {
        (None, _) => AudioPlan::None,
        (Some(audio), Ok(())) => AudioPlan::Copied {
            index: audio.index,
            from_ts: probe.container.contains("mpegts"),
        },
        (Some(audio), Err(_)) => AudioPlan::Encoded {
            index: audio.index,
            kbits: config.encoding.audio_kbits,
        },
    };
    let seeking = Seeking {
        rate,
        origin_ticks,
        start_us: probe.start_us,
        index,
        back: if is_indexed(probe) { 1 } else { 2 },
    };
    let cuts = if rungs.is_empty() {
        Vec::new()
    } else {
        cut(frames, rate.gop(), |first| seeking.to(first).1)
    };
    Plan {
        rate,
        origin_ticks,
        picture: Picture::Stream {
            index: video.index,
            is_interlaced: video.is_interlaced,
            tone_map: hdr(video),
        },
        audio,
        gop: rate.gop(),
        frames,
        rungs,
        chunks: cuts.into_iter().map(|cut| seeking.chunk(cut)).collect(),
        not_copied_because: copy.as_ref().err().map(|reason| (*reason).to_owned()),
        copy: copy.ok().map(|()| CopyPlan {
            resolution: video.display_width.min(video.display_height),
            width: video.display_width,
            height: video.display_height,
            shift_us: (probe.start_us - ticks_to_us(origin_ticks)).max(0),
            is_over_cap,
        }),
        is_tuned: false,
        top: None,
        encoding: config.encoding.clone(),
    }
}

/// A sound gets one still picture, so that it plays wherever a video does.
fn of_sound(probe: &Probe, index: &Packets, config: &PlanConfig) -> Plan {
    let rate = rate::STILL;
    let origin_ticks = us_to_ticks(index.first_us());
    let frames = u64::try_from(rate.nearest_frame(index.end_us - index.first_us()))
        .unwrap_or(0)
        .max(1);
    let cover = probe.cover.as_ref();
    let size = config
        .still_size
        .or(cover.map(|cover| (cover.width, cover.height)))
        .unwrap_or((1280, 720));
    let limited = LadderConfig {
        resolutions: Vec::new(),
        max_resolution: config.ladder.max_resolution.min(720),
        ..config.ladder.clone()
    };
    let rungs = ladder(size, false, &limited);
    let first = probe.audio.first().map_or(0, |audio| audio.index);
    let chunk = |(first, frames)| ChunkPlan {
        first,
        frames,
        seek_us: None,
        preroll_us: 0,
    };
    Plan {
        rate,
        origin_ticks,
        picture: Picture::Still {
            cover: cover
                .filter(|_| config.still_size.is_none())
                .map(|cover| cover.index),
        },
        audio: AudioPlan::Encoded {
            index: first,
            kbits: config.encoding.audio_kbits,
        },
        gop: rate.gop(),
        frames,
        rungs,
        chunks: cut(frames, rate.gop(), |_| 0)
            .into_iter()
            .map(chunk)
            .collect(),
        copy: None,
        not_copied_because: Some("it has no moving pictures".into()),
        is_tuned: false,
        top: None,
        encoding: config.encoding.clone(),
    }
}

fn bits(probe: &Probe, video: &VideoStream) -> Option<u64> {
    video.bit_rate.or(probe.bit_rate)
}

fn is_fast(rate: Rate) -> bool {
    rate.as_f64() > 35.0
}

/// The grid of frames goes through the source's first one, as near to the container's start as it can.
fn origin(first_us: i64, start_us: i64, rate: Rate) -> i64 {
    let frames = i128::from(rate.nearest_frame(first_us - start_us));
    let (num, den) = (i128::from(rate.num), i128::from(rate.den));
    // first · 9/100 - frames · 90000 · den/num, over one denominator
    let ticks = round_div(
        i128::from(first_us) * 9 * num - frames * 9_000_000 * den,
        100 * num,
    );
    i64::try_from(ticks).unwrap_or(0)
}

fn ticks_to_us(ticks: i64) -> i64 {
    i64::try_from(round_div(i128::from(ticks) * 100, 9)).unwrap_or(0)
}

fn us_to_ticks(us: i64) -> i64 {
    i64::try_from(round_div(i128::from(us) * 9, 100)).unwrap_or(0)
}

/// First frame and number of frames of each chunk. A chunk may be a third longer or shorter where the next one then
/// begins nearer to a keyframe: what is decoded in front of it is thrown away. What is left over belongs to the chunk
/// before: a chunk of very few frames has another init segment, and its bit rate is nonsense.
fn cut(frames: u64, gop: u32, preroll_us: impl Fn(u64) -> i64) -> Vec<(u64, u64)> {
    let gop = u64::from(gop.max(1));
    let mut ramp = RAMP.into_iter();
    let (mut cuts, mut first, mut usual) = (Vec::new(), 0, 1);
    while first < frames {
        usual = ramp.next().unwrap_or(usual);
        let cost = |segments: &u64| {
            let end = (first + segments * gop).min(frames);
            (preroll_us(end), segments.abs_diff(usual))
        };
        let segments = (usual - usual / 3..=usual + usual / 3).min_by_key(cost);
        let mut count = segments.unwrap_or(usual) * gop;
        if frames < first + count + gop {
            count = frames - first;
        }
        cuts.push((first, count));
        first += count;
    }
    cuts
}

fn is_indexed(probe: &Probe) -> bool {
    probe
        .container
        .split(',')
        .any(|name| INDEXED.contains(&name))
}

/// Where decoding begins for what is to be seen from a frame on.
struct Seeking<'a> {
    rate: Rate,
    origin_ticks: i64,
    start_us: i64,
    index: &'a Packets,
    /// So many keyframes before the frame that is shown then, which may be an old one. In a stream without an index
    /// a seek may land behind the keyframe that was meant, so there it is the second.
    back: usize,
}

impl Seeking<'_> {
    fn chunk(&self, (first, frames): (u64, u64)) -> ChunkPlan {
        let (seek_us, preroll_us) = self.to(first);
        ChunkPlan {
            first,
            frames,
            seek_us,
            preroll_us,
        }
    }

    /// What to seek to, and how much is decoded and thrown away.
    fn to(&self, first: u64) -> (Option<i64>, i64) {
        let begin = ticks_to_us(self.origin_ticks) + self.rate.frame_us(first);
        let frame_us = self.rate.frame_us(1);
        let until = |us: i64| {
            let shown = &self.index.shown_us;
            let count = shown.partition_point(|shown| *shown <= us);
            shown.get(..count).and_then(<[i64]>::last).copied()
        };
        // A picture of its own at this time; else an older one is still shown, and near the edges of a frame either.
        let own = until(begin + frame_us / 4).filter(|us| *us >= begin - frame_us / 4);
        let shown = own.or_else(|| until(begin - frame_us));
        let limit = shown.unwrap_or(i64::MIN);
        let keyframes = &self.index.keyframes_us;
        let key = keyframes
            .partition_point(|us| *us <= limit)
            .checked_sub(self.back)
            .and_then(|place| keyframes.get(place))
            .copied();
        let key = key.filter(|us| first > 0 && *us > self.start_us);
        // 2 ms more, so that rounding cannot land on the keyframe before.
        let seek_us = key.map(|us| us - self.start_us + 2000);
        (seek_us, (begin - key.unwrap_or(self.start_us)).max(0))
    }
}

pub(crate) fn hdr(video: &VideoStream) -> Option<Hdr> {
    let or =
        |value: &Option<String>, usual: &str| value.clone().unwrap_or_else(|| usual.to_owned());
    video.is_hdr.then(|| Hdr {
        transfer: or(&video.color_transfer, "smpte2084"),
        primaries: or(&video.color_primaries, "bt2020"),
        matrix: or(&video.color_space, "bt2020nc"),
    })
}

/// The error says why the streams cannot be used as they are.
fn may_copy(
    probe: &Probe,
    video: &VideoStream,
    index: &Packets,
    config: &PlanConfig,
) -> std::result::Result<(), &'static str> {
    let refuse_when = |yes: bool, reason| if yes { Err(reason) } else { Ok(()) };
    refuse_when(config.always_encode, "copying is switched off")?;
    picture_fits(video)?;
    let own = video.display_width.min(video.display_height);
    refuse_when(
        own > config.ladder.max_resolution,
        "its picture is larger than allowed",
    )?;
    refuse_when(
        !config.ladder.keep_original,
        "the original's resolution is not kept",
    )?;
    let fast = 1_000_000 > index.short_gap_us().saturating_mul(35);
    let fps = video.avg_frame_rate.map_or(0.0, Rate::as_f64);
    refuse_when(
        fps > f64::from(config.ladder.max_fps) * 1.01,
        "it has more frames per second than allowed",
    )?;
    let most = COPIED_OVER_CAP * 1000 * u64::from(cap(own, fast, &config.ladder));
    refuse_when(
        bits(probe, video).is_none_or(|rate| rate > most),
        "its bit rate is far too high",
    )?;
    refuse_when(
        index.longest_keyframe_gap_us() > LONGEST_COPIED_GAP_US,
        "its keyframes are more than 10 s apart",
    )?;
    refuse_when(index.dropped > 0, "it was cut between keyframes")?;
    refuse_when(
        index.keyframes_us.first() != index.shown_us.first(),
        "it does not begin with a keyframe",
    )?;
    refuse_when(
        index.first_us() - probe.start_us > LATEST_COPIED_START_US,
        "its picture starts late",
    )?;
    let Some(audio) = probe.audio.first() else {
        return Ok(());
    };
    refuse_when(audio.codec != "aac", "its sound is not AAC")?;
    refuse_when(
        audio.profile.as_deref() != Some("LC"),
        "its sound is not plain AAC",
    )?;
    // Surround sound plays in all browsers.
    refuse_when(
        audio.channels > 6 || !matches!(audio.sample_rate, 44_100 | 48_000),
        "its sound has an unusual form",
    )?;
    refuse_when(
        audio.bit_rate.is_some_and(|rate| rate > COPIED_AUDIO_MAX),
        "the bit rate of its sound is too high",
    )?;
    let late = audio.start_us.unwrap_or(0) - probe.start_us > LATEST_COPIED_START_US;
    refuse_when(late, "its sound starts late")
}

fn picture_fits(video: &VideoStream) -> std::result::Result<(), &'static str> {
    let plain =
        matches!(video.pix_fmt.as_deref(), Some("yuv420p" | "yuvj420p")) && video.bit_depth == 8;
    let checks = [
        (video.codec != "h264", "its picture is not H.264"),
        (!plain, "its picture is not 8 bit 4:2:0"),
        (video.is_interlaced, "it is interlaced"),
        (video.rotation != 0, "it is rotated"),
        (
            video.sample_aspect.0 != video.sample_aspect.1,
            "its pixels are not square",
        ),
        (video.is_hdr, "it is HDR"),
        (
            video.coded_width % 2 + video.coded_height % 2 != 0,
            "its size is odd",
        ),
    ];
    checks
        .into_iter()
        .find(|(yes, _)| *yes)
        .map_or(Ok(()), |(_, reason)| Err(reason))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
