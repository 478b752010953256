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
