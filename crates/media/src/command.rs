//! The argument lists. Nothing here runs anything; each list was measured, so change them with care.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

use crate::encoder::picture_output;
use crate::flash;
use crate::ladder::Rung;
use crate::plan::{AudioPlan, ChunkPlan, Hdr, Picture, Plan};
use crate::rate::Rate;
use crate::source::{Source, file_address};
use crate::title::Metric;

/// `delay_moov` writes the edit list that B-frames need; `empty_moov` would show everything two frames late.
pub(crate) const PICTURE_FRAGMENTS: &str =
    "+frag_keyframe+delay_moov+default_base_moof+skip_trailer";
const COPIED_SOUND_FRAGMENTS: &str = "+delay_moov+default_base_moof+skip_trailer";
/// The sound has no edit list: its encoder's priming is cut from its input.
const SOUND_FRAGMENTS: &str = "+empty_moov+default_base_moof+skip_trailer";
const SOUND_FRAGMENT_US: &str = "4000000";
pub(crate) const PROGRESS: &str = "-progress pipe:1 -nostats -stats_period 1";
pub(crate) const CLEAN: &str = "-map_metadata -1 -map_chapters -1";
/// A picture that would need more is not decoded.
const MAX_PIXELS: &str = "67108864";
/// What is heard in the end has two channels, so that is what is measured.
const STEREO: &str = "aformat=channel_layouts=stereo";
/// Samples that the AAC encoder puts in front.
const AAC_PRIMING: u32 = 1024;

pub type Args = Vec<OsString>;

/// One part of the picture: decoded once, encoded for every rung into `folder/<rung>.mp4`.
pub fn chunk(plan: &Plan, chunk: &ChunkPlan, source: &Source, still: &Path, folder: &Path) -> Args {
    let mut args = start();
    add(&mut args, PROGRESS);
    match &plan.picture {
        Picture::Stream { .. } => args.extend(picture_input(chunk, source)),
        Picture::Still { .. } => args.extend(still_input(plan, still)),
    }
    args.push("-filter_complex".into());
    args.push(chunk_filter(plan, chunk).into());
    for rung in &plan.rungs {
        args.extend(picture_output(plan, rung));
        args.push(file_address(&folder.join(format!("{}.mp4", rung.name()))));
    }
    args
}

fn picture_input(chunk: &ChunkPlan, source: &Source) -> Args {
    let mut args = source.limits();
    add(&mut args, "-copyts -noaccurate_seek");
    if let Some(seek) = chunk.seek_us {
        add(&mut args, &format!("-ss {}", seconds(seek)));
    }
    args.push("-i".into());
    args.push(source.address());
    args
}

fn still_input(plan: &Plan, still: &Path) -> Args {
    let Rate { num, den } = plan.rate;
    let mut args = Args::new();
    add(
        &mut args,
        "-protocol_whitelist file -f image2 -pattern_type none -loop 1",
    );
    add(&mut args, &format!("-framerate {num}/{den} -i"));
    args.push(file_address(still));
    args
}

/// Numbers the frames itself, so that every part has exactly the frames that one long run would have.
fn chunk_filter(plan: &Plan, chunk: &ChunkPlan) -> String {
    let mut filter = match &plan.picture {
        Picture::Still { .. } => format!(
            "[0:v:0]settb={}/{},trim=end_frame={},setpts=N",
            plan.rate.den, plan.rate.num, chunk.frames
        ),
        Picture::Stream {
            index,
            is_interlaced,
            tone_map,
        } => stream_filter(plan, chunk, *index, *is_interlaced, tone_map.as_ref()),
    };
    let fit = match &plan.picture {
        Picture::Stream { .. } => "",
        Picture::Still { .. } => ":force_original_aspect_ratio=decrease",
    };
    let scaler = plan.encoding.scaler();
    let _ = write!(filter, ",split={}", plan.rungs.len());
    for rung in &plan.rungs {
        let _ = write!(filter, "[s{}]", rung.name());
    }
    for rung in &plan.rungs {
        let (name, width, height) = (rung.name(), rung.width, rung.height);
        let _ = write!(
            filter,
            ";[s{name}]scale={width}:{height}:flags={scaler}{fit}"
        );
        if !fit.is_empty() {
            let _ = write!(filter, ",pad={width}:{height}:-1:-1");
        }
        let _ = write!(filter, ",setsar=1,format=yuv420p[v{name}]");
    }
    filter
}

