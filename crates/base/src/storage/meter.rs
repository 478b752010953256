//! What is asked of buckets, counted in memory until somebody takes the figures.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Requests and bytes between this program and its buckets.
#[derive(Debug, Default)]
pub struct Meter {
    reads: AtomicU64,
    writes: AtomicU64,
    read_bytes: AtomicU64,
    written_bytes: AtomicU64,
}

/// Figures since the meter was last taken. Providers bill reads (get, head) and writes (put, copy, list,
/// parts) apart; deleting is free everywhere and is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metered {
    pub reads: u64,
    pub writes: u64,
    pub read_bytes: u64,
    pub written_bytes: u64,
}

impl Meter {
    pub(super) fn read(&self) {
        self.reads.fetch_add(1, Relaxed);
    }

    pub(super) fn read_bytes(&self, bytes: usize) {
        self.read_bytes
            .fetch_add(u64::try_from(bytes).unwrap_or(0), Relaxed);
    }

    pub(super) fn write(&self, bytes: usize) {
        self.writes.fetch_add(1, Relaxed);
        self.written_bytes
            .fetch_add(u64::try_from(bytes).unwrap_or(0), Relaxed);
    }

    /// Gives what was counted and begins anew.
    pub fn take(&self) -> Metered {
        Metered {
            reads: self.reads.swap(0, Relaxed),
            writes: self.writes.swap(0, Relaxed),
            read_bytes: self.read_bytes.swap(0, Relaxed),
            written_bytes: self.written_bytes.swap(0, Relaxed),
        }
    }
}
