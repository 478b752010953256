//! Playlists and their elements.

use serde_json::{Value, json};

use crate::address::{Audience, Id, Rules, require_same_host};
use crate::collection;
use crate::image::Image;
use crate::{Error, Result, date, json};

const MAX_NAME_CHARS: usize = 120;
const MAX_DESCRIPTION_CHARS: usize = 1_000;
const MAX_SECONDS: i64 = 10_000_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playlist {
    pub id: Id,
    pub uuid: String,
    pub name: String,
    pub description: Option<String>,
    pub published_ms: Option<i64>,
    pub updated_ms: Option<i64>,
    /// The channel it stands in. The caller checks that this channel belongs to the account that signed.
    pub channel: Option<Id>,
    pub channel_position: Option<i64>,
    pub icon: Option<Image>,
    pub total: i64,
    pub first_page: Option<Id>,
    pub audience: Audience,
}

impl Playlist {
    pub fn read(object: &Value, rules: Rules) -> Result<Self> {
        if !json::is_kind(object, "Playlist") {
            return Err(Error::invalid("playlist", "of another type"));
        }
        let id = Id::of(object, rules)?;
        let missing = |what: &str| Error::invalid("playlist", format!("{what} is missing"));
        let own = |key| Id::at(object, key, rules).filter(|other| other.same_host(&id));
        Ok(Self {
            uuid: json::text_up_to(object, "uuid", 36).ok_or_else(|| missing("uuid"))?,
            name: json::text_up_to(object, "name", MAX_NAME_CHARS)
                .ok_or_else(|| missing("name"))?,
            description: json::text_up_to(object, "content", MAX_DESCRIPTION_CHARS),
            published_ms: json::time_ms(object, "published"),
            updated_ms: json::time_ms(object, "updated"),
            channel: own("attributedTo"),
            channel_position: json::integer(object, "videoChannelPosition")
                .filter(|position| *position > 0),
            icon: Image::read_all(object, "icon").into_iter().next(),
            total: json::integer(object, "totalItems")
                .filter(|total| *total >= 0)
                .unwrap_or(0),
            first_page: own("first"),
            audience: Audience::read(object),
            id,
        })
    }

    pub fn to_json(&self) -> Value {
        let time = |time_ms: Option<i64>| time_ms.map(|time_ms| json!(date::iso(time_ms)));
        let mut object = json::object([
            ("type", Some(json!("Playlist"))),
            ("id", Some(json!(self.id.as_str()))),
            ("uuid", Some(json!(self.uuid))),
            ("name", Some(json!(self.name))),
            ("content", self.description.as_ref().map(|text| json!(text))),
            ("mediaType", Some(json!("text/markdown"))),
            ("published", time(self.published_ms)),
            ("updated", time(self.updated_ms)),
            (
                "attributedTo",
                Some(
                    self.channel
                        .iter()
                        .map(|channel| json!(channel.as_str()))
                        .collect(),
                ),
            ),
            (
                "audience",
                self.channel.as_ref().map(|channel| json!(channel.as_str())),
            ),
            (
                "videoChannelPosition",
                self.channel_position.map(|position| json!(position)),
            ),
            ("icon", self.icon.as_ref().map(Image::to_json)),
            ("totalItems", Some(json!(self.total))),
            (
                "first",
                Some(json!(collection::page_url(self.id.as_str(), 1))),
            ),
        ]);
        self.audience.write(&mut object);
        object
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    pub id: Id,
    pub video: Id,
    /// From 1.
    pub position: i64,
    pub start_seconds: Option<i64>,
    pub stop_seconds: Option<i64>,
}

impl Element {
    /// Reads an element; it must be on the host of its playlist.
    pub fn read(object: &Value, playlist: &Id, rules: Rules) -> Result<Self> {
        if !json::is_kind(object, "PlaylistElement") {
            return Err(Error::invalid("playlist element", "of another type"));
        }
        let id = Id::of(object, rules)?;
        require_same_host("playlist element", &id, playlist)?;
        let seconds =
            |key| json::integer(object, key).filter(|seconds| (0..MAX_SECONDS).contains(seconds));
        let position = json::integer(object, "position")
            .filter(|position| (1..MAX_SECONDS).contains(position));
        Ok(Self {
            video: Id::at(object, "url", rules)
                .ok_or_else(|| Error::invalid("playlist element", "no video"))?,
            position: position.ok_or_else(|| Error::invalid("playlist element", "no position"))?,
            start_seconds: seconds("startTimestamp"),
            stop_seconds: seconds("stopTimestamp"),
            id,
        })
    }

    pub fn to_json(&self) -> Value {
        json::object([
            ("type", Some(json!("PlaylistElement"))),
            ("id", Some(json!(self.id.as_str()))),
            ("url", Some(json!(self.video.as_str()))),
            ("position", Some(json!(self.position))),
            (
                "startTimestamp",
                self.start_seconds.map(|seconds| json!(seconds)),
            ),
            (
                "stopTimestamp",
                self.stop_seconds.map(|seconds| json!(seconds)),
            ),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    #[test]
    fn a_playlist_and_its_elements_survive_the_round_trip() {
        let value = json!({
            "type": "Playlist", "id": "https://tubes.example/video-playlists/1", "uuid": "1", "name": "Seas",
            "attributedTo": ["https://tubes.example/video-channels/seaside"], "totalItems": 2,
            "first": "https://tubes.example/video-playlists/1?page=1", "to": ["as:Public"],
            "published": "2026-01-01T00:00:00.000Z", "updated": "2026-01-01T00:00:00.000Z",
        });
        let playlist = Playlist::read(&value, STRICT).unwrap();
        assert_eq!(
            Playlist::read(&playlist.to_json(), STRICT).unwrap(),
            playlist
        );
        let element = json!({
            "type": "PlaylistElement", "id": "https://tubes.example/video-playlists/1/videos/2",
            "url": "https://other.example/videos/watch/2", "position": 2, "startTimestamp": 5,
        });
        let element = Element::read(&element, &playlist.id, STRICT).unwrap();
        assert_eq!(
            Element::read(&element.to_json(), &playlist.id, STRICT).unwrap(),
            element
        );
    }

    #[test]
    fn foreign_channels_and_elements_are_not_taken() {
        let value = json!({"type": "Playlist", "id": "https://a.example/p", "uuid": "1", "name": "x",
            "attributedTo": "https://b.example/video-channels/c", "first": "https://b.example/p?page=1"});
        let playlist = Playlist::read(&value, STRICT).unwrap();
        assert_eq!((playlist.channel, playlist.first_page), (None, None));
        let element = json!({"type": "PlaylistElement", "id": "https://b.example/e", "url": "https://c.example/v", "position": 1});
        assert!(Element::read(&element, &playlist.id, STRICT).is_err());
        for position in [json!(0), json!(-1), json!("1"), json!(1e18), json!(null)] {
            let element = json!({"type": "PlaylistElement", "id": "https://a.example/e", "url": "https://c.example/v", "position": position});
            assert!(Element::read(&element, &playlist.id, STRICT).is_err());
        }
    }
}
