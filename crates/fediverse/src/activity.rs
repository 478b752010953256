//! Activities: who did what to which thing.

use serde_json::{Value, json};

use crate::address::{Audience, Id, Rules, require_same_host};
use crate::{Error, Result, collection, json};

/// More activities than this in one delivery are not looked at.
const MAX_IN_ONE_BODY: usize = 100;
const MAX_KIND_CHARS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Create,
    Update,
    Delete,
    Follow,
    Accept,
    Reject,
    Undo,
    Announce,
    Like,
    Dislike,
    Flag,
    View,
    Download,
    Move,
    Add,
    Remove,
    Block,
    ApproveReply,
    RejectReply,
    /// Kept so that it can be named in a log; nothing is done with it.
    Other(String),
}

impl Kind {
    const NAMED: [(Self, &'static str); 19] = [
        (Self::Create, "Create"),
        (Self::Update, "Update"),
        (Self::Delete, "Delete"),
        (Self::Follow, "Follow"),
        (Self::Accept, "Accept"),
        (Self::Reject, "Reject"),
        (Self::Undo, "Undo"),
        (Self::Announce, "Announce"),
        (Self::Like, "Like"),
        (Self::Dislike, "Dislike"),
        (Self::Flag, "Flag"),
        (Self::View, "View"),
        (Self::Download, "Download"),
        (Self::Move, "Move"),
        (Self::Add, "Add"),
        (Self::Remove, "Remove"),
        (Self::Block, "Block"),
        (Self::ApproveReply, "ApproveReply"),
        (Self::RejectReply, "RejectReply"),
    ];

    pub fn parse(text: &str) -> Self {
        let named = Self::NAMED
            .into_iter()
            .find(|(_, name)| *name == text)
            .map(|(kind, _)| kind);
        named.unwrap_or_else(|| Self::Other(text.chars().take(MAX_KIND_CHARS).collect()))
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(name) => name,
            named => Self::NAMED
                .iter()
                .find(|(kind, _)| kind == named)
                .map_or("", |(_, name)| name),
        }
    }
}

/// What an activity is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    Nothing,
    /// Only its id was sent.
    At(Id),
    /// It was sent whole; `id` is `None` for things without one of their own.
    Whole {
        id: Option<Id>,
        value: Value,
    },
}

impl Object {
    pub fn read(value: Option<&Value>, rules: Rules) -> Self {
        let value = match value {
            Some(Value::Array(items)) => items.first(),
            other => other,
        };
        match value {
            Some(Value::String(text)) => Id::parse(text, rules).map_or(Self::Nothing, Self::At),
            Some(Value::Object(map)) if map.len() == 1 && map.contains_key("id") => {
                json::reference_of(&Value::Object(map.clone()))
                    .and_then(|text| Id::parse(text, rules).ok())
                    .map_or(Self::Nothing, Self::At)
            }
            Some(value @ Value::Object(_)) => Self::Whole {
                id: Id::of(value, rules).ok(),
                value: value.clone(),
            },
            _ => Self::Nothing,
        }
    }

    pub fn id(&self) -> Option<&Id> {
        match self {
            Self::Nothing => None,
            Self::At(id) => Some(id),
            Self::Whole { id, .. } => id.as_ref(),
        }
    }

    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Whole { value, .. } => Some(value),
            Self::Nothing | Self::At(_) => None,
        }
    }

    /// The type, where the object was sent whole.
    pub fn kind(&self) -> Option<&str> {
        json::kind(self.value()?)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Some send Follow or View without one.
    pub id: Option<Id>,
    pub kind: Kind,
    pub actor: Id,
    pub object: Object,
    pub target: Option<Id>,
    pub audience: Audience,
    pub published_ms: Option<i64>,
    /// The document as it came, for the facts that only one kind has.
    pub raw: Value,
}

