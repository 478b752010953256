//! Still pictures: thumbnails, previews and the storyboard above the time line. All are JPEG.

use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

use crate::command::{self, Args, Shot, Sprites};
use crate::error::{MediaError, Result, io as io_error};
use crate::plan::hdr;
use crate::probe::{Probe, ProbeLimits};
use crate::process::{self, Priority, Program, Run};
use crate::source::{Source, file_address};
use crate::tool::Ffmpeg;

/// A sprite's longer side, and how many there are at most in a row and in a column.
const SPRITE_EDGE: u32 = 192;
const SPRITES_IN_A_ROW: u32 = 11;
/// Of so many frames the most telling one is taken.
const BEST_OF: u32 = 40;
/// For the largest picture that is taken, and what stands around it.
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;

/// The picture is made as large as fits, never larger than its source, in its own shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub max_width: u32,
    pub max_height: u32,
    pub out: PathBuf,
}

/// Makes pictures of a video (at a time, or where it looks telling), of a sound's cover, or a plain card.
/// Returns their sizes in the given order.
pub async fn pictures(
    ffmpeg: &Ffmpeg,
    source: &Source,
    probe: &Probe,
    at_us: Option<i64>,
    wanted: &[Wanted],
    cancel: &CancellationToken,
) -> Result<Vec<(u32, u32)>> {
    let Some(video) = &probe.video else {
        return match &probe.cover {
            Some(cover) => {
                let shot = Shot {
                    input: source.input(),
                    seek_us: None,
                    stream: cover.index,
                    best_of: 1,
                    hdr: None,
                };
                shoot(ffmpeg, &shot, (cover.width, cover.height), wanted, cancel).await
            }
            None => card(ffmpeg, wanted, cancel).await,
        };
    };
    let hdr = hdr(video).filter(|_| ffmpeg.about().has_tone_mapping);
    let duration = probe.duration_us.unwrap_or(0);
    let at = at_us.map_or(duration / 10, |at| at.clamp(0, duration.max(0)));
    let best_of = if at_us.is_some() { 1 } else { BEST_OF };
    let mut shot = Shot {
        input: source.input(),
        seek_us: (at > 0).then_some(at),
        stream: video.index,
        best_of,
        hdr: hdr.as_ref(),
    };
    match shoot(ffmpeg, &shot, video.display(), wanted, cancel).await {
        // There is no frame so late: the last one is shown before, or the duration was a guess.
        Err(MediaError::Broken { .. } | MediaError::Failed { .. }) if shot.seek_us.is_some() => {
            shot.seek_us = None;
            shoot(ffmpeg, &shot, video.display(), wanted, cancel).await
        }
        done => done,
    }
}

/// The same of a JPEG, PNG, WebP or GIF file.
pub async fn pictures_of_file(
    ffmpeg: &Ffmpeg,
    file: &Path,
    wanted: &[Wanted],
    cancel: &CancellationToken,
) -> Result<Vec<(u32, u32)>> {
    let opened = tokio::fs::File::open(file)
        .await
        .map_err(io_error("open", file))?;
    let mut first = Vec::new();
    opened
        .take(16)
        .read_to_end(&mut first)
        .await
        .map_err(io_error("read", file))?;
    let format = picture_format(&first).ok_or_else(|| {
        MediaError::Unreadable("it is not a JPEG, PNG, WebP or GIF picture".into())
    })?;
    let mut input: Args = ["-protocol_whitelist", "file", "-f", format, "-i"]
        .map(Into::into)
        .to_vec();
    input.push(file_address(file));
    let size = picture_size(ffmpeg, &input, cancel).await?;
    let shot = Shot {
        input,
        seek_us: None,
        stream: 0,
        best_of: 1,
        hdr: None,
    };
    shoot(ffmpeg, &shot, size, wanted, cancel).await
}

