//! What is known of a live broadcast beyond its video.

use super::{VideoId, store};
use base::Tx;
use base::clock::Millis;
use base::db::{Executor, Result};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Live {
    pub save_replay: bool,
    /// It can begin again after its end.
    pub permanent: bool,
    /// 1 usual, 2 high, 3 small.
    pub latency_mode: i64,
    /// So far back players can go, in seconds.
    pub dvr_window_s: Option<i64>,
    /// When it is to begin.
    pub starts: Vec<Millis>,
}

pub async fn of(on: impl Executor, id: VideoId) -> Result<Option<Live>> {
    store::live::of(on, id).await
}

/// Keeps what is said of a broadcast; nothing of a video that is none.
pub async fn keep(tx: &mut Tx, id: VideoId, live: Option<&Live>) -> Result<()> {
    match live {
        Some(live) => store::live::keep(tx, id, live).await?,
        None => store::live::forget(tx, id).await?,
    };
    Ok(())
}
