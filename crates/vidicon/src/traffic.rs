//! What goes out of this server and of its bucket, counted in memory for the slice `cost`, and what is saved
//! on while a budget is nearly used up.

use crate::app::App;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base::clock::Millis;
use futures::TryStreamExt;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering::Relaxed};

#[derive(Debug, Default)]
pub struct Traffic {
    viewers: Flow,
    servers: Flow,
    given: Flow,
    /// Files that somebody began to save.
    downloads: AtomicU64,
    savings: AtomicU8,
    /// When the figures were written down last.
    written_at: AtomicI64,
}

/// Bytes and requests of one reason.
#[derive(Debug, Default)]
struct Flow {
    bytes: AtomicU64,
    requests: AtomicU64,
}

/// Figures since they were last taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub bytes: u64,
    pub requests: u64,
}

/// Who gets an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    Viewer,
    /// Another server of the federation, or a machine that works for this site.
    Server,
}

/// What is done without while money is short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Savings {
    /// Players do not go above this height by themselves.
    pub lower_quality: bool,
    /// What lies in a bucket does not pass through this server.
    pub redirect_only: bool,
    /// The upload page asks for patience and small files.
    pub ask_uploaders: bool,
    /// No new files.
    pub stop_uploads: bool,
}

/// The height above which players do not go by themselves while money is short.
pub const SPARING_HEIGHT: i64 = 480;

impl Flow {
    fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Relaxed);
    }

    fn take(&self) -> Taken {
        Taken {
            bytes: self.bytes.swap(0, Relaxed),
            requests: self.requests.swap(0, Relaxed),
        }
    }

    fn give_back(&self, taken: Taken) {
        self.bytes.fetch_add(taken.bytes, Relaxed);
        self.requests.fetch_add(taken.requests, Relaxed);
    }
}

impl Traffic {
    fn flow(&self, asker: Asker) -> &Flow {
        match asker {
            Asker::Viewer => &self.viewers,
            Asker::Server => &self.servers,
        }
    }

    /// A viewer got an address in the bucket, or watched on from one: so many bytes will have left it.
    pub fn give(&self, bytes: i64) {
        self.given.add(u64::try_from(bytes).unwrap_or(0));
        self.given.requests.fetch_add(1, Relaxed);
    }

    /// Viewers, servers, and what the bucket gave.
    pub fn take(&self) -> [Taken; 3] {
        [&self.viewers, &self.servers, &self.given].map(Flow::take)
    }

    pub fn download(&self) {
        self.downloads.fetch_add(1, Relaxed);
    }

    pub fn take_downloads(&self) -> u64 {
        self.downloads.swap(0, Relaxed)
    }

    pub fn give_back_downloads(&self, count: u64) {
        self.downloads.fetch_add(count, Relaxed);
    }

    /// What could not be written down is counted with the next.
    pub fn give_back(&self, taken: [Taken; 3]) {
        for (flow, taken) in [&self.viewers, &self.servers, &self.given]
            .into_iter()
            .zip(taken)
        {
            flow.give_back(taken);
        }
    }

    /// Has this much time gone by since it was last asked with that outcome?
    pub fn is_due(&self, now: Millis, every: Millis) -> bool {
        let last = self.written_at.load(Relaxed);
        now - last >= every
            && self
                .written_at
                .compare_exchange(last, now, Relaxed, Relaxed)
                .is_ok()
    }

    pub fn savings(&self) -> Savings {
        let bits = self.savings.load(Relaxed);
        Savings {
            lower_quality: bits & 1 != 0,
            redirect_only: bits & 2 != 0,
            ask_uploaders: bits & 4 != 0,
            stop_uploads: bits & 8 != 0,
        }
    }

    pub fn save_on(&self, savings: Savings) {
        let bits = u8::from(savings.lower_quality)
            | u8::from(savings.redirect_only) << 1
            | u8::from(savings.ask_uploaders) << 2
            | u8::from(savings.stop_uploads) << 3;
        self.savings.store(bits, Relaxed);
    }
}

impl Asker {
    /// Servers of the federation name themselves with an address, as in `PeerTube/6.3 (+https://…)`.
    pub fn of(path: &str, headers: &HeaderMap) -> Self {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let is_server = path.starts_with("/api/v1/runners/")
            || agent.contains("(+http") && !agent.starts_with("Mozilla/");
        if is_server {
            Asker::Server
        } else {
            Asker::Viewer
        }
    }
}

/// Counts an answer's bytes as they leave; a viewer who goes away costs no more than what was sent.
pub fn count(app: &App, asker: Asker, response: Response) -> Response {
    let flow = app.traffic.flow(asker);
    flow.requests.fetch_add(1, Relaxed);
    if let Some(bytes) = response.body().size_hint().exact() {
        flow.add(bytes);
        return response;
    }
    let app = app.clone();
    let counted = move |body: Body| {
        let pieces = body.into_data_stream();
        Body::from_stream(pieces.inspect_ok(move |piece| {
            let bytes = u64::try_from(piece.len()).unwrap_or(0);
            app.traffic.flow(asker).add(bytes);
        }))
    };
    response.map(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_from_browsers() {
        let with = |agent: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, agent.parse().unwrap());
            headers
        };
        let of = |path, agent| Asker::of(path, &with(agent));
        assert_eq!(
            of("/x", "PeerTube/6.3.0 (+https://a.example)"),
            Asker::Server
        );
        assert_eq!(of("/x", "Mozilla/5.0 (X11; Linux)"), Asker::Viewer);
        assert_eq!(of("/x", "VLC/3.0"), Asker::Viewer);
        assert_eq!(of("/api/v1/runners/jobs/x", "node"), Asker::Server);
    }

    #[test]
    fn what_is_taken_is_counted_once() {
        let traffic = Traffic::default();
        traffic.give(70);
        let taken = traffic.take();
        assert_eq!((taken[2].bytes, taken[2].requests), (70, 1));
        assert_eq!(traffic.take()[2], Taken::default());
        traffic.give_back(taken);
        assert_eq!(traffic.take(), taken);
        assert!(traffic.is_due(60_000, 60_000) && !traffic.is_due(60_001, 60_000));
        let savings = Savings {
            lower_quality: true,
            stop_uploads: true,
            ..Savings::default()
        };
        traffic.save_on(savings);
        assert_eq!(traffic.savings(), savings);
    }
}
