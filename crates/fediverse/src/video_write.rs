//! Writing the Video object so that old and new PeerTube servers, Mastodon and Lemmy can use it.

use serde_json::{Value, json};

use crate::image;
use crate::video::{
    Attribution, Caption, Chapter, Chapters, CommentsPolicy, Labelled, Live, Storyboard,
    StreamingPlaylist, Video, VideoFile,
};
use crate::video_link::HLS;
use crate::{address, date, json};

/// Mastodon takes no file over 99 MB.
const MAX_ATTACHED_BYTES: i64 = 99 * 1024 * 1024;

impl Video {
    pub fn to_json(&self) -> Value {
        let mut object = json::object(self.facts());
        if let (Some(map), Value::Object(more)) = (
            object.as_object_mut(),
            json::object(self.links_and_people()),
        ) {
            map.extend(more);
        }
        if let (Some(map), Value::Object(more)) =
            (object.as_object_mut(), live_json(self.live.as_ref()))
        {
            map.extend(more);
        }
        self.audience.write(&mut object);
        object
    }

    fn facts(&self) -> Vec<(&'static str, Option<Value>)> {
        let time = |time_ms: Option<i64>| Some(json!(time_ms.map(date::iso)));
        vec![
            ("type", Some(json!("Video"))),
            ("id", Some(json!(self.id.as_str()))),
            ("uuid", Some(json!(self.uuid))),
            ("name", Some(json!(self.name))),
            ("duration", Some(json!(seconds(self.duration_seconds)))),
            ("category", self.category.as_ref().map(labelled)),
            ("licence", self.licence.as_ref().map(labelled)),
            ("language", self.language.as_ref().map(labelled)),
            ("views", Some(json!(self.views))),
            ("downloads", self.downloads.map(|count| json!(count))),
            ("sensitive", Some(json!(self.sensitive))),
            (
                "summary",
                self.content_warning
                    .as_ref()
                    .filter(|_| self.sensitive)
                    .map(|text| json!(text)),
            ),
            ("state", Some(json!(self.state))),
            ("waitTranscoding", Some(json!(self.waits_for_transcoding))),
            ("downloadEnabled", Some(json!(self.download_enabled))),
            (
                "commentsPolicy",
                Some(json!(policy_number(self.comments_policy))),
            ),
            (
                "commentsEnabled",
                Some(json!(self.comments_policy != CommentsPolicy::Disabled)),
            ),
            ("canReply", Some(can_reply(self.comments_policy))),
            ("published", time(Some(self.published_ms))),
            ("updated", time(Some(self.updated_ms))),
            ("originallyPublishedAt", time(self.originally_published_ms)),
            ("uploadDate", time(self.uploaded_ms)),
            (
                "mediaType",
                Some(json!(if self.description_is_html {
                    "text/html"
                } else {
                    "text/markdown"
                })),
            ),
            ("content", Some(json!(self.description))),
            ("support", Some(json!(self.support))),
            ("aspectRatio", self.aspect_ratio.map(|ratio| json!(ratio))),
        ]
    }

    fn links_and_people(&self) -> Vec<(&'static str, Option<Value>)> {
        let id = |id: &Option<address::Id>| id.as_ref().map(|id| json!(id.as_str()));
        vec![
            ("tag", Some(self.tags_json())),
            ("icon", Some(image::all_to_json(&self.icons))),
            (
                "preview",
                self.storyboard
                    .as_ref()
                    .map(|board| json!([storyboard(board)])),
            ),
            (
                "subtitleLanguage",
                Some(self.captions.iter().map(caption).collect()),
            ),
            ("url", Some(self.links())),
            ("attachment", self.attachment()),
            ("likes", id(&self.likes)),
            ("dislikes", id(&self.dislikes)),
            ("shares", id(&self.shares)),
            ("comments", id(&self.comments)),
            ("hasParts", chapters(&self.chapters)),
            ("attributedTo", Some(self.attributions())),
            ("audience", id(&self.group)),
            ("embedUrl", self.embed_url.as_ref().map(|url| json!(url))),
            ("playerSettings", id(&self.player_settings)),
        ]
    }

