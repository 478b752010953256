//! How videos look in the REST API. Everything borrows from the rows and writes itself into the
//! answer, since lists of videos are what is asked for most.

mod file;

pub use file::{File, StreamingPlaylist, Uploaded, files_of, playlist_of};

use super::kinds::{CommentsPolicy, Privacy, VideoState};
use super::list::{Page, Row};
use super::{Quality, Video, VideoId, labels, short_uuid};
use crate::app::App;
use crate::channel;
use crate::error::Result;
use crate::instance::settings::Features;
use crate::wire::{AVATARS, Images, Iso, Joined, Labelled, Site};
use axum::response::Response;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use std::collections::HashMap;
use uuid::Uuid;

/// The longest description that a list shows, in characters.
const LONGEST_BRIEF: usize = 250;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item<'a, A, C> {
    id: i64,
    uuid: &'a str,
    #[serde(rename = "shortUUID")]
    short_uuid: String,
    url: Address<'a>,
    name: &'a str,
    category: Labelled<i64>,
    licence: Labelled<i64>,
    language: Labelled<&'a str>,
    privacy: Labelled<i64>,
    nsfw: bool,
    nsfw_flags: i64,
    nsfw_summary: Option<&'a str>,
    truncated_description: Option<String>,
    description: Option<&'a str>,
    is_local: bool,
    duration: i64,
    aspect_ratio: Option<f64>,
    views: i64,
    viewers: i64,
    likes: i64,
    dislikes: i64,
    comments: i64,
    thumbnail_path: Option<Joined<'a>>,
    preview_path: Option<Joined<'a>>,
    thumbnails: Thumbnails<'a>,
    embed_path: Joined<'a>,
    created_at: Iso,
    updated_at: Iso,
    published_at: Iso,
    originally_published_at: Option<Iso>,
    is_live: bool,
    account: A,
    channel: C,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_history: Option<History>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Labelled<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_transcoding: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_update: Option<ScheduledUpdate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blacklisted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blacklisted_reason: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_owner: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_server: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<File<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    streaming_playlists: Option<Vec<StreamingPlaylist<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    automatic_tags: Option<&'a [String]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct History {
    current_time: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScheduledUpdate {
    update_at: Iso,
    #[serde(skip_serializing_if = "Option::is_none")]
    privacy: Option<i64>,
}

/// The short form of an account or channel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary<'a> {
    id: i64,
    name: &'a str,
    display_name: &'a str,
    url: Address<'a>,
    host: &'a str,
    avatars: Images<'a>,
}

/// An address that came from elsewhere, or one of this site.
#[derive(Clone, Copy)]
pub enum Address<'a> {
    Other(&'a str),
    Own(Joined<'a>),
}

impl Serialize for Address<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Address::Other(url) => serializer.serialize_str(url),
            Address::Own(parts) => parts.serialize(serializer),
        }
    }
}

/// Where the pictures of a video lie.
pub struct Thumbnails<'a> {
    pub site: Site<'a>,
    pub thumbnail: Option<&'a str>,
    pub preview: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Thumbnail<'a> {
    file_url: Joined<'a>,
    width: i64,
    height: i64,
    aspect_ratio: &'static str,
}

impl Serialize for Thumbnails<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        if let Some(name) = self.thumbnail {
            let file_url = Joined([self.site.url, "/lazy-static/thumbnails/", name]);
            list.serialize_element(&Thumbnail {
                file_url,
                width: 280,
                height: 157,
                aspect_ratio: "16:9",
            })?;
        }
        if let Some(name) = self.preview {
            let file_url = Joined([self.site.url, "/lazy-static/previews/", name]);
            list.serialize_element(&Thumbnail {
                file_url,
                width: 850,
                height: 480,
                aspect_ratio: "16:9",
            })?;
        }
        list.end()
    }
}

/// Which further members an item gets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras {
    pub state: bool,
    pub block: bool,
    pub owner_block: bool,
}

impl Extras {
    pub fn of_include(include: i64) -> Self {
        Extras {
            state: include & 1 != 0,
            block: include & 2 != 0,
            owner_block: include & 4 != 0,
        }
    }

    pub const OWN: Extras = Extras {
        state: true,
        block: true,
        owner_block: false,
    };
}

pub type ListItem<'a> = Item<'a, Summary<'a>, Summary<'a>>;

pub fn list_item<'a>(site: Site<'a>, row: &'a Row, extras: Extras) -> ListItem<'a> {
    item(
        site,
        row,
        extras,
        account_summary(site, row),
        channel_summary(site, row),
    )
}

pub fn account_summary<'a>(site: Site<'a>, row: &'a Row) -> Summary<'a> {
    Summary {
        id: row.account_id,
        name: &row.account_name,
        display_name: &row.account_display_name,
        url: address(
            row.account_url.as_deref(),
            [site.url, "/accounts/", &row.account_name],
        ),
        host: site.host_of(&row.account_host),
        avatars: Images {
            site,
            folder: AVATARS,
            column: row.account_avatars.as_deref(),
        },
    }
}

