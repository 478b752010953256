//! The settings of the place, grouped by what somebody wants to achieve. What the settings file
//! fixes is shown, but cannot be changed here.

use super::tabs;
use crate::app::App;
use crate::error::{Error, Result};
use crate::instance;
use crate::page::card::{Choice, Tab};
use crate::page::form::Form;
use crate::page::{Page, go, words};
use crate::video::studio::codes;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct Settings<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    groups: Vec<Group>,
    /// Else the settings file alone says everything.
    editable: bool,
}

struct Group {
    id: &'static str,
    title: &'static str,
    hint: &'static str,
    fields: Vec<Field>,
}

struct Field {
    name: &'static str,
    label: String,
    kind: Kind,
    value: String,
    on: bool,
    choices: Vec<Choice>,
    locked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Check,
    Text,
    Area,
    /// Words with spaces or commas between.
    Codes,
    Number,
    /// Bytes, typed in gigabytes; nothing is no limit.
    Room,
    /// A colour or a length as CSS has it; nothing for our own.
    Style,
    Choice(&'static [(&'static str, &'static str)]),
}

impl Kind {
    fn is_check(self) -> bool {
        self == Kind::Check
    }

    fn is_area(self) -> bool {
        self == Kind::Area
    }

    fn is_choice(self) -> bool {
        matches!(self, Kind::Choice(_))
    }

    fn input(self) -> &'static str {
        match self {
            Kind::Number => "number",
            _ => "text",
        }
    }
}

const SENSITIVE: Kind = Kind::Choice(&[
    ("display", "sensitive-display"),
    ("blur", "sensitive-blur"),
    ("warn", "sensitive-warn"),
    ("do_not_list", "sensitive-hide"),
]);
const LEVEL: Kind = Kind::Choice(&[
    ("info", "broadcast-info"),
    ("warning", "broadcast-warning"),
    ("error", "broadcast-error"),
]);

type Line = (&'static str, &'static str, Kind);

