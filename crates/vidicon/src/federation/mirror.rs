//! Mirrors (redundancy): copies of other servers' videos that lie here, and what others say that
//! they keep of ours and of each other's.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, MirrorRow, NewMirror};
use super::{deliver, document, forward, local, rules, video_in, video_out};
use crate::app::App;
use crate::config::MirrorStrategy;
use crate::error::{Error, Result};
use crate::video::files::{self, OldFile};
use crate::video::{self, Video, VideoId, VideoRef};
use axum::extract::{Path, State};
use axum::response::Response;
use base::clock::{HOUR, Millis};
use base::fetch::FetchRequest;
use base::job::{JobError, NewJob, Running};
use base::storage::Class;
use fediverse::activity::{self, Activity, Kind};
use fediverse::address::{Audience, Id};
use fediverse::context::Context;
use fediverse::redundancy::CacheFile;
use futures::TryStreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The kind of the job that copies a video.
pub const JOB: &str = "federation_mirror";
/// Comes round by itself: gives back what is over, and picks what a strategy wants.
pub const ROUND_JOB: &str = "federation_mirrors";
pub const MANUAL: &str = "manual";
/// A mirror that stays is told of before others forget it; a round comes every hour.
const AHEAD: Millis = 2 * HOUR;
const PATIENCE: Duration = Duration::from_secs(3 * 3600);
/// A playlist has no more.
const MAX_PLAYLIST_BYTES: u64 = 4 * 1024 * 1024;

fn refuse(why: &str) -> RemoteError {
    RemoteError::Refused(why.to_owned())
}

fn url(app: &App, video: &Video) -> String {
    app.url(&format!(
        "/redundancy/streaming-playlists/hls/{}",
        video.uuid
    ))
}

fn base_url(app: &App, video: &Video) -> String {
    app.url(&format!("/static/redundancy/hls/{}", video.uuid))
}

/// Keeps in mind that a video is to be mirrored, and starts with it soon.
pub async fn begin(
    app: &App,
    video: &Video,
    strategy: &str,
    expires_at: Option<Millis>,
) -> Result<()> {
    let now = app.clock.now();
    let (url, base_url) = (url(app, video), base_url(app, video));
    let new = NewMirror {
        video: video.id,
        actor: None,
        url: &url,
        base_url: &base_url,
        strategy: Some(strategy),
        complete: false,
        expires_at,
    };
    let mut tx = app.db.begin().await?;
    store::save_mirror(&mut tx, &new, now).await?;
    NewJob::new(JOB, json!({ "videoId": video.id }))
        .once(format!("{JOB}:{}", video.id))
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    video_id: VideoId,
}

/// Copies the files of a video under the names that they have at their server.
pub async fn run(app: &App, running: &Running) -> std::result::Result<(), JobError> {
    let Payload { video_id } = running.job.payload()?;
    let Some(mirror) = store::own_mirror(&app.db, video_id).await? else {
        return Ok(());
    };
    let Ok(video) = video::find(app, VideoRef::Number(video_id)).await else {
        return Ok(());
    };
    let mut bytes = 0;
    for file in store::origin_files(&app.db, video_id).await? {
        // A little more than promised: sizes are of the moment they were told.
        let limit = u64::try_from(file.size_bytes)
            .unwrap_or(0)
            .saturating_mul(2)
            + 1_000_000;
        bytes += copy(app, &video, &file.url, Class::Rendition, limit).await?;
    }
    if let Some(playlist) = store::origin_playlist(&app.db, video_id).await? {
        bytes += copy(app, &video, &playlist, Class::Playlist, MAX_PLAYLIST_BYTES).await?;
    }
    if running.stop.is_cancelled() {
        return Err(JobError::Retry("stopped on the way".to_owned()));
    }
    let now = app.clock.now();
    let size = i64::try_from(bytes).unwrap_or(i64::MAX);
    store::note_mirrored(&app.db, mirror.id, size, now).await?;
    tell(app, &video, &mirror, Kind::Create).await?;
    Ok(())
}

