//! Finds ffmpeg and ffprobe at start, and what they and this machine can do.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use tokio::process::Command;

use crate::cgroup::Group;
use crate::error::{MediaError, Result};
use crate::hold::Holding;
use crate::process;
use crate::title::Metric;

/// Encoders that renditions may be made by.
pub(crate) const ENCODERS: [&str; 5] = [
    "libx264",
    "libsvtav1",
    "h264_nvenc",
    "h264_qsv",
    "h264_vaapi",
];

/// Devices by which graphics cards are reached; the last is Windows' subsystem for Linux.
const CARDS: [&str; 3] = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"];

/// The ffmpeg of this machine. Cheap to clone.
#[derive(Clone)]
pub struct Ffmpeg {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub ffmpeg: PathBuf,
    pub ffprobe: PathBuf,
    pub about: About,
    pub wrappers: Wrappers,
    pub holding: Holding,
    pub group: OnceLock<Option<Group>>,
    pub memory_bytes: AtomicU64,
}

/// What was found, to be shown to the administrator.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    pub version: String,
    pub has_x264: bool,
    pub has_aac: bool,
    /// zscale and tonemap are there: HDR is turned into ordinary colours, not into grey ones.
    pub has_tone_mapping: bool,
    /// How the likeness of renditions is measured.
    pub metric: Metric,
    /// How encoders are kept from slowing the site down; empty when nothing was found.
    pub low_priority_by: Vec<String>,
    /// Encoders of pictures that work here.
    pub encoders: Vec<String>,
    /// Encoders end with the server even when it is killed.
    pub ends_with_parent: bool,
    pub has_memory_limit: bool,
    /// ffmpeg reaches no files but those it works on, and the network only for a source that lies there.
    pub is_confined: bool,
}

/// Small programs that set something up and then become ffmpeg.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wrappers {
    pub setpriv: Option<PathBuf>,
    pub prlimit: Option<PathBuf>,
    pub ionice: Option<PathBuf>,
    pub chrt: Option<PathBuf>,
    pub nice: Option<PathBuf>,
}

impl Ffmpeg {
    pub fn about(&self) -> &About {
        &self.inner.about
    }

    /// The memory that encoders may take: all together where a control group of theirs can be made,
    /// else the address space of each. 0: as much as the picture needs. Only the first call counts.
    pub fn limit_memory(&self, bytes: u64) {
        self.inner.group.get_or_init(|| {
            self.inner.memory_bytes.store(bytes, Ordering::Relaxed);
            Group::make(bytes)
        });
    }

    /// Have the encoders a control group of their own?
    pub fn has_group(&self) -> bool {
        matches!(self.inner.group.get(), Some(Some(_)))
    }
}

impl std::fmt::Debug for Ffmpeg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ffmpeg")
            .field("about", &self.inner.about)
            .finish_non_exhaustive()
    }
}

/// Looks in `PATH`. An error says in plain words what to install.
pub async fn detect() -> Result<Ffmpeg> {
    let ffmpeg = find("ffmpeg").ok_or_else(|| absent("ffmpeg"))?;
    let ffprobe = find("ffprobe").ok_or_else(|| absent("ffprobe"))?;
    detect_at(ffmpeg, ffprobe).await
}

