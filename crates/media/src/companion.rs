//! Other programs that work on media, run like ffmpeg: lowest priority, limits, and gone when they are
//! cancelled or dropped.

use crate::error::Result;
use crate::process::{Program, Run, capture};
use crate::tool::Ffmpeg;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// One run of such a program.
#[derive(Debug)]
pub struct Companion {
    pub program: PathBuf,
    pub args: Vec<OsString>,
    /// What is being done, for messages.
    pub what: String,
    pub time_limit: Duration,
    /// Bytes that it may print.
    pub limit_bytes: usize,
}

/// Runs it to the end and gives what it has printed. It may be silent as long as its time lasts.
pub async fn run(
    ffmpeg: &Ffmpeg,
    companion: Companion,
    cancel: &CancellationToken,
) -> Result<Vec<u8>> {
    let mut run = Run::new(
        Program::Other(companion.program),
        companion.what,
        companion.args,
    );
    run.time_limit = companion.time_limit;
    run.patience_wall = companion.time_limit;
    run.patience_cpu = companion.time_limit;
    capture(ffmpeg, run, companion.limit_bytes, cancel).await
}
