//! The Video object, as PeerTube and its relatives write it.

use serde_json::Value;

use crate::actor::Kind;
use crate::address::{Audience, Id, Rules, require_same_host, web_url};
use crate::image::Image;
use crate::note::hashtags;
use crate::{Error, Result, json};

pub use crate::video_link::{StreamingPlaylist, VideoFile};

const MAX_NAME_CHARS: usize = 120;
const MAX_DESCRIPTION_CHARS: usize = 10_000;
const MAX_SUPPORT_CHARS: usize = 1_000;
const MAX_TAGS: usize = 20;
const MAX_CAPTIONS: usize = 200;
const MAX_CHAPTERS: usize = 1_000;
const MAX_SCHEDULES: usize = 20;

/// Who may comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentsPolicy {
    Enabled = 1,
    Disabled = 2,
    /// The owner lets each one through.
    RequiresApproval = 3,
}

/// A number or code with the words its sender uses for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    pub identifier: String,
    pub label: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    pub language: String,
    pub label: Option<String>,
    pub automatically_generated: bool,
    /// WebVTT.
    pub url: String,
    pub playlist_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storyboard {
    pub url: String,
    pub media_type: Option<String>,
    pub total_width: i64,
    pub total_height: i64,
    pub tile_width: i64,
    pub tile_height: i64,
    pub tile_duration_seconds: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Chapter {
    pub title: String,
    pub start_seconds: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Chapters {
    None,
    At(Id),
    Inline(Vec<Chapter>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    pub save_replay: bool,
    pub permanent: bool,
    /// 1 default, 2 high, 3 small.
    pub latency_mode: i64,
    pub dvr_window_seconds: Option<i64>,
    pub starts_ms: Vec<i64>,
}

/// Somebody a video is by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    pub id: Id,
    /// `None` if the sender gave only the id.
    pub kind: Option<Kind>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Video {
    pub id: Id,
    /// Lower case, with hyphens.
    pub uuid: String,
    pub name: String,
    pub duration_seconds: i64,
    pub category: Option<Labelled>,
    /// A number, or an SPDX name.
    pub licence: Option<Labelled>,
    pub language: Option<Labelled>,
    pub views: i64,
    pub downloads: Option<i64>,
    pub sensitive: bool,
    /// What the viewer is warned of, if `sensitive`.
    pub content_warning: Option<String>,
    pub sensitive_tags: Vec<String>,
    /// As in the REST API; 1 is published.
    pub state: i64,
    pub waits_for_transcoding: bool,
    pub download_enabled: bool,
    pub comments_policy: CommentsPolicy,
    pub published_ms: i64,
    pub updated_ms: i64,
    pub originally_published_ms: Option<i64>,
    /// When the file was last replaced.
    pub uploaded_ms: Option<i64>,
    pub description: Option<String>,
    pub description_is_html: bool,
    pub support: Option<String>,
    pub tags: Vec<String>,
    pub icons: Vec<Image>,
    pub storyboard: Option<Storyboard>,
    pub captions: Vec<Caption>,
    pub aspect_ratio: Option<f64>,
    /// Pages for people, best first.
    pub pages: Vec<String>,
    pub files: Vec<VideoFile>,
    pub playlists: Vec<StreamingPlaylist>,
    pub trackers: Vec<String>,
    pub likes: Option<Id>,
    pub dislikes: Option<Id>,
    pub shares: Option<Id>,
    pub comments: Option<Id>,
    pub chapters: Chapters,
    pub attributed_to: Vec<Attribution>,
    /// The channel, where it was named as audience (FEP-1b12).
    pub group: Option<Id>,
    /// `Some(None)`: embedding is restricted.
    pub embed_url: Option<Option<String>>,
    pub player_settings: Option<Id>,
    pub live: Option<Live>,
    pub audience: Audience,
}

impl Video {
    /// Reads a video. The caller has checked that it came from the address its id names.
    pub fn read(object: &Value, rules: Rules) -> Result<Self> {
        if !json::is_kind(object, "Video") {
            return Err(Error::invalid("video", "of another type"));
        }
        let id = Id::of(object, rules)?;
        let missing =
            |what: &str| Error::invalid("video", format!("{what} is missing or cannot be read"));
        let published_ms =
            json::time_ms(object, "published").ok_or_else(|| missing("published"))?;
        let own = |key| Id::at(object, key, rules).filter(|other| other.same_host(&id));
        let links = crate::video_link::read(&json::items(object, "url"));
        let count = |key| json::integer(object, key).filter(|count| *count >= 0);
        Ok(Self {
            uuid: uuid(object).ok_or_else(|| missing("uuid"))?,
            name: json::text_up_to(object, "name", MAX_NAME_CHARS)
                .ok_or_else(|| missing("name"))?,
            duration_seconds: json::duration_seconds(object, "duration")
                .ok_or_else(|| missing("duration"))?,
            category: labelled(object.get("category")),
            licence: labelled(object.get("licence")),
            language: labelled(object.get("language")),
            views: count("views").unwrap_or(0),
            downloads: count("downloads"),
            sensitive: json::boolean(object, "sensitive").unwrap_or(false),
            content_warning: json::text_up_to(object, "summary", MAX_SUPPORT_CHARS),
            sensitive_tags: sensitive_tags(object),
            state: json::integer(object, "state").unwrap_or(1),
            waits_for_transcoding: json::boolean(object, "waitTranscoding").unwrap_or(false),
            download_enabled: json::boolean(object, "downloadEnabled").unwrap_or(true),
            comments_policy: comments_policy(object),
            updated_ms: json::time_ms(object, "updated").unwrap_or(published_ms),
            published_ms,
            originally_published_ms: json::time_ms(object, "originallyPublishedAt"),
            uploaded_ms: json::time_ms(object, "uploadDate"),
            description: json::text_up_to(object, "content", MAX_DESCRIPTION_CHARS),
            description_is_html: json::text(object, "mediaType") == Some("text/html"),
            support: json::text_up_to(object, "support", MAX_SUPPORT_CHARS),
            tags: tags(object),
            icons: Image::read_all(object, "icon"),
            storyboard: json::items(object, "preview")
                .into_iter()
                .find_map(storyboard),
            captions: json::items(object, "subtitleLanguage")
                .into_iter()
                .filter_map(caption)
                .take(MAX_CAPTIONS)
                .collect(),
            aspect_ratio: json::number(object, "aspectRatio")
                .filter(|ratio| (0.01..=100.0).contains(ratio)),
            pages: links.pages,
            files: links.files,
            playlists: links.playlists,
            trackers: links.trackers,
            likes: own("likes"),
            dislikes: own("dislikes"),
            shares: own("shares"),
            comments: own("comments"),
            chapters: read_chapters(object, &id, rules),
            attributed_to: attributions(object, rules),
            group: own("audience"),
            embed_url: object
                .get("embedUrl")
                .map(|value| value.as_str().and_then(web_url)),
            player_settings: own("playerSettings"),
            live: live(object),
            audience: Audience::read(object),
            id,
        })
    }

    /// Who may be the channel, in the order to try: named as audience, typed as group, then the untyped ones.
    /// Only actors on the video's own host are asked at all.
    pub fn channel_candidates(&self) -> Vec<&Id> {
        let here = |id: &&Id| id.same_host(&self.id);
        let of_kind = |kind| {
            self.attributed_to
                .iter()
                .filter(move |by| by.kind == kind)
                .map(|by| &by.id)
        };
        let mut candidates: Vec<&Id> = Vec::new();
        for id in self
            .group
            .iter()
            .chain(of_kind(Some(Kind::Group)))
            .chain(of_kind(None))
            .filter(here)
        {
            if !candidates.contains(&id) {
                candidates.push(id);
            }
        }
        candidates
    }

    /// The account it is by, if the sender says which one it is.
    pub fn author(&self) -> Option<&Id> {
        let person = self
            .attributed_to
            .iter()
            .find(|by| by.kind == Some(Kind::Person));
        person.map(|by| &by.id).filter(|id| id.same_host(&self.id))
    }

    /// The video is on the host that sent or served it.
    pub fn require_origin(&self, fetched_from: &Id) -> Result<()> {
        require_same_host("video", &self.id, fetched_from)
    }
}

/// Reads the chapters object that `hasParts` points at.
pub fn read_chapters_object(object: &Value) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = json::items(object, "hasPart")
        .into_iter()
        .filter_map(chapter)
        .take(MAX_CHAPTERS)
        .collect();
    chapters.sort_by(|left, right| left.start_seconds.total_cmp(&right.start_seconds));
    chapters
}

fn chapter(part: &Value) -> Option<Chapter> {
    let start_seconds =
        json::number(part, "startOffset").filter(|seconds| (0.0..1e7).contains(seconds))?;
    Some(Chapter {
        title: json::text_up_to(part, "name", 100)?,
        start_seconds,
    })
}

fn read_chapters(object: &Value, id: &Id, rules: Rules) -> Chapters {
    match object.get("hasParts") {
        Some(Value::String(_)) => {
            match Id::at(object, "hasParts", rules).filter(|other| other.same_host(id)) {
                Some(url) => Chapters::At(url),
                None => Chapters::None,
            }
        }
        Some(Value::Array(parts)) => Chapters::Inline(
            parts
                .iter()
                .filter_map(chapter)
                .take(MAX_CHAPTERS)
                .collect(),
        ),
        Some(parts @ Value::Object(_)) => Chapters::Inline(read_chapters_object(parts)),
        _ => Chapters::None,
    }
}

fn uuid(object: &Value) -> Option<String> {
    let text = json::text(object, "uuid")?.to_ascii_lowercase();
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let hexadecimal = groups
        .iter()
        .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (lengths == [8, 4, 4, 4, 12] && hexadecimal).then_some(text)
}

fn labelled(value: Option<&Value>) -> Option<Labelled> {
    let value = value?;
    let number = || json::loose_integer(value, "identifier").map(|number| number.to_string());
    let identifier = number().or_else(|| json::text_up_to(value, "identifier", 60))?;
    Some(Labelled {
        identifier,
        label: json::text_up_to(value, "name", 100),
    })
}

fn comments_policy(object: &Value) -> CommentsPolicy {
    match json::integer(object, "commentsPolicy") {
        Some(1) => CommentsPolicy::Enabled,
        Some(3) => CommentsPolicy::RequiresApproval,
        None if json::boolean(object, "commentsEnabled") == Some(true) => CommentsPolicy::Enabled,
        _ => CommentsPolicy::Disabled,
    }
}

fn tags(object: &Value) -> Vec<String> {
    let fitting = |tag: &String| (2..=30).contains(&tag.chars().count());
    hashtags(object)
        .into_iter()
        .filter(fitting)
        .take(MAX_TAGS)
        .collect()
}

fn sensitive_tags(object: &Value) -> Vec<String> {
    let tags = json::items(object, "tag")
        .into_iter()
        .filter(|tag| json::is_kind(tag, "SensitiveTag"));
    let names = tags.filter_map(|tag| json::text(tag, "name"));
    names
        .filter(|name| matches!(*name, "violent" | "explicitSex"))
        .map(str::to_owned)
        .take(2)
        .collect()
}

fn storyboard(preview: &Value) -> Option<Storyboard> {
    if !json::has_word(preview, "rel", "storyboard") {
        return None;
    }
    let link = json::items(preview, "url").into_iter().next()?;
    let side = |key| json::integer(link, key).filter(|side| (1..=50_000).contains(side));
    Some(Storyboard {
        url: web_url(json::text(link, "href")?)?,
        media_type: json::text_up_to(link, "mediaType", 100),
        total_width: side("width")?,
        total_height: side("height")?,
        tile_width: side("tileWidth")?,
        tile_height: side("tileHeight")?,
        tile_duration_seconds: json::duration_seconds(link, "tileDuration")
            .filter(|seconds| *seconds > 0)?,
    })
}

/// `url` is a text in older versions, then a list of links.
fn caption(value: &Value) -> Option<Caption> {
    let links = json::items(value, "url");
    let of_kind = |kind: &str| {
        let found = links
            .iter()
            .find(|link| json::text(link, "mediaType") == Some(kind));
        found
            .and_then(|link| json::reference_of(link))
            .and_then(web_url)
    };
    let plain = || {
        links
            .iter()
            .find_map(|link| link.as_str())
            .and_then(web_url)
    };
    let language = json::text_up_to(value, "identifier", 20)?;
    Some(Caption {
        label: json::text_up_to(value, "name", 100),
        automatically_generated: json::boolean(value, "automaticallyGenerated").unwrap_or(false),
        url: of_kind("text/vtt").or_else(plain)?,
        playlist_url: of_kind("application/x-mpegURL"),
        language,
    })
}

fn attributions(object: &Value, rules: Rules) -> Vec<Attribution> {
    let read = |value: &Value| {
        let id = Id::parse(json::reference_of(value)?, rules).ok()?;
        Some(Attribution {
            id,
            kind: Kind::of(value),
        })
    };
    json::items(object, "attributedTo")
        .into_iter()
        .filter_map(read)
        .take(10)
        .collect()
}

fn live(object: &Value) -> Option<Live> {
    if json::boolean(object, "isLiveBroadcast") != Some(true) {
        return None;
    }
    let starts = json::items(object, "schedules")
        .into_iter()
        .filter_map(|schedule| json::time_ms(schedule, "startDate"));
    Some(Live {
        save_replay: json::boolean(object, "liveSaveReplay").unwrap_or(false),
        permanent: json::boolean(object, "permanentLive").unwrap_or(false),
        latency_mode: json::integer(object, "latencyMode")
            .filter(|mode| (1..=3).contains(mode))
            .unwrap_or(1),
        dvr_window_seconds: json::duration_seconds(object, "dvrWindow"),
        starts_ms: starts.take(MAX_SCHEDULES).collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::address::Visibility;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    fn peertube() -> Value {
        json::parse(include_bytes!(
            "../../../fixtures/fediverse/peertube-video.json"
        ))
        .unwrap()
    }

    fn with(key: &str, value: Value) -> Value {
        let mut video = peertube();
        video.as_object_mut().unwrap().insert(key.to_owned(), value);
        video
    }

    #[test]
    fn a_video_of_peertube_6_is_read_whole() {
        let video = Video::read(&peertube(), STRICT).unwrap();
        assert_eq!(video.name, "A walk by the sea");
        assert_eq!(video.duration_seconds, 754);
        assert_eq!(video.category.as_ref().unwrap().identifier, "15");
        assert_eq!(video.language.as_ref().unwrap().identifier, "en");
        assert_eq!(
            (video.views, video.state, video.comments_policy),
            (42, 1, CommentsPolicy::Enabled)
        );
        assert_eq!(video.tags, ["sea", "walking"]);
        assert_eq!(video.icons.len(), 2);
        assert_eq!(video.storyboard.as_ref().unwrap().tile_duration_seconds, 8);
        assert_eq!(video.captions[0].language, "de");
        assert_eq!(video.aspect_ratio, Some(1.7778));
        assert_eq!(video.pages[0], video.id.as_str());
        assert_eq!(
            video
                .files
                .iter()
                .map(|file| file.height)
                .collect::<Vec<_>>(),
            [720, 480]
        );
        assert!(
            video.files[0].torrent_url.is_some()
                && video.files[0].magnet.is_some()
                && video.files[0].metadata_url.is_some()
        );
        assert_eq!(video.playlists[0].files.len(), 2);
        assert_eq!(video.playlists[0].infohashes.len(), 2);
        assert_eq!(video.trackers.len(), 2);
        assert!(matches!(video.chapters, Chapters::At(_)));
        assert_eq!(
            video.author().unwrap().as_str(),
            "https://tubes.example/accounts/otto"
        );
        assert_eq!(
            video.channel_candidates()[0].as_str(),
            "https://tubes.example/video-channels/seaside"
        );
        assert_eq!(video.audience.visibility(), Visibility::Public);
        assert_eq!(video.live, None);
    }

    #[test]
    fn a_live_of_a_newer_version_is_read() {
        let bytes = include_bytes!("../../../fixtures/fediverse/peertube-live.json");
        let video = Video::read(&json::parse(bytes).unwrap(), STRICT).unwrap();
        let live = video.live.as_ref().unwrap();
        assert!(live.permanent && live.latency_mode == 3 && live.starts_ms.len() == 1);
        assert_eq!(video.sensitive_tags, ["violent"]);
        assert_eq!(video.content_warning.as_deref(), Some("Storm damage"));
        assert_eq!(video.comments_policy, CommentsPolicy::RequiresApproval);
        assert_eq!(
            video.captions[0].playlist_url.as_deref(),
            Some("https://tubes.example/captions/en.m3u8")
        );
        assert_eq!(video.embed_url, Some(None));
        assert!(
            video.channel_candidates()[0]
                .as_str()
                .ends_with("/video-channels/seaside")
        );
        assert_eq!(
            video.pages[0],
            "https://tubes.example/w/3fK9wQ2mZrT7pLb1VdXc8N"
        );
    }

    #[test]
    fn what_is_required_is_missed() {
        for key in ["id", "type", "uuid", "name", "duration", "published"] {
            for value in [json!(null), json!({}), json!("nonsense \0"), json!([])] {
                assert!(
                    Video::read(&with(key, value.clone()), STRICT).is_err(),
                    "{key} {value}"
                );
            }
        }
        assert!(Video::read(&with("duration", json!("PT12M34S")), STRICT).is_err());
        assert!(Video::read(&with("uuid", json!("../../../etc/passwd")), STRICT).is_err());
    }

    #[test]
    fn a_channel_on_another_host_is_no_candidate() {
        let foreign = with(
            "attributedTo",
            json!([{"type": "Group", "id": "https://evil.example/video-channels/x"}]),
        );
        assert!(
            Video::read(&foreign, STRICT)
                .unwrap()
                .channel_candidates()
                .is_empty()
        );
        let foreign = with("audience", json!("https://evil.example/video-channels/x"));
        assert_eq!(
            Video::read(&foreign, STRICT)
                .unwrap()
                .channel_candidates()
                .len(),
            1
        );
        let video = Video::read(&peertube(), STRICT).unwrap();
        assert!(
            video
                .require_origin(&Id::parse("https://evil.example/x", STRICT).unwrap())
                .is_err()
        );
    }

    #[test]
    fn comments_are_closed_unless_they_are_open() {
        for (value, policy) in [
            (json!(null), CommentsPolicy::Disabled),
            (json!(9), CommentsPolicy::Disabled),
            (json!("1"), CommentsPolicy::Disabled),
            (json!(1), CommentsPolicy::Enabled),
            (json!(3), CommentsPolicy::RequiresApproval),
        ] {
            let mut video = with("commentsPolicy", value.clone());
            video["commentsEnabled"] = json!(null);
            assert_eq!(
                Video::read(&video, STRICT).unwrap().comments_policy,
                policy,
                "{value}"
            );
        }
    }

    #[test]
    fn wrong_types_in_any_field_never_panic() {
        let keys: Vec<String> = peertube().as_object().unwrap().keys().cloned().collect();
        for key in keys {
            for value in [
                json!(null),
                json!(-7),
                json!(1e300),
                json!([[[]]]),
                json!({"id": {}}),
                json!([5, null, {"url": {}}]),
                json!([{"rel": ["storyboard"], "url": 5}]),
                json!("x".repeat(100_000)),
            ] {
                let _ = Video::read(&with(&key, value), STRICT);
            }
        }
    }
}
