//! `/metrics` for Prometheus, and what players report of how playing went.

use super::{health, store};
use crate::access::Client;
use crate::app::App;
use crate::check::Body;
use crate::error::{Error, Result, no_content};
use crate::measure::{head, line};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base::db::Dialect;
use std::sync::atomic::Ordering::Relaxed;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// One report covers fifteen seconds; more than this is no honest one.
const MOST_BYTES: u64 = 4 << 30;

/// For programs on this very machine, and for whoever has the token of the settings.
pub async fn scrape(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response> {
    let wanted = &app.config.metrics.token;
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let has_token =
        !wanted.is_empty() && given.is_some_and(|given| same(given.as_bytes(), wanted.as_bytes()));
    if !app.config.metrics.enabled || !(has_token || (wanted.is_empty() && client.is_here)) {
        return Err(Error::not_found("There is nothing at this address."));
    }
    let mut out = String::with_capacity(8 * 1024);
    app.measures.write(&mut out);
    if !app.config.traces.url.is_empty() {
        let name = "vidicon_trace_spans_dropped_total";
        let about = "Spans that the collector did not take in time";
        head(&mut out, name, "counter", about);
        line(&mut out, name, "", app.traces.dropped.load(Relaxed));
    }
    process(&mut out);
    jobs(&app, &mut out).await?;
    things(&app, &mut out).await?;
    costs(&app, &mut out).await?;
    Ok(([(header::CONTENT_TYPE, TEXT)], out).into_response())
}

/// Takes as long for a wrong token as for a right one.
fn same(a: &[u8], b: &[u8]) -> bool {
    use sha2::{Digest, Sha256};
    let differs = |(a, b): (&u8, &u8)| a ^ b;
    let (a, b) = (Sha256::digest(a), Sha256::digest(b));
    a.iter()
        .zip(b.iter())
        .map(differs)
        .fold(0, |all, it| all | it)
        == 0
}

fn process(out: &mut String) {
    head(out, "vidicon_build_info", "gauge", "The version that runs");
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    line(out, "vidicon_build_info", &version, 1);
    if let Some(bytes) = health::resident_bytes() {
        let name = "process_resident_memory_bytes";
        head(out, name, "gauge", "Memory of this process");
        line(out, name, "", bytes);
    }
}

async fn jobs(app: &App, out: &mut String) -> Result<()> {
    head(
        out,
        "vidicon_jobs",
        "gauge",
        "Jobs in the queue by kind and state",
    );
    for count in base::job::counts(&app.db).await? {
        let labels = format!("kind=\"{}\",state=\"{}\"", count.kind, count.state.as_str());
        line(out, "vidicon_jobs", &labels, count.jobs);
    }
    let now = app.clock.now();
    let oldest = base::job::oldest_due(&app.db, now).await?;
    let wait_s = oldest.map_or(0, |at| (now - at) / 1000);
    let name = "vidicon_job_wait_seconds";
    head(
        out,
        name,
        "gauge",
        "How long the job that waits longest has waited",
    );
    line(out, name, "", wait_s);
    Ok(())
}

/// The month so far: bytes by reason, and money.
async fn costs(app: &App, out: &mut String) -> Result<()> {
    let report = crate::cost::report(app).await?;
    let bytes = "vidicon_month_bytes";
    head(out, bytes, "gauge", "Bytes of this month by reason");
    if let Some(this) = report.this_month() {
        for (reason, value) in [
            ("viewer", this.viewer_bytes),
            ("server", this.server_bytes),
            ("bucket_to_viewer", this.given_bytes),
            ("bucket_read", this.read_bytes),
            ("bucket_written", this.written_bytes),
        ] {
            line(out, bytes, &format!("reason=\"{reason}\""), value);
        }
    }
    let cost = "vidicon_month_cost";
    head(
        out,
        cost,
        "gauge",
        "What the month costs so far and is to cost",
    );
    let currency = report.table.currency;
    for (what, value) in [
        ("now", report.now.total),
        ("forecast", report.forecast.total),
        ("budget", report.budget),
    ] {
        let labels = format!("what=\"{what}\",currency=\"{currency}\"");
        line(out, cost, &labels, value);
    }
    Ok(())
}

async fn things(app: &App, out: &mut String) -> Result<()> {
    let things = store::things(&app.db).await?;
    let people = store::people(&app.db, app.clock.now()).await?;
    let peers = store::peers(&app.db).await?;
    let is_postgres = app.db.dialect() == Dialect::Postgres;
    let folder = &app.config.server.data_dir;
    let free = base::file::free_bytes(folder).ok();
    let free = free.and_then(|free| i64::try_from(free).ok()).unwrap_or(0);
    let rows = [
        ("vidicon_users", "People who can log in", people.users),
        (
            "vidicon_users_daily_active",
            "People who were here today",
            people.daily,
        ),
        ("vidicon_videos", "Videos of this site", things.local_videos),
        (
            "vidicon_videos_known",
            "Videos of this and other sites",
            things.videos,
        ),
        (
            "vidicon_views",
            "Views of this site's videos",
            things.local_views,
        ),
        (
            "vidicon_video_bytes",
            "Bytes of this site's videos",
            things.local_size_bytes,
        ),
        (
            "vidicon_comments",
            "Comments of this site's people",
            things.local_comments,
        ),
        ("vidicon_peers", "Other servers that are known", peers.all),
        (
            "vidicon_peers_failing",
            "Other servers that do not answer",
            peers.failing,
        ),
        (
            "vidicon_deliveries_waiting",
            "Messages to other servers that wait",
            peers.waiting,
        ),
        (
            "vidicon_disk_free_bytes",
            "Room on the disk of the data folder",
            free,
        ),
        (
            "vidicon_database_is_postgres",
            "1 with PostgreSQL, 0 with SQLite",
            i64::from(is_postgres),
        ),
    ];
    for (name, about, value) in rows {
        head(out, name, "gauge", about);
        line(out, name, "", value);
    }
    Ok(())
}

/// What a player reports every fifteen seconds. What is wrong in it is left out: the player could
/// do nothing about it.
pub async fn playback(State(app): State<App>, body: Result<Body>) -> Response {
    let Ok(Body(body)) = body else {
        return no_content();
    };
    let number = |name: &str| {
        let given = body.get(name).and_then(serde_json::Value::as_u64);
        given.unwrap_or(0).min(MOST_BYTES)
    };
    let http = number("downloadedBytesHTTP");
    let p2p = number("downloadedBytesP2P");
    let uploaded = number("uploadedBytesP2P");
    let errors = number("errors");
    let changes = number("resolutionChanges");
    let stalls = number("bufferStalled");
    let count = |counter: &std::sync::atomic::AtomicU64, value: u64| {
        counter.fetch_add(value, Relaxed);
    };
    let playback = &app.measures.playback;
    count(&playback.reports, 1);
    count(&playback.http_bytes, http);
    count(&playback.p2p_bytes, p2p);
    count(&playback.uploaded_p2p_bytes, uploaded);
    count(&playback.errors, errors.min(1000));
    count(&playback.resolution_changes, changes.min(1000));
    count(&playback.buffer_stalls, stalls.min(1000));
    no_content()
}