    fn attributions(&self) -> Value {
        let written = |by: &Attribution| match by.kind {
            Some(kind) => json!({ "type": kind.as_str(), "id": by.id.as_str() }),
            None => json!(by.id.as_str()),
        };
        self.attributed_to.iter().map(written).collect()
    }

    /// PeerTube wants names without `#`; the others take them either way. Mastodon wants an address too.
    fn tags_json(&self) -> Value {
        let tags = self.tags.iter().map(|name| {
            let mut page = self.id.url().clone();
            page.set_path("/search");
            page.query_pairs_mut().append_pair("tagsOneOf", name);
            json!({ "type": "Hashtag", "name": name, "href": page.as_str() })
        });
        let sensitive = self
            .sensitive_tags
            .iter()
            .map(|name| json!({ "type": "SensitiveTag", "name": name }));
        tags.chain(sensitive).collect()
    }

    /// HTML first: Mastodon takes the first link as the page of the status.
    fn links(&self) -> Value {
        let mut links: Vec<Value> = self
            .pages
            .iter()
            .map(|href| link("text/html", href))
            .collect();
        links.extend(self.files.iter().flat_map(file_links));
        links.extend(self.playlists.iter().map(playlist));
        links.extend(self.trackers.iter().map(|href| tracker(href)));
        Value::Array(links)
    }

    /// The largest file that Mastodon and Pixelfed would take, so that they show a player and not a bare link.
    fn attachment(&self) -> Option<Value> {
        let from_playlists = self.playlists.iter().flat_map(|playlist| &playlist.files);
        // Of two alike the later one is taken: a whole file before one in pieces.
        let files = from_playlists.chain(&self.files);
        let playable = files.filter(|file| {
            let complete = file.has_audio != Some(false) && file.has_video != Some(false);
            file.media_type == "video/mp4"
                && complete
                && (1..=MAX_ATTACHED_BYTES).contains(&file.size_bytes)
        });
        let Some(file) = playable.max_by_key(|file| file.height) else {
            return self.still();
        };
        let mut document = json::object([
            ("type", Some(json!("Document"))),
            ("mediaType", Some(json!(file.media_type))),
            ("url", Some(json!(file.url))),
            ("name", Some(json!(self.name))),
            ("width", file.width.map(|width| json!(width))),
            ("height", Some(json!(file.height))),
            ("duration", Some(json!(seconds(self.duration_seconds)))),
        ]);
        if let (Some(map), Some(icon)) = (document.as_object_mut(), self.icons.first()) {
            map.insert("icon".to_owned(), icon.to_json());
        }
        Some(json!([document]))
    }

    /// The picture of a video that has no file small enough, or none yet.
    fn still(&self) -> Option<Value> {
        let picture = self.icons.iter().max_by_key(|icon| icon.width)?;
        let document = json::object([
            ("type", Some(json!("Image"))),
            (
                "mediaType",
                picture.media_type.as_ref().map(|kind| json!(kind)),
            ),
            ("url", Some(json!(picture.url))),
            ("name", Some(json!(self.name))),
            ("width", picture.width.map(|width| json!(width))),
            ("height", picture.height.map(|height| json!(height))),
        ]);
        Some(json!([document]))
    }
}

/// The object that `hasParts` points at; each chapter ends where the next begins.
pub fn chapters_object(id: &str, chapters: &[Chapter], duration_seconds: i64) -> Value {
    let starts = chapters
        .iter()
        .skip(1)
        .map(|chapter| json!(chapter.start_seconds));
    let ends = starts.chain([json!(duration_seconds)]);
    let parts: Vec<_> = chapters
        .iter()
        .zip(ends)
        .map(|(chapter, end)| json!({ "name": chapter.title, "startOffset": chapter.start_seconds, "endOffset": end }))
        .collect();
    json!({ "id": id, "hasPart": parts })
}

fn seconds(seconds: i64) -> String {
    format!("PT{seconds}S")
}

