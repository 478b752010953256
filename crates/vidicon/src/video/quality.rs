//! What a video's picture is like, so that its encoders keep what matters in it.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    #[default]
    Default,
    /// Film grain, noise, glitches: what encoders like to smooth away.
    Grain,
    /// Text and windows.
    Screen,
    /// Somebody talks before a still background.
    Talk,
    Animation,
    /// Made of few large pixels, which are never blurred.
    Pixel,
    /// As near to the original as players allow.
    Archive,
}

impl Quality {
    pub const ALL: [Quality; 7] = [
        Quality::Default,
        Quality::Grain,
        Quality::Screen,
        Quality::Talk,
        Quality::Animation,
        Quality::Pixel,
        Quality::Archive,
    ];
    pub const NAMES: [&'static str; 7] = [
        "default",
        "grain",
        "screen",
        "talk",
        "animation",
        "pixel",
        "archive",
    ];

    pub fn name(self) -> &'static str {
        match self {
            Quality::Default => "default",
            Quality::Grain => "grain",
            Quality::Screen => "screen",
            Quality::Talk => "talk",
            Quality::Animation => "animation",
            Quality::Pixel => "pixel",
            Quality::Archive => "archive",
        }
    }

    pub fn of(name: &str) -> Option<Self> {
        Quality::ALL
            .into_iter()
            .find(|quality| quality.name() == name)
    }

    /// What libx264 is tuned for; nothing where its usual ways are best.
    pub fn tune(self) -> &'static str {
        match self {
            Quality::Default | Quality::Talk => "",
            Quality::Grain => "grain",
            // Keeps hard edges: on pixel art fewer bytes and a better picture than `animation`.
            Quality::Screen | Quality::Pixel => "stillimage",
            Quality::Animation => "animation",
            Quality::Archive => "film",
        }
    }

    /// The constant quality, from the site's own: lower is better and larger.
    pub fn crf(self, usual: u32) -> u32 {
        match self {
            Quality::Default | Quality::Grain | Quality::Animation | Quality::Pixel => usual,
            Quality::Screen => usual.saturating_sub(2),
            Quality::Talk => usual + 1,
            Quality::Archive => usual.saturating_sub(5),
        }
        .min(51)
    }

    /// The highest bit rates, in percent of the usual ones.
    pub fn rate_percent(self) -> u32 {
        match self {
            Quality::Default | Quality::Screen | Quality::Animation | Quality::Pixel => 100,
            Quality::Talk => 70,
            Quality::Grain | Quality::Archive => 200,
        }
    }

    /// Are smaller renditions made of whole pixels?
    pub fn is_nearest(self) -> bool {
        self == Quality::Pixel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for (quality, name) in Quality::ALL.into_iter().zip(Quality::NAMES) {
            assert_eq!(Quality::of(name), Some(quality));
            assert_eq!(serde_json::json!(quality), name);
        }
        assert_eq!(Quality::of("best"), None);
        assert_eq!((Quality::Archive.crf(3), Quality::Talk.crf(51)), (0, 51));
    }
}
