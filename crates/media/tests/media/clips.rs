//! Makes the awkward clips at their first use and keeps them in the build's temporary folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use media::{
    Encoding, Ffmpeg, LadderConfig, Plan, PlanConfig, Priority, Probe, ProbeLimits, Source, Work,
};
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use tokio_util::sync::CancellationToken;

/// One ffmpeg at a time, or two cores trip over each other.
static TURN: Mutex<()> = Mutex::const_new(());

/// Found once, since each search starts a dozen programs.
static FFMPEG: OnceCell<Ffmpeg> = OnceCell::const_new();

pub async fn ffmpeg() -> Ffmpeg {
    FFMPEG
        .get_or_init(|| async { media::detect().await.unwrap() })
        .await
        .clone()
}

pub async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

const SOUND: &str = "-f lavfi -i sine=frequency=440:sample_rate=48000";
const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
const AAC: &str = "-c:a aac -b:a 96k";

/// `testsrc2` of a size and rate, with a tone, for so many seconds, and the options that make it awkward.
fn recipe(size: &str, rate: &str, seconds: &str, rest: &str) -> String {
    format!(
        "-f lavfi -i testsrc2=s={size}:r={rate}:d={seconds} {SOUND}:d={seconds} -t {seconds} {rest}"
    )
}

pub fn clip(name: &str) -> PathBuf {
    let args = camera(name)
        .or_else(|| studio(name))
        .unwrap_or_else(|| panic!("no clip is called {name}"));
    make(name, &args)
}

/// Ordinary H.264 and AAC with something odd about their shape or their times.
fn camera(name: &str) -> Option<String> {
    let usual = |rest: &str| recipe("320x180", "30", "7", &format!("{rest} {AAC}"));
    let timed = |select: &str, rest: &str| {
        let times = "-fps_mode passthrough -enc_time_base 1:90000 -video_track_timescale 90000";
        let graph = format!("[0:v]settb=1/90000,{select}[v]");
        usual(&format!(
            "-filter_complex {graph} -map [v] -map 1:a {times} {H264} {rest}"
        ))
    };
    let remade = |before: &str, after: &str| {
        format!(
            "{before} -i {} -c copy {after}",
            clip("usual.mp4").display()
        )
    };
    Some(match name {
        "usual.mp4" => usual("-c:v libx264 -preset veryfast -crf 32 -pix_fmt yuv420p -g 60"),
        "rotated.mp4" => remade("", ""),
        "cut.mp4" => remade("-ss 1.37", ""),
        "faststart.mp4" => remade("", "-movflags +faststart"),
        "anamorphic.mp4" => recipe(
            "360x288",
            "25",
            "3",
            &format!("{H264} -vf setsar=64/45 {AAC}"),
        ),
        "odd.mp4" => recipe(
            "314x176",
            "30",
            "3",
            &format!("{H264} -pix_fmt yuv444p -vf format=yuv444p,crop=313:175:0:0 {AAC}"),
        ),
        "fast.mp4" => recipe("320x180", "120", "3", &format!("{H264} {AAC}")),
        "three.mp4" => format!("-f lavfi -i testsrc2=s=320x180:r=30 -frames:v 3 {H264}"),
        "noaudio.mp4" => format!("-f lavfi -i testsrc2=s=320x180:r=30 -t 3 {H264}"),
        "late.mp4" => format!(
            "-f lavfi -i testsrc2=s=320x180:r=30 -itsoffset 1.7 {SOUND} -t 5 {H264} -g 60 {AAC}"
        ),
        "longgop.mp4" => recipe(
            "160x90",
            "30",
            "25",
            &format!("{H264} -g 360 -keyint_min 360 -sc_threshold 0 {AAC}"),
        ),
        // Jitter as phones have it, dropped frames and holes of 0.6 s.
        "vfr.mp4" => timed(
            "select='not(eq(mod(n,17),5))*not(between(mod(n,120),60,78))',setpts='PTS+floor(360*sin(N*12.9898))'",
            "-bf 2",
        ),
        "slides.mp4" => timed("select='eq(n,0)+eq(n,7)+eq(n,75)+eq(n,76)+eq(n,200)'", ""),
        _ => return None,
    })
}

/// Other codecs, containers and kinds of file.
fn studio(name: &str) -> Option<String> {
    let hevc = "-c:v libx265 -preset ultrafast -x265-params log-level=error -pix_fmt yuv420p10le";
    let colours = "setparams=color_trc=smpte2084:color_primaries=bt2020:colorspace=bt2020nc";
    let hdr = format!(
        "-vf {colours} -color_trc smpte2084 -color_primaries bt2020 -colorspace bt2020nc -tag:v hvc1"
    );
    let open =
        "-x264-params open-gop=1:keyint=75:min-keyint=75:scenecut=0:bframes=4:b-pyramid=normal";
    let fine = "-c:v libx264 -preset veryfast -pix_fmt yuv420p";
    Some(match name {
        "tenbit.mkv" => recipe("320x180", "25", "3", &format!("{hevc} -c:a libopus")),
        "pq.mp4" => recipe("320x180", "25", "2", &format!("{hevc} {hdr} {AAC}")),
        "fourtwotwo.mov" => recipe(
            "320x180",
            "25",
            "2",
            "-c:v prores_ks -pix_fmt yuv422p10le -c:a pcm_s16le",
        ),
        "stream.ts" => recipe("320x180", "30000/1001", "7", &format!("{fine} -g 90 {AAC}")),
        "opengop.mkv" => recipe(
            "320x180",
            "30",
            "7",
            &format!("{fine} {open} {AAC} -output_ts_offset 5.25"),
        ),
        // Parts begin at keyframes in front of whose pictures stand some that need the ones before.
        "opengop.mp4" => recipe(
            "160x90",
            "30",
            "15",
            &format!(
                "{fine} -x264-params open-gop=1:keyint=60:min-keyint=60:scenecut=0:bframes=4:b-pyramid=normal"
            ),
        ),
        "opengop.mov" => recipe(
            "160x90",
            "30",
            "15",
            &format!(
                "{hevc} -x265-params log-level=error:open-gop=1:keyint=60:min-keyint=60:scenecut=0:bframes=4 -an"
            ),
        ),
        "interlaced.mp4" => recipe(
            "320x180",
            "50",
            "5",
            &format!("-vf interlace=scan=tff {H264} -flags +ildct+ilme -x264-params tff=1 {AAC}"),
        ),
        "sound.m4a" => format!("{SOUND} -t 5 {AAC}"),
        "covered.mp3" => {
            let cover = "-map 0 -map 1 -t 5 -c:a libmp3lame -c:v png -disposition:v attached_pic";
            format!("{SOUND} -i {} {cover}", clip("cover.png").display())
        }
        "cover.png" => "-f lavfi -i testsrc2=s=300x300 -frames:v 1".into(),
        "wide.jpg" => "-f lavfi -i testsrc2=s=1600x400 -frames:v 1".into(),
        _ => return None,
    })
}

