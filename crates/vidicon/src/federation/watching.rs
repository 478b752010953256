//! Views, viewers and watch sessions across servers.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, Sitting};
use super::{deliver, job, local, rules, video_in, video_out};
use crate::app::App;
use crate::video::{self, Video, VideoId, VideoRef};
use base::clock::{DAY, HOUR, MINUTE, Millis};
use base::job::{JobError, Running};
use fediverse::activity::{self, Activity, Kind};
use fediverse::address::{Audience, Id};
use fediverse::context::Context;
use fediverse::view::{View, WatchAction};
use serde::Deserialize;
use serde_json::json;

/// Somebody here has watched a video. The name is the video slice's.
pub const VIEWED_JOB: &str = "video_viewed";
/// Somebody here has saved a file of a video.
pub const SAVED_JOB: &str = "video_saved";
/// Comes round by itself: tells how many watch now, and how sittings went.
pub const VIEWERS_JOB: &str = "federation_viewers";
/// One server may tell of so many views of one video in an hour.
const MOST_VIEWS: i64 = 500;
/// So many views of a video of ours in an hour are told one by one: each goes to every server that follows.
const MOST_SINGLY: i64 = 100;
/// More viewers of one video are not believed to be at one server.
const MOST_VIEWERS: i64 = 2_000;
/// A number of viewers is good for so long at the most.
const LONGEST: Millis = 10 * MINUTE;
const FRESH: Millis = 5 * MINUTE;
const MOST_TOLD: i64 = 200;
/// After so long a sitting does not go on any more.
const OVER: Millis = HOUR;
/// The views of a video of ours are told together.
const GATHER: Millis = 5 * MINUTE;

/// Another server tells of a view, or of how many watch there.
pub async fn receive(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let refuse = |why: &str| RemoteError::Refused(why.to_owned());
    let id = activity
        .object
        .id()
        .ok_or_else(|| refuse("it is about nothing"))?;
    let now = app.clock.now();
    let view = View::read(&activity.raw);
    if let Some(own) = video_in::own(app, id).await? {
        let video = video::find(app, VideoRef::Number(own.id)).await?;
        if !video_out::is_federated(app, &video) {
            return Err(refuse("no video of this server"));
        }
        return take(app, &video, author, view, now).await;
    }
    let known = store::video_by_url(&app.db, id.as_str()).await?;
    let known = known.ok_or_else(|| refuse("nothing that is known here"))?;
    let video = video::find(app, VideoRef::Number(known.id)).await?;
    // Of a video of another server only that server knows the numbers.
    if author.host != video.channel_host {
        return Err(refuse("the video is of another server"));
    }
    take(app, &video, author, view, now).await
}