/// Place in the tree of settings, its message, and how it is typed. A message that ends in `p` is
/// the name of a size itself.
const LOOK: [Line; 11] = [
    ("instance.name", "setting-name", Kind::Text),
    ("instance.shortDescription", "setting-short", Kind::Text),
    ("instance.description", "setting-about", Kind::Area),
    ("instance.terms", "setting-terms", Kind::Area),
    ("instance.codeOfConduct", "setting-conduct", Kind::Area),
    ("instance.social.externalLink", "setting-web", Kind::Text),
    (
        "instance.social.mastodonLink",
        "setting-mastodon",
        Kind::Text,
    ),
    ("instance.social.blueskyLink", "setting-bluesky", Kind::Text),
    ("instance.social.xLink", "setting-x", Kind::Text),
    ("admin.email", "setting-mail", Kind::Text),
    ("contactForm.enabled", "setting-contact", Kind::Check),
];
const JOIN: [Line; 5] = [
    ("signup.enabled", "setting-signup-open", Kind::Check),
    (
        "signup.requiresApproval",
        "setting-signup-approval",
        Kind::Check,
    ),
    (
        "signup.requiresEmailVerification",
        "setting-signup-mail",
        Kind::Check,
    ),
    ("signup.limit", "setting-signup-limit", Kind::Number),
    ("signup.minimumAge", "setting-signup-age", Kind::Number),
];
const ROOM: [Line; 3] = [
    ("user.videoQuota", "setting-room", Kind::Room),
    ("user.videoQuotaDaily", "setting-room-daily", Kind::Room),
    ("videoChannels.maxPerUser", "setting-channels", Kind::Number),
];
const QUALITY: [Line; 18] = [
    ("transcoding.enabled", "setting-making", Kind::Check),
    ("transcoding.resolutions.2160p", "2160p", Kind::Check),
    ("transcoding.resolutions.1440p", "1440p", Kind::Check),
    ("transcoding.resolutions.1080p", "1080p", Kind::Check),
    ("transcoding.resolutions.720p", "720p", Kind::Check),
    ("transcoding.resolutions.480p", "480p", Kind::Check),
    ("transcoding.resolutions.360p", "360p", Kind::Check),
    ("transcoding.resolutions.240p", "240p", Kind::Check),
    ("transcoding.resolutions.144p", "144p", Kind::Check),
    ("transcoding.fps.max", "setting-fps", Kind::Number),
    (
        "transcoding.originalFile.keep",
        "setting-original",
        Kind::Check,
    ),
    (
        "transcoding.webVideos.enabled",
        "setting-web-files",
        Kind::Check,
    ),
    ("transcoding.av1.enabled", "setting-av1", Kind::Check),
    (
        "transcoding.perTitle.enabled",
        "setting-per-title",
        Kind::Check,
    ),
    (
        "transcoding.loudness.enabled",
        "setting-loudness",
        Kind::Check,
    ),
    (
        "transcoding.loudness.target",
        "setting-loudness-target",
        Kind::Number,
    ),
    (
        "transcoding.pauseAboveLoad",
        "setting-pause-load",
        Kind::Number,
    ),
    ("transcoding.hours", "setting-hours", Kind::Text),
];
const MAKERS: [Line; 7] = [
    ("live.enabled", "setting-live", Kind::Check),
    ("live.allowReplay", "setting-replay", Kind::Check),
    ("import.videos.http.enabled", "setting-import", Kind::Check),
    (
        "import.videos.torrent.enabled",
        "setting-import-torrent",
        Kind::Check,
    ),
    (
        "import.videoChannelSynchronization.enabled",
        "setting-sync",
        Kind::Check,
    ),
    ("videoFile.update.enabled", "setting-replace", Kind::Check),
    ("videoStudio.enabled", "setting-cut", Kind::Check),
];
const OFFERS: [Line; 10] = [
    ("features.uploads.enabled", "setting-uploads", Kind::Check),
    ("features.comments.enabled", "setting-talk", Kind::Check),
    (
        "features.downloads.enabled",
        "setting-downloads",
        Kind::Check,
    ),
    ("features.search.enabled", "setting-search", Kind::Check),
    ("tracker.enabled", "setting-peers", Kind::Check),
    (
        "defaults.p2p.webapp.enabled",
        "setting-peers-usual",
        Kind::Check,
    ),
    (
        "defaults.p2p.embed.enabled",
        "setting-peers-embed",
        Kind::Check,
    ),
    ("tracker.stunServers", "setting-stun", Kind::Codes),
    ("labels.categories", "setting-categories", Kind::Area),
    ("labels.licences", "setting-licences", Kind::Area),
];
const CARE: [Line; 9] = [
    (
        "autoBlacklist.videos.ofUsers.enabled",
        "setting-look-first",
        Kind::Check,
    ),
    ("instance.isNSFW", "setting-sensitive-place", Kind::Check),
    ("instance.defaultNSFWPolicy", "sensitive-policy", SENSITIVE),
    ("reactions.enabled", "setting-reactions", Kind::Check),
    ("reactions.emoji", "setting-emoji", Kind::Codes),
    ("spam.enabled", "setting-spam", Kind::Check),
    ("spam.holdAbove", "setting-spam-hold", Kind::Number),
    ("gate.enabled", "setting-gate", Kind::Check),
    ("gate.countries", "setting-gate-countries", Kind::Codes),
];
const OTHERS: [Line; 5] = [
    (
        "followers.instance.enabled",
        "setting-followers",
        Kind::Check,
    ),
    (
        "followers.instance.manualApproval",
        "setting-followers-ask",
        Kind::Check,
    ),
    (
        "followings.instance.autoFollowBack.enabled",
        "setting-follow-back",
        Kind::Check,
    ),
    ("search.remoteUri.users", "setting-find-users", Kind::Check),
    (
        "search.remoteUri.anonymous",
        "setting-find-all",
        Kind::Check,
    ),
];
const NEWS: [Line; 4] = [
    ("broadcastMessage.enabled", "setting-news-on", Kind::Check),
    ("broadcastMessage.message", "setting-news", Kind::Area),
    ("broadcastMessage.level", "setting-news-level", LEVEL),
    (
        "broadcastMessage.dismissable",
        "setting-news-close",
        Kind::Check,
    ),
];