impl Activity {
    /// Reads an activity; its id, where it has one, must be on the host of its actor.
    pub fn read(value: &Value, rules: Rules) -> Result<Self> {
        let kind = json::kind(value).ok_or_else(|| Error::invalid("activity", "no type"))?;
        let actor = Id::at(value, "actor", rules)
            .ok_or_else(|| Error::invalid("activity", "no usable actor"))?;
        let id = match value.get("id") {
            None | Some(Value::Null) => None,
            Some(_) => Some(Id::of(value, rules)?),
        };
        if let Some(id) = &id {
            require_same_host("activity", id, &actor)?;
        }
        Ok(Self {
            id,
            kind: Kind::parse(kind),
            actor,
            object: Object::read(value.get("object"), rules),
            target: Id::at(value, "target", rules),
            audience: Audience::read(value),
            published_ms: json::time_ms(value, "published"),
            raw: value.clone(),
        })
    }

    /// The activity inside this one, as in Undo, Accept, and the Announces of Lemmy. The caller decides whether
    /// the outer actor may speak for the inner one.
    pub fn inner(&self, rules: Rules) -> Option<Result<Self>> {
        let value = self.object.value()?;
        value.get("actor").map(|_| Self::read(value, rules))
    }
}

/// The activities in the body of a delivery: one, or a collection of them.
pub fn unpack(body: &Value) -> Vec<&Value> {
    if collection::is_collection(body) {
        collection::items_of(body)
            .into_iter()
            .take(MAX_IN_ONE_BODY)
            .collect()
    } else {
        vec![body]
    }
}

/// A report (Flag) as PeerTube and Mastodon send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    pub objects: Vec<Id>,
    pub reason: String,
    /// PeerTube's words for why: `spamOrMisleading` and so on.
    pub predefined: Vec<String>,
    pub start_seconds: Option<i64>,
    pub end_seconds: Option<i64>,
}

impl Flag {
    pub fn read(activity: &Value, rules: Rules) -> Result<Self> {
        let objects = json::references(activity, "object").into_iter().take(20);
        let objects: Vec<Id> = objects
            .filter_map(|text| Id::parse(&text, rules).ok())
            .collect();
        if objects.is_empty() {
            return Err(Error::invalid("flag", "about nothing"));
        }
        let seconds =
            |key| json::integer(activity, key).filter(|seconds| (0..10_000_000).contains(seconds));
        Ok(Self {
            objects,
            reason: json::text_up_to(activity, "content", 3_000).unwrap_or_default(),
            predefined: crate::note::hashtags(activity)
                .into_iter()
                .take(10)
                .collect(),
            start_seconds: seconds("startAt"),
            end_seconds: seconds("endAt"),
        })
    }
}