async fn take(
    app: &App,
    video: &Video,
    author: &ActorRow,
    view: View,
    now: Millis,
) -> remote::Result<()> {
    let mut tx = app.db.begin().await?;
    match view {
        View::Watching {
            viewers,
            expires_ms,
        } => {
            let until = expires_ms.min(now + LONGEST);
            let viewers = viewers.clamp(0, MOST_VIEWERS);
            store::set_remote_viewers(&mut tx, video.id, &author.host, viewers, until).await?;
        }
        View::Counted | View::Saved => {
            let (hour_at, host) = (now - now.rem_euclid(HOUR), &author.host);
            let taken = match view {
                View::Saved => {
                    store::count_remote_download(&mut tx, video.id, host, hour_at, MOST_VIEWS).await
                }
                _ => store::count_remote_view(&mut tx, video.id, host, hour_at, MOST_VIEWS).await,
            };
            if !taken? {
                return Err(RemoteError::Refused(
                    "too many views or downloads of one server".to_owned(),
                ));
            }
            video::rescore(&mut tx, video.id).await?;
            if video.is_local {
                job::tell_of_video(video.id)
                    .run_at(now + GATHER)
                    .enqueue(&mut tx, now)
                    .await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// A session with a video of ours at another server: kept with the others, without a face.
pub async fn receive_session(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
) -> remote::Result<()> {
    let refuse = |why: &str| RemoteError::Refused(why.to_owned());
    let value = activity
        .object
        .value()
        .ok_or_else(|| refuse("it is about nothing"))?;
    let session = WatchAction::read(value, super::rules(app))?;
    if session.id.host() != author.host {
        return Err(refuse("the session is of another server"));
    }
    let own = video_in::own(app, &session.video).await?;
    let own = own.ok_or_else(|| refuse("no video of this server"))?;
    let video = video::find(app, VideoRef::Number(own.id)).await?;
    if !video_out::is_federated(app, &video) {
        return Err(refuse("no video of this server"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let hour_at = now - now.rem_euclid(HOUR);
    if !store::count_remote_session(&mut tx, video.id, &author.host, hour_at, MOST_VIEWS).await? {
        return Err(refuse("too many sessions of one server"));
    }
    store::add_session(&mut tx, video.id, &author.host, &session, now).await?;
    tx.commit().await?;
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    video_id: VideoId,
}

/// Tells of a view or a download here: the video's own server, or those who know a video of ours. Of ours the number is
/// told later, of all together; when there are very many, only so.
pub async fn tell_viewed(app: &App, running: &Running) -> Result<(), JobError> {
    let view = match running.job.kind.as_str() {
        SAVED_JOB => View::Saved,
        _ => View::Counted,
    };
    let Payload { video_id } = running.job.payload()?;
    let Ok(video) = video::find(app, VideoRef::Number(video_id)).await else {
        return Ok(());
    };
    if !app.config.federation.enabled {
        return Ok(());
    }
    let now = app.clock.now();
    if video.is_local {
        let later = job::tell_of_video(video.id).run_at(now + GATHER);
        later.enqueue(&app.db, now).await?;
        let hour_at = now - now.rem_euclid(HOUR);
        let (views, downloads) = video::watching::of_hour(&app.db, video.id, hour_at).await?;
        let many = if view == View::Saved {
            downloads
        } else {
            views
        };
        if many <= MOST_SINGLY && video_out::is_federated(app, &video) {
            tell_known(app, &video, view).await?;
        }
        return Ok(());
    }
    tell_origin(app, &video, view).await?;
    video_in::renew(app, &video).await;
    Ok(())
}

/// Tells those who know a video of ours.
async fn tell_known(app: &App, video: &Video, view: View) -> Result<(), JobError> {
    let server = local::server_actor(app).await?;
    let own = [video.account_actor_id, video.channel_actor_id, server.id];
    let inboxes = video_out::involved_inboxes(app, Some(video.id), &own).await?;
    if inboxes.is_empty() {
        return Ok(());
    }
    let url = video_out::url(app, video.uuid);
    let audience = video_out::audience(app, video);
    send(app, video, &url, view, audience, inboxes).await
}

async fn tell_origin(app: &App, video: &Video, view: View) -> Result<(), JobError> {
    let Some(owner) = store::actor(&app.db, video.account_actor_id).await? else {
        return Ok(());
    };
    let owner_url = local::actor_url(app, &owner);
    let Some(url) = &video.url else { return Ok(()) };
    let inbox = owner.shared_inbox_url.or(owner.inbox_url);
    send(
        app,
        video,
        url,
        view,
        Audience::actor(&owner_url),
        inbox.into_iter().collect(),
    )
    .await
}

async fn send(
    app: &App,
    video: &Video,
    url: &str,
    view: View,
    audience: Audience,
    inboxes: Vec<String>,
) -> Result<(), JobError> {
    let server = local::server_actor(app).await?;
    let server_url = local::actor_url(app, &server);
    let part = match view {
        View::Saved => "downloads",
        View::Counted | View::Watching { .. } => "views",
    };
    let unique = base::random::uuid();
    let id = format!("{server_url}/{part}/videos/{}/{unique}", video.id);
    let mut document = activity::write(&view.kind(), &id, &server_url, json!(url), &audience);
    view.write(&mut document);
    let prepared = deliver::prepare(app, &server, view.context().on(document)).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &prepared, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Tells the servers of the videos how sittings went that are over: without a word about who it was.
pub async fn tell_sessions(app: &App) -> Result<(), JobError> {
    if !app.config.federation.enabled {
        return Ok(());
    }
    let now = app.clock.now();
    for sitting in store::untold_sittings(&app.db, now - DAY, now - OVER, MOST_TOLD).await? {
        tell_session(app, &sitting).await?;
    }
    Ok(())
}

async fn tell_session(app: &App, sitting: &Sitting) -> Result<(), JobError> {
    let video = video::find(app, VideoRef::Number(sitting.video_id)).await?;
    let owner = store::actor(&app.db, video.account_actor_id).await?;
    let (Some(owner), Some(url)) = (owner, &video.url) else {
        return Ok(());
    };
    let uuid = base::random::uuid().to_string();
    let own = app.url(&format!("/videos/local-viewer/{uuid}"));
    let about = Id::parse(url, rules(app)).map_err(|error| JobError::Fail(error.to_string()))?;
    let session = WatchAction {
        id: local::own_id(&own)?,
        uuid,
        video: about,
        start_ms: sitting.started_at,
        end_ms: sitting.last_at,
        watch_seconds: sitting.watched_s,
        country: sitting.country.clone(),
        region: sitting.subdivision.clone(),
        sections: sitting.sections.clone(),
    };
    let server = local::server_actor(app).await?;
    let server_url = local::actor_url(app, &server);
    let audience = Audience::actor(&local::actor_url(app, &owner));
    let (id, object) = (format!("{own}/activity"), session.to_json());
    let create = activity::write(&Kind::Create, &id, &server_url, object, &audience);
    let prepared = deliver::prepare(app, &server, Context::WatchAction.on(create)).await?;
    let inbox = owner.shared_inbox_url.or(owner.inbox_url);
    let mut tx = app.db.begin().await?;
    store::note_told(&mut tx, sitting.id, app.clock.now()).await?;
    deliver::queue(&mut tx, app, &prepared, inbox).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Tells how many watch now: the servers of the videos, or those who follow ours.
pub async fn tell_viewers(app: &App) -> Result<(), JobError> {
    if !app.config.federation.enabled {
        return Ok(());
    }
    let now = app.clock.now();
    for watched in store::watched_now(&app.db, now - 2 * MINUTE, MOST_TOLD).await? {
        let Ok(video) = video::find(app, VideoRef::Number(watched.video_id)).await else {
            continue;
        };
        let view = |viewers| View::Watching {
            viewers,
            expires_ms: now + FRESH,
        };
        if !video.is_local {
            tell_origin(app, &video, view(watched.viewers)).await?;
        } else if video_out::is_federated(app, &video) {
            let elsewhere = store::remote_viewers(&app.db, video.id, now).await?;
            tell_known(app, &video, view(watched.viewers + elsewhere)).await?;
        }
    }
    Ok(())
}
