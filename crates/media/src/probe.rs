//! What is in a file, as ffprobe sees it.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::error::{MediaError, Result};
use crate::process::{self, Priority, Program, Run};
use crate::rate::Rate;
use crate::source::Source;
use crate::tool::Ffmpeg;

/// What a file may be at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeLimits {
    /// Width times height; a small file can claim a picture that fills the memory.
    pub max_pixels: u64,
    pub max_duration_s: u64,
    pub max_packets: usize,
    /// How long a look at the whole file may take.
    pub time_limit_s: u64,
}

impl Default for ProbeLimits {
    fn default() -> Self {
        Self {
            max_pixels: 8192 * 8192,
            max_duration_s: 48 * 3600,
            max_packets: 12_000_000,
            time_limit_s: 3600,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// ffmpeg's name of the container: `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    /// The container's start time; other times are counted from the same zero as this.
    pub start_us: i64,
    /// None when the container does not say.
    pub duration_us: Option<i64>,
    pub size_bytes: Option<u64>,
    pub bit_rate: Option<u64>,
    /// The first real video stream.
    pub video: Option<VideoStream>,
    pub audio: Vec<AudioStream>,
    /// A picture that belongs to a sound.
    pub cover: Option<Cover>,
    pub chapters: Vec<Chapter>,
    pub title: Option<String>,
    /// The container's text tags, names in lower case.
    pub tags: BTreeMap<String, String>,
    /// ffprobe's own JSON (`streams`, `format`, `chapters`) without the file's name.
    pub raw: Value,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct VideoStream {
    /// The number of the stream in the file.
    pub index: u32,
    pub codec: String,
    pub profile: Option<String>,
    pub level: Option<i64>,
    pub pix_fmt: Option<String>,
    pub bit_depth: u32,
    pub coded_width: u32,
    pub coded_height: u32,
    /// Shape of a pixel, width to height.
    pub sample_aspect: (u32, u32),
    /// Clockwise: 0, 90, 180 or 270.
    pub rotation: u32,
    /// As it is to be shown: square pixels, rotated.
    pub display_width: u32,
    pub display_height: u32,
    pub is_interlaced: bool,
    pub r_frame_rate: Option<Rate>,
    pub avg_frame_rate: Option<Rate>,
    pub start_us: Option<i64>,
    pub bit_rate: Option<u64>,
    pub color_transfer: Option<String>,
    pub color_primaries: Option<String>,
    pub color_space: Option<String>,
    /// PQ or HLG: needs tone mapping for an ordinary screen.
    pub is_hdr: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AudioStream {
    pub index: u32,
    pub codec: String,
    pub profile: Option<String>,
    pub sample_rate: u32,
    pub channels: u32,
    pub bit_rate: Option<u64>,
    pub start_us: Option<i64>,
    pub language: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cover {
    pub index: u32,
    pub codec: String,
    pub width: u32,
    pub height: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    pub start_us: i64,
    pub end_us: i64,
    pub title: Option<String>,
}

impl VideoStream {
    pub fn display(&self) -> (u32, u32) {
        (self.display_width, self.display_height)
    }
}

/// Reads the headers; decodes nothing.
pub async fn probe(
    ffmpeg: &Ffmpeg,
    source: &Source,
    limits: &ProbeLimits,
    cancel: &CancellationToken,
) -> Result<Probe> {
    let mut run = Run::new(Program::Ffprobe, "Reading the file", probe_args(source))
        .priority(Priority::Normal);
    run.memory_bytes = source.reading_bytes();
    let json = process::capture(ffmpeg, run.within(120), 16 * 1024 * 1024, cancel).await;
    let json = json.map_err(unreadable)?;
    let raw: Value =
        serde_json::from_slice(&json).map_err(|error| MediaError::Unreadable(error.to_string()))?;
    let probe = read(raw);
    check(&probe, limits)?;
    Ok(probe)
}

pub(crate) fn probe_args(source: &Source) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["-hide_banner", "-v", "error"].map(OsString::from).to_vec();
    args.extend(source.limits());
    args.extend(
        [
            "-of",
            "json",
            "-show_format",
            "-show_streams",
            "-show_chapters",
            "-i",
        ]
        .map(OsString::from),
    );
    args.push(source.address());
    args
}

/// ffprobe's own failures are the file's fault; being stopped or missing is not.
pub(crate) fn unreadable(error: MediaError) -> MediaError {
    match error {
        MediaError::Failed { reason, .. } => MediaError::Unreadable(in_words(&reason)),
        MediaError::Broken { reason, .. } => MediaError::Unreadable(reason),
        other => other,
    }
}

fn in_words(reason: &str) -> String {
    let known = [
        (
            "moov atom not found",
            "its index is missing, so it was probably cut off when it was recorded or copied",
        ),
        (
            "Invalid data found",
            "its content is not in any known format, or it is damaged",
        ),
        (
            "whitelist",
            "it is of a kind that is not accepted, such as a playlist that points to other files",
        ),
        ("End of file", "it is empty or was cut off"),
    ];
    let found = known.iter().find(|(needle, _)| reason.contains(needle));
    found.map_or_else(|| reason.to_owned(), |(_, words)| (*words).to_owned())
}

fn check(probe: &Probe, limits: &ProbeLimits) -> Result<()> {
    let refuse = |reason: String| Err(MediaError::Unreadable(reason));
    if probe.video.is_none() && probe.audio.is_empty() {
        return refuse("it holds neither moving pictures nor sound".into());
    }
    if let Some(video) = &probe.video {
        let pixels = u64::from(video.coded_width) * u64::from(video.coded_height);
        let shown = u64::from(video.display_width) * u64::from(video.display_height);
        if pixels.max(shown) > limits.max_pixels {
            return refuse(format!(
                "its picture of {}x{} is too large",
                video.coded_width, video.coded_height
            ));
        }
    }
    let seconds = probe.duration_us.unwrap_or(0) / 1_000_000;
    if u64::try_from(seconds).unwrap_or(0) > limits.max_duration_s {
        return refuse(format!("it claims to last {seconds} s, which is too long"));
    }
    Ok(())
}

fn read(mut raw: Value) -> Probe {
    if let Some(format) = raw.get_mut("format").and_then(Value::as_object_mut) {
        format.remove("filename");
    }
    let mut probe = Probe::default();
    let format = raw.get("format").cloned().unwrap_or_default();
    probe.container = text(&format, "format_name").unwrap_or_default();
    probe.start_us = time_us(&format, "start_time").unwrap_or(0);
    probe.duration_us = time_us(&format, "duration").filter(|us| *us > 0);
    probe.size_bytes = number(&format, "size");
    probe.bit_rate = number(&format, "bit_rate");
    probe.tags = tags(&format);
    probe.title = probe
        .tags
        .get("title")
        .cloned()
        .filter(|title| !title.trim().is_empty());
    for stream in raw
        .get("streams")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        match text(stream, "codec_type").as_deref() {
            Some("video") if flag(stream, "attached_pic") => {
                probe.cover = probe.cover.or_else(|| cover(stream))
            }
            Some("video") => probe.video = probe.video.or_else(|| video(stream)),
            Some("audio") => probe.audio.extend(audio(stream)),
            _ => {}
        }
    }
    let chapters = raw
        .get("chapters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    probe.chapters = chapters.filter_map(chapter).collect();
    probe.raw = raw;
    probe
}

fn video(stream: &Value) -> Option<VideoStream> {
    let (width, height) = (dimension(stream, "width")?, dimension(stream, "height")?);
    let pix_fmt = text(stream, "pix_fmt");
    let sample_aspect = text(stream, "sample_aspect_ratio")
        .and_then(|text| ratio(&text))
        .unwrap_or((1, 1));
    let rotation = rotation(stream);
    let (display_width, display_height) = display(width, height, sample_aspect, rotation);
    let color_transfer = text(stream, "color_transfer");
    Some(VideoStream {
        index: u32::try_from(number(stream, "index")?).ok()?,
        codec: text(stream, "codec_name")?,
        profile: text(stream, "profile"),
        level: stream.get("level").and_then(Value::as_i64),
        bit_depth: number(stream, "bits_per_raw_sample")
            .and_then(|bits| u32::try_from(bits).ok())
            .filter(|bits| *bits > 0)
            .unwrap_or_else(|| depth_of(pix_fmt.as_deref().unwrap_or_default())),
        pix_fmt,
        coded_width: width,
        coded_height: height,
        sample_aspect,
        rotation,
        display_width,
        display_height,
        is_interlaced: !matches!(
            text(stream, "field_order").as_deref(),
            None | Some("progressive" | "unknown")
        ),
        r_frame_rate: text(stream, "r_frame_rate").and_then(|text| Rate::parse(&text)),
        avg_frame_rate: text(stream, "avg_frame_rate").and_then(|text| Rate::parse(&text)),
        start_us: time_us(stream, "start_time"),
        bit_rate: number(stream, "bit_rate"),
        is_hdr: matches!(
            color_transfer.as_deref(),
            Some("smpte2084" | "arib-std-b67")
        ),
        color_transfer,
        color_primaries: text(stream, "color_primaries"),
        color_space: text(stream, "color_space"),
    })
}

fn audio(stream: &Value) -> Option<AudioStream> {
    let channels = dimension(stream, "channels")?;
    Some(AudioStream {
        index: u32::try_from(number(stream, "index")?).ok()?,
        codec: text(stream, "codec_name")?,
        profile: text(stream, "profile"),
        sample_rate: dimension(stream, "sample_rate")?,
        channels,
        bit_rate: number(stream, "bit_rate"),
        start_us: time_us(stream, "start_time"),
        language: tags(stream)
            .remove("language")
            .filter(|language| language != "und"),
    })
}

fn cover(stream: &Value) -> Option<Cover> {
    Some(Cover {
        index: u32::try_from(number(stream, "index")?).ok()?,
        codec: text(stream, "codec_name")?,
        width: dimension(stream, "width")?,
        height: dimension(stream, "height")?,
    })
}

fn chapter(value: &Value) -> Option<Chapter> {
    Some(Chapter {
        start_us: time_us(value, "start_time")?,
        end_us: time_us(value, "end_time")?,
        title: tags(value)
            .remove("title")
            .filter(|title| !title.trim().is_empty()),
    })
}

/// Square pixels by stretching the width, as players do, then rotated.
fn display(width: u32, height: u32, aspect: (u32, u32), rotation: u32) -> (u32, u32) {
    let stretched = u64::from(width) * u64::from(aspect.0) / u64::from(aspect.1.max(1));
    let width = u32::try_from(stretched).unwrap_or(u32::MAX).max(1);
    if rotation % 180 == 90 {
        (height, width)
    } else {
        (width, height)
    }
}

fn rotation(stream: &Value) -> u32 {
    let side_data = stream
        .get("side_data_list")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    // The matrix counts anticlockwise, the old tag clockwise.
    let matrix = side_data
        .filter_map(|data| data.get("rotation")?.as_f64())
        .map(|degrees| -degrees)
        .next();
    let tagged = tags(stream)
        .remove("rotate")
        .and_then(|text| text.parse::<f64>().ok());
    let quarters = (matrix.or(tagged).unwrap_or(0.0) / 90.0).round() as i64;
    u32::try_from(quarters.rem_euclid(4) * 90).unwrap_or(0)
}

fn depth_of(pix_fmt: &str) -> u32 {
    let deep = [("10", 10), ("12", 12), ("14", 14), ("16", 16)];
    let name = pix_fmt.trim_end_matches("le").trim_end_matches("be");
    deep.into_iter()
        .find(|(suffix, _)| name.ends_with(suffix) && pix_fmt != name)
        .map_or(8, |(_, bits)| bits)
}

fn text(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?;
    (text != "N/A" && text != "unknown").then(|| text.to_owned())
}

fn number(value: &Value, key: &str) -> Option<u64> {
    let value = value.get(key)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn dimension(value: &Value, key: &str) -> Option<u32> {
    number(value, key)
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| *number > 0)
}

fn flag(stream: &Value, name: &str) -> bool {
    stream
        .get("disposition")
        .and_then(|flags| flags.get(name))
        .and_then(Value::as_i64)
        == Some(1)
}

fn ratio(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once(':')?;
    let ratio: (u32, u32) = (width.parse().ok()?, height.parse().ok()?);
    let sane = ratio.0 > 0 && ratio.1 > 0 && ratio.0 / ratio.1 < 16 && ratio.1 / ratio.0 < 16;
    sane.then_some(ratio)
}

fn tags(value: &Value) -> BTreeMap<String, String> {
    let tags = value
        .get("tags")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    tags.filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())))
        .collect()
}

fn time_us(value: &Value, key: &str) -> Option<i64> {
    parse_us(value.get(key)?.as_str()?)
}

/// `-1.234567` seconds to microseconds, exactly.
pub(crate) fn parse_us(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let us = whole.parse::<u32>().ok().map(i64::from)? * 1_000_000
        + fraction.parse::<u32>().ok().map(i64::from)?;
    Some(sign * us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_exact() {
        assert_eq!(parse_us("1.234567"), Some(1_234_567));
        assert_eq!(parse_us("-0.021"), Some(-21_000));
        assert_eq!(parse_us("5"), Some(5_000_000));
        assert_eq!(parse_us("N/A"), None);
        assert_eq!(parse_us("99999999999999.0"), None);
    }

    #[test]
    fn shapes_follow_pixels_and_rotation() {
        assert_eq!(display(720, 576, (64, 45), 0), (1024, 576));
        assert_eq!(display(640, 360, (1, 1), 90), (360, 640));
        assert_eq!(ratio("0:1"), None);
        assert_eq!(ratio("1000:1"), None);
    }

    #[test]
    fn depth_comes_from_the_pixel_format() {
        assert_eq!(depth_of("yuv420p10le"), 10);
        assert_eq!(depth_of("yuv420p"), 8);
        assert_eq!(depth_of("yuv410p"), 8);
        assert_eq!(depth_of("gray16be"), 16);
    }

    #[test]
    fn a_phone_clip_is_read() {
        let probe = read(json!({
            "format": {"filename": "/data/secret/x.mp4", "format_name": "mov,mp4", "duration": "3.5",
                       "start_time": "0.000000", "size": "100", "tags": {"Title": "Holiday"}},
            "streams": [
                {"index": 0, "codec_type": "video", "codec_name": "hevc", "width": 1920, "height": 1080,
                 "pix_fmt": "yuv420p10le", "r_frame_rate": "30/1", "avg_frame_rate": "2997/100",
                 "field_order": "progressive", "color_transfer": "arib-std-b67",
                 "side_data_list": [{"side_data_type": "Display Matrix", "rotation": -90}]},
                {"index": 1, "codec_type": "audio", "codec_name": "aac", "sample_rate": "44100", "channels": 1,
                 "tags": {"language": "deu"}},
                {"index": 2, "codec_type": "data"}
            ],
            "chapters": [{"start_time": "0.0", "end_time": "1.0", "tags": {"title": "One"}}]
        }));
        let video = probe.video.unwrap();
        assert_eq!((video.rotation, video.display()), (90, (1080, 1920)));
        assert!(video.is_hdr && !video.is_interlaced);
        assert_eq!(video.bit_depth, 10);
        assert_eq!(probe.audio[0].language.as_deref(), Some("deu"));
        assert_eq!(probe.title.as_deref(), Some("Holiday"));
        assert_eq!(probe.chapters.len(), 1);
        assert!(!probe.raw.to_string().contains("secret"));
    }

    #[test]
    fn monsters_are_refused() {
        let huge = VideoStream {
            coded_width: 60_000,
            coded_height: 60_000,
            ..VideoStream::default()
        };
        let probe = Probe {
            video: Some(huge),
            ..Probe::default()
        };
        assert!(
            check(&probe, &ProbeLimits::default())
                .unwrap_err()
                .is_permanent()
        );
        assert!(
            check(&Probe::default(), &ProbeLimits::default())
                .unwrap_err()
                .is_permanent()
        );
    }
}
