//! Who may come in and who may not: servers that are muted or on no list, requests that come twice
//! or too often, and programs that do not say who they are.

use super::inbox;
use crate::app::App;
use crate::error::{Error, Result};
use axum::http::{HeaderMap, StatusCode};
use base::clock::{MINUTE, Millis};
use fediverse::signature::MAX_SKEW_MS;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::LazyLock;

/// More than this in a minute is no honest server's.
const MOST_IN_A_MINUTE: u32 = 3_000;
const MOST_HOSTS: usize = 50_000;
const MOST_REQUESTS: usize = 200_000;

/// Whether this server has anything to do with a host: all, or those on the list if there is one.
pub fn is_welcome(app: &App, host: &str) -> bool {
    let list = &app.config.federation.only;
    list.is_empty() || list.iter().any(|known| known.eq_ignore_ascii_case(host))
}

type Window = (Millis, u32);
static HOSTS: LazyLock<Mutex<HashMap<String, Window>>> = LazyLock::new(Mutex::default);
static REQUESTS: LazyLock<Mutex<HashMap<[u8; 32], Millis>>> = LazyLock::new(Mutex::default);

/// Counts a delivery of a host; 429 when there are too many.
pub fn count(app: &App, host: &str) -> Result<()> {
    let now = app.clock.now();
    let mut hosts = HOSTS.lock();
    if hosts.len() >= MOST_HOSTS {
        hosts.retain(|_, (ends, _)| *ends > now);
    }
    let key = format!("{} {host}", app.host());
    let window = hosts.entry(key).or_insert((now + MINUTE, 0));
    if window.0 <= now || window.0 > now + MINUTE {
        *window = (now + MINUTE, 0);
    }
    window.1 += 1;
    if window.1 > MOST_IN_A_MINUTE {
        return Err(Error::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many activities in a minute.",
        ));
    }
    Ok(())
}

/// What tells one signed request from another.
pub fn fingerprint(app: &App, headers: &HeaderMap) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(app.host());
    for name in ["signature", "signature-input", "authorization", "date"] {
        for value in headers.get_all(name) {
            hash.update(value.as_bytes());
            hash.update([0]);
        }
    }
    hash.finalize().into()
}

/// Whether the same signed request was taken before, while its date was good.
pub fn was_taken(app: &App, request: &[u8; 32]) -> bool {
    let now = app.clock.now();
    REQUESTS
        .lock()
        .get(request)
        .is_some_and(|until| *until > now)
}

pub fn note_taken(app: &App, request: [u8; 32]) {
    let now = app.clock.now();
    let mut requests = REQUESTS.lock();
    if requests.len() >= MOST_REQUESTS {
        requests.retain(|_, until| *until > now);
    }
    if requests.len() < MOST_REQUESTS {
        requests.insert(request, now + 2 * MAX_SKEW_MS);
    }
}

/// Where programs must say who they are, if this server asks for that. The server's own actor is
/// open, for without it nobody could check our questions to them.
pub async fn check_fetch(app: &App, target: &str, headers: &HeaderMap) -> Result<()> {
    let path = target.split('?').next().unwrap_or(target);
    if !app.config.federation.signed_fetches_only || path == "/accounts/peertube" {
        return Ok(());
    }
    inbox::require_signed_fetch(app, target, headers).await
}