/// Copies one file. What is here already is not fetched again.
async fn copy(
    app: &App,
    video: &Video,
    from: &str,
    class: Class,
    limit: u64,
) -> std::result::Result<u64, JobError> {
    let failed = |error: base::storage::StorageError| JobError::Retry(error.to_string());
    let address: url::Url = from
        .parse()
        .map_err(|_| JobError::Fail(format!("{from} is no address")))?;
    let name = address
        .path_segments()
        .and_then(Iterator::last)
        .unwrap_or_default();
    if !files::is_plain_name(name) {
        return Err(JobError::Fail(format!("{from} has no usable name")));
    }
    let key = files::key(video.uuid, name);
    if let Ok(known) = app.storage.head(class, &key).await {
        return Ok(known.size_bytes);
    }
    let request = FetchRequest::get(from)
        .limit(limit)
        .timeout(PATIENCE)
        .redirects(2);
    let answer = app
        .fetch
        .stream(request)
        .await
        .and_then(|answer| answer.success());
    let mut answer = answer.map_err(|error| JobError::from(remote::unreachable(error)))?;
    let mut writer = app
        .storage
        .writer(class, &key, answer.content_length())
        .await
        .map_err(failed)?;
    loop {
        match answer.body.try_next().await {
            Ok(Some(chunk)) => writer.write(chunk).await.map_err(failed)?,
            Ok(None) => break,
            Err(error) => {
                writer.abort().await.map_err(failed)?;
                return Err(remote::unreachable(error).into());
            }
        }
    }
    writer.finish().await.map_err(failed)
}

