//! One change of many videos, or the end of them: each id gets an answer of its own.

use super::{change, remove};
use crate::access::Me;
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Error, Result};
use crate::instance::settings::OwnLabels;
use crate::video::input::Fields;
use crate::video::{VideoRef, find};
use crate::wire;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

/// Videos that may be named at once.
pub const MOST: usize = 100;
/// Tags that a video may have.
const MOST_TAGS: usize = 5;

/// What can be the same for many.
const FIELDS: [&str; 11] = [
    "privacy",
    "videoPasswords",
    "category",
    "licence",
    "language",
    "tags",
    "nsfw",
    "commentsPolicy",
    "commentsEnabled",
    "downloadEnabled",
    "channelId",
];

/// What is to happen to each video.
#[derive(Clone, Debug)]
pub enum Act {
    Delete,
    Change(Changes),
}

/// Fields as a single edit has them, and tags to be put beside or taken from those that are there.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub fields: Map<String, Value>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
}

/// `POST /api/v1/videos/bulk`.
pub async fn bulk(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let (ids, act) = read(&body, app.instance.labels())?;
    let mut data = Vec::with_capacity(ids.len());
    for id in ids {
        data.push(match apply(&app, &me, &id, &act).await {
            Ok(()) => json!({ "id": id, "done": true }),
            Err(error) if error.status().is_client_error() => refused(&id, &error),
            Err(error) => return Err(error),
        });
    }
    wire::json(&json!({ "total": data.len(), "data": data }))
}

fn refused(id: &str, error: &Error) -> Value {
    json!({
        "id": id, "done": false,
        "error": {
            "status": error.status().as_u16(),
            "code": error.code_str(),
            "detail": error.detail(),
        },
    })
}

fn read(body: &Map<String, Value>, own: &'static OwnLabels) -> Result<(Vec<String>, Act)> {
    let mut check = Check::body(body);
    let ids = ids(&mut check);
    let deletes = check.strict_bool("delete").or(false);
    let update = match check.raw("update") {
        None | Some(Value::Null) => None,
        Some(Value::Object(fields)) => Some(fields.clone()),
        Some(_) => {
            check.fail("update", "Should be an object");
            None
        }
    };
    let changes = Changes {
        fields: update.unwrap_or_default(),
        add_tags: check.texts("addTags", 0..=MOST_TAGS, 2..=30).or(Vec::new()),
        remove_tags: check.texts("removeTags", 0..=100, 1..=30).or(Vec::new()),
    };
    let unknown = changes
        .fields
        .keys()
        .find(|name| !FIELDS.contains(&name.as_str()));
    if unknown.is_some() {
        check.fail("update", "Has a field that cannot be the same for many");
    }
    if deletes != changes.is_empty() {
        check.fail("update", "Either delete or a change must be asked for");
    }
    check.finish()?;
    Fields::of_change(&changes.fields, own)?;
    let act = if deletes {
        Act::Delete
    } else {
        Act::Change(changes)
    };
    Ok((ids, act))
}

/// Numbers, UUIDs and short UUIDs, each once.
fn ids(check: &mut Check<'_>) -> Vec<String> {
    let list = check.raw("ids").and_then(Value::as_array);
    let mut ids: Vec<String> = Vec::new();
    for value in list.into_iter().flatten() {
        let id = match value {
            Value::String(id) => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => String::new(),
        };
        if VideoRef::parse(&id).is_none() {
            check.fail("ids", "Should be ids of videos");
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() || ids.len() > MOST {
        check.fail("ids", "Should name 1 to 100 videos");
    }
    ids
}

impl Changes {
    /// Is everything left as it is?
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.add_tags.is_empty() && self.remove_tags.is_empty()
    }

    /// The fields for a video that has these tags.
    fn over(&self, tags: &[String]) -> Map<String, Value> {
        let mut fields = self.fields.clone();
        if self.add_tags.is_empty() && self.remove_tags.is_empty() {
            return fields;
        }
        let given = fields.get("tags").and_then(Value::as_array);
        let before = given.map_or_else(
            || tags.to_vec(),
            |tags| {
                let texts = tags.iter().filter_map(Value::as_str);
                texts.map(str::to_owned).collect()
            },
        );
        let is_taken = |tag: &String| {
            self.remove_tags
                .iter()
                .any(|it| it.eq_ignore_ascii_case(tag))
        };
        let mut tags: Vec<String> = before.into_iter().filter(|tag| !is_taken(tag)).collect();
        for tag in &self.add_tags {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        fields.insert("tags".to_owned(), json!(tags));
        fields
    }
}

/// As a single edit or deletion of this video by this user.
pub async fn apply(app: &App, me: &Me, id: &str, act: &Act) -> Result<()> {
    match act {
        Act::Delete => remove(app, me, id).await,
        Act::Change(changes) => {
            let video = find(app, VideoRef::read(id)?).await?;
            change(app, me, id, &changes.over(&video.tags)).await?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn what_is_asked_must_be_clear() {
        for (wrong, field) in [
            (json!({ "delete": true }), "ids"),
            (json!({ "ids": [], "delete": true }), "ids"),
            (json!({ "ids": ["x"], "delete": true }), "ids"),
            (
                json!({ "ids": (0..101).collect::<Vec<_>>(), "delete": true }),
                "ids",
            ),
            (json!({ "ids": [1] }), "update"),
            (json!({ "ids": [1], "update": {} }), "update"),
            (json!({ "ids": [1], "update": { "name": "Sea" } }), "update"),
            (json!({ "ids": [1], "update": 3 }), "update"),
            (
                json!({ "ids": [1], "delete": true, "update": { "nsfw": true } }),
                "update",
            ),
            (json!({ "ids": [1], "update": { "privacy": 9 } }), "privacy"),
            (json!({ "ids": [1], "addTags": ["a"] }), "addTags"),
        ] {
            let error = read(&object(wrong.clone()), Default::default()).unwrap_err();
            let params = &error.problem().extras["invalid-params"];
            assert!(params.get(field).is_some(), "{wrong}: {params}");
        }
        let (ids, _) = read(
            &object(json!({ "ids": [1, "1", 2], "delete": true })),
            Default::default(),
        )
        .unwrap();
        assert_eq!(ids, ["1", "2"]);
    }

    #[test]
    fn tags_come_and_go_beside_those_that_are_there() {
        let changes = Changes {
            add_tags: vec!["sea".to_owned(), "salt".to_owned()],
            remove_tags: vec!["OLD".to_owned()],
            ..Changes::default()
        };
        let before = ["old".to_owned(), "sea".to_owned()];
        assert_eq!(
            Value::Object(changes.over(&before)),
            json!({ "tags": ["sea", "salt"] })
        );
    }
}
