//! The fields of a video in forms: their choices, and what was typed as the API's verbs read it.

use crate::account::User;
use crate::app::App;
use crate::channel::{self, ChannelFilter};
use crate::error::Result;
use crate::fold::fold;
use crate::listing::{Paging, Sort};
use crate::page::Page;
use crate::page::card::Choice;
use crate::video::{Privacy, Quality, gate, labels};
use serde_json::{Map, Value, json};

/// How the forms call the fields of a video.
pub const LABELS: [(&str, &str); 17] = [
    ("name", "title"),
    ("description", "description"),
    ("support", "support"),
    ("channelId", "channel"),
    ("licence", "licence"),
    ("category", "category"),
    ("language", "video-language"),
    ("tags", "tags"),
    ("privacy", "who-can-see"),
    ("videoPasswords", "video-password"),
    ("scheduleUpdate.updateAt", "schedule-at"),
    ("originallyPublishedAt", "made-on"),
    ("chapters", "chapters"),
    ("nsfwSummary", "sensitive-why"),
    ("minAge", "gate-from-age"),
    ("hiddenInCountries", "gate-hidden-in"),
    ("videofile", "files"),
];

/// What can be chosen.
#[derive(Debug)]
pub struct Options {
    pub channels: Vec<Choice>,
    pub licences: Vec<Choice>,
    pub categories: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub privacies: Vec<Choice>,
}

/// What is chosen now, as the form has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chosen<'a> {
    pub channel: &'a str,
    pub licence: &'a str,
    pub category: &'a str,
    pub language: &'a str,
    pub privacy: &'a str,
}

impl Options {
    pub async fn read(app: &App, page: &Page, me: &User, chosen: Chosen<'_>) -> Result<Self> {
        Ok(Options {
            channels: channels(app, me, chosen.channel).await?,
            licences: page.choices(
                numbered(page, "licence", labels::licences(page.labels)),
                chosen.licence,
                Some(page.t("licence-none")),
            ),
            categories: page.choices(
                numbered(page, "category", labels::categories(page.labels)),
                chosen.category,
                Some(page.t("category-none")),
            ),
            languages: page.choices(
                languages(page),
                chosen.language,
                Some(page.t("language-none")),
            ),
            privacies: privacies(page, chosen.privacy),
        })
    }
}

/// One's own channels and those that one helps with.
async fn channels(app: &App, me: &User, chosen: &str) -> Result<Vec<Choice>> {
    let filter = ChannelFilter {
        account_id: Some(me.account_id),
        with_collaborations: true,
        ..ChannelFilter::default()
    };
    let all = Paging {
        start: 0,
        count: 100,
    };
    let sort = Sort {
        column: "createdAt",
        descending: false,
    };
    let (_, found) = channel::list(app, &filter, all, sort).await?;
    let choice = |channel: channel::Channel| {
        let value = channel.id.to_string();
        Choice {
            chosen: value == chosen,
            value,
            label: channel.display_name,
            note: "",
        }
    };
    Ok(found.into_iter().map(choice).collect())
}

fn numbered(page: &Page, kind: &str, labels: labels::Numbered) -> Vec<(String, &'static str)> {
    labels
        .all()
        .map(|(id, label)| {
            let word = page.texts.find(&format!("{kind}-{id}"));
            (id.to_string(), word.unwrap_or(label))
        })
        .collect()
}

/// Languages by their names.
pub fn languages(page: &Page) -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &'static str)> = labels::LANGUAGES
        .iter()
        .map(|(code, label)| {
            let own = page.language_name(code);
            ((*code).to_owned(), own.unwrap_or(label))
        })
        .collect();
    all.sort_by_cached_key(|(_, label)| fold(label));
    all
}

pub fn privacies(page: &Page, chosen: &str) -> Vec<Choice> {
    let choice = |privacy: &Privacy| {
        let number = privacy.number();
        let value = number.to_string();
        Choice {
            label: privacy_word(page, *privacy).to_owned(),
            note: page
                .texts
                .find(&format!("privacy-{number}-note"))
                .unwrap_or(""),
            chosen: value == chosen,
            value,
        }
    };
    Privacy::ALL.iter().map(choice).collect()
}

pub fn qualities(page: &Page, chosen: Quality) -> Vec<Choice> {
    let words = [
        page.t("look-default"),
        page.t("look-grain"),
        page.t("look-screen"),
        page.t("look-talk"),
        page.t("look-animation"),
        page.t("look-pixel"),
        page.t("look-archive"),
    ];
    let names = Quality::NAMES.map(str::to_owned);
    page.choices(names.into_iter().zip(words), chosen.name(), None)
}

pub fn ages(page: &Page, chosen: i64) -> Vec<Choice> {
    let word = |age: &i64| match age {
        0 => page.t("gate-any-age").to_owned(),
        age => page.tx("gate-age", "age", age),
    };
    let choice = |age: &i64| Choice {
        value: age.to_string(),
        label: word(age),
        note: "",
        chosen: *age == chosen,
    };
    gate::AGES.iter().map(choice).collect()
}

/// Codes of countries between spaces and commas.
pub fn codes(typed: &str) -> Vec<&str> {
    let between = |c: char| c == ',' || c.is_whitespace();
    typed
        .split(between)
        .filter(|code| !code.is_empty())
        .collect()
}

pub fn privacy_word(page: &Page, privacy: Privacy) -> &'static str {
    match privacy {
        Privacy::Public => page.t("privacy-1"),
        Privacy::Unlisted => page.t("privacy-2"),
        Privacy::Private => page.t("privacy-3"),
        Privacy::Internal => page.t("privacy-4"),
        Privacy::Password => page.t("privacy-5"),
    }
}

/// What a form has, as a body of the API: empty fields are null, words between commas a list.
pub fn body(fields: &Map<String, Value>) -> Map<String, Value> {
    let text = |name: &str| {
        let typed = fields.get(name).and_then(Value::as_str).map(str::trim);
        typed.map(|typed| typed.replace("\r\n", "\n"))
    };
    let mut body = Map::new();
    for name in ["name", "channelId", "privacy"] {
        if let Some(typed) = text(name) {
            body.insert(name.to_owned(), typed.into());
        }
    }
    for name in ["description", "support", "licence", "category", "language"] {
        if let Some(typed) = text(name) {
            let value = if typed.is_empty() {
                Value::Null
            } else {
                typed.into()
            };
            body.insert(name.to_owned(), value);
        }
    }
    if let Some(typed) = text("tags") {
        body.insert("tags".to_owned(), json!(tags(&typed)));
    }
    if let Some(typed) = text("video_password") {
        let lines: Vec<&str> = typed.lines().map(str::trim).collect();
        let given: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        if !given.is_empty() {
            body.insert("videoPasswords".to_owned(), json!(given));
        }
    }
    body
}

/// Words between commas.
pub fn tags(typed: &str) -> Vec<&str> {
    typed
        .split(',')
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_a_body() {
        let typed = json!({
            "name": " Sea ", "channelId": "3", "description": "", "tags": "a sea, , salt",
            "licence": "", "category": "4", "video_password": "one\r\n\r\ntwo",
        });
        let body = body(typed.as_object().unwrap());
        assert_eq!(
            Value::Object(body),
            json!({
                "name": "Sea", "channelId": "3", "description": null, "tags": ["a sea", "salt"],
                "licence": null, "category": "4", "videoPasswords": ["one", "two"],
            })
        );
    }
}
