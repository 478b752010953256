//! Sets up the log: plain lines for people or JSON for programs, on standard error.
//!
//! What is logged reads alone and carries fields; it never holds tokens, passwords, mail
//! addresses, bodies or whole IP addresses.

mod recent;

pub use recent::{Entry, recent};
pub use tracing::Level;

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Starts logging at `level` (`info`, `debug`, or directives such as `info,vidicon=debug`).
/// A second call in the same process changes nothing.
pub fn start(level: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let log = tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(recent::Recent);
    log.try_init().ok();
}

/// An address without the part that tells who it is: `192.0.2.0/24`, `2001:db8:1::/48`.
pub fn masked(address: std::net::IpAddr) -> String {
    match address {
        std::net::IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        std::net::IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}
