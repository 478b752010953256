//! This machine: disk, files, memory, clock, ffmpeg.

use super::{Finding, Mood, Remedy};
use crate::app::App;
use crate::config::TlsMode;
use crate::i18n;
use anyhow::Context;
use base::clock::{MINUTE, Millis, SECOND};
use base::fetch::FetchRequest;
use base::storage::Class;
use bytes::Bytes;

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;
/// Below this much room uploads are about to fail.
const DISK_BAD: u64 = GIB / 2;
const DISK_LOW: u64 = 3 * GIB;
const MEMORY_BAD: u64 = 48 * MIB;
const MEMORY_LOW: u64 = 128 * MIB;
/// Signatures of other servers and second factors bear this much.
const CLOCK_OFF: Millis = 30 * SECOND;

pub(super) async fn disk(app: &App) -> anyhow::Result<Finding> {
    let folder = &app.config.server.data_dir;
    let free = base::file::free_bytes(folder).context("look at the disk")?;
    let total = base::file::total_bytes(folder).context("look at the disk")?;
    let (mood, case) = if free < DISK_BAD {
        (Mood::Bad, "low")
    } else if free < DISK_LOW.min(total / 10) {
        (Mood::Warn, "low")
    } else {
        (Mood::Good, "good")
    };
    let finding = Finding::new("disk", mood, case)
        .with("free", size(free))
        .with("total", size(total));
    Ok(if mood == Mood::Good {
        finding
    } else {
        finding.remedy(Remedy::TidyUp)
    })
}

/// Writes a few bytes where pictures of the site lie, reads them and takes them away again.
pub(super) async fn storage(app: &App) -> anyhow::Result<Finding> {
    let key = format!("health/{}", base::random::token());
    let bytes = Bytes::from(base::random::bytes::<32>().to_vec());
    app.storage.put(Class::Image, &key, bytes.clone()).await?;
    let read = app.storage.get(Class::Image, &key, 1024).await;
    app.storage.delete(Class::Image, &key).await?;
    anyhow::ensure!(read? == bytes, "what was written is not what was read");
    Ok(Finding::new("storage", Mood::Good, "good"))
}

pub(super) async fn memory(_: &App) -> anyhow::Result<Finding> {
    let used = resident_bytes().unwrap_or(0);
    let Some(free) = available_bytes() else {
        return Ok(Finding::new("memory", Mood::Good, "unknown").with("used", size(used)));
    };
    let (mood, case) = if free < MEMORY_BAD {
        (Mood::Bad, "low")
    } else if free < MEMORY_LOW {
        (Mood::Warn, "low")
    } else {
        (Mood::Good, "good")
    };
    Ok(Finding::new("memory", mood, case)
        .with("used", size(used))
        .with("free", size(free)))
}

/// What this process holds in memory, where the system tells it.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    kibibytes(&status, "VmRSS:")
}

/// What can still be had: the machine's, or less where a limit is set for this service.
fn available_bytes() -> Option<u64> {
    let system = std::fs::read_to_string("/proc/meminfo").ok();
    let system = system.and_then(|text| kibibytes(&text, "MemAvailable:"));
    let number = |name: &str| -> Option<u64> {
        let own = std::fs::read_to_string("/proc/self/cgroup").ok()?;
        let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
        let file = format!("/sys/fs/cgroup{}/{name}", path.trim_end_matches('/'));
        std::fs::read_to_string(file).ok()?.trim().parse().ok()
    };
    let limited = number("memory.max")
        .zip(number("memory.current"))
        .map(|(limit, used)| limit.saturating_sub(used));
    match (system, limited) {
        (Some(system), Some(limited)) => Some(system.min(limited)),
        (system, limited) => system.or(limited),
    }
}

fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().split(' ').next()?.parse().ok()?;
    Some(number * 1024)
}

/// Compares with the newest record, and with the certificate authority's clock where one is used.
pub(super) async fn clock(app: &App) -> anyhow::Result<Finding> {
    let now = app.clock.now();
    let newest = base::job::newest(&app.db).await?.unwrap_or(now);
    let mut off = (newest - now).max(0);
    if app.config.tls.mode == TlsMode::Acme
        && let Some(theirs) = time_at(app, &app.config.tls.directory).await
    {
        off = off.max((theirs - now).abs());
    }
    let seconds = off / SECOND;
    Ok(if off > CLOCK_OFF {
        let mood = if off > 2 * MINUTE {
            Mood::Bad
        } else {
            Mood::Warn
        };
        Finding::new("clock", mood, "off").with("seconds", seconds)
    } else {
        Finding::new("clock", Mood::Good, "good")
    })
}

async fn time_at(app: &App, url: &str) -> Option<Millis> {
    let answer = app.fetch.send(FetchRequest::get(url)).await.ok()?;
    let date = answer.headers.get("date")?.to_str().ok()?;
    let time = httpdate::parse_http_date(date).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    Millis::try_from(since.as_millis()).ok()
}

pub(super) async fn ffmpeg(app: &App) -> anyhow::Result<Finding> {
    if !app.config.transcoding.enabled {
        return Ok(Finding::new("ffmpeg", Mood::Good, "elsewhere"));
    }
    let about = app.ffmpeg().await?.about();
    let finding = match (about.has_x264 && about.has_aac, about.is_confined) {
        (true, true) => Finding::new("ffmpeg", Mood::Good, "good"),
        (true, false) => Finding::new("ffmpeg", Mood::Good, "open"),
        (false, _) => Finding::new("ffmpeg", Mood::Bad, "weak"),
    };
    Ok(finding.with("version", &about.version))
}

pub(super) fn size(bytes: u64) -> String {
    i18n::texts("en").size(i64::try_from(bytes).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_tables_are_read() {
        let text = "MemTotal:        2048 kB\nMemAvailable:    1024 kB\n";
        assert_eq!(kibibytes(text, "MemAvailable:"), Some(1 << 20));
        assert_eq!(kibibytes(text, "SwapFree:"), None);
        assert!(resident_bytes().is_some_and(|bytes| bytes > MIB));
    }
}
