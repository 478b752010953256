//! A rendition and its sound as one MP4, made while it is sent.

use tokio::io::AsyncReadExt;
use tokio::process::ChildStdout;
use tokio_util::sync::CancellationToken;

use crate::command;
use crate::error::{MediaError, Result};
use crate::process::{Priority, Program, Run, Running, reason};
use crate::source::Source;
use crate::tool::Ffmpeg;

/// Ends its ffmpeg when it is dropped, for example since the viewer went away.
pub struct Download {
    child: Running,
    stdout: Option<ChildStdout>,
}

/// Nothing is encoded, so it costs next to nothing. `video` and `audio` are files with one stream each.
pub async fn download(
    ffmpeg: &Ffmpeg,
    video: Option<&Source>,
    audio: Option<&Source>,
) -> Result<Download> {
    let args = command::download(video, audio);
    let run = Run::new(Program::Ffmpeg, "Putting picture and sound together", args)
        .priority(Priority::Normal);
    let mut child = Running::start(ffmpeg, &run, &CancellationToken::new()).await?;
    let stdout = child.stdout.take();
    Ok(Download { child, stdout })
}

/// The same as a file that plays from its first bytes on.
pub async fn progressive(
    ffmpeg: &Ffmpeg,
    video: &Source,
    audio: Option<&Source>,
    out: &std::path::Path,
    cancel: &CancellationToken,
) -> Result<()> {
    let args = command::progressive(video, audio, out);
    let run = Run::new(Program::Ffmpeg, "Putting picture and sound together", args);
    crate::process::capture(ffmpeg, run, 1024, cancel)
        .await
        .map(drop)
}

impl Download {
    /// The next bytes; None at the end. An error means that what was sent is not whole.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(stdout) = &mut self.stdout else {
            return Ok(None);
        };
        let mut buffer = vec![0; 64 * 1024];
        let count = stdout.read(&mut buffer).await.unwrap_or(0);
        if count > 0 {
            buffer.truncate(count);
            return Ok(Some(buffer));
        }
        self.stdout = None;
        let status = self.child.wait().await?;
        if status.success() {
            return Ok(None);
        }
        let reason = reason(status, &self.child.stderr().await);
        Err(MediaError::Failed {
            what: "Putting picture and sound together".into(),
            reason,
        })
    }
}
