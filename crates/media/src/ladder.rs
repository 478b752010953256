//! Which renditions to make of a picture.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the site wants. A rendition is named by the short side of its picture, in portrait too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LadderConfig {
    pub resolutions: Vec<u32>,
    /// Also make one at the source's own size.
    pub keep_original: bool,
    /// No rendition is larger than this, the original's neither.
    pub max_resolution: u32,
    pub max_fps: u32,
    /// Highest bit rate of each resolution at up to 30 frames per second, in kbit/s.
    pub max_kbits: BTreeMap<u32, u32>,
}

impl Default for LadderConfig {
    fn default() -> Self {
        let caps = [
            (144, 200),
            (240, 400),
            (360, 800),
            (480, 1400),
            (720, 2800),
            (1080, 5000),
            (1440, 9000),
        ];
        Self {
            resolutions: vec![144, 240, 360, 480, 720, 1080, 1440, 2160],
            keep_original: true,
            max_resolution: 2160,
            max_fps: 60,
            max_kbits: caps
                .into_iter()
                .chain([(2160, 18_000), (4320, 60_000)])
                .collect(),
        }
    }
}

/// One rendition of the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// The short side: 720 for 1280x720 and for 720x1280.
    pub resolution: u32,
    pub width: u32,
    pub height: u32,
    pub max_kbits: u32,
    /// Its own constant quality; none: that of the whole plan.
    #[serde(default)]
    pub crf: Option<u32>,
}

impl Rung {
    /// Names its files: `720`.
    pub fn name(&self) -> String {
        self.resolution.to_string()
    }
}

/// The highest first; never empty, never larger than the source. `display` is the picture as it is shown.
pub fn ladder(display: (u32, u32), is_fast: bool, config: &LadderConfig) -> Vec<Rung> {
    let (width, height) = (display.0.max(2), display.1.max(2));
    let own = even(width.min(height)).min(even(config.max_resolution));
    let mut resolutions: Vec<u32> = config
        .resolutions
        .iter()
        .map(|side| even(*side))
        .filter(|s| *s <= own)
        .collect();
    if config.keep_original || resolutions.is_empty() {
        resolutions.push(own);
    }
    resolutions.sort_unstable_by(|a, b| b.cmp(a));
    resolutions.dedup();
    let rung = |resolution| {
        let (width, height) = size((width, height), resolution);
        Rung {
            resolution,
            width,
            height,
            max_kbits: cap(resolution, is_fast, config),
            crf: None,
        }
    };
    resolutions.into_iter().map(rung).collect()
}

/// Highest bit rate: that of the next listed resolution, half as much again for more than 30 frames per second.
pub fn cap(resolution: u32, is_fast: bool, config: &LadderConfig) -> u32 {
    let listed = config
        .max_kbits
        .range(resolution..)
        .next()
        .or_else(|| config.max_kbits.iter().next_back());
    let kbits = listed.map_or(20_000, |(_, kbits)| *kbits).max(50);
    if is_fast { kbits + kbits / 2 } else { kbits }
}

/// Even numbers, same shape, short side as given. Players and encoders stop at 8192 on the long side.
fn size(display: (u32, u32), short: u32) -> (u32, u32) {
    let (small, large) = (display.0.min(display.1), display.0.max(display.1));
    let long =
        2 * ((u64::from(short) * u64::from(large) + u64::from(small)) / (2 * u64::from(small)));
    let long = u32::try_from(long)
        .unwrap_or(8192)
        .min(even(large))
        .min(8192);
    if display.0 >= display.1 {
        (long, short)
    } else {
        (short, long)
    }
}

fn even(side: u32) -> u32 {
    (side & !1).max(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(display: (u32, u32), config: &LadderConfig) -> Vec<(u32, u32, u32)> {
        ladder(display, false, config)
            .iter()
            .map(|rung| (rung.resolution, rung.width, rung.height))
            .collect()
    }

    #[test]
    fn an_ordinary_video_has_all_smaller_ones() {
        let all = sizes((1280, 720), &LadderConfig::default());
        assert_eq!(
            all,
            [
                (720, 1280, 720),
                (480, 854, 480),
                (360, 640, 360),
                (240, 426, 240),
                (144, 256, 144)
            ]
        );
    }

    #[test]
    fn portrait_is_named_by_its_short_side() {
        let config = LadderConfig {
            resolutions: vec![360],
            ..LadderConfig::default()
        };
        assert_eq!(
            sizes((720, 1280), &config),
            [(720, 720, 1280), (360, 360, 640)]
        );
    }

    #[test]
    fn the_original_is_kept_even_and_never_doubled() {
        let config = LadderConfig {
            resolutions: vec![240, 352],
            ..LadderConfig::default()
        };
        assert_eq!(
            sizes((629, 353), &config),
            [(352, 628, 352), (240, 428, 240)]
        );
        let config = LadderConfig {
            keep_original: false,
            ..config
        };
        assert_eq!(
            sizes((1920, 816), &config),
            [(352, 828, 352), (240, 564, 240)]
        );
    }

    #[test]
    fn nothing_is_scaled_up() {
        let config = LadderConfig {
            keep_original: false,
            ..LadderConfig::default()
        };
        assert_eq!(sizes((100, 50), &config), [(50, 100, 50)]);
        assert_eq!(sizes((1, 1), &config), [(2, 2, 2)]);
        let all = sizes((7680, 4320), &LadderConfig::default());
        assert_eq!(all[0], (2160, 3840, 2160));
        assert_eq!(sizes((60_000, 100), &config), [(100, 8192, 100)]);
    }

    #[test]
    fn caps_come_from_the_next_listed_size() {
        let config = LadderConfig::default();
        assert_eq!(cap(720, false, &config), 2800);
        assert_eq!(cap(720, true, &config), 4200);
        assert_eq!(cap(816, false, &config), 5000);
        assert_eq!(cap(9000, false, &config), 60_000);
    }
}
