//! Playlists of other servers.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, ListRow, Owner, RemoteElement, RemotePlaylist};
use super::{rules, video_in, video_more};
use crate::app::App;
use base::clock::Millis;
use fediverse::address::{Id, Visibility, require_same_host};
use fediverse::playlist::{Element, Playlist};
use fediverse::sanitize;
use uuid::Uuid;

const MAX_PAGES: usize = 110;
const MAX_ELEMENTS: usize = 1_000;
/// Of a strange playlist so many videos that are not known here are fetched.
const MAX_NEW_VIDEOS: usize = 50;
const PUBLIC: i64 = 1;
const UNLISTED: i64 = 2;

fn refuse(why: &str) -> RemoteError {
    RemoteError::Refused(why.to_owned())
}

/// A playlist has come or changed. It is fetched from its own server, whatever the activity says.
pub async fn receive(app: &App, author: &ActorRow, id: &Id) -> remote::Result<()> {
    if author.host != id.host() {
        return Err(refuse("the playlist is of another server"));
    }
    let known = store::playlist_by_url(&app.db, id.as_str()).await?;
    if known.is_none() && !store::is_followed(&app.db, author.id, &author.host).await? {
        return Err(refuse("nobody here follows its owner"));
    }
    fetch(app, author, id).await.map(drop)
}

pub async fn receive_delete(app: &App, author: &ActorRow, known: &ListRow) -> remote::Result<()> {
    if known.is_local || known.account_actor_id != author.id {
        return Err(refuse("the playlist belongs to somebody else"));
    }
    store::delete_playlist(&app.db, known.id).await?;
    Ok(())
}

/// Reads a playlist that is known here anew.
pub async fn renew(app: &App, url: &str) -> remote::Result<()> {
    let id = Id::parse(url, rules(app))?;
    let Some(known) = store::playlist_by_url(&app.db, url).await? else {
        return Ok(());
    };
    let Some(owner) = store::actor(&app.db, known.account_actor_id).await? else {
        return Ok(());
    };
    match fetch(app, &owner, &id).await {
        Err(RemoteError::Gone(_)) if !known.is_local => {
            store::delete_playlist(&app.db, known.id).await?;
            Ok(())
        }
        other => other.map(drop),
    }
}

async fn fetch(app: &App, owner: &ActorRow, id: &Id) -> remote::Result<i64> {
    let document = Playlist::read(&remote::document(app, id).await?, rules(app))?;
    require_same_host("playlist", &document.id, id)?;
    let privacy = match document.audience.visibility() {
        Visibility::Public => PUBLIC,
        Visibility::Unlisted => UNLISTED,
        Visibility::Restricted => return Err(refuse("the playlist is not public")),
    };
    let account = store::account_of(&app.db, owner.id).await?;
    let account = account.ok_or_else(|| refuse("only people have playlists"))?;
    let known = store::playlist_by_url(&app.db, document.id.as_str()).await?;
    if known
        .as_ref()
        .is_some_and(|known| known.account_actor_id != owner.id)
    {
        return Err(refuse("the playlist belongs to somebody else"));
    }
    let uuid = Uuid::try_parse(&document.uuid).map_err(|_| refuse("no UUID"))?;
    if known.is_none() && store::playlist_by_uuid(&app.db, uuid).await?.is_some() {
        return Err(refuse("its UUID is in use by another playlist"));
    }
    // Only a channel of the same account can have it.
    let channel = match &document.channel {
        Some(channel) => {
            let actor = remote::actor(app, channel).await?;
            let found = store::channel_of(&app.db, actor.id).await?;
            match found {
                Some(found) if found.account_id == account => Some(found.channel_id),
                _ => return Err(refuse("the channel belongs to another account")),
            }
        }
        None => None,
    };
    let elements = elements(app, &document).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let thumbnail = thumbnail(&mut tx, owner, &document, now).await?;
    let name = sanitize::name(&document.name);
    let row = RemotePlaylist {
        uuid,
        url: document.id.as_str(),
        account,
        channel,
        channel_position: document.channel_position,
        name: &name,
        description: document.description.as_deref(),
        privacy,
        thumbnail: thumbnail.as_deref(),
        created_at: document.published_ms.unwrap_or(now).min(now),
    };
    let saved = store::save_playlist(&mut tx, &row, now).await?;
    store::set_elements(&mut tx, saved, &elements, now).await?;
    tx.commit().await?;
    Ok(saved)
}

async fn thumbnail(
    tx: &mut base::Tx,
    owner: &ActorRow,
    document: &Playlist,
    now: Millis,
) -> remote::Result<Option<String>> {
    let Some(icon) = &document.icon else {
        return Ok(None);
    };
    let name = format!("{}.jpg", base::random::uuid());
    Ok(Some(
        store::remote_file(tx, Owner::Actor(owner.id), &icon.url, &name, now).await?,
    ))
}

/// Each place is fetched by itself: a page has only their addresses.
async fn elements(app: &App, document: &Playlist) -> remote::Result<Vec<RemoteElement>> {
    let Some(first) = document.first_page.clone() else {
        return Ok(Vec::new());
    };
    let urls = video_more::walk(app, first, MAX_PAGES, MAX_ELEMENTS).await;
    let urls = urls.map_err(|error| RemoteError::Unreachable(error.to_string()))?;
    let (mut elements, mut fetched) = (Vec::new(), 0_usize);
    for url in urls.into_iter().filter(|url| url.same_host(&document.id)) {
        let Ok(value) = remote::document(app, &url).await else {
            continue;
        };
        let Ok(element) = Element::read(&value, &document.id, rules(app)) else {
            continue;
        };
        let known = match video_in::own(app, &element.video).await? {
            Some(own) => Some(own.id),
            None => store::video_by_url(&app.db, element.video.as_str())
                .await?
                .map(|known| known.id),
        };
        let video = match known {
            Some(id) => id,
            None if fetched >= MAX_NEW_VIDEOS => continue,
            None => {
                fetched += 1;
                match video_in::fetch(app, &element.video).await {
                    Ok(id) => id,
                    Err(_) => continue,
                }
            }
        };
        elements.push(RemoteElement {
            video,
            position: element.position,
            start_s: element.start_seconds,
            stop_s: element.stop_seconds,
            url: element.id.as_str().to_owned(),
        });
    }
    Ok(elements)
}