const OWN: [Line; 9] = [
    (
        "theme.customization.primaryColor",
        "setting-colour",
        Kind::Style,
    ),
    (
        "theme.customization.backgroundColor",
        "setting-ground",
        Kind::Style,
    ),
    (
        "theme.customization.foregroundColor",
        "setting-ink",
        Kind::Style,
    ),
    (
        "theme.customization.headerBackgroundColor",
        "setting-head",
        Kind::Style,
    ),
    (
        "theme.customization.inputBorderRadius",
        "setting-corners",
        Kind::Style,
    ),
    ("instance.customizations.links", "setting-links", Kind::Area),
    (
        "instance.customizations.channel",
        "setting-alone",
        Kind::Text,
    ),
    ("instance.customizations.css", "setting-css", Kind::Area),
    (
        "instance.customizations.javascript",
        "setting-script",
        Kind::Area,
    ),
];
/// The text of the front page lies beside the settings.
const HOME: Line = ("homepage", "setting-home", Kind::Area);

/// Id, title, hint and fields of each group.
const GROUPS: [(&str, &str, &str, &[Line]); 10] = [
    ("look", "setting-look", "setting-look-hint", &LOOK),
    ("own", "setting-own", "setting-own-hint", &OWN),
    ("join", "setting-signup", "setting-signup-hint", &JOIN),
    ("room", "setting-room-group", "setting-room-hint", &ROOM),
    (
        "quality",
        "setting-quality",
        "setting-quality-hint",
        &QUALITY,
    ),
    ("makers", "setting-makers", "setting-makers-hint", &MAKERS),
    ("offers", "setting-offers", "setting-offers-hint", &OFFERS),
    ("care", "setting-care", "setting-care-hint", &CARE),
    ("others", "setting-others", "setting-others-hint", &OTHERS),
    ("news", "setting-news-group", "setting-news-hint", &NEWS),
];

const HERE: &str = "/admin/settings";

/// `GET /admin/settings`.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    let home = instance::homepage(&app).await?.unwrap_or_default();
    let template = template(&app, &page, &app.instance.changes(), home);
    Ok(page.render(&template))
}

fn template<'p>(
    app: &App,
    page: &'p Page,
    tree: &Map<String, Value>,
    home: String,
) -> Settings<'p> {
    let editable = app.config.server.settings_on_site;
    let groups = GROUPS.into_iter().map(|(id, title, hint, lines)| Group {
        id,
        title: page.t(title),
        hint: page.t(hint),
        fields: lines
            .iter()
            .filter_map(|line| field(app, page, tree, line, editable))
            .collect(),
    });
    let mut groups: Vec<Group> = groups.collect();
    if let Some(own) = groups.iter_mut().find(|group| group.id == "own") {
        own.fields.push(Field {
            name: HOME.0,
            label: page.t(HOME.1).to_owned(),
            kind: HOME.2,
            value: home,
            on: false,
            choices: Vec::new(),
            locked: !editable,
        });
    }
    Settings {
        page,
        tabs: tabs(page, HERE),
        error: None,
        groups,
        editable,
    }
}

fn leaf<'t>(tree: &'t Map<String, Value>, path: &str) -> Option<&'t Value> {
    match path.split_once('.') {
        None => tree.get(path),
        Some((first, rest)) => leaf(tree.get(first)?.as_object()?, rest),
    }
}

fn set(tree: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(tree.insert(path.to_owned(), value)),
        Some((first, rest)) => {
            if let Some(Value::Object(inner)) = tree.get_mut(first) {
                set(inner, rest, value);
            }
        }
    }
}

