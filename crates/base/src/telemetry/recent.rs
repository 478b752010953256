//! The last events of the log, kept in memory so that an administrator can read them on the site.

use crate::clock::{Clock, Millis};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::sync::Arc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// Some two megabytes.
const MOST: usize = 5_000;

static KEPT: Mutex<VecDeque<Arc<Entry>>> = Mutex::new(VecDeque::new());

/// One event of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    pub at: Millis,
    pub level: Level,
    /// The module that said it.
    pub target: &'static str,
    pub message: String,
    pub fields: Map<String, Value>,
}

/// The events since `from` and until `until`, oldest first, of this level or a graver one.
pub fn recent(from: Millis, until: Millis, level: Level) -> Vec<Arc<Entry>> {
    let kept = KEPT.lock();
    kept.iter()
        .filter(|entry| (from..=until).contains(&entry.at) && entry.level <= level)
        .cloned()
        .collect()
}

/// The layer that keeps them.
pub(super) struct Recent;

impl<S: Subscriber> Layer<S> for Recent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let entry = Entry {
            at: Clock::System.now(),
            level: *event.metadata().level(),
            target: event.metadata().target(),
            message: fields.message,
            fields: fields.others,
        };
        let mut kept = KEPT.lock();
        if kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back(Arc::new(entry));
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.add(field, text.into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.add(field, value.into());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn events_are_kept_with_their_fields() {
        let log = tracing_subscriber::registry().with(Recent);
        tracing::subscriber::with_default(log, || {
            tracing::warn!(video.id = 7, name = "x", "a test happened");
            tracing::debug!("a test whispered");
        });
        let heard = recent(0, Millis::MAX, Level::INFO);
        let event = heard
            .iter()
            .find(|e| e.message == "a test happened")
            .unwrap();
        assert_eq!(event.fields["video.id"], 7);
        assert_eq!(event.fields["name"], "x");
        assert!(!heard.iter().any(|e| e.message == "a test whispered"));
        assert!(recent(event.at + 1_000_000, Millis::MAX, Level::TRACE).is_empty());
    }
}