fn stream_filter(
    plan: &Plan,
    chunk: &ChunkPlan,
    index: u32,
    is_interlaced: bool,
    hdr: Option<&Hdr>,
) -> String {
    let mut filter = format!("[0:{index}]");
    if is_interlaced {
        filter.push_str("bwdif=mode=send_frame:parity=auto:deint=interlaced,");
    }
    let _ = write!(
        filter,
        "settb=1/90000,setpts=PTS-({}),fps=fps={}/{}:start_time={}:round=near,\
         tpad=stop_mode=clone:stop=-1,trim=end_frame={},setpts=N",
        plan.origin_ticks,
        plan.rate.num,
        plan.rate.den,
        seconds(plan.rate.frame_us(chunk.first)),
        chunk.frames
    );
    if let (Some(hdr), Some((width, height))) = (hdr, plan.top()) {
        // Made small first: tone mapping works on floating point.
        let _ = write!(
            filter,
            ",scale={width}:{height}:flags=bicubic,{}",
            tone_map(hdr)
        );
    }
    filter
}

pub(crate) fn tone_map(hdr: &Hdr) -> String {
    let word = |text: &str| {
        text.chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect::<String>()
    };
    format!(
        "zscale=tin={}:pin={}:min={}:rin=tv:t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,\
         tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p",
        word(&hdr.transfer),
        word(&hdr.primaries),
        word(&hdr.matrix)
    )
}

/// The whole sound in one run, as a rendition of its own. Repeating it gives the same bytes.
/// None when the plan has no sound to encode.
pub fn audio(plan: &Plan, source: &Source, out: &Path) -> Option<Args> {
    let AudioPlan::Encoded { index, kbits } = plan.audio else {
        return None;
    };
    let level = match plan.encoding.gain_cdb {
        0 => String::new(),
        // Peaks that the gain would lift too high are held down.
        gain => format!(
            "{STEREO},volume={:.2}dB,alimiter=limit=0.89:level=false:latency=true,",
            f64::from(gain) / 100.0
        ),
    };
    let filter = format!(
        "asetpts=PTS-({}/90000)/TB,{level}aresample=48000:async=1:min_hard_comp=0.1:first_pts=0,\
         atrim=start_sample={AAC_PRIMING},asetpts=N/SR/TB",
        plan.origin_ticks
    );
    let mut args = start();
    add(&mut args, PROGRESS);
    args.extend(source.limits());
    add(&mut args, "-copyts -i");
    args.push(source.address());
    add(&mut args, &format!("-map 0:{index} -vn -af {filter}"));
    add(
        &mut args,
        &format!("-c:a aac -b:a {kbits}k -ac 2 {CLEAN} -movflags {SOUND_FRAGMENTS}"),
    );
    add(
        &mut args,
        &format!("-frag_duration {SOUND_FRAGMENT_US} -f mp4"),
    );
    args.push(file_address(out));
    Some(args)
}

/// Prints how loud a sound is so far, again and again, as `lavfi.r128.I=-23.0`.
pub fn loudness(source: &Source, index: u32) -> Args {
    let mut args = start();
    args.extend(source.input());
    let print = "ametadata=mode=print:key=lavfi.r128.I:file=-";
    add(
        &mut args,
        &format!("-map 0:{index} -vn -sn -dn -af {STEREO},ebur128=metadata=1,{print} -f null -"),
    );
    args
}

/// Picture and sound as they are, in one run, so that both count from one zero.
pub fn copy(plan: &Plan, source: &Source, video_out: &Path, audio_out: &Path) -> Args {
    let mut args = start();
    add(&mut args, PROGRESS);
    args.extend(source.limits());
    add(&mut args, "-copyts -start_at_zero -i");
    args.push(source.address());
    let index = match plan.picture {
        Picture::Stream { index, .. } => index,
        Picture::Still { .. } => 0,
    };
    add(
        &mut args,
        &format!(
            "-map 0:{index} -c copy {CLEAN} -write_tmcd 0 -movflags {PICTURE_FRAGMENTS} -f mp4"
        ),
    );
    args.push(file_address(video_out));
    if let AudioPlan::Copied { index, from_ts } = plan.audio {
        let filter = if from_ts { "-bsf:a aac_adtstoasc" } else { "" };
        add(
            &mut args,
            &format!("-map 0:{index} -c copy {CLEAN} {filter} -movflags {COPIED_SOUND_FRAGMENTS}"),
        );
        add(
            &mut args,
            &format!("-frag_duration {SOUND_FRAGMENT_US} -f mp4"),
        );
        args.push(file_address(audio_out));
    }
    args
}

