//! Videos of other servers: fetched from their own server, checked, and kept with links to its files.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, KnownVideo, RemoteVideo};
use super::{forward, local, rules, video_more};
use crate::account::{AccountId, ActorId};
use crate::app::App;
use crate::channel::ChannelId;
use crate::video::{self, CommentsPolicy, NewVideo, Privacy, Video, VideoId, VideoRef, VideoState};
use base::clock::{DAY, Millis};
use fediverse::activity::Activity;
use fediverse::address::{Id, Visibility, require_same_host};
use fediverse::sanitize;
use fediverse::video as ap;
use uuid::Uuid;

/// After this long a video is fetched again when somebody speaks of it.
const FRESH: Millis = 2 * DAY;

/// The video of ours that an address names.
pub async fn own(app: &App, id: &Id) -> remote::Result<Option<KnownVideo>> {
    let Some(path) = local::own_path(app, id.as_str()) else {
        return Ok(None);
    };
    let name = path
        .strip_prefix("/videos/watch/")
        .or_else(|| path.strip_prefix("/w/"))
        .unwrap_or_default();
    match VideoRef::parse(name) {
        Some(VideoRef::Uuid(uuid)) => Ok(store::video_by_uuid(&app.db, uuid)
            .await?
            .filter(|known| known.is_local)),
        _ => Ok(None),
    }
}

/// Somebody published a video: it is fetched from its own server, whatever the activity says of it.
pub async fn receive_create(app: &App, author: &ActorRow, id: &Id) -> remote::Result<()> {
    require_followed(app, author, id).await?;
    require_own_host(author, id)?;
    fetch(app, id).await.map(drop)
}

pub async fn receive_update(app: &App, author: &ActorRow, id: &Id) -> remote::Result<()> {
    require_own_host(author, id)?;
    if store::video_by_url(&app.db, id.as_str()).await?.is_none() {
        require_followed(app, author, id).await?;
    }
    fetch(app, id).await.map(drop)
}

/// Only the account that owns a video can delete it.
pub async fn receive_delete(
    app: &App,
    author: &ActorRow,
    known: &KnownVideo,
) -> remote::Result<()> {
    if known.is_local || known.account_actor_id != author.id {
        return Err(RemoteError::Refused(
            "the video belongs to somebody else".to_owned(),
        ));
    }
    delete(app, known.id).await
}

/// A server or channel shows its followers a video.
pub async fn receive_announce(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
    id: &Id,
) -> remote::Result<()> {
    if author.kind == "account" {
        return Err(RemoteError::Refused(
            "announced by a person, not by a channel or server".to_owned(),
        ));
    }
    let url = activity.id.as_ref().map(Id::as_str);
    let video_id = match own(app, id).await? {
        Some(own) => own.id,
        None => {
            let known = store::video_by_url(&app.db, id.as_str()).await?;
            match known {
                Some(known)
                    if known
                        .fetched_at
                        .is_some_and(|at| at > app.clock.now() - FRESH) =>
                {
                    known.id
                }
                Some(_) => fetch(app, id).await?,
                None => {
                    require_followed(app, author, id).await?;
                    fetch(app, id).await?
                }
            }
        }
    };
    let is_new = store::add_share(&app.db, video_id, author.id, url, app.clock.now()).await?;
    if is_new {
        forward::of_video(app, author, video_id, activity).await?;
    }
    Ok(())
}

pub async fn receive_undo_announce(
    app: &App,
    author: &ActorRow,
    id: &Id,
    undo: &Activity,
) -> remote::Result<()> {
    let known = match own(app, id).await? {
        Some(own) => Some(own),
        None => store::video_by_url(&app.db, id.as_str()).await?,
    };
    if let Some(known) = known
        && store::delete_share(&app.db, known.id, author.id).await? > 0
    {
        forward::of_video(app, author, known.id, undo).await?;
    }
    Ok(())
}

/// We keep nothing that nobody here has asked for.
async fn require_followed(app: &App, author: &ActorRow, id: &Id) -> remote::Result<()> {
    if store::is_followed(&app.db, author.id, &id.host()).await?
        || store::is_followed(&app.db, author.id, &author.host).await?
    {
        return Ok(());
    }
    Err(RemoteError::Refused(format!(
        "nobody here follows {}@{}",
        author.name, author.host
    )))
}

fn require_own_host(author: &ActorRow, id: &Id) -> remote::Result<()> {
    if author.host == id.host() {
        return Ok(());
    }
    Err(RemoteError::Refused(format!(
        "{} speaks of a video of {}",
        author.host,
        id.host()
    )))
}

