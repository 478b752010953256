//! What the site's settings say about who may join, and with how much room.

use super::Instance;
use serde_json::Value;

/// The rules for new users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signup {
    pub enabled: bool,
    /// Users at the most; -1 for any number.
    pub limit: i64,
    /// Does somebody decide on each request?
    pub requires_approval: bool,
    /// Must the mail address be proved before the first log-in?
    pub requires_email_verification: bool,
    /// Bytes; -1 for no limit.
    pub quota_bytes: i64,
    pub quota_daily_bytes: i64,
}

impl Instance {
    pub fn signup(&self) -> Signup {
        let changes = self.changes();
        let flag = |section: &str, key: &str, usual: bool| {
            changes
                .get(section)
                .and_then(|it| it.get(key))
                .and_then(Value::as_bool)
                .unwrap_or(usual)
        };
        let number = |section: &str, key: &str, usual: i64| {
            changes
                .get(section)
                .and_then(|it| it.get(key))
                .and_then(Value::as_i64)
                .unwrap_or(usual)
        };
        Signup {
            enabled: flag("signup", "enabled", false),
            limit: number("signup", "limit", 10),
            requires_approval: flag("signup", "requiresApproval", true),
            requires_email_verification: flag("signup", "requiresEmailVerification", false),
            quota_bytes: number("user", "videoQuota", -1),
            quota_daily_bytes: number("user", "videoQuotaDaily", -1),
        }
    }

    /// The site's name.
    pub fn name(&self) -> String {
        self.text("instance", "name")
            .unwrap_or_else(|| "Vidicon".to_owned())
    }

    /// What becomes of sensitive videos for people who said nothing about it.
    pub fn nsfw_policy(&self) -> String {
        self.text("instance", "defaultNSFWPolicy")
            .unwrap_or_else(|| "do_not_list".to_owned())
    }

    fn text(&self, section: &str, key: &str) -> Option<String> {
        let changes = self.changes();
        changes.get(section)?.get(key)?.as_str().map(str::to_owned)
    }
}
