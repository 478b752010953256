//! A new set of settings: checked field by field against the shape of the defaults, then as a
//! whole.

use super::Settings;
use super::home::{self, Row};
use crate::check::{Check, whole};
use crate::error::{Error, Result};
use crate::text::is_web_address;
use base::country::Country;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// What must be sent: PeerTube's long-standing fields. Others keep their value when missing.
const REQUIRED: [&str; 31] = [
    "instance.name",
    "instance.shortDescription",
    "instance.description",
    "instance.terms",
    "instance.isNSFW",
    "instance.defaultNSFWPolicy",
    "instance.defaultClientRoute",
    "instance.customizations.css",
    "instance.customizations.javascript",
    "theme.default",
    "services.twitter.username",
    "signup.enabled",
    "signup.limit",
    "signup.requiresEmailVerification",
    "signup.minimumAge",
    "admin.email",
    "contactForm.enabled",
    "user.videoQuota",
    "user.videoQuotaDaily",
    "videoChannels.maxPerUser",
    "transcoding.enabled",
    "transcoding.allowAdditionalExtensions",
    "transcoding.resolutions",
    "transcoding.hls.enabled",
    "import.videos.http.enabled",
    "import.videos.torrent.enabled",
    "followers.instance.enabled",
    "followers.instance.manualApproval",
    "broadcastMessage.enabled",
    "search.remoteUri.users",
    "search.remoteUri.anonymous",
];

/// Texts that are one of a few words.
const WORDS: [(&str, &[&str]); 6] = [
    (
        "theme.default",
        &[
            "default",
            "peertube-core-light-beige",
            "peertube-core-dark-brown",
        ],
    ),
    (
        "costs.provider",
        &[
            "custom",
            "digitalocean",
            "backblaze",
            "wasabi",
            "cloudflare",
            "aws",
            "hetzner",
        ],
    ),
    (
        "instance.defaultNSFWPolicy",
        &["do_not_list", "warn", "blur", "display"],
    ),
    ("broadcastMessage.level", &["info", "warning", "error"]),
    (
        "trending.videos.algorithms.default",
        &["best", "hot", "most-viewed", "most-liked", "publishedAt"],
    ),
    ("client.browseVideos.defaultScope", &["local", "federated"]),
];

/// Characters in a text where nothing else is said.
const LONGEST_TEXT: usize = 100_000;
const LONGEST_LINK: usize = 2000;

/// Makes the whole settings of what was sent, on top of what holds now.
pub fn read(current: &Settings, body: &Map<String, Value>) -> Result<Settings> {
    let shape = tree(&Settings::default());
    let mut wanted = tree(current);
    let mut check = Check::body(body);
    look(&mut check, "", &shape, body, &mut wanted);
    check.finish()?;
    serde_json::from_value(Value::Object(wanted))
        .map_err(|error| Error::bad_request(format!("Incorrect request parameters: {error}")))
}

/// Settings as the JSON object that clients see.
pub fn tree(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(tree)) => tree,
        _ => Map::new(),
    }
}

/// Goes through all that may be set and takes over what was sent.
fn look(
    check: &mut Check<'_>,
    path: &str,
    shape: &Map<String, Value>,
    given: &Map<String, Value>,
    wanted: &mut Map<String, Value>,
) {
    for (name, default) in shape {
        let here = join(path, name);
        match (default, given.get(name)) {
            (Value::Object(inner_shape), Some(Value::Object(inner))) => {
                if let Some(Value::Object(inner_wanted)) = wanted.get_mut(name) {
                    check.nested(name, |check| {
                        look(check, &here, inner_shape, inner, inner_wanted);
                    });
                }
            }
            (Value::Object(_), None) => {
                let missing = REQUIRED.iter().filter(|required| {
                    required.starts_with(&format!("{here}.")) || **required == here
                });
                for required in missing {
                    let field = required.strip_prefix(path).unwrap_or(required);
                    check.fail(field.trim_start_matches('.'), "Invalid value");
                }
            }
            (_, None) if REQUIRED.contains(&here.as_str()) => check.fail(name, "Invalid value"),
            (_, None) => {}
            (default, Some(value)) => match leaf(&here, default, value) {
                Some(value) => {
                    wanted.insert(name.clone(), value);
                }
                None => check.fail(name, "Invalid value"),
            },
        }
    }
}

