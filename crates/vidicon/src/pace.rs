//! How fast downloads leave this server: for each address and for all together. What viewers play is not held back,
//! and what goes from the bucket itself does not pass here.

use crate::app::App;
use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream::{self, TryStreamExt};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::Instant;

/// A longer piece is sent in parts, so that no wait is long.
const PIECE_BYTES: usize = 64 * 1024;
/// Addresses whose downloads have ended are forgotten when there are more than these.
const MOST_ADDRESSES: usize = 1_000;

#[derive(Debug, Default)]
pub struct Pace {
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    all: Option<Line>,
    by_address: HashMap<IpAddr, Line>,
}

/// When the next byte may go.
#[derive(Clone, Copy, Debug)]
struct Line {
    free_at: Instant,
}

impl Line {
    /// Takes a place in the line for these bytes and tells how long to wait before sending them.
    fn wait(&mut self, now: Instant, bytes: usize, mbit_per_s: u32) -> Duration {
        let start = self.free_at.max(now);
        let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(8);
        let us = bits / u64::from(mbit_per_s.max(1));
        self.free_at = start + Duration::from_micros(us);
        start - now
    }
}

impl Pace {
    fn wait(&self, app: &App, address: IpAddr, bytes: usize) -> Duration {
        let limits = &app.config.limits;
        let now = Instant::now();
        let fresh = Line { free_at: now };
        let mut lines = self.lines.lock();
        let mut longest = Duration::ZERO;
        if limits.download_total_mbit > 0 {
            let all = lines.all.get_or_insert(fresh);
            longest = all.wait(now, bytes, limits.download_total_mbit);
        }
        if limits.download_address_mbit > 0 {
            if lines.by_address.len() >= MOST_ADDRESSES {
                lines.by_address.retain(|_, line| line.free_at > now);
            }
            let own = lines.by_address.entry(address).or_insert(fresh);
            longest = longest.max(own.wait(now, bytes, limits.download_address_mbit));
        }
        longest
    }
}

/// Is this an address whose answers are held back?
pub fn applies(app: &App, path: &str) -> bool {
    let limits = &app.config.limits;
    (limits.download_total_mbit > 0 || limits.download_address_mbit > 0)
        && path.starts_with("/download/")
}

/// Holds an answer back as the settings say.
pub fn hold_back(app: &App, address: IpAddr, response: Response) -> Response {
    let app = app.clone();
    response.map(|body| {
        let pieces = body.into_data_stream().map_ok(parts).try_flatten();
        let paced = pieces.and_then(move |piece| {
            let wait = app.pace.wait(&app, address, piece.len());
            async move {
                tokio::time::sleep(wait).await;
                Ok(piece)
            }
        });
        Body::from_stream(paced)
    })
}

fn parts(mut whole: Bytes) -> impl futures::Stream<Item = Result<Bytes, axum::Error>> {
    let mut parts = Vec::new();
    while whole.len() > PIECE_BYTES {
        parts.push(Ok(whole.split_to(PIECE_BYTES)));
    }
    parts.push(Ok(whole));
    stream::iter(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_speed_and_an_idle_one_owes_nothing() {
        let start = Instant::now();
        let mut line = Line { free_at: start };
        // 8 Mbit/s: a megabyte takes a second.
        assert_eq!(line.wait(start, 1_000_000, 8), Duration::ZERO);
        assert_eq!(line.wait(start, 500_000, 8), Duration::from_secs(1));
        assert_eq!(line.wait(start, 1, 8), Duration::from_millis(1500));
        let later = start + Duration::from_secs(60);
        assert_eq!(line.wait(later, 1, 8), Duration::ZERO);
    }
}
