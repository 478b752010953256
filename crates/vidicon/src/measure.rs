//! What is counted while the site runs, for `/metrics`. In memory: a restart begins at nought, as
//! whoever collects such figures expects.

use axum::http::{Method, StatusCode};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Bounds of the histogram of answers, in seconds.
const BOUNDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

#[derive(Debug, Default)]
pub struct Measures {
    requests: [[AtomicU64; 5]; 5],
    buckets: [AtomicU64; 10],
    answers: AtomicU64,
    answer_us: AtomicU64,
    pub playback: Playback,
    pub activities: Activities,
}

/// There are some twenty types of activities.
const MOST_TYPES: usize = 64;

/// What other servers sent and how it ended, by the type of the activity.
#[derive(Debug, Default)]
pub struct Activities(Mutex<BTreeMap<String, Ended>>);

#[derive(Clone, Copy, Debug, Default)]
pub struct Ended {
    pub well: u64,
    pub refused: u64,
}

impl Activities {
    /// Counts one that was worked off. The types are words of other servers: beyond the first many no
    /// new ones are taken.
    pub fn ended(&self, kind: &str, well: bool) {
        let mut all = self.0.lock();
        if all.len() >= MOST_TYPES && !all.contains_key(kind) {
            return;
        }
        let ended = all.entry(kind.to_owned()).or_default();
        if well {
            ended.well += 1;
        } else {
            ended.refused += 1;
        }
    }

    pub fn of(&self, kind: &str) -> Ended {
        let all = self.0.lock();
        all.get(kind).copied().unwrap_or_default()
    }
}

/// What players report.
#[derive(Debug, Default)]
pub struct Playback {
    pub reports: AtomicU64,
    pub errors: AtomicU64,
    pub resolution_changes: AtomicU64,
    pub buffer_stalls: AtomicU64,
    pub http_bytes: AtomicU64,
    pub p2p_bytes: AtomicU64,
    pub uploaded_p2p_bytes: AtomicU64,
}

impl Measures {
    /// Counts one answered request.
    pub fn answered(&self, method: &Method, status: StatusCode, took: Duration) {
        let row = match *method {
            Method::GET | Method::HEAD => 0,
            Method::POST => 1,
            Method::PUT => 2,
            Method::DELETE => 3,
            _ => 4,
        };
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        if let Some(counter) = self.requests.get(row).and_then(|row| row.get(class)) {
            counter.fetch_add(1, Relaxed);
        }
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound);
        if let Some(counter) = bucket.and_then(|at| self.buckets.get(at)) {
            counter.fetch_add(1, Relaxed);
        }
        self.answers.fetch_add(1, Relaxed);
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.answer_us.fetch_add(us, Relaxed);
    }

    /// The counters in Prometheus's text format.
    pub fn write(&self, out: &mut String) {
        head(
            out,
            "vidicon_http_requests_total",
            "counter",
            "Answered requests",
        );
        for (method, row) in METHODS.iter().zip(&self.requests) {
            for (class, counter) in CLASSES.iter().zip(row) {
                let count = counter.load(Relaxed);
                if count > 0 {
                    let labels = format!("method=\"{method}\",status=\"{class}\"");
                    line(out, "vidicon_http_requests_total", &labels, count);
                }
            }
        }
        let name = "vidicon_http_request_duration_seconds";
        head(out, name, "histogram", "Time to answer a request");
        let mut sum = 0;
        for (bound, counter) in BOUNDS.iter().zip(&self.buckets) {
            sum += counter.load(Relaxed);
            line(
                out,
                &format!("{name}_bucket"),
                &format!("le=\"{bound}\""),
                sum,
            );
        }
        let answers = self.answers.load(Relaxed);
        line(out, &format!("{name}_bucket"), "le=\"+Inf\"", answers);
        let us = u32::try_from(self.answer_us.load(Relaxed) / 1000).unwrap_or(u32::MAX);
        line(out, &format!("{name}_sum"), "", f64::from(us) / 1000.0);
        line(out, &format!("{name}_count"), "", answers);
        self.playback.write(out);
    }
}

impl Playback {
    fn write(&self, out: &mut String) {
        let rows = [
            (
                "vidicon_playback_reports_total",
                "Reports of players",
                &self.reports,
            ),
            (
                "vidicon_playback_errors_total",
                "Faults that players met",
                &self.errors,
            ),
            (
                "vidicon_playback_resolution_changes_total",
                "Changes of quality while playing",
                &self.resolution_changes,
            ),
            (
                "vidicon_playback_buffer_stalls_total",
                "Times that a player had to wait",
                &self.buffer_stalls,
            ),
            (
                "vidicon_playback_http_bytes_total",
                "Bytes that players got from here",
                &self.http_bytes,
            ),
            (
                "vidicon_playback_p2p_bytes_total",
                "Bytes that players got from each other",
                &self.p2p_bytes,
            ),
            (
                "vidicon_playback_uploaded_p2p_bytes_total",
                "Bytes that players gave to each other",
                &self.uploaded_p2p_bytes,
            ),
        ];
        for (name, about, counter) in rows {
            head(out, name, "counter", about);
            line(out, name, "", counter.load(Relaxed));
        }
    }
}

/// What stands before the lines of a measure.
pub fn head(out: &mut String, name: &str, kind: &str, about: &str) {
    let _ = writeln!(out, "# HELP {name} {about}.\n# TYPE {name} {kind}");
}

pub fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = if labels.is_empty() {
        writeln!(out, "{name} {value}")
    } else {
        writeln!(out, "{name}{{{labels}}} {value}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_adds_up() {
        let measures = Measures::default();
        let get = |ms| measures.answered(&Method::GET, StatusCode::OK, Duration::from_millis(ms));
        get(1);
        get(30);
        get(60_000);
        let mut text = String::new();
        measures.write(&mut text);
        for expected in [
            "vidicon_http_requests_total{method=\"GET\",status=\"2xx\"} 3\n",
            "_bucket{le=\"0.005\"} 1\n",
            "_bucket{le=\"0.05\"} 2\n",
            "_bucket{le=\"10\"} 2\n",
            "_bucket{le=\"+Inf\"} 3\n",
            "_count 3\n",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }
}
