//! The log and the inside of the program, for administrators and from browsers.

use super::{jobs, mail};
use crate::access::{Client, Me, Viewer};
use crate::app::App;
use crate::check::{Body, Check, Query, iso};
use crate::error::{Result, no_content};
use crate::instance::audit;
use crate::text::is_web_address;
use crate::video::labels;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use base::clock::{DAY, Millis};
use base::job::NewJob;
use base::telemetry::{self, Entry, Level};
use serde_json::{Map, Value, json};

/// PeerTube's names of what can be done at once, the first spelt as it is there.
const COMMANDS: [&str; 9] = [
    "remove-dandling-resumable-uploads",
    "process-video-views-buffer",
    "process-video-viewers",
    "process-update-videos-scheduler",
    "process-video-channel-sync-latest",
    "remove-expired-user-exports",
    "process-video-stats-buffer",
    "process-remove-old-stats",
    TEST_MAIL,
];
/// With an address in `email`.
const TEST_MAIL: &str = "test-emails";

/// Entries of the log in one answer.
const MOST_ENTRIES: usize = 5_000;

pub async fn debug(State(app): State<App>, client: Client) -> Result<Json<Value>> {
    let waiting = jobs::federation_waiting(&app).await?;
    Ok(Json(json!({
        "ip": client.ip.to_string(),
        "activityPubMessagesWaiting": waiting,
    })))
}

/// All housekeeping is one job here, so each of the commands but that for a letter starts it.
pub async fn run_command(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let command = check.one_of("command", &COMMANDS);
    let command = check.required("command", command);
    let is_letter = command.as_deref() == Some(TEST_MAIL);
    if is_letter && !body.contains_key("email") {
        check.fail("email", "Should have a valid mail address");
    }
    check.finish()?;
    if is_letter {
        return mail::test(State(app), me, Body(body)).await;
    }
    NewJob::new("tidy", json!({}))
        .once("tidy")
        .enqueue(&app.db, app.clock.now())
        .await?;
    app.workers.wake();
    Ok(no_content())
}

struct Asked {
    from: Millis,
    until: Millis,
    level: Level,
    tags: Vec<String>,
}

fn asked(query: &Map<String, Value>) -> Result<Asked> {
    let mut check = Check::query(query);
    let from = check.date("startDate");
    let from = check.required("startDate", from);
    let until = check.date("endDate");
    let level = check.one_of("level", &["debug", "info", "warn", "error", "audit"]);
    let tags = check.texts("tagsOneOf", 0..=100, 1..=100);
    check.finish()?;
    Ok(Asked {
        from: from.unwrap_or(0),
        until: until.or(Millis::MAX),
        level: match level.value().as_deref() {
            Some("debug") => Level::DEBUG,
            Some("warn") => Level::WARN,
            Some("error") => Level::ERROR,
            _ => Level::INFO,
        },
        tags: tags.or(Vec::new()),
    })
}

pub async fn logs(State(app): State<App>, Query(query): Query) -> Result<Json<Vec<Value>>> {
    let asked = asked(&query)?;
    let host = app.host();
    let found = telemetry::recent(asked.from, asked.until, asked.level);
    let fits =
        |entry: &Entry| asked.tags.is_empty() || asked.tags.iter().any(|tag| *tag == tag_of(entry));
    let fitting: Vec<&Entry> = found
        .iter()
        .map(|entry| &**entry)
        .filter(|e| fits(e))
        .collect();
    let skipped = fitting.len().saturating_sub(MOST_ENTRIES);
    Ok(Json(
        fitting
            .into_iter()
            .skip(skipped)
            .map(|entry| line(entry, &host))
            .collect(),
    ))
}

/// The part of the program that speaks: `video` of `vidicon::video::job`.
fn tag_of(entry: &Entry) -> &str {
    let mut parts = entry.target.split("::");
    let first = parts.next().unwrap_or_default();
    parts.next().unwrap_or(first)
}

fn line(entry: &Entry, host: &str) -> Value {
    let mut line = entry.fields.clone();
    line.insert(
        "level".to_owned(),
        entry.level.as_str().to_lowercase().into(),
    );
    line.insert("message".to_owned(), entry.message.clone().into());
    line.insert("label".to_owned(), host.into());
    line.insert("timestamp".to_owned(), iso(entry.at).into());
    line.insert("tags".to_owned(), json!([tag_of(entry)]));
    Value::Object(line)
}

pub async fn audit_logs(State(app): State<App>, Query(query): Query) -> Result<Json<Vec<Value>>> {
    let asked = asked(&query)?;
    let entries = audit::between(&app.db, asked.from, asked.until).await?;
    let shown = entries.into_iter().map(|entry| {
        json!({
            "timestamp": iso(entry.at),
            "level": "audit",
            "label": app.host(),
            "user": entry.username,
            "domain": entry.domain,
            "action": entry.action,
            "data": entry.data,
        })
    });
    Ok(Json(shown.collect()))
}

/// An error that a browser met; it goes into the log with all the others.
pub async fn client_log(viewer: Viewer, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let message = check.text("message", 1..=1000);
    let message = check.required("message", message);
    let url = check.text("url", 1..=2000);
    let url = check.required("url", url);
    if !url.as_deref().is_none_or(is_web_address) {
        check.fail("url", "Invalid value");
    }
    let level = check.one_of("level", &["warn", "error"]);
    let level = check.required("level", level);
    let stack = check.text("stackTrace", 1..=15_000).or(String::new());
    let meta = check.text("meta", 1..=15_000).or(String::new());
    let agent = check.text("userAgent", 1..=200).or(String::new());
    check.finish()?;
    let message = message.unwrap_or_default();
    let url = url.unwrap_or_default();
    let user = viewer.user().map(|user| user.id.0);
    if level.as_deref() == Some("error") {
        tracing::error!(target: "client", url, stack, meta, agent, user.id = user, "{message}");
    } else {
        tracing::warn!(target: "client", url, stack, meta, agent, user.id = user, "{message}");
    }
    Ok(no_content())
}

/// How long a browser remembers the language of the pages.
const LANGUAGE_KEPT_S: Millis = 90 * DAY / 1000;

/// Keeps the language of the pages in a cookie.
pub async fn set_language(Body(body): Body) -> Result<Response> {
    use axum::response::IntoResponse;
    let mut check = Check::body(&body);
    let language = check.text("language", 2..=20);
    let language = check.required("language", language).unwrap_or_default();
    if !labels::is_locale(&language) {
        check.fail("language", "Invalid value");
    }
    check.finish()?;
    let cookie =
        format!("clientLanguage={language}; Max-Age={LANGUAGE_KEPT_S}; Path=/; SameSite=Lax");
    let kept = [(axum::http::header::SET_COOKIE, cookie)];
    Ok((kept, no_content()).into_response())
}