fn field(
    app: &App,
    page: &Page,
    tree: &Map<String, Value>,
    (name, label, kind): &Line,
    editable: bool,
) -> Option<Field> {
    let value = leaf(tree, name)?;
    let text = match (kind, value) {
        (Kind::Room, value) => super::people::gigabytes(value.as_i64().unwrap_or(-1)),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Array(list)) => {
            let codes: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            codes.join(" ")
        }
        (_, Value::Null) => String::new(),
        (_, value) => value.to_string(),
    };
    let choices = match kind {
        Kind::Choice(words) => {
            let list = words
                .iter()
                .map(|(value, key)| ((*value).to_owned(), page.t(key)));
            page.choices(list, &text, None)
        }
        _ => Vec::new(),
    };
    Some(Field {
        name,
        label: page.t(label).to_owned(),
        kind: *kind,
        on: value.as_bool().unwrap_or(false),
        value: text,
        choices,
        locked: !editable || app.instance.locked().iter().any(|locked| locked == name),
    })
}

/// `POST /admin/settings`.
pub async fn save(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let mut tree = (*app.instance.changes()).clone();
    let outcome = match read(&app, &form, &mut tree) {
        Ok(()) => change(&app, &tree, form.text(HOME.0)).await,
        Err(error) => Err(error),
    };
    let error = match outcome {
        Ok(()) => return Ok(go(&app, HERE, Some((false, page.t("saved"))))),
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => error,
    };
    let mut template = template(&app, &page, &tree, String::new());
    // What could not be read at all stands as it was typed.
    for field in template
        .groups
        .iter_mut()
        .flat_map(|group| &mut group.fields)
    {
        if !field.locked && !field.kind.is_check() {
            form.text(field.name).clone_into(&mut field.value);
        }
    }
    let labels: Vec<(&str, &'static str)> = GROUPS
        .iter()
        .flat_map(|(_, _, _, lines)| lines.iter().map(|(name, label, _)| (*name, *label)))
        .collect();
    template.error = Some(words::fault(&page, &error, &labels));
    Ok(page.render_with(&template, error.status(), &[]))
}

async fn change(app: &App, tree: &Map<String, Value>, home: &str) -> Result<()> {
    if !app.config.server.settings_on_site {
        return Err(Error::bad_request(
            "The settings of this site are only changed in its settings file.",
        ));
    }
    instance::change(app, tree).await?;
    let home = home.replace("\r\n", "\n");
    if instance::homepage(app).await?.unwrap_or_default() != home {
        instance::set_homepage(app, &home).await?;
    }
    Ok(())
}

/// Lays what was typed over the settings; what is locked was not sent.
fn read(app: &App, form: &Form, tree: &mut Map<String, Value>) -> Result<()> {
    for (_, _, _, lines) in GROUPS {
        for (name, _, kind) in lines {
            if app.instance.locked().iter().any(|locked| locked == name) {
                continue;
            }
            let value = match kind {
                Kind::Check => form.has(name).into(),
                Kind::Style => json!(form.some(name)),
                Kind::Room => super::people::bytes(form.text(name))?.into(),
                Kind::Codes => json!(codes(form.text(name))),
                Kind::Area => form.text(name).replace("\r\n", "\n").into(),
                Kind::Text | Kind::Number | Kind::Choice(_) => form.text(name).into(),
            };
            set(tree, name, value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_a_setting() {
        let tree = serde_json::to_value(instance::Settings::default()).unwrap();
        let tree = tree.as_object().unwrap();
        for (name, label, _) in GROUPS.iter().flat_map(|(_, _, _, lines)| lines.iter()) {
            assert!(leaf(tree, name).is_some(), "{name} is no setting");
            let text = crate::i18n::texts("en").get(label);
            assert!(
                text != *label || label.ends_with('p'),
                "{label} has no words"
            );
        }
    }
}
