//! Notes: comments under videos, and posts of other software that speak of a video.

use serde_json::{Value, json};

use crate::address::{Audience, Id, Rules, require_same_host, web_url};
use crate::{Error, Result, date, json};

const MAX_CONTENT_CHARS: usize = 50_000;
const MAX_TAGS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub href: String,
    /// `@name@host`, as the sender wrote it.
    pub name: Option<String>,
}

/// A Note, or one of the kinds that others use for the same: Page (Lemmy), Article, Question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: Id,
    pub kind: String,
    pub author: Id,
    /// HTML or markdown as `media_type` says: to be cleaned before it is shown.
    pub content: String,
    /// The text the author typed, where it was sent along.
    pub source: Option<String>,
    pub media_type: Option<String>,
    pub title: Option<String>,
    pub in_reply_to: Option<Id>,
    pub published_ms: Option<i64>,
    pub updated_ms: Option<i64>,
    /// Page for people.
    pub url: Option<String>,
    pub audience: Audience,
    /// The community or channel it was posted in (FEP-1b12).
    pub group: Option<Id>,
    pub mentions: Vec<Mention>,
    pub hashtags: Vec<String>,
    pub sensitive: bool,
    /// The activity by which the owner of the video let this comment through.
    pub reply_approval: Option<Id>,
}

impl Note {
    /// Reads a note. Its author must be on its own host.
    pub fn read(object: &Value, rules: Rules) -> Result<Self> {
        let kind = json::kind(object).unwrap_or_default();
        if !matches!(kind, "Note" | "Page" | "Article" | "Question") {
            return Err(Error::invalid("note", "of another type"));
        }
        let id = Id::of(object, rules)?;
        let author = Id::at(object, "attributedTo", rules)
            .ok_or_else(|| Error::invalid("note", "no author"))?;
        require_same_host("author", &author, &id)?;
        let tags = json::items(object, "tag");
        Ok(Self {
            kind: kind.to_owned(),
            author,
            content: json::text_up_to(object, "content", MAX_CONTENT_CHARS).unwrap_or_default(),
            source: object
                .get("source")
                .and_then(|source| json::text_up_to(source, "content", MAX_CONTENT_CHARS)),
            media_type: json::text_up_to(object, "mediaType", 100),
            title: json::text_up_to(object, "name", 500),
            in_reply_to: Id::at(object, "inReplyTo", rules),
            published_ms: json::time_ms(object, "published"),
            updated_ms: json::time_ms(object, "updated"),
            url: json::reference(object, "url").and_then(web_url),
            audience: Audience::read(object),
            group: Id::at(object, "audience", rules),
            mentions: tags
                .iter()
                .filter(|tag| json::is_kind(tag, "Mention"))
                .filter_map(|tag| mention(tag))
                .take(MAX_TAGS)
                .collect(),
            hashtags: hashtags(object),
            sensitive: json::boolean(object, "sensitive").unwrap_or(false),
            reply_approval: Id::at(object, "replyApproval", rules),
            id,
        })
    }

    /// Whether the content is HTML, which it is unless the sender says otherwise.
    pub fn is_html(&self) -> bool {
        self.media_type
            .as_deref()
            .is_none_or(|kind| kind.starts_with("text/html"))
    }

    /// `content` is HTML; the text as typed goes along as `source`.
    pub fn to_json(&self) -> Value {
        let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        let id = |id: &Option<Id>| id.as_ref().map(|id| json!(id.as_str()));
        let source = self
            .source
            .as_ref()
            .map(|source| json!({ "content": source, "mediaType": "text/markdown" }));
        let mut note = json::object([
            ("type", Some(json!(self.kind))),
            ("id", Some(json!(self.id.as_str()))),
            ("attributedTo", Some(json!(self.author.as_str()))),
            ("content", Some(json!(self.content))),
            ("mediaType", text(&self.media_type)),
            ("source", source),
            ("name", text(&self.title)),
            ("inReplyTo", id(&self.in_reply_to)),
            (
                "published",
                self.published_ms.map(|time_ms| json!(date::iso(time_ms))),
            ),
            (
                "updated",
                self.updated_ms.map(|time_ms| json!(date::iso(time_ms))),
            ),
            ("url", text(&self.url)),
            ("audience", id(&self.group)),
            ("replyApproval", id(&self.reply_approval)),
            ("sensitive", self.sensitive.then_some(json!(true))),
            ("tag", Some(self.tags())),
        ]);
        self.audience.write(&mut note);
        note
    }

    fn tags(&self) -> Value {
        self.mentions
            .iter()
            .map(|mention| {
                let name = mention.name.as_ref().map(|name| json!(name));
                json::object([
                    ("type", Some(json!("Mention"))),
                    ("href", Some(json!(mention.href))),
                    ("name", name),
                ])
            })
            .collect()
    }
}

/// A deleted thing that leaves its mark: its id, and what it was if that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    pub id: Id,
    pub former_kind: Option<String>,
    /// What it answered, so that the answers to it keep their place.
    pub in_reply_to: Option<Id>,
    pub published_ms: Option<i64>,
    pub deleted_ms: Option<i64>,
}