fn picture_format(first: &[u8]) -> Option<&'static str> {
    match first {
        [0xff, 0xd8, 0xff, ..] => Some("jpeg_pipe"),
        [0x89, b'P', b'N', b'G', ..] => Some("png_pipe"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("webp_pipe"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        _ => None,
    }
}

async fn picture_size(
    ffmpeg: &Ffmpeg,
    input: &Args,
    cancel: &CancellationToken,
) -> Result<(u32, u32)> {
    let show = [
        "-hide_banner",
        "-v",
        "error",
        "-select_streams",
        "v:0",
        "-of",
        "csv=p=0",
    ];
    let mut args: Args = show.map(Into::into).to_vec();
    args.extend(["-show_entries", "stream=width,height"].map(Into::into));
    args.extend(input.iter().cloned());
    let run = Run::new(Program::Ffprobe, "Reading the picture", args)
        .priority(Priority::Normal)
        .within(30);
    let text = process::capture(ffmpeg, run, 4096, cancel)
        .await
        .map_err(crate::probe::unreadable)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let size = text
        .trim()
        .split_once(',')
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    size.filter(|(w, h)| *w > 0 && *h > 0)
        .ok_or_else(|| MediaError::Unreadable("its picture has no size".into()))
}

async fn card(
    ffmpeg: &Ffmpeg,
    wanted: &[Wanted],
    cancel: &CancellationToken,
) -> Result<Vec<(u32, u32)>> {
    let input = ["-f", "lavfi", "-i", "color=c=0x1f2430:s=1280x720:r=1"]
        .map(Into::into)
        .to_vec();
    let shot = Shot {
        input,
        seek_us: None,
        stream: 0,
        best_of: 1,
        hdr: None,
    };
    shoot(ffmpeg, &shot, (1280, 720), wanted, cancel).await
}

async fn shoot(
    ffmpeg: &Ffmpeg,
    shot: &Shot<'_>,
    source: (u32, u32),
    wanted: &[Wanted],
    cancel: &CancellationToken,
) -> Result<Vec<(u32, u32)>> {
    let most = ProbeLimits::default().max_pixels;
    if u64::from(source.0) * u64::from(source.1) > most {
        return Err(MediaError::Unreadable(format!(
            "its picture of {}x{} is too large",
            source.0, source.1
        )));
    }
    let sizes: Vec<_> = wanted
        .iter()
        .map(|one| fit(source, (one.max_width, one.max_height)))
        .collect();
    let outs: Vec<_> = sizes
        .iter()
        .copied()
        .zip(wanted.iter().map(|one| one.out.as_path()))
        .collect();
    let mut run = Run::new(
        Program::Ffmpeg,
        "Making a picture",
        command::shot(shot, &outs),
    );
    run.memory_bytes = MEMORY;
    process::capture(
        ffmpeg,
        run.priority(Priority::Normal).within(120),
        4096,
        cancel,
    )
    .await?;
    for one in wanted {
        let written = tokio::fs::metadata(&one.out)
            .await
            .map_or(0, |file| file.len());
        if written == 0 {
            return Err(MediaError::broken("The picture", "no frame was found"));
        }
    }
    Ok(sizes)
}

/// The largest size of the same shape in a box, never larger than the source.
pub fn fit(source: (u32, u32), max: (u32, u32)) -> (u32, u32) {
    let (width, height) = (u64::from(source.0.max(1)), u64::from(source.1.max(1)));
    let (max_width, max_height) = (u64::from(max.0.max(1)), u64::from(max.1.max(1)));
    let scaled = |side: u64, num: u64, den: u64| {
        u32::try_from((2 * side * num + den) / (2 * den))
            .unwrap_or(u32::MAX)
            .max(1)
    };
    if width <= max_width && height <= max_height {
        return (scaled(width, 1, 1), scaled(height, 1, 1));
    }
    if width * max_height >= height * max_width {
        (max.0.max(1), scaled(height, max_width, width))
    } else {
        (scaled(width, max_height, height), max.1.max(1))
    }
}

/// One picture a second, or fewer when there would be more than 121.
pub fn sprites(duration_us: i64, display: (u32, u32)) -> Sprites {
    let most = u64::from(SPRITES_IN_A_ROW * SPRITES_IN_A_ROW);
    let seconds = u64::try_from(duration_us)
        .unwrap_or(0)
        .div_ceil(1_000_000)
        .max(1);
    let every_s = seconds.div_ceil(most);
    let count = u32::try_from(seconds.div_ceil(every_s)).unwrap_or(1);
    let columns = (1..=SPRITES_IN_A_ROW)
        .find(|side| side * side >= count)
        .unwrap_or(SPRITES_IN_A_ROW);
    let (width, height) = fit(display, (SPRITE_EDGE, SPRITE_EDGE));
    let even = |side: u32| (side & !1).max(2);
    Sprites {
        width: even(width),
        height: even(height),
        columns,
        rows: count.div_ceil(columns),
        count,
        every_s: u32::try_from(every_s).unwrap_or(u32::MAX),
    }
}

/// `keyframes_only` for one of our own renditions, which has a keyframe every two seconds.
pub async fn storyboard(
    ffmpeg: &Ffmpeg,
    source: &Source,
    sprites: &Sprites,
    keyframes_only: bool,
    out: &Path,
    priority: Priority,
    cancel: &CancellationToken,
) -> Result<()> {
    let args = command::storyboard(sprites, source, keyframes_only, out);
    let mut run = Run::new(Program::Ffmpeg, "Making the storyboard", args)
        .priority(priority)
        .within(6 * 3600);
    // Nothing is printed until the whole video was read.
    run.patience_cpu = std::time::Duration::from_secs(6 * 3600);
    process::capture(ffmpeg, run, 4096, cancel).await?;
    if tokio::fs::metadata(out).await.map_or(0, |file| file.len()) == 0 {
        return Err(MediaError::broken("The storyboard", "no frame was found"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_shape() {
        assert_eq!(fit((1280, 720), (280, 157)), (279, 157));
        assert_eq!(fit((1920, 1080), (850, 480)), (850, 478));
        assert_eq!(fit((720, 1280), (850, 480)), (270, 480));
        assert_eq!(fit((100, 50), (850, 480)), (100, 50));
        assert_eq!(fit((60_000, 1), (850, 480)), (850, 1));
    }

    #[test]
    fn a_storyboard_has_at_most_121_pictures() {
        let short = sprites(3_400_000, (1280, 720));
        assert_eq!(
            (short.count, short.columns, short.rows, short.every_s),
            (4, 2, 2, 1)
        );
        assert_eq!((short.width, short.height), (192, 108));
        let full = sprites(121_000_000, (720, 1280));
        assert_eq!(
            (full.count, full.columns, full.rows, full.width),
            (121, 11, 11, 108)
        );
        for seconds in [1, 2, 7, 122, 300, 3600, 36_000] {
            let grid = sprites(seconds * 1_000_000, (640, 360));
            assert!(
                grid.count <= 121 && grid.rows <= 11 && grid.columns * grid.rows >= grid.count,
                "{seconds}"
            );
            assert!(i64::from(grid.count * grid.every_s) >= seconds);
        }
        assert_eq!(sprites(0, (2, 2)).count, 1);
    }

    #[test]
    fn picture_files_are_known_by_their_first_bytes() {
        assert_eq!(picture_format(b"#EXTM3U"), None);
        assert_eq!(
            picture_format(&[0x89, b'P', b'N', b'G', 0x0d]),
            Some("png_pipe")
        );
    }
}