/// Gives a mirror back: its files go, and those who heard of it hear that too.
pub async fn end(app: &App, mirror: &MirrorRow) -> Result<()> {
    let video = video::find(app, VideoRef::Number(mirror.video_id)).await?;
    if mirror.complete {
        tell(app, &video, mirror, Kind::Undo).await?;
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::delete_mirror(&mut tx, mirror.id).await?;
    let mut old = Vec::new();
    for file in store::origin_files(&mut tx, video.id).await? {
        old.extend(
            file.url
                .rsplit('/')
                .next()
                .map(|name| OldFile::rendition(video.uuid, name)),
        );
    }
    if let Some(playlist) = store::origin_playlist(&mut tx, video.id).await? {
        let name = playlist.rsplit('/').next().unwrap_or_default();
        old.push(OldFile::playlist(video.uuid, name));
    }
    files::drop_later(&mut tx, &old, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

async fn object(app: &App, video: &Video, expires_ms: Option<Millis>) -> Result<Value> {
    let video_url = match &video.url {
        Some(url) if !video.is_local => url.clone(),
        _ => video_out::url(app, video.uuid),
    };
    Ok(CacheFile {
        id: local::own_id(&url(app, video))?,
        video: local::own_id(&video_url)?,
        expires_ms,
        base_url: base_url(app, video),
    }
    .to_json())
}

/// The server of the video hears of a mirror, and passes it on.
async fn tell(app: &App, video: &Video, mirror: &MirrorRow, kind: Kind) -> Result<()> {
    let server = local::server_actor(app).await?;
    let server_url = local::actor_url(app, &server);
    let Some(owner) = store::actor(&app.db, video.account_actor_id).await? else {
        return Ok(());
    };
    let audience = Audience::public(None, Some(&local::actor_url(app, &owner)));
    let file = object(app, video, mirror.expires_at).await?;
    let id = format!("{}/activity", mirror.url);
    let create = activity::write(&Kind::Create, &id, &server_url, file.clone(), &audience);
    let said = match kind {
        Kind::Update => {
            let id = format!("{}/{}", mirror.url, local::stamp(app, "updates"));
            activity::write(&Kind::Update, &id, &server_url, file, &audience)
        }
        Kind::Undo => activity::write(
            &Kind::Undo,
            &format!("{}/undo", mirror.url),
            &server_url,
            create,
            &audience,
        ),
        _ => create,
    };
    let prepared = deliver::prepare(app, &server, Context::CacheFile.on(said)).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(
        &mut tx,
        app,
        &prepared,
        owner.shared_inbox_url.or(owner.inbox_url),
    )
    .await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// `/redundancy/streaming-playlists/hls/{uuid}`
pub async fn show(State(app): State<App>, Path(uuid): Path<String>) -> Result<Response> {
    let nothing = || Error::not_found("There is no mirror at this address.");
    if !app.config.federation.enabled {
        return Err(nothing());
    }
    let by = VideoRef::parse(&uuid)
        .filter(|by| matches!(by, VideoRef::Uuid(_)))
        .ok_or_else(nothing)?;
    let video = video::find(&app, by).await?;
    let mirror = store::own_mirror(&app.db, video.id).await?;
    let mirror = mirror
        .filter(|mirror| mirror.complete && video.listed == 1)
        .ok_or_else(nothing)?;
    Ok(document::answer(
        &object(&app, &video, mirror.expires_at).await?,
    ))
}

/// Another server says that it keeps a copy. It speaks for itself alone, and only its own files count.
pub async fn receive(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let value = activity
        .object
        .value()
        .ok_or_else(|| refuse("it is about nothing"))?;
    let file = CacheFile::read(value, &activity.actor, rules(app))?;
    let place = Id::parse(&file.base_url, rules(app))?;
    if author.kind != "server" || place.host() != author.host {
        return Err(refuse("mirrors are kept by servers, and at home"));
    }
    let accepts = match app.config.federation.accept_mirrors.as_str() {
        "nobody" => false,
        "followings" => store::is_followed(&app.db, author.id, &author.host).await?,
        _ => true,
    };
    if !accepts {
        return Err(refuse("this server takes no mirrors from there"));
    }
    let known = match video_in::own(app, &file.video).await? {
        Some(own) => Some(own),
        None => store::video_by_url(&app.db, file.video.as_str()).await?,
    };
    let video = known.ok_or_else(|| refuse("nothing that is known here"))?;
    let taken = store::mirror_by_url(&app.db, file.id.as_str()).await?;
    if taken.is_some_and(|taken| taken.actor_id != Some(author.id)) {
        return Err(refuse("the mirror is somebody else's"));
    }
    let new = NewMirror {
        video: video.id,
        actor: Some(author.id),
        url: file.id.as_str(),
        base_url: place.as_str(),
        strategy: None,
        complete: true,
        expires_at: file.expires_ms,
    };
    store::save_mirror(&app.db, &new, app.clock.now()).await?;
    forward::of_video(app, author, video.id, activity).await
}

pub async fn receive_undo(
    app: &App,
    author: &ActorRow,
    create: &Activity,
    undo: &Activity,
) -> remote::Result<()> {
    let id = create
        .object
        .id()
        .ok_or_else(|| refuse("it undoes nothing"))?;
    let known = store::mirror_by_url(&app.db, id.as_str()).await?;
    let known = known.filter(|known| known.actor_id == Some(author.id));
    let known = known.ok_or_else(|| refuse("no mirror of this server"))?;
    store::delete_mirror(&app.db, known.id).await?;
    forward::of_video(app, author, known.video_id, undo).await
}

/// One round: what is over goes; then each strategy may take one more video, if there is room.
pub async fn round(app: &App) -> std::result::Result<(), JobError> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let over = store::expired_mirrors(&mut tx, now, now + AHEAD).await?;
    tx.commit().await?;
    for mirror in over {
        let wanted = app
            .config
            .federation
            .mirrors
            .iter()
            .find(|wanted| mirror.strategy.as_deref() == Some(wanted.strategy.as_str()));
        match wanted {
            Some(wanted)
                if store::mirrored_bytes(&app.db, &wanted.strategy).await? <= wanted.size_bytes =>
            {
                prolong(app, mirror, now + lifetime(wanted)).await?;
            }
            _ => end(app, &mirror).await?,
        }
    }
    for wanted in &app.config.federation.mirrors {
        let used = store::mirrored_bytes(&app.db, &wanted.strategy).await?;
        let candidates =
            store::mirror_candidates(&app.db, &wanted.strategy, wanted.min_views).await?;
        for id in candidates {
            let files = store::origin_files(&app.db, id).await?;
            let size: i64 = files.iter().map(|file| file.size_bytes).sum();
            if files.is_empty() || used + size > wanted.size_bytes {
                continue;
            }
            let video = video::find(app, VideoRef::Number(id)).await?;
            begin(app, &video, &wanted.strategy, Some(now + lifetime(wanted))).await?;
            break;
        }
    }
    Ok(())
}

/// Others forget a mirror whose time is over, so they are told that it stays.
async fn prolong(app: &App, mut mirror: MirrorRow, until: Millis) -> Result<()> {
    store::set_mirror_expiry(&app.db, mirror.id, until).await?;
    mirror.expires_at = Some(until);
    if mirror.complete {
        let video = video::find(app, VideoRef::Number(mirror.video_id)).await?;
        tell(app, &video, &mirror, Kind::Update).await?;
    }
    Ok(())
}

fn lifetime(wanted: &MirrorStrategy) -> Millis {
    i64::from(wanted.hours.max(10)) * HOUR
}
