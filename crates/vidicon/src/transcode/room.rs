//! Encoders give way: they stand still while others need the machine, and begin nothing new at the
//! hours in which they may not work.

use crate::app::App;
use crate::instance::settings::read_hours;
use base::clock::{DAY, MINUTE, Millis, SECOND};
use base::job::{JobError, Running, set_outlook};
use parking_lot::Mutex;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Linux takes its load anew so often.
const ROUND: Duration = Duration::from_secs(5);
/// What a value weighs of the one before it in Linux's load of one minute.
const FADE: f64 = 0.920_044;
/// How long work that is not begun waits before it asks again.
const REST: Millis = 15 * SECOND;
/// They go on below this share of the load that has stopped them, so that they do not flicker.
const BACK_BELOW: f64 = 0.8;

/// Why encoders do not go on. The words stand in the jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Load,
    Hours,
}

impl Why {
    pub fn name(self) -> &'static str {
        match self {
            Why::Load => "load",
            Why::Hours => "hours",
        }
    }
}

/// What is known of the machine's other work.
#[derive(Debug, Default)]
pub struct Room(Mutex<Known>);

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// What encoders add to the load of one minute.
    own: f64,
    is_crowded: bool,
}

impl Room {
    /// Takes the load of all others, in percent of the machine's processors; 0 as the limit: none.
    /// Tells whether encoders have to stand still.
    pub fn observe(&self, others_percent: f64, limit: i64) -> bool {
        let mut known = self.0.lock();
        #[expect(clippy::cast_precision_loss, reason = "a setting of some hundreds")]
        let limit = limit as f64;
        let back = if known.is_crowded { BACK_BELOW } else { 1.0 };
        known.is_crowded = limit > 0.0 && others_percent > limit * back;
        known.is_crowded
    }

    pub fn is_crowded(&self) -> bool {
        self.0.lock().is_crowded
    }

    /// The load of one minute without what `busy` threads of encoders add to it.
    fn without_own(&self, load: f64, busy: f64) -> f64 {
        let mut known = self.0.lock();
        known.own = known.own * FADE + busy * (1.0 - FADE);
        (load - known.own).max(0.0)
    }
}

/// Looks at the machine again and again, and holds the encoders accordingly.
pub async fn watch(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        look(&app).await;
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn look(app: &App) {
    let Ok(ffmpeg) = app.ffmpeg().await else {
        return;
    };
    let limit = app.instance.settings().transcoding.pause_above_load;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load
        .split(' ')
        .next()
        .and_then(|load| load.parse().ok())
        .unwrap_or(0.0);
    let busy = u32::try_from(ffmpeg.busy_threads()).unwrap_or(0);
    let others = app.room.without_own(load, f64::from(busy));
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let processors = f64::from(u32::try_from(processors).unwrap_or(1));
    let is_crowded = app.room.observe(others * 100.0 / processors, limit);
    if is_crowded != ffmpeg.is_held() {
        tracing::info!(is_crowded, load, "encoders give way or go on");
        ffmpeg.hold(is_crowded);
    }
}

/// Lets work begin, or says when it may ask again.
pub async fn pass(app: &App, running: &Running) -> Result<(), JobError> {
    if app.room.is_crowded() {
        return wait(app, running, Why::Load, app.clock.now() + REST).await;
    }
    pass_hours(app, running).await
}

/// The same between two parts: under load they only stand still.
pub async fn pass_hours(app: &App, running: &Running) -> Result<(), JobError> {
    let settings = app.instance.settings();
    match opens_at(&settings.transcoding.hours, app.clock.now()) {
        Some(at) => wait(app, running, Why::Hours, at).await,
        None => Ok(()),
    }
}

async fn wait(app: &App, running: &Running, why: Why, until: Millis) -> Result<(), JobError> {
    set_outlook(&app.db, &running.job, None, Some(why.name())).await?;
    Err(JobError::Later(until))
}

/// When the hours begin, if it is not their time now.
fn opens_at(hours: &str, now: Millis) -> Option<Millis> {
    let (from, to) = read_hours(hours)?;
    let minute = now.rem_euclid(DAY) / MINUTE;
    let is_open = if from < to {
        (from..to).contains(&minute)
    } else {
        minute >= from || minute < to
    };
    let wait = (from - minute).rem_euclid(24 * 60) * MINUTE;
    (!is_open).then(|| now - now.rem_euclid(MINUTE) + wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::clock::HOUR;

    #[test]
    fn hours_may_go_over_midnight() {
        let at = |hour: i64| 400 * DAY + hour * HOUR + 90 * SECOND;
        assert_eq!(opens_at("", at(3)), None);
        assert_eq!(opens_at("22:00-06:30", at(23)), None);
        assert_eq!(opens_at("22:00-06:30", at(6)), None);
        assert_eq!(opens_at("22:00-06:30", at(7)), Some(400 * DAY + 22 * HOUR));
        assert_eq!(opens_at("02:00-04:00", at(3)), None);
        assert_eq!(opens_at("02:00-04:00", at(4)), Some(401 * DAY + 2 * HOUR));
    }

    #[test]
    fn crowds_stop_encoders_and_must_thin_out() {
        let room = Room::default();
        assert!(!room.observe(500.0, 0));
        assert!(!room.observe(99.0, 100));
        assert!(room.observe(101.0, 100));
        assert!(room.observe(90.0, 100));
        assert!(!room.observe(79.0, 100));
        assert!(!room.observe(90.0, 100));
    }

    #[test]
    fn their_own_work_is_no_crowd() {
        let room = Room::default();
        let mut load = 0.0;
        for _ in 0..200 {
            load = load * FADE + 8.0 * (1.0 - FADE);
            assert!(room.without_own(load, 8.0) < 0.001);
        }
        assert!((room.without_own(load + 3.0, 8.0) - 3.0).abs() < 0.01);
    }
}