/// Prints how like the source some frames of a part are, both made small: a line for each frame.
pub fn likeness(
    plan: &Plan,
    window: &ChunkPlan,
    source: &Source,
    made: &Source,
    before: u64,
) -> Args {
    let mut args = start();
    args.extend(picture_input(window, source));
    args.extend(made.input());
    let filter = match &plan.picture {
        Picture::Still { .. } => return args,
        Picture::Stream {
            index,
            is_interlaced,
            tone_map,
        } => stream_filter(plan, window, *index, *is_interlaced, tone_map.as_ref()),
    };
    let small = "scale=160:90:flags=area,setsar=1,format=gray,settb=1/1000,setpts=N";
    let end = before + window.frames;
    args.push("-filter_complex".into());
    args.push(
        format!(
            "{filter},{small}[a];[1:v:0]trim=start_frame={before}:end_frame={end},\
             {small}[b];[a][b]ssim=stats_file=-:shortest=1"
        )
        .into(),
    );
    add(&mut args, "-an -sn -dn -fps_mode passthrough -f null -");
    args
}

/// A rendition and the file it was made into.
pub type Made<'a> = (&'a Rung, Source);

/// Prints how like the source some frames of renditions are, each at its own size, from one decode of the source. The
/// made files begin so many frames before the window. After the values of a frame stands its rendition's name,
/// unless the metric prints a report of its own; then there can be only one rendition.
pub fn score(
    plan: &Plan,
    window: &ChunkPlan,
    source: &Source,
    (made, skipped): (&[Made<'_>], u64),
    metric: Metric,
) -> Args {
    let Picture::Stream {
        index,
        is_interlaced,
        tone_map,
    } = &plan.picture
    else {
        return Args::new();
    };
    let mut args = start();
    args.extend(picture_input(window, source));
    for (_, file) in made {
        if skipped > 0 {
            // Half a frame before the first that is wanted, so that rounding loses none.
            let at = plan.rate.frame_us(skipped) - plan.rate.frame_us(1) / 2;
            add(&mut args, &format!("-ss {}", seconds(at)));
        }
        args.extend(file.input());
    }
    let mut filter = stream_filter(plan, window, *index, *is_interlaced, tone_map.as_ref());
    let _ = write!(filter, ",split={}", made.len());
    for (rung, _) in made {
        let _ = write!(filter, "[s{}]", rung.name());
    }
    let alike = format!(
        "setsar=1,format=yuv420p,settb={}/{},setpts=N",
        plan.rate.den, plan.rate.num
    );
    let scaler = plan.encoding.scaler();
    for (number, (rung, _)) in made.iter().enumerate() {
        let (name, width, height) = (rung.name(), rung.width, rung.height);
        let _ = write!(
            filter,
            ";[s{name}]scale={width}:{height}:flags={scaler},{alike}[a{name}];\
             [{}:v:0]trim=end_frame={},{alike}[b{name}];[b{name}][a{name}]",
            number + 1,
            window.frames
        );
        let _ = match metric {
            Metric::Vmaf => write!(
                filter,
                "libvmaf=log_fmt=json:log_path=/dev/stdout:n_threads=2:shortest=1"
            ),
            // `direct`, so that the lines of one frame are not torn apart by those of another rendition.
            Metric::Ssim => write!(
                filter,
                "ssim=shortest=1,metadata=mode=add:key=rung:value={name},\
                 metadata=mode=print:file=-:direct=1"
            ),
        };
        let _ = write!(filter, "[o{name}]");
    }
    args.push("-filter_complex".into());
    args.push(filter.into());
    for (rung, _) in made {
        add(&mut args, &format!("-map [o{}]", rung.name()));
    }
    add(&mut args, "-fps_mode passthrough -f null -");
    args
}

/// Encodes one dark frame, to find out whether an encoder of a graphics card works here.
pub fn trial(encoder: &str) -> Vec<&str> {
    let mut words: Vec<&str> = "-hide_banner -loglevel error -nostdin".split(' ').collect();
    let upload: &[&str] = match encoder {
        "h264_vaapi" => &[
            "-vaapi_device",
            "/dev/dri/renderD128",
            "-vf",
            "format=nv12,hwupload",
        ],
        _ => &[],
    };
    words.extend(["-f", "lavfi", "-i", "color=s=256x144:r=5:d=1"]);
    words.extend(upload);
    words.extend(["-frames:v", "1", "-c:v", encoder, "-f", "null", "-"]);
    words
}

/// The mean brightness of the fields of each frame, a byte each, on standard output.
pub fn fields(source: &Source) -> Args {
    let mut args = start();
    // Edges of blocks are not smoothed: the mean of a field hardly knows, and it takes a quarter of the time.
    add(&mut args, "-skip_loop_filter all");
    args.extend(source.input());
    let (columns, rows) = (flash::COLUMNS, flash::ROWS);
    let filter = format!(
        "fps={}:round=near,scale={columns}:{rows}:flags=area:out_range=pc,format=gray",
        flash::RATE
    );
    add(&mut args, "-map 0:v:0 -an -sn -dn -vf");
    args.push(filter.into());
    add(&mut args, "-fps_mode passthrough -f rawvideo -");
    args
}

/// One stream as it is, cut into fragments like a rendition of ours.
pub fn adopt(source: &Source, has_video: bool, out: &Path) -> Args {
    let mut args = start();
    add(&mut args, PROGRESS);
    args.extend(source.limits());
    add(&mut args, "-copyts -start_at_zero -i");
    args.push(source.address());
    let words = if has_video {
        format!("-map 0:v:0 -c copy {CLEAN} -write_tmcd 0 -movflags {PICTURE_FRAGMENTS} -f mp4")
    } else {
        format!(
            "-map 0:a:0 -c copy {CLEAN} -movflags {COPIED_SOUND_FRAGMENTS} \
             -frag_duration {SOUND_FRAGMENT_US} -f mp4"
        )
    };
    add(&mut args, &words);
    args.push(file_address(out));
    args
}

/// Puts a rendition and its sound into one file, written to standard output.
pub fn download(video: Option<&Source>, audio: Option<&Source>) -> Args {
    let mut args = start();
    let inputs: Vec<&Source> = video.into_iter().chain(audio).collect();
    for input in &inputs {
        args.extend(input.input());
    }
    for number in 0..inputs.len() {
        add(&mut args, &format!("-map {number}:0"));
    }
    add(&mut args, "-c copy -map_metadata -1");
    add(
        &mut args,
        "-movflags +frag_keyframe+delay_moov+default_base_moof -f mp4 pipe:1",
    );
    args
}

/// A rendition and its sound as one file with its index at the beginning.
pub fn progressive(video: &Source, audio: Option<&Source>, out: &Path) -> Args {
    let mut args = start();
    args.extend(video.input());
    if let Some(audio) = audio {
        args.extend(audio.input());
        add(&mut args, "-map 0:v:0 -map 1:a:0");
    } else {
        add(&mut args, "-map 0:v:0");
    }
    add(
        &mut args,
        &format!("-c copy {CLEAN} -write_tmcd 0 -movflags +faststart -f mp4"),
    );
    args.push(file_address(out));
    args
}

/// A stream of the source that is one picture, as PNG.
pub fn cover(source: &Source, index: u32, out: &Path) -> Args {
    let mut args = start();
    add(&mut args, &format!("-max_pixels {MAX_PIXELS}"));
    args.extend(source.input());
    add(
        &mut args,
        &format!("-map 0:{index} -frames:v 1 -c:v png -f image2 -update 1"),
    );
    args.push(file_address(out));
    args
}

/// A plain dark card, for a sound without any picture.
pub fn card(width: u32, height: u32, out: &Path) -> Args {
    let mut args = start();
    add(
        &mut args,
        &format!("-f lavfi -i color=c=0x1f2430:s={width}x{height}:r=1"),
    );
    add(&mut args, "-frames:v 1 -c:v png -f image2 -update 1");
    args.push(file_address(out));
    args
}

/// What pictures are to be made of.
#[derive(Debug, Clone)]
pub struct Shot<'a> {
    /// Options that open the input, `-i` included.
    pub input: Args,
    /// From the start of the file.
    pub seek_us: Option<i64>,
    /// The stream's number in the input.
    pub stream: u32,
    /// Take the most telling of this many frames.
    pub best_of: u32,
    pub hdr: Option<&'a Hdr>,
}

/// One frame as a JPEG in each of the sizes.
pub fn shot(shot: &Shot<'_>, outs: &[((u32, u32), &Path)]) -> Args {
    let mut args = start();
    add(&mut args, &format!("-max_pixels {MAX_PIXELS}"));
    if let Some(seek) = shot.seek_us {
        add(&mut args, &format!("-ss {}", seconds(seek)));
    }
    args.extend(shot.input.iter().cloned());
    let mut filter = format!("[0:{}]", shot.stream);
    if shot.best_of > 1 {
        let _ = write!(filter, "thumbnail={},", shot.best_of);
    }
    let largest = outs.iter().max_by_key(|(size, _)| size.0);
    if let (Some(hdr), Some((size, _))) = (shot.hdr, largest) {
        let _ = write!(
            filter,
            "scale={}:{}:flags=lanczos,{},",
            size.0,
            size.1,
            tone_map(hdr)
        );
    }
    let _ = write!(filter, "split={}", outs.len());
    for number in 0..outs.len() {
        let _ = write!(filter, "[s{number}]");
    }
    for (number, (size, _)) in outs.iter().enumerate() {
        let _ = write!(
            filter,
            ";[s{number}]scale={}:{}:flags=lanczos:out_range=full,setsar=1,format=yuvj420p[p{number}]",
            size.0, size.1
        );
    }
    add(&mut args, &format!("-filter_complex {filter}"));
    for (number, (_, out)) in outs.iter().enumerate() {
        add(
            &mut args,
            &format!("-map [p{number}] -frames:v 1 -map_metadata -1"),
        );
        add(&mut args, "-c:v mjpeg -q:v 3 -f image2 -update 1");
        args.push(file_address(out));
    }
    args
}

/// The grid of small pictures that a player shows above its time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sprites {
    pub width: u32,
    pub height: u32,
    pub columns: u32,
    pub rows: u32,
    pub count: u32,
    /// Seconds between two pictures.
    pub every_s: u32,
}

