//! Some of a plan's renditions: those that viewers get before the others.

use crate::ladder::Rung;
use crate::plan::Plan;

/// Where there are renditions above `AT_ONCE`, viewers get those up to `SOON` first.
const AT_ONCE: u32 = 1080;
const SOON: u32 = 720;

impl Plan {
    /// The size of the largest of all renditions of the title.
    pub(crate) fn top(&self) -> Option<(u32, u32)> {
        let first = self.rungs.first().map(|rung| (rung.width, rung.height));
        self.top.or(first)
    }

    /// The same for some of the renditions: each is, byte for byte, as it is when all are made at once.
    pub fn of(&self, rungs: Vec<Rung>) -> Self {
        Self {
            top: self.top(),
            rungs,
            ..self.clone()
        }
    }

    /// The small renditions and the large ones, where the large ones take so long that viewers are to have the first
    /// part of the small ones before. What is copied is there before either.
    pub fn in_two(&self) -> Option<(Self, Self)> {
        let (large, small): (Vec<Rung>, Vec<Rung>) = self
            .rungs
            .iter()
            .cloned()
            .partition(|rung| rung.resolution > SOON);
        let is_slow = large.iter().any(|rung| rung.resolution > AT_ONCE);
        (is_slow && !small.is_empty() && self.copy.is_none())
            .then(|| (self.of(small), self.of(large)))
    }
}