/// The value as it will be kept, or nothing when it is of the wrong kind or out of range.
fn leaf(path: &str, default: &Value, value: &Value) -> Option<Value> {
    match default {
        Value::Bool(_) => flag(value).map(Value::Bool),
        Value::Number(_) => number(path, value),
        Value::String(_) => text(path, value),
        Value::Array(_) => list(path, value),
        // What is nothing by default is a text of the look, or the number of a licence.
        Value::Null if value.is_null() => Some(Value::Null),
        Value::Null if path == "defaults.publish.licence" => number(path, value),
        Value::Null => text(path, value).filter(is_style),
        Value::Object(_) => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if matches!(text.as_str(), "true" | "1") => Some(true),
        Value::String(text) if matches!(text.as_str(), "false" | "0") => Some(false),
        _ => None,
    }
}

fn number(path: &str, value: &Value) -> Option<Value> {
    if path.starts_with("costs.") {
        return amount(value);
    }
    let number = whole(value)?;
    range(path).contains(&number).then(|| number.into())
}

/// Money, or gigabytes: with what stands after the point; -1 is whatever holds without it.
fn amount(value: &Value) -> Option<Value> {
    let amount = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.trim().is_empty() => Some(-1.0),
        Value::String(text) => text.trim().replace(',', ".").parse().ok(),
        _ => None,
    }?;
    let fits = amount.is_finite() && (0.0..=1e9).contains(&amount) || amount == -1.0;
    fits.then(|| amount.into())
}

fn range(path: &str) -> RangeInclusive<i64> {
    const MANY: i64 = 1_000_000;
    match path {
        "signup.limit" | "live.maxInstanceLives" | "live.maxUserLives" => -1..=MANY,
        "user.videoQuota" | "user.videoQuotaDaily" | "live.maxDuration" => -1..=i64::MAX,
        "moderation.newAccounts.hours" => 1..=24 * 366,
        "moderation.newAccounts.maxVideos" => -1..=MANY,
        "spam.holdAbove" => 50..=100,
        "signup.minimumAge" => 0..=150,
        "lifecycle.archiveOriginalsDays" | "lifecycle.dropRenditionsDays" => 0..=36_500,
        "lifecycle.keepHeight" => 144..=4320,
        "transcoding.fps.max" | "live.transcoding.fps.max" => 1..=1000,
        "transcoding.loudness.target" => -40..=-8,
        "transcoding.pauseAboveLoad" => 0..=10_000,
        "defaults.publish.commentsPolicy" => 1..=3,
        "defaults.publish.privacy" => 1..=4,
        "defaults.publish.licence" => 1..=MANY,
        "videoChannels.maxPerUser"
        | "transcoding.concurrency"
        | "import.videos.concurrency"
        | "import.videoChannelSynchronization.maxPerUser" => 1..=MANY,
        "export.users.maxUserVideoQuota" => -1..=i64::MAX,
        "export.users.exportExpiration" => 1..=i64::MAX,
        _ => 0..=MANY,
    }
}

fn text(path: &str, value: &Value) -> Option<Value> {
    let text = match value {
        Value::String(text) => text.as_str(),
        // An empty field of a form.
        Value::Null => "",
        _ => return None,
    };
    let words = WORDS.iter().find(|(known, _)| *known == path);
    let fits = match (path, words) {
        (_, Some((_, words))) => words.contains(&text),
        ("instance.name", None) => (1..=255).contains(&text.trim().chars().count()),
        ("admin.email", None) => is_mail_address(text),
        ("transcoding.hours", None) => {
            text.is_empty() || super::settings::read_hours(text).is_some()
        }
        ("labels.categories" | "labels.licences", None) => {
            super::settings::read_labels(text).is_some()
        }
        ("instance.customizations.links", None) => {
            let mut lines = text.lines().filter(|line| !line.trim().is_empty());
            text.len() <= LONGEST_TEXT
                && lines.all(|line| super::settings::read_link(line).is_some())
        }
        (_, None) if path.starts_with("instance.social.") => {
            text.is_empty() || text.len() <= LONGEST_LINK && is_web_address(text)
        }
        _ => text.len() <= LONGEST_TEXT,
    };
    fits.then(|| text.into())
}

fn is_mail_address(text: &str) -> bool {
    text.len() <= 400
        && text
            .rsplit_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        && !text.chars().any(char::is_whitespace)
}

