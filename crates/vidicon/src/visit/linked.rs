//! How other sites link to a video: addresses, code to embed it, and what it is in JSON-LD.

use super::json_for_html;
use crate::page::Page;
use crate::page::card;
use crate::text;
use crate::video::Video;
use serde_json::json;
use url::form_urlencoded;

pub struct Links {
    pub page: String,
    pub embed: String,
    pub embed_code: String,
    pub oembed: String,
    pub object: String,
    pub image: Option<String>,
}

impl Links {
    pub fn of(page: &Page, video: &Video) -> Self {
        let site = &page.site_url;
        let id = video.short_uuid();
        let watch = format!("{site}/w/{id}");
        let embed = format!("{site}/videos/embed/{id}");
        let asked: String = form_urlencoded::byte_serialize(watch.as_bytes()).collect();
        let image = super::picture(video.preview.as_deref(), video.thumbnail.as_deref());
        let object = match &video.url {
            Some(url) => url.clone(),
            None => format!("{site}/videos/watch/{}", video.uuid),
        };
        Links {
            embed_code: embed_code(&embed, &video.name),
            oembed: format!("{site}/services/oembed?url={asked}"),
            image: image.map(|path| format!("{site}{path}")),
            page: watch,
            embed,
            object,
        }
    }
}

fn embed_code(url: &str, title: &str) -> String {
    let title = text::escaped(title);
    format!(
        "<iframe title=\"{title}\" width=\"560\" height=\"315\" src=\"{url}\" frameborder=\"0\" \
         allowfullscreen sandbox=\"allow-same-origin allow-scripts allow-popups allow-forms\">\
         </iframe>"
    )
}

/// The video as schema.org has it, ready to stand in the page.
pub fn json_ld(page: &Page, video: &Video, links: &Links, summary: &str) -> String {
    let channel = super::handle(&video.channel_name, &video.channel_host);
    let document = json!({
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": video.name,
        "description": if summary.is_empty() { &video.name } else { summary },
        "image": links.image,
        "thumbnailUrl": links.image,
        "url": links.page,
        "embedUrl": links.embed,
        "uploadDate": card::iso_time(video.published_at),
        "duration": card::iso_length(video.duration_s),
        "inLanguage": video.language,
        "keywords": video.tags,
        "isFamilyFriendly": !video.nsfw,
        "author": {
            "@type": "Organization",
            "name": video.channel_display_name,
            "url": format!("{}/c/{channel}", page.site_url),
        },
        "interactionStatistic": [
            counter("WatchAction", video.views),
            counter("LikeAction", video.likes),
            counter("CommentAction", video.comment_count),
        ],
    });
    json_for_html(&document.to_string())
}

fn counter(kind: &str, count: i64) -> serde_json::Value {
    json!({
        "@type": "InteractionCounter",
        "interactionType": { "@type": kind },
        "userInteractionCount": count,
    })
}
