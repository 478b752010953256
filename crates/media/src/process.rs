//! Runs ffmpeg and ffprobe: lowest priority, limits, progress, and really gone when cancelled or dropped.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStdout, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::confine::{self, Bounds};
use crate::error::{MediaError, Result};
use crate::tool::Ffmpeg;

const STDERR_KEPT: usize = 64 * 1024;
const GIB: u64 = 1024 * 1024 * 1024;

/// How much a child may take from the rest of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// As the server itself: for short looks that somebody waits for.
    Normal,
    /// nice 19: yields nearly everything and still goes on slowly on a busy site.
    #[default]
    Nice,
    /// SCHED_IDLE: may starve on a busy site; for optional work.
    Idle,
}

#[derive(Debug, Clone)]
pub(crate) enum Program {
    Ffmpeg,
    Ffprobe,
    Other(PathBuf),
}

/// One run of a program.
pub(crate) struct Run {
    pub program: Program,
    pub args: Vec<OsString>,
    /// What is being done, for messages: `Encoding part 3`.
    pub what: String,
    pub priority: Priority,
    /// 0: no limit.
    pub memory_bytes: u64,
    /// CPU time it may burn without any progress. A starved encoder burns none, so it is not called stuck.
    pub patience_cpu: Duration,
    pub patience_wall: Duration,
    pub time_limit: Duration,
    /// It encodes for long, so it stands still when encoders are held, and shares their memory.
    pub is_encoder: bool,
}

impl Run {
    pub fn new(program: Program, what: impl Into<String>, args: Vec<OsString>) -> Self {
        Self {
            program,
            args,
            what: what.into(),
            priority: Priority::Nice,
            memory_bytes: 4 * GIB,
            patience_cpu: Duration::from_secs(60),
            patience_wall: Duration::from_secs(30 * 60),
            time_limit: Duration::from_secs(24 * 3600),
            is_encoder: false,
        }
    }

    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    pub fn within(mut self, seconds: u64) -> Self {
        self.time_limit = Duration::from_secs(seconds);
        self
    }
}

/// One report of `-progress`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub frame: u64,
    /// How far the output has come.
    pub out_time_us: i64,
}

/// Runs to the end and returns standard output, of which at most `limit` bytes are allowed.
pub(crate) async fn capture(
    ffmpeg: &Ffmpeg,
    run: Run,
    limit: usize,
    cancel: &CancellationToken,
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let what = run.what.clone();
    drive(ffmpeg, run, cancel, |bytes| {
        out.extend_from_slice(bytes);
        if out.len() > limit {
            return Err(MediaError::broken(
                &what,
                "it printed far more than expected",
            ));
        }
        Ok(true)
    })
    .await?;
    Ok(out)
}

/// Runs to the end and gives standard output to `on_bytes` as it comes.
pub(crate) async fn bytes(
    ffmpeg: &Ffmpeg,
    run: Run,
    cancel: &CancellationToken,
    mut on_bytes: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    drive(ffmpeg, run, cancel, |bytes| on_bytes(bytes).map(|()| true)).await
}

/// Runs to the end and gives each line of standard output to `on_line`.
pub(crate) async fn lines(
    ffmpeg: &Ffmpeg,
    run: Run,
    cancel: &CancellationToken,
    mut on_line: impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let mut buffer = LineBuffer::default();
    drive(ffmpeg, run, cancel, |bytes| {
        buffer.push(bytes, &mut on_line)?;
        Ok(true)
    })
    .await
}

/// Runs an ffmpeg that was told `-progress pipe:1`.
pub(crate) async fn encode(
    ffmpeg: &Ffmpeg,
    run: Run,
    cancel: &CancellationToken,
    mut on_progress: impl FnMut(Progress),
) -> Result<()> {
    let mut buffer = LineBuffer::default();
    let (mut now, mut reported) = (Progress::default(), Progress::default());
    drive(ffmpeg, run, cancel, |bytes| {
        let before = reported;
        buffer.push(bytes, &mut |line| {
            if read_progress(line, &mut now) {
                reported = now;
                on_progress(now);
            }
            Ok(())
        })?;
        Ok(reported != before)
    })
    .await
}

