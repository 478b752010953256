//! What the place is, who runs it and by which rules: `/about`.

use crate::admin::stats;
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::federation::follow_api;
use crate::instance::settings::Social;
use crate::instance::view::VERSION;
use crate::listing::Paging;
use crate::moderation::log;
use crate::page::Page;
use crate::page::card::{PER_PAGE, Pages, page_number};
use crate::text::{self, is_web_address};
use crate::user::page::reports;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

#[derive(Template)]
#[template(path = "instance/about.html")]
struct About<'p> {
    page: &'p Page,
    short: String,
    parts: Vec<Part>,
    figures: Vec<(&'static str, String)>,
    /// Where else the place can be found: a word and an address.
    elsewhere: Vec<(String, String)>,
    /// Is what moderators do told to everybody?
    open_log: bool,
    version: &'static str,
}

struct Part {
    id: &'static str,
    title: &'static str,
    html: String,
}

/// `GET /about`.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    let settings = app.instance.settings();
    let site = &settings.instance;
    let texts = [
        (
            "what",
            "about-what",
            vec![&site.description, &site.creation_reason],
        ),
        (
            "rules",
            "about-rules",
            vec![&site.terms, &site.code_of_conduct],
        ),
        (
            "moderation",
            "about-moderation",
            vec![&site.moderation_information],
        ),
        (
            "who",
            "about-who",
            vec![
                &site.administrator,
                &site.maintenance_lifetime,
                &site.business_model,
                &site.hardware_information,
            ],
        ),
        ("support", "support", vec![&site.support.text]),
    ];
    let nothing = page.t("about-nothing");
    let mut parts = Vec::new();
    for (id, title, texts) in texts {
        let html: String = texts
            .iter()
            .filter(|text| !text.trim().is_empty())
            .map(|text| text::markdown_to_html(text))
            .collect();
        // The first and the rules are linked to from every page.
        let html = match (html.is_empty(), id) {
            (true, "what" | "rules") => format!("<p class=\"quiet\">{nothing}</p>"),
            _ => html,
        };
        if !html.is_empty() {
            parts.push(Part {
                id,
                title: page.t(title),
                html,
            });
        }
    }
    let about = About {
        short: site.short_description.clone(),
        parts,
        figures: figures(&app, &page).await?,
        elsewhere: elsewhere(&site.social),
        open_log: log::check_public(&app).is_ok(),
        version: VERSION,
        page: &page,
    };
    Ok(page.render(&about))
}

fn elsewhere(social: &Social) -> Vec<(String, String)> {
    let links = [
        ("", &social.external_link),
        ("Mastodon", &social.mastodon_link),
        ("Bluesky", &social.bluesky_link),
        ("X", &social.x_link),
    ];
    let links = links.into_iter().filter(|(_, url)| is_web_address(url));
    let named = links.map(|(word, url)| {
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let word = if word.is_empty() { rest } else { word };
        (word.trim_end_matches('/').to_owned(), url.clone())
    });
    named.collect()
}

async fn figures(app: &App, page: &Page) -> Result<Vec<(&'static str, String)>> {
    let (figures, _) = stats::figures(app).await?;
    let shown = [
        ("figure-videos", "totalLocalVideos"),
        ("figure-people", "totalUsers"),
        ("figure-views", "totalLocalVideoViews"),
        ("figure-comments", "totalLocalVideoComments"),
    ];
    let figures = shown.iter().map(|(label, name)| {
        let count = figures.get(*name).and_then(Value::as_u64).unwrap_or(0);
        (page.t(label), page.texts.number(count))
    });
    Ok(figures.collect())
}

#[derive(Template)]
#[template(path = "instance/follows.html")]
struct Follows<'p> {
    page: &'p Page,
    /// Each with its title, how many there are, and the links to them.
    parts: Vec<(&'static str, i64, Vec<String>)>,
    pages: Option<Pages>,
}

/// `GET /about/follows`: the places that this one is connected with.
pub async fn follows(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let number = page_number(&query);
    let paging = Paging {
        start: (number - 1) * PER_PAGE,
        count: PER_PAGE,
    };
    let mut parts = Vec::new();
    let mut longest = 0;
    for (followers, title) in [(true, "about-followers"), (false, "about-followings")] {
        let (total, hosts) = follow_api::neighbours(&app, followers, paging).await?;
        longest = total.max(longest);
        parts.push((page.t(title), total, hosts));
    }
    let shown = Follows {
        parts,
        pages: Pages::new("/about/follows", "", number, longest > number * PER_PAGE),
        page: &page,
    };
    Ok(page.render(&shown))
}

#[derive(Template)]
#[template(path = "instance/moderation.html")]
struct Acts<'p> {
    page: &'p Page,
    acts: Vec<Act>,
    pages: Option<Pages>,
}

struct Act {
    what: &'static str,
    why: String,
    day: String,
}

/// `GET /about/moderation`: what moderators did, and never to whom.
pub async fn moderation(
    State(app): State<App>,
    page: Page,
    Query(query): Query,
) -> Result<Response> {
    log::check_public(&app)?;
    let number = page_number(&query);
    let paging = Paging {
        start: (number - 1) * PER_PAGE,
        count: PER_PAGE,
    };
    let (total, found) = log::list(&app, paging).await?;
    let act = |entry: &log::Entry| Act {
        what: sentence(&page, entry),
        why: reports::words(&page, &entry.reasons()).join(" · "),
        day: page.date(entry.at),
    };
    let shown = Acts {
        acts: found.iter().map(act).collect(),
        pages: Pages::new("/about/moderation", "", number, total > number * PER_PAGE),
        page: &page,
    };
    Ok(page.render(&shown))
}

fn sentence(page: &Page, entry: &log::Entry) -> &'static str {
    let subject = entry.subject.as_str();
    match (entry.act.as_str(), subject) {
        ("blocked", _) => page.t("acts-blocked"),
        ("unblocked", _) => page.t("acts-unblocked"),
        ("muted", "server") => page.t("acts-muted-server"),
        ("muted", _) => page.t("acts-muted-account"),
        ("unmuted", "server") => page.t("acts-unmuted-server"),
        ("unmuted", _) => page.t("acts-unmuted-account"),
        ("report-accepted", "video") => page.t("acts-accepted-video"),
        ("report-accepted", "comment") => page.t("acts-accepted-comment"),
        ("report-accepted", _) => page.t("acts-accepted-account"),
        (_, "video") => page.t("acts-refused-video"),
        (_, "comment") => page.t("acts-refused-comment"),
        _ => page.t("acts-refused-account"),
    }
}

/// PeerTube's further pages about a site are parts of ours.
pub async fn moved() -> Response {
    (
        StatusCode::MOVED_PERMANENTLY,
        [(header::LOCATION, "/about")],
    )
        .into_response()
}
