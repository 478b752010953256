//! A video as its page shows it: everything in words of the page's language.

use super::super::player::{Caption, Download, Source, Streams};
use super::super::{avatar, handle, linked, picture, size};
use crate::page::Page;
use crate::page::card::{self, Choice, Person};
use crate::text;
use crate::video::attached::Own;
use crate::video::{CommentsPolicy, Privacy, Video, labels};
use crate::visit::news::Making;
use crate::visit::playlist::Panel;

/// The longest summary for search engines and other sites, in characters.
const SUMMARY: usize = 200;

/// What the templates call `v`.
pub struct Watch {
    pub id: String,
    pub uuid: String,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub hue: &'static str,
    pub shape: &'static str,
    pub width: i64,
    pub height: i64,
    pub poster: Option<String>,
    pub og_image: Option<String>,
    pub url: String,
    pub embed_url: String,
    pub embed_code: String,
    pub oembed_url: String,
    pub object_url: String,
    pub json_ld: String,
    /// Do lists and search engines show it?
    pub public: bool,
    pub playable: bool,
    pub autoplay: bool,
    /// What the player asks for first.
    pub soon: Vec<String>,
    /// What is said before a sensitive video is shown.
    pub cover: Option<String>,
    pub sources: Vec<Source>,
    pub captions: Vec<Caption>,
    pub chapters: Vec<Chapter>,
    pub config: String,
    pub making: Option<Making>,
    /// The playlist that it is watched in.
    pub list: Option<Panel>,
    /// Why not everybody sees it.
    pub hidden: Option<&'static str>,
    pub by: Person,
    pub year: String,
    pub length: String,
    pub measure: Option<String>,
    pub views: String,
    pub published: String,
    pub published_iso: String,
    pub licence: Option<&'static str>,
    pub tags: Vec<String>,
    pub facts: Vec<(&'static str, String)>,
    pub downloads: Vec<Download>,
    /// Where files are made of it for one who asks.
    pub extracts: Option<String>,
    pub has_sound: bool,
    pub support: Option<String>,
    pub comment_count: i64,
    pub comments_open: bool,
    pub reactions: Vec<Reaction>,
    pub comments: Vec<Thread>,
    /// Where older comments are.
    pub more_comments: Option<String>,
    pub playlists: Vec<Choice>,
    pub may_edit: bool,
    pub followed: bool,
    pub liked: bool,
    pub likes_text: String,
}

#[derive(Debug)]
pub struct Chapter {
    pub start: i64,
    pub clock: String,
    pub title: String,
}

/// An emoji under the video.
pub struct Reaction {
    pub emoji: String,
    pub count: i64,
    pub mine: bool,
    /// For those who do not see it.
    pub label: String,
}

/// A comment with what was answered to it.
pub struct Thread {
    pub comment: Comment,
    pub replies: Vec<Comment>,
}

pub struct Comment {
    pub id: i64,
    pub by: String,
    pub by_url: String,
    pub initial: String,
    pub avatar: Option<String>,
    pub host: Option<String>,
    pub maker: bool,
    pub held: bool,
    pub iso: String,
    pub ago: String,
    pub html: String,
    /// Deleted; its answers are still there.
    pub gone: bool,
    pub may_approve: bool,
    pub may_delete: bool,
}

fn length(page: &Page, video: &Video) -> String {
    let seconds = u64::try_from(video.duration_s).unwrap_or(0);
    page.texts.length(seconds)
}

/// So many times stand in a warning of flashes.
const MOST_TIMES: usize = 5;

pub fn watch(
    page: &Page,
    streams: &Streams<'_>,
    own: &Own,
    may_edit: bool,
    list: Option<Panel>,
) -> Watch {
    let (video, attached) = (streams.video, streams.attached);
    let id = video.short_uuid();
    let (width, height) = size(video.aspect_ratio);
    let captions = streams.captions(page);
    let summary = video.description.as_deref().unwrap_or_default();
    let summary = text::markdown_to_line(summary, SUMMARY);
    let links = linked::Links::of(page, video);
    let public = video.privacy == Privacy::Public && !video.blocked;
    let likes = u64::try_from(video.likes).unwrap_or(0);
    Watch {
        json_ld: if public {
            linked::json_ld(page, video, &links, &summary)
        } else {
            String::new()
        },
        uuid: video.uuid.to_string(),
        title: video.name.clone(),
        summary,
        description: html(video.description.as_deref()),
        hue: card::hue(video.hue),
        shape: card::shape(video.aspect_ratio),
        width,
        height,
        poster: picture(video.preview.as_deref(), video.thumbnail.as_deref()),
        og_image: links.image,
        url: links.page,
        embed_code: links.embed_code,
        embed_url: links.embed,
        oembed_url: links.oembed,
        object_url: links.object,
        public,
        playable: streams.can_play(),
        autoplay: wants_autoplay(page),
        soon: streams.soon(),
        cover: cover(page, video, may_edit),
        sources: streams.sources(),
        chapters: chapters(&attached.chapters),
        config: streams.config(&captions, resume(video, own), list.as_ref()),
        captions,
        making: None,
        list,
        hidden: hidden(page, video),
        by: by(page, streams),
        year: card::year(video.originally_published_at.unwrap_or(video.published_at)),
        length: length(page, video),
        measure: streams.measure(page),
        views: page.tn("views-count", video.views),
        published: page.date(video.published_at),
        published_iso: card::iso_time(video.published_at),
        licence: video
            .licence
            .map(|id| labels::licence(page.labels, Some(id)).label),
        tags: video.tags.clone(),
        facts: facts(page, video),
        downloads: downloads(page, streams),
        extracts: streams.extracts().filter(|_| downloads_on(page)),
        has_sound: streams.has_sound(),
        support: video.support.as_deref().map(|text| html(Some(text))),
        comment_count: if talks(page) { video.comment_count } else { 0 },
        comments_open: talks(page) && video.comments_policy != CommentsPolicy::Disabled,
        comments: Vec::new(),
        reactions: Vec::new(),
        more_comments: None,
        playlists: Vec::new(),
        may_edit,
        followed: own.follow.is_some(),
        liked: own.rating.as_deref() == Some("like"),
        likes_text: page.texts.number(likes),
        id,
    }
}

fn talks(page: &Page) -> bool {
    page.features.comments.enabled
}

fn downloads_on(page: &Page) -> bool {
    page.features.downloads.enabled
}

fn downloads(page: &Page, streams: &Streams<'_>) -> Vec<Download> {
    if downloads_on(page) && streams.video.download_enabled {
        streams.downloads(page)
    } else {
        Vec::new()
    }
}

fn html(markdown: Option<&str>) -> String {
    let text = markdown.unwrap_or_default();
    if text.is_empty() {
        return String::new();
    }
    text::markdown_to_html(text)
}

/// The maker has seen it.
fn cover(page: &Page, video: &Video, may_edit: bool) -> Option<String> {
    if page.uncovered() {
        return None;
    }
    let covered = video.nsfw && page.covers_sensitive && !may_edit;
    let summary = video.nsfw_summary.as_deref();
    let summary = summary.filter(|text| !text.trim().is_empty());
    let sensitive = covered.then(|| summary.unwrap_or(page.t("sensitive-text")).to_owned());
    let reasons: Vec<String> = sensitive.into_iter().chain(flashing(page, video)).collect();
    (!reasons.is_empty()).then(|| reasons.join(" "))
}

/// A warning of flashes, with the first times.
fn flashing(page: &Page, video: &Video) -> Option<String> {
    let spans = video.flashes.as_deref().filter(|spans| !spans.is_empty())?;
    let clock = |(start, _): &(i64, i64)| card::clock(start / 1000);
    let times: Vec<String> = spans.iter().take(MOST_TIMES).map(clock).collect();
    let more = if spans.len() > MOST_TIMES { " …" } else { "" };
    let times = format!("{}{more}", times.join(", "));
    Some(page.tx("flashes-text", "times", times))
}

fn wants_autoplay(page: &Page) -> bool {
    let query = page.path.split_once('?').map_or("", |(_, query)| query);
    if query.split('&').any(|pair| pair == "autoplay=1") {
        return true;
    }
    let settings = page.viewer.user().map(|user| &user.settings);
    settings
        .and_then(|settings| settings.get("autoPlayVideo"))
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(false)
}

fn chapters(list: &[(i64, String)]) -> Vec<Chapter> {
    list.iter()
        .map(|(start, title)| Chapter {
            start: *start,
            clock: card::clock(*start),
            title: title.clone(),
        })
        .collect()
}

/// Where this viewer stopped; from the beginning when that was there or at the end.
fn resume(video: &Video, own: &Own) -> i64 {
    let reached = own.position_s.unwrap_or(0);
    let is_middle = reached > 5 && reached * 100 < video.duration_s * 95;
    if is_middle { reached } else { 0 }
}

fn hidden(page: &Page, video: &Video) -> Option<&'static str> {
    if video.blocked {
        return Some(page.t("hidden-blocked"));
    }
    match video.privacy {
        Privacy::Public => None,
        Privacy::Unlisted => Some(page.t("hidden-unlisted")),
        Privacy::Private => Some(page.t("hidden-private")),
        Privacy::Internal => Some(page.t("hidden-internal")),
        Privacy::Password => Some(page.t("hidden-password")),
    }
}