pub fn channel_summary<'a>(site: Site<'a>, row: &'a Row) -> Summary<'a> {
    Summary {
        id: row.channel_id,
        name: &row.channel_name,
        display_name: &row.channel_display_name,
        url: address(
            row.channel_url.as_deref(),
            [site.url, "/video-channels/", &row.channel_name],
        ),
        host: site.host_of(&row.channel_host),
        avatars: Images {
            site,
            folder: AVATARS,
            column: row.channel_avatars.as_deref(),
        },
    }
}

fn address<'a>(other: Option<&'a str>, own: [&'a str; 3]) -> Address<'a> {
    other.map_or(Address::Own(Joined(own)), Address::Other)
}

fn item<'a, A, C>(
    site: Site<'a>,
    row: &'a Row,
    extras: Extras,
    account: A,
    channel: C,
) -> Item<'a, A, C> {
    let schedule = row.schedule_at.filter(|_| extras.state);
    let uuid = Uuid::try_parse(&row.uuid).unwrap_or_default();
    let description = row.description.as_deref();
    Item {
        id: row.id,
        uuid: &row.uuid,
        short_uuid: short_uuid::shorten(uuid),
        url: address(row.url.as_deref(), [site.url, "/videos/watch/", &row.uuid]),
        name: &row.name,
        category: labels::category(site.labels, row.category),
        licence: labels::licence(site.labels, row.licence),
        language: labels::language(row.language.as_deref()),
        privacy: privacy(row.privacy),
        nsfw: row.nsfw,
        nsfw_flags: row.nsfw_flags,
        nsfw_summary: row.nsfw_summary.as_deref(),
        truncated_description: description.map(truncated),
        description,
        is_local: row.is_local,
        duration: row.duration_s,
        aspect_ratio: row.aspect_ratio,
        views: row.views,
        viewers: row.viewers,
        likes: row.likes,
        dislikes: row.dislikes,
        comments: row.comment_count,
        thumbnail_path: row
            .thumbnail
            .as_deref()
            .map(|name| Joined(["/lazy-static/thumbnails/", name, ""])),
        preview_path: row
            .preview
            .as_deref()
            .map(|name| Joined(["/lazy-static/previews/", name, ""])),
        thumbnails: Thumbnails {
            site,
            thumbnail: row.thumbnail.as_deref(),
            preview: row.preview.as_deref(),
        },
        embed_path: Joined(["/videos/embed/", &row.uuid, ""]),
        created_at: Iso(row.created_at),
        updated_at: Iso(row.updated_at),
        published_at: Iso(row.published_at),
        originally_published_at: row.originally_published_at.map(Iso),
        is_live: row.is_live,
        account,
        channel,
        user_history: row.watched_s.map(|current_time| History { current_time }),
        state: extras.state.then(|| state(row.state)),
        wait_transcoding: extras.state.then_some(row.wait_transcoding),
        scheduled_update: schedule.map(|at| ScheduledUpdate {
            update_at: Iso(at),
            privacy: row.schedule_privacy,
        }),
        blacklisted: extras.block.then_some(row.blocked),
        blacklisted_reason: extras.block.then_some(row.blocked_reason.as_deref()),
        blocked_owner: extras.owner_block.then_some(false),
        blocked_server: extras.owner_block.then_some(false),
        files: None,
        streaming_playlists: None,
        automatic_tags: None,
    }
}

fn privacy(number: i64) -> Labelled<i64> {
    let label = Privacy::try_from(number).map_or(labels::UNKNOWN, Privacy::label);
    Labelled {
        id: Some(number),
        label,
    }
}

fn state(number: i64) -> Labelled<i64> {
    let label = VideoState::try_from(number).map_or(labels::UNKNOWN, VideoState::label);
    Labelled {
        id: Some(number),
        label,
    }
}

/// At most 250 characters, cut at a space.
pub fn truncated(text: &str) -> String {
    if text.len() <= LONGEST_BRIEF || text.chars().count() <= LONGEST_BRIEF {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST_BRIEF - 3).collect();
    let end = cut
        .rfind(char::is_whitespace)
        .filter(|end| *end > 200)
        .unwrap_or(cut.len());
    format!("{}...", cut.get(..end).unwrap_or(&cut).trim_end())
}

#[derive(Serialize)]
struct Listed<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    data: Vec<T>,
}

/// `{total, data}` of a page.
pub fn list(app: &App, page: &Page, extras: Extras) -> Result<Response> {
    let site = Site::of(app);
    let data: Vec<ListItem> = page
        .rows
        .iter()
        .map(|row| list_item(site, row, extras))
        .collect();
    crate::wire::json(&Listed {
        total: page.total,
        data,
    })
}

/// What the items of a page get besides their rows, each for the whole page.
#[derive(Clone, Copy, Debug, Default)]
pub struct More<'a> {
    pub files: Option<&'a FilesOfPage>,
    pub tags: Option<&'a HashMap<VideoId, Vec<String>>>,
}

