//! How much one address may ask for, and from where people may sign up.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// API calls of one address in ten seconds. Requests from this machine itself are not counted.
    pub api: u32,
    /// Failed log-ins of one address in five minutes.
    pub login: u32,
    /// Sign-ups of one address in five minutes.
    pub signup: u32,
    /// Requested mails (verification, password) of one address in five minutes.
    pub ask_mail: u32,
    /// How fast one address may download from this server, in Mbit/s; 0: as fast as it goes.
    pub download_address_mbit: u32,
    /// How fast all downloads together may be, in Mbit/s; 0: as fast as it goes.
    pub download_total_mbit: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            api: 50,
            login: 15,
            signup: 2,
            ask_mail: 3,
            download_address_mbit: 0,
            download_total_mbit: 0,
        }
    }
}

/// From where people may sign up. Whether they may at all is a setting of the site.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Signup {
    /// Networks such as `192.0.2.0/24`; empty: from everywhere.
    pub allow_networks: Vec<String>,
    /// Networks from which nobody may.
    pub deny_networks: Vec<String>,
}

impl Signup {
    pub fn lets_in(&self, address: IpAddr) -> bool {
        let allowed = self.allow_networks.is_empty()
            || crate::network::any_contains(&self.allow_networks, address);
        allowed && !crate::network::any_contains(&self.deny_networks, address)
    }
}