fn by(page: &Page, streams: &Streams<'_>) -> Person {
    let video = streams.video;
    let handle = handle(&video.channel_name, &video.channel_host);
    let actor = if video.channel_host.is_empty() {
        format!("{}/video-channels/{}", page.site_url, video.channel_name)
    } else {
        format!(
            "https://{}/video-channels/{}",
            video.channel_host, video.channel_name
        )
    };
    Person {
        url: format!("/c/{handle}"),
        name: video.channel_display_name.clone(),
        initial: card::initial(&video.channel_display_name),
        avatar: avatar(streams.attached.channel_avatars.as_deref()),
        note: page.tn("followers-count", streams.attached.channel_followers),
        handle,
        actor,
    }
}

fn facts(page: &Page, video: &Video) -> Vec<(&'static str, String)> {
    let label = |text: &'static str| text.to_owned();
    let word = |key: String, usual| page.texts.find(&key).unwrap_or(usual);
    let category = video.category.map(|id| {
        word(
            format!("category-{id}"),
            labels::category(page.labels, Some(id)).label,
        )
    });
    let licence = video.licence.map(|id| {
        word(
            format!("licence-{id}"),
            labels::licence(page.labels, Some(id)).label,
        )
    });
    let language = video.language.as_deref();
    let language = language.map(|code| page.language_name(code).unwrap_or("—"));
    let home = if video.account_host.is_empty() {
        page.host.clone()
    } else {
        video.account_host.clone()
    };
    let first = video.originally_published_at;
    let facts = [
        ("fact-category", category.map(label)),
        ("fact-licence", licence.map(label)),
        ("fact-language", language.map(label)),
        ("fact-published", Some(page.date(video.published_at))),
        ("fact-first", first.map(|at| page.date(at))),
        ("fact-home", Some(home)),
    ];
    facts
        .into_iter()
        .filter_map(|(key, value)| Some((page.t(key), value?)))
        .collect()
}
