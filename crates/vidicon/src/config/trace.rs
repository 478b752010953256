//! Where traces go.

use super::{ConfigError, wrong};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Traces {
    /// The collector's address for traces: `http://127.0.0.1:4318/v1/traces`. Empty: none are made.
    pub url: String,
    /// What share of requests and jobs is told of, 0 to 1.
    pub share: f64,
    /// What is sent as `Authorization`, such as `Bearer …`.
    #[serde(skip_serializing)]
    pub authorization: String,
}

impl Default for Traces {
    fn default() -> Self {
        Traces {
            url: String::new(),
            share: 1.0,
            authorization: String::new(),
        }
    }
}

impl Traces {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let parsed = url::Url::parse(&self.url);
        let fits = parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !self.url.is_empty() && !fits {
            let allowed = "http(s)://collector:4318/v1/traces";
            return Err(wrong("traces.url", &self.url, allowed));
        }
        if !(0.0..=1.0).contains(&self.share) {
            return Err(wrong("traces.share", &self.share, "0 to 1"));
        }
        Ok(())
    }
}
