//! The jobs of federation.

use super::store;
use super::{deliver, receive};
use crate::app::App;
use base::clock::DAY;
use base::job::{JobError, Running};

/// What is worked off: activities that came in, and the queues of other servers.
pub const RECEIVE: &str = receive::JOB;
pub const DELIVER: &str = deliver::JOB;

pub async fn receive(app: &App, running: &Running) -> Result<(), JobError> {
    receive::run(app, running).await
}

pub async fn deliver(app: &App, running: &Running) -> Result<(), JobError> {
    deliver::run(app, running).await
}

/// Forgets what is long done; ids are kept for a month, so that nothing is taken twice.
pub async fn tidy(app: &App) -> Result<(), JobError> {
    store::prune(&app.db, app.clock.now() - 30 * DAY).await?;
    Ok(())
}
