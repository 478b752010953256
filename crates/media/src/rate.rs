//! Frame rates as exact fractions, and times in frames.

use serde::{Deserialize, Serialize};

/// Frames per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    pub num: u32,
    pub den: u32,
}

/// Every rate that is ever produced. At each of them two seconds' worth of frames is a whole number of microseconds.
const STANDARD: [Rate; 11] = [
    Rate::new(10, 1),
    Rate::new(12, 1),
    Rate::new(15, 1),
    Rate::new(24000, 1001),
    Rate::new(24, 1),
    Rate::new(25, 1),
    Rate::new(30000, 1001),
    Rate::new(30, 1),
    Rate::new(50, 1),
    Rate::new(60000, 1001),
    Rate::new(60, 1),
];

/// Of a picture that stands still.
pub const STILL: Rate = Rate::new(10, 1);

impl Rate {
    pub const fn new(num: u32, den: u32) -> Self {
        Self { num, den }
    }

    /// ffprobe's `30000/1001`; `0/0` is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (num, den) = text.split_once('/')?;
        let rate = Self::new(num.parse().ok()?, den.parse().ok()?);
        (rate.num > 0 && rate.den > 0).then_some(rate)
    }

    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den.max(1))
    }

    /// Frames between two keyframes, which is the length of a segment: two seconds.
    pub fn gop(self) -> u32 {
        let (num, den) = (self.num.max(1), self.den.max(1));
        ((4 * num + den) / (2 * den)).max(1)
    }

    /// Ticks per second of a track at this rate.
    pub fn timescale(self) -> u32 {
        if self.den == 1 {
            self.num * 512
        } else {
            self.num
        }
    }

    /// Ticks of one frame.
    pub fn frame_ticks(self) -> u32 {
        if self.den == 1 { 512 } else { self.den }
    }

    /// The time at which a frame starts.
    pub fn frame_us(self, frame: u64) -> i64 {
        let us = i128::from(frame) * i128::from(self.den) * 1_000_000 / i128::from(self.num.max(1));
        i64::try_from(us).unwrap_or(i64::MAX)
    }

    /// The nearest frame to a time.
    pub fn nearest_frame(self, us: i64) -> i64 {
        let den = 1_000_000 * i128::from(self.den.max(1));
        i64::try_from(round_div(i128::from(us) * i128::from(self.num), den)).unwrap_or(i64::MAX)
    }

    fn is_same_as(self, other: Self) -> bool {
        u64::from(self.num) * u64::from(other.den) == u64::from(other.num) * u64::from(self.den)
    }
}

pub(crate) fn round_div(a: i128, b: i128) -> i128 {
    (2 * a + b).div_euclid(2 * b)
}

/// Chooses the constant rate of the output. `short_gap_us` is the 10th percentile of the gaps between
/// frames: the average of a screen recording or a slide show says nothing.
pub fn choose(declared: &[Option<Rate>], short_gap_us: i64, max_fps: u32) -> Rate {
    let gap = short_gap_us as f64 / 1e6;
    let allowed = |rate: &&Rate| rate.as_f64() <= f64::from(max_fps.max(10)) + 1e-9;
    if gap > 0.1 {
        return nearest(30.0, allowed);
    }
    for rate in declared.iter().flatten() {
        let standard = STANDARD
            .iter()
            .filter(allowed)
            .find(|known| known.is_same_as(*rate));
        if let Some(standard) = standard
            && (standard.as_f64() * gap - 1.0).abs() < 0.15
        {
            return *standard;
        }
    }
    let mut wanted = if gap > 0.0 { 1.0 / gap } else { 30.0 };
    // 120 becomes 60, 100 becomes 50: whole frames are left out, none is shown longer than others.
    while wanted > f64::from(max_fps.max(10)) * 1.04 {
        wanted /= 2.0;
    }
    nearest(wanted, allowed)
}

fn nearest(wanted: f64, allowed: impl Fn(&&Rate) -> bool) -> Rate {
    let distance = |rate: &Rate| (rate.as_f64() - wanted).abs();
    let all = STANDARD.iter().filter(allowed);
    all.min_by(|a, b| distance(a).total_cmp(&distance(b)))
        .copied()
        .unwrap_or(STILL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTSC: Rate = Rate::new(30000, 1001);

    fn rate(text: &str) -> Option<Rate> {
        Rate::parse(text)
    }

    #[test]
    fn declared_rates_are_kept_when_they_fit() {
        assert_eq!(choose(&[rate("30000/1001")], 33_367, 60), NTSC);
        assert_eq!(choose(&[rate("25/1")], 40_000, 60), Rate::new(25, 1));
        assert_eq!(
            choose(&[rate("90000/1"), rate("24000/1001")], 41_708, 60),
            Rate::new(24000, 1001)
        );
        assert_eq!(choose(&[rate("50/2")], 40_000, 60), Rate::new(25, 1));
    }

    #[test]
    fn a_declared_rate_that_does_not_fit_is_not_believed() {
        assert_eq!(choose(&[rate("60/1")], 33_333, 60), Rate::new(30, 1));
        assert_eq!(choose(&[rate("16/1")], 66_000, 60), Rate::new(15, 1));
    }

    #[test]
    fn fast_sources_are_halved() {
        assert_eq!(choose(&[rate("120/1")], 8_333, 60), Rate::new(60, 1));
        assert_eq!(choose(&[rate("100/1")], 10_000, 60), Rate::new(50, 1));
        assert_eq!(choose(&[rate("60/1")], 16_667, 30), Rate::new(30, 1));
        assert_eq!(choose(&[rate("60000/1001")], 16_683, 30), NTSC);
    }

    #[test]
    fn slides_get_thirty() {
        assert_eq!(choose(&[rate("1/2")], 2_000_000, 60), Rate::new(30, 1));
        assert_eq!(choose(&[rate("1/2")], 2_000_000, 25), Rate::new(25, 1));
    }

    #[test]
    fn segment_starts_are_whole_microseconds() {
        for rate in STANDARD {
            let us = u64::from(rate.gop()) * u64::from(rate.den) * 1_000_000;
            assert_eq!(us % u64::from(rate.num), 0, "{rate:?}");
            assert!(
                (1_980_000..=2_010_000).contains(&rate.frame_us(u64::from(rate.gop()))),
                "{rate:?}"
            );
        }
    }

    #[test]
    fn frames_and_times_agree() {
        for frame in [0_u32, 1, 59, 60, 1_000_000] {
            assert_eq!(
                NTSC.nearest_frame(NTSC.frame_us(u64::from(frame))),
                i64::from(frame)
            );
        }
        assert_eq!(NTSC.nearest_frame(-33_367), -1);
    }
}