fn policy_number(policy: CommentsPolicy) -> i64 {
    match policy {
        CommentsPolicy::Enabled => 1,
        CommentsPolicy::Disabled => 2,
        CommentsPolicy::RequiresApproval => 3,
    }
}

/// The odd sense is the field's own: nothing when open, Public when approval is needed.
fn can_reply(policy: CommentsPolicy) -> Value {
    match policy {
        CommentsPolicy::RequiresApproval => json!(address::PUBLIC),
        CommentsPolicy::Enabled | CommentsPolicy::Disabled => Value::Null,
    }
}

fn labelled(value: &Labelled) -> Value {
    json!({ "identifier": value.identifier, "name": value.label })
}

fn link(media_type: &str, href: &str) -> Value {
    json!({ "type": "Link", "mediaType": media_type, "href": href })
}

fn storyboard(board: &Storyboard) -> Value {
    let url = json::object([
        (
            "mediaType",
            board.media_type.as_ref().map(|text| json!(text)),
        ),
        ("href", Some(json!(board.url))),
        ("width", Some(json!(board.total_width))),
        ("height", Some(json!(board.total_height))),
        ("tileWidth", Some(json!(board.tile_width))),
        ("tileHeight", Some(json!(board.tile_height))),
        (
            "tileDuration",
            Some(json!(seconds(board.tile_duration_seconds))),
        ),
    ]);
    json!({ "type": "Image", "rel": ["storyboard"], "url": [url] })
}

fn caption(caption: &Caption) -> Value {
    let mut links = vec![link("text/vtt", &caption.url)];
    links.extend(caption.playlist_url.as_ref().map(|url| link(HLS, url)));
    json!({
        "identifier": caption.language, "name": caption.label,
        "automaticallyGenerated": caption.automatically_generated, "url": links,
    })
}

fn chapters(chapters: &Chapters) -> Option<Value> {
    match chapters {
        Chapters::None => None,
        Chapters::At(url) => Some(json!(url.as_str())),
        Chapters::Inline(list) => Some(
            list.iter()
                .map(|part| json!({ "name": part.title, "startOffset": part.start_seconds }))
                .collect(),
        ),
    }
}

fn file_links(file: &VideoFile) -> Vec<Value> {
    let property =
        |name: &str, value: &str| json!({ "type": "PropertyValue", "name": name, "value": value });
    let mut properties = Vec::new();
    for (says, kind) in [(file.has_video, "video"), (file.has_audio, "audio")] {
        if says == Some(true) {
            properties.push(property("ffprobe_codec_type", kind));
        }
    }
    let flag = if file.fragmented {
        "fragmented"
    } else {
        "web-video"
    };
    properties.push(property("peertube_format_flag", flag));
    let mut main = link(&file.media_type, &file.url);
    if let Some(map) = main.as_object_mut() {
        map.insert("size".to_owned(), json!(file.size_bytes));
        map.insert("attachment".to_owned(), Value::Array(properties));
    }
    let mut links = vec![main];
    if let Some(href) = &file.metadata_url {
        let mut metadata = link("application/json", href);
        if let Some(map) = metadata.as_object_mut() {
            map.insert("rel".to_owned(), json!(["metadata", file.media_type]));
        }
        links.push(metadata);
    }
    links.extend(
        file.torrent_url
            .as_ref()
            .map(|href| link("application/x-bittorrent", href)),
    );
    let magnet = "application/x-bittorrent;x-scheme-handler/magnet";
    links.extend(file.magnet.as_ref().map(|href| link(magnet, href)));
    for map in links.iter_mut().filter_map(Value::as_object_mut) {
        map.insert("height".to_owned(), json!(file.height));
        map.insert("fps".to_owned(), json!(file.fps));
        if let Some(width) = file.width {
            map.insert("width".to_owned(), json!(width));
        }
    }
    links
}

