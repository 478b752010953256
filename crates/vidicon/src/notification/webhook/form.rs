//! What the body of a call looks like: our own event, or a sentence as the rooms of Discord and of
//! Matrix (the webhooks of hookshot) take it.

use super::super::{About, Kind, letter};
use crate::app::App;
use crate::{i18n, text};
use base::clock::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Characters of a sentence; Discord takes 2000 in all, and escaping may double them.
const LONGEST: usize = 500;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    #[default]
    Standard,
    Discord,
    Matrix,
}

impl Form {
    pub const NAMES: [&str; 3] = ["standard", "discord", "matrix"];

    pub fn name(self) -> &'static str {
        match self {
            Form::Standard => "standard",
            Form::Discord => "discord",
            Form::Matrix => "matrix",
        }
    }

    pub fn named(name: &str) -> Self {
        match name {
            "discord" => Form::Discord,
            "matrix" => Form::Matrix,
            _ => Form::Standard,
        }
    }
}

/// An event with all that is to be said of it.
pub struct Event<'e> {
    pub name: &'e str,
    pub kind: Option<Kind>,
    pub about: &'e About,
    pub data: Map<String, Value>,
    pub at: Millis,
}

pub fn body(app: &App, form: Form, event: Event<'_>) -> Value {
    let site = app.instance.name();
    match form {
        Form::Standard => json!({
            "type": event.name, "timestamp": crate::check::iso(event.at), "data": event.data,
        }),
        Form::Discord => {
            let (said, url) = sentence(app, &event, &site);
            let content = format!("**{}**: {}\n{url}", unmarked(&site), unmarked(&said));
            // A title cannot call everybody in the room.
            json!({ "content": content, "allowed_mentions": { "parse": [] } })
        }
        Form::Matrix => {
            let (said, url) = sentence(app, &event, &site);
            let html = format!(
                "<strong>{}</strong>: {}<br><a href=\"{url}\">{url}</a>",
                text::escaped(&site),
                text::escaped(&said),
                url = text::escaped(&url)
            );
            json!({ "text": format!("{site}: {said}\n{url}"), "html": html, "username": site })
        }
    }
}

/// What happened, in the language of the site, and where it can be seen.
fn sentence(app: &App, event: &Event<'_>, site: &str) -> (String, String) {
    let texts = i18n::texts(&app.instance.settings().instance.default_language);
    let key = key(event.name);
    let Some(kind) = event.kind else {
        return (texts.get(key).to_owned(), app.url("/"));
    };
    let kind = match event.name {
        "import.failed" => Kind::ImportFailed,
        _ => kind,
    };
    let said = letter::filled(texts, key, kind, &event.data, site);
    let path = match kind {
        // Those who read it are no party to it.
        Kind::AbuseJudged => "/admin/reports".to_owned(),
        _ => letter::path(kind, &event.data, event.about),
    };
    (text::truncated(&said, LONGEST), app.url(&path))
}

fn key(event: &str) -> &'static str {
    match event {
        "video.uploaded" => "hook-uploaded",
        "video.published" => "hook-published",
        "video.blocked" => "hook-blocked",
        "video.unblocked" => "hook-unblocked",
        "live.started" => "hook-live",
        "comment.created" => "hook-comment",
        "comment.approved" => "hook-comment-approved",
        "follow.created" => "hook-followed",
        "user.registered" => "hook-registered",
        "registration.created" => "hook-asked",
        "report.created" => "hook-reported",
        "report.decided" => "hook-decided",
        "import.finished" => "hook-imported",
        "import.failed" => "hook-import-failed",
        _ => "hook-test",
    }
}

/// Markdown that says itself.
fn unmarked(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if letter.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(if letter == '\n' { ' ' } else { letter });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_only_words() {
        assert_eq!(unmarked("a*b [x](y)\nz"), r"a\*b \[x\]\(y\) z");
        for form in [Form::Standard, Form::Discord, Form::Matrix] {
            assert_eq!(Form::named(form.name()), form);
        }
    }
}
