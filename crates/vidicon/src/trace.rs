//! Traces for an OpenTelemetry collector (OTLP over HTTP, as JSON): a span for each request and each
//! job. Off unless `traces.url` names a collector.
//!
//! A span says which route and which kind of job, never which video, person or address, so that
//! nothing leaves that a log would not hold. What the collector does not take in time is dropped
//! and counted; nobody waits for it.

use crate::app::App;
use crate::config::Traces as Settings;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use base::clock::Millis;
use base::fetch::{Fetch, FetchConfig, FetchRequest};
use base::job::JobError;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Spans that may wait for the collector.
const WAITING: usize = 4_096;
/// Spans in one request.
const BATCH: usize = 512;
/// How long spans are gathered.
const GATHER: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(10);
/// OTLP's numbers for who made a span, and for one that went wrong.
const SERVER: u8 = 2;
const CONSUMER: u8 = 5;
const FAILED: u8 = 2;

pub struct Traces {
    queue: Option<Sender<Span>>,
    waiting: Mutex<Option<Receiver<Span>>>,
    share: f64,
    pub dropped: AtomicU64,
}

/// A span that is over.
struct Span {
    begun: Begun,
    took: Duration,
    attributes: Vec<Value>,
    has_failed: bool,
}

/// A span under way.
pub struct Begun {
    name: String,
    kind: u8,
    trace: String,
    parent: Option<String>,
    at: Millis,
    since: Instant,
    attributes: Vec<Value>,
}

impl Traces {
    pub fn open(settings: &Settings) -> Self {
        let (queue, waiting) = channel(WAITING);
        let is_on = !settings.url.is_empty();
        Traces {
            queue: is_on.then_some(queue),
            waiting: Mutex::new(is_on.then_some(waiting)),
            share: settings.share,
            dropped: AtomicU64::new(0),
        }
    }

    /// Begins the span of a request, as part of the trace that a proxy in front has begun.
    pub fn request(
        &self,
        method: &Method,
        route: Option<&str>,
        headers: &HeaderMap,
        now: Millis,
    ) -> Option<Begun> {
        self.queue.as_ref()?;
        let given = headers.get("traceparent").and_then(parent);
        let (trace, parent) = match given {
            Some((_, _, false)) => return None,
            Some((trace, parent, true)) => (trace, Some(parent)),
            None if !self.is_chosen() => return None,
            None => (hex::encode(base::random::bytes::<16>()), None),
        };
        let route = route.unwrap_or("other");
        let method = method.as_str();
        Some(Begun {
            name: format!("{method} {route}"),
            kind: SERVER,
            trace,
            parent,
            at: now,
            since: Instant::now(),
            attributes: vec![
                words("http.request.method", method),
                words("http.route", route),
            ],
        })
    }

    pub fn answered(&self, begun: Option<Begun>, status: StatusCode) {
        let code = status.as_u16();
        let attributes = vec![number("http.response.status_code", code.into())];
        self.end(begun, attributes, code >= 500);
    }

    pub fn job(&self, kind: &str, attempt: i64, now: Millis) -> Option<Begun> {
        if self.queue.is_none() || !self.is_chosen() {
            return None;
        }
        Some(Begun {
            name: format!("job {kind}"),
            kind: CONSUMER,
            trace: hex::encode(base::random::bytes::<16>()),
            parent: None,
            at: now,
            since: Instant::now(),
            attributes: vec![words("job.kind", kind), number("job.attempt", attempt)],
        })
    }

    pub fn worked(&self, begun: Option<Begun>, outcome: &Result<(), JobError>) {
        let (how, has_failed) = match outcome {
            Ok(()) => ("done", false),
            Err(JobError::Later(_)) => ("later", false),
            Err(JobError::Cancelled) => ("cancelled", false),
            Err(JobError::LeaseLost) => ("lost", true),
            Err(JobError::Retry(_)) => ("retry", true),
            Err(JobError::Fail(_)) => ("failed", true),
        };
        self.end(begun, vec![words("job.outcome", how)], has_failed);
    }

    fn end(&self, begun: Option<Begun>, attributes: Vec<Value>, has_failed: bool) {
        let (Some(begun), Some(queue)) = (begun, &self.queue) else {
            return;
        };
        let span = Span {
            took: begun.since.elapsed(),
            begun,
            attributes,
            has_failed,
        };
        if queue.try_send(span).is_err() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }

