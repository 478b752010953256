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

/// So many requests in a minute whose signatures are no good make us ask a host for no more keys.
const MOST_UNPROVEN: u32 = 300;
const MOST_HOSTS: usize = 50_000;
const MOST_REQUESTS: usize = 200_000;

/// Whether this server has anything to do with a host: all, or those on the list if there is one.
pub fn is_welcome(app: &App, host: &str) -> bool {
    let list = &app.config.federation.only;
    list.is_empty() || list.iter().any(|known| known.eq_ignore_ascii_case(host))
}

/// Until when it is counted, and how many by now.
type Windows = LazyLock<Mutex<HashMap<String, (Millis, u32)>>>;
static HOSTS: Windows = LazyLock::new(Mutex::default);
static UNPROVEN: Windows = LazyLock::new(Mutex::default);
static REQUESTS: LazyLock<Mutex<HashMap<[u8; 32], Millis>>> = LazyLock::new(Mutex::default);

/// Counts one more of a host in this minute; tells how many there are, with it.
fn add(windows: &Windows, app: &App, host: &str, more: u32) -> u32 {
    let now = app.clock.now();
    let mut hosts = windows.lock();
    if hosts.len() >= MOST_HOSTS {
        hosts.retain(|_, (ends, _)| *ends > now);
    }
    let key = format!("{} {host}", app.host());
    let window = hosts.entry(key).or_insert((now + MINUTE, 0));
    if window.0 <= now || window.0 > now + MINUTE {
        *window = (now + MINUTE, 0);
    }
    window.1 = window.1.saturating_add(more);
    window.1
}

/// Counts a delivery that a host has signed; 429 when there are too many.
pub fn count(app: &App, host: &str) -> Result<()> {
    if add(&HOSTS, app, host, 1) > app.config.federation.activities_per_minute {
        return Err(Error::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many activities in a minute.",
        ));
    }
    Ok(())
}

/// Counts a request in the name of a host that it has not signed. Anybody can send such, so they are
/// no reason to turn away what the host does sign.
pub fn note_unproven(app: &App, host: &str) {
    add(&UNPROVEN, app, host, 1);
}

/// Whether a key that is not known may be fetched from a host: others cannot make us flood it.
pub fn may_ask(app: &App, host: &str) -> bool {
    add(&UNPROVEN, app, host, 0) < MOST_UNPROVEN
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