impl Tombstone {
    pub fn read(object: &Value, rules: Rules) -> Result<Self> {
        if !json::is_kind(object, "Tombstone") {
            return Err(Error::invalid("tombstone", "of another type"));
        }
        Ok(Self {
            id: Id::of(object, rules)?,
            former_kind: json::text_up_to(object, "formerType", 50),
            in_reply_to: Id::at(object, "inReplyTo", rules),
            published_ms: json::time_ms(object, "published"),
            deleted_ms: json::time_ms(object, "deleted"),
        })
    }

    pub fn to_json(&self) -> Value {
        let time = |time_ms: Option<i64>| time_ms.map(|time_ms| json!(date::iso(time_ms)));
        let answered = self.in_reply_to.as_ref();
        json::object([
            ("type", Some(json!("Tombstone"))),
            ("id", Some(json!(self.id.as_str()))),
            ("url", Some(json!(self.id.as_str()))),
            (
                "formerType",
                self.former_kind.as_ref().map(|kind| json!(kind)),
            ),
            ("inReplyTo", answered.map(|id| json!(id.as_str()))),
            ("published", time(self.published_ms)),
            ("updated", time(self.deleted_ms)),
            ("deleted", time(self.deleted_ms)),
        ])
    }
}

/// Hashtag names without `#`.
pub(crate) fn hashtags(object: &Value) -> Vec<String> {
    let tags = json::items(object, "tag")
        .into_iter()
        .filter(|tag| json::is_kind(tag, "Hashtag"));
    let names = tags.filter_map(|tag| json::text_up_to(tag, "name", 100));
    names
        .map(|name| name.trim_start_matches('#').to_owned())
        .filter(|name| !name.is_empty())
        .take(MAX_TAGS)
        .collect()
}

fn mention(tag: &Value) -> Option<Mention> {
    let href = web_url(json::text(tag, "href")?)?;
    Some(Mention {
        href,
        name: json::text_up_to(tag, "name", 300),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Visibility;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    fn reply() -> Value {
        let create = json::parse(include_bytes!(
            "../../../fixtures/fediverse/mastodon-create-note.json"
        ))
        .unwrap();
        create["object"].clone()
    }

    #[test]
    fn a_reply_from_mastodon_is_read() {
        let note = Note::read(&reply(), STRICT).unwrap();
        assert_eq!(
            note.author.as_str(),
            "https://elephants.example/users/ronja"
        );
        let video = "https://tubes.example/videos/watch/6f1b0d0e-9e7c-4f0e-8a55-3c1b8a5f0a11";
        assert_eq!(note.in_reply_to.as_ref().map(Id::as_str), Some(video));
        assert_eq!(
            note.mentions[0].name.as_deref(),
            Some("@otto@tubes.example")
        );
        assert_eq!(note.audience.visibility(), Visibility::Public);
        assert!(note.is_html());
        assert_eq!(
            Note::read(&note.to_json(), STRICT).unwrap().content,
            note.content
        );
    }

    #[test]
    fn a_page_of_lemmy_and_a_note_of_pixelfed_are_read() {
        let announce = json::parse(include_bytes!(
            "../../../fixtures/fediverse/lemmy-announce-create-page.json"
        ))
        .unwrap();
        let page = Note::read(&announce["object"]["object"], STRICT).unwrap();
        assert_eq!(
            (page.kind.as_str(), page.title.as_deref()),
            ("Page", Some("A walk by the sea"))
        );
        assert_eq!(
            page.group.unwrap().as_str(),
            "https://burrow.example/c/seaside"
        );
        let create = json::parse(include_bytes!(
            "../../../fixtures/fediverse/pixelfed-create-note.json"
        ))
        .unwrap();
        let note = Note::read(&create["object"], STRICT).unwrap();
        assert_eq!(note.hashtags, ["sea", "video"]);
    }

    #[test]
    fn an_author_on_another_host_is_refused() {
        let mut forged = reply();
        forged["attributedTo"] = json!("https://tubes.example/accounts/otto");
        assert!(Note::read(&forged, STRICT).is_err());
        forged["attributedTo"] = json!(5);
        assert!(Note::read(&forged, STRICT).is_err());
    }

    #[test]
    fn wrong_types_in_any_field_never_panic() {
        let keys: Vec<String> = reply().as_object().unwrap().keys().cloned().collect();
        for key in keys {
            for value in [
                json!(null),
                json!(7),
                json!([[[]]]),
                json!({"id": {}}),
                json!([{"type": "Mention"}, 5]),
            ] {
                let mut note = reply();
                note[key.as_str()] = value;
                let _ = Note::read(&note, STRICT);
            }
        }
    }

    #[test]
    fn tombstones_say_what_is_gone() {
        let gone = json!({"type": "Tombstone", "id": "https://a.example/n/1", "formerType": "Note",
            "inReplyTo": "https://a.example/n/0", "published": "2025-12-31T00:00:00Z", "deleted": "2026-01-01T00:00:00Z"});
        let tombstone = Tombstone::read(&gone, STRICT).unwrap();
        assert_eq!(tombstone.former_kind.as_deref(), Some("Note"));
        assert_eq!(
            Tombstone::read(&tombstone.to_json(), STRICT).unwrap(),
            tombstone
        );
    }
}
