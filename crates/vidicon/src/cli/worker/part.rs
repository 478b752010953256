//! One part, from its source to its results.

use super::Bench;
use super::client::Job;
use anyhow::Context;
use base::fetch::FetchRequest;
use futures::TryStreamExt;
use media::{MediaError, Source, Work};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

/// How often the site hears that a part is being worked on.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// A larger source is read where it lies, by ranges.
const COPIED_MAX: u64 = 256 * 1024 * 1024;
/// Copies of sources that are kept for the next parts.
const KEPT: usize = 3;

/// Removes what killed runs have left.
pub fn sweep(folder: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("part-") {
            std::fs::remove_dir_all(entry.path())?;
        } else if name.ends_with(".copying") {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Why a part ended early.
enum Ended {
    /// It is this worker's no more.
    Lost,
    Stopped,
    Failed(String),
}

/// Encodes a part and brings it. What goes wrong with it is told to the site.
pub async fn make(bench: &Bench, job: &Job, stop: &CancellationToken) -> anyhow::Result<()> {
    let folder = bench.folder.join(format!("part-{}", job.uuid));
    std::fs::create_dir_all(&folder)?;
    let percent = AtomicI64::new(0);
    let made = tokio::select! {
        made = encode(bench, job, &folder, &percent) => made,
        () = lost(bench, job, &percent) => Err(Ended::Lost),
        () = stop.cancelled() => Err(Ended::Stopped),
    };
    let _ = std::fs::remove_dir_all(&folder);
    let told = match made {
        Ok(()) => bench.client.about(job, "success", json!({})).await,
        Err(Ended::Lost) => {
            tracing::warn!(job = job.uuid, "the site gave this part to somebody else");
            return Ok(());
        }
        Err(Ended::Stopped) => {
            let why = json!({ "reason": "The worker stops." });
            bench.client.about(job, "abort", why).await
        }
        Err(Ended::Failed(why)) => {
            tracing::warn!(job = job.uuid, why, "a part failed");
            let message: String = why.chars().take(4000).collect();
            let what = json!({ "message": message });
            bench.client.about(job, "error", what).await
        }
    };
    told.map(drop)
}

/// Ends when the part is not this worker's any more. A site that does not answer for a while may
/// come back and take the result.
async fn lost(bench: &Bench, job: &Job, percent: &AtomicI64) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        let now = percent.load(Ordering::Relaxed);
        match bench.client.still_here(job, now).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(error = format!("{error:#}"), "the site does not answer"),
        }
    }
}

async fn encode(bench: &Bench, job: &Job, folder: &Path, percent: &AtomicI64) -> Result<(), Ended> {
    let failed = |error: anyhow::Error| Ended::Failed(format!("{error:#}"));
    let source = source(bench, job).await.map_err(failed)?;
    let cancel = CancellationToken::new();
    let work = Work {
        ffmpeg: &bench.ffmpeg,
        plan: &job.payload.plan,
        source: &source,
        folder,
        attempt: 0,
        priority: bench.priority,
        cancel: &cancel,
    };
    #[expect(clippy::cast_possible_truncation, reason = "it is at most 95")]
    let encoded = work.encode_raw(0, folder, |share| {
        percent.store((share * 95.0) as i64, Ordering::Relaxed);
    });
    encoded
        .await
        .map_err(|error: MediaError| Ended::Failed(error.to_string()))?;
    for (rung, url) in &job.places.results {
        bring(bench, folder, rung, url).await.map_err(failed)?;
    }
    Ok(())
}

async fn bring(bench: &Bench, folder: &Path, rung: &str, url: &str) -> anyhow::Result<()> {
    let rung: u32 = rung.parse().context("a rendition is named by a number")?;
    let file = tokio::fs::read(folder.join(format!("{rung}.mp4"))).await?;
    bench.client.bring(url, file.into()).await
}

/// A small source is copied once for all of its parts.
async fn source(bench: &Bench, job: &Job) -> anyhow::Result<Source> {
    let places = &job.places;
    let free = base::file::free_bytes(&bench.folder)?;
    if places.source_bytes > COPIED_MAX.min(free / 2) {
        return Ok(Source::Url(places.source.clone()));
    }
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    anyhow::ensure!(plain(&places.source_id), "the source has no proper name");
    let copy = bench.folder.join(format!("source-{}", places.source_id));
    let _alone = bench.copying.lock().await;
    if !copy.exists() {
        forget_old(&bench.folder)?;
        fetch(bench, &places.source, &copy, places.source_bytes).await?;
    }
    Ok(Source::file(copy))
}

async fn fetch(bench: &Bench, url: &str, to: &Path, bytes: u64) -> anyhow::Result<()> {
    let request = FetchRequest::get(url)
        .limit(bytes)
        .timeout(Duration::from_secs(3600));
    let mut answer = bench.client.fetch().stream(request).await?.success()?;
    let temp = to.with_extension("copying");
    let mut file = tokio::fs::File::create(&temp).await?;
    while let Some(piece) = answer.body.try_next().await? {
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    let length = file.metadata().await?.len();
    anyhow::ensure!(length == bytes, "the source ended early");
    tokio::fs::rename(&temp, to).await?;
    Ok(())
}

/// Keeps the newest copies.
fn forget_old(folder: &Path) -> anyhow::Result<()> {
    let mut copies: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("source-") {
            copies.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    copies.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    for (_, path) in copies.into_iter().skip(KEPT - 1) {
        std::fs::remove_file(path)?;
    }
    Ok(())
}
