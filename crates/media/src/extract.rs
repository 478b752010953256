//! Short loops of a passage, and the sound of a video as a file for podcast players.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use crate::command::{self, Args, add};
use crate::error::{MediaError, Result, io as io_error};
use crate::process::{self, Priority, Program, Run};
use crate::source::{Source, file_address};
use crate::tool::Ffmpeg;

/// Short side at the most, and frames per second, of the tries at a GIF.
const TRIES: [(u32, u32); 4] = [(480, 15), (360, 12), (240, 10), (144, 8)];
/// A GIF that is larger is tried again with less.
const GIF_MAX_BYTES: u64 = 5 * 1000 * 1000;

/// A passage, in milliseconds from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    pub start_ms: i64,
    pub end_ms: i64,
}

/// What is said about a sound in its file.
#[derive(Debug, Clone, Default)]
pub struct About<'a> {
    pub title: &'a str,
    pub artist: &'a str,
    /// A JPEG.
    pub cover: Option<&'a Path>,
}

/// A file in the making: of what, where it goes, and how urgent it is.
pub struct Making<'a> {
    pub ffmpeg: &'a Ffmpeg,
    pub source: &'a Source,
    pub out: &'a Path,
    pub priority: Priority,
    pub cancel: &'a CancellationToken,
}

impl Making<'_> {
    /// A GIF that repeats for ever and stays below 5 MB. `on_progress` is told how far it is, from 0 to 1.
    pub async fn gif(&self, passage: Passage, mut on_progress: impl FnMut(f64)) -> Result<()> {
        for (side, fps) in TRIES {
            let args = gif_args(self.source, passage, (side, fps), self.out);
            self.encode("Making a GIF", args, passage, &mut on_progress)
                .await?;
            let made = std::fs::metadata(self.out).map_err(io_error("read", self.out))?;
            if made.len() <= GIF_MAX_BYTES {
                return Ok(());
            }
        }
        Err(MediaError::Unreadable(
            "this passage is too long for a GIF of 5 MB; choose a shorter one".into(),
        ))
    }

    /// The passage without sound, for players that repeat it.
    pub async fn repeating(
        &self,
        passage: Passage,
        mut on_progress: impl FnMut(f64),
    ) -> Result<()> {
        let mut args = input(self.source, passage);
        add(&mut args, "-map 0:v:0 -an -sn -dn -map_metadata -1");
        add(
            &mut args,
            "-c:v libx264 -preset veryfast -crf 22 -profile:v high -pix_fmt yuv420p",
        );
        add(&mut args, "-movflags +faststart -f mp4");
        args.push(file_address(self.out));
        self.encode("Making a loop", args, passage, &mut on_progress)
            .await
    }

    /// The sound as it is, with its index at the beginning and what is said about it.
    pub async fn sound(&self, about: &About<'_>) -> Result<()> {
        let args = sound_args(self.source, about, self.out);
        let run = Run::new(Program::Ffmpeg, "Putting the sound into a file", args);
        process::capture(self.ffmpeg, run.priority(self.priority), 1024, self.cancel)
            .await
            .map(drop)
    }

    async fn encode(
        &self,
        what: &str,
        args: Args,
        passage: Passage,
        on_progress: &mut impl FnMut(f64),
    ) -> Result<()> {
        let run = Run::new(Program::Ffmpeg, what, args).priority(self.priority);
        let whole = (passage.end_ms - passage.start_ms).max(1) as f64 * 1000.0;
        process::encode(self.ffmpeg, run, self.cancel, |now| {
            on_progress((now.out_time_us as f64 / whole).clamp(0.0, 1.0));
        })
        .await
    }
}

fn input(source: &Source, passage: Passage) -> Args {
    let mut args = command::start();
    add(&mut args, command::PROGRESS);
    let length = (passage.end_ms - passage.start_ms).max(1);
    add(
        &mut args,
        &format!("-ss {}ms -t {length}ms", passage.start_ms.max(0)),
    );
    args.extend(source.input());
    args
}

fn gif_args(source: &Source, passage: Passage, (side, fps): (u32, u32), out: &Path) -> Args {
    let mut args = input(source, passage);
    // Only smaller, never larger; one palette for all of it, from what moves.
    let size = format!(
        "scale=w=if(gt(iw\\,ih)\\,-2\\,min(iw\\,{side})):h=if(gt(iw\\,ih)\\,min(ih\\,{side})\\,-2):flags=lanczos"
    );
    args.push("-filter_complex".into());
    args.push(
        format!(
            "[0:v:0]fps={fps},{size},split[a][b];[a]palettegen=stats_mode=diff[p];\
             [b][p]paletteuse=dither=bayer:bayer_scale=4"
        )
        .into(),
    );
    add(&mut args, "-map_metadata -1 -loop 0 -f gif");
    args.push(file_address(out));
    args
}

fn sound_args(source: &Source, about: &About<'_>, out: &Path) -> Args {
    let mut args = command::start();
    args.extend(source.input());
    if let Some(cover) = about.cover {
        add(
            &mut args,
            "-protocol_whitelist file -f image2 -pattern_type none -i",
        );
        args.push(file_address(cover));
    }
    add(&mut args, "-map 0:a:0");
    if about.cover.is_some() {
        add(&mut args, "-map 1:v:0 -disposition:v:0 attached_pic");
    }
    add(&mut args, "-c copy -map_metadata -1 -map_chapters -1");
    for (key, value) in [("title", about.title), ("artist", about.artist)] {
        let plain: String = value.chars().filter(|c| !c.is_control()).collect();
        add(&mut args, "-metadata");
        args.push(format!("{key}={plain}").into());
    }
    add(&mut args, "-movflags +faststart -f ipod");
    args.push(file_address(out));
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(args: &Args) -> String {
        let words: Vec<_> = args.iter().map(|word| word.to_string_lossy()).collect();
        words.join(" ")
    }

    #[test]
    fn a_gif_repeats_and_is_never_larger_than_its_source() {
        let passage = Passage {
            start_ms: 1500,
            end_ms: 4000,
        };
        let source = Source::file("/x/in.mp4");
        let said = text(&gif_args(
            &source,
            passage,
            (480, 15),
            Path::new("/x/out.gif"),
        ));
        for part in [
            "-ss 1500ms -t 2500ms",
            "fps=15",
            "min(ih\\,480)",
            "-loop 0 -f gif",
        ] {
            assert!(said.contains(part), "no {part} in {said}");
        }
    }

    #[test]
    fn names_cannot_become_options() {
        let source = Source::file("/x/in.mp4");
        let about = About {
            title: "a\nb -i /etc/passwd",
            artist: "-y",
            cover: None,
        };
        let args = sound_args(&source, &about, Path::new("/x/out.m4a"));
        assert!(args.iter().any(|word| word == "title=ab -i /etc/passwd"));
        assert!(args.iter().any(|word| word == "artist=-y"));
    }
}