    fn is_chosen(&self) -> bool {
        let drawn = u32::from_be_bytes(base::random::bytes::<4>());
        self.share >= 1.0 || f64::from(drawn) / f64::from(u32::MAX) < self.share
    }
}

/// Trace, span and whether it is kept, of a `traceparent` (W3C Trace Context).
fn parent(value: &HeaderValue) -> Option<(String, String, bool)> {
    let mut parts = value.to_str().ok()?.split('-');
    let (_, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && text.bytes().any(|byte| byte != b'0')
    };
    let flags = u8::from_str_radix(flags, 16).ok()?;
    (is_hex(trace, 32) && is_hex(span, 16))
        .then(|| (trace.to_owned(), span.to_owned(), flags & 1 == 1))
}

fn words(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// OTLP writes whole numbers as text.
fn number(key: &str, value: i64) -> Value {
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}

impl Span {
    fn view(self) -> Value {
        let start = i128::from(self.begun.at) * 1_000_000;
        let end = start + i128::try_from(self.took.as_nanos()).unwrap_or(0);
        let mut attributes = self.begun.attributes;
        attributes.extend(self.attributes);
        json!({
            "traceId": self.begun.trace,
            "spanId": hex::encode(base::random::bytes::<8>()),
            "parentSpanId": self.begun.parent.unwrap_or_default(),
            "name": self.begun.name,
            "kind": self.begun.kind,
            "startTimeUnixNano": start.to_string(),
            "endTimeUnixNano": end.to_string(),
            "attributes": attributes,
            "status": if self.has_failed { json!({ "code": FAILED }) } else { json!({}) },
        })
    }
}

/// Sends what is gathered until the process stops, and then the rest.
pub async fn send(app: App, stop: CancellationToken) {
    let Some(mut waiting) = app.traces.waiting.lock().take() else {
        return;
    };
    let fetch = collector(&app);
    let mut was_taken = true;
    loop {
        tokio::select! {
            () = tokio::time::sleep(GATHER) => {}
            () = stop.cancelled() => {}
        }
        loop {
            let mut batch = Vec::new();
            while batch.len() < BATCH
                && let Ok(span) = waiting.try_recv()
            {
                batch.push(span);
            }
            if batch.is_empty() {
                break;
            }
            let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            let sent = post(&app, &fetch, batch).await;
            if let Err(error) = &sent {
                app.traces.dropped.fetch_add(count, Relaxed);
                // Once for each time that it goes away.
                if was_taken {
                    tracing::warn!(error, "the collector takes no traces");
                }
            }
            was_taken = sent.is_ok();
        }
        if stop.is_cancelled() {
            return;
        }
    }
}

/// The administrator has named the collector, which mostly stands in the own network.
fn collector(app: &App) -> Fetch {
    let url = url::Url::parse(&app.config.traces.url).ok();
    let host = url.and_then(|url| {
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        Some(format!("{host}:{port}"))
    });
    Fetch::new(FetchConfig {
        allow_hosts: host.into_iter().collect(),
        allow_http: true,
        ..FetchConfig::default()
    })
}

async fn post(app: &App, fetch: &Fetch, batch: Vec<Span>) -> Result<(), String> {
    let spans: Vec<Value> = batch.into_iter().map(Span::view).collect();
    let body = json!({ "resourceSpans": [{
        "resource": { "attributes": [
            words("service.name", "vidicon"),
            words("service.version", env!("CARGO_PKG_VERSION")),
            words("service.instance.id", &app.config.server.node),
        ] },
        "scopeSpans": [{ "scope": { "name": "vidicon" }, "spans": spans }],
    }] });
    let settings = &app.config.traces;
    let mut request = FetchRequest::post(&settings.url, "application/json", body.to_string());
    if !settings.authorization.is_empty() {
        let value = HeaderValue::try_from(&settings.authorization);
        let value = value.map_err(|_| "traces.authorization is no header".to_owned())?;
        request = request.header(header::AUTHORIZATION, value);
    }
    let answer = fetch.send(request.timeout(PATIENCE)).await;
    answer
        .and_then(base::fetch::FetchResponse::success)
        .map(drop)
        .map_err(|error| error.to_string())
}
