//! Encoders that stand still for a while, so that something else has the machine.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::tool::Ffmpeg;

/// The encoders at work, by their process groups.
#[derive(Default)]
pub(crate) struct Holding {
    is_held: AtomicBool,
    groups: Mutex<BTreeSet<i32>>,
}

impl Holding {
    fn groups(&self) -> MutexGuard<'_, BTreeSet<i32>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it is held with the others. Begins as they stand.
    pub fn add(&self, group: Pid) {
        let mut groups = self.groups();
        groups.insert(group.as_raw_nonzero().get());
        if self.is_held() {
            signal(group, Signal::STOP);
        }
    }

    /// To be called as soon as it is gone: its number may then belong to somebody else.
    pub fn remove(&self, group: Pid) {
        self.groups().remove(&group.as_raw_nonzero().get());
    }

    pub fn is_held(&self) -> bool {
        self.is_held.load(Ordering::Relaxed)
    }

    fn set(&self, is_held: bool) {
        let groups = self.groups();
        self.is_held.store(is_held, Ordering::Relaxed);
        let what = if is_held { Signal::STOP } else { Signal::CONT };
        for group in groups.iter().copied().filter_map(Pid::from_raw) {
            signal(group, what);
        }
    }

    fn busy_threads(&self) -> usize {
        let groups = self.groups();
        groups.iter().map(|pid| busy(*pid)).sum()
    }
}

fn signal(group: Pid, what: Signal) {
    // One that has just ended needs none.
    let _ = kill_process_group(group, what);
}

/// Threads that Linux counts in its load: those that run, wait for a processor or for the disk.
fn busy(pid: i32) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
    let is_busy = |folder: &Path| {
        let stat = std::fs::read_to_string(folder.join("stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(") ").map(|(_, rest)| rest);
        after_name.is_some_and(|rest| rest.starts_with(['R', 'D']))
    };
    let tasks = tasks.into_iter().flatten().flatten();
    tasks.filter(|task| is_busy(&task.path())).count()
}

impl Ffmpeg {
    /// Lets all encoders stand still where they are, or go on. Short looks at a file are not held:
    /// somebody waits for them.
    pub fn hold(&self, is_held: bool) {
        self.inner.holding.set(is_held);
    }

    pub fn is_held(&self) -> bool {
        self.inner.holding.is_held()
    }

    /// What the encoders add to the machine's load right now.
    pub fn busy_threads(&self) -> usize {
        self.inner.holding.busy_threads()
    }
}
