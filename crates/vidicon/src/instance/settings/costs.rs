//! The settings of what the site may cost, and of what may be put aside to save.

use super::{Off, On};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The price table, the budget of a month, and what happens when it is nearly used up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Costs {
    /// Whose prices hold where none is written below.
    pub provider: String,
    /// In the currency of the prices; 0 is none.
    pub budget: f64,
    /// At 90 %: players stay at 480p unless their viewer asks for more.
    pub lower_quality: On,
    /// At 90 %: files in a bucket do not pass through this server.
    pub redirect_only: On,
    /// At 90 %: the upload page says how things stand.
    pub ask_uploaders: On,
    /// At 100 %: no new files.
    pub stop_uploads: Off,
    pub prices: Prices,
}

/// Prices of a month; -1 is the provider's. Gigabytes are of a thousand million bytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Prices {
    pub base: f64,
    pub included_storage_gb: f64,
    pub storage_gb: f64,
    pub included_egress_gb: f64,
    pub egress_gb: f64,
    /// For a million of each.
    pub writes_million: f64,
    pub reads_million: f64,
    /// The machine itself, with what may leave it.
    pub server_base: f64,
    pub server_included_gb: f64,
    pub server_egress_gb: f64,
}

/// What is kept of videos that nobody watches. Days; 0 is never.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// Originals go to the storage class `archive` when their video was not watched for so long.
    pub archive_originals_days: i64,
    /// Larger renditions of a video that was not watched for so long go; they are made again when somebody does.
    pub drop_renditions_days: i64,
    /// The largest rendition that stays; the smallest there is always does.
    pub keep_height: i64,
}

impl Default for Costs {
    fn default() -> Self {
        Costs {
            provider: "custom".to_owned(),
            budget: 0.0,
            lower_quality: On::default(),
            redirect_only: On::default(),
            ask_uploaders: On::default(),
            stop_uploads: Off::default(),
            prices: Prices::default(),
        }
    }
}

impl Default for Prices {
    fn default() -> Self {
        Prices {
            base: -1.0,
            included_storage_gb: -1.0,
            storage_gb: -1.0,
            included_egress_gb: -1.0,
            egress_gb: -1.0,
            writes_million: -1.0,
            reads_million: -1.0,
            server_base: -1.0,
            server_included_gb: -1.0,
            server_egress_gb: -1.0,
        }
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Lifecycle {
            archive_originals_days: 0,
            drop_renditions_days: 0,
            keep_height: 480,
        }
    }
}
