//! Takes over a rendition that was encoded elsewhere: its streams are cut into fragments anew, without encoding,
//! so that it has the same form as our own and every byte of it was read once.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use crate::command;
use crate::error::{MediaError, Result};
use crate::hls::Track;
use crate::join;
use crate::process::{self, Program, Run};
use crate::source::Source;
use crate::tool::Ffmpeg;

/// The picture of `from`, or its sound, as a rendition in `out`.
pub async fn adopt(
    ffmpeg: &Ffmpeg,
    from: &Path,
    has_video: bool,
    out: &Path,
    cancel: &CancellationToken,
) -> Result<Track> {
    let args = command::adopt(&Source::file(from), has_video, out);
    let run = Run::new(Program::Ffmpeg, "Taking over a rendition", args);
    process::encode(ffmpeg, run, cancel, |_| {}).await?;
    let out = out.to_owned();
    let read = tokio::task::spawn_blocking(move || join::finish_whole(&out, 2, 0));
    read.await.unwrap_or_else(|error| {
        Err(MediaError::Io {
            what: "read a rendition".into(),
            source: std::io::Error::other(error),
        })
    })
}