/// An activity of ours. `object` is an id or a whole object; the caller puts the context on. One that the object
/// brings along is taken off: a second context inside a document is what no careful reader accepts.
pub fn write(kind: &Kind, id: &str, actor: &str, mut object: Value, audience: &Audience) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.remove("@context");
    }
    let mut activity = json!({ "type": kind.as_str(), "id": id, "actor": actor, "object": object });
    audience.write(&mut activity);
    activity
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    fn fixture(bytes: &[u8]) -> Value {
        json::parse(bytes).unwrap()
    }

    #[test]
    fn activities_of_five_programs_are_read() {
        let create = Activity::read(
            &fixture(include_bytes!(
                "../../../fixtures/fediverse/peertube-create.json"
            )),
            STRICT,
        )
        .unwrap();
        assert_eq!(
            (create.kind, create.object.kind()),
            (Kind::Create, Some("Video"))
        );
        let like = Activity::read(
            &fixture(include_bytes!(
                "../../../fixtures/fediverse/mastodon-like.json"
            )),
            STRICT,
        )
        .unwrap();
        assert_eq!(like.kind, Kind::Like);
        assert!(matches!(like.object, Object::At(_)));
        let announce = fixture(include_bytes!(
            "../../../fixtures/fediverse/mastodon-announce.json"
        ));
        assert_eq!(
            Activity::read(&announce, STRICT).unwrap().kind,
            Kind::Announce
        );
        let lemmy = fixture(include_bytes!(
            "../../../fixtures/fediverse/lemmy-announce-create-page.json"
        ));
        let lemmy = Activity::read(&lemmy, STRICT).unwrap();
        let inner = lemmy.inner(STRICT).unwrap().unwrap();
        assert_eq!(
            (lemmy.kind, inner.kind.clone(), inner.object.kind()),
            (Kind::Announce, Kind::Create, Some("Page"))
        );
        assert_ne!(lemmy.actor, inner.actor);
        let pixelfed = fixture(include_bytes!(
            "../../../fixtures/fediverse/pixelfed-create-note.json"
        ));
        assert_eq!(
            Activity::read(&pixelfed, STRICT).unwrap().object.kind(),
            Some("Note")
        );
    }

    #[test]
    fn an_activity_on_another_host_than_its_actor_is_refused() {
        let mut like = fixture(include_bytes!(
            "../../../fixtures/fediverse/mastodon-like.json"
        ));
        for id in [
            json!("https://evil.example/1"),
            json!("http://elephants.example/1"),
            json!(5),
            json!(""),
        ] {
            like["id"] = id;
            assert!(Activity::read(&like, STRICT).is_err());
        }
        like["id"] = json!(null);
        assert_eq!(Activity::read(&like, STRICT).unwrap().id, None);
        like["actor"] = json!({"id": {}});
        assert!(Activity::read(&like, STRICT).is_err());
    }

    #[test]
    fn unknown_kinds_are_kept_by_name() {
        let value = json!({"type": "EmojiReact", "actor": "https://a.example/x", "object": "https://b.example/y"});
        let activity = Activity::read(&value, STRICT).unwrap();
        assert_eq!(activity.kind, Kind::Other("EmojiReact".into()));
        assert_eq!(activity.raw, value);
    }

    #[test]
    fn a_delivery_may_hold_several() {
        let one = json!({"type": "Like"});
        assert_eq!(unpack(&one).len(), 1);
        assert_eq!(
            unpack(&json!({"type": "OrderedCollection", "orderedItems": [one, one]})).len(),
            2
        );
        assert_eq!(
            unpack(&json!({"type": "Collection", "items": vec![one; 900]})).len(),
            MAX_IN_ONE_BODY
        );
    }

    #[test]
    fn reports_are_read() {
        let flag = json!({"type": "Flag", "actor": "https://a.example/x", "content": "spam",
            "object": ["https://b.example/videos/watch/1", {"id": "https://b.example/accounts/y"}, 5],
            "tag": [{"type": "Hashtag", "name": "spamOrMisleading"}], "startAt": 5, "endAt": "x"});
        let flag = Flag::read(&flag, STRICT).unwrap();
        assert_eq!(
            (
                flag.objects.len(),
                flag.predefined.len(),
                flag.start_seconds,
                flag.end_seconds
            ),
            (2, 1, Some(5), None)
        );
        assert!(Flag::read(&json!({"object": []}), STRICT).is_err());
    }

    #[test]
    fn wrong_types_in_any_field_never_panic() {
        for key in [
            "id",
            "type",
            "actor",
            "object",
            "target",
            "to",
            "cc",
            "published",
        ] {
            for value in [
                json!(null),
                json!(7),
                json!([[[]]]),
                json!({"id": {}}),
                json!([]),
                json!("x".repeat(100_000)),
            ] {
                let mut like = fixture(include_bytes!(
                    "../../../fixtures/fediverse/mastodon-like.json"
                ));
                like[key] = value;
                if let Ok(activity) = Activity::read(&like, STRICT) {
                    let _ = activity.inner(STRICT);
                }
            }
        }
    }

    #[test]
    fn what_we_write_we_read() {
        let audience = Audience::public(
            Some("https://a.example/video-channels/c"),
            Some("https://a.example/accounts/a/followers"),
        );
        let written = write(
            &Kind::Announce,
            "https://a.example/1",
            "https://a.example/accounts/a",
            json!("https://a.example/v"),
            &audience,
        );
        let read = Activity::read(&written, STRICT).unwrap();
        assert_eq!((read.kind, read.audience), (Kind::Announce, audience));
    }
}