/// Fetches a video from its server and keeps what it says. One that is gone there goes here too.
pub async fn fetch(app: &App, id: &Id) -> remote::Result<VideoId> {
    let fetched = remote::document(app, id).await;
    if let Err(RemoteError::Gone(_)) = &fetched
        && let Some(known) = store::video_by_url(&app.db, id.as_str()).await?
    {
        delete(app, known.id).await?;
    }
    let document = ap::Video::read(&fetched?, rules(app))?;
    require_same_host("video", &document.id, id)?;
    save(app, &document).await
}

/// A copy that somebody watches is read anew when it is old. Its server need not answer.
pub async fn renew(app: &App, video: &Video) {
    let id = video.url.as_deref().map(|url| Id::parse(url, rules(app)));
    let known = match &id {
        Some(Ok(id)) => store::video_by_url(&app.db, id.as_str()).await,
        _ => return,
    };
    let is_old = |at: Option<Millis>| at.is_none_or(|at| at < app.clock.now() - FRESH);
    if let (Some(Ok(id)), Ok(Some(known))) = (id, known)
        && is_old(known.fetched_at)
        && let Err(error) = fetch(app, &id).await
    {
        tracing::debug!(%error, url = id.as_str(), "a copy could not be read anew");
    }
}

/// As [`fetch`], for an address that may be that of the video's page. Gives the id of the video.
pub async fn fetch_at(app: &App, id: &Id) -> remote::Result<String> {
    let document = ap::Video::read(&remote::document(app, id).await?, rules(app))?;
    save(app, &document).await?;
    Ok(document.id.as_str().to_owned())
}

async fn delete(app: &App, id: VideoId) -> remote::Result<()> {
    let video = video::find(app, VideoRef::Number(id)).await?;
    if video.is_local {
        return Ok(());
    }
    // Should it be published again, its server says so with the same ids.
    let mut said: Vec<String> = video
        .url
        .iter()
        .map(|url| format!("{url}/activity"))
        .collect();
    said.extend(
        store::shares(&app.db, id, 0, 1_000)
            .await?
            .into_iter()
            .filter_map(|(_, url)| url),
    );
    store::forget_received(&app.db, &said).await?;
    video::delete(app, &video).await?;
    Ok(())
}

struct Owners {
    channel_id: ChannelId,
    account_id: AccountId,
    account_actor_id: ActorId,
    channel_host: String,
}

/// The channel of a video, on the video's own host, with the account that owns it.
async fn owners(app: &App, document: &ap::Video) -> remote::Result<Owners> {
    for candidate in document.channel_candidates() {
        let actor = remote::actor(app, candidate).await?;
        if let Some(found) = store::channel_of(&app.db, actor.id).await? {
            return Ok(Owners {
                channel_id: found.channel_id,
                account_id: found.account_id,
                account_actor_id: found.account_actor_id,
                channel_host: actor.host,
            });
        }
    }
    Err(RemoteError::Refused(format!(
        "{} has no channel on its own server",
        document.id
    )))
}

pub async fn save(app: &App, document: &ap::Video) -> remote::Result<VideoId> {
    if local::is_here(app, &document.id) {
        return Err(RemoteError::Refused("a video of this server".to_owned()));
    }
    let privacy = match document.audience.visibility() {
        Visibility::Public => Privacy::Public,
        Visibility::Unlisted => Privacy::Unlisted,
        Visibility::Restricted => {
            // What everybody could see is taken back.
            if let Some(known) = store::video_by_url(&app.db, document.id.as_str()).await? {
                delete(app, known.id).await?;
            }
            return Err(RemoteError::Refused(format!(
                "{} is not public",
                document.id
            )));
        }
    };
    let owners = owners(app, document).await?;
    if store::is_muted(&app.db, &owners.channel_host, Some(owners.account_actor_id)).await? {
        return Err(RemoteError::Refused(
            "its owner or server is muted here".to_owned(),
        ));
    }
    let uuid =
        Uuid::try_parse(&document.uuid).map_err(|_| RemoteError::Refused("no UUID".to_owned()))?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let known = store::video_by_url(&mut tx, document.id.as_str()).await?;
    let (id, is_new) = match known {
        Some(known) => {
            let (channel, account) = (owners.channel_id, owners.account_id);
            store::set_remote_channel(&mut tx, known.id, channel, account).await?;
            (known.id, false)
        }
        None if store::video_by_uuid(&mut tx, uuid).await?.is_some() => {
            return Err(RemoteError::Refused(
                "its UUID is in use by another video".to_owned(),
            ));
        }
        None => (add(&mut tx, document, uuid, &owners, now).await?, true),
    };
    write(&mut tx, id, document, privacy, now).await?;
    if is_new {
        // It may have been here before; a later farewell has the same id as the one then.
        store::forget_received(&mut tx, &[format!("{}/delete", document.id)]).await?;
        video::publish(&mut tx, id, now).await?;
        // The date of publication is the one of its own server.
        write(&mut tx, id, document, privacy, now).await?;
    }
    let embedding = match document.embed_url {
        Some(None) => video::embed::ON_DOMAINS,
        _ => video::embed::EVERYWHERE,
    };
    video::embed::set_policy(&mut tx, id, embedding).await?;
    video::live::keep(&mut tx, id, live(document).as_ref()).await?;
    video_more::write(&mut tx, id, uuid, document, is_new, now).await?;
    video::rescore(&mut tx, id).await?;
    video::relist(&mut tx, id).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(id)
}