/// The file's name holds a hash of its recipe, so that a changed recipe is made anew.
fn make(name: &str, args: &str) -> PathBuf {
    let hash = args.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{hash:016x}"));
    let path = folder.join(name);
    if !path.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let temp = folder.join(format!("temp-{name}"));
        let mut command = Command::new("ffmpeg");
        command.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"]);
        let made = command
            .args(args.split_whitespace())
            .arg(&temp)
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        if name == "rotated.mp4" {
            turn_by_a_quarter(&temp);
        }
        std::fs::rename(&temp, &path).unwrap();
    }
    path
}

/// The tool, a clip, its plan and a work folder.
pub struct Desk {
    pub ffmpeg: Ffmpeg,
    pub source: Source,
    pub probe: Probe,
    pub plan: Plan,
    pub folder: tempfile::TempDir,
    pub cancel: CancellationToken,
    _turn: MutexGuard<'static, ()>,
}

impl Desk {
    pub async fn new(name: &str) -> Self {
        Self::with(name, Self::small()).await
    }

    /// Two small rungs, always encoded.
    pub fn small() -> PlanConfig {
        let ladder = LadderConfig {
            resolutions: vec![144, 90],
            keep_original: false,
            ..LadderConfig::default()
        };
        let encoding = Encoding {
            preset: "ultrafast".into(),
            ..Encoding::default()
        };
        PlanConfig {
            ladder,
            encoding,
            always_encode: true,
            ..PlanConfig::default()
        }
    }

    pub async fn with(name: &str, config: PlanConfig) -> Self {
        let source = {
            let _turn = turn().await;
            Source::file(clip(name))
        };
        Self::of(source, config).await
    }

    pub async fn of(source: Source, config: PlanConfig) -> Self {
        let turn = turn().await;
        let ffmpeg = ffmpeg().await;
        let cancel = CancellationToken::new();
        let probe = media::probe(&ffmpeg, &source, &ProbeLimits::default(), &cancel)
            .await
            .unwrap();
        let plan = media::plan(&ffmpeg, &source, &probe, &config, &cancel)
            .await
            .unwrap();
        Self {
            ffmpeg,
            source,
            probe,
            plan,
            folder: tempfile::tempdir().unwrap(),
            cancel,
            _turn: turn,
        }
    }

    pub fn work(&self) -> Work<'_> {
        Work {
            ffmpeg: &self.ffmpeg,
            plan: &self.plan,
            source: &self.source,
            folder: self.folder.path(),
            attempt: 1,
            priority: Priority::Normal,
            cancel: &self.cancel,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Everything of the plan, joined: one file and track for each rung.
    pub async fn encode_all(&self) -> Vec<(PathBuf, media::hls::Track)> {
        let work = self.work();
        let mut whole: Vec<_> = self
            .plan
            .rungs
            .iter()
            .map(|rung| {
                (
                    self.path(&format!("{}.mp4", rung.name())),
                    media::hls::Track::default(),
                )
            })
            .collect();
        for index in 0..self.plan.chunks.len() {
            let chunk = work.encode_chunk(index, |_| {}).await.unwrap();
            for (rung, (file, track)) in chunk.rungs.iter().zip(&mut whole) {
                let at = if track.is_empty() { 0 } else { track.len() };
                let length = work.append(index, rung.resolution, file, at).await.unwrap();
                assert!(track.extend(&rung.track), "the init segments are the same");
                assert_eq!(length, track.len());
            }
            work.discard_chunk(index).await.unwrap();
        }
        whole
    }
}

/// Writes the matrix of a phone that was held on its side into the header of the first track: how ffmpeg is told to do so
/// changes with its version.
fn turn_by_a_quarter(path: &Path) {
    /// From the box's name to its matrix.
    const MATRIX: usize = 4 + 40;
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(4).position(|name| name == b"tkhd").unwrap() + MATRIX;
    let matrix = [0, -0x1_0000, 0, 0x1_0000, 0, 0, 0, 0, 0x4000_0000];
    let matrix: Vec<u8> = matrix
        .iter()
        .flat_map(|it: &i32| it.to_be_bytes())
        .collect();
    bytes[at..at + matrix.len()].copy_from_slice(&matrix);
    std::fs::write(path, bytes).unwrap();
}
