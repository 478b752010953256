//! yt-dlp, which knows how to get videos out of pages. It runs like an encoder (lowest priority,
//! limits, gone when we stop), sees the network through a proxy of ours only, and the ffmpeg that
//! it joins streams with can open no address at all.

use super::download::{Facts, Got};
use super::meter::Meter;
use super::proxy::Proxy;
use crate::app::App;
use base::clock::Millis;
use base::job::JobError;
use media::companion::{Companion, run};
use serde_json::Value;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What it may print: descriptions of videos can be long.
const LONGEST_OUTPUT: usize = 64 * 1024 * 1024;
/// The longest that looking at a list of videos may take.
const LIST_TIME: Duration = Duration::from_secs(600);

/// Where it is installed, if it is.
pub fn find(app: &App) -> Option<PathBuf> {
    let named = &app.config.import.yt_dlp;
    if named.components().count() > 1 {
        return named.is_file().then(|| named.clone());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(named))
        .find(|file| file.is_file())
}

/// What all its runs have in common.
fn usual(proxy: &Proxy) -> Vec<OsString> {
    let address = proxy.address();
    let words = [
        "--ignore-config",
        "--no-cache-dir",
        "--no-warnings",
        "--no-progress",
        "--socket-timeout",
        "30",
        "--proxy",
        &address,
    ];
    words.iter().map(OsString::from).collect()
}

/// Downloads the video of a page.
pub async fn fetch(
    app: &App,
    program: &Path,
    url: &str,
    folder: &Path,
    limit_bytes: u64,
    stop: &CancellationToken,
    meter: &Meter,
) -> Result<Got, JobError> {
    let failed = |error: std::io::Error| JobError::Retry(format!("prepare yt-dlp: {error}"));
    let proxy = Proxy::open(app.import_fetch.clone(), limit_bytes);
    let proxy = proxy.await.map_err(failed)?;
    let tools = folder.join("tools");
    wrap_ffmpeg(&tools).map_err(failed)?;
    let mut args = usual(&proxy);
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&[
        "--dump-json",
        "--no-simulate",
        "--no-playlist",
        "--playlist-items",
        "1",
    ]);
    add(&["--match-filters", "!is_live & live_status!=?is_upcoming"]);
    add(&["--format", "bv*+ba/b", "--format-sort", &sorting(app)]);
    add(&[
        "--merge-output-format",
        "mp4/mkv",
        "--no-mtime",
        "--retries",
        "3",
    ]);
    add(&[
        "--max-filesize",
        &limit_bytes.to_string(),
        "--ffmpeg-location",
    ]);
    args.push(tools.into());
    if let Some(cookies) = &app.config.import.cookies {
        // It writes to the file that it is given.
        let own = folder.join("cookies.txt");
        std::fs::copy(cookies, &own).map_err(failed)?;
        args.extend(["--cookies".into(), own.into()]);
    }
    args.extend(["--output".into(), folder.join("video.%(ext)s").into()]);
    args.extend(["--".into(), url.into()]);
    let companion = Companion {
        program: program.to_owned(),
        args,
        what: "Importing".to_owned(),
        time_limit: Duration::from_secs(app.config.import.timeout_s),
        limit_bytes: LONGEST_OUTPUT,
    };
    let printed = tokio::select! {
        printed = start(app, companion, &proxy, stop) => printed?,
        failed = meter.watch(|| proxy.received_bytes()) => return Err(failed),
    };
    let line = printed.split(|byte| *byte == b'\n').next();
    let facts: Value = serde_json::from_slice(line.unwrap_or_default()).unwrap_or_default();
    let path = found(folder).map_err(failed)?.ok_or_else(|| {
        JobError::Fail("There is no video here that can be fetched, or it is too large.".to_owned())
    })?;
    Ok(Got {
        filename: filename(&facts, &path),
        facts: read(&facts),
        path,
    })
}

/// A video on a list of videos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub url: String,
    pub title: Option<String>,
}

/// The first videos of a channel or list, in its order.
pub async fn list(
    app: &App,
    program: &Path,
    url: &str,
    most: usize,
    stop: &CancellationToken,
) -> Result<Vec<Item>, JobError> {
    let failed = |error: std::io::Error| JobError::Retry(format!("prepare yt-dlp: {error}"));
    let proxy = Proxy::open(app.import_fetch.clone(), 512 * 1024 * 1024);
    let proxy = proxy.await.map_err(failed)?;
    let mut args = usual(&proxy);
    let most = most.to_string();
    let words = [
        "--flat-playlist",
        "--dump-json",
        "--skip-download",
        "--playlist-end",
        &most,
        "--",
        url,
    ];
    args.extend(words.iter().map(OsString::from));
    let companion = Companion {
        program: program.to_owned(),
        args,
        what: "Reading a channel".to_owned(),
        time_limit: LIST_TIME,
        limit_bytes: LONGEST_OUTPUT,
    };
    let printed = start(app, companion, &proxy, stop).await?;
    let lines = printed.split(|byte| *byte == b'\n');
    let items = lines.filter_map(|line| serde_json::from_slice(line).ok());
    Ok(items.filter_map(|line: Value| item(&line)).collect())
}

