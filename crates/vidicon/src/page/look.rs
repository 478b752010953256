//! What an administrator adds to every page: colours and corners, and a message to everybody.

use super::{cookie, go};
use crate::access;
use crate::app::App;
use crate::instance::settings::read_link;
use crate::instance::{Current, Settings};
use crate::page::form::Form;
use crate::wire::AVATARS;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The site's own pictures in place of ours.
#[derive(Clone, Debug, Default)]
pub struct Logos {
    pub square: Option<String>,
    /// Stands for the name, too.
    pub wide: Option<String>,
    pub icon: Option<String>,
    /// Shown where a page is shared that has no picture of its own; an address of the web.
    pub share: Option<String>,
}

pub fn logos(app: &App, current: &Current) -> Logos {
    let largest = |kind: &str| {
        let sizes = current.pictures.get(kind)?;
        let widest = sizes.iter().max_by_key(|picture| picture.width)?;
        Some(format!("{AVATARS}{}", widest.filename))
    };
    Logos {
        square: largest("header-square"),
        wide: largest("header-wide"),
        icon: largest("favicon"),
        share: largest("opengraph").map(|path| app.url(&path)),
    }
}

/// So many links find room in the head.
const MOST_LINKS: usize = 8;

/// The links of the settings: a line each, a word and then an address. Other lines are left out.
pub fn links(settings: &Settings) -> Vec<(String, String)> {
    let lines = settings.instance.customizations.links.lines();
    lines.filter_map(read_link).take(MOST_LINKS).collect()
}

/// How long a message that was put away stays so, in seconds.
const PUT_AWAY_S: i64 = 90 * 24 * 3600;
const COOKIE: &str = "broadcast";

/// The message above every page.
#[derive(Clone, Debug)]
pub struct Broadcast {
    pub html: String,
    /// The class that goes with its level.
    pub class: &'static str,
    /// Names this message, when it can be put away.
    pub key: Option<String>,
}

/// The message, unless the visitor has put it away.
pub fn broadcast(app: &App, headers: &HeaderMap) -> Option<Broadcast> {
    let settings = app.instance.settings();
    let message = &settings.broadcast_message;
    if !message.enabled || message.message.trim().is_empty() {
        return None;
    }
    let key = key_of(&message.message);
    if message.dismissable && access::cookie(headers, COOKIE) == Some(key.as_str()) {
        return None;
    }
    Some(Broadcast {
        html: crate::text::markdown_to_html(&message.message),
        class: match message.level.as_str() {
            "error" => "notice-bad",
            "warning" => "notice-warn",
            _ => "",
        },
        key: message.dismissable.then_some(key),
    })
}

fn key_of(message: &str) -> String {
    let hash = hex::encode(Sha256::digest(message.as_bytes()));
    hash.chars().take(16).collect()
}

/// `POST /broadcast/away`: the visitor has read it.
pub async fn put_away(State(app): State<App>, form: Form) -> Response {
    let mut response = go(&app, form.raw("next"), None);
    let key: String = form
        .text("key")
        .chars()
        .filter(char::is_ascii_hexdigit)
        .take(16)
        .collect();
    cookie::set_key(&app, response.headers_mut(), COOKIE, &key, PUT_AWAY_S);
    response
}

/// The colours and corners of our own style that the settings replace; what is of the primary
/// colour follows its hue, see `theme`.
pub fn colours(settings: &Settings) -> String {
    let look = &settings.theme.customization;
    let mut variables = String::new();
    for (name, value) in [
        ("--ink", &look.foreground_color),
        ("--paper", &look.background_color),
        ("--sheet", &look.background_secondary_color),
        ("--r-control", &look.input_border_radius),
        ("--r-sheet", &look.menu_border_radius),
    ] {
        if let Some(value) = value {
            let _ = write!(variables, "{name}:{value};");
        }
    }
    let mut css = String::new();
    if !variables.is_empty() {
        let _ = writeln!(css, ":root{{{variables}}}");
    }
    for (selector, color, background) in [
        (
            ".bar",
            &look.header_foreground_color,
            &look.header_background_color,
        ),
        (
            ".site-menu",
            &look.menu_foreground_color,
            &look.menu_background_color,
        ),
    ] {
        for (property, value) in [("color", color), ("background", background)] {
            if let Some(value) = value {
                let _ = writeln!(css, "{selector}{{{property}:{value}}}");
            }
        }
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_words_with_addresses() {
        let mut settings = Settings::default();
        settings.instance.customizations.links = "Our shop https://shop.example/a\n\
            Bad javascript:alert(1)\nAbout us /about\nno-address\nAway //evil.example"
            .to_owned();
        let expected = [
            ("Our shop", "https://shop.example/a"),
            ("About us", "/about"),
        ];
        let expected = expected.map(|(word, url)| (word.to_owned(), url.to_owned()));
        assert_eq!(links(&settings), expected);
    }

    #[test]
    fn colours_become_variables() {
        let mut settings = Settings::default();
        assert_eq!(colours(&settings), "");
        settings.theme.customization.foreground_color = Some("#0a0".to_owned());
        settings.theme.customization.header_background_color = Some("#111".to_owned());
        assert_eq!(
            colours(&settings),
            ":root{--ink:#0a0;}\n.bar{background:#111}\n"
        );
    }
}
