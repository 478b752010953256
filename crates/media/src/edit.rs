//! Cuts, intros, outros and watermarks: a new file of what is to be kept, in one run of ffmpeg and with so many bits
//! that making renditions of it loses nothing that can be seen.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::command::{self, Args};
use crate::error::{MediaError, Result};
use crate::plan::hdr;
use crate::probe::Probe;
use crate::process::{self, Priority, Program, Run};
use crate::rate::{self, Rate};
use crate::source::{Source, file_address};
use crate::tool::Ffmpeg;

/// One step, applied to what the steps before it have left.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// These stretches stay, in seconds; without an end up to the end.
    Keep(Vec<(f64, Option<f64>)>),
    Before(Inserted),
    After(Inserted),
    /// A picture in the upper right corner; the ratios are parts of the video's height and width.
    Mark {
        picture: PathBuf,
        size_ratio: f64,
        horizontal_ratio: f64,
        vertical_ratio: f64,
    },
}

/// A clip that is put in.
#[derive(Debug, Clone, PartialEq)]
pub struct Inserted {
    pub file: PathBuf,
    pub has_audio: bool,
    pub duration_s: f64,
}

/// Makes `out` of the source. `on_progress` is told how far it has come, from 0 to 1.
pub async fn edit(
    ffmpeg: &Ffmpeg,
    source: &Source,
    probe: &Probe,
    edits: &[Edit],
    out: &Path,
    cancel: &CancellationToken,
    mut on_progress: impl FnMut(f64),
) -> Result<()> {
    let duration_s = seconds_of(probe);
    let expected = expected_s(duration_s, edits);
    if expected <= 0.0 {
        return Err(MediaError::Unreadable("nothing of it would be left".into()));
    }
    let graph = Graph::build(probe, edits);
    let args = arguments(&graph, source, edits, out);
    let mut run = Run::new(Program::Ffmpeg, "Editing the video", args).priority(Priority::Nice);
    // What is cut off at the beginning is decoded before the first frame comes out.
    run.patience_cpu = std::time::Duration::from_secs(3600);
    process::encode(ffmpeg, run, cancel, |now| {
        on_progress((now.out_time_us as f64 / 1e6 / expected).clamp(0.0, 1.0));
    })
    .await
}

fn seconds_of(probe: &Probe) -> f64 {
    probe.duration_us.unwrap_or(0).max(0) as f64 / 1e6
}

/// How long the result is.
pub fn expected_s(duration_s: f64, edits: &[Edit]) -> f64 {
    edits.iter().fold(duration_s, |left, edit| match edit {
        Edit::Keep(ranges) => ranges
            .iter()
            .map(|(start, end)| (end.unwrap_or(left).min(left) - start).max(0.0))
            .sum(),
        Edit::Before(clip) | Edit::After(clip) => left + clip.duration_s,
        Edit::Mark { .. } => left,
    })
}

fn arguments(graph: &Graph, source: &Source, edits: &[Edit], out: &Path) -> Args {
    let mut args = command::start();
    command::add(&mut args, command::PROGRESS);
    args.extend(source.input());
    for edit in edits {
        let path = match edit {
            Edit::Keep(_) => continue,
            Edit::Before(clip) | Edit::After(clip) => &clip.file,
            Edit::Mark { picture, .. } => {
                command::add(
                    &mut args,
                    "-protocol_whitelist file -f image2 -pattern_type none -i",
                );
                args.push(file_address(picture));
                continue;
            }
        };
        args.extend(Source::file(path).input());
    }
    args.push("-filter_complex".into());
    args.push(graph.text.clone().into());
    if let Some(video) = &graph.video {
        command::add(&mut args, &format!("-map [{video}]"));
        command::add(
            &mut args,
            "-c:v libx264 -preset veryfast -crf 15 -pix_fmt yuv420p",
        );
    }
    if let Some(audio) = &graph.audio {
        command::add(&mut args, &format!("-map [{audio}] -c:a aac -b:a 256k"));
    }
    command::add(
        &mut args,
        "-map_metadata -1 -map_chapters -1 -movflags +faststart -f mp4",
    );
    args.push(file_address(out));
    args
}

/// The filters, and the names of what comes out of them.
struct Graph {
    text: String,
    video: Option<String>,
    audio: Option<String>,
    size: (u32, u32),
    rate: Rate,
    labels: u32,
}

