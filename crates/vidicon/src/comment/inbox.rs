//! The page where those who make videos read what is said under them, answer, approve and remove.

use super::api::{self, overview};
use super::spam::score;
use crate::access::Me;
use crate::app::App;
use crate::check::{Body, Query};
use crate::error::Result;
use crate::page::card::{PER_PAGE, Pages, Tab, initial, page_number};
use crate::page::form::Form;
use crate::page::{Page, go, local};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

#[derive(Template)]
#[template(path = "studio/comments.html")]
struct Inbox<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    lines: Vec<Said>,
    words: String,
    empty: &'static str,
    pages: Option<Pages>,
}

/// A comment in a list of many videos.
#[derive(Debug)]
pub struct Said {
    pub id: String,
    pub video: String,
    pub video_name: String,
    pub video_url: String,
    pub by: String,
    pub by_url: String,
    pub handle: String,
    pub initial: String,
    pub text: String,
    pub ago: String,
    pub held: bool,
    pub tags: String,
    /// How like spam it is, and why; empty where nothing is known.
    pub spam: String,
}

impl Said {
    /// Out of the object that the API shows.
    pub fn read(page: &Page, item: &Value) -> Self {
        let text = |path: &str| match item.pointer(path) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let at = crate::check::parse_date(&text("/createdAt")).unwrap_or(0);
        let (name, host) = (text("/account/name"), text("/account/host"));
        let handle = if host == page.host {
            name
        } else {
            format!("{name}@{host}")
        };
        let tags = item.get("automaticTags").and_then(Value::as_array);
        let tags: Vec<&str> = tags
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        Said {
            id: text("/id"),
            video: text("/video/uuid"),
            video_name: text("/video/name"),
            video_url: format!("/w/{}", text("/video/shortUUID")),
            by: text("/account/displayName"),
            by_url: format!("/a/{handle}"),
            handle,
            initial: initial(&text("/account/displayName")),
            text: crate::text::markdown_to_line(&text("/text"), 2_000),
            ago: page.ago(at),
            held: item.get("heldForReview").and_then(Value::as_bool) == Some(true),
            tags: tags.join(", "),
            spam: spam(page, item),
        }
    }
}

fn spam(page: &Page, item: &Value) -> String {
    let Some(percent) = item.get("spamScore").and_then(Value::as_i64) else {
        return String::new();
    };
    let reasons = item.get("spamReasons").and_then(Value::as_array);
    let reasons = reasons.into_iter().flatten().filter_map(Value::as_str);
    let reasons: Vec<&str> = reasons.map(|reason| reason_word(page, reason)).collect();
    let said = page.tx("spam-score", "percent", percent);
    if reasons.is_empty() {
        return said;
    }
    format!("{said}: {}", reasons.join(", "))
}

fn reason_word<'r>(page: &Page, reason: &'r str) -> &'r str {
    match reason {
        score::MANY_LINKS => page.t("spam-many-links"),
        score::SOME_LINKS => page.t("spam-some-links"),
        score::NEW_AUTHOR => page.t("spam-new-author"),
        score::SAID_AGAIN => page.t("spam-again"),
        score::LOUD => page.t("spam-loud"),
        score::STRETCHED => page.t("spam-stretched"),
        score::MIXED => page.t("spam-mixed"),
        other => other.strip_prefix(score::LINK).unwrap_or(other),
    }
}

const HERE: &str = "/my/comments";

/// A page of a list of the API: its comments, and whether more follow.
pub fn asked_for(query: &Map<String, Value>) -> (i64, Map<String, Value>) {
    let number = page_number(query);
    let text = |name: &str| query.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut wanted = Map::new();
    wanted.insert("start".to_owned(), json!((number - 1) * PER_PAGE));
    wanted.insert("count".to_owned(), json!(PER_PAGE));
    if !text("search").trim().is_empty() {
        wanted.insert("search".to_owned(), text("search").trim().into());
    }
    if text("state") == "held" {
        wanted.insert("isHeldForReview".to_owned(), "true".into());
    }
    (number, wanted)
}

/// `GET /my/comments`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    let (number, mut wanted) = asked_for(&query);
    wanted.insert("includeCollaborations".to_owned(), "true".into());
    let held = wanted.contains_key("isHeldForReview");
    let words = wanted
        .get("search")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let found = overview::mine(State(app), me, Query(wanted)).await?.0;
    let tab = |url: &str, label: &str, now: bool| Tab {
        url: url.to_owned(),
        label: label.to_owned(),
        now,
    };
    let waiting = format!("{HERE}?state=held");
    let rest = if held { "state=held" } else { "" };
    Ok(page.render(&Inbox {
        page: &page,
        tabs: vec![
            tab(HERE, page.t("comments-all"), !held),
            tab(&waiting, page.t("comments-held"), held),
        ],
        lines: found
            .data
            .iter()
            .map(|item| Said::read(&page, item))
            .collect(),
        empty: if held {
            page.t("comments-none-held")
        } else {
            page.t("comments-none-yet")
        },
        words,
        pages: Pages::new(HERE, rest, number, found.total > number * PER_PAGE),
    }))
}

/// `POST /my/comments/{video}/{comment}`: approves, removes or answers.
pub async fn act(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path((video, comment)): Path<(String, String)>,
    headers: axum::http::HeaderMap,
    form: Form,
) -> Result<Response> {
    let (state, path) = (State(app.clone()), Path((video, comment)));
    let said = match form.text("act") {
        "approve" => {
            api::approve(state, me, path).await?;
            page.t("comment-approved")
        }
        "delete" => {
            api::delete(state, me, path).await?;
            page.t("comment-removed")
        }
        _ => {
            let text = Map::from_iter([("text".to_owned(), form.text("text").into())]);
            let viewer = page.viewer.clone();
            let _ = api::reply(state, viewer, me, path, headers, Body(text)).await?;
            page.t("comment-answered")
        }
    };
    let next = form.text("next");
    let place = if next.is_empty() { HERE } else { local(next) };
    Ok(go(&app, place, Some((false, said))))
}