/// A colour or a length and nothing that could leave its place in a style sheet.
fn is_style(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.len() <= 60
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "#(),.% /-".contains(c))
    })
}

fn list(path: &str, value: &Value) -> Option<Value> {
    let given = match value {
        Value::Null => return Some(Value::Array(Vec::new())),
        Value::Array(given) if given.len() <= 1000 => given,
        _ => return None,
    };
    let numbers = path == "instance.categories";
    if path == "instance.customizations.home" {
        let is_row = |item: &Value| item.as_str().is_some_and(|it| Row::parse(it).is_some());
        let fits = given.len() <= home::MOST && given.iter().all(is_row);
        return fits.then(|| value.clone());
    }
    if path == "reactions.emoji" {
        let is_one = |item: &Value| item.as_str().is_some_and(is_emoji);
        let fits = (1..=MOST_EMOJI).contains(&given.len()) && given.iter().all(is_one);
        return fits.then(|| value.clone());
    }
    if path == "gate.countries" {
        return countries(given);
    }
    if path == "tracker.stunServers" {
        let is_one = |item: &Value| item.as_str().is_some_and(is_stun);
        let fits = given.len() <= MOST_STUN && given.iter().all(is_one);
        return fits.then(|| value.clone());
    }
    let kept: Option<Vec<Value>> = given
        .iter()
        .map(|item| match item {
            item if numbers => whole(item).map(Value::from),
            Value::String(text) if text.len() <= 100 => Some(item.clone()),
            _ => None,
        })
        .collect();
    kept.map(Value::Array)
}

/// Browsers become slow with more.
const MOST_STUN: usize = 4;

/// `stun:host:port`.
fn is_stun(text: &str) -> bool {
    let place = text.strip_prefix("stun:").unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    (3..=255).contains(&place.len()) && place.chars().all(is_plain)
}

const MOST_EMOJI: usize = 12;

/// A few signs that are neither letters nor digits, nor anything of plain ASCII.
fn is_emoji(text: &str) -> bool {
    let is_sign =
        |c: char| !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control();
    (1..=10).contains(&text.chars().count()) && text.chars().all(is_sign)
}

/// Codes of countries in capital letters, each once.
fn countries(given: &[Value]) -> Option<Value> {
    let read = |code: &Value| Country::parse(code.as_str()?.trim());
    let found: Option<Vec<Country>> = given.iter().map(read).collect();
    let mut codes: Vec<String> = found?.iter().map(Country::to_string).collect();
    codes.sort_unstable();
    codes.dedup();
    Some(codes.into())
}

