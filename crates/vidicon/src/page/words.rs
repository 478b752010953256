//! What went wrong, in the words and the language of a page.

use super::Page;
use crate::error::Error;
use axum::http::StatusCode;
use serde_json::Value;

/// Codes whose meaning has a sentence of its own.
const CODES: [(&str, &str); 12] = [
    ("quota_reached", "fault-quota"),
    ("max_file_size_reached", "fault-no-room"),
    ("current_password_is_invalid", "fault-password"),
    ("invalid_two_factor", "login-code-wrong"),
    ("too_long_password", "fault-long-password"),
    ("email_already_exists", "fault-email-taken"),
    ("username_already_exists", "fault-name-taken"),
    ("otp_token_already_used", "login-code-wrong"),
    ("signup_disabled", "signup-closed"),
    ("registration_exists", "fault-name-taken"),
    ("incorrect_video_password", "fault-password"),
    ("video_already_being_transcoded", "fault-being-made"),
];

/// A sentence about an error. `labels` says how the form calls its fields: name and message.
pub fn fault(page: &Page, error: &Error, labels: &[(&str, &'static str)]) -> String {
    if let Some(code) = error.code_str()
        && let Some((_, key)) = CODES.iter().find(|(known, _)| *known == code)
    {
        return page.t(key).to_owned();
    }
    let wrong = error.problem().extras.get("invalid-params");
    if let Some(Value::Object(wrong)) = wrong {
        let names: Vec<&str> = wrong
            .keys()
            .map(|field| {
                let label = labels.iter().find(|(name, _)| name == field);
                label.map_or(field.as_str(), |(_, key)| page.t(key))
            })
            .collect();
        return page.tx("fault-fields", "fields", names.join(", "));
    }
    match error.status() {
        StatusCode::TOO_MANY_REQUESTS => page.t("login-fast").to_owned(),
        StatusCode::FORBIDDEN => page.t("error-403").to_owned(),
        _ => error.detail().to_owned(),
    }
}
