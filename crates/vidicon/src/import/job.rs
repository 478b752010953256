//! The jobs of imports.

use super::download::{self, Facts, Got};
use super::meter::Meter;
use super::torrent::meta::Source;
use super::{Import, ImportId, PICTURE, State, end, store, torrent, waiting_video};
use crate::account::{self, User};
use crate::app::App;
use crate::error::Result;
use crate::video::{self, Video, labels, picture, quota, upload};
use base::fetch::FetchRequest;
use base::job::{JobError, Running};
use serde::Deserialize;
use std::path::Path;

/// Bytes of a picture that is taken over.
const LARGEST_PICTURE: u64 = 8 * 1024 * 1024;
/// Room on the disk that is left to the rest of the machine.
const ROOM_KEPT_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    import_id: ImportId,
}

/// Fetches one video. It can be killed anywhere and begins anew then.
pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let Order { import_id } = running.job.payload()?;
    let Some(import) = store::find(&app.db, import_id).await? else {
        return Ok(());
    };
    let from = [State::Pending, State::Processing];
    let now = app.clock.now();
    if !store::set_state(&app.db, import.id, &from, State::Processing, now).await? {
        return Ok(());
    }
    let work = app.config.server.data_dir.join("work");
    let work = work.join(format!("import-{}", import.id));
    let done = fetch(app, running, &import, &work).await;
    let _ = std::fs::remove_dir_all(&work);
    match done {
        Ok(()) => Ok(end(app, &import, None).await?),
        // A stop of the server is taken up at the next start.
        Err(error) if running.stop.is_cancelled() => Err(error),
        Err(error) => {
            let why = match &error {
                JobError::Cancelled => "The job was cancelled.".to_owned(),
                other => other.to_string(),
            };
            end(app, &import, Some(&why)).await?;
            Err(JobError::Fail(why))
        }
    }
}

async fn fetch(app: &App, running: &Running, import: &Import, work: &Path) -> Result<(), JobError> {
    let Some(video) = waiting_video(app, import).await? else {
        return Err(JobError::Fail(
            "The video was deleted meanwhile.".to_owned(),
        ));
    };
    let user = account::user(app, import.user_id).await?;
    let failed = |error: std::io::Error| JobError::Retry(format!("prepare a folder: {error}"));
    let _ = std::fs::remove_dir_all(work);
    std::fs::create_dir_all(work).map_err(failed)?;
    let free = base::file::free_bytes(work).map_err(failed)?;
    let free = free.saturating_sub(ROOM_KEPT_BYTES);
    let limit = match quota::bytes_left(app, &user).await? {
        Some(left) => free.min(left),
        None => free,
    };
    let meter = Meter::of(app, import.id);
    let got = match source(app, import).await? {
        Some(source) => torrent::fetch(app, &source, work, limit, &running.stop, &meter).await?,
        None => {
            let url = &import.target_url;
            download::fetch(app, url, work, limit, &running.stop, &meter).await?
        }
    };
    meter.finish().await?;
    let size = std::fs::metadata(&got.path).map_err(failed)?.len();
    quota::room_left(app, &user, i64::try_from(size).unwrap_or(i64::MAX)).await?;
    let video = take_over(app, &user, import, &video, &got.facts).await?;
    put(app, &user, &video, &got).await?;
    picture_of(app, import, &video, &got.facts).await;
    Ok(())
}

/// The torrent that it comes by, if it does.
async fn source(app: &App, import: &Import) -> Result<Option<Source>, JobError> {
    let broken = || JobError::Fail("The torrent is broken.".to_owned());
    if let Some(file) = store::torrent_file(&app.db, import.id).await? {
        return Source::of_file(&file).map(Some).map_err(|_| broken());
    }
    let magnet = import.magnet_uri.as_deref();
    magnet
        .map(|link| Source::of_magnet(link).ok_or_else(broken))
        .transpose()
}

/// What the source says, where the user has said nothing.
async fn take_over(
    app: &App,
    user: &User,
    import: &Import,
    before: &Video,
    facts: &Facts,
) -> Result<Video, JobError> {
    let is_open = |name: &str| !import.given.iter().any(|given| given == name);
    let cut = |text: &str, most: usize| text.trim().chars().take(most).collect::<String>();
    let mut after = before.clone();
    if let Some(name) = facts.name.as_deref().filter(|_| is_open("name")) {
        let name = cut(name, 120);
        if name.chars().count() >= 3 {
            after.name = name;
        }
    }
    if let Some(text) = facts
        .description
        .as_deref()
        .filter(|_| is_open("description"))
    {
        let text = cut(text, 10_000);
        after.description = Some(text).filter(|text| text.chars().count() >= 3);
    }
    if is_open("tags") {
        let fits = |tag: &&String| (2..=30).contains(&tag.trim().chars().count());
        let tags = facts.tags.iter().filter(fits).take(5);
        after.tags = tags.map(|tag| tag.trim().to_owned()).collect();
        after.tags.dedup();
    }
    if let Some(code) = facts.language.as_deref().filter(|_| is_open("language")) {
        let code = code.split('-').next().unwrap_or_default();
        let is_known = labels::LANGUAGES.iter().any(|(known, _)| *known == code);
        after.language = is_known.then(|| code.to_owned());
    }
    if is_open("nsfw") {
        after.nsfw = facts.nsfw;
    }
    if is_open("originallyPublishedAt") {
        after.originally_published_at = facts.made_at;
    }
    video::change(app, user, before, after.clone(), None).await?;
    Ok(after)
}

async fn put(app: &App, user: &User, video: &Video, got: &Got) -> Result<(), JobError> {
    let ending = got.path.extension().unwrap_or_default().to_string_lossy();
    let ending = format!(".{}", ending.to_lowercase());
    Ok(upload::put_imported(app, user, video, &got.path, &got.filename, &ending).await?)
}

/// A picture that cannot be had is no reason to fail: the video has one of its own.
async fn picture_of(app: &App, import: &Import, video: &Video, facts: &Facts) {
    let is_given = import.given.iter().any(|given| given == PICTURE);
    let Some(url) = facts.picture_url.as_deref().filter(|_| !is_given) else {
        return;
    };
    let request = FetchRequest::get(url).limit(LARGEST_PICTURE);
    let answer = app.import_fetch.send(request).await;
    match answer.and_then(base::fetch::FetchResponse::success) {
        Ok(answer) => {
            if let Err(error) = picture::set_of_bytes(app, video, &answer.body).await {
                tracing::info!(video.id = %video.id, %error, "the picture of an import is none");
            }
        }
        Err(error) => {
            tracing::info!(video.id = %video.id, %error, "the picture of an import did not come");
        }
    }
}
