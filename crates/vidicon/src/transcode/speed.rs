//! How fast a run encodes, and how long the rest takes therefore.

use base::clock::Millis;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Before so much of it has been measured, nothing is said.
const LEAST: Duration = Duration::from_secs(4);

#[derive(Debug, Default)]
pub struct Speed {
    /// The first frame that this run has reported, plus one; 0: none yet.
    first: AtomicU64,
    reached: AtomicU64,
    /// Without the time in which encoders stood still.
    worked_ms: AtomicU64,
}

impl Speed {
    pub fn reached(&self, frame: u64) {
        let _ = self
            .first
            .compare_exchange(0, frame + 1, Ordering::Relaxed, Ordering::Relaxed);
        self.reached.fetch_max(frame, Ordering::Relaxed);
    }

    pub fn worked(&self, time: Duration) {
        if self.first.load(Ordering::Relaxed) > 0 {
            let ms = u64::try_from(time.as_millis()).unwrap_or(0);
            self.worked_ms.fetch_add(ms, Ordering::Relaxed);
        }
    }

    /// The time for the frames that are missing, at the speed so far.
    pub fn left_ms(&self, frames: u64) -> Option<Millis> {
        let first = self.first.load(Ordering::Relaxed).checked_sub(1)?;
        let reached = self.reached.load(Ordering::Relaxed);
        let worked = self.worked_ms.load(Ordering::Relaxed);
        let done = reached.checked_sub(first).filter(|done| *done > 0)?;
        if u128::from(worked) < LEAST.as_millis() {
            return None;
        }
        let left = u128::from(frames.saturating_sub(reached)) * u128::from(worked);
        Millis::try_from(left / u128::from(done)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_was_done() {
        let speed = Speed::default();
        speed.worked(Duration::from_secs(60));
        assert_eq!(speed.left_ms(1000), None);
        speed.reached(100);
        speed.worked(Duration::from_secs(2));
        speed.reached(150);
        assert_eq!(speed.left_ms(1000), None, "too soon");
        speed.worked(Duration::from_secs(2));
        speed.reached(200);
        // A hundred frames in four seconds; eight hundred are missing.
        assert_eq!(speed.left_ms(1000), Some(32_000));
        assert_eq!(speed.left_ms(200), Some(0));
    }
}
