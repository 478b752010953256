//! Clips of a second or some, made by ffmpeg at the first use and shared by all tests of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, MutexGuard};

/// ffmpeg runs in one test at a time: two of them on two cores only take longer.
static FFMPEG: Mutex<()> = Mutex::const_new(());

pub async fn alone() -> MutexGuard<'static, ()> {
    FFMPEG.lock().await
}

/// A shape of clip, by the arguments that make it.
pub struct Clip(pub &'static str, pub &'static [&'static str]);

const PICTURE: &str = "testsrc2=s=128x72:r=25:d=1";
const SOUND: &str = "sine=f=440:r=48000:d=1";

/// H.264 and AAC with a keyframe each half second: its streams are copied.
pub const COPIED: Clip = Clip(
    "copied.mp4",
    &[
        "-f",
        "lavfi",
        "-i",
        PICTURE,
        "-f",
        "lavfi",
        "-i",
        SOUND,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-crf",
        "45",
        "-g",
        "12",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-shortest",
    ],
);
/// The same with more bits than its size is worth: it is copied first and encoded afterwards.
pub const RICH: Clip = Clip(
    "rich.mp4",
    &[
        "-f",
        "lavfi",
        "-i",
        PICTURE,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "12",
        "-crf",
        "18",
        "-pix_fmt",
        "yuv420p",
    ],
);
/// Ten bits deep, so it is encoded; its index stands before its pictures.
pub const DEEP: Clip = Clip(
    "deep.mp4",
    &[
        "-f",
        "lavfi",
        "-i",
        PICTURE,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p10le",
        "-movflags",
        "+faststart",
    ],
);
/// Seven seconds in another codec: it is encoded, in two parts.
pub const ENCODED: Clip = Clip(
    "encoded.mp4",
    &[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=480x270:r=25:d=7",
        "-f",
        "lavfi",
        "-i",
        "sine=f=440:r=48000:d=7",
        "-c:v",
        "mpeg4",
        "-q:v",
        "4",
        "-c:a",
        "aac",
    ],
);
/// As long and smaller, and nothing but noise: no rendition of it is like it.
pub const NOISE: Clip = Clip(
    "noise.mp4",
    &coarse("color=gray:s=256x144:r=25:d=7,noise=alls=100:allf=t:all_seed=7"),
);
/// The same size and length with shapes in it.
pub const SHAPES: Clip = Clip("shapes.mp4", &coarse("testsrc2=s=256x144:r=25:d=7"));

const fn coarse(picture: &'static str) -> [&'static str; 8] {
    ["-f", "lavfi", "-i", picture, "-c:v", "mpeg4", "-q:v", "4"]
}

pub const SILENT: Clip = Clip(
    "silent.webm",
    &[
        "-f",
        "lavfi",
        "-i",
        PICTURE,
        "-c:v",
        "libvpx",
        "-deadline",
        "realtime",
        "-b:v",
        "200k",
    ],
);
pub const SOUND_ONLY: Clip = Clip("sound.mp3", &["-f", "lavfi", "-i", SOUND]);

/// The clip's file.
pub async fn file(clip: &Clip) -> PathBuf {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    static MADE: Mutex<BTreeMap<&'static str, Arc<PathBuf>>> = Mutex::const_new(BTreeMap::new());
    let mut made = MADE.lock().await;
    if let Some(path) = made.get(clip.0) {
        return path.to_path_buf();
    }
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().unwrap());
    let path = folder.path().join(clip.0);
    run(clip.1, &path).await;
    made.insert(clip.0, Arc::new(path.clone()));
    path
}

pub async fn bytes(clip: &Clip) -> Vec<u8> {
    std::fs::read(file(clip).await).unwrap()
}

async fn run(args: &[&str], out: &Path) {
    let done = tokio::process::Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(args)
        .arg(out)
        .output()
        .await
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// How many frames of its picture ffmpeg decodes, without a single complaint.
pub async fn frames(path: &Path) -> usize {
    let done = tokio::process::Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", "0:v:0", "-f", "framemd5", "-"])
        .output()
        .await
        .unwrap();
    let complaints = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        done.status.success() && complaints.is_empty(),
        "{complaints}"
    );
    let listed = String::from_utf8_lossy(&done.stdout).into_owned();
    listed.lines().filter(|line| !line.starts_with('#')).count()
}

/// A picture of one colour.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbaImage::from_pixel(width, height, image::Rgba([200, 30, 30, 255]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}
