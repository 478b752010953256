//! Views, viewers and watch sessions that servers tell each other.

use serde_json::{Value, json};

use crate::activity::Kind;
use crate::address::{Id, Rules};
use crate::context::Context;
use crate::{Error, Result, date, json};

/// No honest server has more viewers of one video; a claim is cut here.
const MAX_VIEWERS: i64 = 1_000_000;
const MAX_SECTIONS: usize = 500;
const MAX_SECONDS: i64 = 10_000_000;

/// What a View or Download activity says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Somebody watched.
    Counted,
    /// So many watch now, good until then.
    Watching { viewers: i64, expires_ms: i64 },
    /// Somebody saved a file.
    Saved,
}

impl View {
    pub fn read(activity: &Value) -> Self {
        if json::is_kind(activity, Kind::Download.as_str()) {
            return Self::Saved;
        }
        let Some(expires_ms) = json::time_ms(activity, "expires") else {
            return Self::Counted;
        };
        let counter = activity
            .get("result")
            .filter(|result| json::is_kind(result, "InteractionCounter"));
        let viewers = counter.and_then(|result| json::integer(result, "userInteractionCount"));
        Self::Watching {
            viewers: viewers.unwrap_or(1).clamp(0, MAX_VIEWERS),
            expires_ms,
        }
    }

    /// The type of the activity that says it.
    pub fn kind(self) -> Kind {
        match self {
            Self::Counted | Self::Watching { .. } => Kind::View,
            Self::Saved => Kind::Download,
        }
    }

    /// The context that goes on it.
    pub fn context(self) -> Context {
        match self {
            Self::Counted | Self::Watching { .. } => Context::View,
            Self::Saved => Context::Download,
        }
    }

    /// Adds what a viewer count needs to a View activity.
    pub fn write(self, activity: &mut Value) {
        let (
            Self::Watching {
                viewers,
                expires_ms,
            },
            Some(map),
        ) = (self, activity.as_object_mut())
        else {
            return;
        };
        map.insert("expires".to_owned(), json!(date::iso(expires_ms)));
        map.insert("result".to_owned(), counter(viewers));
    }
}

fn counter(count: i64) -> Value {
    json!({
        "type": "InteractionCounter",
        "interactionType": "http://schema.org/WatchAction",
        "userInteractionCount": count,
    })
}

/// One viewer's session with a video, told to its origin without saying who it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchAction {
    pub id: Id,
    pub uuid: String,
    pub video: Id,
    pub start_ms: i64,
    pub end_ms: i64,
    pub watch_seconds: i64,
    /// Two letters.
    pub country: Option<String>,
    pub region: Option<String>,
    /// Start and end in seconds of the video.
    pub sections: Vec<(i64, i64)>,
}

impl WatchAction {
    pub fn read(object: &Value, rules: Rules) -> Result<Self> {
        let refuse = |why: &str| Error::invalid("watch action", why);
        if !json::is_kind(object, "WatchAction") {
            return Err(refuse("of another type"));
        }
        if json::text(object, "actionStatus") != Some("CompletedActionStatus") {
            return Err(refuse("not completed"));
        }
        let time = |key: &str| json::time_ms(object, key).ok_or_else(|| refuse("no times"));
        let (start_ms, end_ms) = (time("startTime")?, time("endTime")?);
        let watched =
            json::duration_seconds(object, "duration").ok_or_else(|| refuse("no duration"))?;
        let location = object.get("location");
        let place = |key, max_chars| {
            location.and_then(|location| json::text_up_to(location, key, max_chars))
        };
        Ok(Self {
            id: Id::of(object, rules)?,
            uuid: json::text_up_to(object, "uuid", 36).ok_or_else(|| refuse("no uuid"))?,
            video: Id::at(object, "object", rules).ok_or_else(|| refuse("no video"))?,
            start_ms,
            end_ms: end_ms.max(start_ms),
            watch_seconds: watched,
            country: place("addressCountry", 2),
            region: place("addressRegion", 100),
            sections: json::items(object, "watchSections")
                .into_iter()
                .filter_map(section)
                .take(MAX_SECTIONS)
                .collect(),
        })
    }

    pub fn to_json(&self) -> Value {
        let location = json::object([
            (
                "addressCountry",
                self.country.as_ref().map(|text| json!(text)),
            ),
            (
                "addressRegion",
                self.region.as_ref().map(|text| json!(text)),
            ),
        ]);
        let sections = self
            .sections
            .iter()
            .map(|(start, end)| json!({ "startTimestamp": start, "endTimestamp": end }));
        json::object([
            ("type", Some(json!("WatchAction"))),
            ("id", Some(json!(self.id.as_str()))),
            ("uuid", Some(json!(self.uuid))),
            ("object", Some(json!(self.video.as_str()))),
            ("actionStatus", Some(json!("CompletedActionStatus"))),
            ("startTime", Some(json!(date::iso(self.start_ms)))),
            ("endTime", Some(json!(date::iso(self.end_ms)))),
            (
                "duration",
                Some(json!(format!("PT{}S", self.watch_seconds))),
            ),
            ("location", self.country.is_some().then_some(location)),
            ("watchSections", Some(sections.collect())),
        ])
    }
}

fn section(value: &Value) -> Option<(i64, i64)> {
    let second = |key| json::integer(value, key).filter(|second| (0..MAX_SECONDS).contains(second));
    let (start, end) = (second("startTimestamp")?, second("endTimestamp")?);
    (start <= end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_a_view_or_a_number_of_viewers() {
        assert_eq!(View::read(&json!({"type": "View"})), View::Counted);
        let saved = json!({"type": View::Saved.kind().as_str()});
        assert_eq!(View::read(&saved), View::Saved);
        let mut activity = json!({"type": "View"});
        let watching = View::Watching {
            viewers: 7,
            expires_ms: 1_700_000_000_000,
        };
        watching.write(&mut activity);
        assert_eq!(View::read(&activity), watching);
        activity["result"]["userInteractionCount"] = json!(9e12);
        assert!(matches!(
            View::read(&activity),
            View::Watching {
                viewers: MAX_VIEWERS,
                ..
            }
        ));
        activity["result"] = json!("x");
        assert!(matches!(
            View::read(&activity),
            View::Watching { viewers: 1, .. }
        ));
    }

    #[test]
    fn a_watch_session_survives_the_round_trip() {
        let rules = Rules::default();
        let id = |text| Id::parse(text, rules).unwrap();
        let action = WatchAction {
            id: id("https://a.example/videos/local-viewer/1"),
            uuid: "1".into(),
            video: id("https://b.example/videos/watch/2"),
            start_ms: 1_700_000_000_000,
            end_ms: 1_700_000_060_000,
            watch_seconds: 55,
            country: Some("FR".into()),
            region: None,
            sections: vec![(0, 30), (40, 65)],
        };
        assert_eq!(WatchAction::read(&action.to_json(), rules).unwrap(), action);
        let mut backwards = action.to_json();
        backwards["watchSections"] = json!([{"startTimestamp": 9, "endTimestamp": 1}, 5, null]);
        assert!(
            WatchAction::read(&backwards, rules)
                .unwrap()
                .sections
                .is_empty()
        );
        backwards["actionStatus"] = json!("PotentialActionStatus");
        assert!(WatchAction::read(&backwards, rules).is_err());
    }
}
