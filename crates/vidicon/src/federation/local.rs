//! Our own actors: their addresses, and the documents that describe them.

use super::store::{self, ActorRow};
use super::{SERVER_NAME, keys};
use crate::app::App;
use crate::error::{Error, Result};
use fediverse::actor::{Actor, Kind};
use fediverse::address::{Id, Rules};
use fediverse::image::Image;

/// Addresses of our own are good by themselves, with TLS or without.
const OWN: Rules = Rules { http_allowed: true };

/// Makes the actor that stands for this server, once.
pub async fn ensure_server_actor(app: &App) -> Result<()> {
    store::add_server_actor(&app.db, SERVER_NAME, app.clock.now()).await?;
    Ok(())
}

pub async fn server_actor(app: &App) -> Result<ActorRow> {
    if let Some(found) = store::actor_by_name(&app.db, SERVER_NAME, "").await? {
        return Ok(found);
    }
    ensure_server_actor(app).await?;
    let made = store::actor_by_name(&app.db, SERVER_NAME, "").await?;
    made.ok_or_else(|| Error::not_found("This server has no actor."))
}

/// The id of an actor, ours or another's.
pub fn actor_url(app: &App, actor: &ActorRow) -> String {
    match &actor.url {
        Some(url) if !actor.is_local() => url.clone(),
        _ => own_url(app, &actor.kind, &actor.name),
    }
}

pub fn own_url(app: &App, kind: &str, name: &str) -> String {
    let folder = if kind == "channel" {
        "video-channels"
    } else {
        "accounts"
    };
    app.url(&format!("/{folder}/{name}"))
}

/// The end of an id that is used once: two things may happen in the same millisecond.
pub fn stamp(app: &App, folder: &str) -> String {
    let random = hex::encode(base::random::bytes::<4>());
    format!("{folder}/{}-{random}", app.clock.now())
}

/// Whether an address is one of this server, by its name of today or one of before.
pub fn is_here(app: &App, id: &Id) -> bool {
    id.host() == app.host() || own_path(app, id.as_str()).is_some()
}

/// The path of an address of ours, by its name of today or one of before.
pub fn own_path<'u>(app: &App, url: &'u str) -> Option<&'u str> {
    let bases = std::iter::once(&app.config.server.public_url).chain(&app.former_urls);
    let mut paths = bases.filter_map(|base| url.strip_prefix(base.as_str()));
    paths.find(|path| path.is_empty() || path.starts_with(['/', '?', '#']))
}

/// The actor of ours that an address names, be it its id or one of its pages.
pub async fn actor_at(app: &App, url: &str) -> Result<Option<ActorRow>> {
    let Some(path) = own_path(app, url) else {
        return Ok(None);
    };
    let mut segments = path.trim_matches('/').split('/');
    let (Some(folder), Some(name), None) = (segments.next(), segments.next(), segments.next())
    else {
        return Ok(None);
    };
    own_actor(app, folder, name).await
}

/// The actor of ours under a folder of pages: `accounts` and `a`, or `video-channels` and `c`.
pub async fn own_actor(app: &App, folder: &str, name: &str) -> Result<Option<ActorRow>> {
    let wanted: &[&str] = match folder {
        "accounts" | "account" | "a" => &["account", "server"],
        "video-channels" | "c" => &["channel"],
        _ => return Ok(None),
    };
    let found = store::actor_by_name(&app.db, name, "").await?;
    Ok(found.filter(|actor| wanted.contains(&actor.kind.as_str()) && actor.deleted_at.is_none()))
}

/// The document of one of our actors.
pub async fn document(app: &App, actor: &ActorRow) -> Result<Actor> {
    let profile = store::profile(&app.db, actor.id).await?;
    let url = own_url(app, &actor.kind, &actor.name);
    let below = |part: &str| own_id(&format!("{url}/{part}"));
    let kind = match actor.kind.as_str() {
        "channel" => Kind::Group,
        "account" => Kind::Person,
        _ => Kind::Application,
    };
    let (avatars, banners) = images(app, actor).await?;
    let moves = store::moves(&app.db, actor.id).await?;
    let path = url
        .strip_prefix(app.config.server.public_url.as_str())
        .unwrap_or_default();
    let before = app.former_urls.iter().map(|base| format!("{base}{path}"));
    let also_known_as = moves.aliases().into_iter().chain(before).collect();
    let owner = profile
        .owner_name
        .as_deref()
        .map(|name| own_id(&own_url(app, "account", name)));
    let page = match kind {
        Kind::Group => Some(app.url(&format!("/c/{}", actor.name))),
        Kind::Person => Some(app.url(&format!("/a/{}", actor.name))),
        _ => None,
    };
    let player_settings = (kind == Kind::Group)
        .then(|| below("player-settings"))
        .transpose()?;
    Ok(Actor {
        id: own_id(&url)?,
        kind,
        username: actor.name.clone(),
        display_name: profile.display_name,
        summary: profile.description,
        inbox: below("inbox")?,
        shared_inbox: Some(own_id(&app.url("/inbox"))?),
        outbox: Some(below("outbox")?),
        followers: Some(below("followers")?),
        following: Some(below("following")?),
        playlists: Some(below("playlists")?),
        pages: page.into_iter().collect(),
        avatars,
        banners,
        public_key_id: keys::key_id(&url),
        public_key_pem: keys::public_pem(app, actor.id).await?,
        published_ms: Some(actor.created_at),
        owners: owner.transpose()?.into_iter().collect(),
        support: profile.support,
        email: profile.public_email,
        player_settings,
        posting_restricted: true,
        indexable: Some(true),
        approves_followers: false,
        moved_to: moves.moved_to.as_deref().map(own_id).transpose()?,
        also_known_as,
    })
}

async fn images(app: &App, actor: &ActorRow) -> Result<(Vec<Image>, Vec<Image>)> {
    let rows = store::images(&app.db, actor.id).await?;
    let of = |kind: &str, folder: &str| {
        let rows = rows.iter().filter(|row| row.kind == kind);
        rows.map(|row| Image {
            url: app.url(&format!("/lazy-static/{folder}/{}", row.filename)),
            media_type: Some(media_type(&row.filename).to_owned()),
            width: Some(row.width),
            height: Some(row.height),
        })
        .collect()
    };
    Ok((of("avatar", "avatars"), of("banner", "banners")))
}

pub fn media_type(filename: &str) -> &'static str {
    match filename.rsplit('.').next() {
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        _ => "image/jpeg",
    }
}

pub fn own_id(url: &str) -> Result<Id> {
    Id::parse(url, OWN).map_err(|error| Error::internal(error.to_string()))
}
