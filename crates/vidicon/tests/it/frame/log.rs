//! What the log says of visitors: never their whole address.

use crate::app::TestApp;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Hears everything that is said on this thread, at every level.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<String>>);

struct Words<'t>(&'t mut String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{field}={value:?}").unwrap();
    }
}

impl Subscriber for Heard {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Words(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Words(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Words(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn the_log_tells_no_whole_address() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let heard = Heard::default();
    let listening = tracing::subscriber::set_default(heard.clone());
    for address in ["203.0.113.77", "2001:db8:7:8::77"] {
        app.get("/")
            .header("x-forwarded-for", address)
            .await
            .expect(200);
        app.get("/nothing/here")
            .header("x-forwarded-for", address)
            .await
            .expect(404);
        let client = app.get("/api/v1/oauth-clients/local").await.json();
        for password in ["password-1", "wrong"] {
            app.post("/api/v1/users/token")
                .header("x-forwarded-for", address)
                .form(&[
                    ("client_id", client["client_id"].as_str().unwrap()),
                    ("client_secret", client["client_secret"].as_str().unwrap()),
                    ("grant_type", "password"),
                    ("username", "ada"),
                    ("password", password),
                ])
                .await;
        }
    }
    drop(listening);
    let heard = heard.0.lock().unwrap();
    for whole in ["203.0.113.77", "2001:db8:7:8::77", "2001:db8:7:8:"] {
        assert!(!heard.contains(whole), "{whole} in {heard}");
    }
    for masked in ["203.0.113.0/24", "2001:db8:7::/48"] {
        assert!(heard.contains(masked), "no {masked} in {heard}");
    }
}
