//! The settings that look after those who watch.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Videos from an age, and countries where videos are not shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Gate {
    pub enabled: bool,
    /// Countries where no video of the site is shown, in two capital letters each.
    pub countries: Vec<String>,
}

/// The filter that learns which comments are spam.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Spam {
    pub enabled: bool,
    /// Comments that are spam with this likelihood, in percent, are held for review.
    pub hold_above: i64,
}

impl Default for Spam {
    fn default() -> Self {
        Spam {
            enabled: false,
            hold_above: 70,
        }
    }
}

/// Emoji under videos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Reactions {
    pub enabled: bool,
    /// Those that can be chosen, in this order; at most 12.
    pub emoji: Vec<String>,
}

impl Default for Reactions {
    fn default() -> Self {
        Reactions {
            enabled: true,
            emoji: ["❤️", "😂", "😮", "😢", "👏", "🎉"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}