/// The same with given programs, for a site that brings its own ffmpeg.
pub async fn detect_at(ffmpeg: PathBuf, ffprobe: PathBuf) -> Result<Ffmpeg> {
    // All at once: the server waits for this when it starts.
    let (version, prober, encoders, filters, wrappers) = tokio::join!(
        ask(&ffmpeg, &["-version"]),
        ask(&ffprobe, &["-version"]),
        ask(&ffmpeg, &["-hide_banner", "-encoders"]),
        ask(&ffmpeg, &["-hide_banner", "-filters"]),
        find_wrappers()
    );
    prober?;
    let (version, encoders, filters) = (version?, encoders?, filters?);
    let about = About {
        version: version
            .split_whitespace()
            .nth(2)
            .unwrap_or("unknown")
            .to_owned(),
        has_x264: lists(&encoders, "libx264"),
        has_aac: lists(&encoders, "aac"),
        has_tone_mapping: lists(&filters, "zscale") && lists(&filters, "tonemap"),
        metric: if lists(&filters, "libvmaf") {
            Metric::Vmaf
        } else {
            Metric::Ssim
        },
        low_priority_by: named(&wrappers),
        encoders: working_encoders(&ffmpeg, &encoders).await,
        ends_with_parent: wrappers.setpriv.is_some(),
        has_memory_limit: wrappers.prlimit.is_some(),
        is_confined: process::runs_confined(&ffmpeg).await
            && process::runs_confined(&ffprobe).await,
    };
    if !about.has_x264 || !about.has_aac {
        return Err(MediaError::Missing(format!(
            "ffmpeg {} is installed but was built without {}; install the ffmpeg of your distribution",
            about.version,
            if about.has_x264 {
                "its AAC encoder"
            } else {
                "the H.264 encoder libx264"
            }
        )));
    }
    Ok(Ffmpeg {
        inner: Arc::new(Inner {
            ffmpeg,
            ffprobe,
            about,
            wrappers,
            holding: Holding::default(),
            group: OnceLock::new(),
            memory_bytes: AtomicU64::new(0),
        }),
    })
}

fn absent(name: &str) -> MediaError {
    MediaError::Missing(format!(
        "{name} is not installed. On Debian and Ubuntu: apt install ffmpeg"
    ))
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

async fn ask(program: &Path, args: &[&str]) -> Result<String> {
    let failed = |reason: String| {
        MediaError::Missing(format!("{} cannot be run: {reason}", program.display()))
    };
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Those of a graphics card are listed wherever ffmpeg was built with them, so each is tried where there is a card.
async fn working_encoders(ffmpeg: &Path, listing: &str) -> Vec<String> {
    let mut working = Vec::new();
    for name in ENCODERS.into_iter().filter(|name| lists(listing, name)) {
        let is_card = !name.starts_with("lib");
        let is_there = || CARDS.iter().any(|device| Path::new(device).exists());
        if !is_card || is_there() && ask(ffmpeg, &crate::command::trial(name)).await.is_ok() {
            working.push(name.to_owned());
        }
    }
    working
}

/// Lists of encoders and filters have the name in the second column.
fn lists(listing: &str, name: &str) -> bool {
    listing
        .lines()
        .any(|line| line.split_whitespace().nth(1) == Some(name))
}

/// A wrapper counts only if it works: some containers forbid what `chrt` does.
async fn find_wrappers() -> Wrappers {
    let (setpriv, prlimit, ionice, chrt, nice) = tokio::join!(
        working("setpriv", &["--pdeathsig", "KILL"]),
        working("prlimit", &["--core=0", "--as=4294967296"]),
        working("ionice", &["-c", "3"]),
        working("chrt", &["-i", "0"]),
        working("nice", &["-n", "19"])
    );
    Wrappers {
        setpriv,
        prlimit,
        ionice,
        chrt,
        nice,
    }
}

async fn working(name: &str, args: &[&str]) -> Option<PathBuf> {
    let program = find(name)?;
    let inner = find("true")?;
    let status = Command::new(&program)
        .args(args)
        .arg(inner)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .ok()?;
    status.success().then_some(program)
}

fn named(wrappers: &Wrappers) -> Vec<String> {
    let all = [
        ("nice", &wrappers.nice),
        ("SCHED_IDLE", &wrappers.chrt),
        ("idle I/O", &wrappers.ionice),
    ];
    all.into_iter()
        .filter(|(_, found)| found.is_some())
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_second_column() {
        let listing = " V....D libx264              libx264 H.264\n A..... aac   AAC\n";
        assert!(lists(listing, "libx264"));
        assert!(lists(listing, "aac"));
        assert!(!lists(listing, "H.264"));
    }

    #[tokio::test]
    async fn a_missing_ffmpeg_is_said_in_words() {
        let error = detect_at("/nowhere/ffmpeg".into(), "/nowhere/ffprobe".into())
            .await
            .unwrap_err();
        assert!(error.to_string().contains("cannot be run"), "{error}");
        assert!(error.is_permanent());
    }
}
