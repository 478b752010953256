//! Where newer versions come from.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Update {
    /// The folder of the newest release, where `vidicon update` looks. Empty: nowhere.
    pub url: String,
    /// The public key (Ed25519, Base64) of those whose releases are believed.
    pub key: String,
}