fn playlist(playlist: &StreamingPlaylist) -> Value {
    let mut tags: Vec<Value> = playlist
        .infohashes
        .iter()
        .map(|name| json!({ "type": "Infohash", "name": name }))
        .collect();
    if let Some(href) = &playlist.segments_sha256_url {
        tags.push(json!({ "type": "Link", "name": "sha256", "mediaType": "application/json", "href": href }));
    }
    tags.extend(playlist.files.iter().flat_map(file_links));
    let mut object = link(HLS, &playlist.url);
    if let Some(map) = object.as_object_mut() {
        map.insert("tag".to_owned(), Value::Array(tags));
    }
    object
}

fn tracker(href: &str) -> Value {
    let kind = if href.starts_with("ws") {
        "websocket"
    } else {
        "http"
    };
    json!({ "type": "Link", "name": format!("tracker-{kind}"), "rel": ["tracker", kind], "href": href })
}

/// Lives carry their settings; the others say that they are none.
fn live_json(live: Option<&Live>) -> Value {
    let Some(live) = live else {
        return json!({ "isLiveBroadcast": false, "liveSaveReplay": null, "permanentLive": null, "latencyMode": null });
    };
    let schedules: Vec<_> = live
        .starts_ms
        .iter()
        .map(|start_ms| json!({ "startDate": date::iso(*start_ms) }))
        .collect();
    json::object([
        ("isLiveBroadcast", Some(json!(true))),
        ("liveSaveReplay", Some(json!(live.save_replay))),
        ("permanentLive", Some(json!(live.permanent))),
        ("latencyMode", Some(json!(live.latency_mode))),
        (
            "dvrWindow",
            live.dvr_window_seconds.map(|length| json!(seconds(length))),
        ),
        (
            "schedules",
            (!schedules.is_empty()).then_some(Value::Array(schedules)),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Rules;
    use crate::context::Context;
    use crate::linked_data;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    #[test]
    fn what_we_write_we_read_and_sign_whole() {
        for bytes in [
            include_bytes!("../../../fixtures/fediverse/peertube-video.json").as_slice(),
            include_bytes!("../../../fixtures/fediverse/peertube-live.json"),
        ] {
            let video = Video::read(&json::parse(bytes).unwrap(), STRICT).unwrap();
            let written = video.to_json();
            assert_eq!(Video::read(&written, STRICT).unwrap(), video);
            let document = Context::Video.on(written);
            let (_, kept) = linked_data::read(&document).unwrap();
            let nulls_aside = |value: &Value| {
                let map = value.as_object().unwrap().clone().into_iter();
                map.filter(|(_, value)| !value.is_null())
                    .map(|(key, _)| key)
                    .collect::<Vec<_>>()
            };
            assert_eq!(nulls_aside(&kept), nulls_aside(&document));
        }
    }

    #[test]
    fn html_comes_first_and_a_playable_file_is_attached() {
        let bytes = include_bytes!("../../../fixtures/fediverse/peertube-video.json");
        let mut video = Video::read(&json::parse(bytes).unwrap(), STRICT).unwrap();
        let written = video.to_json();
        assert_eq!(written["url"][0]["mediaType"], "text/html");
        assert_eq!(written["attachment"][0]["height"], 480);
        assert_eq!(written["attachment"][0]["mediaType"], "video/mp4");
        video.files.clear();
        video.playlists.clear();
        // Without one the largest picture stands for it.
        let still = &video.to_json()["attachment"][0];
        assert_eq!(
            (&still["type"], &still["width"]),
            (&json!("Image"), &json!(850))
        );
        video.icons.clear();
        assert_eq!(video.to_json().get("attachment"), None);
    }

    #[test]
    fn chapters_end_where_the_next_begins() {
        let chapter = |title: &str, start_seconds| Chapter {
            title: title.into(),
            start_seconds,
        };
        let object = chapters_object(
            "https://a.example/c",
            &[chapter("a", 0.0), chapter("b", 12.5)],
            60,
        );
        assert_eq!(object["hasPart"][0]["endOffset"], 12.5);
        assert_eq!(object["hasPart"][1]["endOffset"], 60);
        assert_eq!(crate::video::read_chapters_object(&object).len(), 2);
    }
}
