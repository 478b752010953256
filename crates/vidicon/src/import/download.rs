//! Getting a video's file: straight from its address, or out of a page by yt-dlp.

use super::meter::Meter;
use super::tool;
use crate::app::App;
use crate::video::upload::kinds;
use base::clock::Millis;
use base::fetch::{FetchErrorKind, FetchRequest, FetchStream};
use base::file::FileWriter;
use base::job::JobError;
use futures::TryStreamExt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::Url;

/// What has come, and what its source says of it.
#[derive(Debug)]
pub struct Got {
    pub path: PathBuf,
    pub filename: String,
    pub facts: Facts,
}

#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub name: Option<String>,
    pub description: Option<String>,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub nsfw: bool,
    pub made_at: Option<Millis>,
    pub picture_url: Option<String>,
}

/// Fetches into the folder, at most so many bytes.
pub async fn fetch(
    app: &App,
    url: &str,
    folder: &Path,
    limit_bytes: u64,
    stop: &CancellationToken,
    meter: &Meter,
) -> Result<Got, JobError> {
    let longest = Duration::from_secs(app.config.import.timeout_s);
    let request = FetchRequest::get(url).limit(limit_bytes).timeout(longest);
    let direct = match app.import_fetch.stream(request).await {
        Ok(answer) if answer.status.is_success() => match ending(app, &answer) {
            Some(ending) => {
                let work = store(app, answer, folder, &ending, meter);
                return tokio::select! {
                    got = work => got,
                    () = stop.cancelled() => Err(JobError::Cancelled),
                };
            }
            None => format!("{url} is a page and no video or sound file."),
        },
        Ok(answer) => format!("{url} answered with {}.", answer.status),
        Err(error) => match error.kind() {
            FetchErrorKind::RefusedAddress
            | FetchErrorKind::BadAddress
            | FetchErrorKind::TooLarge => return Err(JobError::Fail(error.to_string())),
            _ => error.to_string(),
        },
    };
    match tool::find(app) {
        Some(program) => tool::fetch(app, &program, url, folder, limit_bytes, stop, meter).await,
        None => Err(JobError::Fail(format!(
            "{direct} To fetch videos out of pages, yt-dlp must be installed on this server."
        ))),
    }
}

/// The ending that the file is kept under; nothing when it is no video or sound.
fn ending(app: &App, answer: &FetchStream) -> Option<String> {
    let kind = answer.headers.get("content-type");
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let name = last_of(&answer.url);
    if !matches!(
        kind,
        "" | "application/octet-stream" | "binary/octet-stream"
    ) {
        return kinds::ending(app, kind, &name).ok();
    }
    let (_, own) = name.rsplit_once('.')?;
    let own = format!(".{}", own.to_lowercase());
    kinds::endings(app).contains(&&*own).then_some(own)
}

/// The last part of an address, as a name of a file.
fn last_of(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back());
    let pair = format!("n={}", last.unwrap_or_default().replace('+', "%2B"));
    let plain = url::form_urlencoded::parse(pair.as_bytes()).next();
    let plain = plain.map(|(_, name)| name.into_owned()).unwrap_or_default();
    plain
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
}

async fn store(
    app: &App,
    mut answer: FetchStream,
    folder: &Path,
    ending: &str,
    meter: &Meter,
) -> Result<Got, JobError> {
    meter.expect(answer.content_length());
    let failed = |error: std::io::Error| JobError::Retry(format!("store what comes: {error}"));
    let path = folder.join(format!("video{ending}"));
    let file = File::create(&path).map_err(failed)?;
    let mut writer = FileWriter::new(file, &path, app.config.storage.durable);
    let broken = |error: base::fetch::FetchError| JobError::Fail(error.to_string());
    while let Some(piece) = answer.body.try_next().await.map_err(broken)? {
        meter.take(piece.len()).await?;
        writer.write(piece).await.map_err(failed)?;
    }
    writer.finish().await.map_err(failed)?;
    let filename = last_of(&answer.url);
    let name = filename
        .rsplit_once('.')
        .map_or(&*filename, |(name, _)| name);
    let name = name.replace(['_', '-'], " ");
    Ok(Got {
        facts: Facts {
            name: Some(name.trim().to_owned()).filter(|name| name.chars().count() >= 3),
            ..Facts::default()
        },
        path,
        filename,
    })
}
