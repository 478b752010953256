//! Pages about one's own account: joining, a lost password, settings.

pub mod invitations;
pub mod join;
pub mod lost;
pub mod mutes;
pub mod notices;
pub mod offers;
pub mod reports;
pub mod security;
pub mod settings;
pub mod tokens;
pub mod watched;

use crate::check::Body;
use crate::page::Page;
use crate::page::card::Tab;
use serde_json::{Map, Value};

/// How the forms call their fields.
const LABELS: [(&str, &str); 12] = [
    ("username", "signup-name"),
    ("email", "email"),
    ("password", "password"),
    ("registrationReason", "signup-reason"),
    ("displayName", "display-name"),
    ("description", "about-you"),
    ("name", "channel-name"),
    ("avatarfile", "your-picture"),
    ("currentPassword", "password-old"),
    ("otpToken", "login-code"),
    ("nsfwPolicy", "sensitive-policy"),
    ("support", "support"),
];

/// A body as the API's verbs read it.
fn body<const N: usize>(fields: [(&str, Value); N]) -> Body {
    let fields = fields.into_iter();
    Body(
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<String, Value>>(),
    )
}

/// The tabs above the pages of settings.
pub fn tabs(page: &Page, now: &str) -> Vec<Tab> {
    [
        ("/my/settings", page.t("profile")),
        ("/my/settings/security", page.t("security")),
        ("/my/settings/notices", page.t("notices")),
        ("/my/settings/words", page.t("watched-words")),
        ("/my/settings/invitations", page.t("invitations")),
        ("/my/mutes", page.t("own-mutes")),
        ("/my/offers", page.t("offers")),
        ("/my/logins", page.t("sso-title")),
        ("/my/settings/tokens", page.t("tokens")),
        ("/my/settings/data", page.t("takeout")),
        ("/my/reports", page.t("own-reports")),
    ]
    .into_iter()
    .map(|(url, label)| Tab {
        url: url.to_owned(),
        label: label.to_owned(),
        now: url == now,
    })
    .collect()
}