/// What its server says of a broadcast.
fn live(document: &ap::Video) -> Option<video::live::Live> {
    document.live.as_ref().map(|live| video::live::Live {
        save_replay: live.save_replay,
        permanent: live.permanent,
        latency_mode: live.latency_mode,
        dvr_window_s: live.dvr_window_seconds,
        starts: live.starts_ms.clone(),
    })
}

async fn add(
    tx: &mut base::Tx,
    document: &ap::Video,
    uuid: Uuid,
    owners: &Owners,
    now: Millis,
) -> remote::Result<VideoId> {
    let mut new = NewVideo::new(
        owners.channel_id,
        owners.account_id,
        &sanitize::name(&document.name),
    );
    new.uuid = uuid;
    new.tags = document.tags.clone();
    Ok(video::create(tx, &new, now).await?)
}

/// A number of PeerTube's list, or the name that SPDX gives to one of its licences.
fn licence(label: &Option<ap::Labelled>) -> Option<i64> {
    let identifier = label.as_ref()?.identifier.as_str();
    if let Ok(number) = identifier.parse() {
        return Some(number).filter(|number| (1..=20).contains(number));
    }
    // Of each Creative Commons licence any version will do.
    let name = identifier.to_ascii_uppercase();
    if name.starts_with("CC0") {
        return Some(7);
    }
    let kind = name
        .strip_prefix("CC-")?
        .trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.')
        .trim_end_matches('-');
    match kind {
        "BY" => Some(1),
        "BY-SA" => Some(2),
        "BY-ND" => Some(3),
        "BY-NC" => Some(4),
        "BY-NC-SA" => Some(5),
        "BY-NC-ND" => Some(6),
        _ => None,
    }
}

async fn write(
    tx: &mut base::Tx,
    id: VideoId,
    document: &ap::Video,
    privacy: Privacy,
    now: Millis,
) -> remote::Result<()> {
    let description = document.description.as_deref().map(|text| {
        if document.description_is_html {
            sanitize::plain_text(text)
        } else {
            text.to_owned()
        }
    });
    let number = |label: &Option<ap::Labelled>| {
        label
            .as_ref()
            .and_then(|label| label.identifier.parse().ok())
    };
    let remote = RemoteVideo {
        url: document.id.as_str(),
        name: &sanitize::name(&document.name),
        description: description.as_deref(),
        support: document.support.as_deref(),
        category: number(&document.category).filter(|number| (1..=18).contains(number)),
        licence: licence(&document.licence),
        language: document
            .language
            .as_ref()
            .map(|language| language.identifier.as_str()),
        tags: &document.tags,
        privacy,
        state: VideoState::try_from(document.state).unwrap_or(VideoState::Published),
        nsfw: document.sensitive,
        nsfw_flags: document
            .sensitive_tags
            .iter()
            .fold(0, |flags, tag| flags | if tag == "violent" { 2 } else { 4 }),
        nsfw_summary: document.content_warning.as_deref(),
        comments_policy: match document.comments_policy {
            ap::CommentsPolicy::Enabled => CommentsPolicy::Enabled.number(),
            ap::CommentsPolicy::Disabled => CommentsPolicy::Disabled.number(),
            ap::CommentsPolicy::RequiresApproval => CommentsPolicy::RequiresApproval.number(),
        },
        download_enabled: document.download_enabled,
        is_live: document.live.is_some(),
        duration_s: document.duration_seconds,
        aspect_ratio: document.aspect_ratio,
        views: document.views,
        downloads: document.downloads,
        originally_published_at: document.originally_published_ms,
        published_at: document.published_ms.min(now),
        uploaded_at: document.uploaded_ms,
    };
    store::update_remote_video(&mut *tx, id, &remote, now).await?;
    store::set_tags(tx, id, &document.tags).await?;
    store::set_remote_files(tx, id, document, now).await?;
    Ok(())
}
