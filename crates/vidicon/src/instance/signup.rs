//! What the site's settings say about who may join, and with how much room.

use super::Instance;

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
        let settings = self.settings();
        let signup = settings.signup;
        let is_alone = settings.instance.customizations.is_one_channel();
        Signup {
            enabled: signup.enabled && !is_alone,
            limit: signup.limit,
            requires_approval: signup.requires_approval,
            requires_email_verification: signup.requires_email_verification,
            quota_bytes: settings.user.video_quota,
            quota_daily_bytes: settings.user.video_quota_daily,
        }
    }

    /// The site's name.
    pub fn name(&self) -> String {
        self.settings().instance.name.clone()
    }

    /// What becomes of sensitive videos for people who said nothing about it.
    pub fn nsfw_policy(&self) -> String {
        self.settings().instance.default_nsfw_policy.clone()
    }
}
