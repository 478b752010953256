//! Feeds of videos and comments for readers and podcast programs, oEmbed, and the small files by
//! which other programs find their way about a site.

pub mod api;
pub mod discovery;
pub mod oembed;
mod podcast;
mod podcast_category;
mod render;
pub mod sitemap;
mod store;
mod videos;

use crate::video::VideoId;
use base::clock::Millis;
use podcast_category::Shelf;
use uuid::Uuid;

/// What a feed is, whatever format it goes out in.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    pub title: String,
    /// The page that it is the feed of.
    pub link: String,
    pub description: String,
    pub image: Option<String>,
    pub self_url: String,
    pub site_name: String,
    pub site_url: String,
    pub language: Option<String>,
    /// Who makes what is in it, when it is one channel's or account's.
    pub author: Option<Person>,
    /// Stays when the channel moves to another address; podcasts ask for it.
    pub guid: Option<String>,
    /// The mail address that may move a podcast, if it may be shown.
    pub owner_mail: Option<String>,
    pub updated_at: Millis,
    pub items: Vec<Item>,
    /// Where directories of podcasts put it.
    pub category: Shelf,
    pub is_explicit: bool,
    /// As a podcast: a sound is what is loaded first, or a picture.
    pub prefers_sound: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Person {
    pub name: String,
    pub url: String,
    pub image: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Item {
    pub id: String,
    pub title: String,
    pub link: String,
    /// One line without markup.
    pub summary: String,
    pub html: String,
    pub author: Person,
    pub published_at: Millis,
    pub updated_at: Millis,
    /// What only videos have.
    pub video: Option<VideoPart>,
}

#[derive(Clone, Debug)]
pub struct VideoPart {
    pub video_id: VideoId,
    pub uuid: Uuid,
    pub sound: SoundPart,
    pub embed_url: String,
    pub object_url: String,
    pub comments_allowed: bool,
    pub category: Option<String>,
    pub category_id: Option<i64>,
    pub language: Option<String>,
    pub duration_s: i64,
    pub is_sensitive: bool,
    pub views: i64,
    pub likes: i64,
    pub thumbnail: Option<String>,
    pub preview: Option<String>,
    pub media: Vec<Media>,
    pub captions: Vec<Caption>,
}

/// Whether the sound of a video can be had as a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SoundPart {
    #[default]
    Not,
    /// It is still being encoded.
    Grows,
    Whole,
}

/// Something that can be played as it is, sound included.
#[derive(Clone, Debug, Default)]
pub struct Media {
    pub url: String,
    pub kind: String,
    pub height: i64,
    pub fps: i64,
    pub size_bytes: i64,
    pub label: String,
}

#[derive(Clone, Debug, Default)]
pub struct Caption {
    pub url: String,
    pub language: String,
}

/// Text without the characters that XML forbids.
pub fn clean(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars()
        .filter(allowed)
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}
