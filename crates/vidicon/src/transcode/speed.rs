//! How fast a run encodes, and how long the rest takes therefore.

use super::make::{Making, overtaken};
use super::{room, store};
use base::clock::Millis;
use base::job::{JobError, set_outlook, set_progress};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often progress is written down.
const REPORT_EVERY: Duration = Duration::from_secs(2);
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

impl Making<'_> {
    /// Writes progress down, and ends the run when its video is gone.
    pub async fn report(&self) -> Result<(), JobError> {
        let mut told = 0;
        loop {
            tokio::time::sleep(REPORT_EVERY).await;
            if !store::exists(&self.app.db, self.video.id).await? {
                return Err(overtaken(self.app));
            }
            let percent = self.percent.load(Ordering::Relaxed);
            if percent != told {
                set_progress(&self.app.db, &self.running.job, percent).await?;
                told = percent;
            }
            let is_held = self.work.ffmpeg.is_held();
            if !is_held {
                self.speed.worked(REPORT_EVERY);
            }
            let why = is_held.then_some(room::Why::Load.name());
            self.outlook(why).await?;
        }
    }

    /// Writes down how long the rest takes, and what it waits for.
    pub async fn outlook(&self, waits_for: Option<&str>) -> Result<(), JobError> {
        let left = self.speed.left_ms(self.plan.frames);
        let left = left.filter(|_| waits_for.is_none());
        set_outlook(&self.app.db, &self.running.job, left, waits_for).await?;
        Ok(())
    }

    pub fn note(&self, index: usize, share: f64) {
        let Some(chunk) = self.plan.chunks.get(index) else {
            return;
        };
        #[expect(clippy::cast_precision_loss, reason = "no video has 2^52 frames")]
        #[expect(clippy::cast_possible_truncation, reason = "it is at most 100")]
        let percent = ((chunk.first as f64 + chunk.frames as f64 * share) * 99.0
            / self.plan.frames.max(1) as f64) as i64;
        self.percent.store(percent, Ordering::Relaxed);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is at most the frames of a part"
        )]
        #[expect(clippy::cast_sign_loss, reason = "a share is not negative")]
        self.speed
            .reached(chunk.first + (chunk.frames as f64 * share) as u64);
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