/// Only what differs from the defaults: later versions may then have better ones.
pub fn difference(
    defaults: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Map<String, Value> {
    let mut changed = Map::new();
    for (name, value) in wanted {
        match (defaults.get(name), value) {
            (Some(Value::Object(default)), Value::Object(inner)) => {
                let inner = difference(default, inner);
                if !inner.is_empty() {
                    changed.insert(name.clone(), Value::Object(inner));
                }
            }
            (Some(default), value) if default == value => {}
            _ => {
                changed.insert(name.clone(), value.clone());
            }
        }
    }
    changed
}

/// What became of changes that were laid over a tree.
#[derive(Debug, Default)]
pub struct Laid {
    /// The leaves that were found, as `instance.name`.
    pub found: Vec<String>,
    pub unknown: Vec<String>,
}

/// Lays changes over a tree. Names that differ only in their case or in underscores count as the
/// same, since the environment writes them so.
pub fn lay_over(tree: &mut Map<String, Value>, changes: &Map<String, Value>) -> Laid {
    let mut laid = Laid::default();
    lay(tree, changes, "", &mut laid);
    laid
}

fn lay(tree: &mut Map<String, Value>, changes: &Map<String, Value>, path: &str, laid: &mut Laid) {
    for (name, value) in changes {
        let known = tree.keys().find(|known| same_name(known, name)).cloned();
        let Some(known) = known else {
            laid.unknown.push(join(path, name));
            continue;
        };
        let here = join(path, &known);
        match (tree.get_mut(&known), value) {
            (Some(Value::Object(inner)), Value::Object(changes)) => {
                lay(inner, changes, &here, laid)
            }
            (Some(Value::Object(_)), _) | (None, _) => laid.unknown.push(here),
            (Some(place), value) => {
                *place = value.clone();
                laid.found.push(here);
            }
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A tree without the value at this path.
pub fn without(tree: &Map<String, Value>, path: &str) -> Map<String, Value> {
    let mut tree = tree.clone();
    match path.split_once('.') {
        None => {
            tree.remove(path);
        }
        Some((first, rest)) => {
            if let Some(Value::Object(inner)) = tree.get(first) {
                let inner = without(inner, rest);
                tree.insert(first.to_owned(), Value::Object(inner));
            }
        }
    }
    tree
}

/// Copies the value at this path from one tree to another.
pub fn copy(path: &str, from: &Map<String, Value>, to: &mut Map<String, Value>) {
    match path.split_once('.') {
        None => {
            if let Some(value) = from.get(path) {
                to.insert(path.to_owned(), value.clone());
            }
        }
        Some((first, rest)) => {
            let place = to
                .entry(first.to_owned())
                .or_insert_with(|| Value::Object(Map::new()));
            if let (Some(Value::Object(from)), Value::Object(to)) = (from.get(first), place) {
                copy(rest, from, to);
            }
        }
    }
}

/// What settings may not be together.
pub fn check_together(settings: &Settings, has_mail: bool, has_countries: bool) -> Result<()> {
    let refuse = |detail: &str| Err(Error::bad_request(detail));
    let transcoding = &settings.transcoding;
    if !settings.gate.countries.is_empty() && !has_countries {
        return refuse("Countries are not known: no country file is configured.");
    }
    if settings.signup.requires_email_verification && !has_mail {
        return refuse("Mail addresses cannot be verified: no mail server is configured.");
    }
    if transcoding.enabled && !transcoding.web_videos.enabled && !transcoding.hls.enabled {
        return refuse("Transcoding needs at least one of web videos and HLS.");
    }
    let import = &settings.import;
    if import.video_channel_synchronization.enabled && !import.videos.http.enabled {
        return refuse("Channels can only be synchronised while imports by HTTP are on.");
    }
    let live = &settings.live;
    if live.enabled && live.allow_replay && !live.transcoding.enabled && !transcoding.enabled {
        return refuse("Replays of lives need transcoding.");
    }
    if settings.video_studio.enabled && !transcoding.enabled {
        return refuse("The studio needs transcoding.");
    }
    Ok(())
}

fn same_name(known: &str, given: &str) -> bool {
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    known == given || plain(known) == plain(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn the_whole_settings_can_be_sent_back() {
        let mut body = tree(&Settings::default());
        body["signup"]["limit"] = "25".into();
        let read = read(&Settings::default(), &body).unwrap();
        assert_eq!(read.signup.limit, 25);
    }

    #[test]
    fn wrong_and_missing_fields_are_named() {
        let mut body = tree(&Settings::default());
        body["instance"]["name"] = "".into();
        body["signup"]["enabled"] = 12.into();
        body["user"].as_object_mut().unwrap().remove("videoQuota");
        body.remove("admin");
        let error = read(&Settings::default(), &body).unwrap_err();
        for name in [
            "instance.name",
            "signup.enabled",
            "user.videoQuota",
            "admin.email",
        ] {
            assert!(error.detail().contains(name), "{name}: {}", error.detail());
        }
    }

    #[test]
    fn only_differences_are_kept() {
        let defaults = object(json!({ "a": 1, "b": { "c": true, "d": "x" } }));
        let wanted = object(json!({ "a": 1, "b": { "c": false, "d": "x" } }));
        let changed = difference(&defaults, &wanted);
        assert_eq!(Value::Object(changed), json!({ "b": { "c": false } }));
    }

    #[test]
    fn names_from_the_environment_find_their_place() {
        let mut settings = tree(&Settings::default());
        let changes = object(json!({ "instance": { "shortdescription": "x", "nmae": "y" } }));
        let laid = lay_over(&mut settings, &changes);
        assert_eq!(laid.found, ["instance.shortDescription"]);
        assert_eq!(laid.unknown, ["instance.nmae"]);
        assert_eq!(settings["instance"]["shortDescription"], "x");
    }

    #[test]
    fn a_colour_cannot_leave_its_place() {
        assert!(is_style(&"#12ab3f".into()));
        assert!(is_style(&"rgb(1, 2, 3 / 50%)".into()));
        assert!(!is_style(&"red; } body { display: none".into()));
    }
}