/// Decodes keyframes alone, which costs a sixteenth: the source is to be one of our own renditions.
pub fn storyboard(sprites: &Sprites, source: &Source, keyframes_only: bool, out: &Path) -> Args {
    let mut args = start();
    if keyframes_only {
        add(&mut args, "-skip_frame nokey");
    }
    args.extend(source.input());
    let Sprites {
        width,
        height,
        columns,
        rows,
        count,
        every_s,
    } = sprites;
    let filter = format!(
        "fps=fps=1/{every_s}:start_time=0:round=near:eof_action=pass,\
         scale={width}:{height}:flags=bicubic,setsar=1,tpad=stop_mode=clone:stop=-1,trim=end_frame={count},tile={columns}x{rows},format=yuvj420p"
    );
    add(
        &mut args,
        &format!("-map 0:v:0 -an -sn -vf {filter} -frames:v 1 -map_metadata -1"),
    );
    add(&mut args, "-c:v mjpeg -q:v 4 -f image2 -update 1");
    args.push(file_address(out));
    args
}

pub(crate) fn start() -> Args {
    let mut args = Args::new();
    add(&mut args, "-hide_banner -loglevel error -nostdin -y");
    args
}

/// Adds words that hold no blanks themselves; paths are pushed one by one.
pub(crate) fn add(args: &mut Args, words: &str) {
    args.extend(words.split_whitespace().map(OsString::from));
}

fn seconds(us: i64) -> String {
    let sign = if us < 0 { "-" } else { "" };
    format!(
        "{sign}{}.{:06}",
        us.unsigned_abs() / 1_000_000,
        us.unsigned_abs() % 1_000_000
    )
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