impl Graph {
    fn build(probe: &Probe, edits: &[Edit]) -> Self {
        let even = |side: u32| (side / 2 * 2).max(2);
        let picture = probe.video.as_ref();
        let size = picture.map_or((2, 2), |video| {
            (even(video.display_width), even(video.display_height))
        });
        let rate = picture.map_or(Rate { num: 25, den: 1 }, |video| {
            let declared = [video.r_frame_rate, video.avg_frame_rate];
            let gap = video.avg_frame_rate.map_or(40_000, |rate| rate.frame_us(1));
            rate::choose(&declared, gap, 60)
        });
        let mut graph = Graph {
            text: String::new(),
            video: None,
            audio: None,
            size,
            rate,
            labels: 0,
        };
        let brings_sound = edits.iter().any(|edit| match edit {
            Edit::Before(clip) | Edit::After(clip) => clip.has_audio,
            Edit::Keep(_) | Edit::Mark { .. } => false,
        });
        graph.begin(probe, brings_sound);
        let mut input = 0;
        for edit in edits {
            match edit {
                Edit::Keep(ranges) => graph.keep(ranges),
                Edit::Before(clip) | Edit::After(clip) => {
                    input += 1;
                    graph.insert(input, clip, matches!(edit, Edit::Before(_)));
                }
                Edit::Mark {
                    size_ratio,
                    horizontal_ratio,
                    vertical_ratio,
                    ..
                } => {
                    input += 1;
                    graph.mark(input, (*size_ratio, *horizontal_ratio, *vertical_ratio));
                }
            }
        }
        graph
    }

    fn label(&mut self, kind: &str) -> String {
        self.labels += 1;
        format!("{kind}{}", self.labels)
    }

    fn add(&mut self, filter: &str) {
        if !self.text.is_empty() {
            self.text.push(';');
        }
        self.text.push_str(filter);
    }

    /// Filters that give every picture the same form, so that they can be joined.
    fn form(&self) -> String {
        let ((width, height), Rate { num, den }) = (self.size, self.rate);
        format!(
            "scale={width}:{height}:force_original_aspect_ratio=decrease:flags=bicubic,\
             pad={width}:{height}:-1:-1,setsar=1,fps={num}/{den},format=yuv420p,setpts=PTS-STARTPTS"
        )
    }

    fn begin(&mut self, probe: &Probe, brings_sound: bool) {
        if let Some(video) = &probe.video {
            let out = self.label("v");
            let tone =
                hdr(video).map_or(String::new(), |hdr| format!("{},", command::tone_map(&hdr)));
            let deinterlace = if video.is_interlaced {
                "bwdif=mode=send_frame,"
            } else {
                ""
            };
            let form = self.form();
            self.add(&format!(
                "[0:{}]{deinterlace}{tone}{form}[{out}]",
                video.index
            ));
            self.video = Some(out);
        }
        if let Some(audio) = probe.audio.first() {
            let out = self.label("a");
            self.add(&format!("[0:{}]{SOUND_FORM}[{out}]", audio.index));
            self.audio = Some(out);
        } else if brings_sound {
            let out = self.label("a");
            let silence = silence(seconds_of(probe), &out);
            self.add(&silence);
            self.audio = Some(out);
        }
    }

    fn keep(&mut self, ranges: &[(f64, Option<f64>)]) {
        if let Some(from) = self.video.take() {
            let out = self.label("v");
            self.cut("", &from, &out, ranges);
            self.video = Some(out);
        }
        if let Some(from) = self.audio.take() {
            let out = self.label("a");
            self.cut("a", &from, &out, ranges);
            self.audio = Some(out);
        }
    }

    /// `kind` is what the names of filters of sound begin with.
    fn cut(&mut self, kind: &str, from: &str, out: &str, ranges: &[(f64, Option<f64>)]) {
        let count = ranges.len();
        let mut text = format!("[{from}]{kind}split={count}");
        let mut parts = String::new();
        for number in 0..count {
            let _ = write!(text, "[{out}s{number}]");
        }
        for (number, (start, end)) in ranges.iter().enumerate() {
            let end = end.map_or(String::new(), |end| format!(":end={end:.3}"));
            let _ = write!(
                text,
                ";[{out}s{number}]{kind}trim=start={start:.3}{end},{kind}setpts=PTS-STARTPTS[{out}p{number}]"
            );
            let _ = write!(parts, "[{out}p{number}]");
        }
        let (video, audio) = if kind.is_empty() { (1, 0) } else { (0, 1) };
        let _ = write!(text, ";{parts}concat=n={count}:v={video}:a={audio}[{out}]");
        self.add(&text);
    }