fn item(line: &Value) -> Option<Item> {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let url = text("webpage_url").or_else(|| text("url"))?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web.then(|| Item {
        url: url.to_owned(),
        title: text("title").map(str::to_owned),
    })
}

async fn start(
    app: &App,
    companion: Companion,
    proxy: &Proxy,
    stop: &CancellationToken,
) -> Result<Vec<u8>, JobError> {
    let ffmpeg = app.ffmpeg().await;
    let ffmpeg = ffmpeg.map_err(|error| JobError::Fail(error.to_string()))?;
    match run(ffmpeg, companion, stop).await {
        Ok(printed) => Ok(printed),
        Err(media::MediaError::Canceled) => Err(JobError::Cancelled),
        Err(_) if proxy.is_exhausted() => Err(JobError::Fail(
            "The video is larger than what there is room for.".to_owned(),
        )),
        Err(media::MediaError::Failed { reason, .. }) => {
            let reason = reason.trim_start_matches("ERROR:").trim();
            let reason: String = reason.chars().take(1_000).collect();
            Err(JobError::Fail(reason))
        }
        Err(error) => Err(JobError::Fail(error.to_string())),
    }
}

/// Programs in the place of ffmpeg and ffprobe that cannot reach the network.
fn wrap_ffmpeg(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for name in ["ffmpeg", "ffprobe"] {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o700)
            .open(folder.join(name))?;
        let text =
            format!("#!/bin/sh\nexec {name} -protocol_whitelist file,pipe,crypto,data \"$@\"\n");
        file.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Not larger than the largest quality that is made here.
fn sorting(app: &App) -> String {
    let settings = app.instance.settings();
    let enabled = crate::instance::settings::enabled(&settings.transcoding.resolutions);
    let most = enabled.last().copied().unwrap_or(2160);
    format!("res:{most},vcodec:h264,acodec:aac")
}

fn found(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_video = path.file_stem().is_some_and(|stem| stem == "video");
        let is_part = path
            .extension()
            .is_some_and(|it| it == "part" || it == "ytdl");
        if is_video && !is_part {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn filename(facts: &Value, path: &Path) -> String {
    let title = facts
        .get("title")
        .and_then(Value::as_str)
        .unwrap_or("video");
    let title: String = title
        .chars()
        .filter(|c| !c.is_control() && *c != '/')
        .take(150)
        .collect();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    format!("{title}.{ending}")
}

/// What yt-dlp says of a video, as our fields have it.
fn read(facts: &Value) -> Facts {
    let text = |name: &str| {
        let text = facts.get(name).and_then(Value::as_str).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let tags = facts.get("tags").and_then(Value::as_array);
    let tags = tags.into_iter().flatten().filter_map(Value::as_str);
    let date = text("upload_date").or_else(|| text("release_date"));
    let age = facts.get("age_limit").and_then(Value::as_i64);
    Facts {
        name: text("title"),
        description: text("description"),
        tags: tags.map(str::to_owned).collect(),
        language: text("language"),
        nsfw: age.is_some_and(|age| age >= 18),
        made_at: date.and_then(|date| day(&date)),
        picture_url: text("thumbnail"),
    }
}

/// `20240131`, as midnight in UTC.
fn day(text: &str) -> Option<Millis> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    crate::check::parse_date(&format!("{year}-{month}-{day}T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn facts_become_fields() {
        let facts = read(&json!({
            "title": " Sea ", "description": "", "tags": ["a", 3, "b"], "language": "fr",
            "upload_date": "20240131", "age_limit": 18, "thumbnail": "https://a.test/t.jpg",
        }));
        assert_eq!(facts.name.as_deref(), Some("Sea"));
        assert_eq!(facts.description, None);
        assert_eq!(facts.tags, ["a", "b"]);
        assert!(facts.nsfw);
        assert_eq!(facts.made_at, Some(1_706_659_200_000));
        assert_eq!(day("2024"), None);
    }

    #[test]
    fn only_addresses_of_the_web_are_items() {
        let read = |line| item(&line).map(|it| it.url);
        let page = "https://a.test/w/1";
        assert_eq!(
            read(json!({ "webpage_url": page, "url": "x" })).as_deref(),
            Some(page)
        );
        assert_eq!(read(json!({ "url": "file:///etc/passwd" })), None);
    }
}