/// As [`list`], with more about each video.
pub fn list_with(app: &App, page: &Page, extras: Extras, more: More<'_>) -> Result<Response> {
    let site = Site::of(app);
    let data: Vec<ListItem> = page
        .rows
        .iter()
        .map(|row| {
            let mut item = list_item(site, row, extras);
            if let Some(with) = more.files {
                let is_open = row.privacy == 1 || row.privacy == 2;
                let (id, uuid) = (row.id, row.uuid.as_str());
                item.files = Some(files_of(site, id, uuid, is_open, "web", &with.files));
                let playlist = playlist_of(site, id, uuid, is_open, with);
                item.streaming_playlists = Some(playlist.into_iter().collect());
            }
            item.automatic_tags = more.tags.map(|tags| {
                let found = tags.get(&VideoId::new(row.id));
                found.map_or(&[][..], Vec::as_slice)
            });
            item
        })
        .collect();
    crate::wire::json(&Listed {
        total: page.total,
        data,
    })
}

/// What can be played of the videos of a page.
#[derive(Debug, Default)]
pub struct FilesOfPage {
    pub files: Vec<super::list::FileRow>,
    pub playlists: Vec<super::list::PlaylistRow>,
}

/// One video with everything.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details<'a> {
    #[serde(flatten)]
    item: Item<'a, channel::view::Account<'a>, channel::view::Channel<'a>>,
    support: Option<&'a str>,
    description_path: Joined<'a>,
    tags: &'a [String],
    comments_enabled: bool,
    comments_policy: Labelled<i64>,
    download_enabled: bool,
    quality_preset: Option<Quality>,
    min_age: i64,
    hidden_in_countries: &'a [String],
    /// Spans of flashes that may cause seizures, in seconds; null: nobody has looked.
    flashes: Option<Vec<Flashes>>,
    input_file_updated_at: Option<Iso>,
    tracker_urls: [&'static str; 0],
    /// When a live broadcast is to begin; absent for all else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_schedules: Option<Vec<super::api::live::Schedule>>,
}

#[derive(Serialize)]
struct Flashes {
    start: f64,
    end: f64,
}

#[expect(clippy::cast_precision_loss, reason = "no video has 2^52 milliseconds")]
fn flashes(spans: &[(i64, i64)]) -> Vec<Flashes> {
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let span = |&(start, end): &(i64, i64)| Flashes {
        start: seconds(start),
        end: seconds(end),
    };
    spans.iter().map(span).collect()
}

pub fn details<'a>(
    site: Site<'a>,
    features: Features,
    video: &'a Video,
    row: &'a Row,
    channel: &'a channel::Channel,
    files: &'a FilesOfPage,
) -> Details<'a> {
    let account = channel::view::account(site, channel);
    let mut item = item(
        site,
        row,
        Extras::OWN,
        account,
        channel::view::channel(site, channel),
    );
    let has_open_files = video.privacy.has_open_files();
    item.description = video.description.as_deref();
    item.files = Some(files_of(
        site,
        row.id,
        &row.uuid,
        has_open_files,
        "web",
        &files.files,
    ));
    item.streaming_playlists = Some(
        playlist_of(site, row.id, &row.uuid, has_open_files, files)
            .into_iter()
            .collect(),
    );
    let comments = if features.comments.enabled {
        video.comments_policy
    } else {
        CommentsPolicy::Disabled
    };
    Details {
        item,
        support: video.support.as_deref(),
        description_path: Joined(["/api/v1/videos/", &row.uuid, "/description"]),
        tags: &video.tags,
        comments_enabled: comments != CommentsPolicy::Disabled,
        comments_policy: Labelled {
            id: Some(comments.number()),
            label: comments.label(),
        },
        download_enabled: video.download_enabled && features.downloads.enabled,
        quality_preset: video.quality,
        min_age: video.min_age,
        hidden_in_countries: video.guarded().hidden_in,
        flashes: video.flashes.as_deref().map(flashes),
        input_file_updated_at: video.input_file_updated_at.map(Iso),
        tracker_urls: [],
        live_schedules: None,
    }
}

impl<'a> Details<'a> {
    /// Adds the file as it was uploaded, where there is no other.
    pub fn add_uploaded(&mut self, site: Site<'a>, uploaded: &'a Uploaded) {
        let files = self.item.files.get_or_insert_default();
        if files.is_empty() {
            files.push(file::uploaded(site, self.item.uuid, uploaded));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::truncated;

    #[test]
    fn long_descriptions_are_cut_at_a_word() {
        assert_eq!(truncated("short"), "short");
        let exact = "é".repeat(250);
        assert_eq!(truncated(&exact), exact);
        let long = "word ".repeat(60);
        let cut = truncated(&long);
        assert!(
            cut.chars().count() <= 250 && cut.ends_with("word..."),
            "{cut}"
        );
    }
}
