//! What hangs on a video of another server: pictures, captions, chapters, counts, comments.

use super::remote::{self, RemoteError};
use super::store::{self, Owner};
use super::{comment_in, local, rules};
use crate::app::App;
use crate::video::{self, Storyboard, Video, VideoId, VideoRef, player};
use base::Tx;
use base::clock::Millis;
use base::job::{JobError, NewJob, Running};
use base::storage::Class;
use fediverse::address::Id;
use fediverse::collection::{self, Walk};
use fediverse::image::Image;
use fediverse::video as ap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// The kind of the job that reads the collections of a video.
pub const JOB: &str = "federation_crawl";
const MAX_PAGES: usize = 20;
const MAX_COMMENTS: usize = 200;
/// About the width of a card, and of a player before it starts.
const SMALL: i64 = 400;
const LARGE: i64 = 1_300;

/// What to read, by its addresses. They are facts of the moment, so they are in the job.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    video_id: Option<VideoId>,
    likes: Option<String>,
    dislikes: Option<String>,
    comments: Option<String>,
    chapters: Option<String>,
    player_settings: Option<String>,
    is_new: bool,
}

/// Keeps what the document says by itself; the rest is a job.
pub async fn write(
    tx: &mut Tx,
    id: VideoId,
    uuid: Uuid,
    document: &ap::Video,
    is_new: bool,
    now: Millis,
) -> remote::Result<()> {
    let mut names = pictures(tx, id, &document.icons, now).await?;
    names.extend(storyboard(tx, id, uuid, document, now).await?);
    names.extend(captions(tx, id, document, now).await?);
    store::drop_remote_files(&mut *tx, Owner::Video(id), &names).await?;
    match &document.chapters {
        ap::Chapters::Inline(list) => keep_chapters(tx, id, list).await?,
        ap::Chapters::None => store::set_remote_chapters(tx, id, &[]).await?,
        ap::Chapters::At(_) => {}
    }
    let text = |id: &Option<Id>| id.as_ref().map(|id| id.as_str().to_owned());
    let payload = Payload {
        video_id: Some(id),
        likes: text(&document.likes),
        dislikes: text(&document.dislikes),
        comments: text(&document.comments),
        chapters: match &document.chapters {
            ap::Chapters::At(id) => Some(id.as_str().to_owned()),
            _ => None,
        },
        player_settings: text(&document.player_settings),
        is_new,
    };
    NewJob::new(JOB, json!(payload))
        .max_attempts(3)
        .once(format!("{JOB}:{id}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

fn extension(media_type: Option<&str>) -> &'static str {
    match media_type {
        Some("image/png") => "png",
        Some("image/webp") => "webp",
        Some("image/gif") => "gif",
        Some("image/avif") => "avif",
        _ => "jpg",
    }
}

/// The picture whose width is nearest to the wanted one.
fn nearest(icons: &[Image], wanted: i64) -> Option<&Image> {
    icons
        .iter()
        .min_by_key(|icon| (icon.width.unwrap_or(0) - wanted).abs())
}

async fn pictures(
    tx: &mut Tx,
    id: VideoId,
    icons: &[Image],
    now: Millis,
) -> remote::Result<Vec<String>> {
    let mut names = Vec::new();
    for wanted in [SMALL, LARGE] {
        if let Some(icon) = nearest(icons, wanted) {
            let kind = extension(icon.media_type.as_deref());
            let name = format!("{}.{kind}", base::random::uuid());
            names.push(store::remote_file(tx, Owner::Video(id), &icon.url, &name, now).await?);
        }
    }
    if let [small, large] = names.as_slice() {
        video::set_thumbnails(tx, id, small, large, "hand").await?;
    }
    Ok(names)
}

async fn storyboard(
    tx: &mut Tx,
    id: VideoId,
    uuid: Uuid,
    document: &ap::Video,
    now: Millis,
) -> remote::Result<Option<String>> {
    let Some(board) = &document.storyboard else {
        return Ok(None);
    };
    let kind = extension(board.media_type.as_deref());
    let name = format!("{uuid}-{}.{kind}", base::random::uuid());
    let filename = store::remote_file(tx, Owner::Video(id), &board.url, &name, now).await?;
    let kept = Storyboard {
        filename: filename.clone(),
        total_width: board.total_width,
        total_height: board.total_height,
        sprite_width: board.tile_width,
        sprite_height: board.tile_height,
        sprite_duration: board.tile_duration_seconds,
    };
    video::set_storyboard(tx, id, &kept).await?;
    Ok(Some(filename))
}

async fn captions(
    tx: &mut Tx,
    id: VideoId,
    document: &ap::Video,
    now: Millis,
) -> remote::Result<Vec<String>> {
    let mut names = Vec::new();
    for caption in &document.captions {
        let name = format!("{}.vtt", base::random::uuid());
        names.push(store::remote_file(tx, Owner::Video(id), &caption.url, &name, now).await?);
    }
    let rows: Vec<_> = document
        .captions
        .iter()
        .zip(&names)
        .map(|(caption, name)| store::RemoteCaption {
            language: &caption.language,
            filename: name,
            automatically_generated: caption.automatically_generated,
            url: &caption.url,
        })
        .collect();
    store::set_remote_captions(tx, id, &rows, now).await?;
    Ok(names)
}

async fn keep_chapters(tx: &mut Tx, id: VideoId, list: &[ap::Chapter]) -> remote::Result<()> {
    let rows: Vec<(i64, String)> = list
        .iter()
        // Read as less than ten million.
        .map(|chapter| (format!("{:.0}", chapter.start_seconds.floor()), &chapter.title))
        .filter_map(|(start, title)| Some((start.parse().ok()?, title.clone())))
        .collect();
    store::set_remote_chapters(tx, id, &rows).await?;
    Ok(())
}

/// Reads the counts, chapters and, the first time, the comments of a video.
pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let asked: Payload = running.job.payload()?;
    let Some(id) = asked.video_id else {
        return Ok(());
    };
    let Ok(video) = video::find(app, VideoRef::Number(id)).await else {
        return Ok(());
    };
    if video.is_local {
        return Ok(());
    }
    let likes = total(app, asked.likes.as_deref()).await;
    let dislikes = total(app, asked.dislikes.as_deref()).await;
    let mut tx = app.db.begin().await?;
    store::set_remote_counts(&mut tx, id, likes, dislikes).await?;
    video::rescore(&mut tx, id).await?;
    tx.commit().await?;
    if let Some(url) = asked
        .chapters
        .as_deref()
        .and_then(|url| Id::parse(url, rules(app)).ok())
    {
        // The object of the chapters has no type, so it is no collection and no document of ours.
        if let Ok(object) = remote::document(app, &url).await {
            let mut tx = app.db.begin().await?;
            keep_chapters(&mut tx, id, &ap::read_chapters_object(&object)).await?;
            tx.commit().await?;
        }
    }
    if let Some(url) = asked.player_settings.as_deref() {
        player_settings(app, &video, url).await?;
    }
    if asked.is_new {
        comments(app, asked.comments.as_deref()).await?;
    }
    if video.listed > 0 {
        fetch_captions(app, id).await?;
    }
    Ok(())
}

/// Captions are read at once, so that what is said is found before anybody has opened the video. As all copies they go
/// when the room for them is full.
async fn fetch_captions(app: &App, id: VideoId) -> Result<(), JobError> {
    for filename in store::captions_to_fetch(&app.db, id).await? {
        video::files::fetch_remote(app, Class::Caption, &filename, &filename).await?;
    }
    Ok(())
}

/// The look that the video's own server gives its player.
async fn player_settings(app: &App, video: &Video, url: &str) -> Result<(), JobError> {
    let Ok(id) = Id::parse(url, rules(app)) else {
        return Ok(());
    };
    let Ok(settings) = remote::document(app, &id).await else {
        return Ok(());
    };
    let theme = settings.get("theme").and_then(Value::as_str);
    let of_it = fediverse::json::reference(&settings, "object") == video.url.as_deref();
    if let Some(theme) = theme
        && fediverse::json::is_kind(&settings, "PlayerSettings")
        && of_it
        && player::THEMES.contains(&theme)
        && player::own_theme(app, video).await? != theme
    {
        player::set_theme(app, video, theme).await?;
    }
    Ok(())
}

/// How many a collection has; nothing if its server does not say.
async fn total(app: &App, url: Option<&str>) -> Option<i64> {
    let id = Id::parse(url?, rules(app)).ok()?;
    let head = remote::document(app, &id).await.ok()?;
    collection::total(&head).filter(|total| *total < 1_000_000_000)
}

async fn comments(app: &App, url: Option<&str>) -> Result<(), JobError> {
    let Some(start) = url.and_then(|url| Id::parse(url, rules(app)).ok()) else {
        return Ok(());
    };
    let urls = walk(app, start, MAX_PAGES, MAX_COMMENTS).await?;
    for url in urls {
        let known = local::is_here(app, &url)
            || store::comment_by_url(&app.db, url.as_str())
                .await?
                .is_some();
        if known {
            continue;
        }
        match comment_in::fetch(app, &url).await {
            Err(RemoteError::Refused(cause)) => tracing::debug!(cause, "a comment was not taken"),
            Err(other) => tracing::debug!(error = %other, "a comment could not be had"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// The ids in a collection of another server. What cannot be read ends the walk.
pub async fn walk(
    app: &App,
    start: Id,
    max_pages: usize,
    max_items: usize,
) -> Result<Vec<Id>, JobError> {
    let mut walk = Walk::new(start, max_pages, max_items, rules(app));
    let mut ids = Vec::new();
    while let Some(page) = walk.next_page() {
        let items = match remote::page(app, &page).await {
            Ok(document) => walk.take(&document).unwrap_or_default(),
            Err(error) => {
                tracing::debug!(%error, "a collection could not be read to its end");
                break;
            }
        };
        ids.extend(items.iter().filter_map(|item| {
            let about =
                fediverse::json::reference(item, "object").filter(|_| item.get("actor").is_some());
            Id::parse(
                about.or_else(|| fediverse::json::reference_of(item))?,
                rules(app),
            )
            .ok()
        }));
    }
    Ok(ids)
}
