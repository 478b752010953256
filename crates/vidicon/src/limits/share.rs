//! What several machines that share a database tell each other about addresses that ask much: a row
//! for each, to which every machine adds what it has counted since it was last there.

use super::{Counters, Kind};
use crate::account::throttle;
use crate::app::App;
use base::clock::Millis;
use base::db::Dialect;
use std::net::IpAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often that is; an address may ask so long at each machine as if there were no other.
const ROUND: Duration = Duration::from_secs(2);
/// An address is told of once it has had this part of what it may have.
const PART: u32 = 8;
/// At most so many are told of at a time, those first that asked most.
const MOST: usize = 200;

/// What one address has asked, and others have to know.
pub(super) struct Busy {
    kind: Kind,
    address: IpAddr,
    count: u32,
    more: i64,
    ends_at: Millis,
}

/// Goes on until `stop` fires. A site with SQLite is one machine and has nobody to tell.
pub async fn keep(app: App, stop: CancellationToken) {
    if app.db.dialect() == Dialect::Sqlite {
        return;
    }
    loop {
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = share(&app).await {
            tracing::warn!(
                ?error,
                "other machines could not be told who asks how often"
            );
        }
    }
}

/// Tells the others of busy addresses, and hears what they have counted.
pub async fn share(app: &App) -> crate::error::Result<()> {
    let now = app.clock.now();
    for busy in app.limits.busy(app, now) {
        let name = format!("{:?} {}", busy.kind, busy.address);
        let (all, ends_at) = throttle::add_requests(app, &name, busy.more, busy.ends_at).await?;
        app.limits.heard(&busy, all, ends_at);
    }
    Ok(())
}

impl Counters {
    fn busy(&self, app: &App, now: Millis) -> Vec<Busy> {
        let mut found = Vec::new();
        for kind in Kind::ALL {
            // Failed log-ins are in the database at once.
            if kind == Kind::Login {
                continue;
            }
            let least = kind.most(app) / PART;
            let known = self.of(kind).lock();
            let busy = known.iter().filter(|(_, window)| {
                window.ends_at > now && window.count > least && window.count != window.told
            });
            found.extend(busy.map(|(address, window)| Busy {
                kind,
                address: *address,
                count: window.count,
                more: i64::from(window.count) - i64::from(window.told),
                ends_at: window.ends_at,
            }));
        }
        found.sort_by_key(|busy| std::cmp::Reverse(busy.count));
        found.truncate(MOST);
        found
    }

    fn heard(&self, busy: &Busy, all: i64, ends_at: Millis) {
        let mut known = self.of(busy.kind).lock();
        // A window that began meanwhile knows nothing of the one before.
        let window = known.get_mut(&busy.address);
        if let Some(window) = window.filter(|window| window.ends_at == busy.ends_at) {
            window.told = busy.count;
            let others = all - i64::from(busy.count);
            window.elsewhere = u32::try_from(others).unwrap_or(0);
            window.heard_until = ends_at;
        }
    }
}
