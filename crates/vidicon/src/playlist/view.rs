//! How playlists look in the REST API.

use super::element::Element;
use super::{Playlist, REGULAR};
use crate::access::Viewer;
use crate::video::list::Row;
use crate::video::view::{self as video_view, Address, Extras, ListItem};
use crate::wire::{AVATARS, Images, Iso, Joined, Labelled, Site};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View<'a> {
    id: i64,
    uuid: uuid::Uuid,
    #[serde(rename = "shortUUID")]
    short_uuid: String,
    is_local: bool,
    url: String,
    display_name: &'a str,
    description: Option<&'a str>,
    privacy: Labelled<i64>,
    #[serde(rename = "type")]
    kind: Labelled<i64>,
    videos_length: i64,
    /// What PeerTube's description calls the same.
    video_length: i64,
    thumbnail_path: Option<Joined<'a>>,
    thumbnail_url: Option<Joined<'a>>,
    thumbnails: Vec<Thumbnail<'a>>,
    embed_path: String,
    embed_url: String,
    owner_account: Owner<'a>,
    video_channel: Option<Owner<'a>>,
    video_channel_position: Option<i64>,
    created_at: Iso,
    updated_at: Iso,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Thumbnail<'a> {
    file_url: Joined<'a>,
    width: i64,
    height: i64,
    aspect_ratio: &'static str,
}

/// The short form of an account or channel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Owner<'a> {
    id: i64,
    name: &'a str,
    display_name: &'a str,
    url: Address<'a>,
    host: &'a str,
    avatars: Images<'a>,
}

const FOLDER: &str = "/lazy-static/thumbnails/";

pub fn playlist<'a>(site: Site<'a>, row: &'a Playlist) -> View<'a> {
    let own_url = || format!("{}/video-playlists/{}", site.url, row.uuid);
    let embed_path = format!("/video-playlists/embed/{}", row.uuid);
    let picture = row.thumbnail.as_deref();
    let in_site = |name| Joined([site.url, FOLDER, name]);
    View {
        id: row.id.0,
        uuid: row.uuid,
        short_uuid: row.short_uuid(),
        is_local: row.is_local,
        url: row.url.clone().unwrap_or_else(own_url),
        display_name: &row.display_name,
        description: row.description.as_deref(),
        privacy: Labelled {
            id: Some(row.privacy.number()),
            label: row.privacy.label(),
        },
        kind: Labelled {
            id: Some(row.kind),
            label: if row.kind == REGULAR {
                "Regular"
            } else {
                "Watch later"
            },
        },
        videos_length: row.element_count,
        video_length: row.element_count,
        thumbnail_path: picture.map(|name| Joined([FOLDER, name, ""])),
        thumbnail_url: picture.map(in_site),
        thumbnails: picture
            .iter()
            .map(|name| thumbnail(in_site(name)))
            .collect(),
        embed_url: format!("{}{embed_path}", site.url),
        embed_path,
        owner_account: owner(site, row),
        video_channel: channel(site, row),
        video_channel_position: row.channel_position,
        created_at: Iso(row.created_at),
        updated_at: Iso(row.updated_at),
    }
}

fn thumbnail(file_url: Joined<'_>) -> Thumbnail<'_> {
    Thumbnail {
        file_url,
        width: 280,
        height: 157,
        aspect_ratio: "16:9",
    }
}

fn owner<'a>(site: Site<'a>, row: &'a Playlist) -> Owner<'a> {
    let own = Joined([site.url, "/accounts/", &row.account_name]);
    Owner {
        id: row.account_id.0,
        name: &row.account_name,
        display_name: &row.account_display_name,
        url: row
            .account_url
            .as_deref()
            .map_or(Address::Own(own), Address::Other),
        host: site.host_of(&row.account_host),
        avatars: Images {
            site,
            folder: AVATARS,
            column: row.account_avatars.as_deref(),
        },
    }
}

fn channel<'a>(site: Site<'a>, row: &'a Playlist) -> Option<Owner<'a>> {
    let name = row.channel_name.as_deref()?;
    let own = Joined([site.url, "/video-channels/", name]);
    Some(Owner {
        id: row.channel_id?.0,
        name,
        display_name: row.channel_display_name.as_deref()?,
        url: row
            .channel_url
            .as_deref()
            .map_or(Address::Own(own), Address::Other),
        host: site.host_of(row.channel_host.as_deref()?),
        avatars: Images {
            site,
            folder: AVATARS,
            column: row.channel_avatars.as_deref(),
        },
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ElementView<'a> {
    id: i64,
    position: i64,
    start_timestamp: Option<i64>,
    stop_timestamp: Option<i64>,
    #[serde(rename = "type")]
    sight: i64,
    video: Option<ListItem<'a>>,
}

pub fn element<'a>(
    site: Site<'a>,
    viewer: &Viewer,
    element: &'a Element,
    row: Option<&'a Row>,
) -> ElementView<'a> {
    ElementView {
        id: element.id.0,
        position: element.position,
        start_timestamp: element.start_s,
        stop_timestamp: element.stop_s,
        sight: element.sight(viewer).number(),
        video: row.map(|row| video_view::list_item(site, row, Extras::default())),
    }
}