    fn insert(&mut self, input: u32, clip: &Inserted, is_before: bool) {
        let joined = |own: &str, other: &str| {
            if is_before {
                format!("[{other}][{own}]")
            } else {
                format!("[{own}][{other}]")
            }
        };
        if let Some(own) = self.video.take() {
            let (other, out, form) = (self.label("i"), self.label("v"), self.form());
            self.add(&format!("[{input}:v:0]{form}[{other}]"));
            let pair = joined(&own, &other);
            self.add(&format!("{pair}concat=n=2:v=1:a=0[{out}]"));
            self.video = Some(out);
        }
        if let Some(own) = self.audio.take() {
            let (other, out) = (self.label("j"), self.label("a"));
            let length = clip.duration_s;
            let sound = if clip.has_audio {
                // As long as its picture, so that what follows is not out of step.
                format!("[{input}:a:0]{SOUND_FORM},apad,atrim=end={length:.6}[{other}]")
            } else {
                silence(length, &other)
            };
            self.add(&sound);
            let pair = joined(&own, &other);
            self.add(&format!("{pair}concat=n=2:v=0:a=1[{out}]"));
            self.audio = Some(out);
        }
    }

    fn mark(&mut self, input: u32, (size, horizontal, vertical): (f64, f64, f64)) {
        let Some(own) = self.video.take() else {
            return;
        };
        let ratio = |ratio: f64| ratio.clamp(0.0, 1.0);
        let (mark, out) = (self.label("m"), self.label("v"));
        let height = (f64::from(self.size.1) * ratio(size)).max(2.0).round();
        let right = f64::from(self.size.0) * ratio(horizontal);
        let top = f64::from(self.size.1) * ratio(vertical);
        self.add(&format!(
            "[{input}:v:0]scale=-1:{height}:flags=bicubic,format=rgba[{mark}]"
        ));
        self.add(&format!(
            "[{own}][{mark}]overlay=x=main_w-overlay_w-{right:.0}:y={top:.0}:eof_action=repeat,\
             format=yuv420p[{out}]"
        ));
        self.video = Some(out);
    }
}

const SOUND_FORM: &str = "aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,asetpts=PTS-STARTPTS";

fn silence(seconds: f64, out: &str) -> String {
    format!("anullsrc=r=48000:cl=stereo,atrim=end={seconds:.6},aformat=sample_fmts=fltp[{out}]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::VideoStream;

    fn probe() -> Probe {
        Probe {
            duration_us: Some(10_000_000),
            video: Some(VideoStream {
                display_width: 321,
                display_height: 180,
                avg_frame_rate: Rate::parse("25/1"),
                ..VideoStream::default()
            }),
            ..Probe::default()
        }
    }

    #[test]
    fn the_length_of_the_result_is_known_beforehand() {
        let clip = Inserted {
            file: "a".into(),
            has_audio: false,
            duration_s: 2.0,
        };
        let edits = [
            Edit::Keep(vec![(0.0, Some(1.0)), (4.0, Some(5.5))]),
            Edit::Before(clip.clone()),
            Edit::After(clip),
            Edit::Keep(vec![(1.0, None)]),
        ];
        assert!((expected_s(10.0, &edits) - 5.5).abs() < 1e-9);
        assert!(expected_s(10.0, &[Edit::Keep(vec![(11.0, None)])]) <= 0.0);
    }

    #[test]
    fn every_stretch_is_taken_and_joined() {
        let edits = [Edit::Keep(vec![(0.0, Some(1.0)), (2.5, None)])];
        let graph = Graph::build(&probe(), &edits);
        assert!(graph.text.contains("split=2[v2s0][v2s1]"), "{}", graph.text);
        assert!(
            graph
                .text
                .contains("trim=start=2.500,setpts=PTS-STARTPTS[v2p1]")
        );
        assert!(graph.text.ends_with("[v2p0][v2p1]concat=n=2:v=1:a=0[v2]"));
        assert!(graph.text.contains("scale=320:180"), "{}", graph.text);
        assert_eq!(graph.audio, None);
    }
}