/// True when the line closes a report.
fn read_progress(line: &str, progress: &mut Progress) -> bool {
    match line.split_once('=') {
        Some(("frame", value)) => progress.frame = value.trim().parse().unwrap_or(progress.frame),
        Some(("out_time_us", value)) => {
            progress.out_time_us = value.trim().parse().unwrap_or(progress.out_time_us);
        }
        Some(("progress", _)) => return true,
        _ => {}
    }
    false
}

#[derive(Default)]
struct LineBuffer(Vec<u8>);

impl LineBuffer {
    fn push(&mut self, bytes: &[u8], on_line: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
        self.0.extend_from_slice(bytes);
        let Some(end) = self.0.iter().rposition(|byte| *byte == b'\n') else {
            // A line longer than this is no line of ffmpeg's.
            self.0.truncate(STDERR_KEPT);
            return Ok(());
        };
        let rest = self.0.split_off(end + 1);
        let whole = std::mem::replace(&mut self.0, rest);
        String::from_utf8_lossy(&whole)
            .lines()
            .try_for_each(on_line)
    }
}

/// Reads standard output until the end; `on_bytes` says whether they were progress.
async fn drive(
    ffmpeg: &Ffmpeg,
    run: Run,
    cancel: &CancellationToken,
    mut on_bytes: impl FnMut(&[u8]) -> Result<bool>,
) -> Result<()> {
    let mut child = Running::start(ffmpeg, &run, cancel).await?;
    let mut watch = Watch::new(&run, child.pid);
    let mut stdout = child.stdout.take();
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let outcome = loop {
        let read = async {
            match stdout.as_mut() {
                Some(stdout) => stdout.read(&mut buffer).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = cancel.cancelled() => break Err(MediaError::Canceled),
            _ = tick.tick() => {
                if run.is_encoder && ffmpeg.is_held() {
                    watch.held();
                }
                if let Err(error) = watch.check() { break Err(error) }
            },
            read = read => match read {
                Ok(0) | Err(_) => break Ok(()),
                Ok(count) => match on_bytes(buffer.get(..count).unwrap_or_default()) {
                    Ok(true) => watch.progressed(),
                    Ok(false) => {}
                    Err(error) => break Err(error),
                },
            },
        }
    };
    if let Err(error) = outcome {
        child.kill().await;
        return Err(error);
    }
    drop(stdout);
    let status = tokio::select! {
        () = cancel.cancelled() => { child.kill().await; return Err(MediaError::Canceled) }
        status = tokio::time::timeout(Duration::from_secs(60), child.wait()) => match status {
            Ok(status) => status?,
            Err(_) => { child.kill().await; return Err(MediaError::Stalled { what: run.what }) }
        },
    };
    if status.success() {
        return Ok(());
    }
    Err(MediaError::Failed {
        what: run.what,
        reason: reason(status, &child.stderr().await),
    })
}

/// Notices a child that works without getting anywhere, or for too long.
struct Watch {
    what: String,
    pid: Pid,
    patience_cpu: Duration,
    patience_wall: Duration,
    time_limit: Duration,
    started: Instant,
    last: Instant,
    last_cpu: Duration,
}

impl Watch {
    fn new(run: &Run, pid: Pid) -> Self {
        let now = Instant::now();
        Self {
            what: run.what.clone(),
            pid,
            patience_cpu: run.patience_cpu,
            patience_wall: run.patience_wall,
            time_limit: run.time_limit,
            started: now,
            last: now,
            last_cpu: Duration::ZERO,
        }
    }

    fn progressed(&mut self) {
        self.last = Instant::now();
        self.last_cpu = cpu_time(self.pid).unwrap_or(self.last_cpu);
    }

    /// Standing still is not its fault.
    fn held(&mut self) {
        self.last = Instant::now();
        self.started += Duration::from_secs(1);
    }

    fn check(&self) -> Result<()> {
        if self.started.elapsed() > self.time_limit {
            return Err(MediaError::TooLong {
                what: self.what.clone(),
                seconds: self.time_limit.as_secs(),
            });
        }
        let idle = self.last.elapsed();
        let burnt = cpu_time(self.pid)
            .unwrap_or(Duration::ZERO)
            .saturating_sub(self.last_cpu);
        if burnt > self.patience_cpu || idle > self.patience_wall {
            return Err(MediaError::Stalled {
                what: self.what.clone(),
            });
        }
        Ok(())
    }
}

/// User and system time of a process in Linux's `/proc`, whose ticks are always 1/100 s.
fn cpu_time(pid: Pid) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let mut fields = after_name.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// A started child in a process group of its own. Dropping it kills the group.
pub(crate) struct Running {
    child: Child,
    pub pid: Pid,
    pub stdout: Option<ChildStdout>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    reaped: bool,
    ffmpeg: Ffmpeg,
    /// Keeps the thread alive that started the child: the child ends with it.
    _keeper: Keeper,
}

impl Running {
    pub async fn start(ffmpeg: &Ffmpeg, run: &Run, cancel: &CancellationToken) -> Result<Self> {
        if cancel.is_cancelled() {
            return Err(MediaError::Canceled);
        }
        let started = |source| MediaError::Io {
            what: format!("{}: start ffmpeg", run.what),
            source,
        };
        // Other programs bring files of their own.
        let is_ours = matches!(run.program, Program::Ffmpeg | Program::Ffprobe);
        let bounds = (is_ours && ffmpeg.about().is_confined).then(|| {
            let program = program(ffmpeg, run);
            Bounds::of(Path::new(&program), &run.args)
        });
        let (mut child, keeper) = start(command(ffmpeg, run), bounds).await.map_err(started)?;
        let pid = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
            .ok_or_else(|| started(io::Error::other("it ended at once")))?;
        if run.is_encoder {
            if let Some(Some(group)) = ffmpeg.inner.group.get() {
                group.take(pid.as_raw_nonzero().get());
            }
            ffmpeg.inner.holding.add(pid);
        }
        let stdout = child.stdout.take();
        let stderr = child.stderr.take().map(|pipe| tokio::spawn(keep_end(pipe)));
        Ok(Self {
            child,
            pid,
            stdout,
            stderr,
            reaped: false,
            ffmpeg: ffmpeg.clone(),
            _keeper: keeper,
        })
    }

    pub async fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().await;
        self.reap();
        status.map_err(|source| MediaError::Io {
            what: "wait for ffmpeg".into(),
            source,
        })
    }

    /// SIGKILL to the whole group, then waits until it is gone. SIGTERM would make ffmpeg finish the file first.
    pub async fn kill(&mut self) {
        self.signal();
        let _ = self.child.wait().await;
        self.reap();
    }

    fn reap(&mut self) {
        self.reaped = true;
        self.ffmpeg.inner.holding.remove(self.pid);
    }

    fn signal(&self) {
        // Once it is reaped the number may belong to somebody else.
        if !self.reaped {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }

    pub async fn stderr(&mut self) -> String {
        match self.stderr.take() {
            Some(task) => String::from_utf8_lossy(&task.await.unwrap_or_default()).into_owned(),
            None => String::new(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal();
        self.ffmpeg.inner.holding.remove(self.pid);
    }
}

fn command(ffmpeg: &Ffmpeg, run: &Run) -> Command {
    let mut words = wrapping(ffmpeg, run);
    words.push(program(ffmpeg, run));
    words.extend(run.args.iter().cloned());
    let mut words = words.into_iter();
    let mut command = Command::new(words.next().unwrap_or_default());
    command
        .args(words)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Never a session of its own: with autogroup scheduling that would undo the low priority.
        .process_group(0)
        .kill_on_drop(true);
    command
}

fn program(ffmpeg: &Ffmpeg, run: &Run) -> OsString {
    match &run.program {
        Program::Ffmpeg => ffmpeg.inner.ffmpeg.clone().into(),
        Program::Ffprobe => ffmpeg.inner.ffprobe.clone().into(),
        Program::Other(program) => program.into(),
    }
}

fn wrapping(ffmpeg: &Ffmpeg, run: &Run) -> Vec<OsString> {
    let found = &ffmpeg.inner.wrappers;
    let mut words = Vec::new();
    let mut add = |program: &Option<PathBuf>, args: &[&str]| {
        if let Some(program) = program {
            words.push(program.into());
            words.extend(args.iter().map(OsString::from));
        }
    };
    add(&found.setpriv, &["--pdeathsig", "KILL"]);
    let own = ffmpeg.inner.memory_bytes.load(Ordering::Relaxed);
    let memory = match (run.memory_bytes, own) {
        (0, _) => "--as=unlimited".to_owned(),
        (_, own @ 1..) if run.is_encoder && !ffmpeg.has_group() => format!("--as={own}"),
        (bytes, _) => format!("--as={bytes}"),
    };
    add(&found.prlimit, &["--core=0", "--nofile=64", &memory]);
    if run.priority != Priority::Normal {
        add(&found.ionice, &["-c", "3"]);
        add(&found.nice, &["-n", "19"]);
    }
    if run.priority == Priority::Idle {
        add(&found.chrt, &["-i", "0"]);
    }
    words
}

/// Reads to the end, so that the child never blocks, and keeps the last part.
async fn keep_end(mut pipe: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut buffer = vec![0_u8; 8 * 1024];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if kept.len() > STDERR_KEPT {
            kept.drain(..kept.len() - STDERR_KEPT);
        }
    }
    kept
}

/// The first thing ffmpeg complained about, without its memory addresses and our paths.
pub(crate) fn reason(status: ExitStatus, stderr: &str) -> String {
    let line = stderr.lines().map(plain).find(|line| !line.is_empty());
    line.unwrap_or_else(|| format!("ffmpeg ended with {status}"))
}

pub(crate) fn plain(line: &str) -> String {
    let mut rest = line.trim();
    while let Some(inner) = rest.strip_prefix('[') {
        match inner.split_once("] ") {
            Some((tag, after)) if tag.contains(" @ 0x") => rest = after.trim_start(),
            _ => break,
        }
    }
    match rest
        .strip_prefix("file:")
        .and_then(|named| named.rsplit_once(": "))
    {
        Some((_, after)) => after.to_owned(),
        None => rest.to_owned(),
    }
}

/// Starts a child on a thread of its own, which lives until the keeper is dropped: a child that was told to end with
/// its parent ends with the parent's *thread*, and what holds that thread holds the child.
async fn start(mut command: Command, bounds: Option<Bounds>) -> io::Result<(Child, Keeper)> {
    let (answer, child) = oneshot::channel();
    let (keeper, gone) = std::sync::mpsc::channel();
    let runtime = Handle::current();
    std::thread::Builder::new()
        .name("media-run".into())
        .spawn(move || {
            if let Some(Err(error)) = bounds.map(|bounds| bounds.enter()) {
                let _ = answer.send(Err(io::Error::other(error)));
                return;
            }
            let _runtime = runtime.enter();
            // When nobody waits any more, the child is dropped and thereby killed.
            let _ = answer.send(command.spawn());
            let _ = gone.recv();
        })?;
    let gone = |_| io::Error::other("the thread that starts a program is gone");
    Ok((child.await.map_err(gone)??, keeper))
}

/// Does this program still start when it is held to the system's folders? One whose libraries lie elsewhere does not.
pub(crate) async fn runs_confined(program: &Path) -> bool {
    if !confine::works() {
        return false;
    }
    let mut command = Command::new(program);
    command
        .arg("-version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    match start(command, Some(Bounds::of(program, &[]))).await {
        Ok((mut child, _keeper)) => child.wait().await.is_ok_and(|status| status.success()),
        Err(_) => false,
    }
}

type Keeper = std::sync::mpsc::Sender<()>;

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
